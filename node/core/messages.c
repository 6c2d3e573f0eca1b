/* messages.c: what other nodes send: entries, heads, wants, clock messages; and whom this node
 * tells what it took in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/node.h"
#include "proto/door.h"

#define COMPLAIN_GAP_US 1000000

void fluit_node_complain(struct fluit_node *node, struct fluit_effects *fx, const char *who,
                         const char *what)
{
    node->refused++;
    if (node->complained_us && node->now_us - node->complained_us < COMPLAIN_GAP_US)
        return;
    node->complained_us = node->now_us;
    fluit_effects_print(fx, "! from %s: %s; ignored, nothing is lost", who, what);
}

static const char *name_of(const struct fluit_node *node, const struct fluit_box_pk *peer,
                           char out[static 32])
{
    int index = fluit_roster_by_link(&node->roster, peer);
    if (index < 0)
        return "a stranger";
    const struct fluit_member *m = &node->roster.members[index];
    if (m->table)
        snprintf(out, 32, "%s %u", fluit_node_class_name(m->node_class), m->table);
    else
        snprintf(out, 32, "%s", fluit_node_class_name(m->node_class));
    return out;
}

void fluit_node_advanced(struct fluit_node *node, uint32_t feed)
{
    if (feed >= node->advanced_cap) {
        uint32_t cap = node->advanced_cap ? node->advanced_cap : 32;
        while (cap <= feed)
            cap *= 2;
        bool *advanced = realloc(node->advanced, cap * sizeof *advanced);
        if (!advanced)
            return; /* the heartbeat acknowledges it */
        memset(advanced + node->advanced_cap, 0, cap - node->advanced_cap);
        node->advanced = advanced;
        node->advanced_cap = cap;
    }
    node->advanced[feed] = true;
}

static void on_entries(struct fluit_node *node, const struct fluit_event *event,
                       const struct fluit_message *batch, struct fluit_effects *fx)
{
    char name[32];
    int author = fluit_roster_by_sign(&node->roster, &batch->entries.author);
    if (author < 0 || !fluit_node_holds(node, author))
        return; /* not in our roster yet: it will be asked for once it is; or others' to hold */
    uint32_t feed;
    uint64_t from, to;
    enum fluit_err err = fluit_replica_ingest(&node->replica, batch, &feed, &from, &to);
    struct fluit_sync_link *link = event->kind == FLUIT_EVENT_MESSAGE
                                       ? fluit_sync_link(&node->sync, event->link)
                                       : fluit_sync_link_to(&node->sync, &event->peer);
    if (fluit_is_store_error(err)) {
        fluit_node_fail(node, err);
        return;
    }
    if (err == FLUIT_E_CHAIN) { /* a gap: sync fills it */
        int index;
        struct fluit_feed_id id = fluit_feed_id(&batch->entries.author, batch->entries.incarnation);
        if ((index = fluit_replica_find(&node->replica, &id)) >= 0)
            fluit_sync_got(&node->sync, link, (uint32_t)index,
                           node->replica.feeds[index]->known_seq);
        return;
    }
    if (err) {
        fluit_node_complain(node, fx, name_of(node, &event->peer, name),
                            err == FLUIT_E_FORK ? "it tells two different stories (a fork)"
                                                : fluit_err_text(err));
        return;
    }
    fluit_sync_got(&node->sync, link, feed, to);
    if (event->kind == FLUIT_EVENT_FRAME || from <= to)
        fluit_node_advanced(node, feed);
    if (from > to)
        return;
    /* Of a long story others hear in HEADS, and ask whom they like for it; sent unasked as well it
     * would cross what they asked for. */
    bool live = event->kind == FLUIT_EVENT_FRAME || batch->entries.count <= FLUIT_LIVE_ENTRIES_MAX;
    if (live && fluit_node_leads(node))
        fluit_effects_add(fx, FLUIT_EFFECT_PUBLISH, event->bytes)->topic =
            node->replica.feeds[feed]->info.id;
    fluit_intake(node, feed, from, to, fx);
}

static void on_ask_roster(struct fluit_node *node, uint32_t link, struct fluit_effects *fx)
{
    struct fluit_buf kept = FLUIT_BUF_INIT, out = FLUIT_BUF_INIT;
    struct fluit_slice bytes = {0};
    struct fluit_sig sig;
    enum fluit_err err = node->store.ops->value(node->store.self, "roster", &kept);
    if (!err)
        err = fluit_roster_body_get(fluit_buf_slice(&kept), &bytes, &sig);
    if (!err)
        fluit_put_roster(&out, bytes, &sig);
    if (!err && !out.err)
        fluit_effects_add(fx, FLUIT_EFFECT_SEND, fluit_buf_slice(&out))->link = link;
    else if (fluit_is_store_error(err))
        fluit_node_fail(node, err);
    fluit_buf_deinit(&out);
    fluit_buf_deinit(&kept);
}

bool fluit_node_on_who(const struct fluit_node *node, const struct fluit_event *event,
                       uint16_t sync_port, struct fluit_effects *fx)
{
    struct fluit_who who = {node->workshop, node->root, node->self.link_pk, sync_port};
    struct fluit_buf out = FLUIT_BUF_INIT;
    if (!fluit_who_is_asked(event->bytes))
        return false;
    if (node->joined && sync_port > 0) {
        fluit_who_answer(&who, &out);
        fluit_effects_add(fx, FLUIT_EFFECT_DOOR, fluit_buf_slice(&out))->link = event->link;
    }
    fluit_buf_deinit(&out);
    return true;
}

void fluit_node_on_message(struct fluit_node *node, const struct fluit_event *event,
                           struct fluit_effects *fx)
{
    char name[32];
    struct fluit_sync_link *link = fluit_sync_link(&node->sync, event->link);
    bool frame = event->kind == FLUIT_EVENT_FRAME;
    if (!node->joined || (!link && !frame) || !fluit_node_admits(node, &event->peer))
        return;
    if (link)
        link->heard_us = node->now_us;
    struct fluit_message message;
    enum fluit_err err = fluit_message_get(&message, event->bytes);
    if (err && err != FLUIT_E_UNKNOWN)
        fluit_node_complain(node, fx, name_of(node, &event->peer, name), "a malformed message");
    else if (!err && message.type == FLUIT_MESSAGE_ENTRIES)
        on_entries(node, event, &message, fx);
    else if (!err && !frame && message.type == FLUIT_MESSAGE_ASK)
        fluit_node_on_ask(node, event->link, message.ask.t1, fx);
    else if (!err && !frame && message.type == FLUIT_MESSAGE_TIME)
        fluit_node_on_time(node, event->link, &message);
    else if (!err && !frame && message.type == FLUIT_MESSAGE_ASK_ROSTER)
        on_ask_roster(node, event->link, fx);
    else if (!err && !frame && message.type == FLUIT_MESSAGE_ROSTER)
        node->refused++; /* nobody here asked */
    else if (!err && !frame)
        err = fluit_sync_message(&node->sync, link, &node->roster, &message, node->now_us,
                                 fluit_node_wire(fx));
    if (fluit_is_store_error(err))
        fluit_node_fail(node, err);
    else if (err == FLUIT_E_AUTH)
        fluit_node_complain(node, fx, name_of(node, &event->peer, name), "heads nobody signed");
    fluit_message_deinit(&message);
}

/* The hub tells authors what it now holds of theirs; without a hub each node tells its peers what
 * it holds more than they, so that entries travel on at once. What is told leaves after the commit.
 */
static void tell_advance(struct fluit_node *node, uint32_t feed, struct fluit_effects *fx)
{
    struct fluit_sync *sync = &node->sync;
    const struct fluit_feed_info *info = &node->replica.feeds[feed]->info;
    if (fluit_node_leads(node)) {
        int author = fluit_roster_by_sign(&node->roster, &info->author);
        struct fluit_sync_link *link =
            author < 0 ? NULL : fluit_sync_link_to(sync, &node->roster.members[author].link);
        if (link)
            fluit_sync_tell(sync, link->id, feed, fluit_node_wire(fx));
    } else if (!fluit_node_hub_link(node)) {
        for (uint32_t i = 0; i < sync->count; i++)
            if (fluit_sync_link_has(&sync->links[i], feed) < info->seq)
                fluit_sync_tell(sync, sync->links[i].id, feed, fluit_node_wire(fx));
    }
}

void fluit_node_tell_advances(struct fluit_node *node, struct fluit_effects *fx)
{
    for (uint32_t i = 0; i < node->advanced_cap && i < node->replica.count; i++) {
        if (node->advanced[i])
            tell_advance(node, i, fx);
        node->advanced[i] = false;
    }
}
