#include "node/cli/browser.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A shell in between, so that the browser is nobody's child and its words are not the node's. The
 * link is an argument, never a part of the command. */
enum fluit_err fluit_browser_open(const char *link)
{
    char command[] = "command -v xdg-open >/dev/null || exit 1; "
                     "setsid xdg-open \"$1\" </dev/null >/dev/null 2>&1 &";
    char *url = strdup(link);
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, command, (char[]){"fluit"}, url, NULL};
    pid_t pid;
    int status;
    posix_spawnattr_t attr;
    sigset_t none, pipe;
    if (!url || (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY")))
        goto missing;
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
        goto missing;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        goto missing;
    free(url);
    return FLUIT_OK;
missing:
    free(url);
    return FLUIT_E_MISSING;
}
