#include "node/cli/browser.h"

#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A shell in between, so that the browser is nobody's child and its words are not the node's. The
 * link is an argument, never a part of the command. */
enum fluit_err fluit_browser_open(const char *link)
{
    static const char command[] = "command -v xdg-open >/dev/null || exit 1; "
                                  "setsid xdg-open \"$1\" </dev/null >/dev/null 2>&1 &";
    char *argv[] = {(char[]){"sh"},    (char[]){"-c"},          (char *)(uintptr_t)command,
                    (char[]){"fluit"}, (char *)(uintptr_t)link, NULL};
    pid_t pid;
    int status;
    posix_spawnattr_t attr;
    sigset_t none, pipe;
    if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))
        return FLUIT_E_MISSING;
    /* Not the signals that this process blocks or passes over. */
    sigemptyset(&none);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &pipe);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn(&pid, "/bin/sh", NULL, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    if (failed)
        return FLUIT_E_MISSING;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return FLUIT_E_MISSING;
    return FLUIT_OK;
}
