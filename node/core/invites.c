#include "node/core/invites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"

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

enum fluit_err fluit_invite_save(struct fluit_store store, const struct fluit_invite *invite)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    char name[FLUIT_SEAT_NAME_LEN + 8];
    snprintf(name, sizeof name, "invite/%s", invite->name);
    fluit_pack_array(&out, 7);
    fluit_pack_bin(&out, invite->code.s, FLUIT_INVITE_LEN);
    fluit_pack_uint(&out, invite->node_class);
    fluit_pack_uint(&out, invite->table);
    fluit_pack_uint(&out, invite->revision);
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
        fluit_read_array_of(&r, 7);
        fluit_read_fixed(&r, invite->code.s, FLUIT_INVITE_LEN);
        invite->node_class = (enum fluit_node_class)fluit_read_uint(&r, FLUIT_NODE_RAPPORTEUR);
        invite->table = (uint8_t)fluit_read_uint(&r, FLUIT_TABLES_MAX);
        invite->revision = (uint32_t)fluit_read_uint(&r, UINT32_MAX);
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

static void write_name(char name[FLUIT_SEAT_NAME_LEN], enum fluit_node_class node_class,
                       uint8_t table)
{
    snprintf(name, FLUIT_SEAT_NAME_LEN, "%s-%02u", fluit_node_class_name(node_class), table);
}

enum fluit_err fluit_invites_issue(struct fluit_invites *invites, struct fluit_store store,
                                   struct fluit_rng *rng, enum fluit_node_class node_class,
                                   uint8_t table, int64_t expires_s)
{
    char name[FLUIT_SEAT_NAME_LEN];
    write_name(name, node_class, table);
    struct fluit_invite *invite = fluit_invites_find(invites, name);
    if (!invite)
        invite = add(invites);
    if (!invite)
        return FLUIT_E_LIMIT;
    *invite = (struct fluit_invite){.node_class = node_class,
                                    .table = table,
                                    .revision = invite->revision,
                                    .expires_s = expires_s};
    memcpy(invite->name, name, sizeof name);
    fluit_invite_new(rng, &invite->code);
    return fluit_invite_save(store, invite);
}

struct fluit_invite *fluit_invites_by_id(struct fluit_invites *invites,
                                         const struct fluit_invite_id *id)
{
    for (uint32_t i = 0; i < invites->count; i++) {
        struct fluit_invite_id own = fluit_invite_id(&invites->items[i].code);
        if (fluit_same(own.b, id->b, sizeof own.b))
            return &invites->items[i];
    }
    return NULL;
}

void fluit_invite_act(const struct fluit_invite *invite, struct fluit_act *act)
{
    *act = (struct fluit_act){.kind = FLUIT_KIND_INVITE};
    act->invite.node_class = (uint8_t)invite->node_class;
    act->invite.table = invite->table;
    act->invite.revision = invite->revision;
    memcpy(act->invite.code, invite->code.s, sizeof act->invite.code);
    act->invite.expires_s = invite->expires_s;
    act->invite.used = invite->used;
    memcpy(act->invite.by, invite->by.b, sizeof act->invite.by);
}

enum fluit_err fluit_invites_take(struct fluit_invites *invites, struct fluit_store store,
                                  const struct fluit_act *act)
{
    char name[FLUIT_SEAT_NAME_LEN];
    struct fluit_invite_code checked;
    struct fluit_invite fresh = {.node_class = (enum fluit_node_class)act->invite.node_class,
                                 .table = act->invite.table,
                                 .revision = act->invite.revision,
                                 .expires_s = act->invite.expires_s,
                                 .used = act->invite.used};
    write_name(name, fresh.node_class, fresh.table);
    struct fluit_invite *held = fluit_invites_find(invites, name);
    if (held && held->revision >= fresh.revision)
        return FLUIT_OK;
    memcpy(fresh.name, name, sizeof name);
    memcpy(fresh.code.s, act->invite.code, sizeof act->invite.code);
    memcpy(fresh.by.b, act->invite.by, sizeof fresh.by.b);
    enum fluit_err err = fluit_invite_parse(fresh.code.s, &checked, NULL);
    if (!err && !held)
        held = add(invites);
    if (!err && !held)
        err = FLUIT_E_LIMIT;
    if (!err) {
        *held = fresh;
        err = fluit_invite_save(store, held);
    }
    fluit_wipe(&fresh, sizeof fresh);
    fluit_wipe(&checked, sizeof checked);
    return err;
}
