#include "proto/verify.h"

#include <stdlib.h>
#include <string.h>

#include "proto/digest.h"

struct feeds {
    struct fluit_feed_info *items;
    size_t count, cap;
};

static enum fluit_err add_feed(void *arg, const struct fluit_feed_info *info)
{
    struct feeds *feeds = arg;
    if (feeds->count == FLUIT_FEEDS_MAX)
        return FLUIT_E_LIMIT;
    if (feeds->count == feeds->cap) {
        size_t cap = feeds->cap ? 2 * feeds->cap : 32;
        struct fluit_feed_info *items = realloc(feeds->items, cap * sizeof *items);
        if (!items)
            return FLUIT_E_NOMEM;
        feeds->items = items;
        feeds->cap = cap;
    }
    feeds->items[feeds->count++] = *info;
    return FLUIT_OK;
}

static int by_id(const void *a, const void *b)
{
    const struct fluit_feed_info *x = a, *y = b;
    return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

/* One feed being walked. */
struct chain {
    const struct fluit_store *store;
    const struct fluit_workshop_id *workshop;
    const struct fluit_feed_info *info;
    struct fluit_hash prev; /* of the entry before */
    uint64_t signed_seq;    /* newest good signed head */
    struct fluit_sig sig;
    struct fluit_verified found;
};

static void broken(struct chain *c, uint64_t seq, enum fluit_err err, const char *what)
{
    c->found.err = err;
    c->found.bad_seq = seq;
    c->found.what = what;
}

static bool link_ok(struct chain *c, uint64_t seq, const struct fluit_header *h)
{
    if (memcmp(h->feed.b, c->info->id.b, sizeof h->feed.b) != 0)
        broken(c, seq, FLUIT_E_CHAIN, "header is of another feed");
    else if (h->seq != seq)
        broken(c, seq, FLUIT_E_CHAIN, "header has another number");
    else if (memcmp(h->prev.b, c->prev.b, sizeof h->prev.b) != 0)
        broken(c, seq, FLUIT_E_CHAIN, "does not follow the entry before it");
    return !c->found.err;
}

static bool payload_ok(struct chain *c, uint64_t seq, const struct fluit_header *h,
                       struct fluit_slice payload)
{
    struct fluit_hash hash = fluit_payload_hash(payload);
    if (payload.len != h->payload_len)
        broken(c, seq, FLUIT_E_CHAIN, "payload does not have the length in its header");
    else if (memcmp(hash.b, h->payload_hash.b, sizeof hash.b) != 0)
        broken(c, seq, FLUIT_E_CHAIN, "payload does not match its hash");
    return !c->found.err;
}

static bool entry_ok(struct chain *c, uint64_t seq, const struct fluit_stored *entry)
{
    struct fluit_header h;
    enum fluit_err err = fluit_header_get(&h, entry->header);
    if (err)
        broken(c, seq, err, "header is malformed");
    if (err || !link_ok(c, seq, &h) || !payload_ok(c, seq, &h, entry->payload))
        return false;
    c->prev = fluit_header_hash(entry->header);
    if (!entry->has_sig)
        return true;
    if (!fluit_head_verify(&c->info->author, &entry->sig, c->workshop, &c->info->id, seq,
                           &c->prev)) {
        broken(c, seq, FLUIT_E_AUTH, "signature is not its author's for this workshop");
        return false;
    }
    c->signed_seq = seq;
    c->sig = entry->sig;
    c->found.signed_heads++;
    return true;
}

/* The list of feeds and the entries must tell the same. */
static void end_ok(struct chain *c)
{
    const struct fluit_feed_info *info = c->info;
    if (c->signed_seq != info->seq)
        broken(c, info->seq, FLUIT_E_AUTH, "feed does not end on a signed head");
    else if (memcmp(c->prev.b, info->hash.b, sizeof info->hash.b) != 0)
        broken(c, info->seq, FLUIT_E_CHAIN, "is not the head in the list of feeds");
    else if (c->signed_seq != info->signed_seq ||
             memcmp(c->sig.b, info->sig.b, sizeof info->sig.b) != 0)
        broken(c, info->seq, FLUIT_E_AUTH, "is not the signed head in the list of feeds");
}

/* An error is the store's own; a break is in c->found. */
static enum fluit_err walk(struct chain *c, struct fluit_buf *scratch)
{
    const struct fluit_feed_info *info = c->info;
    struct fluit_feed_id id = fluit_feed_id(&info->author, info->incarnation);
    struct fluit_stored entry;
    if (memcmp(id.b, info->id.b, sizeof id.b) != 0) {
        broken(c, 0, FLUIT_E_AUTH, "feed id is not its author's");
        return FLUIT_OK;
    }
    for (uint64_t seq = 1; seq <= info->seq; seq++) {
        enum fluit_err err = c->store->ops->get(c->store->self, &info->id, seq, &entry, scratch);
        if (err == FLUIT_E_MISSING)
            broken(c, seq, err, "is missing");
        else if (err == FLUIT_E_FORMAT)
            broken(c, seq, err, "is stored in a damaged way");
        else if (err)
            return err;
        if (err || !entry_ok(c, seq, &entry))
            return FLUIT_OK;
    }
    enum fluit_err err =
        c->store->ops->get(c->store->self, &info->id, info->seq + 1, &entry, scratch);
    if (err == FLUIT_E_MISSING)
        end_ok(c);
    else
        broken(c, info->seq + 1, FLUIT_E_CHAIN, "is beyond the head in the list of feeds");
    return FLUIT_OK;
}

static enum fluit_err read_workshop(const struct fluit_store *store, struct fluit_workshop_id *out,
                                    struct fluit_buf *scratch)
{
    enum fluit_err err = store->ops->value(store->self, FLUIT_NAMED_WORKSHOP, scratch);
    if (err)
        return err;
    if (scratch->len != sizeof out->b)
        return FLUIT_E_FORMAT;
    memcpy(out->b, scratch->data, sizeof out->b);
    return FLUIT_OK;
}

enum fluit_err fluit_verify_store(const struct fluit_store *store,
                                  void (*each)(void *arg, const struct fluit_verified *feed),
                                  void *arg, struct fluit_hash *digest)
{
    struct feeds feeds = {0};
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_workshop_id workshop;
    enum fluit_err first_break = FLUIT_OK;
    enum fluit_err err = read_workshop(store, &workshop, &scratch);
    if (!err)
        err = store->ops->feeds(store->self, add_feed, &feeds);
    if (!err && feeds.count)
        qsort(feeds.items, feeds.count, sizeof *feeds.items, by_id);
    for (size_t i = 0; !err && i < feeds.count; i++) {
        struct chain c = {.store = store, .workshop = &workshop, .info = &feeds.items[i]};
        c.found.feed = c.info->id;
        c.found.entries = c.info->seq;
        err = walk(&c, &scratch);
        if (err)
            break;
        each(arg, &c.found);
        if (!first_break)
            first_break = c.found.err;
    }
    if (!err)
        err = first_break;
    if (!err)
        *digest = fluit_heads_digest(feeds.items, feeds.count);
    free(feeds.items);
    fluit_buf_deinit(&scratch);
    return err;
}
