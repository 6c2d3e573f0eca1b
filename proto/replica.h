/* replica.h: the feeds a node holds: their heads in memory, their entries in its store.
 * PROTOCOL.md "Feeds", "Damage".
 *
 * Batches from peers are checked whole (structure, chain, signature, payload hashes) before any
 * entry is appended. Whose feeds are welcome is the caller's to decide, from the roster.
 *
 * A disk may rot. Init reads all entries (about 1 us each) and each read looks again. Where one bit
 * is wrong it is put right. What else is not as its author signed it counts as not held, is neither
 * read nor passed on, and is replaced when a peer's batch brings it. Until then no head is told
 * that would vouch for it. */
#ifndef FLUIT_REPLICA_H
#define FLUIT_REPLICA_H

#include "proto/damage.h"
#include "proto/message.h"

struct fluit_feed {
    struct fluit_feed_info info;
    bool forked;                  /* a second branch was shown; the first one held stays */
    struct fluit_feed_info rival; /* a signed head of another branch; seq 0: none is known */
    bool rival_told;              /* to all who had a link then */
    uint64_t known_seq;           /* longest that its author signed, as peers showed */
    bool restate; /* what the store says of the feed is wrong: info goes there first */
    struct fluit_damage *damage; /* owned; NULL: none is known */
    /* sync.c's: */
    bool wanted;     /* a WANT for want_from on is under way */
    bool unanswered; /* the last one was not answered in time */
    uint64_t want_from;
    int64_t want_until_us;
    uint32_t want_link; /* who was asked last */
    /* The same for what is damaged. */
    bool mending, mend_unanswered;
    int64_t mend_until_us;
    uint64_t mend_last; /* the last one asked for: answers come in order */
    uint32_t mend_link;
};

struct fluit_replica {
    struct fluit_store store;
    struct fluit_workshop_id workshop;
    struct fluit_feed **feeds; /* owned, in order of arrival; a feed's index never changes */
    uint32_t count, cap;
    struct fluit_hash digest; /* over all heads */
    bool digest_stale;
    bool reads_only; /* the store: what is damaged is put right at each read, if it can be */
};

/* Reads the store. What is damaged is no error; those are the store's own, LIMIT and NOMEM. Writes
 * only what it puts right; a store that is only read is good as well. */
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
/* Digest over the heads up to which all is good (PROTOCOL.md "Digest"). */
struct fluit_hash fluit_replica_digest(struct fluit_replica *replica);
/* The newest signed head before which nothing is damaged, as it may be told to others; *head is the
 * feed's info with that head. False if there is none, or if the feed has an unsigned end. */
bool fluit_replica_head(const struct fluit_replica *replica, uint32_t index,
                        struct fluit_feed_info *head);
/* Is an entry of the feed damaged? */
bool fluit_replica_damaged(const struct fluit_replica *replica, uint32_t index);
/* Does a header of that seq and hash belong to the branch that is held? True also where that can't
 * be told: after the newest, and beside what is damaged. is_authors: its author signed it; if it
 * does not agree then the whole feed is read, as our own header may have rotted since it was last
 * looked at. Errors: the store's, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_agrees(struct fluit_replica *replica, uint32_t index,
                                                     uint64_t seq, const struct fluit_hash *hash,
                                                     bool is_authors, bool *agrees);

/* Takes in a batch. *from and *to tell which entries are to be read: those appended or mended, with
 * what stands between (from > to: none, all were held). Errors, with nothing appended: FORMAT,
 * AUTH, CHAIN (a gap: entries before it are missing), FORK (contradicts what is held, and is signed
 * by its author: the feed is marked), LIMIT. After a store's error a part may be appended,
 * unsigned, as far as the store took it. */
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

/* An entry that is held and good, as get of the store gives it. MISSING if it is not held or is
 * damaged; else the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_get(struct fluit_replica *replica, uint32_t index,
                                                  uint64_t seq, struct fluit_stored *out,
                                                  struct fluit_buf *scratch);
/* Writes one ENTRIES message with entries from seq `from` on, ending on a signed head; *next is the
 * seq after its last. It is one that others take. MISSING if there is nothing good to send. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_batch(struct fluit_replica *replica, uint32_t index,
                                                    uint64_t from, struct fluit_buf *out,
                                                    uint64_t *next);

#endif
