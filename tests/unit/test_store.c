#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/io/store_sqlite.h"
#include "tests/kit/dirkit.h"
#include "tests/kit/feedkit.h"

struct fixture {
    char *dir;
    struct fluit_store_sqlite *s;
    struct fluit_store store;
    struct kit_feed feed;
    struct fluit_buf why, buf;
};

static enum fluit_err open_again(struct fixture *f, unsigned flags)
{
    fluit_store_close(f->s);
    f->s = NULL;
    fluit_buf_reset(&f->why);
    enum fluit_err err = fluit_store_open(f->dir, flags, &f->s, &f->why);
    if (!err)
        f->store = fluit_store_port(f->s);
    return err;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->dir = kit_dir_new();
    kit_feed_init(&f->feed, 1);
    *state = f;
    return open_again(f, FLUIT_STORE_CREATE) != FLUIT_OK;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_store_close(f->s);
    fluit_buf_deinit(&f->why);
    fluit_buf_deinit(&f->buf);
    kit_dir_free(f->dir);
    free(f);
    return 0;
}

static enum fluit_err append(struct fixture *f, const char *text, bool sign)
{
    return kit_feed_append(&f->feed, &f->store, fluit_slice_str(text), sign);
}

static void assert_entry(struct fixture *f, uint64_t seq, const char *text, bool has_sig)
{
    struct fluit_stored got;
    assert_int_equal(f->store.ops->get(f->store.self, &f->feed.info.id, seq, &got, &f->buf),
                     FLUIT_OK);
    assert_true(fluit_slice_is(got.payload, text));
    assert_int_equal(got.has_sig, has_sig);
}

static enum fluit_err get(struct fixture *f, uint64_t seq)
{
    struct fluit_stored got;
    return f->store.ops->get(f->store.self, &f->feed.info.id, seq, &got, &f->buf);
}

static enum fluit_err put(struct fixture *f, const char *name, const char *value)
{
    return f->store.ops->put(f->store.self, name, fluit_slice_str(value));
}

static enum fluit_err value(struct fixture *f, const char *name)
{
    return f->store.ops->value(f->store.self, name, &f->buf);
}

static enum fluit_err copy_info(void *arg, const struct fluit_feed_info *info)
{
    *(struct fluit_feed_info *)arg = *info;
    return FLUIT_OK;
}

static void sql(struct fixture *f, const char *text)
{
    char *path = kit_path(f->dir, "fluit.db"), *message = NULL;
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &message))
        fail_msg("%s", message);
    sqlite3_close(db);
    free(path);
}

static void what_was_appended_reads_back_at_once(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info info = {0};
    assert_int_equal(append(f, "one", false), FLUIT_OK);
    assert_int_equal(append(f, "", true), FLUIT_OK);
    assert_entry(f, 1, "one", false);
    assert_entry(f, 2, "", true);
    struct fluit_stored got;
    assert_int_equal(f->store.ops->get(f->store.self, &f->feed.info.id, 2, &got, &f->buf),
                     FLUIT_OK);
    assert_memory_equal(got.header, f->feed.header, FLUIT_HEADER_LEN);
    assert_memory_equal(got.sig.b, f->feed.info.sig.b, sizeof got.sig.b);
    assert_int_equal(get(f, 0), FLUIT_E_MISSING);
    assert_int_equal(get(f, 3), FLUIT_E_MISSING);
    assert_int_equal(get(f, UINT64_MAX), FLUIT_E_MISSING);
    assert_int_equal(f->store.ops->feeds(f->store.self, copy_info, &info), FLUIT_OK);
    assert_memory_equal(&info, &f->feed.info, sizeof info);
}

static void what_was_committed_is_there_after_reopening(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info info = {0};
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(put(f, "clock", "12"), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(open_again(f, 0), FLUIT_OK);
    assert_entry(f, 1, "one", true);
    assert_int_equal(value(f, "clock"), FLUIT_OK);
    assert_true(fluit_slice_is(fluit_buf_slice(&f->buf), "12"));
    assert_int_equal(f->store.ops->feeds(f->store.self, copy_info, &info), FLUIT_OK);
    assert_memory_equal(&info, &f->feed.info, sizeof info);
}

static void what_was_not_committed_is_gone(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    assert_int_equal(put(f, "clock", "12"), FLUIT_OK);
    assert_int_equal(open_again(f, 0), FLUIT_OK);
    assert_entry(f, 1, "one", true);
    assert_int_equal(get(f, 2), FLUIT_E_MISSING);
    assert_int_equal(value(f, "clock"), FLUIT_E_MISSING);
}

static void commit_without_writes_is_nothing(void **state)
{
    struct fixture *f = *state;
    char *wal = kit_path(f->dir, "fluit.db-wal");
    struct stat before, after;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(stat(wal, &before), 0);
    assert_entry(f, 1, "one", true);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(stat(wal, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    free(wal);
}

static void takes_only_the_next_entry(void **state)
{
    struct fixture *f = *state;
    struct kit_feed ahead = f->feed, other = f->feed;
    uint8_t header[FLUIT_HEADER_LEN];
    struct fluit_slice text = fluit_slice_str("text");
    ahead.info.seq = 1; /* its entry would be the second of a feed not known here */
    memset(&ahead.info.hash, 1, sizeof ahead.info.hash);
    assert_int_equal(kit_feed_append(&ahead, &f->store, text, true), FLUIT_E_CHAIN);
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    ahead.info.seq = 3;
    assert_int_equal(kit_feed_append(&ahead, &f->store, text, true), FLUIT_E_CHAIN);
    ahead.info.seq = 2; /* the right number after another entry */
    assert_int_equal(kit_feed_append(&ahead, &f->store, text, true), FLUIT_E_CHAIN);
    /* One that is held, the same or not, is refused and nothing is replaced. */
    assert_int_equal(kit_feed_append(&other, &f->store, text, true), FLUIT_E_CHAIN);
    kit_feed_make(&other, fluit_slice_str("one"), header);
    assert_int_equal(
        f->store.ops->append(f->store.self, &f->feed.info, header, fluit_slice_str("one"), NULL),
        FLUIT_E_CHAIN);
    assert_entry(f, 1, "one", true);
    /* And the refusals did not break the store. */
    assert_int_equal(append(f, "three", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_entry(f, 3, "three", true);
}

static void refuses_parts_that_do_not_belong_together(void **state)
{
    struct fixture *f = *state;
    struct kit_feed other;
    uint8_t header[FLUIT_HEADER_LEN];
    struct fluit_slice text = fluit_slice_str("text"), longer = fluit_slice_str("longer");
    const struct fluit_store_ops *ops = f->store.ops;
    kit_feed_init(&other, 2);
    kit_feed_make(&f->feed, text, header);
    assert_int_equal(ops->append(f->store.self, &other.info, header, text, NULL), FLUIT_E_FORMAT);
    assert_int_equal(ops->append(f->store.self, &f->feed.info, header, longer, NULL),
                     FLUIT_E_FORMAT);
    header[0] = 'X';
    assert_int_equal(ops->append(f->store.self, &f->feed.info, header, text, NULL), FLUIT_E_FORMAT);
    assert_int_equal(get(f, 1), FLUIT_E_MISSING);
}

static enum fluit_err see_entry(void *arg, uint64_t seq, const struct fluit_stored *entry)
{
    fluit_buf_printf(arg, "%d=%.*s%s ", (int)seq, (int)entry->payload.len,
                     (const char *)entry->payload.data, entry->has_sig ? "!" : "");
    return entry->payload.len == 4 ? FLUIT_E_USED : FLUIT_OK;
}

static void assert_entries(struct fixture *f, uint64_t from, enum fluit_err err,
                           const char *expected)
{
    struct fluit_buf list = FLUIT_BUF_INIT;
    assert_int_equal(f->store.ops->each(f->store.self, &f->feed.info.id, from, see_entry, &list),
                     err);
    assert_string_equal(fluit_buf_text(&list), expected);
    fluit_buf_deinit(&list);
}

static void walks_entries_from_a_number_on(void **state)
{
    struct fixture *f = *state;
    assert_entries(f, 1, FLUIT_OK, "");
    assert_int_equal(append(f, "one", false), FLUIT_OK);
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    assert_entries(f, 1, FLUIT_OK, "1=one 2=two! ");
    assert_entries(f, 2, FLUIT_OK, "2=two! ");
    assert_entries(f, 3, FLUIT_OK, "");
    assert_int_equal(append(f, "four", true), FLUIT_OK); /* stops the walk */
    assert_int_equal(append(f, "five", true), FLUIT_OK);
    assert_entries(f, 1, FLUIT_E_USED, "1=one 2=two! 3=four! ");
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    sql(f, "UPDATE entries SET header = zeroblob(157) WHERE seq = 1");
    assert_entries(f, 1, FLUIT_E_USED, "2=two! 3=four! ");
}

static void replaces_an_entry_in_its_place(void **state)
{
    struct fixture *f = *state;
    struct kit_feed other, first = f->feed;
    const struct fluit_store_ops *ops = f->store.ops;
    struct fluit_slice text = fluit_slice_str("eins");
    uint8_t header[FLUIT_HEADER_LEN];
    struct fluit_sig sig = {{1}};
    kit_feed_init(&other, 2);
    assert_int_equal(append(f, "one", false), FLUIT_OK);
    kit_feed_make(&f->feed, text, header);
    assert_int_equal(ops->replace(f->store.self, &first.info.id, header, text, NULL),
                     FLUIT_E_MISSING); /* that would be 2 */
    kit_feed_make(&first, text, header);
    assert_int_equal(ops->replace(f->store.self, &other.info.id, header, text, NULL),
                     FLUIT_E_FORMAT);
    assert_int_equal(
        ops->replace(f->store.self, &first.info.id, header, fluit_slice_str("x"), NULL),
        FLUIT_E_FORMAT);
    kit_feed_make(&other, text, header);
    assert_int_equal(ops->replace(f->store.self, &other.info.id, header, text, NULL),
                     FLUIT_E_MISSING); /* a feed that is not known */
    kit_feed_make(&first, text, header);
    assert_int_equal(ops->replace(f->store.self, &first.info.id, header, text, &sig), FLUIT_OK);
    assert_entry(f, 1, "eins", true);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(open_again(f, FLUIT_STORE_READONLY), FLUIT_OK);
    assert_entry(f, 1, "eins", true);
    assert_int_equal(f->store.ops->replace(f->store.self, &first.info.id, header, text, &sig),
                     FLUIT_E_DENIED);
    assert_int_equal(f->store.ops->restate(f->store.self, &first.info), FLUIT_E_DENIED);
}

static void signs_once(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info info = {0};
    struct fluit_sig first, second;
    struct fluit_feed_id *id = &f->feed.info.id;
    memset(&first, 1, sizeof first);
    memset(&second, 2, sizeof second);
    assert_int_equal(append(f, "one", false), FLUIT_OK);
    assert_int_equal(append(f, "two", false), FLUIT_OK);
    assert_int_equal(f->store.ops->sign(f->store.self, id, 3, &first), FLUIT_E_MISSING);
    assert_int_equal(f->store.ops->sign(f->store.self, id, 0, &first), FLUIT_E_MISSING);
    assert_int_equal(f->store.ops->sign(f->store.self, id, 2, &first), FLUIT_OK);
    assert_int_equal(f->store.ops->sign(f->store.self, id, 2, &second), FLUIT_OK);
    assert_int_equal(f->store.ops->sign(f->store.self, id, 1, &second), FLUIT_OK);
    assert_int_equal(f->store.ops->feeds(f->store.self, copy_info, &info), FLUIT_OK);
    assert_int_equal(info.signed_seq, 2);
    assert_memory_equal(info.sig.b, first.b, sizeof first.b);
    assert_entry(f, 1, "one", true);
}

static void takes_the_largest_payload(void **state)
{
    struct fixture *f = *state;
    uint8_t *big = calloc(1, FLUIT_PAYLOAD_MAX);
    struct fluit_slice payload = fluit_slice(big, FLUIT_PAYLOAD_MAX);
    struct fluit_stored got;
    big[FLUIT_PAYLOAD_MAX - 1] = 1;
    assert_int_equal(kit_feed_append(&f->feed, &f->store, payload, true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(open_again(f, 0), FLUIT_OK);
    assert_int_equal(f->store.ops->get(f->store.self, &f->feed.info.id, 1, &got, &f->buf),
                     FLUIT_OK);
    assert_true(fluit_slice_eq(got.payload, payload));
    free(big);
}

static void a_row_that_is_too_large_is_damage(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    assert_int_equal(append(f, "three", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    sql(f, "UPDATE entries SET payload = zeroblob(300000000) WHERE seq = 1;"
           "UPDATE entries SET payload = zeroblob(196609) WHERE seq = 2;"
           "UPDATE entries SET header = zeroblob(157) WHERE seq = 3");
    assert_int_equal(get(f, 1), FLUIT_E_FORMAT);
    assert_int_equal(get(f, 2), FLUIT_E_FORMAT);
    assert_int_equal(get(f, 3), FLUIT_E_FORMAT);
}

static enum fluit_err join_names(void *arg, const char *name, struct fluit_slice v)
{
    fluit_buf_printf(arg, "%s=%.*s ", name, (int)v.len, (const char *)v.data);
    return FLUIT_OK;
}

static enum fluit_err stop_at_once(void *arg, const char *name, struct fluit_slice v)
{
    (void)name, (void)v;
    ++*(int *)arg;
    return FLUIT_E_USED;
}

static void named_values_are_listed_by_prefix_in_order(void **state)
{
    struct fixture *f = *state;
    struct fluit_buf list = FLUIT_BUF_INIT;
    int calls = 0;
    assert_int_equal(put(f, "key/b", "2"), FLUIT_OK);
    assert_int_equal(put(f, "key/a", "1"), FLUIT_OK);
    assert_int_equal(put(f, "keys", "no"), FLUIT_OK);
    assert_int_equal(put(f, "key%", "no"), FLUIT_OK);
    assert_int_equal(put(f, "key/b", "3"), FLUIT_OK);
    assert_int_equal(put(f, "key/c", ""), FLUIT_OK);
    assert_int_equal(f->store.ops->values(f->store.self, "key/", join_names, &list), FLUIT_OK);
    assert_string_equal(fluit_buf_text(&list), "key/a=1 key/b=3 key/c= ");
    assert_int_equal(f->store.ops->values(f->store.self, "key/", stop_at_once, &calls),
                     FLUIT_E_USED);
    assert_int_equal(calls, 1);
    assert_int_equal(f->store.ops->drop(f->store.self, "key/b"), FLUIT_OK);
    assert_int_equal(f->store.ops->drop(f->store.self, "key/none"), FLUIT_OK);
    assert_int_equal(value(f, "key/b"), FLUIT_E_MISSING);
    fluit_buf_deinit(&list);
}

static enum fluit_err drop_it(void *arg, const char *name, struct fluit_slice v)
{
    struct fixture *f = arg;
    (void)v;
    return f->store.ops->drop(f->store.self, name);
}

static void a_walk_may_drop_what_it_is_shown(void **state)
{
    struct fixture *f = *state;
    struct fluit_buf list = FLUIT_BUF_INIT;
    assert_int_equal(put(f, "key/a", "1"), FLUIT_OK);
    assert_int_equal(put(f, "key/b", "2"), FLUIT_OK);
    assert_int_equal(put(f, "other", "3"), FLUIT_OK);
    assert_int_equal(f->store.ops->values(f->store.self, "key/", drop_it, f), FLUIT_OK);
    assert_int_equal(f->store.ops->values(f->store.self, "", join_names, &list), FLUIT_OK);
    assert_string_equal(fluit_buf_text(&list), "other=3 ");
    fluit_buf_deinit(&list);
}

static void a_dropped_key_leaves_no_trace_in_any_file(void **state)
{
    struct fixture *f = *state;
    static const char secret[] = "never to be found again 0123456789";
    assert_int_equal(put(f, "key/round", secret), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(fluit_store_checkpoint_truncate(f->s), FLUIT_OK);
    assert_int_equal(kit_files_with(f->dir, secret, sizeof secret - 1), 1);
    assert_int_equal(put(f, "key/round", "another"), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(put(f, "key/round", secret), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(f->store.ops->drop(f->store.self, "key/round"), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_true(kit_files_with(f->dir, secret, sizeof secret - 1) > 0);
    assert_int_equal(fluit_store_checkpoint_truncate(f->s), FLUIT_OK);
    assert_int_equal(kit_files_with(f->dir, secret, sizeof secret - 1), 0);
}

static void truncating_is_busy_while_somebody_reads(void **state)
{
    struct fixture *f = *state;
    struct fluit_store_sqlite *reader = NULL;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(fluit_store_open(f->dir, FLUIT_STORE_READONLY, &reader, &f->why), FLUIT_OK);
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(fluit_store_checkpoint_truncate(f->s), FLUIT_E_BUSY);
    fluit_store_close(reader);
    assert_int_equal(fluit_store_checkpoint_truncate(f->s), FLUIT_OK);
    assert_int_equal(append(f, "three", true), FLUIT_OK);
}

static void a_second_writer_is_refused(void **state)
{
    struct fixture *f = *state;
    struct fluit_store_sqlite *second = NULL;
    assert_int_equal(fluit_store_open(f->dir, FLUIT_STORE_CREATE, &second, &f->why), FLUIT_E_BUSY);
    assert_null(second);
    assert_non_null(strstr(fluit_buf_text(&f->why), "in use by another fluit"));
}

static void another_programs_lock_is_busy_and_breaks_nothing(void **state)
{
    struct fixture *f = *state;
    char *path = kit_path(f->dir, "fluit.db");
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(append(f, "one", true), FLUIT_E_BUSY);
    sqlite3_close(db);
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    free(path);
}

static void a_reader_sees_one_moment_of_a_running_node(void **state)
{
    struct fixture *f = *state;
    struct fluit_store_sqlite *s = NULL;
    struct fluit_feed_info info = {0};
    struct fluit_stored got;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(fluit_store_open(f->dir, FLUIT_STORE_READONLY, &s, &f->why), FLUIT_OK);
    struct fluit_store reader = fluit_store_port(s);
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(reader.ops->feeds(reader.self, copy_info, &info), FLUIT_OK);
    assert_int_equal(info.seq, 1);
    assert_int_equal(reader.ops->get(reader.self, &info.id, 2, &got, &f->buf), FLUIT_E_MISSING);
    assert_int_equal(reader.ops->put(reader.self, "a", fluit_slice_str("b")), FLUIT_E_DENIED);
    assert_int_equal(kit_feed_append(&f->feed, &reader, fluit_slice_str("x"), true), FLUIT_E_CHAIN);
    fluit_store_close(s);
}

/* Reads entry 1 of a copy that can't be written; as an ordinary user, since nothing is read-only
 * to root. 0: good. */
static int read_copy(const char *dir, const struct fluit_feed_id *id)
{
    struct fluit_store_sqlite *s = NULL;
    struct fluit_buf why = FLUIT_BUF_INIT, buf = FLUIT_BUF_INIT;
    struct fluit_stored got;
    if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
        return 3;
    if (access(dir, W_OK) == 0)
        return 4;
    enum fluit_err err = fluit_store_open(dir, FLUIT_STORE_READONLY, &s, &why);
    if (err)
        return strstr(fluit_buf_text(&why), "copy its directory") ? 1 : 2;
    struct fluit_store store = fluit_store_port(s);
    err = store.ops->get(store.self, id, 1, &got, &buf);
    fluit_store_close(s);
    fluit_buf_deinit(&why);
    fluit_buf_deinit(&buf);
    return err ? 5 : 0;
}

static int read_readonly(const char *dir, const struct fluit_feed_id *id)
{
    char *db = kit_path(dir, "fluit.db"), *wal = kit_path(dir, "fluit.db-wal");
    assert_int_equal(chmod(db, 0444), 0);
    chmod(wal, 0444);
    assert_int_equal(chmod(dir, 0555), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(read_copy(dir, id));
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(chmod(dir, 0700), 0);
    free(db);
    free(wal);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_copy_on_a_readonly_medium_is_read(void **state)
{
    struct fixture *f = *state;
    char *copy = kit_dir_new();
    struct fluit_feed_id id = f->feed.info.id;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    /* With what is newest still in the WAL, ignoring that would lie. */
    assert_true(kit_copy_file(f->dir, copy, "fluit.db"));
    assert_true(kit_copy_file(f->dir, copy, "fluit.db-wal"));
    assert_int_equal(read_readonly(copy, &id), 1);
    kit_dir_free(copy);
    copy = kit_dir_new();
    assert_int_equal(open_again(f, 0), FLUIT_OK);
    assert_true(kit_copy_file(f->dir, copy, "fluit.db"));
    assert_int_equal(read_readonly(copy, &id), 0);
    /* And where it can be written. */
    struct fluit_store_sqlite *s = NULL;
    assert_int_equal(fluit_store_open(copy, FLUIT_STORE_READONLY, &s, &f->why), FLUIT_OK);
    fluit_store_close(s);
    kit_dir_free(copy);
}

static void assert_refused(struct fixture *f, unsigned flags, enum fluit_err err, const char *words)
{
    assert_int_equal(open_again(f, flags), err);
    if (!strstr(fluit_buf_text(&f->why), words) || strchr(fluit_buf_text(&f->why), '\n'))
        fail_msg("got \"%s\", not \"%s\"", fluit_buf_text(&f->why), words);
}

static void says_what_is_wrong_with_a_database(void **state)
{
    struct fixture *f = *state;
    char *path = kit_path(f->dir, "fluit.db");
    fluit_store_close(f->s);
    f->s = NULL;
    sql(f, "PRAGMA user_version=2");
    assert_refused(f, 0, FLUIT_E_VERSION, "newer fluit");
    assert_refused(f, FLUIT_STORE_READONLY, FLUIT_E_VERSION, "newer fluit");
    sql(f, "PRAGMA application_id=7");
    assert_refused(f, FLUIT_STORE_CREATE, FLUIT_E_FORMAT, "another program's");
    assert_int_equal(truncate(path, 0), 0);
    sql(f, "CREATE TABLE mine(a)");
    assert_refused(f, FLUIT_STORE_CREATE, FLUIT_E_FORMAT, "another program's");
    assert_int_equal(truncate(path, 0), 0);
    assert_refused(f, 0, FLUIT_E_MISSING, "is empty");
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < 1000; i++)
        fputs("this is not a database at all", file);
    fclose(file);
    assert_refused(f, FLUIT_STORE_CREATE, FLUIT_E_FORMAT, "damaged or not a database");
    unlink(path);
    assert_refused(f, FLUIT_STORE_READONLY, FLUIT_E_MISSING, "is not there");
    free(path);
}

static void a_database_without_its_tables_is_damage(void **state)
{
    struct fixture *f = *state;
    fluit_store_close(f->s);
    f->s = NULL;
    sql(f, "DROP TABLE entries");
    assert_refused(f, 0, FLUIT_E_FORMAT, "damaged");
}

static void takes_a_directory_with_odd_signs_in_its_name(void **state)
{
    struct fixture *f = *state;
    struct fluit_store_sqlite *s = NULL;
    char *dir = kit_path(f->dir, "50% #1?vfs=no & caf\xc3\xa9");
    char *db = kit_path(dir, "fluit.db");
    struct stat st;
    assert_int_equal(fluit_store_open(dir, FLUIT_STORE_CREATE, &s, &f->why), FLUIT_OK);
    fluit_store_close(s);
    assert_int_equal(stat(db, &st), 0);
    assert_true(st.st_size > 0);
    free(dir);
    free(db);
}

static void all_its_files_are_private(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"fluit.db", "fluit.db-wal", "fluit.db-shm", "lock"};
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct stat st;
        char *path = kit_path(f->dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        free(path);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_appended_reads_back_at_once),
        TEST(what_was_committed_is_there_after_reopening),
        TEST(what_was_not_committed_is_gone),
        TEST(commit_without_writes_is_nothing),
        TEST(takes_only_the_next_entry),
        TEST(refuses_parts_that_do_not_belong_together),
        TEST(walks_entries_from_a_number_on),
        TEST(replaces_an_entry_in_its_place),
        TEST(signs_once),
        TEST(takes_the_largest_payload),
        TEST(a_row_that_is_too_large_is_damage),
        TEST(named_values_are_listed_by_prefix_in_order),
        TEST(a_walk_may_drop_what_it_is_shown),
        TEST(a_dropped_key_leaves_no_trace_in_any_file),
        TEST(truncating_is_busy_while_somebody_reads),
        TEST(a_second_writer_is_refused),
        TEST(another_programs_lock_is_busy_and_breaks_nothing),
        TEST(a_reader_sees_one_moment_of_a_running_node),
        TEST(a_copy_on_a_readonly_medium_is_read),
        TEST(says_what_is_wrong_with_a_database),
        TEST(a_database_without_its_tables_is_damage),
        TEST(takes_a_directory_with_odd_signs_in_its_name),
        TEST(all_its_files_are_private),
    };
    return fluit_crypto_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
