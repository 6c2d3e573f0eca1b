/* proc.h: a node of the rehearsal as a real process: its console typed and read through pipes. */
#ifndef FLUIT_PROC_H
#define FLUIT_PROC_H

#include <sys/types.h>

#include "common/bytes.h"

#define FLUIT_PROC_ARGS_MAX 24

struct fluit_proc {
    pid_t pid; /* 0: not running */
    int in_fd, out_fd;
    struct fluit_buf read;  /* what came after the last whole line */
    struct fluit_buf typed; /* what the process has not taken yet */
};

/* Starts this very program with args (NULL-terminated, without the program's name). Its standard
 * error goes to log_path. The process dies with us. IO. */
FLUIT_MUST_CHECK enum fluit_err fluit_proc_start(struct fluit_proc *proc, const char *const *args,
                                                 const char *log_path);
/* Types a line; never waits. */
void fluit_proc_type(struct fluit_proc *proc, const char *line);
/* Gives each whole line that has come to take. False when the process has closed its output. */
bool fluit_proc_read(struct fluit_proc *proc, void (*take)(void *arg, const char *line), void *arg);
/* Writes what waits to be typed. */
void fluit_proc_flush(struct fluit_proc *proc);
/* kill -9, and waits for the end. */
void fluit_proc_kill(struct fluit_proc *proc);
/* Waits for its end, at most wait_ms, then kills it. Returns its exit status, or -1. */
int fluit_proc_end(struct fluit_proc *proc, int wait_ms);
void fluit_proc_deinit(struct fluit_proc *proc);

#endif
