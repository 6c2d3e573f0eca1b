/* run.h: what hub, table and rapporteur share on their way from a command line to a running node.
 */
#ifndef FLUIT_RUN_H
#define FLUIT_RUN_H

#include <argp.h>

#include "node/cli/sabotage.h"
#include "node/io/loop.h"
#include "node/io/store_sqlite.h"
#include "proto/invite.h"

/* Options every node has. */
struct fluit_run_options {
    const char *data;      /* data directory */
    const char *skew;      /* a wrong clock, for rehearsals */
    const char *usr1_line; /* loop.h */
    const char *witness;
    bool faults;             /* sabotage.h */
    bool no_page, open_page; /* serve no page; open it in this machine's browser */
    bool phones;             /* serve it on the network, too */
    const char *tls_cert;    /* files, PEM; NULL: no TLS */
    const char *tls_key;
    uint16_t page_port; /* 0: the one of last time, else any that is free */
};

/* argp children: --page, --no-page, --phones, --tls-*, --open, and some that are hidden. Their
 * input is a struct fluit_run_options. */
extern const struct argp fluit_run_argp;

/* A node's outside: store, network, clock. Zero-initialise. */
struct fluit_run {
    struct fluit_store_sqlite *store;
    struct fluit_net *net;
    struct fluit_http *http; /* NULL: no pages */
    struct fluit_sabotage sabotage;
    struct fluit_beacon_io beacons;
    int64_t addresses_gap_us; /* loop.h */
    struct fluit_clocksource clock;
    int witness_fd;
};

/* Opens the store (locked) and the clock; prints one line on failure. Returns the exit status, 0 if
 * all went well. */
int fluit_run_open(struct fluit_run *run, const struct fluit_run_options *options, bool create);
/* Hears beacons from now on, and has the core told where this machine is reached that often. One
 * line if that can't be; the node goes on. */
void fluit_run_open_beacons(struct fluit_run *run, const char *listen_host,
                            int64_t addresses_gap_us);
void fluit_run_close(struct fluit_run *run);
/* Runs the core to its end on standard input and output. *failed is the core's own failure flag. */
int fluit_run_loop(struct fluit_run *run, const struct fluit_run_options *options,
                   const struct fluit_node_ops *ops, void *node, const enum fluit_err *failed);
/* "fluit: ..." on standard error. */
void fluit_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The address of this machine at which others reach it: as seen towards the hub `typed`, or ""
 * towards the one kept in the store, or towards the world. IO if there is none. */
FLUIT_MUST_CHECK enum fluit_err fluit_run_own_host(struct fluit_run *run, const char *typed,
                                                   char *out, size_t cap);
/* The same for phones, on a network: never loopback. MISSING if there is none. */
FLUIT_MUST_CHECK enum fluit_err fluit_run_phones_host(struct fluit_run *run, char *out, size_t cap);
/* Is the hub, typed or kept, on this machine's loopback? Then nobody else needs to reach us. */
bool fluit_run_is_local(struct fluit_run *run, const char *typed);
/* What to listen on so that it is reached there: loopback alone, or all addresses of its kind. */
const char *fluit_run_listen_at(const char *own_host);
/* The code of FLUIT_CODE_ENV, where none was given by --code; nobody that this node starts gets it.
 * A wrong one ends the program, as a wrong option does. */
void fluit_run_take_code(struct fluit_invite_code *code, struct argp_state *state);
/* --hub: HOST or HOST:PORT. False if it is none. */
bool fluit_parse_hub(const char *text, char *host, size_t cap, uint16_t *port);
/* HOST:PORT, [IPV6]:PORT, HOST or PORT left out. False if it is none. */
bool fluit_parse_address(const char *text, char *host, size_t cap, uint16_t *port);

#define FLUIT_PORT_DEFAULT 7450

#endif
