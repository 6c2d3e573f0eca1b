/* sim.h: a whole workshop in one process: the same hub and guests as the real loop drives, on a
 * virtual clock, network and disk. */
#ifndef SIM_H
#define SIM_H

#include "tests/sim/sim_check.h"
#include "tests/sim/sim_faults.h"
#include "tests/sim/sim_marks.h"
#include "tests/sim/sim_net.h"
#include "tests/sim/sim_node.h"
#include "tests/sim/sim_people.h"
#include "tests/sim/sim_world.h"

#define SIM_NODES_MAX 32
#define SIM_HUB       0 /* the hub's index among the nodes */

struct sim {
    struct sim_world world;
    struct sim_node nodes[SIM_NODES_MAX];
    uint32_t node_count;
    int tables;
    struct sim_net net;
    struct sim_people people;
    struct sim_faults faults;
    struct sim_marks marks;
};

/* What came of one seed. */
struct sim_result {
    uint64_t seed;
    bool failed;
    int64_t length_us; /* of the workshop */
    uint64_t trace;
    uint32_t nodes, faults, lines, saved, whistles, expected;
    int64_t settle_us; /* from the last fault until all was in step */
    int64_t spread_us; /* furthest from a mark that an undisturbed node whistled */
};

/* Runs one seed; tells its story on stdout if it fails. */
void sim_run(uint64_t seed, bool verbose, struct sim_result *result);

#endif
