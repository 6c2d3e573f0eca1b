#include "proto/noise.h"

#include <assert.h>
#include <string.h>

#define E_LEN      32
#define HASH_LEN   64
#define HASH_BLOCK 128 /* BLAKE2b's block, for HMAC */

_Static_assert(FLUIT_NOISE_OVERHEAD == E_LEN + FLUIT_SEAL_TAG_LEN, "e and tag");

static const char protocol_name[] = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2b";

/* RFC 2104 with BLAKE2b-512; the key is always a chaining key or a hash, so never hashed first. */
static void hmac(const uint8_t key[static HASH_LEN], const struct fluit_slice *parts,
                 size_t part_count, uint8_t out[static HASH_LEN])
{
    uint8_t pad[HASH_BLOCK] = {0}, inner[HASH_LEN];
    struct fluit_slice all[4] = {fluit_slice(pad, sizeof pad)};
    assert(part_count < sizeof all / sizeof *all);
    memcpy(pad, key, HASH_LEN);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] ^= 0x36;
    for (size_t i = 0; i < part_count; i++)
        all[i + 1] = parts[i];
    fluit_blake2b512(all, part_count + 1, inner);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    all[1] = fluit_slice(inner, sizeof inner);
    fluit_blake2b512(all, 2, out);
    fluit_wipe(pad, sizeof pad);
    fluit_wipe(inner, sizeof inner);
}

/* HKDF of section 4.3: count outputs of 64 bytes from ck and the input. */
static void hkdf(const uint8_t ck[static HASH_LEN], const uint8_t input[static 32],
                 uint8_t (*outs)[HASH_LEN], uint8_t count)
{
    uint8_t temp[HASH_LEN];
    struct fluit_slice in = fluit_slice(input, 32);
    hmac(ck, &in, 1, temp);
    for (uint8_t i = 0; i < count; i++) {
        uint8_t number = (uint8_t)(i + 1);
        struct fluit_slice parts[2] = {fluit_slice(i ? outs[i - 1] : NULL, i ? HASH_LEN : 0),
                                       fluit_slice(&number, 1)};
        hmac(temp, parts, 2, outs[i]);
    }
    fluit_wipe(temp, sizeof temp);
}

static void mix_hash(struct fluit_noise *n, struct fluit_slice data)
{
    struct fluit_slice parts[] = {fluit_slice(n->h, HASH_LEN), data};
    uint8_t h[HASH_LEN];
    fluit_blake2b512(parts, 2, h);
    memcpy(n->h, h, HASH_LEN);
}

static void mix_key(struct fluit_noise *n, const uint8_t input[static 32])
{
    uint8_t outs[2][HASH_LEN];
    hkdf(n->ck, input, outs, 2);
    memcpy(n->ck, outs[0], HASH_LEN);
    memcpy(n->k, outs[1], sizeof n->k);
    fluit_wipe(outs, sizeof outs);
}

static void mix_key_and_hash(struct fluit_noise *n, const uint8_t input[static 32])
{
    uint8_t outs[3][HASH_LEN];
    hkdf(n->ck, input, outs, 3);
    memcpy(n->ck, outs[0], HASH_LEN);
    mix_hash(n, fluit_slice(outs[1], HASH_LEN));
    memcpy(n->k, outs[2], sizeof n->k);
    fluit_wipe(outs, sizeof outs);
}

void fluit_noise_init(struct fluit_noise *n, bool initiator, const struct fluit_secret *psk,
                      struct fluit_slice prologue)
{
    _Static_assert(sizeof protocol_name - 1 <= HASH_LEN, "else h starts as its hash");
    memset(n, 0, sizeof *n);
    memcpy(n->h, protocol_name, sizeof protocol_name - 1);
    memcpy(n->ck, n->h, HASH_LEN);
    n->psk = *psk;
    n->initiator = initiator;
    n->step = initiator ? FLUIT_NOISE_WRITE : FLUIT_NOISE_READ;
    mix_hash(n, prologue);
}

void fluit_noise_deinit(struct fluit_noise *n)
{
    fluit_wipe(n, sizeof *n);
}

/* The tokens before a payload, from message's first 32 bytes: "psk, e" if the initiator sends it,
 * else "e, ee". In a psk handshake e is mixed into the key, too (section 9.2). */
static enum fluit_err mix_tokens(struct fluit_noise *n, bool from_initiator,
                                 const uint8_t e[static E_LEN])
{
    enum fluit_err err = FLUIT_OK;
    if (from_initiator)
        mix_key_and_hash(n, n->psk.b);
    mix_hash(n, fluit_slice(e, E_LEN));
    mix_key(n, e);
    if (!from_initiator) {
        uint8_t shared[32];
        err = fluit_dh(&n->e, &n->re, shared);
        if (!err)
            mix_key(n, shared);
        fluit_wipe(shared, sizeof shared);
    }
    memcpy(n->payload_hash, n->h, HASH_LEN);
    return err;
}

/* Each key of this pattern seals one payload, so Noise's counter is always 0. */
static const uint8_t nonce[12];

enum fluit_err fluit_noise_begin_write(struct fluit_noise *n, struct fluit_rng *rng,
                                       struct fluit_buf *out)
{
    assert(n->step == FLUIT_NOISE_WRITE);
    struct fluit_secret seed;
    struct fluit_box_pk pk;
    size_t start = out->len;
    fluit_rng_bytes(rng, seed.b, sizeof seed.b);
    fluit_box_keypair(&seed, &pk, &n->e);
    fluit_wipe(&seed, sizeof seed);
    enum fluit_err err = mix_tokens(n, n->initiator, pk.b);
    if (err)
        return err;
    fluit_buf_put(out, pk.b, E_LEN);
    if (out->err) {
        out->len = start;
        return out->err;
    }
    n->step = FLUIT_NOISE_PAYLOAD;
    return FLUIT_OK;
}

enum fluit_err fluit_noise_finish_write(struct fluit_noise *n, struct fluit_slice payload,
                                        struct fluit_buf *out)
{
    assert(n->step == FLUIT_NOISE_PAYLOAD);
    if (payload.len > FLUIT_DOOR_MESSAGE_MAX - FLUIT_NOISE_OVERHEAD)
        return FLUIT_E_LIMIT;
    size_t sealed_len = payload.len + FLUIT_SEAL_TAG_LEN;
    uint8_t *sealed = fluit_buf_extend(out, sealed_len);
    if (!sealed)
        return out->err;
    fluit_chacha_seal(n->k, nonce, fluit_slice(n->h, HASH_LEN), payload.data, payload.len, sealed);
    mix_hash(n, fluit_slice(sealed, sealed_len));
    n->step = n->initiator ? FLUIT_NOISE_READ : FLUIT_NOISE_DONE;
    return FLUIT_OK;
}

enum fluit_err fluit_noise_write(struct fluit_noise *n, struct fluit_rng *rng,
                                 struct fluit_slice payload, struct fluit_buf *out)
{
    size_t start = out->len;
    enum fluit_err err = fluit_noise_begin_write(n, rng, out);
    if (!err)
        err = fluit_noise_finish_write(n, payload, out);
    if (err)
        out->len = start;
    return err;
}

/* Reads into n, a copy that the caller throws away after an error. */
static enum fluit_err read_message(struct fluit_noise *n, struct fluit_slice message, uint8_t *text)
{
    struct fluit_slice sealed = fluit_slice(message.data + E_LEN, message.len - E_LEN);
    memcpy(n->re.b, message.data, E_LEN);
    enum fluit_err err = mix_tokens(n, !n->initiator, n->re.b);
    if (!err)
        err = fluit_chacha_open(n->k, nonce, fluit_slice(n->h, HASH_LEN), sealed.data, sealed.len,
                                text);
    if (err)
        return err;
    mix_hash(n, sealed);
    n->step = n->initiator ? FLUIT_NOISE_DONE : FLUIT_NOISE_WRITE;
    return FLUIT_OK;
}

enum fluit_err fluit_noise_read(struct fluit_noise *n, struct fluit_slice message,
                                struct fluit_buf *payload)
{
    if (n->step != FLUIT_NOISE_READ)
        return FLUIT_E_CHAIN;
    if (message.len < FLUIT_NOISE_OVERHEAD)
        return FLUIT_E_FORMAT;
    if (message.len > FLUIT_DOOR_MESSAGE_MAX)
        return FLUIT_E_LIMIT;
    size_t start = payload->len, text_len = message.len - FLUIT_NOISE_OVERHEAD;
    /* One byte more, so that an empty payload has a place, too. */
    uint8_t *text = fluit_buf_extend(payload, text_len + 1);
    if (!text)
        return payload->err;
    struct fluit_noise next = *n;
    enum fluit_err err = read_message(&next, message, text);
    payload->len = err ? start : start + text_len;
    if (!err)
        *n = next;
    fluit_wipe(&next, sizeof next);
    return err;
}

const uint8_t *fluit_noise_payload_hash(const struct fluit_noise *n)
{
    assert(n->step != (n->initiator ? FLUIT_NOISE_WRITE : FLUIT_NOISE_READ));
    return n->payload_hash;
}

const uint8_t *fluit_noise_hash(const struct fluit_noise *n)
{
    return n->h;
}
