/* sim_take.h: standbys: how they come in, and how they take over. */
#ifndef SIM_TAKE_H
#define SIM_TAKE_H

#include "tests/sim/sim_node.h"

/* The facilitator asks for a code, and the standby joins. */
void sim_take_begin(struct sim *sim);
/* Another hub leads: the facilitator goes there, and whoever could not join yet tries there. */
void sim_take_move(struct sim *sim, uint32_t to);

#endif
