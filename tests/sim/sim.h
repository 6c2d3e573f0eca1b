/* sim.h: a whole workshop in one process: the same hub and guests as the real loop drives, on a
 * virtual clock, network and disk. */
#ifndef SIM_H
#define SIM_H

#include "tests/sim/sim_check.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_faults.h"
#include "tests/sim/sim_marks.h"
#include "tests/sim/sim_mesh.h"
#include "tests/sim/sim_net.h"
#include "tests/sim/sim_node.h"
#include "tests/sim/sim_people.h"
#include "tests/sim/sim_take.h"
#include "tests/sim/sim_world.h"

#define SIM_NODES_MAX 64 /* twins included */

/* After the last fault all must be in step within this: the bound on liveness. */
#define SIM_SETTLE_MAX_US (30 * SIM_SECOND)

struct sim {
    struct sim_world world;
    struct sim_node nodes[SIM_NODES_MAX];
    uint32_t node_count;
    uint32_t hub; /* the index of the hub in charge */
    bool taking;  /* somebody is about to let another lead */
    int tables;
    struct sim_owners owners;
    struct sim_net net;
    struct sim_people people;
    struct sim_faults faults;
    struct sim_marks marks;
    struct sim_mesh mesh;
};

static inline struct sim_node *sim_hub(struct sim *sim)
{
    return &sim->nodes[sim->hub];
}

/* What came of one run. */
struct sim_result {
    uint64_t seed;
    bool failed;
    int64_t length_us; /* of the workshop */
    int64_t cpu_us;    /* that it took */
    uint64_t trace;
    uint32_t nodes, lines, saved, whistles, expected;
    uint32_t faults[SIM_FAULT_COUNT];
    uint32_t gone; /* lines that were saved on one disk only, and that was destroyed or put back */
    uint32_t disputed; /* lines on a branch of a fork that others did not take */
    uint32_t alone;    /* looks at tables whose hub was away, and that were in step */
    int64_t settle_us; /* from the last fault until all was in step */
    int64_t spread_us; /* furthest from a mark that an undisturbed node whistled */
};

/* Runs one seed; tells its story on stdout if it fails. */
void sim_run(uint64_t seed, bool verbose, struct sim_result *result);

/* Builds a workshop of so many tables, not started: the hub, and nodes by sim_add_node. */
struct sim_node *sim_add_node(struct sim *sim, enum fluit_node_class node_class, int table);
void sim_make_workshop(struct sim *sim, struct fluit_slice yaml);
/* Of this process, so far. */
int64_t sim_cpu_us(void);
/* No more faults; runs until all is in step, at most SIM_SETTLE_MAX_US; then all checks. */
void sim_settle(struct sim *sim, struct sim_result *result);
void sim_sum_up(struct sim *sim, struct sim_result *result);
void sim_free(struct sim *sim);

#endif
