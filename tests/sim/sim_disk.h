/* sim_disk.h: disks that are copied, put back and destroyed, and what is lost with them.
 *
 * Lost may only be what no disk in use holds any more; and never what was told safe, for that is on
 * the hub's disk, too. */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include "tests/sim/sim_node.h"

struct sim_item;

/* Would this very entry survive a crash of that disk? A disk that was put back may go on with
 * another in its place. */
bool sim_disk_holds(const struct store_memory *disk, const struct sim_item *item);

/* The hub printed: maybe the new code that a replaced device waits for. */
void sim_renew_hear(struct sim *sim, const struct sim_node *hub, struct fluit_slice text);
/* The node's core wants to end. It may if the door refused it: then it asks for another code. */
void sim_renew_quit(struct sim *sim, struct sim_node *n, struct fluit_slice why);

/* sim_fork.c: does the node hold a branch of the feed that is not the hub's? */
bool sim_fork_between(const struct sim *sim, const struct sim_node *n,
                      const struct fluit_feed_id *feed);
/* Do both hold the same, but for feeds with two branches, of which each keeps its own? */
bool sim_fork_same_feeds(struct sim *sim, const struct sim_node *n);
/* Did this node or the hub meet a fork in a feed of that table's authors? */
bool sim_fork_at_table(struct sim *sim, const struct sim_node *n);

#endif
