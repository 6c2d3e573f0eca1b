#include "node/io/net_zmq.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "node/io/zap.h"

/* In libzmq 4.3 since 4.3.0, yet hidden among the drafts in its header: without it an empty domain
 * would skip ZAP. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

#define HANDSHAKE_MS 5000
/* A server that refuses for now (300) falls silent, and this is when its client tries again. */
#define HANDSHAKE_CLIENT_MS 3000
#define HEARTBEAT_MS        1000
#define HEARTBEAT_DEAD_MS   3000
#define RECONNECT_MS        50
#define RECONNECT_MS_MAX    1000
#define POLL_MAX            (2 * FLUIT_SOCKETS_MAX + 8)
#define ZAP_ENDPOINT        "inproc://zeromq.zap.01"

_Static_assert(sizeof(zmq_msg_t) == FLUIT_ZMQ_MSG_LEN, "zmq_msg_t changed its size");

void *fluit_zmq_context(void)
{
    return zmq_ctx_new();
}

void fluit_zmq_context_free(void *context)
{
    while (context && zmq_ctx_term(context) != 0 && errno == EINTR)
        continue;
}

static bool set_int(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_security(void *socket, const struct fluit_zmq_setup *setup)
{
    if (!setup->own_pk)
        return true;
    bool ok = zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, setup->own_sk->b, 32) == 0;
    if (setup->server)
        return ok && zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, setup->own_pk->b, 32) == 0 &&
               zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, setup->server->b, 32) == 0;
    return ok && set_int(socket, ZMQ_CURVE_SERVER, 1) &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, FLUIT_ZAP_DOMAIN, strlen(FLUIT_ZAP_DOMAIN)) ==
               0 &&
           set_int(socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
}

static bool set_limits(void *socket, const struct fluit_zmq_setup *setup)
{
    int64_t message_max = setup->message_max;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max) == 0 &&
           set_int(socket, ZMQ_SNDHWM, setup->send_queue) &&
           set_int(socket, ZMQ_RCVHWM, setup->recv_queue) && set_int(socket, ZMQ_LINGER, 0);
}

static bool set_times(void *socket, const struct fluit_zmq_setup *setup)
{
    return set_int(socket, ZMQ_HANDSHAKE_IVL, setup->server ? HANDSHAKE_CLIENT_MS : HANDSHAKE_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_DEAD_MS) &&
           set_int(socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_DEAD_MS) &&
           set_int(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
           set_int(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX) &&
           set_int(socket, ZMQ_TCP_KEEPALIVE, 1);
}

static bool set_role(void *socket, const struct fluit_zmq_setup *setup)
{
    if (setup->when_connected && !set_int(socket, ZMQ_IMMEDIATE, 1))
        return false;
    switch (setup->type) {
    case FLUIT_ZMQ_ROUTER: /* mandatory: a send to one who left fails, and so tells us */
        return set_int(socket, ZMQ_ROUTER_MANDATORY, 1) && set_int(socket, ZMQ_ROUTER_HANDOVER, 0);
    case FLUIT_ZMQ_SUB:
        return zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0;
    case FLUIT_ZMQ_DEALER:
    case FLUIT_ZMQ_PUB:
    case FLUIT_ZMQ_XPUB:
        break;
    }
    return true;
}

enum fluit_err fluit_zmq_open(void *context, const struct fluit_zmq_setup *setup, void **out)
{
    static const int types[] = {[FLUIT_ZMQ_ROUTER] = ZMQ_ROUTER,
                                [FLUIT_ZMQ_DEALER] = ZMQ_DEALER,
                                [FLUIT_ZMQ_PUB] = ZMQ_PUB,
                                [FLUIT_ZMQ_XPUB] = ZMQ_XPUB,
                                [FLUIT_ZMQ_SUB] = ZMQ_SUB};
    void *socket = zmq_socket(context, types[setup->type]);
    if (!socket)
        return FLUIT_E_IO;
    if (!set_security(socket, setup) || !set_limits(socket, setup) || !set_times(socket, setup) ||
        !set_role(socket, setup)) {
        fluit_zmq_close(socket, 0);
        return FLUIT_E_IO;
    }
    *out = socket;
    return FLUIT_OK;
}

enum fluit_err fluit_zmq_open_zap(void *context, void **out)
{
    void *socket = zmq_socket(context, ZMQ_REP);
    if (!socket || !set_int(socket, ZMQ_LINGER, 0) || zmq_bind(socket, ZAP_ENDPOINT) != 0) {
        fluit_zmq_close(socket, 0);
        return FLUIT_E_IO;
    }
    *out = socket;
    return FLUIT_OK;
}

enum fluit_err fluit_zmq_open_monitor(void *context, void *socket, unsigned serial, void **out)
{
    int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    char name[48];
    snprintf(name, sizeof name, "inproc://fluit-monitor-%u", serial);
    if (zmq_socket_monitor(socket, name, events) != 0)
        return FLUIT_E_IO;
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    if (!monitor || !set_int(monitor, ZMQ_LINGER, 0) || zmq_connect(monitor, name) != 0) {
        fluit_zmq_close(monitor, 0);
        return FLUIT_E_IO;
    }
    *out = monitor;
    return FLUIT_OK;
}

void fluit_zmq_stop_monitor(void *socket)
{
    zmq_socket_monitor(socket, NULL, 0);
}

void fluit_zmq_close(void *socket, int linger_ms)
{
    if (!socket)
        return;
    set_int(socket, ZMQ_LINGER, linger_ms);
    int rc = zmq_close(socket);
    assert(rc == 0);
}

static bool set_family(void *socket, const struct fluit_endpoint *endpoint)
{
    return set_int(socket, ZMQ_IPV6, fluit_endpoint_is_ipv6(endpoint));
}

enum fluit_err fluit_zmq_bind(void *socket, const struct fluit_endpoint *at)
{
    if (set_family(socket, at) && zmq_bind(socket, at->s) == 0)
        return FLUIT_OK;
    switch (errno) {
    case EADDRINUSE:
        return FLUIT_E_BUSY;
    case EACCES:
        return FLUIT_E_DENIED;
    case EADDRNOTAVAIL:
    case ENODEV:
    case EINVAL:
    case EAFNOSUPPORT:
        return FLUIT_E_UNKNOWN;
    default:
        return FLUIT_E_IO;
    }
}

enum fluit_err fluit_zmq_connect(void *socket, const struct fluit_endpoint *to)
{
    return set_family(socket, to) && zmq_connect(socket, to->s) == 0 ? FLUIT_OK : FLUIT_E_IO;
}

enum fluit_err fluit_zmq_reconnect(void *socket, const struct fluit_endpoint *to)
{
    if (zmq_disconnect(socket, to->s) != 0 && errno != ENOENT)
        return FLUIT_E_IO;
    return fluit_zmq_connect(socket, to);
}

static void read_peer(zmq_msg_t *msg, struct fluit_zmq_message *out)
{
    const char *user_id = zmq_msg_gets(msg, "User-Id");
    out->has_peer = user_id && fluit_unhex(user_id, out->peer.b, sizeof out->peer.b) == FLUIT_OK;
}

/* Reads the rest of a message of which too many parts came. */
static void skip_part(void *socket, struct fluit_zmq_message *out, int *more)
{
    zmq_msg_t msg;
    zmq_msg_init(&msg);
    *more = zmq_msg_recv(&msg, socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&msg);
    zmq_msg_close(&msg);
    out->count++;
}

bool fluit_zmq_recv(void *socket, struct fluit_zmq_message *out)
{
    int more = 1;
    *out = (struct fluit_zmq_message){.count = 0};
    while (more && out->count < FLUIT_ZMQ_PARTS_MAX) {
        zmq_msg_t *msg = (zmq_msg_t *)(void *)out->store[out->count].bytes;
        zmq_msg_init(msg);
        if (zmq_msg_recv(msg, socket, ZMQ_DONTWAIT) < 0) {
            /* The parts of a message come together, so this is its first. */
            zmq_msg_close(msg);
            break;
        }
        out->parts[out->count++] = fluit_slice(zmq_msg_data(msg), zmq_msg_size(msg));
        more = zmq_msg_more(msg);
        read_peer(msg, out);
    }
    while (more && out->count >= FLUIT_ZMQ_PARTS_MAX)
        skip_part(socket, out, &more);
    return out->count > 0;
}

void fluit_zmq_release(struct fluit_zmq_message *message)
{
    for (size_t i = 0; i < message->count && i < FLUIT_ZMQ_PARTS_MAX; i++)
        zmq_msg_close((zmq_msg_t *)(void *)message->store[i].bytes);
    message->count = 0;
}

enum fluit_err fluit_zmq_send(void *socket, const struct fluit_slice *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0);
        if (zmq_send(socket, parts[i].data, parts[i].len, flags) >= 0)
            continue;
        return errno == EAGAIN         ? FLUIT_E_LIMIT
               : errno == EHOSTUNREACH ? FLUIT_E_UNKNOWN
                                       : FLUIT_E_IO;
    }
    return FLUIT_OK;
}

enum fluit_zmq_change fluit_zmq_monitor_next(void *monitor)
{
    struct fluit_zmq_message message;
    uint16_t event = 0;
    if (!fluit_zmq_recv(monitor, &message))
        return FLUIT_ZMQ_NO_CHANGE;
    if (message.parts[0].len >= sizeof event)
        memcpy(&event, message.parts[0].data, sizeof event);
    fluit_zmq_release(&message);
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        return FLUIT_ZMQ_UP;
    case ZMQ_EVENT_DISCONNECTED:
        return FLUIT_ZMQ_DOWN;
    default:
        return FLUIT_ZMQ_REFUSED;
    }
}

void fluit_zmq_poll(struct fluit_zmq_wait *items, size_t count, int timeout_ms)
{
    zmq_pollitem_t poll_items[POLL_MAX];
    assert(count <= POLL_MAX);
    for (size_t i = 0; i < count; i++)
        poll_items[i] = (zmq_pollitem_t){.socket = items[i].socket,
                                         .fd = items[i].fd,
                                         .events = items[i].for_output ? ZMQ_POLLOUT : ZMQ_POLLIN};
    int ready = zmq_poll(poll_items, (int)count, timeout_ms);
    for (size_t i = 0; i < count; i++)
        items[i].ready = ready > 0 && poll_items[i].revents != 0;
}
