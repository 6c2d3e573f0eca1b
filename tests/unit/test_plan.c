#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "common/plan.h"
#include "small_agenda.h"

#define T0 (1000 * SECOND)

/* A hub that orders, by the book: each new plan is checked and noted. */
struct hub {
    struct fluit_plan plan;
    struct fluit_sounded history;
    double speed;
    char say[FLUIT_PLAN_SAY_LEN];
};

static struct hub hub_at(uint8_t step)
{
    struct hub h = {.speed = 1};
    fluit_plan_first(small_agenda(), 7, &h.plan);
    for (; h.plan.step < step;)
        assert_int_equal(fluit_plan_order(small_agenda(), 1, &h.plan, FLUIT_ORDER_NEXT, 0, 1,
                                          &h.history, &h.plan, h.say),
                         FLUIT_OK);
    return h;
}

static enum fluit_err order(struct hub *h, enum fluit_order what, int64_t arg_us, int64_t now_us)
{
    enum fluit_err err = fluit_plan_order(small_agenda(), h->speed, &h->plan, what, arg_us, now_us,
                                          &h->history, &h->plan, h->say);
    if (err == FLUIT_OK) {
        assert_int_equal(fluit_plan_check(&h->plan, small_agenda()), FLUIT_OK);
        fluit_sounded_note(&h->history, &h->plan);
    }
    return err;
}

static void must(struct hub *h, enum fluit_order what, int64_t arg_us, int64_t now_us)
{
    assert_int_equal(order(h, what, arg_us, now_us), FLUIT_OK);
}

static void denied(struct hub *h, enum fluit_order what, int64_t now_us, const char *why)
{
    struct fluit_plan before = h->plan;
    assert_int_equal(order(h, what, SECOND, now_us), FLUIT_E_DENIED);
    assert_string_equal(h->say, why);
    assert_memory_equal(&before, &h->plan, sizeof before);
}

static void has(const struct hub *h, int at, enum fluit_mark_kind kind, uint8_t nth, int64_t at_us)
{
    assert_true(at < h->plan.mark_count);
    const struct fluit_mark *mark = &h->plan.marks[at];
    assert_int_equal(mark->id.kind, kind);
    assert_int_equal(mark->id.occurrence, FLUIT_LEADERS_MAX * (nth - 1) + 1); /* the first hub's */
    assert_int_equal(mark->at_us, at_us);
}

static void starts_a_round_with_lead_end_and_wrap_up(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    int64_t start = T0 + FLUIT_MARK_LEAD_US, end = start + 15 * MINUTE;
    assert_int_equal(h.plan.state, FLUIT_PLAN_RUNNING);
    assert_int_equal(h.plan.round, 1);
    assert_int_equal(h.plan.start_us, start);
    assert_int_equal(h.plan.end_us, end);
    assert_int_equal(h.plan.wrap_up_us, end + 3 * MINUTE);
    assert_int_equal(h.plan.mark_count, 2);
    has(&h, 0, FLUIT_MARK_START, 1, start);
    has(&h, 1, FLUIT_MARK_END, 1, end);
    assert_int_equal(fluit_plan_left(&h.plan, T0), 15 * MINUTE);
    assert_int_equal(fluit_plan_left(&h.plan, start + MINUTE), 14 * MINUTE);
    assert_int_equal(fluit_plan_deadline(&h.plan), end);
}

static void speed_divides_durations_but_no_protocol_time(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    h.speed = 900;
    must(&h, FLUIT_ORDER_START, 0, T0);
    assert_int_equal(h.plan.start_us, T0 + FLUIT_MARK_LEAD_US);
    assert_int_equal(h.plan.end_us, h.plan.start_us + SECOND);
    assert_int_equal(h.plan.wrap_up_us, h.plan.end_us + 200000);
    h = hub_at(COFFEE);
    h.speed = 1e15;
    must(&h, FLUIT_ORDER_START, 0, T0);
    assert_int_equal(h.plan.end_us, T0 + 1); /* still timed */
}

static void a_silent_step_starts_at_once_without_marks(void **state)
{
    (void)state;
    struct hub h = hub_at(COFFEE);
    must(&h, FLUIT_ORDER_START, 0, T0);
    assert_int_equal(h.plan.start_us, T0);
    assert_int_equal(h.plan.end_us, T0 + 10 * MINUTE);
    assert_int_equal(h.plan.mark_count, 0);
    assert_int_equal(h.plan.wrap_up_us, 0);
    must(&h, FLUIT_ORDER_NEXT, 0, T0 + MINUTE);
    assert_int_equal(h.plan.step, ROUND_1);
    assert_int_equal(h.plan.state, FLUIT_PLAN_READY);
}

static void passing_the_end_ends_once_and_keeps_the_mark_just_due(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    int64_t end = h.plan.end_us;
    uint32_t revision = h.plan.revision;
    assert_false(fluit_plan_pass(&h.plan, end - 1, &h.plan));
    assert_int_equal(h.plan.revision, revision);
    assert_true(fluit_plan_pass(&h.plan, end, &h.plan));
    assert_int_equal(h.plan.state, FLUIT_PLAN_ENDED);
    assert_int_equal(h.plan.revision, revision + 1);
    assert_int_equal(h.plan.mark_count, 1);
    has(&h, 0, FLUIT_MARK_END, 1, end);
    assert_int_equal(h.plan.wrap_up_us, end + 3 * MINUTE);
    assert_int_equal(fluit_plan_check(&h.plan, small_agenda()), FLUIT_OK);
    assert_false(fluit_plan_pass(&h.plan, end + 1, &h.plan));
    assert_true(fluit_plan_deadline(&h.plan) == INT64_MAX);
    must(&h, FLUIT_ORDER_NEXT, 0, end + FLUIT_MARK_LATE_US);
    assert_int_equal(h.plan.mark_count, 1);
    must(&h, FLUIT_ORDER_BACK, 0, end + FLUIT_MARK_LATE_US + 1);
    assert_int_equal(h.plan.mark_count, 0);
}

static void passing_late_leaves_no_mark(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    assert_true(fluit_plan_pass(&h.plan, h.plan.end_us + FLUIT_MARK_LATE_US + 1, &h.plan));
    assert_int_equal(h.plan.mark_count, 0);
}

static void pause_keeps_the_rest_and_resume_sets_a_new_end(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    int64_t start = h.plan.start_us, now = start + 5 * MINUTE;
    must(&h, FLUIT_ORDER_PAUSE, 0, now);
    assert_int_equal(h.plan.state, FLUIT_PLAN_PAUSED);
    assert_int_equal(h.plan.left_us, 10 * MINUTE);
    assert_int_equal(fluit_plan_left(&h.plan, now + MINUTE), 10 * MINUTE);
    assert_int_equal(h.plan.mark_count, 0);
    assert_int_equal(h.plan.wrap_up_us, 0);
    assert_string_equal(h.say, "");
    must(&h, FLUIT_ORDER_EXTEND, MINUTE, now + MINUTE);
    assert_int_equal(h.plan.left_us, 11 * MINUTE);
    must(&h, FLUIT_ORDER_RESUME, 0, now + 20 * MINUTE);
    assert_int_equal(h.plan.start_us, start);
    assert_int_equal(h.plan.end_us, now + 31 * MINUTE);
    assert_int_equal(h.plan.wrap_up_us, now + 34 * MINUTE);
    assert_int_equal(h.plan.mark_count, 1);
    has(&h, 0, FLUIT_MARK_END, 2, now + 31 * MINUTE);
}

static void pause_at_the_very_end_is_too_late(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    struct hub just_before = h;
    denied(&h, FLUIT_ORDER_PAUSE, h.plan.end_us, "step 3 has ended: extend it, or go on with next");
    must(&just_before, FLUIT_ORDER_PAUSE, 0, h.plan.end_us - 800000);
    assert_string_equal(just_before.say,
                        "the end whistle of step 3 was only 0.8 s away: a table that is slow to "
                        "hear this may still blow it");
    must(&just_before, FLUIT_ORDER_RESUME, 0, T0 + 60 * MINUTE);
    assert_int_equal(just_before.plan.end_us, T0 + 60 * MINUTE + FLUIT_ARM_LEAD_US);
}

static void pause_before_the_start_holds_it_back(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    must(&h, FLUIT_ORDER_PAUSE, 0, T0 + SECOND / 2);
    assert_int_equal(h.plan.start_us, 0);
    assert_int_equal(h.plan.left_us, 15 * MINUTE);
    assert_int_equal(h.plan.mark_count, 0);
    must(&h, FLUIT_ORDER_RESUME, 0, T0 + MINUTE);
    assert_int_equal(h.plan.start_us, T0 + MINUTE + FLUIT_MARK_LEAD_US);
    has(&h, 0, FLUIT_MARK_START, 2, h.plan.start_us);
    has(&h, 1, FLUIT_MARK_END, 2, h.plan.start_us + 15 * MINUTE);
}

static void extend_moves_the_end_and_after_it_runs_on_from_now(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    int64_t end = h.plan.end_us;
    must(&h, FLUIT_ORDER_EXTEND, 2 * MINUTE, end - 5 * MINUTE);
    assert_int_equal(h.plan.end_us, end + 2 * MINUTE);
    assert_int_equal(h.plan.mark_count, 1);
    has(&h, 0, FLUIT_MARK_END, 2, end + 2 * MINUTE);
    assert_true(fluit_plan_pass(&h.plan, end + 3 * MINUTE, &h.plan));
    must(&h, FLUIT_ORDER_EXTEND, MINUTE, end + 4 * MINUTE);
    assert_int_equal(h.plan.state, FLUIT_PLAN_RUNNING);
    assert_int_equal(h.plan.end_us, end + 5 * MINUTE);
    has(&h, 0, FLUIT_MARK_END, 3, end + 5 * MINUTE);
    assert_int_equal(order(&h, FLUIT_ORDER_EXTEND, -1, end + 4 * MINUTE), FLUIT_E_DENIED);
    assert_int_equal(order(&h, FLUIT_ORDER_EXTEND, 0, end + 4 * MINUTE), FLUIT_E_DENIED);
    assert_int_equal(order(&h, FLUIT_ORDER_EXTEND, INT64_MAX, end + 4 * MINUTE), FLUIT_E_DENIED);
    assert_int_equal(order(&h, FLUIT_ORDER_EXTEND, FLUIT_STEP_US_MAX, end + 4 * MINUTE),
                     FLUIT_E_DENIED);
    assert_string_equal(h.say, "step 3 would have more than a day left: extend it by less");
}

static void extend_right_after_the_end_keeps_the_whistle_that_is_due(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    int64_t end = h.plan.end_us;
    must(&h, FLUIT_ORDER_EXTEND, 1, end + 1);
    assert_int_equal(h.plan.mark_count, 2);
    has(&h, 0, FLUIT_MARK_END, 1, end);
    has(&h, 1, FLUIT_MARK_END, 2, end + 1 + FLUIT_ARM_LEAD_US);
}

static void end_early_gives_every_table_time_to_hear(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    int64_t now = T0 + 5 * MINUTE;
    must(&h, FLUIT_ORDER_END, 0, now);
    assert_int_equal(h.plan.state, FLUIT_PLAN_RUNNING);
    assert_int_equal(h.plan.end_us, now + FLUIT_ARM_LEAD_US);
    assert_int_equal(h.plan.mark_count, 1);
    has(&h, 0, FLUIT_MARK_END, 2, now + FLUIT_ARM_LEAD_US);
    denied(&h, FLUIT_ORDER_END, now + 1,
           "step 3 ends by itself in a moment: wait for it, or extend it");
    denied(&h, FLUIT_ORDER_NEXT, now + 1, "step 3 is running: end it first");
    must(&h, FLUIT_ORDER_NEXT, 0, now + FLUIT_ARM_LEAD_US);
}

static void end_before_the_start_cancels_it(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    struct hub close = h;
    must(&h, FLUIT_ORDER_END, 0, T0 + 1);
    assert_int_equal(h.plan.state, FLUIT_PLAN_READY);
    assert_int_equal(h.plan.mark_count, 0);
    assert_string_equal(h.say, "the start of step 3 is cancelled");
    must(&close, FLUIT_ORDER_END, 0, T0 + 2 * SECOND);
    assert_non_null(strstr(close.say, "start whistle of step 3 was only 1.0 s away"));
}

static void end_of_a_paused_or_unstarted_step_is_at_once(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_END, 0, T0);
    assert_int_equal(h.plan.state, FLUIT_PLAN_ENDED);
    assert_int_equal(h.plan.wrap_up_us, 0);
    denied(&h, FLUIT_ORDER_EXTEND, T0, "step 3 was not started: start it");
    must(&h, FLUIT_ORDER_START, 0, T0);
    must(&h, FLUIT_ORDER_PAUSE, 0, T0 + MINUTE);
    denied(&h, FLUIT_ORDER_NEXT, T0 + MINUTE, "step 3 is paused: resume, or end it");
    must(&h, FLUIT_ORDER_END, 0, T0 + 2 * MINUTE);
    assert_int_equal(h.plan.state, FLUIT_PLAN_ENDED);
    assert_int_equal(h.plan.end_us, T0 + 2 * MINUTE);
    assert_int_equal(h.plan.wrap_up_us, T0 + 5 * MINUTE);
    assert_int_equal(h.plan.mark_count, 0);
    denied(&h, FLUIT_ORDER_START, T0 + 3 * MINUTE,
           "step 3 has ended: extend it, or go on with next");
}

static void an_untimed_step_runs_until_it_is_ended(void **state)
{
    (void)state;
    struct hub h = hub_at(CHANGEOVER);
    must(&h, FLUIT_ORDER_START, 0, T0);
    assert_int_equal(h.plan.end_us, 0);
    assert_int_equal(h.plan.mark_count, 1);
    assert_true(fluit_plan_deadline(&h.plan) == INT64_MAX);
    denied(&h, FLUIT_ORDER_PAUSE, T0 + MINUTE,
           "step 4 has no set time to pause: end it when it is done");
    denied(&h, FLUIT_ORDER_EXTEND, T0 + MINUTE,
           "step 4 has no set time to extend: end it when it is done");
    must(&h, FLUIT_ORDER_END, 0, T0 + MINUTE);
    has(&h, 0, FLUIT_MARK_END, 1, T0 + MINUTE + FLUIT_ARM_LEAD_US);
}

static void a_round_done_again_has_the_next_occurrence(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    must(&h, FLUIT_ORDER_NEXT, 0, T0 + 30 * MINUTE);
    must(&h, FLUIT_ORDER_BACK, 0, T0 + 30 * MINUTE);
    must(&h, FLUIT_ORDER_START, 0, T0 + 30 * MINUTE);
    assert_int_equal(h.plan.mark_count, 2);
    assert_int_equal(h.plan.marks[0].id.occurrence, FLUIT_LEADERS_MAX + 1);
    assert_int_equal(h.plan.marks[1].id.occurrence, FLUIT_LEADERS_MAX + 1);
}

static void marks_of_the_plan_at_hand_need_not_be_noted(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    h.history = (struct fluit_sounded){0};
    must(&h, FLUIT_ORDER_EXTEND, MINUTE, T0 + MINUTE);
    assert_int_equal(h.plan.marks[0].id.occurrence, FLUIT_LEADERS_MAX + 1);
}

static void a_new_hub_counts_on_from_entries_of_tables(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    struct fluit_mark_id id = {
        .step = ROUND_1, .round = 1, .kind = FLUIT_MARK_START, .occurrence = FLUIT_LEADERS_MAX + 3};
    fluit_sounded_add(&h.history, id);
    id.step = UINT8_MAX;
    fluit_sounded_add(&h.history, id); /* ignored */
    must(&h, FLUIT_ORDER_START, 0, T0);
    assert_int_equal(h.plan.marks[0].id.occurrence, 2 * FLUIT_LEADERS_MAX + 1);
    assert_int_equal(h.plan.marks[1].id.occurrence, 1);
}

/* What hubs that do not hear of each other give, whoever leads in what order. */
static void each_hub_gives_occurrences_of_its_own(void **state)
{
    (void)state;
    uint8_t given[UINT8_MAX + 1] = {0};
    struct hub first = hub_at(ROUND_1);
    must(&first, FLUIT_ORDER_START, 0, T0);
    for (uint32_t place = 0; place < FLUIT_LEADERS_MAX; place++) {
        struct hub h = first;
        h.plan.term += FLUIT_NODES_MAX * (1 + place / 2);
        h.history.place = place;
        for (int i = 0; i < 40; i++) {
            must(&h, FLUIT_ORDER_EXTEND, SECOND, T0 + MINUTE);
            assert_true(given[h.plan.marks[0].id.occurrence]++ == 0);
        }
    }
}

static void there_is_nothing_before_the_first_or_after_the_last(void **state)
{
    (void)state;
    struct hub h = hub_at(TALK);
    denied(&h, FLUIT_ORDER_BACK, T0, "step 1 is the first: there is none before it");
    denied(&h, FLUIT_ORDER_PAUSE, T0, "step 1 is not running: start it first");
    h = hub_at(ROUND_2);
    denied(&h, FLUIT_ORDER_NEXT, T0, "step 5 is the last: there is none after it");
}

static void occurrences_run_out_with_a_word(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    h.history.highest[ROUND_1][FLUIT_MARK_END - 1] = UINT8_MAX;
    denied(&h, FLUIT_ORDER_START, T0,
           "step 3 has been whistled as often as can be: go on with another step");
}

static void check_refuses_what_no_hub_makes(void **state)
{
    (void)state;
    struct hub h = hub_at(ROUND_1);
    must(&h, FLUIT_ORDER_START, 0, T0);
    struct fluit_plan p;
#define REFUSED(change, err)                                                                       \
    p = h.plan;                                                                                    \
    change;                                                                                        \
    assert_int_equal(fluit_plan_check(&p, small_agenda()), err)
    REFUSED(p.mark_count = FLUIT_MARKS_MAX + 1, FLUIT_E_LIMIT);
    REFUSED(p.revision = 0, FLUIT_E_FORMAT);
    REFUSED(p.revision = UINT32_MAX, FLUIT_E_FORMAT);
    REFUSED(p.step = 5, FLUIT_E_FORMAT);
    REFUSED(p.round = 2, FLUIT_E_FORMAT);
    REFUSED(p.state = 0, FLUIT_E_FORMAT);
    REFUSED(p.state = FLUIT_PLAN_READY, FLUIT_E_FORMAT);
    REFUSED(p.state = FLUIT_PLAN_PAUSED, FLUIT_E_FORMAT);
    REFUSED(p.end_us = p.start_us - 1, FLUIT_E_FORMAT);
    REFUSED(p.start_us = -1, FLUIT_E_FORMAT);
    REFUSED(p.end_us = INT64_MAX, FLUIT_E_FORMAT);
    REFUSED(p.wrap_up_us = p.end_us - 1, FLUIT_E_FORMAT);
    REFUSED(p.left_us = 1, FLUIT_E_FORMAT);
    REFUSED(p.marks[0].id.step = 200, FLUIT_E_FORMAT);
    REFUSED(p.marks[0].id.step = COFFEE, FLUIT_E_FORMAT);
    REFUSED(p.marks[0].id.round = 2, FLUIT_E_FORMAT);
    REFUSED(p.marks[0].id.kind = 3, FLUIT_E_FORMAT);
    REFUSED(p.marks[0].id.occurrence = 0, FLUIT_E_FORMAT);
    REFUSED(p.marks[0].at_us = p.marks[1].at_us + 1, FLUIT_E_FORMAT);
    REFUSED(p.marks[0].at_us = 0, FLUIT_E_FORMAT);
    REFUSED(p.marks[1].id = p.marks[0].id, FLUIT_E_FORMAT);
#undef REFUSED
    assert_int_equal(fluit_plan_check(&h.plan, small_agenda()), FLUIT_OK);
}

/* Ten thousand workshops of orders by chance. */

static int64_t set_at[FLUIT_STEPS_MAX][2][UINT8_MAX + 1]; /* an id's one and only time */

static void each_mark_keeps_its_time(const struct fluit_plan *old, const struct fluit_plan *plan,
                                     int64_t now_us)
{
    int pending_end = 0;
    for (int i = 0; i < plan->mark_count; i++) {
        struct fluit_mark m = plan->marks[i];
        int64_t *seen = set_at[m.id.step][m.id.kind - 1];
        if (seen[m.id.occurrence] == 0) {
            assert_true(m.at_us > now_us);
            for (int later = m.id.occurrence; later <= UINT8_MAX; later++)
                assert_int_equal(seen[later], 0);
            seen[m.id.occurrence] = m.at_us;
        }
        assert_int_equal(seen[m.id.occurrence], m.at_us);
        assert_true(i == 0 || plan->marks[i - 1].at_us <= m.at_us);
        assert_true(m.at_us + FLUIT_MARK_LATE_US >= now_us);
        if (m.at_us > now_us) {
            assert_int_equal(plan->state, FLUIT_PLAN_RUNNING);
            assert_int_equal(m.id.step, plan->step);
            assert_true(m.id.kind == FLUIT_MARK_END ? m.at_us == plan->end_us
                                                    : m.at_us == plan->start_us);
            pending_end += m.id.kind == FLUIT_MARK_END;
        }
    }
    bool whistled = small_agenda()->steps[plan->step].whistle;
    assert_int_equal(pending_end, whistled && plan->state == FLUIT_PLAN_RUNNING && plan->end_us);
    for (int i = 0; i < old->mark_count; i++) { /* what is due is never taken away */
        bool due = old->marks[i].at_us <= now_us &&
                   old->marks[i].at_us + FLUIT_MARK_LATE_US >= now_us,
             kept = false;
        for (int j = 0; j < plan->mark_count; j++)
            kept |= fluit_mark_id_eq(old->marks[i].id, plan->marks[j].id);
        assert_true(!due || kept);
    }
}

static void times_fit(const struct fluit_plan *plan)
{
    if (plan->end_us)
        assert_true(plan->end_us >= plan->start_us);
    if (plan->wrap_up_us)
        assert_true(plan->wrap_up_us >= plan->end_us && plan->round);
    assert_int_equal(fluit_plan_check(plan, small_agenda()), FLUIT_OK);
}

/* Mostly small steps; often exactly at, just before or just after a mark. */
static int64_t some_time_later(uint64_t *seed, const struct fluit_plan *plan, int64_t now_us)
{
    if (plan->mark_count && chance(seed, 3) == 0) {
        int64_t at_us = plan->marks[chance(seed, plan->mark_count)].at_us;
        at_us += (int64_t)chance(seed, 3) - 1;
        if (at_us >= now_us)
            return at_us;
    }
    static const uint64_t reach[] = {1, 1000, 600000, 5000000, 1200000000};
    return now_us + (int64_t)chance(seed, reach[chance(seed, 5)]);
}

static int one_workshop(uint64_t seed)
{
    struct fluit_sounded rebuilt = {0};
    struct hub h = hub_at(TALK);
    int accepted = 0;
    int64_t now = T0;
    h.speed = seed % 2 ? 1 : 900;
    memset(set_at, 0, sizeof set_at);
    for (int i = 0; i < 50; i++) {
        struct fluit_plan old = h.plan;
        now = some_time_later(&seed, &old, now);
        bool passed = chance(&seed, 2) && fluit_plan_pass(&old, now, &h.plan);
        enum fluit_order what = (enum fluit_order)chance(&seed, FLUIT_ORDER_COUNT);
        int64_t arg = (int64_t)chance(&seed, chance(&seed, 2) ? 10 : 120000000) - 3;
        if (chance(&seed, 10) == 0)
            h.history = rebuilt; /* the hub started again */
        if (!passed && order(&h, what, arg, now) != FLUIT_OK) {
            assert_true(strlen(h.say) > 0);
            assert_memory_equal(&old, &h.plan, sizeof old);
            continue;
        }
        accepted++;
        fluit_sounded_note(&rebuilt, &h.plan);
        assert_int_equal(h.plan.term, 7);
        assert_int_equal(h.plan.revision, old.revision + 1);
        times_fit(&h.plan);
        each_mark_keeps_its_time(&old, &h.plan, now);
    }
    return accepted;
}

static void orders_by_chance_never_reuse_a_mark(void **state)
{
    (void)state;
    int accepted = 0;
    for (uint64_t seed = 1; seed <= 10000; seed++) {
        uint64_t mixed = seed * 0x9e3779b97f4a7c15u;
        accepted += one_workshop(mixed);
    }
    assert_true(accepted > 200000); /* the orders did get somewhere */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_a_round_with_lead_end_and_wrap_up),
        cmocka_unit_test(speed_divides_durations_but_no_protocol_time),
        cmocka_unit_test(a_silent_step_starts_at_once_without_marks),
        cmocka_unit_test(passing_the_end_ends_once_and_keeps_the_mark_just_due),
        cmocka_unit_test(passing_late_leaves_no_mark),
        cmocka_unit_test(pause_keeps_the_rest_and_resume_sets_a_new_end),
        cmocka_unit_test(pause_at_the_very_end_is_too_late),
        cmocka_unit_test(pause_before_the_start_holds_it_back),
        cmocka_unit_test(extend_moves_the_end_and_after_it_runs_on_from_now),
        cmocka_unit_test(extend_right_after_the_end_keeps_the_whistle_that_is_due),
        cmocka_unit_test(end_early_gives_every_table_time_to_hear),
        cmocka_unit_test(end_before_the_start_cancels_it),
        cmocka_unit_test(end_of_a_paused_or_unstarted_step_is_at_once),
        cmocka_unit_test(an_untimed_step_runs_until_it_is_ended),
        cmocka_unit_test(a_round_done_again_has_the_next_occurrence),
        cmocka_unit_test(marks_of_the_plan_at_hand_need_not_be_noted),
        cmocka_unit_test(a_new_hub_counts_on_from_entries_of_tables),
        cmocka_unit_test(there_is_nothing_before_the_first_or_after_the_last),
        cmocka_unit_test(each_hub_gives_occurrences_of_its_own),
        cmocka_unit_test(occurrences_run_out_with_a_word),
        cmocka_unit_test(check_refuses_what_no_hub_makes),
        cmocka_unit_test(orders_by_chance_never_reuse_a_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
