#include "node/core/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/words.h"

/* The hub's other ports follow its door's (PROTOCOL.md "Ports"). */
#define SYNC_AFTER_DOOR    1
#define CONTROL_AFTER_DOOR 2
#define COLLECT_AFTER_DOOR 3

static void print_plan(struct fluit_guest *guest, struct fluit_effects *fx)
{
    const struct fluit_plan *plan = &guest->node.plan;
    const struct fluit_plan *told = &guest->told_plan;
    if (plan->term == 0 || !guest->told_ready || plan->step >= guest->node.script->step_count)
        return;
    if (told->term && told->step == plan->step && told->state == plan->state &&
        told->start_us == plan->start_us && told->end_us == plan->end_us)
        return;
    static const char *const states[] = {"", "ready", "running", "paused", "ended"};
    const struct fluit_step *step = &guest->node.script->steps[plan->step];
    guest->told_plan = *plan;
    int64_t left = fluit_plan_left(plan, fluit_node_mesh_us(&guest->node)) / 1000000;
    if (left > 0)
        fluit_effects_print(fx, "step %d %s: %s, %lld:%02lld left", plan->step + 1,
                            step->title.in[guest->language], states[plan->state],
                            (long long)left / 60, (long long)left % 60);
    else
        fluit_effects_print(fx, "step %d %s: %s", plan->step + 1, step->title.in[guest->language],
                            states[plan->state]);
}

static struct fluit_guest *guest_of(struct fluit_node *node)
{
    return (struct fluit_guest *)node;
}

static void on_act(struct fluit_node *node, const struct fluit_origin *origin,
                   const struct fluit_act *act, struct fluit_effects *fx)
{
    if (act->kind == FLUIT_KIND_HELLO)
        fluit_peers_hello(&guest_of(node)->peers, origin, act);
    if (node->replaying || act->kind != FLUIT_KIND_MESSAGE)
        return;
    if (act->message.table == 0 || act->message.table == node->table)
        fluit_effects_say(fx, "message: %.*s", (int)act->message.text.len,
                          (const char *)act->message.text.data);
}

static void on_safe(struct fluit_node *node, uint64_t seq, struct fluit_effects *fx)
{
    fluit_effects_print(fx, "safe %llu", (unsigned long long)seq);
    (void)node;
}

static void on_roster(struct fluit_node *node, struct fluit_effects *fx)
{
    (void)fx;
    guest_of(node)->peers.stale = true;
}

static const struct fluit_node_hooks hooks = {.act = on_act, .safe = on_safe, .roster = on_roster};

static enum fluit_err load_text(struct fluit_store store, const char *name, char *out, size_t cap)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    enum fluit_err err = store.ops->value(store.self, name, &value);
    if (!err && value.len >= cap)
        err = FLUIT_E_FORMAT;
    if (!err) {
        memcpy(out, value.data, value.len);
        out[value.len] = 0;
    }
    fluit_buf_deinit(&value);
    return err;
}

enum fluit_err fluit_guest_init(struct fluit_guest *guest, struct fluit_store store,
                                const struct fluit_guest_config *config,
                                const uint8_t entropy[static 32])
{
    *guest = (struct fluit_guest){.config = *config};
    guest->joining.code = config->code;
    enum fluit_err err = fluit_node_init(&guest->node, store, &hooks, entropy);
    guest->node.node_class = config->node_class;
    if (!err && !config->host[0]) {
        err = load_text(store, "host", guest->config.host, sizeof guest->config.host);
        if (err == FLUIT_E_MISSING)
            err = FLUIT_OK;
    }
    if (err)
        fluit_guest_deinit(guest);
    return err;
}

/* What people type is a story. */
static void forget_line(struct fluit_buf *line)
{
    if (line->data)
        fluit_wipe(line->data, line->cap);
    fluit_buf_deinit(line);
}

void fluit_guest_deinit(struct fluit_guest *guest)
{
    for (uint32_t i = 0; i < guest->waiting_count; i++)
        forget_line(&guest->waiting[i]);
    free(guest->numbered);
    for (uint32_t i = 0; i < guest->undo_count; i++)
        fluit_undo_free(&guest->undo[i]);
    fluit_joining_deinit(&guest->joining);
    fluit_peers_deinit(&guest->peers);
    fluit_node_deinit(&guest->node);
}

static void connect_to(struct fluit_guest *guest, enum fluit_effect_kind kind, uint16_t port,
                       const struct fluit_box_pk *peer, struct fluit_effects *fx)
{
    char endpoint[FLUIT_HOST_LEN_MAX + 32];
    bool ipv6 = strchr(guest->config.host, ':') != NULL;
    int len = snprintf(endpoint, sizeof endpoint, ipv6 ? "tcp://[%s]:%u" : "tcp://%s:%u",
                       guest->config.host, port);
    struct fluit_effect *effect = fluit_effects_add(fx, kind, fluit_slice(endpoint, (size_t)len));
    effect->peer = *peer;
    effect->link = kind == FLUIT_EFFECT_CONNECT ? FLUIT_LINK_HUB : 0;
}

/* An address given by hand counts over the one kept from the welcome. */
static enum fluit_err connect_hub(struct fluit_guest *guest, struct fluit_effects *fx)
{
    struct fluit_node *node = &guest->node;
    struct fluit_hub_address hub;
    enum fluit_err err = fluit_hub_address_load(node->store, &hub);
    if (err)
        return err;
    if (guest->config.door_port && !guest->joining.knocking) {
        hub.sync_port = (uint16_t)(guest->config.door_port + SYNC_AFTER_DOOR);
        hub.control_port = (uint16_t)(guest->config.door_port + CONTROL_AFTER_DOOR);
        hub.collect_port = (uint16_t)(guest->config.door_port + COLLECT_AFTER_DOOR);
        err = fluit_hub_address_save(node->store, &hub);
        if (err)
            return err;
    }
    node->hub_link = hub.link;
    connect_to(guest, FLUIT_EFFECT_CONNECT, hub.sync_port, &hub.link, fx);
    connect_to(guest, FLUIT_EFFECT_SUBSCRIBE, hub.control_port, &hub.link, fx);
    connect_to(guest, FLUIT_EFFECT_FEED_TO, hub.collect_port, &hub.link, fx);
    struct fluit_slice host = fluit_slice_str(guest->config.host);
    return node->store.ops->put(node->store.self, "host", host);
}

/* Now a member: loads the workshop and connects. */
static void enter(struct fluit_guest *guest, struct fluit_effects *fx)
{
    struct fluit_node *node = &guest->node;
    enum fluit_err err = fluit_node_join(node, fx);
    if (!err && node->node_class != guest->config.node_class) {
        char why[160];
        snprintf(why, sizeof why, "this data directory belongs to a %s; start it with 'fluit %s'",
                 fluit_node_class_name(node->node_class), fluit_node_class_name(node->node_class));
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str(why))->link = 2;
        return;
    }
    if (!err)
        err = connect_hub(guest, fx);
    if (err)
        fluit_node_fail(node, err);
}

static void start(struct fluit_guest *guest, struct fluit_effects *fx)
{
    struct fluit_node *node = &guest->node;
    struct fluit_buf workshop = FLUIT_BUF_INIT;
    enum fluit_err err = node->store.ops->value(node->store.self, "workshop", &workshop);
    bool resumed = err == FLUIT_OK;
    fluit_buf_deinit(&workshop);
    if (err && err != FLUIT_E_MISSING) {
        fluit_node_fail(node, err);
        return;
    }
    if (resumed) {
        if (guest->config.code.s[0])
            fluit_effects_print(fx, "this directory has joined before and goes on as it was; its "
                                    "code is not used. A new code needs a new directory");
        enter(guest, fx);
        return;
    }
    if (!guest->config.code.s[0] || !guest->config.host[0]) {
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT,
                          fluit_slice_str("nothing to resume here: give the code and the hub, "
                                          "--code CODE --hub HOST:PORT"))
            ->link = 2;
        return;
    }
    fluit_joining_knock(&guest->joining, node, fx);
}

static void say_ready(struct fluit_guest *guest, struct fluit_effects *fx)
{
    struct fluit_node *node = &guest->node;
    char hex[17];
    fluit_hex(node->root.b, 8, hex);
    guest->told_ready = true;
    /* The same eight bytes stand in the hub's status: who likes can compare. */
    fluit_effects_print(fx, "ready: %s %u of %s; workshop %s",
                        fluit_node_class_name(node->node_class), node->table,
                        node->script->title.in[guest->language], hex);
}

static bool ready(const struct fluit_guest *guest)
{
    return guest->node.joined && guest->node.own.ready && guest->node.script &&
           guest->node.plan.term > 0;
}

static void run_waiting(struct fluit_guest *guest, struct fluit_effects *fx)
{
    for (uint32_t i = 0; i < guest->waiting_count; i++) {
        fluit_guest_line(guest, fluit_buf_slice(&guest->waiting[i]), fx);
        forget_line(&guest->waiting[i]);
    }
    guest->waiting_count = 0;
}

static void on_command(struct fluit_guest *guest, struct fluit_slice line, struct fluit_effects *fx)
{
    if (ready(guest) && guest->told_ready) {
        fluit_guest_line(guest, line, fx);
        return;
    }
    struct fluit_slice rest = line;
    if (fluit_slice_is(fluit_words_next(&rest), "quit")) {
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str("bye"));
        return;
    }
    if (guest->waiting_count == FLUIT_LINES_WAITING_MAX) {
        fluit_guest_no(fx, "not joined yet, and too much waits already; wait for 'ready'");
        return;
    }
    struct fluit_buf *kept = &guest->waiting[guest->waiting_count++];
    fluit_buf_put(kept, line.data, line.len);
}

void fluit_guest_step(void *self, const struct fluit_event *event, struct fluit_effects *fx)
{
    struct fluit_guest *guest = self;
    struct fluit_node *node = &guest->node;
    fluit_node_begin(node, event);
    if (event->kind == FLUIT_EVENT_START)
        start(guest, fx);
    else if (event->kind == FLUIT_EVENT_DOOR && !node->joined) {
        if (fluit_joining_answer(&guest->joining, node, event->bytes, fx))
            enter(guest, fx);
    } else if (event->kind == FLUIT_EVENT_COMMAND)
        on_command(guest, event->bytes, fx);
    else if (event->kind == FLUIT_EVENT_TICK && guest->joining.knocking && !node->joined &&
             event->now_us >= guest->joining.next_us)
        fluit_joining_knock(&guest->joining, node, fx);

    if (event->kind == FLUIT_EVENT_TURN_END && ready(guest)) {
        if (!guest->told_ready) {
            say_ready(guest, fx);
            run_waiting(guest, fx);
        }
        print_plan(guest, fx);
    }
    fluit_node_event(node, event, fx);
    if (event->kind == FLUIT_EVENT_TURN_END && node->own.ready)
        fluit_peers_choose(&guest->peers, node, fx);
}

int64_t fluit_guest_deadline(void *self)
{
    struct fluit_guest *guest = self;
    int64_t at = fluit_node_deadline(&guest->node);
    bool knocking = guest->joining.knocking && !guest->node.joined;
    return knocking && guest->joining.next_us < at ? guest->joining.next_us : at;
}

bool fluit_guest_alarm(void *self, struct fluit_mark *mark, int64_t *local_us)
{
    struct fluit_guest *guest = self;
    return fluit_node_alarm(&guest->node, mark, local_us);
}

bool fluit_guest_admits(void *self, const struct fluit_box_pk *key)
{
    struct fluit_guest *guest = self;
    return fluit_node_admits(&guest->node, key);
}
