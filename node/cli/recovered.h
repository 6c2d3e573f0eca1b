/* recovered.h: what a recovery found, in people's words. */
#ifndef FLUIT_RECOVERED_H
#define FLUIT_RECOVERED_H

#include "node/core/recovery.h"

/* Prints what was taken from which source, what is held of each device and what is known to be
 * missing, and what it comes to. names[i] is what the person calls source i. */
void fluit_recovered_print(const struct fluit_recovery *r, const char *const *names);

#endif
