#include "tests/sim/sim_faults.h"

#include "tests/sim/sim.h"

static uint32_t victim(struct sim *sim)
{
    /* The hub is one of many, and the one that matters. */
    return sim_often(sim, 250000) ? SIM_HUB : (uint32_t)sim_below(sim, sim->node_count);
}

static struct sim_node *well(struct sim *sim, uint32_t at)
{
    struct sim_node *n = &sim->nodes[at];
    return n->core ? n : NULL;
}

static int64_t now(const struct sim *sim)
{
    return sim->world.now_us;
}

static bool crash(struct sim *sim, uint32_t at)
{
    struct sim_node *n = well(sim, at);
    if (n)
        sim_node_crash(sim, n, "crash", sim_between(sim, SIM_SECOND / 5, 90 * SIM_SECOND));
    return n != NULL;
}

static bool doom(struct sim *sim, uint32_t at)
{
    struct sim_node *n = well(sim, at);
    if (!n || n->doom)
        return false;
    n->doom = (enum sim_doom)sim_between(sim, SIM_DOOM_BEFORE_COMMIT, SIM_DOOM_HALF_SENT);
    return true;
}

/* Another boot: its clock begins anew, and what it knew of mesh time is gone. */
static bool reboot(struct sim *sim, uint32_t at)
{
    struct sim_node *n = well(sim, at);
    if (!n)
        return false;
    sim_node_crash(sim, n, "reboot", sim_between(sim, 10 * SIM_SECOND, 90 * SIM_SECOND));
    sim_node_boot(sim, n);
    return true;
}

static bool partition(struct sim *sim, uint32_t at)
{
    int64_t for_us = sim_between(sim, SIM_SECOND / 2, 60 * SIM_SECOND);
    unsigned ways = (unsigned)sim_between(sim, 1, 3);
    static const char *const names[] = {"", "in", "out", "in and out"};
    sim_tell(sim, "nothing gets %s at %s for %.1f s", names[ways], sim->nodes[at].name,
             (double)for_us / 1e6);
    sim_net_block(sim, at, ways & 1, ways & 2, for_us);
    sim_node_disturb(&sim->nodes[at], now(sim) + for_us);
    return true;
}

static bool chaos(struct sim *sim, uint32_t at)
{
    (void)at;
    int64_t for_us = sim_between(sim, 5 * SIM_SECOND, 90 * SIM_SECOND);
    sim->net.chaos_us = sim->faults.net_us = now(sim) + for_us;
    sim->net.chaos_in_million = (unsigned)sim_between(sim, 10000, 300000);
    sim_tell(sim, "%u%% of messages are lost, doubled, overtaken for %.0f s",
             sim->net.chaos_in_million / 10000, (double)for_us / 1e6);
    for (uint32_t i = 0; i < sim->node_count; i++)
        sim_node_disturb(&sim->nodes[i], now(sim) + for_us);
    return true;
}

static bool slow_net(struct sim *sim, uint32_t at)
{
    int64_t for_us = sim_between(sim, SIM_SECOND, 60 * SIM_SECOND);
    sim_tell(sim, "messages of %s are slow for %.1f s", sim->nodes[at].name, (double)for_us / 1e6);
    sim->net.paths[at].slow_us = now(sim) + for_us;
    sim_node_disturb(&sim->nodes[at], now(sim) + for_us);
    return true;
}

static bool disconnect(struct sim *sim, uint32_t at)
{
    sim_tell(sim, "the wires of %s break", sim->nodes[at].name);
    sim_net_disconnect(sim, at);
    sim_node_disturb(&sim->nodes[at], now(sim) + SIM_SECOND);
    return true;
}

static bool freeze(struct sim *sim, uint32_t at)
{
    struct sim_node *n = well(sim, at);
    int64_t for_us = sim_between(sim, SIM_SECOND / 5, 60 * SIM_SECOND);
    if (!n)
        return false;
    sim_tell(sim, "%s sleeps for %.1f s", n->name, (double)for_us / 1e6);
    n->frozen_until_us = now(sim) + for_us;
    sim_node_disturb(n, n->frozen_until_us);
    sim_net_block(sim, at, false, false, 0);
    return true;
}

static bool wall_jump(struct sim *sim, uint32_t at)
{
    /* A hub that reboots and finds nobody begins mesh time anew from its wall clock: nothing goes
     * on as it was if that is hours off. */
    int64_t most_us = at == SIM_HUB ? 5 * SIM_SECOND : 30 * SIM_HOUR;
    int64_t by_us = sim_between(sim, -most_us, most_us);
    sim_tell(sim, "the wall clock of %s jumps by %.1f h", sim->nodes[at].name,
             (double)by_us / 3.6e9);
    sim->nodes[at].clock.wall_us += by_us;
    return true;
}

static bool disk_fails(struct sim *sim, uint32_t at)
{
    struct sim_node *n = well(sim, at);
    if (!n)
        return false;
    enum store_memory_call call = (enum store_memory_call)sim_below(sim, STORE_MEMORY_CALLS);
    enum fluit_err err = sim_often(sim, 500000) ? FLUIT_E_FULL : FLUIT_E_IO;
    sim_tell(sim, "the disk of %s will fail: %s", n->name, fluit_err_text(err));
    store_memory_fail(n->disk, call, (uint32_t)sim_between(sim, 1, 4), err);
    sim_node_disturb(n, now(sim) + 30 * SIM_SECOND);
    return true;
}

static bool slow_disk(struct sim *sim, uint32_t at)
{
    struct sim_node *n = &sim->nodes[at];
    int64_t for_us = sim_between(sim, 5 * SIM_SECOND, 60 * SIM_SECOND);
    sim_tell(sim, "the disk of %s is slow for %.1f s", n->name, (double)for_us / 1e6);
    n->slow_until_us = now(sim) + for_us;
    sim_node_disturb(n, n->slow_until_us);
    return true;
}

static const struct {
    unsigned weight;
    bool (*happen)(struct sim *sim, uint32_t at);
} kinds[] = {
    {10, crash},      {14, doom},   {5, reboot},    {14, partition},  {5, chaos},     {8, slow_net},
    {12, disconnect}, {10, freeze}, {4, wall_jump}, {10, disk_fails}, {8, slow_disk},
};

static void fault_due(struct sim *sim, const struct sim_due *due);

static void plan_next(struct sim *sim)
{
    sim_plan(sim, (struct sim_due){.at_us = now(sim) + sim_waiting(sim, sim->faults.mean_us),
                                   .run = fault_due});
}

static void fault_due(struct sim *sim, const struct sim_due *due)
{
    (void)due;
    uint64_t sum = 0, at = 0;
    if (sim->faults.over)
        return;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        sum += kinds[i].weight;
    uint64_t pick = sim_below(sim, sum);
    while (pick >= kinds[at].weight)
        pick -= kinds[at++].weight;
    sim->faults.count += kinds[at].happen(sim, victim(sim));
    plan_next(sim);
}

void sim_faults_init(struct sim *sim)
{
    static const int64_t means_s[] = {10, 20, 40, 60, 120, 300};
    sim->faults.mean_us = means_s[sim_below(sim, sizeof means_s / sizeof means_s[0])] * SIM_SECOND;
    plan_next(sim);
}

bool sim_faults_at_mark(struct sim *sim)
{
    bool now = !sim->faults.over && sim_often(sim, 60000);
    sim->faults.count += now;
    return now;
}

void sim_faults_end(struct sim *sim)
{
    sim->faults.over = true;
    sim_net_heal(sim);
    for (uint32_t i = 0; i < sim->node_count; i++) {
        struct sim_node *n = &sim->nodes[i];
        n->doom = SIM_DOOM_NONE;
        n->slow_until_us = 0;
        for (int call = 0; call < STORE_MEMORY_CALLS; call++)
            store_memory_fail(n->disk, (enum store_memory_call)call, 0, FLUIT_OK);
        if (n->frozen_until_us > now(sim))
            n->frozen_until_us = now(sim);
        if (!n->core && n->wanted)
            sim_node_start(sim, n);
        else
            sim_node_poke(sim, n);
    }
    sim_tell(sim, "no more faults");
}
