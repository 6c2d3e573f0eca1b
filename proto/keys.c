#include "proto/keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"

void fluit_reader_tag(const struct fluit_box_pk *reader, uint8_t out[static FLUIT_READER_TAG_LEN])
{
    struct fluit_hash hash = fluit_hash1("fluit reader tag", reader->b, sizeof reader->b);
    memcpy(out, hash.b, FLUIT_READER_TAG_LEN);
}

/* What a stanza seals: workshop, feed, purpose, round, key. */
static void stanza_text(const struct fluit_key_entry *entry,
                        const struct fluit_workshop_id *workshop, const struct fluit_secret *key,
                        uint8_t out[static FLUIT_STANZA_TEXT_LEN])
{
    memcpy(out, workshop->b, 16);
    memcpy(out + 16, entry->feed.b, 32);
    out[48] = (uint8_t)entry->purpose;
    out[49] = entry->round;
    memcpy(out + 50, key->b, 32);
}

enum fluit_err fluit_key_entry_add(struct fluit_key_entry *entry, struct fluit_rng *rng,
                                   const struct fluit_workshop_id *workshop,
                                   const struct fluit_box_pk *reader,
                                   const struct fluit_secret *key)
{
    if (entry->stanza_count >= FLUIT_STANZAS_MAX)
        return FLUIT_E_LIMIT;
    struct fluit_stanza *stanza = &entry->stanzas[entry->stanza_count];
    uint8_t text[FLUIT_STANZA_TEXT_LEN];
    stanza_text(entry, workshop, key, text);
    fluit_reader_tag(reader, stanza->tag);
    enum fluit_err err = fluit_box_seal(rng, reader, text, sizeof text, stanza->sealed);
    fluit_wipe(text, sizeof text);
    if (!err)
        entry->stanza_count++;
    return err;
}

static enum fluit_err open_stanza(const struct fluit_key_entry *entry,
                                  const struct fluit_stanza *stanza,
                                  const struct fluit_workshop_id *workshop,
                                  const struct fluit_box_pk *pk, const struct fluit_box_sk *sk,
                                  struct fluit_secret *key)
{
    uint8_t text[FLUIT_STANZA_TEXT_LEN], expected[FLUIT_STANZA_TEXT_LEN];
    struct fluit_secret found;
    enum fluit_err err = fluit_box_open(pk, sk, stanza->sealed, sizeof stanza->sealed, text);
    if (!err) {
        memcpy(found.b, text + 50, sizeof found.b);
        stanza_text(entry, workshop, &found, expected);
        struct fluit_key_id id = fluit_key_id(&found);
        if (memcmp(text, expected, sizeof text) != 0 || !fluit_key_id_eq(&id, &entry->id))
            err = FLUIT_E_AUTH;
        else
            *key = found;
    }
    fluit_wipe(text, sizeof text);
    fluit_wipe(expected, sizeof expected);
    fluit_wipe(&found, sizeof found);
    return err;
}

enum fluit_err fluit_key_entry_open(const struct fluit_key_entry *entry,
                                    const struct fluit_workshop_id *workshop,
                                    const struct fluit_box_pk *pk, const struct fluit_box_sk *sk,
                                    struct fluit_secret *key)
{
    uint8_t tag[FLUIT_READER_TAG_LEN];
    fluit_reader_tag(pk, tag);
    for (uint32_t i = 0; i < entry->stanza_count; i++)
        if (memcmp(entry->stanzas[i].tag, tag, sizeof tag) == 0)
            return open_stanza(entry, &entry->stanzas[i], workshop, pk, sk, key);
    return FLUIT_E_NOKEY;
}

void fluit_key_entry_put(const struct fluit_key_entry *entry, struct fluit_buf *out)
{
    fluit_pack_array(out, 6);
    fluit_pack_uint(out, FLUIT_KIND_KEY);
    fluit_pack_uint(out, entry->purpose);
    fluit_pack_uint(out, entry->round);
    fluit_pack_bin(out, entry->feed.b, 32);
    fluit_pack_bin(out, entry->id.b, 32);
    fluit_pack_array(out, entry->stanza_count);
    for (uint32_t i = 0; i < entry->stanza_count; i++) {
        fluit_pack_array(out, 2);
        fluit_pack_bin(out, entry->stanzas[i].tag, FLUIT_READER_TAG_LEN);
        fluit_pack_bin(out, entry->stanzas[i].sealed, FLUIT_STANZA_LEN);
    }
}

static void read_key_entry(struct fluit_reader *r, struct fluit_key_entry *entry)
{
    fluit_read_array_of(r, 6);
    if (fluit_read_uint(r, FLUIT_KIND_KEY) != FLUIT_KIND_KEY && !r->err)
        r->err = FLUIT_E_FORMAT;
    entry->purpose = (enum fluit_key_purpose)fluit_read_uint(r, FLUIT_KEY_ROOT);
    entry->round = (uint8_t)fluit_read_uint(r, FLUIT_ROUNDS_MAX);
    fluit_read_fixed(r, entry->feed.b, 32);
    fluit_read_fixed(r, entry->id.b, 32);
    uint32_t count = fluit_read_array(r);
    if (!r->err && entry->purpose < FLUIT_KEY_STORY)
        r->err = FLUIT_E_FORMAT;
    if (!r->err && count > FLUIT_STANZAS_MAX)
        r->err = FLUIT_E_LIMIT;
    for (uint32_t i = 0; i < count && !r->err; i++) {
        fluit_read_array_of(r, 2);
        fluit_read_fixed(r, entry->stanzas[i].tag, FLUIT_READER_TAG_LEN);
        fluit_read_fixed(r, entry->stanzas[i].sealed, FLUIT_STANZA_LEN);
        fluit_read_array_end(r);
    }
    fluit_read_array_end(r);
    fluit_read_array_end(r);
    entry->stanza_count = r->err ? 0 : count;
}

enum fluit_err fluit_key_entry_get(struct fluit_key_entry *entry, struct fluit_slice body)
{
    struct fluit_reader r;
    enum fluit_err err = fluit_reader_init(&r, body);
    entry->stanza_count = 0;
    if (!err) {
        read_key_entry(&r, entry);
        err = r.err;
    }
    fluit_reader_deinit(&r);
    return err;
}

bool fluit_key_entry_allowed(const struct fluit_key_entry *entry, enum fluit_node_class author)
{
    return entry->purpose == FLUIT_KEY_STORY || author == FLUIT_NODE_HUB ||
           author == FLUIT_NODE_STANDBY;
}

void fluit_keyring_deinit(struct fluit_keyring *ring)
{
    if (ring->keys)
        fluit_wipe(ring->keys, ring->cap * sizeof *ring->keys);
    free(ring->keys);
    *ring = (struct fluit_keyring){0};
}

/* Grows by copy and wipe: realloc would leave keys behind in freed memory. */
static enum fluit_err grow(struct fluit_keyring *ring)
{
    uint32_t cap = ring->cap ? ring->cap * 2 : 8;
    struct fluit_held_key *keys = calloc(cap, sizeof *keys);
    if (!keys)
        return FLUIT_E_NOMEM;
    if (ring->keys) {
        memcpy(keys, ring->keys, ring->count * sizeof *keys);
        fluit_wipe(ring->keys, ring->cap * sizeof *keys);
        free(ring->keys);
    }
    ring->keys = keys;
    ring->cap = cap;
    return FLUIT_OK;
}

enum fluit_err fluit_keyring_add(struct fluit_keyring *ring, const struct fluit_held_key *key)
{
    if (fluit_keyring_find(ring, &key->id))
        return FLUIT_OK;
    if (ring->count >= FLUIT_KEYS_MAX)
        return FLUIT_E_LIMIT;
    if (ring->count == ring->cap) {
        enum fluit_err err = grow(ring);
        if (err)
            return err;
    }
    assert(ring->keys);
    ring->keys[ring->count++] = *key;
    return FLUIT_OK;
}

const struct fluit_held_key *fluit_keyring_find(const struct fluit_keyring *ring,
                                                const struct fluit_key_id *id)
{
    for (uint32_t i = ring->count; i-- > 0;)
        if (fluit_key_id_eq(&ring->keys[i].id, id))
            return &ring->keys[i];
    return NULL;
}

const struct fluit_held_key *fluit_keyring_own(const struct fluit_keyring *ring,
                                               const struct fluit_feed_id *feed, uint8_t round)
{
    for (uint32_t i = ring->count; i-- > 0;) {
        const struct fluit_held_key *k = &ring->keys[i];
        if (k->own && k->purpose == FLUIT_KEY_STORY && k->round == round &&
            memcmp(k->feed.b, feed->b, sizeof feed->b) == 0)
            return k;
    }
    return NULL;
}

const struct fluit_held_key *fluit_keyring_room(const struct fluit_keyring *ring)
{
    for (uint32_t i = ring->count; i-- > 0;)
        if (ring->keys[i].purpose == FLUIT_KEY_ROOM)
            return &ring->keys[i];
    return NULL;
}

void fluit_held_key_put(const struct fluit_held_key *key, uint8_t out[static FLUIT_HELD_KEY_LEN])
{
    memcpy(out, key->key.b, 32);
    out[32] = (uint8_t)key->purpose;
    out[33] = key->round;
    memcpy(out + 34, key->feed.b, 32);
    out[66] = key->own;
}

enum fluit_err fluit_held_key_get(struct fluit_held_key *key, struct fluit_slice in)
{
    if (in.len != FLUIT_HELD_KEY_LEN || in.data[32] < FLUIT_KEY_STORY ||
        in.data[32] > FLUIT_KEY_ROOT || in.data[33] > FLUIT_ROUNDS_MAX || in.data[66] > 1)
        return FLUIT_E_FORMAT;
    memcpy(key->key.b, in.data, 32);
    key->purpose = (enum fluit_key_purpose)in.data[32];
    key->round = in.data[33];
    memcpy(key->feed.b, in.data + 34, 32);
    key->own = in.data[66] != 0;
    key->id = fluit_key_id(&key->key);
    return FLUIT_OK;
}
