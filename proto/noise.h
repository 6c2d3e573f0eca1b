/* noise.h: Noise_NNpsk0_25519_ChaChaPoly_BLAKE2b (Noise revision 34), the door's handshake.
 * PROTOCOL.md "Door".
 *
 *     -> psk, e       message 1: e (32 bytes), sealed payload
 *     <- e, ee        message 2: e (32 bytes), sealed payload
 *
 * Both payloads are secret to who holds the psk; the second has forward secrecy. There are no
 * transport messages: Split() is not done. A recorded message 1 can be sent again to a fresh
 * responder, which will read the same payload from it (the pattern has no way to tell); only the
 * first sender can read the answer. So whoever acts on message 1 must bear a repetition.
 *
 * Lifecycle: init, then (initiator) write, read or (responder) read, write; deinit wipes. Writing
 * out of turn is our own bug and asserts; reading out of turn is the peer's doing: CHAIN. */
#ifndef FLUIT_NOISE_H
#define FLUIT_NOISE_H

#include "common/crypto.h"
#include "common/limits.h"

#define FLUIT_NOISE_OVERHEAD 48 /* e and the tag: what a message is longer than its payload */
#define FLUIT_NOISE_HASH_LEN 64

enum fluit_noise_step {
    FLUIT_NOISE_WRITE,   /* next: write, or begin_write */
    FLUIT_NOISE_PAYLOAD, /* next: finish_write */
    FLUIT_NOISE_READ,    /* next: read */
    FLUIT_NOISE_DONE,
};

/* The handshake's state; secret, copied by nobody. */
struct fluit_noise {
    uint8_t h[FLUIT_NOISE_HASH_LEN];
    uint8_t ck[64];
    uint8_t k[32];
    uint8_t payload_hash[FLUIT_NOISE_HASH_LEN];
    struct fluit_secret psk;
    struct fluit_box_sk e;
    struct fluit_box_pk re;
    enum fluit_noise_step step;
    bool initiator;
};

/* Copies psk. Both sides must give the same prologue. */
void fluit_noise_init(struct fluit_noise *n, bool initiator, const struct fluit_secret *psk,
                      struct fluit_slice prologue);
void fluit_noise_deinit(struct fluit_noise *n);

/* Appends this side's message to out. NOMEM; LIMIT if payload is longer than
 * FLUIT_DOOR_MESSAGE_MAX - FLUIT_NOISE_OVERHEAD; AUTH if the peer's key was of small order. After
 * an error out is as it was (but for its sticky err) and the handshake is over: deinit it. */
FLUIT_MUST_CHECK enum fluit_err fluit_noise_write(struct fluit_noise *n, struct fluit_rng *rng,
                                                  struct fluit_slice payload,
                                                  struct fluit_buf *out);

/* The same in two parts, for a payload that signs fluit_noise_payload_hash: begin appends e, finish
 * the sealed payload. Errors as above. */
FLUIT_MUST_CHECK enum fluit_err
fluit_noise_begin_write(struct fluit_noise *n, struct fluit_rng *rng, struct fluit_buf *out);
FLUIT_MUST_CHECK enum fluit_err
fluit_noise_finish_write(struct fluit_noise *n, struct fluit_slice payload, struct fluit_buf *out);

/* Appends the payload of the peer's message. FORMAT: too short. LIMIT: longer than
 * FLUIT_DOOR_MESSAGE_MAX. CHAIN: it is not the peer's turn. AUTH: wrong psk, prologue or bytes.
 * NOMEM. After an error nothing has changed: a forged message does not end the handshake. */
FLUIT_MUST_CHECK enum fluit_err fluit_noise_read(struct fluit_noise *n, struct fluit_slice message,
                                                 struct fluit_buf *payload);

/* Noise's h as it stood just before the latest payload, after that message's e (and ee): on the
 * writer from begin_write on, on the reader from read on, and the same on both. It covers the
 * psk, the prologue and e, so a signature over it is good in this handshake only. 64 bytes. */
const uint8_t *fluit_noise_payload_hash(const struct fluit_noise *n);
/* Noise's h after the latest whole message; after both it is the handshake hash. 64 bytes. */
const uint8_t *fluit_noise_hash(const struct fluit_noise *n);

#endif
