#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/sync.h"
#include "tests/kit/feedkit.h"
#include "tests/kit/store_memory.h"

#define NODES_MAX 3
#define SECOND_US 1000000

/* A few nodes in one process: what node/core does with sync, and a network that a test can spoil.
 * Node n's link to node m has id m + 1. */
struct node {
    struct store_memory *s;
    struct fluit_replica replica;
    struct fluit_sync sync;
    struct fluit_sign_pk pk;
    struct fluit_sign_sk sk;
    bool silent; /* tells its heads, answers no WANT */
};

struct parcel {
    uint32_t from, to;
    int64_t due_us;
    struct fluit_buf bytes;
};

struct net {
    struct node nodes[NODES_MAX];
    uint32_t count;
    struct fluit_workshop_id workshop;
    struct fluit_roster roster;
    struct fluit_rng rng;
    int64_t now_us;
    uint32_t sender; /* whose step runs: the wire's other end */
    struct parcel *parcels;
    size_t parcel_count, parcel_cap;
    uint32_t loss_percent, dup_percent;
    int64_t delay_max_us;
    bool only_heartbeats; /* all else is lost */
    uint64_t sent[6];     /* by type of message */
    uint64_t sent_len;
};

static void wire_send(void *self, uint32_t link, struct fluit_slice bytes)
{
    struct net *net = self;
    struct fluit_message m;
    assert_int_equal(fluit_message_get(&m, bytes), FLUIT_OK);
    net->sent[m.type]++;
    net->sent_len += bytes.len;
    bool heartbeat = m.type == FLUIT_MESSAGE_HEADS && m.heads.count == 0 && !m.heads.full;
    fluit_message_deinit(&m);
    if (net->only_heartbeats && !heartbeat)
        return;
    uint64_t copies = fluit_rng_below(&net->rng, 100) >= net->loss_percent;
    copies += fluit_rng_below(&net->rng, 100) < net->dup_percent;
    for (; copies > 0; copies--) {
        if (net->parcel_count == net->parcel_cap) {
            net->parcel_cap = net->parcel_cap ? net->parcel_cap * 2 : 64;
            net->parcels = realloc(net->parcels, net->parcel_cap * sizeof *net->parcels);
        }
        struct parcel *parcel = &net->parcels[net->parcel_count++];
        int64_t delay = 1000 + (int64_t)fluit_rng_below(&net->rng, (uint64_t)net->delay_max_us);
        *parcel = (struct parcel){net->sender, link - 1, net->now_us + delay, FLUIT_BUF_INIT};
        fluit_buf_put(&parcel->bytes, bytes.data, bytes.len);
    }
}

static struct fluit_wire wire_of(struct net *net, uint32_t node)
{
    net->sender = node;
    return (struct fluit_wire){wire_send, net};
}

static struct net *net_new(uint32_t count, uint8_t seed)
{
    struct net *net = calloc(1, sizeof *net);
    assert_int_equal(fluit_crypto_init(), FLUIT_OK);
    fluit_rng_seed(&net->rng, &seed, 1);
    net->count = count;
    net->delay_max_us = 5000;
    net->now_us = -20 * SECOND_US; /* a disturbed clock may be before 0 */
    memset(net->workshop.b, 7, sizeof net->workshop.b);
    for (uint32_t i = 0; i < count; i++) {
        struct node *node = &net->nodes[i];
        struct fluit_secret key = {{(uint8_t)(i + 1)}};
        fluit_sign_keypair(&key, &node->pk, &node->sk);
        node->s = store_memory_new();
        assert_int_equal(
            fluit_replica_init(&node->replica, store_memory_port(node->s), &net->workshop),
            FLUIT_OK);
        fluit_sync_init(&node->sync, &node->replica);
        struct fluit_member member = {.sign = node->pk};
        assert_int_equal(fluit_roster_add(&net->roster, &member), FLUIT_OK);
    }
    return net;
}

static void net_free(struct net *net)
{
    for (uint32_t i = 0; i < net->count; i++) {
        fluit_sync_deinit(&net->nodes[i].sync);
        fluit_replica_deinit(&net->nodes[i].replica);
        store_memory_free(net->nodes[i].s);
    }
    for (size_t i = 0; i < net->parcel_count; i++)
        fluit_buf_deinit(&net->parcels[i].bytes);
    free(net->parcels);
    fluit_roster_deinit(&net->roster);
    free(net);
}

static void up(struct net *net, uint32_t a, uint32_t b)
{
    struct fluit_box_pk peer = {{(uint8_t)(b + 1)}};
    assert_int_equal(fluit_sync_up(&net->nodes[a].sync, b + 1, &peer, net->now_us, wire_of(net, a)),
                     FLUIT_OK);
}

static void connect(struct net *net, uint32_t a, uint32_t b)
{
    up(net, a, b);
    up(net, b, a);
}

static void entries_come(struct net *net, uint32_t at, uint32_t from,
                         const struct fluit_message *batch)
{
    struct node *node = &net->nodes[at];
    uint32_t feed;
    uint64_t first, to;
    enum fluit_err err = fluit_replica_ingest(&node->replica, batch, &feed, &first, &to);
    struct fluit_sync_link *link = fluit_sync_link(&node->sync, from + 1);
    if (!err)
        fluit_sync_got(&node->sync, link, feed, to);
    else if (err == FLUIT_E_CHAIN)
        fluit_sync_got(&node->sync, link, feed, node->replica.feeds[feed]->known_seq);
}

static void deliver(struct net *net, const struct parcel *parcel)
{
    struct node *node = &net->nodes[parcel->to];
    struct fluit_sync_link *link = fluit_sync_link(&node->sync, parcel->from + 1);
    struct fluit_message m;
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&parcel->bytes)), FLUIT_OK);
    if (link && m.type == FLUIT_MESSAGE_ENTRIES)
        entries_come(net, parcel->to, parcel->from, &m);
    else if (link && !(node->silent && m.type == FLUIT_MESSAGE_WANT))
        (void)!fluit_sync_message(&node->sync, link, &net->roster, &m, net->now_us,
                                  wire_of(net, parcel->to));
    fluit_message_deinit(&m);
    fluit_sync_pull(&node->sync, net->now_us, wire_of(net, parcel->to));
}

/* The parcel that is due first, before `end`; its index, or the count. */
static size_t first_due(const struct net *net, int64_t end)
{
    size_t first = net->parcel_count;
    for (size_t i = 0; i < net->parcel_count; i++)
        if (net->parcels[i].due_us < end) {
            first = i;
            end = net->parcels[i].due_us;
        }
    return first;
}

static void run(struct net *net, int64_t us)
{
    for (int64_t end = net->now_us + us; net->now_us < end;) {
        int64_t next = end;
        for (uint32_t i = 0; i < net->count; i++)
            if (fluit_sync_deadline(&net->nodes[i].sync) < next)
                next = fluit_sync_deadline(&net->nodes[i].sync);
        size_t due = first_due(net, next);
        if (due < net->parcel_count) {
            struct parcel parcel = net->parcels[due];
            net->parcels[due] = net->parcels[--net->parcel_count];
            net->now_us = parcel.due_us;
            deliver(net, &parcel);
            fluit_buf_deinit(&parcel.bytes);
            continue;
        }
        net->now_us = next;
        for (uint32_t i = 0; i < net->count; i++)
            fluit_sync_tick(&net->nodes[i].sync, net->now_us, wire_of(net, i));
    }
}

/* Node `at` appends `count` entries, signed, to the feed of author's nth incarnation. The kit's
 * authors all could write anywhere; which of them does is the test's to decide. */
static uint32_t append(struct net *net, uint32_t at, uint32_t author, uint8_t nth, uint32_t count)
{
    struct node *node = &net->nodes[at];
    uint8_t incarnation[16] = {nth};
    uint32_t feed;
    assert_int_equal(fluit_replica_open(&node->replica, &net->nodes[author].pk, incarnation, &feed),
                     FLUIT_OK);
    for (uint32_t i = 0; i < count; i++) {
        struct kit_feed kit = {.info = node->replica.feeds[feed]->info};
        uint8_t header[FLUIT_HEADER_LEN];
        struct fluit_slice payload = fluit_slice(&i, sizeof i);
        kit_feed_make(&kit, payload, header);
        assert_int_equal(fluit_replica_append(&node->replica, feed, header, payload), FLUIT_OK);
        if (i + 1 == count || i % 5 == 4)
            assert_int_equal(fluit_replica_sign(&node->replica, feed, &net->nodes[author].sk),
                             FLUIT_OK);
    }
    return feed;
}

/* Gives node `to` a prefix of what `from` holds, a batch at a time. */
static void copy_some(struct net *net, uint32_t from, uint32_t to, uint32_t feed)
{
    struct fluit_buf bytes = FLUIT_BUF_INIT;
    struct fluit_message m;
    uint64_t next = 1;
    while (fluit_rng_below(&net->rng, 3) > 0) {
        fluit_buf_reset(&bytes);
        if (fluit_replica_batch(&net->nodes[from].replica, feed, next, &bytes, &next))
            break;
        assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&bytes)), FLUIT_OK);
        uint32_t index;
        uint64_t first, last;
        assert_int_equal(fluit_replica_ingest(&net->nodes[to].replica, &m, &index, &first, &last),
                         FLUIT_OK);
        fluit_message_deinit(&m);
    }
    fluit_buf_deinit(&bytes);
}

static bool in_step(struct net *net, uint32_t a, uint32_t b)
{
    struct fluit_hash one = fluit_replica_digest(&net->nodes[a].replica);
    struct fluit_hash two = fluit_replica_digest(&net->nodes[b].replica);
    return memcmp(one.b, two.b, sizeof one.b) == 0;
}

static void assert_all_in_step(struct net *net)
{
    for (uint32_t i = 1; i < net->count; i++)
        assert_true(in_step(net, 0, i));
}

static void forget_counts(struct net *net)
{
    memset(net->sent, 0, sizeof net->sent);
    net->sent_len = 0;
}

static uint64_t sent(const struct net *net)
{
    return net->sent[FLUIT_MESSAGE_HEADS] + net->sent[FLUIT_MESSAGE_WANT] +
           net->sent[FLUIT_MESSAGE_ENTRIES];
}

static uint64_t seq_of(struct net *net, uint32_t at, const struct fluit_feed_id *id)
{
    int feed = fluit_replica_find(&net->nodes[at].replica, id);
    return feed < 0 ? 0 : net->nodes[at].replica.feeds[feed]->info.seq;
}

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

/* Damage. */

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
        cmocka_unit_test(two_replicas_converge_once_loss_stops),
        cmocka_unit_test(three_replicas_converge_in_a_ring_and_in_a_line),
        cmocka_unit_test(nodes_in_step_say_so_once_a_second_and_no_more),
        cmocka_unit_test(catching_up_takes_a_want_a_batch_even_if_all_comes_twice),
        cmocka_unit_test(entries_of_our_own_are_known_to_be_held_though_the_answer_was_lost),
        cmocka_unit_test(a_node_on_two_links_holds_once),
        cmocka_unit_test(a_fresh_link_in_step_counts_as_told_though_its_heads_were_lost),
        cmocka_unit_test(who_tells_all_is_told_at_once_what_it_lacks),
        cmocka_unit_test(a_claim_that_its_author_did_not_sign_makes_no_feed_and_no_want),
        cmocka_unit_test(an_impossible_seq_costs_a_want_a_second),
        cmocka_unit_test(false_claims_do_not_keep_other_feeds_waiting),
        cmocka_unit_test(a_silent_peer_that_holds_the_same_feeds_does_not_starve_them),
        cmocka_unit_test(a_want_is_served_up_to_a_bound),
        cmocka_unit_test(forked_feeds_are_not_wanted_again_and_again),
        cmocka_unit_test(feeds_of_strangers_are_taken_once_they_are_in_the_roster),
        cmocka_unit_test(a_link_that_broke_is_not_waited_for),
        cmocka_unit_test(links_are_found_and_limited),
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
