#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/seal.h"

/* An entry sealed with key {7}, opened again with whatever a test makes of it. */
struct fixture {
    struct fluit_rng rng;
    struct fluit_secret key;
    struct fluit_header header;
    uint8_t bytes[FLUIT_HEADER_LEN];
    struct fluit_buf payload, text;
    struct fluit_slice body;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    fluit_rng_seed(&f->rng, "seal", 4);
    f->key.b[0] = 7;
    f->header = (struct fluit_header){.entry_class = FLUIT_CLASS_STORY, .round = 1, .seq = 1};
    *state = f;
    return fluit_crypto_init() != FLUIT_OK;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_buf_deinit(&f->payload);
    fluit_buf_deinit(&f->text);
    free(f);
    return 0;
}

static enum fluit_err seal(struct fixture *f, struct fluit_slice body)
{
    enum fluit_err err = fluit_seal(&f->rng, &f->key, &f->header, body, &f->payload);
    if (!err)
        fluit_header_put(&f->header, f->bytes);
    return err;
}

static enum fluit_err unseal(struct fixture *f)
{
    return fluit_unseal(&f->key, f->bytes, fluit_buf_slice(&f->payload), &f->text, &f->body);
}

static void what_was_sealed_opens(void **state)
{
    struct fixture *f = *state;
    static const size_t lens[] = {0, 1, 59, 60, 61, 4092, 4093, 100000};
    uint8_t *body = calloc(1, 100000);
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        memset(body, 'x', lens[i]);
        assert_int_equal(seal(f, fluit_slice(lens[i] ? body : NULL, lens[i])), FLUIT_OK);
        assert_int_equal(f->header.payload_len, f->payload.len);
        assert_int_equal(f->payload.len, 24 + fluit_seal_bucket(lens[i]) + 16);
        struct fluit_hash hash = fluit_payload_hash(fluit_buf_slice(&f->payload));
        assert_memory_equal(hash.b, f->header.payload_hash.b, 32);
        assert_int_equal(unseal(f), FLUIT_OK);
        assert_true(fluit_slice_eq(f->body, fluit_slice(body, lens[i])));
    }
    free(body);
}

static void buckets_double_to_a_page_and_then_count_pages(void **state)
{
    (void)state;
    assert_int_equal(fluit_seal_bucket(0), 64);
    assert_int_equal(fluit_seal_bucket(60), 64);
    assert_int_equal(fluit_seal_bucket(61), 128);
    assert_int_equal(fluit_seal_bucket(2045), 4096);
    assert_int_equal(fluit_seal_bucket(4092), 4096);
    assert_int_equal(fluit_seal_bucket(4093), 8192);
    assert_int_equal(fluit_seal_bucket(8188), 8192);
    assert_int_equal(fluit_seal_bucket(8189), 12288);
}

static void a_body_that_would_not_fit_is_refused(void **state)
{
    struct fixture *f = *state;
    size_t most = (FLUIT_PAYLOAD_MAX - 40) / 4096 * 4096 - 4;
    uint8_t *body = calloc(1, FLUIT_PAYLOAD_MAX + 1);
    assert_int_equal(seal(f, fluit_slice(body, most)), FLUIT_OK);
    assert_int_equal(unseal(f), FLUIT_OK);
    assert_int_equal(seal(f, fluit_slice(body, most + 1)), FLUIT_E_LIMIT);
    assert_int_equal(seal(f, fluit_slice(body, FLUIT_PAYLOAD_MAX + 1)), FLUIT_E_LIMIT);
    assert_int_equal(
        fluit_seal(&f->rng, &f->key, &f->header, fluit_slice(body, SIZE_MAX), &f->payload),
        FLUIT_E_LIMIT);
    free(body);
}

static void the_same_body_is_sealed_differently_each_time(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(seal(f, fluit_slice_str("same")), FLUIT_OK);
    struct fluit_hash first = f->header.payload_hash;
    assert_int_equal(seal(f, fluit_slice_str("same")), FLUIT_OK);
    assert_memory_not_equal(first.b, f->header.payload_hash.b, 32);
}

static void another_key_is_known_by_its_name(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(seal(f, fluit_slice_str("secret")), FLUIT_OK);
    f->key.b[31] ^= 1;
    assert_int_equal(unseal(f), FLUIT_E_NOKEY);
    /* Even under the right name it does not open. */
    f->header.key_id = fluit_key_id(&f->key);
    fluit_header_put(&f->header, f->bytes);
    assert_int_equal(unseal(f), FLUIT_E_AUTH);
}

static void no_bit_before_the_payload_hash_may_change(void **state)
{
    struct fixture *f = *state;
    f->header.seq = 5;
    f->header.prev.b[0] = 1;
    assert_int_equal(seal(f, fluit_slice_str("secret")), FLUIT_OK);
    for (size_t bit = 0; bit < 8 * FLUIT_HEADER_AD_LEN; bit++) {
        f->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(unseal(f), FLUIT_OK);
        f->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(unseal(f), FLUIT_OK);
}

static void no_bit_of_nonce_text_or_tag_may_change(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(seal(f, fluit_slice_str("secret")), FLUIT_OK);
    for (size_t bit = 0; bit < 8 * f->payload.len; bit++) {
        f->payload.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(unseal(f), FLUIT_E_AUTH);
        f->payload.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(unseal(f), FLUIT_OK);
}

static void a_payload_cut_anywhere_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(seal(f, fluit_slice_str("secret")), FLUIT_OK);
    while (f->payload.len-- > 0)
        assert_int_not_equal(unseal(f), FLUIT_OK);
}

/* Seals a padded text of the test's own making, as a hostile author with the key can. */
static enum fluit_err unseal_text(struct fixture *f, const uint8_t *text, size_t len)
{
    fluit_buf_reset(&f->payload);
    uint8_t *out = fluit_buf_extend(&f->payload, 24 + len + 16);
    memset(out, 3, 24);
    f->header.key_id = fluit_key_id(&f->key);
    f->header.payload_len = (uint32_t)f->payload.len;
    fluit_header_put(&f->header, f->bytes);
    fluit_aead_seal(&f->key, out, fluit_slice(f->bytes, FLUIT_HEADER_AD_LEN), text, len, out + 24);
    return unseal(f);
}

static void padding_is_exact(void **state)
{
    struct fixture *f = *state;
    uint8_t text[128] = {0, 0, 0, 2, 'h', 'i'};
    assert_int_equal(unseal_text(f, text, 64), FLUIT_OK);
    assert_true(fluit_slice_is(f->body, "hi"));
    assert_int_equal(unseal_text(f, text, 128), FLUIT_E_FORMAT); /* a bucket too large */
    assert_int_equal(unseal_text(f, text, 63), FLUIT_E_FORMAT);
    assert_int_equal(unseal_text(f, text, 3), FLUIT_E_FORMAT);
    assert_int_equal(unseal_text(f, text, 0), FLUIT_E_FORMAT);
    text[63] = 1;
    assert_int_equal(unseal_text(f, text, 64), FLUIT_E_FORMAT);
    memset(text, 0xff, 4); /* a length beyond the text */
    assert_int_equal(unseal_text(f, text, 64), FLUIT_E_FORMAT);
    memset(text, 0, 4);
    text[3] = 61;
    assert_int_equal(unseal_text(f, text, 64), FLUIT_E_FORMAT);
}

static void an_open_entry_is_its_body(void **state)
{
    struct fixture *f = *state;
    f->header.entry_class = FLUIT_CLASS_OPEN;
    f->header.key_id.b[0] = 1;
    assert_int_equal(fluit_seal(&f->rng, NULL, &f->header, fluit_slice_str("for all"), &f->payload),
                     FLUIT_OK);
    assert_true(fluit_slice_is(fluit_buf_slice(&f->payload), "for all"));
    fluit_header_put(&f->header, f->bytes);
    struct fluit_header back;
    assert_int_equal(fluit_header_get(&back, f->bytes), FLUIT_OK);
    assert_int_equal(back.payload_len, 7);
    assert_int_equal(unseal(f), FLUIT_E_NOKEY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_was_sealed_opens),
        TEST(buckets_double_to_a_page_and_then_count_pages),
        TEST(a_body_that_would_not_fit_is_refused),
        TEST(the_same_body_is_sealed_differently_each_time),
        TEST(another_key_is_known_by_its_name),
        TEST(no_bit_before_the_payload_hash_may_change),
        TEST(no_bit_of_nonce_text_or_tag_may_change),
        TEST(a_payload_cut_anywhere_is_refused),
        TEST(padding_is_exact),
        TEST(an_open_entry_is_its_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
