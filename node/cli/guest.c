/* fluit table, fluit rapporteur: a node at a table. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/run.h"
#include "node/view/page.h"
#include "node/view/view.h"

enum {
    OPT_CODE = 'c',
    OPT_HUB = 'h',
    OPT_DATA = 'd'
};

static const struct argp_option options[] = {
    {"code", OPT_CODE, "CODE", 0, "the code the facilitator gave; once, to join", 0},
    {"hub", OPT_HUB, "HOST:PORT", 0,
     "where the hub is, if it is not found by itself; kept for the next time", 0},
    {"data", OPT_DATA, "DIR", 0, "where this node keeps what it holds", 0},
    {0},
};

#define ADDRESSES_GAP_US INT64_C(5000000)

struct args {
    struct fluit_run_options run;
    struct fluit_guest_config config;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    struct fluit_guest_config *config = &args->config;
    const char *why = NULL;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &args->run;
        return 0;
    case OPT_CODE:
        if (fluit_invite_parse(arg, &config->code, &why))
            argp_failure(state, 2, 0, "--code: %s", why);
        return 0;
    case OPT_HUB:
        if (!fluit_parse_hub(arg, config->host, sizeof config->host, &config->door_port))
            argp_failure(state, 2, 0, "--hub takes HOST:PORT, as the hub's console shows it");
        return 0;
    case OPT_DATA:
        args->run.data = arg;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state,
                   "'%s' is not understood here; what is said at the table is typed at the "
                   "console",
                   arg);
        return 0;
    case ARGP_KEY_END:
        fluit_run_take_code(&config->code, state);
        if (!args->run.data)
            argp_error(state, "say where to keep what is said: --data DIR");
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = {{&fluit_run_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc =
        "A node at a table. The first time: --code CODE --data DIR, and --hub HOST:PORT where the "
        "hub is not found by itself; after that --data DIR alone goes on where it was. Type "
        "'help' at its console.",
    .children = children,
};

static const struct fluit_node_ops ops = {
    .step = fluit_page_guest_step,
    .deadline = fluit_guest_deadline,
    .alarm = fluit_guest_alarm,
    .admits = fluit_guest_admits,
    .view = fluit_page_guest_view,
    .script = fluit_page_guest_script,
    .same_view = fluit_view_same,
};

/* The port that others know from our hello. 0: any that is free. */
static uint16_t kept_port(struct fluit_store store)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    uint16_t port = 0;
    if (!store.ops->value(store.self, "peer-port", &value) && value.len == sizeof port)
        port = fluit_get_u16(value.data);
    fluit_buf_deinit(&value);
    return port;
}

static enum fluit_err keep_port(struct fluit_store store, uint16_t port)
{
    uint8_t bytes[sizeof port];
    fluit_put_u16(bytes, port);
    return store.ops->put(store.self, "peer-port", fluit_slice(bytes, sizeof bytes));
}

/* The same port as last time, if that can be: who started anew together with all others could not
 * tell them a new one. */
static enum fluit_err bind_peers(struct fluit_run *run, const char *listen_at, uint16_t *port)
{
    struct fluit_store store = fluit_store_port(run->store);
    struct fluit_net_why why;
    *port = kept_port(store);
    if (*port && fluit_net_bind_peers(run->net, listen_at, port, &why) == FLUIT_OK)
        return FLUIT_OK;
    *port = 0;
    enum fluit_err err = fluit_net_bind_peers(run->net, listen_at, port, &why);
    return err ? err : keep_port(store, *port);
}

/* Peers find this node by the address from which it sees the hub. Without one it is not found, and
 * looks for others itself. */
static void open_to_peers(struct fluit_run *run, struct fluit_guest *guest)
{
    char own[FLUIT_HOST_LEN_MAX + 1];
    struct fluit_endpoint endpoint;
    uint16_t port;
    bool found = fluit_run_own_host(run, guest->joining.host, own, sizeof own) == FLUIT_OK;
    /* A machine that starts before its network is there will have an address later. */
    guest->listens_to_all = !fluit_run_is_local(run, guest->joining.host);
    const char *listen = guest->listens_to_all ? "*" : fluit_run_listen_at(own);
    if (!found || bind_peers(run, listen, &port) ||
        fluit_endpoint_make(own, (uint16_t)(port + FLUIT_PORT_SYNC), &endpoint))
        return;
    guest->sync_port = (uint16_t)(port + FLUIT_PORT_SYNC);
    memcpy(guest->node.endpoint, endpoint.s, strlen(endpoint.s) + 1);
}

static int take_part(struct fluit_run *run, const struct args *args, struct fluit_guest *guest)
{
    if (fluit_net_new(&guest->node.self.link_pk, &guest->node.self.link_sk, &run->net)) {
        fluit_complain("the network library does not start; is libzmq5 installed?");
        return 1;
    }
    open_to_peers(run, guest);
    fluit_run_open_beacons(run, "*", ADDRESSES_GAP_US);
    return fluit_run_loop(run, &args->run, &ops, guest, &guest->node.failed);
}

static int run_guest(int argc, char **argv, enum fluit_node_class node_class)
{
    struct args args = {.config = {.node_class = node_class}};
    struct fluit_run run;
    uint8_t entropy[32];
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    /* A directory is only made for a node that brings a code. */
    int status = fluit_run_open(&run, &args.run, args.config.code.s[0] != 0);
    if (status)
        return status;
    struct fluit_guest *guest = calloc(1, sizeof *guest);
    fluit_os_random(entropy, sizeof entropy);
    enum fluit_err err =
        guest ? fluit_guest_init(guest, fluit_store_port(run.store), &args.config, entropy)
              : FLUIT_E_NOMEM;
    fluit_wipe(entropy, sizeof entropy);
    if (err) {
        fluit_complain("%s can't be used: %s; 'fluit verify %s' tells more", args.run.data,
                       fluit_err_text(err), args.run.data);
        status = 1;
    } else {
        status = take_part(&run, &args, guest);
        fluit_guest_deinit(guest);
    }
    free(guest);
    fluit_run_close(&run);
    return status;
}

int fluit_cmd_table(int argc, char **argv)
{
    return run_guest(argc, argv, FLUIT_NODE_TABLE);
}

int fluit_cmd_rapporteur(int argc, char **argv)
{
    return run_guest(argc, argv, FLUIT_NODE_RAPPORTEUR);
}
