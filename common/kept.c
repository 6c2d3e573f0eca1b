#include "common/kept.h"

#include <stdlib.h>
#include <string.h>

static const struct fluit_origin *origin_of(const void *item)
{
    return item;
}

void fluit_kept_deinit(struct fluit_kept *kept, const struct fluit_kept_type *type)
{
    for (size_t i = 0; i < kept->count; i++)
        type->free(kept->items[i]);
    free(kept->items);
    *kept = (struct fluit_kept){0};
}

/* Index of the first item whose key is not below key's. */
static size_t lower_bound(const struct fluit_kept *kept, const struct fluit_kept_type *type,
                          const void *key)
{
    size_t from = 0, to = kept->count;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (type->cmp(kept->items[mid], key) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static bool stays(const struct fluit_kept_type *type, const void *a, const void *b)
{
    int order = fluit_origin_cmp(origin_of(a), origin_of(b));
    return type->oldest ? order < 0 : order > 0;
}

static void evict(struct fluit_kept *kept, const struct fluit_kept_type *type)
{
    size_t worst = 0;
    for (size_t i = 1; i < kept->count; i++)
        if (stays(type, kept->items[worst], kept->items[i]))
            worst = i;
    type->free(kept->items[worst]);
    kept->count--;
    memmove(kept->items + worst, kept->items + worst + 1,
            (kept->count - worst) * sizeof *kept->items);
}

static bool grow(struct fluit_kept *kept)
{
    if (kept->count < kept->cap)
        return true;
    size_t cap = kept->cap ? 2 * kept->cap : 8;
    void **items = realloc(kept->items, cap * sizeof *items);
    if (!items)
        return false;
    kept->items = items;
    kept->cap = cap;
    return true;
}

enum fluit_err fluit_kept_put(struct fluit_kept *kept, const struct fluit_kept_type *type,
                              void *item)
{
    size_t at = lower_bound(kept, type, item);
    if (at < kept->count && type->cmp(kept->items[at], item) == 0) {
        bool better = stays(type, item, kept->items[at]);
        type->free(better ? kept->items[at] : item);
        if (better)
            kept->items[at] = item;
        return FLUIT_OK;
    }
    if (!grow(kept)) {
        type->free(item);
        return FLUIT_E_NOMEM;
    }
    memmove(kept->items + at + 1, kept->items + at, (kept->count - at) * sizeof *kept->items);
    kept->items[at] = item;
    kept->count++;
    if (kept->count > type->limit)
        evict(kept, type);
    return FLUIT_OK;
}

void *fluit_kept_find(const struct fluit_kept *kept, const struct fluit_kept_type *type,
                      const void *key)
{
    size_t at = lower_bound(kept, type, key);
    return at < kept->count && type->cmp(kept->items[at], key) == 0 ? kept->items[at] : NULL;
}

char *fluit_kept_text(struct fluit_slice text)
{
    char *copy = malloc(text.len + 1);
    if (!copy)
        return NULL;
    if (text.len)
        memcpy(copy, text.data, text.len);
    copy[text.len] = 0;
    return copy;
}

void fluit_kept_text_free(char *text)
{
    if (text)
        fluit_wipe(text, strlen(text));
    free(text);
}

bool fluit_kept_text_ok(struct fluit_slice text)
{
    return text.len <= FLUIT_TEXT_LEN_MAX && fluit_text_ok(text);
}

enum fluit_err fluit_worded_set(struct fluit_worded *worded, const struct fluit_origin *origin,
                                bool none, struct fluit_slice text)
{
    if (!fluit_kept_text_ok(text) || (none && text.len))
        return FLUIT_E_FORMAT;
    if (worded->set && fluit_origin_cmp(origin, &worded->origin) <= 0)
        return FLUIT_OK;
    char *copy = fluit_kept_text(text);
    if (!copy)
        return FLUIT_E_NOMEM;
    fluit_kept_text_free(worded->text);
    *worded = (struct fluit_worded){*origin, true, none, copy};
    return FLUIT_OK;
}

static int stamp_cmp(const struct fluit_stamp *stamp, const struct fluit_origin *origin)
{
    struct fluit_origin held = {.rank = stamp->rank, .seq = stamp->seq};
    memcpy(held.incarnation, stamp->incarnation, sizeof held.incarnation);
    return fluit_origin_cmp(&held, origin);
}

static bool stamps_grow(struct fluit_stamps *stamps)
{
    if (stamps->count < stamps->cap)
        return true;
    size_t cap = stamps->cap ? 2 * stamps->cap : 2;
    struct fluit_stamp *items = realloc(stamps->items, cap * sizeof *items);
    if (!items)
        return false;
    stamps->items = items;
    stamps->cap = cap;
    return true;
}

enum fluit_err fluit_stamps_add(struct fluit_stamps *stamps, const struct fluit_origin *origin,
                                size_t limit)
{
    size_t at = stamps->count;
    while (at > 0 && stamp_cmp(&stamps->items[at - 1], origin) > 0)
        at--;
    if (at > 0 && stamp_cmp(&stamps->items[at - 1], origin) == 0)
        return FLUIT_OK;
    if (at >= limit)
        return FLUIT_OK;
    if (stamps->count == limit)
        stamps->count--;
    if (!stamps_grow(stamps))
        return FLUIT_E_NOMEM;
    memmove(stamps->items + at + 1, stamps->items + at,
            (stamps->count - at) * sizeof *stamps->items);
    stamps->items[at] = (struct fluit_stamp){.seq = origin->seq, .rank = origin->rank};
    memcpy(stamps->items[at].incarnation, origin->incarnation, sizeof origin->incarnation);
    stamps->count++;
    return FLUIT_OK;
}

void fluit_stamps_deinit(struct fluit_stamps *stamps)
{
    free(stamps->items);
    *stamps = (struct fluit_stamps){0};
}
