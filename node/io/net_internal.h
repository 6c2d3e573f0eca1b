/* net_internal.h: what net.c (opening and closing) and net_traffic.c (sending and taking in) share.
 */
#ifndef FLUIT_NET_INTERNAL_H
#define FLUIT_NET_INTERNAL_H

#include "node/io/conns.h"
#include "node/io/net.h"
#include "node/io/net_cut.h"
#include "node/io/net_zmq.h"
#include "node/io/zap.h"

#define REDIAL_US 6000000 /* longer than a handshake may take */

enum role {
    DOOR,        /* hub: joiners knock */
    SYNC,        /* hub and peers: links that others make */
    ANNOUNCE,    /* hub: live frames out */
    COLLECT,     /* hub: live frames in */
    DOOR_CLIENT, /* joiner: to the hub's door */
    DIAL,        /* a link that we make */
    LISTEN,      /* live frames from a hub */
    FEED,        /* live frames to a hub */
};

/* A socket and what it is for. */
struct port {
    enum role role;
    void *socket;
    void *monitor;            /* what we connect, but for the door */
    uint32_t link;            /* ours only */
    struct fluit_box_pk peer; /* the server key we look for */
    struct fluit_endpoint to;
    bool up;            /* connected and authenticated, as far as its monitor told */
    int64_t dialled_us; /* CLOCK_BOOTTIME of the last attempt of ours */
};

struct fluit_net {
    struct fluit_box_pk pk;
    struct fluit_box_sk sk;
    void *context;
    void *zap;
    unsigned monitor_serial;
    struct port ports[FLUIT_SOCKETS_MAX];
    size_t port_count;
    size_t first_port; /* which has the first turn */
    struct fluit_conns links, door_links;
    struct fluit_admission admission;
    struct fluit_net_counts counts;
    struct fluit_box_pk *cut; /* owned; NULL in ordinary life */
    size_t cut_count;
};

/* Gives a port that we dial a new socket in place of the old one, not connected yet. On error it
 * keeps the old one. */
FLUIT_MUST_CHECK enum fluit_err fluit_net_renew_port(struct fluit_net *net, struct port *port);

#endif
