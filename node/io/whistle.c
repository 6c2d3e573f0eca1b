#include "node/io/whistle.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static int compose(const struct fluit_mark_id *id, char *line, size_t size)
{
    const char *kind = id->kind == FLUIT_MARK_START ? "start" : "end";
    if (id->round > 0)
        return snprintf(line, size, "whistle %s round %d\a\n", kind, id->round);
    return snprintf(line, size, "whistle %s step %d\a\n", kind, id->step + 1);
}

static bool takes_a_line(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLOUT};
    return fd >= 0 && poll(&item, 1, 0) == 1 && (item.revents & POLLOUT);
}

uint32_t fluit_whistle_sound(int fd, const struct fluit_mark *mark)
{
    char line[64];
    int len = compose(&mark->id, line, sizeof line);
    assert(len > 0 && (size_t)len < sizeof line);
    if (!takes_a_line(fd) || write(fd, line, (size_t)len) != len)
        return FLUIT_OUTPUT_NONE;
    return FLUIT_OUTPUT_BELL | FLUIT_OUTPUT_LINE;
}

enum fluit_err fluit_witness_open(const char *path, int *fd)
{
    int opened = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (opened < 0)
        return FLUIT_E_IO;
    *fd = opened;
    return FLUIT_OK;
}

void fluit_witness_record(int fd, const struct fluit_mark *mark, int64_t real_us)
{
    char line[80];
    int len = snprintf(line, sizeof line, "%d %d %d %d %" PRId64 "\n", mark->id.step,
                       mark->id.round, mark->id.kind, mark->id.occurrence, real_us);
    assert(len > 0 && (size_t)len < sizeof line);
    if (fd >= 0 && write(fd, line, (size_t)len) != len)
        perror("fluit: the witness was not written");
}
