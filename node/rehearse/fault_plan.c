/* fault_plan.c: which faults strike whom and when, drawn from the seed before anything runs. */
#include <stdlib.h>
#include <string.h>

#include "node/rehearse/stage.h"

#define SECOND_US INT64_C(1000000)

static double fraction(struct fluit_stage *stage)
{
    return (double)fluit_rng_below(&stage->rng, 1000001) / 1e6;
}

static double between(struct fluit_stage *stage, double least, double most)
{
    return least + (most - least) * fraction(stage);
}

static int64_t step_us(const struct fluit_stage *stage, int step)
{
    return (int64_t)((double)stage->script->steps[step].duration_us / stage->options->speed);
}

/* From when the step is seen to run until the whistle starts it. */
static int64_t lead_us(const struct fluit_stage *stage, int step)
{
    return stage->script->steps[step].whistle ? FLUIT_MARK_LEAD_US : 0;
}

static int64_t at_least(int64_t us, int64_t least_us)
{
    return us < least_us ? least_us : us;
}

/* The step of a card round; of the last one if there are not so many. */
static int round_step(const struct fluit_stage *stage, uint8_t round)
{
    uint8_t last = (uint8_t)stage->script->round_count;
    int step = fluit_script_round_step(stage->script, round < last ? round : last);
    return step < 0 ? 0 : step;
}

static int64_t in_round_us(struct fluit_stage *stage, int step, double least, double most)
{
    return lead_us(stage, step) +
           (int64_t)(between(stage, least, most) * (double)step_us(stage, step));
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

static int64_t any_time_us(struct fluit_stage *stage, int step)
{
    return (int64_t)(fraction(stage) * (double)(step_us(stage, step) + lead_us(stage, step)));
}

static struct fluit_fault *add(struct fluit_stage *stage, enum fluit_fault_kind kind,
                               uint32_t actor)
{
    struct fluit_fault *fault = &stage->faults.items[stage->faults.count++];
    *fault = (struct fluit_fault){.kind = kind, .actor = actor, .proc = FLUIT_PROC_INIT};
    return fault;
}

/* The hub and the network, in a round. */

static void add_in_round(struct fluit_stage *stage, enum fluit_fault_kind kind, uint8_t round)
{
    struct fluit_fault *fault = add(stage, kind, 0);
    fault->step = round_step(stage, round);
    fault->wait_us = in_round_us(stage, fault->step, 0.1, 0.6);
    fault->length_us = step_us(stage, fault->step) / 5;
}

static void add_hub_gone(struct fluit_stage *stage)
{
    add_in_round(stage, FLUIT_FAULT_HUB_GONE, 2);
    struct fluit_fault *fault = &stage->faults.items[stage->faults.count - 1];
    fault->length_us = (int64_t)between(stage, 0.2e6, 1e6); /* until the paper is at hand */
}

static void add_takeover(struct fluit_stage *stage)
{
    add_in_round(stage, FLUIT_FAULT_TAKEOVER, 1);
    struct fluit_fault *fault = &stage->faults.items[stage->faults.count - 1];
    fault->act_us = (int64_t)(fraction(stage) * 1e6);
}

/* Chooses `count` tables, each with its rapporteur, for the other side. */
static void choose_sides(struct fluit_stage *stage, int count)
{
    int tables = stage->options->tables;
    for (int left = tables, wanted = count; left > 0; left--) {
        bool chosen = fluit_rng_below(&stage->rng, (uint64_t)left) < (uint64_t)wanted;
        uint32_t at = 2 * (uint32_t)(left - 1) + 1;
        stage->actors[at].side = stage->actors[at + 1].side = chosen;
        wanted -= chosen;
    }
}

static void add_split(struct fluit_stage *stage)
{
    add_in_round(stage, FLUIT_FAULT_SPLIT, 1);
    struct fluit_fault *fault = &stage->faults.items[stage->faults.count - 1];
    fault->length_us =
        at_least((int64_t)(between(stage, 0.3, 0.6) * (double)step_us(stage, fault->step)),
                 (int64_t)between(stage, 1.5e6, 3e6));
    fault->act_us = (int64_t)(between(stage, 0.1, 0.6) * (double)fault->length_us);
    fault->deputy = fluit_rng_below(&stage->rng, 2);
    choose_sides(stage, (stage->options->tables + 1) / 2);
    for (uint32_t i = stage->seat_count; i < stage->actor_count; i++)
        stage->actors[i].side = 1; /* the standby */
}

static void add_partition(struct fluit_stage *stage)
{
    int rounds = stage->script->round_count ? stage->script->round_count : 1;
    struct fluit_fault *fault = add(stage, FLUIT_FAULT_PARTITION, 0);
    fault->step = round_step(stage, (uint8_t)(1 + fluit_rng_below(&stage->rng, (uint64_t)rounds)));
    fault->wait_us = in_round_us(stage, fault->step, 0, 0.5);
    fault->length_us = at_least(step_us(stage, fault->step) / 2, SECOND_US);
    choose_sides(stage, (stage->options->tables + 2) / 3);
}

/* Devices. */

static void add_table_dies(struct fluit_stage *stage, uint32_t actor)
{
    struct fluit_fault *fault = add(stage, FLUIT_FAULT_TABLE_DIES, actor);
    fault->step = choose_step(stage);
    fault->wait_us = any_time_us(stage, fault->step);
    fault->length_us = (int64_t)between(stage, 0.05e6, 0.85e6);
}

static void add_late_table(struct fluit_stage *stage)
{
    uint32_t table = stage->seat_count - 2;
    struct fluit_fault *fault = add(stage, FLUIT_FAULT_LATE_TABLE, table);
    fault->step = round_step(stage, 2);
    fault->wait_us = in_round_us(stage, fault->step, 0.4, 0.6);
    stage->actors[table].late = stage->actors[table + 1].late = true;
}

static void add_replace_device(struct fluit_stage *stage)
{
    uint64_t tables = (uint64_t)stage->options->tables;
    if (stage->options->faults[FLUIT_FAULT_LATE_TABLE] && tables > 1)
        tables--; /* not the late one */
    struct fluit_fault *fault = add(stage, FLUIT_FAULT_REPLACE_DEVICE,
                                    1 + 2 * (uint32_t)fluit_rng_below(&stage->rng, tables));
    fault->step = round_step(stage, 1);
    fault->wait_us = in_round_us(stage, fault->step, 0.2, 0.7);
}

static void add_slow_disk(struct fluit_stage *stage, uint32_t actor)
{
    struct fluit_fault *fault = add(stage, FLUIT_FAULT_SLOW_DISK, actor);
    fault->step = choose_step(stage);
    fault->wait_us = any_time_us(stage, fault->step);
    fault->length_us = (int64_t)between(stage, 2e6, 5e6);
}

/* Of a table, a rapporteur, or the hub where nothing else befalls that. */
static void add_disk_full(struct fluit_stage *stage)
{
    const bool *asked = stage->options->faults;
    bool not_hub = asked[FLUIT_FAULT_HUB_DIES] || asked[FLUIT_FAULT_HUB_GONE] ||
                   asked[FLUIT_FAULT_TAKEOVER] || asked[FLUIT_FAULT_SPLIT];
    uint32_t actor =
        not_hub + (uint32_t)fluit_rng_below(&stage->rng, (uint64_t)stage->seat_count - not_hub);
    struct fluit_fault *fault = add(stage, FLUIT_FAULT_DISK_FULL, actor);
    fault->step = choose_step(stage);
    fault->wait_us = any_time_us(stage, fault->step);
    fault->length_us = (int64_t)between(stage, 0.05e6, 0.85e6);
}

static void plan_devices(struct fluit_stage *stage)
{
    const bool *asked = stage->options->faults;
    for (uint32_t i = 1; asked[FLUIT_FAULT_TABLE_DIES] && i < stage->seat_count; i += 2)
        add_table_dies(stage, i);
    if (asked[FLUIT_FAULT_LATE_TABLE])
        add_late_table(stage);
    if (asked[FLUIT_FAULT_REPLACE_DEVICE])
        add_replace_device(stage);
    uint32_t surely = (uint32_t)fluit_rng_below(&stage->rng, stage->actor_count);
    for (uint32_t i = 0; asked[FLUIT_FAULT_SLOW_DISK] && i < stage->actor_count; i++)
        if (i == surely || fluit_rng_below(&stage->rng, 3) == 0)
            add_slow_disk(stage, i);
    if (asked[FLUIT_FAULT_DISK_FULL])
        add_disk_full(stage);
}

enum fluit_err fluit_faults_plan(struct fluit_stage *stage)
{
    const bool *asked = stage->options->faults;
    /* At most three for each actor, and the hub's and the network's. */
    stage->faults.items =
        calloc(3 * (size_t)stage->actor_count + FLUIT_FAULT_COUNT, sizeof *stage->faults.items);
    if (!stage->faults.items)
        return FLUIT_E_NOMEM;
    plan_devices(stage);
    if (asked[FLUIT_FAULT_HUB_DIES])
        add_in_round(stage, FLUIT_FAULT_HUB_DIES, 1);
    if (asked[FLUIT_FAULT_HUB_GONE])
        add_hub_gone(stage);
    if (asked[FLUIT_FAULT_TAKEOVER])
        add_takeover(stage);
    if (asked[FLUIT_FAULT_SPLIT])
        add_split(stage);
    if (asked[FLUIT_FAULT_PARTITION])
        add_partition(stage);
    return FLUIT_OK;
}
