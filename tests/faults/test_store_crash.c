/* The store over a disk that fails: at every operation of a script, one after the other, the power
 * goes, the disk fills up, or a write or fsync fails. What a commit said is saved must be there
 * after reopening, a turn is there whole or not at all, and the node can go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/io/store_sqlite.h"
#include "proto/verify.h"
#include "tests/faults/vfs_crash.h"
#include "tests/kit/dirkit.h"
#include "tests/kit/feedkit.h"

#define FEEDS     2
#define TURNS_MAX 40

/* What a script does; turn numbers are from 1. */
struct script {
    unsigned turns;
    unsigned truncate_every; /* checkpoint_truncate after these turns; 0: never */
    unsigned reopen_after;   /* close and open after this turn; 0: never */
    size_t large_len;        /* payload of feed 0 in every third turn */
    unsigned large_count;    /* how many of them */
};

static const struct script small = {
    .turns = 12, .truncate_every = 5, .reopen_after = 7, .large_len = 9000, .large_count = 1};
/* Spills the cache within a turn and passes the size at which a commit checkpoints. */
static const struct script large = {
    .turns = 12, .truncate_every = 0, .reopen_after = 0, .large_len = 190000, .large_count = 8};

/* The state after each turn of the script, from a run without faults. [0]: nothing yet. */
struct expected {
    struct kit_feed feeds[FEEDS];
    struct fluit_hash digest;
    char names[200];
};

struct run {
    struct vfs_crash *v;
    const struct script *script;
    char *dir;
    struct fluit_store_sqlite *s;
    struct fluit_store store;
    struct kit_feed feeds[FEEDS];
    unsigned acked; /* turns whose commit returned OK */
    struct fluit_buf why;
    uint8_t *large;
};

static void ignore(void *arg, const struct fluit_verified *feed)
{
    (void)arg, (void)feed;
}

static enum fluit_err join_names(void *arg, const char *name, struct fluit_slice value)
{
    char *names = arg;
    size_t len = strlen(names);
    snprintf(names + len, sizeof(((struct expected *)0)->names) - len, "%s=%.*s ", name,
             (int)value.len, (const char *)value.data);
    return FLUIT_OK;
}

static enum fluit_err look(struct run *r, struct expected *out)
{
    memset(out->names, 0, sizeof out->names);
    memcpy(out->feeds, r->feeds, sizeof out->feeds);
    enum fluit_err err = r->store.ops->values(r->store.self, "key/", join_names, out->names);
    return err ? err : fluit_verify_store(&r->store, ignore, NULL, &out->digest);
}

static enum fluit_err open_store(struct run *r)
{
    fluit_store_close(r->s);
    r->s = NULL;
    fluit_buf_reset(&r->why);
    enum fluit_err err =
        fluit_store_open_vfs(r->dir, VFS_CRASH_NAME, FLUIT_STORE_CREATE, &r->s, &r->why);
    if (!err)
        r->store = fluit_store_port(r->s);
    return err;
}

static void begin(struct run *r, struct vfs_crash *v, const struct script *script)
{
    *r = (struct run){.v = v, .script = script, .dir = kit_dir_new()};
    r->large = calloc(1, script->large_len);
    /* What datadir would make, without its fsyncs, which are real and slow. */
    char *db = kit_path(r->dir, "fluit.db");
    FILE *file = fopen(db, "wb");
    assert_non_null(file);
    fclose(file);
    free(db);
    for (uint8_t i = 0; i < FEEDS; i++)
        kit_feed_init(&r->feeds[i], (uint8_t)(i + 1));
    vfs_crash_reset(v);
}

static void finish(struct run *r)
{
    fluit_store_close(r->s);
    vfs_crash_reset(r->v);
    kit_dir_free(r->dir);
    fluit_buf_deinit(&r->why);
    free(r->large);
}

static enum fluit_err append(struct run *r, int feed, struct fluit_slice payload, bool sign)
{
    return kit_feed_append(&r->feeds[feed], &r->store, payload, sign);
}

static enum fluit_err large_entries(struct run *r, unsigned turn)
{
    enum fluit_err err = FLUIT_OK;
    memset(r->large, (int)turn, r->script->large_len);
    for (unsigned i = 0; !err && i < r->script->large_count; i++)
        err = append(r, 0, fluit_slice(r->large, r->script->large_len), false);
    return err;
}

/* Feed 1 signs what it appended in a call of its own, as a batch does. */
static enum fluit_err sign_later(struct run *r)
{
    struct kit_feed *f = &r->feeds[1];
    enum fluit_err err = append(r, 1, fluit_slice_str("later"), false);
    if (err)
        return err;
    f->info.signed_seq = f->info.seq;
    f->info.sig = fluit_head_sign(&f->sk, &f->workshop, &f->info.id, f->info.seq, &f->info.hash);
    return r->store.ops->sign(r->store.self, &f->info.id, f->info.seq, &f->info.sig);
}

/* A round's key comes, and the one before the last goes. */
static enum fluit_err turn_keys(struct run *r, unsigned turn)
{
    char name[32], text[32];
    snprintf(text, sizeof text, "%u", turn);
    snprintf(name, sizeof name, "key/%03u", turn);
    enum fluit_err err = r->store.ops->put(r->store.self, name, fluit_slice_str(text));
    if (!err)
        err = r->store.ops->put(r->store.self, "turn", fluit_slice_str(text));
    snprintf(name, sizeof name, "key/%03u", turn - 2);
    if (!err && turn > 2)
        err = r->store.ops->drop(r->store.self, name);
    return err;
}

static enum fluit_err play_turn(struct run *r, unsigned turn)
{
    const struct script *script = r->script;
    enum fluit_err err = turn == 1 ? kit_put_workshop(&r->store) : FLUIT_OK;
    if (!err && turn % 3 == 0)
        err = large_entries(r, turn);
    if (!err)
        err = append(r, 0, fluit_slice_str("a word"), false);
    if (!err)
        err = append(r, 0, fluit_slice_str("and another"), true);
    if (!err && turn % 2 == 0)
        err = sign_later(r);
    if (!err)
        err = turn_keys(r, turn);
    if (!err)
        err = fluit_store_commit(r->s);
    if (err)
        return err;
    r->acked = turn;
    if (script->truncate_every && turn % script->truncate_every == 0)
        err = fluit_store_checkpoint_truncate(r->s);
    if (!err && turn == script->reopen_after)
        err = open_store(r);
    return err;
}

/* The turns after the acked ones, up to the first error. */
static enum fluit_err play(struct run *r)
{
    enum fluit_err err = FLUIT_OK;
    while (!err && r->acked < r->script->turns)
        err = play_turn(r, r->acked + 1);
    return err;
}

static enum fluit_err open_and_play(struct run *r)
{
    enum fluit_err err = open_store(r);
    return err ? err : play(r);
}

/* Without faults; counts gets the operations of each kind, all of them last, up to the last turn.
 */
static void rehearse(struct vfs_crash *v, const struct script *script, struct expected *expected,
                     unsigned *counts)
{
    struct run r;
    begin(&r, v, script);
    memcpy(expected[0].feeds, r.feeds, sizeof r.feeds);
    assert_int_equal(open_store(&r), FLUIT_OK);
    for (unsigned turn = 1; turn <= script->turns; turn++) {
        assert_int_equal(play_turn(&r, turn), FLUIT_OK);
        assert_int_equal(look(&r, &expected[turn]), FLUIT_OK);
    }
    for (int op = 0; op <= VFS_OP_COUNT; op++)
        counts[op] = vfs_crash_count(v, (enum vfs_op)op);
    finish(&r);
}

static unsigned turn_held(struct run *r)
{
    struct fluit_buf text = FLUIT_BUF_INIT;
    enum fluit_err err = r->store.ops->value(r->store.self, "turn", &text);
    unsigned turn = err ? 0 : (unsigned)strtoul(fluit_buf_text(&text), NULL, 10);
    assert_true(err == FLUIT_OK || err == FLUIT_E_MISSING);
    fluit_buf_deinit(&text);
    return turn;
}

static void same_state(const struct expected *got, const struct expected *want, const char *where)
{
    if (memcmp(got->digest.b, want->digest.b, sizeof got->digest.b) != 0)
        fail_msg("%s: other entries than were appended", where);
    if (strcmp(got->names, want->names) != 0)
        fail_msg("%s: values are %s, not %s", where, got->names, want->names);
}

/* Opens what is left, compares it with the script, and plays on to its end. */
static void check(struct run *r, const struct expected *expected, const char *where)
{
    struct expected got = {0};
    enum fluit_err err = open_store(r);
    if (err)
        fail_msg("%s: does not open: %s", where, fluit_buf_text(&r->why));
    unsigned turn = turn_held(r);
    if (turn < r->acked || turn > r->acked + 1)
        fail_msg("%s: turn %u was acknowledged, turn %u is held", where, r->acked, turn);
    memcpy(r->feeds, expected[turn].feeds, sizeof r->feeds);
    if (turn > 0) {
        err = look(r, &got);
        if (err)
            fail_msg("%s: does not verify: %s", where, fluit_err_text(err));
        same_state(&got, &expected[turn], where);
    }
    r->acked = turn;
    err = play(r);
    if (err)
        fail_msg("%s: can't go on: %s", where, fluit_err_text(err));
    assert_int_equal(look(r, &got), FLUIT_OK);
    same_state(&got, &expected[r->script->turns], where);
}

static void cut_power(struct vfs_crash *v, const struct script *script,
                      const struct expected *expected, unsigned at, uint64_t seed)
{
    char where[80];
    struct run r;
    snprintf(where, sizeof where, "power cut at operation %u, seed %llu", at,
             (unsigned long long)seed);
    begin(&r, v, script);
    vfs_crash_at(v, at);
    enum fluit_err err = open_and_play(&r);
    fluit_store_close(r.s);
    r.s = NULL;
    if (!vfs_crash_happened(v))
        fail_msg("%s: never came", where);
    if (err && err != FLUIT_E_IO)
        fail_msg("%s: said %s", where, fluit_err_text(err));
    vfs_crash_settle(v, seed);
    check(&r, expected, where);
    finish(&r);
}

static void keeps_what_was_committed_when_the_power_goes_anywhere(void **state)
{
    struct expected expected[TURNS_MAX + 1];
    unsigned counts[VFS_OP_COUNT + 1];
    rehearse(*state, &small, expected, counts);
    assert_true(counts[VFS_OP_SYNC] > small.turns && counts[VFS_OP_TRUNCATE] > 0);
    /* Lose all, keep all (see vfs_crash_settle), and four by luck. */
    static const uint64_t seeds[] = {0, 1, 2, 3, 6, 7};
    for (unsigned at = 1; at <= counts[VFS_OP_COUNT]; at++)
        for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
            cut_power(*state, &small, expected, at, 8 * at + seeds[i]);
    print_message("%u operations, 6 power cuts at each\n", counts[VFS_OP_COUNT]);
}

static void keeps_it_through_checkpoints_of_large_turns(void **state)
{
    struct expected expected[TURNS_MAX + 1];
    unsigned counts[VFS_OP_COUNT + 1];
    rehearse(*state, &large, expected, counts);
    /* A prime step meets headers, pages and checkpoint alike. */
    for (unsigned at = 1; at <= counts[VFS_OP_COUNT]; at += 131)
        cut_power(*state, &large, expected, at, at);
    print_message("%u operations, a power cut at every 131st\n", counts[VFS_OP_COUNT]);
}

/* Every later call says the same, reading included. */
static void assert_broken(struct run *r, enum fluit_err err, const char *where)
{
    struct fluit_stored got;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    if (append(r, 0, fluit_slice_str("x"), true) != err || fluit_store_commit(r->s) != err ||
        r->store.ops->get(r->store.self, &r->feeds[0].info.id, 1, &got, &buf) != err ||
        r->store.ops->put(r->store.self, "turn", fluit_slice_str("x")) != err ||
        fluit_store_checkpoint_truncate(r->s) != err)
        fail_msg("%s: the store works on", where);
    fluit_buf_deinit(&buf);
}

/* seed 0: the machine stays up. Returns what the node was told. */
static enum fluit_err fail_once(struct vfs_crash *v, const struct script *script,
                                const struct expected *expected, enum vfs_op op, unsigned nth,
                                int code, uint64_t seed)
{
    static const char *const names[] = {"write", "sync", "truncate", "delete"};
    enum fluit_err want = code == SQLITE_FULL ? FLUIT_E_FULL : FLUIT_E_IO;
    char where[80];
    struct run r;
    snprintf(where, sizeof where, "%s %u fails with %d, seed %llu", names[op], nth, code,
             (unsigned long long)seed);
    begin(&r, v, script);
    vfs_crash_fail(v, op, nth, code);
    enum fluit_err err = open_and_play(&r);
    /* SQLite may do without: a checkpoint at closing, a removed file. */
    if (err && err != want)
        fail_msg("%s: said %s", where, fluit_err_text(err));
    if (err && r.s)
        assert_broken(&r, err, where);
    else if (err && (r.why.len == 0 || strchr(fluit_buf_text(&r.why), '\n')))
        fail_msg("%s: the reason is \"%s\"", where, fluit_buf_text(&r.why));
    fluit_store_close(r.s);
    r.s = NULL;
    if (seed)
        vfs_crash_settle(v, seed);
    check(&r, expected, where);
    finish(&r);
    return err;
}

static void fail_each(struct vfs_crash *v, enum vfs_op op, int code)
{
    struct expected expected[TURNS_MAX + 1];
    unsigned counts[VFS_OP_COUNT + 1];
    rehearse(v, &small, expected, counts);
    assert_true(counts[op] > 0);
    for (unsigned nth = 1; nth <= counts[op]; nth++) {
        fail_once(v, &small, expected, op, nth, code, 0);
        fail_once(v, &small, expected, op, nth, code, 4 * nth + nth % 4);
    }
}

static void a_full_disk_ends_the_store_and_loses_nothing(void **state)
{
    fail_each(*state, VFS_OP_WRITE, SQLITE_FULL);
}

static void a_failed_write_ends_the_store_and_loses_nothing(void **state)
{
    fail_each(*state, VFS_OP_WRITE, SQLITE_IOERR_WRITE);
}

static void a_failed_fsync_ends_the_store_and_loses_nothing(void **state)
{
    fail_each(*state, VFS_OP_SYNC, SQLITE_IOERR_FSYNC);
}

/* SQLite itself would keep it from us. */
static void a_failed_fsync_in_a_checkpoint_is_not_hidden(void **state)
{
    struct expected expected[TURNS_MAX + 1];
    unsigned counts[VFS_OP_COUNT + 1];
    rehearse(*state, &large, expected, counts);
    /* Three make the database, one is a commit's; the rest are the checkpoints'. */
    assert_true(counts[VFS_OP_SYNC] > 3 + large.turns);
    for (unsigned nth = 1; nth <= counts[VFS_OP_SYNC]; nth++)
        assert_int_equal(
            fail_once(*state, &large, expected, VFS_OP_SYNC, nth, SQLITE_IOERR_FSYNC, 0),
            FLUIT_E_IO);
}

static void a_failed_truncate_loses_nothing(void **state)
{
    fail_each(*state, VFS_OP_TRUNCATE, SQLITE_IOERR_TRUNCATE);
}

static int setup(void **state)
{
    *state = vfs_crash_new();
    return 0;
}

static int teardown(void **state)
{
    vfs_crash_free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_what_was_committed_when_the_power_goes_anywhere),
        TEST(keeps_it_through_checkpoints_of_large_turns),
        TEST(a_full_disk_ends_the_store_and_loses_nothing),
        TEST(a_failed_write_ends_the_store_and_loses_nothing),
        TEST(a_failed_fsync_ends_the_store_and_loses_nothing),
        TEST(a_failed_fsync_in_a_checkpoint_is_not_hidden),
        TEST(a_failed_truncate_loses_nothing),
    };
    return fluit_crypto_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
