#include "common/alarm.h"

#include <assert.h>
#include <string.h>

/*  One mark at one node:
 *
 *            plan                armed saved              sounded or shown
 *     (none) ----> WANTED --------------------> ARMED ----------------------> FIRED
 *              ^     |                           |  |
 *              |     |  newer plan without it,   |  |  restart after its time,
 *              '-----+--- or at another time ----'  |  no fired entry
 *                                                   '----------------------> UNKNOWN
 *
 *  FIRED and UNKNOWN are for ever, in every term. WANTED and ARMED are not stored: they follow from
 *  the two lists and the two sets. */

static bool set_place(struct fluit_mark_id id, size_t *byte, uint8_t *bit)
{
    if (id.step >= FLUIT_STEPS_MAX || (id.kind != FLUIT_MARK_START && id.kind != FLUIT_MARK_END))
        return false;
    *byte = id.occurrence / 8;
    *bit = (uint8_t)(1u << id.occurrence % 8);
    return true;
}

static void set_add(struct fluit_mark_set *set, struct fluit_mark_id id)
{
    size_t byte;
    uint8_t bit;
    if (set_place(id, &byte, &bit))
        set->bits[id.step][id.kind - 1][byte] |= bit;
}

static bool set_has(const struct fluit_mark_set *set, struct fluit_mark_id id)
{
    size_t byte;
    uint8_t bit;
    return !set_place(id, &byte, &bit) || set->bits[id.step][id.kind - 1][byte] & bit;
}

static bool is_done(const struct fluit_alarm *a, struct fluit_mark_id id)
{
    return set_has(&a->fired, id) || set_has(&a->unknown, id);
}

static struct fluit_alarm_marks marks_of(uint32_t term, uint32_t revision, uint8_t count,
                                         const struct fluit_mark *marks)
{
    struct fluit_alarm_marks list = {.term = term, .revision = revision};
    list.count = count < FLUIT_MARKS_MAX ? count : FLUIT_MARKS_MAX;
    memcpy(list.marks, marks, list.count * sizeof marks[0]);
    return list;
}

/* The same id at the same time: armed for another time is not armed. */
static bool list_has(const struct fluit_alarm_marks *list, const struct fluit_mark *mark)
{
    for (int i = 0; i < list->count; i++)
        if (fluit_mark_id_eq(list->marks[i].id, mark->id) && list->marks[i].at_us == mark->at_us)
            return true;
    return false;
}

static bool is_newer(const struct fluit_alarm_marks *a, const struct fluit_alarm_marks *b)
{
    return b->term != a->term ? b->term > a->term : b->revision > a->revision;
}

void fluit_alarm_plan(struct fluit_alarm *a, const struct fluit_plan *plan)
{
    struct fluit_alarm_marks list =
        marks_of(plan->term, plan->revision, plan->mark_count, plan->marks);
    if (is_newer(&a->wanted, &list))
        a->wanted = list;
}

void fluit_alarm_restore_armed(struct fluit_alarm *a, const struct fluit_act *act, int64_t saved_us)
{
    assert(act->kind == FLUIT_KIND_ARMED && !a->started);
    struct fluit_alarm_marks list =
        marks_of(act->armed.term, act->armed.revision, act->armed.mark_count, act->armed.marks);
    struct fluit_alarm_marks older = a->armed;
    if (is_newer(&a->armed, &list) || (!is_newer(&list, &a->armed) && saved_us >= a->armed_us)) {
        a->armed = list;
        a->armed_us = saved_us;
    } else {
        older = list;
    }
    /* A mark that an act let go after its time may have sounded first. */
    for (int i = 0; i < older.count; i++)
        if (!list_has(&a->armed, &older.marks[i]) && older.marks[i].at_us <= a->armed_us)
            set_add(&a->unknown, older.marks[i].id);
    if (is_newer(&a->wanted, &list))
        a->wanted = list;
}

void fluit_alarm_started(struct fluit_alarm *a, int64_t latest_us)
{
    assert(!a->started);
    a->started = true;
    for (int i = 0; i < a->armed.count; i++)
        if (a->armed.marks[i].at_us <= latest_us)
            set_add(&a->unknown, a->armed.marks[i].id);
}

bool fluit_alarm_to_arm(const struct fluit_alarm *a, struct fluit_act *act)
{
    if (!a->started || !is_newer(&a->armed, &a->wanted))
        return false;
    memset(act, 0, sizeof *act);
    act->kind = FLUIT_KIND_ARMED;
    act->armed.term = a->wanted.term;
    act->armed.revision = a->wanted.revision;
    for (int i = 0; i < a->wanted.count; i++)
        if (!is_done(a, a->wanted.marks[i].id))
            act->armed.marks[act->armed.mark_count++] = a->wanted.marks[i];
    return true;
}

void fluit_alarm_armed(struct fluit_alarm *a, const struct fluit_act *act)
{
    assert(act->kind == FLUIT_KIND_ARMED && a->started);
    a->armed =
        marks_of(act->armed.term, act->armed.revision, act->armed.mark_count, act->armed.marks);
}

bool fluit_alarm_next(const struct fluit_alarm *a, struct fluit_mark *mark)
{
    const struct fluit_mark *first = NULL;
    for (int i = 0; a->started && i < a->wanted.count; i++) {
        const struct fluit_mark *m = &a->wanted.marks[i];
        if (!is_done(a, m->id) && list_has(&a->armed, m) && (!first || m->at_us < first->at_us))
            first = m;
    }
    if (first)
        *mark = *first;
    return first != NULL;
}

enum fluit_alarm_verdict fluit_alarm_verdict(const struct fluit_mark *mark, int64_t now_us)
{
    return now_us - mark->at_us <= FLUIT_MARK_LATE_US ? FLUIT_ALARM_SOUND : FLUIT_ALARM_SHOW;
}

void fluit_alarm_fired(struct fluit_alarm *a, struct fluit_mark_id id)
{
    set_add(&a->fired, id);
}

bool fluit_alarm_unknown(const struct fluit_alarm *a, struct fluit_mark_id id)
{
    return set_has(&a->unknown, id) && !set_has(&a->fired, id);
}
