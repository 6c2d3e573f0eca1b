/* peers.h: which other tables a node keeps links to, so that entries travel when the hub is gone.
 * PROTOCOL.md "Peers".
 *
 * Addresses stand in hello entries, nowhere else. Each node pulls from the next up to
 * FLUIT_PEERS_MAX members after it in the roster, seen as a ring, that have an address: so the
 * links of all make one connected mesh, also when a part of them is missing. */
#ifndef FLUIT_PEERS_H
#define FLUIT_PEERS_H

#include "node/core/node.h"

/* Links to peers have the ids after the hub's. */
#define FLUIT_LINK_PEERS (FLUIT_LINK_HUB + 1)

struct fluit_peer_address {
    struct fluit_origin origin; /* of the hello that said so; the newest counts */
    bool known;
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
};

struct fluit_peers {
    struct fluit_peer_address *addresses; /* by roster index; owned */
    uint32_t cap;
    struct {
        bool linked;
        struct fluit_box_pk peer;
        char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
    } chosen[FLUIT_PEERS_MAX];
    bool stale; /* something changed since they were chosen */
};

void fluit_peers_deinit(struct fluit_peers *peers);
/* A hello became known. */
void fluit_peers_hello(struct fluit_peers *peers, const struct fluit_origin *origin,
                       const struct fluit_act *act);
/* Chooses anew if something changed: adds CONNECT and DROP_LINK effects for what differs. */
void fluit_peers_choose(struct fluit_peers *peers, const struct fluit_node *node,
                        struct fluit_effects *fx);

#endif
