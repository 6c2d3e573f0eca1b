#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/bytes.h"
#include "common/crypto.h"

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

/* RFC 4648, 10, with its other alphabet. */
static void base64url_goes_there_and_back(void **state)
{
    (void)state;
    static const char *const plain[] = {"",     "f",     "fo",     "foo",
                                        "foob", "fooba", "foobar", "\xfb\xff"};
    static const char *const coded[] = {"",       "Zg",      "Zm8",      "Zm9v",
                                        "Zm9vYg", "Zm9vYmE", "Zm9vYmFy", "-_8"};
    static const char *const bad[] = {"Zm9vYg=", "Zm9vYh=", "Zm9vY", "Zm9 Yg", "Zm9vYh", "Zm9+Yg"};
    char text[16], back[16];
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        size_t len = strlen(plain[i]);
        fluit_base64url(plain[i], len, text);
        assert_string_equal(text, coded[i]);
        assert_int_equal(strlen(text), FLUIT_BASE64URL_LEN(len));
        assert_int_equal(fluit_unbase64url(fluit_slice_str(text), back, len), FLUIT_OK);
        assert_memory_equal(back, plain[i], len);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(fluit_unbase64url(fluit_slice_str(bad[i]), back, 4), FLUIT_E_FORMAT);
}

static void a_mac_is_of_key_domain_and_parts(void **state)
{
    (void)state;
    struct fluit_secret key = {{1}}, other = {{2}};
    struct fluit_slice ab = fluit_slice_str("ab");
    struct fluit_slice parts[] = {fluit_slice_str("a"), fluit_slice_str("b")};
    struct fluit_hash mac = fluit_mac(&key, "one", &ab, 1);
    struct fluit_hash same = fluit_mac(&key, "one", parts, 2);
    assert_memory_equal(mac.b, same.b, sizeof mac.b);
    struct fluit_hash wrong = fluit_mac(&other, "one", &ab, 1);
    assert_memory_not_equal(mac.b, wrong.b, sizeof mac.b);
    wrong = fluit_mac(&key, "on", (struct fluit_slice[]){fluit_slice_str("eab")}, 1);
    assert_memory_not_equal(mac.b, wrong.b, sizeof mac.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_refuses_what_steers_a_terminal),
        cmocka_unit_test(buffer_keeps_its_first_error),
        cmocka_unit_test(hex_goes_there_and_back),
        cmocka_unit_test(base64url_goes_there_and_back),
        cmocka_unit_test(a_mac_is_of_key_domain_and_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
