/* What rotted at one node is fetched from others. PROTOCOL.md "Damage". */
#include "tests/unit/sync_net.h"

/* The node's process starts again, on its disk as it is; its links are down. */
static void restart(struct net *net, uint32_t at)
{
    struct node *node = &net->nodes[at];
    assert_int_equal(store_memory_commit(node->s), FLUIT_OK);
    fluit_sync_deinit(&node->sync);
    fluit_replica_deinit(&node->replica);
    assert_int_equal(fluit_replica_init(&node->replica, store_memory_port(node->s), &net->workshop),
                     FLUIT_OK);
    fluit_sync_init(&node->sync, &node->replica);
    for (uint32_t i = 0; i < net->count; i++)
        if (i != at)
            fluit_sync_down(&net->nodes[i].sync, at + 1);
    for (size_t i = net->parcel_count; i-- > 0;)
        if (net->parcels[i].from == at || net->parcels[i].to == at) {
            fluit_buf_deinit(&net->parcels[i].bytes);
            net->parcels[i] = net->parcels[--net->parcel_count];
        }
}

static void rot(struct net *net, uint32_t at, const struct fluit_feed_id *id, uint64_t seq)
{
    assert_true(store_memory_flip_payload(net->nodes[at].s, id, seq, 0, 0x30));
}

static uint32_t damaged(const struct net *net, uint32_t at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->nodes[at].replica.count; i++)
        if (net->nodes[at].replica.feeds[i]->damage)
            count += net->nodes[at].replica.feeds[i]->damage->count;
    return count;
}

/* Nodes that hold the same feed of author 0, and its id. It was passed on in batches of `batch`
 * entries: only their ends have signatures with the others. */
static struct net *net_in_step(uint32_t count, uint32_t entries, uint32_t batch,
                               struct fluit_feed_id *id)
{
    struct net *net = net_new(count, 1);
    for (uint32_t i = 1; i < count; i++)
        connect(net, 0, i);
    for (; entries > 0; entries -= batch) {
        append(net, 0, 0, 0, batch);
        run(net, 3 * SECOND_US);
        assert_all_in_step(net);
    }
    *id = net->nodes[0].replica.feeds[0]->info.id;
    return net;
}

static void what_rotted_is_fetched_again_in_a_round_trip(void **state)
{
    (void)state;
    struct fluit_feed_id id;
    struct net *net = net_in_step(2, 300, 300, &id);
    static const uint64_t rotten[] = {1, 2, 20, 150, 299, 300};
    for (size_t i = 0; i < sizeof rotten / sizeof rotten[0]; i++)
        rot(net, 1, &id, rotten[i]);
    restart(net, 1);
    assert_int_equal(damaged(net, 1), 6);
    assert_false(in_step(net, 0, 1));
    forget_counts(net);
    connect(net, 0, 1);
    run(net, SECOND_US / 10);
    assert_int_equal(damaged(net, 1), 0);
    assert_all_in_step(net);
    /* From 1, from 150, from 299; some again if the last answer came first. */
    assert_true(net->sent[FLUIT_MESSAGE_WANT] <= 3);
    assert_true(net->sent[FLUIT_MESSAGE_ENTRIES] <= 6);
    restart(net, 1);
    assert_int_equal(damaged(net, 1), 0);
    net_free(net);
}

static void much_damage_is_fetched_round_after_round(void **state)
{
    (void)state;
    struct fluit_feed_id id;
    struct net *net = net_in_step(2, 300, 300, &id);
    for (uint64_t seq = 1; seq <= 300; seq++)
        if (seq % 5 != 0)
            rot(net, 1, &id, seq);
    restart(net, 1);
    connect(net, 0, 1);
    run(net, SECOND_US / 2);
    assert_int_equal(damaged(net, 1), 0);
    assert_all_in_step(net);
    restart(net, 1);
    assert_int_equal(damaged(net, 1), 0);
    net_free(net);
}

static void nobody_counts_on_a_node_for_what_rotted_there(void **state)
{
    (void)state;
    struct fluit_feed_id id;
    struct net *net = net_in_step(2, 20, 10, &id);
    struct fluit_sync *author = &net->nodes[0].sync;
    rot(net, 1, &id, 13);
    restart(net, 1);
    net->nodes[0].silent = true; /* so that it stays */
    connect(net, 0, 1);
    run(net, 10 * SECOND_US);
    assert_int_equal(damaged(net, 1), 1);
    assert_int_equal(fluit_sync_held_by(author, 0, 10, NULL), 1); /* the signed head before it */
    assert_int_equal(fluit_sync_held_by(author, 0, 11, NULL), 0);
    assert_int_equal(fluit_sync_held_by(author, 0, 20, NULL), 0);
    net->nodes[0].silent = false;
    run(net, 3 * SECOND_US);
    assert_int_equal(damaged(net, 1), 0);
    run(net, 5 * SECOND_US);
    assert_int_equal(fluit_sync_held_by(author, 0, 20, NULL), 1);
    net_free(net);
}

static void the_next_peer_is_asked_for_what_one_does_not_give(void **state)
{
    (void)state;
    struct fluit_feed_id id;
    struct net *net = net_in_step(3, 20, 20, &id);
    rot(net, 2, &id, 7);
    restart(net, 2);
    net->nodes[0].silent = true;
    connect(net, 2, 0);
    run(net, SECOND_US / 10); /* 0 is asked */
    connect(net, 2, 1);
    run(net, FLUIT_WANT_WAIT_US / 2);
    assert_int_equal(damaged(net, 2), 1);
    run(net, 2 * FLUIT_WANT_WAIT_US);
    assert_int_equal(damaged(net, 2), 0);
    net_free(net);
}

/* The peer's own copy rots after it told that it has all. */
static void what_a_peer_lost_does_not_keep_the_rest_from_coming(void **state)
{
    (void)state;
    struct fluit_feed_id id;
    struct net *net = net_in_step(2, 40, 5, &id);
    rot(net, 1, &id, 7);
    rot(net, 1, &id, 13);
    restart(net, 1);
    connect(net, 0, 1);
    rot(net, 0, &id, 7);
    run(net, FLUIT_WANT_WAIT_US / 2);
    assert_int_equal(damaged(net, 1), 2); /* 13 would have come with 7 */
    run(net, 2 * FLUIT_WANT_WAIT_US);
    assert_int_equal(damaged(net, 1), 1);
    net_free(net);
}

static void so_many_feeds_are_mended_at_a_time(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    connect(net, 0, 1);
    for (uint8_t nth = 0; nth < 20; nth++)
        append(net, 0, 0, nth, 5);
    run(net, 5 * SECOND_US);
    assert_all_in_step(net);
    for (uint32_t i = 0; i < 20; i++)
        rot(net, 1, &net->nodes[0].replica.feeds[i]->info.id, 3);
    restart(net, 1);
    assert_int_equal(damaged(net, 1), 20);
    net->nodes[0].silent = true;
    forget_counts(net);
    connect(net, 0, 1);
    run(net, FLUIT_WANT_WAIT_US / 2);
    assert_int_equal(net->sent[FLUIT_MESSAGE_WANT], 4);
    run(net, 10 * FLUIT_WANT_WAIT_US);
    assert_true(net->sent[FLUIT_MESSAGE_WANT] <= 4 * 12);
    net->nodes[0].silent = false;
    run(net, 3 * FLUIT_WANT_WAIT_US);
    assert_int_equal(damaged(net, 1), 0);
    net_free(net);
}

static void what_rotted_everywhere_stays_lost_and_costs_a_want_a_second(void **state)
{
    (void)state;
    struct fluit_feed_id id;
    struct net *net = net_in_step(2, 40, 5, &id);
    rot(net, 0, &id, 7);
    rot(net, 1, &id, 7);
    rot(net, 1, &id, 9);
    rot(net, 1, &id, 30);
    restart(net, 0);
    restart(net, 1);
    append(net, 0, 0, 1, 30); /* other feeds go on */
    connect(net, 0, 1);
    run(net, SECOND_US / 2);
    /* Heads are told up to 5 only, so nobody is asked at all for what comes after it. */
    assert_int_equal(damaged(net, 0), 1);
    assert_int_equal(damaged(net, 1), 3);
    assert_int_equal(seq_of(net, 1, &net->nodes[0].replica.feeds[1]->info.id), 30);
    forget_counts(net);
    run(net, 20 * SECOND_US);
    assert_true(net->sent[FLUIT_MESSAGE_WANT] <= 21);
    assert_int_equal(net->sent[FLUIT_MESSAGE_ENTRIES], 0);
    net_free(net);
}

static void rot_in_a_running_node_is_not_passed_on_but_mended(void **state)
{
    (void)state;
    struct fluit_feed_id id;
    struct net *net = net_in_step(3, 40, 40, &id);
    fluit_sync_down(&net->nodes[0].sync, 3);
    fluit_sync_down(&net->nodes[2].sync, 1);
    append(net, 0, 0, 0, 100);
    run(net, 3 * SECOND_US);
    assert_true(in_step(net, 0, 1));
    rot(net, 1, &id, 90); /* 1 holds it, and 2 asks it for it */
    connect(net, 1, 2);
    run(net, 5 * SECOND_US);
    assert_all_in_step(net);
    assert_int_equal(damaged(net, 1) + damaged(net, 2), 0);
    restart(net, 1);
    assert_int_equal(damaged(net, 1), 0);
    net_free(net);
}

/* All rot, each in other batches, under loss: what one lost the others have. */
static void nodes_mend_each_other(void **state)
{
    (void)state;
    for (uint8_t seed = 0; seed < 10; seed++) {
        struct fluit_feed_id id;
        struct net *net = net_in_step(3, 150, 5, &id);
        fluit_rng_seed(&net->rng, &seed, 1);
        for (uint32_t i = 0; i < 3; i++)
            for (uint64_t n = fluit_rng_below(&net->rng, 100); n > 0; n--) {
                uint64_t seq =
                    1 + 15 * fluit_rng_below(&net->rng, 10) + 5 * i + fluit_rng_below(&net->rng, 5);
                store_memory_flip_header(net->nodes[i].s, &id, seq, 20, 3); /* or back again */
            }
        for (uint32_t i = 0; i < 3; i++)
            restart(net, i);
        net->loss_percent = 30;
        for (uint32_t i = 0; i < 3; i++)
            connect(net, i, (i + 1) % 3);
        run(net, 10 * SECOND_US);
        net->loss_percent = 0;
        run(net, 60 * SECOND_US);
        assert_int_equal(damaged(net, 0) + damaged(net, 1) + damaged(net, 2), 0);
        assert_all_in_step(net);
        net_free(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rotted_is_fetched_again_in_a_round_trip),
        cmocka_unit_test(much_damage_is_fetched_round_after_round),
        cmocka_unit_test(nobody_counts_on_a_node_for_what_rotted_there),
        cmocka_unit_test(the_next_peer_is_asked_for_what_one_does_not_give),
        cmocka_unit_test(what_a_peer_lost_does_not_keep_the_rest_from_coming),
        cmocka_unit_test(so_many_feeds_are_mended_at_a_time),
        cmocka_unit_test(what_rotted_everywhere_stays_lost_and_costs_a_want_a_second),
        cmocka_unit_test(rot_in_a_running_node_is_not_passed_on_but_mended),
        cmocka_unit_test(nodes_mend_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
