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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_one_directory_wherever_it_stands),
        cmocka_unit_test(refuses_a_second_directory),
        cmocka_unit_test(asks_for_a_directory_that_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
