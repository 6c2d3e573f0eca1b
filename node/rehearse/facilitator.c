#include "node/rehearse/facilitator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US       INT64_C(1000000)
#define RETRY_US        INT64_C(1500000)
#define PATIENCE_US     INT64_C(6000000) /* for tables that don't get ready for the whistle */
#define LEAST_STAY_US   INT64_C(150000)
#define UNTIMED_STAY_S  180
#define PAUSE_S         60
#define EXTEND_S        120
#define RELEASES_A_STEP 4

enum trick {
    TRICK_NONE,
    TRICK_EXTEND,
    TRICK_PAUSE,
    TRICK_END,
    TRICK_MESSAGE
};

void fluit_facilitator_init(struct fluit_facilitator *f, const struct fluit_script *script,
                            double speed, uint64_t seed)
{
    *f = (struct fluit_facilitator){.script = script, .speed = speed, .step = -1};
    fluit_rng_seed(&f->rng, &seed, sizeof seed);
}

static int64_t scaled(const struct fluit_facilitator *f, int64_t us)
{
    int64_t at_speed = (int64_t)((double)us / f->speed);
    return at_speed < LEAST_STAY_US ? LEAST_STAY_US : at_speed;
}

static uint8_t choose_trick(struct fluit_facilitator *f, const struct fluit_step *step)
{
    uint64_t chance = fluit_rng_below(&f->rng, 100);
    if (step->duration_us == 0)
        return TRICK_NONE;
    if (step->round)
        return chance < 35 ? TRICK_EXTEND : chance < 70 ? TRICK_PAUSE : TRICK_NONE;
    return chance < 20   ? TRICK_END
           : chance < 30 ? TRICK_PAUSE
           : chance < 50 ? TRICK_MESSAGE
                         : TRICK_NONE;
}

static void see(struct fluit_facilitator *f, int step, uint8_t state, bool starting, int64_t now_us)
{
    if (state == 0 || step < 0 || step >= f->script->step_count)
        return;
    if (step != f->step) {
        f->trick = choose_trick(f, &f->script->steps[step]);
        f->trick_done = f->quotes_asked = false;
        f->releases = 0;
    }
    if (step != f->step || state != f->state || starting != f->starting)
        f->since_us = now_us;
    f->step = step;
    f->state = state;
    f->starting = starting;
}

static uint8_t state_of(const char *text)
{
    static const char *const names[] = {"", "ready", "running", "paused", "ended"};
    for (uint8_t i = 1; i < 5; i++)
        if (strncmp(text, names[i], strlen(names[i])) == 0)
            return i;
    return 0;
}

/* "step 7 of 16, TITLE: running, 0:04 left"; a title may have a colon, too. */
static void hear_step(struct fluit_facilitator *f, const char *line, int64_t now_us)
{
    const char *last = NULL;
    for (const char *at = strstr(line, ": "); at; at = strstr(at + 2, ": "))
        last = at + 2;
    if (!last)
        return;
    bool starting = strncmp(last, "starts in a moment", 18) == 0;
    f->ordered = false;
    see(f, (int)strtol(line + 5, NULL, 10) - 1, starting ? FLUIT_PLAN_RUNNING : state_of(last),
        starting, now_us);
}

static const char *field(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    return at ? at + strlen(name) : "";
}

static void hear_status(struct fluit_facilitator *f, const char *line, int64_t now_us)
{
    uint8_t state = state_of(field(line, " state="));
    f->members = (unsigned)strtol(field(line, " members="), NULL, 10);
    f->members_here = (unsigned)strtol(field(line, " here="), NULL, 10);
    f->ready = (unsigned)strtol(field(line, " ready="), NULL, 10);
    f->safe = (unsigned)strtol(field(line, " safe="), NULL, 10);
    f->closed = (unsigned)strtoul(field(line, " closed="), NULL, 10);
    snprintf(f->digest, sizeof f->digest, "%.16s", field(line, " digest="));
    f->statuses++;
    see(f, (int)strtol(field(line, " step="), NULL, 10), state,
        f->starting && state == FLUIT_PLAN_RUNNING, now_us);
}

void fluit_facilitator_hear(struct fluit_facilitator *f, const char *line, int64_t now_us)
{
    if (strncmp(line, "step ", 5) == 0)
        hear_step(f, line, now_us);
    else if (strncmp(line, "status ", 7) == 0)
        hear_status(f, line, now_us);
    else if (strncmp(line, "no: ", 4) == 0)
        f->retry_us = now_us + LEAST_STAY_US;
    else if (strncmp(line, "whistle start", 13) == 0 && f->starting)
        see(f, f->step, f->state, false, now_us);
    else if (strncmp(line, "ready: ", 7) == 0 || strncmp(line, "this hub leads now", 18) == 0)
        f->here = true;
    else if (f->quotes_asked && (int)strtol(line, NULL, 10) > 0 && strstr(line, " table "))
        f->quote_count = (int)strtol(line, NULL, 10);
}

void fluit_facilitator_lose(struct fluit_facilitator *f)
{
    f->here = f->ordered = false;
}

/* Typing. An order is typed once; again only if nothing came of it for a while. */

static bool order(struct fluit_facilitator *f, int64_t now_us, char line[static 128],
                  const char *text)
{
    f->ordered = true;
    f->retry_us = now_us + RETRY_US;
    snprintf(line, 128, "%s", text);
    return true;
}

static bool start(struct fluit_facilitator *f, int64_t now_us, char line[static 128])
{
    const struct fluit_step *step = &f->script->steps[f->step];
    bool all = f->statuses > 0 && f->ready == f->members;
    /* Each look is a new status: what was so before the last step says nothing. */
    if (step->whistle && now_us - f->since_us < LEAST_STAY_US / 2)
        return false;
    if (step->whistle && !all && now_us - f->since_us < PATIENCE_US) {
        snprintf(line, 128, "status");
        f->retry_us = now_us + LEAST_STAY_US / 2;
        f->ordered = true;
        return true;
    }
    return order(f, now_us, line, "start");
}

static bool do_trick(struct fluit_facilitator *f, int64_t now_us, char line[static 128])
{
    int64_t s = (int64_t)(EXTEND_S / f->speed);
    f->trick_done = true;
    switch ((enum trick)f->trick) {
    case TRICK_EXTEND:
        snprintf(line, 128, "extend %llds", (long long)(s < 1 ? 1 : s));
        return true;
    case TRICK_PAUSE:
        return order(f, now_us, line, "pause");
    case TRICK_END:
        return order(f, now_us, line, "end");
    case TRICK_MESSAGE:
        snprintf(line, 128, "message %s",
                 strcmp(f->script->languages[0], "nl") == 0 ? "we gaan zo verder"
                                                            : "we go on in a moment");
        return true;
    case TRICK_NONE:
        break;
    }
    return false;
}

static bool while_running(struct fluit_facilitator *f, int64_t now_us, char line[static 128])
{
    const struct fluit_step *step = &f->script->steps[f->step];
    int64_t third = (int64_t)((double)step->duration_us / f->speed / 3);
    if (f->starting || f->trick_done || now_us - f->since_us < third)
        return false;
    return do_trick(f, now_us, line);
}

static bool release_some(struct fluit_facilitator *f, char line[static 128])
{
    if (!f->quotes_asked) {
        f->quotes_asked = true;
        f->quote_count = 0;
        snprintf(line, 128, "quotes");
        return true;
    }
    if (f->quote_count == 0 || f->releases >= RELEASES_A_STEP)
        return false;
    f->releases++;
    snprintf(line, 128, "release %d", 1 + (int)fluit_rng_below(&f->rng, (uint64_t)f->quote_count));
    return true;
}

static bool go_on(struct fluit_facilitator *f, int64_t stay_us, int64_t now_us,
                  char line[static 128])
{
    enum fluit_step_kind kind = f->script->steps[f->step].kind;
    if (now_us - f->since_us < stay_us)
        return false;
    if ((kind == FLUIT_STEP_PLENARY || kind == FLUIT_STEP_CLOSE) && release_some(f, line))
        return true;
    if (f->step + 1 < f->script->step_count)
        return order(f, now_us, line, "next");
    f->finished = true;
    return false;
}

bool fluit_facilitator_type(struct fluit_facilitator *f, int64_t now_us, char line[static 128])
{
    if (!f->here || f->step < 0 || f->finished || (f->ordered && now_us < f->retry_us))
        return false;
    const struct fluit_step *step = &f->script->steps[f->step];
    f->ordered = false;
    switch ((enum fluit_plan_state)f->state) {
    case FLUIT_PLAN_READY:
        if (step->duration_us)
            return start(f, now_us, line);
        return go_on(f, scaled(f, UNTIMED_STAY_S * SECOND_US), now_us, line);
    case FLUIT_PLAN_RUNNING:
        return while_running(f, now_us, line);
    case FLUIT_PLAN_PAUSED:
        if (now_us - f->since_us < scaled(f, PAUSE_S * SECOND_US))
            return false;
        return order(f, now_us, line, "resume");
    case FLUIT_PLAN_ENDED:
        return go_on(f, scaled(f, step->wrap_up_us), now_us, line);
    }
    return false;
}
