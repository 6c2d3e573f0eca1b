/* message.h: what nodes say to each other after the door. PROTOCOL.md "Messages".
 *
 * Each ZeroMQ message (and the body of a live frame) is one msgpack array that starts with its
 * type:
 *
 *   HEADS   [1, digest, full, [[author, incarnation, seq, hash, sig]...]]
 *   WANT    [2, [[feed, from]...]]
 *   ENTRIES [3, author, incarnation, [[header, payload]...], sig]
 *   ASK     [4, t1]
 *   TIME    [5, t1, t2, t3, bound]
 */
#ifndef FLUIT_MESSAGE_H
#define FLUIT_MESSAGE_H

#include "proto/codec.h"
#include "proto/store.h"

enum fluit_message_type {
    FLUIT_MESSAGE_HEADS = 1,
    FLUIT_MESSAGE_WANT = 2,
    FLUIT_MESSAGE_ENTRIES = 3,
    FLUIT_MESSAGE_ASK = 4,
    FLUIT_MESSAGE_TIME = 5,
    FLUIT_MESSAGE_ASK_ROSTER = 6,
    FLUIT_MESSAGE_ROSTER = 7,
};

struct fluit_want {
    struct fluit_feed_id feed;
    uint64_t from; /* first seq wanted */
};

struct fluit_batch_entry {
    const uint8_t *header; /* FLUIT_HEADER_LEN bytes */
    struct fluit_slice payload;
};

/* A decoded message; slices and headers borrow from its bytes. Arrays are owned: deinit. */
struct fluit_message {
    enum fluit_message_type type;
    union {
        struct {
            struct fluit_hash digest; /* over all heads of the sender */
            bool full;                /* these are all its heads */
            uint32_t count;
            struct fluit_feed_info *heads;
        } heads;
        struct {
            uint32_t count;
            struct fluit_want wants[FLUIT_WANTS_MAX];
        } want;
        struct {
            struct fluit_sign_pk author;
            uint8_t incarnation[16];
            uint32_t count; /* 1.. */
            struct fluit_batch_entry entries[FLUIT_BATCH_ENTRIES_MAX];
            struct fluit_sig sig; /* of the head at the last entry */
        } entries;
        struct {
            int64_t t1;
        } ask;
        struct {
            int64_t t1, t2, t3, bound_us;
        } time;
        struct {
            struct fluit_slice bytes; /* as root signed them */
            struct fluit_sig sig;
        } roster;
    };
};

/* FORMAT, LIMIT, UNKNOWN for a type this version does not know (ignore it). Always pair with
 * fluit_message_deinit. */
FLUIT_MUST_CHECK enum fluit_err fluit_message_get(struct fluit_message *message,
                                                  struct fluit_slice bytes);
void fluit_message_deinit(struct fluit_message *message);

/* The seven, appended to out. Heads whose seq is 0 or which are not signed are the caller's bug. */
void fluit_put_heads(struct fluit_buf *out, const struct fluit_hash *digest, bool full,
                     const struct fluit_feed_info *heads, uint32_t count);
void fluit_put_want(struct fluit_buf *out, const struct fluit_want *wants, uint32_t count);
void fluit_put_entries(struct fluit_buf *out, const struct fluit_sign_pk *author,
                       const uint8_t incarnation[static 16],
                       const struct fluit_batch_entry *entries, uint32_t count,
                       const struct fluit_sig *sig);
void fluit_put_ask(struct fluit_buf *out, int64_t t1);
void fluit_put_time(struct fluit_buf *out, int64_t t1, int64_t t2, int64_t t3, int64_t bound_us);
void fluit_put_ask_roster(struct fluit_buf *out);
void fluit_put_roster(struct fluit_buf *out, struct fluit_slice bytes, const struct fluit_sig *sig);

#endif
