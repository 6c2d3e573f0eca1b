#include "node/core/node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/body.h"

void fluit_node_fail(struct fluit_node *node, enum fluit_err err)
{
    if (!node->failed)
        node->failed = err;
}

/* The seed, and so the identity, is made once and kept before it is first used. */
static enum fluit_err load_seed(struct fluit_node *node)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    struct fluit_secret seed;
    enum fluit_err err = node->store.ops->value(node->store.self, "seed", &value);
    if (err == FLUIT_E_MISSING) {
        fluit_rng_bytes(&node->rng, seed.b, sizeof seed.b);
        err = node->store.ops->put(node->store.self, "seed", fluit_slice(seed.b, sizeof seed.b));
    } else if (!err && value.len != sizeof seed.b) {
        err = FLUIT_E_FORMAT;
    } else if (!err) {
        memcpy(seed.b, value.data, sizeof seed.b);
    }
    if (!err)
        fluit_identity_from_seed(&seed, &node->self);
    fluit_wipe(&seed, sizeof seed);
    if (value.data)
        fluit_wipe(value.data, value.cap);
    fluit_buf_deinit(&value);
    return err;
}

enum fluit_err fluit_node_init(struct fluit_node *node, struct fluit_store store,
                               const struct fluit_node_hooks *hooks,
                               const uint8_t entropy[static 32])
{
    *node = (struct fluit_node){.store = store, .hooks = hooks};
    fluit_rng_seed(&node->rng, entropy, 32);
    fluit_clock_init(&node->clock);
    return load_seed(node);
}

void fluit_node_deinit(struct fluit_node *node)
{
    fluit_fold_free(node->fold);
    fluit_script_free(node->script);
    fluit_sync_deinit(&node->sync);
    fluit_replica_deinit(&node->replica);
    fluit_roster_deinit(&node->roster);
    fluit_roster_deinit(&node->lost);
    fluit_keyring_deinit(&node->keyring);
    fluit_identity_wipe(&node->self);
    free(node->grants);
    free(node->unread);
    free(node->advanced);
    *node = (struct fluit_node){0};
}

void fluit_node_begin(struct fluit_node *node, const struct fluit_event *event)
{
    node->now_us = event->now_us;
    node->wall_us = event->wall_us;
    memcpy(node->boot_id, event->boot_id, sizeof node->boot_id);
    fluit_rng_stir(&node->rng, event->entropy);
}

bool fluit_node_is_first(const struct fluit_node *node)
{
    const struct fluit_term *newest = fluit_terms_newest(&node->terms);
    if (!newest)
        return node->node_class == FLUIT_NODE_HUB;
    return memcmp(newest->hub.b, node->self.sign_pk.b, sizeof newest->hub.b) == 0;
}

bool fluit_node_leads(const struct fluit_node *node)
{
    return node->own.ready && fluit_node_is_first(node);
}

bool fluit_node_hub_key(const struct fluit_node *node, struct fluit_box_pk *key)
{
    static const struct fluit_box_pk nobody;
    const struct fluit_term *newest = fluit_terms_newest(&node->terms);
    int index = newest ? fluit_roster_by_sign(&node->roster, &newest->hub) : -1;
    if (fluit_node_is_first(node))
        return false;
    *key = index >= 0 ? node->roster.members[index].link : node->welcomed_by;
    return memcmp(key->b, nobody.b, sizeof nobody.b) != 0;
}

struct fluit_sync_link *fluit_node_hub_link(struct fluit_node *node)
{
    struct fluit_box_pk key;
    return fluit_node_hub_key(node, &key) ? fluit_sync_link_to(&node->sync, &key) : NULL;
}

bool fluit_is_store_error(enum fluit_err err)
{
    return err == FLUIT_E_IO || err == FLUIT_E_FULL || err == FLUIT_E_NOMEM || err == FLUIT_E_BUSY;
}

int fluit_node_member(const struct fluit_node *node)
{
    return fluit_roster_by_sign(&node->roster, &node->self.sign_pk);
}

bool fluit_node_origin(const struct fluit_node *node, uint32_t feed,
                       const struct fluit_header *header, struct fluit_origin *origin)
{
    const struct fluit_feed_info *info = &node->replica.feeds[feed]->info;
    int index = fluit_roster_by_sign(&node->roster, &info->author);
    if (index < 0)
        return false;
    const struct fluit_member *member = &node->roster.members[index];
    *origin = (struct fluit_origin){
        .table = member->table,
        .author = member->node_class,
        .rank = (uint32_t)index,
        .seq = header->seq,
        .round = header->round,
        .mesh_us = header->mesh_us,
        .feed = info->id,
    };
    memcpy(origin->incarnation, info->incarnation, sizeof origin->incarnation);
    return true;
}

static void wire_send(void *self, uint32_t link, struct fluit_slice bytes)
{
    fluit_effects_add(self, FLUIT_EFFECT_SEND, bytes)->link = link;
}

struct fluit_wire fluit_node_wire(struct fluit_effects *fx)
{
    return (struct fluit_wire){wire_send, fx};
}

/* Joining: what the store knows of the workshop. */

static enum fluit_err load_key(void *arg, const char *name, struct fluit_slice value)
{
    struct fluit_node *node = arg;
    struct fluit_held_key key;
    uint32_t number = (uint32_t)strtoul(name + strlen("key/"), NULL, 10);
    enum fluit_err err = fluit_held_key_get(&key, value);
    if (!err)
        err = fluit_keyring_add(&node->keyring, &key);
    fluit_wipe(&key, sizeof key);
    /* Also when it was kept by this process, before it joined: no name is used twice. */
    if (node->keys_saved <= number)
        node->keys_saved = number + 1;
    return err;
}

static enum fluit_err load_roster(struct fluit_node *node)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    struct fluit_slice bytes = {0};
    struct fluit_sig sig;
    enum fluit_err err = node->store.ops->value(node->store.self, "roster", &value);
    if (!err)
        err = fluit_roster_body_get(fluit_buf_slice(&value), &bytes, &sig);
    if (!err)
        err = fluit_roster_get(&node->roster, &node->root, &node->workshop, bytes, &sig);
    fluit_buf_deinit(&value);
    return err;
}

static enum fluit_err load_fixed(struct fluit_node *node, const char *name, void *out, size_t len)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    enum fluit_err err = node->store.ops->value(node->store.self, name, &value);
    if (!err && value.len != len)
        err = FLUIT_E_FORMAT;
    if (!err)
        memcpy(out, value.data, len);
    fluit_buf_deinit(&value);
    return err;
}

static void take_part(struct fluit_node *node)
{
    int index = fluit_node_member(node);
    if (index < 0)
        return;
    node->node_class = node->roster.members[index].node_class;
    node->table = node->roster.members[index].table;
}

enum fluit_err fluit_node_join(struct fluit_node *node, struct fluit_effects *fx)
{
    assert(!node->joined);
    enum fluit_err err = load_fixed(node, "workshop", node->workshop.b, sizeof node->workshop.b);
    if (!err)
        err = load_fixed(node, "root", node->root.b, sizeof node->root.b);
    if (!err)
        err = load_roster(node);
    if (!err)
        err = node->store.ops->values(node->store.self, "key/", load_key, node);
    if (!err)
        err = fluit_replica_init(&node->replica, node->store, &node->workshop);
    if (err)
        return err;
    take_part(node);
    fluit_sync_init(&node->sync, &node->replica);
    fluit_node_share_holding(node);
    fluit_node_load_clock(node);
    node->joined = true;
    node->own.wait_until_us = node->now_us + FLUIT_OWN_COPY_WAIT_US;
    fluit_intake_all(node, fx);
    return node->failed;
}

static void on_link_up(struct fluit_node *node, const struct fluit_event *event,
                       struct fluit_effects *fx)
{
    if (!node->joined || !fluit_node_admits(node, &event->peer))
        return;
    enum fluit_err err =
        fluit_sync_up(&node->sync, event->link, &event->peer, node->now_us, fluit_node_wire(fx));
    if (err == FLUIT_E_LIMIT) { /* somebody opens them without end: this one is one too many */
        fluit_effects_add(fx, FLUIT_EFFECT_DROP_LINK, fluit_slice(NULL, 0))->link = event->link;
        return;
    }
    if (err)
        fluit_node_fail(node, err);
    fluit_clock_burst(&node->clock);
    if (node->own.ready)
        node->own.remind_us = node->now_us + FLUIT_ACK_WAIT_US;
}

static void on_turn_end(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_box_pk hub;
    if (!node->joined || node->failed)
        return;
    fluit_sync_pace(&node->sync, fluit_node_hub_key(node, &hub) ? &hub : NULL, node->now_us);
    fluit_own_settle(node, fx);
    fluit_node_arm(node, fx);
    fluit_own_publish(node, fx);
    fluit_node_tell_advances(node, fx);
    fluit_sync_pull(&node->sync, node->now_us, fluit_node_wire(fx));
    fluit_own_follow_up(node, fx);
    fluit_node_ask_time(node, fx);
}

void fluit_node_event(struct fluit_node *node, const struct fluit_event *event,
                      struct fluit_effects *fx)
{
    switch (event->kind) {
    case FLUIT_EVENT_LINK_UP:
        on_link_up(node, event, fx);
        break;
    case FLUIT_EVENT_LINK_DOWN:
        fluit_sync_down(&node->sync, event->link);
        break;
    case FLUIT_EVENT_MESSAGE:
    case FLUIT_EVENT_FRAME:
        fluit_node_on_message(node, event, fx);
        break;
    case FLUIT_EVENT_FIRED:
        fluit_node_on_fired(node, event, fx);
        break;
    case FLUIT_EVENT_TICK:
        if (node->joined)
            fluit_sync_tick(&node->sync, node->now_us, fluit_node_wire(fx));
        break;
    case FLUIT_EVENT_TURN_END:
        on_turn_end(node, fx);
        break;
    case FLUIT_EVENT_START:
    case FLUIT_EVENT_DOOR:
    case FLUIT_EVENT_BEACON:
    case FLUIT_EVENT_ADDRESSES:
    case FLUIT_EVENT_REQUEST:
    case FLUIT_EVENT_COMMAND:
        break;
    }
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t fluit_node_deadline(const struct fluit_node *node)
{
    if (!node->joined)
        return INT64_MAX;
    int64_t at = fluit_sync_deadline(&node->sync);
    if (!node->own.ready) {
        at = sooner(at, node->own.wait_until_us);
        int64_t grace_over_us = node->own.answered_us + FLUIT_OWN_COPY_GRACE_US;
        if (node->own.answered_us && grace_over_us > node->now_us)
            at = sooner(at, grace_over_us);
    }
    if (node->own.remind_us)
        at = sooner(at, node->own.remind_us);
    if (node->sync.count > 0)
        at = sooner(at, fluit_clock_wants(&node->clock, node->now_us));
    return at;
}

bool fluit_node_admits(const struct fluit_node *node, const struct fluit_box_pk *link)
{
    int index = fluit_roster_by_link(&node->roster, link);
    return index >= 0 && fluit_member_admitted(&node->roster.members[index]);
}
