/* sim_net_door.c: joining: knocks at a hub's door, and its answers. */
#include <stdio.h>

#include "tests/sim/sim.h"
#include "tests/sim/sim_net_internal.h"

/* Whoever knocks is known there by its index and life. */
#define DOOR_LINK(node, life) (FLUIT_LINK_ACCEPTED + (node) + (life)*SIM_NODES_MAX)

static void door_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (due->life == n->life && n->core)
        sim_node_give(sim, n,
                      (struct sim_input){.kind = FLUIT_EVENT_DOOR,
                                         .link = (uint32_t)due->n,
                                         .mail = sim_mail_share(due->mail)});
}

void sim_net_knock(struct sim *sim, struct sim_node *n, uint32_t link, struct fluit_slice bytes)
{
    uint32_t from = sim_node_index(sim, n);
    uint32_t to = sim->net.paths[from].door;
    bool answers = link >= FLUIT_LINK_ACCEPTED;
    if (!answers && to == SIM_NOBODY)
        return;
    uint32_t life = answers ? 0 : sim->nodes[to].life;
    if (answers) {
        to = (link - FLUIT_LINK_ACCEPTED) % SIM_NODES_MAX;
        life = (link - FLUIT_LINK_ACCEPTED) / SIM_NODES_MAX;
    }
    if (!sim_net_open_way(sim, from, to) || sim_net_chaos(sim))
        return;
    sim_chat(sim, "%s knocks %s %zu", n->name, sim->nodes[to].name, bytes.len);
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + sim_net_delay_us(sim, from, to),
                                   .run = door_due,
                                   .node = to,
                                   .life = life,
                                   .n = answers ? 0 : DOOR_LINK(from, n->life),
                                   .mail = sim_mail_new(bytes)});
}

uint32_t sim_net_find_host(const struct sim *sim, struct fluit_slice endpoint, unsigned port)
{
    char at[FLUIT_ENDPOINT_LEN_MAX + 1], host[SIM_HOST_LEN];
    for (uint32_t i = 0; i < sim->node_count; i++) {
        sim_net_host(i, host);
        snprintf(at, sizeof at, "tcp://%s:%u", host, port);
        if (fluit_slice_is(endpoint, at))
            return i;
    }
    return SIM_NOBODY;
}
