#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/bytes.h"

static void text_refuses_what_steers_a_terminal(void **state)
{
    (void)state;
    assert_true(fluit_text_ok(fluit_slice_str("caf\xc3\xa9 \xe2\x82\xac\n\tja")));
    assert_false(fluit_text_ok(fluit_slice_str("\x1b[2J")));
    assert_false(fluit_text_ok(fluit_slice_str("\xc2\x9b"
                                               "2J")));
    assert_false(fluit_text_ok(fluit_slice_str("\xc0\xaf")));
    assert_false(fluit_text_ok(fluit_slice_str("\xed\xa0\x80")));
    assert_false(fluit_text_ok(fluit_slice_str("\xf4\x90\x80\x80")));
    assert_false(fluit_text_ok(fluit_slice("a\0b", 3)));
}

static void buffer_keeps_its_first_error(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_buf_puts(&buf, "ab");
    assert_null(fluit_buf_extend(&buf, SIZE_MAX));
    assert_int_equal(buf.err, FLUIT_E_LIMIT);
    fluit_buf_puts(&buf, "c");
    assert_int_equal(buf.len, 2);
    fluit_buf_deinit(&buf);
}

static void hex_goes_there_and_back(void **state)
{
    (void)state;
    uint8_t in[] = {0, 1, 0xab, 0xff}, back[4];
    char text[9];
    fluit_hex(in, sizeof in, text);
    assert_string_equal(text, "0001abff");
    assert_int_equal(fluit_unhex(text, back, 4), FLUIT_OK);
    assert_memory_equal(in, back, 4);
    assert_int_equal(fluit_unhex("0001abf", back, 4), FLUIT_E_FORMAT);
    assert_int_equal(fluit_unhex("0001abfg", back, 4), FLUIT_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_refuses_what_steers_a_terminal),
        cmocka_unit_test(buffer_keeps_its_first_error),
        cmocka_unit_test(hex_goes_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
