/* facilitator.h: the one who leads a rehearsal, at the hub's console and by what it shows only.
 *
 * Goes through the agenda step by step; now and then extends, pauses or ends a step early, sends a
 * message, and releases a few quotes in plenary. Pure: lines and time in, lines out. */
#ifndef FLUIT_FACILITATOR_H
#define FLUIT_FACILITATOR_H

#include "common/script.h"

#define FLUIT_QUOTES_SEEN_MAX 512

struct fluit_facilitator {
    const struct fluit_script *script;
    double speed;
    struct fluit_rng rng;
    bool here; /* the hub has said "ready", or that it leads */
    int step;  /* index; -1: not told yet */
    uint8_t state;
    bool starting; /* RUNNING, and the start is still to come */
    int64_t since_us;
    bool ordered; /* an order was typed and nothing came of it yet */
    int64_t retry_us;
    bool finished;

    uint8_t trick; /* what to do in this step beside the usual; one of enum trick */
    bool trick_done;
    bool quotes_asked;
    int quote_count, releases;

    /* As the hub's status last said. */
    uint64_t statuses;
    unsigned members, members_here, ready, safe, closed;
    char digest[17];
};

/* script must outlive it. */
void fluit_facilitator_init(struct fluit_facilitator *f, const struct fluit_script *script,
                            double speed, uint64_t seed);
/* The hub's console shows a line. */
void fluit_facilitator_hear(struct fluit_facilitator *f, const char *line, int64_t now_us);
/* The hub died. */
void fluit_facilitator_lose(struct fluit_facilitator *f);
/* The line to type now; false if there is none. Ask some ten times a second. */
bool fluit_facilitator_type(struct fluit_facilitator *f, int64_t now_us, char line[static 128]);

#endif
