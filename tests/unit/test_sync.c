#include "tests/unit/sync_net.h"

/* Random feeds, of which the others hold random parts; loss while they write on; then none. */
static void converge(uint32_t count, bool line, uint8_t seed)
{
    struct net *net = net_new(count, seed);
    for (uint32_t i = 0; i < count; i++)
        for (uint8_t nth = 0; nth == 0 || fluit_rng_below(&net->rng, 3) > 0; nth++) {
            uint32_t entries = 1 + (uint32_t)fluit_rng_below(&net->rng, 200);
            uint32_t feed = append(net, i, i, nth, entries);
            for (uint32_t other = 0; other < count; other++)
                if (other != i)
                    copy_some(net, i, other, feed);
        }
    net->loss_percent = 40;
    net->dup_percent = 20;
    net->delay_max_us = 700000;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count; k++)
            if (!line || k == i + 1)
                connect(net, i, k);
    for (int turn = 0; turn < 8; turn++) {
        append(net, (uint32_t)turn % count, (uint32_t)turn % count, 0, 3);
        run(net, SECOND_US);
        if (turn == 5) { /* a link breaks and comes back */
            fluit_sync_down(&net->nodes[0].sync, 2);
            fluit_sync_down(&net->nodes[1].sync, 1);
            run(net, SECOND_US);
            connect(net, 0, 1);
        }
    }
    net->loss_percent = net->dup_percent = 0;
    run(net, 20 * SECOND_US);
    assert_all_in_step(net);
    for (uint32_t i = 0; i < net->nodes[0].replica.count; i++)
        assert_true(net->nodes[0].replica.feeds[i]->info.seq > 0);
    net_free(net);
}

static void two_replicas_converge_once_loss_stops(void **state)
{
    (void)state;
    for (uint8_t seed = 0; seed < 15; seed++)
        converge(2, false, seed);
}

static void three_replicas_converge_in_a_ring_and_in_a_line(void **state)
{
    (void)state;
    for (uint8_t seed = 0; seed < 8; seed++) {
        converge(3, false, seed);
        converge(3, true, seed);
    }
}

static void nodes_in_step_say_so_once_a_second_and_no_more(void **state)
{
    (void)state;
    struct net *net = net_new(3, 1);
    for (uint32_t i = 0; i < 3; i++) {
        append(net, i, i, 0, 10);
        connect(net, i, (i + 1) % 3);
    }
    run(net, 5 * SECOND_US);
    assert_all_in_step(net);
    forget_counts(net);
    run(net, 60 * SECOND_US);
    assert_int_equal(sent(net), 60 * 6);
    assert_int_equal(sent(net), net->sent[FLUIT_MESSAGE_HEADS]);
    assert_true(net->sent_len <= 60 * 6 * 64);
    net_free(net);
}

static void catching_up_takes_a_want_a_batch_even_if_all_comes_twice(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    append(net, 0, 0, 0, 1280);
    net->dup_percent = 100;
    connect(net, 0, 1);
    run(net, 3 * SECOND_US);
    assert_all_in_step(net);
    uint64_t batches = 1280 / 60 + 1;
    assert_true(net->sent[FLUIT_MESSAGE_WANT] <= batches + 2);
    assert_true(net->sent[FLUIT_MESSAGE_ENTRIES] <= 2 * batches + 4);
    net_free(net);
}

static void entries_of_our_own_are_known_to_be_held_though_the_answer_was_lost(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    connect(net, 0, 1);
    uint32_t feed = append(net, 0, 0, 0, 5);
    run(net, 3 * SECOND_US);
    assert_all_in_step(net);
    append(net, 0, 0, 0, 2);
    append(net, 1, 0, 0, 2); /* came as a live frame; the acknowledgement is lost */
    assert_all_in_step(net);
    net->only_heartbeats = true;
    assert_int_equal(fluit_sync_held_by(&net->nodes[0].sync, feed, 7, NULL), 0);
    run(net, 2 * SECOND_US);
    assert_int_equal(fluit_sync_held_by(&net->nodes[0].sync, feed, 7, NULL), 1);
    const struct fluit_box_pk peer = net->nodes[0].sync.links[0].peer;
    assert_int_equal(fluit_sync_held_by(&net->nodes[0].sync, feed, 7, &peer), 0);
    assert_int_equal(fluit_sync_held_by(&net->nodes[0].sync, feed, 8, NULL), 0);
    net_free(net);
}

static void a_node_on_two_links_holds_once(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    struct fluit_sync *sync = &net->nodes[0].sync;
    uint32_t feed = append(net, 0, 0, 0, 3);
    net->only_heartbeats = true;
    up(net, 0, 1);
    const struct fluit_box_pk peer = sync->links[0].peer;
    assert_int_equal(fluit_sync_up(sync, 9, &peer, net->now_us, wire_of(net, 0)), FLUIT_OK);
    for (uint32_t i = 0; i < 2; i++)
        fluit_sync_got(sync, &sync->links[i], feed, 3);
    assert_int_equal(fluit_sync_held_by(sync, feed, 3, NULL), 1);
    assert_int_equal(fluit_sync_held_by(sync, feed, 3, &peer), 0);
    net_free(net);
}

static void holders_are_told_with_what_each_holds_the_most_first(void **state)
{
    (void)state;
    struct net *net = net_new(3, 1);
    struct fluit_sync *sync = &net->nodes[0].sync;
    uint32_t feed = append(net, 0, 0, 0, 5);
    uint64_t seqs[4];
    net->only_heartbeats = true;
    for (uint32_t i = 1; i < 3; i++)
        up(net, 0, i);
    const struct fluit_box_pk second = sync->links[1].peer;
    assert_int_equal(fluit_sync_up(sync, 9, &second, net->now_us, wire_of(net, 0)), FLUIT_OK);
    fluit_sync_got(sync, &sync->links[0], feed, 2);
    fluit_sync_got(sync, &sync->links[1], feed, 3);
    fluit_sync_got(sync, &sync->links[2], feed, 5); /* the second's newer link */
    assert_int_equal(fluit_sync_holders(sync, feed, NULL, seqs, 4), 2);
    assert_int_equal(seqs[0], 5);
    assert_int_equal(seqs[1], 2);
    assert_int_equal(fluit_sync_holders(sync, feed, NULL, seqs, 1), 1);
    assert_int_equal(fluit_sync_holders(sync, feed, &second, seqs, 4), 1);
    assert_int_equal(seqs[0], 2);
    net_free(net);
}

static void a_fresh_link_in_step_counts_as_told_though_its_heads_were_lost(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    net->only_heartbeats = true;
    connect(net, 0, 1);
    assert_false(fluit_sync_link(&net->nodes[0].sync, 2)->told_of_us);
    run(net, 2 * SECOND_US);
    assert_true(fluit_sync_link(&net->nodes[0].sync, 2)->told_of_us);
    net_free(net);
}

static void who_tells_all_is_told_at_once_what_it_lacks(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    append(net, 0, 0, 0, 3);
    net->only_heartbeats = true; /* what node 0 tells of itself is lost */
    up(net, 0, 1);
    net->only_heartbeats = false;
    up(net, 1, 0);
    run(net, FLUIT_HEARTBEAT_US / 2);
    assert_all_in_step(net);
    net_free(net);
}

/* Hostile peers. */

static void head_comes(struct net *net, uint32_t at, uint32_t from,
                       const struct fluit_feed_info *head, enum fluit_err expected)
{
    struct fluit_buf bytes = FLUIT_BUF_INIT;
    struct fluit_hash digest = {{1}};
    struct fluit_message m;
    struct node *node = &net->nodes[at];
    fluit_put_heads(&bytes, &digest, false, head, 1);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&bytes)), FLUIT_OK);
    assert_int_equal(fluit_sync_message(&node->sync, fluit_sync_link(&node->sync, from + 1),
                                        &net->roster, &m, net->now_us, wire_of(net, at)),
                     expected);
    fluit_message_deinit(&m);
    fluit_buf_deinit(&bytes);
}

/* A head of author's nth incarnation that its author signed, entries or no. */
static struct fluit_feed_info claim(struct net *net, uint32_t author, uint8_t nth, uint64_t seq)
{
    struct fluit_feed_info head = {
        .author = net->nodes[author].pk, .incarnation = {nth}, .seq = seq, .hash = {{9}}};
    head.id = fluit_feed_id(&head.author, head.incarnation);
    head.sig = fluit_head_sign(&net->nodes[author].sk, &net->workshop, &head.id, seq, &head.hash);
    return head;
}

static void a_claim_that_its_author_did_not_sign_makes_no_feed_and_no_want(void **state)
{
    (void)state;
    struct net *net = net_new(3, 1);
    connect(net, 0, 1);
    append(net, 0, 2, 0, 3);
    forget_counts(net);
    struct fluit_feed_info head = claim(net, 2, 5, 1000); /* a new incarnation */
    head.sig.b[0] ^= 1;
    head_comes(net, 0, 1, &head, FLUIT_E_AUTH);
    assert_int_equal(fluit_replica_find(&net->nodes[0].replica, &head.id), -1);
    head = claim(net, 2, 0, 1000); /* more of a known one */
    head.sig.b[0] ^= 1;
    head_comes(net, 0, 1, &head, FLUIT_E_AUTH);
    head = claim(net, 2, 0, 2); /* another branch of it */
    head.sig.b[0] ^= 1;
    head_comes(net, 0, 1, &head, FLUIT_E_AUTH);
    assert_false(net->nodes[0].replica.feeds[0]->forked);
    assert_int_equal(net->nodes[0].replica.feeds[0]->known_seq, 0);
    assert_int_equal(net->sent[FLUIT_MESSAGE_WANT], 0);
    net_free(net);
}

static void an_impossible_seq_costs_a_want_a_second(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    connect(net, 0, 1);
    struct fluit_feed_info head = claim(net, 1, 0, INT64_MAX);
    head_comes(net, 0, 1, &head, FLUIT_OK);
    run(net, 60 * SECOND_US);
    assert_true(net->sent[FLUIT_MESSAGE_WANT] >= 30);
    assert_true(net->sent[FLUIT_MESSAGE_WANT] <= 61);
    assert_int_equal(net->sent[FLUIT_MESSAGE_ENTRIES], 0);
    net_free(net);
}

static void false_claims_do_not_keep_other_feeds_waiting(void **state)
{
    (void)state;
    for (uint8_t fakes = 0; fakes <= FLUIT_FEEDS_PER_NODE_MAX - 2; fakes++) {
        struct net *net = net_new(3, fakes);
        net->nodes[1].silent = true;
        connect(net, 0, 1);
        for (uint8_t nth = 0; nth < fakes; nth++) {
            struct fluit_feed_info head = claim(net, 1, (uint8_t)(100 + nth), 1000);
            head_comes(net, 0, 1, &head, FLUIT_OK);
        }
        run(net, 3 * SECOND_US + 1);
        for (uint8_t nth = 0; nth < 20; nth++)
            append(net, 2, 2, nth, 100);
        connect(net, 0, 2);
        run(net, SECOND_US);
        for (uint32_t i = 0; i < net->nodes[2].replica.count; i++)
            assert_int_equal(seq_of(net, 0, &net->nodes[2].replica.feeds[i]->info.id), 100);
        net_free(net);
    }
}

static void a_silent_peer_that_holds_the_same_feeds_does_not_starve_them(void **state)
{
    (void)state;
    for (uint8_t fakes = 0; fakes < 4; fakes++) {
        struct net *net = net_new(3, fakes);
        net->nodes[1].silent = true;
        for (uint8_t nth = 0; nth < 24; nth++) { /* the same entries at both */
            append(net, 1, 2, nth, 100);
            append(net, 2, 2, nth, 100);
        }
        connect(net, 0, 1);
        for (uint8_t nth = 0; nth < fakes; nth++) {
            struct fluit_feed_info head = claim(net, 1, (uint8_t)(100 + nth), 1000);
            head_comes(net, 0, 1, &head, FLUIT_OK);
        }
        connect(net, 0, 2);
        run(net, 12 * SECOND_US);
        for (uint32_t i = 0; i < net->nodes[2].replica.count; i++)
            assert_int_equal(seq_of(net, 0, &net->nodes[2].replica.feeds[i]->info.id), 100);
        net_free(net);
    }
}

static void a_want_is_served_up_to_a_bound(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    struct node *node = &net->nodes[0];
    uint8_t *payload = calloc(1, FLUIT_PAYLOAD_MAX);
    uint8_t incarnation[16] = {0}, header[FLUIT_HEADER_LEN];
    struct fluit_want wants[FLUIT_WANTS_MAX];
    uint32_t feed;
    assert_int_equal(fluit_replica_open(&node->replica, &node->pk, incarnation, &feed), FLUIT_OK);
    for (int i = 0; i < 3; i++) {
        struct kit_feed kit = {.info = node->replica.feeds[feed]->info};
        struct fluit_slice bytes = fluit_slice(payload, FLUIT_PAYLOAD_MAX);
        kit_feed_make(&kit, bytes, header);
        assert_int_equal(fluit_replica_append(&node->replica, feed, header, bytes), FLUIT_OK);
        assert_int_equal(fluit_replica_sign(&node->replica, feed, &node->sk), FLUIT_OK);
    }
    for (int i = 0; i < FLUIT_WANTS_MAX; i++)
        wants[i] = (struct fluit_want){node->replica.feeds[feed]->info.id, 1};
    connect(net, 0, 1);
    struct fluit_buf bytes = FLUIT_BUF_INIT;
    struct fluit_message m;
    fluit_put_want(&bytes, wants, FLUIT_WANTS_MAX);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&bytes)), FLUIT_OK);
    forget_counts(net);
    assert_int_equal(fluit_sync_message(&node->sync, fluit_sync_link(&node->sync, 2), &net->roster,
                                        &m, net->now_us, wire_of(net, 0)),
                     FLUIT_OK);
    assert_true(net->sent[FLUIT_MESSAGE_ENTRIES] >= 1);
    assert_true(net->sent_len < 2 * FLUIT_MESSAGE_MAX);
    fluit_message_deinit(&m);
    fluit_buf_deinit(&bytes);
    free(payload);
    net_free(net);
}

static void forked_feeds_are_not_wanted_again_and_again(void **state)
{
    (void)state;
    struct net *net = net_new(3, 1);
    append(net, 0, 2, 0, 5);
    append(net, 1, 2, 0, 3);
    /* From here on the clone writes something else. */
    append(net, 1, 2, 0, 4);
    append(net, 0, 0, 0, 50);
    append(net, 1, 1, 0, 50);
    connect(net, 0, 1);
    run(net, 10 * SECOND_US);
    assert_true(net->nodes[0].replica.feeds[0]->forked);
    assert_true(net->nodes[1].replica.feeds[0]->forked);
    assert_int_equal(net->nodes[0].replica.feeds[0]->info.seq, 5);
    assert_int_equal(net->nodes[1].replica.feeds[0]->info.seq, 7);
    assert_int_equal(net->nodes[0].replica.count, 3);
    assert_int_equal(seq_of(net, 0, &net->nodes[1].replica.feeds[1]->info.id), 50);
    assert_int_equal(seq_of(net, 1, &net->nodes[0].replica.feeds[1]->info.id), 50);
    forget_counts(net);
    run(net, 60 * SECOND_US);
    assert_int_equal(net->sent[FLUIT_MESSAGE_WANT], 0);
    assert_int_equal(net->sent[FLUIT_MESSAGE_ENTRIES], 0);
    assert_true(sent(net) <= 2 * 60 + 4 * 60 / 4 + 8); /* heartbeats, and now and then all heads */
    /* And who is new to it takes one branch and is in step with its holder. */
    connect(net, 2, 0);
    run(net, 5 * SECOND_US);
    assert_true(in_step(net, 2, 0));
    net_free(net);
}

static void the_author_of_the_branch_that_is_held_hears_of_the_other(void **state)
{
    (void)state;
    struct net *net = net_new(3, 1);
    append(net, 0, 2, 0, 5);
    append(net, 1, 2, 0, 3);
    append(net, 1, 2, 0, 1); /* the clone goes another way */
    connect(net, 0, 2);
    run(net, 5 * SECOND_US);
    assert_true(in_step(net, 0, 2));
    connect(net, 1, 2);
    run(net, 3 * SECOND_US);
    assert_true(net->nodes[2].replica.feeds[0]->forked);
    assert_int_equal(net->nodes[2].replica.feeds[0]->info.seq, 5);
    assert_true(net->nodes[0].replica.feeds[0]->forked);
    forget_counts(net);
    run(net, 60 * SECOND_US);
    assert_int_equal(net->sent[FLUIT_MESSAGE_WANT], 0);
    net_free(net);
}

static void feeds_of_strangers_are_taken_once_they_are_in_the_roster(void **state)
{
    (void)state;
    struct net *net = net_new(2, 1);
    net->roster.count = 1; /* node 1 is not known yet */
    append(net, 1, 1, 0, 3);
    connect(net, 0, 1);
    run(net, 5 * SECOND_US);
    assert_int_equal(net->nodes[0].replica.count, 0);
    net->roster.count = 2;
    run(net, 10 * SECOND_US);
    assert_all_in_step(net);
    net_free(net);
}

static void a_link_that_broke_is_not_waited_for(void **state)
{
    (void)state;
    struct net *net = net_new(3, 1);
    append(net, 1, 2, 0, 10);
    append(net, 2, 2, 0, 10);
    net->nodes[1].silent = true;
    connect(net, 0, 1);
    run(net, SECOND_US / 2);
    assert_int_equal(net->sent[FLUIT_MESSAGE_WANT], 1);
    fluit_sync_down(&net->nodes[0].sync, 2);
    assert_null(fluit_sync_link(&net->nodes[0].sync, 2));
    connect(net, 0, 2);
    run(net, SECOND_US / 10);
    assert_true(in_step(net, 0, 2));
    net_free(net);
}

static void links_are_found_and_limited(void **state)
{
    (void)state;
    struct net *net = net_new(1, 1);
    struct fluit_sync *sync = &net->nodes[0].sync;
    struct fluit_box_pk peer = {{5}}, other = {{6}};
    net->only_heartbeats = true;
    assert_true(fluit_sync_deadline(sync) == INT64_MAX);
    for (uint32_t id = 1; id <= FLUIT_LINKS_LIVE_MAX; id++)
        assert_int_equal(fluit_sync_up(sync, id, &peer, net->now_us, wire_of(net, 0)), FLUIT_OK);
    assert_int_equal(fluit_sync_up(sync, 5000, &other, net->now_us, wire_of(net, 0)),
                     FLUIT_E_LIMIT);
    assert_int_equal(fluit_sync_up(sync, 7, &other, net->now_us, wire_of(net, 0)), FLUIT_OK);
    assert_int_equal(fluit_sync_link_to(sync, &other)->id, 7);
    assert_int_equal(fluit_sync_link_to(sync, &peer)->id, 1);
    assert_true(fluit_sync_deadline(sync) == net->now_us + FLUIT_HEARTBEAT_US);
    for (uint32_t id = 1; id <= FLUIT_LINKS_LIVE_MAX; id++)
        fluit_sync_down(sync, id);
    assert_null(fluit_sync_link_to(sync, &peer));
    assert_true(fluit_sync_deadline(sync) == INT64_MAX);
    net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_replicas_converge_once_loss_stops),
        cmocka_unit_test(three_replicas_converge_in_a_ring_and_in_a_line),
        cmocka_unit_test(nodes_in_step_say_so_once_a_second_and_no_more),
        cmocka_unit_test(catching_up_takes_a_want_a_batch_even_if_all_comes_twice),
        cmocka_unit_test(entries_of_our_own_are_known_to_be_held_though_the_answer_was_lost),
        cmocka_unit_test(a_node_on_two_links_holds_once),
        cmocka_unit_test(holders_are_told_with_what_each_holds_the_most_first),
        cmocka_unit_test(a_fresh_link_in_step_counts_as_told_though_its_heads_were_lost),
        cmocka_unit_test(who_tells_all_is_told_at_once_what_it_lacks),
        cmocka_unit_test(a_claim_that_its_author_did_not_sign_makes_no_feed_and_no_want),
        cmocka_unit_test(an_impossible_seq_costs_a_want_a_second),
        cmocka_unit_test(false_claims_do_not_keep_other_feeds_waiting),
        cmocka_unit_test(a_silent_peer_that_holds_the_same_feeds_does_not_starve_them),
        cmocka_unit_test(a_want_is_served_up_to_a_bound),
        cmocka_unit_test(forked_feeds_are_not_wanted_again_and_again),
        cmocka_unit_test(the_author_of_the_branch_that_is_held_hears_of_the_other),
        cmocka_unit_test(feeds_of_strangers_are_taken_once_they_are_in_the_roster),
        cmocka_unit_test(a_link_that_broke_is_not_waited_for),
        cmocka_unit_test(links_are_found_and_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
