/* show.c: the workshop of a rehearsal takes place: all join, the facilitator leads, people talk and
 * lay cards, faults happen, all comes to rest, everyone quits. */
#include <stdio.h>
#include <string.h>

#include "node/cli/run.h"
#include "node/rehearse/progress.h"
#include "node/rehearse/stage.h"

#define TURN_US        INT64_C(50000)
#define JOIN_WAIT_US   INT64_C(60000000)
#define SETTLE_WAIT_US INT64_C(60000000)
#define SETTLE_GAP_US  INT64_C(150000)
#define QUIT_WAIT_US   INT64_C(10000000)
#define STAY_US        INT64_C(1000000)
#define STUCK_US       INT64_C(120000000) /* how much longer than planned the agenda may take */

struct show {
    struct fluit_stage *stage;
    struct fluit_progress progress;
    const char *doing;
};

static void people_turn(struct fluit_stage *stage)
{
    char line[512];
    for (uint32_t i = 1; i < stage->seat_count; i++) {
        struct fluit_actor *actor = &stage->actors[i];
        if (actor->proc.pid && !actor->killed &&
            fluit_people_type(&actor->people, stage->now_us, line))
            fluit_stage_say(actor, line);
    }
}

static int64_t next_due(const struct fluit_stage *stage)
{
    int64_t due = stage->now_us + TURN_US;
    for (uint32_t i = 1; i < stage->seat_count; i++) {
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

static void tell_chair(struct fluit_stage *stage, const char *line)
{
    fluit_stage_say(&stage->actors[stage->chair], line);
}

/* Are all ready, but for those that are to come late? */
static bool all_here(const struct fluit_stage *stage)
{
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        const struct fluit_actor *actor = &stage->actors[i];
        bool told = !fluit_actor_seated(actor) ||
                    (actor->people.here && actor->people.statuses > 0 && !actor->people.looks);
        if (!(actor->late && actor->life_count == 0) && (!told || !fluit_actor_alive(actor)))
            return false;
    }
    return stage->facilitator.here;
}

/* A second hub is invited at the first one's console. */
static int join_standby(struct show *show, int64_t until_us)
{
    struct fluit_stage *stage = show->stage;
    struct fluit_actor *standby = &stage->actors[stage->seat_count];
    show->doing = "the standby joins";
    tell_chair(stage, "standby");
    while (!standby->code[0])
        if (!turn(show) || stage->now_us > until_us)
            return 1;
    fluit_stage_start(stage, standby);
    return 0;
}

static int join(struct show *show)
{
    struct fluit_stage *stage = show->stage;
    int64_t until_us = stage->now_us + JOIN_WAIT_US;
    show->doing = "the hub starts";
    fluit_stage_start(stage, &stage->actors[0]);
    while (!stage->actors[0].port || !stage->facilitator.here)
        if (!turn(show) || stage->now_us > until_us)
            return 1;
    if (stage->actor_count > stage->seat_count && join_standby(show, until_us))
        return 1;
    show->doing = "all join";
    for (uint32_t i = 1; i < stage->seat_count && !stage->failed; i++)
        if (!stage->actors[i].late)
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
            tell_chair(stage, line);
        fluit_faults_turn(stage, stage->facilitator.finished);
    }
    return 0;
}

/* Has everyone the same, and is all of it safe? By one status of each. */
static bool at_rest(const struct fluit_stage *stage)
{
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        const struct fluit_actor *actor = &stage->actors[i];
        const struct fluit_people *people = &actor->people;
        bool seated = fluit_actor_seated(actor);
        const char *digest = seated ? people->digest : actor->watch.digest;
        if (seated && (people->waiting || people->status_asked || people->saved != people->safe))
            return false;
        if (strcmp(digest, stage->facilitator.digest) != 0)
            return false;
    }
    return true;
}

static void ask_all(struct fluit_stage *stage)
{
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        struct fluit_actor *actor = &stage->actors[i];
        actor->asked_at = actor->watch.statuses;
        if (fluit_actor_seated(actor))
            actor->people.wants_status = true;
        else
            fluit_stage_say(actor, "status");
    }
}

static bool all_told(const struct fluit_stage *stage)
{
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        const struct fluit_actor *actor = &stage->actors[i];
        bool told = fluit_actor_seated(actor)
                        ? !actor->people.wants_status && !actor->people.status_asked
                        : actor->watch.statuses > actor->asked_at;
        if (!told)
            return false;
    }
    return true;
}

static int settle(struct show *show)
{
    struct fluit_stage *stage = show->stage;
    int64_t until_us = stage->now_us + SETTLE_WAIT_US;
    show->doing = "waiting until all is everywhere";
    for (uint32_t i = 1; i < stage->seat_count; i++)
        stage->actors[i].people.gone_home = true;
    while (stage->now_us < until_us) {
        int64_t next_us = stage->now_us + SETTLE_GAP_US;
        ask_all(stage);
        while (!all_told(stage) && stage->now_us < until_us)
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

/* Tells seated nodes, or the others, to quit, and waits until they have. */
static bool send_home(struct show *show, bool seated, int64_t until_us)
{
    struct fluit_stage *stage = show->stage;
    bool running = true;
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        struct fluit_actor *actor = &stage->actors[i];
        if (fluit_actor_seated(actor) != seated)
            continue;
        actor->quits = true;
        actor->people.wants_status = false;
        fluit_stage_say(actor, "quit");
    }
    while (running && stage->now_us < until_us) {
        if (!turn(show))
            return false;
        running = false;
        for (uint32_t i = 0; i < stage->actor_count; i++)
            running |= stage->actors[i].proc.pid && fluit_actor_seated(&stage->actors[i]) == seated;
    }
    if (running)
        fluit_complain("not all nodes ended when told to quit");
    return !running;
}

/* The tables first: a hub that goes before them would have them look for it. */
static int quit(struct show *show)
{
    int64_t until_us = show->stage->now_us + QUIT_WAIT_US;
    show->doing = "all go home";
    return !send_home(show, true, until_us) || !send_home(show, false, until_us);
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
    if (!status && !stage->options->stay)
        status = quit(&show);
    fluit_progress_end(&show.progress);
    if (stage->interrupted)
        fluit_complain("interrupted; all nodes are ended");
    return status;
}

void fluit_show_stay(struct fluit_stage *stage)
{
    struct show show = {.stage = stage, .doing = ""};
    puts("\nThe room runs on. Each link opens a page once, on this machine; Ctrl-C ends all.\n");
    stage->staying = true;
    for (uint32_t i = 0; i < stage->actor_count; i++)
        fluit_stage_say(&stage->actors[i], "page");
    fluit_stage_say(&stage->actors[stage->chair], "page projector");
    do
        fflush(stdout);
    while (fluit_stage_wait(stage, stage->now_us + STAY_US));
    stage->staying = stage->interrupted = false;
    if (!stage->failed)
        quit(&show);
}
