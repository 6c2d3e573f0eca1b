#include "node/cli/run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "node/cli/args.h"
#include "node/cli/run_page.h"
#include "node/core/links.h"
#include "node/io/proc.h"
#include "node/io/whistle.h"

#define SOMEWHERE "192.0.2.1" /* nowhere, in fact (RFC 5737); nothing is sent there */

enum {
    OPT_PAGE = 256,
    OPT_NO_PAGE,
    OPT_PHONES,
    OPT_TLS_CERT,
    OPT_TLS_KEY,
    OPT_OPEN,
    OPT_SKEW,
    OPT_WITNESS,
    OPT_FAULTS
};

static const struct argp_option options[] = {
    {"page", OPT_PAGE, "PORT", 0, "serve the page on this port of this machine (any)", 1},
    {"no-page", OPT_NO_PAGE, NULL, 0, "serve no page; the console is enough", 1},
    {"phones", OPT_PHONES, NULL, 0,
     "serve the page on the network, too, to phones that scan a code", 1},
    {"tls-cert", OPT_TLS_CERT, "FILE", 0,
     "to them by TLS, with this certificate (PEM, whole chain)", 1},
    {"tls-key", OPT_TLS_KEY, "FILE", 0, "and its private key (PEM)", 1},
    {"open", OPT_OPEN, NULL, 0, "open the page in this machine's browser", 1},
    {"skew", OPT_SKEW, "OFFSET_US:PPM", OPTION_HIDDEN, "disturb this node's clock", 0},
    {"witness", OPT_WITNESS, "FILE", OPTION_HIDDEN, "write when whistles sounded", 0},
    {"faults", OPT_FAULTS, NULL, OPTION_HIDDEN, "let lines that begin with % break this node", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fluit_run_options *out = state->input;
    if (key == OPT_SKEW)
        out->skew = arg;
    else if (key == OPT_WITNESS)
        out->witness = arg;
    else if (key == OPT_FAULTS)
        out->faults = true;
    else if (key == OPT_NO_PAGE)
        out->no_page = true;
    else if (key == OPT_PHONES)
        out->phones = true;
    else if (key == OPT_TLS_CERT)
        out->tls_cert = arg;
    else if (key == OPT_TLS_KEY)
        out->tls_key = arg;
    else if (key == ARGP_KEY_END && !out->tls_cert != !out->tls_key)
        argp_error(state, "--tls-cert and --tls-key go together");
    else if (key == OPT_OPEN)
        out->open_page = true;
    else if (key == OPT_PAGE && !fluit_args_port(arg, &out->page_port))
        argp_error(state, "--page takes a port number");
    else if (key == OPT_PAGE)
        return 0;
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

const struct argp fluit_run_argp = {.options = options, .parser = parse};

void fluit_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("fluit: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

int fluit_run_open(struct fluit_run *run, const struct fluit_run_options *given, bool create)
{
    struct fluit_buf why = FLUIT_BUF_INIT;
    struct rlimit no_core = {0, 0};
    *run = (struct fluit_run){.witness_fd = -1, .beacons.fd = -1};
    setrlimit(RLIMIT_CORE, &no_core); /* memory holds keys and stories */
    if (given->skew && fluit_clocksource_parse(given->skew, &run->clock)) {
        fluit_complain("--skew takes OFFSET_US:PPM");
        return 2;
    }
    if (given->witness && fluit_witness_open(given->witness, &run->witness_fd)) {
        fluit_complain("can't open the witness %s: %s", given->witness, strerror(errno));
        return 1;
    }
    enum fluit_err err =
        fluit_store_open(given->data, create ? FLUIT_STORE_CREATE : 0, &run->store, &why);
    if (err)
        fluit_complain("%s", why.len ? fluit_buf_text(&why) : fluit_err_text(err));
    fluit_buf_deinit(&why);
    if (err)
        fluit_run_close(run);
    return err ? 1 : 0;
}

void fluit_run_open_beacons(struct fluit_run *run, const char *listen_host,
                            int64_t addresses_gap_us)
{
    /* Without them hubs are found by what was typed and by what others tell. */
    if (fluit_beacon_io_open(&run->beacons, listen_host, FLUIT_BEACON_PORT))
        fluit_complain("no beacons: UDP port %d can't be used; --hub HOST:PORT finds the hub "
                       "without",
                       FLUIT_BEACON_PORT);
    run->addresses_gap_us = addresses_gap_us;
}

void fluit_run_close(struct fluit_run *run)
{
    fluit_http_free(&run->http);
    fluit_net_free(&run->net);
    fluit_beacon_io_close(&run->beacons);
    fluit_store_close(run->store);
    if (run->witness_fd >= 0)
        close(run->witness_fd);
    *run = (struct fluit_run){.witness_fd = -1, .beacons.fd = -1};
}

struct committer {
    struct fluit_store_sqlite *store;
    const enum fluit_err *failed;
    struct fluit_sabotage *sabotage; /* NULL: none */
};

static enum fluit_err commit(void *arg)
{
    struct committer *c = arg;
    enum fluit_err err = *c->failed;
    if (!err && c->sabotage)
        err = fluit_sabotage_disk(c->sabotage);
    return err ? err : fluit_store_commit(c->store);
}

static bool take_line(void *arg, struct fluit_slice line)
{
    struct fluit_run *run = arg;
    return fluit_run_page_line(run, line) ||
           (run->sabotage.net && fluit_sabotage_line(&run->sabotage, line));
}

int fluit_run_loop(struct fluit_run *run, const struct fluit_run_options *given,
                   const struct fluit_node_ops *ops, void *node, const enum fluit_err *failed)
{
    struct committer committer = {run->store, failed, given->faults ? &run->sabotage : NULL};
    if (given->faults)
        run->sabotage.net = run->net;
    fluit_run_page_open(run, given);
    struct fluit_loop_config config = {
        .ops = ops,
        .node = node,
        .net = run->net,
        .clock = &run->clock,
        .commit = commit,
        .store = &committer,
        .data_dir = given->data,
        .beacons = &run->beacons,
        .addresses_gap_us = run->addresses_gap_us,
        .http = run->http,
        .usr1_line = given->usr1_line,
        .take_line = take_line,
        .take_line_arg = run,
        .in_fd = STDIN_FILENO,
        .out_fd = STDOUT_FILENO,
        .witness_fd = run->witness_fd,
    };
    return fluit_loop_run(&config);
}

enum fluit_err fluit_run_own_host(struct fluit_run *run, const char *typed, char *out, size_t cap)
{
    struct fluit_hub_address kept = {.host = ""};
    if (!typed[0] && !fluit_hub_address_load(fluit_store_port(run->store), &kept))
        typed = kept.host;
    if (typed[0] && fluit_endpoint_local(typed, out, cap) == FLUIT_OK)
        return FLUIT_OK;
    if (fluit_endpoint_local(SOMEWHERE, out, cap) == FLUIT_OK)
        return FLUIT_OK;
    return fluit_endpoint_local("127.0.0.1", out, cap);
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

static bool is_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

bool fluit_run_is_local(struct fluit_run *run, const char *typed)
{
    struct fluit_hub_address kept = {.host = ""};
    if (!typed[0] && !fluit_hub_address_load(fluit_store_port(run->store), &kept))
        typed = kept.host;
    return is_loopback(typed);
}

enum fluit_err fluit_run_phones_host(struct fluit_run *run, char *out, size_t cap)
{
    struct fluit_beacon_io any = {.fd = -1, .every_ipv4 = true};
    struct fluit_beacon_address found[FLUIT_BEACON_ADDRESSES_MAX];
    struct fluit_hub_address kept = {.host = ""};
    bool held = !fluit_hub_address_load(fluit_store_port(run->store), &kept);
    /* A hub on this machine says nothing of the network. A name is not looked up: that can take
     * long, and a page asks for this in the loop. */
    bool tells = held && is_address(kept.host) && !is_loopback(kept.host);
    if (fluit_endpoint_local(tells ? kept.host : SOMEWHERE, out, cap) == FLUIT_OK &&
        !is_loopback(out))
        return FLUIT_OK;
    if (fluit_beacon_io_addresses(&any, found) == 0)
        return FLUIT_E_MISSING;
    char host[FLUIT_BEACON_HOST_LEN_MAX + 1];
    fluit_beacon_host(&found[0], host);
    snprintf(out, cap, "%s", host);
    return is_loopback(out) ? FLUIT_E_MISSING : FLUIT_OK;
}

const char *fluit_run_listen_at(const char *own_host)
{
    return is_loopback(own_host) ? own_host : strchr(own_host, ':') ? "::" : "*";
}

bool fluit_parse_address(const char *text, char *host, size_t cap, uint16_t *port)
{
    const char *name = text, *rest = text + strcspn(text, ":");
    size_t len = (size_t)(rest - text);
    if (text[0] == '[') {
        name = text + 1;
        len = strcspn(name, "]");
        if (name[len] != ']')
            return false;
        rest = name + len + 1;
    }
    if (len >= cap || (*rest && *rest != ':') || (*rest == ':' && !fluit_args_port(rest + 1, port)))
        return false;
    if (len > 0) {
        memcpy(host, name, len);
        host[len] = 0;
    }
    return true;
}

void fluit_run_take_code(struct fluit_invite_code *code, struct argp_state *state)
{
    const char *given = getenv(FLUIT_CODE_ENV), *why = NULL;
    if (given && !code->s[0] && fluit_invite_parse(given, code, &why))
        argp_failure(state, 2, 0, FLUIT_CODE_ENV ": %s", why);
    unsetenv(FLUIT_CODE_ENV);
}

bool fluit_parse_hub(const char *text, char *host, size_t cap, uint16_t *port)
{
    *port = FLUIT_PORT_DEFAULT;
    return fluit_parse_address(text, host, cap, port) && host[0] && *port != 0;
}
