#include "node/cli/typed_key.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "node/cli/run.h"

#define TRIES_MAX 5
#define LINE_CAP  (2 * FLUIT_PAPER_SHOW_LEN) /* somebody may type all four in one, with blanks */

struct typed {
    char lines[FLUIT_PAPER_LINES][LINE_CAP];
    bool ended; /* there is nothing more to read */
    const char *why;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
}

/* The terminal must not stay mute when somebody gives up. */
static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define SIGNAL_COUNT (sizeof signals / sizeof signals[0])

/* Stops showing what is typed; false if that can't be done. */
static bool hide(struct termios *shown, struct sigaction old[static SIGNAL_COUNT])
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: read ends */
    if (tcgetattr(STDIN_FILENO, shown))
        return false;
    struct termios hidden = *shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    interrupted = 0;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &action, &old[i]);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0)
        return true;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &old[i], NULL);
    return false;
}

static void show_again(const struct termios *shown, const struct sigaction old[SIGNAL_COUNT])
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, shown);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &old[i], NULL);
}

/* One line without its end; what is beyond LINE_CAP is dropped, and fits nothing. Past stdio, whose
 * buffers nobody wipes. False at the end or when interrupted. */
static bool read_line(struct typed *typed, char line[static LINE_CAP])
{
    size_t len = 0;
    char c = 0;
    ssize_t got;
    do {
        got = read(STDIN_FILENO, &c, 1);
        if (got == 1 && c != '\n' && len + 1 < LINE_CAP)
            line[len++] = c;
    } while ((got == 1 && c != '\n') || (got < 0 && errno == EINTR && !interrupted));
    line[len] = 0;
    c = 0;
    typed->ended = got != 1;
    return got == 1 || len > 0;
}

/* Do the lines so far make a key? */
static bool makes_key(struct typed *typed, struct fluit_secret *key)
{
    char all[FLUIT_PAPER_LINES * LINE_CAP];
    size_t len = 0;
    for (size_t i = 0; i < FLUIT_PAPER_LINES; i++) {
        size_t part = strlen(typed->lines[i]);
        memcpy(all + len, typed->lines[i], part);
        len += part;
    }
    all[len] = 0;
    bool made = fluit_paper_get(all, key, &typed->why) == FLUIT_OK;
    fluit_wipe(all, sizeof all);
    return made;
}

/* Asks for the lines; again, one that is left empty stays as it was. */
static bool ask_lines(struct typed *typed, struct fluit_secret *key)
{
    char line[LINE_CAP];
    bool made = false;
    for (size_t i = 0; i < FLUIT_PAPER_LINES && !typed->ended && !made; i++) {
        fprintf(stderr, "line %zu of %d: ", i + 1, FLUIT_PAPER_LINES);
        if (read_line(typed, line) && line[0])
            memcpy(typed->lines[i], line, sizeof line);
        made = makes_key(typed, key);
    }
    fluit_wipe(line, sizeof line);
    return made;
}

static bool ask(struct typed *typed, struct fluit_secret *key)
{
    struct termios shown;
    struct sigaction old[SIGNAL_COUNT];
    if (!hide(&shown, old)) {
        typed->why = "this terminal can't be kept from showing it; give it on standard input";
        return false;
    }
    fputs("Type the recovery key as it stands on paper. It is not shown as you type.\n", stderr);
    bool made = ask_lines(typed, key);
    for (int tries = 1; !made && !typed->ended && tries < TRIES_MAX; tries++) {
        fprintf(stderr, "%s. Once more; Enter alone keeps a line as it was.\n", typed->why);
        made = ask_lines(typed, key);
    }
    show_again(&shown, old);
    if (!made && interrupted)
        typed->why = "interrupted";
    return made;
}

/* Blank lines count for nothing. */
static bool take_in(struct typed *typed, struct fluit_secret *key)
{
    bool made = false;
    for (size_t i = 0; i < FLUIT_PAPER_LINES && !typed->ended && !made;) {
        if (!read_line(typed, typed->lines[i]) || !typed->lines[i][0])
            continue;
        made = makes_key(typed, key);
        i++;
    }
    return made;
}

int fluit_typed_key(struct fluit_secret *key)
{
    struct typed typed = {.why = "no key was given"};
    bool made = isatty(STDIN_FILENO) ? ask(&typed, key) : take_in(&typed, key);
    if (!made)
        fluit_complain("the recovery key: %s", typed.why);
    fluit_wipe(&typed, sizeof typed);
    return made ? 0 : 1;
}
