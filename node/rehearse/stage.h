/* stage.h: the nodes of a rehearsal as processes, in directories, and the people at their consoles.
 *
 * stage.c sets up and runs processes; show.c lets the workshop take place; faults.c breaks things;
 * outcome.c reads what came of it. One thread; all waiting is in fluit_stage_wait. */
#ifndef FLUIT_STAGE_H
#define FLUIT_STAGE_H

#include "node/rehearse/facilitator.h"
#include "node/rehearse/people.h"
#include "node/rehearse/proc.h"

#define FLUIT_LIVES_MAX      16
#define FLUIT_STAGE_PATH_LEN 1024

struct fluit_rehearse_options {
    const char *script; /* built-in name or file */
    int tables, people;
    double speed;
    uint64_t seed;
    const char *out; /* NULL: a temporary directory */
    bool json;
    bool table_dies, hub_dies;
};

/* From when to when a node's process lived; real time, 0 for not (yet). */
struct fluit_life {
    int64_t spawned_us, ready_us, died_us;
};

struct fluit_actor {
    enum fluit_node_class node_class;
    uint8_t table;
    char name[24]; /* "hub", "table-01": also its directory */
    char code[32];
    char skew[64];
    struct fluit_proc proc;
    struct fluit_people people; /* of all but the hub */
    struct fluit_life lives[FLUIT_LIVES_MAX];
    int life_count;
    bool killed;     /* by us: its end is no surprise */
    bool quits;      /* was told to */
    int64_t back_us; /* when to start it again; 0: not */
};

/* A node that is to die, and when. */
struct fluit_fault {
    uint32_t actor;
    int step;        /* once this step runs, */
    int64_t wait_us; /* after so long, */
    int64_t down_us; /* for so long */
    int64_t due_us;  /* 0: the step has not run yet */
    bool done;
};

struct fluit_stage {
    const struct fluit_rehearse_options *options;
    char root[FLUIT_STAGE_PATH_LEN];
    struct fluit_script *script;
    struct fluit_rng rng;
    struct fluit_actor *actors; /* [0] is the hub */
    uint32_t actor_count;
    unsigned port; /* the hub's door; 0: not told yet */
    struct fluit_ledger ledger;
    struct fluit_facilitator facilitator;
    struct fluit_fault *faults;
    uint32_t fault_count;
    int64_t began_us, now_us; /* CLOCK_MONOTONIC */
    int signal_fd;
    bool interrupted; /* Ctrl-C or SIGTERM */
    bool failed;      /* a node ended that should not have; told on standard error */
};

/* Directories, script, workshop and codes; starts nothing that stays. Prints what is wrong. Returns
 * an exit status. Pair with fluit_stage_deinit in any case. */
int fluit_stage_init(struct fluit_stage *stage, const struct fluit_rehearse_options *options);
/* Kills what still runs. */
void fluit_stage_deinit(struct fluit_stage *stage);
/* Starts a node: by its code the first time, then with its data alone. */
void fluit_stage_start(struct fluit_stage *stage, struct fluit_actor *actor);
void fluit_stage_kill(struct fluit_stage *stage, struct fluit_actor *actor);
/* Waits until until_us at most, or until a console spoke; listens to all that did, notices who
 * died. False if the rehearsal can't go on. */
bool fluit_stage_wait(struct fluit_stage *stage, int64_t until_us);
/* A path below the root. Static storage, until the next call. */
const char *fluit_stage_path(const struct fluit_stage *stage, const char *below, const char *name);

/* show.c: the workshop from the first node's start to the last one's end. Returns an exit status:
 * 0 also if not all came to rest, which the outcome will show. */
int fluit_show_run(struct fluit_stage *stage);

/* faults.c: chooses what will break. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_faults_plan(struct fluit_stage *stage);
/* Breaks what is due and brings back what was broken; at_end: what never came due, too. */
void fluit_faults_turn(struct fluit_stage *stage, bool at_end);
/* Is all broken that was to be, and back? */
bool fluit_faults_done(const struct fluit_stage *stage);

#endif
