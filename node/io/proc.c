#include "node/io/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/crypto.h"

#define LINE_MAX_LEN 65536

/* In the child: only what is safe between fork and exec. */
static void become(char *const argv[], char *const env[], int in_fd, int out_fd, int log_fd,
                   pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(in_fd, STDIN_FILENO) < 0 || dup2(out_fd, STDOUT_FILENO) < 0 ||
        dup2(log_fd, STDERR_FILENO) < 0)
        _exit(127);
    execve("/proc/self/exe", argv, env);
    _exit(127);
}

static void close_all(const int *fds, int count)
{
    for (int i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static int open_log(const char *log, int out_fd)
{
    if (log && log[0])
        return open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return fcntl(log ? out_fd : STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

/* Our environment with that code first, where it is the one that is found. Owns only the first text
 * and itself; NULL: out of memory. */
static char **make_env(const char *code)
{
    size_t count = 0, at = 0;
    while (environ[count])
        count++;
    char **env = calloc(count + 2, sizeof *env);
    if (!env || asprintf(&env[at++], FLUIT_CODE_ENV "=%s", code) < 0) {
        free(env);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        env[at++] = environ[i];
    return env;
}

static void free_env(char **env)
{
    if (!env)
        return;
    fluit_wipe(env[0], strlen(env[0]));
    free(env[0]);
    free(env);
}

enum fluit_err fluit_proc_start(struct fluit_proc *proc, char *const argv[], const char *code,
                                const char *log)
{
    enum fluit_err err = FLUIT_E_IO;
    char **env = code ? make_env(code) : NULL;
    int fds[5] = {-1, -1, -1, -1, -1}; /* to it: 0 read, 1 write; from it: 2 read, 3 write; log */
    pid_t parent = getpid();
    if (code && !env) {
        err = FLUIT_E_NOMEM;
        goto fail;
    }
    if (pipe2(fds, O_CLOEXEC) || pipe2(fds + 2, O_CLOEXEC))
        goto fail;
    fds[4] = open_log(log, fds[3]);
    if (fds[4] < 0)
        goto fail;
    if (fcntl(fds[1], F_SETFL, O_NONBLOCK) || fcntl(fds[2], F_SETFL, O_NONBLOCK))
        goto fail;
    pid_t pid = fork();
    if (pid < 0)
        goto fail;
    if (pid == 0)
        become(argv, env ? env : environ, fds[0], fds[3], fds[4], parent);
    close(fds[0]);
    close(fds[3]);
    close(fds[4]);
    free_env(env);
    fluit_buf_reset(&proc->line);
    proc->pid = pid;
    proc->in_fd = fds[1];
    proc->out_fd = fds[2];
    return FLUIT_OK;
fail:
    close_all(fds, 5);
    free_env(env);
    return err;
}

bool fluit_proc_say(struct fluit_proc *proc, const char *text)
{
    char line[4096];
    size_t len = strlen(text);
    if (proc->in_fd < 0 || len + 1 > sizeof line)
        return false;
    memcpy(line, text, len);
    line[len] = '\n';
    return write(proc->in_fd, line, len + 1) == (ssize_t)(len + 1);
}

static void take_lines(struct fluit_proc *proc, void (*take)(void *arg, const char *line),
                       void *arg)
{
    size_t from = 0;
    for (size_t i = 0; i < proc->line.len; i++) {
        if (proc->line.data[i] != '\n')
            continue;
        proc->line.data[i] = 0;
        take(arg, (const char *)proc->line.data + from);
        from = i + 1;
    }
    if (from == 0 && proc->line.len < LINE_MAX_LEN)
        return;
    memmove(proc->line.data, proc->line.data + from, proc->line.len - from);
    proc->line.len = from ? proc->line.len - from : 0;
}

void fluit_proc_hush(struct fluit_proc *proc)
{
    if (proc->in_fd >= 0)
        close(proc->in_fd);
    proc->in_fd = -1;
}

static void ended(struct fluit_proc *proc)
{
    while (waitpid(proc->pid, &proc->status, 0) < 0 && errno == EINTR)
        continue;
    fluit_proc_hush(proc);
    close(proc->out_fd);
    proc->pid = 0;
    proc->in_fd = proc->out_fd = -1;
}

bool fluit_proc_read_all(struct fluit_proc *proc, struct fluit_buf *out)
{
    char chunk[16384];
    ssize_t len = read(proc->out_fd, chunk, sizeof chunk);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (len <= 0) {
        ended(proc);
        return false;
    }
    fluit_buf_put(out, chunk, (size_t)len);
    fluit_wipe(chunk, (size_t)len); /* it may be a key or a story */
    return true;
}

bool fluit_proc_read(struct fluit_proc *proc, void (*take)(void *arg, const char *line), void *arg)
{
    if (!fluit_proc_read_all(proc, &proc->line))
        return false;
    take_lines(proc, take, arg);
    return true;
}

void fluit_proc_kill(struct fluit_proc *proc, int signal)
{
    if (proc->pid > 0)
        kill(proc->pid, signal);
}

int fluit_proc_finish(struct fluit_proc *proc, void (*take)(void *arg, const char *line), void *arg)
{
    struct pollfd item = {.fd = proc->out_fd, .events = POLLIN};
    do
        poll(&item, 1, -1);
    while (fluit_proc_read(proc, take, arg));
    return WIFEXITED(proc->status) ? WEXITSTATUS(proc->status) : -1;
}

static void ignore(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

void fluit_proc_deinit(struct fluit_proc *proc)
{
    if (proc->pid > 0) {
        fluit_proc_kill(proc, SIGKILL);
        fluit_proc_finish(proc, ignore, NULL);
    }
    fluit_buf_wipe(&proc->line);
}
