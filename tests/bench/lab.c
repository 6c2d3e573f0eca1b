#include "tests/bench/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As the real sockets are set up (node/io/net_zmq.c), and the real loop turns. */
#define RECONNECT_US     (50 * LAB_MS)
#define RECONNECT_MAX_US LAB_SECOND
#define HANDSHAKE_WAYS   8 /* TCP, ZMTP and CURVE go back and forth four times */
#define TICK_GAP_US      LAB_MS
#define BEGIN_US         (3600 * LAB_SECOND)
#define BEGIN_WALL_US    INT64_C(1790000000000000)

static void *must_have(void *p)
{
    if (!p)
        room_fail("out of memory");
    return p;
}

/* Mail. */

static struct lab_mail *mail_new(struct fluit_slice bytes)
{
    struct lab_mail *mail = must_have(malloc(sizeof *mail + bytes.len));
    mail->refs = 1;
    mail->len = bytes.len;
    memcpy(mail->bytes, bytes.data, bytes.len);
    return mail;
}

static struct lab_mail *mail_share(struct lab_mail *mail)
{
    mail->refs++;
    return mail;
}

static void mail_drop(struct lab_mail *mail)
{
    if (mail && --mail->refs == 0)
        free(mail);
}

/* What is due. */

static bool sooner(const struct lab_due *a, const struct lab_due *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void plan(struct lab *lab, struct lab_due due)
{
    if (lab->due_count == lab->due_cap) {
        lab->due_cap = lab->due_cap ? lab->due_cap * 2 : 1024;
        lab->heap = must_have(realloc(lab->heap, lab->due_cap * sizeof *lab->heap));
    }
    due.order = lab->planned++;
    size_t at = lab->due_count++;
    for (; at > 0 && sooner(&due, &lab->heap[(at - 1) / 2]); at = (at - 1) / 2)
        lab->heap[at] = lab->heap[(at - 1) / 2];
    lab->heap[at] = due;
}

static struct lab_due take_first(struct lab *lab)
{
    struct lab_due first = lab->heap[0], last = lab->heap[--lab->due_count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < lab->due_count; at = child) {
        if (child + 1 < lab->due_count && sooner(&lab->heap[child + 1], &lab->heap[child]))
            child++;
        if (!sooner(&lab->heap[child], &last))
            break;
        lab->heap[at] = lab->heap[child];
    }
    lab->heap[at] = last;
    return first;
}

void lab_run(struct lab *lab, int64_t for_us)
{
    int64_t until_us = lab->now_us + for_us;
    while (lab->due_count > 0 && lab->heap[0].at_us <= until_us) {
        struct lab_due due = take_first(lab);
        lab->now_us = due.at_us;
        due.run(lab, &due);
        mail_drop(due.mail);
    }
    lab->now_us = until_us;
}

/* Turns. */

static void wake(struct lab *lab, const struct lab_due *due);

static int64_t core_deadline(const struct room_node *n)
{
    return n->hub ? fluit_hub_deadline(n->hub) : fluit_guest_deadline(n->guest);
}

static void poke(struct lab *lab, uint32_t node)
{
    struct lab_node *n = &lab->nodes[node];
    int64_t at = core_deadline(&lab->room.nodes[node]);
    if (at < n->tick_us + TICK_GAP_US)
        at = n->tick_us + TICK_GAP_US;
    if (n->inbox_count > 0 && at > lab->now_us)
        at = lab->now_us;
    if (at < n->free_us)
        at = n->free_us;
    if (at < lab->now_us)
        at = lab->now_us;
    if (at >= n->wake_us)
        return;
    n->wake_us = at;
    plan(lab, (struct lab_due){.at_us = at, .run = wake, .node = node});
}

static void give(struct lab *lab, uint32_t node, struct lab_input input)
{
    struct lab_node *n = &lab->nodes[node];
    if (n->inbox_count == n->inbox_cap) {
        n->inbox_cap = n->inbox_cap ? n->inbox_cap * 2 : 64;
        n->inbox = must_have(realloc(n->inbox, n->inbox_cap * sizeof *n->inbox));
    }
    n->inbox[n->inbox_count++] = input;
    poke(lab, node);
}

static void take(struct lab *lab, uint32_t node, const struct lab_input *input)
{
    struct room_node *n = &lab->room.nodes[node];
    struct fluit_event event = {.kind = input->kind, .link = input->link, .peer = input->peer};
    if (input->mail)
        event.bytes = fluit_slice(input->mail->bytes, input->mail->len);
    if (input->kind != FLUIT_EVENT_COMMAND)
        room_step(&lab->room, n, event);
    else
        for (uint32_t i = 0; i < input->nth; i++)
            room_say_something(&lab->room, n, lab->nodes[node].said++);
}

static bool take_inputs(struct lab *lab, uint32_t node)
{
    struct lab_node *n = &lab->nodes[node];
    size_t taken = 0;
    while (taken < n->inbox_count && taken < FLUIT_TURN_EVENTS_MAX &&
           lab->room.nodes[node].fx.data.len < FLUIT_TURN_EFFECTS_MAX) {
        take(lab, node, &n->inbox[taken]);
        mail_drop(n->inbox[taken++].mail);
    }
    n->inbox_count -= taken;
    if (taken > 0 && n->inbox_count > 0)
        memmove(n->inbox, n->inbox + taken, n->inbox_count * sizeof *n->inbox);
    return taken > 0;
}

static bool take_tick(struct lab *lab, uint32_t node)
{
    struct lab_node *n = &lab->nodes[node];
    if (core_deadline(&lab->room.nodes[node]) > lab->now_us ||
        lab->now_us - n->tick_us < TICK_GAP_US)
        return false;
    n->tick_us = lab->now_us;
    room_step(&lab->room, &lab->room.nodes[node], (struct fluit_event){.kind = FLUIT_EVENT_TICK});
    return true;
}

static uint64_t count_held(const struct room_node *n)
{
    uint64_t held = 0;
    for (uint32_t i = 0; i < n->core->replica.count; i++)
        held += n->core->replica.feeds[i]->info.seq;
    return held;
}

static void carry_out(struct lab *lab, uint32_t node, int64_t hints_us, int64_t at_us);

static void wake(struct lab *lab, const struct lab_due *due)
{
    struct room_node *core = &lab->room.nodes[due->node];
    struct lab_node *n = &lab->nodes[due->node];
    if (n->wake_us != lab->now_us || n->free_us > lab->now_us)
        return;
    n->wake_us = INT64_MAX;
    lab->room.now_us = lab->now_us;
    int64_t began_us = room_cpu_us();
    uint64_t held = count_held(core);
    bool stepped = take_tick(lab, due->node);
    stepped |= take_inputs(lab, due->node);
    if (stepped) {
        room_end_turn(&lab->room, core);
        int64_t cpu_us = room_cpu_us() - began_us;
        n->cpu_us += cpu_us;
        n->free_us = lab->now_us + cpu_us;
        if (count_held(core) != held)
            n->free_us += lab->costs.disk_us;
        carry_out(lab, due->node, lab->now_us + cpu_us, n->free_us);
        fluit_effects_reset(&core->fx);
    }
    poke(lab, due->node);
}

/* Wires. */

static uint32_t node_at(const struct lab *lab, struct fluit_slice endpoint)
{
    char host[64];
    for (uint32_t i = 0; i < lab->room.count; i++) {
        int len = snprintf(host, sizeof host, "tcp://%s:", lab->room.nodes[i].name);
        if (endpoint.len > (size_t)len && memcmp(endpoint.data, host, (size_t)len) == 0)
            return i;
    }
    return LAB_NOBODY;
}

static void dial(struct lab *lab, uint32_t wire);

static void break_wire(struct lab *lab, struct lab_wire *w)
{
    if (!w->up)
        return;
    w->up = false;
    w->epoch++;
    w->backoff_us = RECONNECT_US;
    give(lab, w->from, (struct lab_input){.kind = FLUIT_EVENT_LINK_DOWN, .link = w->link});
    if (w->told)
        give(lab, w->to, (struct lab_input){.kind = FLUIT_EVENT_LINK_DOWN, .link = w->far_link});
    w->told = false;
}

static void up_due(struct lab *lab, const struct lab_due *due)
{
    struct lab_wire *w = &lab->wires[due->wire];
    if (w->used && w->up && w->epoch == due->epoch)
        give(lab, w->from,
             (struct lab_input){.kind = FLUIT_EVENT_LINK_UP,
                                .link = w->link,
                                .peer = lab->room.nodes[w->to].core->self.link_pk});
}

static void dial_due(struct lab *lab, const struct lab_due *due)
{
    struct lab_wire *w = &lab->wires[due->wire];
    if (!w->used || w->up || w->epoch != due->epoch)
        return;
    if (lab->nodes[w->from].side != lab->nodes[w->to].side) {
        w->backoff_us = w->backoff_us * 2 < RECONNECT_MAX_US ? w->backoff_us * 2 : RECONNECT_MAX_US;
        dial(lab, due->wire);
        return;
    }
    w->up = true;
    w->told = false;
    w->epoch++;
    w->far_link = FLUIT_LINK_ACCEPTED + lab->next_link++ * LAB_WIRES_MAX + due->wire;
    plan(lab, (struct lab_due){.at_us = lab->now_us + HANDSHAKE_WAYS * lab->costs.delay_us,
                               .run = up_due,
                               .wire = due->wire,
                               .epoch = w->epoch});
}

static void dial_after(struct lab *lab, uint32_t wire, int64_t at_most_us)
{
    struct lab_wire *w = &lab->wires[wire];
    int64_t jitter_us = (int64_t)fluit_rng_below(&lab->room.rng, (uint64_t)at_most_us);
    plan(lab, (struct lab_due){.at_us = lab->now_us + w->backoff_us + jitter_us,
                               .run = dial_due,
                               .wire = wire,
                               .epoch = w->epoch});
}

static void dial(struct lab *lab, uint32_t wire)
{
    dial_after(lab, wire, RECONNECT_US);
}

static uint32_t wire_index(uint32_t node, uint32_t link)
{
    return node * FLUIT_LINKS_KEPT_MAX + link - FLUIT_LINK_KEPT;
}

static void connect_to(struct lab *lab, uint32_t node, uint32_t link, struct fluit_slice endpoint)
{
    uint32_t index = wire_index(node, link), to = node_at(lab, endpoint);
    struct lab_wire *w = &lab->wires[index];
    if (to == LAB_NOBODY)
        room_fail("a node dials nobody");
    break_wire(lab, w);
    *w = (struct lab_wire){.used = true,
                           .from = node,
                           .to = to,
                           .link = link,
                           .epoch = w->epoch + 1,
                           .backoff_us = RECONNECT_US};
    dial(lab, index);
}

static void drop(struct lab *lab, uint32_t node, uint32_t link)
{
    if (link == FLUIT_LINK_LIVE)
        lab->nodes[node].listens = lab->nodes[node].feeds_to = LAB_NOBODY;
    if (link < FLUIT_LINK_KEPT || link >= FLUIT_LINK_ACCEPTED)
        return;
    struct lab_wire *w = &lab->wires[wire_index(node, link)];
    break_wire(lab, w);
    w->used = false;
}

static bool is_linked(const struct lab *lab, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < FLUIT_LINKS_KEPT_MAX; i++) {
        const struct lab_wire *w = &lab->wires[from * FLUIT_LINKS_KEPT_MAX + i];
        if (w->used && w->up && w->to == to)
            return true;
    }
    return false;
}

/* What is under way. */

static void count(struct lab_node *n, enum lab_traffic kind, size_t len)
{
    n->bytes[kind] += len;
    n->messages[kind]++;
}

/* When what leaves at at_us has arrived. */
static int64_t arrival_us(struct lab *lab, struct lab_node *n, int64_t at_us, size_t len)
{
    if (n->sent_us < at_us)
        n->sent_us = at_us;
    if (lab->costs.mbit > 0)
        n->sent_us += (int64_t)((double)len * 8 / lab->costs.mbit);
    return n->sent_us + lab->costs.delay_us;
}

static void message_due(struct lab *lab, const struct lab_due *due)
{
    struct lab_wire *w = &lab->wires[due->wire];
    if (!w->used || !w->up || w->epoch != due->epoch)
        return;
    bool accepted = due->node == w->to;
    uint32_t link = accepted ? w->far_link : w->link, other = accepted ? w->from : w->to;
    struct fluit_box_pk peer = lab->room.nodes[other].core->self.link_pk;
    if (accepted && !w->told) {
        w->told = true;
        give(lab, due->node,
             (struct lab_input){.kind = FLUIT_EVENT_LINK_UP, .link = link, .peer = peer});
    }
    give(lab, due->node,
         (struct lab_input){.kind = FLUIT_EVENT_MESSAGE,
                            .link = link,
                            .peer = peer,
                            .mail = mail_share(due->mail)});
}

static void send(struct lab *lab, uint32_t node, uint32_t link, struct fluit_slice bytes,
                 int64_t at_us)
{
    bool accepted = link >= FLUIT_LINK_ACCEPTED;
    uint32_t index =
        accepted ? (link - FLUIT_LINK_ACCEPTED) % LAB_WIRES_MAX : wire_index(node, link);
    struct lab_wire *w = &lab->wires[index];
    struct lab_node *n = &lab->nodes[node];
    if (!w->used || !w->up || (accepted && w->far_link != link))
        return;
    count(n, bytes.data[1] < LAB_OTHER ? bytes.data[1] : LAB_OTHER, bytes.len);
    plan(lab, (struct lab_due){.at_us = arrival_us(lab, n, at_us, bytes.len),
                               .run = message_due,
                               .node = accepted ? w->from : w->to,
                               .wire = index,
                               .epoch = w->epoch,
                               .mail = mail_new(bytes)});
}

static void frame_due(struct lab *lab, const struct lab_due *due)
{
    give(lab, due->node,
         (struct lab_input){.kind = FLUIT_EVENT_FRAME,
                            .peer = lab->room.nodes[due->wire].core->self.link_pk,
                            .mail = mail_share(due->mail)});
}

/* The connections for live frames fare as the follower's wire to the hub does. */
static void send_frame(struct lab *lab, uint32_t from, uint32_t to, struct lab_mail *mail,
                       int64_t at_us)
{
    struct lab_node *n = &lab->nodes[from];
    size_t len = mail->len + sizeof(struct fluit_feed_id);
    if (!is_linked(lab, from, to) && !is_linked(lab, to, from))
        return;
    count(n, LAB_FRAMES, len);
    plan(lab, (struct lab_due){.at_us = arrival_us(lab, n, at_us, len),
                               .run = frame_due,
                               .node = to,
                               .wire = from,
                               .mail = mail_share(mail)});
}

static void publish(struct lab *lab, uint32_t node, struct fluit_slice bytes, int64_t at_us)
{
    struct lab_mail *mail = mail_new(bytes);
    if (lab->nodes[node].feeds_to != LAB_NOBODY)
        send_frame(lab, node, lab->nodes[node].feeds_to, mail, at_us);
    for (uint32_t i = 0; lab->room.nodes[node].hub && i < lab->room.count; i++)
        if (lab->nodes[i].listens == node)
            send_frame(lab, node, i, mail, at_us);
    mail_drop(mail);
}

static void carry(struct lab *lab, uint32_t node, const struct fluit_effect *effect,
                  struct fluit_slice bytes, int64_t at_us)
{
    switch (effect->kind) {
    case FLUIT_EFFECT_SEND:
        send(lab, node, effect->link, bytes, at_us);
        break;
    case FLUIT_EFFECT_PUBLISH:
        publish(lab, node, bytes, at_us);
        break;
    case FLUIT_EFFECT_CONNECT:
        connect_to(lab, node, effect->link, bytes);
        break;
    case FLUIT_EFFECT_SUBSCRIBE:
        lab->nodes[node].listens = node_at(lab, bytes);
        break;
    case FLUIT_EFFECT_FEED_TO:
        lab->nodes[node].feeds_to = node_at(lab, bytes);
        break;
    case FLUIT_EFFECT_DROP_LINK:
        drop(lab, node, effect->link);
        break;
    default: /* its screen, its door, its beacons: nobody looks */
        break;
    }
}

static void carry_out(struct lab *lab, uint32_t node, int64_t hints_us, int64_t at_us)
{
    const struct fluit_effects *fx = &lab->room.nodes[node].fx;
    for (size_t i = 0; i < fx->count; i++)
        carry(lab, node, &fx->items[i], fluit_effect_bytes(fx, &fx->items[i]),
              fx->items[i].hint ? hints_us : at_us);
}

/* From outside. */

static void say_due(struct lab *lab, const struct lab_due *due)
{
    give(lab, due->node, (struct lab_input){.kind = FLUIT_EVENT_COMMAND, .nth = due->wire});
}

void lab_say(struct lab *lab, uint32_t node, uint32_t count, int64_t after_us)
{
    plan(lab, (struct lab_due){
                  .at_us = lab->now_us + after_us, .run = say_due, .node = node, .wire = count});
}

void lab_sides(struct lab *lab, const uint32_t *side)
{
    for (uint32_t i = 0; i < lab->room.count; i++)
        lab->nodes[i].side = side[i];
    for (uint32_t i = 0; i < LAB_WIRES_MAX; i++) {
        struct lab_wire *w = &lab->wires[i];
        if (!w->used || !w->up || side[w->from] == side[w->to])
            continue;
        break_wire(lab, w);
        dial_after(lab, i, RECONNECT_MAX_US); /* nobody finds out at the same moment */
    }
}

void lab_reset(struct lab *lab)
{
    for (uint32_t i = 0; i < lab->room.count; i++) {
        lab->nodes[i].cpu_us = 0;
        memset(lab->nodes[i].bytes, 0, sizeof lab->nodes[i].bytes);
        memset(lab->nodes[i].messages, 0, sizeof lab->nodes[i].messages);
    }
}

void lab_init(struct lab *lab, const char *dir, uint32_t count, struct lab_costs costs)
{
    const uint8_t boot_id[16] = {1};
    *lab = (struct lab){.costs = costs, .now_us = BEGIN_US};
    room_init(&lab->room, dir, count, BEGIN_US, BEGIN_WALL_US, boot_id);
    for (uint32_t i = 0; i < count; i++) {
        struct lab_node *n = &lab->nodes[i];
        n->listens = n->feeds_to = LAB_NOBODY;
        n->wake_us = INT64_MAX;
    }
    for (uint32_t i = 0; i < count; i++) {
        carry_out(lab, i, BEGIN_US, BEGIN_US);
        fluit_effects_reset(&lab->room.nodes[i].fx);
    }
    for (uint32_t i = 0; i < count; i++)
        poke(lab, i);
}

void lab_deinit(struct lab *lab)
{
    for (size_t i = 0; i < lab->due_count; i++)
        mail_drop(lab->heap[i].mail);
    for (uint32_t i = 0; i < lab->room.count; i++) {
        for (size_t k = 0; k < lab->nodes[i].inbox_count; k++)
            mail_drop(lab->nodes[i].inbox[k].mail);
        free(lab->nodes[i].inbox);
    }
    free(lab->heap);
    room_deinit(&lab->room);
}
