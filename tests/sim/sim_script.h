/* sim_script.h: one short workshop after a script, hub and two tables, with one fault at one place:
 * so that it can be put at every place in turn, as SQLite's tests do with every write. */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include "tests/sim/sim.h"

/* What comes at the Nth of them. */
enum sim_place {
    SIM_PLACE_APPEND, /* fails, and the turn with it */
    SIM_PLACE_PUT,
    SIM_PLACE_SIGN,
    SIM_PLACE_COMMIT,           /* fails, and nothing of the turn is kept */
    SIM_PLACE_COMMIT_KEPT,      /* all is kept, but the process ends before anything is sent */
    SIM_PLACE_COMMIT_HALF_SENT, /* the same, in the midst of sending */
    SIM_PLACES,
};

/* The nodes that it is done to: the hub and a table. */
#define SIM_SCRIPT_NODES 2
extern const char *const sim_script_nodes[SIM_SCRIPT_NODES];
extern const char *const sim_place_texts[SIM_PLACES];

/* Runs it without a fault, and counts how often each place comes at each of the nodes. */
void sim_script_count(uint32_t counts[SIM_SCRIPT_NODES][SIM_PLACES], struct sim_result *result);
/* Runs it with a fault at the nth. */
void sim_script_run(uint32_t node, enum sim_place place, uint32_t nth, bool verbose,
                    struct sim_result *result);

#endif
