/* kept.h: bounded collections whose content does not depend on the order of arrival.
 *
 * The building blocks of the fold: adding the same things in any order, any number of times, gives
 * the same content, also where a limit cuts some off. Not thread-safe on shared storage. */
#ifndef FLUIT_KEPT_H
#define FLUIT_KEPT_H

#include "common/act.h"

/* A set of items with one item a key, sorted by key. Every item is heap memory that starts with a
 * struct fluit_origin. Of two items with one key, and of all items when there are too many, the
 * type says which origins stay: the smallest (oldest) or the greatest. */
struct fluit_kept_type {
    int (*cmp)(const void *a, const void *b); /* total order of keys */
    void (*free)(void *item);
    size_t limit; /* items; SIZE_MAX: bounded by its keys */
    bool oldest;
};

/* Zero-initialise; free with fluit_kept_deinit. */
struct fluit_kept {
    void **items;
    size_t count, cap;
};

void fluit_kept_deinit(struct fluit_kept *kept, const struct fluit_kept_type *type);
/* Adds item, which the set owns from here on, also on an error: NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_kept_put(struct fluit_kept *kept,
                                               const struct fluit_kept_type *type, void *item);
/* The item whose key equals that of key (an item of which only the key is set), or NULL. */
void *fluit_kept_find(const struct fluit_kept *kept, const struct fluit_kept_type *type,
                      const void *key);

/* A copy of text, NUL-terminated, or NULL without memory. */
char *fluit_kept_text(struct fluit_slice text);
/* Wipes and frees it; NULL is fine. */
void fluit_kept_text_free(char *text);
/* Short enough, well-formed, without control characters. */
bool fluit_kept_text_ok(struct fluit_slice text);

/* A text with the act that last set it. */
struct fluit_worded {
    struct fluit_origin origin;
    bool set;
    bool none;  /* said to be none: text is "" */
    char *text; /* owned; NULL until set */
};
/* Keeps text if origin is newer than what is held. NOMEM, or FORMAT for a text that is not ok. */
FLUIT_MUST_CHECK enum fluit_err fluit_worded_set(struct fluit_worded *worded,
                                                 const struct fluit_origin *origin, bool none,
                                                 struct fluit_slice text);

/* Distinct origins, to count acts once however often they come. Zero-initialise. */
struct fluit_stamp {
    uint64_t seq;
    uint32_t rank;
    uint8_t incarnation[16];
};
struct fluit_stamps {
    struct fluit_stamp *items; /* sorted */
    size_t count, cap;
};
/* Beyond limit the smallest stay, so that count stops at limit. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_stamps_add(struct fluit_stamps *stamps,
                                                 const struct fluit_origin *origin, size_t limit);
void fluit_stamps_deinit(struct fluit_stamps *stamps);

#endif
