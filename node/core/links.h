/* links.h: which other nodes a node keeps links to, and where they are reached. PROTOCOL.md
 * "Links".
 *
 *   to the hub now followed     messages, and live frames both ways
 *   to other hubs and standbys  messages: warm, for the day one takes over; FLUIT_STANDBYS_MAX
 *   to peers                    messages: FLUIT_PEERS_MAX
 *
 * Peers are the members before it in the roster, seen as a ring, that have an address: so the links
 * of all make one connected mesh, also when a part of them is missing, and beyond
 * FLUIT_HOLD_ALL_MAX members lead to those whose feeds this one is to hold.
 *
 * Where a member is reached is said by its hello entries; by its beacons; and, for the hub that let
 * us in, by who typed its address. None of it is trusted: CURVE finds out. What does not answer is
 * tried elsewhere, in turn. */
#ifndef FLUIT_LINKS_H
#define FLUIT_LINKS_H

#include "node/core/node.h"

#define FLUIT_HOST_LEN_MAX   255
#define FLUIT_LINKS_KEPT_MAX (1 + FLUIT_STANDBYS_MAX + FLUIT_PEERS_MAX)

/* Where a hub is reached: kept as the named values "hub" and "host". */
struct fluit_hub_address {
    struct fluit_box_pk link;
    char host[FLUIT_HOST_LEN_MAX + 1];
    uint16_t sync_port, control_port, collect_port;
};
/* MISSING; FORMAT; the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_hub_address_load(struct fluit_store store,
                                                       struct fluit_hub_address *out);
FLUIT_MUST_CHECK enum fluit_err fluit_hub_address_save(struct fluit_store store,
                                                       const struct fluit_hub_address *hub);

/* What a member's newest hello said. */
struct fluit_told_address {
    struct fluit_origin origin;
    bool known;
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
    int64_t missed_us; /* as a peer it did not answer then, and has not since; 0: it has */
};

struct fluit_kept_link {
    bool used;
    bool up;
    struct fluit_box_pk peer;
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
    uint32_t tries;   /* addresses tried in vain: which is next */
    int64_t since_us; /* when it was dialled last, or went up or down */
};

struct fluit_links {
    struct fluit_told_address *told; /* by roster index; owned */
    uint32_t told_cap;
    struct fluit_hub_address typed; /* host "": none */
    struct {
        struct fluit_sign_pk sign;
        char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
        int64_t heard_us; /* 0: none */
        int64_t mesh_us;  /* the newest that was heard said so; 0: not known there */
    } beacons[FLUIT_STANDBYS_MAX];
    struct fluit_kept_link kept[FLUIT_LINKS_KEPT_MAX];
    struct fluit_box_pk hub;                  /* followed when they were chosen; zeros: nobody */
    struct fluit_box_pk live;                 /* whose live frames are taken and who gets ours */
    char live_at[FLUIT_ENDPOINT_LEN_MAX + 1]; /* "": nobody's */
    bool stale;                               /* something changed since they were chosen */
};

void fluit_links_deinit(struct fluit_links *links);
/* A hello became known. */
void fluit_links_hello(struct fluit_links *links, const struct fluit_origin *origin,
                       const struct fluit_act *act);
/* A hub's or standby's beacon, its signature good, says where its sync port is. */
void fluit_links_beacon(struct fluit_links *links, const struct fluit_sign_pk *sign,
                        const char *endpoint, int64_t mesh_us, int64_t now_us);
/* Members have other ranks now: hellos will be told again. */
void fluit_links_reindexed(struct fluit_links *links);
/* LINK_UP and LINK_DOWN; others are passed over. */
void fluit_links_event(struct fluit_links *links, const struct fluit_event *event);
/* Chooses anew if something changed or does not answer: adds CONNECT, SUBSCRIBE, FEED_TO and
 * DROP_LINK effects for what differs. At each turn's end. */
void fluit_links_choose(struct fluit_links *links, struct fluit_node *node,
                        struct fluit_effects *fx);
/* When to choose at the latest; INT64_MAX: when something changes. */
int64_t fluit_links_deadline(const struct fluit_links *links);

#endif
