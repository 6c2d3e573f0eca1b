#include "proto/replica.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/digest.h"

static enum fluit_err add_feed(struct fluit_replica *replica, const struct fluit_feed_info *info)
{
    if (replica->count >= FLUIT_FEEDS_MAX)
        return FLUIT_E_LIMIT;
    if (replica->count == replica->cap) {
        uint32_t cap = replica->cap ? replica->cap * 2 : 32;
        struct fluit_feed **feeds = realloc(replica->feeds, cap * sizeof(struct fluit_feed *));
        if (!feeds)
            return FLUIT_E_NOMEM;
        replica->feeds = feeds;
        replica->cap = cap;
    }
    struct fluit_feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return FLUIT_E_NOMEM;
    feed->info = *info;
    replica->feeds[replica->count++] = feed;
    replica->digest_stale = true;
    return FLUIT_OK;
}

static enum fluit_err add_stored(void *arg, const struct fluit_feed_info *info)
{
    return add_feed(arg, info);
}

enum fluit_err fluit_replica_init(struct fluit_replica *replica, struct fluit_store store,
                                  const struct fluit_workshop_id *workshop)
{
    *replica = (struct fluit_replica){.store = store, .workshop = *workshop, .digest_stale = true};
    return store.ops->feeds(store.self, add_stored, replica);
}

void fluit_replica_deinit(struct fluit_replica *replica)
{
    for (uint32_t i = 0; i < replica->count; i++)
        free(replica->feeds[i]);
    free(replica->feeds);
    *replica = (struct fluit_replica){0};
}

int fluit_replica_find(const struct fluit_replica *replica, const struct fluit_feed_id *id)
{
    for (uint32_t i = 0; i < replica->count; i++)
        if (memcmp(replica->feeds[i]->info.id.b, id->b, sizeof id->b) == 0)
            return (int)i;
    return -1;
}

static uint32_t feeds_of(const struct fluit_replica *replica, const struct fluit_sign_pk *author)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < replica->count; i++)
        if (memcmp(replica->feeds[i]->info.author.b, author->b, sizeof author->b) == 0)
            count++;
    return count;
}

enum fluit_err fluit_replica_open(struct fluit_replica *replica, const struct fluit_sign_pk *author,
                                  const uint8_t incarnation[static 16], uint32_t *index)
{
    struct fluit_feed_info info = {.id = fluit_feed_id(author, incarnation), .author = *author};
    memcpy(info.incarnation, incarnation, sizeof info.incarnation);
    int found = fluit_replica_find(replica, &info.id);
    if (found < 0) {
        if (feeds_of(replica, author) >= FLUIT_FEEDS_PER_NODE_MAX)
            return FLUIT_E_LIMIT;
        enum fluit_err err = add_feed(replica, &info);
        if (err)
            return err;
        found = (int)replica->count - 1;
    }
    *index = (uint32_t)found;
    return FLUIT_OK;
}

struct fluit_hash fluit_replica_digest(struct fluit_replica *replica)
{
    if (replica->digest_stale) {
        struct fluit_feed_info infos[FLUIT_FEEDS_MAX];
        for (uint32_t i = 0; i < replica->count; i++)
            infos[i] = replica->feeds[i]->info;
        replica->digest = fluit_heads_digest(infos, replica->count);
        replica->digest_stale = false;
    }
    return replica->digest;
}

/* The batch in itself: one feed, an unbroken chain, every payload as its header says. */
static enum fluit_err check_batch(const struct fluit_message *batch,
                                  const struct fluit_feed_id *feed, uint64_t *first,
                                  struct fluit_hash hashes[static FLUIT_BATCH_ENTRIES_MAX])
{
    for (uint32_t i = 0; i < batch->entries.count; i++) {
        const struct fluit_batch_entry *entry = &batch->entries.entries[i];
        struct fluit_header h;
        enum fluit_err err = fluit_header_get(&h, entry->header);
        if (err)
            return err;
        if (memcmp(h.feed.b, feed->b, sizeof feed->b) != 0)
            return FLUIT_E_FORMAT;
        if (i == 0)
            *first = h.seq;
        else if (h.seq != *first + i || memcmp(h.prev.b, hashes[i - 1].b, 32) != 0)
            return FLUIT_E_FORMAT;
        struct fluit_hash payload_hash = fluit_payload_hash(entry->payload);
        if (h.payload_len != entry->payload.len ||
            memcmp(h.payload_hash.b, payload_hash.b, 32) != 0)
            return FLUIT_E_AUTH;
        hashes[i] = fluit_header_hash(entry->header);
    }
    return FLUIT_OK;
}

/* Does the batch agree with what is held where they meet? */
static enum fluit_err check_junction(struct fluit_replica *replica,
                                     const struct fluit_feed_info *held,
                                     const struct fluit_message *batch, uint64_t first,
                                     const struct fluit_hash *hashes)
{
    uint64_t last = first + batch->entries.count - 1;
    if (first > held->seq + 1)
        return FLUIT_E_CHAIN;
    if (first == held->seq + 1) {
        const uint8_t *prev = batch->entries.entries[0].header + 56;
        return held->seq == 0 || memcmp(prev, held->hash.b, 32) == 0 ? FLUIT_OK : FLUIT_E_FORK;
    }
    if (held->seq <= last) /* they overlap, and our head lies inside */
        return memcmp(hashes[held->seq - first].b, held->hash.b, 32) == 0 ? FLUIT_OK : FLUIT_E_FORK;
    struct fluit_stored stored;
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    enum fluit_err err =
        replica->store.ops->get(replica->store.self, &held->id, last, &stored, &scratch);
    if (!err) {
        struct fluit_hash hash = fluit_header_hash(stored.header);
        err = memcmp(hash.b, hashes[last - first].b, 32) == 0 ? FLUIT_OK : FLUIT_E_FORK;
    }
    fluit_buf_deinit(&scratch);
    return err;
}

static enum fluit_err append_from(struct fluit_replica *replica, struct fluit_feed_info *info,
                                  const struct fluit_message *batch, uint64_t first,
                                  const struct fluit_hash *hashes)
{
    uint32_t count = batch->entries.count;
    for (uint32_t i = (uint32_t)(info->seq + 1 - first); i < count; i++) {
        const struct fluit_batch_entry *entry = &batch->entries.entries[i];
        const struct fluit_sig *sig = i + 1 == count ? &batch->entries.sig : NULL;
        enum fluit_err err = replica->store.ops->append(replica->store.self, info, entry->header,
                                                        entry->payload, sig);
        if (err)
            return err;
        info->seq++;
        info->hash = hashes[i];
        replica->digest_stale = true;
    }
    info->signed_seq = info->seq;
    info->sig = batch->entries.sig;
    return FLUIT_OK;
}

enum fluit_err fluit_replica_ingest(struct fluit_replica *replica,
                                    const struct fluit_message *batch, uint32_t *index,
                                    uint64_t *from, uint64_t *to)
{
    assert(batch->type == FLUIT_MESSAGE_ENTRIES && batch->entries.count > 0);
    struct fluit_feed_id id = fluit_feed_id(&batch->entries.author, batch->entries.incarnation);
    struct fluit_hash hashes[FLUIT_BATCH_ENTRIES_MAX];
    uint64_t first = 0;
    enum fluit_err err = check_batch(batch, &id, &first, hashes);
    if (err)
        return err;
    uint64_t last = first + batch->entries.count - 1;
    if (!fluit_head_verify(&batch->entries.author, &batch->entries.sig, &replica->workshop, &id,
                           last, &hashes[batch->entries.count - 1]))
        return FLUIT_E_AUTH;
    err = fluit_replica_open(replica, &batch->entries.author, batch->entries.incarnation, index);
    if (err)
        return err;
    struct fluit_feed *feed = replica->feeds[*index];
    if (last > feed->known_seq)
        feed->known_seq = last;
    err = check_junction(replica, &feed->info, batch, first, hashes);
    if (err == FLUIT_E_FORK)
        feed->forked = true;
    if (err)
        return err;
    uint64_t held = feed->info.seq;
    if (last > held)
        err = append_from(replica, &feed->info, batch, first, hashes);
    if (!err) {
        *from = held + 1;
        *to = last;
    }
    return err;
}

enum fluit_err fluit_replica_append(struct fluit_replica *replica, uint32_t index,
                                    const uint8_t header[static FLUIT_HEADER_LEN],
                                    struct fluit_slice payload)
{
    struct fluit_feed_info *info = &replica->feeds[index]->info;
    enum fluit_err err =
        replica->store.ops->append(replica->store.self, info, header, payload, NULL);
    if (err)
        return err;
    info->seq++;
    info->hash = fluit_header_hash(header);
    replica->digest_stale = true;
    return FLUIT_OK;
}

enum fluit_err fluit_replica_sign(struct fluit_replica *replica, uint32_t index,
                                  const struct fluit_sign_sk *sk)
{
    struct fluit_feed_info *info = &replica->feeds[index]->info;
    struct fluit_sig sig =
        fluit_head_sign(sk, &replica->workshop, &info->id, info->seq, &info->hash);
    enum fluit_err err = replica->store.ops->sign(replica->store.self, &info->id, info->seq, &sig);
    if (err)
        return err;
    info->signed_seq = info->seq;
    info->sig = sig;
    return FLUIT_OK;
}

/* Entries gathered for a batch; their bytes are kept in one buffer, by offset, as it grows. */
struct gather {
    struct fluit_buf bytes;
    size_t offsets[FLUIT_BATCH_ENTRIES_MAX + 1];
    uint32_t count;
    uint32_t signed_count; /* up to here it ends on a signed head */
    struct fluit_sig sig;
};

static enum fluit_err gather_one(struct gather *g, const struct fluit_stored *stored)
{
    fluit_buf_put(&g->bytes, stored->header, FLUIT_HEADER_LEN);
    fluit_buf_put(&g->bytes, stored->payload.data, stored->payload.len);
    g->offsets[++g->count] = g->bytes.len;
    if (stored->has_sig) {
        g->signed_count = g->count;
        g->sig = stored->sig;
    }
    return g->bytes.err;
}

static enum fluit_err gather(struct fluit_replica *replica, const struct fluit_feed_info *info,
                             uint64_t from, struct gather *g)
{
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    enum fluit_err err = FLUIT_OK;
    for (uint64_t seq = from; seq <= info->signed_seq && g->count < FLUIT_BATCH_ENTRIES_MAX && !err;
         seq++) {
        if (g->signed_count > 0 && g->bytes.len >= FLUIT_BATCH_LEN_MAX)
            break;
        struct fluit_stored stored;
        err = replica->store.ops->get(replica->store.self, &info->id, seq, &stored, &scratch);
        if (!err)
            err = gather_one(g, &stored);
    }
    fluit_buf_deinit(&scratch);
    return err;
}

enum fluit_err fluit_replica_batch(struct fluit_replica *replica, uint32_t index, uint64_t from,
                                   struct fluit_buf *out, uint64_t *next)
{
    const struct fluit_feed_info *info = &replica->feeds[index]->info;
    struct gather g = {0};
    enum fluit_err err = gather(replica, info, from, &g);
    if (!err && g.signed_count == 0)
        err = FLUIT_E_MISSING;
    if (!err) {
        struct fluit_batch_entry entries[FLUIT_BATCH_ENTRIES_MAX];
        for (uint32_t i = 0; i < g.signed_count; i++) {
            const uint8_t *start = g.bytes.data + g.offsets[i];
            size_t len = g.offsets[i + 1] - g.offsets[i];
            entries[i] = (struct fluit_batch_entry){
                start, fluit_slice(start + FLUIT_HEADER_LEN, len - FLUIT_HEADER_LEN)};
        }
        fluit_put_entries(out, &info->author, info->incarnation, entries, g.signed_count, &g.sig);
        *next = from + g.signed_count;
        err = out->err;
    }
    fluit_buf_deinit(&g.bytes);
    return err;
}
