#include "node/core/join.h"

#include <stdio.h>
#include <string.h>

#define QUIT_REFUSED 2
#define SAY_AT_TRY   3
#define QUIET_US     INT64_C(60000000)
/* The hub's other ports follow its door's (PROTOCOL.md "Ports"). */
#define SYNC_AFTER_DOOR    1
#define CONTROL_AFTER_DOOR 2
#define COLLECT_AFTER_DOOR 3

void fluit_joining_deinit(struct fluit_joining *joining)
{
    if (joining->knocking)
        fluit_noise_deinit(&joining->noise);
    fluit_wipe(joining, sizeof *joining);
}

/* Knocking. */

void fluit_joining_found(struct fluit_joining *joining, const char *host, uint16_t port)
{
    for (uint32_t i = 0; i < joining->door_count; i++)
        if (joining->doors[i].port == port && strcmp(joining->doors[i].host, host) == 0)
            return;
    if (joining->door_count == FLUIT_DOORS_MAX || strlen(host) > FLUIT_HOST_LEN_MAX)
        return;
    memcpy(joining->doors[joining->door_count].host, host, strlen(host) + 1);
    joining->doors[joining->door_count++].port = port;
    if (joining->door_count == 1)
        joining->next_us = 0; /* it waited for one */
}

static void open_door(const struct fluit_joining *joining, struct fluit_effects *fx)
{
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1];
    const char *host = joining->doors[joining->door].host;
    bool ipv6 = strchr(host, ':') != NULL;
    snprintf(endpoint, sizeof endpoint, ipv6 ? "tcp://[%.240s]:%u" : "tcp://%.240s:%u", host,
             joining->doors[joining->door].port);
    fluit_effects_add(fx, FLUIT_EFFECT_OPEN_DOOR, fluit_slice_str(endpoint));
}

static void say_patience(const struct fluit_joining *joining, struct fluit_effects *fx)
{
    if (joining->door_count == 0)
        fluit_effects_print(fx, "no hub found on this network yet; is it running? Its address can "
                                "be given with --hub HOST:PORT. I go on looking");
    else
        fluit_effects_print(fx, "no answer from the hub yet; is it running, and is its address "
                                "right? I go on trying");
}

/* The next door that may be knocked at; false: none. */
static bool choose_door(struct fluit_joining *joining, int64_t now_us)
{
    for (uint32_t i = 1; i <= joining->door_count; i++) {
        uint32_t door = (joining->door + i) % joining->door_count;
        if (joining->doors[door].quiet_until_us > now_us)
            continue;
        joining->door = door;
        return true;
    }
    return false;
}

static void knock(struct fluit_joining *joining, struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    joining->next_us = node->now_us + FLUIT_DOOR_RETRY_US;
    if (++joining->tries == SAY_AT_TRY)
        say_patience(joining, fx);
    if (!choose_door(joining, node->now_us))
        return;
    if (joining->knocking)
        fluit_noise_deinit(&joining->noise);
    joining->knocking = true;
    enum fluit_err err = fluit_join_write(&joining->noise, &node->rng, &joining->code, &node->self,
                                          node->node_class, &out);
    if (err) {
        fluit_node_fail(node, err);
    } else {
        open_door(joining, fx);
        fluit_effects_add(fx, FLUIT_EFFECT_DOOR, fluit_buf_slice(&out));
    }
    fluit_buf_deinit(&out);
}

bool fluit_joining_begin(struct fluit_joining *joining, struct fluit_node *node,
                         struct fluit_effects *fx)
{
    struct fluit_buf workshop = FLUIT_BUF_INIT;
    enum fluit_err err = node->store.ops->value(node->store.self, "workshop", &workshop);
    fluit_buf_deinit(&workshop);
    if (err && err != FLUIT_E_MISSING) {
        fluit_node_fail(node, err);
        return false;
    }
    if (!err) {
        if (joining->code.s[0])
            fluit_effects_print(fx, "this directory has joined before and goes on as it was; its "
                                    "code is not used. A new code needs a new directory");
        return true;
    }
    if (!joining->code.s[0]) {
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT,
                          fluit_slice_str("nothing to resume here: give the code, --code CODE, and "
                                          "if need be where the hub is, --hub HOST:PORT"))
            ->link = QUIT_REFUSED;
        return false;
    }
    if (joining->host[0])
        fluit_joining_found(joining, joining->host, joining->door_port);
    knock(joining, node, fx);
    return false;
}

void fluit_joining_tick(struct fluit_joining *joining, struct fluit_node *node,
                        struct fluit_effects *fx)
{
    if (!node->joined && joining->tries > 0 && node->now_us >= joining->next_us)
        knock(joining, node, fx);
}

int64_t fluit_joining_deadline(const struct fluit_joining *joining, const struct fluit_node *node)
{
    return !node->joined && joining->tries > 0 ? joining->next_us : INT64_MAX;
}

/* Let in. */

static enum fluit_err put(struct fluit_node *node, const char *name, const void *data, size_t len)
{
    return node->store.ops->put(node->store.self, name, fluit_slice(data, len));
}

/* Keeps all that makes a member, in the turn's one commit. */
static enum fluit_err keep(const struct fluit_joining *joining, struct fluit_node *node,
                           const struct fluit_welcome *w, struct fluit_effects *fx)
{
    node->workshop = w->workshop;
    node->root = w->root;
    enum fluit_err err = fluit_node_adopt_roster(node, w->roster, &w->roster_sig, fx);
    if (err)
        return err;
    if (fluit_node_member(node) < 0)
        return FLUIT_E_AUTH;
    err = put(node, "workshop", w->workshop.b, sizeof w->workshop.b);
    if (!err)
        err = put(node, "root", w->root.b, sizeof w->root.b);
    struct fluit_hub_address hub = {.link = w->hub_link,
                                    .sync_port = w->sync_port,
                                    .control_port = w->control_port,
                                    .collect_port = w->collect_port};
    const char *host = joining->doors[joining->door].host;
    memcpy(hub.host, host, strlen(host) + 1);
    if (!err)
        err = fluit_hub_address_save(node->store, &hub);
    struct fluit_held_key room = {.purpose = FLUIT_KEY_ROOM, .key = w->room_key};
    room.id = fluit_key_id(&room.key);
    if (!err)
        err = fluit_node_keep_key(node, &room, fx);
    fluit_wipe(&room, sizeof room);
    return err;
}

bool fluit_joining_answer(struct fluit_joining *joining, struct fluit_node *node,
                          struct fluit_slice answer, struct fluit_effects *fx)
{
    struct fluit_buf text = FLUIT_BUF_INIT;
    struct fluit_welcome welcome;
    unsigned reason = 0;
    bool proven = false, in = false;
    if (!joining->knocking || node->joined)
        return false;
    enum fluit_err err =
        fluit_welcome_read(&joining->noise, answer, &text, &welcome, &reason, &proven);
    if (err == FLUIT_E_DENIED) {
        /* An unproven refusal may be anybody's; at a door that nobody typed it is. */
        const char *why = fluit_refusal_text(reason);
        bool typed = joining->host[0] && joining->door == 0;
        if (proven || typed)
            fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str(why))->link = QUIT_REFUSED;
        else
            joining->doors[joining->door].quiet_until_us = node->now_us + QUIET_US;
    } else if (!err) {
        err = keep(joining, node, &welcome, fx);
        if (err == FLUIT_E_AUTH || err == FLUIT_E_WORKSHOP || err == FLUIT_E_FORMAT)
            fluit_node_complain(node, fx, "the hub", "its roster is not signed by its root key");
        else if (err)
            fluit_node_fail(node, err);
        in = !err;
    }
    fluit_wipe(&welcome, sizeof welcome);
    if (text.data)
        fluit_wipe(text.data, text.cap);
    fluit_buf_deinit(&text);
    return in;
}

/* An address given by hand counts over the one kept, for whoever leads now. */
static enum fluit_err find_hub(struct fluit_joining *joining, struct fluit_node *node,
                               struct fluit_links *links)
{
    struct fluit_hub_address *hub = &links->typed;
    enum fluit_err err = fluit_hub_address_load(node->store, hub);
    if (err)
        return err == FLUIT_E_MISSING ? FLUIT_OK : err;
    node->welcomed_by = hub->link;
    if (!joining->host[0] || joining->knocking)
        return FLUIT_OK;
    struct fluit_box_pk leader;
    if (fluit_node_hub_key(node, &leader))
        hub->link = leader;
    memcpy(hub->host, joining->host, sizeof hub->host);
    hub->sync_port = (uint16_t)(joining->door_port + SYNC_AFTER_DOOR);
    hub->control_port = (uint16_t)(joining->door_port + CONTROL_AFTER_DOOR);
    hub->collect_port = (uint16_t)(joining->door_port + COLLECT_AFTER_DOOR);
    return fluit_hub_address_save(node->store, hub);
}

/* A hub may be run as a standby and the other way: which it is its terms say. */
static bool is_part(enum fluit_node_class is, enum fluit_node_class wanted)
{
    bool may_lead = is == FLUIT_NODE_HUB || is == FLUIT_NODE_STANDBY;
    return is == wanted || (may_lead && (wanted == FLUIT_NODE_HUB || wanted == FLUIT_NODE_STANDBY));
}

bool fluit_joining_enter(struct fluit_joining *joining, struct fluit_node *node,
                         struct fluit_links *links, enum fluit_node_class node_class,
                         struct fluit_effects *fx)
{
    enum fluit_err err = fluit_node_join(node, fx);
    if (!err && !is_part(node->node_class, node_class)) {
        char why[160];
        snprintf(why, sizeof why, "this data directory belongs to a %s; start it with 'fluit %s'",
                 fluit_node_class_name(node->node_class), fluit_node_class_name(node->node_class));
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str(why))->link = QUIT_REFUSED;
        return false;
    }
    if (!err)
        err = find_hub(joining, node, links);
    if (err)
        fluit_node_fail(node, err);
    if (joining->knocking) /* the door is not needed any more */
        fluit_effects_add(fx, FLUIT_EFFECT_DROP_LINK, fluit_slice(NULL, 0));
    links->stale = true;
    return !err;
}
