/* fluit room: one laptop for all. */
#include <argp.h>
#include <stdlib.h>

#include "node/cli/args.h"
#include "node/cli/commands.h"
#include "node/home/room.h"

enum {
    OPT_LISTEN = 'l',
    OPT_PORT = 'p',
    OPT_RAPPORTEURS = 'r',
    OPT_PHONES = 256,
    OPT_TLS_CERT,
    OPT_TLS_KEY,
    OPT_NO_PAGE,
    OPT_OPEN,
    OPT_SPEED
};

static const struct argp_option options[] = {
    {"rapporteurs", OPT_RAPPORTEURS, NULL, 0, "a node for each table's rapporteur, too", 0},
    {"phones", OPT_PHONES, NULL, 0, "let browsers on the network open tables' pages, by their QR",
     0},
    {"tls-cert", OPT_TLS_CERT, "FILE", 0,
     "to them by TLS, with this certificate (PEM, whole chain)", 0},
    {"tls-key", OPT_TLS_KEY, "FILE", 0, "and its private key (PEM)", 0},
    {"open", OPT_OPEN, NULL, 0, "open the hub's page in this machine's browser", 0},
    {"no-page", OPT_NO_PAGE, NULL, 0, "serve no pages; the console is enough", 0},
    {"listen", OPT_LISTEN, "ADDR", 0, "the hub listens on this address only (all)", 0},
    {"port", OPT_PORT, "N", 0,
     "the hub's first of four ports in a row (7450); 0 looks for free "
     "ones",
     0},
    {"speed", OPT_SPEED, "X", OPTION_HIDDEN, "run the agenda X times as fast", 0},
    {0},
};

/* Every node gets it. */
static void pass(struct fluit_room_options *out, const char *option, const char *value)
{
    int count = 0;
    while (out->passed[count])
        count++;
    if (count + 2 > FLUIT_ROOM_PASSED_MAX)
        return;
    out->passed[count++] = option;
    if (value)
        out->passed[count] = value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fluit_room_options *out = state->input;
    switch (key) {
    case OPT_RAPPORTEURS:
        out->rapporteurs = true;
        return 0;
    case OPT_OPEN:
        out->open = true;
        return 0;
    case OPT_PHONES:
        pass(out, "--phones", NULL);
        return 0;
    case OPT_NO_PAGE:
        pass(out, "--no-page", NULL);
        return 0;
    case OPT_TLS_CERT:
        pass(out, "--tls-cert", arg);
        return 0;
    case OPT_TLS_KEY:
        pass(out, "--tls-key", arg);
        return 0;
    case OPT_LISTEN:
        out->listen = arg;
        return 0;
    case OPT_PORT:
        out->port = arg;
        return 0;
    case OPT_SPEED:
        out->speed = arg;
        return 0;
    }
    return fluit_args_dir(key, arg, state, &out->dir, "say which workshop: fluit room DIR");
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "DIR",
    .doc = "One laptop for all: leads the workshop in DIR ('fluit new' makes one) and runs every "
           "table's node, each a process of its own that is started again if it dies. What is "
           "typed goes to the hub; 'page table-03' gives a link to that table's page.",
};

int fluit_cmd_room(int argc, char **argv)
{
    struct fluit_room_options args = {.listen = "*", .port = "7450"};
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    return fluit_room_run(&args);
}
