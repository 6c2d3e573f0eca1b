#include "tests/sim/sim_faults.h"

#include "tests/sim/sim.h"

#define STORM_FAULTS 30

const char *sim_fault_text(enum sim_fault fault)
{
    static const char *const texts[] = {
#define SIM_FAULT_TEXT(name, text) text,
        SIM_FAULTS(SIM_FAULT_TEXT)
#undef SIM_FAULT_TEXT
    };
    return texts[fault];
}

void sim_hit(struct sim *sim, enum sim_fault fault)
{
    sim->faults.hits[fault]++;
}

/* Those that come by chance. */
static const struct {
    unsigned weight;
    bool (*happen)(struct sim *sim, uint32_t at);
} kinds[] = {
    {100, sim_fault_crash},     {140, sim_fault_doom},       {50, sim_fault_reboot},
    {90, sim_fault_freeze},     {40, sim_fault_suspend},     {40, sim_fault_wall_jump},
    {140, sim_fault_partition}, {50, sim_fault_flapping},    {40, sim_fault_group_cut},
    {50, sim_fault_chaos},      {80, sim_fault_slow_net},    {110, sim_fault_disconnect},
    {80, sim_fault_disk_write}, {60, sim_fault_disk_commit}, {30, sim_fault_disk_full},
    {80, sim_fault_disk_slow},  {15, sim_fault_put_back},    {8, sim_fault_destroy},
    {25, sim_fault_takeover},   {25, sim_fault_two_hubs},    {8, sim_fault_hub_gone},
    {40, sim_fault_rot},        {8, sim_fault_twin},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static uint32_t victim(struct sim *sim)
{
    /* The hub is one of many, and the one that matters. */
    return sim_often(sim, 250000) ? sim->hub : (uint32_t)sim_below(sim, sim->node_count);
}

static void strike(struct sim *sim)
{
    uint64_t sum = 0, at = 0;
    for (size_t i = 0; i < KINDS; i++)
        sum += kinds[i].weight;
    uint64_t pick = sim_below(sim, sum);
    while (pick >= kinds[at].weight)
        pick -= kinds[at++].weight;
    kinds[at].happen(sim, victim(sim));
}

static void fault_due(struct sim *sim, const struct sim_due *due);

static void plan_next(struct sim *sim)
{
    sim_plan(sim,
             (struct sim_due){.at_us = sim->world.now_us + sim_waiting(sim, sim->faults.mean_us),
                              .run = fault_due});
}

static void fault_due(struct sim *sim, const struct sim_due *due)
{
    (void)due;
    if (sim->faults.over)
        return;
    strike(sim);
    plan_next(sim);
}

void sim_faults_storm(struct sim *sim)
{
    sim_tell(sim, "many faults at once");
    sim_hit(sim, SIM_FAULT_STORM);
    for (int i = 0; i < STORM_FAULTS; i++)
        strike(sim);
}

static void storm_due(struct sim *sim, const struct sim_due *due)
{
    (void)due;
    if (!sim->faults.over)
        sim_faults_storm(sim);
}

void sim_faults_init(struct sim *sim)
{
    static const int64_t means_s[] = {10, 20, 40, 60, 120, 300};
    sim->faults.mean_us = means_s[sim_below(sim, sizeof means_s / sizeof means_s[0])] * SIM_SECOND;
    plan_next(sim);
    if (sim_often(sim, 300000))
        sim_plan(sim,
                 (struct sim_due){.at_us = sim_between(sim, 0, 2 * SIM_HOUR), .run = storm_due});
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->nodes[i].clock.ppm > 100 || sim->nodes[i].clock.ppm < -100)
            sim_hit(sim, SIM_FAULT_DRIFT);
}

enum sim_doom sim_faults_at_mark(struct sim *sim)
{
    if (sim->faults.over || sim->faults.mean_us == 0 || !sim_often(sim, 80000))
        return SIM_DOOM_NONE;
    return sim_often(sim, 600000) ? SIM_DOOM_AT_MARK : SIM_DOOM_AFTER_MARK;
}

static void mend(struct sim *sim, struct sim_node *n)
{
    n->doom = SIM_DOOM_NONE;
    n->slow_until_us = 0;
    for (int call = 0; call < STORE_MEMORY_CALLS; call++)
        store_memory_fail(n->disk, (enum store_memory_call)call, 0, FLUIT_OK);
    store_memory_set_full(n->disk, false);
    if (n->frozen_until_us > sim->world.now_us)
        n->frozen_until_us = sim->world.now_us;
    if (n->core)
        sim_node_poke(sim, n);
    else if (n->wanted)
        sim_node_start(sim, n);
}

void sim_faults_end(struct sim *sim)
{
    sim_tell(sim, "no more faults");
    sim->faults.over = true;
    sim_net_heal(sim);
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->nodes[i].core && sim->nodes[i].twin_of != SIM_NOBODY)
            sim_node_stop(sim, &sim->nodes[i], "the copy is found out");
    for (uint32_t i = 0; i < sim->node_count; i++)
        mend(sim, &sim->nodes[i]);
}
