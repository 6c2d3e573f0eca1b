/* hall.h: one node under test, and the other members of its workshop as voices: each writes its own
 * feed, as well or as badly as a test likes, and the node hears it on its link to the hub. The node
 * resumes from a store in memory that holds what the door would have put there. */
#ifndef HALL_H
#define HALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/guest.h"
#include "proto/body.h"
#include "tests/kit/store_memory.h"
#include "tests/unit/voice.h"

/* Members, by rank; a test's node is one of them. */
enum {
    HALL_HUB,
    HALL_TABLE, /* table 3 */
    HALL_RAPPORTEUR,
    HALL_OTHER, /* table 5 */
    HALL_MEMBERS
};

#define HALL_LINK         1u /* to the hub */
#define HALL_TABLE_NUMBER 3
#define HALL_OTHER_NUMBER 5

struct hall {
    struct store_memory *store;
    struct fluit_guest guest;
    struct fluit_effects fx; /* of the step before */
    struct fluit_rng rng;
    struct fluit_workshop_id workshop;
    struct fluit_sign_sk root_sk;
    struct fluit_sign_pk root;
    struct fluit_secret room;
    struct voice voices[HALL_MEMBERS];
    enum fluit_node_class node_class;
    int64_t now_us;
    bool open; /* the node's process runs */
};

static inline struct fluit_member hall_member(const struct hall *h, int rank)
{
    static const struct {
        enum fluit_node_class node_class;
        uint8_t table;
    } seats[HALL_MEMBERS] = {{FLUIT_NODE_HUB, 0},
                             {FLUIT_NODE_TABLE, HALL_TABLE_NUMBER},
                             {FLUIT_NODE_RAPPORTEUR, HALL_TABLE_NUMBER},
                             {FLUIT_NODE_TABLE, HALL_OTHER_NUMBER}};
    const struct fluit_identity *self = &h->voices[rank].self;
    return (struct fluit_member){.sign = self->sign_pk,
                                 .read = self->read_pk,
                                 .link = self->link_pk,
                                 .node_class = seats[rank].node_class,
                                 .table = seats[rank].table,
                                 .state = FLUIT_STATE_ACTIVE};
}

/* A roster's body, signed by root; table 5 in that state. */
static inline void hall_roster(const struct hall *h, uint32_t revision,
                               enum fluit_node_state other_state, struct fluit_buf *body)
{
    struct fluit_roster roster = {.revision = revision};
    struct fluit_buf bytes = FLUIT_BUF_INIT;
    for (int rank = 0; rank < HALL_MEMBERS; rank++) {
        struct fluit_member member = hall_member(h, rank);
        if (rank == HALL_OTHER)
            member.state = other_state;
        assert_int_equal(fluit_roster_add(&roster, &member), FLUIT_OK);
    }
    fluit_roster_put(&roster, &h->workshop, &bytes);
    struct fluit_sig sig = fluit_roster_sign(&h->root_sk, fluit_buf_slice(&bytes));
    fluit_roster_body_put(body, fluit_buf_slice(&bytes), &sig);
    fluit_buf_deinit(&bytes);
    fluit_roster_deinit(&roster);
}

static inline void hall_put(struct hall *h, const char *name, const void *data, size_t len)
{
    struct fluit_store port = store_memory_port(h->store);
    assert_int_equal(port.ops->put(port.self, name, fluit_slice(data, len)), FLUIT_OK);
}

static inline void hall_fill_store(struct hall *h, const struct fluit_secret *seed)
{
    struct fluit_buf roster = FLUIT_BUF_INIT;
    struct fluit_held_key room = {.purpose = FLUIT_KEY_ROOM, .key = h->room};
    struct fluit_hub_address hub = {h->voices[HALL_HUB].self.link_pk, "192.0.2.1", 7001, 7002,
                                    7003};
    uint8_t kept[FLUIT_HELD_KEY_LEN];
    hall_roster(h, 1, FLUIT_STATE_ACTIVE, &roster);
    fluit_held_key_put(&room, kept);
    hall_put(h, "seed", seed->b, sizeof seed->b);
    hall_put(h, "workshop", h->workshop.b, sizeof h->workshop.b);
    hall_put(h, "root", h->root.b, sizeof h->root.b);
    hall_put(h, "roster", roster.data, roster.len);
    hall_put(h, "key/000000", kept, sizeof kept);
    assert_int_equal(fluit_hub_address_save(store_memory_port(h->store), &hub), FLUIT_OK);
    assert_int_equal(store_memory_commit(h->store), FLUIT_OK);
    fluit_buf_deinit(&roster);
}

static inline struct hall *hall_new(int rank)
{
    struct hall *h = calloc(1, sizeof *h);
    struct fluit_secret root_seed = voice_seed(99), seed = voice_seed((uint8_t)(rank + 1));
    assert_non_null(h);
    assert_int_equal(fluit_crypto_init(), FLUIT_OK);
    fluit_rng_seed(&h->rng, "hall", 4);
    h->store = store_memory_new();
    h->now_us = 1000000;
    h->workshop.b[0] = h->room.b[0] = 7;
    fluit_sign_keypair(&root_seed, &h->root, &h->root_sk);
    for (int i = 0; i < HALL_MEMBERS; i++)
        voice_init(&h->voices[i], (uint8_t)(i + 1));
    h->node_class = hall_member(h, rank).node_class;
    hall_fill_store(h, &seed);
    return h;
}

static inline void hall_free(struct hall *h)
{
    if (h->open)
        fluit_guest_deinit(&h->guest);
    for (int i = 0; i < HALL_MEMBERS; i++)
        voice_deinit(&h->voices[i]);
    fluit_effects_deinit(&h->fx);
    store_memory_free(h->store);
    free(h);
}

/* The node. */

/* One event and the end of its turn; what is written is committed by the caller. */
static inline void hall_turn(struct hall *h, struct fluit_event event)
{
    struct fluit_event end = {.kind = FLUIT_EVENT_TURN_END};
    fluit_effects_reset(&h->fx);
    event.now_us = end.now_us = h->now_us;
    event.boot_id[0] = end.boot_id[0] = 1;
    if (event.kind != FLUIT_EVENT_TURN_END)
        fluit_guest_step(&h->guest, &event, &h->fx);
    fluit_guest_step(&h->guest, &end, &h->fx);
    assert_int_equal(h->fx.err, FLUIT_OK);
    assert_int_equal(h->guest.node.failed, FLUIT_OK);
}

static inline void hall_commit(struct hall *h)
{
    assert_int_equal(store_memory_commit(h->store), FLUIT_OK);
}

static inline void hall_start(struct hall *h)
{
    struct fluit_guest_config config = {.node_class = h->node_class};
    uint8_t entropy[32] = {1};
    assert_int_equal(fluit_guest_init(&h->guest, store_memory_port(h->store), &config, entropy),
                     FLUIT_OK);
    h->open = true;
    hall_turn(h, (struct fluit_event){.kind = FLUIT_EVENT_START});
    hall_commit(h);
}

/* The power goes: what was not committed is lost. */
static inline void hall_crash(struct hall *h)
{
    fluit_guest_deinit(&h->guest);
    h->open = false;
    store_memory_crash(h->store);
}

/* Nothing happens for so long. */
static inline void hall_wait(struct hall *h, int64_t us)
{
    h->now_us += us;
    hall_turn(h, (struct fluit_event){.kind = FLUIT_EVENT_TICK});
    hall_commit(h);
}

static inline void hall_link_up(struct hall *h)
{
    hall_turn(h, (struct fluit_event){.kind = FLUIT_EVENT_LINK_UP,
                                      .link = HALL_LINK,
                                      .peer = h->voices[HALL_HUB].self.link_pk});
    hall_commit(h);
}

/* A message comes from the hub. */
static inline void hall_hear(struct hall *h, struct fluit_slice bytes)
{
    hall_turn(h, (struct fluit_event){.kind = FLUIT_EVENT_MESSAGE,
                                      .link = HALL_LINK,
                                      .peer = h->voices[HALL_HUB].self.link_pk,
                                      .bytes = bytes});
    hall_commit(h);
}

/* The first message of that type (but HEADS) that the last turn sent or published; there must be
 * one. It borrows from h->fx. */
static inline struct fluit_message hall_sent(struct hall *h, enum fluit_message_type type)
{
    struct fluit_message message = {.type = type};
    for (size_t i = 0; i < h->fx.count; i++) {
        enum fluit_effect_kind kind = h->fx.items[i].kind;
        if (kind != FLUIT_EFFECT_SEND && kind != FLUIT_EFFECT_PUBLISH)
            continue;
        struct fluit_slice bytes = fluit_effect_bytes(&h->fx, &h->fx.items[i]);
        assert_int_equal(fluit_message_get(&message, bytes), FLUIT_OK);
        if (message.type == type)
            return message;
        fluit_message_deinit(&message);
    }
    fail_msg("no message of type %d was sent", (int)type);
    return message;
}

/* The voices. */

/* Writes the next entry of rank's feed and has the node hear it. key: NULL in class OPEN. */
static inline void hall_say(struct hall *h, int rank, enum fluit_class entry_class, uint8_t round,
                            const struct fluit_secret *key, struct fluit_slice body)
{
    hall_hear(h, voice_say(&h->voices[rank], &h->rng, &h->workshop, entry_class, round, key, body));
}

static inline void hall_act(struct hall *h, int rank, uint8_t round, const struct fluit_secret *key,
                            const struct fluit_act *act)
{
    struct fluit_buf body = FLUIT_BUF_INIT;
    fluit_body_put(&body, act);
    assert_int_equal(body.err, FLUIT_OK);
    hall_say(h, rank, fluit_kind_class(act->kind), round, key, fluit_buf_slice(&body));
    fluit_buf_deinit(&body);
}

static inline void hall_script(struct hall *h)
{
    struct fluit_act act = {.kind = FLUIT_KIND_SCRIPT};
    act.script.yaml = fluit_script_builtin("leren");
    hall_act(h, HALL_HUB, 0, &h->room, &act);
}

#endif
