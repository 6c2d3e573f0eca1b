/* sim_net_beacon.c: beacons, to all on the network. */
#include "tests/sim/sim.h"
#include "tests/sim/sim_net_internal.h"

static void beacon_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (due->life == n->life && n->core)
        sim_node_give(sim, n,
                      (struct sim_input){.kind = FLUIT_EVENT_BEACON,
                                         .item = (uint32_t)due->n,
                                         .mail = sim_mail_share(due->mail)});
}

void sim_net_beacon(struct sim *sim, uint32_t from, struct fluit_slice bytes)
{
    struct sim_mail *mail = sim_mail_new(bytes);
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (i != from && sim->nodes[i].core && sim_net_open_way(sim, from, i) &&
            !sim_net_chaos(sim))
            sim_plan(sim,
                     (struct sim_due){.at_us = sim->world.now_us + sim_net_delay_us(sim, from, i),
                                      .run = beacon_due,
                                      .node = i,
                                      .life = sim->nodes[i].life,
                                      .n = from,
                                      .mail = sim_mail_share(mail)});
    sim_mail_drop(mail);
}
