/* sim_faults.h: what goes wrong, from the seed. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "tests/sim/sim_world.h"

struct sim_faults {
    int64_t mean_us; /* between faults; 0: none in this simulation */
    uint32_t count;
    int64_t net_us; /* until then the whole network is disturbed */
    bool over;
};

void sim_faults_init(struct sim *sim);
/* Does the power fail right after a whistle? */
bool sim_faults_at_mark(struct sim *sim);
/* No more; what was broken is mended and who was off is started. */
void sim_faults_end(struct sim *sim);

#endif
