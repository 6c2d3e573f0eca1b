/* alarm.h: one node's arming and sounding of the plan's marks. PROTOCOL.md "Whistle".
 *
 * A mark is sounded at most once by a node, whatever plans, hubs and restarts come between:
 *   - it is sounded only after an armed act that names it at that time has been saved;
 *   - after it, a fired act is saved; a restart that finds a mark armed, past and not fired cannot
 *     know whether it sounded, so it stays silent for ever ("unknown").
 *
 * A new process: zero-initialise; fluit_alarm_restore_armed and fluit_alarm_fired for its own
 * entries, of all incarnations, in any order; fluit_alarm_plan for the plans it holds; then
 * fluit_alarm_started once the mesh time is known. Nothing is armed or sounded before that. Times
 * are mesh time in microseconds. Fixed size, nothing allocated, not thread-safe on shared storage.
 */
#ifndef FLUIT_ALARM_H
#define FLUIT_ALARM_H

#include "common/act.h"

/* An exact set of mark ids: a bit for each (step, kind, occurrence). The round follows from the
 * step. An id out of range counts as in the set, so it never sounds. */
struct fluit_mark_set {
    uint8_t bits[FLUIT_STEPS_MAX][2][(UINT8_MAX + 1) / 8];
};

/* The marks of one revision. */
struct fluit_alarm_marks {
    uint32_t term;
    uint32_t revision;
    uint8_t count;
    struct fluit_mark marks[FLUIT_MARKS_MAX];
};

struct fluit_alarm {
    struct fluit_alarm_marks wanted; /* of the newest plan */
    struct fluit_alarm_marks armed;  /* of our newest armed act that is saved */
    int64_t armed_us;                /* restored: when that was saved */
    struct fluit_mark_set fired;
    struct fluit_mark_set unknown;
    bool started;
};

enum fluit_alarm_verdict {
    FLUIT_ALARM_SOUND,
    FLUIT_ALARM_SHOW, /* too late: show it and save fired with FLUIT_OUTPUT_NONE */
};

/* A plan that has passed fluit_plan_check became known. One that is not newer is ignored. */
void fluit_alarm_plan(struct fluit_alarm *a, const struct fluit_plan *plan);

/* Before fluit_alarm_started: our own armed act, saved at saved_us (its entry's mesh time). Also
 * stands in for its plan if that was not saved here. Too many marks are cut off. */
void fluit_alarm_restore_armed(struct fluit_alarm *a, const struct fluit_act *act,
                               int64_t saved_us);
/* This process may sound from now on. latest_us: the mesh time, plus its error bound, so that no
 * mark that has passed is taken for one to come. Once. */
void fluit_alarm_started(struct fluit_alarm *a, int64_t latest_us);

/* True if an armed act must be saved now, as for each newer plan, also one without marks: it tells
 * the hub that this node has the plan. Fills *act; its bound_us is the caller's to set. */
bool fluit_alarm_to_arm(const struct fluit_alarm *a, struct fluit_act *act);
/* That act has been saved. */
void fluit_alarm_armed(struct fluit_alarm *a, const struct fluit_act *act);

/* The earliest mark to sound: armed, neither fired nor unknown. False if there is none. */
bool fluit_alarm_next(const struct fluit_alarm *a, struct fluit_mark *mark);
/* What to do with a mark whose time has come. */
enum fluit_alarm_verdict fluit_alarm_verdict(const struct fluit_mark *mark, int64_t now_us);
/* It sounded or was shown (call at once, before it is saved), or our own fired entry says so. */
void fluit_alarm_fired(struct fluit_alarm *a, struct fluit_mark_id id);
/* True if the mark may have sounded before a restart, but no fired entry tells. */
bool fluit_alarm_unknown(const struct fluit_alarm *a, struct fluit_mark_id id);

#endif
