/* crypto.h: the primitives fluit uses, over libsodium. PROTOCOL.md "Primitives".
 *
 * Nothing here reads the system's randomness but fluit_os_random: randomness reaches the protocol
 * through a fluit_rng that the caller seeds, so that a simulation replays from its seed.
 * Call fluit_crypto_init once, first, from the main thread. */
#ifndef FLUIT_CRYPTO_H
#define FLUIT_CRYPTO_H

#include "common/bytes.h"

#define FLUIT_HASH_LEN       32
#define FLUIT_SIG_LEN        64
#define FLUIT_SEAL_NONCE_LEN 24
#define FLUIT_SEAL_TAG_LEN   16
#define FLUIT_BOX_OVERHEAD   48 /* ephemeral key and tag of a sealed box */

struct fluit_hash {
    uint8_t b[FLUIT_HASH_LEN];
};
struct fluit_sig {
    uint8_t b[FLUIT_SIG_LEN];
};
struct fluit_secret {
    uint8_t b[32];
}; /* symmetric key; wipe after use */
struct fluit_sign_pk {
    uint8_t b[32];
}; /* Ed25519 */
struct fluit_sign_sk {
    uint8_t b[64];
}; /* libsodium's form: seed and public key; secret */
struct fluit_box_pk {
    uint8_t b[32];
}; /* X25519: reading keys and CURVE keys */
struct fluit_box_sk {
    uint8_t b[32];
}; /* secret */

/* IO if the library can't start. */
FLUIT_MUST_CHECK enum fluit_err fluit_crypto_init(void);
void fluit_os_random(void *out, size_t len);
void fluit_wipe(void *data, size_t len);
/* Wipes what it holds, then frees it. */
void fluit_buf_wipe(struct fluit_buf *buf);
/* Constant-time comparison. */
bool fluit_same(const void *a, const void *b, size_t len);

/* BLAKE2b-256 over byte(len of domain) || domain || parts in order. */
struct fluit_hash fluit_hash(const char *domain, const struct fluit_slice *parts,
                             size_t part_count);
struct fluit_hash fluit_hash1(const char *domain, const void *data, size_t len);

/* Deterministic generator (ChaCha20): the same seed gives the same bytes. */
struct fluit_rng {
    uint8_t key[32];
};
void fluit_rng_seed(struct fluit_rng *rng, const void *seed, size_t len);
/* Mixes fresh entropy in; what was drawn before can't be found from what comes after. */
void fluit_rng_stir(struct fluit_rng *rng, const uint8_t entropy[static 32]);
void fluit_rng_bytes(struct fluit_rng *rng, void *out, size_t len);
uint64_t fluit_rng_u64(struct fluit_rng *rng);
/* Uniform in 0..bound-1; bound > 0. */
uint64_t fluit_rng_below(struct fluit_rng *rng, uint64_t bound);

/* A secret derived from another: BLAKE2b-256 keyed with it, over byte(len) || domain. */
struct fluit_secret fluit_derive(const struct fluit_secret *from, const char *domain);
/* Who holds key has said this: BLAKE2b-256 keyed with it, over byte(len) || domain || parts. */
struct fluit_hash fluit_mac(const struct fluit_secret *key, const char *domain,
                            const struct fluit_slice *parts, size_t part_count);

/* Base64 with - and _, without padding (RFC 4648, 5), in the same time whatever the bytes are.
 * out has room for the text and a NUL. */
#define FLUIT_BASE64URL_LEN(len) (((len)*4 + 2) / 3)
void fluit_base64url(const void *data, size_t len, char *out);
/* FORMAT unless text is exactly that of len bytes. */
FLUIT_MUST_CHECK enum fluit_err fluit_unbase64url(struct fluit_slice text, void *out, size_t len);

/* Key pairs from a 32-byte seed (RFC 8032; RFC 7748 with the seed as the scalar). */
void fluit_sign_keypair(const struct fluit_secret *seed, struct fluit_sign_pk *pk,
                        struct fluit_sign_sk *sk);
void fluit_box_keypair(const struct fluit_secret *seed, struct fluit_box_pk *pk,
                       struct fluit_box_sk *sk);

/* Ed25519 over byte(len of domain) || domain || parts in order. */
struct fluit_sig fluit_sign(const struct fluit_sign_sk *sk, const char *domain,
                            const struct fluit_slice *parts, size_t part_count);
bool fluit_verify(const struct fluit_sign_pk *pk, const struct fluit_sig *sig, const char *domain,
                  const struct fluit_slice *parts, size_t part_count);

/* XChaCha20-Poly1305-IETF. out has room for text_len + FLUIT_SEAL_TAG_LEN. */
void fluit_aead_seal(const struct fluit_secret *key,
                     const uint8_t nonce[static FLUIT_SEAL_NONCE_LEN], struct fluit_slice ad,
                     const uint8_t *text, size_t text_len, uint8_t *out);
/* out has room for sealed_len - FLUIT_SEAL_TAG_LEN. AUTH if it was not sealed so. */
FLUIT_MUST_CHECK enum fluit_err fluit_aead_open(const struct fluit_secret *key,
                                                const uint8_t nonce[static FLUIT_SEAL_NONCE_LEN],
                                                struct fluit_slice ad, const uint8_t *sealed,
                                                size_t sealed_len, uint8_t *out);

/* libsodium's crypto_box_seal: to pk, from nobody. out has room for text_len + FLUIT_BOX_OVERHEAD.
 */
FLUIT_MUST_CHECK enum fluit_err fluit_box_seal(struct fluit_rng *rng, const struct fluit_box_pk *to,
                                               const uint8_t *text, size_t text_len, uint8_t *out);
FLUIT_MUST_CHECK enum fluit_err fluit_box_open(const struct fluit_box_pk *pk,
                                               const struct fluit_box_sk *sk, const uint8_t *sealed,
                                               size_t sealed_len, uint8_t *out);

/* For the door's Noise handshake: X25519, ChaCha20-Poly1305-IETF, BLAKE2b-512.
 * AUTH from fluit_dh for a public key of small order. */
FLUIT_MUST_CHECK enum fluit_err fluit_dh(const struct fluit_box_sk *sk,
                                         const struct fluit_box_pk *pk, uint8_t out[static 32]);
void fluit_chacha_seal(const uint8_t key[static 32], const uint8_t nonce[static 12],
                       struct fluit_slice ad, const uint8_t *text, size_t text_len, uint8_t *out);
FLUIT_MUST_CHECK enum fluit_err fluit_chacha_open(const uint8_t key[static 32],
                                                  const uint8_t nonce[static 12],
                                                  struct fluit_slice ad, const uint8_t *sealed,
                                                  size_t sealed_len, uint8_t *out);
void fluit_blake2b512(const struct fluit_slice *parts, size_t part_count, uint8_t out[static 64]);

#endif
