#include "node/core/node.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/body.h"

#define COMPLAIN_GAP_US   1000000
#define CLOCK_SAVE_GAP_US 30000000

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

int64_t fluit_node_mesh_us(const struct fluit_node *node)
{
    return fluit_clock_known(&node->clock) ? fluit_clock_mesh(&node->clock, node->now_us) : 0;
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

void fluit_node_complain(struct fluit_node *node, struct fluit_effects *fx, const char *who,
                         const char *what)
{
    node->refused++;
    if (node->complained_us && node->now_us - node->complained_us < COMPLAIN_GAP_US)
        return;
    node->complained_us = node->now_us;
    fluit_effects_print(fx, "! from %s: %s; ignored, nothing is lost", who, what);
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

static void load_clock(struct fluit_node *node)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    if (!node->store.ops->value(node->store.self, "clock", &value) &&
        fluit_clock_restore(&node->clock, node->boot_id, node->now_us, fluit_buf_slice(&value)))
        node->clock_saved_us = 0; /* another boot, or none saved: others will tell */
    fluit_buf_deinit(&value);
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
    load_clock(node);
    node->joined = true;
    node->own.wait_until_us = node->now_us + FLUIT_OWN_COPY_WAIT_US;
    fluit_intake_all(node, fx);
    return node->failed;
}

/* Messages. */

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

static bool is_store_error(enum fluit_err err)
{
    return err == FLUIT_E_IO || err == FLUIT_E_FULL || err == FLUIT_E_NOMEM || err == FLUIT_E_BUSY;
}

static void on_entries(struct fluit_node *node, const struct fluit_event *event,
                       const struct fluit_message *batch, struct fluit_effects *fx)
{
    char name[32];
    int author = fluit_roster_by_sign(&node->roster, &batch->entries.author);
    if (author < 0)
        return; /* not in our roster yet: it will be asked for once it is */
    uint32_t feed;
    uint64_t from, to;
    enum fluit_err err = fluit_replica_ingest(&node->replica, batch, &feed, &from, &to);
    struct fluit_sync_link *link = event->kind == FLUIT_EVENT_MESSAGE
                                       ? fluit_sync_link(&node->sync, event->link)
                                       : fluit_sync_link_to(&node->sync, &event->peer);
    if (is_store_error(err)) {
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
    if (node->node_class == FLUIT_NODE_HUB)
        fluit_effects_add(fx, FLUIT_EFFECT_PUBLISH, event->bytes)->topic =
            node->replica.feeds[feed]->info.id;
    fluit_intake(node, feed, from, to, fx);
}

static void on_ask(struct fluit_node *node, uint32_t link, int64_t t1, struct fluit_effects *fx)
{
    if (!fluit_clock_known(&node->clock))
        return;
    struct fluit_buf out = FLUIT_BUF_INIT;
    int64_t mesh = fluit_node_mesh_us(node);
    fluit_put_time(&out, t1, mesh, mesh, fluit_clock_bound(&node->clock, node->now_us));
    struct fluit_effect *send = fluit_effects_add(fx, FLUIT_EFFECT_SEND, fluit_buf_slice(&out));
    send->link = link;
    send->hint = true;
    fluit_buf_deinit(&out);
}

/* Nothing is armed or sounded before the mesh time is known. */
static void start_alarm(struct fluit_node *node)
{
    if (!node->joined || node->alarm.started || !fluit_clock_known(&node->clock))
        return;
    int64_t latest = fluit_node_mesh_us(node) + fluit_clock_bound(&node->clock, node->now_us);
    fluit_alarm_started(&node->alarm, latest);
}

void fluit_node_save_clock(struct fluit_node *node)
{
    uint8_t saved[FLUIT_CLOCK_SAVED_LEN];
    fluit_clock_save(&node->clock, node->boot_id, saved);
    enum fluit_err err =
        node->store.ops->put(node->store.self, "clock", fluit_slice(saved, sizeof saved));
    if (err)
        fluit_node_fail(node, err);
    node->clock_saved_us = node->now_us;
}

/* Did we ask that on this link? Whoever answers unasked could choose t1, and so our clock. */
static bool was_asked(struct fluit_node *node, uint32_t link, int64_t t1_us)
{
    for (uint32_t i = 0; i < FLUIT_ASKED_MAX; i++)
        if (node->asked[i].open && node->asked[i].link == link && node->asked[i].t1_us == t1_us) {
            node->asked[i].open = false;
            return true;
        }
    return false;
}

static void on_time(struct fluit_node *node, uint32_t link, const struct fluit_message *m)
{
    if (!was_asked(node, link, m->time.t1)) {
        node->refused++;
        return;
    }
    if (!fluit_clock_sample(&node->clock, m->time.t1, m->time.t2, m->time.t3, node->now_us,
                            m->time.bound_us))
        return;
    if (!node->clock_saved_us || node->now_us - node->clock_saved_us >= CLOCK_SAVE_GAP_US)
        fluit_node_save_clock(node);
}

static void on_message(struct fluit_node *node, const struct fluit_event *event,
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
        on_ask(node, event->link, message.ask.t1, fx);
    else if (!err && !frame && message.type == FLUIT_MESSAGE_TIME)
        on_time(node, event->link, &message);
    else if (!err && !frame)
        err = fluit_sync_message(&node->sync, link, &node->roster, &message, node->now_us,
                                 fluit_node_wire(fx));
    if (is_store_error(err))
        fluit_node_fail(node, err);
    else if (err == FLUIT_E_AUTH)
        fluit_node_complain(node, fx, name_of(node, &event->peer, name), "heads nobody signed");
    fluit_message_deinit(&message);
}

static void on_fired(struct fluit_node *node, const struct fluit_event *event,
                     struct fluit_effects *fx)
{
    fluit_alarm_fired(&node->alarm, event->fired.mark.id);
    struct fluit_act act = {.kind = FLUIT_KIND_FIRED};
    act.fired.mark = event->fired.mark.id;
    act.fired.at_us = fluit_clock_mesh(&node->clock, event->fired.local_us);
    act.fired.bound_us = fluit_clock_bound(&node->clock, event->fired.local_us);
    act.fired.outputs = event->fired.outputs;
    enum fluit_err err = fluit_node_append(node, &act, event->fired.mark.id.round, NULL, fx);
    if (is_store_error(err) && err != FLUIT_E_BUSY)
        fluit_node_fail(node, err);
}

static void arm(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_act act;
    start_alarm(node);
    if (!node->own.ready || node->failed || !fluit_alarm_to_arm(&node->alarm, &act))
        return;
    act.armed.bound_us = fluit_clock_bound(&node->clock, node->now_us);
    if (!fluit_node_append(node, &act, 0, NULL, fx))
        fluit_alarm_armed(&node->alarm, &act);
}

static void ask_time(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_mark mark;
    int64_t mark_us;
    if (fluit_node_alarm(node, &mark, &mark_us))
        fluit_clock_prepare(&node->clock, mark_us);
    if (node->sync.count == 0 || fluit_clock_wants(&node->clock, node->now_us) > node->now_us)
        return;
    struct fluit_sync_link *link = fluit_sync_link(&node->sync, FLUIT_LINK_HUB);
    if (!link)
        link = &node->sync.links[fluit_rng_below(&node->rng, node->sync.count)];
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_put_ask(&out, node->now_us);
    struct fluit_effect *send = fluit_effects_add(fx, FLUIT_EFFECT_SEND, fluit_buf_slice(&out));
    send->link = link->id;
    send->hint = true;
    fluit_buf_deinit(&out);
    fluit_clock_sent(&node->clock, node->now_us);
    uint32_t place = node->asked_next++ % FLUIT_ASKED_MAX;
    node->asked[place].link = link->id;
    node->asked[place].t1_us = node->now_us;
    node->asked[place].open = true;
}

/* The hub tells authors what it now holds of theirs; without a hub each node tells its peers what
 * it holds more than they, so that entries travel on at once. What is told leaves after the commit.
 */
static void tell_advance(struct fluit_node *node, uint32_t feed, struct fluit_effects *fx)
{
    struct fluit_sync *sync = &node->sync;
    const struct fluit_feed_info *info = &node->replica.feeds[feed]->info;
    if (node->node_class == FLUIT_NODE_HUB) {
        int author = fluit_roster_by_sign(&node->roster, &info->author);
        struct fluit_sync_link *link =
            author < 0 ? NULL : fluit_sync_link_to(sync, &node->roster.members[author].link);
        if (link)
            fluit_sync_tell(sync, link->id, feed, fluit_node_wire(fx));
    } else if (!fluit_sync_link(sync, FLUIT_LINK_HUB)) {
        for (uint32_t i = 0; i < sync->count; i++)
            if (fluit_sync_link_has(&sync->links[i], feed) < info->seq)
                fluit_sync_tell(sync, sync->links[i].id, feed, fluit_node_wire(fx));
    }
}

static void tell_advances(struct fluit_node *node, struct fluit_effects *fx)
{
    for (uint32_t i = 0; i < node->advanced_cap && i < node->replica.count; i++) {
        if (node->advanced[i])
            tell_advance(node, i, fx);
        node->advanced[i] = false;
    }
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
    if (!node->joined || node->failed)
        return;
    fluit_own_settle(node, fx);
    arm(node, fx);
    fluit_own_publish(node, fx);
    tell_advances(node, fx);
    fluit_sync_pull(&node->sync, node->now_us, fluit_node_wire(fx));
    fluit_own_follow_up(node, fx);
    ask_time(node, fx);
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
        on_message(node, event, fx);
        break;
    case FLUIT_EVENT_FIRED:
        on_fired(node, event, fx);
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

bool fluit_node_alarm(const struct fluit_node *node, struct fluit_mark *mark, int64_t *local_us)
{
    if (!node->alarm.started || !node->own.ready || !fluit_alarm_next(&node->alarm, mark))
        return false;
    *local_us = fluit_clock_local(&node->clock, mark->at_us);
    return true;
}

bool fluit_node_admits(const struct fluit_node *node, const struct fluit_box_pk *link)
{
    int index = fluit_roster_by_link(&node->roster, link);
    return index >= 0 && fluit_member_admitted(&node->roster.members[index]);
}
