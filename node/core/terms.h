/* terms.h: who is known to lead under which term. PROTOCOL.md "Terms".
 *
 * Only terms that root signed get in here. The highest leads; who led under a lower one has stepped
 * down, whether it knows that or not. */
#ifndef FLUIT_TERMS_H
#define FLUIT_TERMS_H

#include "proto/term.h"

struct fluit_terms {
    struct fluit_term items[FLUIT_TERMS_MAX];
    uint32_t count;
};

/* Remembers a term; when full, the lowest gives way. False if it was known (or is lower yet). */
bool fluit_terms_add(struct fluit_terms *terms, const struct fluit_term *term);
/* Does root say that this hub acts under that term? */
bool fluit_terms_name(const struct fluit_terms *terms, uint32_t number,
                      const struct fluit_sign_pk *hub);
/* The highest; NULL: none is known. Valid until the next add. */
const struct fluit_term *fluit_terms_newest(const struct fluit_terms *terms);

#endif
