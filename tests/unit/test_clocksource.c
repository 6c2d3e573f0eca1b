#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "node/io/clocksource.h"

static struct fluit_clocksource skewed(const char *skew)
{
    struct fluit_clocksource clock = {0};
    assert_int_equal(fluit_clocksource_parse(skew, &clock), FLUIT_OK);
    return clock;
}

static void undisturbed_is_the_boot_clock(void **state)
{
    (void)state;
    struct fluit_clocksource clock = {0};
    int64_t before = fluit_boot_us(), now = fluit_clocksource_now(&clock);
    assert_in_range(now, before, fluit_boot_us());
    assert_int_equal(fluit_clocksource_boot(&clock, 12345), 12345);
}

static void offset_and_drift_are_as_written(void **state)
{
    (void)state;
    struct fluit_clocksource clock = skewed("-7200000000:50");
    int64_t hour = 3600000000, day = 24 * hour;
    assert_int_equal(fluit_clocksource_local(&clock, day), day - 2 * hour + 24 * 180000);
}

static void inverse_is_the_first_instant_that_shows_it(void **state)
{
    (void)state;
    static const char *const skews[] = {"0:0",         "0:50",   "0:-50",  "123456789:999.9",
                                        "-99999:-1e3", "17:0.1", "-5:-7.3"};
    for (size_t i = 0; i < sizeof skews / sizeof *skews; i++) {
        struct fluit_clocksource clock = skewed(skews[i]);
        for (int64_t boot = 1; boot < 40000000000000; boot = boot * 3 + 7) {
            int64_t local = fluit_clocksource_local(&clock, boot) + boot % 5;
            int64_t back = fluit_clocksource_boot(&clock, local);
            assert_true(fluit_clocksource_local(&clock, back) >= local);
            assert_true(fluit_clocksource_local(&clock, back - 1) < local);
            assert_in_range(fluit_clocksource_local(&clock, back) - local, 0, 1);
        }
    }
}

static void refuses_a_skew_that_makes_no_sense(void **state)
{
    (void)state;
    struct fluit_clocksource clock = {.offset_us = 42};
    static const char *const bad[] = {"", "5", ":5", "5:", "a:b", "5:1x", "5 :1", "1:nan", "1:inf"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(fluit_clocksource_parse(bad[i], &clock), FLUIT_E_FORMAT);
    assert_int_equal(fluit_clocksource_parse("0:1001", &clock), FLUIT_E_LIMIT);
    assert_int_equal(fluit_clocksource_parse("1000000000000001:0", &clock), FLUIT_E_LIMIT);
    assert_int_equal(fluit_clocksource_parse("99999999999999999999:0", &clock), FLUIT_E_FORMAT);
    assert_int_equal(clock.offset_us, 42);
}

static void sleep_ends_at_the_instant_and_not_before(void **state)
{
    (void)state;
    struct fluit_clocksource clock = skewed("-100000000000000:500");
    int64_t at = fluit_clocksource_now(&clock) + 5000;
    fluit_clocksource_sleep_until(&clock, at);
    assert_true(fluit_clocksource_now(&clock) >= at);
    int64_t before = fluit_boot_us();
    fluit_clocksource_sleep_until(&clock, at - 1000000);
    fluit_clocksource_sleep_until(&clock, INT64_MIN / 4);
    assert_in_range(fluit_boot_us() - before, 0, 900000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undisturbed_is_the_boot_clock),
        cmocka_unit_test(offset_and_drift_are_as_written),
        cmocka_unit_test(inverse_is_the_first_instant_that_shows_it),
        cmocka_unit_test(refuses_a_skew_that_makes_no_sense),
        cmocka_unit_test(sleep_ends_at_the_instant_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
