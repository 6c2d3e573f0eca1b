/* seal.h: an entry's body sealed to a content key. PROTOCOL.md "Sealing".
 *
 * Payload = 24-byte nonce, XChaCha20-Poly1305 of the padded text, 16-byte tag; the associated data
 * is the header up to the payload hash. Padded text = u32 length, body, zeros up to a bucket. */
#ifndef FLUIT_SEAL_H
#define FLUIT_SEAL_H

#include "proto/entry.h"

/* The name a key goes by in headers; tells nothing of the key. */
struct fluit_key_id fluit_key_id(const struct fluit_secret *key);
bool fluit_key_id_eq(const struct fluit_key_id *a, const struct fluit_key_id *b);

/* Bytes of padded text for a body of body_len. */
size_t fluit_seal_bucket(size_t body_len);

/* Seals body with key (NULL in class OPEN: the payload is the body) and completes header: key id,
 * payload length and hash. payload is emptied first. LIMIT if the payload would be too large. */
FLUIT_MUST_CHECK enum fluit_err fluit_seal(struct fluit_rng *rng, const struct fluit_secret *key,
                                           struct fluit_header *header, struct fluit_slice body,
                                           struct fluit_buf *payload);

/* Opens the payload of an entry whose header was checked against it. text holds the padded text;
 * *body borrows from it. NOKEY if key is not the header's, AUTH if it was not sealed so, FORMAT if
 * what was sealed is no padded text. */
FLUIT_MUST_CHECK enum fluit_err fluit_unseal(const struct fluit_secret *key,
                                             const uint8_t header[static FLUIT_HEADER_LEN],
                                             struct fluit_slice payload, struct fluit_buf *text,
                                             struct fluit_slice *body);

#endif
