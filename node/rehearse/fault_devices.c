/* fault_devices.c: a table joins late; a table's device is lost and another takes its place. */
#include <stdio.h>
#include <string.h>

#include "node/cli/opened.h"
#include "node/rehearse/fault_ops.h"

#define PATIENCE_US INT64_C(20000000)
#define ASK_US      INT64_C(50000)
#define LOOK_US     INT64_C(200000)
#define RENEW_US    INT64_C(2000000)

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Late table: it and its rapporteur. */

static bool join_late(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *pair = &stage->actors[fault->actor];
    struct fluit_actor *chair = &stage->actors[stage->chair];
    if (!stage->facilitator.here || !fluit_actor_alive(chair))
        return false;
    fluit_fault_tell(pair->name, "joins only now");
    fluit_hub_watch_forget_digests(&chair->watch);
    for (int i = 0; i < 2; i++)
        fluit_stage_start(stage, &pair[i]);
    return true;
}

static void note_equal(struct fluit_stage *stage, struct fluit_fault *fault, int which)
{
    struct fluit_fault_figures *figures = &stage->faults.figures;
    const struct fluit_actor *actor = &stage->actors[fault->actor + (uint32_t)which];
    const struct fluit_life *life = &actor->lives[0];
    figures->late_ready_us = longer(figures->late_ready_us, life->ready_us - life->spawned_us);
    figures->late_equal_us = longer(figures->late_equal_us, stage->now_us - life->spawned_us);
    fault->acted |= 1u << which;
}

/* Entries come all the time: a late node holds what the hub holds if it shows a digest that the hub
 * has shown since. */
static bool catch_up(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *chair = &stage->actors[stage->chair];
    bool ask = stage->now_us >= fault->act_us;
    for (int i = 0; i < 2; i++) {
        struct fluit_actor *actor = &stage->actors[fault->actor + (uint32_t)i];
        if (fault->acted & 1u << i || !actor->people.here)
            continue;
        if (actor->people.statuses && fluit_hub_watch_showed(&chair->watch, actor->people.digest))
            note_equal(stage, fault, i);
        else if (ask)
            actor->people.wants_status = true;
    }
    if (ask) {
        fault->act_us = stage->now_us + ASK_US;
        fluit_stage_say(chair, "status");
    }
    if (fault->acted == 3) {
        stage->faults.figures.joined_late++;
        return true;
    }
    bool too_late = stage->now_us - fault->began_us > PATIENCE_US;
    if (too_late)
        fluit_fault_wrong(stage, "late-table", "it never came to hold what the hub holds");
    return too_late;
}

const struct fluit_fault_ops fluit_fault_late_table = {.begin = join_late, .while_on = catch_up};

/* Replace device. */

static bool lose_device(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *actor = &stage->actors[fault->actor];
    if (!fluit_actor_alive(actor) || !stage->facilitator.here)
        return false;
    fluit_fault_tell(actor->name, "gone, with its disk");
    actor->code[0] = 0; /* the old one */
    fluit_stage_kill(stage, actor);
    return true;
}

static void ask_code(struct fluit_stage *stage, struct fluit_fault *fault)
{
    char line[64];
    if (stage->now_us < fault->act_us || !stage->facilitator.here)
        return;
    fault->act_us = stage->now_us + RENEW_US;
    snprintf(line, sizeof line, "renew %s", stage->actors[fault->actor].name);
    fluit_stage_say(&stage->actors[stage->chair], line);
}

static void start_new_device(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *actor = &stage->actors[fault->actor];
    fluit_fault_tell(actor->name, "a new device joins in its place");
    snprintf(actor->dir, sizeof actor->dir, "%.16s-new", actor->name);
    actor->joined = false;
    fluit_people_replace(&actor->people);
    fluit_stage_start(stage, actor);
    fault->acted = 1;
    fault->act_us = stage->now_us;
}

/* What the new device can read of the board, against what its people were told is safe. */
static int count_wrong_cards(struct fluit_stage *stage, struct fluit_actor *actor, bool adopt)
{
    struct fluit_opened opened = {0};
    int wrong = 1;
    if (fluit_opened_open(&opened, fluit_stage_path(stage, "", actor->dir)) == 0)
        wrong = fluit_people_compare(&actor->people, opened.node.fold, adopt);
    fluit_opened_close(&opened);
    return wrong;
}

static bool watch_board(struct fluit_stage *stage, struct fluit_fault *fault)
{
    struct fluit_actor *actor = &stage->actors[fault->actor];
    const struct fluit_life *life = &actor->lives[actor->life_count - 1];
    bool too_late = stage->now_us - life->spawned_us > PATIENCE_US;
    if (!actor->people.here || actor->people.fresh || stage->now_us < fault->act_us)
        return false;
    fault->act_us = stage->now_us + LOOK_US;
    int wrong = count_wrong_cards(stage, actor, too_late);
    if (wrong && !too_late)
        return false;
    if (wrong)
        fluit_fault_wrong(stage, actor->name, "the new device does not have the board as it was");
    else
        stage->faults.figures.replaced++;
    stage->faults.figures.board_us = stage->now_us - life->spawned_us;
    actor->people.looks = false;
    return true;
}

static bool replace(struct fluit_stage *stage, struct fluit_fault *fault)
{
    const struct fluit_actor *actor = &stage->actors[fault->actor];
    if (fault->acted)
        return watch_board(stage, fault);
    if (actor->proc.pid)
        return false;
    if (!actor->code[0])
        ask_code(stage, fault);
    else
        start_new_device(stage, fault);
    return false;
}

const struct fluit_fault_ops fluit_fault_replace_device = {.begin = lose_device,
                                                           .while_on = replace};
