/* ward.h: a node's process that is kept running: one that dies is started again at once, and after
 * a pause that grows if it dies again and again.
 *
 *   waiting --(its time has come)--> running --(ended)--> waiting
 *                                        \---(not let in)--> resting, until told otherwise
 *
 * The caller waits on proc.out_fd and gives the time (monotonic). One thread. */
#ifndef FLUIT_WARD_H
#define FLUIT_WARD_H

#include "common/crypto.h"
#include "node/io/proc.h"

#define FLUIT_WARD_ARGS_MAX 24
#define FLUIT_WARD_NAME_LEN 24
#define FLUIT_WARD_CODE_LEN 32
/* It has recovered once it ran this long. */
#define FLUIT_WARD_WELL_US      INT64_C(20000000)
#define FLUIT_WARD_PAUSE_MAX_US INT64_C(30000000)
#define FLUIT_WARD_NEVER        INT64_MAX

struct fluit_ward {
    char name[FLUIT_WARD_NAME_LEN]; /* "hub", "table-01" */
    struct fluit_proc proc;
    const char *log;     /* as for fluit_proc_start */
    bool ready;          /* this process has said so */
    int64_t start_at_us; /* while not running; NEVER: resting */
    int64_t started_us;  /* while running */
    unsigned falls;      /* how often in a row it ended soon */
};

/* A command line in the making; owns its texts. */
struct fluit_command {
    char *argv[FLUIT_WARD_ARGS_MAX + 1];
    int count;
    char code[FLUIT_WARD_CODE_LEN]; /* not on the line, which others see; "": none */
    bool failed;
};
void fluit_command_put(struct fluit_command *command, const char *arg);
void fluit_command_deinit(struct fluit_command *command);

/* How long to wait before the next start of what fell that often in a row: nothing the first time.
 */
int64_t fluit_ward_pause_us(unsigned falls);

void fluit_ward_init(struct fluit_ward *ward, const char *name, int64_t now_us);
void fluit_ward_deinit(struct fluit_ward *ward);
/* Starts it; if that fails it waits for the next try. IO, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err
fluit_ward_start(struct fluit_ward *ward, const struct fluit_command *command, int64_t now_us);
/* Its process has ended: when to start it again. */
void fluit_ward_ended(struct fluit_ward *ward, int64_t now_us);

#endif
