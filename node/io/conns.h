/* conns.h: the connections that others made to us: (socket, routing id) <-> link id.
 *
 * ZeroMQ's ROUTER does not tell when a peer leaves, so a table of them only grows: it is bounded,
 * and a newcomer takes the place of the one that was silent longest. One thread. */
#ifndef FLUIT_CONNS_H
#define FLUIT_CONNS_H

#include "common/crypto.h"
#include "common/limits.h"

struct fluit_conn {
    uint32_t id;
    void *socket; /* which of our sockets; here only compared */
    uint8_t routing_id[FLUIT_ROUTING_ID_MAX];
    uint8_t routing_id_len;
    struct fluit_box_pk peer; /* zeros at the door */
    uint64_t heard;           /* greater is later */
    bool gone;                /* its DOWN has yet to be told */
};

struct fluit_conns {
    struct fluit_conn *items;
    size_t count, cap, max;
    uint64_t heard;
    uint32_t next_id;
};

/* first_id: the first link's id; later ones count up. max bounds the table. */
void fluit_conns_init(struct fluit_conns *links, uint32_t first_id, size_t max);
void fluit_conns_deinit(struct fluit_conns *links);

/* The link of a message that just came, or NULL if it is new: one routing id under another key is
 * another link. */
struct fluit_conn *fluit_conns_heard(struct fluit_conns *links, const void *socket,
                                     struct fluit_slice routing_id,
                                     const struct fluit_box_pk *peer);
struct fluit_conn *fluit_conns_find(struct fluit_conns *links, uint32_t id);
/* Adds a link. When the table is full the longest silent leaves it: *evicted_id is its id, else 0.
 * Errors: LIMIT (the routing id is too long), NOMEM. The pointer holds until the next add. */
FLUIT_MUST_CHECK enum fluit_err fluit_conns_add(struct fluit_conns *links, void *socket,
                                                struct fluit_slice routing_id,
                                                const struct fluit_box_pk *peer,
                                                struct fluit_conn **out, uint32_t *evicted_id);
/* Forgets a link; an id that is not there is no error. */
void fluit_conns_drop(struct fluit_conns *links, uint32_t id);

#endif
