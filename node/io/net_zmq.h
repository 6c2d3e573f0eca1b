/* net_zmq.h: libzmq behind a few plain calls; for net.c only, and the only user of zmq.h.
 *
 * Sockets are void pointers of libzmq, used from the loop's thread. Nothing here waits but
 * fluit_zmq_poll and fluit_zmq_context_free. */
#ifndef FLUIT_NET_ZMQ_H
#define FLUIT_NET_ZMQ_H

#include "common/crypto.h"
#include "node/io/endpoint.h"

#define FLUIT_ZMQ_PARTS_MAX 8  /* the longest message we take is a ZAP request of 7 */
#define FLUIT_ZMQ_MSG_LEN   64 /* sizeof zmq_msg_t */

enum fluit_zmq_type {
    FLUIT_ZMQ_ROUTER,
    FLUIT_ZMQ_DEALER,
    FLUIT_ZMQ_PUB,
    FLUIT_ZMQ_XPUB,
    FLUIT_ZMQ_SUB, /* opens subscribed to everything */
};

/* How a socket is set up before it is bound or connected. */
struct fluit_zmq_setup {
    enum fluit_zmq_type type;
    const struct fluit_box_pk *own_pk; /* NULL: no CURVE, and no ZAP: the door */
    const struct fluit_box_sk *own_sk;
    const struct fluit_box_pk *server; /* CURVE client of this key; NULL: CURVE server, by ZAP */
    int message_max;
    int send_queue, recv_queue; /* messages for each peer */
    bool when_connected;        /* sends fail rather than wait for a connection */
};

/* NULL if libzmq can't start. */
void *fluit_zmq_context(void);
/* Waits until the sockets, all closed by now, have sent what they may still send. */
void fluit_zmq_context_free(void *context);

FLUIT_MUST_CHECK enum fluit_err fluit_zmq_open(void *context, const struct fluit_zmq_setup *setup,
                                               void **out);
/* The answering end of ZAP in this context; must be there before any server binds. */
FLUIT_MUST_CHECK enum fluit_err fluit_zmq_open_zap(void *context, void **out);
/* Tells of a socket's connections; open it before the socket connects, stop it before the socket
 * closes. */
FLUIT_MUST_CHECK enum fluit_err fluit_zmq_open_monitor(void *context, void *socket, unsigned serial,
                                                       void **out);
/* Call before either of the two is closed: an event that nobody takes would hold up libzmq's one
 * I/O thread, and with it every other socket, for ever. */
void fluit_zmq_stop_monitor(void *socket);
/* linger_ms: how long what was sent may still leave after this. NULL is no error. */
void fluit_zmq_close(void *socket, int linger_ms);

/* Errors: BUSY (in use), DENIED (a port below 1024), UNKNOWN (no such address here), IO. */
FLUIT_MUST_CHECK enum fluit_err fluit_zmq_bind(void *socket, const struct fluit_endpoint *at);
FLUIT_MUST_CHECK enum fluit_err fluit_zmq_connect(void *socket, const struct fluit_endpoint *to);
/* Forgets the connection to an endpoint, if there is one, and connects anew. */
FLUIT_MUST_CHECK enum fluit_err fluit_zmq_reconnect(void *socket, const struct fluit_endpoint *to);

/* A received message; release it before the next. */
struct fluit_zmq_message {
    size_t count; /* of parts that came; only the first FLUIT_ZMQ_PARTS_MAX are kept */
    struct fluit_slice parts[FLUIT_ZMQ_PARTS_MAX];
    bool has_peer; /* ZAP named its sender */
    struct fluit_box_pk peer;
    struct {
        _Alignas(8) unsigned char bytes[FLUIT_ZMQ_MSG_LEN];
    } store[FLUIT_ZMQ_PARTS_MAX];
};
/* The next message, if there is one now. */
bool fluit_zmq_recv(void *socket, struct fluit_zmq_message *out);
void fluit_zmq_release(struct fluit_zmq_message *message);

/* Sends or drops, at once. Errors: LIMIT (its queue is full or nobody is connected), UNKNOWN (a
 * ROUTER's peer is gone), IO. */
FLUIT_MUST_CHECK enum fluit_err fluit_zmq_send(void *socket, const struct fluit_slice *parts,
                                               size_t count);

enum fluit_zmq_change {
    FLUIT_ZMQ_NO_CHANGE,
    FLUIT_ZMQ_UP,      /* connected, both ends authenticated */
    FLUIT_ZMQ_DOWN,    /* the connection broke, or never came about; libzmq tries again */
    FLUIT_ZMQ_REFUSED, /* the other end does not let us in, or is not whom we look for */
};
/* The next change a monitor has to tell. */
enum fluit_zmq_change fluit_zmq_monitor_next(void *monitor);

/* One thing to wait for: a socket, or if that is NULL a file descriptor. */
struct fluit_zmq_wait {
    void *socket;
    int fd;
    bool for_output; /* else for input */
    bool ready;
};
/* Waits up to timeout_ms (-1: for ever) until one is ready; a signal ends it too. */
void fluit_zmq_poll(struct fluit_zmq_wait *items, size_t count, int timeout_ms);

#endif
