/* job.h: a fluit command run for the home page: all that it says is kept in memory only. */
#ifndef FLUIT_JOB_H
#define FLUIT_JOB_H

#include "node/home/ward.h"

#define FLUIT_JOB_OUT_MAX  (64 * 1024 * 1024)
#define FLUIT_JOB_SAID_LEN 400

struct fluit_job {
    struct fluit_proc proc;
    int said_fd; /* what it says on standard error */
    struct fluit_buf out;
};
#define FLUIT_JOB_INIT ((struct fluit_job){.proc = FLUIT_PROC_INIT, .said_fd = -1})

/* Starts it; its standard input is at its end. IO, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_job_start(struct fluit_job *job,
                                                const struct fluit_command *command);
/* Reads what there is on job->proc.out_fd. False once it has ended. */
bool fluit_job_read(struct fluit_job *job);
/* Its exit status once it has ended; -1: a signal. */
int fluit_job_status(const struct fluit_job *job);
/* The last line of what it says on standard error, without "fluit: "; "" if there is none. */
void fluit_job_said(const struct fluit_job *job, char out[static FLUIT_JOB_SAID_LEN]);
/* Ends it if it runs; wipes what it said. */
void fluit_job_deinit(struct fluit_job *job);

/* The next line of what a command wrote, NUL-terminated in place of its end; NULL: no more. *rest
 * starts as all of it. */
char *fluit_job_line(char **rest);

#endif
