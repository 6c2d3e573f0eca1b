/* hub_door.c: who is let in. PROTOCOL.md "Door". */
#include <stdio.h>
#include <string.h>

#include "node/core/hub.h"

#define MINUTE_US INT64_C(60000000)

/* Somebody who knows no code: told so, at a bounded rate; guessing 75 bits is hopeless anyway. */
static void refuse_stranger(struct fluit_hub *hub, uint32_t link, enum fluit_refusal reason,
                            struct fluit_effects *fx)
{
    if (hub->node.now_us - hub->door_minute_us > MINUTE_US) {
        hub->door_minute_us = hub->node.now_us;
        hub->door_tries = 0;
    }
    if (++hub->door_tries > FLUIT_DOOR_TRIES_PER_MIN)
        reason = FLUIT_REFUSED_WAIT;
    else
        fluit_effects_print(fx, "! somebody at the door has no valid code");
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_refuse_stranger(reason, &out);
    fluit_effects_add(fx, FLUIT_EFFECT_DOOR, fluit_buf_slice(&out))->link = link;
    fluit_buf_deinit(&out);
}

/* A standby sits at no table. */
static uint8_t seat_table(const struct fluit_invite *invite)
{
    return invite->node_class == FLUIT_NODE_STANDBY ? 0 : invite->table;
}

/* Other keys under this seat give way: a device took another's place. */
static void replace_others(struct fluit_roster *roster, const struct fluit_invite *invite)
{
    for (uint32_t i = 0; i < roster->count; i++) {
        struct fluit_member *m = &roster->members[i];
        if (m->node_class == invite->node_class && m->table == invite->table &&
            invite->node_class != FLUIT_NODE_STANDBY && fluit_member_admitted(m))
            m->state = FLUIT_STATE_REPLACED;
    }
}

enum fluit_err fluit_hub_keep_invite(struct fluit_hub *hub, struct fluit_invite *invite,
                                     struct fluit_effects *fx)
{
    struct fluit_act act;
    invite->revision++;
    fluit_invite_act(invite, &act);
    enum fluit_err err = fluit_invite_save(hub->node.store, invite);
    if (!err)
        err = fluit_node_append(&hub->node, &act, 0, NULL, fx);
    fluit_wipe(&act, sizeof act);
    return err;
}

static enum fluit_err admit(struct fluit_hub *hub, struct fluit_invite *invite,
                            const struct fluit_join *join, struct fluit_effects *fx)
{
    struct fluit_roster roster = {0};
    struct fluit_member member = {.sign = join->sign,
                                  .read = join->read,
                                  .link = join->link,
                                  .node_class = invite->node_class,
                                  .table = seat_table(invite),
                                  .state = FLUIT_STATE_ACTIVE};
    enum fluit_err err = fluit_hub_copy_roster(hub, &roster);
    if (!err) {
        replace_others(&roster, invite);
        err = fluit_roster_add(&roster, &member);
    }
    if (!err)
        err = fluit_hub_publish_roster(hub, &roster, fx);
    else
        fluit_roster_deinit(&roster);
    if (err)
        return err;
    invite->used = true;
    invite->by = join->sign;
    fluit_effects_print(fx, "%s has joined", invite->name);
    return fluit_hub_keep_invite(hub, invite, fx);
}

static enum fluit_refusal judge(const struct fluit_hub *hub, const struct fluit_invite *invite,
                                const struct fluit_join *join)
{
    if (join->wants != invite->node_class)
        return FLUIT_REFUSED_CLASS;
    if (invite->used)
        return fluit_same(invite->by.b, join->sign.b, sizeof join->sign.b) ? 0 : FLUIT_REFUSED_USED;
    if (hub->node.wall_us / 1000000 > invite->expires_s)
        return FLUIT_REFUSED_EXPIRED;
    /* A key or CURVE key that is in the roster already can't be brought a second time. */
    if (fluit_roster_by_sign(&hub->node.roster, &join->sign) >= 0 ||
        fluit_roster_by_link(&hub->node.roster, &join->link) >= 0)
        return FLUIT_REFUSED_USED;
    return 0;
}

static enum fluit_err welcome(struct fluit_hub *hub, struct fluit_noise *noise,
                              struct fluit_buf *out)
{
    struct fluit_node *node = &hub->node;
    const struct fluit_held_key *room = fluit_keyring_room(&node->keyring);
    struct fluit_buf kept = FLUIT_BUF_INIT;
    struct fluit_welcome w = {.workshop = node->workshop,
                              .root = node->root,
                              .hub_link = node->self.link_pk,
                              .sync_port = hub->ports[0],
                              .control_port = hub->ports[1],
                              .collect_port = hub->ports[2],
                              .room_key = room->key};
    enum fluit_err err = node->store.ops->value(node->store.self, "roster", &kept);
    if (!err)
        err = fluit_roster_body_get(fluit_buf_slice(&kept), &w.roster, &w.roster_sig);
    if (!err)
        err = fluit_welcome_write(noise, &node->rng, &w, out);
    fluit_wipe(&w, sizeof w);
    fluit_buf_deinit(&kept);
    return err;
}

/* The code was right; what remains is whether it may be used. */
static void answer(struct fluit_hub *hub, struct fluit_invite *invite, struct fluit_noise *noise,
                   const struct fluit_join *join, uint32_t link, struct fluit_effects *fx)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    enum fluit_refusal refusal = judge(hub, invite, join);
    enum fluit_err err = FLUIT_OK;
    if (!refusal && !invite->used)
        err = admit(hub, invite, join, fx);
    if (!err)
        err = refusal ? fluit_refuse_write(noise, &hub->node.rng, refusal, &out)
                      : welcome(hub, noise, &out);
    if (refusal)
        fluit_effects_print(fx, "! refused a device with the code of %s: %s", invite->name,
                            fluit_refusal_text(refusal));
    if (!err)
        fluit_effects_add(fx, FLUIT_EFFECT_DOOR, fluit_buf_slice(&out))->link = link;
    else if (err == FLUIT_E_LIMIT)
        fluit_effects_print(fx, "! no room for more than %d devices", FLUIT_NODES_MAX);
    else if (err != FLUIT_E_AUTH)
        fluit_node_fail(&hub->node, err);
    if (out.data)
        fluit_wipe(out.data, out.cap);
    fluit_buf_deinit(&out);
}

void fluit_hub_on_door(struct fluit_hub *hub, const struct fluit_event *event,
                       struct fluit_effects *fx)
{
    struct fluit_invite_id id;
    if (fluit_node_on_who(&hub->node, event, hub->ports[0], fx))
        return;
    if (!fluit_node_leads(&hub->node) || fluit_join_invite(event->bytes, &id))
        return; /* it is another's to let in, or this is no JOIN: a joiner tries again */
    struct fluit_invite *invite = fluit_invites_by_id(&hub->invites, &id);
    struct fluit_noise noise = {0};
    struct fluit_join join;
    if (!invite) {
        refuse_stranger(hub, event->link, FLUIT_REFUSED_UNKNOWN, fx);
        return;
    }
    if (fluit_join_read(&noise, &invite->code, event->bytes, &join))
        refuse_stranger(hub, event->link, FLUIT_REFUSED_MALFORMED, fx);
    else
        answer(hub, invite, &noise, &join, event->link, fx);
    fluit_noise_deinit(&noise);
}
