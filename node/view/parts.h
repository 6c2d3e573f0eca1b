/* parts.h: what several views have in common. */
#ifndef FLUIT_VIEW_PARTS_H
#define FLUIT_VIEW_PARTS_H

#include "node/core/hub.h"
#include "node/json/doc.h"

/* A view being written. */
struct fluit_view {
    struct fluit_doc doc;
    size_t text_left; /* bytes of people's texts that may still come uncut */
};

/* Begins it; pair with fluit_view_end. */
void fluit_view_begin(struct fluit_view *view);
/* Appends it to out and frees it. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_view_end(struct fluit_view *view, struct fluit_buf *out);

/* What somebody wrote. Too long for this view: its beginning, and a member "cut" after it. */
void fluit_view_text(struct fluit_view *view, const char *key, const char *text);
/* The id, or null if it is empty. */
void fluit_view_id(struct fluit_view *view, const char *key, const struct fluit_id *id);
void fluit_view_note_id(struct fluit_view *view, const char *key, const struct fluit_note_id *id);

/* "clock": first in every view. */
void fluit_view_clock(struct fluit_view *view, const struct fluit_node *node);
/* "node", "workshop", "hub", "own"; ready: people can act here. */
void fluit_view_node(struct fluit_view *view, struct fluit_node *node, bool ready);
/* "plan", "marks", "whistled"; there is a script. */
void fluit_view_plan(struct fluit_view *view, const struct fluit_node *node);

/* "heard": what was last said at that device, by roster index, of the whistle's test, or null. */
void fluit_view_heard(struct fluit_view *view, const struct fluit_fold *fold, int index);

/* "late": of the act there, as its round's cut has it. */
void fluit_view_late(struct fluit_view *view, const struct fluit_fold *fold,
                     const struct fluit_origin *origin);

/* Names a page's session to people's pages: not what opens it. */
void fluit_view_session(struct fluit_view *view, const char *key,
                        const struct fluit_session *session);

/* Is it an entry of our own feed? Its seq, else 0. */
uint64_t fluit_view_seq(const struct fluit_node *node, const struct fluit_origin *origin);
/* "ready", "running", "paused", "ended"; "" for none. */
const char *fluit_plan_state_name(uint8_t state);

/* view_projector.c: "projector". NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_view_room(struct fluit_view *view,
                                                const struct fluit_hub *hub);

#endif
