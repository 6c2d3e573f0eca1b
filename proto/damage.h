/* damage.h: what rotted of a feed on the disk. PROTOCOL.md "Damage".
 *
 * The author's signature proves the hash of the head's header, each header that of the header
 * before it and of its own payload. So one walk over a feed tells which entries are as they were
 * written. What can't be proved counts as damaged: beside an entry that rotted that may be the one
 * before it, unless it has a good signature of its own.
 *
 * Reads only. Memory is bounded by FLUIT_DAMAGED_MAX and one payload. */
#ifndef FLUIT_DAMAGE_H
#define FLUIT_DAMAGE_H

#include "common/limits.h"
#include "proto/store.h"

/* A head with its author's signature; seq 0: none. */
struct fluit_signed_head {
    uint64_t seq;
    struct fluit_hash hash;
    struct fluit_sig sig;
};

struct fluit_damaged {
    uint64_t seq;
    uint64_t from; /* a batch that begins here mends it */
    bool only_sig; /* the entry itself is good, and is read; it can't end a batch */
    struct fluit_signed_head before; /* newest before it, if any; its signature is not checked */
};

struct fluit_damage {
    uint32_t count;
    bool more;                                     /* there may be others, after the last one */
    struct fluit_damaged items[FLUIT_DAMAGED_MAX]; /* by seq */
};

/* What all its functions work on; nothing is owned. */
struct fluit_disk {
    const struct fluit_store *store;
    const struct fluit_workshop_id *workshop;
};

/* Hash of the header before this one, as this one says. */
struct fluit_hash fluit_entry_prev(const uint8_t header[static FLUIT_HEADER_LEN]);
/* Is the header this feed's and of that seq, and is the payload as it says? */
bool fluit_entry_whole(const struct fluit_feed_id *feed, uint64_t seq,
                       const struct fluit_stored *entry);

/* Makes info, as the store lists the feed, what its entries prove: if its head is not signed, the
 * newest one that is; seq 0 if there is none, or if the id is not of that author and incarnation.
 * An unsigned end that agrees with the list stays. *changed tells whether info was. Errors: the
 * store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_damage_head(struct fluit_disk disk,
                                                  struct fluit_feed_info *info, bool *changed);
/* Walks the feed up to the head in info, which is believed, and lists in out what is damaged, the
 * first ones if they don't fit. *sig_lost: the entry at the head lacks the signature that info has.
 * Errors: the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_damage_find(struct fluit_disk disk,
                                                  const struct fluit_feed_info *info,
                                                  struct fluit_damage *out, bool *sig_lost);
/* The newest signed entry within a batch's length before seq that is whole and not in damage (may
 * be NULL). Errors: the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_damage_before(struct fluit_disk disk,
                                                    const struct fluit_feed_info *info,
                                                    const struct fluit_damage *damage, uint64_t seq,
                                                    struct fluit_signed_head *out);

/* If one bit of its header, of its payload or of each is wrong, flips it back: the header then has
 * the hash demanded, and the entry is whole. payload: where the entry's is. False, and nothing of
 * use in the entry, if that can't be. At most FLUIT_UNFLIP_LEN_MAX bytes are tried. */
bool fluit_damage_unflip(const struct fluit_feed_id *feed, uint64_t seq,
                         const struct fluit_hash *demanded, struct fluit_stored *entry,
                         uint8_t *payload);

/* What is said of seq; NULL: nothing. damage may be NULL. */
const struct fluit_damaged *fluit_damage_at(const struct fluit_damage *damage, uint64_t seq);
/* The first entry that is bad itself; NULL: none. damage may be NULL. */
const struct fluit_damaged *fluit_damage_first(const struct fluit_damage *damage);
/* Adds one, or replaces what is said of its seq. The last one gives way if there is no room. */
void fluit_damage_add(struct fluit_damage *damage, const struct fluit_damaged *item);
void fluit_damage_drop(struct fluit_damage *damage, uint64_t seq);

#endif
