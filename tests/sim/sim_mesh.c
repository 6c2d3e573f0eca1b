#include "tests/sim/sim_mesh.h"

#include <string.h>

#include "tests/sim/sim.h"

/* Long enough to find out that the hub is gone, and for a few heartbeats from peer to peer. */
#define LOOK_US (20 * SIM_SECOND)
/* A node is well that long after its last fault. */
#define WELL_US (10 * SIM_SECOND)

static bool hub_is_away(const struct sim *sim)
{
    const struct sim_path *path = &sim->net.paths[sim->hub];
    return !sim->nodes[sim->hub].core ||
           (path->in_blocked_us > sim->world.now_us && path->out_blocked_us > sim->world.now_us);
}

/* Not those who are still to come, nor a copy or a hub that was put away for good. */
static bool takes_part(const struct sim *sim, uint32_t i)
{
    const struct sim_node *n = &sim->nodes[i];
    return i != sim->hub && n->life > 0 && (n->wanted || n->renewing);
}

/* All who are here are well, and at least two are; *well: they. */
static bool others_are_well(const struct sim *sim, uint64_t *well)
{
    uint32_t count = 0;
    *well = 0;
    if (sim->net.cut_us > sim->world.now_us || sim->faults.net_us > sim->world.now_us - WELL_US)
        return false;
    for (uint32_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *n = &sim->nodes[i];
        if (!takes_part(sim, i))
            continue;
        if (!sim_node_ready(n) || n->life != sim->mesh.known[i] ||
            n->disturbed_until_us > sim->world.now_us - WELL_US)
            return false;
        *well |= UINT64_C(1) << i;
        count++;
    }
    return count > 1;
}

static const struct fluit_feed_info *own_feed(const struct sim_node *n)
{
    return &n->core->replica.feeds[n->core->own.index]->info;
}

static void check(struct sim *sim, uint32_t from, uint32_t to)
{
    const struct sim_mesh *mesh = &sim->mesh;
    const struct sim_node *n = &sim->nodes[to];
    int index = fluit_replica_find(&n->core->replica, &mesh->wrote[from].feed);
    uint64_t seq = index < 0 ? 0 : n->core->replica.feeds[index]->info.seq;
    bool forked = index >= 0 && n->core->replica.feeds[index]->forked;
    if (seq < mesh->wrote[from].seq && !forked)
        sim_fail(sim, "%s has %llu of the %llu entries of %s after %.0f s without the hub", n->name,
                 (unsigned long long)seq, (unsigned long long)mesh->wrote[from].seq,
                 sim->nodes[from].name, (double)LOOK_US / 1e6);
}

/* All were here with the hub for a while: each knows where the others listen. */
static void note_known(struct sim *sim)
{
    const struct sim_node *hub = sim_hub(sim);
    int64_t since_us = sim->world.now_us - WELL_US;
    if (!sim_node_ready(hub) || hub->disturbed_until_us > since_us || sim->faults.net_us > since_us)
        return;
    for (uint32_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *n = &sim->nodes[i];
        if (takes_part(sim, i) && (!sim_node_ready(n) || !sim_net_linked(sim, i, sim->hub) ||
                                   n->disturbed_until_us > since_us))
            return;
    }
    for (uint32_t i = 0; i < sim->node_count; i++)
        sim->mesh.known[i] = sim->nodes[i].life;
}

static void look_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_mesh *mesh = &sim->mesh;
    uint32_t hub_life = sim->nodes[sim->hub].life;
    uint64_t well, before = mesh->calm && mesh->hub_life == hub_life ? mesh->well : 0;
    (void)due;
    note_known(sim);
    mesh->calm = hub_is_away(sim) && others_are_well(sim, &well);
    if (mesh->calm) {
        before &= well;
        mesh->looks += before != 0;
        for (uint32_t i = 0; i < sim->node_count; i++)
            for (uint32_t k = 0; k < sim->node_count; k++)
                if (before >> i & before >> k & 1)
                    check(sim, i, k);
        for (uint32_t i = 0; i < sim->node_count; i++)
            if (well >> i & 1) {
                mesh->wrote[i].feed = own_feed(&sim->nodes[i])->id;
                mesh->wrote[i].seq = own_feed(&sim->nodes[i])->seq;
            }
        mesh->well = well;
        mesh->hub_life = hub_life;
    }
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + LOOK_US, .run = look_due});
}

void sim_mesh_init(struct sim *sim)
{
    sim_plan(sim, (struct sim_due){.at_us = LOOK_US, .run = look_due});
}
