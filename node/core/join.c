#include "node/core/join.h"

#include <string.h>

#define HUB_ADDRESS_LEN (32 + 3 * 2)
#define QUIT_REFUSED    2

void fluit_joining_deinit(struct fluit_joining *joining)
{
    if (joining->knocking)
        fluit_noise_deinit(&joining->noise);
    fluit_wipe(joining, sizeof *joining);
}

void fluit_joining_knock(struct fluit_joining *joining, struct fluit_node *node,
                         struct fluit_effects *fx)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    if (joining->knocking)
        fluit_noise_deinit(&joining->noise);
    joining->knocking = true;
    enum fluit_err err = fluit_join_write(&joining->noise, &node->rng, &joining->code, &node->self,
                                          node->node_class, &out);
    if (err)
        fluit_node_fail(node, err);
    else
        fluit_effects_add(fx, FLUIT_EFFECT_DOOR, fluit_buf_slice(&out));
    fluit_buf_deinit(&out);
    joining->next_us = node->now_us + FLUIT_DOOR_RETRY_US;
    if (++joining->tries == 3)
        fluit_effects_print(fx, "no answer from the hub yet; is it running, and is its address "
                                "right? I go on trying");
}

static enum fluit_err put(struct fluit_node *node, const char *name, const void *data, size_t len)
{
    return node->store.ops->put(node->store.self, name, fluit_slice(data, len));
}

enum fluit_err fluit_hub_address_save(struct fluit_store store, const struct fluit_hub_address *hub)
{
    uint8_t bytes[HUB_ADDRESS_LEN];
    memcpy(bytes, hub->link.b, 32);
    fluit_put_u16(bytes + 32, hub->sync_port);
    fluit_put_u16(bytes + 34, hub->control_port);
    fluit_put_u16(bytes + 36, hub->collect_port);
    return store.ops->put(store.self, "hub", fluit_slice(bytes, sizeof bytes));
}

enum fluit_err fluit_hub_address_load(struct fluit_store store, struct fluit_hub_address *out)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    enum fluit_err err = store.ops->value(store.self, "hub", &value);
    if (!err && value.len != HUB_ADDRESS_LEN)
        err = FLUIT_E_FORMAT;
    if (!err) {
        memcpy(out->link.b, value.data, 32);
        out->sync_port = fluit_get_u16(value.data + 32);
        out->control_port = fluit_get_u16(value.data + 34);
        out->collect_port = fluit_get_u16(value.data + 36);
    }
    fluit_buf_deinit(&value);
    return err;
}

/* Keeps all that makes a member, in the turn's one commit. */
static enum fluit_err keep(struct fluit_node *node, const struct fluit_welcome *w,
                           struct fluit_effects *fx)
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
    struct fluit_hub_address hub = {w->hub_link, w->sync_port, w->control_port, w->collect_port};
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
    if (!joining->knocking)
        return false;
    enum fluit_err err =
        fluit_welcome_read(&joining->noise, answer, &text, &welcome, &reason, &proven);
    if (err == FLUIT_E_DENIED) {
        /* An unproven refusal may be anybody's; but nobody else can let us in either. */
        const char *why = fluit_refusal_text(reason);
        struct fluit_effect *quit = fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str(why));
        quit->link = QUIT_REFUSED;
    } else if (!err) {
        err = keep(node, &welcome, fx);
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
