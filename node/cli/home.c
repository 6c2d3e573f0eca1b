/* fluit without a command: the home page. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/cli/args.h"
#include "node/cli/commands.h"
#include "node/home/home.h"

#define PATH_LEN 900

enum {
    OPT_FOLDER = 'f',
    OPT_PAGE = 256,
    OPT_NO_BROWSER,
    OPT_HUB_PORT
};

static const struct argp_option options[] = {
    {"folder", OPT_FOLDER, "DIR", 0, "where workshops are kept (fluit, in your home directory)", 0},
    {"page", OPT_PAGE, "PORT", 0, "serve the page on this port of this machine (any)", 0},
    {"no-browser", OPT_NO_BROWSER, NULL, 0, "open no browser, only print the link", 0},
    {"hub-port", OPT_HUB_PORT, "N", OPTION_HIDDEN, "as for fluit hub", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fluit_home_options *out = state->input;
    switch (key) {
    case OPT_FOLDER:
        out->folder = arg;
        return 0;
    case OPT_PAGE:
        if (!fluit_args_port(arg, &out->page_port))
            argp_error(state, "--page takes a port number");
        return 0;
    case OPT_NO_BROWSER:
        out->no_browser = true;
        return 0;
    case OPT_HUB_PORT:
        out->hub_port = arg;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not understood here", arg);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc = "The home page: make a workshop, rehearse, check the room, lead, join, report; in this "
           "machine's browser.",
};

int fluit_cmd_home(int argc, char **argv)
{
    struct fluit_home_options args = {.hub_port = "7450"};
    static char folder[PATH_LEN];
    const char *home = getenv("HOME");
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    if (!args.folder) {
        if (snprintf(folder, sizeof folder, "%s/fluit", home ? home : ".") >= PATH_LEN)
            return 1;
        args.folder = folder;
    }
    return fluit_home_run(&args);
}
