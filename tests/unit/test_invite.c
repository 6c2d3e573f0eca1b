#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base32.h"
#include "proto/invite.h"

static struct fluit_rng seeded(uint64_t seed)
{
    struct fluit_rng rng;
    fluit_rng_seed(&rng, &seed, sizeof seed);
    return rng;
}

static enum fluit_err parse(const char *text)
{
    struct fluit_invite_code code;
    return fluit_invite_parse(text, &code, NULL);
}

static void a_shown_code_parses_back(void **state)
{
    (void)state;
    struct fluit_rng rng = seeded(1);
    for (int i = 0; i < 200; i++) {
        struct fluit_invite_code code, back;
        char shown[FLUIT_INVITE_SHOW_LEN + 1];
        fluit_invite_new(&rng, &code);
        fluit_invite_show(&code, shown);
        assert_int_equal(strlen(shown), 19);
        assert_int_equal(fluit_invite_parse(shown, &back, NULL), FLUIT_OK);
        assert_string_equal(code.s, back.s);
    }
}

static void every_digit_can_stand_anywhere(void **state)
{
    (void)state;
    struct fluit_rng rng = seeded(2);
    bool seen[FLUIT_INVITE_LEN][32] = {{false}};
    for (int n = 0; n < 2000; n++) {
        struct fluit_invite_code code;
        fluit_invite_new(&rng, &code);
        for (size_t i = 0; i < FLUIT_INVITE_LEN; i++)
            seen[i][fluit_base32_value(code.s[i])] = true;
    }
    for (size_t i = 0; i < FLUIT_INVITE_LEN; i++)
        for (int v = 0; v < 32; v++)
            assert_true(seen[i][v]);
}

/* Worked by hand from the formula in base32.h: digits 0 x 14, then 1: a * 1 = 2. And with 1 first:
 * a^15 = 31 = Z. */
static void check_digit_is_as_documented(void **state)
{
    (void)state;
    assert_int_equal(parse("0000-0000-0000-0012"), FLUIT_OK);
    assert_int_equal(parse("1000-0000-0000-000Z"), FLUIT_OK);
    assert_int_equal(parse("1000-0000-0000-001X"), FLUIT_OK);
    assert_int_equal(parse("1000-0000-0000-001Z"), FLUIT_E_AUTH);
}

static void catches_every_single_wrong_digit(void **state)
{
    (void)state;
    struct fluit_rng rng = seeded(3);
    for (int n = 0; n < 50; n++) {
        struct fluit_invite_code code;
        fluit_invite_new(&rng, &code);
        for (size_t i = 0; i < FLUIT_INVITE_LEN; i++) {
            for (uint8_t v = 0; v < 32; v++) {
                struct fluit_invite_code bad = code;
                bad.s[i] = fluit_base32_char(v);
                bool same = bad.s[i] == code.s[i];
                assert_int_equal(parse(bad.s), same ? FLUIT_OK : FLUIT_E_AUTH);
            }
        }
    }
}

static void catches_every_exchange_of_two_digits(void **state)
{
    (void)state;
    struct fluit_rng rng = seeded(4);
    for (int n = 0; n < 50; n++) {
        struct fluit_invite_code code;
        fluit_invite_new(&rng, &code);
        for (size_t i = 0; i < FLUIT_INVITE_LEN; i++) {
            for (size_t j = i + 1; j < FLUIT_INVITE_LEN; j++) {
                struct fluit_invite_code bad = code;
                bad.s[i] = code.s[j];
                bad.s[j] = code.s[i];
                bool same = bad.s[i] == code.s[i];
                assert_int_equal(parse(bad.s), same ? FLUIT_OK : FLUIT_E_AUTH);
            }
        }
    }
}

static void forgives_how_people_type(void **state)
{
    (void)state;
    struct fluit_invite_code code;
    assert_int_equal(fluit_invite_parse(" iooo oooo-OOOO--lLix\n", &code, NULL), FLUIT_E_AUTH);
    assert_int_equal(fluit_invite_parse(" looo oooo-OOOO--OOiX\n", &code, NULL), FLUIT_OK);
    assert_string_equal(code.s, "100000000000001X");
    assert_int_equal(fluit_invite_parse("iooooooooooooooz", &code, NULL), FLUIT_OK);
    assert_string_equal(code.s, "100000000000000Z");
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum fluit_err err;
        const char *why;
    } cases[] = {
        {"", FLUIT_E_FORMAT, "a code has 16 characters, this has 0"},
        {"1000-0000-0000-000", FLUIT_E_FORMAT, "a code has 16 characters, this has 15"},
        {"1000-0000-0000-000Z0", FLUIT_E_FORMAT, "a code has 16 characters, this has 17"},
        {"000000000000000000000000", FLUIT_E_FORMAT, "a code has 16 characters, this has 24"},
        {"0000000000000000000000000000", FLUIT_E_FORMAT,
         "a code has 16 characters, this has more than 24"},
        {"1000-0000-0000-000U", FLUIT_E_FORMAT, "a code has no letter U: maybe it is a V"},
        {"1000-0000-0000-000?", FLUIT_E_FORMAT, "a code has only letters and digits"},
        {"1000-0000-0000-0000", FLUIT_E_AUTH,
         "the last character does not fit: check what you typed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fluit_invite_code code = {"unchanged"};
        const char *why = NULL;
        assert_int_equal(fluit_invite_parse(cases[i].text, &code, &why), cases[i].err);
        assert_string_equal(why, cases[i].why);
        assert_string_equal(code.s, "unchanged");
    }
}

static void psk_and_id_follow_from_the_code(void **state)
{
    (void)state;
    struct fluit_invite_code a = {"100000000000000Z"}, b = {"1000000000000012"};
    struct fluit_hash psk = fluit_hash1("fluit invite psk", a.s, 16);
    struct fluit_secret psk_a = fluit_invite_psk(&a), psk_b = fluit_invite_psk(&b);
    assert_memory_equal(psk_a.b, psk.b, 32);
    assert_memory_not_equal(psk_a.b, psk_b.b, 32);
    struct fluit_hash id = fluit_hash1("fluit invite id", a.s, 16);
    assert_memory_equal(fluit_invite_id(&a).b, id.b, 8);
    assert_memory_not_equal(psk.b, id.b, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shown_code_parses_back),
        cmocka_unit_test(every_digit_can_stand_anywhere),
        cmocka_unit_test(check_digit_is_as_documented),
        cmocka_unit_test(catches_every_single_wrong_digit),
        cmocka_unit_test(catches_every_exchange_of_two_digits),
        cmocka_unit_test(forgives_how_people_type),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(psk_and_id_follow_from_the_code),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
