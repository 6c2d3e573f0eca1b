/* replica_mend.c: what is damaged is put right: by a peer's batch, or by itself. */
#include <string.h>

#include "proto/replica_internal.h"

enum fluit_err fluit_replica_restate(struct fluit_replica *replica, struct fluit_feed *feed)
{
    if (!feed->restate)
        return FLUIT_OK;
    enum fluit_err err = replica->store.ops->restate(replica->store.self, &feed->info);
    if (!err)
        feed->restate = false;
    return err;
}

/* The signature that stands at an entry, if its author's over this header. *lost: it is not, or
 * can't be read. */
static enum fluit_err kept_sig(struct fluit_replica *replica, const struct fluit_feed_info *info,
                               uint64_t seq, const struct fluit_hash *hash, struct fluit_sig *sig,
                               bool *has, bool *lost)
{
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored entry = {.has_sig = true};
    enum fluit_err err =
        replica->store.ops->get(replica->store.self, &info->id, seq, &entry, &scratch);
    *has = !err && entry.has_sig &&
           fluit_head_verify(&info->author, &entry.sig, &replica->workshop, &info->id, seq, hash);
    *lost = entry.has_sig && !*has;
    *sig = entry.sig;
    fluit_buf_deinit(&scratch);
    return err == FLUIT_E_MISSING || err == FLUIT_E_FORMAT ? FLUIT_OK : err;
}

/* The i-th entry of a batch, which begins at first, takes the place of ours. A signature that
 * rotted with it is asked for again, unless this batch should have brought it: it ends later. */
static enum fluit_err mend_entry(struct fluit_replica *replica, struct fluit_feed *feed,
                                 const struct fluit_message *batch, uint64_t first, uint32_t i,
                                 const struct fluit_hash *hash)
{
    const struct fluit_batch_entry *entry = &batch->entries.entries[i];
    const struct fluit_damaged *damaged = fluit_damage_at(feed->damage, first + i);
    bool should_bring = damaged->only_sig && first <= damaged->from;
    struct fluit_sig sig = batch->entries.sig;
    bool has = true, lost = false;
    enum fluit_err err = FLUIT_OK;
    if (first + i == feed->info.signed_seq)
        sig = feed->info.sig;
    else if (i + 1 < batch->entries.count)
        err = kept_sig(replica, &feed->info, first + i, hash, &sig, &has, &lost);
    if (!err)
        err = replica->store.ops->replace(replica->store.self, &feed->info.id, entry->header,
                                          entry->payload, has ? &sig : NULL);
    if (err)
        return err == FLUIT_E_MISSING ? FLUIT_E_IO : err; /* the store lost the feed's place */
    fluit_damage_drop(feed->damage, first + i);
    return lost && !should_bring ? fluit_replica_note_damage(replica, feed, first + i, true)
                                 : FLUIT_OK;
}

enum fluit_err fluit_replica_mend(struct fluit_replica *replica, struct fluit_feed *feed,
                                  const struct fluit_message *batch, uint64_t first,
                                  const struct fluit_hash *hashes, uint64_t *from, uint64_t *to)
{
    uint64_t last = first + batch->entries.count - 1;
    enum fluit_err err = FLUIT_OK;
    for (uint32_t i = 0; i < batch->entries.count && !err; i++) {
        if (!fluit_damage_at(feed->damage, first + i))
            continue;
        *to = first + i;
        if (*from == 0)
            *from = *to;
        err = mend_entry(replica, feed, batch, first, i, &hashes[i]);
    }
    if (err || *from == 0)
        return err;
    if (!fluit_damage_at(feed->damage, feed->mend_last))
        feed->mending = feed->mend_unanswered = false;
    replica->digest_stale = true;
    if (last < feed->info.seq)
        err = replica->store.ops->sign(replica->store.self, &feed->info.id, last,
                                       &batch->entries.sig);
    if (!err && feed->damage->more && feed->damage->count <= FLUIT_DAMAGED_MAX / 2)
        err = fluit_replica_look_through(replica, feed);
    else if (!err)
        fluit_replica_forget_if_none(feed);
    return err;
}

/* ---- by itself ---- */

enum fluit_err fluit_replica_read_healed(struct fluit_replica *replica,
                                         const struct fluit_feed *feed, uint64_t seq,
                                         struct fluit_stored *out, struct fluit_buf *scratch,
                                         bool *good)
{
    const struct fluit_feed_info *info = &feed->info;
    const struct fluit_store *store = &replica->store;
    struct fluit_hash demanded = info->hash;
    enum fluit_err err = FLUIT_OK;
    *good = false;
    /* If the next one rotted there, too, nothing will hash to what it says. */
    if (seq < info->seq)
        err = store->ops->get(store->self, &info->id, seq + 1, out, scratch);
    if (!err && seq < info->seq)
        demanded = fluit_entry_prev(out->header);
    if (!err)
        err = store->ops->get(store->self, &info->id, seq, out, scratch);
    if (!err)
        *good = fluit_damage_unflip(&info->id, seq, &demanded, out, scratch->data);
    return err == FLUIT_E_MISSING || err == FLUIT_E_FORMAT ? FLUIT_OK : err;
}

enum fluit_err fluit_replica_heal(struct fluit_replica *replica, struct fluit_feed *feed,
                                  uint64_t seq, bool *healed)
{
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored entry;
    struct fluit_sig sig;
    bool good, has = false, lost = false;
    enum fluit_err err = fluit_replica_read_healed(replica, feed, seq, &entry, &scratch, &good);
    if (!err && good)
        err = fluit_replica_restate(replica, feed);
    if (!err && good) {
        struct fluit_hash hash = fluit_header_hash(entry.header);
        err = kept_sig(replica, &feed->info, seq, &hash, &sig, &has, &lost);
    }
    if (!err && good)
        err = replica->store.ops->replace(replica->store.self, &feed->info.id, entry.header,
                                          entry.payload, has ? &sig : NULL);
    fluit_buf_deinit(&scratch);
    *healed = !err && good;
    if (*healed) {
        fluit_damage_drop(feed->damage, seq);
        replica->digest_stale = true;
        if (lost)
            return fluit_replica_note_damage(replica, feed, seq, true);
    }
    replica->reads_only |= err == FLUIT_E_DENIED;
    return err == FLUIT_E_DENIED || err == FLUIT_E_BUSY ? FLUIT_OK : err;
}
