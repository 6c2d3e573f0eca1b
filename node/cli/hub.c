/* fluit hub: the facilitator's hub. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/run.h"
#include "node/core/hub.h"

enum {
    OPT_LISTEN = 'l',
    OPT_PORT = 'p',
    OPT_SPEED = 256
};

static const struct argp_option options[] = {
    {"listen", OPT_LISTEN, "ADDR", 0, "listen on this address of this machine only (all)", 0},
    {"port", OPT_PORT, "N", 0, "first of four ports in a row (7450); 0 looks for free ones", 0},
    {"speed", OPT_SPEED, "X", OPTION_HIDDEN, "run the agenda X times as fast", 0},
    {0},
};

struct args {
    struct fluit_run_options run;
    const char *listen;
    uint16_t port;
    double speed;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    char *end = NULL;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &args->run;
        return 0;
    case OPT_LISTEN:
        args->listen = arg;
        return 0;
    case OPT_PORT: {
        long port = strtol(arg, &end, 10);
        if (*end || port < 0 || port > 65532)
            argp_error(state, "--port takes a number up to 65532");
        args->port = (uint16_t)port;
        return 0;
    }
    case OPT_SPEED:
        args->speed = strtod(arg, &end);
        if (*end || !(args->speed >= 1 && args->speed <= 100000))
            argp_error(state, "--speed takes a number from 1");
        return 0;
    case ARGP_KEY_ARG:
        if (args->run.data)
            argp_error(state, "one directory only");
        args->run.data = arg;
        return 0;
    case ARGP_KEY_END:
        if (!args->run.data)
            argp_error(state, "say which workshop: fluit hub DIR");
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = {{&fluit_run_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "DIR",
    .doc = "Leads the workshop in DIR ('fluit new' makes one). Type 'help' at its console.",
    .children = children,
};

static const struct fluit_node_ops ops = {fluit_hub_step, fluit_hub_deadline, fluit_hub_alarm,
                                          fluit_hub_admits};

static void complain_init(const char *dir, enum fluit_err err)
{
    if (err == FLUIT_E_MISSING)
        fluit_complain("%s holds no workshop; make one: fluit new %s", dir, dir);
    else if (err == FLUIT_E_DENIED)
        fluit_complain("%s belongs to a table or rapporteur; start it with 'fluit table --data %s'",
                       dir, dir);
    else
        fluit_complain("%s: this workshop can't be opened; 'fluit verify %s' tells more", dir, dir);
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
    printf("listening: door %s:%u\n", args->listen, port);
    fflush(stdout);
    return fluit_run_loop(run, &args->run, &ops, hub, &hub->node.failed);
}

int fluit_cmd_hub(int argc, char **argv)
{
    struct args args = {.listen = "*", .port = FLUIT_PORT_DEFAULT, .speed = 1};
    struct fluit_run run;
    uint8_t entropy[32];
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    int status = fluit_run_open(&run, &args.run, false);
    if (status)
        return status;
    struct fluit_hub *hub = calloc(1, sizeof *hub);
    fluit_os_random(entropy, sizeof entropy);
    enum fluit_err err =
        hub ? fluit_hub_init(hub, fluit_store_port(run.store), args.speed, entropy) : FLUIT_E_NOMEM;
    fluit_wipe(entropy, sizeof entropy);
    if (err) {
        complain_init(args.run.data, err);
        status = 1;
    } else {
        status = serve(&run, &args, hub);
        fluit_hub_deinit(hub);
    }
    free(hub);
    fluit_run_close(&run);
    return status;
}
