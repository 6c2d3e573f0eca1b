#include "node/core/hub.h"

#include <stdlib.h>
#include <string.h>

#include "node/core/words.h"

static struct fluit_hub *hub_of(struct fluit_node *node)
{
    return (struct fluit_hub *)node;
}

static void on_act(struct fluit_node *node, const struct fluit_origin *origin,
                   const struct fluit_act *act, struct fluit_effects *fx)
{
    struct fluit_hub *hub = hub_of(node);
    (void)fx;
    if (act->kind == FLUIT_KIND_ARMED && origin->rank < FLUIT_NODES_MAX) {
        hub->members[origin->rank].armed_term = act->armed.term;
        hub->members[origin->rank].armed_revision = act->armed.revision;
        hub->members[origin->rank].bound_us = act->armed.bound_us;
    }
    if (act->kind == FLUIT_KIND_ARMED)
        for (uint8_t i = 0; i < act->armed.mark_count; i++)
            fluit_sounded_add(&hub->sounded, act->armed.marks[i].id);
    if (act->kind == FLUIT_KIND_FIRED)
        fluit_sounded_add(&hub->sounded, act->fired.mark);
    fluit_hub_on_lead(hub, act);
}

/* Mesh time goes on where the others have it, or starts from the wall clock. */
static void lead_time(struct fluit_node *node)
{
    if (!fluit_clock_known(&node->clock))
        fluit_clock_set(&node->clock, node->now_us, node->wall_us, 0);
    fluit_clock_lead(&node->clock, node->now_us);
    fluit_node_save_clock(node); /* once: a leader's does not change any more */
}

static enum fluit_err append_roster(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_buf kept = FLUIT_BUF_INIT;
    enum fluit_err err = node->store.ops->value(node->store.self, "roster", &kept);
    if (!err)
        err =
            fluit_node_append_body(node, FLUIT_CLASS_CONTROL, 0, fluit_buf_slice(&kept), NULL, fx);
    fluit_buf_deinit(&kept);
    return err;
}

static enum fluit_err append_script(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_buf yaml = FLUIT_BUF_INIT;
    enum fluit_err err = node->store.ops->value(node->store.self, "script", &yaml);
    if (!err) {
        struct fluit_act act = {.kind = FLUIT_KIND_SCRIPT};
        act.script.yaml = fluit_buf_slice(&yaml);
        err = fluit_node_append(node, &act, 0, NULL, fx);
    }
    fluit_buf_deinit(&yaml);
    return err;
}

static enum fluit_err append_term(struct fluit_hub *hub, uint32_t number, struct fluit_effects *fx)
{
    struct fluit_term term = {.number = number, .hub = hub->node.self.sign_pk};
    struct fluit_buf body = FLUIT_BUF_INIT;
    fluit_term_sign(&term, &hub->root_sk, &hub->node.workshop);
    fluit_term_put(&term, &body);
    enum fluit_err err = body.err;
    if (!err)
        err = fluit_node_append_body(&hub->node, FLUIT_CLASS_CONTROL, 0, fluit_buf_slice(&body),
                                     NULL, fx);
    fluit_buf_deinit(&body);
    return err;
}

/* The first words of a workshop. */
static enum fluit_err open_workshop(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    enum fluit_err err = append_roster(node, fx);
    if (!err)
        err = append_script(node, fx);
    if (!err)
        err = append_term(hub, 1, fx);
    if (!err && !node->script)
        err = FLUIT_E_FORMAT;
    if (err)
        return err;
    struct fluit_act act = {.kind = FLUIT_KIND_PLAN};
    fluit_plan_first(node->script, 1, &act.plan);
    return fluit_node_append(node, &act, 0, NULL, fx);
}

static void on_ready(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_hub *hub = hub_of(node);
    lead_time(node);
    enum fluit_err err = node->plan.term ? FLUIT_OK : open_workshop(hub, fx);
    if (err) {
        fluit_node_fail(node, err);
        return;
    }
    fluit_effects_print(fx, "ready: tables can join now");
    fluit_hub_say_step(hub, fx);
}

static const struct fluit_node_hooks hooks = {.act = on_act, .ready = on_ready};

static enum fluit_err load_root(struct fluit_hub *hub)
{
    const struct fluit_keyring *ring = &hub->node.keyring;
    for (uint32_t i = 0; i < ring->count; i++) {
        struct fluit_sign_pk pk;
        if (ring->keys[i].purpose != FLUIT_KEY_ROOT)
            continue;
        fluit_sign_keypair(&ring->keys[i].key, &pk, &hub->root_sk);
        if (memcmp(pk.b, hub->node.root.b, sizeof pk.b) == 0)
            return FLUIT_OK;
    }
    return FLUIT_E_NOKEY;
}

enum fluit_err fluit_hub_init(struct fluit_hub *hub, struct fluit_store store, double speed,
                              const uint8_t entropy[static 32])
{
    *hub = (struct fluit_hub){.speed = speed};
    struct fluit_buf value = FLUIT_BUF_INIT;
    enum fluit_err err = store.ops->value(store.self, "workshop", &value);
    if (!err) {
        err = store.ops->value(store.self, "script", &value);
        err = err == FLUIT_E_MISSING ? FLUIT_E_DENIED : err;
    }
    fluit_buf_deinit(&value);
    if (!err)
        err = fluit_node_init(&hub->node, store, &hooks, entropy);
    hub->node.node_class = FLUIT_NODE_HUB;
    if (!err)
        err = fluit_invites_load(&hub->invites, store);
    if (err)
        fluit_hub_deinit(hub);
    return err;
}

void fluit_hub_deinit(struct fluit_hub *hub)
{
    fluit_invites_deinit(&hub->invites);
    fluit_wipe(&hub->root_sk, sizeof hub->root_sk);
    fluit_node_deinit(&hub->node);
}

enum fluit_err fluit_hub_copy_roster(const struct fluit_hub *hub, struct fluit_roster *out)
{
    const struct fluit_roster *from = &hub->node.roster;
    struct fluit_roster copy = {.revision = from->revision + 1};
    enum fluit_err err = FLUIT_OK;
    for (uint32_t i = 0; i < from->count && !err; i++)
        err = fluit_roster_add(&copy, &from->members[i]);
    if (err)
        fluit_roster_deinit(&copy);
    else
        *out = copy;
    return err;
}

enum fluit_err fluit_hub_publish_roster(struct fluit_hub *hub, struct fluit_roster *roster,
                                        struct fluit_effects *fx)
{
    struct fluit_buf bytes = FLUIT_BUF_INIT;
    fluit_roster_put(roster, &hub->node.workshop, &bytes);
    fluit_roster_deinit(roster);
    enum fluit_err err = bytes.err;
    if (!err) {
        struct fluit_sig sig = fluit_roster_sign(&hub->root_sk, fluit_buf_slice(&bytes));
        err = fluit_node_adopt_roster(&hub->node, fluit_buf_slice(&bytes), &sig, fx);
    }
    if (!err)
        err = append_roster(&hub->node, fx);
    fluit_buf_deinit(&bytes);
    return err;
}

static void start(struct fluit_hub *hub, struct fluit_effects *fx)
{
    enum fluit_err err = fluit_node_join(&hub->node, fx);
    if (!err)
        err = load_root(hub);
    if (err) {
        fluit_node_fail(&hub->node, err);
        return;
    }
    if (fluit_own_asks_others(&hub->node))
        fluit_effects_print(fx, "resuming: asking the tables what they hold");
}

/* Who was heard when, for the status. */
static void note_heard(struct fluit_hub *hub, const struct fluit_event *event)
{
    int index = fluit_roster_by_link(&hub->node.roster, &event->peer);
    if (index >= 0)
        hub->members[index].heard_us = event->now_us;
}

void fluit_hub_step(void *self, const struct fluit_event *event, struct fluit_effects *fx)
{
    struct fluit_hub *hub = self;
    fluit_node_begin(&hub->node, event);
    switch (event->kind) {
    case FLUIT_EVENT_START:
        start(hub, fx);
        break;
    case FLUIT_EVENT_DOOR:
        fluit_hub_on_door(hub, event, fx);
        break;
    case FLUIT_EVENT_COMMAND:
        fluit_hub_line(hub, event->bytes, fx);
        break;
    case FLUIT_EVENT_MESSAGE:
    case FLUIT_EVENT_FRAME:
        note_heard(hub, event);
        break;
    case FLUIT_EVENT_TURN_END:
        fluit_hub_pass_time(hub, fx);
        break;
    default:
        break;
    }
    fluit_node_event(&hub->node, event, fx);
}

int64_t fluit_hub_deadline(void *self)
{
    struct fluit_hub *hub = self;
    int64_t at = fluit_node_deadline(&hub->node);
    int64_t plan_at = fluit_hub_plan_deadline(hub);
    return plan_at < at ? plan_at : at;
}

bool fluit_hub_alarm(void *self, struct fluit_mark *mark, int64_t *local_us)
{
    struct fluit_hub *hub = self;
    return fluit_node_alarm(&hub->node, mark, local_us);
}

bool fluit_hub_admits(void *self, const struct fluit_box_pk *key)
{
    struct fluit_hub *hub = self;
    return fluit_node_admits(&hub->node, key);
}
