#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base32.h"
#include "proto/paper.h"

#define SHOW_LEN FLUIT_PAPER_SHOW_LEN

static struct fluit_secret some_secret(uint64_t seed)
{
    struct fluit_secret secret;
    struct fluit_rng rng;
    fluit_rng_seed(&rng, &seed, sizeof seed);
    fluit_rng_bytes(&rng, secret.b, sizeof secret.b);
    return secret;
}

static enum fluit_err get(const char *text)
{
    struct fluit_secret back;
    return fluit_paper_get(text, &back, NULL);
}

static void a_written_key_reads_back(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct fluit_secret secret = some_secret(seed), back;
        char text[SHOW_LEN + 1];
        fluit_paper_put(&secret, text);
        assert_int_equal(strlen(text), SHOW_LEN);
        assert_int_equal(fluit_paper_get(text, &back, NULL), FLUIT_OK);
        assert_memory_equal(&secret, &back, sizeof back);
    }
}

static void catches_any_wrong_character_and_names_its_line(void **state)
{
    (void)state;
    struct fluit_secret secret = some_secret(7), back;
    char text[SHOW_LEN + 1], want[] = "line 0 does not fit: check what you typed";
    fluit_paper_put(&secret, text);
    for (size_t i = 0; i < SHOW_LEN; i++) {
        char was = text[i];
        if (fluit_base32_value(was) < 0)
            continue;
        for (uint8_t v = 0; v < 32; v++) {
            const char *why = NULL;
            text[i] = fluit_base32_char(v);
            if (text[i] == was)
                continue;
            assert_int_equal(fluit_paper_get(text, &back, &why), FLUIT_E_AUTH);
            want[5] = (char)('1' + i / 20);
            assert_string_equal(why, want);
        }
        text[i] = was;
    }
    assert_int_equal(get(text), FLUIT_OK);
}

static void catches_exchanged_characters_and_lines(void **state)
{
    (void)state;
    struct fluit_secret secret = some_secret(8), back;
    char text[SHOW_LEN + 1], bad[SHOW_LEN + 1];
    fluit_paper_put(&secret, text);
    for (size_t i = 0; i + 1 < SHOW_LEN; i++) {
        memcpy(bad, text, sizeof bad);
        bad[i] = text[i + 1];
        bad[i + 1] = text[i];
        bool same = text[i] == text[i + 1] || fluit_base32_value(text[i]) < 0 ||
                    fluit_base32_value(text[i + 1]) < 0;
        assert_int_equal(get(bad), same ? FLUIT_OK : FLUIT_E_AUTH);
    }
    for (size_t a = 0; a < 4; a++) {
        for (size_t b = a + 1; b < 4; b++) {
            memcpy(bad, text, sizeof bad);
            memcpy(bad + 20 * a, text + 20 * b, 20);
            memcpy(bad + 20 * b, text + 20 * a, 20);
            const char *why = NULL;
            assert_int_equal(fluit_paper_get(bad, &back, &why), FLUIT_E_AUTH);
            assert_int_equal(strncmp(why, "line ", 5), 0);
        }
    }
}

/* A line of another key fits its own check: the sum over the whole must catch it. */
static void catches_a_line_of_another_key(void **state)
{
    (void)state;
    struct fluit_secret one = some_secret(9), other = some_secret(10), back;
    char text[SHOW_LEN + 1], text2[SHOW_LEN + 1];
    fluit_paper_put(&one, text);
    fluit_paper_put(&other, text2);
    memcpy(text + 20, text2 + 20, 20);
    const char *why = NULL;
    assert_int_equal(fluit_paper_get(text, &back, &why), FLUIT_E_AUTH);
    assert_non_null(strstr(why, "as a whole"));
}

static void refuses_other_lengths_and_characters(void **state)
{
    (void)state;
    struct fluit_secret secret = some_secret(11);
    char text[SHOW_LEN + 3];
    fluit_paper_put(&secret, text);
    text[SHOW_LEN] = '0';
    text[SHOW_LEN + 1] = 0;
    assert_int_equal(get(text), FLUIT_E_FORMAT);
    text[SHOW_LEN - 2] = 0;
    assert_int_equal(get(text), FLUIT_E_FORMAT);
    assert_int_equal(get(""), FLUIT_E_FORMAT);
    fluit_paper_put(&secret, text);
    text[3] = 'U';
    assert_int_equal(get(text), FLUIT_E_FORMAT);
}

static void knows_the_end_of_the_key_it_shows(void **state)
{
    (void)state;
    struct fluit_secret secret = some_secret(3);
    char text[SHOW_LEN + 1], tail[8] = "", other[8];
    fluit_paper_put(&secret, text);
    memcpy(tail, strrchr(text, '-') + 1, 4); /* what a person sees last */
    assert_true(fluit_paper_tail_is(text, tail));
    for (size_t i = 0; tail[i]; i++) {
        memcpy(other, tail, sizeof tail);
        other[i] = tail[i] == '7' ? '8' : '7';
        assert_false(fluit_paper_tail_is(text, other));
    }
    for (size_t i = 0; tail[i]; i++)
        if (tail[i] >= 'A')
            tail[i] = (char)(tail[i] + 'a' - 'A');
    memcpy(tail + 4, " \r\n", 3);
    assert_true(fluit_paper_tail_is(text, tail));
    tail[4] = '0';
    assert_false(fluit_paper_tail_is(text, tail));
    tail[3] = 0;
    assert_false(fluit_paper_tail_is(text, tail));
    assert_false(fluit_paper_tail_is(text, ""));
    assert_false(fluit_paper_tail_is(text, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_key_reads_back),
        cmocka_unit_test(catches_any_wrong_character_and_names_its_line),
        cmocka_unit_test(catches_exchanged_characters_and_lines),
        cmocka_unit_test(catches_a_line_of_another_key),
        cmocka_unit_test(refuses_other_lengths_and_characters),
        cmocka_unit_test(knows_the_end_of_the_key_it_shows),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
