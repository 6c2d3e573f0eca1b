#include "common/plan.h"

static bool id_in_range(struct fluit_mark_id id)
{
    return id.step < FLUIT_STEPS_MAX &&
           (id.kind == FLUIT_MARK_START || id.kind == FLUIT_MARK_END) && id.occurrence > 0;
}

void fluit_sounded_add(struct fluit_sounded *history, struct fluit_mark_id id)
{
    if (!id_in_range(id))
        return;
    uint8_t *highest = &history->highest[id.step][id.kind - 1];
    if (*highest < id.occurrence)
        *highest = id.occurrence;
}

void fluit_sounded_note(struct fluit_sounded *history, const struct fluit_plan *plan)
{
    for (int i = 0; i < plan->mark_count; i++)
        fluit_sounded_add(history, plan->marks[i].id);
}

void fluit_plan_first(const struct fluit_script *script, uint32_t term, struct fluit_plan *out)
{
    *out = (struct fluit_plan){
        .term = term, .revision = 1, .round = script->steps[0].round, .state = FLUIT_PLAN_READY};
}

int64_t fluit_plan_left(const struct fluit_plan *plan, int64_t now_us)
{
    if (plan->state == FLUIT_PLAN_PAUSED)
        return plan->left_us;
    if (plan->state != FLUIT_PLAN_RUNNING || plan->end_us <= now_us)
        return 0;
    return plan->end_us - (plan->start_us > now_us ? plan->start_us : now_us);
}

int64_t fluit_plan_deadline(const struct fluit_plan *plan)
{
    return plan->state == FLUIT_PLAN_RUNNING && plan->end_us ? plan->end_us : INT64_MAX;
}

/* Plans from the wire. */

static bool time_ok(int64_t us)
{
    return us >= 0 && us <= FLUIT_MESH_US_MAX;
}

static bool state_ok(const struct fluit_plan *p)
{
    switch (p->state) {
    case FLUIT_PLAN_READY:
        return p->start_us == 0 && p->end_us == 0 && p->left_us == 0;
    case FLUIT_PLAN_RUNNING:
        return p->start_us > 0 && (p->end_us == 0 || p->end_us >= p->start_us) && p->left_us == 0;
    case FLUIT_PLAN_PAUSED:
        return p->end_us == 0 && p->left_us > 0 && p->left_us <= FLUIT_STEP_US_MAX;
    case FLUIT_PLAN_ENDED:
        return p->end_us > 0 && p->end_us >= p->start_us && p->left_us == 0;
    default:
        return false;
    }
}

static bool times_ok(const struct fluit_plan *p)
{
    if (!time_ok(p->start_us) || !time_ok(p->end_us) || !time_ok(p->left_us) ||
        !time_ok(p->wrap_up_us) || !state_ok(p))
        return false;
    return p->wrap_up_us == 0 || (p->round && p->end_us && p->wrap_up_us >= p->end_us);
}

static bool mark_ok(const struct fluit_script *script, const struct fluit_plan *plan, int at)
{
    const struct fluit_mark *mark = &plan->marks[at];
    if (!id_in_range(mark->id) || mark->id.step >= script->step_count)
        return false;
    const struct fluit_step *step = &script->steps[mark->id.step];
    if (!step->whistle || mark->id.round != step->round || mark->at_us <= 0 ||
        mark->at_us > FLUIT_MESH_US_MAX)
        return false;
    for (int i = 0; i < at; i++)
        if (plan->marks[i].at_us > mark->at_us || fluit_mark_id_eq(plan->marks[i].id, mark->id))
            return false;
    return true;
}

enum fluit_err fluit_plan_check(const struct fluit_plan *plan, const struct fluit_script *script)
{
    if (plan->mark_count > FLUIT_MARKS_MAX)
        return FLUIT_E_LIMIT;
    if (plan->revision == 0 || plan->revision == UINT32_MAX || plan->step >= script->step_count)
        return FLUIT_E_FORMAT;
    if (plan->round != script->steps[plan->step].round || !times_ok(plan))
        return FLUIT_E_FORMAT;
    for (int i = 0; i < plan->mark_count; i++)
        if (!mark_ok(script, plan, i))
            return FLUIT_E_FORMAT;
    return FLUIT_OK;
}
