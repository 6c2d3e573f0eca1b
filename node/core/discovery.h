/* discovery.h: finding hubs by their beacons, and being found. PROTOCOL.md "Beacon".
 *
 * Anyone can send a beacon: it says where to try, and costs a bounded look. */
#ifndef FLUIT_DISCOVERY_H
#define FLUIT_DISCOVERY_H

#include "node/core/join.h"

struct fluit_discovery {
    int64_t second_us; /* looks are counted from here */
    uint32_t looks;
};

/* FLUIT_EVENT_BEACON: tells links of a member's sync port, or, before this node is a member,
 * joining of a door. Others are passed over. */
void fluit_discovery_hear(struct fluit_discovery *discovery, struct fluit_node *node,
                          struct fluit_joining *joining, struct fluit_links *links,
                          const struct fluit_event *event);
/* FLUIT_EVENT_ADDRESSES at a hub or standby whose door is at door_port: adds a BEACON effect. */
void fluit_discovery_tell(const struct fluit_node *node, uint16_t door_port,
                          const struct fluit_event *event, struct fluit_effects *fx);

/* FLUIT_EVENT_ADDRESSES at a guest: is its endpoint's host still one of this machine's addresses?
 * If not it takes another, and says so in a HELLO. */
void fluit_discovery_move(struct fluit_node *node, uint16_t sync_port,
                          const struct fluit_event *event, struct fluit_effects *fx);

#endif
