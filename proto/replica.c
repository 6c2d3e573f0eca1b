#include "proto/replica_internal.h"

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

/* A list that is damaged may name a feed twice. */
static enum fluit_err add_stored(void *arg, const struct fluit_feed_info *info)
{
    return fluit_replica_find(arg, &info->id) < 0 ? add_feed(arg, info) : FLUIT_OK;
}

static struct fluit_disk disk_of(const struct fluit_replica *replica)
{
    return (struct fluit_disk){&replica->store, &replica->workshop};
}

static enum fluit_err keep_damage(struct fluit_feed *feed, const struct fluit_damage *found)
{
    if (found->count > 0 && !feed->damage)
        feed->damage = malloc(sizeof *feed->damage);
    if (found->count > 0 && !feed->damage)
        return FLUIT_E_NOMEM;
    if (found->count > 0) {
        *feed->damage = *found;
    } else {
        free(feed->damage);
        feed->damage = NULL;
    }
    return FLUIT_OK;
}

void fluit_replica_forget_if_none(struct fluit_feed *feed)
{
    if (!feed->damage || feed->damage->count > 0)
        return;
    free(feed->damage);
    feed->damage = NULL;
}

/* Heals what it can, the last first, as each tells what the one before it has to be; how many. */
static enum fluit_err heal_all(struct fluit_replica *replica, struct fluit_feed *feed,
                               uint32_t *count)
{
    enum fluit_err err = FLUIT_OK;
    *count = 0;
    for (uint32_t i = feed->damage ? feed->damage->count : 0; i-- > 0 && !err;) {
        bool healed;
        err = fluit_replica_heal(replica, feed, feed->damage->items[i].seq, &healed);
        *count += healed;
    }
    return err;
}

enum fluit_err fluit_replica_look_through(struct fluit_replica *replica, struct fluit_feed *feed)
{
    struct fluit_damage found;
    bool sig_lost;
    uint32_t healed;
    enum fluit_err err;
    do {
        err = fluit_damage_find(disk_of(replica), &feed->info, &found, &sig_lost);
        if (!err)
            err = keep_damage(feed, &found);
        if (!err && sig_lost)
            feed->restate = true;
        if (!err)
            err = heal_all(replica, feed, &healed);
    } while (!err && found.more && healed > 0);
    fluit_replica_forget_if_none(feed);
    replica->digest_stale = true;
    return err;
}

enum fluit_err fluit_replica_init(struct fluit_replica *replica, struct fluit_store store,
                                  const struct fluit_workshop_id *workshop)
{
    *replica = (struct fluit_replica){.store = store, .workshop = *workshop, .digest_stale = true};
    enum fluit_err err = store.ops->feeds(store.self, add_stored, replica);
    for (uint32_t i = 0; i < replica->count && !err; i++) {
        struct fluit_feed *feed = replica->feeds[i];
        err = fluit_damage_head(disk_of(replica), &feed->info, &feed->restate);
        if (!err)
            err = fluit_replica_look_through(replica, feed);
    }
    return err;
}

void fluit_replica_deinit(struct fluit_replica *replica)
{
    for (uint32_t i = 0; i < replica->count; i++) {
        free(replica->feeds[i]->damage);
        free(replica->feeds[i]);
    }
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
    /* The id proves them; where the store's list was damaged they are not what it said. */
    struct fluit_feed_info *held = &replica->feeds[found]->info;
    held->author = *author;
    memcpy(held->incarnation, incarnation, sizeof held->incarnation);
    *index = (uint32_t)found;
    return FLUIT_OK;
}

bool fluit_replica_damaged(const struct fluit_replica *replica, uint32_t index)
{
    return fluit_damage_first(replica->feeds[index]->damage) != NULL;
}

/* The head before the first damaged entry; seq 0 if there is none. */
static void last_good_head(const struct fluit_replica *replica, const struct fluit_feed *feed,
                           const struct fluit_damaged *first, struct fluit_feed_info *head)
{
    const struct fluit_signed_head *before = &first->before;
    *head = feed->info;
    bool good =
        before->seq > 0 && fluit_head_verify(&head->author, &before->sig, &replica->workshop,
                                             &head->id, before->seq, &before->hash);
    head->seq = head->signed_seq = good ? before->seq : 0;
    head->hash = before->hash;
    head->sig = before->sig;
}

bool fluit_replica_head(const struct fluit_replica *replica, uint32_t index,
                        struct fluit_feed_info *head)
{
    const struct fluit_feed *feed = replica->feeds[index];
    const struct fluit_damaged *first = fluit_damage_first(feed->damage);
    *head = feed->info;
    if (first)
        last_good_head(replica, feed, first, head);
    return head->seq > 0 && head->signed_seq == head->seq;
}

struct fluit_hash fluit_replica_digest(struct fluit_replica *replica)
{
    if (replica->digest_stale) {
        struct fluit_feed_info infos[FLUIT_FEEDS_MAX];
        for (uint32_t i = 0; i < replica->count; i++)
            (void)fluit_replica_head(replica, i, &infos[i]);
        replica->digest = fluit_heads_digest(infos, replica->count);
        replica->digest_stale = false;
    }
    return replica->digest;
}

/* Where more is damaged than the list holds, it says nothing of what comes after it. */
static bool beyond_the_list(const struct fluit_damage *damage, uint64_t seq)
{
    return damage && damage->more && seq > damage->items[damage->count - 1].seq;
}

enum fluit_err fluit_replica_note_damage(struct fluit_replica *replica, struct fluit_feed *feed,
                                         uint64_t seq, bool only_sig)
{
    if (beyond_the_list(feed->damage, seq))
        return FLUIT_OK;
    struct fluit_damaged item = {.seq = seq, .from = seq, .only_sig = only_sig};
    enum fluit_err err =
        fluit_damage_before(disk_of(replica), &feed->info, feed->damage, seq, &item.before);
    /* To get a signature back, a batch has to begin after the one before it. */
    if (only_sig && (item.before.seq > 0 || seq <= FLUIT_BATCH_ENTRIES_MAX))
        item.from = item.before.seq + 1;
    if (!err && !feed->damage && !(feed->damage = calloc(1, sizeof *feed->damage)))
        err = FLUIT_E_NOMEM;
    if (err)
        return err;
    fluit_damage_add(feed->damage, &item);
    replica->digest_stale = true;
    return FLUIT_OK;
}

/* Does the next header, or its own signature, say that this is the header that was written? */
static enum fluit_err prove(struct fluit_replica *replica, const struct fluit_feed_info *info,
                            uint64_t seq, const struct fluit_stored *entry, bool *proved)
{
    struct fluit_hash hash = fluit_header_hash(entry->header), demanded = info->hash;
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored next;
    enum fluit_err err = FLUIT_OK;
    if (seq < info->seq)
        err = replica->store.ops->get(replica->store.self, &info->id, seq + 1, &next, &scratch);
    if (!err && seq < info->seq)
        demanded = fluit_entry_prev(next.header);
    *proved = (!err && memcmp(hash.b, demanded.b, sizeof hash.b) == 0) ||
              (entry->has_sig && fluit_head_verify(&info->author, &entry->sig, &replica->workshop,
                                                   &info->id, seq, &hash));
    fluit_buf_deinit(&scratch);
    return err == FLUIT_E_MISSING || err == FLUIT_E_FORMAT ? FLUIT_OK : err;
}

/* Reads an entry and looks whether it is as it was written; *good. */
static enum fluit_err read_entry(struct fluit_replica *replica, const struct fluit_feed *feed,
                                 uint64_t seq, struct fluit_stored *out, struct fluit_buf *scratch,
                                 bool *good)
{
    const struct fluit_feed_info *info = &feed->info;
    enum fluit_err err = replica->store.ops->get(replica->store.self, &info->id, seq, out, scratch);
    *good = !err && fluit_entry_whole(&info->id, seq, out);
    if (*good && beyond_the_list(feed->damage, seq))
        return prove(replica, info, seq, out, good);
    return err == FLUIT_E_MISSING || err == FLUIT_E_FORMAT ? FLUIT_OK : err;
}

/* Reads an entry that is not known to be damaged; if it turns out to be it may be healed. */
static enum fluit_err read_or_heal(struct fluit_replica *replica, struct fluit_feed *feed,
                                   uint64_t seq, struct fluit_stored *out,
                                   struct fluit_buf *scratch, bool *good)
{
    enum fluit_err err = read_entry(replica, feed, seq, out, scratch, good);
    if (err || *good)
        return err;
    err = fluit_replica_note_damage(replica, feed, seq, false);
    if (!err && fluit_damage_at(feed->damage, seq))
        err = fluit_replica_heal(replica, feed, seq, good);
    fluit_replica_forget_if_none(feed);
    return !err && *good ? read_entry(replica, feed, seq, out, scratch, good) : err;
}

enum fluit_err fluit_replica_get(struct fluit_replica *replica, uint32_t index, uint64_t seq,
                                 struct fluit_stored *out, struct fluit_buf *scratch)
{
    struct fluit_feed *feed = replica->feeds[index];
    const struct fluit_feed_info *info = &feed->info;
    const struct fluit_damaged *damaged = fluit_damage_at(feed->damage, seq);
    bool good = false;
    enum fluit_err err = FLUIT_OK;
    if (seq == 0 || seq > info->seq)
        return FLUIT_E_MISSING;
    if (!damaged || damaged->only_sig)
        err = read_or_heal(replica, feed, seq, out, scratch, &good);
    else if (replica->reads_only)
        err = fluit_replica_read_healed(replica, feed, seq, out, scratch, &good);
    if (err || !good)
        return err ? err : FLUIT_E_MISSING;
    if (fluit_damage_at(feed->damage, seq))
        out->has_sig = false;
    if (seq == info->signed_seq) {
        out->has_sig = true;
        out->sig = info->sig;
    }
    return FLUIT_OK;
}

/* The hash that a header of that seq must have. MISSING: what would tell is damaged. */
static enum fluit_err demanded_hash(struct fluit_replica *replica, uint32_t index, uint64_t seq,
                                    struct fluit_hash *out)
{
    const struct fluit_feed_info *info = &replica->feeds[index]->info;
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored entry;
    enum fluit_err err = FLUIT_OK;
    if (seq == info->seq) {
        *out = info->hash;
    } else if (!(err = fluit_replica_get(replica, index, seq, &entry, &scratch))) {
        *out = fluit_header_hash(entry.header);
    } else if (err == FLUIT_E_MISSING) {
        err = fluit_replica_get(replica, index, seq + 1, &entry, &scratch);
        if (!err)
            *out = fluit_entry_prev(entry.header);
    }
    fluit_buf_deinit(&scratch);
    return err;
}

enum fluit_err fluit_replica_agrees(struct fluit_replica *replica, uint32_t index, uint64_t seq,
                                    const struct fluit_hash *hash, bool is_authors, bool *agrees)
{
    struct fluit_feed *feed = replica->feeds[index];
    struct fluit_hash demanded;
    *agrees = true;
    if (seq == 0 || seq > feed->info.seq)
        return FLUIT_OK;
    enum fluit_err err = demanded_hash(replica, index, seq, &demanded);
    bool differs = !err && memcmp(demanded.b, hash->b, sizeof hash->b) != 0;
    if (differs && is_authors && seq < feed->info.seq && !feed->forked) {
        err = fluit_replica_look_through(replica, feed);
        if (!err)
            err = demanded_hash(replica, index, seq, &demanded);
        differs = !err && memcmp(demanded.b, hash->b, sizeof hash->b) != 0;
    }
    *agrees = !differs;
    return err == FLUIT_E_MISSING ? FLUIT_OK : err;
}
