#include "node/rehearse/faults.h"

#include <stdio.h>
#include <string.h>

#define BACK_AFTER_US 500000

unsigned fluit_fault_of(const char *name)
{
    if (strcmp(name, "table-dies") == 0)
        return FLUIT_FAULT_TABLE_DIES;
    if (strcmp(name, "hub-dies") == 0)
        return FLUIT_FAULT_HUB_DIES;
    return 0;
}

static bool struck(const struct fluit_stage *stage, const struct fluit_actor *actor)
{
    return (actor->node_class == FLUIT_NODE_TABLE &&
            stage->options.faults & FLUIT_FAULT_TABLE_DIES) ||
           (actor->node_class == FLUIT_NODE_HUB && stage->options.faults & FLUIT_FAULT_HUB_DIES);
}

static void kill_one(struct fluit_stage *stage, struct fluit_actor *actor)
{
    actor->died = true;
    actor->died_us = fluit_stage_now_us();
    actor->back_us = 0;
    fluit_proc_kill(&actor->proc);
    fluit_ledger_died(&stage->ledger, (int)(actor - stage->actors));
    fprintf(stderr, "%s: killed\n", actor->name);
}

static void bring_back(struct fluit_stage *stage, struct fluit_actor *actor)
{
    actor->back_us = fluit_stage_now_us();
    fprintf(stderr, "%s: back\n", actor->name);
    if (fluit_stage_start(stage, actor, NULL))
        fprintf(stderr, "%s: can't be started again\n", actor->name);
}

/* A table dies once, at any moment from the first round on; the hub in the middle of it. */
static bool is_due(struct fluit_stage *stage, const struct fluit_actor *actor)
{
    const struct fluit_actor *hub = &stage->actors[0];
    int first = fluit_script_round_step(stage->script, 1);
    bool in_round = hub->step == first && strcmp(hub->state, "running") == 0;
    if (actor == hub)
        return in_round && fluit_rng_below(&stage->rng, 20) == 0;
    return hub->step >= first && fluit_rng_below(&stage->rng, 60) == 0;
}

void fluit_faults_pass(struct fluit_stage *stage)
{
    int64_t now_us = fluit_stage_now_us();
    for (int i = 0; i < stage->count; i++) {
        struct fluit_actor *actor = &stage->actors[i];
        if (!struck(stage, actor))
            continue;
        if (!actor->died && is_due(stage, actor))
            kill_one(stage, actor);
        else if (actor->died && !actor->back_us && now_us - actor->died_us > BACK_AFTER_US)
            bring_back(stage, actor);
    }
}

bool fluit_faults_over(const struct fluit_stage *stage)
{
    for (int i = 0; i < stage->count; i++)
        if (stage->actors[i].died && (!stage->actors[i].back_us || !stage->actors[i].ready))
            return false;
    return true;
}
