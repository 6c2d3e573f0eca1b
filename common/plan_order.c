/* plan_order.c: the orders of plan.h as a state machine. */
#include "common/plan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Marks of a plan, kept in order of time. */

static void remove_mark(struct fluit_plan *plan, int at)
{
    plan->mark_count--;
    memmove(&plan->marks[at], &plan->marks[at + 1],
            (size_t)(plan->mark_count - at) * sizeof plan->marks[0]);
    plan->marks[plan->mark_count] = (struct fluit_mark){0};
}

/* Marks too old to be sounded by anyone go. */
static void drop_old(struct fluit_plan *plan, int64_t now_us)
{
    while (plan->mark_count && plan->marks[0].at_us + FLUIT_MARK_LATE_US < now_us)
        remove_mark(plan, 0);
}

/* Marks that are still to come go; of one kind, or of any (0). */
static void drop_pending(struct fluit_plan *plan, int64_t now_us, uint8_t kind)
{
    for (int i = plan->mark_count - 1; i >= 0; i--)
        if (plan->marks[i].at_us > now_us && (!kind || plan->marks[i].id.kind == kind))
            remove_mark(plan, i);
}

static void insert_mark(struct fluit_plan *plan, struct fluit_mark mark)
{
    /* Only due ones, of a plan that another hub made, can fill it up. */
    if (plan->mark_count == FLUIT_MARKS_MAX)
        remove_mark(plan, 0);
    int at = plan->mark_count++;
    for (; at > 0 && plan->marks[at - 1].at_us > mark.at_us; at--)
        plan->marks[at] = plan->marks[at - 1];
    plan->marks[at] = mark;
}

static bool has_mark(const struct fluit_plan *plan, const struct fluit_mark *mark)
{
    for (int i = 0; i < plan->mark_count; i++)
        if (fluit_mark_id_eq(plan->marks[i].id, mark->id) && plan->marks[i].at_us == mark->at_us)
            return true;
    return false;
}

bool fluit_plan_pass(const struct fluit_plan *plan, int64_t now_us, struct fluit_plan *out)
{
    if (fluit_plan_deadline(plan) > now_us)
        return false;
    assert(plan->revision < UINT32_MAX);
    *out = *plan;
    out->revision++;
    out->state = FLUIT_PLAN_ENDED;
    /* The end's own mark stays: a table a little behind has it still to sound. */
    drop_old(out, now_us);
    return true;
}

/* An order being carried out: `next` starts as `old` with the next revision. */
struct turn {
    const struct fluit_step *step;
    int step_count;
    double speed;
    const struct fluit_plan *old;
    struct fluit_sounded history;
    int64_t arg_us;
    int64_t now_us;
    struct fluit_plan next;
    char *say;
};

static enum fluit_err deny(struct turn *t, const char *why)
{
    snprintf(t->say, FLUIT_PLAN_SAY_LEN, "step %d %s", t->old->step + 1, why);
    return FLUIT_E_DENIED;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A duration of the script at this speed: never 0, which would mean untimed. */
static int64_t scaled(const struct turn *t, int64_t duration_us)
{
    double us = (double)duration_us / t->speed;
    if (duration_us <= 0)
        return 0;
    return us < 1 ? 1 : us < (double)FLUIT_STEP_US_MAX ? (int64_t)us : FLUIT_STEP_US_MAX;
}

static int64_t wrap_up(const struct turn *t)
{
    bool told = t->next.round && t->next.start_us && t->next.end_us;
    return told ? t->next.end_us + scaled(t, t->step->wrap_up_us) : 0;
}

/* Two hubs that do not know of each other must not give one id to two instants: each gives
 * occurrences of its own. */
static unsigned next_occurrence(const struct fluit_sounded *history, unsigned highest)
{
    unsigned place = history->place % FLUIT_LEADERS_MAX;
    unsigned ahead = (place + FLUIT_LEADERS_MAX - highest % FLUIT_LEADERS_MAX) % FLUIT_LEADERS_MAX;
    return highest + ahead + 1;
}

static enum fluit_err set_mark(struct turn *t, enum fluit_mark_kind kind, int64_t at_us)
{
    uint8_t highest = t->history.highest[t->old->step][kind - 1];
    unsigned occurrence = next_occurrence(&t->history, highest);
    if (!t->step->whistle)
        return FLUIT_OK;
    if (occurrence > UINT8_MAX)
        return deny(t, "has been whistled as often as can be: go on with another step");
    struct fluit_mark mark = {.id = {.step = t->old->step,
                                     .round = t->old->round,
                                     .kind = (uint8_t)kind,
                                     .occurrence = (uint8_t)occurrence},
                              .at_us = at_us};
    insert_mark(&t->next, mark);
    return FLUIT_OK;
}

/* The step runs until end_us; every table must be able to hear of a whistle in time. */
static enum fluit_err run_until(struct turn *t, int64_t end_us)
{
    t->next.state = FLUIT_PLAN_RUNNING;
    t->next.left_us = 0;
    t->next.end_us = t->step->whistle ? later(end_us, t->now_us + FLUIT_ARM_LEAD_US) : end_us;
    t->next.wrap_up_us = wrap_up(t);
    if (fluit_plan_left(&t->next, t->now_us) > FLUIT_STEP_US_MAX)
        return deny(t, "would have more than a day left: extend it by less");
    drop_pending(&t->next, t->now_us, FLUIT_MARK_END);
    return set_mark(t, FLUIT_MARK_END, t->next.end_us);
}

static enum fluit_err run_from_start(struct turn *t, int64_t length_us)
{
    t->next.state = FLUIT_PLAN_RUNNING;
    t->next.start_us = t->now_us + (t->step->whistle ? FLUIT_MARK_LEAD_US : 0);
    t->next.end_us = t->next.left_us = t->next.wrap_up_us = 0;
    drop_pending(&t->next, t->now_us, 0);
    enum fluit_err err = set_mark(t, FLUIT_MARK_START, t->next.start_us);
    return err || length_us == 0 ? err : run_until(t, t->next.start_us + length_us);
}

static enum fluit_err make_ready(struct turn *t)
{
    t->next.state = FLUIT_PLAN_READY;
    t->next.start_us = t->next.end_us = t->next.left_us = t->next.wrap_up_us = 0;
    drop_pending(&t->next, t->now_us, 0);
    return FLUIT_OK;
}

static enum fluit_err go(struct turn *t, int by)
{
    int to = t->old->step + by;
    if (to < 0)
        return deny(t, "is the first: there is none before it");
    if (to >= t->step_count)
        return deny(t, "is the last: there is none after it");
    t->next.step = (uint8_t)to;
    t->next.round = t->step[by].round;
    return make_ready(t);
}

static enum fluit_err next(struct turn *t)
{
    return go(t, 1);
}

static enum fluit_err back(struct turn *t)
{
    return go(t, -1);
}

static enum fluit_err leave(struct turn *t, int by)
{
    return t->step->whistle ? deny(t, "is running: end it first") : go(t, by);
}

static enum fluit_err leave_next(struct turn *t)
{
    return leave(t, 1);
}

static enum fluit_err leave_back(struct turn *t)
{
    return leave(t, -1);
}

static enum fluit_err start(struct turn *t)
{
    return run_from_start(t, scaled(t, t->step->duration_us));
}

static enum fluit_err start_skipped(struct turn *t)
{
    return t->old->start_us ? deny(t, "has ended: extend it, or go on with next") : start(t);
}

static enum fluit_err stop_time(struct turn *t)
{
    if (t->old->end_us == 0)
        return deny(t, "has no set time to pause: end it when it is done");
    t->next.state = FLUIT_PLAN_PAUSED;
    t->next.left_us = fluit_plan_left(t->old, t->now_us);
    t->next.end_us = t->next.wrap_up_us = 0;
    if (t->old->start_us > t->now_us)
        t->next.start_us = 0;
    drop_pending(&t->next, t->now_us, 0);
    return FLUIT_OK;
}

static enum fluit_err resume(struct turn *t)
{
    return t->old->start_us ? run_until(t, t->now_us + t->old->left_us)
                            : run_from_start(t, t->old->left_us);
}

static bool arg_ok(const struct turn *t)
{
    return t->arg_us > 0 && t->arg_us <= FLUIT_STEP_US_MAX;
}
#define BAD_ARG "can be extended by up to a day: say by how much, as in \"extend 2m\""

static enum fluit_err extend(struct turn *t)
{
    if (t->old->end_us == 0)
        return deny(t, "has no set time to extend: end it when it is done");
    return arg_ok(t) ? run_until(t, t->old->end_us + t->arg_us) : deny(t, BAD_ARG);
}

static enum fluit_err extend_paused(struct turn *t)
{
    if (!arg_ok(t))
        return deny(t, BAD_ARG);
    t->next.left_us += t->arg_us;
    if (t->next.left_us > FLUIT_STEP_US_MAX)
        return deny(t, "would have more than a day left: extend it by less");
    return FLUIT_OK;
}

static enum fluit_err extend_ended(struct turn *t)
{
    if (t->old->start_us == 0)
        return deny(t, "was not started: start it");
    return arg_ok(t) ? run_until(t, t->now_us + t->arg_us) : deny(t, BAD_ARG);
}

static enum fluit_err finish(struct turn *t)
{
    t->next.state = FLUIT_PLAN_ENDED;
    t->next.end_us = t->now_us;
    t->next.left_us = 0;
    t->next.wrap_up_us = wrap_up(t);
    drop_pending(&t->next, t->now_us, 0);
    return FLUIT_OK;
}

static enum fluit_err end_running(struct turn *t)
{
    if (!t->step->whistle)
        return finish(t);
    if (t->old->end_us && t->old->end_us <= t->now_us + FLUIT_ARM_LEAD_US)
        return deny(t, "ends by itself in a moment: wait for it, or extend it");
    return run_until(t, t->now_us + FLUIT_ARM_LEAD_US);
}

static enum fluit_err cancel(struct turn *t)
{
    snprintf(t->say, FLUIT_PLAN_SAY_LEN, "the start of step %d is cancelled", t->old->step + 1);
    return make_ready(t);
}

/*                  .-- END: cancelled --.
 *                  v                    |
 * NEXT, BACK --> READY ---- START ---> PENDING -- start_us --> RUNNING -- end_us, END --> ENDED
 *                  |                    ^  |                   ^  |  ^                    ^  |
 *                  |             RESUME |  | PAUSE      RESUME |  |  '------ EXTEND ------|--'
 *                  |                    |  v                   |  v PAUSE                 |
 *                  |                 PAUSED, start_us 0       PAUSED -------- END --------+
 *                  |                    '------------------------------------ END --------+
 *                  '---- END: skipped; START is still allowed ----------------------------'
 *
 * NEXT and BACK leave READY, ENDED, and a RUNNING step without whistle. PENDING is the wire's
 * RUNNING before start_us; only whistled steps are in it. RUNNING past end_us is ENDED here. */
enum phase {
    READY,
    PENDING,
    RUNNING,
    PAUSED,
    ENDED,
    PHASE_COUNT
};

#define NOT_STARTED "is not running: start it first"
#define STARTING    "is about to start: end it to cancel the start"
#define IS_PAUSED   "is paused: resume, or end it"
#define IS_RUNNING  "is running already: pause, extend or end it"
#define HAS_ENDED   "has ended: extend it, or go on with next"

static const struct {
    enum fluit_err (*make)(struct turn *t); /* NULL: denied */
    const char *denied;
} moves[PHASE_COUNT][FLUIT_ORDER_COUNT] = {
    [READY] = {[FLUIT_ORDER_NEXT] = {next, NULL},
               [FLUIT_ORDER_BACK] = {back, NULL},
               [FLUIT_ORDER_START] = {start, NULL},
               [FLUIT_ORDER_PAUSE] = {NULL, NOT_STARTED},
               [FLUIT_ORDER_RESUME] = {NULL, NOT_STARTED},
               [FLUIT_ORDER_EXTEND] = {NULL, NOT_STARTED},
               [FLUIT_ORDER_END] = {finish, NULL}},
    [PENDING] = {[FLUIT_ORDER_NEXT] = {NULL, STARTING},
                 [FLUIT_ORDER_BACK] = {NULL, STARTING},
                 [FLUIT_ORDER_START] = {NULL, STARTING},
                 [FLUIT_ORDER_PAUSE] = {stop_time, NULL},
                 [FLUIT_ORDER_RESUME] = {NULL, STARTING},
                 [FLUIT_ORDER_EXTEND] = {extend, NULL},
                 [FLUIT_ORDER_END] = {cancel, NULL}},
    [RUNNING] = {[FLUIT_ORDER_NEXT] = {leave_next, NULL},
                 [FLUIT_ORDER_BACK] = {leave_back, NULL},
                 [FLUIT_ORDER_START] = {NULL, IS_RUNNING},
                 [FLUIT_ORDER_PAUSE] = {stop_time, NULL},
                 [FLUIT_ORDER_RESUME] = {NULL, IS_RUNNING},
                 [FLUIT_ORDER_EXTEND] = {extend, NULL},
                 [FLUIT_ORDER_END] = {end_running, NULL}},
    [PAUSED] = {[FLUIT_ORDER_NEXT] = {NULL, IS_PAUSED},
                [FLUIT_ORDER_BACK] = {NULL, IS_PAUSED},
                [FLUIT_ORDER_START] = {NULL, IS_PAUSED},
                [FLUIT_ORDER_PAUSE] = {NULL, IS_PAUSED},
                [FLUIT_ORDER_RESUME] = {resume, NULL},
                [FLUIT_ORDER_EXTEND] = {extend_paused, NULL},
                [FLUIT_ORDER_END] = {finish, NULL}},
    [ENDED] = {[FLUIT_ORDER_NEXT] = {next, NULL},
               [FLUIT_ORDER_BACK] = {back, NULL},
               [FLUIT_ORDER_START] = {start_skipped, NULL},
               [FLUIT_ORDER_PAUSE] = {NULL, HAS_ENDED},
               [FLUIT_ORDER_RESUME] = {NULL, HAS_ENDED},
               [FLUIT_ORDER_EXTEND] = {extend_ended, NULL},
               [FLUIT_ORDER_END] = {NULL, HAS_ENDED}},
};

static enum phase phase_of(const struct fluit_plan *plan, int64_t now_us)
{
    switch ((enum fluit_plan_state)plan->state) {
    case FLUIT_PLAN_READY:
        return READY;
    case FLUIT_PLAN_PAUSED:
        return PAUSED;
    case FLUIT_PLAN_ENDED:
        return ENDED;
    case FLUIT_PLAN_RUNNING:
        break;
    }
    if (fluit_plan_deadline(plan) <= now_us)
        return ENDED;
    return plan->start_us > now_us ? PENDING : RUNNING;
}

/* A whistle taken back so shortly before its time that it may be blown all the same. */
static void warn(const struct turn *t)
{
    for (int i = 0; i < t->old->mark_count; i++) {
        const struct fluit_mark *mark = &t->old->marks[i];
        int64_t ahead_us = mark->at_us - t->now_us;
        if (ahead_us <= 0 || ahead_us >= FLUIT_ARM_LEAD_US || has_mark(&t->next, mark))
            continue;
        snprintf(t->say, FLUIT_PLAN_SAY_LEN,
                 "the %s whistle of step %d was only %.1f s away: a table that is slow to hear "
                 "this may still blow it",
                 mark->id.kind == FLUIT_MARK_START ? "start" : "end", mark->id.step + 1,
                 (double)ahead_us / 1e6);
        return;
    }
}

enum fluit_err fluit_plan_order(const struct fluit_script *script, double speed,
                                const struct fluit_plan *old, enum fluit_order order,
                                int64_t arg_us, int64_t now_us, const struct fluit_sounded *history,
                                struct fluit_plan *out, char say[static FLUIT_PLAN_SAY_LEN])
{
    assert(speed > 0 && now_us > 0 && now_us < FLUIT_MESH_US_MAX);
    assert(old->step < script->step_count && old->revision < UINT32_MAX);
    assert((unsigned)order < FLUIT_ORDER_COUNT);
    struct turn t = {.step = &script->steps[old->step],
                     .step_count = script->step_count,
                     .speed = speed,
                     .old = old,
                     .history = *history,
                     .arg_us = arg_us,
                     .now_us = now_us,
                     .next = *old,
                     .say = say};
    enum phase phase = phase_of(old, now_us);
    fluit_sounded_note(&t.history, old);
    t.next.revision++;
    drop_old(&t.next, now_us);
    say[0] = '\0';
    if (!moves[phase][order].make)
        return deny(&t, moves[phase][order].denied);
    enum fluit_err err = moves[phase][order].make(&t);
    if (err)
        return err;
    warn(&t);
    *out = t.next;
    return FLUIT_OK;
}
