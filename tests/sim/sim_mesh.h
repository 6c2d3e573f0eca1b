/* sim_mesh.h: tables keep one another in step while the hub is away.
 *
 * Now and then somebody looks: if the hub was away at the last look, too, and nothing else was
 * wrong, each table holds by now what each other had written then. But for those that started anew
 * meanwhile: they listen elsewhere now, and only by way of the hub others hear where. And but for
 * feeds that are known to be forked, of which nobody asks for more. */
#ifndef SIM_MESH_H
#define SIM_MESH_H

#include "tests/sim/sim_node.h"

struct sim_mesh {
    bool calm;          /* at the last look the hub was away and all else was well */
    uint32_t hub_life;  /* of the hub then */
    uint64_t well;      /* the nodes, by bit, that took part then */
    uint32_t known[64]; /* the life of the node that others have heard of, by node */
    struct {
        struct fluit_feed_id feed;
        uint64_t seq;
    } wrote[64];    /* own feed, by node */
    uint32_t looks; /* with something to see */
};

void sim_mesh_init(struct sim *sim);

#endif
