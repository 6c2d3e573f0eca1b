/* do.h: what a page asks for, as acts. Every request and answer: node/view/API.md.
 *
 * A request is a stranger's JSON: a flat object, at most FLUIT_REQUEST_LEN_MAX bytes, with exactly
 * the members that it takes. It does what a typed line does, by the same code and the same
 * refusals, but prints nothing: the answer says it. Called in a step, after fluit_node_begin; what
 * it says was saved is on the disk once the turn is committed, so the answer goes out after that.
 * Pure, as the core. */
#ifndef FLUIT_DO_H
#define FLUIT_DO_H

#include "node/core/guest.h"
#include "node/core/hub.h"

/* Each appends one line of JSON to answer: {"ok":true,...} or {"ok":false,"why":"..."}. Other
 * effects than printed lines go to fx. NOMEM: what answer holds is undefined then. Of a hub's
 * answer some hold codes and quotes: wipe it. */
FLUIT_MUST_CHECK enum fluit_err fluit_do_guest(struct fluit_guest *guest, struct fluit_slice json,
                                               struct fluit_effects *fx, struct fluit_buf *answer);
FLUIT_MUST_CHECK enum fluit_err fluit_do_hub(struct fluit_hub *hub, struct fluit_slice json,
                                             struct fluit_effects *fx, struct fluit_buf *answer);

/* A page's request to a hub (event of kind REQUEST): "control", and what that page may do of the
 * others (node/core/control.h). */
FLUIT_MUST_CHECK enum fluit_err fluit_do_hub_page(struct fluit_hub *hub,
                                                  const struct fluit_event *event,
                                                  struct fluit_effects *fx,
                                                  struct fluit_buf *answer);

#endif
