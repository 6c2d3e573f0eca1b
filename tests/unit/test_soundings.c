#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/rehearse/soundings.h"

#define NODES 3

static const struct fluit_mark start = {{.step = 1, .round = 1, .kind = 1, .occurrence = 1}, 5000};

static struct fluit_plan plan_of(uint32_t revision, const struct fluit_mark *mark)
{
    struct fluit_plan plan = {.term = 1, .revision = revision};
    if (mark)
        plan.marks[plan.mark_count++] = *mark;
    return plan;
}

static void arm(struct fluit_soundings *s, uint32_t node, int64_t mesh_us)
{
    struct fluit_act act = {.kind = FLUIT_KIND_ARMED};
    act.armed.marks[act.armed.mark_count++] = start;
    fluit_soundings_armed(s, node, &act, mesh_us);
}

static bool up(const void *arg, uint32_t node, int64_t real_us)
{
    const bool *down = arg;
    (void)real_us;
    return !down || !down[node];
}

static struct fluit_soundings_sum sum_of(struct fluit_soundings *s, const bool *down)
{
    struct fluit_soundings_sum sum;
    assert_int_equal(fluit_soundings_sum(s, NODES, up, down, &sum), FLUIT_OK);
    fluit_soundings_deinit(s);
    return sum;
}

/* All have armed the mark; time goes on after it. */
static void plan_and_arm(struct fluit_soundings *s)
{
    struct fluit_plan plan = plan_of(1, &start), later = plan_of(2, &start);
    fluit_soundings_plan(s, &plan, 1000);
    for (uint32_t i = 0; i < NODES; i++)
        arm(s, i, 2000);
    fluit_soundings_plan(s, &later, 9000);
}

static void measures_from_the_median(void **state)
{
    struct fluit_soundings s = {0};
    (void)state;
    plan_and_arm(&s);
    fluit_soundings_heard(&s, 0, 0, start.id, 700100);
    fluit_soundings_heard(&s, 1, 0, start.id, 700000);
    fluit_soundings_heard(&s, 2, 0, start.id, 700400);
    struct fluit_soundings_sum sum = sum_of(&s, NULL);
    assert_int_equal(sum.marks, 1);
    assert_int_equal(sum.fired, 3);
    assert_int_equal(sum.missed + sum.doubled + sum.unknown, 0);
    assert_int_equal(sum.skew_max_us, 300);
    assert_int_equal(sum.skew_p50_us, 100);
    assert_int_equal(sum.spread_max_us, 400);
}

static void a_due_mark_that_nobody_sounded_is_missed_by_all(void **state)
{
    struct fluit_soundings s = {0};
    (void)state;
    plan_and_arm(&s);
    struct fluit_soundings_sum sum = sum_of(&s, NULL);
    assert_int_equal(sum.marks, 1);
    assert_int_equal(sum.missed, NODES);
}

static void who_was_down_or_not_armed_is_unknown(void **state)
{
    struct fluit_soundings s = {0};
    struct fluit_plan plan = plan_of(1, &start);
    bool down[NODES] = {false, true, false};
    (void)state;
    fluit_soundings_plan(&s, &plan, 1000);
    arm(&s, 0, 2000);
    arm(&s, 1, 2000);
    arm(&s, 2, 6000); /* after its time */
    fluit_soundings_heard(&s, 0, 0, start.id, 700100);
    struct fluit_soundings_sum sum = sum_of(&s, down);
    assert_int_equal(sum.missed, 0);
    assert_int_equal(sum.unknown, 2);
}

static int64_t asked_us;

static bool note_time(const void *arg, uint32_t node, int64_t real_us)
{
    (void)arg;
    (void)node;
    asked_us = real_us;
    return true;
}

static void late_soundings_do_not_move_the_mark(void **state)
{
    struct fluit_soundings s = {0};
    struct fluit_soundings_sum sum;
    (void)state;
    plan_and_arm(&s);
    fluit_soundings_heard(&s, 0, 0, start.id, 700100);
    fluit_soundings_heard(&s, 1, 0, start.id, 1100000);
    assert_int_equal(fluit_soundings_sum(&s, NODES, note_time, NULL, &sum), FLUIT_OK);
    assert_int_equal(asked_us, 700100);
    fluit_soundings_deinit(&s);
}

static void a_mark_that_a_node_let_go_again_is_not_missed(void **state)
{
    struct fluit_soundings s = {0};
    struct fluit_act none = {.kind = FLUIT_KIND_ARMED};
    (void)state;
    plan_and_arm(&s);
    fluit_soundings_armed(&s, 0, &none, 3000);
    fluit_soundings_armed(&s, 1, &none, 6000); /* too late to let it go */
    struct fluit_soundings_sum sum = sum_of(&s, NULL);
    assert_int_equal(sum.marks, 1);
    assert_int_equal(sum.unknown, 1);
    assert_int_equal(sum.missed, NODES - 1);
}

static void a_mark_taken_back_in_time_is_not_due(void **state)
{
    struct fluit_soundings s = {0};
    struct fluit_plan plan = plan_of(1, &start), without = plan_of(2, NULL), end = plan_of(3, NULL);
    (void)state;
    /* In any order. */
    fluit_soundings_plan(&s, &end, 9000);
    fluit_soundings_plan(&s, &without, 4000);
    fluit_soundings_plan(&s, &plan, 1000);
    arm(&s, 0, 2000);
    assert_int_equal(sum_of(&s, NULL).marks, 0);
}

static void a_mark_dropped_after_its_time_was_due(void **state)
{
    struct fluit_soundings s = {0};
    struct fluit_plan plan = plan_of(1, &start), without = plan_of(2, NULL);
    (void)state;
    fluit_soundings_plan(&s, &plan, 1000);
    fluit_soundings_plan(&s, &without, 5001);
    assert_int_equal(sum_of(&s, NULL).marks, 1);
}

static void twice_at_one_device_is_double(void **state)
{
    struct fluit_soundings s = {0};
    (void)state;
    plan_and_arm(&s);
    for (uint32_t i = 0; i < NODES; i++)
        fluit_soundings_heard(&s, i, 0, start.id, 700000);
    fluit_soundings_heard(&s, 1, 0, start.id, 900000);
    fluit_soundings_heard(&s, 2, 1, start.id, 900000); /* a device that took its place */
    assert_int_equal(sum_of(&s, NULL).doubled, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_from_the_median),
        cmocka_unit_test(a_due_mark_that_nobody_sounded_is_missed_by_all),
        cmocka_unit_test(who_was_down_or_not_armed_is_unknown),
        cmocka_unit_test(late_soundings_do_not_move_the_mark),
        cmocka_unit_test(a_mark_that_a_node_let_go_again_is_not_missed),
        cmocka_unit_test(a_mark_taken_back_in_time_is_not_due),
        cmocka_unit_test(a_mark_dropped_after_its_time_was_due),
        cmocka_unit_test(twice_at_one_device_is_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
