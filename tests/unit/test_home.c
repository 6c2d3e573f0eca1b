/* The home page: names that may become paths, and what commands say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "node/home/home_internal.h"

static bool name_ok(const char *name)
{
    return fluit_home_name_ok(fluit_slice_str(name));
}

static void takes_plain_names_only(void **state)
{
    (void)state;
    assert_true(name_ok("a") && name_ok("Leren-2026_mei") && name_ok("0"));
    assert_true(name_ok("0123456789012345678901234567890123456789"));
    assert_false(name_ok("01234567890123456789012345678901234567890"));
    assert_false(name_ok("") || name_ok(".") || name_ok("..") || name_ok("../x"));
    assert_false(name_ok("a/b") || name_ok("-x") || name_ok("_x") || name_ok("a b"));
    assert_false(name_ok("a.db") || name_ok("caf\xc3\xa9") || name_ok("a\nb"));
    assert_false(fluit_home_name_ok(fluit_slice("a\0b", 3)));
    assert_false(name_ok("scripts") || name_ok("addresses")); /* the folder's own */
}

static bool host_ok(const char *host)
{
    return fluit_home_host_ok(fluit_slice_str(host));
}

static void takes_no_option_for_an_address(void **state)
{
    (void)state;
    assert_true(host_ok("192.0.2.1") && host_ok("192.0.2.1:7450") && host_ok("hub.local"));
    assert_true(host_ok("[fd00::2]:7450"));
    assert_false(host_ok("") || host_ok("--json") || host_ok("a b") || host_ok("a/b"));
    assert_false(fluit_home_host_ok(fluit_slice("a\0b", 3)));
}

static void a_path_that_is_too_long_is_none(void **state)
{
    (void)state;
    static char folder[FLUIT_HOME_PATH_LEN + 1];
    static struct fluit_home home;
    static struct fluit_home_options options = {.folder = "/data/fluit"};
    char path[FLUIT_HOME_PATH_LEN];
    home.options = &options;
    fluit_home_path(&home, "one", NULL, path);
    assert_string_equal(path, "/data/fluit/one");
    fluit_home_path(&home, "one", "kind", path);
    assert_string_equal(path, "/data/fluit/one/kind");
    memset(folder, 'x', FLUIT_HOME_PATH_LEN - 4);
    options.folder = folder;
    fluit_home_path(&home, "one", NULL, path);
    assert_string_equal(path, "");
}

static void reads_lines_also_without_an_end(void **state)
{
    (void)state;
    char text[] = "one\n\nthree", *rest = text, nothing[] = "", *none = nothing;
    assert_string_equal(fluit_job_line(&rest), "one");
    assert_string_equal(fluit_job_line(&rest), "");
    assert_string_equal(fluit_job_line(&rest), "three");
    assert_null(fluit_job_line(&rest));
    assert_null(fluit_job_line(&none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_plain_names_only),
        cmocka_unit_test(takes_no_option_for_an_address),
        cmocka_unit_test(a_path_that_is_too_long_is_none),
        cmocka_unit_test(reads_lines_also_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
