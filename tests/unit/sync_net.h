/* sync_net.h: nodes that sync over a network that a test can spoil. */
#ifndef TESTS_SYNC_NET_H
#define TESTS_SYNC_NET_H

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

static inline void wire_send(void *self, uint32_t link, struct fluit_slice bytes)
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

static inline struct fluit_wire wire_of(struct net *net, uint32_t node)
{
    net->sender = node;
    return (struct fluit_wire){wire_send, net};
}

static inline struct net *net_new(uint32_t count, uint8_t seed)
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

static inline void net_free(struct net *net)
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

static inline void up(struct net *net, uint32_t a, uint32_t b)
{
    struct fluit_box_pk peer = {{(uint8_t)(b + 1)}};
    assert_int_equal(fluit_sync_up(&net->nodes[a].sync, b + 1, &peer, net->now_us, wire_of(net, a)),
                     FLUIT_OK);
}

static inline void connect(struct net *net, uint32_t a, uint32_t b)
{
    up(net, a, b);
    up(net, b, a);
}

static inline void entries_come(struct net *net, uint32_t at, uint32_t from,
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

static inline void deliver(struct net *net, const struct parcel *parcel)
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
static inline size_t first_due(const struct net *net, int64_t end)
{
    size_t first = net->parcel_count;
    for (size_t i = 0; i < net->parcel_count; i++)
        if (net->parcels[i].due_us < end) {
            first = i;
            end = net->parcels[i].due_us;
        }
    return first;
}

static inline void run(struct net *net, int64_t us)
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
static inline uint32_t append(struct net *net, uint32_t at, uint32_t author, uint8_t nth,
                              uint32_t count)
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
static inline void copy_some(struct net *net, uint32_t from, uint32_t to, uint32_t feed)
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

static inline bool in_step(struct net *net, uint32_t a, uint32_t b)
{
    struct fluit_hash one = fluit_replica_digest(&net->nodes[a].replica);
    struct fluit_hash two = fluit_replica_digest(&net->nodes[b].replica);
    return memcmp(one.b, two.b, sizeof one.b) == 0;
}

static inline void assert_all_in_step(struct net *net)
{
    for (uint32_t i = 1; i < net->count; i++)
        assert_true(in_step(net, 0, i));
}

static inline void forget_counts(struct net *net)
{
    memset(net->sent, 0, sizeof net->sent);
    net->sent_len = 0;
}

static inline uint64_t sent(const struct net *net)
{
    return net->sent[FLUIT_MESSAGE_HEADS] + net->sent[FLUIT_MESSAGE_WANT] +
           net->sent[FLUIT_MESSAGE_ENTRIES];
}

static inline uint64_t seq_of(struct net *net, uint32_t at, const struct fluit_feed_id *id)
{
    int feed = fluit_replica_find(&net->nodes[at].replica, id);
    return feed < 0 ? 0 : net->nodes[at].replica.feeds[feed]->info.seq;
}

#endif
