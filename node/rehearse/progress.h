/* progress.h: how a rehearsal goes, on standard error: one line that renews itself on a terminal,
 * else a line a second. */
#ifndef FLUIT_PROGRESS_H
#define FLUIT_PROGRESS_H

#include "node/rehearse/stage.h"

struct fluit_progress {
    bool live; /* a terminal */
    int64_t next_us;
};

void fluit_progress_init(struct fluit_progress *progress);
/* Shows it if it is time to. doing: what goes on, beside the agenda. */
void fluit_progress_show(struct fluit_progress *progress, const struct fluit_stage *stage,
                         const char *doing);
/* Ends the line. */
void fluit_progress_end(struct fluit_progress *progress);

#endif
