/* sim_node.h: a node: a core, its disk, its clock, and the life of its process.
 *
 * sim_node.c starts and ends it; sim_turn.c is its loop. A turn is as in node/io/loop.c: what came
 * is stepped, then TURN_END, then the commit, which takes a while, then the effects. A crash can
 * come anywhere between. */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include "node/core/guest.h"
#include "node/core/hub.h"
#include "tests/kit/store_memory.h"
#include "tests/sim/sim_clock.h"

#define SIM_NOBODY    UINT32_MAX
#define SIM_ASKED_MAX 512

/* An event that waits for the node's next turn. */
struct sim_input {
    enum fluit_event_kind kind;
    uint32_t link;
    struct fluit_box_pk peer;
    uint32_t item; /* COMMAND: in the ledger, SIM_NOBODY: the facilitator's; BEACON: whose */
    struct sim_mail *mail; /* owned; may be NULL */
};

/* How a crash is to come, at the next turn that writes. */
enum sim_doom {
    SIM_DOOM_NONE,
    SIM_DOOM_BEFORE_COMMIT,
    SIM_DOOM_AFTER_COMMIT, /* nothing was sent */
    SIM_DOOM_HALF_SENT,
    SIM_DOOM_AT_MARK,    /* it whistled, and can't say so any more; it is back very soon */
    SIM_DOOM_AFTER_MARK, /* it whistled and saved that; it is back very soon */
};

struct sim_node;

/* What runs on a node. Another kind of core is another row in sim_node.c. */
struct sim_kind {
    /* Sets the node's core and self. */
    enum fluit_err (*make)(struct sim *sim, struct sim_node *n, const uint8_t entropy[32]);
    void (*end)(struct sim_node *n);
    void (*step)(void *self, const struct fluit_event *event, struct fluit_effects *fx);
    int64_t (*deadline)(void *self);
    bool (*alarm)(void *self, struct fluit_mark *mark, int64_t *local_us);
    bool (*admits)(void *self, const struct fluit_box_pk *key);
};

struct sim_node {
    char name[24];
    enum fluit_node_class node_class;
    uint8_t table;
    struct fluit_invite_code code; /* a guest's */
    struct store_memory *disk;
    struct sim_clock clock;
    uint32_t twin_of;            /* whose disk was copied for it; SIM_NOBODY: nobody's */
    bool replaced;               /* its place was another device's before */
    bool lost_keys;              /* it wrote, with keys that it has not: see sim_check.c */
    bool renewing;               /* it waits for a new code */
    struct store_memory *backup; /* what it will be put back to; NULL: nothing */
    uint32_t backup_roster;
    int64_t put_back_us; /* when it last was; 0: never */

    /* Of the process; core NULL: none runs. */
    const struct sim_kind *kind;
    void *self; /* hub or guest */
    struct fluit_node *core;
    struct fluit_hub *hub;
    struct fluit_guest *guest;
    uint32_t life; /* one more with each start and end */
    uint16_t port; /* a guest's, for its peers; kept, if it is still free */
    bool wanted;   /* somebody has started it and would again */
    struct fluit_effects fx;
    struct sim_input *inbox;
    size_t inbox_count, inbox_cap;
    bool busy; /* between its steps and the end of its turn */
    int64_t wake_us;
    int64_t last_tick_us, turn_us;
    int64_t beacon_us; /* local: when it tells where it is; a guest never does */
    uint32_t spins;    /* ticks that came as fast as they may */
    struct fluit_mark_id last_mark;
    bool sounded; /* and that is not committed yet */
    struct {
        uint32_t item;
        size_t from, to; /* effects */
    } asked[SIM_ASKED_MAX];
    size_t asked_count;
    uint32_t commits; /* turns that wrote, in all its lives */

    /* What plagues it. */
    enum sim_doom doom;
    uint32_t doom_commit; /* with that many commits doom_then comes; 0: it does not */
    enum sim_doom doom_then;
    int64_t frozen_until_us, slow_until_us;
    int64_t disturbed_until_us; /* the end of its last fault */
    bool astray;                /* it lives in a mesh time that is no more */
    bool old_time;              /* it may, or come back with it */
    uint32_t right_life; /* when it had the right one since: in that life, from right_us on */
    int64_t right_us;
    bool remembered;        /* in this life its memory of whistles was looked at */
    struct fluit_box_pk pk; /* its CURVE key, once it has started */
};

/* Who has which CURVE key, and had: a device whose disk was destroyed comes back as another. A twin
 * has its original's. */
#define SIM_OWNERS_MAX 512
struct sim_owners {
    struct {
        struct fluit_box_pk pk;
        uint32_t node;
    } items[SIM_OWNERS_MAX];
    uint32_t count;
};
void sim_owner_note(struct sim *sim, uint32_t node, const struct fluit_box_pk *pk);
uint32_t sim_owner_of(const struct sim *sim, const struct fluit_box_pk *pk); /* or SIM_NOBODY */

void sim_node_deinit(struct sim_node *n);
void sim_node_start(struct sim *sim, struct sim_node *n);
/* The process ends where it is; what was not committed is gone. It is started again after
 * again_us. */
void sim_node_crash(struct sim *sim, struct sim_node *n, const char *why, int64_t again_us);
/* Somebody will start it. */
void sim_node_start_after(struct sim *sim, struct sim_node *n, int64_t after_us);
/* The process ends, if one runs, and is not started again by itself. */
void sim_node_stop(struct sim *sim, struct sim_node *n, const char *why);
/* Something came; the mail is taken over. */
void sim_node_give(struct sim *sim, struct sim_node *n, struct sim_input input);
/* Plans the next turn. */
void sim_node_poke(struct sim *sim, struct sim_node *n);
static inline bool sim_node_up(const struct sim_node *n)
{
    return n->core != NULL;
}
static inline bool sim_node_admits(const struct sim_node *n, const struct fluit_box_pk *key)
{
    return n->kind->admits(n->self, key);
}
static inline bool sim_node_may_lead(const struct sim_node *n)
{
    return n->node_class == FLUIT_NODE_HUB || n->node_class == FLUIT_NODE_STANDBY;
}
bool sim_node_ready(const struct sim_node *n);
uint32_t sim_node_index(const struct sim *sim, const struct sim_node *n);
/* A fault touches it until then. */
void sim_node_disturb(struct sim_node *n, int64_t until_us);

/* sim_turn.c: the first turn of a process, and what its end leaves behind. */
void sim_turn_first(struct sim *sim, struct sim_node *n);
void sim_turn_forget(struct sim_node *n);

#endif
