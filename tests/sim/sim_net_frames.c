/* sim_net_frames.c: live frames. */
#include <string.h>

#include "tests/sim/sim.h"
#include "tests/sim/sim_net_internal.h"

#define FRAME_LOSS       2000   /* in a million, on a good day */
#define YOUNG_FRAME_LOSS 500000 /* before subscriptions have got through */
#define YOUNG_US         (200 * SIM_MS)

static void frame_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    const struct fluit_box_pk *peer = &sim->nodes[(uint32_t)due->n].pk;
    if (due->life != n->life || !n->core || !sim_node_admits(n, peer))
        return;
    sim_node_give(sim, n,
                  (struct sim_input){
                      .kind = FLUIT_EVENT_FRAME, .peer = *peer, .mail = sim_mail_share(due->mail)});
}

/* The connections for live frames fare as the follower's wire to the hub does. */
static void send_frame(struct sim *sim, uint32_t from, uint32_t to, bool by_hub,
                       struct sim_mail *mail)
{
    const struct sim_wire *wire =
        by_hub ? sim_net_wire(sim, to, from) : sim_net_wire(sim, from, to);
    if (!wire || !sim_net_open_way(sim, from, to) || sim_net_chaos(sim))
        return;
    bool young = sim->world.now_us - wire->up_us < YOUNG_US;
    if (sim_often(sim, young ? YOUNG_FRAME_LOSS : FRAME_LOSS))
        return;
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + sim_net_delay_us(sim, from, to),
                                   .run = frame_due,
                                   .node = to,
                                   .life = sim->nodes[to].life,
                                   .n = from,
                                   .mail = sim_mail_share(mail)});
}

void sim_net_publish(struct sim *sim, struct sim_node *n, struct fluit_slice bytes)
{
    uint32_t from = sim_node_index(sim, n);
    struct sim_mail *mail = sim_mail_new(bytes);
    if (sim->net.paths[from].feeds != SIM_NOBODY)
        send_frame(sim, from, sim->net.paths[from].feeds, false, mail);
    for (uint32_t i = 0; n->hub && i < sim->node_count; i++)
        if (sim->net.paths[i].hears == from)
            send_frame(sim, from, i, true, mail);
    sim_mail_drop(mail);
}

uint32_t sim_net_hub_with(const struct sim *sim, const struct fluit_box_pk *pk)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->nodes[i].node_class == FLUIT_NODE_HUB &&
            memcmp(sim->nodes[i].pk.b, pk->b, sizeof pk->b) == 0)
            return i;
    return SIM_NOBODY;
}
