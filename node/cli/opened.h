/* opened.h: a data directory read from outside: what its node can read, folded. */
#ifndef FLUIT_OPENED_H
#define FLUIT_OPENED_H

#include "node/core/node.h"
#include "node/io/store_sqlite.h"
#include "node/report/report.h"

struct fluit_opened {
    struct fluit_store_sqlite *store;
    struct fluit_node node; /* its script, fold, roster, replica */
    char workshop[33];      /* id in hex */
    /* Called for every act that can be read, if set before opening. */
    void (*each)(void *arg, const struct fluit_origin *origin, const struct fluit_act *act);
    void *arg;
};

/* Zero-initialise. Opens dir read-only, also while its node runs; prints what is wrong. Returns an
 * exit status. Pair with fluit_opened_close in any case. */
int fluit_opened_open(struct fluit_opened *opened, const char *dir);
void fluit_opened_close(struct fluit_opened *opened);
/* The report's input: script, fold, tables in the roster; photos are read while it is open. */
struct fluit_report_input fluit_opened_input(struct fluit_opened *opened, int language);

#endif
