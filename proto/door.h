/* door.h: JOIN and WELCOME: how a node with a code becomes a member. PROTOCOL.md "Door".
 *
 *   joiner -> hub   invite id (8 bytes), Noise message 1 with JOIN
 *   hub -> joiner   1, Noise message 2 with WELCOME or REFUSE     (the code was right)
 *                   0, reason                                     (it was not: proves nothing)
 *   anyone -> node  "fluit who 1"
 *   node -> anyone  2, where to connect
 *
 * Pure: noise state in, bytes out. Who may come in is the hub's to decide (node/core/hub_door.c).
 */
#ifndef FLUIT_DOOR_H
#define FLUIT_DOOR_H

#include "proto/identity.h"
#include "proto/invite.h"
#include "proto/noise.h"
#include "proto/roster.h"

enum fluit_refusal {
    FLUIT_REFUSED_UNKNOWN = 1, /* no such code */
    FLUIT_REFUSED_USED = 2,    /* by another device */
    FLUIT_REFUSED_EXPIRED = 3,
    FLUIT_REFUSED_CLASS = 4, /* the code is for a table, not a rapporteur, or the other way */
    FLUIT_REFUSED_WAIT = 5,  /* too many wrong codes: try later */
    FLUIT_REFUSED_MALFORMED = 6,
};
/* What the person at the joiner is told, and what to do; never NULL. */
const char *fluit_refusal_text(unsigned reason);

struct fluit_join {
    struct fluit_sign_pk sign;
    struct fluit_box_pk read;
    struct fluit_box_pk link;
    enum fluit_node_class wants; /* what it was started as */
};

struct fluit_welcome {
    struct fluit_workshop_id workshop;
    struct fluit_sign_pk root;
    struct fluit_box_pk hub_link; /* CURVE key of the hub */
    uint16_t sync_port, control_port, collect_port;
    struct fluit_secret room_key;
    struct fluit_slice roster; /* root-signed bytes; borrowed */
    struct fluit_sig roster_sig;
};

/* What a door tells anyone who asks: enough to connect, no secret. Proves nothing. */
struct fluit_who {
    struct fluit_workshop_id workshop;
    struct fluit_sign_pk root;
    struct fluit_box_pk link; /* CURVE key of who answers */
    uint16_t sync_port;
};
void fluit_who_ask(struct fluit_buf *out);
bool fluit_who_is_asked(struct fluit_slice message);
void fluit_who_answer(const struct fluit_who *who, struct fluit_buf *out);
/* FORMAT. */
FLUIT_MUST_CHECK enum fluit_err fluit_who_read(struct fluit_slice message, struct fluit_who *who);

/* Joiner: starts the handshake and appends the first message to out. */
FLUIT_MUST_CHECK enum fluit_err fluit_join_write(struct fluit_noise *noise, struct fluit_rng *rng,
                                                 const struct fluit_invite_code *code,
                                                 const struct fluit_identity *self,
                                                 enum fluit_node_class wants,
                                                 struct fluit_buf *out);
/* Hub: the invite a first message names. FORMAT. */
FLUIT_MUST_CHECK enum fluit_err fluit_join_invite(struct fluit_slice message,
                                                  struct fluit_invite_id *id);
/* Hub: opens it with that invite's code. AUTH for a wrong code, a signature that is not the
 * joiner's own, or a key that nothing can be sealed to; FORMAT. Initialises noise, also when it
 * fails: deinit it. A recorded JOIN opens again (noise.h): answer the same node only. */
FLUIT_MUST_CHECK enum fluit_err fluit_join_read(struct fluit_noise *noise,
                                                const struct fluit_invite_code *code,
                                                struct fluit_slice message, struct fluit_join *out);
/* Hub: the answers. */
FLUIT_MUST_CHECK enum fluit_err fluit_welcome_write(struct fluit_noise *noise,
                                                    struct fluit_rng *rng,
                                                    const struct fluit_welcome *welcome,
                                                    struct fluit_buf *out);
FLUIT_MUST_CHECK enum fluit_err fluit_refuse_write(struct fluit_noise *noise, struct fluit_rng *rng,
                                                   enum fluit_refusal reason,
                                                   struct fluit_buf *out);
void fluit_refuse_stranger(enum fluit_refusal reason, struct fluit_buf *out);

/* Joiner: reads an answer. FLUIT_OK: *welcome, whose roster borrows from text. DENIED: refused,
 * *reason says why and *proven whether the hub proved that it knows the code. AUTH, FORMAT: no
 * answer of ours, ignore it. */
FLUIT_MUST_CHECK enum fluit_err
fluit_welcome_read(struct fluit_noise *noise, struct fluit_slice message, struct fluit_buf *text,
                   struct fluit_welcome *welcome, unsigned *reason, bool *proven);

#endif
