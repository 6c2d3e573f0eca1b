#include "node/home/job.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/crypto.h"

enum fluit_err fluit_job_start(struct fluit_job *job, const struct fluit_command *command)
{
    char path[32];
    *job = FLUIT_JOB_INIT;
    if (command->failed)
        return FLUIT_E_NOMEM;
    job->said_fd = memfd_create("fluit-said", MFD_CLOEXEC);
    if (job->said_fd < 0)
        return FLUIT_E_IO;
    snprintf(path, sizeof path, "/proc/self/fd/%d", job->said_fd);
    enum fluit_err err = fluit_proc_start(&job->proc, command->argv, NULL, path);
    if (err)
        fluit_job_deinit(job);
    else
        fluit_proc_hush(&job->proc);
    return err;
}

bool fluit_job_read(struct fluit_job *job)
{
    bool more = fluit_proc_read_all(&job->proc, &job->out);
    if (more && (job->out.err || job->out.len > FLUIT_JOB_OUT_MAX))
        fluit_proc_kill(&job->proc, SIGKILL);
    return more;
}

int fluit_job_status(const struct fluit_job *job)
{
    return WIFEXITED(job->proc.status) ? WEXITSTATUS(job->proc.status) : -1;
}

void fluit_job_said(const struct fluit_job *job, char out[static FLUIT_JOB_SAID_LEN])
{
    char tail[FLUIT_JOB_SAID_LEN];
    struct stat stat;
    off_t from = fstat(job->said_fd, &stat) == 0 ? stat.st_size - (off_t)sizeof tail + 1 : 0;
    ssize_t len = pread(job->said_fd, tail, sizeof tail - 1, from > 0 ? from : 0);
    out[0] = 0;
    while (len > 0 && (tail[len - 1] == '\n' || tail[len - 1] == ' '))
        len--;
    if (len <= 0)
        return;
    tail[len] = 0;
    const char *line = strrchr(tail, '\n');
    line = line ? line + 1 : tail;
    if (strncmp(line, "fluit: ", 7) == 0)
        line += 7;
    snprintf(out, FLUIT_JOB_SAID_LEN, "%s", line);
}

void fluit_job_deinit(struct fluit_job *job)
{
    fluit_proc_deinit(&job->proc);
    if (job->said_fd >= 0)
        close(job->said_fd);
    fluit_buf_wipe(&job->out);
    *job = FLUIT_JOB_INIT;
}

char *fluit_job_line(char **rest)
{
    char *line = *rest, *end = line ? strchr(line, '\n') : NULL;
    if (!line || !*line)
        return NULL;
    if (end)
        *end = 0;
    *rest = end ? end + 1 : NULL;
    return line;
}
