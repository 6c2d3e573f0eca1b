/* sim_marks.h: whistles: what the hub planned, and who sounded what when, in the true mesh time.
 *
 * The true mesh time is the clock of the hub in charge (also while it is down). */
#ifndef SIM_MARKS_H
#define SIM_MARKS_H

#include "tests/sim/sim_node.h"

struct sim_mark {
    struct fluit_mark mark;
    int64_t published_us; /* true time of the hub's commit */
    int64_t dropped_us;   /* a newer plan left it out; INT64_MAX: none did */
    bool heard;           /* the hub was well when it was to tell of it */
    uint64_t well;        /* the nodes, by bit, that were here then */
};

struct sim_sound {
    uint32_t node;
    uint32_t life; /* of the node then */
    bool saved;    /* FIRED is on its disk */
    bool lost;     /* a hub's, whose disk was put back: nobody else may know of that mark */
    struct fluit_mark_id id;
};

struct sim_marks {
    struct sim_mark *marks; /* owned */
    uint32_t count, cap;
    struct sim_sound *sounds; /* owned */
    uint32_t sound_count, sound_cap;
    uint32_t term;
    uint32_t revision;
    /* The true mesh time. */
    bool led;
    int64_t kink_us; /* when another boot's clock came to lead; 0: never */
    int64_t anew_us; /* when it last began anew; 0: never */
    bool lead_lost;  /* the leader's disk is not what it was: it may have forgotten the time */
    struct fluit_clock lead;
    int64_t lead_bound_us;
    uint32_t lead_term;
    struct sim_clock lead_by;
    uint32_t expected; /* whistles that had to come, and did */
    int64_t spread_us;
};

void sim_marks_deinit(struct sim_marks *marks);
/* The node's turn was committed: what it had whistled is on its disk. */
void sim_marks_saved(struct sim *sim, struct sim_node *n);
/* The node's disk is not any more what it was. */
void sim_marks_disk_lost(struct sim *sim, const struct sim_node *n);
/* The node ended a turn: looks at its clock; the hub's plan is noted. */
void sim_marks_turn(struct sim *sim, struct sim_node *n);
/* The node sounded (or showed, outputs NONE) a mark. */
void sim_marks_fired(struct sim *sim, struct sim_node *n, const struct fluit_mark *mark,
                     int64_t local_us, uint32_t outputs);

#endif
