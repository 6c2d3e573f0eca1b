/* Damage of the real store: what proto/damage.h does with rows that rotted, and what the store does
 * where SQLite itself is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/io/store_sqlite.h"
#include "proto/replica.h"
#include "proto/verify.h"
#include "tests/kit/dirkit.h"
#include "tests/kit/feedkit.h"
#include "tests/kit/store_memory.h"

#define INDEX_PAGE 2  /* of the file, from 0: the ids of feeds */
#define COUNT      12 /* entries of the feed, every third signed */

struct fixture {
    char *dir, *path;
    struct fluit_store_sqlite *s;
    struct store_memory *peer_s; /* holds the same */
    struct fluit_replica replica, peer;
    struct kit_feed feed;
    uint8_t headers[COUNT][FLUIT_HEADER_LEN];
    struct fluit_buf why, buf;
};

static void stop(struct fixture *f)
{
    fluit_replica_deinit(&f->replica);
    fluit_store_close(f->s);
    f->s = NULL;
}

static enum fluit_err start(struct fixture *f)
{
    stop(f);
    fluit_buf_reset(&f->why);
    enum fluit_err err = fluit_store_open(f->dir, 0, &f->s, &f->why);
    if (err)
        return err;
    return fluit_replica_init(&f->replica, fluit_store_port(f->s), &f->feed.workshop);
}

static struct fluit_slice payload_of(uint64_t seq, char text[static 24])
{
    snprintf(text, 24, "payload of entry %u", (unsigned)seq);
    return fluit_slice_str(text);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char text[24];
    *state = f;
    f->dir = kit_dir_new();
    f->path = kit_path(f->dir, "fluit.db");
    f->peer_s = store_memory_new();
    kit_feed_init(&f->feed, 1);
    if (fluit_store_open(f->dir, FLUIT_STORE_CREATE, &f->s, &f->why))
        return -1;
    struct fluit_store store = fluit_store_port(f->s), peer = store_memory_port(f->peer_s);
    int failures = kit_put_workshop(&store) != FLUIT_OK;
    for (uint64_t seq = 1; seq <= COUNT; seq++) {
        struct kit_feed copy = f->feed;
        struct fluit_slice payload = payload_of(seq, text);
        failures += kit_feed_append(&copy, &peer, payload, seq % 3 == 0) != FLUIT_OK;
        failures += kit_feed_append(&f->feed, &store, payload, seq % 3 == 0) != FLUIT_OK;
        memcpy(f->headers[seq - 1], f->feed.header, FLUIT_HEADER_LEN);
    }
    failures += fluit_store_commit(f->s) != FLUIT_OK;
    failures += store_memory_commit(f->peer_s) != FLUIT_OK;
    failures += fluit_replica_init(&f->peer, peer, &f->feed.workshop) != FLUIT_OK;
    stop(f);
    return failures;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    stop(f);
    fluit_replica_deinit(&f->peer);
    store_memory_free(f->peer_s);
    fluit_buf_deinit(&f->why);
    fluit_buf_deinit(&f->buf);
    kit_dir_free(f->dir);
    free(f->path);
    free(f);
    return 0;
}

static void sql(struct fixture *f, const char *text)
{
    char *message = NULL;
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &message))
        fail_msg("%s", message);
    sqlite3_close(db);
}

/* Does the entry read, as it was written? */
static bool reads(struct fixture *f, uint32_t feed, uint64_t seq)
{
    struct fluit_stored got;
    char text[24];
    if (fluit_replica_get(&f->replica, feed, seq, &got, &f->buf))
        return false;
    assert_memory_equal(got.header, f->headers[seq - 1], FLUIT_HEADER_LEN);
    assert_true(fluit_slice_eq(got.payload, payload_of(seq, text)));
    return true;
}

/* The peer sends entries from seq on; index of the feed. */
static uint32_t peer_sends(struct fixture *f, uint64_t seq)
{
    struct fluit_message batch;
    uint32_t index;
    uint64_t from, to, next;
    fluit_buf_reset(&f->buf);
    assert_int_equal(fluit_replica_batch(&f->peer, 0, seq, &f->buf, &next), FLUIT_OK);
    assert_int_equal(fluit_message_get(&batch, fluit_buf_slice(&f->buf)), FLUIT_OK);
    assert_int_equal(fluit_replica_ingest(&f->replica, &batch, &index, &from, &to), FLUIT_OK);
    assert_true(from <= to);
    fluit_message_deinit(&batch);
    return index;
}

static void ignore_verified(void *arg, const struct fluit_verified *feed)
{
    (void)arg, (void)feed;
}

static enum fluit_err verify(struct fixture *f)
{
    struct fluit_store store = fluit_store_port(f->s);
    struct fluit_hash digest;
    return fluit_verify_store(&store, ignore_verified, NULL, &digest);
}

static void assert_mended(struct fixture *f)
{
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(start(f), FLUIT_OK);
    assert_int_equal(f->replica.count, 1);
    assert_null(f->replica.feeds[0]->damage);
    assert_false(f->replica.feeds[0]->restate);
    for (uint64_t seq = 1; seq <= COUNT; seq++)
        assert_true(reads(f, 0, seq));
    assert_int_equal(verify(f), FLUIT_OK);
}

/* The row of entry 5 rots in this way between two starts, and is mended from the peer. */
static void row_rots(struct fixture *f, const char *how)
{
    sql(f, how);
    assert_int_equal(start(f), FLUIT_OK);
    const struct fluit_damage *damage = f->replica.feeds[0]->damage;
    assert_non_null(fluit_damage_at(damage, 5));
    assert_int_not_equal(verify(f), FLUIT_OK);
    assert_false(reads(f, 0, 5));
    for (uint64_t seq = 1; seq <= COUNT; seq++)
        assert_true(seq == 5 || seq == 4 || reads(f, 0, seq));
    peer_sends(f, damage->items[0].from);
    assert_mended(f);
    stop(f);
}

static void a_row_that_rotted_between_two_starts_is_mended(void **state)
{
    struct fixture *f = *state;
    row_rots(f, "UPDATE entries SET payload = CAST('Q' || substr(payload, 2) AS BLOB)"
                " WHERE seq = 5");
    row_rots(f, "UPDATE entries SET header = CAST(substr(header, 1, 20) || x'ff' ||"
                " substr(header, 22) AS BLOB) WHERE seq = 5");
    row_rots(f, "UPDATE entries SET header = zeroblob(157) WHERE seq = 5");
    row_rots(f, "UPDATE entries SET payload = zeroblob(300000000) WHERE seq = 5");
    row_rots(f, "UPDATE entries SET sig = x'00' WHERE seq = 5");
    row_rots(f, "DELETE FROM entries WHERE seq = 5");
    row_rots(f, "UPDATE entries SET seq = 500 WHERE seq = 5");
}

static void a_row_too_large_met_within_a_turn_breaks_nothing(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET payload = zeroblob(300000000) WHERE seq = 5");
    assert_int_equal(start(f), FLUIT_OK);
    struct fluit_store store = fluit_store_port(f->s);
    struct fluit_stored got;
    assert_int_equal(store.ops->put(store.self, "a", fluit_slice_str("b")), FLUIT_OK);
    assert_int_equal(store.ops->get(store.self, &f->feed.info.id, 5, &got, &f->buf),
                     FLUIT_E_FORMAT);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
}

/* The list of feeds is wrong about how far the feed is held; the entries tell. */
static void list_rots(struct fixture *f, const char *how)
{
    sql(f, how);
    assert_int_equal(start(f), FLUIT_OK);
    const struct fluit_feed *feed = f->replica.feeds[0];
    assert_true(feed->restate);
    assert_null(feed->damage);
    assert_memory_equal(&feed->info, &f->feed.info, sizeof feed->info);
    for (uint64_t seq = 1; seq <= COUNT; seq++)
        assert_true(reads(f, 0, seq));
    assert_int_not_equal(verify(f), FLUIT_OK); /* starting writes nothing */
}

static void a_list_that_rotted_is_told_by_the_entries(void **state)
{
    static const char *const ways[] = {
        "UPDATE feeds SET seq = 11",
        "UPDATE feeds SET seq = 5000000000",
        "UPDATE feeds SET seq = -9223372036854775796",
        "UPDATE feeds SET seq = 0",
        "UPDATE feeds SET hash = zeroblob(32)",
        "UPDATE feeds SET signed_seq = 9",
        "UPDATE feeds SET signed_seq = 0",
        "UPDATE feeds SET signed_seq = 13",
        "UPDATE feeds SET sig = zeroblob(64)",
        "UPDATE feeds SET sig = NULL",
        "UPDATE entries SET sig = NULL WHERE seq = 12",
        "UPDATE entries SET sig = zeroblob(64) WHERE seq = 12",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        list_rots(f, ways[i]);
        /* The next write puts it right; here that of an entry that rotted as well. */
        sql(f, "UPDATE entries SET payload = x'00' WHERE seq = 7");
        assert_int_equal(start(f), FLUIT_OK);
        peer_sends(f, 7);
        assert_mended(f);
        stop(f);
    }
}

/* As its author, who goes on where the replica says that the feed ends. */
static void append_own(struct fixture *f)
{
    struct kit_feed next = {.info = f->replica.feeds[0]->info};
    uint8_t header[FLUIT_HEADER_LEN];
    kit_feed_make(&next, fluit_slice_str("next"), header);
    assert_int_equal(fluit_replica_append(&f->replica, 0, header, fluit_slice_str("next")),
                     FLUIT_OK);
    assert_int_equal(fluit_replica_sign(&f->replica, 0, &f->feed.sk), FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
}

static void an_own_feed_goes_on_behind_a_list_that_rotted(void **state)
{
    struct fixture *f = *state;
    list_rots(f, "UPDATE feeds SET seq = 3");
    append_own(f);
    assert_mended(f);
    assert_int_equal(f->replica.feeds[0]->info.seq, 13);
}

static void a_row_whose_number_rotted_stands_in_nobodys_way(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET seq = 13 WHERE seq = 12");
    assert_int_equal(start(f), FLUIT_OK);
    peer_sends(f, 11);
    append_own(f);
    assert_mended(f);
    assert_int_equal(f->replica.feeds[0]->info.seq, 13);
}

/* Both copies of the newest signature are gone: the feed ends before, and grows again. */
static void an_end_that_nothing_proves_is_dropped(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE feeds SET sig = zeroblob(64);"
           "UPDATE entries SET sig = zeroblob(64) WHERE seq = 12");
    assert_int_equal(start(f), FLUIT_OK);
    assert_int_equal(f->replica.feeds[0]->info.seq, 9);
    assert_int_equal(f->replica.feeds[0]->info.signed_seq, 9);
    assert_false(reads(f, 0, 10));
    peer_sends(f, 10);
    assert_mended(f);
}

static void nothing_is_left_of_an_end_that_was_dropped(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE feeds SET sig = zeroblob(64);"
           "UPDATE entries SET sig = zeroblob(64) WHERE seq = 12");
    assert_int_equal(start(f), FLUIT_OK);
    append_own(f);
    assert_int_equal(verify(f), FLUIT_OK);
    assert_int_equal(start(f), FLUIT_OK);
    assert_int_equal(f->replica.feeds[0]->info.seq, 10);
}

static void a_feed_without_its_author_is_taken_in_anew(void **state)
{
    static const char *const ways[] = {"UPDATE feeds SET author = zeroblob(32)",
                                       "UPDATE feeds SET incarnation = zeroblob(16)"};
    struct fixture *f = *state;
    for (size_t i = 0; i < 2; i++) {
        struct fluit_feed_info head;
        sql(f, ways[i]);
        assert_int_equal(start(f), FLUIT_OK);
        assert_int_equal(f->replica.feeds[0]->info.seq, 0);
        assert_false(fluit_replica_head(&f->replica, 0, &head));
        peer_sends(f, 1);
        assert_mended(f);
        stop(f);
    }
}

static void a_feed_without_its_id_is_taken_in_beside_it(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE feeds SET id = zeroblob(32)");
    assert_int_equal(start(f), FLUIT_OK);
    assert_int_equal(peer_sends(f, 1), 1);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(start(f), FLUIT_OK);
    int index = fluit_replica_find(&f->replica, &f->feed.info.id);
    assert_true(index >= 0);
    for (uint64_t seq = 1; seq <= COUNT; seq++)
        assert_true(reads(f, (uint32_t)index, seq));
}

/* What a report is made from: nothing is written, and what can be put right is read so. */
static void a_store_that_is_only_read_is_put_right_at_each_read(void **state)
{
    struct fixture *f = *state;
    struct fluit_store_sqlite *s = NULL;
    sql(f, "UPDATE feeds SET seq = 3; UPDATE entries SET payload = x'00' WHERE seq = 7;"
           "UPDATE entries SET payload = CAST('q' || substr(payload, 2) AS BLOB) WHERE seq = 2");
    assert_int_equal(fluit_store_open(f->dir, FLUIT_STORE_READONLY, &s, &f->why), FLUIT_OK);
    assert_int_equal(fluit_replica_init(&f->replica, fluit_store_port(s), &f->feed.workshop),
                     FLUIT_OK);
    assert_int_equal(f->replica.feeds[0]->info.seq, COUNT);
    for (uint64_t seq = 1; seq <= COUNT; seq++)
        assert_int_equal(reads(f, 0, seq), seq != 7);
    assert_int_equal(f->replica.feeds[0]->damage->count, 2);
    fluit_store_close(s);
}

/* The file itself. */

static void write_at(struct fixture *f, off_t at, const void *bytes, size_t len)
{
    int fd = open(f->path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), len);
    close(fd);
}

static uint8_t *read_file(struct fixture *f, size_t *len)
{
    struct stat st;
    int fd = open(f->path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    *len = (size_t)st.st_size;
    uint8_t *bytes = malloc(*len);
    assert_int_equal(read(fd, bytes, *len), *len);
    close(fd);
    return bytes;
}

/* One line that says which file, and what to do. */
static void assert_advice(struct fixture *f)
{
    const char *why = fluit_buf_text(&f->why);
    for (const char *p = why; *p; p++)
        assert_true(*p >= ' ' && *p <= '~');
    assert_non_null(strstr(why, f->path));
    assert_non_null(strstr(why, "set its directory aside"));
    assert_non_null(strstr(why, "renewed code"));
}

static void a_file_in_which_sqlite_is_lost_is_refused_with_advice(void **state)
{
    struct fixture *f = *state;
    size_t len;
    uint8_t *good = read_file(f, &len), zeros[4096] = {0};
    for (size_t page = 1; page < len / 4096; page++) { /* the second of the file, and so on */
        write_at(f, (off_t)(page * 4096), zeros, sizeof zeros);
        assert_int_equal(start(f), FLUIT_E_FORMAT);
        assert_advice(f);
        write_at(f, 0, good, len);
    }
    assert_int_equal(start(f), FLUIT_OK);
    free(good);
}

static void what_the_file_says_does_not_reach_the_screen(void **state)
{
    struct fixture *f = *state;
    size_t len;
    uint8_t *good = read_file(f, &len);
    uint8_t *table = memmem(good, len, "CREATE TABLE feeds", 18);
    assert_non_null(table);
    write_at(f, table + 13 - good, "\033[2J\n", 5);
    assert_int_equal(start(f), FLUIT_E_FORMAT);
    assert_advice(f);
    free(good);
}

static void an_index_that_rotted_is_made_anew(void **state)
{
    struct fixture *f = *state;
    size_t len;
    uint8_t *good = read_file(f, &len), *index = good + INDEX_PAGE * 4096;
    const uint8_t *at = memmem(index, 4096, f->feed.info.id.b, 32);
    assert_non_null(at);
    uint8_t flipped = at[4] ^ 1;
    write_at(f, at + 4 - good, &flipped, 1);
    assert_int_equal(start(f), FLUIT_OK);
    assert_mended(f);
    free(good);
}

/* Pages that change under a running node: SQLite notices, the store breaks, the next start tells.
 */
static void losing_the_way_in_a_running_node_ends_it(void **state)
{
    struct fixture *f = *state;
    uint8_t *payload = calloc(1, FLUIT_PAYLOAD_MAX);
    enum fluit_err err = FLUIT_OK;
    struct fluit_stored got;
    size_t len;
    assert_int_equal(start(f), FLUIT_OK);
    struct fluit_store store = fluit_store_port(f->s);
    for (int i = 0; i < 20; i++) /* more than SQLite keeps in memory */
        assert_int_equal(
            kit_feed_append(&f->feed, &store, fluit_slice(payload, FLUIT_PAYLOAD_MAX), true),
            FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_int_equal(fluit_store_checkpoint_truncate(f->s), FLUIT_OK);
    uint8_t *bytes = read_file(f, &len);
    memset(bytes, 0xff, len);
    write_at(f, 4096, bytes, len - 4096);
    for (uint64_t seq = 1; seq <= f->feed.info.seq && !err; seq++)
        err = store.ops->get(store.self, &f->feed.info.id, seq, &got, &f->buf);
    assert_int_equal(err, FLUIT_E_IO);
    assert_int_equal(store.ops->put(store.self, "a", fluit_slice_str("b")), FLUIT_E_IO);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_E_IO);
    stop(f);
    assert_int_equal(start(f), FLUIT_E_FORMAT);
    assert_advice(f);
    free(bytes);
    free(payload);
}

/* Any one bit of the file: what is read is as it was written, and what is passed on as well, or the
 * file is refused. */
static void no_flipped_bit_of_the_file_is_served(void **state)
{
    struct fixture *f = *state;
    struct fluit_rng rng;
    int refused = 0, whole = 0;
    size_t len;
    uint8_t *good = read_file(f, &len), zeros[4096] = {0};
    fluit_rng_seed(&rng, "file", 4);
    for (int turn = 0; turn < 80; turn++) {
        size_t at = fluit_rng_below(&rng, len);
        while (memcmp(good + at / 4096 * 4096 + 16, zeros, 3000) == 0 && at / 4096 < 3)
            at = fluit_rng_below(&rng, len); /* pages that are almost empty are dull */
        uint8_t flipped = good[at] ^ (uint8_t)(1u << fluit_rng_below(&rng, 8));
        write_at(f, (off_t)at, &flipped, 1);
        enum fluit_err err = start(f);
        assert_true(err == FLUIT_OK || err == FLUIT_E_FORMAT || err == FLUIT_E_VERSION);
        refused += err != FLUIT_OK;
        int index = err ? -1 : fluit_replica_find(&f->replica, &f->feed.info.id);
        bool all = true;
        for (uint64_t seq = 1; index >= 0 && seq <= COUNT; seq++) {
            uint64_t next;
            all = reads(f, (uint32_t)index, seq) && all;
            fluit_buf_reset(&f->buf);
            if (!fluit_replica_batch(&f->replica, (uint32_t)index, seq, &f->buf, &next)) {
                uint32_t peers;
                uint64_t from, to;
                struct fluit_message batch;
                assert_int_equal(fluit_message_get(&batch, fluit_buf_slice(&f->buf)), FLUIT_OK);
                assert_int_equal(fluit_replica_ingest(&f->peer, &batch, &peers, &from, &to),
                                 FLUIT_OK);
                fluit_message_deinit(&batch);
            }
        }
        whole += all && index >= 0;
        stop(f);
        char *wal = kit_path(f->dir, "fluit.db-wal"), *shm = kit_path(f->dir, "fluit.db-shm");
        unlink(wal);
        unlink(shm);
        free(wal);
        free(shm);
        assert_int_equal(truncate(f->path, (off_t)len), 0);
        write_at(f, 0, good, len);
    }
    assert_true(refused > 0 && whole > 60);
    free(good);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_row_that_rotted_between_two_starts_is_mended),
        TEST(a_row_too_large_met_within_a_turn_breaks_nothing),
        TEST(a_list_that_rotted_is_told_by_the_entries),
        TEST(an_own_feed_goes_on_behind_a_list_that_rotted),
        TEST(a_row_whose_number_rotted_stands_in_nobodys_way),
        TEST(an_end_that_nothing_proves_is_dropped),
        TEST(nothing_is_left_of_an_end_that_was_dropped),
        TEST(a_feed_without_its_author_is_taken_in_anew),
        TEST(a_feed_without_its_id_is_taken_in_beside_it),
        TEST(a_store_that_is_only_read_is_put_right_at_each_read),
        TEST(a_file_in_which_sqlite_is_lost_is_refused_with_advice),
        TEST(what_the_file_says_does_not_reach_the_screen),
        TEST(an_index_that_rotted_is_made_anew),
        TEST(losing_the_way_in_a_running_node_ends_it),
        TEST(no_flipped_bit_of_the_file_is_served),
    };
    return fluit_crypto_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
