#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/limits.h"
#include "node/core/words.h"

static void takes_words_off_the_front(void **state)
{
    struct fluit_slice line = fluit_slice_str(" \tplace  health/1\tleft \r");
    (void)state;
    assert_true(fluit_slice_is(fluit_words_next(&line), "place"));
    assert_true(fluit_slice_is(fluit_words_next(&line), "health/1"));
    assert_true(fluit_slice_is(fluit_words_next(&line), "left"));
    assert_int_equal(fluit_words_next(&line).len, 0);
    assert_int_equal(fluit_words_next(&line).len, 0);
}

static void knows_no_line_at_all(void **state)
{
    struct fluit_slice none = {0};
    (void)state;
    assert_int_equal(fluit_words_next(&none).len, 0);
    assert_int_equal(fluit_words_rest(none).len, 0);
}

static void leaves_blanks_inside_a_text(void **state)
{
    (void)state;
    assert_true(fluit_slice_is(fluit_words_rest(fluit_slice_str("  a  b\t ")), "a  b"));
    assert_int_equal(fluit_words_rest(fluit_slice_str(" \t\r ")).len, 0);
}

static void reads_whole_numbers_up_to_a_limit(void **state)
{
    static const char *const wrong[] = {
        "", "-1", "+1", "1.0", "0x1", "1 ", "13", "999", "٣", "1a", "99999999999999999999999"};
    uint64_t out = 77;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(fluit_words_number(fluit_slice_str(wrong[i]), 12, &out));
    assert_int_equal(out, 77);
    assert_true(fluit_words_number(fluit_slice_str("12"), 12, &out));
    assert_int_equal(out, 12);
    assert_true(fluit_words_number(fluit_slice_str("000"), 12, &out));
    assert_int_equal(out, 0);
}

static void reads_durations(void **state)
{
    static const char *const wrong[] = {"", "s", "m", "1d", "-1m", "25h", "1441", "86401s", "1 m"};
    int64_t out = 77;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(fluit_words_duration(fluit_slice_str(wrong[i]), &out));
    assert_int_equal(out, 77);
    assert_true(fluit_words_duration(fluit_slice_str("90s"), &out));
    assert_int_equal(out, 90000000);
    assert_true(fluit_words_duration(fluit_slice_str("2m"), &out));
    assert_int_equal(out, 120000000);
    assert_true(fluit_words_duration(fluit_slice_str("3"), &out));
    assert_int_equal(out, 180000000);
    assert_true(fluit_words_duration(fluit_slice_str("24h"), &out));
    assert_int_equal(out, INT64_C(86400000000));
}

static void knows_the_beginning_of_a_word(void **state)
{
    (void)state;
    assert_true(fluit_words_begins(fluit_slice_str("he"), "health"));
    assert_true(fluit_words_begins(fluit_slice_str("health"), "health"));
    assert_false(fluit_words_begins(fluit_slice_str(""), "health"));
    assert_false(fluit_words_begins(fluit_slice_str("ealth"), "health"));
    assert_false(fluit_words_begins(fluit_slice_str("healthy"), "health"));
    /* A zero byte is a letter as any other, and ends nothing. */
    assert_false(fluit_words_begins(fluit_slice("health\0and more", 15), "health"));
    assert_false(fluit_words_begins(fluit_slice("\0", 1), ""));
}

static void counts_what_was_mistyped(void **state)
{
    static const struct {
        const char *typed, *meant;
        unsigned distance;
    } cases[] = {{"place", "place", 0},  {"plcae", "place", 1}, {"plac", "place", 1},
                 {"pplace", "place", 1}, {"", "why", 3},        {"note", "quote", 2}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(fluit_words_distance(fluit_slice_str(cases[i].typed), cases[i].meant),
                         cases[i].distance);
    char longest[FLUIT_ID_LEN_MAX + 2];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(fluit_words_distance(fluit_slice_str(longest), "place"), UINT_MAX);
    assert_int_equal(fluit_words_distance(fluit_slice_str("place"), longest), UINT_MAX);
    longest[FLUIT_ID_LEN_MAX] = 0;
    assert_int_equal(fluit_words_distance(fluit_slice_str(longest), longest), 0);
}

static const char *nearest(const char *typed)
{
    static const char *const words[] = {"aside", "add", "quotes", "quote", "status", "start"};
    struct fluit_words_near near = {.typed = fluit_slice_str(typed)};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        fluit_words_try(&near, words[i]);
    return near.best ? near.best : "";
}

static void finds_the_word_that_was_meant(void **state)
{
    (void)state;
    assert_string_equal(nearest("asdie"), "aside");
    assert_string_equal(nearest("qoute"), "quote");
    assert_string_equal(nearest("quotess"), "quotes");
    assert_string_equal(nearest("satrt"), "start");
    assert_string_equal(nearest("ad"), "add");
    assert_string_equal(nearest("dd"), "add");
    assert_string_equal(nearest("xx"), ""); /* half of it would be wrong */
    assert_string_equal(nearest("axe"), "");
    assert_string_equal(nearest("paasside"), ""); /* three slips */
    assert_string_equal(nearest(""), "");
}

static const char *unknown(const char *typed, size_t len, const char *meant)
{
    static char text[FLUIT_UNKNOWN_LEN];
    struct fluit_words_near near = {.typed = fluit_slice(typed, len), .best = meant};
    fluit_words_unknown(&near, text);
    return text;
}

static void says_what_it_does_not_know(void **state)
{
    char longest[FLUIT_ID_LEN_MAX + 1], said[FLUIT_UNKNOWN_LEN];
    (void)state;
    assert_string_equal(unknown("plcae", 5, "place"),
                        "unknown command 'plcae'; did you mean 'place'? type help");
    assert_string_equal(unknown("xyzzy", 5, NULL), "unknown command 'xyzzy'; type help");
    assert_string_equal(unknown("a\033[2J", 5, NULL), "unknown command ''; type help");
    memset(longest, 'a', sizeof longest);
    assert_string_equal(unknown(longest, sizeof longest, NULL), "unknown command ''; type help");
    snprintf(said, sizeof said, "unknown command '%.*s'; type help", FLUIT_ID_LEN_MAX, longest);
    assert_string_equal(unknown(longest, FLUIT_ID_LEN_MAX, NULL), said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_words_off_the_front),
        cmocka_unit_test(knows_no_line_at_all),
        cmocka_unit_test(leaves_blanks_inside_a_text),
        cmocka_unit_test(reads_whole_numbers_up_to_a_limit),
        cmocka_unit_test(reads_durations),
        cmocka_unit_test(knows_the_beginning_of_a_word),
        cmocka_unit_test(counts_what_was_mistyped),
        cmocka_unit_test(finds_the_word_that_was_meant),
        cmocka_unit_test(says_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
