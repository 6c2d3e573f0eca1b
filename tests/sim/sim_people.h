/* sim_people.h: those who type: a facilitator who leads the script from its first step to its last,
 * and people at the tables, whose lines and answers are kept in a ledger.
 *
 * They act through COMMAND events only; they look at what their screen would show. */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "common/act.h"
#include "tests/sim/sim_world.h"

enum sim_said {
    SIM_TYPED,   /* no answer (yet, or ever: the process ended) */
    SIM_REFUSED, /* "no: ..." */
    SIM_SAVED,
    SIM_SAFE,
};

/* A line somebody typed, and what became of it. */
struct sim_item {
    uint32_t node;
    char *line; /* owned */
    char *what; /* what its entry must say, as sim_people_what tells it; at most one '*' stands
                   for anything; owned */
    enum sim_said said;
    struct fluit_feed_id feed; /* SAVED, SAFE: as told */
    uint64_t seq;
    struct fluit_hash hash; /* of the entry's header then */
    bool gone;              /* the only disk that held it was put back or destroyed */
    bool found;             /* in the hub's feeds, at the end */
};

struct sim_people {
    struct sim_item *items; /* owned */
    uint32_t count, cap;
    uint32_t gone, disputed; /* told saved, and rightly not in the hub's feeds at the end */
    uint32_t serial;
    int64_t pause_us; /* between what a table does, in the mean */
    bool done;        /* the workshop is over */
    bool quiet;       /* nobody types any more */
    int64_t seen_us;  /* the facilitator: since when the plan is as it is */
    uint32_t seen_revision;
};

struct sim_node;

void sim_people_deinit(struct sim_people *people);
/* They come in: plans their first looks. */
void sim_people_init(struct sim *sim);
/* Printed by node; item: in answer to which line, or SIM_NOBODY. */
void sim_people_hear(struct sim *sim, struct sim_node *n, uint32_t item, struct fluit_slice text);
/* What an act says, without what the node chose by itself; false for one that nobody types. */
bool sim_people_what(const struct fluit_act *act, char *out, size_t cap);
bool sim_people_fits(const struct sim_item *item, const char *what);

/* Types a line; item: in the ledger, or SIM_NOBODY. */
void sim_people_type(struct sim *sim, struct sim_node *n, const char *line, uint32_t item);
/* Types a line that should become an entry that says what. */
void sim_people_act(struct sim *sim, struct sim_node *n, const char *line, const char *what);

/* sim_table.c: somebody sits down at the node's console at at_us. */
void sim_table_begin(struct sim *sim, uint32_t node, int64_t at_us);
/* sim_lead.c: the facilitator does. */
void sim_lead_begin(struct sim *sim);

#endif
