/* page.h: a node together with its pages: the steps, views and script that the loop asks for.
 *
 * A request from a page (FLUIT_EVENT_REQUEST) becomes its answer (FLUIT_EFFECT_ANSWER); every other
 * event goes to the core. node is a struct fluit_guest or a struct fluit_hub. */
#ifndef FLUIT_PAGE_H
#define FLUIT_PAGE_H

#include "node/core/event.h"
#include "node/core/guest.h"
#include "node/core/hub.h"

void fluit_page_guest_step(void *guest, const struct fluit_event *event, struct fluit_effects *fx);
void fluit_page_hub_step(void *hub, const struct fluit_event *event, struct fluit_effects *fx);

/* Appends what such a page sees; UNKNOWN: there is no such page here. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_page_guest_view(void *guest, enum fluit_page page,
                                                      struct fluit_buf *out);
FLUIT_MUST_CHECK enum fluit_err fluit_page_hub_view(void *hub, enum fluit_page page,
                                                    struct fluit_buf *out);
/* Appends the script; MISSING: it is not known yet. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_page_guest_script(void *guest, struct fluit_buf *out);
FLUIT_MUST_CHECK enum fluit_err fluit_page_hub_script(void *hub, struct fluit_buf *out);

#endif
