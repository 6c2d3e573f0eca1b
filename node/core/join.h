/* join.h: a new node before it is a member: it knocks at the hub's door with its code until it is
 * let in or refused. PROTOCOL.md "Door". */
#ifndef FLUIT_JOIN_H
#define FLUIT_JOIN_H

#include "node/core/node.h"
#include "proto/door.h"

struct fluit_joining {
    struct fluit_invite_code code;
    struct fluit_noise noise;
    bool knocking;
    uint32_t tries;
    int64_t next_us; /* when to knock again */
};

/* Knocks, and again at deadline until an answer comes. The DOOR effects go to the door that the
 * loop was told. */
void fluit_joining_knock(struct fluit_joining *joining, struct fluit_node *node,
                         struct fluit_effects *fx);
/* An answer came. True: let in, and the store holds workshop, root, roster, room key and hub. A
 * proven refusal asks the loop to quit, with a line that says what to do. */
bool fluit_joining_answer(struct fluit_joining *joining, struct fluit_node *node,
                          struct fluit_slice answer, struct fluit_effects *fx);
void fluit_joining_deinit(struct fluit_joining *joining);

/* What a member knows of its hub, kept as the named value "hub". */
struct fluit_hub_address {
    struct fluit_box_pk link;
    uint16_t sync_port, control_port, collect_port;
};
FLUIT_MUST_CHECK enum fluit_err fluit_hub_address_load(struct fluit_store store,
                                                       struct fluit_hub_address *out);
FLUIT_MUST_CHECK enum fluit_err fluit_hub_address_save(struct fluit_store store,
                                                       const struct fluit_hub_address *hub);

#endif
