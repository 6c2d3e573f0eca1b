/* sim_check.h: what must hold. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "tests/sim/sim_world.h"

/* Is everybody in step: the same feeds everywhere, all of them safe, every round closed? *why (a
 * few words) says what is not. */
bool sim_check_settled(struct sim *sim, const char **why, uint32_t *who);
/* After the end: nothing lost, nothing invented, the same fold in any order. */
void sim_check_all(struct sim *sim);

#endif
