/* sim_faults_process.c: processes and machines that end, stop, or lose track of time. */
#include "tests/sim/sim.h"

bool sim_fault_crash(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    if (!n)
        return false;
    sim_hit(sim, SIM_FAULT_CRASH);
    sim_node_crash(sim, n, "crash", sim_between(sim, SIM_SECOND / 5, 90 * SIM_SECOND));
    return true;
}

/* At its next turn that writes. */
bool sim_fault_doom(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    if (!n || n->doom)
        return false;
    n->doom = (enum sim_doom)sim_between(sim, SIM_DOOM_BEFORE_COMMIT, SIM_DOOM_HALF_SENT);
    return true;
}

/* Another boot: its clock begins anew, and what it knew of mesh time is gone. */
bool sim_fault_reboot(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    if (!n)
        return false;
    sim_hit(sim, SIM_FAULT_REBOOT);
    sim_node_crash(sim, n, "reboot", sim_between(sim, 10 * SIM_SECOND, 90 * SIM_SECOND));
    sim_clock_boot(sim, &n->clock);
    return true;
}

static void stand_still(struct sim *sim, struct sim_node *n, int64_t for_us)
{
    n->frozen_until_us = sim->world.now_us + for_us;
    sim_node_disturb(n, n->frozen_until_us);
}

/* SIGSTOP: the kernel goes on, and keeps what comes for it. */
bool sim_fault_freeze(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    int64_t for_us = sim_between(sim, SIM_SECOND / 5, 60 * SIM_SECOND);
    if (!n)
        return false;
    sim_tell(sim, "%s is frozen for %.1f s", n->name, (double)for_us / 1e6);
    sim_hit(sim, SIM_FAULT_FREEZE);
    stand_still(sim, n, for_us);
    sim_net_watch(sim, at);
    return true;
}

/* The lid is closed: CLOCK_BOOTTIME goes on, nothing else does. Its sleep was counted in the time
 * that stood still, so it wakes up to a second late. */
bool sim_fault_suspend(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    int64_t for_us = sim_often(sim, 300000) ? sim_between(sim, SIM_MINUTE, 20 * SIM_MINUTE)
                                            : sim_between(sim, 3 * SIM_SECOND, SIM_MINUTE);
    if (!n)
        return false;
    sim_tell(sim, "the machine of %s sleeps for %.1f s", n->name, (double)for_us / 1e6);
    sim_hit(sim, SIM_FAULT_SUSPEND);
    sim_net_block(sim, at, true, true, false, for_us);
    stand_still(sim, n, for_us + sim_between(sim, 0, FLUIT_IDLE_US));
    return true;
}

bool sim_fault_wall_jump(struct sim *sim, uint32_t at)
{
    /* A hub that reboots and finds nobody begins mesh time anew from its wall clock: nothing goes
     * on as it was if that is hours off. */
    int64_t most_us = at == sim->hub ? 5 * SIM_SECOND : 30 * SIM_HOUR;
    int64_t by_us = sim_between(sim, -most_us, most_us);
    sim_tell(sim, "the wall clock of %s jumps by %.1f h", sim->nodes[at].name,
             (double)by_us / 3.6e9);
    sim_hit(sim, SIM_FAULT_WALL_JUMP);
    sim->nodes[at].clock.wall_us += by_us;
    return true;
}
