#include "proto/entry.h"

#include <assert.h>
#include <string.h>

static const uint8_t magic[4] = {'F', 'L', 'E', '1'};

void fluit_header_put(const struct fluit_header *header, uint8_t out[static FLUIT_HEADER_LEN])
{
    memcpy(out, magic, 4);
    out[4] = (uint8_t)header->entry_class;
    out[5] = header->round;
    out[6] = out[7] = 0;
    fluit_put_u64(out + 8, header->seq);
    fluit_put_u64(out + 16, (uint64_t)header->mesh_us);
    memcpy(out + 24, header->feed.b, 32);
    memcpy(out + 56, header->prev.b, 32);
    memcpy(out + 88, header->key_id.b, 32);
    fluit_put_u32(out + 120, header->payload_len);
    memcpy(out + 124, header->payload_hash.b, 32);
}

static bool all_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i])
            return false;
    return true;
}

enum fluit_err fluit_header_get(struct fluit_header *header,
                                const uint8_t in[static FLUIT_HEADER_LEN])
{
    struct fluit_header h;
    if (memcmp(in, magic, 3) != 0)
        return FLUIT_E_FORMAT;
    if (in[3] != magic[3])
        return FLUIT_E_VERSION;
    if (in[4] > FLUIT_CLASS_STORY || in[5] > FLUIT_ROUNDS_MAX || in[6] || in[7])
        return FLUIT_E_FORMAT;
    h.entry_class = (enum fluit_class)in[4];
    h.round = in[5];
    h.seq = fluit_get_u64(in + 8);
    h.mesh_us = (int64_t)fluit_get_u64(in + 16);
    memcpy(h.feed.b, in + 24, 32);
    memcpy(h.prev.b, in + 56, 32);
    memcpy(h.key_id.b, in + 88, 32);
    h.payload_len = fluit_get_u32(in + 120);
    memcpy(h.payload_hash.b, in + 124, 32);
    if (h.payload_len > FLUIT_PAYLOAD_MAX || h.seq > INT64_MAX)
        return FLUIT_E_LIMIT;
    if (h.seq == 0 || (h.seq == 1) != all_zero(h.prev.b, 32))
        return FLUIT_E_FORMAT;
    if ((h.entry_class == FLUIT_CLASS_OPEN) != all_zero(h.key_id.b, 32))
        return FLUIT_E_FORMAT;
    *header = h;
    return FLUIT_OK;
}

struct fluit_hash fluit_header_hash(const uint8_t header[static FLUIT_HEADER_LEN])
{
    return fluit_hash1("fluit header", header, FLUIT_HEADER_LEN);
}

struct fluit_hash fluit_payload_hash(struct fluit_slice payload)
{
    return fluit_hash("fluit payload", &payload, 1);
}

struct fluit_feed_id fluit_feed_id(const struct fluit_sign_pk *author,
                                   const uint8_t incarnation[static 16])
{
    struct fluit_slice parts[] = {fluit_slice(author->b, 32), fluit_slice(incarnation, 16)};
    struct fluit_hash hash = fluit_hash("fluit feed", parts, 2);
    struct fluit_feed_id id;
    memcpy(id.b, hash.b, sizeof id.b);
    return id;
}

struct head_text {
    uint8_t seq[8];
    struct fluit_slice parts[4];
};

static void head_text(struct head_text *text, const struct fluit_workshop_id *workshop,
                      const struct fluit_feed_id *feed, uint64_t seq, const struct fluit_hash *hash)
{
    fluit_put_u64(text->seq, seq);
    text->parts[0] = fluit_slice(workshop->b, 16);
    text->parts[1] = fluit_slice(feed->b, 32);
    text->parts[2] = fluit_slice(text->seq, 8);
    text->parts[3] = fluit_slice(hash->b, 32);
}

struct fluit_sig fluit_head_sign(const struct fluit_sign_sk *sk,
                                 const struct fluit_workshop_id *workshop,
                                 const struct fluit_feed_id *feed, uint64_t seq,
                                 const struct fluit_hash *hash)
{
    assert(seq > 0);
    struct head_text text;
    head_text(&text, workshop, feed, seq, hash);
    return fluit_sign(sk, "fluit head", text.parts, 4);
}

bool fluit_head_verify(const struct fluit_sign_pk *author, const struct fluit_sig *sig,
                       const struct fluit_workshop_id *workshop, const struct fluit_feed_id *feed,
                       uint64_t seq, const struct fluit_hash *hash)
{
    struct head_text text;
    head_text(&text, workshop, feed, seq, hash);
    return fluit_verify(author, sig, "fluit head", text.parts, 4);
}
