#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"
#include "tests/sim/sim_net_internal.h"

/* As the real sockets are set up (node/io/net_zmq.c). */
#define HEARTBEAT_DEAD_US (3 * SIM_SECOND)
#define RECONNECT_US      (50 * SIM_MS)
#define RECONNECT_MAX_US  SIM_SECOND

static struct sim_node *node_of(struct sim *sim, uint32_t index)
{
    return &sim->nodes[index];
}

void sim_net_add(struct sim *sim, uint32_t node)
{
    sim->net.paths[node] = (struct sim_path){.delay_us = sim_between(sim, 300, 4000),
                                             .door = SIM_NOBODY,
                                             .hears = SIM_NOBODY,
                                             .feeds = SIM_NOBODY};
}

static bool is_cut(const struct sim *sim, uint32_t a, uint32_t b)
{
    const struct sim_net *net = &sim->net;
    if (net->cut_us <= sim->world.now_us || net->paths[a].aside == net->paths[b].aside)
        return false;
    return net->cut == SIM_CUT_ALL || sim->nodes[a].hub || sim->nodes[b].hub;
}

bool sim_net_open_way(const struct sim *sim, uint32_t from, uint32_t to)
{
    return sim->net.paths[from].out_blocked_us <= sim->world.now_us &&
           sim->net.paths[to].in_blocked_us <= sim->world.now_us && !is_cut(sim, from, to);
}

/* When what is sent now gets through; INT64_MAX: never. Retries come at longer and longer gaps. */
static int64_t opens_us(struct sim *sim, uint32_t from, uint32_t to)
{
    const struct sim_path *out = &sim->net.paths[from], *in = &sim->net.paths[to];
    int64_t now_us = sim->world.now_us, at = now_us;
    if (sim_net_open_way(sim, from, to))
        return at;
    if (is_cut(sim, from, to) || (out->out_blocked_us > now_us && !out->hold) ||
        (in->in_blocked_us > now_us && !in->hold))
        return INT64_MAX;
    at = out->out_blocked_us > at ? out->out_blocked_us : at;
    at = in->in_blocked_us > at ? in->in_blocked_us : at;
    return at + sim_between(sim, 0, (at - now_us) / 2 + 1);
}

static bool open_both(const struct sim *sim, uint32_t a, uint32_t b)
{
    return sim_net_open_way(sim, a, b) && sim_net_open_way(sim, b, a);
}

int64_t sim_net_delay_us(struct sim *sim, uint32_t from, uint32_t to)
{
    const struct sim_path *a = &sim->net.paths[from], *b = &sim->net.paths[to];
    int64_t delay = (a->delay_us + b->delay_us) / 2;
    delay += sim_waiting(sim, delay / 2);
    if (a->slow_us > sim->world.now_us || b->slow_us > sim->world.now_us)
        delay += sim_between(sim, 20 * SIM_MS, 900 * SIM_MS);
    return delay;
}

bool sim_net_chaos(struct sim *sim)
{
    return sim->net.chaos_us > sim->world.now_us && sim_often(sim, sim->net.chaos_in_million);
}

static void say(struct sim *sim, const char *how, const char *from, const char *to,
                struct fluit_slice bytes)
{
    static const char *const types[] = {"?", "HEADS", "WANT", "ENTRIES", "ASK", "TIME"};
    unsigned type = bytes.len > 1 && bytes.data[1] < 6 ? bytes.data[1] : 0;
    sim_chat(sim, "%s %s %s %s %zu", from, how, to, types[type], bytes.len);
}

/* Wires. */

static void dial(struct sim *sim, uint32_t at);

static void tell_up(struct sim *sim, uint32_t node, uint32_t link, const struct fluit_box_pk *peer)
{
    sim_node_give(sim, node_of(sim, node),
                  (struct sim_input){.kind = FLUIT_EVENT_LINK_UP, .link = link, .peer = *peer});
}

static void far_down_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = node_of(sim, due->node);
    if (due->life == n->life)
        sim_node_give(sim, n,
                      (struct sim_input){.kind = FLUIT_EVENT_LINK_DOWN, .link = (uint32_t)due->n});
}

/* The accepting side finds out when it next sends. */
static void break_wire(struct sim *sim, struct sim_wire *wire)
{
    if (!wire->up)
        return;
    struct sim_node *far = node_of(sim, wire->to);
    wire->up = false;
    wire->epoch++;
    wire->backoff_us = RECONNECT_US;
    if (node_of(sim, wire->from)->core)
        sim_node_give(sim, node_of(sim, wire->from),
                      (struct sim_input){
                          .kind = FLUIT_EVENT_LINK_DOWN, .link = wire->link, .peer = wire->peer});
    if (wire->told && far->core)
        sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + sim_between(sim, 0, SIM_SECOND),
                                       .run = far_down_due,
                                       .node = wire->to,
                                       .life = far->life,
                                       .n = wire->far_link});
    wire->told = false;
}

void sim_net_host(uint32_t node, char out[static SIM_HOST_LEN])
{
    snprintf(out, SIM_HOST_LEN, "10.0.0.%u", 1 + node % 250);
}

void sim_net_endpoint(const struct sim *sim, uint32_t node, char *out, size_t cap)
{
    char host[SIM_HOST_LEN];
    sim_net_host(node, host);
    snprintf(out, cap, "tcp://%s:%u", host,
             sim_node_may_lead(&sim->nodes[node]) ? SIM_DOOR_PORT + 1u : sim->nodes[node].port);
}

/* Does the node listen at this endpoint? As sim_net_endpoint writes it. */
static bool listens(const struct sim *sim, uint32_t node, const char *endpoint)
{
    char own[FLUIT_ENDPOINT_LEN_MAX + 1];
    sim_net_endpoint(sim, node, own, sizeof own);
    return strcmp(own, endpoint) == 0;
}

/* Who listens at the wire's endpoint, if it has the key that was asked for. */
static uint32_t find_peer(const struct sim *sim, const struct sim_wire *wire)
{
    for (uint32_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *n = &sim->nodes[i];
        if (n->core && memcmp(n->pk.b, wire->peer.b, sizeof n->pk.b) == 0 &&
            listens(sim, i, wire->endpoint))
            return i;
    }
    return SIM_NOBODY;
}

static bool can_connect(const struct sim *sim, const struct sim_wire *wire, uint32_t to)
{
    if (to == SIM_NOBODY || sim->nodes[to].frozen_until_us > sim->world.now_us)
        return false;
    return open_both(sim, wire->from, to) &&
           sim_node_admits(&sim->nodes[to], &sim->nodes[wire->from].pk);
}

static void dial_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_wire *wire = &sim->net.wires[due->n & 0xffff];
    if (!wire->used || wire->up || due->n >> 16 != wire->epoch ||
        node_of(sim, wire->from)->life != due->life)
        return;
    uint32_t to = find_peer(sim, wire);
    if (!can_connect(sim, wire, to)) {
        wire->backoff_us =
            wire->backoff_us * 2 < RECONNECT_MAX_US ? wire->backoff_us * 2 : RECONNECT_MAX_US;
        dial(sim, (uint32_t)(due->n & 0xffff));
        return;
    }
    wire->up = true;
    wire->told = false;
    wire->to = to;
    wire->epoch++;
    wire->far_link = FLUIT_LINK_ACCEPTED + sim->net.next_link++ * SIM_WIRES_MAX +
                     (uint32_t)(wire - sim->net.wires);
    wire->up_us = sim->world.now_us;
    wire->last_us[0] = wire->last_us[1] = sim->world.now_us;
    wire->backoff_us = RECONNECT_US;
    sim_chat(sim, "%s and %s are connected", node_of(sim, wire->from)->name,
             node_of(sim, to)->name);
    tell_up(sim, wire->from, wire->link, &wire->peer);
}

static void dial(struct sim *sim, uint32_t at)
{
    struct sim_wire *wire = &sim->net.wires[at];
    int64_t wait = wire->backoff_us + sim_between(sim, 1000, 30000);
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + wait,
                                   .run = dial_due,
                                   .node = wire->from,
                                   .life = node_of(sim, wire->from)->life,
                                   .n = (uint64_t)wire->epoch << 16 | at});
}

static uint32_t wire_at(uint32_t node, uint32_t link)
{
    return node * SIM_LINKS_MAX + link - FLUIT_LINK_KEPT;
}

static struct sim_wire *wire_of(struct sim *sim, uint32_t node, uint32_t link)
{
    uint32_t at = link >= FLUIT_LINK_ACCEPTED ? (link - FLUIT_LINK_ACCEPTED) % SIM_WIRES_MAX
                                              : wire_at(node, link);
    struct sim_wire *wire = &sim->net.wires[at];
    bool is = link >= FLUIT_LINK_ACCEPTED ? wire->up && wire->far_link == link : wire->from == node;
    return wire->used && is ? wire : NULL;
}

static void drop_wire(struct sim *sim, uint32_t from, uint32_t link)
{
    struct sim_wire *wire = wire_of(sim, from, link);
    if (!wire)
        return;
    break_wire(sim, wire);
    wire->used = false;
}

static void connect_to(struct sim *sim, uint32_t from, const struct fluit_effect *effect,
                       struct fluit_slice endpoint)
{
    if (effect->link < FLUIT_LINK_KEPT || effect->link >= FLUIT_LINK_KEPT + SIM_LINKS_MAX ||
        endpoint.len > FLUIT_ENDPOINT_LEN_MAX) {
        sim_fail(sim, "%s dials as link %u", node_of(sim, from)->name, effect->link);
        return;
    }
    uint32_t at = wire_at(from, effect->link);
    drop_wire(sim, from, effect->link);
    uint32_t epoch = sim->net.wires[at].epoch + 1;
    sim->net.wires[at] = (struct sim_wire){
        .used = true, .from = from, .link = effect->link, .peer = effect->peer, .epoch = epoch};
    memcpy(sim->net.wires[at].endpoint, endpoint.data, endpoint.len);
    dial(sim, at);
}

const struct sim_wire *sim_net_wire(const struct sim *sim, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < SIM_LINKS_MAX; i++) {
        const struct sim_wire *wire = &sim->net.wires[from * SIM_LINKS_MAX + i];
        if (wire->used && wire->up && wire->to == to)
            return wire;
    }
    return NULL;
}

bool sim_net_linked(const struct sim *sim, uint32_t node, uint32_t to)
{
    return sim_net_wire(sim, node, to) != NULL;
}

/* Messages on a wire. */

static void deliver_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_wire *wire = &sim->net.wires[due->n & 0xffff];
    struct sim_node *n = node_of(sim, due->node);
    if (due->life != n->life || !wire->used || !wire->up || wire->epoch != due->n >> 16)
        return;
    bool accepted = due->node == wire->to;
    uint32_t link = accepted ? wire->far_link : wire->link;
    struct fluit_box_pk peer = accepted ? node_of(sim, wire->from)->pk : wire->peer;
    if (accepted && !sim_node_admits(n, &peer))
        return;
    if (accepted && !wire->told) {
        wire->told = true;
        tell_up(sim, due->node, link, &peer);
    }
    sim_node_give(sim, n,
                  (struct sim_input){.kind = FLUIT_EVENT_MESSAGE,
                                     .link = link,
                                     .peer = peer,
                                     .mail = sim_mail_share(due->mail)});
}

static void deliver(struct sim *sim, struct sim_wire *wire, bool forth, struct sim_mail *mail)
{
    uint32_t from = forth ? wire->from : wire->to, to = forth ? wire->to : wire->from;
    int64_t opens = opens_us(sim, from, to);
    if (opens == INT64_MAX)
        return;
    int64_t at = opens + sim_net_delay_us(sim, from, to);
    int64_t *last = &wire->last_us[forth ? 0 : 1];
    if (!sim_net_chaos(sim)) { /* in order */
        at = at > *last ? at : *last;
        *last = at;
    }
    sim_plan(sim,
             (struct sim_due){.at_us = at,
                              .run = deliver_due,
                              .node = to,
                              .life = node_of(sim, to)->life,
                              .n = (uint64_t)wire->epoch << 16 | (uint64_t)(wire - sim->net.wires),
                              .mail = sim_mail_share(mail)});
}

/* Does it still ask for a feed that has two branches? */
static void check_want(struct sim *sim, const struct sim_node *n, struct fluit_slice bytes)
{
    struct fluit_message m = {0};
    const struct fluit_replica *replica = &n->core->replica;
    bool want = fluit_message_get(&m, bytes) == FLUIT_OK && m.type == FLUIT_MESSAGE_WANT;
    for (uint32_t i = 0; want && i < m.want.count; i++) {
        int index = fluit_replica_find(replica, &m.want.wants[i].feed);
        if (index >= 0 && replica->feeds[index]->forked)
            sim_fail(sim, "%s asks for more of a forked feed", n->name);
    }
    fluit_message_deinit(&m);
}

static void send(struct sim *sim, struct sim_node *n, uint32_t link, struct fluit_slice bytes)
{
    uint32_t from = sim_node_index(sim, n);
    struct sim_wire *wire = wire_of(sim, from, link);
    if (!wire || !wire->up)
        return;
    if (sim->net.asking_ends)
        check_want(sim, n, bytes);
    bool forth = wire->from == from;
    uint32_t to = forth ? wire->to : wire->from;
    if (sim_net_chaos(sim)) {
        say(sim, "x", n->name, node_of(sim, to)->name, bytes);
        return;
    }
    say(sim, ">", n->name, node_of(sim, to)->name, bytes);
    struct sim_mail *mail = sim_mail_new(bytes);
    deliver(sim, wire, forth, mail);
    if (sim_net_chaos(sim))
        deliver(sim, wire, forth, mail);
    sim_mail_drop(mail);
}

void sim_net_carry(struct sim *sim, struct sim_node *from, const struct fluit_effect *effect,
                   struct fluit_slice bytes)
{
    struct sim_path *path = &sim->net.paths[sim_node_index(sim, from)];
    switch (effect->kind) {
    case FLUIT_EFFECT_SEND:
        send(sim, from, effect->link, bytes);
        break;
    case FLUIT_EFFECT_PUBLISH:
        sim_net_publish(sim, from, bytes);
        break;
    case FLUIT_EFFECT_DOOR:
        sim_net_knock(sim, from, effect->link, bytes);
        break;
    case FLUIT_EFFECT_CONNECT:
        connect_to(sim, sim_node_index(sim, from), effect, bytes);
        break;
    case FLUIT_EFFECT_DROP_LINK:
        if (effect->link == 0)
            path->door = SIM_NOBODY;
        else if (effect->link == FLUIT_LINK_LIVE)
            path->hears = path->feeds = SIM_NOBODY;
        else
            drop_wire(sim, sim_node_index(sim, from), effect->link);
        break;
    case FLUIT_EFFECT_BEACON:
        sim_net_beacon(sim, sim_node_index(sim, from), bytes);
        break;
    case FLUIT_EFFECT_OPEN_DOOR:
        path->door = sim_net_find_host(sim, bytes, 7000);
        break;
    case FLUIT_EFFECT_SUBSCRIBE:
        path->hears = sim_net_hub_with(sim, &effect->peer);
        break;
    case FLUIT_EFFECT_FEED_TO:
        path->feeds = sim_net_hub_with(sim, &effect->peer);
        break;
    default:
        sim_fail(sim, "%s: an effect the simulator does not know", from->name);
        break;
    }
}

/* What breaks. */

void sim_net_gone(struct sim *sim, struct sim_node *n)
{
    uint32_t node = sim_node_index(sim, n);
    sim->net.paths[node].door = sim->net.paths[node].hears = sim->net.paths[node].feeds =
        SIM_NOBODY;
    for (uint32_t i = 0; i < SIM_WIRES_MAX; i++) {
        struct sim_wire *wire = &sim->net.wires[i];
        if (wire->used && wire->up && (wire->from == node || wire->to == node)) {
            break_wire(sim, wire);
            if (wire->from != node)
                dial(sim, i);
        }
        if (wire->used && wire->from == node)
            wire->used = false;
    }
}

void sim_net_disconnect(struct sim *sim, uint32_t node)
{
    for (uint32_t i = 0; i < SIM_WIRES_MAX; i++) {
        struct sim_wire *wire = &sim->net.wires[i];
        if (!wire->used || !wire->up || (wire->from != node && wire->to != node))
            continue;
        break_wire(sim, wire);
        dial(sim, i);
    }
}

/* Heartbeats went unanswered for too long. */
static void dead_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_wire *wire = &sim->net.wires[due->n & 0xffff];
    if (!wire->used || !wire->up || wire->epoch != due->n >> 16)
        return;
    bool frozen = node_of(sim, wire->from)->frozen_until_us > sim->world.now_us ||
                  node_of(sim, wire->to)->frozen_until_us > sim->world.now_us;
    if (!frozen && open_both(sim, wire->from, wire->to))
        return;
    break_wire(sim, wire);
    dial(sim, (uint32_t)(due->n & 0xffff));
}

void sim_net_watch(struct sim *sim, uint32_t node)
{
    for (uint32_t i = 0; i < SIM_WIRES_MAX; i++) {
        const struct sim_wire *wire = &sim->net.wires[i];
        if (!wire->used || !wire->up || (wire->from != node && wire->to != node))
            continue;
        sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + HEARTBEAT_DEAD_US +
                                                sim_between(sim, 0, SIM_SECOND),
                                       .run = dead_due,
                                       .n = (uint64_t)wire->epoch << 16 | i});
    }
}

void sim_net_block(struct sim *sim, uint32_t node, bool in, bool out, bool hold, int64_t for_us)
{
    struct sim_path *path = &sim->net.paths[node];
    path->hold = hold;
    if (in)
        path->in_blocked_us = sim->world.now_us + for_us;
    if (out)
        path->out_blocked_us = sim->world.now_us + for_us;
    sim_net_watch(sim, node);
}

void sim_net_cut(struct sim *sim, enum sim_cut how, int64_t for_us)
{
    sim->net.cut = how;
    sim->net.cut_us = sim->world.now_us + for_us;
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->net.paths[i].aside)
            sim_net_watch(sim, i);
}

void sim_net_heal(struct sim *sim)
{
    sim->net.chaos_us = sim->net.cut_us = 0;
    for (uint32_t i = 0; i < sim->node_count; i++) {
        struct sim_path *path = &sim->net.paths[i];
        path->in_blocked_us = path->out_blocked_us = path->slow_us = 0;
    }
    sim->net.held_us = sim->world.now_us;
    for (uint32_t i = 0; i < SIM_WIRES_MAX; i++) {
        const struct sim_wire *wire = &sim->net.wires[i];
        for (int way = 0; way < 2 && wire->used; way++)
            if (wire->last_us[way] > sim->net.held_us)
                sim->net.held_us = wire->last_us[way];
    }
}
