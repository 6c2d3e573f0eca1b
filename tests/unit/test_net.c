#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/io/clocksource.h"
#include "node/io/net.h"
#include "node/io/net_cut.h"
#include "node/io/net_zmq.h"

#define PATIENCE_US 15000000
#define KINDS       (FLUIT_EVENT_FIRED + 1)

/* A node without a core: it counts its events and keeps the last of each kind. */
struct node {
    struct fluit_net *net;
    struct fluit_box_pk pk;
    struct fluit_box_sk sk;
    int counts[KINDS];
    struct fluit_event last[KINDS];
    uint8_t bytes[KINDS][64]; /* the beginning of what the last one carried */
    bool admits_all;
    bool admits_none;
    struct fluit_box_pk admitted; /* if neither */
};

static bool admits(void *arg, const struct fluit_box_pk *key)
{
    const struct node *node = arg;
    return !node->admits_none &&
           (node->admits_all || memcmp(key, &node->admitted, sizeof *key) == 0);
}

static bool record(void *arg, const struct fluit_event *event)
{
    struct node *node = arg;
    node->counts[event->kind]++;
    node->last[event->kind] = *event;
    size_t len = event->bytes.len < 64 ? event->bytes.len : 64;
    if (len > 0)
        memcpy(node->bytes[event->kind], event->bytes.data, len);
    return true;
}

static void node_init(struct node *node, uint8_t seed)
{
    struct fluit_secret secret = {{99, seed}}; /* the first byte loses bits in X25519 */
    *node = (struct node){.admits_all = true};
    fluit_box_keypair(&secret, &node->pk, &node->sk);
    assert_int_equal(fluit_net_new(&node->pk, &node->sk, &node->net), FLUIT_OK);
    fluit_net_admit(node->net, admits, node);
}

static void pump(struct node *node)
{
    fluit_net_poll(node->net, NULL, 0, 1);
    fluit_net_take(node->net, record, node);
}

/* Runs both nodes, and what, until the condition holds; fails when patience ends. */
#define UNTIL(a, b, condition, what)                                                               \
    for (int64_t end_us = fluit_monotonic_us() + PATIENCE_US; !(condition);) {                     \
        assert_true(fluit_monotonic_us() < end_us);                                                \
        pump(a);                                                                                   \
        pump(b);                                                                                   \
        what;                                                                                      \
    }

static struct fluit_slice text(const char *s)
{
    return fluit_slice_str(s);
}

/* "tcp://127.0.0.1:port" in a slice that lives until the next call. */
static struct fluit_slice at(unsigned port)
{
    static char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", port);
    return fluit_slice_str(endpoint);
}

struct pair {
    struct node hub, table;
    uint16_t port;
};

static void begin(struct pair *pair)
{
    struct fluit_net_why why;
    node_init(&pair->hub, 1);
    node_init(&pair->table, 2);
    pair->port = 0;
    assert_int_equal(fluit_net_bind_hub(pair->hub.net, "127.0.0.1", &pair->port, &why), FLUIT_OK);
    assert_true(pair->port > 1023);
    assert_memory_not_equal(&pair->hub.pk, &pair->table.pk, 32);
}

static void finish(struct pair *pair)
{
    fluit_net_free(&pair->table.net);
    fluit_net_free(&pair->hub.net);
    assert_null(pair->hub.net);
}

static void dial(struct pair *pair)
{
    assert_int_equal(fluit_net_connect(pair->table.net, FLUIT_LINK_KEPT, &pair->hub.pk,
                                       at(pair->port + FLUIT_PORT_SYNC)),
                     FLUIT_OK);
}

static void dial_all(struct pair *pair)
{
    dial(pair);
    assert_int_equal(
        fluit_net_subscribe(pair->table.net, 0, &pair->hub.pk, at(pair->port + FLUIT_PORT_XPUB)),
        FLUIT_OK);
    assert_int_equal(
        fluit_net_feed_to(pair->table.net, 0, &pair->hub.pk, at(pair->port + FLUIT_PORT_COLLECT)),
        FLUIT_OK);
}

static void say_all(struct pair *pair)
{
    static const struct fluit_feed_id topic = {{5}};
    fluit_net_send(pair->table.net, FLUIT_LINK_KEPT, text("hello"));
    fluit_net_publish(pair->table.net, &topic, text("up"));
    fluit_net_publish(pair->hub.net, &topic, text("down"));
}

static void connects_whom_it_admits_and_says_who_it_is(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    dial(&pair);
    UNTIL(&pair.hub, &pair.table, pair.table.counts[FLUIT_EVENT_LINK_UP] == 1, (void)0);
    assert_memory_equal(&pair.table.last[FLUIT_EVENT_LINK_UP].peer, &pair.hub.pk, 32);
    assert_int_equal(pair.table.last[FLUIT_EVENT_LINK_UP].link, FLUIT_LINK_KEPT);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_LINK_UP], 0);

    fluit_net_send(pair.table.net, FLUIT_LINK_KEPT, text("hello"));
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_MESSAGE] == 1, (void)0);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_LINK_UP], 1);
    assert_memory_equal(&pair.hub.last[FLUIT_EVENT_LINK_UP].peer, &pair.table.pk, 32);
    assert_memory_equal(&pair.hub.last[FLUIT_EVENT_MESSAGE].peer, &pair.table.pk, 32);
    assert_memory_equal(pair.hub.bytes[FLUIT_EVENT_MESSAGE], "hello", 5);
    uint32_t link = pair.hub.last[FLUIT_EVENT_MESSAGE].link;
    assert_true(link >= FLUIT_LINK_ACCEPTED);

    fluit_net_send(pair.hub.net, link, text("welcome"));
    UNTIL(&pair.hub, &pair.table, pair.table.counts[FLUIT_EVENT_MESSAGE] == 1, (void)0);
    assert_memory_equal(pair.table.bytes[FLUIT_EVENT_MESSAGE], "welcome", 7);
    finish(&pair);
}

static void frames_carry_the_authenticated_key(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    dial_all(&pair);
    UNTIL(&pair.hub, &pair.table,
          pair.hub.counts[FLUIT_EVENT_FRAME] > 0 && pair.table.counts[FLUIT_EVENT_FRAME] > 0,
          say_all(&pair));
    assert_memory_equal(&pair.hub.last[FLUIT_EVENT_FRAME].peer, &pair.table.pk, 32);
    assert_memory_equal(pair.hub.bytes[FLUIT_EVENT_FRAME], "up", 2);
    assert_int_equal(pair.hub.last[FLUIT_EVENT_FRAME].bytes.len, 2);
    assert_memory_equal(&pair.table.last[FLUIT_EVENT_FRAME].peer, &pair.hub.pk, 32);
    assert_memory_equal(pair.table.bytes[FLUIT_EVENT_FRAME], "down", 4);
    finish(&pair);
}

static void refuses_all_sockets_until_admitted(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    pair.hub.admits_all = false; /* admits the key of zeros only */
    dial_all(&pair);
    UNTIL(&pair.hub, &pair.table, fluit_net_counts(pair.hub.net)->refused >= 9, say_all(&pair));
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_LINK_UP], 0);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_MESSAGE], 0);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_FRAME], 0);
    assert_int_equal(pair.table.counts[FLUIT_EVENT_LINK_UP], 0);
    assert_int_equal(pair.table.counts[FLUIT_EVENT_FRAME], 0);

    pair.hub.admitted = pair.table.pk;
    int64_t admitted_us = fluit_monotonic_us();
    UNTIL(&pair.hub, &pair.table,
          pair.hub.counts[FLUIT_EVENT_MESSAGE] > 0 && pair.hub.counts[FLUIT_EVENT_FRAME] > 0 &&
              pair.table.counts[FLUIT_EVENT_FRAME] > 0,
          say_all(&pair));
    assert_true(fluit_monotonic_us() - admitted_us < 5000000);
    finish(&pair);
}

static void admits_nobody_before_it_is_told_whom(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    fluit_net_admit(pair.hub.net, NULL, NULL);
    dial_all(&pair);
    UNTIL(&pair.hub, &pair.table, fluit_net_counts(pair.hub.net)->refused >= 4, say_all(&pair));
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_MESSAGE], 0);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_FRAME], 0);
    finish(&pair);
}

static void hears_nothing_more_from_the_revoked(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    dial_all(&pair);
    UNTIL(&pair.hub, &pair.table,
          pair.hub.counts[FLUIT_EVENT_MESSAGE] > 0 && pair.hub.counts[FLUIT_EVENT_FRAME] > 0,
          say_all(&pair));
    pair.hub.admits_none = true;
    int messages = pair.hub.counts[FLUIT_EVENT_MESSAGE],
        frames = pair.hub.counts[FLUIT_EVENT_FRAME];
    UNTIL(&pair.hub, &pair.table, fluit_net_counts(pair.hub.net)->revoked >= 20, say_all(&pair));
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_MESSAGE], messages);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_FRAME], frames);
    finish(&pair);
}

static void dials_again_only_when_what_was_cut_heals(void **state)
{
    struct pair pair;
    struct node *hub = &pair.hub, *table = &pair.table;
    (void)state;
    begin(&pair);
    dial_all(&pair);
    UNTIL(hub, table,
          hub->counts[FLUIT_EVENT_MESSAGE] > 0 && hub->counts[FLUIT_EVENT_FRAME] > 0 &&
              table->counts[FLUIT_EVENT_FRAME] > 0,
          say_all(&pair));
    assert_int_equal(fluit_net_cut(hub->net, &table->pk), FLUIT_OK);
    assert_int_equal(fluit_net_cut(table->net, &hub->pk), FLUIT_OK);
    int heard[] = {hub->counts[FLUIT_EVENT_MESSAGE], hub->counts[FLUIT_EVENT_FRAME],
                   table->counts[FLUIT_EVENT_FRAME]};
    UNTIL(hub, table,
          hub->counts[FLUIT_EVENT_LINK_DOWN] == 1 && table->counts[FLUIT_EVENT_LINK_DOWN] == 1,
          say_all(&pair));
    assert_memory_equal(&hub->last[FLUIT_EVENT_LINK_DOWN].peer, &table->pk, 32);
    assert_int_equal(table->last[FLUIT_EVENT_LINK_DOWN].link, FLUIT_LINK_KEPT);
    assert_int_equal(fluit_net_connect(table->net, FLUIT_LINK_KEPT + 1, &hub->pk,
                                       at(pair.port + FLUIT_PORT_SYNC)),
                     FLUIT_OK); /* also what is dialled meanwhile stays down */
    uint64_t unsent = fluit_net_counts(table->net)->unsent;
    UNTIL(hub, table, fluit_net_counts(table->net)->unsent >= unsent + 100, say_all(&pair);
          fluit_net_send(table->net, FLUIT_LINK_KEPT + 1, text("hello")));
    assert_int_equal(hub->counts[FLUIT_EVENT_MESSAGE], heard[0]);
    assert_int_equal(hub->counts[FLUIT_EVENT_FRAME], heard[1]);
    assert_int_equal(table->counts[FLUIT_EVENT_FRAME], heard[2]);
    assert_int_equal(table->counts[FLUIT_EVENT_LINK_UP], 1);

    fluit_net_heal(hub->net);
    fluit_net_heal(table->net);
    UNTIL(
        hub, table,
        hub->counts[FLUIT_EVENT_MESSAGE] > heard[0] && hub->counts[FLUIT_EVENT_FRAME] > heard[1] &&
            table->counts[FLUIT_EVENT_FRAME] > heard[2] && table->counts[FLUIT_EVENT_LINK_UP] == 3,
        say_all(&pair));
    finish(&pair);
}

static void what_is_cut_at_one_end_is_refused_there(void **state)
{
    struct pair pair;
    struct node *hub = &pair.hub;
    (void)state;
    begin(&pair);
    assert_int_equal(fluit_net_cut(hub->net, &pair.table.pk), FLUIT_OK);
    dial_all(&pair);
    UNTIL(hub, &pair.table, fluit_net_counts(hub->net)->refused >= 6, say_all(&pair));
    assert_int_equal(hub->counts[FLUIT_EVENT_MESSAGE], 0);
    assert_int_equal(hub->counts[FLUIT_EVENT_FRAME], 0);
    fluit_net_heal(hub->net);
    UNTIL(hub, &pair.table, hub->counts[FLUIT_EVENT_MESSAGE] > 0, say_all(&pair));

    assert_int_equal(fluit_net_cut(hub->net, &pair.table.pk), FLUIT_OK);
    int messages = hub->counts[FLUIT_EVENT_MESSAGE];
    UNTIL(hub, &pair.table, fluit_net_counts(hub->net)->revoked >= 20, say_all(&pair));
    assert_int_equal(hub->counts[FLUIT_EVENT_MESSAGE], messages);
    finish(&pair);
}

static void never_connects_to_another_server_key(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    assert_int_equal(
        fluit_net_connect(pair.table.net, 7, &pair.table.pk, at(pair.port + FLUIT_PORT_SYNC)),
        FLUIT_OK);
    UNTIL(&pair.hub, &pair.table, fluit_net_counts(pair.table.net)->failed >= 4,
          fluit_net_send(pair.table.net, 7, text("x")));
    assert_int_equal(pair.table.counts[FLUIT_EVENT_LINK_UP], 0);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_MESSAGE], 0);
    dial(&pair); /* the right key at the same door does */
    UNTIL(&pair.hub, &pair.table, pair.table.counts[FLUIT_EVENT_LINK_UP] == 1, (void)0);
    assert_int_equal(pair.table.last[FLUIT_EVENT_LINK_UP].link, FLUIT_LINK_KEPT);
    finish(&pair);
}

/* A client that is not of our making. */
struct stranger {
    void *context, *socket, *monitor;
    int refusals, connections;
};

static void stranger_init(struct stranger *stranger, enum fluit_zmq_type type,
                          const struct node *as, const struct fluit_box_pk *server, unsigned port)
{
    struct fluit_endpoint to;
    struct fluit_zmq_setup setup = {.type = type,
                                    .own_pk = as ? &as->pk : NULL,
                                    .own_sk = as ? &as->sk : NULL,
                                    .server = server,
                                    .message_max = -1,
                                    .send_queue = 100,
                                    .recv_queue = 100};
    *stranger = (struct stranger){.context = fluit_zmq_context()};
    assert_int_equal(fluit_zmq_open(stranger->context, &setup, &stranger->socket), FLUIT_OK);
    assert_int_equal(
        fluit_zmq_open_monitor(stranger->context, stranger->socket, 0, &stranger->monitor),
        FLUIT_OK);
    assert_int_equal(fluit_endpoint_parse(at(port), &to), FLUIT_OK);
    assert_int_equal(fluit_zmq_connect(stranger->socket, &to), FLUIT_OK);
}

static void stranger_say(struct stranger *stranger, const struct fluit_slice *parts, size_t count)
{
    if (fluit_zmq_send(stranger->socket, parts, count) == FLUIT_E_IO)
        fail();
    for (;;) {
        enum fluit_zmq_change change = fluit_zmq_monitor_next(stranger->monitor);
        if (change == FLUIT_ZMQ_NO_CHANGE)
            return;
        stranger->connections += change == FLUIT_ZMQ_UP;
        stranger->refusals += change != FLUIT_ZMQ_UP;
    }
}

static void stranger_deinit(struct stranger *stranger)
{
    fluit_zmq_close(stranger->socket, 0);
    fluit_zmq_close(stranger->monitor, 0);
    fluit_zmq_context_free(stranger->context);
}

static void gives_nothing_to_a_client_without_curve(void **state)
{
    static const enum fluit_zmq_type types[] = {[FLUIT_PORT_SYNC] = FLUIT_ZMQ_DEALER,
                                                [FLUIT_PORT_XPUB] = FLUIT_ZMQ_DEALER,
                                                [FLUIT_PORT_COLLECT] = FLUIT_ZMQ_PUB};
    struct pair pair;
    (void)state;
    begin(&pair);
    for (unsigned i = FLUIT_PORT_SYNC; i <= FLUIT_PORT_COLLECT; i++) {
        struct stranger stranger;
        struct fluit_slice parts[] = {fluit_slice(pair.hub.pk.b, 32), text("x")};
        stranger_init(&stranger, types[i], NULL, NULL, pair.port + i);
        UNTIL(&pair.hub, &pair.table, stranger.refusals >= 2, stranger_say(&stranger, parts, 2);
              say_all(&pair));
        assert_int_equal(stranger.connections, 0);
        struct fluit_zmq_message message;
        assert_false(fluit_zmq_recv(stranger.socket, &message));
        stranger_deinit(&stranger);
    }
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_MESSAGE], 0);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_FRAME], 0);
    assert_int_equal(fluit_net_counts(pair.hub.net)->anonymous, 0);
    finish(&pair);
}

static void oversize_message_costs_its_sender_the_connection(void **state)
{
    struct pair pair;
    struct stranger stranger;
    uint8_t *large = calloc(1, FLUIT_MESSAGE_MAX + 1);
    (void)state;
    begin(&pair);
    dial(&pair);
    UNTIL(&pair.hub, &pair.table, pair.table.counts[FLUIT_EVENT_LINK_UP] == 1, (void)0);
    stranger_init(&stranger, FLUIT_ZMQ_DEALER, &pair.table, &pair.hub.pk,
                  pair.port + FLUIT_PORT_SYNC);
    struct fluit_slice part = fluit_slice(large, FLUIT_MESSAGE_MAX + 1);
    stranger_say(&stranger, &part, 1);
    UNTIL(&pair.hub, &pair.table, stranger.connections >= 1 && stranger.refusals >= 1,
          stranger_say(&stranger, &(struct fluit_slice){large, 0}, 0));
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_MESSAGE], 0);
    fluit_net_send(pair.table.net, FLUIT_LINK_KEPT, text("still here"));
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_MESSAGE] == 1, (void)0);
    assert_int_equal(pair.table.counts[FLUIT_EVENT_LINK_DOWN], 0);
    part.len = FLUIT_MESSAGE_MAX - 100;
    fluit_net_send(pair.table.net, FLUIT_LINK_KEPT, part);
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_MESSAGE] == 2, (void)0);
    stranger_deinit(&stranger);
    finish(&pair);
    free(large);
}

static void drops_messages_of_another_shape(void **state)
{
    struct pair pair;
    struct stranger dealer, publisher;
    struct fluit_slice parts[12];
    (void)state;
    begin(&pair);
    for (size_t i = 0; i < 12; i++)
        parts[i] = fluit_slice(pair.hub.pk.b, 32);
    stranger_init(&dealer, FLUIT_ZMQ_DEALER, &pair.table, &pair.hub.pk,
                  pair.port + FLUIT_PORT_SYNC);
    stranger_init(&publisher, FLUIT_ZMQ_PUB, &pair.table, &pair.hub.pk,
                  pair.port + FLUIT_PORT_COLLECT);
    stranger_say(&dealer, parts, 2);
    stranger_say(&dealer, parts, 12);
    UNTIL(&pair.hub, &pair.table, fluit_net_counts(pair.hub.net)->malformed == 2, (void)0);
    UNTIL(&pair.hub, &pair.table, fluit_net_counts(pair.hub.net)->malformed >= 3,
          stranger_say(&publisher, parts, 1));
    UNTIL(&pair.hub, &pair.table, fluit_net_counts(pair.hub.net)->malformed >= 30,
          stranger_say(&publisher, parts, 3));
    parts[0].len = 31;
    UNTIL(&pair.hub, &pair.table, fluit_net_counts(pair.hub.net)->malformed >= 60,
          stranger_say(&publisher, parts, 2));
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_MESSAGE], 0);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_FRAME], 0);
    parts[0].len = 32;
    stranger_say(&publisher, parts, 2);
    stranger_say(&dealer, parts, 1);
    UNTIL(&pair.hub, &pair.table,
          pair.hub.counts[FLUIT_EVENT_FRAME] == 1 && pair.hub.counts[FLUIT_EVENT_MESSAGE] == 1,
          (void)0);
    stranger_deinit(&dealer);
    stranger_deinit(&publisher);
    finish(&pair);
}

static void tells_when_a_server_goes_and_comes_back(void **state)
{
    struct pair pair;
    struct fluit_net_why why;
    (void)state;
    begin(&pair);
    dial_all(&pair);
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_MESSAGE] > 0, say_all(&pair));
    fluit_net_free(&pair.hub.net);
    for (int64_t end = fluit_monotonic_us() + PATIENCE_US;
         pair.table.counts[FLUIT_EVENT_LINK_DOWN] == 0; pump(&pair.table))
        assert_true(fluit_monotonic_us() < end);
    /* ZeroMQ may be taking its pipe down yet: what goes in there is lost as well. */
    uint64_t unsent = fluit_net_counts(pair.table.net)->unsent;
    for (int64_t end = fluit_monotonic_us() + PATIENCE_US;
         fluit_net_counts(pair.table.net)->unsent == unsent; pump(&pair.table)) {
        assert_true(fluit_monotonic_us() < end);
        fluit_net_send(pair.table.net, FLUIT_LINK_KEPT, text("lost"));
    }

    node_init(&pair.hub, 1);
    /* Another program may have got one of the ports for a connection of its own meanwhile. */
    uint16_t port = pair.port;
    for (int64_t end = fluit_monotonic_us() + PATIENCE_US;
         fluit_net_bind_hub(pair.hub.net, "127.0.0.1", &port, &why); port = pair.port)
        assert_true(fluit_monotonic_us() < end);
    UNTIL(&pair.hub, &pair.table, pair.table.counts[FLUIT_EVENT_LINK_UP] == 2, (void)0);
    UNTIL(&pair.hub, &pair.table,
          pair.hub.counts[FLUIT_EVENT_MESSAGE] > 0 && pair.hub.counts[FLUIT_EVENT_FRAME] > 0,
          say_all(&pair));
    finish(&pair);
}

/* A listening TCP socket that speaks no ZeroMQ. */
static int listen_at(uint16_t port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static void outlives_someone_else_at_the_hubs_address(void **state)
{
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    struct pair pair;
    struct fluit_net_why why;
    (void)state;
    begin(&pair);
    fluit_net_free(&pair.hub.net);
    int listener = listen_at((uint16_t)(pair.port + FLUIT_PORT_SYNC));
    dial(&pair);
    int client = accept(listener, NULL, NULL);
    assert_int_equal(write(client, answer, sizeof answer - 1), sizeof answer - 1);
    for (int64_t end = fluit_monotonic_us() + PATIENCE_US;
         fluit_net_counts(pair.table.net)->failed < 1; pump(&pair.table))
        assert_true(fluit_monotonic_us() < end);
    close(client);
    close(listener);
    /* By now libzmq has given up for good. */
    node_init(&pair.hub, 1);
    assert_int_equal(fluit_net_bind_hub(pair.hub.net, "127.0.0.1", &pair.port, &why), FLUIT_OK);
    UNTIL(&pair.hub, &pair.table, pair.table.counts[FLUIT_EVENT_LINK_UP] == 1, (void)0);
    finish(&pair);
}

static void tells_when_a_client_is_found_gone(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    dial(&pair);
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_MESSAGE] > 0, say_all(&pair));
    uint32_t link = pair.hub.last[FLUIT_EVENT_MESSAGE].link;
    fluit_net_drop(pair.table.net, FLUIT_LINK_KEPT);
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_LINK_DOWN] == 1,
          fluit_net_send(pair.hub.net, link, text("x")));
    assert_int_equal(pair.hub.last[FLUIT_EVENT_LINK_DOWN].link, link);
    dial(&pair);
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_LINK_UP] == 2, say_all(&pair));
    assert_true(pair.hub.last[FLUIT_EVENT_LINK_UP].link > link);
    finish(&pair);
}

static void door_takes_anyone_and_answers_them(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    pair.hub.admits_none = true;
    assert_int_equal(fluit_net_open_door(pair.table.net, at(pair.port)), FLUIT_OK);
    fluit_net_send_door(pair.table.net, 0, text("join"));
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_DOOR] == 1, (void)0);
    uint32_t link = pair.hub.last[FLUIT_EVENT_DOOR].link;
    assert_true(link >= FLUIT_LINK_ACCEPTED);
    fluit_net_send_door(pair.hub.net, link, text("welcome"));
    UNTIL(&pair.hub, &pair.table, pair.table.counts[FLUIT_EVENT_DOOR] == 1, (void)0);
    assert_memory_equal(pair.table.bytes[FLUIT_EVENT_DOOR], "welcome", 7);
    assert_int_equal(pair.hub.counts[FLUIT_EVENT_LINK_UP], 0);
    fluit_net_drop(pair.table.net, 0);
    uint64_t unsent = fluit_net_counts(pair.table.net)->unsent;
    fluit_net_send_door(pair.table.net, 0, text("join"));
    assert_int_equal(fluit_net_counts(pair.table.net)->unsent, unsent + 1);
    finish(&pair);
}

static void peers_connect_to_a_table(void **state)
{
    struct pair pair;
    struct fluit_net_why why;
    uint16_t port = 0;
    (void)state;
    begin(&pair);
    assert_int_equal(fluit_net_bind_peers(pair.table.net, "127.0.0.1", &port, &why), FLUIT_OK);
    assert_int_equal(
        fluit_net_connect(pair.hub.net, 9, &pair.table.pk, at((uint16_t)(port + FLUIT_PORT_SYNC))),
        FLUIT_OK);
    UNTIL(&pair.hub, &pair.table, pair.table.counts[FLUIT_EVENT_MESSAGE] > 0,
          fluit_net_send(pair.hub.net, 9, text("hi")));
    assert_memory_equal(&pair.table.last[FLUIT_EVENT_MESSAGE].peer, &pair.hub.pk, 32);
    finish(&pair);
}

static void port_in_use_says_what_to_do(void **state)
{
    struct pair pair;
    struct fluit_net_why why;
    (void)state;
    begin(&pair);
    uint16_t port = (uint16_t)(pair.port - 1); /* its second overlaps */
    assert_int_equal(fluit_net_bind_hub(pair.table.net, "127.0.0.1", &port, &why), FLUIT_E_BUSY);
    assert_non_null(strstr(why.text, "in use"));
    assert_non_null(strstr(why.text, "--port"));
    assert_int_equal(port, pair.port - 1);
    port = 65533;
    assert_int_equal(fluit_net_bind_hub(pair.table.net, "127.0.0.1", &port, &why), FLUIT_E_FORMAT);
    port = 0;
    assert_int_equal(fluit_net_bind_hub(pair.table.net, "192.0.2.1", &port, &why), FLUIT_E_UNKNOWN);
    assert_int_equal(fluit_net_bind_hub(pair.table.net, "a;b", &port, &why), FLUIT_E_FORMAT);
    assert_int_equal(fluit_net_bind_hub(pair.table.net, "127.0.0.1", &port, &why), FLUIT_OK);
    finish(&pair);
}

static void refuses_addresses_and_crowds(void **state)
{
    struct pair pair;
    enum fluit_err err = FLUIT_OK;
    (void)state;
    begin(&pair);
    assert_int_equal(fluit_net_connect(pair.table.net, 1, &pair.hub.pk, text("ipc:///tmp/a:1")),
                     FLUIT_E_FORMAT);
    assert_int_equal(fluit_net_subscribe(pair.table.net, 0, &pair.hub.pk, text("tcp://a")),
                     FLUIT_E_FORMAT);
    for (int i = 0; i < 100; i++) /* again and again is one */
        dial_all(&pair);
    for (uint32_t link = 2; link < 100 && !err; link++)
        err =
            fluit_net_connect(pair.table.net, link, &pair.hub.pk, at(pair.port + FLUIT_PORT_SYNC));
    assert_int_equal(err, FLUIT_E_LIMIT);
    fluit_net_drop(pair.table.net, 5);
    assert_int_equal(
        fluit_net_connect(pair.table.net, 200, &pair.hub.pk, at(pair.port + FLUIT_PORT_SYNC)),
        FLUIT_OK);
    finish(&pair);
}

static void speaks_ipv6_in_brackets(void **state)
{
    struct pair pair;
    struct fluit_net_why why;
    char endpoint[64];
    uint16_t port = 0;
    (void)state;
    begin(&pair);
    enum fluit_err err = fluit_net_bind_peers(pair.table.net, "::1", &port, &why);
    if (err == FLUIT_E_UNKNOWN) {
        finish(&pair);
        skip(); /* a machine without IPv6 */
    }
    assert_int_equal(err, FLUIT_OK);
    snprintf(endpoint, sizeof endpoint, "tcp://[::1]:%u", (unsigned)port + FLUIT_PORT_SYNC);
    assert_int_equal(fluit_net_connect(pair.hub.net, 9, &pair.table.pk, text(endpoint)), FLUIT_OK);
    UNTIL(&pair.hub, &pair.table, pair.hub.counts[FLUIT_EVENT_LINK_UP] == 1, (void)0);
    finish(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_whom_it_admits_and_says_who_it_is),
        cmocka_unit_test(frames_carry_the_authenticated_key),
        cmocka_unit_test(refuses_all_sockets_until_admitted),
        cmocka_unit_test(admits_nobody_before_it_is_told_whom),
        cmocka_unit_test(hears_nothing_more_from_the_revoked),
        cmocka_unit_test(dials_again_only_when_what_was_cut_heals),
        cmocka_unit_test(what_is_cut_at_one_end_is_refused_there),
        cmocka_unit_test(never_connects_to_another_server_key),
        cmocka_unit_test(gives_nothing_to_a_client_without_curve),
        cmocka_unit_test(oversize_message_costs_its_sender_the_connection),
        cmocka_unit_test(drops_messages_of_another_shape),
        cmocka_unit_test(tells_when_a_server_goes_and_comes_back),
        cmocka_unit_test(outlives_someone_else_at_the_hubs_address),
        cmocka_unit_test(tells_when_a_client_is_found_gone),
        cmocka_unit_test(door_takes_anyone_and_answers_them),
        cmocka_unit_test(peers_connect_to_a_table),
        cmocka_unit_test(port_in_use_says_what_to_do),
        cmocka_unit_test(refuses_addresses_and_crowds),
        cmocka_unit_test(speaks_ipv6_in_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
