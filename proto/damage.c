#include "proto/damage.h"

#include <string.h>

/* Signed entries that are tried as a head, newest first, when the listed one is not good. */
#define HEADS_TRIED_MAX 16

#define PREV_AT 56 /* in a header */

static bool same(const struct fluit_hash *a, const struct fluit_hash *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

struct fluit_hash fluit_entry_prev(const uint8_t header[static FLUIT_HEADER_LEN])
{
    struct fluit_hash prev;
    memcpy(prev.b, header + PREV_AT, sizeof prev.b);
    return prev;
}

static bool header_fits(const struct fluit_feed_id *feed, uint64_t seq,
                        const uint8_t header[static FLUIT_HEADER_LEN], struct fluit_header *out)
{
    return !fluit_header_get(out, header) && out->seq == seq &&
           memcmp(out->feed.b, feed->b, sizeof feed->b) == 0;
}

bool fluit_entry_whole(const struct fluit_feed_id *feed, uint64_t seq,
                       const struct fluit_stored *entry)
{
    struct fluit_header header;
    if (!header_fits(feed, seq, entry->header, &header) || header.payload_len != entry->payload.len)
        return false;
    struct fluit_hash hash = fluit_payload_hash(entry->payload);
    return same(&hash, &header.payload_hash);
}

static bool head_good(struct fluit_disk disk, const struct fluit_feed_info *info,
                      const struct fluit_signed_head *head)
{
    return fluit_head_verify(&info->author, &head->sig, disk.workshop, &info->id, head->seq,
                             &head->hash);
}

/* An entry that is missing or malformed is *there = false; other errors are the disk's. */
static enum fluit_err read_entry(struct fluit_disk disk, const struct fluit_feed_id *feed,
                                 uint64_t seq, struct fluit_stored *out, struct fluit_buf *scratch,
                                 bool *there)
{
    enum fluit_err err = disk.store->ops->get(disk.store->self, feed, seq, out, scratch);
    *there = !err;
    return err == FLUIT_E_MISSING || err == FLUIT_E_FORMAT ? FLUIT_OK : err;
}

/* ---- the head ---- */

struct search {
    const struct fluit_feed_info *info;
    uint64_t limit;
    struct fluit_signed_head newest;
};

static enum fluit_err note_signed(void *arg, uint64_t seq, const struct fluit_stored *entry)
{
    struct search *search = arg;
    struct fluit_header header;
    if (entry->has_sig && seq <= search->limit && seq > search->newest.seq &&
        header_fits(&search->info->id, seq, entry->header, &header))
        search->newest =
            (struct fluit_signed_head){seq, fluit_header_hash(entry->header), entry->sig};
    return FLUIT_OK;
}

/* A walk that a damaged file cuts short has shown what it could. */
static enum fluit_err
walk(struct fluit_disk disk, const struct fluit_feed_id *feed,
     enum fluit_err (*each)(void *arg, uint64_t seq, const struct fluit_stored *entry), void *arg)
{
    enum fluit_err err = disk.store->ops->each(disk.store->self, feed, 1, each, arg);
    return err == FLUIT_E_FORMAT ? FLUIT_OK : err;
}

static enum fluit_err newest_signed(struct fluit_disk disk, const struct fluit_feed_info *info,
                                    struct fluit_signed_head *out)
{
    struct search search = {.info = info, .limit = INT64_MAX};
    *out = (struct fluit_signed_head){0};
    for (int tried = 0; tried < HEADS_TRIED_MAX; tried++) {
        search.newest.seq = 0;
        enum fluit_err err = walk(disk, &info->id, note_signed, &search);
        if (err || search.newest.seq == 0)
            return err;
        if (head_good(disk, info, &search.newest)) {
            *out = search.newest;
            return FLUIT_OK;
        }
        search.limit = search.newest.seq - 1;
    }
    return FLUIT_OK;
}

/* The hash of a header as it is stored; *known is false for one that is not this feed's and seq's.
 */
static enum fluit_err stored_hash(struct fluit_disk disk, const struct fluit_feed_id *feed,
                                  uint64_t seq, struct fluit_hash *out, bool *known)
{
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored entry;
    struct fluit_header header;
    enum fluit_err err = read_entry(disk, feed, seq, &entry, &scratch, known);
    *known = *known && header_fits(feed, seq, entry.header, &header);
    if (*known)
        *out = fluit_header_hash(entry.header);
    fluit_buf_deinit(&scratch);
    return err;
}

/* Entries after the signed head can't be proved, but the list and the last of them may agree. */
static enum fluit_err unsigned_end_agrees(struct fluit_disk disk,
                                          const struct fluit_feed_info *info, bool *agrees)
{
    static const struct fluit_sig none;
    struct fluit_signed_head head = {.seq = info->signed_seq, .sig = info->sig};
    struct fluit_hash last;
    enum fluit_err err = stored_hash(disk, &info->id, info->seq, &last, agrees);
    *agrees = *agrees && same(&last, &info->hash);
    if (err || !*agrees)
        return err;
    if (head.seq == 0) {
        *agrees = memcmp(head.sig.b, none.b, sizeof none.b) == 0;
        return FLUIT_OK;
    }
    err = stored_hash(disk, &info->id, head.seq, &head.hash, agrees);
    *agrees = *agrees && head_good(disk, info, &head);
    return err;
}

static enum fluit_err list_agrees(struct fluit_disk disk, const struct fluit_feed_info *info,
                                  bool *agrees)
{
    struct fluit_signed_head head = {info->seq, info->hash, info->sig};
    *agrees = false;
    if (info->seq > 0 && info->signed_seq < info->seq)
        return unsigned_end_agrees(disk, info, agrees);
    *agrees = info->seq > 0 && info->signed_seq == info->seq && head_good(disk, info, &head);
    return FLUIT_OK;
}

enum fluit_err fluit_damage_head(struct fluit_disk disk, struct fluit_feed_info *info,
                                 bool *changed)
{
    struct fluit_feed_id id = fluit_feed_id(&info->author, info->incarnation);
    struct fluit_signed_head head = {0};
    bool agrees = false;
    enum fluit_err err = FLUIT_OK;
    if (memcmp(id.b, info->id.b, sizeof id.b) == 0) {
        err = list_agrees(disk, info, &agrees);
        if (!err && !agrees)
            err = newest_signed(disk, info, &head);
    }
    if (err)
        return err;
    *changed = !agrees;
    if (agrees)
        return FLUIT_OK;
    info->seq = info->signed_seq = head.seq;
    info->hash = head.hash;
    info->sig = head.sig;
    return FLUIT_OK;
}

/* ---- the entries ---- */

/* An entry as it was read; whether its header is good the next one tells. */
struct seen {
    uint64_t seq;
    bool whole, has_sig;
    struct fluit_hash hash;
    struct fluit_sig sig;
};

struct chain {
    struct fluit_disk disk;
    const struct fluit_feed_info *info;
    struct fluit_damage *out;
    struct seen last; /* not judged yet; seq 0: none */
    struct fluit_signed_head before;
    uint64_t next; /* to be read */
    bool sig_lost;
    struct fluit_buf scratch;
};

/* demanded: the hash that the entry after it has, or the head; NULL if that can't be read. */
static void judge(struct chain *c, const struct fluit_hash *demanded)
{
    const struct seen *s = &c->last;
    struct fluit_signed_head head = {s->seq, s->hash, s->sig};
    if (s->seq == 0)
        return;
    if (s->whole && ((demanded && same(demanded, &s->hash)) ||
                     (s->has_sig && head_good(c->disk, c->info, &head)))) {
        if (s->has_sig)
            c->before = head;
        return;
    }
    struct fluit_damaged item = {.seq = s->seq, .from = s->seq, .before = c->before};
    fluit_damage_add(c->out, &item);
}

static void take(struct chain *c, const struct fluit_stored *entry)
{
    struct seen now = {.seq = c->next};
    struct fluit_hash demanded;
    if (entry) {
        demanded = fluit_entry_prev(entry->header);
        now.whole = fluit_entry_whole(&c->info->id, c->next, entry);
        now.has_sig = entry->has_sig;
        now.hash = fluit_header_hash(entry->header);
        now.sig = entry->sig;
    }
    judge(c, entry ? &demanded : NULL);
    c->last = now;
    c->next++;
}

/* Reads one by one up to seq what the walk did not show. */
static enum fluit_err catch_up(struct chain *c, uint64_t seq)
{
    while (c->next < seq && !c->out->more) {
        struct fluit_stored entry;
        bool there;
        enum fluit_err err =
            read_entry(c->disk, &c->info->id, c->next, &entry, &c->scratch, &there);
        if (err)
            return err;
        take(c, there ? &entry : NULL);
    }
    return FLUIT_OK;
}

static enum fluit_err take_row(void *arg, uint64_t seq, const struct fluit_stored *entry)
{
    struct chain *c = arg;
    if (seq < c->next || seq > c->info->seq || c->out->more)
        return FLUIT_OK;
    enum fluit_err err = catch_up(c, seq);
    if (!err && c->next == seq)
        take(c, entry);
    return err;
}

enum fluit_err fluit_damage_find(struct fluit_disk disk, const struct fluit_feed_info *info,
                                 struct fluit_damage *out, bool *sig_lost)
{
    struct chain c = {.disk = disk, .info = info, .out = out, .next = 1};
    out->count = 0;
    out->more = false;
    *sig_lost = false;
    enum fluit_err err = FLUIT_OK;
    if (info->seq > 0)
        err = walk(disk, &info->id, take_row, &c);
    if (!err)
        err = catch_up(&c, info->seq + 1);
    if (!err && !out->more) {
        judge(&c, &info->hash);
        *sig_lost = info->signed_seq == c.last.seq && c.last.whole &&
                    (!c.last.has_sig || memcmp(c.last.sig.b, info->sig.b, sizeof info->sig.b) != 0);
    }
    fluit_buf_deinit(&c.scratch);
    return err;
}

enum fluit_err fluit_damage_before(struct fluit_disk disk, const struct fluit_feed_info *info,
                                   const struct fluit_damage *damage, uint64_t seq,
                                   struct fluit_signed_head *out)
{
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    enum fluit_err err = FLUIT_OK;
    *out = (struct fluit_signed_head){0};
    uint64_t stop = seq > FLUIT_BATCH_ENTRIES_MAX ? seq - FLUIT_BATCH_ENTRIES_MAX : 1;
    for (uint64_t at = seq - 1; at >= stop && out->seq == 0 && !err; at--) {
        struct fluit_stored entry;
        bool there;
        err = read_entry(disk, &info->id, at, &entry, &scratch, &there);
        if (!err && there && entry.has_sig && !fluit_damage_at(damage, at) &&
            fluit_entry_whole(&info->id, at, &entry))
            *out = (struct fluit_signed_head){at, fluit_header_hash(entry.header), entry.sig};
    }
    fluit_buf_deinit(&scratch);
    return err;
}

/* ---- one wrong bit ---- */

/* Flips bit after bit until the hash is the one wanted. */
static bool unflip(uint8_t *bytes, size_t len,
                   struct fluit_hash (*hash_of)(const uint8_t *bytes, size_t len),
                   const struct fluit_hash *wanted)
{
    struct fluit_hash hash = hash_of(bytes, len);
    if (same(&hash, wanted))
        return true;
    for (size_t bit = 0; bit < 8 * len && len <= FLUIT_UNFLIP_LEN_MAX; bit++) {
        uint8_t mask = (uint8_t)(1u << bit % 8);
        bytes[bit / 8] ^= mask;
        hash = hash_of(bytes, len);
        if (same(&hash, wanted))
            return true;
        bytes[bit / 8] ^= mask;
    }
    return false;
}

static struct fluit_hash hash_of_header(const uint8_t *bytes, size_t len)
{
    (void)len;
    return fluit_header_hash(bytes);
}

static struct fluit_hash hash_of_payload(const uint8_t *bytes, size_t len)
{
    return fluit_payload_hash(fluit_slice(bytes, len));
}

bool fluit_damage_unflip(const struct fluit_feed_id *feed, uint64_t seq,
                         const struct fluit_hash *demanded, struct fluit_stored *entry,
                         uint8_t *payload)
{
    struct fluit_header header;
    return unflip(entry->header, FLUIT_HEADER_LEN, hash_of_header, demanded) &&
           header_fits(feed, seq, entry->header, &header) &&
           header.payload_len == entry->payload.len &&
           unflip(payload, entry->payload.len, hash_of_payload, &header.payload_hash);
}

/* ---- the list ---- */

const struct fluit_damaged *fluit_damage_at(const struct fluit_damage *damage, uint64_t seq)
{
    for (uint32_t i = 0; damage && i < damage->count; i++)
        if (damage->items[i].seq == seq)
            return &damage->items[i];
    return NULL;
}

const struct fluit_damaged *fluit_damage_first(const struct fluit_damage *damage)
{
    for (uint32_t i = 0; damage && i < damage->count; i++)
        if (!damage->items[i].only_sig)
            return &damage->items[i];
    return NULL;
}

void fluit_damage_add(struct fluit_damage *damage, const struct fluit_damaged *item)
{
    uint32_t at = 0;
    while (at < damage->count && damage->items[at].seq < item->seq)
        at++;
    if (at < damage->count && damage->items[at].seq == item->seq) {
        damage->items[at] = *item;
        return;
    }
    if (damage->count == FLUIT_DAMAGED_MAX) {
        damage->more = true;
        if (at == damage->count)
            return;
        damage->count--;
    }
    memmove(&damage->items[at + 1], &damage->items[at],
            (damage->count - at) * sizeof damage->items[0]);
    damage->items[at] = *item;
    damage->count++;
}

void fluit_damage_drop(struct fluit_damage *damage, uint64_t seq)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < damage->count; i++)
        if (damage->items[i].seq != seq)
            damage->items[kept++] = damage->items[i];
    damage->count = kept;
}
