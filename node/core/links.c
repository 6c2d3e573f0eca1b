#include "node/core/links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HUB_ADDRESS_LEN (32 + 3 * 2)
#define CANDIDATES_MAX  3
/* The hub's other ports follow its port for sync. PROTOCOL.md "Ports". */
#define CONTROL_AFTER_SYNC 1
#define COLLECT_AFTER_SYNC 2

/* Kept addresses. */

enum fluit_err fluit_hub_address_save(struct fluit_store store, const struct fluit_hub_address *hub)
{
    uint8_t bytes[HUB_ADDRESS_LEN];
    memcpy(bytes, hub->link.b, 32);
    fluit_put_u16(bytes + 32, hub->sync_port);
    fluit_put_u16(bytes + 34, hub->control_port);
    fluit_put_u16(bytes + 36, hub->collect_port);
    enum fluit_err err = store.ops->put(store.self, "hub", fluit_slice(bytes, sizeof bytes));
    return err ? err : store.ops->put(store.self, "host", fluit_slice_str(hub->host));
}

enum fluit_err fluit_hub_address_load(struct fluit_store store, struct fluit_hub_address *out)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    struct fluit_hub_address hub = {0};
    enum fluit_err err = store.ops->value(store.self, "hub", &value);
    if (!err && value.len != HUB_ADDRESS_LEN)
        err = FLUIT_E_FORMAT;
    if (!err) {
        memcpy(hub.link.b, value.data, 32);
        hub.sync_port = fluit_get_u16(value.data + 32);
        hub.control_port = fluit_get_u16(value.data + 34);
        hub.collect_port = fluit_get_u16(value.data + 36);
        err = store.ops->value(store.self, "host", &value);
    }
    if (!err && value.len > FLUIT_HOST_LEN_MAX)
        err = FLUIT_E_FORMAT;
    if (!err) {
        memcpy(hub.host, value.data, value.len);
        *out = hub;
    }
    fluit_buf_deinit(&value);
    return err;
}

/* What is known of where others are. */

void fluit_links_deinit(struct fluit_links *links)
{
    free(links->told);
    *links = (struct fluit_links){0};
}

void fluit_links_reindexed(struct fluit_links *links)
{
    for (uint32_t i = 0; i < links->told_cap; i++)
        links->told[i].known = false;
    links->stale = true;
}

static bool grow(struct fluit_links *links, uint32_t rank)
{
    uint32_t cap = links->told_cap ? links->told_cap : 32;
    if (rank < links->told_cap)
        return true;
    while (cap <= rank)
        cap *= 2;
    struct fluit_told_address *told = realloc(links->told, cap * sizeof *told);
    if (!told)
        return false; /* then it is no peer of ours: others are */
    memset(told + links->told_cap, 0, (cap - links->told_cap) * sizeof *told);
    links->told = told;
    links->told_cap = cap;
    return true;
}

void fluit_links_hello(struct fluit_links *links, const struct fluit_origin *origin,
                       const struct fluit_act *act)
{
    struct fluit_slice endpoint = act->hello.endpoint;
    if (origin->rank >= FLUIT_NODES_MAX || endpoint.len > FLUIT_ENDPOINT_LEN_MAX ||
        !grow(links, origin->rank))
        return;
    struct fluit_told_address *told = &links->told[origin->rank];
    if (told->known && fluit_origin_cmp(&told->origin, origin) >= 0)
        return;
    told->known = true;
    told->missed_us = 0; /* it is back, maybe somewhere else */
    told->origin = *origin;
    if (endpoint.len > 0)
        memcpy(told->endpoint, endpoint.data, endpoint.len);
    told->endpoint[endpoint.len] = 0;
    links->stale = true;
}

void fluit_links_beacon(struct fluit_links *links, const struct fluit_sign_pk *sign,
                        const char *endpoint, int64_t mesh_us, int64_t now_us)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < FLUIT_STANDBYS_MAX; i++) {
        if (memcmp(links->beacons[i].sign.b, sign->b, sizeof sign->b) == 0) {
            at = i;
            break;
        }
        if (links->beacons[i].heard_us < links->beacons[at].heard_us)
            at = i;
    }
    bool same = links->beacons[at].heard_us && strcmp(links->beacons[at].endpoint, endpoint) == 0 &&
                memcmp(links->beacons[at].sign.b, sign->b, sizeof sign->b) == 0;
    links->stale |= !same;
    links->beacons[at].sign = *sign;
    links->beacons[at].heard_us = now_us;
    links->beacons[at].mesh_us = mesh_us;
    snprintf(links->beacons[at].endpoint, sizeof links->beacons[at].endpoint, "%s", endpoint);
}

/* Whoever was out of reach without the hub may be within it again. */
static void forget_missed(struct fluit_links *links)
{
    for (uint32_t i = 0; i < links->told_cap; i++)
        links->told[i].missed_us = 0;
}

void fluit_links_event(struct fluit_links *links, const struct fluit_event *event)
{
    uint32_t at = event->link - FLUIT_LINK_KEPT;
    bool up = event->kind == FLUIT_EVENT_LINK_UP;
    if ((!up && event->kind != FLUIT_EVENT_LINK_DOWN) || event->link < FLUIT_LINK_KEPT ||
        at >= FLUIT_LINKS_KEPT_MAX)
        return;
    links->kept[at].up = up;
    links->kept[at].since_us = event->now_us;
    if (up && memcmp(links->kept[at].peer.b, links->hub.b, sizeof links->hub.b) == 0) {
        forget_missed(links);
        links->stale = true;
    }
    if (!up) { /* it may have said meanwhile that it has moved: the likeliest place first */
        links->kept[at].tries = 0;
        links->stale = true;
    }
}

/* Where a member may be reached, the likeliest first. */

struct candidates {
    char at[CANDIDATES_MAX][FLUIT_ENDPOINT_LEN_MAX + 1];
    uint32_t count;
};

static void add_candidate(struct candidates *c, const char *endpoint)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->at[i], endpoint) == 0)
            return;
    if (endpoint[0] && c->count < CANDIDATES_MAX)
        snprintf(c->at[c->count++], sizeof c->at[0], "%s", endpoint);
}

static void write_endpoint(char out[FLUIT_ENDPOINT_LEN_MAX + 1], const char *host, uint16_t port)
{
    bool ipv6 = strchr(host, ':') != NULL;
    snprintf(out, FLUIT_ENDPOINT_LEN_MAX + 1, ipv6 ? "tcp://[%.240s]:%u" : "tcp://%.240s:%u", host,
             port);
}

static void find_candidates(const struct fluit_links *links, const struct fluit_member *member,
                            uint32_t index, struct candidates *out)
{
    char typed[FLUIT_ENDPOINT_LEN_MAX + 1];
    *out = (struct candidates){.count = 0};
    for (uint32_t i = 0; i < FLUIT_STANDBYS_MAX; i++)
        if (links->beacons[i].heard_us &&
            memcmp(links->beacons[i].sign.b, member->sign.b, sizeof member->sign.b) == 0)
            add_candidate(out, links->beacons[i].endpoint);
    if (links->typed.host[0] && memcmp(links->typed.link.b, member->link.b, 32) == 0) {
        write_endpoint(typed, links->typed.host, links->typed.sync_port);
        add_candidate(out, typed);
    }
    if (index < links->told_cap && links->told[index].known)
        add_candidate(out, links->told[index].endpoint);
}

/* Choosing. */

struct wanted {
    struct fluit_box_pk peer;
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
};

struct choice {
    struct wanted items[FLUIT_LINKS_KEPT_MAX];
    uint32_t count;
};

static struct fluit_kept_link *kept_to(struct fluit_links *links, const struct fluit_box_pk *peer)
{
    for (uint32_t i = 0; i < FLUIT_LINKS_KEPT_MAX; i++)
        if (links->kept[i].used && memcmp(links->kept[i].peer.b, peer->b, sizeof peer->b) == 0)
            return &links->kept[i];
    return NULL;
}

static bool gives_up(const struct fluit_kept_link *kept, int64_t now_us)
{
    return kept->used && !kept->up && now_us - kept->since_us >= FLUIT_REDIAL_US;
}

/* Where it is, if it answers there; else the next place it may be at. */
static bool choose_one(struct fluit_links *links, const struct fluit_node *node, uint32_t index,
                       struct choice *choice)
{
    const struct fluit_member *member = &node->roster.members[index];
    struct fluit_kept_link *kept = kept_to(links, &member->link);
    struct candidates c;
    uint32_t at = 0;
    find_candidates(links, member, index, &c);
    if (c.count == 0 || choice->count == FLUIT_LINKS_KEPT_MAX)
        return false;
    if (kept && gives_up(kept, node->now_us)) {
        kept->tries++;
        kept->since_us = node->now_us;
    }
    if (kept)
        at = kept->tries % c.count;
    struct wanted *wanted = &choice->items[choice->count++];
    wanted->peer = member->link;
    /* A link that works stays as it is, whatever else is said. */
    memcpy(wanted->endpoint, kept && kept->up ? kept->endpoint : c.at[at], sizeof wanted->endpoint);
    return true;
}

static bool is_peer(const struct fluit_links *links, const struct fluit_node *node, uint32_t index)
{
    const struct fluit_member *member = &node->roster.members[index];
    return (int)index != fluit_node_member(node) && fluit_member_admitted(member) &&
           !fluit_member_may_lead(member) && index < links->told_cap && links->told[index].known &&
           links->told[index].endpoint[0];
}

static void note_missed(struct fluit_links *links, struct fluit_node *node, uint32_t index)
{
    const struct fluit_kept_link *kept = kept_to(links, &node->roster.members[index].link);
    if (kept && kept->up)
        links->told[index].missed_us = 0;
    else if (kept && gives_up(kept, node->now_us))
        links->told[index].missed_us = node->now_us;
}

static bool in_choice(const struct choice *choice, const struct fluit_box_pk *peer)
{
    for (uint32_t i = 0; i < choice->count; i++)
        if (memcmp(choice->items[i].peer.b, peer->b, sizeof peer->b) == 0)
            return true;
    return false;
}

/* The one that was missed longest ago, of those that have no place; -1: none. */
static int longest_missed(const struct fluit_links *links, const struct fluit_node *node,
                          const struct choice *choice)
{
    int found = -1;
    for (uint32_t i = 0; i < node->roster.count; i++)
        if (is_peer(links, node, i) && links->told[i].missed_us &&
            !in_choice(choice, &node->roster.members[i].link) &&
            (found < 0 || links->told[i].missed_us < links->told[found].missed_us))
            found = (int)i;
    return found;
}

/* The next ones in the ring that answer. Those that did not give their places to others; after a
 * while they are tried again, one at a time, so that the links of all become one ring again. */
static void choose_peers(struct fluit_links *links, struct fluit_node *node, struct choice *choice)
{
    uint32_t peers = 0, self = (uint32_t)fluit_node_member(node);
    bool one_returns = false;
    int missed;
    for (uint32_t i = 0; i < links->told_cap; i++)
        if (i >= node->roster.count || !is_peer(links, node, i))
            links->told[i].missed_us = 0; /* it is none any more */
    for (uint32_t step = 1; step < node->roster.count; step++) {
        uint32_t index = (self + node->roster.count - step) % node->roster.count;
        if (!is_peer(links, node, index))
            continue;
        note_missed(links, node, index);
        int64_t *missed_us = &links->told[index].missed_us;
        bool due = *missed_us && node->now_us - *missed_us >= FLUIT_PEER_RETURN_US;
        if (*missed_us && !due)
            continue;
        if (peers == FLUIT_PEERS_MAX) {
            *missed_us = 0; /* those before it in the ring answer: it is not needed */
        } else if (due && one_returns) {
            *missed_us += FLUIT_REDIAL_US; /* its turn comes */
        } else {
            one_returns |= due;
            *missed_us = 0;
            peers += choose_one(links, node, index, choice);
        }
    }
    while (peers < FLUIT_PEERS_MAX && (missed = longest_missed(links, node, choice)) >= 0 &&
           choose_one(links, node, (uint32_t)missed, choice))
        peers++;
}

static void choose_all(struct fluit_links *links, struct fluit_node *node, struct choice *choice)
{
    struct fluit_box_pk hub;
    int self = fluit_node_member(node);
    int leader = fluit_node_hub_key(node, &hub) ? fluit_roster_by_link(&node->roster, &hub) : -1;
    uint32_t standbys = 0;
    if (leader >= 0)
        choose_one(links, node, (uint32_t)leader, choice);
    for (uint32_t step = 1; step < node->roster.count; step++) {
        uint32_t index = ((uint32_t)self + step) % node->roster.count;
        const struct fluit_member *member = &node->roster.members[index];
        if ((int)index == leader || !fluit_member_admitted(member))
            continue;
        if (fluit_member_may_lead(member))
            standbys += standbys < FLUIT_STANDBYS_MAX && choose_one(links, node, index, choice);
    }
    choose_peers(links, node, choice);
}

static void drop_others(struct fluit_links *links, const struct choice *choice,
                        struct fluit_effects *fx)
{
    for (uint32_t i = 0; i < FLUIT_LINKS_KEPT_MAX; i++) {
        if (!links->kept[i].used || in_choice(choice, &links->kept[i].peer))
            continue;
        fluit_effects_add(fx, FLUIT_EFFECT_DROP_LINK, fluit_slice(NULL, 0))->link =
            FLUIT_LINK_KEPT + i;
        links->kept[i] = (struct fluit_kept_link){0};
    }
}

static void link_to(struct fluit_links *links, const struct wanted *wanted, int64_t now_us,
                    struct fluit_effects *fx)
{
    struct fluit_kept_link *kept = kept_to(links, &wanted->peer);
    if (kept && strcmp(kept->endpoint, wanted->endpoint) == 0)
        return;
    for (uint32_t i = 0; !kept && i < FLUIT_LINKS_KEPT_MAX; i++)
        if (!links->kept[i].used)
            kept = &links->kept[i];
    if (!kept)
        return;
    uint32_t tries = kept->tries;
    *kept = (struct fluit_kept_link){
        .used = true, .peer = wanted->peer, .tries = tries, .since_us = now_us};
    memcpy(kept->endpoint, wanted->endpoint, sizeof kept->endpoint);
    struct fluit_effect *connect =
        fluit_effects_add(fx, FLUIT_EFFECT_CONNECT, fluit_slice_str(wanted->endpoint));
    connect->link = FLUIT_LINK_KEPT + (uint32_t)(kept - links->kept);
    connect->peer = wanted->peer;
}

/* Live frames. */

static void carry_live(const struct fluit_box_pk *peer, enum fluit_effect_kind kind,
                       const char *endpoint, struct fluit_effects *fx)
{
    struct fluit_effect *effect = fluit_effects_add(fx, kind, fluit_slice_str(endpoint));
    effect->link = FLUIT_LINK_LIVE;
    effect->peer = *peer;
}

/* The same host, some ports on; as typed and told for the hub that let us in. */
static bool live_endpoint(const struct fluit_links *links, const struct fluit_kept_link *hub,
                          int after_sync, uint16_t welcomed, char out[FLUIT_ENDPOINT_LEN_MAX + 1])
{
    char typed[FLUIT_ENDPOINT_LEN_MAX + 1];
    const char *colon = strrchr(hub->endpoint, ':');
    write_endpoint(typed, links->typed.host, links->typed.sync_port);
    if (strcmp(typed, hub->endpoint) == 0) {
        write_endpoint(out, links->typed.host, welcomed);
        return true;
    }
    long port = colon ? strtol(colon + 1, NULL, 10) + after_sync : 0;
    if (port <= after_sync || port > UINT16_MAX)
        return false;
    snprintf(out, FLUIT_ENDPOINT_LEN_MAX + 1, "%.*s:%ld", (int)(colon - hub->endpoint),
             hub->endpoint, port);
    return true;
}

static void follow_live(struct fluit_links *links, struct fluit_node *node,
                        struct fluit_effects *fx)
{
    char control[FLUIT_ENDPOINT_LEN_MAX + 1], collect[FLUIT_ENDPOINT_LEN_MAX + 1];
    struct fluit_box_pk hub;
    const struct fluit_kept_link *kept =
        fluit_node_hub_key(node, &hub) ? kept_to(links, &hub) : NULL;
    if (!kept) {
        if (links->live_at[0])
            fluit_effects_add(fx, FLUIT_EFFECT_DROP_LINK, fluit_slice(NULL, 0))->link =
                FLUIT_LINK_LIVE;
        links->live_at[0] = 0;
        return;
    }
    bool same = strcmp(links->live_at, kept->endpoint) == 0 &&
                memcmp(links->live.b, hub.b, sizeof hub.b) == 0;
    if (same ||
        !live_endpoint(links, kept, CONTROL_AFTER_SYNC, links->typed.control_port, control) ||
        !live_endpoint(links, kept, COLLECT_AFTER_SYNC, links->typed.collect_port, collect))
        return;
    links->live = hub;
    memcpy(links->live_at, kept->endpoint, sizeof links->live_at);
    carry_live(&hub, FLUIT_EFFECT_SUBSCRIBE, control, fx);
    carry_live(&hub, FLUIT_EFFECT_FEED_TO, collect, fx);
}

void fluit_links_choose(struct fluit_links *links, struct fluit_node *node,
                        struct fluit_effects *fx)
{
    struct choice choice = {.count = 0};
    struct fluit_box_pk hub = {{0}};
    if (!node->joined || fluit_node_member(node) < 0)
        return;
    if (!fluit_node_hub_key(node, &hub))
        hub = (struct fluit_box_pk){{0}};
    bool another = memcmp(hub.b, links->hub.b, sizeof hub.b) != 0;
    if (!another && !links->stale && fluit_links_deadline(links) > node->now_us)
        return;
    links->stale = false;
    links->hub = hub;
    choose_all(links, node, &choice);
    drop_others(links, &choice, fx);
    for (uint32_t i = 0; i < choice.count; i++)
        link_to(links, &choice.items[i], node->now_us, fx);
    follow_live(links, node, fx);
}

int64_t fluit_links_deadline(const struct fluit_links *links)
{
    int64_t at = INT64_MAX;
    for (uint32_t i = 0; i < FLUIT_LINKS_KEPT_MAX; i++)
        if (links->kept[i].used && !links->kept[i].up &&
            links->kept[i].since_us + FLUIT_REDIAL_US < at)
            at = links->kept[i].since_us + FLUIT_REDIAL_US;
    for (uint32_t i = 0; i < links->told_cap; i++)
        if (links->told[i].missed_us && links->told[i].missed_us + FLUIT_PEER_RETURN_US < at)
            at = links->told[i].missed_us + FLUIT_PEER_RETURN_US;
    return at;
}
