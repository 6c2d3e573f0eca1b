#include "node/core/gather.h"

#include <stdlib.h>
#include <string.h>

/* One entry of the run in hand. */
struct piece {
    bool there; /* a header of this feed and number */
    bool whole; /* and the payload that it names */
    uint32_t source;
    uint8_t header[FLUIT_HEADER_LEN];
    struct fluit_hash hash, prev;
    struct fluit_slice payload; /* borrows from scratch */
    struct fluit_buf scratch;
    bool has_sig;
    struct fluit_sig sig;
};

/* Entries after the newest that is held, up to a signed head. */
struct gather {
    struct fluit_replica *replica;
    struct fluit_gather_source *sources;
    uint32_t source_count;
    const struct fluit_feed_info *feed; /* author, incarnation and id of the feed in hand */
    uint64_t from;                      /* number of pieces[0] */
    struct piece pieces[FLUIT_BATCH_ENTRIES_MAX];
    struct fluit_sig sig; /* of the run's last */
};

void fluit_gather_source_deinit(struct fluit_gather_source *source)
{
    free(source->feeds);
    *source = (struct fluit_gather_source){0};
}

/* What a source says it holds. */

struct listing {
    struct fluit_gather_source *source;
    const struct fluit_workshop_id *workshop;
};

static enum fluit_err list_feed(void *arg, const struct fluit_feed_info *info)
{
    struct listing *listing = arg;
    struct fluit_gather_source *source = listing->source;
    struct fluit_feed_id id = fluit_feed_id(&info->author, info->incarnation);
    if (memcmp(id.b, info->id.b, sizeof id.b) != 0) {
        source->damaged = true;
        return FLUIT_OK;
    }
    if (source->feed_count == FLUIT_FEEDS_MAX)
        return FLUIT_E_LIMIT;
    if (source->feed_count == source->feed_cap) {
        uint32_t cap = source->feed_cap ? source->feed_cap * 2 : 32;
        struct fluit_feed_info *feeds = realloc(source->feeds, cap * sizeof *feeds);
        if (!feeds)
            return FLUIT_E_NOMEM;
        source->feeds = feeds;
        source->feed_cap = cap;
    }
    struct fluit_feed_info *listed = &source->feeds[source->feed_count++];
    *listed = *info;
    if (info->seq == 0 || info->signed_seq != info->seq ||
        !fluit_head_verify(&info->author, &info->sig, listing->workshop, &info->id, info->seq,
                           &info->hash)) {
        listed->signed_seq = 0;
        source->damaged = true;
    }
    return FLUIT_OK;
}

/* A list that breaks off is used as far as it goes. */
static enum fluit_err list_source(const struct gather *g, struct fluit_gather_source *source)
{
    struct listing listing = {source, &g->replica->workshop};
    if (source->listed)
        return FLUIT_OK;
    enum fluit_err err = source->store.ops->feeds(source->store.self, list_feed, &listing);
    if (err == FLUIT_E_NOMEM)
        return err;
    source->damaged = source->damaged || err;
    source->listed = true;
    return FLUIT_OK;
}

static const struct fluit_feed_info *find_listed(const struct fluit_gather_source *source,
                                                 const struct fluit_feed_id *id)
{
    for (uint32_t i = 0; i < source->feed_count && !source->err; i++)
        if (memcmp(source->feeds[i].id.b, id->b, sizeof id->b) == 0)
            return &source->feeds[i];
    return NULL;
}

/* Runs. */

/* Reads one entry from one source, if it is in that source's list. */
static void load(struct gather *g, uint32_t source, uint64_t seq, struct piece *out)
{
    struct fluit_gather_source *from = &g->sources[source];
    const struct fluit_feed_info *listed = find_listed(from, &g->feed->id);
    struct fluit_stored stored;
    struct fluit_header h;
    out->there = out->whole = out->has_sig = false;
    out->source = source;
    if (!listed || seq > listed->seq)
        return;
    out->there =
        !from->store.ops->get(from->store.self, &g->feed->id, seq, &stored, &out->scratch) &&
        !fluit_header_get(&h, stored.header) && h.seq == seq &&
        memcmp(h.feed.b, g->feed->id.b, sizeof h.feed.b) == 0;
    if (out->there) {
        struct fluit_hash payload_hash = fluit_payload_hash(stored.payload);
        memcpy(out->header, stored.header, sizeof out->header);
        out->hash = fluit_header_hash(stored.header);
        out->prev = h.prev;
        out->payload = stored.payload;
        out->whole = stored.payload.len == h.payload_len &&
                     memcmp(payload_hash.b, h.payload_hash.b, sizeof payload_hash.b) == 0;
        out->has_sig = stored.has_sig;
        out->sig = stored.sig;
    }
    from->damaged = from->damaged || !out->whole;
}

static bool is_it(const struct piece *piece, const struct fluit_hash *hash)
{
    return piece->whole && memcmp(piece->hash.b, hash->b, sizeof hash->b) == 0;
}

/* The entry whose header has this hash, from whichever source has it whole. */
static bool look_elsewhere(struct gather *g, uint64_t seq, const struct fluit_hash *hash,
                           struct piece *out)
{
    for (uint32_t i = 0; i < g->source_count; i++) {
        load(g, i, seq, out);
        if (is_it(out, hash))
            return true;
        if (out->whole)
            g->sources[i].damaged = true; /* its own chain can't hold, or there are two */
    }
    return false;
}

/* Does the run end on a head that the author signed, and is all before it to be had? From the end,
 * each header says which one comes before it, whatever the sources have. */
static bool complete(struct gather *g, uint32_t count)
{
    const struct piece *last = &g->pieces[count - 1];
    struct fluit_hash want = last->hash;
    if (!last->has_sig)
        return false;
    g->sig = last->sig;
    if (!fluit_head_verify(&g->feed->author, &g->sig, &g->replica->workshop, &g->feed->id,
                           g->from + count - 1, &want)) {
        g->sources[last->source].damaged = true;
        return false;
    }
    for (uint32_t i = count; i-- > 0;) {
        struct piece *piece = &g->pieces[i];
        if (!is_it(piece, &want) && !look_elsewhere(g, g->from + i, &want, piece))
            return false;
        want = piece->prev;
    }
    return true;
}

static bool is_own_failure(enum fluit_err err)
{
    return err == FLUIT_E_IO || err == FLUIT_E_FULL || err == FLUIT_E_NOMEM ||
           err == FLUIT_E_BUSY || err == FLUIT_E_DENIED;
}

/* The replica checks it all again, as it does with a peer's. A fork it marks itself. */
static enum fluit_err take_run(struct gather *g, uint32_t count, bool *moved)
{
    struct fluit_message batch = {.type = FLUIT_MESSAGE_ENTRIES};
    uint32_t index;
    uint64_t from, to;
    batch.entries.author = g->feed->author;
    memcpy(batch.entries.incarnation, g->feed->incarnation, sizeof batch.entries.incarnation);
    batch.entries.sig = g->sig;
    batch.entries.count = count;
    for (uint32_t i = 0; i < count; i++)
        batch.entries.entries[i] =
            (struct fluit_batch_entry){g->pieces[i].header, g->pieces[i].payload};
    enum fluit_err err = fluit_replica_ingest(g->replica, &batch, &index, &from, &to);
    if (err)
        return is_own_failure(err) ? err : FLUIT_OK;
    for (uint32_t i = 0; i < count; i++)
        g->sources[g->pieces[i].source].taken++;
    *moved = true;
    return FLUIT_OK;
}

/* Tries to get further with the heads that one source has. */
static enum fluit_err advance_by(struct gather *g, uint32_t source, bool *moved)
{
    const struct fluit_feed_info *listed = find_listed(&g->sources[source], &g->feed->id);
    for (uint32_t i = 0; listed && i < FLUIT_BATCH_ENTRIES_MAX && g->from + i <= listed->seq; i++) {
        load(g, source, g->from + i, &g->pieces[i]);
        if (!complete(g, i + 1))
            continue;
        enum fluit_err err = take_run(g, i + 1, moved);
        if (err || *moved)
            return err;
    }
    return FLUIT_OK;
}

static uint64_t held_seq(const struct gather *g)
{
    int index = fluit_replica_find(g->replica, &g->feed->id);
    return index < 0 ? 0 : g->replica->feeds[index]->info.seq;
}

/* Takes the feed in hand as far as all sources together have it. */
static enum fluit_err take_feed(struct gather *g)
{
    enum fluit_err err = FLUIT_OK;
    bool moved = true;
    while (!err && moved) {
        moved = false;
        g->from = held_seq(g) + 1;
        for (uint32_t i = 0; i < g->source_count && !err && !moved; i++)
            err = advance_by(g, i, &moved);
    }
    return err;
}

/* A head that its author signed says how long the feed is, and which: held or not. */
static enum fluit_err note_head(struct gather *g)
{
    uint32_t index;
    if (g->feed->signed_seq == 0)
        return FLUIT_OK;
    enum fluit_err err =
        fluit_replica_open(g->replica, &g->feed->author, g->feed->incarnation, &index);
    if (err)
        return is_own_failure(err) ? err : FLUIT_OK;
    struct fluit_feed *feed = g->replica->feeds[index];
    if (feed->known_seq < g->feed->seq)
        feed->known_seq = g->feed->seq;
    if (g->feed->seq > feed->info.seq)
        return FLUIT_OK;
    struct fluit_stored stored;
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    err = g->replica->store.ops->get(g->replica->store.self, &feed->info.id, g->feed->seq, &stored,
                                     &scratch);
    fluit_buf_deinit(&scratch);
    if (err)
        return err;
    struct fluit_hash hash = fluit_header_hash(stored.header);
    if (memcmp(hash.b, g->feed->hash.b, sizeof hash.b) != 0)
        feed->forked = true;
    return FLUIT_OK;
}

/* Calls each for the feeds of members that the sources list, with g->feed set. */
static enum fluit_err each_feed(struct gather *g, const struct fluit_roster *roster,
                                enum fluit_err (*each)(struct gather *g))
{
    enum fluit_err err = FLUIT_OK;
    for (uint32_t s = 0; s < g->source_count; s++)
        for (uint32_t i = 0; i < g->sources[s].feed_count && !g->sources[s].err && !err; i++) {
            g->feed = &g->sources[s].feeds[i];
            if (fluit_roster_by_sign(roster, &g->feed->author) >= 0)
                err = each(g);
        }
    return err;
}

enum fluit_err fluit_gather(struct fluit_replica *replica, const struct fluit_roster *roster,
                            struct fluit_gather_source *sources, uint32_t count)
{
    struct gather *g = calloc(1, sizeof *g);
    if (!g)
        return FLUIT_E_NOMEM;
    g->replica = replica;
    g->sources = sources;
    g->source_count = count;
    enum fluit_err err = FLUIT_OK;
    for (uint32_t i = 0; i < count && !err; i++)
        if (!sources[i].err)
            err = list_source(g, &sources[i]);
    if (!err)
        err = each_feed(g, roster, take_feed);
    if (!err)
        err = each_feed(g, roster, note_head);
    for (size_t i = 0; i < FLUIT_BATCH_ENTRIES_MAX; i++)
        fluit_buf_deinit(&g->pieces[i].scratch);
    free(g);
    return err;
}
