/* hub_door.c: invites, and who is let in by them. PROTOCOL.md "Door". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/hub.h"
#include "proto/codec.h"

#define MINUTE_US   INT64_C(60000000)
#define INVITES_MAX (2 * FLUIT_NODES_MAX)

void fluit_invites_deinit(struct fluit_invites *invites)
{
    if (invites->items)
        fluit_wipe(invites->items, invites->cap * sizeof *invites->items);
    free(invites->items);
    *invites = (struct fluit_invites){0};
}

struct fluit_invite *fluit_invites_find(struct fluit_invites *invites, const char *name)
{
    for (uint32_t i = 0; i < invites->count; i++)
        if (strcmp(invites->items[i].name, name) == 0)
            return &invites->items[i];
    return NULL;
}

/* A place at the end; grows by copy and wipe, as codes are secrets. NULL without memory. */
static struct fluit_invite *add(struct fluit_invites *invites)
{
    if (invites->count == invites->cap) {
        uint32_t cap = invites->cap ? invites->cap * 2 : 32;
        struct fluit_invite *items = cap > INVITES_MAX ? NULL : calloc(cap, sizeof *items);
        if (!items)
            return NULL;
        if (invites->items) {
            memcpy(items, invites->items, invites->count * sizeof *items);
            fluit_wipe(invites->items, invites->cap * sizeof *items);
            free(invites->items);
        }
        invites->items = items;
        invites->cap = cap;
    }
    return &invites->items[invites->count++];
}

static enum fluit_err save_invite(struct fluit_store store, const struct fluit_invite *invite)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    char name[FLUIT_SEAT_NAME_LEN + 8];
    snprintf(name, sizeof name, "invite/%s", invite->name);
    fluit_pack_array(&out, 6);
    fluit_pack_bin(&out, invite->code.s, FLUIT_INVITE_LEN);
    fluit_pack_uint(&out, invite->node_class);
    fluit_pack_uint(&out, invite->table);
    fluit_pack_int(&out, invite->expires_s);
    fluit_pack_bool(&out, invite->used);
    fluit_pack_bin(&out, invite->by.b, sizeof invite->by.b);
    enum fluit_err err =
        out.err ? out.err : store.ops->put(store.self, name, fluit_buf_slice(&out));
    if (out.data)
        fluit_wipe(out.data, out.cap);
    fluit_buf_deinit(&out);
    return err;
}

static enum fluit_err read_invite(struct fluit_slice value, struct fluit_invite *invite)
{
    struct fluit_reader r;
    enum fluit_err err = fluit_reader_init(&r, value);
    if (!err) {
        fluit_read_array_of(&r, 6);
        fluit_read_fixed(&r, invite->code.s, FLUIT_INVITE_LEN);
        invite->node_class = (enum fluit_node_class)fluit_read_uint(&r, FLUIT_NODE_RAPPORTEUR);
        invite->table = (uint8_t)fluit_read_uint(&r, FLUIT_TABLES_MAX);
        invite->expires_s = fluit_read_int(&r);
        invite->used = fluit_read_bool(&r);
        fluit_read_fixed(&r, invite->by.b, sizeof invite->by.b);
        fluit_read_array_end(&r);
        err = r.err;
    }
    fluit_reader_deinit(&r);
    return err;
}

static enum fluit_err load_invite(void *arg, const char *name, struct fluit_slice value)
{
    struct fluit_invite invite = {0};
    const char *seat = name + strlen("invite/");
    enum fluit_err err = read_invite(value, &invite);
    if (err || strlen(seat) >= sizeof invite.name)
        return FLUIT_E_FORMAT;
    memcpy(invite.name, seat, strlen(seat) + 1);
    struct fluit_invite *place = add(arg);
    if (!place)
        return FLUIT_E_LIMIT;
    *place = invite;
    fluit_wipe(&invite, sizeof invite);
    return FLUIT_OK;
}

enum fluit_err fluit_invites_load(struct fluit_invites *invites, struct fluit_store store)
{
    return store.ops->values(store.self, "invite/", load_invite, invites);
}

enum fluit_err fluit_invites_issue(struct fluit_invites *invites, struct fluit_store store,
                                   struct fluit_rng *rng, enum fluit_node_class node_class,
                                   uint8_t table, int64_t expires_s)
{
    char name[FLUIT_SEAT_NAME_LEN];
    snprintf(name, sizeof name, "%s-%02u", fluit_node_class_name(node_class), table);
    struct fluit_invite *invite = fluit_invites_find(invites, name);
    if (!invite)
        invite = add(invites);
    if (!invite)
        return FLUIT_E_LIMIT;
    *invite =
        (struct fluit_invite){.node_class = node_class, .table = table, .expires_s = expires_s};
    memcpy(invite->name, name, sizeof name);
    fluit_invite_new(rng, &invite->code);
    return save_invite(store, invite);
}

static struct fluit_invite *find_by_id(struct fluit_invites *invites,
                                       const struct fluit_invite_id *id)
{
    for (uint32_t i = 0; i < invites->count; i++) {
        struct fluit_invite_id own = fluit_invite_id(&invites->items[i].code);
        if (fluit_same(own.b, id->b, sizeof own.b))
            return &invites->items[i];
    }
    return NULL;
}

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

/* Other keys under this seat give way: a device took another's place. */
static void replace_others(struct fluit_roster *roster, const struct fluit_invite *invite)
{
    for (uint32_t i = 0; i < roster->count; i++) {
        struct fluit_member *m = &roster->members[i];
        if (m->node_class == invite->node_class && m->table == invite->table &&
            fluit_member_admitted(m))
            m->state = FLUIT_STATE_REPLACED;
    }
}

static enum fluit_err admit(struct fluit_hub *hub, struct fluit_invite *invite,
                            const struct fluit_join *join, struct fluit_effects *fx)
{
    struct fluit_roster roster = {0};
    struct fluit_member member = {.sign = join->sign,
                                  .read = join->read,
                                  .link = join->link,
                                  .node_class = invite->node_class,
                                  .table = invite->table,
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
    return save_invite(hub->node.store, invite);
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
    if (!hub->node.own.ready || fluit_join_invite(event->bytes, &id))
        return; /* not yet open, or no JOIN: a joiner tries again */
    struct fluit_invite *invite = find_by_id(&hub->invites, &id);
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
