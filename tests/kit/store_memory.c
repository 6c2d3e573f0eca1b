#include "tests/kit/store_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    uint8_t header[FLUIT_HEADER_LEN];
    bool has_sig;
    struct fluit_sig sig;
    uint32_t payload_len;
    uint8_t payload[];
};

struct feed {
    struct fluit_feed_info info;
    struct entry **entries; /* info.seq of them */
    size_t cap;
};

struct named {
    char *name;
    struct fluit_buf value;
};

/* How to take one pending write back. */
struct undo {
    enum {
        UNDO_ENTRY,
        UNDO_SIGN,
        UNDO_VALUE
    } kind;
    uint32_t feed;
    struct fluit_feed_info info; /* as it was */
    uint64_t seq;                /* ENTRY, SIGN: which entry; 0: only the info */
    struct entry *entry;         /* ENTRY: what it was, owned; NULL: there was none */
    char *name;                  /* VALUE */
    bool had;
    struct fluit_buf value; /* VALUE: what it was, if it had one */
};

struct store_memory {
    struct feed *feeds; /* those without entries are not known */
    uint32_t feed_count, feed_cap;
    uint32_t *slots; /* hash table: 1 + index, 0: free; at most half full */
    uint32_t slot_count;
    struct named *named; /* by name */
    uint32_t named_count, named_cap;
    struct undo *undos;
    size_t undo_count, undo_cap;
    uint32_t fail_in[STORE_MEMORY_CALLS]; /* 0: not ordered */
    enum fluit_err fail_with[STORE_MEMORY_CALLS];
    uint64_t calls[STORE_MEMORY_CALLS];
    bool full;
    enum fluit_err broken;
};

static void *must(void *p)
{
    if (!p) {
        fputs("store_memory: out of memory\n", stderr);
        abort();
    }
    return p;
}

/* Room for one more item of an array. */
static void *room(void *items, uint32_t count, uint32_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    *cap = *cap ? *cap * 2 : 8;
    return must(realloc(items, *cap * size));
}

/* A write that must not happen: the store is broken, or this one was ordered to fail. */
static enum fluit_err refuse(struct store_memory *s, enum store_memory_call call)
{
    s->calls[call]++;
    if (s->full && !s->broken && call != STORE_MEMORY_COMMIT)
        s->broken = FLUIT_E_FULL;
    if (s->broken)
        return s->broken;
    if (s->fail_in[call] == 0 || --s->fail_in[call] > 0)
        return FLUIT_OK;
    if (s->fail_with[call] != FLUIT_E_BUSY)
        s->broken = s->fail_with[call];
    return s->fail_with[call];
}

static struct undo *add_undo(struct store_memory *s)
{
    if (s->undo_count == s->undo_cap) {
        s->undo_cap = s->undo_cap ? s->undo_cap * 2 : 16;
        s->undos = must(realloc(s->undos, s->undo_cap * sizeof *s->undos));
    }
    struct undo *undo = &s->undos[s->undo_count++];
    memset(undo, 0, sizeof *undo);
    return undo;
}

/* Feeds. */

/* The slot of this feed, or the free one where it would be. Ids are hashes already. */
static uint32_t *slot_of(const struct store_memory *s, const struct fluit_feed_id *id)
{
    uint32_t at = fluit_get_u32(id->b) & (s->slot_count - 1);
    while (s->slots[at] && memcmp(s->feeds[s->slots[at] - 1].info.id.b, id->b, sizeof id->b) != 0)
        at = (at + 1) & (s->slot_count - 1);
    return &s->slots[at];
}

static void grow_slots(struct store_memory *s)
{
    free(s->slots);
    s->slot_count = s->slot_count ? s->slot_count * 2 : 64;
    s->slots = must(calloc(s->slot_count, sizeof *s->slots));
    for (uint32_t i = 0; i < s->feed_count; i++)
        *slot_of(s, &s->feeds[i].info.id) = i + 1;
}

static struct feed *find_feed(const struct store_memory *s, const struct fluit_feed_id *id)
{
    uint32_t slot = *slot_of(s, id);
    return slot ? &s->feeds[slot - 1] : NULL;
}

static struct feed *open_feed(struct store_memory *s, const struct fluit_feed_info *info)
{
    struct feed *feed = find_feed(s, &info->id);
    if (feed)
        return feed;
    if ((s->feed_count + 1) * 2 > s->slot_count)
        grow_slots(s);
    s->feeds = room(s->feeds, s->feed_count, &s->feed_cap, sizeof *s->feeds);
    feed = &s->feeds[s->feed_count++];
    *feed = (struct feed){.info = {.id = info->id, .author = info->author}};
    memcpy(feed->info.incarnation, info->incarnation, sizeof feed->info.incarnation);
    *slot_of(s, &info->id) = s->feed_count;
    return feed;
}

static struct entry *find_entry(const struct store_memory *s, const struct fluit_feed_id *id,
                                uint64_t seq)
{
    const struct feed *feed = find_feed(s, id);
    return feed && seq > 0 && seq <= feed->info.seq ? feed->entries[seq - 1] : NULL;
}

static struct entry *make_entry(const uint8_t header[FLUIT_HEADER_LEN], struct fluit_slice payload,
                                const struct fluit_sig *sig)
{
    struct entry *entry = must(calloc(1, sizeof *entry + payload.len));
    memcpy(entry->header, header, FLUIT_HEADER_LEN);
    entry->payload_len = (uint32_t)payload.len;
    if (payload.len)
        memcpy(entry->payload, payload.data, payload.len);
    entry->has_sig = sig != NULL;
    if (sig)
        entry->sig = *sig;
    return entry;
}

/* Notes what is known of the feed, to be taken back. */
static struct undo *note_info(struct store_memory *s, const struct feed *feed)
{
    struct undo *undo = add_undo(s);
    undo->kind = UNDO_ENTRY;
    undo->feed = (uint32_t)(feed - s->feeds);
    undo->info = feed->info;
    return undo;
}

/* Takes the entry, NULL for none, in the place of the one at seq. */
static void put_entry(struct store_memory *s, struct feed *feed, uint64_t seq, struct entry *entry)
{
    struct undo *undo = note_info(s, feed);
    undo->seq = seq;
    undo->entry = feed->entries[seq - 1];
    feed->entries[seq - 1] = entry;
}

static enum fluit_err read_header(const uint8_t header[FLUIT_HEADER_LEN],
                                  const struct fluit_feed_id *id, struct fluit_slice payload,
                                  struct fluit_header *out)
{
    enum fluit_err err = fluit_header_get(out, header);
    if (!err && (memcmp(out->feed.b, id->b, sizeof id->b) != 0 || out->payload_len != payload.len))
        err = FLUIT_E_FORMAT;
    return err;
}

static enum fluit_err store_append(void *self, const struct fluit_feed_info *info,
                                   const uint8_t header[FLUIT_HEADER_LEN],
                                   struct fluit_slice payload, const struct fluit_sig *sig)
{
    struct store_memory *s = self;
    struct fluit_header h;
    enum fluit_err err = read_header(header, &info->id, payload, &h);
    if (err)
        return err;
    struct feed *feed = open_feed(s, info);
    if (h.seq != feed->info.seq + 1 || memcmp(h.prev.b, feed->info.hash.b, sizeof h.prev.b) != 0)
        return FLUIT_E_CHAIN;
    err = refuse(s, STORE_MEMORY_APPEND);
    if (err)
        return err;
    if (feed->info.seq == feed->cap) {
        feed->cap = feed->cap ? feed->cap * 2 : 16;
        feed->entries = must(realloc(feed->entries, feed->cap * sizeof(struct entry *)));
    }
    feed->entries[feed->info.seq] = NULL;
    put_entry(s, feed, h.seq, make_entry(header, payload, sig));
    feed->info.seq++;
    feed->info.hash = fluit_header_hash(header);
    if (sig) {
        feed->info.sig = *sig;
        feed->info.signed_seq = feed->info.seq;
    }
    return FLUIT_OK;
}

static enum fluit_err store_replace(void *self, const struct fluit_feed_id *id,
                                    const uint8_t header[FLUIT_HEADER_LEN],
                                    struct fluit_slice payload, const struct fluit_sig *sig)
{
    struct store_memory *s = self;
    struct fluit_header h;
    enum fluit_err err = read_header(header, id, payload, &h);
    if (err)
        return err;
    if (!find_entry(s, id, h.seq))
        return FLUIT_E_MISSING;
    err = refuse(s, STORE_MEMORY_APPEND);
    if (!err)
        put_entry(s, find_feed(s, id), h.seq, make_entry(header, payload, sig));
    return err;
}

static enum fluit_err store_restate(void *self, const struct fluit_feed_info *info)
{
    struct store_memory *s = self;
    struct feed *feed = find_feed(s, &info->id);
    enum fluit_err err = refuse(s, STORE_MEMORY_SIGN);
    if (err || !feed)
        return err;
    for (uint64_t seq = feed->info.seq; seq > info->seq; seq--)
        put_entry(s, feed, seq, NULL);
    struct entry *head = find_entry(s, &info->id, info->signed_seq);
    if (head) {
        head = make_entry(head->header, fluit_slice(head->payload, head->payload_len), &info->sig);
        put_entry(s, feed, info->signed_seq, head);
    }
    note_info(s, feed);
    feed->info = *info;
    return FLUIT_OK;
}

static enum fluit_err store_sign(void *self, const struct fluit_feed_id *id, uint64_t seq,
                                 const struct fluit_sig *sig)
{
    struct store_memory *s = self;
    struct entry *entry = find_entry(s, id, seq);
    if (!entry)
        return FLUIT_E_MISSING;
    enum fluit_err err = refuse(s, STORE_MEMORY_SIGN);
    if (err)
        return err;
    if (entry->has_sig) /* the first signature stays */
        return FLUIT_OK;
    struct feed *feed = find_feed(s, id);
    struct undo *undo = add_undo(s);
    undo->kind = UNDO_SIGN;
    undo->feed = (uint32_t)(feed - s->feeds);
    undo->info = feed->info;
    undo->seq = seq;
    entry->has_sig = true;
    entry->sig = *sig;
    if (seq > feed->info.signed_seq) {
        feed->info.signed_seq = seq;
        feed->info.sig = *sig;
    }
    return FLUIT_OK;
}

static enum fluit_err store_get(void *self, const struct fluit_feed_id *id, uint64_t seq,
                                struct fluit_stored *out, struct fluit_buf *scratch)
{
    struct store_memory *s = self;
    if (s->broken)
        return s->broken;
    const struct entry *entry = find_entry(s, id, seq);
    if (!entry)
        return FLUIT_E_MISSING;
    fluit_buf_reset(scratch);
    fluit_buf_put(scratch, entry->payload, entry->payload_len);
    if (scratch->err)
        return scratch->err;
    memcpy(out->header, entry->header, FLUIT_HEADER_LEN);
    out->payload = fluit_buf_slice(scratch);
    out->has_sig = entry->has_sig;
    out->sig = entry->sig;
    return FLUIT_OK;
}

static enum fluit_err store_each(void *self, const struct fluit_feed_id *id, uint64_t from,
                                 enum fluit_err (*each)(void *arg, uint64_t seq,
                                                        const struct fluit_stored *entry),
                                 void *arg)
{
    struct store_memory *s = self;
    enum fluit_err err = s->broken;
    const struct entry *entry;
    for (uint64_t seq = from; !err && (entry = find_entry(s, id, seq)) != NULL; seq++) {
        struct fluit_stored stored = {.payload = fluit_slice(entry->payload, entry->payload_len),
                                      .has_sig = entry->has_sig,
                                      .sig = entry->sig};
        memcpy(stored.header, entry->header, FLUIT_HEADER_LEN);
        err = each(arg, seq, &stored);
    }
    return err;
}

static enum fluit_err
store_feeds(void *self, enum fluit_err (*each)(void *arg, const struct fluit_feed_info *info),
            void *arg)
{
    struct store_memory *s = self;
    enum fluit_err err = s->broken;
    for (uint32_t i = 0; i < s->feed_count && !err; i++)
        if (s->feeds[i].info.seq > 0)
            err = each(arg, &s->feeds[i].info);
    return err;
}

/* Named values. */

/* Index of the first name that is not before this one. */
static uint32_t name_place(const struct store_memory *s, const char *name)
{
    uint32_t low = 0, high = s->named_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(s->named[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool name_is_at(const struct store_memory *s, uint32_t at, const char *name)
{
    return at < s->named_count && strcmp(s->named[at].name, name) == 0;
}

static void set_value(struct store_memory *s, const char *name, struct fluit_slice value)
{
    uint32_t at = name_place(s, name);
    if (!name_is_at(s, at, name)) {
        s->named = room(s->named, s->named_count, &s->named_cap, sizeof *s->named);
        memmove(&s->named[at + 1], &s->named[at], (s->named_count++ - at) * sizeof *s->named);
        s->named[at] = (struct named){.name = must(strdup(name))};
    }
    fluit_buf_reset(&s->named[at].value);
    fluit_buf_put(&s->named[at].value, value.data, value.len);
}

static void drop_value(struct store_memory *s, const char *name)
{
    uint32_t at = name_place(s, name);
    if (!name_is_at(s, at, name))
        return;
    free(s->named[at].name);
    fluit_buf_deinit(&s->named[at].value);
    memmove(&s->named[at], &s->named[at + 1], (--s->named_count - at) * sizeof *s->named);
}

static void note_value(struct store_memory *s, const char *name)
{
    struct undo *undo = add_undo(s);
    uint32_t at = name_place(s, name);
    undo->kind = UNDO_VALUE;
    undo->name = must(strdup(name));
    undo->had = name_is_at(s, at, name);
    if (undo->had)
        fluit_buf_put(&undo->value, s->named[at].value.data, s->named[at].value.len);
}

static enum fluit_err store_put(void *self, const char *name, struct fluit_slice value)
{
    struct store_memory *s = self;
    if (value.len > FLUIT_PAYLOAD_MAX)
        return FLUIT_E_LIMIT;
    enum fluit_err err = refuse(s, STORE_MEMORY_PUT);
    if (err)
        return err;
    note_value(s, name);
    set_value(s, name, value);
    return FLUIT_OK;
}

static enum fluit_err store_value(void *self, const char *name, struct fluit_buf *out)
{
    struct store_memory *s = self;
    uint32_t at = name_place(s, name);
    if (s->broken)
        return s->broken;
    if (!name_is_at(s, at, name))
        return FLUIT_E_MISSING;
    fluit_buf_reset(out);
    fluit_buf_put(out, s->named[at].value.data, s->named[at].value.len);
    return out->err;
}

static enum fluit_err store_values(void *self, const char *prefix,
                                   enum fluit_err (*each)(void *arg, const char *name,
                                                          struct fluit_slice value),
                                   void *arg)
{
    struct store_memory *s = self;
    enum fluit_err err = s->broken;
    for (uint32_t at = name_place(s, prefix); at < s->named_count && !err; at++) {
        if (strncmp(s->named[at].name, prefix, strlen(prefix)) != 0)
            break;
        err = each(arg, s->named[at].name, fluit_buf_slice(&s->named[at].value));
    }
    return err;
}

static enum fluit_err store_drop(void *self, const char *name)
{
    struct store_memory *s = self;
    enum fluit_err err = refuse(s, STORE_MEMORY_PUT);
    if (err)
        return err;
    note_value(s, name);
    drop_value(s, name);
    return FLUIT_OK;
}

struct fluit_store store_memory_port(struct store_memory *s)
{
    static const struct fluit_store_ops ops = {
        .append = store_append,
        .sign = store_sign,
        .replace = store_replace,
        .restate = store_restate,
        .get = store_get,
        .each = store_each,
        .feeds = store_feeds,
        .put = store_put,
        .value = store_value,
        .values = store_values,
        .drop = store_drop,
    };
    return (struct fluit_store){.ops = &ops, .self = s};
}

/* Transactions. */

static void forget_undos(struct store_memory *s)
{
    for (size_t i = 0; i < s->undo_count; i++) {
        free(s->undos[i].entry);
        free(s->undos[i].name);
        fluit_buf_deinit(&s->undos[i].value);
    }
    s->undo_count = 0;
}

static void take_back(struct store_memory *s, struct undo *undo)
{
    if (undo->kind == UNDO_VALUE) {
        if (undo->had)
            set_value(s, undo->name, fluit_buf_slice(&undo->value));
        else
            drop_value(s, undo->name);
        return;
    }
    struct feed *feeds = must(s->feeds), *feed = &feeds[undo->feed];
    if (undo->kind == UNDO_SIGN) {
        feed->entries[undo->seq - 1]->has_sig = false;
    } else if (undo->seq > 0) {
        free(feed->entries[undo->seq - 1]);
        feed->entries[undo->seq - 1] = undo->entry;
        undo->entry = NULL;
    }
    feed->info = undo->info;
}

enum fluit_err store_memory_commit(struct store_memory *s)
{
    enum fluit_err err = refuse(s, STORE_MEMORY_COMMIT);
    if (!err)
        forget_undos(s);
    return err;
}

void store_memory_crash(struct store_memory *s)
{
    for (size_t i = s->undo_count; i-- > 0;)
        take_back(s, &s->undos[i]);
    forget_undos(s);
    memset(s->fail_in, 0, sizeof s->fail_in);
    s->broken = FLUIT_OK;
}

bool store_memory_is_pending(const struct store_memory *s)
{
    return s->undo_count > 0;
}

uint64_t store_memory_durable_seq(const struct store_memory *s, const struct fluit_feed_id *id)
{
    const struct feed *feed = s->slot_count ? find_feed(s, id) : NULL;
    for (size_t i = 0; feed && i < s->undo_count; i++)
        if (s->undos[i].kind == UNDO_ENTRY && &s->feeds[s->undos[i].feed] == feed)
            return s->undos[i].info.seq;
    return feed ? feed->info.seq : 0;
}

bool store_memory_durable_hash(const struct store_memory *s, const struct fluit_feed_id *id,
                               uint64_t seq, struct fluit_hash *out)
{
    if (seq > store_memory_durable_seq(s, id))
        return false;
    const struct entry *entry = find_entry(s, id, seq);
    if (entry)
        *out = fluit_header_hash(entry->header);
    return entry != NULL;
}

enum fluit_err store_memory_broken(const struct store_memory *s)
{
    return s->broken;
}

void store_memory_set_full(struct store_memory *s, bool full)
{
    s->full = full;
}

uint64_t store_memory_calls(const struct store_memory *s, enum store_memory_call call)
{
    return s->calls[call];
}

void store_memory_fail(struct store_memory *s, enum store_memory_call call, uint32_t nth,
                       enum fluit_err err)
{
    s->fail_in[call] = nth;
    s->fail_with[call] = err;
}

bool store_memory_flip_payload(struct store_memory *s, const struct fluit_feed_id *feed,
                               uint64_t seq, size_t offset, uint8_t mask)
{
    struct entry *entry = find_entry(s, feed, seq);
    if (!entry || offset >= entry->payload_len)
        return false;
    entry->payload[offset] ^= mask;
    return true;
}

bool store_memory_flip_header(struct store_memory *s, const struct fluit_feed_id *feed,
                              uint64_t seq, size_t offset, uint8_t mask)
{
    struct entry *entry = find_entry(s, feed, seq);
    if (!entry || offset >= FLUIT_HEADER_LEN)
        return false;
    entry->header[offset] ^= mask;
    return true;
}

bool store_memory_flip_sig(struct store_memory *s, const struct fluit_feed_id *feed, uint64_t seq,
                           size_t offset, uint8_t mask)
{
    struct entry *entry = find_entry(s, feed, seq);
    if (!entry || !entry->has_sig || offset >= sizeof entry->sig.b)
        return false;
    entry->sig.b[offset] ^= mask;
    return true;
}

bool store_memory_flip(struct store_memory *s, uint64_t n, struct store_memory_flipped *out)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < s->feed_count; i++)
        count += s->feeds[i].info.seq;
    if (count == 0)
        return false;
    uint64_t nth = n % count, rest = n / count;
    uint32_t i = 0;
    while (nth >= s->feeds[i].info.seq)
        nth -= s->feeds[i++].info.seq;
    struct entry *entry = s->feeds[i].entries[nth];
    uint64_t bit = rest % (8 * (FLUIT_HEADER_LEN + (uint64_t)entry->payload_len));
    out->feed = s->feeds[i].info.id;
    out->seq = nth + 1;
    out->in_header = bit < 8 * FLUIT_HEADER_LEN;
    uint8_t *byte =
        out->in_header ? &entry->header[bit / 8] : &entry->payload[bit / 8 - FLUIT_HEADER_LEN];
    *byte ^= (uint8_t)(1u << bit % 8);
    return true;
}

struct store_memory *store_memory_new(void)
{
    struct store_memory *s = must(calloc(1, sizeof *s));
    grow_slots(s);
    return s;
}

static void copy_feed(struct store_memory *to, const struct feed *from)
{
    struct feed *feed = open_feed(to, &from->info);
    feed->info = from->info;
    feed->cap = from->cap; /* an undo may reach beyond what is held now */
    feed->entries = must(calloc(feed->cap + 1, sizeof(struct entry *)));
    for (uint64_t i = 0; i < from->info.seq; i++) {
        const struct entry *entry = from->entries[i];
        feed->entries[i] =
            make_entry(entry->header, fluit_slice(entry->payload, entry->payload_len),
                       entry->has_sig ? &entry->sig : NULL);
    }
}

static void copy_undo(struct store_memory *to, const struct undo *from)
{
    struct undo *undo = add_undo(to);
    const struct entry *entry = from->entry;
    *undo = *from;
    if (entry)
        undo->entry = make_entry(entry->header, fluit_slice(entry->payload, entry->payload_len),
                                 entry->has_sig ? &entry->sig : NULL);
    undo->name = from->name ? must(strdup(from->name)) : NULL;
    undo->value = (struct fluit_buf)FLUIT_BUF_INIT;
    fluit_buf_put(&undo->value, from->value.data, from->value.len);
}

struct store_memory *store_memory_copy(const struct store_memory *s)
{
    struct store_memory *copy = store_memory_new();
    for (uint32_t i = 0; i < s->feed_count; i++) /* in the same places, as the undos name them */
        copy_feed(copy, &s->feeds[i]);
    for (uint32_t i = 0; i < s->named_count; i++)
        set_value(copy, s->named[i].name, fluit_buf_slice(&s->named[i].value));
    for (size_t i = 0; i < s->undo_count; i++)
        copy_undo(copy, &s->undos[i]);
    store_memory_crash(copy);
    return copy;
}

void store_memory_free(struct store_memory *s)
{
    if (!s)
        return;
    forget_undos(s);
    for (uint32_t i = 0; i < s->feed_count; i++) {
        for (uint64_t k = 0; k < s->feeds[i].info.seq; k++)
            free(s->feeds[i].entries[k]);
        free(s->feeds[i].entries);
    }
    while (s->named_count > 0)
        drop_value(s, s->named[s->named_count - 1].name);
    free(s->feeds);
    free(s->slots);
    free(s->named);
    free(s->undos);
    free(s);
}
