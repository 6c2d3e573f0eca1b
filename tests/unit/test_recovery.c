/* A new hub from the recovery key and what others hold. */
#include "node/core/recovery.h"
#include "tests/kit/feedkit.h"
#include "tests/unit/small_workshop.h"

#define SOURCES_MAX 4
#define NOT_CUT     UINT64_MAX

struct bench {
    struct small *w;
    struct store_memory *stores[SOURCES_MAX]; /* of the sources */
    struct fluit_gather_source sources[SOURCES_MAX];
    uint32_t count;
    struct store_memory *target;
    struct fluit_recovery r;
};

/* Both tables have laid cards, in turns of 3 and 5, and all hold everything. */
static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->w = small_new(1);
    b->target = store_memory_new();
    small_join(b->w, 0);
    small_join(b->w, 1);
    small_tell_all(b->w);
    for (int i = 1; i <= SMALL_TABLES; i++) {
        small_lay(b->w, i, 0, 3);
        small_lay(b->w, i, 3, 5);
    }
    small_tell_all(b->w);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    fluit_recovery_deinit(&b->r);
    for (uint32_t i = 0; i < SOURCES_MAX; i++) {
        fluit_gather_source_deinit(&b->sources[i]);
        store_memory_free(b->stores[i]);
    }
    store_memory_free(b->target);
    small_free(b->w);
    free(b);
    return 0;
}

/* Sources. */

static void copy_value(struct store_memory *from, struct store_memory *to, const char *name)
{
    struct fluit_store a = store_memory_port(from), b = store_memory_port(to);
    struct fluit_buf value = FLUIT_BUF_INIT;
    assert_int_equal(a.ops->value(a.self, name, &value), FLUIT_OK);
    assert_int_equal(b.ops->put(b.self, name, fluit_buf_slice(&value)), FLUIT_OK);
    fluit_buf_deinit(&value);
}

struct copying {
    struct store_memory *from, *to;
    struct fluit_feed_id short_one; /* this feed only */
    uint64_t up_to;                 /* up to here */
};

static enum fluit_err copy_feed(void *arg, const struct fluit_feed_info *info)
{
    struct copying *c = arg;
    struct fluit_store a = store_memory_port(c->from), b = store_memory_port(c->to);
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    bool cut = memcmp(info->id.b, c->short_one.b, sizeof info->id.b) == 0;
    for (uint64_t seq = 1; seq <= info->seq && (!cut || seq <= c->up_to); seq++) {
        struct fluit_stored e;
        assert_int_equal(a.ops->get(a.self, &info->id, seq, &e, &scratch), FLUIT_OK);
        assert_int_equal(
            b.ops->append(b.self, info, e.header, e.payload, e.has_sig ? &e.sig : NULL), FLUIT_OK);
    }
    fluit_buf_deinit(&scratch);
    return FLUIT_OK;
}

/* What disk holds, but of one feed only up to a number, as one more source. */
static struct store_memory *add_source(struct bench *b, struct store_memory *disk,
                                       const struct fluit_feed_id *short_one, uint64_t up_to)
{
    struct copying c = {.from = disk, .to = store_memory_new(), .up_to = up_to};
    struct fluit_store port = store_memory_port(disk);
    if (short_one)
        c.short_one = *short_one;
    copy_value(disk, c.to, "workshop");
    copy_value(disk, c.to, "root");
    copy_value(disk, c.to, "roster");
    assert_int_equal(port.ops->feeds(port.self, copy_feed, &c), FLUIT_OK);
    b->stores[b->count] = c.to;
    b->sources[b->count++].store = store_memory_port(c.to);
    return c.to;
}

static const struct fluit_feed_info *own(struct bench *b, int i)
{
    struct fluit_node *node = small_node(b->w, i);
    return &node->replica.feeds[node->own.index]->info;
}

static bool is_signed(struct store_memory *disk, const struct fluit_feed_id *id, uint64_t seq)
{
    struct fluit_store port = store_memory_port(disk);
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored stored;
    assert_int_equal(port.ops->get(port.self, id, seq, &stored, &scratch), FLUIT_OK);
    fluit_buf_deinit(&scratch);
    return stored.has_sig;
}

/* The signed head before the one at seq. */
static uint64_t head_before(struct store_memory *disk, const struct fluit_feed_id *id, uint64_t seq)
{
    do
        seq--;
    while (seq > 0 && !is_signed(disk, id, seq));
    return seq;
}

/* The result. */

static enum fluit_err run_with(struct bench *b, const struct fluit_secret *key)
{
    static const uint8_t entropy[32] = {3};
    return fluit_recovery_run(&b->r, store_memory_port(b->target), key, b->sources, b->count,
                              entropy);
}

static enum fluit_err run(struct bench *b)
{
    return run_with(b, &b->w->recovery);
}

static struct fluit_hash digest_of(struct bench *b, struct store_memory *disk)
{
    struct fluit_replica replica;
    assert_int_equal(
        fluit_replica_init(&replica, store_memory_port(disk), &b->w->hub->node.workshop), FLUIT_OK);
    struct fluit_hash digest = fluit_replica_digest(&replica);
    fluit_replica_deinit(&replica);
    return digest;
}

static void assert_whole(struct bench *b)
{
    struct fluit_hash is = digest_of(b, b->target), was = digest_of(b, b->w->disks[0]);
    assert_memory_equal(is.b, was.b, sizeof is.b);
    for (uint32_t i = 0; i < b->r.node.replica.count; i++) {
        const struct fluit_feed *feed = b->r.node.replica.feeds[i];
        assert_true(feed->known_seq <= feed->info.seq);
        assert_false(feed->forked);
    }
}

static const struct fluit_feed *recovered(const struct bench *b, const struct fluit_feed_id *id)
{
    int index = fluit_replica_find(&b->r.node.replica, id);
    assert_true(index >= 0);
    return b->r.node.replica.feeds[index];
}

static void assert_value(struct bench *b, const char *name, const void *data, size_t len)
{
    struct fluit_store port = store_memory_port(b->target);
    struct fluit_buf value = FLUIT_BUF_INIT;
    assert_int_equal(port.ops->value(port.self, name, &value), FLUIT_OK);
    assert_int_equal(value.len, len);
    assert_memory_equal(value.data, data, len);
    fluit_buf_deinit(&value);
}

/* Tests. */

static void one_table_is_enough(void **state)
{
    struct bench *b = *state;
    static const uint8_t lead[] = {1};
    struct fluit_slice yaml = fluit_script_builtin("leren");
    add_source(b, b->w->disks[2], NULL, NOT_CUT);
    assert_int_equal(run(b), FLUIT_OK);
    assert_whole(b);
    assert_int_equal(b->sources[0].taken, own(b, 0)->seq + own(b, 1)->seq + own(b, 2)->seq);
    assert_false(b->sources[0].damaged);
    assert_value(b, "lead", lead, sizeof lead);
    assert_value(b, "script", yaml.data, yaml.len);
    assert_value(b, "seed", b->w->recovery.b, sizeof b->w->recovery.b);
}

/* What was put there is all that a node needs to start from: nothing hangs on the process. */
static void the_new_hub_reads_all_after_a_restart(void **state)
{
    struct bench *b = *state;
    struct fluit_node node;
    struct fluit_effects fx = {0};
    const struct fluit_node_hooks none = {0};
    const uint8_t entropy[32] = {5};
    add_source(b, b->w->disks[1], NULL, NOT_CUT);
    assert_int_equal(run(b), FLUIT_OK);
    assert_int_equal(store_memory_commit(b->target), FLUIT_OK);
    uint32_t keys = b->r.node.keyring.count;
    assert_int_equal(keys, 3 + SMALL_TABLES); /* room, root, and a story key each, of the hub too */
    assert_int_equal(fluit_node_init(&node, store_memory_port(b->target), &none, entropy),
                     FLUIT_OK);
    node.reading = true;
    assert_int_equal(fluit_node_join(&node, &fx), FLUIT_OK);
    assert_int_equal(node.keyring.count, keys);
    assert_int_equal(node.unread_count, 0);
    for (uint8_t table = 1; table <= SMALL_TABLES; table++)
        assert_int_equal(fluit_fold_counts(node.fold, table, 1).cards, 8);
    fluit_effects_deinit(&fx);
    fluit_node_deinit(&node);
}

static void short_copies_complete_each_other(void **state)
{
    struct bench *b = *state;
    const struct fluit_feed_info *hub = own(b, 0), *table = own(b, 2);
    uint64_t hub_cut = head_before(b->w->disks[0], &hub->id, hub->seq);
    uint64_t table_cut = head_before(b->w->disks[2], &table->id, table->seq);
    assert_true(hub_cut > 0 && table_cut > 0);
    add_source(b, b->w->disks[0], &hub->id, hub_cut);
    add_source(b, b->w->disks[2], &table->id, table_cut);
    assert_int_equal(run(b), FLUIT_OK);
    assert_whole(b);
    assert_int_equal(b->sources[1].taken, hub->seq - hub_cut);
    assert_false(b->sources[0].damaged || b->sources[1].damaged);
}

/* Both are damaged between the same two signed heads, in different places. */
static void damaged_copies_complete_each_other(void **state)
{
    struct bench *b = *state;
    const struct fluit_feed_info *table = own(b, 1);
    struct store_memory *one = add_source(b, b->w->disks[1], NULL, NOT_CUT);
    struct store_memory *two = add_source(b, b->w->disks[2], NULL, NOT_CUT);
    assert_true(head_before(one, &table->id, table->seq) < table->seq - 3);
    assert_true(store_memory_flip_payload(one, &table->id, table->seq - 1, 30, 1));
    assert_true(store_memory_flip_header(one, &table->id, table->seq - 2, 17, 1));
    assert_true(store_memory_flip_payload(two, &table->id, table->seq - 3, 30, 1));
    assert_int_equal(run(b), FLUIT_OK);
    assert_whole(b);
    assert_true(b->sources[0].damaged);
    assert_int_equal(b->sources[1].taken, 2);
}

static void nothing_after_a_break_is_taken(void **state)
{
    struct bench *b = *state;
    const struct fluit_feed_info *table = own(b, 1);
    struct store_memory *one = add_source(b, b->w->disks[1], NULL, NOT_CUT);
    uint64_t last_good = head_before(one, &table->id, table->seq);
    assert_true(store_memory_flip_header(one, &table->id, last_good + 2, 100, 1));
    assert_int_equal(run(b), FLUIT_OK);
    const struct fluit_feed *feed = recovered(b, &table->id);
    assert_int_equal(feed->info.seq, last_good);
    assert_int_equal(feed->known_seq, table->seq);
    assert_true(b->sources[0].damaged);
    assert_int_equal(fluit_fold_counts(b->r.node.fold, 1, 1).cards, 3);
}

/* Somebody with a device's disk can append, but not sign. */
static void nothing_unsigned_is_taken(void **state)
{
    struct bench *b = *state;
    const struct fluit_feed_info *table = own(b, 1);
    struct store_memory *one = add_source(b, b->w->disks[1], NULL, NOT_CUT);
    struct fluit_store port = store_memory_port(one);
    struct kit_feed forger = {.info = *table, .workshop = b->w->hub->node.workshop};
    struct kit_feed stranger;
    memset(&forger.sk, 9, sizeof forger.sk);
    assert_int_equal(kit_feed_append(&forger, &port, fluit_slice_str("forged"), true), FLUIT_OK);
    kit_feed_init(&stranger, 4);
    stranger.workshop = forger.workshop;
    assert_int_equal(kit_feed_append(&stranger, &port, fluit_slice_str("hello"), true), FLUIT_OK);
    assert_int_equal(run(b), FLUIT_OK);
    assert_whole(b);
    assert_true(b->sources[0].damaged);
}

/* The first table's roster does not know the second table; the hub's feed does. */
static void members_who_came_later_are_found(void **state)
{
    struct bench *b = *state;
    struct small *w = small_new(2);
    small_join(w, 0);
    struct store_memory *early = store_memory_new();
    copy_value(w->disks[1], early, "roster");
    small_join(w, 1);
    small_tell_all(w);
    small_lay(w, 2, 0, 3);
    small_tell_all(w);
    struct store_memory *source = add_source(b, w->disks[1], NULL, NOT_CUT);
    copy_value(early, source, "roster");
    assert_int_equal(run_with(b, &w->recovery), FLUIT_OK);
    assert_int_equal(b->r.node.roster.count, 4);
    assert_int_equal(fluit_fold_counts(b->r.node.fold, 2, 1).cards, 3);
    store_memory_free(early);
    small_free(w);
}

static void a_wrong_key_changes_nothing(void **state)
{
    struct bench *b = *state;
    struct fluit_secret wrong = {{1}};
    add_source(b, b->w->disks[1], NULL, NOT_CUT);
    assert_int_equal(run_with(b, &wrong), FLUIT_E_AUTH);
    assert_false(store_memory_is_pending(b->target));
}

static void another_workshop_is_left_out(void **state)
{
    struct bench *b = *state;
    struct small *other = small_new(3);
    small_join(other, 0);
    add_source(b, other->disks[1], NULL, NOT_CUT);
    assert_int_equal(run(b), FLUIT_E_AUTH);
    add_source(b, b->w->disks[1], NULL, NOT_CUT);
    b->stores[b->count] = store_memory_new(); /* empty */
    b->sources[b->count] =
        (struct fluit_gather_source){.store = store_memory_port(b->stores[b->count])};
    b->count++;
    assert_int_equal(run(b), FLUIT_OK);
    assert_whole(b);
    assert_int_equal(b->sources[0].err, FLUIT_E_WORKSHOP);
    assert_int_equal(b->sources[1].err, FLUIT_OK);
    assert_int_equal(b->sources[2].err, FLUIT_E_MISSING);
    assert_int_equal(b->sources[0].taken, 0);
    small_free(other);
}

/* Anyone knows the recovery key's public half, and can put it into a roster of his own making. */
static void two_workshops_that_claim_the_key_are_refused(void **state)
{
    struct bench *b = *state;
    struct fluit_store port;
    struct fluit_secret seed = {{6}};
    struct fluit_sign_pk root;
    struct fluit_sign_sk root_sk;
    struct fluit_buf bytes = FLUIT_BUF_INIT, body = FLUIT_BUF_INIT;
    add_source(b, b->w->disks[1], NULL, NOT_CUT);
    port = store_memory_port(add_source(b, b->w->disks[2], NULL, NOT_CUT));
    fluit_sign_keypair(&seed, &root, &root_sk);
    fluit_roster_put(&b->w->hub->node.roster, &b->w->hub->node.workshop, &bytes);
    struct fluit_sig sig = fluit_roster_sign(&root_sk, fluit_buf_slice(&bytes));
    fluit_roster_body_put(&body, fluit_buf_slice(&bytes), &sig);
    assert_int_equal(port.ops->put(port.self, "root", fluit_slice(root.b, sizeof root.b)),
                     FLUIT_OK);
    assert_int_equal(port.ops->put(port.self, "roster", fluit_buf_slice(&body)), FLUIT_OK);
    assert_int_equal(run(b), FLUIT_E_FORK);
    assert_int_equal(b->r.at_odds[0], 0);
    assert_int_equal(b->r.at_odds[1], 1);
    assert_false(store_memory_is_pending(b->target));
    fluit_buf_deinit(&bytes);
    fluit_buf_deinit(&body);
}

static void a_source_without_a_good_roster_still_helps(void **state)
{
    struct bench *b = *state;
    const struct fluit_feed_info *hub = own(b, 0);
    add_source(b, b->w->disks[1], &hub->id, 0);
    struct fluit_store port = store_memory_port(add_source(b, b->w->disks[2], NULL, NOT_CUT));
    assert_int_equal(port.ops->put(port.self, "roster", fluit_slice_str("rot")), FLUIT_OK);
    assert_int_equal(run(b), FLUIT_OK);
    assert_whole(b);
    assert_true(b->sources[1].damaged);
    assert_int_equal(b->sources[1].taken, hub->seq);
}

static void without_the_hubs_feed_there_is_no_hub(void **state)
{
    struct bench *b = *state;
    add_source(b, b->w->disks[1], &own(b, 0)->id, 0);
    assert_int_equal(run(b), FLUIT_E_NOKEY);
}

static void a_hubs_feed_that_is_damaged_at_its_keys_is_not_enough(void **state)
{
    struct bench *b = *state;
    struct store_memory *one = add_source(b, b->w->disks[1], NULL, NOT_CUT);
    assert_true(store_memory_flip_payload(one, &own(b, 0)->id, 2, 30, 1));
    assert_int_equal(run(b), FLUIT_E_NOKEY);
}

/* Two devices with one key: each has a story of its own. */
static void a_fork_is_noticed(void **state)
{
    struct bench *b = *state;
    const struct fluit_feed_info *table = own(b, 1);
    uint64_t split = head_before(b->w->disks[1], &table->id, table->seq);
    add_source(b, b->w->disks[2], NULL, NOT_CUT);
    struct store_memory *two = add_source(b, b->w->disks[1], &table->id, split);
    struct fluit_store port = store_memory_port(two);
    struct kit_feed fork = {.sk = b->w->tables[0]->node.self.sign_sk,
                            .workshop = b->w->hub->node.workshop,
                            .info = *table};
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored stored;
    assert_int_equal(port.ops->get(port.self, &table->id, split, &stored, &scratch), FLUIT_OK);
    fork.info.seq = split;
    fork.info.hash = fluit_header_hash(stored.header);
    assert_int_equal(kit_feed_append(&fork, &port, fluit_slice_str("other"), true), FLUIT_OK);
    assert_int_equal(run(b), FLUIT_OK);
    assert_true(recovered(b, &table->id)->forked);
    assert_int_equal(recovered(b, &table->id)->info.seq, table->seq);
    fluit_buf_deinit(&scratch);
}

static void a_cut_tells_what_is_missing(void **state)
{
    struct bench *b = *state;
    const struct fluit_feed_info *one = own(b, 1), *two = own(b, 2);
    struct fluit_cut_head heads[] = {{.feed = one->id, .seq = one->seq + 10, .hash = one->hash},
                                     {.feed = two->id, .seq = two->seq, .hash = two->hash},
                                     {.feed = {{0xee}}, .seq = 7}};
    struct fluit_act act = {.kind = FLUIT_KIND_CUT};
    act.cut.round = 1;
    act.cut.term = 1;
    act.cut.closed_us = 1790000000000000;
    act.cut.heads = heads;
    act.cut.head_count = 3;
    small_append(b->w, 0, &act, 0);
    small_turn_end(b->w, 0);
    add_source(b, b->w->disks[0], NULL, NOT_CUT);
    assert_int_equal(run(b), FLUIT_OK);
    assert_int_equal(recovered(b, &one->id)->known_seq, one->seq + 10);
    assert_int_equal(recovered(b, &two->id)->known_seq, two->seq);
    assert_int_equal(b->r.gone_count, 1);
    assert_memory_equal(b->r.gone[0].feed.b, heads[2].feed.b, 32);
    assert_int_equal(b->r.gone[0].seq, 7);
}

static void a_used_directory_is_refused(void **state)
{
    struct bench *b = *state;
    struct fluit_store port = store_memory_port(b->target);
    add_source(b, b->w->disks[1], NULL, NOT_CUT);
    copy_value(b->w->disks[1], b->target, "workshop");
    assert_int_equal(run(b), FLUIT_E_USED);
    assert_int_equal(port.ops->drop(port.self, "workshop"), FLUIT_OK);
    copy_value(b->w->disks[1], b->target, "seed");
    assert_int_equal(run(b), FLUIT_E_USED);
}

/* Wherever the new disk fails: an error, and nothing that could be taken for a hub. */
static void a_failing_disk_leaves_nothing(void **state)
{
    struct bench *b = *state;
    static const enum store_memory_call calls[] = {STORE_MEMORY_APPEND, STORE_MEMORY_PUT};
    add_source(b, b->w->disks[1], NULL, NOT_CUT);
    for (size_t c = 0; c < 2; c++)
        for (uint32_t nth = 1;; nth++) {
            store_memory_fail(b->target, calls[c], nth, FLUIT_E_FULL);
            enum fluit_err err = run(b);
            store_memory_crash(b->target);
            fluit_recovery_deinit(&b->r);
            if (!err && nth > 5)
                break;
            assert_int_equal(err, FLUIT_E_FULL);
            assert_int_equal(fluit_recovery_check(store_memory_port(b->target)), FLUIT_OK);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_table_is_enough),
        TEST(the_new_hub_reads_all_after_a_restart),
        TEST(short_copies_complete_each_other),
        TEST(damaged_copies_complete_each_other),
        TEST(nothing_after_a_break_is_taken),
        TEST(nothing_unsigned_is_taken),
        TEST(members_who_came_later_are_found),
        TEST(a_wrong_key_changes_nothing),
        TEST(another_workshop_is_left_out),
        TEST(two_workshops_that_claim_the_key_are_refused),
        TEST(a_source_without_a_good_roster_still_helps),
        TEST(without_the_hubs_feed_there_is_no_hub),
        TEST(a_hubs_feed_that_is_damaged_at_its_keys_is_not_enough),
        TEST(a_fork_is_noticed),
        TEST(a_cut_tells_what_is_missing),
        TEST(a_used_directory_is_refused),
        TEST(a_failing_disk_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
