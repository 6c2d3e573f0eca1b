/* hub_status.c: how it goes, in people's words. */
#include <stdio.h>
#include <string.h>

#include "node/core/hub.h"

#define PEER_BEAT_US (FLUIT_PEER_BEATS * FLUIT_HEARTBEAT_US)

static const char *const state_names[] = {"", "ready", "running", "paused", "ended"};

void fluit_hub_say_step(struct fluit_hub *hub, struct fluit_effects *fx)
{
    const struct fluit_node *node = &hub->node;
    const struct fluit_plan *plan = &node->plan;
    if (plan->term == 0 || !node->script || plan->step >= node->script->step_count)
        return;
    int64_t mesh_us = fluit_node_mesh_us(node);
    int64_t left_s = (fluit_plan_left(plan, mesh_us) + 999999) / 1000000;
    char left[48] = "";
    if (left_s > 0)
        snprintf(left, sizeof left, ", %lld:%02lld left", (long long)(left_s / 60),
                 (long long)(left_s % 60));
    bool soon = plan->state == FLUIT_PLAN_RUNNING && plan->start_us > mesh_us;
    fluit_effects_print(fx, "step %d of %d, %s: %s%s", plan->step + 1, node->script->step_count,
                        node->script->steps[plan->step].title.in[hub->language],
                        soon ? "starts in a moment" : state_names[plan->state], left);
}

struct fluit_hub_seen fluit_hub_seen(struct fluit_hub *hub, uint32_t index)
{
    struct fluit_node *node = &hub->node;
    const struct fluit_hub_member *seen = &hub->members[index];
    struct fluit_hub_seen v = {.safe = true};
    /* Who does not lead hears of the others less often. */
    int64_t dead_us = FLUIT_LINK_DEAD_US + (fluit_node_leads(node) ? 0 : PEER_BEAT_US);
    v.here = seen->heard_us && node->now_us - seen->heard_us < dead_us;
    v.ready = seen->armed_term == node->plan.term && seen->armed_revision == node->plan.revision;
    for (uint32_t i = 0; i < node->replica.count; i++) {
        const struct fluit_feed *feed = node->replica.feeds[i];
        if (memcmp(feed->info.author.b, node->roster.members[index].sign.b, 32) == 0 &&
            feed->known_seq > feed->info.seq)
            v.safe = false;
    }
    return v;
}

static const char *say_here(const struct fluit_member *m, struct fluit_hub_seen v)
{
    if (m->state == FLUIT_STATE_ASIDE)
        return v.here ? "here (aside)" : "aside";
    return v.here ? "here" : "not here";
}

static void say_member(struct fluit_hub *hub, uint32_t index, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    const struct fluit_member *m = &node->roster.members[index];
    struct fluit_hub_seen v = fluit_hub_seen(hub, index);
    uint8_t round = node->fold ? fluit_fold_board_round(node->fold, m->table) : 0;
    struct fluit_fold_counts counts = {0};
    if (node->fold)
        counts = fluit_fold_counts(node->fold, m->table, round);
    fluit_effects_print(fx, "table %-3u %-11s %-13s %-10s %3zu cards %3zu notes  %s", m->table,
                        fluit_node_class_name(m->node_class), say_here(m, v),
                        v.ready ? "ready" : "not ready", counts.cards, counts.notes,
                        v.safe ? "all safe" : "more is coming");
}

/* Hubs and standbys beside this one. */
bool fluit_hub_is_beside(const struct fluit_hub *hub, uint32_t index)
{
    const struct fluit_member *m = &hub->node.roster.members[index];
    return fluit_member_may_lead(m) && fluit_member_admitted(m) && m->state != FLUIT_STATE_PAPER &&
           (int)index != fluit_node_member(&hub->node);
}

/* Those that are here and hold all that is here. */
static unsigned count_standbys(struct fluit_hub *hub)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < hub->node.roster.count; i++) {
        const struct fluit_sync_link *link =
            fluit_sync_link_to(&hub->node.sync, &hub->node.roster.members[i].link);
        count += fluit_hub_is_beside(hub, i) && link && link->in_step;
    }
    return count;
}

static void say_beside(struct fluit_hub *hub, uint32_t index, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    const struct fluit_member *m = &node->roster.members[index];
    const struct fluit_sync_link *link = fluit_sync_link_to(&node->sync, &m->link);
    const struct fluit_term *newest = fluit_terms_newest(&node->terms);
    bool leads = newest && memcmp(newest->hub.b, m->sign.b, sizeof m->sign.b) == 0;
    fluit_effects_print(fx, "%-9s %-11s %s%s", m->node_class == FLUIT_NODE_HUB ? "hub" : "standby",
                        leads ? "leads" : "", fluit_hub_seen(hub, index).here ? "here" : "not here",
                        !link           ? ""
                        : link->in_step ? ", holds all"
                                        : ", is catching up");
}

/* One line for programs, after those for people. */
static void say_figures(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    const struct fluit_plan *plan = &node->plan;
    unsigned members = 0, here = 0, ready = 0, safe = 0, heard = 0, in_step, closed = 0;
    const struct fluit_term *newest = fluit_terms_newest(&node->terms);
    char digest[17];
    for (uint32_t i = 0; i < node->roster.count; i++) {
        const struct fluit_member *m = &node->roster.members[i];
        if (m->table == 0 || !fluit_member_admitted(m))
            continue;
        struct fluit_hub_seen v = fluit_hub_seen(hub, i);
        members++;
        here += v.here;
        ready += v.here && v.ready;
        safe += v.safe;
        const struct fluit_heard *test = fluit_fold_heard(node->fold, i);
        heard += test && test->heard;
    }
    in_step = fluit_sync_in_step_count(&node->sync);
    for (uint8_t i = 1; i <= FLUIT_ROUNDS_MAX; i++)
        closed |= (fluit_hub_is_closed(hub, i) ? 1u : 0u) << i;
    struct fluit_hash hash = fluit_replica_digest(&node->replica);
    fluit_hex(hash.b, 8, digest);
    fluit_effects_print(
        fx,
        "status step=%u state=%s round=%u left_us=%lld members=%u here=%u ready=%u safe=%u "
        "in_step=%u closed=%u refused=%llu digest=%s leads=%d term=%u standbys=%u heard=%u",
        plan->step, state_names[plan->state], plan->round,
        (long long)fluit_plan_left(plan, fluit_node_mesh_us(node)), members, here, ready, safe,
        in_step, closed, (unsigned long long)node->refused, digest, fluit_node_leads(node),
        newest ? newest->number : 0, count_standbys(hub), heard);
}

void fluit_hub_status(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    char workshop[17];
    if (!node->own.ready || !node->script) {
        fluit_effects_print(fx, "one moment: asking the tables what they hold");
        return;
    }
    fluit_hex(node->root.b, 8, workshop);
    fluit_effects_print(fx, "%s; workshop %s%s", node->script->title.in[hub->language], workshop,
                        fluit_node_leads(node) ? "" : "; another hub leads, this one is a standby");
    fluit_hub_say_step(hub, fx);
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++)
        for (uint32_t i = 0; i < node->roster.count; i++)
            if (node->roster.members[i].table == table &&
                fluit_member_admitted(&node->roster.members[i]))
                say_member(hub, i, fx);
    for (uint32_t i = 0; i < node->roster.count; i++)
        if (fluit_hub_is_beside(hub, i))
            say_beside(hub, i, fx);
    unsigned waiting = 0;
    for (uint32_t i = 0; i < hub->invites.count; i++)
        waiting += !hub->invites.items[i].used;
    if (waiting && fluit_node_leads(node))
        fluit_effects_print(fx, "%u codes not used yet ('invites open' shows them)", waiting);
    say_figures(hub, fx);
}
