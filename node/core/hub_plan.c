/* hub_plan.c: leading the agenda, and closing rounds. */
#include <stdlib.h>
#include <string.h>

#include "node/core/hub.h"

static bool publish_plan(struct fluit_hub *hub, const struct fluit_plan *plan,
                         struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PLAN, .plan = *plan};
    enum fluit_err err = fluit_node_append(&hub->node, &act, 0, NULL, fx);
    if (err == FLUIT_E_BUSY)
        fluit_effects_print(fx,
                            "no: one moment, the hub is still asking the tables what they hold");
    else if (err)
        fluit_effects_print(fx, "no: the plan could not be saved: %s", fluit_err_text(err));
    return !err;
}

void fluit_hub_order(struct fluit_hub *hub, enum fluit_order order, int64_t arg_us,
                     struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    struct fluit_plan plan;
    char say[FLUIT_PLAN_SAY_LEN];
    if (node->plan.term == 0 || !fluit_clock_known(&node->clock)) {
        fluit_effects_print(fx,
                            "no: one moment, the hub is still asking the tables what they hold");
        return;
    }
    hub->sounded.place = fluit_roster_place(&node->roster, (uint32_t)fluit_node_member(node));
    enum fluit_err err = fluit_plan_order(node->script, hub->speed, &node->plan, order, arg_us,
                                          fluit_node_mesh_us(node), &hub->sounded, &plan, say);
    if (err) {
        fluit_effects_print(fx, "no: %s", say);
        return;
    }
    if (!publish_plan(hub, &plan, fx))
        return;
    fluit_hub_say_step(hub, fx);
    if (say[0])
        fluit_effects_print(fx, "mind: %s", say);
}

/* A round that ended is cut when its wrap-up is over; one that runs again is not. */
static void note_plan(struct fluit_hub *hub, const struct fluit_plan *plan)
{
    fluit_sounded_note(&hub->sounded, plan);
    if (plan->round == 0 || plan->round > FLUIT_ROUNDS_MAX || plan->state == FLUIT_PLAN_READY)
        return;
    struct fluit_plan newest = {.term = hub->rounds[plan->round].term,
                                .revision = hub->rounds[plan->round].revision};
    if (newest.term && !fluit_plan_newer(&newest, plan))
        return;
    hub->rounds[plan->round].term = plan->term;
    hub->rounds[plan->round].revision = plan->revision;
    bool ended = plan->state == FLUIT_PLAN_ENDED && plan->wrap_up_us > 0;
    hub->rounds[plan->round].due_us = ended ? plan->wrap_up_us : 0;
}

/* When steps really ran. Plans that are told again, or late, change nothing. */
static void note_took(struct fluit_hub *hub, const struct fluit_plan *plan, int64_t mesh_us)
{
    struct fluit_plan *last = &hub->took_plan;
    if (plan->step >= FLUIT_STEPS_MAX || (last->term && !fluit_plan_newer(last, plan)))
        return;
    struct fluit_took *left = &hub->took[last->step], *took = &hub->took[plan->step];
    if (last->step != plan->step && left->start_us && !left->end_us)
        left->end_us = mesh_us; /* left while it ran */
    if (plan->start_us && (!took->start_us || took->end_us || plan->start_us < took->start_us))
        took->start_us = plan->start_us;
    if (plan->state != FLUIT_PLAN_READY)
        took->end_us = plan->state == FLUIT_PLAN_ENDED ? plan->end_us : 0;
    *last = *plan;
}

void fluit_hub_on_lead(struct fluit_hub *hub, const struct fluit_origin *origin,
                       const struct fluit_act *act)
{
    if (act->kind == FLUIT_KIND_PLAN) {
        note_plan(hub, &act->plan);
        note_took(hub, &act->plan, origin->mesh_us);
    } else if (act->kind == FLUIT_KIND_CUT && act->cut.round <= FLUIT_ROUNDS_MAX &&
               act->cut.closed_us > hub->rounds[act->cut.round].cut_us) {
        hub->rounds[act->cut.round].cut_us = act->cut.closed_us;
    }
}

static bool is_cut_due(const struct fluit_hub *hub, uint8_t round)
{
    return hub->rounds[round].due_us > hub->rounds[round].cut_us;
}

bool fluit_hub_is_closed(const struct fluit_hub *hub, uint8_t round)
{
    return hub->rounds[round].due_us > 0 && !is_cut_due(hub, round) && hub->rounds[round].seq == 0;
}

/* Everything held now belongs to the round; what comes later is late, never lost. */
static void cut(struct fluit_hub *hub, uint8_t round, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    struct fluit_cut_head *heads = calloc(node->replica.count + 1, sizeof *heads);
    if (!heads) {
        fluit_node_fail(node, FLUIT_E_NOMEM);
        return;
    }
    struct fluit_act act = {.kind = FLUIT_KIND_CUT};
    act.cut.round = round;
    act.cut.term = node->plan.term;
    act.cut.closed_us = hub->rounds[round].due_us;
    act.cut.heads = heads;
    for (uint32_t i = 0; i < node->replica.count; i++) {
        const struct fluit_feed_info *info = &node->replica.feeds[i]->info;
        if (info->seq > 0)
            heads[act.cut.head_count++] = (struct fluit_cut_head){info->id, info->seq, info->hash};
    }
    enum fluit_err err = fluit_node_append(node, &act, 0, &hub->rounds[round].seq, fx);
    free(heads);
    if (err && err != FLUIT_E_BUSY)
        fluit_node_fail(node, err);
}

/* A round is called closed only when its cut would survive this machine. */
static void say_closed(struct fluit_hub *hub, uint8_t round, struct fluit_effects *fx)
{
    struct fluit_sync *sync = &hub->node.sync;
    uint32_t others = fluit_sync_peer_count(sync), wanted = others < 2 ? others : 2;
    uint64_t seq = hub->rounds[round].seq;
    if (seq == 0 || fluit_sync_held_by(sync, hub->node.own.index, seq, NULL) < wanted)
        return;
    hub->rounds[round].seq = 0;
    fluit_effects_print(fx, "round %u is closed; what still comes in for it is marked late", round);
}

void fluit_hub_pass_time(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    struct fluit_plan plan;
    if (!fluit_node_leads(node) || node->plan.term == 0 || node->failed)
        return;
    int64_t mesh_us = fluit_node_mesh_us(node);
    if (fluit_plan_pass(&node->plan, mesh_us, &plan) && publish_plan(hub, &plan, fx))
        fluit_hub_say_step(hub, fx);
    for (uint8_t round = 1; round <= FLUIT_ROUNDS_MAX; round++) {
        if (is_cut_due(hub, round) && mesh_us >= hub->rounds[round].due_us)
            cut(hub, round, fx);
        say_closed(hub, round, fx);
    }
}

int64_t fluit_hub_plan_deadline(const struct fluit_hub *hub)
{
    const struct fluit_node *node = &hub->node;
    if (!fluit_node_leads(node) || node->plan.term == 0)
        return INT64_MAX;
    int64_t at = fluit_plan_deadline(&node->plan);
    for (uint8_t round = 1; round <= FLUIT_ROUNDS_MAX; round++)
        if (is_cut_due(hub, round) && hub->rounds[round].due_us < at)
            at = hub->rounds[round].due_us;
    return at == INT64_MAX ? at : fluit_clock_local(&node->clock, at);
}
