/* control.h: which of a hub's pages leads. One at a time: it is handed over by who has it, and
 * taken only when nobody has it or who has it is silent. Phones are remotes: they may ask for it,
 * and do a few things without. Pure; nothing of it is saved: after a new start the first page has
 * it.
 *
 *   nobody --HOLD (here)--> held by it --ASK--> asked for --GIVE--> held by who asked
 *                             ^                     |
 *                             '-------KEEP----------'         TAKE (here): from who is silent
 */
#ifndef FLUIT_CONTROL_H
#define FLUIT_CONTROL_H

#include "node/core/event.h"

struct fluit_control {
    bool held, asked;
    struct fluit_session holder, asker;
    int64_t heard_us; /* the holder, on this node's clock */
};

enum fluit_control_want {
    FLUIT_CONTROL_HOLD, /* if nobody has it; else only say so */
    FLUIT_CONTROL_ASK,
    FLUIT_CONTROL_GIVE, /* to who asked */
    FLUIT_CONTROL_KEEP, /* refuse who asked */
    FLUIT_CONTROL_TAKE,
    FLUIT_CONTROL_DROP, /* its page is closed: nobody has it */
};

/* A page asked for something: it is not silent. */
void fluit_control_hear(struct fluit_control *control, const struct fluit_session *session,
                        int64_t now_us);
bool fluit_control_is_holder(const struct fluit_control *control,
                             const struct fluit_session *session);
/* Has who holds it not been heard for FLUIT_CONTROL_SILENT_US? */
bool fluit_control_is_silent(const struct fluit_control *control, int64_t now_us);
/* NULL, or why not: a sentence, static. */
const char *fluit_control_want(struct fluit_control *control, const struct fluit_session *session,
                               enum fluit_control_want want, int64_t now_us);

#endif
