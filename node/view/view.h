/* view.h: what a node's pages show, as JSON. Every member: node/view/API.md.
 *
 * Each view is one line of JSON and the whole of what there is to show: who missed one has lost
 * nothing. It depends on the node alone; only its first member, the clock, changes by itself. Pure:
 * no I/O, nothing kept. What people typed stands in it as JSON strings, unchanged but that very
 * long texts are cut, and said to be; none is longer than FLUIT_VIEW_LEN_MAX. */
#ifndef FLUIT_VIEW_H
#define FLUIT_VIEW_H

#include "node/core/guest.h"
#include "node/core/hub.h"

/* Each appends its view to out. NOMEM; what out holds is undefined then. */

/* Of a table, or its rapporteur. */
FLUIT_MUST_CHECK enum fluit_err fluit_view_guest(struct fluit_guest *guest, struct fluit_buf *out);
/* Of a hub or standby: the facilitator's, without any text of a table, and in its member
 * "projector" what the room may see. */
FLUIT_MUST_CHECK enum fluit_err fluit_view_hub(struct fluit_hub *hub, struct fluit_buf *out);
/* What the room may see, alone: merged figures, and words that were released. */
FLUIT_MUST_CHECK enum fluit_err fluit_view_projector(struct fluit_hub *hub, struct fluit_buf *out);
/* The workshop's script; it never changes. */
FLUIT_MUST_CHECK enum fluit_err fluit_view_script(const struct fluit_script *script,
                                                  struct fluit_buf *out);

/* Do both views show the same, clocks apart? */
bool fluit_view_same(struct fluit_slice a, struct fluit_slice b);

#endif
