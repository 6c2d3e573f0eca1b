/* sim_tally.h: what came of many runs, told on stdout. */
#ifndef SIM_TALLY_H
#define SIM_TALLY_H

#include "tests/sim/sim.h"

struct sim_tally {
    uint64_t runs, failures, settled_us_max, alone;
    int64_t length_us, cpu_us;
    uint64_t faults[SIM_FAULT_COUNT], hit_runs[SIM_FAULT_COUNT];
};

/* Adds a run. */
void sim_tally_add(struct sim_tally *tally, const struct sim_result *r);
uint32_t sim_tally_faults(const struct sim_result *r);
/* One line on a seed. */
void sim_tally_say_seed(const struct sim_result *r, bool trace);
/* The table of faults, and how many classes never came. */
unsigned sim_tally_say_faults(const struct sim_tally *tally);
/* The last line. */
void sim_tally_say_end(const struct sim_tally *tally, const char *what);

#endif
