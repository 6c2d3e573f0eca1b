/* sabotage.h: breaks a running node on purpose, for rehearsals. Only a node started with the hidden
 * --faults has one; then console lines that begin with % are for it and not for the core:
 *
 *   %cut KEY...          nothing to or from the owners of these CURVE keys (hex) any more; adds
 *   %heal                all that was cut may come back
 *   %slow-disk 300ms 5s  each commit takes so much longer, for so long
 *   %disk-full           the next commit fails as on a full disk
 *
 * What can't be done is told on standard error. One thread. */
#ifndef FLUIT_SABOTAGE_H
#define FLUIT_SABOTAGE_H

#include "node/io/net_cut.h"

/* Zero-initialise, but for the net. */
struct fluit_sabotage {
    struct fluit_net *net;
    int64_t slow_us, slow_until_us; /* CLOCK_BOOTTIME */
    bool disk_full;
};

/* A console line. True if it was for the struct fluit_sabotage that arg is: the core must not see
 * it.
 */
bool fluit_sabotage_line(void *arg, struct fluit_slice line);
/* Before a commit: waits, or fails with FULL, where that was asked for. */
FLUIT_MUST_CHECK enum fluit_err fluit_sabotage_disk(struct fluit_sabotage *s);

#endif
