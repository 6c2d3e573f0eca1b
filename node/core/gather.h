/* gather.h: feeds put together from several stores, each of which may be short or damaged.
 *
 * Nothing is believed for where it lies: what is taken is chained, whole and vouched for by a head
 * that its author signed, and its author is in the roster (PROTOCOL.md "Taking in ENTRIES"). An
 * entry that is damaged in one store is taken from another. Pure: stores are read and written by
 * their ports. */
#ifndef FLUIT_GATHER_H
#define FLUIT_GATHER_H

#include "proto/replica.h"
#include "proto/roster.h"

/* A store to take from. Zero-initialise but for store; free with fluit_gather_source_deinit. */
struct fluit_gather_source {
    struct fluit_store store; /* only read; not owned */
    enum fluit_err err;       /* set by the caller: not OK leaves the source out */
    uint64_t taken;           /* entries that came from here */
    bool damaged;             /* something in it could not be read, or was not what was signed */
    bool listed;
    struct fluit_feed_info *feeds; /* as it lists them; signed_seq 0: no good signed head. Owned */
    uint32_t feed_count, feed_cap;
};
void fluit_gather_source_deinit(struct fluit_gather_source *source);

/* Takes from the sources, the first of them first, what replica does not hold of the feeds of the
 * roster's members. Afterwards a feed's known_seq is at least the longest signed head in any
 * source, and forked is set where two sources tell different stories. May be called again when the
 * roster has grown. Errors: NOMEM, and IO, FULL, BUSY, DENIED of the replica's own store; a source
 * never gives one. */
FLUIT_MUST_CHECK enum fluit_err fluit_gather(struct fluit_replica *replica,
                                             const struct fluit_roster *roster,
                                             struct fluit_gather_source *sources, uint32_t count);

#endif
