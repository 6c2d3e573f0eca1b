/* answered.h: answers to the newest requests that wrote an entry, kept in the same transaction as
 * that entry: who asks again, also after a new start, gets the answer, and nothing is done twice.
 *
 * Named values of the store, as a ring: "answer/00" to "answer/63", each count:u64 once:32 json. */
#ifndef FLUIT_ANSWERED_H
#define FLUIT_ANSWERED_H

#include "proto/store.h"

#define FLUIT_ANSWERED_MAX 64

/* Zeros: what the store holds is not looked up yet. */
struct fluit_answered {
    bool loaded;
    uint64_t count;                             /* kept so far, the first is 0 */
    struct fluit_hash once[FLUIT_ANSWERED_MAX]; /* names of requests; zeros: none */
};

/* Appends the answer to the request of that name to out. MISSING: it was not answered, or longer
 * ago. Else NOMEM, or the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_answered_get(struct fluit_answered *answered,
                                                   struct fluit_store store,
                                                   const struct fluit_hash *once,
                                                   struct fluit_buf *out);
/* Keeps it, in the place of the oldest. NOMEM, or the store's: then the turn must not be committed.
 */
FLUIT_MUST_CHECK enum fluit_err fluit_answered_put(struct fluit_answered *answered,
                                                   struct fluit_store store,
                                                   const struct fluit_hash *once,
                                                   struct fluit_slice json);

#endif
