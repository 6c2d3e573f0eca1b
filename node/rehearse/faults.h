/* faults.h: what breaks in a rehearsal, and when.
 *
 * Each fault waits for a step of the agenda and then for a time drawn from the seed; it strikes,
 * lasts, and ends. fault_plan.c draws; faults.c keeps the time; fault_hubs.c, fault_devices.c and
 * cuts.c do the breaking. They act on a stage (stage.h) only, and never wait. */
#ifndef FLUIT_REHEARSE_FAULTS_H
#define FLUIT_REHEARSE_FAULTS_H

#include "node/io/proc.h"

enum fluit_fault_kind {
    FLUIT_FAULT_TABLE_DIES,     /* every table's process is killed once, and comes back */
    FLUIT_FAULT_HUB_DIES,       /* the hub's, in round 1 */
    FLUIT_FAULT_HUB_GONE,       /* with its disk, in round 2: a new one is built from the paper */
    FLUIT_FAULT_TAKEOVER,       /* the hub's, in round 1; a standby leads on */
    FLUIT_FAULT_SPLIT,          /* a standby leads its half of the tables, until the halves meet */
    FLUIT_FAULT_LATE_TABLE,     /* the last table joins in round 2 */
    FLUIT_FAULT_REPLACE_DEVICE, /* a table's, with its disk, in round 1 */
    FLUIT_FAULT_PARTITION,      /* a third of the tables is on its own for half a round */
    FLUIT_FAULT_SLOW_DISK,      /* some nodes' commits take long for a while */
    FLUIT_FAULT_DISK_FULL,      /* one node's disk is full once */
    FLUIT_FAULT_COUNT
};
/* As the option has it: "table-dies". */
const char *fluit_fault_name(enum fluit_fault_kind kind);
/* False if there is no such fault. */
bool fluit_fault_find(const char *name, enum fluit_fault_kind *out);
/* Two that can't be asked for together, in *a and *b; false: all can. asked has FLUIT_FAULT_COUNT.
 */
bool fluit_faults_clash(const bool *asked, enum fluit_fault_kind *a, enum fluit_fault_kind *b);

enum fluit_fault_state {
    FLUIT_FAULT_WAITS,
    FLUIT_FAULT_ON,
    FLUIT_FAULT_ENDS, /* what was broken is given back; not all is well yet */
    FLUIT_FAULT_OVER,
};

struct fluit_fault {
    enum fluit_fault_kind kind;
    enum fluit_fault_state state;
    uint32_t actor;    /* whom it strikes */
    int step;          /* once this step runs, */
    int64_t wait_us;   /* after so long, */
    int64_t length_us; /* for so long at least */
    int64_t due_us;    /* 0: the step has not run yet */
    int64_t began_us, end_us;
    int64_t act_us;         /* when to do the next thing while it is on */
    unsigned acted;         /* bits: which of these were done */
    bool deputy;            /* somebody types at the hub that was left, too */
    struct fluit_proc proc; /* a command that runs meanwhile */
    bool running;           /* ... since it was started; its status is in proc after */
};

/* What came of the faults. */
struct fluit_fault_figures {
    int takeovers, stepped_down, recovered, joined_late, replaced;
    int64_t takeover_us;   /* the longest, from the order to "leads now" */
    int64_t recovery_us;   /* from the hub's death to its heir's "leads now" */
    int64_t late_ready_us; /* the longest, from a late node's start to "ready" */
    int64_t late_equal_us; /* ... and until it held what the hub held */
    int64_t board_us;      /* from a new device's start until it had the board */
    bool went_wrong;       /* a fault did not end as it must; told on standard error */
};

struct fluit_faults {
    struct fluit_fault *items; /* owned */
    uint32_t count;
    struct fluit_fault_figures figures;
};

struct fluit_stage;

/* Chooses what will break and says who joins late. NOMEM. Free with fluit_faults_deinit. */
FLUIT_MUST_CHECK enum fluit_err fluit_faults_plan(struct fluit_stage *stage);
void fluit_faults_deinit(struct fluit_faults *faults);
/* Breaks what is due and brings back what was broken; at_end: what never came due, too. */
void fluit_faults_turn(struct fluit_stage *stage, bool at_end);
/* Is all broken that was to be, and back? */
bool fluit_faults_done(const struct fluit_stage *stage);

#endif
