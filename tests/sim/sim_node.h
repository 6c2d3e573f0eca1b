/* sim_node.h: a node: a core, its disk, its clock, and the life of its process.
 *
 * A turn is as in node/io/loop.c: what came is stepped, then TURN_END, then the commit, which takes
 * a while, then the effects. A crash can come anywhere between. */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include "node/core/guest.h"
#include "node/core/hub.h"
#include "tests/kit/store_memory.h"
#include "tests/sim/sim_world.h"

#define SIM_NOBODY    UINT32_MAX
#define SIM_ASKED_MAX 512

/* An event that waits for the node's next turn. */
struct sim_input {
    enum fluit_event_kind kind;
    uint32_t link;
    struct fluit_box_pk peer;
    uint32_t item;         /* COMMAND: in the ledger; SIM_NOBODY: the facilitator's */
    struct sim_mail *mail; /* owned; may be NULL */
};

/* How a crash is to come, at the next turn that writes. */
enum sim_doom {
    SIM_DOOM_NONE,
    SIM_DOOM_BEFORE_COMMIT,
    SIM_DOOM_AFTER_COMMIT, /* nothing was sent */
    SIM_DOOM_HALF_SENT,
    SIM_DOOM_AT_MARK, /* it whistled, and can't say so any more; it is back very soon */
};

struct sim_clock {
    int64_t boot_us; /* true time of the machine's start */
    int64_t offset_us;
    double ppm;
    int64_t wall_us; /* what the wall clock is ahead of the truth */
    uint8_t boot_id[16];
};

struct sim_node {
    char name[24];
    enum fluit_node_class node_class;
    uint8_t table;
    struct fluit_invite_code code; /* a guest's */
    struct store_memory *disk;
    struct sim_clock clock;

    /* Of the process; core NULL: none runs. */
    struct fluit_node *core;
    struct fluit_hub *hub;
    struct fluit_guest *guest;
    uint32_t life; /* one more with each start and end */
    bool wanted;   /* somebody has started it and would again */
    struct fluit_effects fx;
    struct sim_input *inbox;
    size_t inbox_count, inbox_cap;
    bool busy; /* between its steps and the end of its turn */
    int64_t wake_us;
    int64_t last_tick_us, turn_us;
    uint32_t spins; /* ticks that came as fast as they may */
    struct fluit_mark_id last_mark;
    struct {
        uint32_t item;
        size_t from, to; /* effects */
    } asked[SIM_ASKED_MAX];
    size_t asked_count;

    /* What plagues it. */
    enum sim_doom doom;
    int64_t frozen_until_us, slow_until_us;
    int64_t disturbed_until_us; /* the end of its last fault */
    bool astray;                /* it lives in a mesh time that is no more */
    struct fluit_box_pk pk;     /* its CURVE key, once it has started */
};

/* This node's own clock at a true time, and the first true time at which it shows local_us. */
int64_t sim_local(const struct sim_clock *clock, int64_t true_us);
int64_t sim_true(const struct sim_clock *clock, int64_t local_us);
int64_t sim_wall(const struct sim *sim, const struct sim_node *n);

void sim_node_deinit(struct sim_node *n);
void sim_node_boot(struct sim *sim, struct sim_node *n); /* the machine starts anew */
void sim_node_start(struct sim *sim, struct sim_node *n);
/* The process ends where it is; what was not committed is gone. It is started again after
 * again_us. */
void sim_node_crash(struct sim *sim, struct sim_node *n, const char *why, int64_t again_us);
/* Something came; the mail is taken over. */
void sim_node_give(struct sim *sim, struct sim_node *n, struct sim_input input);
/* Plans the next turn. */
void sim_node_poke(struct sim *sim, struct sim_node *n);
static inline bool sim_node_up(const struct sim_node *n)
{
    return n->core != NULL;
}
bool sim_node_ready(const struct sim_node *n);
uint32_t sim_node_index(const struct sim *sim, const struct sim_node *n);
/* A fault touches it until then. */
void sim_node_disturb(struct sim_node *n, int64_t until_us);

#endif
