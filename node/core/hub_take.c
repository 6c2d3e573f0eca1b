/* hub_take.c: taking over and stepping down. PROTOCOL.md "Terms", "Takeover".
 *
 * Who leads is decided by the terms that root signed, nothing else: a hub that meets a higher one
 * has stepped down. Mesh time goes on as each keeps it; the plan goes on as it was last known. */
#include <stdlib.h>
#include <string.h>

#include "node/core/hub.h"

/* Mesh time goes on where the others have it, or starts from the wall clock: but a machine whose
 * battery is empty wakes up years ago, and what hubs have written is not of the future. */
static void lead_time(struct fluit_node *node)
{
    int64_t begin_us = node->wall_us > node->told_us ? node->wall_us : node->told_us;
    if (!fluit_clock_known(&node->clock))
        fluit_clock_set(&node->clock, node->now_us, begin_us, 0);
    fluit_clock_lead(&node->clock, node->now_us);
    fluit_node_save_clock(node); /* once: a leader's does not change any more */
}

/* The other may have begun anew from another wall clock: only its answers tell. */
static void follow_time(struct fluit_node *node)
{
    if (!node->clock.leading)
        return;
    fluit_clock_set(&node->clock, node->now_us, fluit_node_mesh_us(node), FLUIT_CLOCK_BOUND_MAX_US);
    fluit_clock_burst(&node->clock);
    fluit_node_save_clock(node);
}

static enum fluit_err append_value(struct fluit_hub *hub, const char *name,
                                   enum fluit_err (*append)(struct fluit_hub *hub,
                                                            struct fluit_slice value,
                                                            struct fluit_effects *fx),
                                   struct fluit_effects *fx)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    struct fluit_store *store = &hub->node.store;
    enum fluit_err err = store->ops->value(store->self, name, &value);
    if (!err)
        err = append(hub, fluit_buf_slice(&value), fx);
    fluit_buf_deinit(&value);
    return err;
}

static enum fluit_err append_roster(struct fluit_hub *hub, struct fluit_slice body,
                                    struct fluit_effects *fx)
{
    return fluit_node_append_body(&hub->node, FLUIT_CLASS_CONTROL, 0, body, NULL, fx);
}

static enum fluit_err append_script(struct fluit_hub *hub, struct fluit_slice yaml,
                                    struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_SCRIPT};
    act.script.yaml = yaml;
    return fluit_node_append(&hub->node, &act, 0, NULL, fx);
}

static enum fluit_err append_term(struct fluit_hub *hub, uint32_t number, struct fluit_effects *fx)
{
    struct fluit_term term = {.number = number, .hub = hub->node.self.sign_pk};
    struct fluit_buf body = FLUIT_BUF_INIT;
    struct fluit_sign_sk root;
    enum fluit_err err = fluit_hub_root(hub, &root);
    if (err)
        return err;
    fluit_term_sign(&term, &root, &hub->node.workshop);
    fluit_wipe(&root, sizeof root);
    fluit_term_put(&term, &body);
    err = body.err;
    if (!err)
        err = fluit_node_append_body(&hub->node, FLUIT_CLASS_CONTROL, 0, fluit_buf_slice(&body),
                                     NULL, fx);
    fluit_buf_deinit(&body);
    return err;
}

enum fluit_err fluit_hub_open_workshop(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    uint32_t number = fluit_term_after(0, (uint32_t)fluit_node_member(node));
    enum fluit_err err = append_value(hub, "roster", append_roster, fx);
    if (!err)
        err = append_value(hub, "script", append_script, fx);
    if (!err)
        err = append_term(hub, number, fx);
    if (!err && !node->script)
        err = FLUIT_E_FORMAT;
    if (err)
        return err;
    struct fluit_act act = {.kind = FLUIT_KIND_PLAN};
    fluit_plan_first(node->script, number, &act.plan);
    return fluit_node_append(node, &act, 0, NULL, fx);
}

/* What keeps it from leading; NULL: nothing. */
static const char *hindrance(const struct fluit_hub *hub)
{
    const struct fluit_node *node = &hub->node;
    struct fluit_sign_sk root;
    if (!node->joined || !node->own.ready)
        return "one moment, it is still asking the others what they hold";
    if (!node->script || node->plan.term == 0 || !fluit_clock_known(&node->clock))
        return "it does not hold the workshop yet; let it reach the hub or any table first";
    if (fluit_hub_root(hub, &root))
        return "the hub has not yet given it the workshop's root key; let it reach the hub or any "
               "table first";
    fluit_wipe(&root, sizeof root);
    return NULL;
}

void fluit_hub_take_over(struct fluit_hub *hub, struct fluit_effects *fx)
{
    const char *why = fluit_node_leads(&hub->node) ? "this hub leads already" : hindrance(hub);
    if (why)
        fluit_effects_print(fx, "no: %s", why);
    else
        hub->take_wanted = true;
}

static enum fluit_err sign_next_term(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    const struct fluit_term *newest = fluit_terms_newest(&node->terms);
    uint32_t rank = (uint32_t)fluit_node_member(node);
    uint32_t number = fluit_term_after(newest ? newest->number : 0, rank);
    /* The plan as it is: marks keep their ids and times, so that none is whistled twice. */
    struct fluit_act act = {.kind = FLUIT_KIND_PLAN, .plan = node->plan};
    act.plan.term = number;
    act.plan.revision = 1;
    enum fluit_err err = number ? append_term(hub, number, fx) : FLUIT_E_LIMIT;
    return err ? err : fluit_node_append(node, &act, 0, NULL, fx);
}

/* A code on paper must be good whoever leads when it is typed. */
static enum fluit_err tell_invites(struct fluit_hub *hub, struct fluit_effects *fx)
{
    enum fluit_err err = FLUIT_OK;
    for (uint32_t i = 0; i < hub->invites.count && !err; i++)
        if (hub->invites.items[i].revision == 0)
            err = fluit_hub_keep_invite(hub, &hub->invites.items[i], fx);
    return err;
}

/* The recovery key is on paper no more. */
static enum fluit_err show_in_roster(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    int self = fluit_node_member(node);
    struct fluit_roster roster = {0};
    if (self < 0 || node->roster.members[self].state != FLUIT_STATE_PAPER)
        return FLUIT_OK;
    enum fluit_err err = fluit_hub_copy_roster(hub, &roster);
    if (err)
        return err;
    roster.members[self].state = FLUIT_STATE_ACTIVE;
    return fluit_hub_publish_roster(hub, &roster, fx);
}

static void begin_to_lead(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    bool taken = hub->take_wanted;
    hub->take_wanted = false;
    hub->grant_us = node->now_us + FLUIT_GRANT_LATE_US;
    lead_time(node);
    enum fluit_err err = show_in_roster(hub, fx);
    if (!err)
        err = tell_invites(hub, fx);
    if (!err && taken)
        err = node->store.ops->drop(node->store.self, FLUIT_NAMED_LEAD);
    if (err && err != FLUIT_E_MISSING) {
        fluit_node_fail(node, err);
        return;
    }
    fluit_own_grant(node, false, fx);
    fluit_effects_print(fx, taken ? "this hub leads now; tables follow by themselves"
                                  : "ready: tables can join now");
    fluit_hub_say_step(hub, fx);
}

static void step_down(struct fluit_hub *hub, struct fluit_effects *fx)
{
    follow_time(&hub->node);
    fluit_effects_print(fx,
                        "! another hub leads now: this one has stepped down. What it alone held "
                        "goes to the other, nothing is lost; it goes on as a standby");
}

/* Members that two hubs let in without knowing of each other. */
static void bring_together(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    struct fluit_roster roster = {0}, lost = node->lost;
    enum fluit_err err = fluit_hub_copy_roster(hub, &roster);
    for (uint32_t i = 0; i < lost.count && !err; i++)
        if (fluit_roster_lacks(&roster, &lost.members[i]))
            err = fluit_roster_bring(&roster, &lost.members[i]);
    if (err == FLUIT_E_LIMIT) /* what fits is brought */
        err = FLUIT_OK;
    node->lost = (struct fluit_roster){0};
    fluit_roster_deinit(&lost);
    if (err)
        fluit_roster_deinit(&roster);
    else
        err = fluit_hub_publish_roster(hub, &roster, fx);
    if (err)
        fluit_node_fail(node, err);
}

static void say_standby(struct fluit_hub *hub, struct fluit_effects *fx)
{
    hub->told_ready = true;
    follow_time(&hub->node);
    fluit_effects_print(fx, "ready: this standby holds what the hub holds; 'takeover' makes it the "
                            "hub");
}

/* Authors hand their keys to new readers themselves. One that has lost a key, or is gone, can't. */
static void grant_late(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    if (!hub->grant_us || node->now_us < hub->grant_us || !fluit_node_leads(node))
        return;
    hub->grant_us = 0;
    fluit_own_grant(node, true, fx);
}

int64_t fluit_hub_terms_deadline(const struct fluit_hub *hub)
{
    return hub->grant_us && fluit_node_leads(&hub->node) ? hub->grant_us : INT64_MAX;
}

void fluit_hub_follow_terms(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    if (!node->joined || !node->own.ready || node->failed)
        return;
    if (hub->take_wanted && !fluit_node_leads(node) && !hindrance(hub) && sign_next_term(hub, fx)) {
        fluit_node_fail(node, FLUIT_E_LIMIT);
        return;
    }
    bool leads = fluit_node_leads(node);
    if (leads && !hub->led)
        begin_to_lead(hub, fx);
    else if (!leads && (hub->led || (hub->expects_to_lead && node->plan.term > 0)))
        step_down(hub, fx);
    else if (!leads && !hub->told_ready && node->plan.term > 0)
        say_standby(hub, fx);
    if (leads || node->plan.term > 0)
        hub->expects_to_lead = false;
    hub->told_ready |= leads;
    hub->led = leads;
    if (leads && node->lost.count > 0 && !node->failed)
        bring_together(hub, fx);
    grant_late(hub, fx);
}
