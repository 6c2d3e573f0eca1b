#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/replica.h"
#include "tests/kit/feedkit.h"
#include "tests/kit/store_memory.h"

#define MADE_MAX 200

/* A feed written by its author, nowhere stored; tests send parts of it, or what they make of it. */
struct made {
    struct kit_feed feed;
    uint32_t count;
    uint8_t headers[MADE_MAX][FLUIT_HEADER_LEN];
    char payloads[MADE_MAX][24];
    struct fluit_sig sigs[MADE_MAX];
};

struct fixture {
    struct store_memory *s;
    struct fluit_replica replica;
    struct made a, b;
    struct fluit_buf bytes;
    struct fluit_sig sig; /* of the next batch; replaced by send */
    uint32_t index;
    uint64_t from, to;
};

static void make(struct made *m, const char *text)
{
    struct kit_feed *f = &m->feed;
    snprintf(m->payloads[m->count], sizeof m->payloads[0], "%s %u", text, m->count);
    kit_feed_make(f, fluit_slice_str(m->payloads[m->count]), m->headers[m->count]);
    f->info.seq++;
    f->info.hash = fluit_header_hash(m->headers[m->count]);
    m->sigs[m->count++] =
        fluit_head_sign(&f->sk, &f->workshop, &f->info.id, f->info.seq, &f->info.hash);
}

static void make_many(struct made *m, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        make(m, "entry");
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct fluit_workshop_id workshop;
    memset(workshop.b, 7, sizeof workshop.b);
    f->s = store_memory_new();
    kit_feed_init(&f->a.feed, 1);
    kit_feed_init(&f->b.feed, 2);
    *state = f;
    if (fluit_crypto_init())
        return 1;
    return fluit_replica_init(&f->replica, store_memory_port(f->s), &workshop) != FLUIT_OK;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_replica_deinit(&f->replica);
    store_memory_free(f->s);
    fluit_buf_deinit(&f->bytes);
    free(f);
    return 0;
}

static struct fluit_batch_entry entry(struct made *m, uint64_t seq)
{
    return (struct fluit_batch_entry){m->headers[seq - 1], fluit_slice_str(m->payloads[seq - 1])};
}

static enum fluit_err send_entries(struct fixture *f, const struct made *m,
                                   const struct fluit_batch_entry *entries, uint32_t count,
                                   const struct fluit_sig *sig)
{
    struct fluit_message batch;
    fluit_buf_reset(&f->bytes);
    fluit_put_entries(&f->bytes, &m->feed.info.author, m->feed.info.incarnation, entries, count,
                      sig);
    assert_int_equal(fluit_message_get(&batch, fluit_buf_slice(&f->bytes)), FLUIT_OK);
    enum fluit_err err = fluit_replica_ingest(&f->replica, &batch, &f->index, &f->from, &f->to);
    fluit_message_deinit(&batch);
    return err;
}

/* Sends entries from..to as their author made them. */
static enum fluit_err send(struct fixture *f, struct made *m, uint64_t from, uint64_t to)
{
    struct fluit_batch_entry entries[FLUIT_BATCH_ENTRIES_MAX];
    for (uint64_t seq = from; seq <= to; seq++)
        entries[seq - from] = entry(m, seq);
    return send_entries(f, m, entries, (uint32_t)(to - from + 1), &m->sigs[to - 1]);
}

static const struct fluit_feed *held(struct fixture *f, const struct made *m)
{
    int index = fluit_replica_find(&f->replica, &m->feed.info.id);
    return index < 0 ? NULL : f->replica.feeds[index];
}

static void assert_held(struct fixture *f, const struct made *m, uint64_t seq)
{
    const struct fluit_feed *feed = held(f, m);
    assert_non_null(feed);
    assert_int_equal(feed->info.seq, seq);
    assert_int_equal(feed->info.signed_seq, seq);
    struct fluit_hash hash = fluit_header_hash(m->headers[seq - 1]);
    assert_memory_equal(feed->info.hash.b, hash.b, 32);
}

static void a_batch_is_taken_in_and_survives_a_restart(void **state)
{
    struct fixture *f = *state;
    struct fluit_replica again;
    make_many(&f->a, 5);
    assert_int_equal(send(f, &f->a, 1, 3), FLUIT_OK);
    assert_true(f->from == 1 && f->to == 3);
    assert_int_equal(send(f, &f->a, 4, 5), FLUIT_OK);
    assert_true(f->from == 4 && f->to == 5);
    assert_held(f, &f->a, 5);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    store_memory_crash(f->s);
    assert_int_equal(fluit_replica_init(&again, store_memory_port(f->s), &f->replica.workshop),
                     FLUIT_OK);
    struct fluit_hash one = fluit_replica_digest(&f->replica), two = fluit_replica_digest(&again);
    assert_memory_equal(one.b, two.b, 32);
    assert_memory_equal(&again.feeds[0]->info, &f->a.feed.info, 32);
    fluit_replica_deinit(&again);
}

static void duplicates_and_overlaps_add_what_is_new_only(void **state)
{
    struct fixture *f = *state;
    make_many(&f->a, 9);
    assert_int_equal(send(f, &f->a, 1, 4), FLUIT_OK);
    assert_int_equal(send(f, &f->a, 1, 4), FLUIT_OK);
    assert_true(f->from == 5 && f->to == 4);
    assert_int_equal(send(f, &f->a, 2, 3), FLUIT_OK);
    assert_true(f->from > f->to);
    assert_int_equal(send(f, &f->a, 3, 6), FLUIT_OK);
    assert_true(f->from == 5 && f->to == 6);
    assert_int_equal(send(f, &f->a, 1, 9), FLUIT_OK);
    assert_true(f->from == 7 && f->to == 9);
    assert_held(f, &f->a, 9);
    assert_false(held(f, &f->a)->forked);
}

static void a_gap_is_told_and_remembered_as_missing(void **state)
{
    struct fixture *f = *state;
    make_many(&f->a, 9);
    assert_int_equal(send(f, &f->a, 2, 4), FLUIT_E_CHAIN);
    assert_int_equal(held(f, &f->a)->info.seq, 0);
    assert_int_equal(held(f, &f->a)->known_seq, 4);
    assert_int_equal(send(f, &f->a, 1, 1), FLUIT_OK);
    assert_int_equal(send(f, &f->a, 3, 9), FLUIT_E_CHAIN);
    assert_int_equal(held(f, &f->a)->known_seq, 9);
    assert_held(f, &f->a, 1);
}

static void a_fork_is_marked_and_the_first_branch_stays(void **state)
{
    struct fixture *f = *state;
    make_many(&f->a, 3);
    struct made *other = malloc(sizeof *other);
    *other = f->a;
    make(other, "other");
    make(&f->a, "this");
    make(&f->a, "this");
    assert_int_equal(send(f, &f->a, 1, 5), FLUIT_OK);
    /* The other branch: below our head, across it, and beyond it. */
    assert_int_equal(send(f, other, 4, 4), FLUIT_E_FORK);
    assert_true(held(f, &f->a)->forked);
    make_many(other, 3);
    assert_int_equal(send(f, other, 3, 6), FLUIT_E_FORK);
    assert_int_equal(send(f, other, 6, 7), FLUIT_E_FORK);
    assert_held(f, &f->a, 5);
    assert_int_equal(send(f, other, 1, 3), FLUIT_OK); /* that much is common */
    make(&f->a, "this");
    assert_int_equal(send(f, &f->a, 6, 6), FLUIT_OK); /* and ours goes on */
    assert_held(f, &f->a, 6);
    free(other);
}

static void nobody_else_can_mark_a_feed_as_forked(void **state)
{
    struct fixture *f = *state;
    make_many(&f->a, 2);
    struct made *other = malloc(sizeof *other);
    *other = f->a;
    make(&f->a, "this");
    other->feed.sk = f->b.feed.sk;
    make(other, "other");
    assert_int_equal(send(f, &f->a, 1, 3), FLUIT_OK);
    assert_int_equal(send(f, other, 3, 3), FLUIT_E_AUTH);
    assert_false(held(f, &f->a)->forked);
    free(other);
}

static void a_wrong_signature_makes_nothing_known(void **state)
{
    struct fixture *f = *state;
    make_many(&f->a, 2);
    f->a.sigs[1].b[5] ^= 1;
    assert_int_equal(send(f, &f->a, 1, 2), FLUIT_E_AUTH);
    f->a.sigs[1] = f->a.sigs[0];
    assert_int_equal(send(f, &f->a, 1, 2), FLUIT_E_AUTH);
    assert_null(held(f, &f->a));
    assert_false(store_memory_is_pending(f->s));
    memset(f->replica.workshop.b, 8, sizeof f->replica.workshop.b);
    assert_int_equal(send(f, &f->a, 1, 1), FLUIT_E_AUTH); /* of another workshop */
}

static void a_batch_is_one_unbroken_run_of_one_feed(void **state)
{
    struct fixture *f = *state;
    make_many(&f->a, 4);
    make_many(&f->b, 4);
    struct fluit_batch_entry mixed[] = {entry(&f->a, 1), entry(&f->b, 2)};
    assert_int_equal(send_entries(f, &f->a, mixed, 2, &f->a.sigs[1]), FLUIT_E_FORMAT);
    struct fluit_batch_entry skipping[] = {entry(&f->a, 1), entry(&f->a, 3)};
    assert_int_equal(send_entries(f, &f->a, skipping, 2, &f->a.sigs[2]), FLUIT_E_FORMAT);
    struct fluit_batch_entry backwards[] = {entry(&f->a, 2), entry(&f->a, 1)};
    assert_int_equal(send_entries(f, &f->a, backwards, 2, &f->a.sigs[0]), FLUIT_E_FORMAT);
    struct fluit_batch_entry twice[] = {entry(&f->a, 1), entry(&f->a, 1)};
    assert_int_equal(send_entries(f, &f->a, twice, 2, &f->a.sigs[0]), FLUIT_E_FORMAT);
    struct fluit_batch_entry foreign[] = {entry(&f->b, 1)};
    assert_int_equal(send_entries(f, &f->a, foreign, 1, &f->b.sigs[0]), FLUIT_E_FORMAT);
    f->a.headers[1][60] ^= 1; /* does not follow the one before */
    assert_int_equal(send(f, &f->a, 1, 4), FLUIT_E_FORMAT);
    assert_int_equal(f->replica.count, 0);
}

static void a_payload_is_what_its_header_says(void **state)
{
    struct fixture *f = *state;
    make_many(&f->a, 3);
    f->a.payloads[1][0] ^= 1;
    assert_int_equal(send(f, &f->a, 1, 3), FLUIT_E_AUTH);
    f->a.payloads[1][0] ^= 1;
    f->a.payloads[2][3] = '\0';
    assert_int_equal(send(f, &f->a, 1, 3), FLUIT_E_AUTH);
    assert_null(held(f, &f->a));
    assert_int_equal(send(f, &f->a, 1, 2), FLUIT_OK);
}

static void an_author_has_only_so_many_feeds(void **state)
{
    struct fixture *f = *state;
    uint8_t incarnation[16] = {0};
    uint32_t index;
    for (uint8_t i = 0; i < FLUIT_FEEDS_PER_NODE_MAX; i++) {
        incarnation[0] = i;
        assert_int_equal(
            fluit_replica_open(&f->replica, &f->b.feed.info.author, incarnation, &index), FLUIT_OK);
        assert_int_equal(index, i);
    }
    incarnation[0] = 3;
    assert_int_equal(fluit_replica_open(&f->replica, &f->b.feed.info.author, incarnation, &index),
                     FLUIT_OK);
    assert_int_equal(index, 3);
    incarnation[1] = 1;
    assert_int_equal(fluit_replica_open(&f->replica, &f->b.feed.info.author, incarnation, &index),
                     FLUIT_E_LIMIT);
    make_many(&f->a, 1);
    assert_int_equal(send(f, &f->a, 1, 1), FLUIT_OK);
}

static void all_authors_together_have_only_so_many_feeds(void **state)
{
    struct fixture *f = *state;
    struct fluit_sign_pk author = {{1}};
    uint8_t incarnation[16] = {0};
    uint32_t index;
    for (uint32_t i = 0; i < FLUIT_FEEDS_MAX; i++) {
        fluit_put_u32(author.b, i);
        assert_int_equal(fluit_replica_open(&f->replica, &author, incarnation, &index), FLUIT_OK);
    }
    fluit_put_u32(author.b, FLUIT_FEEDS_MAX);
    assert_int_equal(fluit_replica_open(&f->replica, &author, incarnation, &index), FLUIT_E_LIMIT);
    make_many(&f->a, 1);
    assert_int_equal(send(f, &f->a, 1, 1), FLUIT_E_LIMIT);
    (void)fluit_replica_digest(&f->replica); /* has room for all */
}

static void a_store_that_fails_in_a_batch_is_told_and_nothing_is_lost_after_a_restart(void **state)
{
    struct fixture *f = *state;
    make_many(&f->a, 6);
    assert_int_equal(send(f, &f->a, 1, 2), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    for (uint32_t nth = 1; nth <= 4; nth++) {
        store_memory_fail(f->s, STORE_MEMORY_APPEND, nth, FLUIT_E_FULL);
        assert_int_equal(send(f, &f->a, 3, 6), FLUIT_E_FULL);
        store_memory_crash(f->s);
        struct fluit_workshop_id workshop = f->replica.workshop;
        fluit_replica_deinit(&f->replica);
        assert_int_equal(fluit_replica_init(&f->replica, store_memory_port(f->s), &workshop),
                         FLUIT_OK);
        assert_held(f, &f->a, 2);
    }
    assert_int_equal(send(f, &f->a, 3, 6), FLUIT_OK);
    assert_held(f, &f->a, 6);
}

static void what_a_busy_store_took_of_a_batch_is_not_passed_on_until_it_is_whole(void **state)
{
    struct fixture *f = *state;
    uint64_t next;
    make_many(&f->a, 4);
    store_memory_fail(f->s, STORE_MEMORY_APPEND, 3, FLUIT_E_BUSY);
    assert_int_equal(send(f, &f->a, 1, 4), FLUIT_E_BUSY);
    assert_int_equal(held(f, &f->a)->info.seq, 2);
    assert_int_equal(held(f, &f->a)->info.signed_seq, 0);
    assert_int_equal(fluit_replica_batch(&f->replica, f->index, 1, &f->bytes, &next),
                     FLUIT_E_MISSING);
    assert_int_equal(send(f, &f->a, 1, 4), FLUIT_OK);
    assert_true(f->from == 3 && f->to == 4);
    assert_held(f, &f->a, 4);
}

/* Batches of our own feed. */

static void append_own(struct fixture *f, uint32_t count, size_t payload_len, bool sign)
{
    uint8_t *payload = calloc(1, payload_len + 1);
    assert_int_equal(fluit_replica_open(&f->replica, &f->b.feed.info.author,
                                        f->b.feed.info.incarnation, &f->index),
                     FLUIT_OK);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t header[FLUIT_HEADER_LEN];
        struct kit_feed own = f->b.feed;
        own.info = f->replica.feeds[f->index]->info;
        kit_feed_make(&own, fluit_slice(payload, payload_len), header);
        assert_int_equal(
            fluit_replica_append(&f->replica, f->index, header, fluit_slice(payload, payload_len)),
            FLUIT_OK);
    }
    if (sign)
        assert_int_equal(fluit_replica_sign(&f->replica, f->index, &f->b.feed.sk), FLUIT_OK);
    free(payload);
}

/* How many entries the batch from `from` has; it must be one that others take. */
static uint32_t batch_count(struct fixture *f, uint64_t from, uint64_t *next)
{
    struct fluit_message batch;
    fluit_buf_reset(&f->bytes);
    assert_int_equal(fluit_replica_batch(&f->replica, f->index, from, &f->bytes, next), FLUIT_OK);
    assert_true(f->bytes.len <= FLUIT_MESSAGE_MAX);
    assert_int_equal(fluit_message_get(&batch, fluit_buf_slice(&f->bytes)), FLUIT_OK);
    uint32_t count = batch.entries.count;
    struct fluit_header last;
    const uint8_t *header = batch.entries.entries[count - 1].header;
    assert_int_equal(fluit_header_get(&last, header), FLUIT_OK);
    struct fluit_hash hash = fluit_header_hash(header);
    assert_true(fluit_head_verify(&batch.entries.author, &batch.entries.sig, &f->replica.workshop,
                                  &last.feed, last.seq, &hash));
    assert_true(*next == last.seq + 1 && last.seq == from + count - 1);
    fluit_message_deinit(&batch);
    return count;
}

static void a_batch_ends_on_a_signed_head(void **state)
{
    struct fixture *f = *state;
    uint64_t next;
    append_own(f, 3, 10, true);
    append_own(f, 4, 10, false);
    assert_int_equal(batch_count(f, 1, &next), 3);
    assert_int_equal(batch_count(f, 3, &next), 1);
    assert_int_equal(fluit_replica_batch(&f->replica, f->index, 4, &f->bytes, &next),
                     FLUIT_E_MISSING);
    append_own(f, 0, 0, true);
    assert_int_equal(batch_count(f, 1, &next), 7);
    assert_int_equal(batch_count(f, 4, &next), 4);
    assert_int_equal(fluit_replica_batch(&f->replica, f->index, 8, &f->bytes, &next),
                     FLUIT_E_MISSING);
    assert_int_equal(fluit_replica_batch(&f->replica, f->index, INT64_MAX, &f->bytes, &next),
                     FLUIT_E_MISSING);
}

static void batches_are_bounded_in_entries_and_bytes(void **state)
{
    struct fixture *f = *state;
    uint64_t next = 1, batches = 0;
    for (int i = 0; i < 50; i++)
        append_own(f, 3, 10, true);
    while (next <= 150) {
        uint32_t count = batch_count(f, next, &next);
        assert_true(count >= 62 || next == 151);
        batches++;
    }
    assert_int_equal(batches, 3);
    for (int i = 0; i < 6; i++)
        append_own(f, 1, FLUIT_PAYLOAD_MAX, true);
    assert_int_equal(batch_count(f, 151, &next), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_batch_is_taken_in_and_survives_a_restart),
        TEST(duplicates_and_overlaps_add_what_is_new_only),
        TEST(a_gap_is_told_and_remembered_as_missing),
        TEST(a_fork_is_marked_and_the_first_branch_stays),
        TEST(nobody_else_can_mark_a_feed_as_forked),
        TEST(a_wrong_signature_makes_nothing_known),
        TEST(a_batch_is_one_unbroken_run_of_one_feed),
        TEST(a_payload_is_what_its_header_says),
        TEST(an_author_has_only_so_many_feeds),
        TEST(all_authors_together_have_only_so_many_feeds),
        TEST(a_store_that_fails_in_a_batch_is_told_and_nothing_is_lost_after_a_restart),
        TEST(what_a_busy_store_took_of_a_batch_is_not_passed_on_until_it_is_whole),
        TEST(a_batch_ends_on_a_signed_head),
        TEST(batches_are_bounded_in_entries_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
