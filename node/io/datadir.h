/* datadir.h: a node's data directory: private, and used by one process at a time.
 *
 * DIR is 0700 when made here. DIR/lock is held (flock) as long as the process works on it; the
 * system lets it go when the process ends, however it ends. DIR/fluit.db is 0600, and what SQLite
 * puts beside it takes over that mode. Every error comes with one line in why that says what to
 * do. Not for use by two threads at once. */
#ifndef FLUIT_DATADIR_H
#define FLUIT_DATADIR_H

#include <sys/types.h>

#include "common/bytes.h"

#define FLUIT_DATADIR_DB "fluit.db"

struct fluit_datadir {
    int lock_fd; /* -1: not open */
};
#define FLUIT_DATADIR_NONE ((struct fluit_datadir){-1})

/* Locks dir for this process; with create, makes it (not its parents) and an empty fluit.db if
 * they are not there. MISSING if they are not there, without create; DENIED for what is not a
 * directory of its own, can be written by everyone, or can't be written by us; BUSY if another
 * process has it; FULL, IO. */
FLUIT_MUST_CHECK enum fluit_err
fluit_datadir_open(const char *dir, bool create, struct fluit_datadir *out, struct fluit_buf *why);
/* The process that has dir now; 0: none has, or it can't be told. */
pid_t fluit_datadir_user(const char *dir);
/* Lets the lock go. Does nothing to FLUIT_DATADIR_NONE. */
void fluit_datadir_close(struct fluit_datadir *datadir);

#endif
