#include "node/core/peers.h"

#include <stdlib.h>
#include <string.h>

void fluit_peers_deinit(struct fluit_peers *peers)
{
    free(peers->addresses);
    *peers = (struct fluit_peers){0};
}

static bool grow(struct fluit_peers *peers, uint32_t rank)
{
    uint32_t cap = peers->cap ? peers->cap : 32;
    if (rank < peers->cap)
        return true;
    while (cap <= rank)
        cap *= 2;
    struct fluit_peer_address *addresses = realloc(peers->addresses, cap * sizeof *addresses);
    if (!addresses)
        return false; /* then it is no peer of ours: the hub and others are */
    memset(addresses + peers->cap, 0, (cap - peers->cap) * sizeof *addresses);
    peers->addresses = addresses;
    peers->cap = cap;
    return true;
}

void fluit_peers_hello(struct fluit_peers *peers, const struct fluit_origin *origin,
                       const struct fluit_act *act)
{
    struct fluit_slice endpoint = act->hello.endpoint;
    if (origin->rank >= FLUIT_NODES_MAX || endpoint.len > FLUIT_ENDPOINT_LEN_MAX ||
        !grow(peers, origin->rank))
        return;
    struct fluit_peer_address *address = &peers->addresses[origin->rank];
    if (address->known && fluit_origin_cmp(&address->origin, origin) >= 0)
        return;
    address->known = true;
    address->origin = *origin;
    if (endpoint.len > 0)
        memcpy(address->endpoint, endpoint.data, endpoint.len);
    address->endpoint[endpoint.len] = 0;
    peers->stale = true;
}

static bool is_peer(const struct fluit_peers *peers, const struct fluit_node *node, uint32_t index)
{
    const struct fluit_member *member = &node->roster.members[index];
    return member->node_class != FLUIT_NODE_HUB && fluit_member_admitted(member) &&
           index < peers->cap && peers->addresses[index].known &&
           peers->addresses[index].endpoint[0];
}

static void link_to(struct fluit_peers *peers, uint32_t place, const struct fluit_box_pk *peer,
                    const char *endpoint, struct fluit_effects *fx)
{
    bool same = peers->chosen[place].linked &&
                memcmp(peers->chosen[place].peer.b, peer->b, sizeof peer->b) == 0 &&
                strcmp(peers->chosen[place].endpoint, endpoint) == 0;
    if (same)
        return;
    struct fluit_effect *connect =
        fluit_effects_add(fx, FLUIT_EFFECT_CONNECT, fluit_slice_str(endpoint));
    connect->link = FLUIT_LINK_PEERS + place;
    connect->peer = *peer;
    peers->chosen[place].linked = true;
    peers->chosen[place].peer = *peer;
    memcpy(peers->chosen[place].endpoint, endpoint, strlen(endpoint) + 1);
}

void fluit_peers_choose(struct fluit_peers *peers, const struct fluit_node *node,
                        struct fluit_effects *fx)
{
    int self = fluit_node_member(node);
    uint32_t place = 0;
    if (!peers->stale || self < 0)
        return;
    peers->stale = false;
    for (uint32_t step = 1; step < node->roster.count && place < FLUIT_PEERS_MAX; step++) {
        uint32_t index = ((uint32_t)self + step) % node->roster.count;
        if (is_peer(peers, node, index))
            link_to(peers, place++, &node->roster.members[index].link,
                    peers->addresses[index].endpoint, fx);
    }
    for (; place < FLUIT_PEERS_MAX; place++) {
        if (peers->chosen[place].linked)
            fluit_effects_add(fx, FLUIT_EFFECT_DROP_LINK, fluit_slice(NULL, 0))->link =
                FLUIT_LINK_PEERS + place;
        peers->chosen[place].linked = false;
    }
}
