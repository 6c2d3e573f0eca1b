/* store.h: what the protocol asks of a disk: the storage port.
 *
 * The core calls it synchronously inside a step; what it appends is readable at once and becomes
 * durable when the loop commits, once per turn, before anything that was sent in the turn leaves.
 * node/io/store_sqlite.c is the real one, tests/sim/store_sim.c the simulator's. */
#ifndef FLUIT_STORE_H
#define FLUIT_STORE_H

#include "proto/entry.h"

/* What is known of a feed: who writes it and how far it is held. */
struct fluit_feed_info {
    struct fluit_feed_id id;
    struct fluit_sign_pk author;
    uint8_t incarnation[16];
    uint64_t seq;           /* of the newest entry held; 0: none */
    struct fluit_hash hash; /* of its header; zeros when seq is 0 */
    uint64_t signed_seq;    /* newest entry with a signature held; entries end on one */
    struct fluit_sig sig;
};

/* One stored entry. payload borrows from the scratch buffer given to get. */
struct fluit_stored {
    uint8_t header[FLUIT_HEADER_LEN];
    struct fluit_slice payload;
    bool has_sig;
    struct fluit_sig sig; /* of the head at this entry, if has_sig */
};

struct fluit_store_ops {
    /* Adds the entry after the newest of its feed (a first entry, seq 1, makes the feed known, by
     * the author and incarnation in info). sig is NULL for an entry inside a batch. */
    enum fluit_err (*append)(void *store, const struct fluit_feed_info *info,
                             const uint8_t header[FLUIT_HEADER_LEN], struct fluit_slice payload,
                             const struct fluit_sig *sig);
    /* Signs an entry that was appended without: the feed now ends on a signed head. */
    enum fluit_err (*sign)(void *store, const struct fluit_feed_id *feed, uint64_t seq,
                           const struct fluit_sig *sig);
    /* Puts the entry in the place of the one that has its seq, damaged or missing; it is not after
     * the newest. sig is NULL for none. MISSING if the feed is not held so far. */
    enum fluit_err (*replace)(void *store, const struct fluit_feed_id *feed,
                              const uint8_t header[FLUIT_HEADER_LEN], struct fluit_slice payload,
                              const struct fluit_sig *sig);
    /* Writes anew what is known of a feed, if it is: author, incarnation, how far it is held, and
     * the signature, also at its entry. Entries after info->seq are dropped. */
    enum fluit_err (*restate)(void *store, const struct fluit_feed_info *info);
    /* MISSING if there is no such entry, FORMAT if it is stored in a damaged way. scratch is
     * overwritten. What it gives may have rotted: fluit_replica_get tells. */
    enum fluit_err (*get)(void *store, const struct fluit_feed_id *feed, uint64_t seq,
                          struct fluit_stored *out, struct fluit_buf *scratch);
    /* Calls each for the entries of the feed from seq `from` on, in the order in which they stand;
     * stops at the first error and returns it. Those that get would not give are left out, and
     * FORMAT tells of a file too damaged to read on. entry's payload is borrowed during the call,
     * in which every operation that only reads may be used. */
    enum fluit_err (*each)(void *store, const struct fluit_feed_id *feed, uint64_t from,
                           enum fluit_err (*each)(void *arg, uint64_t seq,
                                                  const struct fluit_stored *entry),
                           void *arg);
    /* Calls each for every feed, in any order; stops at the first error and returns it. */
    enum fluit_err (*feeds)(void *store,
                            enum fluit_err (*each)(void *arg, const struct fluit_feed_info *info),
                            void *arg);
    /* Small named values: identity, keys, clock. Put replaces; a get of none gives MISSING. What
     * was in out is overwritten. */
    enum fluit_err (*put)(void *store, const char *name, struct fluit_slice value);
    enum fluit_err (*value)(void *store, const char *name, struct fluit_buf *out);
    /* Calls each for every named value whose name starts with prefix, ordered by name. */
    enum fluit_err (*values)(void *store, const char *prefix,
                             enum fluit_err (*each)(void *arg, const char *name,
                                                    struct fluit_slice value),
                             void *arg);
    enum fluit_err (*drop)(void *store, const char *name);
};

/* A port: the operations and the storage they work on; neither is owned. */
struct fluit_store {
    const struct fluit_store_ops *ops;
    void *self;
};

#endif
