#include "node/core/fetch.h"

#include <stdio.h>
#include <string.h>

#include "proto/door.h"
#include "proto/message.h"

#define ASK_GAP_US 500000
#define GIVE_UP_US INT64_C(15000000)

static const struct fluit_node_hooks no_hooks = {0};

enum fluit_err fluit_fetch_init(struct fluit_fetch *fetch, struct fluit_store store,
                                const struct fluit_secret *recovery, const char *host,
                                uint16_t door_port, const uint8_t entropy[static 32])
{
    *fetch = (struct fluit_fetch){.door_port = door_port};
    snprintf(fetch->host, sizeof fetch->host, "%.255s", host);
    enum fluit_err err =
        store.ops->put(store.self, "seed", fluit_slice(recovery->b, sizeof recovery->b));
    if (!err)
        err = fluit_node_init(&fetch->node, store, &no_hooks, entropy);
    fetch->node.node_class = FLUIT_NODE_STANDBY;
    fetch->node.reading = true;
    return err;
}

void fluit_fetch_deinit(struct fluit_fetch *fetch)
{
    fluit_node_deinit(&fetch->node);
}

static void end(struct fluit_fetch *fetch, uint32_t status, const char *why,
                struct fluit_effects *fx)
{
    if (!fetch->ended)
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str(why))->link = status;
    fetch->ended = true;
}

static void endpoint_of(const struct fluit_fetch *fetch, uint16_t port,
                        char out[static FLUIT_ENDPOINT_LEN_MAX + 1])
{
    bool ipv6 = strchr(fetch->host, ':') != NULL;
    snprintf(out, FLUIT_ENDPOINT_LEN_MAX + 1, ipv6 ? "tcp://[%.240s]:%u" : "tcp://%.240s:%u",
             fetch->host, port);
}

/* Asking. */

static void ask_who(struct fluit_fetch *fetch, struct fluit_effects *fx)
{
    char door[FLUIT_ENDPOINT_LEN_MAX + 1];
    struct fluit_buf out = FLUIT_BUF_INIT;
    endpoint_of(fetch, fetch->door_port, door);
    fluit_effects_add(fx, FLUIT_EFFECT_OPEN_DOOR, fluit_slice_str(door));
    fluit_who_ask(&out);
    fluit_effects_add(fx, FLUIT_EFFECT_DOOR, fluit_buf_slice(&out));
    fluit_buf_deinit(&out);
}

static void ask_roster(struct fluit_effects *fx)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_put_ask_roster(&out);
    fluit_effects_add(fx, FLUIT_EFFECT_SEND, fluit_buf_slice(&out))->link = FLUIT_LINK_KEPT;
    fluit_buf_deinit(&out);
}

static void on_door(struct fluit_fetch *fetch, struct fluit_slice answer, struct fluit_effects *fx)
{
    struct fluit_node *node = &fetch->node;
    struct fluit_who who;
    char at[FLUIT_ENDPOINT_LEN_MAX + 1];
    if (fetch->connecting || fluit_who_read(answer, &who))
        return;
    fetch->connecting = true;
    node->workshop = who.workshop;
    node->root = who.root;
    enum fluit_err err = node->store.ops->put(node->store.self, "workshop",
                                              fluit_slice(who.workshop.b, sizeof who.workshop.b));
    if (!err)
        err = node->store.ops->put(node->store.self, "root",
                                   fluit_slice(who.root.b, sizeof who.root.b));
    if (err)
        fluit_node_fail(node, err);
    endpoint_of(fetch, who.sync_port, at);
    fluit_effects_add(fx, FLUIT_EFFECT_DROP_LINK, fluit_slice(NULL, 0));
    struct fluit_effect *connect = fluit_effects_add(fx, FLUIT_EFFECT_CONNECT, fluit_slice_str(at));
    connect->link = FLUIT_LINK_KEPT;
    connect->peer = who.link;
}

/* The roster is the one thing that can't be had from feeds that nobody's authors are known of. */
static void on_roster(struct fluit_fetch *fetch, const struct fluit_event *event,
                      struct fluit_effects *fx)
{
    struct fluit_node *node = &fetch->node;
    struct fluit_message message;
    struct fluit_roster roster = {0};
    struct fluit_buf body = FLUIT_BUF_INIT;
    enum fluit_err err = fluit_message_get(&message, event->bytes);
    if (!err && message.type == FLUIT_MESSAGE_ROSTER) {
        err = fluit_roster_get(&roster, &node->root, &node->workshop, message.roster.bytes,
                               &message.roster.sig);
        if (!err && fluit_roster_by_sign(&roster, &node->self.sign_pk) < 0)
            end(fetch, FLUIT_FETCH_FAILED, "this is not the recovery key of that workshop", fx);
        fluit_roster_body_put(&body, message.roster.bytes, &message.roster.sig);
        if (!err)
            err = node->store.ops->put(node->store.self, "roster", fluit_buf_slice(&body));
        if (!err)
            err = fluit_node_join(node, fx);
        if (!err)
            err = fluit_sync_up(&node->sync, event->link, &event->peer, node->now_us,
                                fluit_node_wire(fx));
        if (fluit_is_store_error(err))
            fluit_node_fail(node, err);
    }
    fluit_message_deinit(&message);
    fluit_roster_deinit(&roster);
    fluit_buf_deinit(&body);
}

/* Has all come? */

static bool is_whole(struct fluit_fetch *fetch)
{
    struct fluit_node *node = &fetch->node;
    const struct fluit_sync_link *link = fluit_sync_link(&node->sync, FLUIT_LINK_KEPT);
    uint64_t held = 0;
    bool whole = link && link->told_of_us;
    for (uint32_t i = 0; i < node->replica.count; i++) {
        const struct fluit_feed *feed = node->replica.feeds[i];
        held += feed->info.seq;
        whole = whole && (feed->forked || feed->info.seq >= feed->known_seq);
    }
    if (held != fetch->held)
        fetch->give_up_us = node->now_us + GIVE_UP_US;
    fetch->held = held;
    return whole && held > 0;
}

static void on_tick(struct fluit_fetch *fetch, struct fluit_effects *fx)
{
    struct fluit_node *node = &fetch->node;
    if (node->now_us >= fetch->give_up_us) {
        end(fetch, FLUIT_FETCH_FAILED,
            node->joined        ? "what that device holds stopped coming; try again, or another one"
            : fetch->connecting ? "that device does not let this key in: is it the recovery key of "
                                  "its workshop?"
                                : "no answer from there; is that the address that 'status' at its "
                                  "console shows?",
            fx);
        return;
    }
    if (node->joined || node->now_us < fetch->next_us)
        return;
    fetch->next_us = node->now_us + ASK_GAP_US;
    if (fetch->connecting)
        ask_roster(fx);
    else
        ask_who(fetch, fx);
}

void fluit_fetch_step(void *self, const struct fluit_event *event, struct fluit_effects *fx)
{
    struct fluit_fetch *fetch = self;
    struct fluit_node *node = &fetch->node;
    fluit_node_begin(node, event);
    if (event->kind == FLUIT_EVENT_START)
        fetch->give_up_us = event->now_us + GIVE_UP_US;
    if (event->kind == FLUIT_EVENT_START || event->kind == FLUIT_EVENT_TICK)
        on_tick(fetch, fx);
    else if (event->kind == FLUIT_EVENT_DOOR)
        on_door(fetch, event->bytes, fx);
    else if (event->kind == FLUIT_EVENT_LINK_UP && !node->joined)
        ask_roster(fx);
    else if (event->kind == FLUIT_EVENT_MESSAGE && !node->joined)
        on_roster(fetch, event, fx);
    if (node->joined && event->kind != FLUIT_EVENT_DOOR)
        fluit_node_event(node, event, fx);
    if (event->kind == FLUIT_EVENT_TURN_END && node->joined && is_whole(fetch))
        end(fetch, FLUIT_FETCH_DONE, "", fx);
}

int64_t fluit_fetch_deadline(void *self)
{
    struct fluit_fetch *fetch = self;
    int64_t at = fluit_node_deadline(&fetch->node);
    if (!fetch->node.joined && fetch->next_us < at)
        at = fetch->next_us;
    return fetch->give_up_us < at ? fetch->give_up_us : at;
}

bool fluit_fetch_alarm(void *self, struct fluit_mark *mark, int64_t *local_us)
{
    (void)self;
    (void)mark;
    (void)local_us;
    return false;
}

bool fluit_fetch_admits(void *self, const struct fluit_box_pk *key)
{
    (void)self;
    (void)key;
    return false;
}
