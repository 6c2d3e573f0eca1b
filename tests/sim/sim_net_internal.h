/* sim_net_internal.h: what the files of the network share. */
#ifndef SIM_NET_INTERNAL_H
#define SIM_NET_INTERNAL_H

#include "tests/sim/sim_net.h"

/* Does what is sent now get there? */
bool sim_net_open_way(const struct sim *sim, uint32_t from, uint32_t to);
/* How long it is under way, this time. */
int64_t sim_net_delay_us(struct sim *sim, uint32_t from, uint32_t to);
/* Is it this one that is lost, doubled or overtaken? */
bool sim_net_chaos(struct sim *sim);
/* The wire of from's making to that one, if it is up; else NULL. */
const struct sim_wire *sim_net_wire(const struct sim *sim, uint32_t from, uint32_t to);

/* A live frame: to the hub that the node feeds, and, from a hub, to all that hear it. */
void sim_net_publish(struct sim *sim, struct sim_node *n, struct fluit_slice bytes);
/* Whose sockets a guest's for frames are connected to: the hub with that key, or SIM_NOBODY. */
uint32_t sim_net_hub_with(const struct sim *sim, const struct fluit_box_pk *pk);

/* To the door at which the node knocks, or, on the link of one that knocked here, the answer. */
void sim_net_knock(struct sim *sim, struct sim_node *n, uint32_t link, struct fluit_slice bytes);
/* Whose host it is, if that is the port; or SIM_NOBODY. */
uint32_t sim_net_find_host(const struct sim *sim, struct fluit_slice endpoint, unsigned port);

/* To all to whom the way is open. */
void sim_net_beacon(struct sim *sim, uint32_t from, struct fluit_slice bytes);

#endif
