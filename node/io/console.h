/* console.h: a node's terminal: lines in, text out, and neither can hold the node up.
 *
 * Input is cut into lines of at most FLUIT_LINE_LEN_MAX bytes. Output waits in a bounded buffer for
 * a reader that is slow, and is dropped, whole lines at a time, when that is full. One thread. */
#ifndef FLUIT_CONSOLE_H
#define FLUIT_CONSOLE_H

#include "common/bytes.h"
#include "common/limits.h"

struct fluit_console {
    int in_fd;  /* -1: none, or its end was reached */
    int out_fd; /* -1: none, or its reader went away */
    bool ended; /* the end of the input was reached */
    char *line; /* FLUIT_LINE_LEN_MAX + 1 bytes */
    size_t line_len;
    bool too_long; /* the rest of this line is skipped */
    char chunk[4096];
    size_t chunk_at, chunk_len;
    struct fluit_buf out;
    uint64_t dropped_count;
};

/* The file descriptors stay the caller's. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_console_init(struct fluit_console *console, int in_fd,
                                                   int out_fd);
void fluit_console_deinit(struct fluit_console *console);

enum fluit_console_got {
    FLUIT_CONSOLE_NOTHING,  /* read what there is and try again later */
    FLUIT_CONSOLE_LINE,     /* *line, without its line end; holds until the next call */
    FLUIT_CONSOLE_TOO_LONG, /* a line was too long and is skipped */
};
/* Reads once from in_fd, which must be ready. */
void fluit_console_read(struct fluit_console *console);
/* The next line of what was read. */
enum fluit_console_got fluit_console_next(struct fluit_console *console, struct fluit_slice *line);
/* True if fluit_console_next has something to work on without another read. */
bool fluit_console_has_more(const struct fluit_console *console);

/* Adds text and a newline to the output and writes what can be written at once. */
void fluit_console_print(struct fluit_console *console, struct fluit_slice text);
/* Writes what can be written at once. */
void fluit_console_flush(struct fluit_console *console);
/* Writes all, waiting for the reader no longer than this. */
void fluit_console_flush_all(struct fluit_console *console, int timeout_ms);

#endif
