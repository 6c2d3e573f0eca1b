/* sim_net.h: what connects the nodes: DEALER/ROUTER wires, live frames, the door.
 *
 * A wire is up or down; on it messages come in order, each after its delay, and are lost when it
 * breaks. Faults may also lose, double, delay and overtake them. Live frames come only while the
 * pair's wire is up, and sometimes not even then. */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "common/limits.h"
#include "node/core/links.h"
#include "tests/sim/sim_world.h"

/* Where hubs are: the door, and the sockets behind it. */
#define SIM_DOOR_PORT 7000

/* A wire's index is that of its dialler and link. */
#define SIM_LINKS_MAX FLUIT_LINKS_KEPT_MAX
#define SIM_WIRES_MAX (64 * SIM_LINKS_MAX)

struct sim_wire {
    bool used, up;
    bool told;         /* the accepting side has heard of it: its first message came */
    uint32_t from, to; /* who dialled whom; to is known while it is up */
    uint32_t link, far_link;
    uint32_t epoch; /* one more with each change */
    struct fluit_box_pk peer;
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
    int64_t up_us, backoff_us;
    int64_t last_us[2]; /* latest arrival from the dialler and to it */
};

struct sim_path {
    int64_t in_blocked_us, out_blocked_us; /* until then */
    bool hold;                             /* what was sent meanwhile comes afterwards */
    bool aside;                            /* on the other side of a cut */
    int64_t slow_us;                       /* until then delays are long */
    int64_t delay_us;                      /* on a good day */
    uint32_t door;                         /* at which it knocks; a node, or SIM_NOBODY */
    uint32_t hears, feeds;                 /* live frames: from and to which hub; or SIM_NOBODY */
};

/* Who is cut off from whom while the network is in two. */
enum sim_cut {
    SIM_CUT_ALL, /* those aside from all others */
    SIM_CUT_HUB, /* those aside from the hub only */
};

struct sim_net {
    struct sim_wire wires[SIM_WIRES_MAX];
    struct sim_path paths[64]; /* by node */
    int64_t chaos_us;          /* until then messages are lost, doubled and overtaken */
    unsigned chaos_in_million; /* how many of them */
    int64_t cut_us;            /* until then it is in two */
    int64_t held_us;           /* healed: until then what was held up comes in, all else after it */
    enum sim_cut cut;
    bool asking_ends;   /* nobody may send a WANT for a feed that it knows to be forked */
    uint32_t next_link; /* counts accepted wires */
};

struct sim_node;

/* A node more: how far it is from the others. */
void sim_net_add(struct sim *sim, uint32_t node);
/* Room for a host's name: 10.0.0.N. */
#define SIM_HOST_LEN 16
void sim_net_host(uint32_t node, char out[static SIM_HOST_LEN]);
/* Where others reach this node. */
void sim_net_endpoint(const struct sim *sim, uint32_t node, char *out, size_t cap);
/* Carries out one of the effects that leave the node. */
void sim_net_carry(struct sim *sim, struct sim_node *from, const struct fluit_effect *effect,
                   struct fluit_slice bytes);
/* The node's process ended: its wires break. */
void sim_net_gone(struct sim *sim, struct sim_node *n);
/* Breaks the node's wires, or (the hub's) all; they are dialled again. */
void sim_net_disconnect(struct sim *sim, uint32_t node);
/* Nothing gets in, or out, for so long. hold: what is sent meanwhile is not lost but late, as TCP
 * has it, if the wire is still there afterwards. */
void sim_net_block(struct sim *sim, uint32_t node, bool in, bool out, bool hold, int64_t for_us);
/* The node is frozen: its wires break after a while. */
void sim_net_watch(struct sim *sim, uint32_t node);
/* Cuts off those whose path is aside. */
void sim_net_cut(struct sim *sim, enum sim_cut cut, int64_t for_us);
void sim_net_heal(struct sim *sim);
/* Is a wire of the node's making to that one up? */
bool sim_net_linked(const struct sim *sim, uint32_t node, uint32_t to);

#endif
