#include "node/io/net_cut.h"

#include <stdlib.h>
#include <string.h>

#include "node/io/clocksource.h"
#include "node/io/net_internal.h"

#define HEAL_US 200000

bool fluit_net_is_cut(const struct fluit_net *net, const struct fluit_box_pk *key)
{
    for (size_t i = 0; i < net->cut_count; i++)
        if (memcmp(net->cut[i].b, key->b, sizeof key->b) == 0)
            return true;
    return false;
}

static bool is_dialled_to(const struct port *port, const struct fluit_box_pk *key)
{
    return port->monitor && memcmp(port->peer.b, key->b, sizeof key->b) == 0;
}

enum fluit_err fluit_net_cut(struct fluit_net *net, const struct fluit_box_pk *key)
{
    if (fluit_net_is_cut(net, key))
        return FLUIT_OK;
    if (net->cut_count == FLUIT_NODES_MAX)
        return FLUIT_E_LIMIT;
    if (!net->cut && !(net->cut = calloc(FLUIT_NODES_MAX, sizeof *net->cut)))
        return FLUIT_E_NOMEM;
    net->cut[net->cut_count++] = *key;
    /* The next fluit_net_take tells of what goes down here. A socket that is only disconnected may
     * lose half a message, which libzmq does not survive. */
    enum fluit_err err = FLUIT_OK;
    for (size_t i = 0; i < net->port_count && !err; i++)
        if (is_dialled_to(&net->ports[i], key))
            err = fluit_net_renew_port(net, &net->ports[i]);
    for (size_t i = 0; i < net->links.count; i++)
        if (memcmp(net->links.items[i].peer.b, key->b, sizeof key->b) == 0)
            net->links.items[i].gone = true;
    return err;
}

void fluit_net_heal(struct fluit_net *net)
{
    for (size_t i = 0; i < net->port_count; i++)
        if (net->ports[i].monitor && fluit_net_is_cut(net, &net->ports[i].peer))
            net->ports[i].dialled_us = fluit_boot_us() + HEAL_US - REDIAL_US;
    net->cut_count = 0;
}
