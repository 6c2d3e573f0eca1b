/* replica.h: the feeds a node holds: their heads in memory, their entries in its store.
 * PROTOCOL.md "Feeds".
 *
 * Batches from peers are checked whole (structure, chain, signature, payload hashes) before any
 * entry is appended. Whose feeds are welcome is the caller's to decide, from the roster. */
#ifndef FLUIT_REPLICA_H
#define FLUIT_REPLICA_H

#include "proto/message.h"
#include "proto/store.h"

struct fluit_feed {
    struct fluit_feed_info info;
    bool forked;        /* a second branch was shown; the first one held stays */
    uint64_t known_seq; /* longest that its author signed, as peers showed */
    /* sync.c's: */
    bool wanted;     /* a WANT for want_from on is under way */
    bool unanswered; /* the last one was not answered in time */
    uint64_t want_from;
    int64_t want_until_us;
    uint32_t want_link; /* who was asked last */
};

struct fluit_replica {
    struct fluit_store store;
    struct fluit_workshop_id workshop;
    struct fluit_feed **feeds; /* owned, in order of arrival; a feed's index never changes */
    uint32_t count, cap;
    struct fluit_hash digest; /* over all heads */
    bool digest_stale;
};

FLUIT_MUST_CHECK enum fluit_err fluit_replica_init(struct fluit_replica *replica,
                                                   struct fluit_store store,
                                                   const struct fluit_workshop_id *workshop);
void fluit_replica_deinit(struct fluit_replica *replica);

/* Index of the feed, or -1. */
int fluit_replica_find(const struct fluit_replica *replica, const struct fluit_feed_id *id);
/* Index of the feed of that author and incarnation, made known (empty) if it was not. LIMIT when
 * the author has too many or there are too many in all. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_open(struct fluit_replica *replica,
                                                   const struct fluit_sign_pk *author,
                                                   const uint8_t incarnation[static 16],
                                                   uint32_t *index);
/* Digest over all heads (PROTOCOL.md "Digest"). */
struct fluit_hash fluit_replica_digest(struct fluit_replica *replica);

/* Takes in a batch. *from and *to tell which entries were appended (from > to: none, all were
 * held). Errors, with nothing appended: FORMAT, AUTH, CHAIN (a gap: entries before it are
 * missing), FORK (contradicts what is held, and is signed by its author: the feed is marked),
 * LIMIT. After a store's error a part may be appended, unsigned, as far as the store took it. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_ingest(struct fluit_replica *replica,
                                                     const struct fluit_message *batch,
                                                     uint32_t *index, uint64_t *from, uint64_t *to);

/* Appends an entry of our own, unsigned as yet. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_append(struct fluit_replica *replica, uint32_t index,
                                                     const uint8_t header[static FLUIT_HEADER_LEN],
                                                     struct fluit_slice payload);
/* Signs the head of our own feed. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_sign(struct fluit_replica *replica, uint32_t index,
                                                   const struct fluit_sign_sk *sk);

/* Writes one ENTRIES message with entries from seq `from` on, ending on a signed head; *next is the
 * seq after its last. MISSING if there is nothing to send. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_batch(struct fluit_replica *replica, uint32_t index,
                                                    uint64_t from, struct fluit_buf *out,
                                                    uint64_t *next);

#endif
