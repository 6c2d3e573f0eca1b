/* small_workshop.h: a hub and two tables on stores in memory, without a network: they join by the
 * door, and what they write reaches the others when told to. */
#ifndef SMALL_WORKSHOP_H
#define SMALL_WORKSHOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/guest.h"
#include "node/core/hub.h"
#include "tests/kit/store_memory.h"

#define SMALL_TABLES 2                  /* that there are codes for */
#define SMALL_SEATS  (SMALL_TABLES + 1) /* room for one that is added */

struct small {
    struct store_memory *disks[1 + SMALL_SEATS]; /* [0] is the hub's */
    struct fluit_hub *hub;
    struct fluit_guest *tables[SMALL_SEATS]; /* NULL: not joined yet */
    struct fluit_secret recovery;
    int64_t now_us;
    struct fluit_effects fx; /* of the newest step */
};

static inline struct fluit_node *small_node(struct small *w, int i)
{
    return i ? &w->tables[i - 1]->node : &w->hub->node;
}

/* One event; what came of the one before is gone. */
static inline void small_step(struct small *w, int i, enum fluit_event_kind kind,
                              struct fluit_slice bytes, const struct fluit_box_pk *peer)
{
    struct fluit_event event = {.kind = kind,
                                .now_us = ++w->now_us,
                                .wall_us = 1790000000000000,
                                .boot_id = {1},
                                .entropy = {(uint8_t)i, (uint8_t)w->now_us},
                                .link = 5,
                                .bytes = bytes};
    if (peer)
        event.peer = *peer;
    fluit_effects_reset(&w->fx);
    if (i)
        fluit_guest_step(w->tables[i - 1], &event, &w->fx);
    else
        fluit_hub_step(w->hub, &event, &w->fx);
    assert_int_equal(small_node(w, i)->failed, FLUIT_OK);
}

static inline void small_turn_end(struct small *w, int i)
{
    small_step(w, i, FLUIT_EVENT_TURN_END, fluit_slice(NULL, 0), NULL);
    assert_int_equal(store_memory_commit(w->disks[i]), FLUIT_OK);
}

/* A copy of what the newest step said at the door. */
static inline struct fluit_buf small_said_at_door(struct small *w)
{
    struct fluit_buf said = FLUIT_BUF_INIT;
    for (size_t i = 0; i < w->fx.count; i++)
        if (w->fx.items[i].kind == FLUIT_EFFECT_DOOR) {
            struct fluit_slice bytes = fluit_effect_bytes(&w->fx, &w->fx.items[i]);
            fluit_buf_put(&said, bytes.data, bytes.len);
        }
    assert_true(said.len > 0);
    return said;
}

/* Table i+1 joins by its code; its feed begins. */
static inline void small_join(struct small *w, int i)
{
    char name[FLUIT_SEAT_NAME_LEN];
    struct fluit_guest_config config = {
        .node_class = FLUIT_NODE_TABLE, .host = "192.0.2.1", .door_port = 7450};
    uint8_t entropy[32] = {7, (uint8_t)i};
    snprintf(name, sizeof name, "table-%02d", i + 1);
    const struct fluit_invite *invite = fluit_invites_find(&w->hub->invites, name);
    assert_non_null(invite);
    config.code = invite->code;
    w->disks[1 + i] = store_memory_new();
    w->tables[i] = calloc(1, sizeof *w->tables[i]);
    assert_non_null(w->tables[i]);
    assert_int_equal(
        fluit_guest_init(w->tables[i], store_memory_port(w->disks[1 + i]), &config, entropy),
        FLUIT_OK);
    small_step(w, 1 + i, FLUIT_EVENT_START, fluit_slice(NULL, 0), NULL);
    struct fluit_buf said = small_said_at_door(w);
    small_step(w, 0, FLUIT_EVENT_DOOR, fluit_buf_slice(&said), NULL);
    fluit_buf_deinit(&said);
    said = small_said_at_door(w);
    small_turn_end(w, 0);
    small_step(w, 1 + i, FLUIT_EVENT_DOOR, fluit_buf_slice(&said), NULL);
    fluit_buf_deinit(&said);
    small_turn_end(w, 1 + i);
    assert_true(w->tables[i]->node.own.ready);
}

/* All that one holds reaches the other, as live frames. */
static inline void small_tell(struct small *w, int from, int to)
{
    struct fluit_node *node = small_node(w, from);
    struct fluit_buf batch = FLUIT_BUF_INIT;
    for (uint32_t f = 0; f < node->replica.count; f++)
        for (uint64_t next = 1; next <= node->replica.feeds[f]->info.signed_seq;) {
            fluit_buf_reset(&batch);
            assert_int_equal(fluit_replica_batch(&node->replica, f, next, &batch, &next), FLUIT_OK);
            small_step(w, to, FLUIT_EVENT_FRAME, fluit_buf_slice(&batch), &node->self.link_pk);
        }
    fluit_buf_deinit(&batch);
    small_turn_end(w, to);
}

/* Everybody comes to hold everything. */
static inline void small_tell_all(struct small *w)
{
    for (int round = 0; round < 2; round++)
        for (int i = 1; i <= SMALL_TABLES; i++) {
            if (!w->tables[i - 1])
                continue;
            small_tell(w, 0, i);
            small_tell(w, i, 0);
        }
    for (int i = 1; i <= SMALL_TABLES; i++)
        if (w->tables[i - 1])
            small_tell(w, 0, i);
}

/* A node appends, in a turn of its own if the turn ends here. */
static inline void small_append(struct small *w, int i, const struct fluit_act *act, uint8_t round)
{
    fluit_effects_reset(&w->fx);
    assert_int_equal(fluit_node_append(small_node(w, i), act, round, NULL, &w->fx), FLUIT_OK);
}

/* A table lays count cards in one turn, the first kinds of the script from `first` on. */
static inline void small_lay(struct small *w, int i, int first, int count)
{
    const struct fluit_script *script = small_node(w, i)->script;
    assert_non_null(script);
    for (int c = first; c < first + count; c++) {
        struct fluit_act act = {.kind = FLUIT_KIND_PLACE};
        act.place.card.card = script->cards[c].id;
        act.place.card.copy = 1;
        act.place.zone = script->zones[0].id;
        act.place.degree = 2;
        small_append(w, i, &act, 1);
    }
    small_turn_end(w, i);
}

static inline struct small *small_new(uint8_t number)
{
    struct small *w = calloc(1, sizeof *w);
    struct fluit_rng rng;
    uint8_t entropy[32] = {number};
    assert_non_null(w);
    assert_int_equal(fluit_crypto_init(), FLUIT_OK);
    fluit_rng_seed(&rng, entropy, sizeof entropy);
    struct fluit_hub_plan plan = {.yaml = fluit_script_builtin("leren"),
                                  .tables = SMALL_TABLES,
                                  .wall_us = 1790000000000000,
                                  .invites_valid_s = FLUIT_INVITE_VALID_S};
    w->now_us = 1000000;
    w->disks[0] = store_memory_new();
    struct fluit_store port = store_memory_port(w->disks[0]);
    assert_int_equal(fluit_hub_create(port, &rng, &plan, &w->recovery), FLUIT_OK);
    w->hub = calloc(1, sizeof *w->hub);
    assert_non_null(w->hub);
    struct fluit_hub_config config = {.speed = 1};
    assert_int_equal(fluit_hub_init(w->hub, port, &config, entropy), FLUIT_OK);
    w->hub->ports[0] = w->hub->ports[1] = w->hub->ports[2] = 7451;
    small_step(w, 0, FLUIT_EVENT_START, fluit_slice(NULL, 0), NULL);
    small_turn_end(w, 0);
    assert_true(w->hub->node.own.ready);
    return w;
}

static inline void small_free(struct small *w)
{
    for (int i = 0; i < SMALL_SEATS; i++) {
        if (w->tables[i])
            fluit_guest_deinit(w->tables[i]);
        free(w->tables[i]);
    }
    fluit_hub_deinit(w->hub);
    free(w->hub);
    for (int i = 0; i <= SMALL_SEATS; i++)
        store_memory_free(w->disks[i]);
    fluit_effects_deinit(&w->fx);
    free(w);
}

#endif
