#include "node/core/discovery.h"

#include <stdio.h>
#include <string.h>

#define SECOND_US       1000000
#define SYNC_AFTER_DOOR 1

/* Is one more signature worth its time? */
static bool may_look(struct fluit_discovery *discovery, int64_t now_us)
{
    if (now_us - discovery->second_us >= SECOND_US) {
        discovery->second_us = now_us;
        discovery->looks = 0;
    }
    return ++discovery->looks <= FLUIT_BEACON_LOOKS_MAX;
}

/* Of this workshop, by another who may lead, and not an old one said again? */
static bool is_wanted(const struct fluit_node *node, const struct fluit_links *links,
                      const struct fluit_beacon *beacon)
{
    int index = fluit_roster_by_sign(&node->roster, &beacon->sign);
    int64_t now_us = fluit_node_mesh_us(node), newest_us = 0;
    if (memcmp(beacon->workshop.b, node->workshop.b, sizeof node->workshop.b) != 0 || index < 0 ||
        index == fluit_node_member(node) || !fluit_member_may_lead(&node->roster.members[index]) ||
        !fluit_member_admitted(&node->roster.members[index]))
        return false;
    for (uint32_t i = 0; i < FLUIT_STANDBYS_MAX; i++)
        if (memcmp(links->beacons[i].sign.b, beacon->sign.b, sizeof beacon->sign.b) == 0)
            newest_us = links->beacons[i].mesh_us;
    return fluit_beacon_is_fresh(beacon, now_us, newest_us);
}

static void take(struct fluit_node *node, struct fluit_links *links,
                 const struct fluit_beacon *beacon, const char *host)
{
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
    snprintf(endpoint, sizeof endpoint, strchr(host, ':') ? "tcp://[%s]:%u" : "tcp://%s:%u", host,
             beacon->door_port + SYNC_AFTER_DOOR);
    fluit_links_beacon(links, &beacon->sign, endpoint, beacon->mesh_us, node->now_us);
}

void fluit_discovery_hear(struct fluit_discovery *discovery, struct fluit_node *node,
                          struct fluit_joining *joining, struct fluit_links *links,
                          const struct fluit_event *event)
{
    struct fluit_beacon beacon;
    char host[FLUIT_BEACON_HOST_LEN_MAX + 1];
    if (fluit_beacon_get(&beacon, event->bytes))
        return;
    /* Who is no member yet knows neither workshop nor roster: any hub's door may be the one, and
     * the code tells. */
    if (node->joined ? !is_wanted(node, links, &beacon) : beacon.term == 0)
        return;
    if (!may_look(discovery, event->now_us) || !fluit_beacon_verify(&beacon, event->bytes))
        return;
    fluit_beacon_host(fluit_beacon_pick(&beacon, event->source_host), host);
    if (node->joined)
        take(node, links, &beacon, host);
    else
        fluit_joining_found(joining, host, beacon.door_port);
}

void fluit_discovery_tell(const struct fluit_node *node, uint16_t door_port,
                          const struct fluit_event *event, struct fluit_effects *fx)
{
    const struct fluit_term *newest = fluit_terms_newest(&node->terms);
    struct fluit_buf out = FLUIT_BUF_INIT;
    if (!node->joined || !node->own.ready || event->address_count == 0 || door_port == 0)
        return;
    struct fluit_beacon beacon = {.workshop = node->workshop,
                                  .sign = node->self.sign_pk,
                                  .term = newest && fluit_node_leads(node) ? newest->number : 0,
                                  .door_port = door_port,
                                  .mesh_us = fluit_node_mesh_us(node),
                                  .address_count = event->address_count};
    memcpy(beacon.addresses, event->addresses, event->address_count * sizeof beacon.addresses[0]);
    fluit_beacon_put(&beacon, &node->self.sign_sk, &out);
    if (!out.err)
        fluit_effects_add(fx, FLUIT_EFFECT_BEACON, fluit_buf_slice(&out));
    fluit_buf_deinit(&out);
}

static void write_endpoint(const struct fluit_beacon_address *address, uint16_t port,
                           char out[static FLUIT_ENDPOINT_LEN_MAX + 1])
{
    char host[FLUIT_BEACON_HOST_LEN_MAX + 1];
    fluit_beacon_host(address, host);
    snprintf(out, FLUIT_ENDPOINT_LEN_MAX + 1,
             address->family == 6 ? "tcp://[%s]:%u" : "tcp://%s:%u", host, port);
}

void fluit_discovery_move(struct fluit_node *node, uint16_t sync_port,
                          const struct fluit_event *event, struct fluit_effects *fx)
{
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
    if (!node->joined || !node->own.ready || event->address_count == 0)
        return;
    for (size_t i = 0; i < event->address_count; i++) {
        write_endpoint(&event->addresses[i], sync_port, endpoint);
        if (strcmp(endpoint, node->endpoint) == 0)
            return;
    }
    write_endpoint(&event->addresses[0], sync_port, node->endpoint);
    if (fluit_is_store_error(fluit_own_hello(node, fx)))
        fluit_node_fail(node, FLUIT_E_IO);
}
