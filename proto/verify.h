/* verify.h: checks every chain, signature and payload hash in a store.
 *
 * Reads only; memory is bounded by FLUIT_FEEDS_MAX feeds and one payload. */
#ifndef FLUIT_VERIFY_H
#define FLUIT_VERIFY_H

#include "proto/store.h"

/* The workshop's id (16 bytes) among the named values. */
#define FLUIT_NAMED_WORKSHOP "workshop"

/* What was found of one feed. */
struct fluit_verified {
    struct fluit_feed_id feed;
    uint64_t entries;      /* held, as the list of feeds says */
    uint64_t signed_heads; /* that were good */
    enum fluit_err err;    /* OK, or what kind of break */
    uint64_t bad_seq;      /* the entry that breaks it; 0: the feed itself */
    const char *what;      /* what is wrong there, in words; static. NULL if nothing is */
};

/* Calls each for every feed, ordered by id, and goes on after a broken one (it stops at its first
 * break). Returns OK and sets digest (fluit_heads_digest) if all are good; else the first break's
 * error: CHAIN, FORMAT, AUTH, MISSING or VERSION. Before any call: MISSING or FORMAT if the store
 * does not say which workshop it is of, LIMIT for too many feeds. IO, NOMEM as they come. */
FLUIT_MUST_CHECK enum fluit_err fluit_verify_store(const struct fluit_store *store,
                                                   void (*each)(void *arg,
                                                                const struct fluit_verified *feed),
                                                   void *arg, struct fluit_hash *digest);

#endif
