/* timekeeping.c: mesh time on this node, and the whistle that goes by it. */
#include <string.h>

#include "node/core/node.h"

#define CLOCK_SAVE_GAP_US 30000000
#define TERM_EARLY_US     1000000  /* a hub writes its term sooner after it began to lead */
#define RESTART_GAP_US    10000000 /* no machine is started again faster */

int64_t fluit_node_mesh_us(const struct fluit_node *node)
{
    return fluit_clock_known(&node->clock) ? fluit_clock_mesh(&node->clock, node->now_us) : 0;
}

void fluit_node_load_clock(struct fluit_node *node)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    if (!node->store.ops->value(node->store.self, "clock", &value) &&
        fluit_clock_restore(&node->clock, node->boot_id, node->now_us, fluit_buf_slice(&value)))
        node->clock_saved_us = 0; /* another boot, or none saved: others will tell */
    node->clock_heard_us = node->clock_led_us = node->clock.base.at_us;
    fluit_buf_deinit(&value);
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

void fluit_node_on_ask(struct fluit_node *node, uint32_t link, int64_t t1, struct fluit_effects *fx)
{
    /* A hub that comes back leads until it hears otherwise: it has to listen first. */
    if (!fluit_clock_known(&node->clock) || (node->clock.leading && !node->own.ready))
        return;
    struct fluit_buf out = FLUIT_BUF_INIT;
    int64_t mesh = fluit_node_mesh_us(node);
    fluit_put_time(&out, t1, mesh, mesh, fluit_clock_bound(&node->clock, node->now_us));
    struct fluit_effect *send = fluit_effects_add(fx, FLUIT_EFFECT_SEND, fluit_buf_slice(&out));
    send->link = link;
    send->hint = true;
    fluit_buf_deinit(&out);
}

void fluit_node_doubt_rate(struct fluit_node *node, int64_t since_us)
{
    fluit_clock_follow(&node->clock, node->now_us, since_us);
    node->clock_heard_us = node->clock_led_us = node->now_us;
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

void fluit_node_on_time(struct fluit_node *node, uint32_t link, const struct fluit_message *m)
{
    if (!was_asked(node, link, m->time.t1)) {
        node->refused++;
        return;
    }
    const struct fluit_sync_link *hub = fluit_node_hub_link(node);
    bool by_hub = hub && hub->id == link;
    int64_t since_us = by_hub ? node->clock_led_us : node->clock_heard_us;
    if (!node->clock.leading && node->now_us - since_us > RESTART_GAP_US)
        fluit_node_doubt_rate(node, since_us);
    if (!fluit_clock_sample(&node->clock, m->time.t1, m->time.t2, m->time.t3, node->now_us,
                            m->time.bound_us))
        return;
    node->clock_heard_us = node->now_us;
    if (by_hub)
        node->clock_led_us = node->now_us;
    if (!node->clock_saved_us || node->now_us - node->clock_saved_us >= CLOCK_SAVE_GAP_US)
        fluit_node_save_clock(node);
}

/* Nothing is armed or sounded before the mesh time is known, and before our own feed is whole: what
 * it says was sounded must not sound again. */
static void start_alarm(struct fluit_node *node)
{
    if (!node->own.ready || node->alarm.started || !fluit_clock_known(&node->clock))
        return;
    int64_t latest = fluit_node_mesh_us(node) + fluit_clock_bound(&node->clock, node->now_us);
    fluit_alarm_started(&node->alarm, latest);
}

bool fluit_node_alarm(const struct fluit_node *node, struct fluit_mark *mark, int64_t *local_us)
{
    if (!node->alarm.started || !node->own.ready || !fluit_alarm_next(&node->alarm, mark))
        return false;
    *local_us = fluit_clock_local(&node->clock, mark->at_us);
    return true;
}

void fluit_node_note_whistled(struct fluit_node *node, const struct fluit_act *act)
{
    for (uint32_t i = 0; i < node->whistled_count; i++)
        if (fluit_mark_id_eq(node->whistled[i].mark, act->fired.mark))
            return;
    if (node->whistled_count == FLUIT_WHISTLED_KEPT)
        memmove(node->whistled, node->whistled + 1,
                --node->whistled_count * sizeof node->whistled[0]);
    node->whistled[node->whistled_count++] =
        (struct fluit_whistled){act->fired.mark, act->fired.at_us, act->fired.outputs};
}

void fluit_node_on_fired(struct fluit_node *node, const struct fluit_event *event,
                         struct fluit_effects *fx)
{
    fluit_alarm_fired(&node->alarm, event->fired.mark.id);
    struct fluit_act act = {.kind = FLUIT_KIND_FIRED};
    act.fired.mark = event->fired.mark.id;
    act.fired.at_us = fluit_clock_mesh(&node->clock, event->fired.local_us);
    act.fired.bound_us = fluit_clock_bound(&node->clock, event->fired.local_us);
    act.fired.outputs = event->fired.outputs;
    enum fluit_err err = fluit_node_append(node, &act, event->fired.mark.id.round, NULL, fx);
    if (fluit_is_store_error(err) && err != FLUIT_E_BUSY)
        fluit_node_fail(node, err);
}

void fluit_node_arm(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_act act;
    start_alarm(node);
    if (!node->own.ready || node->failed || !fluit_alarm_to_arm(&node->alarm, &act))
        return;
    act.armed.bound_us = fluit_clock_bound(&node->clock, node->now_us);
    if (!fluit_node_append(node, &act, 0, NULL, fx))
        fluit_alarm_armed(&node->alarm, &act);
}

/* Local: since when the hub of the newest term leads, at the earliest. */
static int64_t leads_since(const struct fluit_node *node)
{
    if (!node->term_mesh_us)
        return node->clock_since_us;
    return fluit_clock_local(&node->clock, node->term_mesh_us) - TERM_EARLY_US;
}

/* Another hub leads mesh time on at a rate that is not known, maybe since long. */
static void note_leader(struct fluit_node *node)
{
    static const struct fluit_box_pk nobody;
    struct fluit_box_pk hub;
    if (!fluit_node_hub_key(node, &hub) || memcmp(hub.b, node->clock_by.b, sizeof hub.b) == 0)
        return;
    if (memcmp(node->clock_by.b, nobody.b, sizeof hub.b) != 0 && !node->clock.leading)
        fluit_node_doubt_rate(node, leads_since(node));
    memset(node->asked, 0, sizeof node->asked); /* who is still to answer may follow the other */
    node->clock_by = hub;
    node->clock_since_us = node->now_us;
}

/* Someone who goes by the newest term's mesh time, so who holds that term; NULL: nobody is known
 * to. Others may still follow the hub before. */
static struct fluit_sync_link *someone_in_time(struct fluit_node *node)
{
    int feed = node->term_seq ? fluit_replica_find(&node->replica, &node->term_feed) : -1;
    uint32_t from = (uint32_t)fluit_rng_below(&node->rng, node->sync.count);
    for (uint32_t i = 0; i < node->sync.count; i++) {
        struct fluit_sync_link *link = &node->sync.links[(from + i) % node->sync.count];
        if (feed < 0 || fluit_sync_link_has(link, (uint32_t)feed) >= node->term_seq)
            return link;
    }
    return NULL;
}

void fluit_node_ask_time(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_mark mark;
    int64_t mark_us;
    note_leader(node);
    if (fluit_node_alarm(node, &mark, &mark_us))
        fluit_clock_prepare(&node->clock, mark_us);
    if (node->sync.count == 0 || fluit_clock_wants(&node->clock, node->now_us) > node->now_us)
        return;
    struct fluit_sync_link *link = fluit_node_hub_link(node);
    if (!link)
        link = someone_in_time(node);
    fluit_clock_sent(&node->clock, node->now_us);
    if (!link)
        return;
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_put_ask(&out, node->now_us);
    struct fluit_effect *send = fluit_effects_add(fx, FLUIT_EFFECT_SEND, fluit_buf_slice(&out));
    send->link = link->id;
    send->hint = true;
    fluit_buf_deinit(&out);
    uint32_t place = node->asked_next++ % FLUIT_ASKED_MAX;
    node->asked[place].link = link->id;
    node->asked[place].t1_us = node->now_us;
    node->asked[place].open = true;
}
