#include "node/core/hub.h"

#include <stdlib.h>
#include <string.h>

static struct fluit_hub *hub_of(struct fluit_node *node)
{
    return (struct fluit_hub *)node;
}

static void take_invite(struct fluit_hub *hub, const struct fluit_act *act)
{
    enum fluit_err err = fluit_invites_take(&hub->invites, hub->node.store, act);
    if (fluit_is_store_error(err))
        fluit_node_fail(&hub->node, err);
    else
        hub->node.refused += err != FLUIT_OK;
}

/* One that is mended late, or comes by another way, may be older. */
static void note_armed(struct fluit_hub *hub, uint32_t rank, const struct fluit_act *act)
{
    if (rank >= FLUIT_NODES_MAX)
        return;
    struct fluit_hub_member *m = &hub->members[rank];
    struct fluit_plan was = {.term = m->armed_term, .revision = m->armed_revision};
    struct fluit_plan is = {.term = act->armed.term, .revision = act->armed.revision};
    if (fluit_plan_newer(&is, &was))
        return;
    m->armed_term = act->armed.term;
    m->armed_revision = act->armed.revision;
    m->bound_us = act->armed.bound_us;
}

static void on_act(struct fluit_node *node, const struct fluit_origin *origin,
                   const struct fluit_act *act, struct fluit_effects *fx)
{
    struct fluit_hub *hub = hub_of(node);
    (void)fx;
    if (act->kind == FLUIT_KIND_HELLO)
        fluit_links_hello(&hub->links, origin, act);
    else if (act->kind == FLUIT_KIND_INVITE)
        take_invite(hub, act);
    if (act->kind == FLUIT_KIND_ARMED)
        note_armed(hub, origin->rank, act);
    if (act->kind == FLUIT_KIND_ARMED)
        for (uint8_t i = 0; i < act->armed.mark_count; i++)
            fluit_sounded_add(&hub->sounded, act->armed.marks[i].id);
    if (act->kind == FLUIT_KIND_FIRED)
        fluit_sounded_add(&hub->sounded, act->fired.mark);
    fluit_hub_on_lead(hub, origin, act);
}

static void on_roster(struct fluit_node *node, bool reindexed, struct fluit_effects *fx)
{
    struct fluit_hub *hub = hub_of(node);
    (void)fx;
    hub->links.stale = true;
    hub->grant_us = node->now_us + FLUIT_GRANT_LATE_US;
    if (!reindexed)
        return;
    fluit_links_reindexed(&hub->links);
    memset(hub->members, 0, sizeof hub->members);
}

static enum fluit_err open_if_new(struct fluit_hub *hub, struct fluit_effects *fx)
{
    bool is_new = fluit_node_is_first(&hub->node) && hub->node.plan.term == 0;
    return is_new ? fluit_hub_open_workshop(hub, fx) : FLUIT_OK;
}

static void on_ready(struct fluit_node *node, struct fluit_effects *fx)
{
    enum fluit_err err = open_if_new(hub_of(node), fx);
    if (err)
        fluit_node_fail(node, err);
}

static const struct fluit_node_hooks hooks = {
    .act = on_act, .ready = on_ready, .roster = on_roster};

enum fluit_err fluit_hub_root(const struct fluit_hub *hub, struct fluit_sign_sk *out)
{
    const struct fluit_keyring *ring = &hub->node.keyring;
    for (uint32_t i = 0; i < ring->count; i++) {
        struct fluit_sign_pk pk;
        if (ring->keys[i].purpose != FLUIT_KEY_ROOT)
            continue;
        fluit_sign_keypair(&ring->keys[i].key, &pk, out);
        if (memcmp(pk.b, hub->node.root.b, sizeof pk.b) == 0)
            return FLUIT_OK;
    }
    fluit_wipe(out, sizeof *out);
    return FLUIT_E_NOKEY;
}

/* A person's order to take over that outlives the process that got it; see fluit recover. */
static enum fluit_err load_order(struct fluit_hub *hub, struct fluit_store store)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    enum fluit_err err = store.ops->value(store.self, FLUIT_NAMED_LEAD, &value);
    hub->take_wanted = err == FLUIT_OK;
    fluit_buf_deinit(&value);
    return err == FLUIT_E_MISSING ? FLUIT_OK : err;
}

enum fluit_err fluit_hub_init(struct fluit_hub *hub, struct fluit_store store,
                              const struct fluit_hub_config *config,
                              const uint8_t entropy[static 32])
{
    *hub = (struct fluit_hub){.speed = config->speed, .standby = config->standby};
    hub->joining.code = config->code;
    hub->joining.door_port = config->door_port;
    memcpy(hub->joining.host, config->host, sizeof config->host);
    struct fluit_buf value = FLUIT_BUF_INIT;
    enum fluit_err err = store.ops->value(store.self, "workshop", &value);
    if (err == FLUIT_E_MISSING && config->standby)
        err = FLUIT_OK;
    fluit_buf_deinit(&value);
    if (!err)
        err = fluit_node_init(&hub->node, store, &hooks, entropy);
    hub->node.node_class = config->standby ? FLUIT_NODE_STANDBY : FLUIT_NODE_HUB;
    if (!err)
        err = fluit_invites_load(&hub->invites, store);
    if (!err)
        err = load_order(hub, store);
    if (err)
        fluit_hub_deinit(hub);
    return err;
}

void fluit_hub_deinit(struct fluit_hub *hub)
{
    fluit_invites_deinit(&hub->invites);
    fluit_joining_deinit(&hub->joining);
    fluit_links_deinit(&hub->links);
    fluit_node_deinit(&hub->node);
}

bool fluit_hub_ready(const struct fluit_hub *hub)
{
    const struct fluit_node *node = &hub->node;
    return node->joined && node->own.ready && node->script && node->plan.term > 0;
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
    struct fluit_node *node = &hub->node;
    struct fluit_buf bytes = FLUIT_BUF_INIT, body = FLUIT_BUF_INIT;
    struct fluit_sign_sk root;
    fluit_roster_put(roster, &node->workshop, &bytes);
    fluit_roster_deinit(roster);
    enum fluit_err err = bytes.err ? bytes.err : fluit_hub_root(hub, &root);
    if (!err) {
        struct fluit_sig sig = fluit_roster_sign(&root, fluit_buf_slice(&bytes));
        fluit_wipe(&root, sizeof root);
        err = fluit_node_adopt_roster(node, fluit_buf_slice(&bytes), &sig, fx);
        fluit_roster_body_put(&body, fluit_buf_slice(&bytes), &sig);
    }
    if (!err)
        err = body.err;
    if (!err)
        err =
            fluit_node_append_body(node, FLUIT_CLASS_CONTROL, 0, fluit_buf_slice(&body), NULL, fx);
    fluit_buf_deinit(&body);
    fluit_buf_deinit(&bytes);
    return err;
}

static void enter(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    enum fluit_node_class as = hub->standby ? FLUIT_NODE_STANDBY : FLUIT_NODE_HUB;
    if (!fluit_joining_enter(&hub->joining, node, &hub->links, as, fx))
        return;
    hub->expects_to_lead = fluit_node_is_first(node);
    if (fluit_own_asks_others(node))
        fluit_effects_print(fx, "asking the others what they hold");
}

/* Who was heard when, for the status. */
static void note_heard(struct fluit_hub *hub, const struct fluit_event *event)
{
    int index = fluit_roster_by_link(&hub->node.roster, &event->peer);
    if (index >= 0)
        hub->members[index].heard_us = event->now_us;
}

/* People read them off the screen. */
static void note_addresses(struct fluit_hub *hub, const struct fluit_event *event)
{
    hub->address_count = event->address_count < FLUIT_BEACON_ADDRESSES_MAX
                             ? event->address_count
                             : FLUIT_BEACON_ADDRESSES_MAX;
    for (size_t i = 0; i < hub->address_count; i++)
        hub->addresses[i] = event->addresses[i];
}

void fluit_hub_step(void *self, const struct fluit_event *event, struct fluit_effects *fx)
{
    struct fluit_hub *hub = self;
    struct fluit_node *node = &hub->node;
    fluit_node_begin(node, event);
    switch (event->kind) {
    case FLUIT_EVENT_START:
        if (fluit_joining_begin(&hub->joining, node, fx))
            enter(hub, fx);
        break;
    case FLUIT_EVENT_DOOR:
        if (node->joined)
            fluit_hub_on_door(hub, event, fx);
        else if (fluit_joining_answer(&hub->joining, node, event->bytes, fx))
            enter(hub, fx);
        break;
    case FLUIT_EVENT_COMMAND:
        fluit_hub_line(hub, event->bytes, fx);
        break;
    case FLUIT_EVENT_MESSAGE:
    case FLUIT_EVENT_FRAME:
        note_heard(hub, event);
        break;
    case FLUIT_EVENT_BEACON:
        fluit_discovery_hear(&hub->discovery, node, &hub->joining, &hub->links, event);
        break;
    case FLUIT_EVENT_ADDRESSES:
        note_addresses(hub, event);
        fluit_discovery_tell(node, hub->door_port, event, fx);
        break;
    case FLUIT_EVENT_TICK:
        fluit_joining_tick(&hub->joining, node, fx);
        break;
    case FLUIT_EVENT_TURN_END:
        fluit_own_settle(node, fx);
        fluit_hub_follow_terms(hub, fx);
        fluit_hub_pass_time(hub, fx);
        break;
    default:
        break;
    }
    fluit_links_event(&hub->links, event);
    fluit_node_event(node, event, fx);
    if (event->kind == FLUIT_EVENT_TURN_END)
        fluit_links_choose(&hub->links, node, fx);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t fluit_hub_deadline(void *self)
{
    struct fluit_hub *hub = self;
    int64_t at = sooner(fluit_node_deadline(&hub->node), fluit_hub_plan_deadline(hub));
    at = sooner(at, fluit_hub_terms_deadline(hub));
    at = sooner(at, fluit_joining_deadline(&hub->joining, &hub->node));
    return sooner(at, fluit_links_deadline(&hub->links));
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
