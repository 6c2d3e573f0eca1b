/* store_memory.h: the storage port (proto/store.h) in memory, with transactions, crashes and
 * failures to order. For unit tests and the simulator: deterministic, nothing is linear over all.
 *
 * It keeps the contract of node/io/store_sqlite.h: append gives CHAIN for all but the next entry of
 * a feed; once a write or commit has failed (but for BUSY) every later call returns that error,
 * until store_memory_crash. Inside a feeds or values callback the store must not be written to. */
#ifndef KIT_STORE_MEMORY_H
#define KIT_STORE_MEMORY_H

#include "proto/store.h"

struct store_memory;

/* Ends the program if out of memory, as do the others. */
struct store_memory *store_memory_new(void);
void store_memory_free(struct store_memory *s);
struct fluit_store store_memory_port(struct store_memory *s);

/* Makes durable what is pending. */
enum fluit_err store_memory_commit(struct store_memory *s);
/* What a power cut does: drops what is pending. Failures ordered and suffered are forgotten. */
void store_memory_crash(struct store_memory *s);
/* Was anything written since the last commit or crash? */
bool store_memory_is_pending(const struct store_memory *s);
/* Newest seq of the feed that would survive a crash; 0: none. */
uint64_t store_memory_durable_seq(const struct store_memory *s, const struct fluit_feed_id *feed);
/* The header hash of an entry that would survive a crash; false if there is none. */
bool store_memory_durable_hash(const struct store_memory *s, const struct fluit_feed_id *feed,
                               uint64_t seq, struct fluit_hash *out);

enum store_memory_call {
    STORE_MEMORY_APPEND, /* and replace */
    STORE_MEMORY_PUT,    /* and drop */
    STORE_MEMORY_SIGN,   /* and restate */
    STORE_MEMORY_COMMIT,
    STORE_MEMORY_CALLS,
};
/* The nth call of that kind from now on (1: the next) fails with err, and changes nothing. 0: none
 * will, whatever was ordered. */
void store_memory_fail(struct store_memory *s, enum store_memory_call call, uint32_t nth,
                       enum fluit_err err);

/* What broke the store; OK: nothing did since the last crash. */
enum fluit_err store_memory_broken(const struct store_memory *s);
/* No room on the disk: each write and drop fails with FULL, after a crash too, until full is false
 * again. */
void store_memory_set_full(struct store_memory *s, bool full);
/* How many calls of that kind were made so far, those that failed included. */
uint64_t store_memory_calls(const struct store_memory *s, enum store_memory_call call);

/* Another disk that holds what would survive a crash of this one; no failure is ordered there. */
struct store_memory *store_memory_copy(const struct store_memory *s);

/* Rot on the disk: flips the bits of mask in one stored byte, of the payload, the header or the
 * signature. False if there is no such byte. */
bool store_memory_flip_payload(struct store_memory *s, const struct fluit_feed_id *feed,
                               uint64_t seq, size_t offset, uint8_t mask);
bool store_memory_flip_header(struct store_memory *s, const struct fluit_feed_id *feed,
                              uint64_t seq, size_t offset, uint8_t mask);
bool store_memory_flip_sig(struct store_memory *s, const struct fluit_feed_id *feed, uint64_t seq,
                           size_t offset, uint8_t mask);

struct store_memory_flipped {
    struct fluit_feed_id feed;
    uint64_t seq;
    bool in_header; /* else in the payload */
};
/* Flips one bit of one entry, both chosen by n: any number does, every bit can be reached. False
 * if there are no entries. */
bool store_memory_flip(struct store_memory *s, uint64_t n, struct store_memory_flipped *out);

#endif
