/* replica_ingest.c: what comes into feeds: batches of others, entries of our own. */
#include <assert.h>
#include <string.h>

#include "proto/replica_internal.h"

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
static enum fluit_err check_junction(struct fluit_replica *replica, uint32_t index,
                                     const struct fluit_message *batch, uint64_t first,
                                     const struct fluit_hash *hashes)
{
    const struct fluit_feed_info *held = &replica->feeds[index]->info;
    uint64_t last = first + batch->entries.count - 1;
    if (first > held->seq + 1)
        return FLUIT_E_CHAIN;
    if (first == held->seq + 1) {
        struct fluit_hash prev = fluit_entry_prev(batch->entries.entries[0].header);
        return held->seq == 0 || memcmp(prev.b, held->hash.b, 32) == 0 ? FLUIT_OK : FLUIT_E_FORK;
    }
    uint64_t meet = held->seq <= last ? held->seq : last;
    bool agrees;
    enum fluit_err err =
        fluit_replica_agrees(replica, index, meet, &hashes[meet - first], true, &agrees);
    return err || agrees ? err : FLUIT_E_FORK;
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

/* A batch that agrees with what is held. */
static enum fluit_err take_batch(struct fluit_replica *replica, struct fluit_feed *feed,
                                 const struct fluit_message *batch, uint64_t first,
                                 const struct fluit_hash *hashes, uint64_t *from, uint64_t *to)
{
    uint64_t last = first + batch->entries.count - 1, held = feed->info.seq;
    uint64_t mended_from = 0, mended_to = 0;
    enum fluit_err err = FLUIT_OK;
    if (last > held || feed->damage)
        err = fluit_replica_restate(replica, feed);
    if (!err && feed->damage)
        err = fluit_replica_mend(replica, feed, batch, first, hashes, &mended_from, &mended_to);
    if (!err && last > held)
        err = append_from(replica, &feed->info, batch, first, hashes);
    if (!err) {
        *from = mended_from ? mended_from : held + 1;
        *to = mended_from && last <= held ? mended_to : last;
    }
    return err;
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
    err = check_junction(replica, *index, batch, first, hashes);
    if (err == FLUIT_E_FORK) {
        feed->forked = true;
        feed->rival = (struct fluit_feed_info){.id = id,
                                               .author = batch->entries.author,
                                               .seq = last,
                                               .hash = hashes[batch->entries.count - 1],
                                               .signed_seq = last,
                                               .sig = batch->entries.sig};
        memcpy(feed->rival.incarnation, batch->entries.incarnation, 16);
    }
    return err ? err : take_batch(replica, feed, batch, first, hashes, from, to);
}

enum fluit_err fluit_replica_append(struct fluit_replica *replica, uint32_t index,
                                    const uint8_t header[static FLUIT_HEADER_LEN],
                                    struct fluit_slice payload)
{
    struct fluit_feed_info *info = &replica->feeds[index]->info;
    enum fluit_err err = fluit_replica_restate(replica, replica->feeds[index]);
    if (!err)
        err = replica->store.ops->append(replica->store.self, info, header, payload, NULL);
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
    enum fluit_err err = fluit_replica_restate(replica, replica->feeds[index]);
    if (!err)
        err = replica->store.ops->sign(replica->store.self, &info->id, info->seq, &sig);
    if (err)
        return err;
    info->signed_seq = info->seq;
    info->sig = sig;
    return FLUIT_OK;
}
