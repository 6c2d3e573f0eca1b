/* loop.h: runs a node: waits, gives the core its events, commits, then carries its effects out.
 *
 * In a turn all that came is stepped into one list of effects, then the store is committed once,
 * and only then does anything leave: no send, no printed line. A mark is whistled between turns, on
 * the node's own clock, with no disk and no network work just before it. */
#ifndef FLUIT_LOOP_H
#define FLUIT_LOOP_H

#include "node/core/event.h"
#include "node/io/beacon.h"
#include "node/io/clocksource.h"
#include "node/io/net.h"
#include "node/web/http.h"

/* A core, whichever it is. Called from the loop's thread only; none may block. */
struct fluit_node_ops {
    void (*step)(void *node, const struct fluit_event *event, struct fluit_effects *fx);
    /* This node's clock at its next TICK; INT64_MAX: none. */
    int64_t (*deadline)(void *node);
    /* The next mark to whistle and when, on this node's clock. After its FIRED the same mark must
     * not come again; if it does it is not sounded twice. */
    bool (*alarm)(void *node, struct fluit_mark *mark, int64_t *local_us);
    /* May the owner of this CURVE key connect? */
    bool (*admits)(void *node, const struct fluit_box_pk *curve_pk);
    /* What its pages show; node/view/page.h. Not asked for without config->http. */
    enum fluit_err (*view)(void *node, enum fluit_page page, struct fluit_buf *out);
    enum fluit_err (*script)(void *node, struct fluit_buf *out);
    bool (*same_view)(struct fluit_slice a, struct fluit_slice b);
};

struct fluit_loop_config {
    const struct fluit_node_ops *ops;
    void *node;
    struct fluit_net *net;
    const struct fluit_clocksource *clock;
    enum fluit_err (*commit)(void *store); /* makes durable all that the steps appended */
    void *store;
    const char *data_dir;            /* named in messages */
    int in_fd;                       /* console lines; -1: none */
    int out_fd;                      /* printed lines and the whistle; -1: none */
    int witness_fd;                  /* whistle.h; -1: none */
    bool quit_on_eof;                /* the end of the input ends the node */
    struct fluit_beacon_io *beacons; /* heard; NULL: not */
    int64_t addresses_gap_us; /* the core is told this machine's addresses that often; 0: not */
    struct fluit_http *http;  /* pages; NULL: none */
    const char *usr1_line;    /* what SIGUSR1 says, as if it were typed; NULL: nothing */
    /* Sees every console line first; true: it was not for the core. NULL: the core gets all. */
    bool (*take_line)(void *take_line_arg, struct fluit_slice line);
    void *take_line_arg;
};

/* Exit statuses of the loop's own; others come from FLUIT_EFFECT_QUIT. */
#define FLUIT_EXIT_OK   0 /* SIGTERM, SIGINT or the end of the input */
#define FLUIT_EXIT_DISK 3 /* the store could not be committed, or memory ran out */

/* Runs until a QUIT effect, SIGTERM, SIGINT, the end of the input (if so configured) or a failed
 * commit; returns the exit status. Uses the calling thread's signal mask and timer slack; ignores
 * SIGPIPE and SIGTTIN. Owns nothing in config; the net's allow-list becomes ops->admits. Errors of
 * its own go to standard error as one line. */
int fluit_loop_run(const struct fluit_loop_config *config);

#endif
