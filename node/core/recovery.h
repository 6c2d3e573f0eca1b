/* recovery.h: a new hub's data from the recovery key and what other nodes hold.
 *
 * The recovery key is the seed of a member that was in the roster from the start (hub_create.c);
 * all story keys, the room key and root's are sealed to it. So whoever has it and the feeds, from
 * wherever, has all that the hub had, codes too. PROTOCOL.md "Roster", "Keys". Pure. */
#ifndef FLUIT_RECOVERY_H
#define FLUIT_RECOVERY_H

#include "node/core/gather.h"
#include "node/core/node.h"

/* What came of it; to be read after fluit_recovery_run gave OK. */
struct fluit_recovery {
    struct fluit_node node; /* first: hooks get from it to us. The new hub's, all folded; feeds with
                               known_seq beyond what is held are not whole */
    struct fluit_gather_source *sources; /* the caller's */
    uint32_t source_count;
    uint32_t at_odds[2];         /* with FORK: the two sources */
    struct fluit_buf yaml;       /* the script */
    struct fluit_cut_head *gone; /* feeds that a cut names and of which nothing is held; owned */
    uint32_t gone_count;
};

/* USED if the store holds a workshop, or any node's identity; else OK, or the store's error. */
FLUIT_MUST_CHECK enum fluit_err fluit_recovery_check(struct fluit_store target);

/* Fills target, which the caller commits after OK and drops after anything else. It gets: the
 * recovery key as its seed, workshop, root, the newest roster, all feeds as far as the sources have
 * them, the keys that are sealed to it, the script, and the order to lead. Each source's err tells
 * why it was left out: MISSING, it holds no workshop; WORKSHOP, it is of another one; or its own.
 * Errors:
 *   USED     target is not empty
 *   MISSING  no source holds a workshop
 *   AUTH     key is not the recovery key of any source's workshop
 *   FORK     it is that of two, which can't be: at_odds
 *   DENIED   it was one, and is not any more
 *   NOKEY    the sources do not have the hub's feed, or not that part in which the keys and the
 *            script stand
 * or NOMEM, or the target's store's. Zero-initialise r; pair with fluit_recovery_deinit in any
 * case. */
FLUIT_MUST_CHECK enum fluit_err
fluit_recovery_run(struct fluit_recovery *r, struct fluit_store target,
                   const struct fluit_secret *key, struct fluit_gather_source *sources,
                   uint32_t count, const uint8_t entropy[static 32]);
void fluit_recovery_deinit(struct fluit_recovery *r);

#endif
