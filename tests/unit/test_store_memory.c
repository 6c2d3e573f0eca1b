#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/feedkit.h"
#include "tests/kit/store_memory.h"

struct fixture {
    struct store_memory *s;
    struct fluit_store store;
    struct kit_feed feed;
    struct fluit_buf buf;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->s = store_memory_new();
    f->store = store_memory_port(f->s);
    kit_feed_init(&f->feed, 1);
    *state = f;
    return fluit_crypto_init() != FLUIT_OK;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    store_memory_free(f->s);
    fluit_buf_deinit(&f->buf);
    free(f);
    return 0;
}

static enum fluit_err append(struct fixture *f, const char *text, bool sign)
{
    return kit_feed_append(&f->feed, &f->store, fluit_slice_str(text), sign);
}

static enum fluit_err get(struct fixture *f, uint64_t seq, struct fluit_stored *out)
{
    return f->store.ops->get(f->store.self, &f->feed.info.id, seq, out, &f->buf);
}

static enum fluit_err put(struct fixture *f, const char *name, const char *value)
{
    return f->store.ops->put(f->store.self, name, fluit_slice_str(value));
}

static bool value_is(struct fixture *f, const char *name, const char *value)
{
    return !f->store.ops->value(f->store.self, name, &f->buf) &&
           fluit_slice_is(fluit_buf_slice(&f->buf), value);
}

static enum fluit_err value(struct fixture *f, const char *name)
{
    return f->store.ops->value(f->store.self, name, &f->buf);
}

struct walk {
    uint32_t count;
    struct fluit_feed_info last;
    char names[200];
};

static enum fluit_err see_feed(void *arg, const struct fluit_feed_info *info)
{
    struct walk *walk = arg;
    walk->count++;
    walk->last = *info;
    return FLUIT_OK;
}

static enum fluit_err see_value(void *arg, const char *name, struct fluit_slice bytes)
{
    struct walk *walk = arg;
    walk->count++;
    size_t used = strlen(walk->names);
    snprintf(walk->names + used, sizeof walk->names - used, "%s=%.*s ", name, (int)bytes.len,
             (const char *)bytes.data);
    return FLUIT_OK;
}

static struct walk feeds(struct fixture *f)
{
    struct walk walk = {0};
    assert_int_equal(f->store.ops->feeds(f->store.self, see_feed, &walk), FLUIT_OK);
    return walk;
}

static void what_was_written_reads_back_at_once(void **state)
{
    struct fixture *f = *state;
    struct fluit_stored got;
    assert_int_equal(append(f, "one", false), FLUIT_OK);
    assert_int_equal(append(f, "", true), FLUIT_OK);
    assert_true(store_memory_is_pending(f->s));
    assert_int_equal(get(f, 1, &got), FLUIT_OK);
    assert_true(fluit_slice_is(got.payload, "one") && !got.has_sig);
    assert_int_equal(get(f, 2, &got), FLUIT_OK);
    assert_true(got.payload.len == 0 && got.has_sig);
    assert_memory_equal(got.header, f->feed.header, FLUIT_HEADER_LEN);
    assert_int_equal(get(f, 0, &got), FLUIT_E_MISSING);
    assert_int_equal(get(f, 3, &got), FLUIT_E_MISSING);
    struct walk walk = feeds(f);
    assert_int_equal(walk.count, 1);
    assert_memory_equal(&walk.last, &f->feed.info, sizeof walk.last);
}

static void only_the_next_entry_is_taken(void **state)
{
    struct fixture *f = *state;
    uint8_t header[FLUIT_HEADER_LEN];
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    struct kit_feed same = f->feed;
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    assert_int_equal(kit_feed_append(&same, &f->store, fluit_slice_str("2"), true), FLUIT_E_CHAIN);
    kit_feed_make(&f->feed, fluit_slice_str("three"), header);
    assert_int_equal(
        f->store.ops->append(f->store.self, &f->feed.info, header, fluit_slice_str("thre"), NULL),
        FLUIT_E_FORMAT);
    assert_int_equal(feeds(f).last.seq, 2);
}

static void a_crash_drops_what_is_pending_and_no_more(void **state)
{
    struct fixture *f = *state;
    struct fluit_stored got;
    assert_int_equal(append(f, "one", false), FLUIT_OK);
    assert_int_equal(put(f, "a", "1"), FLUIT_OK);
    assert_int_equal(put(f, "b", "1"), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    assert_false(store_memory_is_pending(f->s));
    struct kit_feed committed = f->feed;
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    assert_int_equal(f->store.ops->sign(f->store.self, &f->feed.info.id, 1, &f->feed.info.sig),
                     FLUIT_OK);
    assert_int_equal(put(f, "a", "2"), FLUIT_OK);
    assert_int_equal(put(f, "a", "3"), FLUIT_OK);
    assert_int_equal(put(f, "c", "1"), FLUIT_OK);
    assert_int_equal(f->store.ops->drop(f->store.self, "b"), FLUIT_OK);
    assert_int_equal(value(f, "b"), FLUIT_E_MISSING);
    store_memory_crash(f->s);
    assert_false(store_memory_is_pending(f->s));
    assert_int_equal(get(f, 2, &got), FLUIT_E_MISSING);
    assert_int_equal(get(f, 1, &got), FLUIT_OK);
    assert_false(got.has_sig);
    struct walk walk = feeds(f);
    assert_memory_equal(&walk.last, &committed.info, sizeof walk.last);
    assert_true(value_is(f, "a", "1"));
    assert_true(value_is(f, "b", "1"));
    assert_int_equal(value(f, "c"), FLUIT_E_MISSING);
    f->feed = committed;
    assert_int_equal(append(f, "another two", true), FLUIT_OK);
}

static void a_feed_that_was_never_committed_is_not_known_after_a_crash(void **state)
{
    struct fixture *f = *state;
    struct kit_feed fresh = f->feed;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    store_memory_crash(f->s);
    assert_int_equal(feeds(f).count, 0);
    f->feed = fresh;
    assert_int_equal(append(f, "other", true), FLUIT_OK);
    assert_int_equal(feeds(f).count, 1);
}

static void the_first_signature_stays(void **state)
{
    struct fixture *f = *state;
    struct fluit_sig other = {{9}};
    struct fluit_stored got;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_int_equal(f->store.ops->sign(f->store.self, &f->feed.info.id, 1, &other), FLUIT_OK);
    assert_int_equal(f->store.ops->sign(f->store.self, &f->feed.info.id, 2, &other),
                     FLUIT_E_MISSING);
    assert_int_equal(f->store.ops->sign(f->store.self, &f->feed.info.id, 0, &other),
                     FLUIT_E_MISSING);
    assert_int_equal(get(f, 1, &got), FLUIT_OK);
    assert_memory_equal(got.sig.b, f->feed.info.sig.b, sizeof got.sig.b);
}

static void the_nth_call_fails_and_the_store_stays_broken(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(put(f, "kept", "1"), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    store_memory_fail(f->s, STORE_MEMORY_APPEND, 3, FLUIT_E_FULL);
    assert_int_equal(append(f, "1", false), FLUIT_OK);
    assert_int_equal(append(f, "2", false), FLUIT_OK);
    assert_int_equal(append(f, "3", true), FLUIT_E_FULL);
    assert_int_equal(append(f, "3", true), FLUIT_E_FULL);
    assert_int_equal(put(f, "a", "1"), FLUIT_E_FULL);
    assert_int_equal(value(f, "kept"), FLUIT_E_FULL);
    assert_int_equal(store_memory_commit(f->s), FLUIT_E_FULL);
    store_memory_crash(f->s);
    assert_int_equal(feeds(f).count, 0);
    assert_true(value_is(f, "kept", "1"));
    store_memory_fail(f->s, STORE_MEMORY_COMMIT, 1, FLUIT_E_IO);
    assert_int_equal(put(f, "a", "1"), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_E_IO);
    store_memory_crash(f->s);
    assert_int_equal(value(f, "a"), FLUIT_E_MISSING);
}

static void busy_passes(void **state)
{
    struct fixture *f = *state;
    store_memory_fail(f->s, STORE_MEMORY_PUT, 1, FLUIT_E_BUSY);
    assert_int_equal(put(f, "a", "1"), FLUIT_E_BUSY);
    assert_int_equal(put(f, "a", "1"), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
}

static void values_are_walked_by_prefix_in_order(void **state)
{
    struct fixture *f = *state;
    struct walk walk = {0};
    assert_int_equal(put(f, "key/2", "b"), FLUIT_OK);
    assert_int_equal(put(f, "kez", "x"), FLUIT_OK);
    assert_int_equal(put(f, "key/10", "c"), FLUIT_OK);
    assert_int_equal(put(f, "key", "x"), FLUIT_OK);
    assert_int_equal(put(f, "key/1", "a"), FLUIT_OK);
    assert_int_equal(f->store.ops->values(f->store.self, "key/", see_value, &walk), FLUIT_OK);
    assert_string_equal(walk.names, "key/1=a key/10=c key/2=b ");
}

static void many_feeds_are_found(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 200; i++) {
        struct kit_feed feed;
        kit_feed_init(&feed, (uint8_t)i);
        for (int k = 0; k < 20; k++)
            assert_int_equal(kit_feed_append(&feed, &f->store, fluit_slice(&i, sizeof i), true),
                             FLUIT_OK);
        f->feed = feed;
    }
    assert_int_equal(feeds(f).count, 200);
    for (int i = 0; i < 200; i++) {
        struct fluit_stored got;
        kit_feed_init(&f->feed, (uint8_t)i);
        assert_int_equal(get(f, 20, &got), FLUIT_OK);
        assert_memory_equal(got.payload.data, &i, sizeof i);
    }
}

static void a_byte_flips_on_the_disk(void **state)
{
    struct fixture *f = *state;
    struct fluit_stored got;
    assert_int_equal(append(f, "one", true), FLUIT_OK);
    assert_true(store_memory_flip_payload(f->s, &f->feed.info.id, 1, 0, 1));
    assert_true(store_memory_flip_header(f->s, &f->feed.info.id, 1, 155, 0x80));
    assert_int_equal(get(f, 1, &got), FLUIT_OK);
    assert_true(fluit_slice_is(got.payload, "nne"));
    assert_int_equal(got.header[155] ^ f->feed.header[155], 0x80);
    assert_false(store_memory_flip_payload(f->s, &f->feed.info.id, 1, 3, 1));
    assert_false(store_memory_flip_payload(f->s, &f->feed.info.id, 2, 0, 1));
    assert_false(store_memory_flip_header(f->s, &f->feed.info.id, 1, FLUIT_HEADER_LEN, 1));
}

static void a_full_disk_refuses_until_there_is_room(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(put(f, "kept", "1"), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    store_memory_set_full(f->s, true);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK); /* nothing was to be written */
    assert_int_equal(store_memory_broken(f->s), FLUIT_OK);
    assert_int_equal(put(f, "a", "1"), FLUIT_E_FULL);
    assert_int_equal(store_memory_broken(f->s), FLUIT_E_FULL);
    store_memory_crash(f->s);
    assert_true(value_is(f, "kept", "1"));
    assert_int_equal(append(f, "one", true), FLUIT_E_FULL);
    store_memory_set_full(f->s, false);
    store_memory_crash(f->s);
    assert_int_equal(put(f, "a", "1"), FLUIT_OK);
    assert_int_equal(store_memory_calls(f->s, STORE_MEMORY_PUT), 3);
    assert_int_equal(store_memory_calls(f->s, STORE_MEMORY_COMMIT), 2);
}

static void a_copy_holds_what_is_durable_and_goes_its_own_way(void **state)
{
    struct fixture *f = *state;
    struct fluit_stored got;
    struct fluit_hash hash;
    assert_int_equal(append(f, "one", false), FLUIT_OK);
    assert_int_equal(put(f, "a", "1"), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    struct kit_feed committed = f->feed;
    assert_int_equal(append(f, "two", true), FLUIT_OK);
    assert_int_equal(f->store.ops->sign(f->store.self, &f->feed.info.id, 1, &f->feed.info.sig),
                     FLUIT_OK);
    assert_int_equal(put(f, "a", "2"), FLUIT_OK);
    assert_int_equal(put(f, "b", "2"), FLUIT_OK);
    assert_false(store_memory_durable_hash(f->s, &f->feed.info.id, 2, &hash));
    assert_true(store_memory_durable_hash(f->s, &f->feed.info.id, 1, &hash));
    assert_memory_equal(hash.b, committed.info.hash.b, sizeof hash.b);

    struct fixture copy = {.s = store_memory_copy(f->s), .feed = f->feed};
    copy.store = store_memory_port(copy.s);
    assert_int_equal(get(&copy, 1, &got), FLUIT_OK);
    assert_true(fluit_slice_is(got.payload, "one") && !got.has_sig);
    assert_int_equal(get(&copy, 2, &got), FLUIT_E_MISSING);
    struct walk walk = feeds(&copy);
    assert_memory_equal(&walk.last, &committed.info, sizeof walk.last);
    assert_true(value_is(&copy, "a", "1"));
    assert_int_equal(value(&copy, "b"), FLUIT_E_MISSING);
    copy.feed = committed;
    assert_int_equal(append(&copy, "another two", true), FLUIT_OK);
    assert_int_equal(store_memory_commit(copy.s), FLUIT_OK);
    store_memory_free(copy.s);
    fluit_buf_deinit(&copy.buf);
    assert_int_equal(get(f, 2, &got), FLUIT_OK);
    assert_true(fluit_slice_is(got.payload, "two"));
}

static enum fluit_err see_entry(void *arg, uint64_t seq, const struct fluit_stored *entry)
{
    struct walk *walk = arg;
    size_t used = strlen(walk->names);
    walk->count++;
    snprintf(walk->names + used, sizeof walk->names - used, "%d=%.*s%s ", (int)seq,
             (int)entry->payload.len, (const char *)entry->payload.data, entry->has_sig ? "!" : "");
    return walk->count == 3 ? FLUIT_E_USED : FLUIT_OK;
}

static void assert_entries(struct fixture *f, struct store_memory *s, uint64_t from,
                           enum fluit_err err, const char *expected)
{
    struct fluit_store store = store_memory_port(s);
    struct walk walk = {0};
    assert_int_equal(store.ops->each(store.self, &f->feed.info.id, from, see_entry, &walk), err);
    assert_string_equal(walk.names, expected);
}

static void entries_are_walked_from_a_number_on(void **state)
{
    struct fixture *f = *state;
    assert_entries(f, f->s, 1, FLUIT_OK, "");
    assert_int_equal(append(f, "a", false), FLUIT_OK);
    assert_int_equal(append(f, "b", true), FLUIT_OK);
    assert_int_equal(append(f, "c", false), FLUIT_OK);
    assert_int_equal(append(f, "d", true), FLUIT_OK);
    assert_entries(f, f->s, 3, FLUIT_OK, "3=c 4=d! ");
    assert_entries(f, f->s, 1, FLUIT_E_USED, "1=a 2=b! 3=c ");
}

/* Another payload for the entry last made, as if it were the right one. */
static enum fluit_err replace(struct fixture *f, uint64_t seq, const char *text, bool sign)
{
    struct kit_feed as_of = f->feed;
    uint8_t header[FLUIT_HEADER_LEN];
    struct fluit_sig sig = {{1}};
    as_of.info.seq = seq - 1;
    as_of.info.hash = seq == 1 ? (struct fluit_hash){{0}} : (struct fluit_hash){{7}};
    kit_feed_make(&as_of, fluit_slice_str(text), header);
    return f->store.ops->replace(f->store.self, &f->feed.info.id, header, fluit_slice_str(text),
                                 sign ? &sig : NULL);
}

static void what_was_replaced_or_cut_comes_back_in_a_crash(void **state)
{
    struct fixture *f = *state;
    struct fluit_feed_info first;
    assert_int_equal(append(f, "a", true), FLUIT_OK);
    first = f->feed.info;
    assert_int_equal(append(f, "b", true), FLUIT_OK);
    assert_int_equal(append(f, "c", true), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    assert_int_equal(replace(f, 4, "x", false), FLUIT_E_MISSING);
    assert_int_equal(replace(f, 2, "x", false), FLUIT_OK);
    assert_entries(f, f->s, 2, FLUIT_OK, "2=x 3=c! ");
    assert_int_equal(f->store.ops->restate(f->store.self, &first), FLUIT_OK);
    assert_entries(f, f->s, 1, FLUIT_OK, "1=a! ");
    assert_int_equal(feeds(f).last.seq, 1);
    struct kit_feed again = f->feed;
    again.info = first;
    assert_int_equal(kit_feed_append(&again, &f->store, fluit_slice_str("y"), false), FLUIT_OK);
    assert_entries(f, f->s, 1, FLUIT_OK, "1=a! 2=y ");
    struct store_memory *copy = store_memory_copy(f->s);
    assert_entries(f, copy, 2, FLUIT_OK, "2=b! 3=c! ");
    store_memory_free(copy);
    store_memory_crash(f->s);
    assert_entries(f, f->s, 2, FLUIT_OK, "2=b! 3=c! ");
    assert_int_equal(feeds(f).last.seq, 3);
    assert_int_equal(replace(f, 1, "z", true), FLUIT_OK);
    assert_int_equal(store_memory_commit(f->s), FLUIT_OK);
    store_memory_crash(f->s);
    assert_entries(f, f->s, 1, FLUIT_E_USED, "1=z! 2=b! 3=c! ");
}

static void any_number_flips_one_bit_and_every_bit_can_be(void **state)
{
    struct fixture *f = *state;
    struct store_memory_flipped flipped;
    struct fluit_stored before, after;
    uint32_t seen[2] = {0};
    assert_false(store_memory_flip(f->s, 1, &flipped));
    assert_int_equal(append(f, "a", true), FLUIT_OK);
    assert_int_equal(append(f, "bc", true), FLUIT_OK);
    for (uint64_t n = 0; n < 2 * 8 * (FLUIT_HEADER_LEN + 2); n++) {
        struct fluit_buf kept = FLUIT_BUF_INIT;
        assert_int_equal(get(f, n % 2 + 1, &before), FLUIT_OK);
        fluit_buf_put(&kept, before.payload.data, before.payload.len);
        assert_true(store_memory_flip(f->s, n, &flipped));
        assert_int_equal(flipped.seq, n % 2 + 1);
        assert_int_equal(get(f, flipped.seq, &after), FLUIT_OK);
        bool header = memcmp(before.header, after.header, FLUIT_HEADER_LEN) != 0;
        bool payload = memcmp(kept.data, after.payload.data, kept.len) != 0;
        assert_true(header == flipped.in_header && payload == !header);
        seen[header]++;
        assert_true(store_memory_flip(f->s, n, &flipped)); /* and back */
        fluit_buf_deinit(&kept);
    }
    assert_true(seen[1] == 2 * 8 * FLUIT_HEADER_LEN + 8 && seen[0] == 8 + 2 * 8);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_reads_back_at_once),
        TEST(only_the_next_entry_is_taken),
        TEST(a_crash_drops_what_is_pending_and_no_more),
        TEST(a_feed_that_was_never_committed_is_not_known_after_a_crash),
        TEST(the_first_signature_stays),
        TEST(the_nth_call_fails_and_the_store_stays_broken),
        TEST(busy_passes),
        TEST(values_are_walked_by_prefix_in_order),
        TEST(many_feeds_are_found),
        TEST(a_byte_flips_on_the_disk),
        TEST(entries_are_walked_from_a_number_on),
        TEST(what_was_replaced_or_cut_comes_back_in_a_crash),
        TEST(any_number_flips_one_bit_and_every_bit_can_be),
        TEST(a_full_disk_refuses_until_there_is_room),
        TEST(a_copy_holds_what_is_durable_and_goes_its_own_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
