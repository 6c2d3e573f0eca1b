/* term.h: under which term a hub acts, signed by root. PROTOCOL.md "Terms". */
#ifndef FLUIT_TERM_H
#define FLUIT_TERM_H

#include "proto/entry.h"

/* Hub `hub` acts under term `number` (1..). */
struct fluit_term {
    uint32_t number;
    struct fluit_sign_pk hub;
    struct fluit_sig sig; /* root's, over workshop, number and hub */
};

void fluit_term_sign(struct fluit_term *term, const struct fluit_sign_sk *root,
                     const struct fluit_workshop_id *workshop);
bool fluit_term_verify(const struct fluit_term *term, const struct fluit_sign_pk *root,
                       const struct fluit_workshop_id *workshop);

/* The body of a TERM entry: [7, number, hub, sig]. */
void fluit_term_put(const struct fluit_term *term, struct fluit_buf *out);
FLUIT_MUST_CHECK enum fluit_err fluit_term_get(struct fluit_term *term, struct fluit_slice body);

#endif
