#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "proto/entry.h"

static struct fluit_header sample(void)
{
    struct fluit_header h = {
        .entry_class = FLUIT_CLASS_STORY,
        .round = FLUIT_ROUNDS_MAX,
        .seq = 0x0102030405060708,
        .mesh_us = -2,
        .payload_len = FLUIT_PAYLOAD_MAX,
    };
    memset(h.feed.b, 0xf0, sizeof h.feed.b);
    memset(h.prev.b, 0xa0, sizeof h.prev.b);
    memset(h.key_id.b, 0xb0, sizeof h.key_id.b);
    memset(h.payload_hash.b, 0xc0, sizeof h.payload_hash.b);
    return h;
}

static enum fluit_err get(const uint8_t in[FLUIT_HEADER_LEN])
{
    struct fluit_header header;
    return fluit_header_get(&header, in);
}

static enum fluit_err get_with(size_t offset, const char *bytes, size_t len)
{
    struct fluit_header h = sample();
    uint8_t in[FLUIT_HEADER_LEN];
    fluit_header_put(&h, in);
    memcpy(in + offset, bytes, len);
    return get(in);
}

static enum fluit_err get_of(struct fluit_header h)
{
    uint8_t in[FLUIT_HEADER_LEN];
    fluit_header_put(&h, in);
    return get(in);
}

static void a_header_comes_back_as_it_was(void **state)
{
    (void)state;
    struct fluit_header h = sample(), back;
    uint8_t bytes[FLUIT_HEADER_LEN], again[FLUIT_HEADER_LEN];
    fluit_header_put(&h, bytes);
    assert_int_equal(fluit_header_get(&back, bytes), FLUIT_OK);
    assert_int_equal(back.entry_class, h.entry_class);
    assert_int_equal(back.round, h.round);
    assert_true(back.seq == h.seq && back.mesh_us == -2);
    assert_int_equal(back.payload_len, h.payload_len);
    assert_memory_equal(back.feed.b, h.feed.b, 32);
    assert_memory_equal(back.prev.b, h.prev.b, 32);
    assert_memory_equal(back.key_id.b, h.key_id.b, 32);
    assert_memory_equal(back.payload_hash.b, h.payload_hash.b, 32);
    fluit_header_put(&back, again);
    assert_memory_equal(bytes, again, sizeof bytes);
}

static void its_bytes_stand_where_the_protocol_says(void **state)
{
    (void)state;
    struct fluit_header h = sample();
    uint8_t bytes[FLUIT_HEADER_LEN];
    fluit_header_put(&h, bytes);
    assert_memory_equal(bytes, "FLE1\2\10\0\0\1\2\3\4\5\6\7\10", 16);
    assert_memory_equal(bytes + 16, "\377\377\377\377\377\377\377\376\360", 9);
    assert_int_equal(bytes[56], 0xa0);
    assert_int_equal(bytes[88], 0xb0);
    assert_memory_equal(bytes + 120, "\0\3\0\0\300", 5);
}

static void refuses_another_magic_class_round_or_reserved_byte(void **state)
{
    (void)state;
    assert_int_equal(get_with(0, "FLX1", 4), FLUIT_E_FORMAT);
    assert_int_equal(get_with(0, "\0\0\0\0", 4), FLUIT_E_FORMAT);
    assert_int_equal(get_with(0, "FLE2", 4), FLUIT_E_VERSION);
    assert_int_equal(get_with(4, "\3", 1), FLUIT_E_FORMAT);
    assert_int_equal(get_with(5, "\11", 1), FLUIT_E_FORMAT);
    assert_int_equal(get_with(6, "\1", 1), FLUIT_E_FORMAT);
    assert_int_equal(get_with(7, "\200", 1), FLUIT_E_FORMAT);
}

static void refuses_a_seq_that_no_feed_reaches(void **state)
{
    (void)state;
    struct fluit_header h = sample();
    h.seq = 0;
    assert_int_equal(get_of(h), FLUIT_E_FORMAT);
    h.seq = INT64_MAX;
    assert_int_equal(get_of(h), FLUIT_OK);
    h.seq = (uint64_t)INT64_MAX + 1;
    assert_int_equal(get_of(h), FLUIT_E_LIMIT);
    h.seq = UINT64_MAX;
    assert_int_equal(get_of(h), FLUIT_E_LIMIT);
}

static void only_a_first_entry_has_none_before_it(void **state)
{
    (void)state;
    struct fluit_header h = sample();
    h.seq = 1;
    assert_int_equal(get_of(h), FLUIT_E_FORMAT);
    memset(h.prev.b, 0, sizeof h.prev.b);
    assert_int_equal(get_of(h), FLUIT_OK);
    h.seq = 2;
    assert_int_equal(get_of(h), FLUIT_E_FORMAT);
    h.prev.b[31] = 1;
    assert_int_equal(get_of(h), FLUIT_OK);
}

static void only_an_open_entry_has_no_key(void **state)
{
    (void)state;
    struct fluit_header h = sample();
    h.entry_class = FLUIT_CLASS_OPEN;
    assert_int_equal(get_of(h), FLUIT_E_FORMAT);
    memset(h.key_id.b, 0, sizeof h.key_id.b);
    assert_int_equal(get_of(h), FLUIT_OK);
    h.entry_class = FLUIT_CLASS_CONTROL;
    assert_int_equal(get_of(h), FLUIT_E_FORMAT);
}

static void refuses_a_payload_length_over_the_limit(void **state)
{
    (void)state;
    struct fluit_header h = sample();
    h.payload_len = FLUIT_PAYLOAD_MAX + 1;
    assert_int_equal(get_of(h), FLUIT_E_LIMIT);
    h.payload_len = UINT32_MAX;
    assert_int_equal(get_of(h), FLUIT_E_LIMIT);
}

static void a_refused_header_leaves_the_output_alone(void **state)
{
    (void)state;
    struct fluit_header h = sample(), out = sample(), before = out;
    uint8_t in[FLUIT_HEADER_LEN];
    h.payload_len = UINT32_MAX;
    fluit_header_put(&h, in);
    assert_int_equal(fluit_header_get(&out, in), FLUIT_E_LIMIT);
    assert_memory_equal(&out, &before, sizeof out);
}

static void every_bit_of_a_header_counts_in_its_hash(void **state)
{
    (void)state;
    struct fluit_header h = sample();
    uint8_t bytes[FLUIT_HEADER_LEN];
    fluit_header_put(&h, bytes);
    struct fluit_hash hash = fluit_header_hash(bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct fluit_hash other = fluit_header_hash(bytes);
        assert_memory_not_equal(hash.b, other.b, sizeof hash.b);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void a_head_is_good_for_its_workshop_feed_seq_and_hash_only(void **state)
{
    (void)state;
    struct fluit_secret seed = {{1}};
    struct fluit_sign_pk pk, stranger;
    struct fluit_sign_sk sk;
    struct fluit_workshop_id workshop = {{1}}, other_workshop = {{2}};
    struct fluit_feed_id feed = {{3}}, other_feed = {{4}};
    struct fluit_hash hash = {{5}}, other_hash = {{6}};
    fluit_sign_keypair(&seed, &pk, &sk);
    struct fluit_sig sig = fluit_head_sign(&sk, &workshop, &feed, 9, &hash);
    assert_true(fluit_head_verify(&pk, &sig, &workshop, &feed, 9, &hash));
    assert_false(fluit_head_verify(&pk, &sig, &other_workshop, &feed, 9, &hash));
    assert_false(fluit_head_verify(&pk, &sig, &workshop, &other_feed, 9, &hash));
    assert_false(fluit_head_verify(&pk, &sig, &workshop, &feed, 10, &hash));
    assert_false(fluit_head_verify(&pk, &sig, &workshop, &feed, 9, &other_hash));
    seed.b[0] = 2;
    fluit_sign_keypair(&seed, &stranger, &sk);
    assert_false(fluit_head_verify(&stranger, &sig, &workshop, &feed, 9, &hash));
    for (size_t i = 0; i < sizeof sig.b; i++) {
        sig.b[i] ^= 1;
        assert_false(fluit_head_verify(&pk, &sig, &workshop, &feed, 9, &hash));
        sig.b[i] ^= 1;
    }
}

static void a_feed_id_depends_on_author_and_incarnation(void **state)
{
    (void)state;
    struct fluit_sign_pk author = {{1}}, other = {{2}};
    uint8_t incarnation[16] = {1}, later[16] = {2};
    struct fluit_feed_id id = fluit_feed_id(&author, incarnation);
    struct fluit_feed_id same = fluit_feed_id(&author, incarnation);
    struct fluit_feed_id next = fluit_feed_id(&author, later);
    struct fluit_feed_id others = fluit_feed_id(&other, incarnation);
    assert_memory_equal(id.b, same.b, 32);
    assert_memory_not_equal(id.b, next.b, 32);
    assert_memory_not_equal(id.b, others.b, 32);
}

static int setup(void **state)
{
    (void)state;
    return fluit_crypto_init() != FLUIT_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_comes_back_as_it_was),
        cmocka_unit_test(its_bytes_stand_where_the_protocol_says),
        cmocka_unit_test(refuses_another_magic_class_round_or_reserved_byte),
        cmocka_unit_test(refuses_a_seq_that_no_feed_reaches),
        cmocka_unit_test(only_a_first_entry_has_none_before_it),
        cmocka_unit_test(only_an_open_entry_has_no_key),
        cmocka_unit_test(refuses_a_payload_length_over_the_limit),
        cmocka_unit_test(a_refused_header_leaves_the_output_alone),
        cmocka_unit_test(every_bit_of_a_header_counts_in_its_hash),
        cmocka_unit_test(a_head_is_good_for_its_workshop_feed_seq_and_hash_only),
        cmocka_unit_test(a_feed_id_depends_on_author_and_incarnation),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
