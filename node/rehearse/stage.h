/* stage.h: what all of a rehearsal's parts share: its nodes, its clock, what was agreed on. */
#ifndef FLUIT_STAGE_H
#define FLUIT_STAGE_H

#include "common/script.h"
#include "node/rehearse/ledger.h"
#include "node/rehearse/proc.h"

#define FLUIT_STAGE_PATH_MAX 512

enum fluit_stage_fault {
    FLUIT_FAULT_TABLE_DIES = 1,
    FLUIT_FAULT_HUB_DIES = 2
};

struct fluit_stage_options {
    const char *script; /* name or file */
    const char *out;    /* NULL: a temporary directory of which the report is kept */
    int tables, people;
    double speed;
    uint64_t seed;
    unsigned faults;
    bool json;
};

/* One node and how it stands, as its console tells. */
struct fluit_actor {
    struct fluit_proc proc;
    char name[32]; /* "hub", "table-01", "rapporteur-01" */
    enum fluit_node_class node_class;
    int table;
    bool ready;
    int step;             /* index of the step it was last told; -1: none */
    char state[12];       /* of that step */
    uint64_t saved, safe; /* as its status told */
    char digest[17];
    bool answered; /* its last status came */
    bool died;     /* was killed at least once */
    int64_t died_us, back_us;
    int64_t next_us; /* when its people act next */
    void *mind;      /* people.c's own */
};

struct fluit_stage {
    struct fluit_stage_options options;
    const struct fluit_script *script;
    char dir[FLUIT_STAGE_PATH_MAX];
    uint16_t port;
    struct fluit_rng rng;
    struct fluit_actor *actors; /* the hub first, then tables, then rapporteurs */
    int count;
    struct fluit_ledger ledger;
    uint64_t serial; /* of free texts */
    int64_t began_us;
    unsigned closed_rounds; /* as the hub told */
    bool hub_refused;       /* it answered "no" to the last order */
};

int64_t fluit_stage_now_us(void);
/* Types a line that is to be saved, and writes it into the ledger. */
void fluit_stage_say(struct fluit_stage *stage, struct fluit_actor *actor, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Starts an actor's process: with its code the first time, with its data alone afterwards. */
FLUIT_MUST_CHECK enum fluit_err fluit_stage_start(struct fluit_stage *stage,
                                                  struct fluit_actor *actor, const char *code);
/* Waits at most until until_us for something to read, and takes it in. */
void fluit_stage_pump(struct fluit_stage *stage, int64_t until_us);

/* people.c: what those at a table do, one act at a time, when their time has come. */
void fluit_people_act(struct fluit_stage *stage, struct fluit_actor *actor);
void fluit_people_forget(struct fluit_actor *actor);
/* Mean time between two acts, in us, at the rehearsal's speed. */
int64_t fluit_people_think_us(struct fluit_stage *stage, double mean_s);

/* lead.c: the facilitator goes through the agenda. False: the hub did not do what it was told. */
bool fluit_lead_run(struct fluit_stage *stage);
/* Everybody acts until the condition holds or the time is over; returns the condition. */
bool fluit_stage_until(struct fluit_stage *stage, int64_t wait_us,
                       bool (*condition)(struct fluit_stage *stage, void *arg), void *arg);

/* witness.c: when the whistles were heard, by one undisturbed clock. */
struct fluit_whistle_sums {
    int marks, fired, missed, doubled, unknown;
    int64_t skew_us_p50, skew_us_p99, skew_us_max, spread_us_max;
};
void fluit_witness_sum(const struct fluit_stage *stage, struct fluit_whistle_sums *out);

/* summary.c: reads what is left on the disks, writes the report and the summary. Returns the exit
 * status. */
int fluit_summary(struct fluit_stage *stage);

#endif
