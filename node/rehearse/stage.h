/* stage.h: the nodes of a rehearsal as processes, in directories, and the people at their consoles.
 *
 * set_up.c prepares all; stage.c runs processes; show.c lets the workshop take place; faults.c
 * breaks things; outcome.c reads what came of it. One thread; all waiting is in fluit_stage_wait.
 */
#ifndef FLUIT_STAGE_H
#define FLUIT_STAGE_H

#include <stdio.h>

#include "node/io/proc.h"
#include "node/rehearse/facilitator.h"
#include "node/rehearse/faults.h"
#include "node/rehearse/hub_watch.h"
#include "node/rehearse/people.h"

#define FLUIT_LIVES_MAX      16
#define FLUIT_STAGE_PATH_LEN 1024
#define FLUIT_STAGE_NAME_LEN 24

struct fluit_rehearse_options {
    const char *script; /* built-in name or file */
    int tables, people;
    double speed;
    uint64_t seed;
    const char *out; /* NULL: a temporary directory */
    bool json;
    bool stay; /* afterwards all nodes run on, with their pages */
    bool faults[FLUIT_FAULT_COUNT];
};

/* From when to when a node's process lived; real time, 0 for not (yet). */
struct fluit_life {
    int64_t spawned_us, ready_us, died_us;
};

/* A part in the workshop: the hub, a table, ... The device that plays it may be replaced. */
struct fluit_actor {
    enum fluit_node_class node_class;
    uint8_t table;
    char name[FLUIT_STAGE_NAME_LEN]; /* "hub", "table-01" */
    char dir[FLUIT_STAGE_NAME_LEN];  /* its device's, below the root: the name, or a later one */
    char code[32];                   /* to join by; "": not told yet */
    char skew[64];
    unsigned port; /* a hub's door; 0: not told yet */
    struct fluit_proc proc;
    FILE *talk;                   /* what is typed and shown at its console is kept; or NULL */
    struct fluit_people people;   /* of tables and rapporteurs */
    struct fluit_hub_watch watch; /* of hub and standby: what their console says of who leads */
    uint64_t asked_at;            /* how many statuses that had shown when it was asked for one */
    struct fluit_life lives[FLUIT_LIVES_MAX];
    int life_count;
    bool joined;   /* has been started with its code in this directory */
    bool late;     /* not there from the beginning */
    bool killed;   /* by us: its end is no surprise */
    bool quits;    /* was told to */
    bool full;     /* its disk is: it will end with status 3 */
    uint8_t side;  /* when the network is cut, of two */
    char link[65]; /* its CURVE key in hex; "": not known */
};

struct fluit_stage {
    const struct fluit_rehearse_options *options;
    char root[FLUIT_STAGE_PATH_LEN];
    struct fluit_script *script;
    struct fluit_rng rng;
    struct fluit_actor *actors; /* [0] is the hub; then tables and rapporteurs; then a standby */
    uint32_t seat_count;        /* up to here: hub, tables and rapporteurs */
    uint32_t actor_count;
    uint32_t chair; /* the actor at whose console the facilitator sits: who leads, or will */
    char recovery_key[96];
    bool cut; /* the network, between the actors' sides */
    struct fluit_ledger ledger;
    struct fluit_facilitator facilitator;
    struct fluit_faults faults;
    int64_t began_us, now_us; /* CLOCK_MONOTONIC */
    int signal_fd;
    bool interrupted; /* Ctrl-C or SIGTERM */
    bool staying;     /* links to pages are shown */
    bool failed;      /* a node ended that should not have; told on standard error */
};

/* set_up.c: directories, script, workshop and codes; starts nothing that stays. Prints what is
 * wrong. Returns an exit status. Pair with fluit_stage_deinit in any case. */
int fluit_stage_init(struct fluit_stage *stage, const struct fluit_rehearse_options *options);
/* Kills what still runs. */
void fluit_stage_deinit(struct fluit_stage *stage);
/* Starts a node: by its code the first time in its directory, then with its data alone. */
void fluit_stage_start(struct fluit_stage *stage, struct fluit_actor *actor);
void fluit_stage_kill(struct fluit_stage *stage, struct fluit_actor *actor);
/* Runs, is not being killed, has said "ready", and its disk has room. */
bool fluit_actor_alive(const struct fluit_actor *actor);
/* Types a line at its console, if it runs. */
void fluit_stage_say(struct fluit_actor *actor, const char *line);
/* The facilitator goes to another hub's console. */
void fluit_stage_move_chair(struct fluit_stage *stage, uint32_t actor);
/* Has people: a table or rapporteur. */
bool fluit_actor_seated(const struct fluit_actor *actor);
/* Waits until until_us at most, or until a console spoke; listens to all that did, notices who
 * died. False if the rehearsal can't go on. */
bool fluit_stage_wait(struct fluit_stage *stage, int64_t until_us);
/* "table-01  CODE", as 'fluit invites' and a hub's console have it: kept. */
void fluit_stage_take_code(struct fluit_stage *stage, const char *line);
/* Shows the log of that name on standard error. */
void fluit_stage_show_log(const struct fluit_stage *stage, const char *name);
/* Complains that something went wrong for good, and shows the log of that name. */
void fluit_stage_fail(struct fluit_stage *stage, const char *log, const char *what);
/* A path below the root. Static storage, until the next call. */
const char *fluit_stage_path(const struct fluit_stage *stage, const char *below, const char *name);

/* show.c: the workshop from the first node's start to the last one's end. Returns an exit status:
 * 0 also if not all came to rest, which the outcome will show. */
int fluit_show_run(struct fluit_stage *stage);
/* With options->stay, after that: shows a link to each node's page, waits for Ctrl-C, and ends all.
 */
void fluit_show_stay(struct fluit_stage *stage);

#endif
