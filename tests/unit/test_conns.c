#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "node/io/conns.h"

static int sync_socket, peer_socket; /* only their addresses count */
static const struct fluit_box_pk anna = {{1}}, bert = {{2}};

static uint32_t add(struct fluit_conns *links, const char *routing_id, uint32_t *evicted)
{
    struct fluit_conn *link;
    assert_int_equal(
        fluit_conns_add(links, &sync_socket, fluit_slice_str(routing_id), &anna, &link, evicted),
        FLUIT_OK);
    return link->id;
}

static void finds_a_link_by_socket_routing_id_and_key(void **state)
{
    (void)state;
    struct fluit_conns links;
    uint32_t evicted;
    fluit_conns_init(&links, 100, 4);
    assert_int_equal(add(&links, "one", &evicted), 100);
    struct fluit_slice one = fluit_slice_str("one");
    assert_non_null(fluit_conns_heard(&links, &sync_socket, one, &anna));
    assert_null(fluit_conns_heard(&links, &sync_socket, one, &bert));
    assert_null(fluit_conns_heard(&links, &peer_socket, one, &anna));
    assert_null(fluit_conns_heard(&links, &sync_socket, fluit_slice_str("on"), &anna));
    fluit_conns_deinit(&links);
}

static void longest_silent_makes_room(void **state)
{
    (void)state;
    struct fluit_conns links;
    uint32_t evicted;
    fluit_conns_init(&links, 100, 3);
    add(&links, "a", &evicted);
    add(&links, "b", &evicted);
    add(&links, "c", &evicted);
    assert_int_equal(evicted, 0);
    fluit_conns_heard(&links, &sync_socket, fluit_slice_str("a"), &anna);
    assert_int_equal(add(&links, "d", &evicted), 103);
    assert_int_equal(evicted, 101);
    assert_null(fluit_conns_find(&links, 101));
    assert_non_null(fluit_conns_find(&links, 100));
    assert_int_equal(links.count, 3);
    fluit_conns_deinit(&links);
}

static void refuses_a_long_routing_id(void **state)
{
    (void)state;
    struct fluit_conns links;
    struct fluit_conn *link;
    uint32_t evicted;
    uint8_t lengthy[FLUIT_ROUTING_ID_MAX + 1] = {7};
    fluit_conns_init(&links, 100, 3);
    assert_int_equal(fluit_conns_add(&links, &sync_socket, fluit_slice(lengthy, sizeof lengthy),
                                     &anna, &link, &evicted),
                     FLUIT_E_LIMIT);
    assert_int_equal(links.count, 0);
    fluit_conns_deinit(&links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_link_by_socket_routing_id_and_key),
        cmocka_unit_test(longest_silent_makes_room),
        cmocka_unit_test(refuses_a_long_routing_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
