/* show.c: the workshop of a rehearsal takes place: all join, the facilitator leads, people talk and
 * lay cards, faults happen, all comes to rest, everyone quits. */
#include <string.h>

#include "node/cli/run.h"
#include "node/rehearse/progress.h"
#include "node/rehearse/stage.h"

#define TURN_US        INT64_C(50000)
#define JOIN_WAIT_US   INT64_C(60000000)
#define SETTLE_WAIT_US INT64_C(60000000)
#define SETTLE_GAP_US  INT64_C(150000)
#define QUIT_WAIT_US   INT64_C(10000000)
#define STUCK_US       INT64_C(120000000) /* how much longer than planned the agenda may take */

struct show {
    struct fluit_stage *stage;
    struct fluit_progress progress;
    const char *doing;
};

static void people_turn(struct fluit_stage *stage)
{
    char line[512];
    for (uint32_t i = 1; i < stage->actor_count; i++) {
        struct fluit_actor *actor = &stage->actors[i];
        if (actor->proc.pid && !actor->killed &&
            fluit_people_type(&actor->people, stage->now_us, line))
            fluit_proc_say(&actor->proc, line);
    }
}

static int64_t next_due(const struct fluit_stage *stage)
{
    int64_t due = stage->now_us + TURN_US;
    for (uint32_t i = 1; i < stage->actor_count; i++) {
        int64_t at = fluit_people_due(&stage->actors[i].people);
        if (at < due && stage->actors[i].proc.pid && !stage->actors[i].killed)
            due = at;
    }
    return due;
}

/* One turn of everything but the facilitator. False if it can't go on. */
static bool turn(struct show *show)
{
    struct fluit_stage *stage = show->stage;
    if (!fluit_stage_wait(stage, next_due(stage)))
        return false;
    people_turn(stage);
    fluit_progress_show(&show->progress, stage, show->doing);
    return true;
}

static void tell_hub(struct fluit_stage *stage, const char *line)
{
    struct fluit_actor *hub = &stage->actors[0];
    if (hub->proc.pid && !hub->killed)
        fluit_proc_say(&hub->proc, line);
}

static bool all_here(const struct fluit_stage *stage)
{
    for (uint32_t i = 1; i < stage->actor_count; i++)
        if (!stage->actors[i].people.here || stage->actors[i].people.statuses == 0)
            return false;
    return stage->facilitator.here;
}

static int join(struct show *show)
{
    struct fluit_stage *stage = show->stage;
    int64_t until_us = stage->now_us + JOIN_WAIT_US;
    show->doing = "the hub starts";
    fluit_stage_start(stage, &stage->actors[0]);
    while (!stage->port || !stage->facilitator.here)
        if (!turn(show) || stage->now_us > until_us)
            return 1;
    show->doing = "all join";
    for (uint32_t i = 1; i < stage->actor_count && !stage->failed; i++)
        fluit_stage_start(stage, &stage->actors[i]);
    while (!all_here(stage))
        if (!turn(show) || stage->now_us > until_us)
            return 1;
    return 0;
}

static int64_t planned_us(const struct fluit_stage *stage)
{
    int64_t us = 0;
    for (int i = 0; i < stage->script->step_count; i++)
        us += stage->script->steps[i].duration_us + INT64_C(300000000);
    return (int64_t)((double)us / stage->options->speed);
}

static int lead(struct show *show)
{
    struct fluit_stage *stage = show->stage;
    char line[128];
    int64_t until_us = stage->now_us + 2 * planned_us(stage) + STUCK_US;
    show->doing = "";
    while (!stage->facilitator.finished || !fluit_faults_done(stage) || !all_here(stage)) {
        if (!turn(show))
            return 1;
        if (stage->now_us > until_us) {
            fluit_complain("the agenda got stuck in step %d", stage->facilitator.step + 1);
            return 1;
        }
        if (fluit_facilitator_type(&stage->facilitator, stage->now_us, line))
            tell_hub(stage, line);
        fluit_faults_turn(stage, stage->facilitator.finished);
    }
    return 0;
}

/* Has everyone the same, and is all of it safe? By one status of each, asked for after `since`. */
static bool at_rest(const struct fluit_stage *stage)
{
    for (uint32_t i = 1; i < stage->actor_count; i++) {
        const struct fluit_people *people = &stage->actors[i].people;
        if (people->waiting || people->status_asked || people->saved != people->safe ||
            strcmp(people->digest, stage->facilitator.digest) != 0)
            return false;
    }
    return true;
}

static bool all_told(const struct fluit_stage *stage, uint64_t hub_before)
{
    for (uint32_t i = 1; i < stage->actor_count; i++)
        if (stage->actors[i].people.wants_status || stage->actors[i].people.status_asked)
            return false;
    return stage->facilitator.statuses > hub_before;
}

static int settle(struct show *show)
{
    struct fluit_stage *stage = show->stage;
    int64_t until_us = stage->now_us + SETTLE_WAIT_US;
    show->doing = "waiting until all is everywhere";
    for (uint32_t i = 1; i < stage->actor_count; i++)
        stage->actors[i].people.gone_home = true;
    while (stage->now_us < until_us) {
        uint64_t before = stage->facilitator.statuses;
        int64_t next_us = stage->now_us + SETTLE_GAP_US;
        for (uint32_t i = 1; i < stage->actor_count; i++)
            stage->actors[i].people.wants_status = true;
        tell_hub(stage, "status");
        while (!all_told(stage, before) && stage->now_us < until_us)
            if (!turn(show))
                return 1;
        if (at_rest(stage))
            return 0;
        while (stage->now_us < next_us)
            if (!turn(show))
                return 1;
    }
    fluit_complain("not all nodes came to hold the same within %d s",
                   (int)(SETTLE_WAIT_US / 1000000));
    return 0;
}

static void tell_quit(struct fluit_actor *actor)
{
    actor->quits = true;
    actor->people.wants_status = false;
    if (actor->proc.pid)
        fluit_proc_say(&actor->proc, "quit");
}

static bool running(const struct fluit_stage *stage, uint32_t from)
{
    for (uint32_t i = from; i < stage->actor_count; i++)
        if (stage->actors[i].proc.pid)
            return true;
    return false;
}

/* The tables first: a hub that goes before them would have them look for it. */
static int quit(struct show *show)
{
    struct fluit_stage *stage = show->stage;
    int64_t until_us = stage->now_us + QUIT_WAIT_US;
    show->doing = "all go home";
    for (uint32_t i = 1; i < stage->actor_count; i++)
        tell_quit(&stage->actors[i]);
    while (running(stage, 1) && stage->now_us < until_us)
        if (!turn(show))
            return 1;
    tell_quit(&stage->actors[0]);
    while (running(stage, 0) && stage->now_us < until_us)
        if (!turn(show))
            return 1;
    if (running(stage, 0))
        fluit_complain("not all nodes ended when told to quit");
    return running(stage, 0);
}

int fluit_show_run(struct fluit_stage *stage)
{
    struct show show = {.stage = stage, .doing = ""};
    fluit_progress_init(&show.progress);
    int status = join(&show);
    if (status && !stage->failed && !stage->interrupted)
        fluit_complain("not all nodes were ready in time; their words are in %s",
                       fluit_stage_path(stage, "", "log"));
    if (!status)
        status = lead(&show);
    if (!status)
        status = settle(&show);
    if (!status)
        status = quit(&show);
    fluit_progress_end(&show.progress);
    if (stage->interrupted)
        fluit_complain("interrupted; all nodes are ended");
    return status;
}
