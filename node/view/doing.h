/* doing.h: one request of a page, being carried out: what do_guest.c, do_hub.c and do_photo.c have
 * in common. */
#ifndef FLUIT_DOING_H
#define FLUIT_DOING_H

#include "node/core/guest.h"
#include "node/core/hub.h"
#include "node/view/parts.h"
#include "node/view/request.h"

struct fluit_doing {
    struct fluit_guest *guest; /* who is asked: this one, */
    struct fluit_hub *hub;     /* or this; the other is NULL */
    const struct fluit_form *form;
    struct fluit_effects said;
    struct fluit_view view; /* the answer of who only looked, and of a hub; begun with "ok" */
    bool looked;            /* a guest: it is the answer, for nothing was to be saved; else: */
    struct fluit_id card;   /* of the answer; s[0] == 0: none */
    bool noted;             /* the answer names: */
    struct fluit_note_id note, revision;
    const struct fluit_origin *held; /* it stands so already, by this act; NULL: it was saved */
};

/* Refuses it: false. */
static inline bool fluit_doing_no(struct fluit_doing *d, const char *why)
{
    fluit_effects_print(&d->said, "no: %s", why);
    return false;
}

/* do_photo.c: requests. True if it was done. */
bool fluit_do_photo(struct fluit_doing *d);
bool fluit_do_photo_data(struct fluit_doing *d);

#endif
