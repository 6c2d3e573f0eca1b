#include "node/rehearse/progress.h"

#include <stdio.h>
#include <unistd.h>

#define LIVE_GAP_US  INT64_C(200000)
#define PLAIN_GAP_US INT64_C(1000000)

void fluit_progress_init(struct fluit_progress *progress)
{
    *progress = (struct fluit_progress){.live = isatty(STDERR_FILENO) == 1};
}

static void say_step(const struct fluit_stage *stage, char *out, size_t size)
{
    static const char *const states[] = {"", "ready", "running", "paused", "ended"};
    const struct fluit_facilitator *f = &stage->facilitator;
    if (f->step < 0)
        snprintf(out, size, "before the first step");
    else
        snprintf(out, size, "step %d of %d, %s: %s", f->step + 1, stage->script->step_count,
                 stage->script->steps[f->step].title.in[0],
                 f->starting ? "starts in a moment" : states[f->state]);
}

void fluit_progress_show(struct fluit_progress *progress, const struct fluit_stage *stage,
                         const char *doing)
{
    char step[256];
    unsigned here = stage->facilitator.here;
    if (stage->now_us < progress->next_us)
        return;
    progress->next_us = stage->now_us + (progress->live ? LIVE_GAP_US : PLAIN_GAP_US);
    struct fluit_ledger_sum sum = fluit_ledger_sum(&stage->ledger);
    for (uint32_t i = 1; i < stage->actor_count; i++)
        here += fluit_actor_seated(&stage->actors[i]) ? stage->actors[i].people.here
                                                      : stage->actors[i].proc.pid != 0;
    say_step(stage, step, sizeof step);
    fprintf(stderr, "%s%3lld s  %2u of %u nodes  %5llu saved, %llu not yet safe  %s  %s%s",
            progress->live ? "\r\033[K" : "",
            (long long)((stage->now_us - stage->began_us) / 1000000), here, stage->actor_count,
            (unsigned long long)sum.written, (unsigned long long)(sum.written - sum.safe), step,
            doing, progress->live ? "" : "\n");
}

void fluit_progress_end(struct fluit_progress *progress)
{
    if (progress->live)
        fputs("\r\033[K", stderr);
}
