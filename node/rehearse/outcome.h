/* outcome.h: what came of a rehearsal, read from the disks when all processes have ended. */
#ifndef FLUIT_OUTCOME_H
#define FLUIT_OUTCOME_H

#include "node/rehearse/soundings.h"
#include "node/rehearse/stage.h"

struct fluit_outcome {
    int tables;
    uint32_t nodes;
    int rounds;
    struct fluit_ledger_sum entries;
    bool digests_equal; /* and every chain, signature and payload is good */
    char digest[65];    /* the hub's */
    char fold_digest[65];
    struct fluit_soundings_sum whistle;
    int64_t ack_p50_us, ack_p99_us;
    int64_t seconds;
    const bool *faults; /* those that were asked for: FLUIT_FAULT_COUNT */
    struct fluit_fault_figures figures;
    int leading;                            /* hubs that said last that they lead */
    char report[FLUIT_STAGE_PATH_LEN + 64]; /* a directory */
};

/* Verifies all data directories, holds the hub's to the ledger, measures the whistles and writes
 * the report. Prints what is wrong. Returns an exit status: 1 if it could not be read at all. */
int fluit_outcome_read(struct fluit_stage *stage, struct fluit_outcome *outcome);
/* Did all hold that must? */
/* Was a disk lost? Then what was saved on it and not safe yet may be, too. */
bool fluit_outcome_disk_lost(const struct fluit_outcome *outcome);
bool fluit_outcome_good(const struct fluit_outcome *outcome);

/* summary.c: for people, or as one JSON object; on standard output. */
int fluit_summary_print(const struct fluit_outcome *outcome, bool json);

#endif
