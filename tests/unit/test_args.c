#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "node/cli/args.h"

struct args {
    const char *dir, *missing;
    int yes;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    if (key != 'y')
        return fluit_args_dir(key, arg, state, &args->dir, args->missing);
    args->yes++;
    return 0;
}

static error_t parse_words(struct args *args, int count, char **words)
{
    static const struct argp_option options[] = {{"yes", 'y', NULL, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options, .parser = parse};
    return argp_parse(&argp, count, words, ARGP_SILENT, NULL, args);
}

static void takes_one_directory_wherever_it_stands(void **state)
{
    char *words[] = {(char[]){"fluit"}, (char[]){"one"}, (char[]){"-y"}, NULL};
    struct args args = {.missing = "say where"};
    (void)state;
    assert_int_equal(parse_words(&args, 3, words), 0);
    assert_string_equal(args.dir, "one");
    assert_int_equal(args.yes, 1);
}

static void refuses_a_second_directory(void **state)
{
    char *words[] = {(char[]){"fluit"}, (char[]){"one"}, (char[]){"two"}, NULL};
    struct args args = {0};
    (void)state;
    assert_int_equal(parse_words(&args, 3, words), EINVAL);
    assert_string_equal(args.dir, "one");
}

static void asks_for_a_directory_that_is_needed(void **state)
{
    char *words[] = {(char[]){"fluit"}, NULL};
    struct args args = {.missing = "say where"};
    (void)state;
    assert_int_equal(parse_words(&args, 1, words), EINVAL);
    args.missing = NULL;
    assert_int_equal(parse_words(&args, 1, words), 0);
    assert_null(args.dir);
}

static void a_port_is_digits_up_to_65535(void **state)
{
    static const char *const none[] = {"",    "-1",    "+1",    " 1",        "1 ",
                                       "0x1", "65536", "70000", "4294967297"};
    uint16_t port = 7;
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(fluit_args_port(none[i], &port));
    assert_int_equal(port, 7);
    assert_true(fluit_args_port("65535", &port));
    assert_int_equal(port, 65535);
    assert_true(fluit_args_port("0", &port));
    assert_int_equal(port, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_one_directory_wherever_it_stands),
        cmocka_unit_test(refuses_a_second_directory),
        cmocka_unit_test(a_port_is_digits_up_to_65535),
        cmocka_unit_test(asks_for_a_directory_that_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
