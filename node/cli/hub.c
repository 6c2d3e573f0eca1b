/* fluit hub, fluit standby: the facilitator's hub, and a second one that can take over. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cli/args.h"
#include "node/cli/commands.h"
#include "node/cli/run.h"
#include "node/view/page.h"
#include "node/view/view.h"

#define PORT_MAX (UINT16_MAX - 3) /* the first of four */

enum {
    OPT_CODE = 'c',
    OPT_HUB = 'h',
    OPT_DATA = 'd',
    OPT_LISTEN = 'l',
    OPT_PORT = 'p',
    OPT_SPEED = 256
};

static const struct argp_option hub_options[] = {
    {"listen", OPT_LISTEN, "ADDR", 0, "listen on this address of this machine only (all)", 0},
    {"port", OPT_PORT, "N", 0, "first of four ports in a row (7450); 0 looks for free ones", 0},
    {"speed", OPT_SPEED, "X", OPTION_HIDDEN, "run the agenda X times as fast", 0},
    {0},
};

static const struct argp_option standby_options[] = {
    {"code", OPT_CODE, "CODE", 0, "the code that 'standby' at the hub's console gave; once", 0},
    {"hub", OPT_HUB, "HOST:PORT", 0, "where the hub is, if it is not found by itself", 0},
    {"data", OPT_DATA, "DIR", 0, "where this node keeps what it holds", 0},
    {"listen", OPT_LISTEN, "ADDR", 0, "listen on this address of this machine only (all)", 0},
    {"port", OPT_PORT, "N", 0, "first of four ports in a row (7450); 0 looks for free ones", 0},
    {"speed", OPT_SPEED, "X", OPTION_HIDDEN, "run the agenda X times as fast", 0},
    {0},
};

struct args {
    struct fluit_run_options run;
    struct fluit_hub_config config;
    const char *listen;
    uint16_t port;
};

static uint16_t parse_port(const char *arg, struct argp_state *state)
{
    uint16_t port = 0;
    if (!fluit_args_port(arg, &port) || port > PORT_MAX)
        argp_error(state, "--port takes a number up to %d", PORT_MAX);
    return port;
}

static double parse_speed(const char *arg, struct argp_state *state)
{
    char *end = NULL;
    double speed = strtod(arg, &end);
    if (*end || !(speed >= 1 && speed <= 100000))
        argp_error(state, "--speed takes a number from 1");
    return speed;
}

static void parse_join(int key, const char *arg, struct fluit_hub_config *config,
                       struct argp_state *state)
{
    const char *why = NULL;
    if (key == OPT_CODE && fluit_invite_parse(arg, &config->code, &why))
        argp_failure(state, 2, 0, "--code: %s", why);
    if (key == OPT_HUB &&
        !fluit_parse_hub(arg, config->host, sizeof config->host, &config->door_port))
        argp_failure(state, 2, 0, "--hub takes HOST:PORT, as the hub's console shows it");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &args->run;
        return 0;
    case OPT_LISTEN:
        args->listen = arg;
        return 0;
    case OPT_PORT:
        args->port = parse_port(arg, state);
        return 0;
    case OPT_SPEED:
        args->config.speed = parse_speed(arg, state);
        return 0;
    case OPT_CODE:
    case OPT_HUB:
        parse_join(key, arg, &args->config, state);
        return 0;
    case OPT_DATA:
        args->run.data = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (args->config.standby)
            argp_error(state, "'%s' is not understood here", arg);
        break;
    case ARGP_KEY_END:
        if (args->config.standby)
            fluit_run_take_code(&args->config.code, state);
        break;
    }
    return fluit_args_dir(key, arg, state, &args->run.data,
                          args->config.standby ? "say where to keep what it holds: --data DIR"
                                               : "say which workshop: fluit hub DIR");
}

static const struct argp_child children[] = {{&fluit_run_argp, 0, NULL, 0}, {0}};
static const struct argp hub_argp = {
    .options = hub_options,
    .parser = parse,
    .args_doc = "DIR",
    .doc = "Leads the workshop in DIR ('fluit new' makes one). Type 'help' at its console.",
    .children = children,
};
static const struct argp standby_argp = {
    .options = standby_options,
    .parser = parse,
    .doc =
        "A second hub, on another laptop: it holds everything, and leads once 'takeover' is typed "
        "at its console. The first time: --code CODE --data DIR; after that --data DIR alone.",
    .children = children,
};

static const struct fluit_node_ops ops = {
    .step = fluit_page_hub_step,
    .deadline = fluit_hub_deadline,
    .alarm = fluit_hub_alarm,
    .admits = fluit_hub_admits,
    .view = fluit_page_hub_view,
    .script = fluit_page_hub_script,
    .same_view = fluit_view_same,
};

static void complain_init(const struct args *args, enum fluit_err err)
{
    const char *dir = args->run.data;
    if (err == FLUIT_E_MISSING)
        fluit_complain("%s holds no workshop; make one: fluit new %s", dir, dir);
    else
        fluit_complain("%s: this workshop can't be opened; 'fluit verify %s' tells more", dir, dir);
}

/* Where others reach it, told in its hello. */
static void tell_endpoint(struct fluit_run *run, const struct args *args, struct fluit_hub *hub)
{
    char own[FLUIT_HOST_LEN_MAX + 1];
    struct fluit_endpoint endpoint;
    bool all = strcmp(args->listen, "*") == 0 || strcmp(args->listen, "0.0.0.0") == 0 ||
               strcmp(args->listen, "::") == 0;
    snprintf(own, sizeof own, "%.250s", args->listen);
    if (all && fluit_run_own_host(run, args->config.host, own, sizeof own))
        return;
    if (!fluit_endpoint_make(own, hub->ports[0], &endpoint))
        memcpy(hub->node.endpoint, endpoint.s, strlen(endpoint.s) + 1);
}

static int serve(struct fluit_run *run, const struct args *args, struct fluit_hub *hub)
{
    struct fluit_net_why why;
    uint16_t port = args->port;
    if (fluit_net_new(&hub->node.self.link_pk, &hub->node.self.link_sk, &run->net)) {
        fluit_complain("the network library does not start; is libzmq5 installed?");
        return 1;
    }
    if (fluit_net_bind_hub(run->net, args->listen, &port, &why)) {
        fluit_complain("%s", why.text);
        return 1;
    }
    hub->ports[0] = (uint16_t)(port + FLUIT_PORT_SYNC);
    hub->ports[1] = (uint16_t)(port + FLUIT_PORT_XPUB);
    hub->ports[2] = (uint16_t)(port + FLUIT_PORT_COLLECT);
    hub->door_port = port;
    tell_endpoint(run, args, hub);
    fluit_run_open_beacons(run, args->listen, FLUIT_BEACON_GAP_US);
    printf("listening: door %s:%u\n", args->listen, port);
    fflush(stdout);
    return fluit_run_loop(run, &args->run, &ops, hub, &hub->node.failed);
}

static int run_hub(int argc, char **argv, const struct argp *argp, bool standby)
{
    struct args args = {.listen = "*", .port = FLUIT_PORT_DEFAULT};
    struct fluit_run run;
    uint8_t entropy[32];
    args.config.standby = standby;
    args.config.speed = 1;
    args.run.usr1_line = "takeover yes"; /* from fluit takeover */
    if (argp_parse(argp, argc, argv, 0, NULL, &args))
        return 2;
    /* A directory is only made for a standby that brings a code. */
    int status = fluit_run_open(&run, &args.run, args.config.code.s[0] != 0);
    if (status)
        return status;
    struct fluit_hub *hub = calloc(1, sizeof *hub);
    fluit_os_random(entropy, sizeof entropy);
    enum fluit_err err =
        hub ? fluit_hub_init(hub, fluit_store_port(run.store), &args.config, entropy)
            : FLUIT_E_NOMEM;
    fluit_wipe(entropy, sizeof entropy);
    if (err) {
        complain_init(&args, err);
        status = 1;
    } else {
        status = serve(&run, &args, hub);
        fluit_hub_deinit(hub);
    }
    free(hub);
    fluit_run_close(&run);
    return status;
}

int fluit_cmd_hub(int argc, char **argv)
{
    return run_hub(argc, argv, &hub_argp, false);
}

int fluit_cmd_standby(int argc, char **argv)
{
    return run_hub(argc, argv, &standby_argp, true);
}
