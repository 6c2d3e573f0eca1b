#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "node/io/store_sqlite.h"
#include "proto/digest.h"
#include "proto/verify.h"
#include "tests/kit/dirkit.h"
#include "tests/kit/feedkit.h"

#define FEED_COUNT 3

/* Three feeds; the middle one (number 2) is the one that is broken. */
struct fixture {
    char *dir;
    struct fluit_store_sqlite *s;
    struct fluit_store store;
    struct kit_feed feeds[FEED_COUNT];
    struct fluit_verified found[FEED_COUNT];
    size_t found_count;
    struct fluit_hash digest;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct fluit_buf why = FLUIT_BUF_INIT;
    *state = f;
    f->dir = kit_dir_new();
    if (fluit_store_open(f->dir, FLUIT_STORE_CREATE, &f->s, &why))
        return -1;
    f->store = fluit_store_port(f->s);
    int failures = kit_put_workshop(&f->store) != FLUIT_OK;
    for (uint8_t i = 0; i < FEED_COUNT; i++) {
        kit_feed_init(&f->feeds[i], (uint8_t)(i + 1));
        for (int n = 1; n <= 6; n++)
            failures += kit_feed_append(&f->feeds[i], &f->store, fluit_slice_str("payload"),
                                        n % 2 == 0) != FLUIT_OK;
    }
    failures += fluit_store_commit(f->s) != FLUIT_OK;
    return failures;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_store_close(f->s);
    kit_dir_free(f->dir);
    free(f);
    return 0;
}

static void collect(void *arg, const struct fluit_verified *feed)
{
    struct fixture *f = arg;
    assert_true(f->found_count < FEED_COUNT);
    f->found[f->found_count++] = *feed;
}

static enum fluit_err verify(struct fixture *f)
{
    f->found_count = 0;
    memset(&f->digest, 0, sizeof f->digest);
    return fluit_verify_store(&f->store, collect, f, &f->digest);
}

/* Changes the database behind the store's back; ?1 is the id of feed 2, whose num is N. */
static void sql(struct fixture *f, const char *text)
{
    char *path = kit_path(f->dir, "fluit.db");
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_blob(stmt, 1, f->feeds[1].info.id.b, 32, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    assert_true(sqlite3_changes(db) > 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    free(path);
}
#define OF_FEED "feed = (SELECT num FROM feeds WHERE id = ?1)"

/* Feed 2 breaks at seq for that reason, and the others are good. */
static void assert_broken(struct fixture *f, enum fluit_err err, uint64_t seq, const char *what)
{
    static const struct fluit_hash none;
    assert_int_equal(verify(f), err);
    assert_int_equal(f->found_count, FEED_COUNT);
    assert_memory_equal(f->digest.b, none.b, sizeof none.b);
    for (size_t i = 0; i < FEED_COUNT; i++) {
        const struct fluit_verified *found = &f->found[i];
        if (memcmp(found->feed.b, f->feeds[1].info.id.b, 32) != 0) {
            assert_int_equal(found->err, FLUIT_OK);
            continue;
        }
        assert_int_equal(found->err, err);
        assert_int_equal(found->bad_seq, seq);
        assert_string_equal(found->what, what);
    }
}

static void a_good_store_has_the_digest_of_its_heads(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info infos[FEED_COUNT];
    assert_int_equal(verify(f), FLUIT_OK);
    assert_int_equal(f->found_count, FEED_COUNT);
    for (size_t i = 0; i < FEED_COUNT; i++) {
        infos[i] = f->feeds[FEED_COUNT - 1 - i].info;
        assert_int_equal(f->found[i].entries, 6);
        assert_int_equal(f->found[i].signed_heads, 3);
        assert_null(f->found[i].what);
        assert_true(i == 0 || memcmp(f->found[i - 1].feed.b, f->found[i].feed.b, 32) < 0);
    }
    struct fluit_hash digest = fluit_heads_digest(infos, FEED_COUNT);
    assert_memory_equal(f->digest.b, digest.b, sizeof digest.b);
}

static void the_digest_is_over_id_seq_and_hash_in_order_of_id(void **state)
{
    (void)state;
    struct fluit_feed_info infos[3] = {0};
    uint8_t text[2 * 72] = {0};
    memset(infos[0].id.b, 9, 32);
    memset(infos[0].hash.b, 8, 32);
    infos[0].seq = 0x0102;
    memset(infos[1].id.b, 5, 32); /* no entries: left out */
    memset(infos[2].id.b, 3, 32);
    memset(infos[2].hash.b, 4, 32);
    infos[2].seq = 1;
    memset(text, 3, 32);
    text[39] = 1;
    memset(text + 40, 4, 32);
    memset(text + 72, 9, 32);
    text[72 + 38] = 1, text[72 + 39] = 2;
    memset(text + 72 + 40, 8, 32);
    struct fluit_hash want = fluit_hash1("fluit digest", text, sizeof text);
    struct fluit_hash got = fluit_heads_digest(infos, 3);
    assert_memory_equal(got.b, want.b, sizeof want.b);
    want = fluit_hash1("fluit digest", "", 0);
    got = fluit_heads_digest(NULL, 0);
    assert_memory_equal(got.b, want.b, sizeof want.b);
}

static void finds_a_flipped_byte_in_a_payload(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET payload = CAST('paYload' AS BLOB) WHERE seq = 4 AND " OF_FEED);
    assert_broken(f, FLUIT_E_CHAIN, 4, "payload does not match its hash");
}

static void finds_a_payload_that_is_gone(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET payload = x'' WHERE seq = 4 AND " OF_FEED);
    assert_broken(f, FLUIT_E_CHAIN, 4, "payload does not have the length in its header");
}

static void finds_a_flipped_byte_in_a_header(void **state)
{
    struct fixture *f = *state;
    /* The mesh time: the header still decodes, so the next entry does not follow it. */
    sql(f, "UPDATE entries SET header = CAST(substr(header, 1, 16) || x'ff' || substr(header, 18)"
           " AS BLOB) WHERE seq = 3 AND " OF_FEED);
    assert_broken(f, FLUIT_E_CHAIN, 4, "does not follow the entry before it");
}

static void finds_a_malformed_header(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET header = CAST('X' || substr(header, 2) AS BLOB)"
           " WHERE seq = 3 AND " OF_FEED);
    assert_broken(f, FLUIT_E_FORMAT, 3, "header is malformed");
}

static void finds_a_damaged_row(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET sig = x'00' WHERE seq = 2 AND " OF_FEED);
    assert_broken(f, FLUIT_E_FORMAT, 2, "is stored in a damaged way");
}

static void finds_a_missing_entry(void **state)
{
    struct fixture *f = *state;
    sql(f, "DELETE FROM entries WHERE seq = 5 AND " OF_FEED);
    assert_broken(f, FLUIT_E_MISSING, 5, "is missing");
}

static void finds_swapped_entries(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET seq = -2 WHERE seq = 2 AND " OF_FEED);
    sql(f, "UPDATE entries SET seq = 2 WHERE seq = 3 AND " OF_FEED);
    sql(f, "UPDATE entries SET seq = 3 WHERE seq = -2 AND " OF_FEED);
    assert_broken(f, FLUIT_E_CHAIN, 2, "header has another number");
}

static void finds_an_entry_of_another_feed(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET header = (SELECT header FROM entries JOIN feeds ON feed = num"
           " WHERE id <> ?1 AND entries.seq = 1) WHERE seq = 1 AND " OF_FEED);
    assert_broken(f, FLUIT_E_CHAIN, 1, "header is of another feed");
}

static void finds_a_wrong_signature(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE entries SET sig = zeroblob(64) WHERE seq = 2 AND " OF_FEED);
    assert_broken(f, FLUIT_E_AUTH, 2, "signature is not its author's for this workshop");
}

static void finds_a_feed_without_a_signed_head(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(kit_feed_append(&f->feeds[1], &f->store, fluit_slice_str("payload"), false),
                     FLUIT_OK);
    assert_int_equal(fluit_store_commit(f->s), FLUIT_OK);
    assert_broken(f, FLUIT_E_AUTH, 7, "feed does not end on a signed head");
}

static void finds_a_shortened_feed(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE feeds SET seq = 5 WHERE id = ?1");
    assert_broken(f, FLUIT_E_CHAIN, 6, "is beyond the head in the list of feeds");
    sql(f, "DELETE FROM entries WHERE seq = 6 AND " OF_FEED);
    assert_broken(f, FLUIT_E_AUTH, 5, "feed does not end on a signed head");
    sql(f, "UPDATE feeds SET seq = 4 WHERE id = ?1");
    sql(f, "DELETE FROM entries WHERE seq = 5 AND " OF_FEED);
    assert_broken(f, FLUIT_E_CHAIN, 4, "is not the head in the list of feeds");
}

static void finds_a_list_with_another_signature(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE feeds SET sig = zeroblob(64) WHERE id = ?1");
    assert_broken(f, FLUIT_E_AUTH, 6, "is not the signed head in the list of feeds");
}

static void finds_a_feed_under_another_author(void **state)
{
    struct fixture *f = *state;
    sql(f, "UPDATE feeds SET incarnation = zeroblob(16) WHERE id = ?1");
    assert_broken(f, FLUIT_E_AUTH, 0, "feed id is not its author's");
}

static void finds_the_wrong_workshop(void **state)
{
    struct fixture *f = *state;
    const struct fluit_store_ops *ops = f->store.ops;
    uint8_t other[16] = {1};
    assert_int_equal(ops->put(f->store.self, "workshop", fluit_slice(other, sizeof other)),
                     FLUIT_OK);
    assert_int_equal(verify(f), FLUIT_E_AUTH);
    for (size_t i = 0; i < FEED_COUNT; i++) {
        assert_int_equal(f->found[i].bad_seq, 2);
        assert_string_equal(f->found[i].what, "signature is not its author's for this workshop");
    }
    assert_int_equal(ops->put(f->store.self, "workshop", fluit_slice(other, 15)), FLUIT_OK);
    assert_int_equal(verify(f), FLUIT_E_FORMAT);
    assert_int_equal(ops->drop(f->store.self, "workshop"), FLUIT_OK);
    assert_int_equal(verify(f), FLUIT_E_MISSING);
    assert_int_equal(f->found_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_store_has_the_digest_of_its_heads),
        cmocka_unit_test(the_digest_is_over_id_seq_and_hash_in_order_of_id),
        TEST(finds_a_flipped_byte_in_a_payload),
        TEST(finds_a_payload_that_is_gone),
        TEST(finds_a_flipped_byte_in_a_header),
        TEST(finds_a_malformed_header),
        TEST(finds_a_damaged_row),
        TEST(finds_a_missing_entry),
        TEST(finds_swapped_entries),
        TEST(finds_an_entry_of_another_feed),
        TEST(finds_a_wrong_signature),
        TEST(finds_a_feed_without_a_signed_head),
        TEST(finds_a_shortened_feed),
        TEST(finds_a_list_with_another_signature),
        TEST(finds_a_feed_under_another_author),
        TEST(finds_the_wrong_workshop),
    };
    return fluit_crypto_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
