/* entry.h: the fixed header of an entry, its hash and its place in a chain. PROTOCOL.md "Entries".
 *
 *   offset size
 *        0    4  "FLE1"
 *        4    1  class (enum fluit_class)
 *        5    1  round, 0 outside the rounds
 *        6    2  zero
 *        8    8  seq, 1..2^63 - 1
 *       16    8  mesh time in us, two's complement: the author's remark, orders nothing
 *       24   32  feed
 *       56   32  prev: hash of the header before, zeros when seq is 1
 *       88   32  key id, zeros in class OPEN
 *      120    4  payload length
 *      124   32  payload hash
 */
#ifndef FLUIT_ENTRY_H
#define FLUIT_ENTRY_H

#include "common/act.h"

#define FLUIT_HEADER_LEN    156
#define FLUIT_HEADER_AD_LEN 124 /* what sealing binds: all before the payload hash */

struct fluit_workshop_id {
    uint8_t b[16];
};
struct fluit_key_id {
    uint8_t b[32];
};

struct fluit_header {
    enum fluit_class entry_class;
    uint8_t round;
    uint64_t seq;
    int64_t mesh_us;
    struct fluit_feed_id feed;
    struct fluit_hash prev;
    struct fluit_key_id key_id;
    uint32_t payload_len;
    struct fluit_hash payload_hash;
};

void fluit_header_put(const struct fluit_header *header, uint8_t out[static FLUIT_HEADER_LEN]);
/* FORMAT for bytes no put would write; VERSION; LIMIT for a payload length over
 * FLUIT_PAYLOAD_MAX or a seq over 2^63 - 1. */
FLUIT_MUST_CHECK enum fluit_err fluit_header_get(struct fluit_header *header,
                                                 const uint8_t in[static FLUIT_HEADER_LEN]);
struct fluit_hash fluit_header_hash(const uint8_t header[static FLUIT_HEADER_LEN]);
struct fluit_hash fluit_payload_hash(struct fluit_slice payload);

/* The feed that this key writes in this incarnation. */
struct fluit_feed_id fluit_feed_id(const struct fluit_sign_pk *author,
                                   const uint8_t incarnation[static 16]);

/* A signed head vouches for the entry (feed, seq, header hash) and all before it. */
struct fluit_sig fluit_head_sign(const struct fluit_sign_sk *sk,
                                 const struct fluit_workshop_id *workshop,
                                 const struct fluit_feed_id *feed, uint64_t seq,
                                 const struct fluit_hash *hash);
bool fluit_head_verify(const struct fluit_sign_pk *author, const struct fluit_sig *sig,
                       const struct fluit_workshop_id *workshop, const struct fluit_feed_id *feed,
                       uint64_t seq, const struct fluit_hash *hash);

#endif
