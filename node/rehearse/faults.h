/* faults.h: what goes wrong in a rehearsal, at seeded moments. */
#ifndef FLUIT_FAULTS_H
#define FLUIT_FAULTS_H

#include "node/rehearse/stage.h"

/* Kills and brings back what is due. Called while people act. */
void fluit_faults_pass(struct fluit_stage *stage);
/* True if nothing that was killed is still to come back. */
bool fluit_faults_over(const struct fluit_stage *stage);
/* The name's fault, or 0. */
unsigned fluit_fault_of(const char *name);

#endif
