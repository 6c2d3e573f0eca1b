/* faults.c: nodes that die in a rehearsal, as if pulled from the wall, and come back. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/rehearse/stage.h"

#define TABLE_DOWN_LEAST_US INT64_C(50000)
#define TABLE_DOWN_RANGE_US INT64_C(800000)

static double fraction(struct fluit_stage *stage)
{
    return (double)fluit_rng_below(&stage->rng, 1000001) / 1e6;
}

static int64_t length_us(const struct fluit_stage *stage, int step)
{
    return (int64_t)((double)stage->script->steps[step].duration_us / stage->options->speed);
}

/* A step that takes time; half of the choices fall on card rounds. */
static int choose_step(struct fluit_stage *stage)
{
    const struct fluit_script *script = stage->script;
    int steps[FLUIT_STEPS_MAX], count = 0;
    bool rounds = script->round_count > 0 && fluit_rng_below(&stage->rng, 2);
    for (int i = 0; i < script->step_count; i++)
        if (script->steps[i].duration_us && (!rounds || script->steps[i].round))
            steps[count++] = i;
    return count ? steps[fluit_rng_below(&stage->rng, (uint64_t)count)] : 0;
}

static struct fluit_fault table_fault(struct fluit_stage *stage, uint32_t actor)
{
    struct fluit_fault fault = {.actor = actor, .step = choose_step(stage)};
    int64_t lead_us = stage->script->steps[fault.step].whistle ? FLUIT_MARK_LEAD_US : 0;
    fault.wait_us = (int64_t)(fraction(stage) * (double)(length_us(stage, fault.step) + lead_us));
    fault.down_us = TABLE_DOWN_LEAST_US + (int64_t)(fraction(stage) * (double)TABLE_DOWN_RANGE_US);
    return fault;
}

/* In the first card round; back when a fifth of it has gone by. */
static struct fluit_fault hub_fault(struct fluit_stage *stage)
{
    int step = fluit_script_round_step(stage->script, 1);
    struct fluit_fault fault = {.step = step < 0 ? 0 : step};
    bool whistle = stage->script->steps[fault.step].whistle;
    double in_round = (0.1 + 0.5 * fraction(stage)) * (double)length_us(stage, fault.step);
    fault.wait_us = (whistle ? FLUIT_MARK_LEAD_US : 0) + (int64_t)in_round;
    fault.down_us = length_us(stage, fault.step) / 5;
    return fault;
}

enum fluit_err fluit_faults_plan(struct fluit_stage *stage)
{
    stage->faults = calloc(stage->actor_count, sizeof *stage->faults);
    if (!stage->faults)
        return FLUIT_E_NOMEM;
    for (uint32_t i = 1; stage->options->table_dies && i < stage->actor_count; i += 2)
        stage->faults[stage->fault_count++] = table_fault(stage, i);
    if (stage->options->hub_dies)
        stage->faults[stage->fault_count++] = hub_fault(stage);
    return FLUIT_OK;
}

/* On a line of its own, also where progress shows in one that renews itself. */
static void tell(const struct fluit_actor *actor, const char *what)
{
    fprintf(stderr, "%s%s: %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", actor->name, what);
}

static void turn(struct fluit_stage *stage, struct fluit_fault *fault, bool at_end)
{
    const struct fluit_facilitator *f = &stage->facilitator;
    struct fluit_actor *actor = &stage->actors[fault->actor];
    if (!fault->due_us && f->step == fault->step && f->state == FLUIT_PLAN_RUNNING)
        fault->due_us = stage->now_us + fault->wait_us;
    bool due = at_end || (fault->due_us && stage->now_us >= fault->due_us);
    if (fault->done || !due || actor->proc.pid == 0)
        return;
    fault->done = true;
    tell(actor, "killed");
    fluit_stage_kill(stage, actor);
    actor->back_us = stage->now_us + fault->down_us;
}

void fluit_faults_turn(struct fluit_stage *stage, bool at_end)
{
    for (uint32_t i = 0; i < stage->fault_count; i++)
        turn(stage, &stage->faults[i], at_end);
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        struct fluit_actor *actor = &stage->actors[i];
        if (actor->back_us && stage->now_us >= actor->back_us && actor->proc.pid == 0) {
            tell(actor, "back");
            fluit_stage_start(stage, actor);
        }
    }
}

bool fluit_faults_done(const struct fluit_stage *stage)
{
    for (uint32_t i = 0; i < stage->fault_count; i++) {
        const struct fluit_actor *actor = &stage->actors[stage->faults[i].actor];
        if (!stage->faults[i].done || actor->back_us)
            return false;
    }
    return true;
}
