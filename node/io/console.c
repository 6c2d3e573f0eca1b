#include "node/io/console.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum fluit_err fluit_console_init(struct fluit_console *console, int in_fd, int out_fd)
{
    char *line = malloc(FLUIT_LINE_LEN_MAX + 1);
    if (!line)
        return FLUIT_E_NOMEM;
    *console = (struct fluit_console){.in_fd = in_fd, .out_fd = out_fd, .line = line};
    return FLUIT_OK;
}

void fluit_console_deinit(struct fluit_console *console)
{
    free(console->line);
    fluit_buf_deinit(&console->out);
}

void fluit_console_read(struct fluit_console *console)
{
    ssize_t len = read(console->in_fd, console->chunk, sizeof console->chunk);
    if (len < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    console->chunk_at = 0;
    console->chunk_len = len > 0 ? (size_t)len : 0;
    if (len <= 0) {
        console->ended = true;
        console->in_fd = -1;
    }
}

bool fluit_console_has_more(const struct fluit_console *console)
{
    return console->chunk_at < console->chunk_len || (console->ended && console->line_len > 0);
}

static enum fluit_console_got end_line(struct fluit_console *console, struct fluit_slice *line)
{
    size_t len = console->line_len;
    bool too_long = console->too_long;
    console->line_len = 0;
    console->too_long = false;
    if (too_long)
        return FLUIT_CONSOLE_TOO_LONG;
    if (len > 0 && console->line[len - 1] == '\r')
        len--;
    *line = fluit_slice(console->line, len);
    return FLUIT_CONSOLE_LINE;
}

enum fluit_console_got fluit_console_next(struct fluit_console *console, struct fluit_slice *line)
{
    while (console->chunk_at < console->chunk_len) {
        char c = console->chunk[console->chunk_at++];
        if (c == '\n')
            return end_line(console, line);
        if (console->line_len > FLUIT_LINE_LEN_MAX)
            console->too_long = true;
        else
            console->line[console->line_len++] = c;
        console->too_long = console->too_long || console->line_len > FLUIT_LINE_LEN_MAX;
    }
    if (console->ended && console->line_len > 0)
        return end_line(console, line);
    return FLUIT_CONSOLE_NOTHING;
}

void fluit_console_print(struct fluit_console *console, struct fluit_slice text)
{
    if (console->out_fd < 0)
        return;
    if (text.len + 1 > FLUIT_CONSOLE_OUT_MAX - console->out.len) {
        console->dropped_count++;
        return;
    }
    /* One growth for text and newline: out of memory drops both, so lines stay whole. */
    uint8_t *to = fluit_buf_extend(&console->out, text.len + 1);
    if (!to) {
        console->dropped_count++;
        console->out.err = FLUIT_OK;
        return;
    }
    if (text.len > 0)
        memcpy(to, text.data, text.len);
    to[text.len] = '\n';
    fluit_console_flush(console);
}

/* Writes a piece that a pipe which polls as writable takes without blocking; false if not now. */
static bool write_some(struct fluit_console *console, size_t *written)
{
    struct pollfd item = {.fd = console->out_fd, .events = POLLOUT};
    size_t left = console->out.len - *written;
    if (poll(&item, 1, 0) != 1)
        return false;
    ssize_t len =
        write(console->out_fd, console->out.data + *written, left < PIPE_BUF ? left : PIPE_BUF);
    if (len < 0 && errno != EINTR && errno != EAGAIN)
        console->out_fd = -1; /* nobody reads any more: the node goes on without */
    if (len <= 0)
        return false;
    *written += (size_t)len;
    return true;
}

void fluit_console_flush(struct fluit_console *console)
{
    size_t written = 0;
    while (console->out_fd >= 0 && written < console->out.len && write_some(console, &written))
        continue;
    if (console->out_fd < 0)
        written = console->out.len;
    if (written > 0) {
        memmove(console->out.data, console->out.data + written, console->out.len - written);
        console->out.len -= written;
    }
}

void fluit_console_flush_all(struct fluit_console *console, int timeout_ms)
{
    struct pollfd item = {.fd = console->out_fd, .events = POLLOUT};
    fluit_console_flush(console);
    while (console->out.len > 0 && poll(&item, 1, timeout_ms) == 1)
        fluit_console_flush(console);
}
