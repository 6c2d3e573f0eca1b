/* proc.h: this program as a child process, spoken to through pipes.
 *
 * It dies with us; Ctrl-C at our terminal is for us alone. Reading and writing never block. */
#ifndef FLUIT_PROC_H
#define FLUIT_PROC_H

#include <sys/types.h>

#include "common/bytes.h"

struct fluit_proc {
    pid_t pid;  /* 0: not running */
    int in_fd;  /* its standard input */
    int out_fd; /* its standard output */
    int status; /* as waitpid gave it, once it has ended */
    struct fluit_buf line;
};
#define FLUIT_PROC_TOGETHER ""
#define FLUIT_PROC_INIT     ((struct fluit_proc){.in_fd = -1, .out_fd = -1})

/* An invite's code, for a node that joins: other users of this machine see command lines, but no
 * environment. */
#define FLUIT_CODE_ENV "FLUIT_CODE"

/* Starts this very program anew; argv as for execv, argv[0] is only its name. code: for
 * FLUIT_CODE_ENV; NULL: none. Its standard error goes to the file log; NULL: where ours goes;
 * FLUIT_PROC_TOGETHER: among what it says. IO, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_proc_start(struct fluit_proc *proc, char *const argv[],
                                                 const char *code, const char *log);
/* Types text and a newline. False if it did not take all of it: it is dead or stuck. */
bool fluit_proc_say(struct fluit_proc *proc, const char *text);
/* Reads what there is, giving each line to take, which may not end proc. False once the process has
 * closed its output: it is then waited for and proc is not running. */
bool fluit_proc_read(struct fluit_proc *proc, void (*take)(void *arg, const char *line), void *arg);
/* The same, but appends all bytes to out. */
bool fluit_proc_read_all(struct fluit_proc *proc, struct fluit_buf *out);
/* Nothing more will be typed: its standard input ends. */
void fluit_proc_hush(struct fluit_proc *proc);
void fluit_proc_kill(struct fluit_proc *proc, int signal);
/* Reads and waits until it has ended. Returns its exit status, or -1 for a signal. */
int fluit_proc_finish(struct fluit_proc *proc, void (*take)(void *arg, const char *line),
                      void *arg);
/* Kills it if it runs and frees what it holds. */
void fluit_proc_deinit(struct fluit_proc *proc);

#endif
