/* replica_batch.c: entries passed on: batches that others take. */
#include <string.h>

#include "proto/replica_internal.h"

/* A batch that can't be sent because of what just turned out to be damaged is made again. */
#define BATCH_TRIES 3

/* Entries gathered for a batch; their bytes are kept in one buffer, by offset, as it grows. */
struct gather {
    struct fluit_buf bytes;
    size_t offsets[FLUIT_BATCH_ENTRIES_MAX + 1];
    struct fluit_hash hash; /* of the last header */
    uint32_t count;
    uint32_t signed_count; /* up to here it ends on a signed head */
    struct fluit_hash signed_hash;
    struct fluit_sig sig;
    bool broken; /* the last one does not follow the one before it */
};

static enum fluit_err gather_one(struct gather *g, const struct fluit_stored *stored)
{
    struct fluit_hash prev = fluit_entry_prev(stored->header);
    if (g->count > 0 && memcmp(prev.b, g->hash.b, sizeof prev.b) != 0) {
        g->broken = true;
        return FLUIT_OK;
    }
    fluit_buf_put(&g->bytes, stored->header, FLUIT_HEADER_LEN);
    fluit_buf_put(&g->bytes, stored->payload.data, stored->payload.len);
    g->offsets[++g->count] = g->bytes.len;
    g->hash = fluit_header_hash(stored->header);
    if (stored->has_sig) {
        g->signed_count = g->count;
        g->signed_hash = g->hash;
        g->sig = stored->sig;
    }
    return g->bytes.err;
}

/* Up to what is damaged. */
static enum fluit_err gather(struct fluit_replica *replica, uint32_t index, uint64_t from,
                             struct gather *g)
{
    const struct fluit_feed_info *info = &replica->feeds[index]->info;
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    enum fluit_err err = FLUIT_OK;
    for (uint64_t seq = from;
         seq <= info->signed_seq && g->count < FLUIT_BATCH_ENTRIES_MAX && !err && !g->broken;
         seq++) {
        if (g->signed_count > 0 && g->bytes.len >= FLUIT_BATCH_LEN_MAX)
            break;
        struct fluit_stored stored;
        err = fluit_replica_get(replica, index, seq, &stored, &scratch);
        if (!err)
            err = gather_one(g, &stored);
    }
    fluit_buf_deinit(&scratch);
    return err == FLUIT_E_MISSING ? FLUIT_OK : err;
}

/* Would others take it? */
static bool is_good(const struct fluit_replica *replica, const struct fluit_feed_info *info,
                    uint64_t from, const struct gather *g)
{
    return !g->broken && (g->signed_count == 0 ||
                          fluit_head_verify(&info->author, &g->sig, &replica->workshop, &info->id,
                                            from + g->signed_count - 1, &g->signed_hash));
}

/* If not, the feed is looked through for what is wrong; if that tells nothing, then it is what was
 * gathered last, or the signature. */
static enum fluit_err find_fault(struct fluit_replica *replica, struct fluit_feed *feed,
                                 uint64_t from, const struct gather *g, bool looked)
{
    if (!looked)
        return fluit_replica_look_through(replica, feed);
    if (g->broken)
        return fluit_replica_note_damage(replica, feed, from + g->count, false);
    return fluit_replica_note_damage(replica, feed, from + g->signed_count - 1, true);
}

static enum fluit_err put_gathered(const struct fluit_feed_info *info, const struct gather *g,
                                   struct fluit_buf *out)
{
    struct fluit_batch_entry entries[FLUIT_BATCH_ENTRIES_MAX];
    for (uint32_t i = 0; i < g->signed_count; i++) {
        const uint8_t *start = g->bytes.data + g->offsets[i];
        size_t len = g->offsets[i + 1] - g->offsets[i];
        entries[i] = (struct fluit_batch_entry){
            start, fluit_slice(start + FLUIT_HEADER_LEN, len - FLUIT_HEADER_LEN)};
    }
    fluit_put_entries(out, &info->author, info->incarnation, entries, g->signed_count, &g->sig);
    return out->err;
}

enum fluit_err fluit_replica_batch(struct fluit_replica *replica, uint32_t index, uint64_t from,
                                   struct fluit_buf *out, uint64_t *next)
{
    struct fluit_feed *feed = replica->feeds[index];
    struct gather g = {0};
    bool good = false;
    enum fluit_err err = FLUIT_OK;
    for (int tries = 0; tries < BATCH_TRIES && !err && !good; tries++) {
        fluit_buf_deinit(&g.bytes);
        g = (struct gather){0};
        err = gather(replica, index, from, &g);
        good = !err && is_good(replica, &feed->info, from, &g);
        if (!err && !good)
            err = find_fault(replica, feed, from, &g, tries > 0);
    }
    if (!err && (!good || g.signed_count == 0))
        err = FLUIT_E_MISSING;
    if (!err)
        err = put_gathered(&feed->info, &g, out);
    if (!err)
        *next = from + g.signed_count;
    fluit_buf_deinit(&g.bytes);
    return err;
}
