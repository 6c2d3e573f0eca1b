/* replica_internal.h: what the files of the replica share. */
#ifndef FLUIT_REPLICA_INTERNAL_H
#define FLUIT_REPLICA_INTERNAL_H

#include "proto/replica.h"

/* Reads a whole feed and lists anew what is damaged. Errors: the store's, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_look_through(struct fluit_replica *replica,
                                                           struct fluit_feed *feed);
/* Lists the entry at seq as damaged; only_sig: its signature is, the entry is not. Errors: the
 * store's, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_note_damage(struct fluit_replica *replica,
                                                          struct fluit_feed *feed, uint64_t seq,
                                                          bool only_sig);
/* Frees an empty list. */
void fluit_replica_forget_if_none(struct fluit_feed *feed);

/* Before anything else is written of a feed, the store is told what it had wrong. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_restate(struct fluit_replica *replica,
                                                      struct fluit_feed *feed);
/* What is damaged and stands in the batch, which is checked, is replaced; *from and *to become the
 * first and last of it, if there is any. Errors: the store's, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_mend(struct fluit_replica *replica,
                                                   struct fluit_feed *feed,
                                                   const struct fluit_message *batch,
                                                   uint64_t first, const struct fluit_hash *hashes,
                                                   uint64_t *from, uint64_t *to);
/* Reads the entry at seq, put right if one bit of its header, of its payload or of each is wrong:
 * what the header must hash to is told by the next one, or by the head. Errors: the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_read_healed(struct fluit_replica *replica,
                                                          const struct fluit_feed *feed,
                                                          uint64_t seq, struct fluit_stored *out,
                                                          struct fluit_buf *scratch, bool *good);
/* The same for the entry in the store, and in the list of what is damaged. A store that can't be
 * written now, or is only read, is no error. */
FLUIT_MUST_CHECK enum fluit_err fluit_replica_heal(struct fluit_replica *replica,
                                                   struct fluit_feed *feed, uint64_t seq,
                                                   bool *healed);

#endif
