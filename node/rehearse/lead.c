/* lead.c: the facilitator: goes through the agenda as the script has it. */
#include <stdio.h>
#include <string.h>

#include "node/rehearse/stage.h"

#define PATIENCE_US INT64_C(30000000)
#define SECOND_US   INT64_C(1000000)

struct step_is {
    int step;
    const char *state; /* NULL: any */
};

static bool hub_is(struct fluit_stage *stage, void *arg)
{
    const struct step_is *is = arg;
    return stage->actors[0].step == is->step &&
           (!is->state || strcmp(stage->actors[0].state, is->state) == 0);
}

static void order(struct fluit_stage *stage, const char *line)
{
    fluit_proc_type(&stage->actors[0].proc, line);
}

static bool never(struct fluit_stage *stage, void *arg)
{
    (void)stage;
    (void)arg;
    return false;
}

static bool wait_for(struct fluit_stage *stage, int step, const char *state, int64_t extra_us)
{
    struct step_is is = {step, state};
    return fluit_stage_until(stage, PATIENCE_US + extra_us, hub_is, &is);
}

static void pass_time(struct fluit_stage *stage, int64_t us)
{
    fluit_stage_until(stage, us, never, NULL);
}

/* Once in the first round the facilitator stops the clock for somebody at the door; in a later one
 * the tables get a little more time. */
static bool disturb(struct fluit_stage *stage, int step, int64_t length_us)
{
    uint8_t round = stage->script->steps[step].round;
    pass_time(stage, length_us / 3);
    if (round > 1) {
        order(stage, "extend 1s");
        return true;
    }
    order(stage, "pause");
    if (!wait_for(stage, step, "paused", 0))
        return false;
    pass_time(stage, length_us / 10);
    order(stage, "resume");
    return wait_for(stage, step, "running", 0);
}

static bool lead_timed(struct fluit_stage *stage, int step)
{
    const struct fluit_step *s = &stage->script->steps[step];
    int64_t length_us = (int64_t)((double)s->duration_us / stage->options.speed);
    order(stage, "start");
    if (s->round && (!wait_for(stage, step, "running", 0) ||
                     (pass_time(stage, 3 * SECOND_US), !disturb(stage, step, length_us))))
        return false;
    if (!wait_for(stage, step, "ended", length_us + 10 * SECOND_US))
        return false;
    /* The tables may finish what they were at. */
    if (s->wrap_up_us > 0)
        pass_time(stage, (int64_t)((double)s->wrap_up_us / stage->options.speed) + SECOND_US / 2);
    return true;
}

static bool release_some(struct fluit_stage *stage)
{
    char line[32];
    for (int i = 1; i <= 3; i++) {
        snprintf(line, sizeof line, "release %d", i);
        order(stage, line);
    }
    return true;
}

bool fluit_lead_run(struct fluit_stage *stage)
{
    for (int step = 0; step < stage->script->step_count; step++) {
        const struct fluit_step *s = &stage->script->steps[step];
        if (step > 0)
            order(stage, "next");
        if (!wait_for(stage, step, "ready", 0))
            return false;
        if (s->duration_us > 0 && !lead_timed(stage, step))
            return false;
        if (s->duration_us == 0)
            pass_time(stage, fluit_people_think_us(stage, 60));
        if (s->kind == FLUIT_STEP_PLENARY)
            release_some(stage);
    }
    return true;
}
