/* term.h: under which term a hub acts, signed by root. PROTOCOL.md "Terms". */
#ifndef FLUIT_TERM_H
#define FLUIT_TERM_H

#include "proto/entry.h"

/* Hub `hub` acts under term `number` (1..). The highest number counts. */
struct fluit_term {
    uint32_t number;
    struct fluit_sign_pk hub;
    struct fluit_sig sig; /* root's, over workshop, number and hub */
};

void fluit_term_sign(struct fluit_term *term, const struct fluit_sign_sk *root,
                     const struct fluit_workshop_id *workshop);
bool fluit_term_verify(const struct fluit_term *term, const struct fluit_sign_pk *root,
                       const struct fluit_workshop_id *workshop);

/* The number under which a hub of that rank takes over from the highest that it knows (0: it begins
 * the workshop): of the next generation, and no other hub would choose it, as (number - 1) modulo
 * FLUIT_NODES_MAX is its rank. 0: there is none left. (A ballot number of Lamport's Paxos.) */
uint32_t fluit_term_after(uint32_t highest, uint32_t rank);
/* How often somebody took over before: 0 for the first hub. */
uint32_t fluit_term_generation(uint32_t number);

/* The body of a TERM entry: [7, number, hub, sig]. */
void fluit_term_put(const struct fluit_term *term, struct fluit_buf *out);
FLUIT_MUST_CHECK enum fluit_err fluit_term_get(struct fluit_term *term, struct fluit_slice body);

#endif
