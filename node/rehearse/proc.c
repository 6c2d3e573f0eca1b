#include "node/rehearse/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_LEN 8192

static _Noreturn void become(const char *const *args, int in_fd, int out_fd, const char *log_path)
{
    char *argv[FLUIT_PROC_ARGS_MAX + 2] = {(char *)"fluit"};
    int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < FLUIT_PROC_ARGS_MAX && args[i]; i++)
        argv[i + 1] = (char *)args[i];
    dup2(in_fd, STDIN_FILENO);
    dup2(out_fd, STDOUT_FILENO);
    if (log_fd >= 0)
        dup2(log_fd, STDERR_FILENO);
    execv("/proc/self/exe", argv);
    _exit(127);
}

enum fluit_err fluit_proc_start(struct fluit_proc *proc, const char *const *args,
                                const char *log_path)
{
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC))
        return FLUIT_E_IO;
    if (pipe2(from, O_CLOEXEC)) {
        close(to[0]);
        close(to[1]);
        return FLUIT_E_IO;
    }
    pid_t pid = fork();
    if (pid == 0)
        become(args, to[0], from[1], log_path);
    close(to[0]);
    close(from[1]);
    if (pid < 0) {
        close(to[1]);
        close(from[0]);
        return FLUIT_E_IO;
    }
    fcntl(to[1], F_SETFL, O_NONBLOCK);
    fcntl(from[0], F_SETFL, O_NONBLOCK);
    fluit_buf_reset(&proc->read);
    fluit_buf_reset(&proc->typed);
    proc->pid = pid;
    proc->in_fd = to[1];
    proc->out_fd = from[0];
    return FLUIT_OK;
}

void fluit_proc_flush(struct fluit_proc *proc)
{
    while (proc->pid && proc->typed.len > 0) {
        ssize_t len = write(proc->in_fd, proc->typed.data, proc->typed.len);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            return;
        proc->typed.len -= (size_t)len;
        memmove(proc->typed.data, proc->typed.data + len, proc->typed.len);
    }
}

void fluit_proc_type(struct fluit_proc *proc, const char *line)
{
    fluit_buf_puts(&proc->typed, line);
    fluit_buf_puts(&proc->typed, "\n");
    fluit_proc_flush(proc);
}

static void take_lines(struct fluit_proc *proc, void (*take)(void *arg, const char *line),
                       void *arg)
{
    size_t start = 0;
    for (size_t i = 0; i < proc->read.len; i++) {
        if (proc->read.data[i] != '\n')
            continue;
        proc->read.data[i] = 0;
        take(arg, (const char *)proc->read.data + start);
        start = i + 1;
    }
    proc->read.len -= start;
    memmove(proc->read.data, proc->read.data + start, proc->read.len);
}

bool fluit_proc_read(struct fluit_proc *proc, void (*take)(void *arg, const char *line), void *arg)
{
    for (;;) {
        uint8_t *room = fluit_buf_extend(&proc->read, READ_LEN);
        if (!room)
            return false;
        ssize_t len = read(proc->out_fd, room, READ_LEN);
        proc->read.len -= READ_LEN - (size_t)(len > 0 ? len : 0);
        if (len < 0 && errno == EINTR)
            continue;
        if (len > 0)
            take_lines(proc, take, arg);
        else
            return len < 0 && errno == EAGAIN;
    }
}

static void close_pipes(struct fluit_proc *proc)
{
    close(proc->in_fd);
    close(proc->out_fd);
    proc->pid = 0;
}

void fluit_proc_kill(struct fluit_proc *proc)
{
    if (!proc->pid)
        return;
    kill(proc->pid, SIGKILL);
    waitpid(proc->pid, NULL, 0);
    close_pipes(proc);
}

int fluit_proc_end(struct fluit_proc *proc, int wait_ms)
{
    int status = -1;
    if (!proc->pid)
        return -1;
    struct pollfd ended = {(int)syscall(SYS_pidfd_open, proc->pid, 0), POLLIN, 0};
    if (ended.fd >= 0 && poll(&ended, 1, wait_ms) <= 0)
        kill(proc->pid, SIGKILL);
    waitpid(proc->pid, &status, 0);
    if (ended.fd >= 0)
        close(ended.fd);
    close_pipes(proc);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void fluit_proc_deinit(struct fluit_proc *proc)
{
    fluit_proc_kill(proc);
    fluit_buf_deinit(&proc->read);
    fluit_buf_deinit(&proc->typed);
}
