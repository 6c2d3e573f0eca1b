/* fault_hubs.c: the hub is lost for a while, for good, or only to some; another leads. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "node/rehearse/fault_ops.h"

#define ASK_US INT64_C(300000)

static struct fluit_actor *hub_of(struct fluit_stage *stage)
{
    return &stage->actors[0];
}

static struct fluit_actor *standby_of(struct fluit_stage *stage)
{
    return &stage->actors[stage->seat_count];
}

/* It is time to say something (again). */
static bool is_time(const struct fluit_stage *stage, struct fluit_fault *fault)
{
    if (stage->now_us < fault->act_us)
        return false;
    fault->act_us = stage->now_us + ASK_US;
    return true;
}

/* The facilitator goes to the standby and has it lead. True once it does. */
static bool take_over(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *standby = standby_of(stage);
    struct fluit_fault_figures *figures = &stage->faults.figures;
    bool leads = standby->watch.took_over;
    if (!leads && is_time(stage, fault)) {
        if (!fault->acted)
            fluit_stage_move_chair(stage, stage->seat_count);
        if (!fault->acted)
            figures->takeover_us = stage->now_us;
        fault->acted = 1;
        fluit_stage_say(standby, "takeover yes");
    }
    if (leads && fault->acted == 1) {
        fluit_fault_tell(standby->name, "leads");
        figures->takeover_us = stage->now_us - figures->takeover_us;
        figures->takeovers++;
        fault->acted = 3;
    }
    return leads;
}

/* Has the hub that led before understood? */
static bool stepped_down(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *hub = hub_of(stage);
    if (is_time(stage, fault))
        fluit_stage_say(hub, "status");
    if (!hub->watch.stepped_down || hub->watch.statuses == 0 || hub->watch.leads)
        return false;
    fluit_fault_tell(hub->name, "has stepped down");
    stage->faults.figures.stepped_down++;
    return true;
}

/* Takeover: the hub dies, the standby leads, the hub comes back. */

static bool kill_hub(struct fluit_stage *stage, struct fluit_fault *fault)
{
    (void)fault;
    if (!fluit_actor_alive(hub_of(stage)) || !fluit_actor_alive(standby_of(stage)))
        return false;
    fluit_fault_tell("hub", "killed");
    fluit_stage_kill(stage, hub_of(stage));
    return true;
}

static bool take_over_from_dead(struct fluit_stage *stage, struct fluit_fault *fault)
{
    return hub_of(stage)->proc.pid == 0 && take_over(stage, fault);
}

static void hub_is_back(struct fluit_stage *stage, struct fluit_fault *fault)
{
    (void)fault;
    fluit_fault_tell("hub", "back");
    fluit_stage_start(stage, hub_of(stage));
}

const struct fluit_fault_ops fluit_fault_takeover = {.begin = kill_hub,
                                                     .while_on = take_over_from_dead,
                                                     .end = hub_is_back,
                                                     .settled = stepped_down};

/* Split: hub and standby each lead some tables, then meet. */

static bool split(struct fluit_stage *stage, struct fluit_fault *fault)
{
    (void)fault;
    if (!fluit_actor_alive(hub_of(stage)) || !fluit_actor_alive(standby_of(stage)))
        return false;
    fluit_fault_tell("network", "in two halves");
    fluit_stage_cut(stage);
    return true;
}

/* Somebody has stayed at the hub, and does not know either. */
static void act_as_deputy(struct fluit_stage *stage)
{
    char line[32];
    int s = (int)(120 / stage->options->speed);
    snprintf(line, sizeof line, "extend %ds", s < 1 ? 1 : s);
    fluit_stage_say(hub_of(stage), line);
}

static bool take_over_half(struct fluit_stage *stage, struct fluit_fault *fault)
{
    if (fault->deputy && stage->now_us >= fault->act_us) {
        fault->deputy = false;
        act_as_deputy(stage);
    }
    return take_over(stage, fault);
}

static void meet_again(struct fluit_stage *stage, struct fluit_fault *fault)
{
    (void)fault;
    fluit_fault_tell("network", "whole again");
    fluit_stage_heal(stage);
}

const struct fluit_fault_ops fluit_fault_split = {
    .begin = split, .while_on = take_over_half, .end = meet_again, .settled = stepped_down};

/* Hub gone: its disk, too. From the paper and what the tables hold a new hub is built. */

static bool lose_hub(struct fluit_stage *stage, struct fluit_fault *fault)
{
    (void)fault;
    if (!fluit_actor_alive(hub_of(stage)))
        return false;
    fluit_fault_tell("hub", "gone, with its disk");
    fluit_stage_kill(stage, hub_of(stage));
    return true;
}

#define NEW_DIR "hub-2"

static void start_recovery(struct fluit_stage *stage, struct fluit_fault *fault)
{
    static char dirs[2 * FLUIT_TABLES_MAX][FLUIT_STAGE_PATH_LEN + 64];
    char *argv[2 * FLUIT_TABLES_MAX + 16] = {"fluit", "recover", "--key", stage->recovery_key,
                                             "--from"};
    char new_dir[FLUIT_STAGE_PATH_LEN + 64], log[FLUIT_STAGE_PATH_LEN + 64];
    int count = 5, used = 0;
    for (uint32_t i = 1; i < stage->seat_count; i++) {
        const struct fluit_actor *actor = &stage->actors[i];
        if (!actor->joined || actor->lives[actor->life_count - 1].ready_us == 0)
            continue;
        snprintf(dirs[used], sizeof dirs[0], "%s", fluit_stage_path(stage, "", actor->dir));
        argv[count++] = dirs[used++];
    }
    snprintf(new_dir, sizeof new_dir, "%s", fluit_stage_path(stage, "", NEW_DIR));
    snprintf(log, sizeof log, "%s", fluit_stage_path(stage, "log", "recover"));
    argv[count++] = "-o";
    argv[count] = new_dir;
    fault->acted = 1;
    if (fluit_proc_start(&fault->proc, argv, NULL, log))
        fluit_stage_fail(stage, "recover", "can't be started");
}

static void ignore_line(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

/* Reads what 'fluit recover' says, and starts the new hub when it is done. */
static void watch_recovery(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *hub = hub_of(stage);
    if (fluit_proc_read(&fault->proc, ignore_line, NULL))
        return;
    fault->acted |= 2;
    if (!WIFEXITED(fault->proc.status) || WEXITSTATUS(fault->proc.status) != 0) {
        fluit_stage_fail(stage, "recover", "did not work");
        return;
    }
    snprintf(hub->dir, sizeof hub->dir, NEW_DIR);
    hub->port = 0;
    fluit_stage_start(stage, hub);
}

static bool recover(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_fault_figures *figures = &stage->faults.figures;
    if (hub_of(stage)->proc.pid && !(fault->acted & 2))
        return false; /* still dying */
    if (stage->now_us < fault->end_us)
        return false;
    if (!fault->acted)
        start_recovery(stage, fault);
    else if (!(fault->acted & 2))
        watch_recovery(stage, fault);
    if (!(fault->acted & 2) || !stage->facilitator.here)
        return false;
    fluit_fault_tell("hub", "built anew");
    figures->recovered++;
    figures->recovery_us = stage->now_us - fault->began_us;
    return true;
}

const struct fluit_fault_ops fluit_fault_hub_gone = {.begin = lose_hub, .while_on = recover};
