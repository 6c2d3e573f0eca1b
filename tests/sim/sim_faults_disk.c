/* sim_faults_disk.c: disks that fail, fill up, or are slow. They count when the node met them
 * (sim_turn.c). */
#include "tests/sim/sim.h"

static bool fail(struct sim *sim, uint32_t at, enum store_memory_call call, uint32_t nth)
{
    static const char *const names[] = {"append", "put", "signature", "commit"};
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    if (!n)
        return false;
    sim_tell(sim, "%s %u from now on of the disk of %s will fail", names[call], nth, n->name);
    store_memory_fail(n->disk, call, nth, FLUIT_E_IO);
    sim_node_disturb(n, sim->world.now_us + 30 * SIM_SECOND);
    return true;
}

bool sim_fault_disk_write(struct sim *sim, uint32_t at)
{
    enum store_memory_call call = (enum store_memory_call)sim_below(sim, STORE_MEMORY_COMMIT);
    return fail(sim, at, call, (uint32_t)sim_between(sim, 1, 6));
}

bool sim_fault_disk_commit(struct sim *sim, uint32_t at)
{
    return fail(sim, at, STORE_MEMORY_COMMIT, (uint32_t)sim_between(sim, 1, 6));
}

static void room_due(struct sim *sim, const struct sim_due *due)
{
    sim_tell(sim, "the disk of %s has room again", sim->nodes[due->node].name);
    store_memory_set_full(sim->nodes[due->node].disk, false);
}

/* Whoever starts it meanwhile sees it fail again. */
bool sim_fault_disk_full(struct sim *sim, uint32_t at)
{
    struct sim_node *n = &sim->nodes[at];
    int64_t for_us = sim_between(sim, SIM_SECOND, 2 * SIM_MINUTE);
    sim_tell(sim, "the disk of %s is full for %.1f s", n->name, (double)for_us / 1e6);
    store_memory_set_full(n->disk, true);
    sim_node_disturb(n, sim->world.now_us + for_us + 30 * SIM_SECOND);
    sim_plan(sim,
             (struct sim_due){.at_us = sim->world.now_us + for_us, .run = room_due, .node = at});
    return true;
}

bool sim_fault_disk_slow(struct sim *sim, uint32_t at)
{
    struct sim_node *n = &sim->nodes[at];
    int64_t for_us = sim_between(sim, 5 * SIM_SECOND, 60 * SIM_SECOND);
    sim_tell(sim, "the disk of %s is slow for %.1f s", n->name, (double)for_us / 1e6);
    sim_hit(sim, SIM_FAULT_DISK_SLOW);
    n->slow_until_us = sim->world.now_us + for_us;
    sim_node_disturb(n, n->slow_until_us);
    return true;
}
