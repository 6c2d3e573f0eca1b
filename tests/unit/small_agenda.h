/* small_agenda.h: a script with five steps, enough for the tests of plan and alarm. */
#ifndef FLUIT_TEST_SMALL_AGENDA_H
#define FLUIT_TEST_SMALL_AGENDA_H

#include "common/script.h"

#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)

enum {
    TALK,       /* untimed, silent */
    COFFEE,     /* timed, silent */
    ROUND_1,    /* timed, whistled, wrap-up */
    CHANGEOVER, /* untimed, whistled */
    ROUND_2,
};

static const struct fluit_script *small_agenda(void)
{
    static struct fluit_script script = {.step_count = 5, .round_count = 2};
    script.steps[TALK] = (struct fluit_step){.kind = FLUIT_STEP_TALK};
    script.steps[COFFEE] =
        (struct fluit_step){.kind = FLUIT_STEP_BREAK, .duration_us = 10 * MINUTE};
    script.steps[ROUND_1] = (struct fluit_step){.kind = FLUIT_STEP_ROUND,
                                                .duration_us = 15 * MINUTE,
                                                .wrap_up_us = 3 * MINUTE,
                                                .round = 1,
                                                .whistle = true};
    script.steps[CHANGEOVER] = (struct fluit_step){.kind = FLUIT_STEP_CHANGEOVER, .whistle = true};
    script.steps[ROUND_2] = script.steps[ROUND_1];
    script.steps[ROUND_2].round = 2;
    return &script;
}

/* xorshift64*: the tests' own seeded chance. */
static uint64_t chance(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (*seed * 0x2545f4914f6cdd1du >> 16) % below;
}

#endif
