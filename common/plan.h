/* plan.h: what the facilitator orders on the agenda, and the plan that follows. PROTOCOL.md "Plan".
 *
 * Pure functions on values; nothing is allocated, no state is kept. Times are mesh time in
 * microseconds, above 0 and at most FLUIT_MESH_US_MAX, unless said otherwise.
 *
 * A mark's id stands for one instant: a whistle that is set anew or moved gets the next occurrence,
 * whether or not the old one sounded. So a table that did not hear of a move in time, and blew at
 * the old time, still blows at the new one; and no clock is needed to tell which ids are free. Each
 * hub gives occurrences of its own, so two that lead at once give no id twice. */
#ifndef FLUIT_PLAN_H
#define FLUIT_PLAN_H

#include "common/act.h"
#include "common/script.h"

#define FLUIT_PLAN_SAY_LEN 200

enum fluit_order {
    FLUIT_ORDER_NEXT,   /* to the next step, READY; an unwhistled step that runs is left */
    FLUIT_ORDER_BACK,   /* to the step before, READY */
    FLUIT_ORDER_START,  /* whistled: in FLUIT_MARK_LEAD_US; else now */
    FLUIT_ORDER_PAUSE,  /* the time stops; a start that is still to come is held back */
    FLUIT_ORDER_RESUME, /* the rest of the time runs; a start held back is whistled */
    FLUIT_ORDER_EXTEND, /* arg_us more; also while paused; after the end: runs on from now */
    FLUIT_ORDER_END,    /* running and whistled: in FLUIT_ARM_LEAD_US, so that every table hears;
                           start still to come: cancelled, READY; else ENDED now, silent */
};
#define FLUIT_ORDER_COUNT 7

/* The highest occurrence ever given to each step's marks, [kind - 1]. Zero-initialise. A hub that
 * starts, also under another term, folds every plan it holds into it, in any order. */
struct fluit_sounded {
    uint32_t place; /* of this hub among those that may lead: it gives occurrences that, less 1, are
                       this modulo FLUIT_LEADERS_MAX */
    uint8_t highest[FLUIT_STEPS_MAX][2];
};
/* Notes all marks of a plan; note each new plan when it is saved. */
void fluit_sounded_note(struct fluit_sounded *history, const struct fluit_plan *plan);
/* Notes one mark, as of a table's armed or fired entry. An id out of range is ignored. */
void fluit_sounded_add(struct fluit_sounded *history, struct fluit_mark_id id);

/* Revision 1 of a term: the first step, READY. */
void fluit_plan_first(const struct fluit_script *script, uint32_t term, struct fluit_plan *out);

/* The plan after an order: the same term, revision + 1. `old` has passed fluit_plan_check; an end
 * that has passed without fluit_plan_pass counts as passed. `speed` (> 0) divides the script's
 * durations, nothing else. `arg_us` is for EXTEND. A mark that is due, by up to
 * FLUIT_MARK_LATE_US, is carried along, for tables whose clock or loop is a little behind.
 * DENIED: not now; `say` tells what to do instead. On success `say` is a remark or warning, or "".
 * `out` may be `old`. */
FLUIT_MUST_CHECK enum fluit_err
fluit_plan_order(const struct fluit_script *script, double speed, const struct fluit_plan *old,
                 enum fluit_order order, int64_t arg_us, int64_t now_us,
                 const struct fluit_sounded *history, struct fluit_plan *out,
                 char say[static FLUIT_PLAN_SAY_LEN]);

/* True if the end has passed: *out is then the next revision, ENDED. `out` may be `plan`. */
bool fluit_plan_pass(const struct fluit_plan *plan, int64_t now_us, struct fluit_plan *out);
/* When fluit_plan_pass is to be called next; INT64_MAX: never. */
int64_t fluit_plan_deadline(const struct fluit_plan *plan);

/* What is left of the step's time; the whole of it before a scheduled start. 0 for an untimed step
 * and for one that is READY or over. */
int64_t fluit_plan_left(const struct fluit_plan *plan, int64_t now_us);

/* For a plan from the wire: FORMAT unless it fits the script and is one that fluit_plan_order could
 * have made; LIMIT for too many marks. */
FLUIT_MUST_CHECK enum fluit_err fluit_plan_check(const struct fluit_plan *plan,
                                                 const struct fluit_script *script);

#endif
