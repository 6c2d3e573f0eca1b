#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "common/alarm.h"
#include "common/plan.h"
#include "small_agenda.h"

#define T0 (1000 * SECOND)

static struct fluit_mark mark(enum fluit_mark_kind kind, uint8_t occurrence, int64_t at_us)
{
    return (struct fluit_mark){
        .id = {.step = ROUND_1, .round = 1, .kind = (uint8_t)kind, .occurrence = occurrence},
        .at_us = at_us};
}

static struct fluit_plan plan_with(uint32_t term, uint32_t revision, uint8_t count,
                                   const struct fluit_mark *marks)
{
    struct fluit_plan plan = {.term = term,
                              .revision = revision,
                              .step = ROUND_1,
                              .round = 1,
                              .state = FLUIT_PLAN_RUNNING,
                              .start_us = 1,
                              .mark_count = count};
    memcpy(plan.marks, marks, count * sizeof marks[0]);
    return plan;
}

static struct fluit_plan end_at(uint32_t term, uint32_t revision, uint8_t occurrence, int64_t at_us)
{
    struct fluit_mark end = mark(FLUIT_MARK_END, occurrence, at_us);
    return plan_with(term, revision, 1, &end);
}

static void know(struct fluit_alarm *a, struct fluit_plan plan)
{
    fluit_alarm_plan(a, &plan);
}

static struct fluit_act arm(struct fluit_alarm *a)
{
    struct fluit_act act;
    assert_true(fluit_alarm_to_arm(a, &act));
    fluit_alarm_armed(a, &act);
    return act;
}

static void next_is(const struct fluit_alarm *a, enum fluit_mark_kind kind, int64_t at_us)
{
    struct fluit_mark m;
    assert_true(fluit_alarm_next(a, &m));
    assert_int_equal(m.id.kind, kind);
    assert_int_equal(m.at_us, at_us);
}

static void silent(const struct fluit_alarm *a)
{
    struct fluit_mark m;
    assert_false(fluit_alarm_next(a, &m));
}

static void sounds_only_what_has_been_armed(void **state)
{
    (void)state;
    struct fluit_alarm a = {0};
    struct fluit_act act;
    struct fluit_mark marks[] = {mark(FLUIT_MARK_START, 1, T0), mark(FLUIT_MARK_END, 1, T0 + 9)};
    know(&a, plan_with(1, 4, 2, marks));
    assert_false(fluit_alarm_to_arm(&a, &act)); /* not before it has started */
    fluit_alarm_started(&a, T0 - SECOND);
    silent(&a);
    act = arm(&a);
    assert_int_equal(act.armed.term, 1);
    assert_int_equal(act.armed.revision, 4);
    assert_int_equal(act.armed.mark_count, 2);
    assert_false(fluit_alarm_to_arm(&a, &act));
    next_is(&a, FLUIT_MARK_START, T0);
    fluit_alarm_fired(&a, marks[0].id);
    next_is(&a, FLUIT_MARK_END, T0 + 9);
    fluit_alarm_fired(&a, marks[1].id);
    silent(&a);
}

static void a_plan_without_marks_is_confirmed_too(void **state)
{
    (void)state;
    struct fluit_alarm a = {0};
    fluit_alarm_started(&a, T0);
    know(&a, plan_with(1, 1, 0, (struct fluit_mark[1]){0}));
    assert_int_equal(arm(&a).armed.mark_count, 0);
}

static void sounds_up_to_half_a_second_late(void **state)
{
    (void)state;
    struct fluit_mark m = mark(FLUIT_MARK_END, 1, T0);
    assert_int_equal(fluit_alarm_verdict(&m, T0), FLUIT_ALARM_SOUND);
    assert_int_equal(fluit_alarm_verdict(&m, T0 + FLUIT_MARK_LATE_US), FLUIT_ALARM_SOUND);
    assert_int_equal(fluit_alarm_verdict(&m, T0 + FLUIT_MARK_LATE_US + 1), FLUIT_ALARM_SHOW);
}

static void who_joins_late_arms_late_and_shows(void **state)
{
    (void)state;
    struct fluit_alarm a = {0};
    struct fluit_mark m;
    fluit_alarm_started(&a, T0 + MINUTE);
    know(&a, end_at(1, 2, 1, T0));
    assert_int_equal(arm(&a).armed.mark_count, 1);
    assert_true(fluit_alarm_next(&a, &m));
    assert_false(fluit_alarm_unknown(&a, m.id));
    assert_int_equal(fluit_alarm_verdict(&m, T0 + MINUTE), FLUIT_ALARM_SHOW);
    fluit_alarm_fired(&a, m.id);
    silent(&a);
}

static void a_moved_mark_must_be_armed_again(void **state)
{
    (void)state;
    struct fluit_alarm a = {0};
    fluit_alarm_started(&a, T0 - MINUTE);
    know(&a, end_at(1, 2, 1, T0));
    arm(&a);
    know(&a, end_at(1, 3, 1, T0 + MINUTE));
    silent(&a);
    assert_int_equal(arm(&a).armed.marks[0].at_us, T0 + MINUTE);
    next_is(&a, FLUIT_MARK_END, T0 + MINUTE);
    know(&a, plan_with(1, 4, 0, (struct fluit_mark[1]){0}));
    silent(&a);
    assert_int_equal(arm(&a).armed.mark_count, 0);
}

static void a_mark_kept_by_a_newer_plan_stays_armed(void **state)
{
    (void)state;
    struct fluit_alarm a = {0};
    struct fluit_act act;
    fluit_alarm_started(&a, T0 - MINUTE);
    know(&a, end_at(1, 2, 1, T0));
    arm(&a);
    know(&a, end_at(2, 1, 1, T0));
    next_is(&a, FLUIT_MARK_END, T0);
    assert_true(fluit_alarm_to_arm(&a, &act)); /* the new revision is still to be confirmed */
}

static void an_older_plan_is_ignored(void **state)
{
    (void)state;
    struct fluit_alarm a = {0};
    fluit_alarm_started(&a, T0 - MINUTE);
    know(&a, end_at(2, 3, 1, T0));
    arm(&a);
    know(&a, end_at(1, 9, 2, T0 - SECOND));
    know(&a, end_at(2, 2, 2, T0 - SECOND));
    know(&a, end_at(2, 3, 2, T0 - SECOND));
    next_is(&a, FLUIT_MARK_END, T0);
}

static void a_fired_mark_is_silent_in_every_term(void **state)
{
    (void)state;
    struct fluit_alarm a = {0};
    fluit_alarm_started(&a, T0 - MINUTE);
    know(&a, end_at(1, 2, 3, T0));
    arm(&a);
    fluit_alarm_fired(&a, mark(FLUIT_MARK_END, 3, T0).id);
    know(&a, end_at(2, 1, 3, T0 + MINUTE));
    assert_int_equal(arm(&a).armed.mark_count, 0);
    silent(&a);
    know(&a, end_at(2, 2, 2, T0 + MINUTE)); /* another hub's: lower, but not sounded */
    arm(&a);
    next_is(&a, FLUIT_MARK_END, T0 + MINUTE);
}

static void an_id_out_of_range_never_sounds(void **state)
{
    (void)state;
    struct fluit_alarm a = {0};
    struct fluit_plan plan = end_at(1, 2, 1, T0);
    fluit_alarm_started(&a, T0 - MINUTE);
    plan.marks[0].id.step = FLUIT_STEPS_MAX;
    fluit_alarm_fired(&a, plan.marks[0].id);
    know(&a, plan);
    assert_int_equal(arm(&a).armed.mark_count, 0);
    silent(&a);
}

static void a_restart_before_the_mark_still_sounds_it(void **state)
{
    (void)state;
    struct fluit_alarm before = {0}, a = {0};
    fluit_alarm_started(&before, T0 - MINUTE);
    know(&before, end_at(1, 2, 1, T0));
    struct fluit_act act = arm(&before);
    fluit_alarm_restore_armed(&a, &act, T0 - MINUTE);
    silent(&a); /* not before it has started */
    fluit_alarm_started(&a, T0 - 1);
    next_is(&a, FLUIT_MARK_END, T0); /* even if the plan itself was not saved */
    assert_false(fluit_alarm_to_arm(&a, &act));
}

static void a_restart_after_the_mark_is_silent_for_ever(void **state)
{
    (void)state;
    struct fluit_alarm before = {0}, a = {0}, third = {0};
    struct fluit_mark_id id = mark(FLUIT_MARK_END, 1, T0).id;
    fluit_alarm_started(&before, T0 - MINUTE);
    know(&before, end_at(1, 2, 1, T0));
    struct fluit_act act = arm(&before), later;
    fluit_alarm_restore_armed(&a, &act, T0 - MINUTE);
    fluit_alarm_started(&a, T0);
    assert_true(fluit_alarm_unknown(&a, id));
    know(&a, end_at(2, 1, 1, T0 + MINUTE));
    later = arm(&a);
    assert_int_equal(later.armed.mark_count, 0);
    silent(&a);
    fluit_alarm_restore_armed(&third, &act, T0 - MINUTE);
    fluit_alarm_restore_armed(&third, &later, T0 + 1);
    fluit_alarm_started(&third, T0 + 2);
    know(&third, end_at(2, 2, 1, T0 + MINUTE));
    arm(&third);
    silent(&third);
    assert_true(fluit_alarm_unknown(&third, id));
}

static void a_restart_after_the_fired_entry_knows(void **state)
{
    (void)state;
    struct fluit_alarm before = {0}, a = {0};
    struct fluit_mark_id id = mark(FLUIT_MARK_END, 1, T0).id;
    fluit_alarm_started(&before, T0 - MINUTE);
    know(&before, end_at(1, 2, 1, T0));
    struct fluit_act act = arm(&before);
    fluit_alarm_restore_armed(&a, &act, T0 - MINUTE);
    fluit_alarm_fired(&a, id);
    fluit_alarm_started(&a, T0 + 1);
    assert_false(fluit_alarm_unknown(&a, id));
    silent(&a);
}

static void a_move_in_time_survives_a_restart(void **state)
{
    (void)state;
    struct fluit_alarm before = {0}, a = {0};
    fluit_alarm_started(&before, T0 - MINUTE);
    know(&before, end_at(1, 2, 1, T0));
    struct fluit_act first = arm(&before);
    know(&before, end_at(1, 3, 1, T0 + MINUTE));
    struct fluit_act second = arm(&before);
    fluit_alarm_restore_armed(&a, &first, T0 - MINUTE);
    fluit_alarm_restore_armed(&a, &second, T0 - 1);
    fluit_alarm_started(&a, T0 + SECOND);
    next_is(&a, FLUIT_MARK_END, T0 + MINUTE);
}

/* Its directory ran twice: what the copy armed before it was found out is read after its own. */
static void what_a_copy_armed_before_changes_nothing(void **state)
{
    (void)state;
    struct fluit_alarm copy = {0}, before = {0};
    struct fluit_mark_id id = mark(FLUIT_MARK_END, 1, T0).id;
    fluit_alarm_started(&copy, T0 - 2 * MINUTE);
    know(&copy, plan_with(1, 1, 0, (struct fluit_mark[1]){0}));
    fluit_alarm_started(&before, T0 - MINUTE);
    know(&before, end_at(1, 2, 1, T0));
    struct fluit_act other = arm(&copy), own = arm(&before);
    for (int copy_last = 0; copy_last <= 1; copy_last++) {
        struct fluit_alarm a = {0};
        if (!copy_last)
            fluit_alarm_restore_armed(&a, &other, T0 - 2 * MINUTE);
        fluit_alarm_restore_armed(&a, &own, T0 - MINUTE);
        if (copy_last)
            fluit_alarm_restore_armed(&a, &other, T0 - 2 * MINUTE);
        fluit_alarm_started(&a, T0 + 1);
        silent(&a);
        assert_true(fluit_alarm_unknown(&a, id));
    }
}

/* Nodes by chance: plans by two hubs that do not know of each other, restarts, lost entries. */

#define LOG_MAX 400
struct logged {
    struct fluit_act act; /* ARMED or FIRED */
    int64_t saved_us;
};
struct node {
    struct fluit_alarm alarm;
    struct logged log[LOG_MAX];
    int log_count;
    uint16_t sounded[FLUIT_STEPS_MAX][2][UINT8_MAX + 1];
    int sounds, shows, restarts;
};

static void save(struct node *n, const struct fluit_act *act, int64_t now_us)
{
    assert_true(n->log_count < LOG_MAX);
    n->log[n->log_count++] = (struct logged){.act = *act, .saved_us = now_us};
}

static bool was_armed(const struct node *n, const struct fluit_mark *m)
{
    for (int i = 0; i < n->log_count; i++)
        for (int j = 0;
             n->log[i].act.kind == FLUIT_KIND_ARMED && j < n->log[i].act.armed.mark_count; j++)
            if (fluit_mark_id_eq(n->log[i].act.armed.marks[j].id, m->id) &&
                n->log[i].act.armed.marks[j].at_us == m->at_us)
                return true;
    return false;
}

static void restart(struct node *n, int64_t now_us)
{
    n->restarts++;
    memset(&n->alarm, 0, sizeof n->alarm);
    for (int k = 0; k < n->log_count; k++) {
        int i = n->restarts % 2 ? k : n->log_count - 1 - k;
        if (n->log[i].act.kind == FLUIT_KIND_ARMED)
            fluit_alarm_restore_armed(&n->alarm, &n->log[i].act, n->log[i].saved_us);
        else
            fluit_alarm_fired(&n->alarm, n->log[i].act.fired.mark);
    }
    fluit_alarm_started(&n->alarm, now_us);
}

/* Carries out what is due; crash: the sound is heard, its entry is lost, the process with it. */
static bool sound_due(struct node *n, int64_t now_us, bool crash)
{
    struct fluit_mark m;
    while (fluit_alarm_next(&n->alarm, &m) && m.at_us <= now_us) {
        bool sound = fluit_alarm_verdict(&m, now_us) == FLUIT_ALARM_SOUND;
        assert_true(was_armed(n, &m));
        if (sound) {
            n->sounds++;
            assert_int_equal(++n->sounded[m.id.step][m.id.kind - 1][m.id.occurrence], 1);
        } else {
            n->shows++;
        }
        if (crash)
            return true;
        fluit_alarm_fired(&n->alarm, m.id);
        struct fluit_act act = {.kind = FLUIT_KIND_FIRED, .fired = {.mark = m.id}};
        save(n, &act, now_us);
    }
    return false;
}

static void arm_if_wanted(struct node *n, int64_t now_us)
{
    struct fluit_act act;
    if (!fluit_alarm_to_arm(&n->alarm, &act))
        return;
    save(n, &act, now_us);
    fluit_alarm_armed(&n->alarm, &act);
}

/* A plan as no single hub would make it: ids of any occurrence at any time. */
static struct fluit_plan wild_plan(uint64_t *seed, int64_t now_us)
{
    struct fluit_plan plan = {.term = (uint32_t)chance(seed, 5),
                              .revision = 1 + (uint32_t)chance(seed, 40)};
    plan.mark_count = (uint8_t)chance(seed, 4);
    for (int i = 0; i < plan.mark_count; i++)
        plan.marks[i] =
            mark(chance(seed, 2) ? FLUIT_MARK_START : FLUIT_MARK_END,
                 (uint8_t)(1 + chance(seed, 6)), now_us - SECOND + (int64_t)chance(seed, 6000000));
    return plan;
}

static void chance_never_sounds_a_mark_twice(void **state)
{
    (void)state;
    static struct node n;
    int sounds = 0, shows = 0, restarts = 0;
    for (uint64_t run = 1; run <= 10000; run++) {
        uint64_t seed = run * 0x9e3779b97f4a7c15u;
        int64_t now = T0;
        memset(&n, 0, sizeof n);
        restart(&n, now);
        for (int i = 0; i < 60; i++) {
            now += (int64_t)chance(&seed, chance(&seed, 3) ? 100000 : 2000000);
            if (chance(&seed, 3) == 0)
                know(&n.alarm, wild_plan(&seed, now));
            if (chance(&seed, 3))
                arm_if_wanted(&n, now);
            if (sound_due(&n, now, chance(&seed, 8) == 0) || chance(&seed, 20) == 0)
                restart(&n, now);
        }
        sounds += n.sounds;
        shows += n.shows;
        restarts += n.restarts;
    }
    assert_true(sounds > 10000 && shows > 1000 && restarts > 10000); /* it did happen */
}

/* A hub by the book and a table that hears at once, its clock a little behind the hub's. */
struct room {
    struct fluit_plan plan;
    struct fluit_sounded history;
    struct node table;
    int64_t behind_us;
};

static void table_hears(struct room *r, int64_t now_us)
{
    know(&r->table.alarm, r->plan);
    arm_if_wanted(&r->table, now_us - r->behind_us);
}

static void order(struct room *r, uint64_t *seed, int64_t now_us)
{
    char say[FLUIT_PLAN_SAY_LEN];
    enum fluit_order what = (enum fluit_order)chance(seed, FLUIT_ORDER_COUNT);
    if (r->plan.state == FLUIT_PLAN_READY && chance(seed, 2))
        what = FLUIT_ORDER_START;
    int64_t arg = (int64_t)chance(seed, 20000000);
    if (fluit_plan_order(small_agenda(), 300, &r->plan, what, arg, now_us, &r->history, &r->plan,
                         say) == FLUIT_OK)
        fluit_sounded_note(&r->history, &r->plan);
}

/* The marks that the hub has let come to their time, and those that it took back before. */
static void table_sounded_what_came_due(const struct room *r, const struct fluit_plan *old,
                                        int64_t now_us)
{
    for (int i = 0; i < old->mark_count; i++) {
        struct fluit_mark_id id = old->marks[i].id;
        int sounded = r->table.sounded[id.step][id.kind - 1][id.occurrence];
        if (old->marks[i].at_us + r->behind_us <= now_us)
            assert_int_equal(sounded, 1);
        else
            assert_int_equal(sounded, 0);
    }
}

static void every_mark_that_comes_due_sounds_once(void **state)
{
    (void)state;
    static struct room r;
    int sounds = 0;
    for (uint64_t run = 1; run <= 2000; run++) {
        uint64_t seed = run * 0x9e3779b97f4a7c15u;
        int64_t now = T0;
        memset(&r, 0, sizeof r);
        r.behind_us = (int64_t)chance(&seed, FLUIT_MARK_LATE_US / 2);
        r.plan = (struct fluit_plan){
            .term = 1, .revision = 1, .step = ROUND_1, .round = 1, .state = FLUIT_PLAN_READY};
        fluit_alarm_started(&r.table.alarm, now - r.behind_us);
        for (int i = 0; i < 200; i++) {
            struct fluit_plan old = r.plan;
            now += (int64_t)chance(&seed, FLUIT_MARK_LATE_US / 2);
            /* What the table hears comes first, as with a busy loop. */
            if (!fluit_plan_pass(&r.plan, now, &r.plan) && chance(&seed, 4) == 0)
                order(&r, &seed, now);
            table_hears(&r, now);
            sound_due(&r.table, now - r.behind_us, false);
            table_sounded_what_came_due(&r, &old, now);
        }
        assert_int_equal(r.table.shows, 0);
        sounds += r.table.sounds;
    }
    assert_true(sounds > 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sounds_only_what_has_been_armed),
        cmocka_unit_test(a_plan_without_marks_is_confirmed_too),
        cmocka_unit_test(sounds_up_to_half_a_second_late),
        cmocka_unit_test(who_joins_late_arms_late_and_shows),
        cmocka_unit_test(a_moved_mark_must_be_armed_again),
        cmocka_unit_test(a_mark_kept_by_a_newer_plan_stays_armed),
        cmocka_unit_test(an_older_plan_is_ignored),
        cmocka_unit_test(a_fired_mark_is_silent_in_every_term),
        cmocka_unit_test(an_id_out_of_range_never_sounds),
        cmocka_unit_test(a_restart_before_the_mark_still_sounds_it),
        cmocka_unit_test(a_restart_after_the_mark_is_silent_for_ever),
        cmocka_unit_test(a_restart_after_the_fired_entry_knows),
        cmocka_unit_test(a_move_in_time_survives_a_restart),
        cmocka_unit_test(what_a_copy_armed_before_changes_nothing),
        cmocka_unit_test(chance_never_sounds_a_mark_twice),
        cmocka_unit_test(every_mark_that_comes_due_sounds_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
