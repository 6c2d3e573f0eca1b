/* fluit takeover: lets the standby in a data directory lead, whether it runs now or is started
 * later.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/cli/args.h"
#include "node/cli/commands.h"
#include "node/cli/opened.h"
#include "node/cli/run.h"
#include "node/core/hub.h"
#include "node/io/clocksource.h"
#include "node/io/datadir.h"

#define WAIT_US INT64_C(10000000)
#define LOOK_US 50000

static const struct argp_option options[] = {
    {"yes", 'y', NULL, 0, "don't ask whether that is sure", 0},
    {0},
};

struct args {
    const char *dir;
    bool yes;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    if (key != 'y')
        return fluit_args_dir(key, arg, state, &args->dir, "say which standby: fluit takeover DIR");
    args->yes = true;
    return 0;
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "DIR",
    .doc = "Makes the standby whose data is in DIR the hub, as 'takeover' at its console does. All "
           "tables follow by themselves; a hub that still leads steps down as soon as it hears.",
};

enum place {
    PLACE_UNREADABLE, /* told why */
    PLACE_NO_STANDBY,
    PLACE_FOLLOWS,
    PLACE_LEADS,
};

static enum place look(const char *dir)
{
    struct fluit_opened opened = {0};
    enum place place = PLACE_UNREADABLE;
    if (fluit_opened_open(&opened, dir) == 0) {
        const struct fluit_node *node = &opened.node;
        int self = fluit_node_member(node);
        if (self < 0 || !fluit_member_may_lead(&node->roster.members[self]))
            place = PLACE_NO_STANDBY;
        else
            place = fluit_node_is_first(node) ? PLACE_LEADS : PLACE_FOLLOWS;
    }
    fluit_opened_close(&opened);
    return place;
}

static bool is_sure(const struct args *args)
{
    char line[16];
    if (args->yes)
        return true;
    if (!isatty(STDIN_FILENO)) {
        fluit_complain("say that it is sure: fluit takeover --yes %s", args->dir);
        return false;
    }
    printf("From now on %s leads, and a hub that still does steps down. Sure? (yes/no) ",
           args->dir);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && strncmp(line, "yes", 3) == 0;
}

/* It runs: it is told, and watched. */
static int tell(const char *dir, pid_t pid)
{
    if (kill(pid, SIGUSR1)) {
        fluit_complain("the standby in %s can't be told: %s; type 'takeover' at its console", dir,
                       strerror(errno));
        return 1;
    }
    int64_t until_us = fluit_monotonic_us() + WAIT_US;
    while (fluit_monotonic_us() < until_us) {
        if (look(dir) == PLACE_LEADS) {
            printf("%s leads now\n", dir);
            return 0;
        }
        usleep(LOOK_US);
    }
    fluit_complain("the standby in %s has not taken over yet; its console says why", dir);
    return 1;
}

/* It does not: the order waits in its store. */
static int leave_order(const char *dir)
{
    struct fluit_buf why = FLUIT_BUF_INIT;
    struct fluit_store_sqlite *s;
    static const uint8_t yes = 1;
    enum fluit_err err = fluit_store_open(dir, 0, &s, &why);
    if (err) {
        fluit_complain("%s", why.len ? fluit_buf_text(&why) : fluit_err_text(err));
        fluit_buf_deinit(&why);
        return 1;
    }
    struct fluit_store store = fluit_store_port(s);
    err = store.ops->put(store.self, FLUIT_NAMED_LEAD, fluit_slice(&yes, 1));
    if (!err)
        err = fluit_store_commit(s);
    fluit_store_close(s);
    fluit_buf_deinit(&why);
    if (err)
        fluit_complain("%s: %s", dir, fluit_err_text(err));
    else
        printf("%s does not run; it takes over when it is started: fluit standby --data %s\n", dir,
               dir);
    return err ? 1 : 0;
}

int fluit_cmd_takeover(int argc, char **argv)
{
    struct args args = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    switch (look(args.dir)) {
    case PLACE_UNREADABLE:
        return 1;
    case PLACE_NO_STANDBY:
        fluit_complain("%s belongs to a table or rapporteur; only a standby or hub can lead",
                       args.dir);
        return 1;
    case PLACE_LEADS:
        printf("%s leads already\n", args.dir);
        return 0;
    case PLACE_FOLLOWS:
        break;
    }
    if (!is_sure(&args))
        return 1;
    pid_t pid = fluit_datadir_user(args.dir);
    return pid ? tell(args.dir, pid) : leave_order(args.dir);
}
