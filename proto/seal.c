#include "proto/seal.h"

#include <string.h>

#define BUCKET_MIN        64
#define BUCKET_DOUBLE_MAX 4096
#define LENGTH_LEN        4

struct fluit_key_id fluit_key_id(const struct fluit_secret *key)
{
    struct fluit_hash hash = fluit_hash1("fluit key id", key->b, sizeof key->b);
    struct fluit_key_id id;
    memcpy(id.b, hash.b, sizeof id.b);
    return id;
}

bool fluit_key_id_eq(const struct fluit_key_id *a, const struct fluit_key_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

size_t fluit_seal_bucket(size_t body_len)
{
    size_t need = body_len + LENGTH_LEN;
    if (need > BUCKET_DOUBLE_MAX)
        return (need + BUCKET_DOUBLE_MAX - 1) / BUCKET_DOUBLE_MAX * BUCKET_DOUBLE_MAX;
    size_t bucket = BUCKET_MIN;
    while (bucket < need)
        bucket *= 2;
    return bucket;
}

static enum fluit_err seal_text(struct fluit_rng *rng, const struct fluit_secret *key,
                                struct fluit_header *header, struct fluit_slice body,
                                struct fluit_buf *payload)
{
    size_t text_len = fluit_seal_bucket(body.len);
    size_t payload_len = FLUIT_SEAL_NONCE_LEN + text_len + FLUIT_SEAL_TAG_LEN;
    if (payload_len > FLUIT_PAYLOAD_MAX)
        return FLUIT_E_LIMIT;
    uint8_t *out = fluit_buf_extend(payload, payload_len);
    if (!out)
        return payload->err;
    header->key_id = fluit_key_id(key);
    header->payload_len = (uint32_t)payload_len;

    /* The padded text is laid where its ciphertext will be; libsodium seals in place. */
    uint8_t *text = out + FLUIT_SEAL_NONCE_LEN;
    memset(text, 0, text_len);
    fluit_put_u32(text, (uint32_t)body.len);
    if (body.len)
        memcpy(text + LENGTH_LEN, body.data, body.len);
    fluit_rng_bytes(rng, out, FLUIT_SEAL_NONCE_LEN);

    uint8_t head[FLUIT_HEADER_LEN];
    fluit_header_put(header, head);
    fluit_aead_seal(key, out, fluit_slice(head, FLUIT_HEADER_AD_LEN), text, text_len, text);
    return FLUIT_OK;
}

enum fluit_err fluit_seal(struct fluit_rng *rng, const struct fluit_secret *key,
                          struct fluit_header *header, struct fluit_slice body,
                          struct fluit_buf *payload)
{
    fluit_buf_reset(payload);
    if (body.len > FLUIT_PAYLOAD_MAX)
        return FLUIT_E_LIMIT;
    if (key) {
        enum fluit_err err = seal_text(rng, key, header, body, payload);
        if (err)
            return err;
    } else {
        memset(&header->key_id, 0, sizeof header->key_id);
        header->payload_len = (uint32_t)body.len;
        fluit_buf_put(payload, body.data, body.len);
    }
    header->payload_hash = fluit_payload_hash(fluit_buf_slice(payload));
    return payload->err;
}

static enum fluit_err unpad(struct fluit_slice text, struct fluit_slice *body)
{
    if (text.len < LENGTH_LEN)
        return FLUIT_E_FORMAT;
    size_t len = fluit_get_u32(text.data);
    if (len > text.len - LENGTH_LEN || fluit_seal_bucket(len) != text.len)
        return FLUIT_E_FORMAT;
    for (size_t i = LENGTH_LEN + len; i < text.len; i++)
        if (text.data[i])
            return FLUIT_E_FORMAT;
    *body = fluit_slice(text.data + LENGTH_LEN, len);
    return FLUIT_OK;
}

enum fluit_err fluit_unseal(const struct fluit_secret *key,
                            const uint8_t header[static FLUIT_HEADER_LEN],
                            struct fluit_slice payload, struct fluit_buf *text,
                            struct fluit_slice *body)
{
    struct fluit_header h;
    enum fluit_err err = fluit_header_get(&h, header);
    if (err)
        return err;
    struct fluit_key_id id = fluit_key_id(key);
    if (!fluit_key_id_eq(&id, &h.key_id))
        return FLUIT_E_NOKEY;
    if (payload.len < FLUIT_SEAL_NONCE_LEN + FLUIT_SEAL_TAG_LEN)
        return FLUIT_E_FORMAT;
    size_t sealed_len = payload.len - FLUIT_SEAL_NONCE_LEN;
    size_t text_len = sealed_len - FLUIT_SEAL_TAG_LEN;
    fluit_buf_reset(text);
    uint8_t *out = fluit_buf_extend(text, text_len + 1); /* + 1: an empty extend has no place */
    if (!out)
        return text->err;
    err = fluit_aead_open(key, payload.data, fluit_slice(header, FLUIT_HEADER_AD_LEN),
                          payload.data + FLUIT_SEAL_NONCE_LEN, sealed_len, out);
    return err ? err : unpad(fluit_slice(out, text_len), body);
}
