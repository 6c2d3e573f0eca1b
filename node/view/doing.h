/* doing.h: one request of a table's or rapporteur's page, being carried out: what do_guest.c and
 * do_photo.c share. */
#ifndef FLUIT_DOING_H
#define FLUIT_DOING_H

#include "node/core/guest.h"
#include "node/view/parts.h"
#include "node/view/request.h"

struct fluit_doing {
    struct fluit_guest *guest;
    const struct fluit_form *form;
    struct fluit_effects said;
    struct fluit_id card; /* of the answer; s[0] == 0: none */
    bool noted;           /* the answer names: */
    struct fluit_note_id note, revision;
    const struct fluit_origin *held; /* it stands so already, by this act; NULL: it was saved */
    bool looked;                     /* nothing was to be saved; the answer is: */
    struct fluit_view seen;
};

/* Refuses it: false. */
static inline bool fluit_doing_no(struct fluit_doing *d, const char *why)
{
    fluit_guest_no(&d->said, "%s", why);
    return false;
}

/* do_photo.c: requests. True if it was done. */
bool fluit_do_photo(struct fluit_doing *d);
bool fluit_do_photo_data(struct fluit_doing *d);

#endif
