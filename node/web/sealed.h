/* sealed.h: what goes between a phone and its node over a network that others hear: bytes in, bytes
 * out. node/view/API.md "From a phone".
 *
 * The phone knows a page key, from the code it scanned, and gets a session key by it. Each thing
 * that is said is sealed for its place: the way it goes, the path that is asked, the ask that it
 * answers; each ask has a counter that grows. Pure. */
#ifndef FLUIT_SEALED_H
#define FLUIT_SEALED_H

#include "common/crypto.h"

#define FLUIT_SEALED_OVERHEAD (FLUIT_SEAL_NONCE_LEN + FLUIT_SEAL_TAG_LEN)
#define FLUIT_SEALED_RUN_LEN  16 /* names the time in which a session's counter grows */
#define FLUIT_SEALED_ONCE_LEN 16 /* as an Idempotency-Key; zeros: none */
/* What an ask has beside its body. */
#define FLUIT_SEALED_ASK_OVERHEAD                                                                  \
    (FLUIT_SEALED_RUN_LEN + FLUIT_SEALED_OVERHEAD + 8 + FLUIT_SEALED_ONCE_LEN)

/* Names an ask to what answers it. */
struct fluit_sealed_nonce {
    uint8_t b[FLUIT_SEAL_NONCE_LEN];
};

struct fluit_sealed_ask {
    struct fluit_sealed_nonce nonce;
    uint64_t counter;
    uint8_t once[FLUIT_SEALED_ONCE_LEN];
    struct fluit_buf body; /* wipe it */
};

/* AUTH: it is not sealed by that key. */
FLUIT_MUST_CHECK enum fluit_err fluit_sealed_hello(const struct fluit_secret *page_key,
                                                   struct fluit_slice bytes,
                                                   struct fluit_sealed_nonce *nonce);
/* The run that an ask says it is of; FORMAT: it is no ask. */
FLUIT_MUST_CHECK enum fluit_err fluit_sealed_run(struct fluit_slice bytes,
                                                 uint8_t run[static FLUIT_SEALED_RUN_LEN],
                                                 struct fluit_sealed_nonce *nonce);
/* FORMAT, NOMEM, or AUTH: it is not sealed by that key, for that path. *ask is set on success. */
FLUIT_MUST_CHECK enum fluit_err fluit_sealed_open(const struct fluit_secret *session_key,
                                                  const char *path, struct fluit_slice bytes,
                                                  struct fluit_sealed_ask *ask);
/* Appends text, sealed as that word's answer to an ask: "session", "run", "answer". */
void fluit_sealed_put(const struct fluit_secret *key, const char *word,
                      const struct fluit_sealed_nonce *ask, struct fluit_slice text,
                      struct fluit_buf *out);
/* The same for the view of that number, from 0, in a stream of events, and its id; in base64. */
void fluit_sealed_put_view(const struct fluit_secret *key, const struct fluit_sealed_nonce *ask,
                           uint64_t number, const char *id, struct fluit_slice view,
                           struct fluit_buf *out);

#endif
