/* net.h: a node's sockets: what it binds, whom it connects to, who may connect to it.
 *
 * It carries out the network effects of node/core/event.h and makes the network's events. Nobody
 * gets in but who holds an admitted CURVE key (ZAP, and again for every message); until
 * fluit_net_admit is called nobody is admitted. The door is the exception: it takes anyone's bytes,
 * its security is the handshake they carry. One thread; one per process is enough. */
#ifndef FLUIT_NET_H
#define FLUIT_NET_H

#include "node/core/event.h"
#include "node/io/endpoint.h"

struct fluit_net;

/* A hub's ports, from its base port on. */
enum {
    FLUIT_PORT_DOOR,
    FLUIT_PORT_SYNC,
    FLUIT_PORT_XPUB,
    FLUIT_PORT_COLLECT,
    FLUIT_HUB_PORTS
};

/* One line that says what to do. */
struct fluit_net_why {
    char text[FLUIT_ENDPOINT_LEN_MAX + 160];
};

/* What was not taken in or not sent, for status lines and tests. */
struct fluit_net_counts {
    uint64_t refused;   /* connections that ZAP refused */
    uint64_t anonymous; /* messages whose sender ZAP had not named */
    uint64_t revoked;   /* messages of senders who are not admitted any more */
    uint64_t malformed; /* messages with too many, too few or misshapen parts */
    uint64_t failed;    /* tries of ours to connect that were refused or broke */
    uint64_t unsent;    /* sends dropped: link down or gone, or its queue full */
};

/* Raises this process's limit of open files as far as it may go. Copies the node's CURVE key pair.
 * Errors: NOMEM, IO. Free with fluit_net_free. */
FLUIT_MUST_CHECK enum fluit_err
fluit_net_new(const struct fluit_box_pk *pk, const struct fluit_box_sk *sk, struct fluit_net **out);
/* Closes all; waits up to FLUIT_FLUSH_US for what was sent. *net becomes NULL. */
void fluit_net_free(struct fluit_net **net);
/* Sets the allow-list, asked for every connection and every message. */
void fluit_net_admit(struct fluit_net *net,
                     bool (*admits)(void *arg, const struct fluit_box_pk *key), void *arg);
const struct fluit_net_counts *fluit_net_counts(const struct fluit_net *net);

/* Binds a hub's four sockets at host ("0.0.0.0", "*", "::", a name of this machine) from *port on;
 * 0 looks for four free ports in a row and says in *port where. Errors, with *why filled in: BUSY
 * (a port is in use), FORMAT (host), DENIED, UNKNOWN (not an address of this machine), IO. */
FLUIT_MUST_CHECK enum fluit_err fluit_net_bind_hub(struct fluit_net *net, const char *host,
                                                   uint16_t *port, struct fluit_net_why *why);
/* Binds a table's two: its door at *port, where it says who it is, and above it the one that peers
 * sync with; the same for port and errors. */
FLUIT_MUST_CHECK enum fluit_err fluit_net_bind_peers(struct fluit_net *net, const char *host,
                                                     uint16_t *port, struct fluit_net_why *why);

/* The functions below return FORMAT (endpoint is not tcp://host:port), LIMIT (too many sockets) or
 * IO. Doing again what was done already is no error and changes nothing. */

/* Joiner: opens the hub's door. */
FLUIT_MUST_CHECK enum fluit_err fluit_net_open_door(struct fluit_net *net,
                                                    struct fluit_slice endpoint);
/* CONNECT: link replaces an older connection with the same id. */
FLUIT_MUST_CHECK enum fluit_err fluit_net_connect(struct fluit_net *net, uint32_t link,
                                                  const struct fluit_box_pk *peer,
                                                  struct fluit_slice endpoint);
/* SUBSCRIBE and FEED_TO; with a link that is not 0 they replace the older one with that link, and
 * fluit_net_drop closes them. */
FLUIT_MUST_CHECK enum fluit_err fluit_net_subscribe(struct fluit_net *net, uint32_t link,
                                                    const struct fluit_box_pk *peer,
                                                    struct fluit_slice endpoint);
FLUIT_MUST_CHECK enum fluit_err fluit_net_feed_to(struct fluit_net *net, uint32_t link,
                                                  const struct fluit_box_pk *peer,
                                                  struct fluit_slice endpoint);
/* DROP_LINK; link 0 closes a joiner's door. */
void fluit_net_drop(struct fluit_net *net, uint32_t link);

/* SEND, DOOR (to link; a joiner's goes to the hub) and PUBLISH. They never wait: what can't leave
 * now is dropped and counted. */
void fluit_net_send(struct fluit_net *net, uint32_t link, struct fluit_slice bytes);
void fluit_net_send_door(struct fluit_net *net, uint32_t link, struct fluit_slice bytes);
void fluit_net_publish(struct fluit_net *net, const struct fluit_feed_id *topic,
                       struct fluit_slice bytes);

/* Something else to wait for. */
struct fluit_net_wait {
    int fd; /* < 0: nothing */
    bool for_output;
    bool ready;
};
/* Waits up to timeout_ms until a socket or one of count (at most 8) others is ready. */
void fluit_net_poll(struct fluit_net *net, struct fluit_net_wait *others, size_t count,
                    int timeout_ms);

/* Takes in what came: answers ZAP, then gives every event (kind, link, peer and bytes filled in;
 * bytes hold for the call only) to sink until it returns false or nothing is left. sink must not
 * call into net. */
void fluit_net_take(struct fluit_net *net, bool (*sink)(void *arg, const struct fluit_event *event),
                    void *arg);

#endif
