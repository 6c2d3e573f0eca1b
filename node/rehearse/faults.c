#include "node/rehearse/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/cli/run.h"
#include "node/rehearse/fault_ops.h"

#define SETTLE_US INT64_C(30000000)

static const char *const names[FLUIT_FAULT_COUNT] = {
    "table-dies", "hub-dies",       "hub-gone",  "takeover",  "split",
    "late-table", "replace-device", "partition", "slow-disk", "disk-full",
};

const char *fluit_fault_name(enum fluit_fault_kind kind)
{
    return names[kind];
}

bool fluit_fault_find(const char *name, enum fluit_fault_kind *out)
{
    for (int i = 0; i < FLUIT_FAULT_COUNT; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (enum fluit_fault_kind)i;
            return true;
        }
    return false;
}

/* The hub can be taken from the tables in one way a round, and the network cut once. */
bool fluit_faults_clash(const bool *asked, enum fluit_fault_kind *a, enum fluit_fault_kind *b)
{
    static const enum fluit_fault_kind pairs[][2] = {
        {FLUIT_FAULT_HUB_DIES, FLUIT_FAULT_TAKEOVER}, {FLUIT_FAULT_HUB_DIES, FLUIT_FAULT_SPLIT},
        {FLUIT_FAULT_TAKEOVER, FLUIT_FAULT_SPLIT},    {FLUIT_FAULT_HUB_GONE, FLUIT_FAULT_TAKEOVER},
        {FLUIT_FAULT_HUB_GONE, FLUIT_FAULT_SPLIT},    {FLUIT_FAULT_SPLIT, FLUIT_FAULT_PARTITION},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (asked[pairs[i][0]] && asked[pairs[i][1]]) {
            *a = pairs[i][0];
            *b = pairs[i][1];
            return true;
        }
    return false;
}

void fluit_fault_tell(const char *whom, const char *what)
{
    fprintf(stderr, "%s%s: %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", whom, what);
}

void fluit_fault_wrong(struct fluit_stage *stage, const char *whom, const char *what)
{
    stage->faults.figures.went_wrong = true;
    fluit_complain("%s: %s", whom, what);
}

/* A process dies and comes back. */

static bool die(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *actor = &stage->actors[fault->actor];
    if (!fluit_actor_alive(actor))
        return false;
    fluit_fault_tell(actor->name, "killed");
    fluit_stage_kill(stage, actor);
    return true;
}

static bool is_dead(struct fluit_stage *stage, struct fluit_fault *fault)
{
    return stage->actors[fault->actor].proc.pid == 0;
}

static void come_back(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *actor = &stage->actors[fault->actor];
    fluit_fault_tell(actor->name, "back");
    fluit_stage_start(stage, actor);
}

static const struct fluit_fault_ops dies = {.begin = die, .while_on = is_dead, .end = come_back};

/* A third of the tables is on its own. */

static bool part(struct fluit_stage *stage, struct fluit_fault *fault)
{
    (void)fault;
    fluit_fault_tell("network", "some tables are cut off");
    fluit_stage_cut(stage);
    return true;
}

static void join_again(struct fluit_stage *stage, struct fluit_fault *fault)
{
    (void)fault;
    fluit_fault_tell("network", "whole again");
    fluit_stage_heal(stage);
}

static const struct fluit_fault_ops partition = {.begin = part, .end = join_again};

/* Disks. */

static bool slow_down(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *actor = &stage->actors[fault->actor];
    char line[64];
    if (!fluit_actor_alive(actor))
        return false;
    fluit_fault_tell(actor->name, "its disk is slow");
    snprintf(line, sizeof line, "%%slow-disk 300ms %lldms", (long long)(fault->length_us / 1000));
    fluit_stage_say(actor, line);
    return true;
}

static const struct fluit_fault_ops slow_disk = {.begin = slow_down};

static bool fill_disk(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *actor = &stage->actors[fault->actor];
    if (!fluit_actor_alive(actor))
        return false;
    fluit_fault_tell(actor->name, "its disk is full");
    actor->full = true;
    fluit_stage_say(actor, "%disk-full");
    return true;
}

static void make_room(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *actor = &stage->actors[fault->actor];
    actor->full = false;
    fluit_fault_tell(actor->name, "its disk has room again");
    fluit_stage_start(stage, actor);
}

static const struct fluit_fault_ops disk_full = {
    .begin = fill_disk, .while_on = is_dead, .end = make_room};

/* Keeping the time. */

static const struct fluit_fault_ops *const all_ops[FLUIT_FAULT_COUNT] = {
    [FLUIT_FAULT_TABLE_DIES] = &dies,
    [FLUIT_FAULT_HUB_DIES] = &dies,
    [FLUIT_FAULT_HUB_GONE] = &fluit_fault_hub_gone,
    [FLUIT_FAULT_TAKEOVER] = &fluit_fault_takeover,
    [FLUIT_FAULT_SPLIT] = &fluit_fault_split,
    [FLUIT_FAULT_LATE_TABLE] = &fluit_fault_late_table,
    [FLUIT_FAULT_REPLACE_DEVICE] = &fluit_fault_replace_device,
    [FLUIT_FAULT_PARTITION] = &partition,
    [FLUIT_FAULT_SLOW_DISK] = &slow_disk,
    [FLUIT_FAULT_DISK_FULL] = &disk_full,
};

static bool is_due(const struct fluit_stage *stage, struct fluit_fault *fault, bool at_end)
{
    const struct fluit_facilitator *f = &stage->facilitator;
    if (!fault->due_us && f->step == fault->step && f->state == FLUIT_PLAN_RUNNING)
        fault->due_us = stage->now_us + fault->wait_us;
    return at_end || (fault->due_us && stage->now_us >= fault->due_us);
}

static void strike(struct fluit_stage *stage, struct fluit_fault *fault)
{
    if (!all_ops[fault->kind]->begin(stage, fault))
        return;
    fault->state = FLUIT_FAULT_ON;
    fault->began_us = stage->now_us;
    fault->end_us = stage->now_us + fault->length_us;
    fault->act_us += stage->now_us;
}

static void go_on(struct fluit_stage *stage, struct fluit_fault *fault)
{
    const struct fluit_fault_ops *ops = all_ops[fault->kind];
    bool may_end = !ops->while_on || ops->while_on(stage, fault);
    if (!may_end || stage->now_us < fault->end_us)
        return;
    if (ops->end)
        ops->end(stage, fault);
    fault->state = FLUIT_FAULT_ENDS;
    fault->end_us = stage->now_us;
    fault->act_us = stage->now_us;
}

static void settle(struct fluit_stage *stage, struct fluit_fault *fault)
{
    const struct fluit_fault_ops *ops = all_ops[fault->kind];
    bool late = stage->now_us - fault->end_us > SETTLE_US;
    bool well = !ops->settled || ops->settled(stage, fault);
    if (!well && late)
        fluit_fault_wrong(stage, names[fault->kind], "not all was well again in time");
    if (well || late)
        fault->state = FLUIT_FAULT_OVER;
}

void fluit_faults_turn(struct fluit_stage *stage, bool at_end)
{
    for (uint32_t i = 0; i < stage->faults.count && !stage->failed; i++) {
        struct fluit_fault *fault = &stage->faults.items[i];
        switch (fault->state) {
        case FLUIT_FAULT_WAITS:
            if (is_due(stage, fault, at_end))
                strike(stage, fault);
            break;
        case FLUIT_FAULT_ON:
            go_on(stage, fault);
            break;
        case FLUIT_FAULT_ENDS:
            settle(stage, fault);
            break;
        case FLUIT_FAULT_OVER:
            break;
        }
    }
}

bool fluit_faults_done(const struct fluit_stage *stage)
{
    for (uint32_t i = 0; i < stage->faults.count; i++)
        if (stage->faults.items[i].state != FLUIT_FAULT_OVER)
            return false;
    return true;
}

void fluit_faults_deinit(struct fluit_faults *faults)
{
    for (uint32_t i = 0; i < faults->count; i++)
        fluit_proc_deinit(&faults->items[i].proc);
    free(faults->items);
    *faults = (struct fluit_faults){0};
}
