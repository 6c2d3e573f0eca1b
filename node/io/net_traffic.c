#include <assert.h>

#include "node/io/clocksource.h"
#include "node/io/net_internal.h"

#define TAKE_MAX 64 /* messages from one socket before the next has its turn */

struct sink {
    bool (*give)(void *arg, const struct fluit_event *event);
    void *arg;
};

/* Sending. */

static struct port *find_role(struct fluit_net *net, enum role role)
{
    for (size_t i = 0; i < net->port_count; i++)
        if (net->ports[i].role == role)
            return &net->ports[i];
    return NULL;
}

static struct port *find_dialled(struct fluit_net *net, uint32_t link)
{
    for (size_t i = 0; i < net->port_count; i++)
        if (net->ports[i].role == DIAL && net->ports[i].link == link)
            return &net->ports[i];
    return NULL;
}

static void send_to_link(struct fluit_net *net, struct fluit_conns *links, uint32_t id,
                         struct fluit_slice bytes)
{
    struct fluit_conn *link = fluit_conns_find(links, id);
    enum fluit_err err = FLUIT_E_UNKNOWN;
    if (link && !link->gone) {
        struct fluit_slice parts[] = {fluit_slice(link->routing_id, link->routing_id_len), bytes};
        err = fluit_zmq_send(link->socket, parts, 2);
        link->gone = err == FLUIT_E_UNKNOWN;
    }
    net->counts.unsent += err != FLUIT_OK;
}

static void send_to_port(struct fluit_net *net, struct port *port, struct fluit_slice bytes)
{
    if (!port || fluit_zmq_send(port->socket, &bytes, 1))
        net->counts.unsent++;
}

void fluit_net_send(struct fluit_net *net, uint32_t link, struct fluit_slice bytes)
{
    if (link >= FLUIT_LINK_ACCEPTED)
        send_to_link(net, &net->links, link, bytes);
    else
        send_to_port(net, find_dialled(net, link), bytes);
}

void fluit_net_send_door(struct fluit_net *net, uint32_t link, struct fluit_slice bytes)
{
    struct port *client = find_role(net, DOOR_CLIENT);
    if (client && link == 0)
        send_to_port(net, client, bytes);
    else
        send_to_link(net, &net->door_links, link, bytes);
}

void fluit_net_publish(struct fluit_net *net, const struct fluit_feed_id *topic,
                       struct fluit_slice bytes)
{
    struct fluit_slice parts[] = {fluit_slice(topic->b, sizeof topic->b), bytes};
    for (size_t i = 0; i < net->port_count; i++)
        if (net->ports[i].role == ANNOUNCE || net->ports[i].role == FEED)
            net->counts.unsent += fluit_zmq_send(net->ports[i].socket, parts, 2) != FLUIT_OK;
}

/* Receiving. */

void fluit_net_poll(struct fluit_net *net, struct fluit_net_wait *others, size_t count,
                    int timeout_ms)
{
    struct fluit_zmq_wait items[2 * FLUIT_SOCKETS_MAX + 8] = {{.socket = net->zap}};
    size_t used = 1, other_of[8];
    assert(count < 8);
    for (size_t i = 0; i < net->port_count; i++) {
        items[used++].socket = net->ports[i].socket;
        if (net->ports[i].monitor)
            items[used++].socket = net->ports[i].monitor;
    }
    size_t first_other = used;
    for (size_t i = 0; i < count; i++) {
        others[i].ready = false;
        if (others[i].fd < 0)
            continue;
        other_of[used - first_other] = i;
        items[used++] =
            (struct fluit_zmq_wait){.fd = others[i].fd, .for_output = others[i].for_output};
    }
    fluit_zmq_poll(items, used, timeout_ms);
    for (size_t i = first_other; i < used; i++)
        others[other_of[i - first_other]].ready = items[i].ready;
}

static bool give(struct sink sink, enum fluit_event_kind kind, uint32_t link,
                 const struct fluit_box_pk *peer, struct fluit_slice bytes)
{
    struct fluit_event event = {.kind = kind, .link = link, .bytes = bytes};
    if (peer)
        event.peer = *peer;
    return sink.give(sink.arg, &event);
}

static bool may_speak(void *arg, const struct fluit_box_pk *key)
{
    const struct fluit_net *net = arg;
    return fluit_admitted(&net->admission, key) && !fluit_net_is_cut(net, key);
}

static void answer_zap(struct fluit_net *net)
{
    const struct fluit_admission admission = {may_speak, net};
    struct fluit_zmq_message request;
    struct fluit_zap_reply reply;
    for (int i = 0; i < TAKE_MAX && fluit_zmq_recv(net->zap, &request); i++) {
        size_t count = request.count < FLUIT_ZMQ_PARTS_MAX ? request.count : FLUIT_ZMQ_PARTS_MAX;
        fluit_zap_answer(&admission, request.parts, count, &reply);
        net->counts.refused += !reply.admitted;
        /* A requester that went away meanwhile needs no answer. */
        net->counts.unsent += fluit_zmq_send(net->zap, reply.parts, FLUIT_ZAP_PARTS) != FLUIT_OK;
        fluit_zmq_release(&request);
    }
}

/* True if ZAP named the sender and it may still speak. */
static bool is_authentic(struct fluit_net *net, const struct fluit_zmq_message *message)
{
    if (!message->has_peer) {
        net->counts.anonymous++;
        return false;
    }
    bool admitted = may_speak(net, &message->peer);
    net->counts.revoked += !admitted;
    return admitted;
}

static bool is_frame(const struct fluit_zmq_message *message)
{
    return message->count == 2 && message->parts[0].len == sizeof(struct fluit_feed_id);
}

/* A message on a socket that others connect to: its link, made if it is new. */
static bool take_accepted(struct fluit_net *net, struct fluit_conns *links, const struct port *port,
                          const struct fluit_zmq_message *message, struct sink sink)
{
    bool door = port->role == DOOR;
    struct fluit_box_pk peer = {{0}};
    if (!door)
        peer = message->peer;
    struct fluit_conn *link = fluit_conns_heard(links, port->socket, message->parts[0], &peer);
    uint32_t evicted = 0;
    bool is_new = !link, more = true;
    if (is_new && fluit_conns_add(links, port->socket, message->parts[0], &peer, &link, &evicted)) {
        net->counts.malformed++;
        return true;
    }
    if (door)
        return give(sink, FLUIT_EVENT_DOOR, link->id, NULL, message->parts[1]);
    if (evicted)
        more = give(sink, FLUIT_EVENT_LINK_DOWN, evicted, NULL, fluit_slice(NULL, 0));
    if (is_new)
        more = give(sink, FLUIT_EVENT_LINK_UP, link->id, &peer, fluit_slice(NULL, 0)) && more;
    return give(sink, FLUIT_EVENT_MESSAGE, link->id, &peer, message->parts[1]) && more;
}

static bool malformed(struct fluit_net *net)
{
    net->counts.malformed++;
    return true;
}

static bool take_message(struct fluit_net *net, const struct port *port,
                         const struct fluit_zmq_message *message, struct sink sink)
{
    switch (port->role) {
    case DOOR:
        return message->count == 2 ? take_accepted(net, &net->door_links, port, message, sink)
                                   : malformed(net);
    case SYNC:
        if (message->count != 2)
            return malformed(net);
        return !is_authentic(net, message) || take_accepted(net, &net->links, port, message, sink);
    case COLLECT:
        if (!is_frame(message))
            return malformed(net);
        return !is_authentic(net, message) ||
               give(sink, FLUIT_EVENT_FRAME, 0, &message->peer, message->parts[1]);
    case LISTEN:
        return is_frame(message)
                   ? give(sink, FLUIT_EVENT_FRAME, port->link, &port->peer, message->parts[1])
                   : malformed(net);
    case DIAL:
        /* What is left of a connection that broke is of no use any more. */
        if (message->count != 1 || !port->up)
            return malformed(net);
        return give(sink, FLUIT_EVENT_MESSAGE, port->link, &port->peer, message->parts[0]);
    case DOOR_CLIENT:
        return message->count == 1 ? give(sink, FLUIT_EVENT_DOOR, 0, NULL, message->parts[0])
                                   : malformed(net);
    case ANNOUNCE: /* subscriptions: libzmq has handled them */
    case FEED:
        break;
    }
    return true;
}

static bool take_changes(struct fluit_net *net, struct port *port, struct sink sink)
{
    bool more = true;
    for (int i = 0; port->monitor && more && i < TAKE_MAX; i++) {
        enum fluit_zmq_change change = fluit_zmq_monitor_next(port->monitor);
        if (change == FLUIT_ZMQ_NO_CHANGE)
            break;
        bool up = change == FLUIT_ZMQ_UP && !fluit_net_is_cut(net, &port->peer);
        net->counts.failed += !up && !port->up;
        if (up == port->up)
            continue;
        port->up = up;
        port->dialled_us = fluit_boot_us();
        if (port->role == DIAL)
            more = give(sink, up ? FLUIT_EVENT_LINK_UP : FLUIT_EVENT_LINK_DOWN, port->link,
                        &port->peer, fluit_slice(NULL, 0));
    }
    return more;
}

/* False if sink wants no more; *emptied if no message is left. */
static bool take_messages(struct fluit_net *net, struct port *port, struct sink sink, bool *emptied)
{
    struct fluit_zmq_message message;
    bool more = true;
    *emptied = false;
    for (int i = 0; more && i < TAKE_MAX; i++) {
        *emptied = !fluit_zmq_recv(port->socket, &message);
        if (*emptied)
            break;
        /* A connection's UP is told before its first message. */
        if (port->monitor && !port->up)
            more = take_changes(net, port, sink);
        more = take_message(net, port, &message, sink) && more;
        fluit_zmq_release(&message);
    }
    return more;
}

/* After an answer that is no ZeroMQ, or none that it likes, libzmq never tries again: whoever had
 * the hub's address for a moment would have cut us off for good. */
static void redial(struct fluit_net *net, struct port *port)
{
    int64_t now_us = fluit_boot_us();
    if (!port->monitor || port->up || now_us - port->dialled_us < REDIAL_US ||
        fluit_net_is_cut(net, &port->peer))
        return;
    port->dialled_us = now_us;
    net->counts.failed += fluit_zmq_reconnect(port->socket, &port->to) != FLUIT_OK;
}

/* Tells of a connection that was cut. */
static bool take_cut(struct port *port, struct sink sink)
{
    bool was_up = port->up;
    port->up = false;
    return !was_up || port->role != DIAL ||
           give(sink, FLUIT_EVENT_LINK_DOWN, port->link, &port->peer, fluit_slice(NULL, 0));
}

static bool take_port(struct fluit_net *net, struct port *port, struct sink sink)
{
    bool emptied;
    redial(net, port);
    if (port->monitor && fluit_net_is_cut(net, &port->peer) && !take_cut(port, sink))
        return false;
    if (port->monitor && !port->up && !take_changes(net, port, sink))
        return false;
    if (!take_messages(net, port, sink, &emptied))
        return false;
    /* A connection's DOWN is told after its last message. */
    return !port->monitor || !emptied || take_changes(net, port, sink);
}

/* Tells of links whose peers a send found gone. */
static bool take_gone(struct fluit_net *net, struct sink sink)
{
    bool more = true;
    for (size_t i = net->door_links.count; i-- > 0;)
        if (net->door_links.items[i].gone)
            fluit_conns_drop(&net->door_links, net->door_links.items[i].id);
    for (size_t i = net->links.count; more && i-- > 0;) {
        struct fluit_conn link = net->links.items[i];
        if (!link.gone)
            continue;
        fluit_conns_drop(&net->links, link.id);
        more = give(sink, FLUIT_EVENT_LINK_DOWN, link.id, &link.peer, fluit_slice(NULL, 0));
    }
    return more;
}

void fluit_net_take(struct fluit_net *net, bool (*sink)(void *arg, const struct fluit_event *event),
                    void *arg)
{
    struct sink to = {sink, arg};
    answer_zap(net);
    bool more = take_gone(net, to);
    for (size_t i = 0; more && i < net->port_count; i++) {
        more = take_port(net, &net->ports[(net->first_port + i) % net->port_count], to);
    }
    /* Whoever was cut off comes first in the next turn. */
    net->first_port++;
}
