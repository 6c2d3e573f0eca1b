#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/codec.h"

#define BYTES(...)                                                                                 \
    fluit_slice((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Copies to the heap, so that the sanitizer sees a read past the end. */
static enum fluit_err opens(struct fluit_slice bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);
    assert_non_null(copy);
    memcpy(copy + 1, bytes.data, bytes.len);
    struct fluit_reader r;
    enum fluit_err err = fluit_reader_init(&r, fluit_slice(copy + 1, bytes.len));
    assert_int_equal(r.err, err);
    fluit_reader_deinit(&r);
    free(copy);
    return err;
}

static void put_one_of_each(struct fluit_buf *out)
{
    fluit_pack_array(out, 9);
    fluit_pack_uint(out, UINT64_MAX);
    fluit_pack_int(out, INT64_MIN);
    fluit_pack_bool(out, true);
    fluit_pack_bool(out, false);
    fluit_pack_nil(out);
    fluit_pack_bin(out, "\0\xff", 2);
    fluit_pack_bin(out, "key!", 4);
    fluit_pack_str(out, fluit_slice_str("caf\xc3\xa9"));
    fluit_pack_array(out, 0);
    assert_int_equal(out->err, FLUIT_OK);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    put_one_of_each(&buf);
    struct fluit_reader r;
    assert_int_equal(fluit_reader_init(&r, fluit_buf_slice(&buf)), FLUIT_OK);
    fluit_read_array_of(&r, 9);
    assert_true(fluit_read_uint(&r, UINT64_MAX) == UINT64_MAX);
    assert_true(fluit_read_int(&r) == INT64_MIN);
    assert_false(fluit_read_nil(&r)); /* and is not consumed */
    assert_true(fluit_read_bool(&r));
    assert_false(fluit_read_bool(&r));
    assert_true(fluit_read_nil(&r));
    struct fluit_slice bin = fluit_read_bin(&r, 2);
    assert_true(fluit_slice_eq(bin, fluit_slice("\0\xff", 2)));
    assert_in_range((uintptr_t)bin.data, (uintptr_t)buf.data, (uintptr_t)(buf.data + buf.len));
    char fixed[4];
    fluit_read_fixed(&r, fixed, 4);
    assert_memory_equal(fixed, "key!", 4);
    assert_true(fluit_slice_is(fluit_read_str(&r, 5), "caf\xc3\xa9"));
    assert_int_equal(fluit_read_array(&r), 0);
    fluit_read_array_end(&r);
    fluit_read_array_end(&r);
    assert_int_equal(r.err, FLUIT_OK);
    fluit_reader_deinit(&r);
    fluit_buf_deinit(&buf);
}

static void writes_the_shortest_form_and_reads_any(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_pack_uint(&buf, 5);
    fluit_pack_uint(&buf, 200);
    fluit_pack_int(&buf, -1);
    fluit_pack_int(&buf, 300);
    fluit_pack_bin(&buf, "b", 1);
    assert_true(fluit_slice_eq(fluit_buf_slice(&buf),
                               BYTES(5, 0xcc, 200, 0xff, 0xcd, 1, 44, 0xc4, 1, 'b')));
    fluit_buf_deinit(&buf);
    struct fluit_reader r;
    struct fluit_slice wide = BYTES(0xdd, 0, 0, 0, 4, 0xcf, 0, 0, 0, 0, 0, 0, 0, 5, 0xd3, 0, 0, 0,
                                    0, 0, 0, 0, 6, 0xd1, 0xff, 0xff, 0xdb, 0, 0, 0, 1, 'x');
    assert_int_equal(fluit_reader_init(&r, wide), FLUIT_OK);
    fluit_read_array_of(&r, 4);
    assert_int_equal(fluit_read_uint(&r, 5), 5);
    assert_int_equal(fluit_read_uint(&r, 6), 6);
    assert_int_equal(fluit_read_int(&r), -1);
    assert_true(fluit_slice_is(fluit_read_str(&r, 1), "x"));
    fluit_read_array_end(&r);
    assert_int_equal(r.err, FLUIT_OK);
    fluit_reader_deinit(&r);
}

static void refuses_counts_the_bytes_do_not_bear_out(void **state)
{
    (void)state;
    assert_int_equal(opens(BYTES(0xdd, 0xff, 0xff, 0xff, 0xff)), FLUIT_E_FORMAT);
    assert_int_equal(opens(BYTES(0xdc, 0xff, 0xff, 1, 2)), FLUIT_E_FORMAT);
    assert_int_equal(opens(BYTES(0xc6, 0xff, 0xff, 0xff, 0xff, 0)), FLUIT_E_FORMAT);
    assert_int_equal(opens(BYTES(0xdb, 0xff, 0xff, 0xff, 0xff, 0)), FLUIT_E_FORMAT);
    assert_int_equal(opens(BYTES(0x93, 0x92, 1, 2, 3)), FLUIT_E_FORMAT);
}

static void refuses_types_that_do_not_travel(void **state)
{
    (void)state;
    assert_int_equal(opens(BYTES(0x80)), FLUIT_E_FORMAT);             /* map */
    assert_int_equal(opens(BYTES(0x81, 1, 1)), FLUIT_E_FORMAT);       /* map */
    assert_int_equal(opens(BYTES(0xde, 0, 0)), FLUIT_E_FORMAT);       /* map 16 */
    assert_int_equal(opens(BYTES(0xc1)), FLUIT_E_FORMAT);             /* never used */
    assert_int_equal(opens(BYTES(0xca, 0, 0, 0, 0)), FLUIT_E_FORMAT); /* float */
    assert_int_equal(opens(BYTES(0xcb, 0, 0, 0, 0, 0, 0, 0, 0)), FLUIT_E_FORMAT);
    assert_int_equal(opens(BYTES(0xd4, 1, 1)), FLUIT_E_FORMAT);    /* fixext */
    assert_int_equal(opens(BYTES(0xc7, 1, 1, 1)), FLUIT_E_FORMAT); /* ext */
    assert_int_equal(opens(BYTES(0x91, 0xd6, 0xff, 0, 0, 0, 0)), FLUIT_E_FORMAT);
}

static void refuses_what_is_too_deep(void **state)
{
    (void)state;
    uint8_t deep[1000];
    memset(deep, 0x91, sizeof deep);
    deep[FLUIT_NEST_MAX] = 0xc0;
    assert_int_equal(opens(fluit_slice(deep, FLUIT_NEST_MAX + 1)), FLUIT_OK);
    deep[FLUIT_NEST_MAX] = 0x90;
    assert_int_equal(opens(fluit_slice(deep, FLUIT_NEST_MAX + 1)), FLUIT_E_LIMIT);
    deep[FLUIT_NEST_MAX] = 0x91;
    assert_int_equal(opens(fluit_slice(deep, sizeof deep)), FLUIT_E_LIMIT);
}

static void refuses_more_values_than_the_limit(void **state)
{
    (void)state;
    enum {
        HEAD_LEN = 5
    };
    struct fluit_buf buf = FLUIT_BUF_INIT;
    memset(fluit_buf_extend(&buf, HEAD_LEN + FLUIT_VALUES_MAX), 0xc0, HEAD_LEN + FLUIT_VALUES_MAX);
    buf.data[0] = 0xdd;
    fluit_put_u32(buf.data + 1, FLUIT_VALUES_MAX - 1); /* the array is a value, too */
    assert_int_equal(opens(fluit_slice(buf.data, HEAD_LEN + FLUIT_VALUES_MAX - 1)), FLUIT_OK);
    fluit_put_u32(buf.data + 1, FLUIT_VALUES_MAX);
    assert_int_equal(opens(fluit_buf_slice(&buf)), FLUIT_E_LIMIT);
    fluit_buf_deinit(&buf);
}

static void refuses_trailing_and_missing_bytes(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    put_one_of_each(&buf);
    for (size_t len = 0; len < buf.len; len++)
        assert_int_equal(opens(fluit_slice(buf.data, len)), FLUIT_E_FORMAT);
    assert_int_equal(opens(fluit_buf_slice(&buf)), FLUIT_OK);
    fluit_pack_nil(&buf);
    assert_int_equal(opens(fluit_buf_slice(&buf)), FLUIT_E_FORMAT);
    fluit_buf_deinit(&buf);
}

static void refuses_text_that_is_not_text(void **state)
{
    (void)state;
    struct fluit_slice not_text[] = {BYTES(0xa2, 0xc3, 0x28), BYTES(0xa1, 0xff), BYTES(0xa1, 0x1b),
                                     BYTES(0xa1, 0x00)};
    for (size_t i = 0; i < sizeof not_text / sizeof not_text[0]; i++) {
        struct fluit_reader r;
        assert_int_equal(fluit_reader_init(&r, not_text[i]), FLUIT_OK);
        assert_int_equal(fluit_read_str(&r, 10).len, 0);
        assert_int_equal(r.err, FLUIT_E_FORMAT);
        fluit_reader_deinit(&r);
    }
}

static void leaving_items_unread_is_an_error(void **state)
{
    (void)state;
    struct fluit_reader r;
    assert_int_equal(fluit_reader_init(&r, BYTES(0x92, 1, 2)), FLUIT_OK);
    assert_int_equal(fluit_read_array(&r), 2);
    assert_int_equal(fluit_read_uint(&r, 9), 1);
    fluit_read_array_end(&r);
    assert_int_equal(r.err, FLUIT_E_FORMAT);
    fluit_reader_deinit(&r);
}

static void reading_past_the_end_is_an_error(void **state)
{
    (void)state;
    struct fluit_reader r;
    assert_int_equal(fluit_reader_init(&r, BYTES(0x92, 0x91, 1, 2)), FLUIT_OK);
    fluit_read_array_of(&r, 2);
    fluit_read_array_of(&r, 1);
    assert_int_equal(fluit_read_uint(&r, 9), 1);
    assert_int_equal(fluit_read_uint(&r, 9), 0); /* the 2 is not in this array */
    assert_int_equal(r.err, FLUIT_E_FORMAT);
    fluit_reader_deinit(&r);
}

/* Opens one value, reads it wrongly, and expects zero, this error, and that the error sticks. */
static void limits_of_each_read(void **state)
{
    (void)state;
    struct {
        struct fluit_slice bytes;
        enum fluit_err err;
        char how;
    } wrong[] = {
        {BYTES(9), FLUIT_E_FORMAT, 'u'},
        {BYTES(0xff), FLUIT_E_FORMAT, 'u'},
        {BYTES(0xa1, 'a'), FLUIT_E_FORMAT, 'u'},
        {BYTES(0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0), FLUIT_E_FORMAT, 'i'},
        {BYTES(0xc0), FLUIT_E_FORMAT, 'b'},
        {BYTES(0xa1, 'a'), FLUIT_E_FORMAT, 'x'},
        {BYTES(0xc4, 3, 1, 2, 3), FLUIT_E_LIMIT, 'x'},
        {BYTES(0xc4, 1, 1), FLUIT_E_FORMAT, 'f'},
        {BYTES(0xc4, 3, 1, 2, 3), FLUIT_E_LIMIT, 'f'},
        {BYTES(0xa3, 'a', 'b', 'c'), FLUIT_E_LIMIT, 's'},
        {BYTES(0xc4, 1, 'a'), FLUIT_E_FORMAT, 's'},
        {BYTES(0x91, 1), FLUIT_E_FORMAT, 'a'},
        {BYTES(1), FLUIT_E_FORMAT, 'a'},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fluit_reader r;
        uint8_t fixed[2] = {7, 7};
        assert_int_equal(fluit_reader_init(&r, wrong[i].bytes), FLUIT_OK);
        switch (wrong[i].how) {
        case 'u':
            assert_int_equal(fluit_read_uint(&r, 8), 0);
            break;
        case 'i':
            assert_int_equal(fluit_read_int(&r), 0);
            break;
        case 'b':
            assert_false(fluit_read_bool(&r));
            break;
        case 'x':
            assert_int_equal(fluit_read_bin(&r, 2).len, 0);
            break;
        case 'f':
            fluit_read_fixed(&r, fixed, 2);
            assert_int_equal(fixed[0] + fixed[1], 0);
            break;
        case 's':
            assert_int_equal(fluit_read_str(&r, 2).len, 0);
            break;
        default:
            fluit_read_array_of(&r, 2);
        }
        assert_int_equal(r.err, wrong[i].err);
        assert_false(fluit_read_nil(&r));
        fluit_read_array_end(&r);
        assert_int_equal(r.err, wrong[i].err);
        fluit_reader_deinit(&r);
    }
}

static void writing_after_an_error_does_nothing(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_pack_bin(&buf, "a", SIZE_MAX);
    assert_int_equal(buf.err, FLUIT_E_LIMIT);
    fluit_pack_str(&buf, fluit_slice_str("b"));
    fluit_pack_uint(&buf, 1);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.err, FLUIT_E_LIMIT);
    fluit_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(writes_the_shortest_form_and_reads_any),
        cmocka_unit_test(refuses_counts_the_bytes_do_not_bear_out),
        cmocka_unit_test(refuses_types_that_do_not_travel),
        cmocka_unit_test(refuses_what_is_too_deep),
        cmocka_unit_test(refuses_more_values_than_the_limit),
        cmocka_unit_test(refuses_trailing_and_missing_bytes),
        cmocka_unit_test(refuses_text_that_is_not_text),
        cmocka_unit_test(leaving_items_unread_is_an_error),
        cmocka_unit_test(reading_past_the_end_is_an_error),
        cmocka_unit_test(limits_of_each_read),
        cmocka_unit_test(writing_after_an_error_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
