/* sim_faults_net.c: cables, switches and radios. */
#include "tests/sim/sim.h"

static int64_t now(const struct sim *sim)
{
    return sim->world.now_us;
}

bool sim_fault_partition(struct sim *sim, uint32_t at)
{
    static const char *const names[] = {"", "in", "out", "in and out"};
    static const enum sim_fault faults[] = {0, SIM_FAULT_PARTITION_IN, SIM_FAULT_PARTITION_OUT,
                                            SIM_FAULT_PARTITION};
    int64_t for_us = sim_between(sim, SIM_SECOND / 2, 60 * SIM_SECOND);
    unsigned ways = (unsigned)sim_between(sim, 1, 3);
    bool hold = sim_often(sim, 500000);
    sim_tell(sim, "nothing gets %s at %s for %.1f s%s", names[ways], sim->nodes[at].name,
             (double)for_us / 1e6, hold ? ", then what was held up" : "");
    sim_hit(sim, faults[ways]);
    sim_net_block(sim, at, ways & 1, ways & 2, hold, for_us);
    sim_node_disturb(&sim->nodes[at], now(sim) + for_us);
    return true;
}

/* Down for a moment, up for a moment, so many times more. */
static void flap_due(struct sim *sim, const struct sim_due *due)
{
    int64_t down_us = sim_between(sim, 20 * SIM_MS, 3 * SIM_SECOND);
    int64_t up_us = sim_between(sim, 20 * SIM_MS, 2 * SIM_SECOND);
    if (sim->faults.over || due->n == 0)
        return;
    sim_net_block(sim, due->node, true, true, due->n & 1, down_us);
    if (sim_often(sim, 300000))
        sim_net_disconnect(sim, due->node);
    sim_node_disturb(&sim->nodes[due->node], now(sim) + down_us + up_us);
    sim_plan(sim, (struct sim_due){.at_us = now(sim) + down_us + up_us,
                                   .run = flap_due,
                                   .node = due->node,
                                   .n = due->n - 1});
}

bool sim_fault_flapping(struct sim *sim, uint32_t at)
{
    uint64_t times = 5 + sim_below(sim, 40);
    sim_tell(sim, "the cable of %s is loose: %u times", sim->nodes[at].name, (unsigned)times);
    sim_hit(sim, SIM_FAULT_FLAPPING);
    sim_plan(sim, (struct sim_due){.at_us = now(sim), .run = flap_due, .node = at, .n = times});
    return true;
}

/* A third of the nodes can't reach the hub, but can one another. */
bool sim_fault_group_cut(struct sim *sim, uint32_t at)
{
    (void)at;
    enum sim_cut cut = sim_often(sim, 500000) ? SIM_CUT_ALL : SIM_CUT_HUB;
    int64_t for_us = sim_between(sim, 5 * SIM_SECOND, 3 * SIM_MINUTE);
    uint32_t aside = 0;
    if (sim->net.cut_us > now(sim))
        return false;
    for (uint32_t i = 0; i < sim->node_count; i++) {
        sim->net.paths[i].aside = i != sim->hub && sim_often(sim, 333333);
        aside += sim->net.paths[i].aside;
        if (sim->net.paths[i].aside)
            sim_node_disturb(&sim->nodes[i], now(sim) + for_us);
    }
    if (aside == 0)
        return false;
    sim_tell(sim, "%u nodes are cut off from %s for %.0f s", aside,
             cut == SIM_CUT_ALL ? "the others" : "the hub", (double)for_us / 1e6);
    sim_hit(sim, SIM_FAULT_GROUP_CUT);
    sim_net_cut(sim, cut, for_us);
    return true;
}

bool sim_fault_chaos(struct sim *sim, uint32_t at)
{
    (void)at;
    int64_t for_us = sim_between(sim, 5 * SIM_SECOND, 90 * SIM_SECOND);
    sim->net.chaos_us = sim->faults.net_us = now(sim) + for_us;
    sim->net.chaos_in_million = (unsigned)sim_between(sim, 10000, 300000);
    sim_tell(sim, "%u%% of messages are lost, doubled, overtaken for %.0f s",
             sim->net.chaos_in_million / 10000, (double)for_us / 1e6);
    sim_hit(sim, SIM_FAULT_CHAOS);
    for (uint32_t i = 0; i < sim->node_count; i++)
        sim_node_disturb(&sim->nodes[i], now(sim) + for_us);
    return true;
}

bool sim_fault_slow_net(struct sim *sim, uint32_t at)
{
    int64_t for_us = sim_between(sim, SIM_SECOND, 60 * SIM_SECOND);
    sim_tell(sim, "messages of %s are slow for %.1f s", sim->nodes[at].name, (double)for_us / 1e6);
    sim_hit(sim, SIM_FAULT_SLOW_NET);
    sim->net.paths[at].slow_us = now(sim) + for_us;
    sim_node_disturb(&sim->nodes[at], now(sim) + for_us);
    return true;
}

bool sim_fault_disconnect(struct sim *sim, uint32_t at)
{
    sim_tell(sim, "the wires of %s break", sim->nodes[at].name);
    sim_hit(sim, SIM_FAULT_DISCONNECT);
    sim_net_disconnect(sim, at);
    sim_node_disturb(&sim->nodes[at], now(sim) + SIM_SECOND);
    return true;
}
