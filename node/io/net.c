#include "node/io/clocksource.h"
#include "node/io/net_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define DOOR_LINK_FIRST 0x80000000u /* apart from the links that are authenticated */
#define PORT_FIRST      20000u      /* free ports are looked for from here, below the */
#define PORT_END        32000u      /* range that systems use for outgoing connections */
#define PORT_TRIES      100

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FLUIT_FILES_MAX)
        return;
    limit.rlim_cur = limit.rlim_max < FLUIT_FILES_MAX ? limit.rlim_max : FLUIT_FILES_MAX;
    setrlimit(RLIMIT_NOFILE, &limit); /* else fewer connections: nothing more to do */
}

enum fluit_err fluit_net_new(const struct fluit_box_pk *pk, const struct fluit_box_sk *sk,
                             struct fluit_net **out)
{
    struct fluit_net *net = calloc(1, sizeof *net);
    if (!net)
        return FLUIT_E_NOMEM;
    raise_file_limit();
    net->pk = *pk;
    net->sk = *sk;
    fluit_conns_init(&net->links, FLUIT_LINK_ACCEPTED, FLUIT_LINKS_LIVE_MAX);
    fluit_conns_init(&net->door_links, DOOR_LINK_FIRST, FLUIT_DOOR_LINKS_MAX);
    net->context = fluit_zmq_context();
    /* Before any server: a server without a handler would let everyone in. */
    if (!net->context || fluit_zmq_open_zap(net->context, &net->zap)) {
        fluit_net_free(&net);
        return FLUIT_E_IO;
    }
    *out = net;
    return FLUIT_OK;
}

static void close_port(struct fluit_net *net, struct port *port, int linger_ms)
{
    if (port->monitor)
        fluit_zmq_stop_monitor(port->socket);
    fluit_zmq_close(port->monitor, 0);
    fluit_zmq_close(port->socket, linger_ms);
    *port = net->ports[--net->port_count];
}

void fluit_net_free(struct fluit_net **net_ptr)
{
    struct fluit_net *net = *net_ptr;
    if (!net)
        return;
    while (net->port_count > 0)
        close_port(net, &net->ports[0], FLUIT_FLUSH_US / 1000);
    fluit_zmq_close(net->zap, 0);
    fluit_zmq_context_free(net->context);
    fluit_conns_deinit(&net->links);
    fluit_conns_deinit(&net->door_links);
    fluit_wipe(&net->sk, sizeof net->sk);
    free(net->cut);
    free(net);
    *net_ptr = NULL;
}

void fluit_net_admit(struct fluit_net *net,
                     bool (*admits)(void *arg, const struct fluit_box_pk *key), void *arg)
{
    net->admission = (struct fluit_admission){admits, arg};
}

const struct fluit_net_counts *fluit_net_counts(const struct fluit_net *net)
{
    return &net->counts;
}

static struct fluit_zmq_setup setup_of(const struct fluit_net *net, enum role role,
                                       const struct fluit_box_pk *peer)
{
    static const enum fluit_zmq_type types[] = {
        [DOOR] = FLUIT_ZMQ_ROUTER, [SYNC] = FLUIT_ZMQ_ROUTER,        [ANNOUNCE] = FLUIT_ZMQ_XPUB,
        [COLLECT] = FLUIT_ZMQ_SUB, [DOOR_CLIENT] = FLUIT_ZMQ_DEALER, [DIAL] = FLUIT_ZMQ_DEALER,
        [LISTEN] = FLUIT_ZMQ_SUB,  [FEED] = FLUIT_ZMQ_PUB,
    };
    bool door = role == DOOR || role == DOOR_CLIENT;
    return (struct fluit_zmq_setup){
        .type = types[role],
        .own_pk = door ? NULL : &net->pk,
        .own_sk = door ? NULL : &net->sk,
        .server = peer,
        .message_max = door ? FLUIT_DOOR_MESSAGE_MAX : FLUIT_MESSAGE_MAX,
        .send_queue = door ? FLUIT_DOOR_QUEUE_MAX : FLUIT_SEND_QUEUE_MAX,
        .recv_queue = door ? FLUIT_DOOR_QUEUE_MAX : FLUIT_RECV_QUEUE_MAX,
        .when_connected = role == DIAL,
    };
}

static enum fluit_err add_port(struct fluit_net *net, enum role role,
                               const struct fluit_box_pk *peer, struct port **out)
{
    struct fluit_zmq_setup setup = setup_of(net, role, peer);
    struct port port = {.role = role};
    if (net->port_count == FLUIT_SOCKETS_MAX)
        return FLUIT_E_LIMIT;
    enum fluit_err err = fluit_zmq_open(net->context, &setup, &port.socket);
    if (err)
        return err;
    if (peer)
        port.peer = *peer;
    net->ports[net->port_count] = port;
    *out = &net->ports[net->port_count++];
    return FLUIT_OK;
}

/* Binding. */

static enum fluit_err bind_one(struct fluit_net *net, enum role role, const char *host,
                               uint16_t port_number)
{
    struct fluit_endpoint at;
    struct port *port;
    enum fluit_err err = fluit_endpoint_make(host, port_number, &at);
    if (err)
        return err;
    err = add_port(net, role, NULL, &port);
    if (err)
        return err;
    err = fluit_zmq_bind(port->socket, &at);
    if (err)
        close_port(net, port, 0);
    return err;
}

/* All of roles at consecutive ports from *port on, or none; *port becomes the one that failed. */
static enum fluit_err bind_row(struct fluit_net *net, const char *host, const enum role *roles,
                               size_t count, uint16_t *port)
{
    size_t before = net->port_count;
    if (*port > UINT16_MAX - (uint16_t)count + 1)
        return FLUIT_E_FORMAT;
    for (size_t i = 0; i < count; i++, (*port)++) {
        enum fluit_err err = bind_one(net, roles[i], host, *port);
        if (!err)
            continue;
        while (net->port_count > before)
            close_port(net, &net->ports[net->port_count - 1], 0);
        return err;
    }
    *port = (uint16_t)(*port - count);
    return FLUIT_OK;
}

static enum fluit_err bind_free_row(struct fluit_net *net, const char *host, const enum role *roles,
                                    size_t count, uint16_t *port)
{
    enum fluit_err err = FLUIT_E_BUSY;
    for (int i = 0; i < PORT_TRIES && err == FLUIT_E_BUSY; i++) {
        uint16_t draw;
        fluit_os_random(&draw, sizeof draw);
        *port = (uint16_t)(PORT_FIRST + draw % (PORT_END - PORT_FIRST));
        err = bind_row(net, host, roles, count, port);
    }
    return err;
}

static const char *advice_of(enum fluit_err err)
{
    switch (err) {
    case FLUIT_E_BUSY:
        return "it is in use; stop the program that uses it, or choose another with --port";
    case FLUIT_E_FORMAT:
        return "give an address of this machine, and a port up to 65532";
    case FLUIT_E_UNKNOWN:
        return "this machine has no such address; use 0.0.0.0 for all it has";
    case FLUIT_E_DENIED:
        return "not allowed; choose a port above 1023";
    default:
        return "the system refuses; look at its limits of memory and open files";
    }
}

static void explain(enum fluit_err err, const char *host, uint16_t port, struct fluit_net_why *why)
{
    snprintf(why->text, sizeof why->text, "can't listen on %.253s port %u: %s", host,
             (unsigned)port, advice_of(err));
}

static enum fluit_err bind_roles(struct fluit_net *net, const char *host, const enum role *roles,
                                 size_t count, uint16_t *port, struct fluit_net_why *why)
{
    uint16_t bound = *port;
    enum fluit_err err = bound ? bind_row(net, host, roles, count, &bound)
                               : bind_free_row(net, host, roles, count, &bound);
    if (err)
        explain(err, host, bound, why);
    else
        *port = bound;
    return err;
}

enum fluit_err fluit_net_bind_hub(struct fluit_net *net, const char *host, uint16_t *port,
                                  struct fluit_net_why *why)
{
    static const enum role roles[FLUIT_HUB_PORTS] = {[FLUIT_PORT_DOOR] = DOOR,
                                                     [FLUIT_PORT_SYNC] = SYNC,
                                                     [FLUIT_PORT_XPUB] = ANNOUNCE,
                                                     [FLUIT_PORT_COLLECT] = COLLECT};
    return bind_roles(net, host, roles, FLUIT_HUB_PORTS, port, why);
}

enum fluit_err fluit_net_bind_peers(struct fluit_net *net, const char *host, uint16_t *port,
                                    struct fluit_net_why *why)
{
    static const enum role roles[] = {[FLUIT_PORT_DOOR] = DOOR, [FLUIT_PORT_SYNC] = SYNC};
    return bind_roles(net, host, roles, 2, port, why);
}

/* Connecting. */

static bool is_same(const struct port *port, const struct fluit_box_pk *peer,
                    const struct fluit_endpoint *to)
{
    return strcmp(port->to.s, to->s) == 0 &&
           (!peer || memcmp(&port->peer, peer, sizeof *peer) == 0);
}

/* The port that a new connection stands in for: the one with its link, or without a link the very
 * same connection. */
static struct port *find_older(struct fluit_net *net, enum role role, uint32_t link,
                               const struct fluit_box_pk *peer, const struct fluit_endpoint *to)
{
    for (size_t i = 0; i < net->port_count; i++) {
        struct port *port = &net->ports[i];
        if (port->role == role && port->link == link &&
            (link != 0 || role == DOOR_CLIENT || is_same(port, peer, to)))
            return port;
    }
    return NULL;
}

static enum fluit_err dial(struct fluit_net *net, enum role role, uint32_t link,
                           const struct fluit_box_pk *peer, struct fluit_slice endpoint)
{
    struct fluit_endpoint to;
    struct port *port;
    enum fluit_err err = fluit_endpoint_parse(endpoint, &to);
    if (err)
        return err;
    struct port *older = find_older(net, role, link, peer, &to);
    if (older && is_same(older, peer, &to))
        return FLUIT_OK;
    if (older)
        close_port(net, older, FLUIT_FLUSH_US / 1000);
    err = add_port(net, role, peer, &port);
    if (err)
        return err;
    port->link = link;
    port->to = to;
    port->dialled_us = fluit_boot_us();
    if (role != DOOR_CLIENT)
        err = fluit_zmq_open_monitor(net->context, port->socket, net->monitor_serial++,
                                     &port->monitor);
    if (!err && !(peer && fluit_net_is_cut(net, peer)))
        err = fluit_zmq_connect(port->socket, &to);
    if (err)
        close_port(net, port, 0);
    return err;
}

enum fluit_err fluit_net_renew_port(struct fluit_net *net, struct port *port)
{
    struct fluit_zmq_setup setup = setup_of(net, port->role, &port->peer);
    void *socket, *monitor;
    enum fluit_err err = fluit_zmq_open(net->context, &setup, &socket);
    if (err)
        return err;
    err = fluit_zmq_open_monitor(net->context, socket, net->monitor_serial++, &monitor);
    if (err) {
        fluit_zmq_close(socket, 0);
        return err;
    }
    fluit_zmq_stop_monitor(port->socket);
    fluit_zmq_close(port->monitor, 0);
    fluit_zmq_close(port->socket, 0);
    port->socket = socket;
    port->monitor = monitor;
    return FLUIT_OK;
}

enum fluit_err fluit_net_open_door(struct fluit_net *net, struct fluit_slice endpoint)
{
    return dial(net, DOOR_CLIENT, 0, NULL, endpoint);
}

enum fluit_err fluit_net_connect(struct fluit_net *net, uint32_t link,
                                 const struct fluit_box_pk *peer, struct fluit_slice endpoint)
{
    assert(link > 0 && link < FLUIT_LINK_ACCEPTED);
    return dial(net, DIAL, link, peer, endpoint);
}

enum fluit_err fluit_net_subscribe(struct fluit_net *net, uint32_t link,
                                   const struct fluit_box_pk *peer, struct fluit_slice endpoint)
{
    return dial(net, LISTEN, link, peer, endpoint);
}

enum fluit_err fluit_net_feed_to(struct fluit_net *net, uint32_t link,
                                 const struct fluit_box_pk *peer, struct fluit_slice endpoint)
{
    return dial(net, FEED, link, peer, endpoint);
}

void fluit_net_drop(struct fluit_net *net, uint32_t link)
{
    for (size_t i = net->port_count; i-- > 0;) {
        struct port *port = &net->ports[i];
        bool ours = port->role >= DOOR_CLIENT && port->link == link;
        if (ours && (link != 0 || port->role == DOOR_CLIENT))
            close_port(net, port, FLUIT_FLUSH_US / 1000);
    }
    fluit_conns_drop(&net->links, link);
    fluit_conns_drop(&net->door_links, link);
}
