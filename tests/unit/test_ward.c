/* A node's process that is kept running: when it is started again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/home/ward.h"

#define SECOND_US INT64_C(1000000)

static void starts_again_at_once_after_one_fall(void **state)
{
    (void)state;
    struct fluit_ward ward;
    fluit_ward_init(&ward, "table-01", 5 * SECOND_US);
    assert_int_equal(ward.start_at_us, 5 * SECOND_US);
    ward.started_us = 5 * SECOND_US;
    fluit_ward_ended(&ward, 6 * SECOND_US);
    assert_int_equal(ward.start_at_us, 6 * SECOND_US);
}

static void waits_longer_with_each_fall_up_to_a_limit(void **state)
{
    (void)state;
    int64_t last_us = fluit_ward_pause_us(1);
    assert_int_equal(last_us, 0);
    for (unsigned falls = 2; falls < 100; falls++) {
        int64_t pause_us = fluit_ward_pause_us(falls);
        assert_true(pause_us > last_us || pause_us == FLUIT_WARD_PAUSE_MAX_US);
        last_us = pause_us;
    }
    assert_int_equal(last_us, FLUIT_WARD_PAUSE_MAX_US);
}

static void forgets_falls_of_one_that_ran_well(void **state)
{
    (void)state;
    struct fluit_ward ward;
    fluit_ward_init(&ward, "table-01", 0);
    ward.falls = 7;
    ward.started_us = 0;
    fluit_ward_ended(&ward, FLUIT_WARD_WELL_US);
    assert_int_equal(ward.start_at_us, FLUIT_WARD_WELL_US);
    ward.started_us = FLUIT_WARD_WELL_US;
    fluit_ward_ended(&ward, FLUIT_WARD_WELL_US + 1);
    assert_true(ward.start_at_us > FLUIT_WARD_WELL_US + 1);
}

static void a_command_with_too_many_words_is_not_started(void **state)
{
    (void)state;
    struct fluit_command command = {0};
    struct fluit_ward ward;
    fluit_ward_init(&ward, "table-01", 0);
    for (int i = 0; i <= FLUIT_WARD_ARGS_MAX; i++)
        fluit_command_put(&command, "word");
    assert_int_equal(command.count, FLUIT_WARD_ARGS_MAX);
    assert_null(command.argv[FLUIT_WARD_ARGS_MAX]);
    assert_int_equal(fluit_ward_start(&ward, &command, 0), FLUIT_E_NOMEM);
    assert_int_equal(ward.proc.pid, 0);
    fluit_command_deinit(&command);
    fluit_ward_deinit(&ward);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_again_at_once_after_one_fall),
        cmocka_unit_test(waits_longer_with_each_fall_up_to_a_limit),
        cmocka_unit_test(forgets_falls_of_one_that_ran_well),
        cmocka_unit_test(a_command_with_too_many_words_is_not_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
