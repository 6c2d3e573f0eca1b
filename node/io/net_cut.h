/* net_cut.h: a network that breaks on purpose, for rehearsals and tests.
 *
 * What is cut is dead for this node, both ways: connections that it made go down at once and are
 * not made again, those that others made are forgotten, and whoever dials again is refused. To the
 * core it looks like a cable that was pulled. The other end is not told: cut there, too. The door,
 * which knows no keys, stays open. */
#ifndef FLUIT_NET_CUT_H
#define FLUIT_NET_CUT_H

#include "node/io/net.h"

/* Cuts the owner of this CURVE key off until fluit_net_heal; more may be cut off already. LIMIT
 * (more than FLUIT_NODES_MAX), NOMEM, IO. */
FLUIT_MUST_CHECK enum fluit_err fluit_net_cut(struct fluit_net *net,
                                              const struct fluit_box_pk *key);
/* All that was cut is dialled again, a moment later: by then the other end has healed, too. */
void fluit_net_heal(struct fluit_net *net);
bool fluit_net_is_cut(const struct fluit_net *net, const struct fluit_box_pk *key);

#endif
