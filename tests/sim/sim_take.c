#include "tests/sim/sim_take.h"

#include <string.h>

#include "tests/sim/sim.h"

#define ASK_AGAIN_US (3 * SIM_SECOND)

/* Coming in. */

static uint32_t find_standby(const struct sim *sim)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->nodes[i].node_class == FLUIT_NODE_STANDBY)
            return i;
    return SIM_NOBODY;
}

/* n: the hub's life in which the code was seen last. */
static void ask_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *standby = &sim->nodes[due->node], *hub = sim_hub(sim);
    struct sim_due again = *due;
    again.at_us = sim->world.now_us + ASK_AGAIN_US;
    if (sim_node_ready(hub) && hub->frozen_until_us <= sim->world.now_us) {
        const struct fluit_invite *invite = fluit_invites_find(&hub->hub->invites, standby->name);
        if (invite && due->n == hub->life) { /* long enough to be on the disk */
            standby->code = invite->code;
            sim_node_start(sim, standby);
            return;
        }
        if (!invite)
            sim_people_type(sim, hub, "standby", SIM_NOBODY);
        again.n = invite ? hub->life : 0;
    }
    sim_plan(sim, again);
}

void sim_take_begin(struct sim *sim)
{
    uint32_t standby = find_standby(sim);
    if (standby != SIM_NOBODY)
        sim_plan(sim, (struct sim_due){.at_us = sim_between(sim, 40, 900) * SIM_SECOND,
                                       .run = ask_due,
                                       .node = standby});
}

/* Taking over. */

void sim_take_move(struct sim *sim, uint32_t to)
{
    sim_tell(sim, "%s leads from now on", sim->nodes[to].name);
    sim->hub = to;
    sim->people.seen_revision = 0;
    for (uint32_t i = 0; i < sim->people.count; i++) {
        struct sim_item *item = &sim->people.items[i];
        if (item->said == SIM_SAFE && !sim_disk_holds(sim_hub(sim)->disk, item))
            item->said = SIM_SAVED; /* the mark goes back, as the design says */
    }
    for (uint32_t i = 0; i < sim->node_count; i++) {
        struct sim_node *n = &sim->nodes[i];
        if (n->core && !n->core->joined)
            sim_node_crash(sim, n, "it tries at another hub", SIM_SECOND);
    }
}

static bool may_take_over(const struct sim *sim, uint32_t at)
{
    const struct sim_node *n = &sim->nodes[at];
    struct fluit_sign_sk root;
    bool can = at != sim->hub && n->hub && sim_node_ready(n) &&
               fluit_clock_known(&n->core->clock) && fluit_hub_root(n->hub, &root) == FLUIT_OK &&
               n->core->unread_count == 0;
    fluit_wipe(&root, sizeof root);
    return can;
}

static uint32_t find_successor(const struct sim *sim)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (may_take_over(sim, i))
            return i;
    return SIM_NOBODY;
}

/* Not one who slept while another took over from it, and does not know yet. */
static bool leads_now(const struct sim *sim, const struct sim_node *n)
{
    return n->core && fluit_node_leads(n->core) &&
           fluit_terms_newest(&n->core->terms)->number >= sim->marks.lead_term;
}

/* A person who does not let go until it leads. */
static void take_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    struct sim_due again = *due;
    if (leads_now(sim, n)) {
        sim->taking = false;
        sim_take_move(sim, due->node);
        return;
    }
    if (sim_node_ready(n) && n->frozen_until_us <= sim->world.now_us)
        sim_people_type(sim, n, "takeover yes", SIM_NOBODY);
    again.at_us = sim->world.now_us + sim_between(sim, SIM_SECOND / 2, 2 * SIM_SECOND);
    sim_plan(sim, again);
}

static void plan_takeover(struct sim *sim, uint32_t at, int64_t after_us)
{
    sim->taking = true;
    sim_node_disturb(&sim->nodes[at], sim->world.now_us + after_us + 10 * SIM_SECOND);
    sim_plan(sim,
             (struct sim_due){.at_us = sim->world.now_us + after_us, .run = take_due, .node = at});
}

/* The hub is away for a while; it comes back to another that leads. */
bool sim_fault_takeover(struct sim *sim, uint32_t at)
{
    uint32_t to = sim->taking ? SIM_NOBODY : find_successor(sim);
    (void)at;
    if (to == SIM_NOBODY || !sim_hub(sim)->core)
        return false;
    sim_hit(sim, SIM_FAULT_TAKEOVER);
    sim_node_crash(sim, sim_hub(sim), "crash; the other takes over",
                   sim_between(sim, 10 * SIM_SECOND, 4 * SIM_MINUTE));
    plan_takeover(sim, to, sim_between(sim, SIM_SECOND, 20 * SIM_SECOND));
    return true;
}

/* Both live, each with a part of the tables, and both lead until the network is whole again. */
bool sim_fault_two_hubs(struct sim *sim, uint32_t at)
{
    uint32_t to = sim->taking ? SIM_NOBODY : find_successor(sim);
    int64_t for_us = sim_between(sim, 10 * SIM_SECOND, 90 * SIM_SECOND);
    (void)at;
    if (to == SIM_NOBODY || !sim_hub(sim)->core || sim->net.cut_us > sim->world.now_us)
        return false;
    for (uint32_t i = 0; i < sim->node_count; i++) {
        sim->net.paths[i].aside = i == to || (i != sim->hub && sim_often(sim, 500000));
        sim_node_disturb(&sim->nodes[i], sim->world.now_us + for_us);
    }
    sim_tell(sim, "two hubs for %.0f s", (double)for_us / 1e6);
    sim_hit(sim, SIM_FAULT_TWO_HUBS);
    sim_net_cut(sim, SIM_CUT_ALL, for_us);
    plan_takeover(sim, to, sim_between(sim, SIM_SECOND / 2, 5 * SIM_SECOND));
    return true;
}

/* The hub's machine is lost for good. */
bool sim_fault_hub_gone(struct sim *sim, uint32_t at)
{
    uint32_t to = sim->taking ? SIM_NOBODY : find_successor(sim);
    (void)at;
    if (to == SIM_NOBODY || !sim_hub(sim)->core)
        return false;
    sim_hit(sim, SIM_FAULT_HUB_GONE);
    sim_node_stop(sim, sim_hub(sim), "it is lost for good");
    plan_takeover(sim, to, sim_between(sim, SIM_SECOND, 60 * SIM_SECOND));
    return true;
}

/* Rot. */

static bool held_elsewhere(const struct sim *sim, uint32_t at, const struct fluit_feed_id *feed,
                           uint64_t seq)
{
    struct fluit_hash own, other;
    if (!store_memory_durable_hash(sim->nodes[at].disk, feed, seq, &own))
        return false;
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (i != at && sim->nodes[i].wanted && sim->nodes[i].twin_of == SIM_NOBODY &&
            store_memory_durable_hash(sim->nodes[i].disk, feed, seq, &other) &&
            memcmp(own.b, other.b, sizeof own.b) == 0)
            return true;
    return false;
}

/* One bit, of an entry that somebody else has, too; found at the next start. */
bool sim_fault_rot(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    if (!n || !n->core->joined || n->core->replica.count == 0)
        return false;
    uint32_t feed = (uint32_t)sim_below(sim, n->core->replica.count);
    const struct fluit_feed_info *info = &n->core->replica.feeds[feed]->info;
    if (info->seq == 0 || n->core->replica.feeds[feed]->forked)
        return false;
    struct fluit_feed_id id = info->id;
    uint64_t seq = 1 + sim_below(sim, info->seq);
    if (!held_elsewhere(sim, at, &id, seq))
        return false;
    uint8_t mask = (uint8_t)(1u << sim_below(sim, 8));
    size_t offset = sim_below(sim, 60);
    bool payload = sim_often(sim, 500000);
    sim_node_crash(sim, n, "a bit of its disk flips",
                   sim_between(sim, SIM_SECOND, 20 * SIM_SECOND));
    bool flipped = payload ? store_memory_flip_payload(n->disk, &id, seq, offset, mask)
                           : store_memory_flip_header(n->disk, &id, seq, offset, mask);
    if (flipped)
        sim_hit(sim, SIM_FAULT_ROT);
    return true;
}
