/* lines_desk.h: a table's or rapporteur's console on a store in memory: type a line, read the
 * answer. The guest has joined, its feed is its own, and it holds the script, a plan and the room
 * key; nobody is connected. */
#ifndef LINES_DESK_H
#define LINES_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/guest.h"
#include "tests/kit/store_memory.h"

#define DESK_TABLE      3
#define DESK_RAPPORTEUR 2 /* rank of the other node at the table; the table has 1 */

struct desk {
    struct store_memory *store;
    struct fluit_guest guest;
    struct fluit_effects fx;
    struct fluit_buf said;
    uint64_t their_seq; /* of what the table's other node said last */
};

static inline void desk_put(struct desk *d, const char *name, const void *data, size_t len)
{
    struct fluit_store port = store_memory_port(d->store);
    assert_int_equal(port.ops->put(port.self, name, fluit_slice(data, len)), FLUIT_OK);
}

static inline void desk_seat(struct desk *d, struct fluit_roster *roster,
                             enum fluit_node_class node_class, uint8_t number)
{
    struct fluit_secret seed;
    struct fluit_identity other;
    memset(seed.b, number, sizeof seed.b);
    fluit_identity_from_seed(&seed, &other);
    const struct fluit_identity *self =
        d->guest.node_class == node_class ? &d->guest.node.self : &other;
    struct fluit_member member = {.sign = self->sign_pk,
                                  .read = self->read_pk,
                                  .link = self->link_pk,
                                  .node_class = node_class,
                                  .table = node_class == FLUIT_NODE_HUB ? 0 : DESK_TABLE,
                                  .state = FLUIT_STATE_ACTIVE};
    assert_int_equal(fluit_roster_add(roster, &member), FLUIT_OK);
    fluit_identity_wipe(&other);
}

/* What the door would have put into the store. */
static inline void desk_welcome(struct desk *d)
{
    struct fluit_workshop_id workshop = {{7}};
    struct fluit_secret seed = {{9}};
    struct fluit_sign_pk root;
    struct fluit_sign_sk root_sk;
    struct fluit_roster roster = {.revision = 1};
    struct fluit_buf bytes = FLUIT_BUF_INIT, body = FLUIT_BUF_INIT;
    fluit_sign_keypair(&seed, &root, &root_sk);
    desk_seat(d, &roster, FLUIT_NODE_HUB, 1);
    desk_seat(d, &roster, FLUIT_NODE_TABLE, 2);
    desk_seat(d, &roster, FLUIT_NODE_RAPPORTEUR, 3);
    fluit_roster_put(&roster, &workshop, &bytes);
    struct fluit_sig sig = fluit_roster_sign(&root_sk, fluit_buf_slice(&bytes));
    fluit_roster_body_put(&body, fluit_buf_slice(&bytes), &sig);
    desk_put(d, "workshop", workshop.b, sizeof workshop.b);
    desk_put(d, "root", root.b, sizeof root.b);
    desk_put(d, "roster", body.data, body.len);
    fluit_buf_deinit(&bytes);
    fluit_buf_deinit(&body);
    fluit_roster_deinit(&roster);
}

static inline void desk_turn_end(struct desk *d)
{
    struct fluit_event event = {.kind = FLUIT_EVENT_TURN_END, .now_us = d->guest.node.now_us};
    fluit_node_event(&d->guest.node, &event, &d->fx);
    assert_int_equal(store_memory_commit(d->store), FLUIT_OK);
    fluit_effects_reset(&d->fx);
}

static inline void desk_open(struct desk *d)
{
    struct fluit_node *node = &d->guest.node;
    struct fluit_event begin = {.now_us = 1000000, .entropy = {4}};
    snprintf(node->endpoint, sizeof node->endpoint, "tcp://192.0.2.1:7000");
    fluit_node_begin(node, &begin);
    assert_int_equal(fluit_node_join(node, &d->fx), FLUIT_OK);
    struct fluit_held_key room = {.purpose = FLUIT_KEY_ROOM, .key = {{5}}};
    room.id = fluit_key_id(&room.key);
    assert_int_equal(fluit_node_keep_key(node, &room, &d->fx), FLUIT_OK);
    begin.now_us += 2 * FLUIT_OWN_COPY_WAIT_US;
    fluit_node_begin(node, &begin);
    desk_turn_end(d);
    assert_true(node->own.ready);
}

/* The plan goes to a step, as an order of the facilitator would have it. */
static inline void desk_step(struct desk *d, const char *id, enum fluit_plan_state state)
{
    struct fluit_node *node = &d->guest.node;
    for (int i = 0; i < node->script->step_count; i++)
        if (fluit_id_is(&node->script->steps[i].id, id)) {
            node->plan = (struct fluit_plan){.term = 1,
                                             .revision = node->plan.revision + 1,
                                             .step = (uint8_t)i,
                                             .round = node->script->steps[i].round,
                                             .state = (uint8_t)state};
            return;
        }
    fail_msg("there is no step %s", id);
}

static inline struct desk *desk_new(enum fluit_node_class node_class, struct fluit_slice yaml)
{
    struct desk *d = calloc(1, sizeof *d);
    struct fluit_guest_config config = {.node_class = node_class};
    uint8_t entropy[32] = {(uint8_t)node_class};
    assert_non_null(d);
    assert_int_equal(fluit_crypto_init(), FLUIT_OK);
    d->store = store_memory_new();
    assert_int_equal(fluit_guest_init(&d->guest, store_memory_port(d->store), &config, entropy),
                     FLUIT_OK);
    desk_welcome(d);
    desk_open(d);
    struct fluit_node *node = &d->guest.node;
    assert_int_equal(fluit_script_parse(yaml, &node->script, NULL), FLUIT_OK);
    node->fold = fluit_fold_new(node->script);
    assert_non_null(node->fold);
    node->plan = (struct fluit_plan){.term = 1, .revision = 1, .state = FLUIT_PLAN_READY};
    return d;
}

/* In round 1 of the built-in script, in English. */
static inline struct desk *desk_in_round(enum fluit_node_class node_class)
{
    struct desk *d = desk_new(node_class, fluit_script_builtin("leren"));
    desk_step(d, "round-1", FLUIT_PLAN_RUNNING);
    d->guest.language = fluit_script_language(d->guest.node.script, "en");
    return d;
}

static inline void desk_free(struct desk *d)
{
    fluit_guest_deinit(&d->guest);
    fluit_effects_deinit(&d->fx);
    fluit_buf_deinit(&d->said);
    store_memory_free(d->store);
    free(d);
}

/* Types a line of any bytes; the answer's lines, each with its newline, until the next. */
static inline const char *desk_type_bytes(struct desk *d, const void *line, size_t len)
{
    /* Of just its length, so that a look beyond its end is noticed. */
    uint8_t *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, line, len);
    desk_turn_end(d);
    fluit_buf_reset(&d->said);
    fluit_guest_line(&d->guest, fluit_slice(exact, len), &d->fx);
    free(exact);
    for (size_t i = 0; i < d->fx.count; i++) {
        struct fluit_slice bytes = fluit_effect_bytes(&d->fx, &d->fx.items[i]);
        if (d->fx.items[i].kind != FLUIT_EFFECT_PRINT)
            continue;
        assert_true(fluit_text_ok(bytes));
        fluit_buf_put(&d->said, bytes.data, bytes.len);
        fluit_buf_puts(&d->said, "\n");
    }
    assert_int_equal(d->fx.err, FLUIT_OK);
    assert_int_equal(d->guest.node.failed, FLUIT_OK);
    return fluit_buf_text(&d->said);
}

static inline const char *desk_type(struct desk *d, const char *line)
{
    return desk_type_bytes(d, line, strlen(line));
}

static inline uint64_t desk_seq(const struct desk *d)
{
    return d->guest.node.replica.feeds[d->guest.node.own.index]->info.seq;
}

/* Types a line that must be saved as the newest of our feed, and answered so in one line. */
static inline void desk_saves(struct desk *d, const char *line, const char *what)
{
    uint64_t before = desk_seq(d);
    char *answer = NULL;
    desk_type(d, line);
    assert_true(desk_seq(d) > before);
    assert_true(asprintf(&answer, "saved %llu %s\n", (unsigned long long)desk_seq(d), what) > 0);
    assert_string_equal(fluit_buf_text(&d->said), answer);
    free(answer);
}

/* Types a line that must be refused in one line with these words in it, and leave nothing. */
static inline void desk_refuses(struct desk *d, const char *line, const char *words)
{
    uint64_t before = desk_seq(d);
    const char *said = desk_type(d, line);
    assert_int_equal(desk_seq(d), before);
    if (strncmp(said, "no: ", 4) != 0 || strchr(said, '\n') != said + strlen(said) - 1 ||
        !strstr(said, words))
        fail_msg("'%s' was answered: %s", line, said);
}

static inline void desk_says(struct desk *d, const char *line, const char *words)
{
    const char *said = desk_type(d, line);
    if (!strstr(said, words))
        fail_msg("'%s' was answered: %s", line, said);
}

/* What the table's other node did became known. */
static inline void desk_hears(struct desk *d, const struct fluit_act *act, uint8_t round)
{
    bool table = d->guest.node_class == FLUIT_NODE_TABLE;
    struct fluit_origin origin = {.table = DESK_TABLE,
                                  .author = table ? FLUIT_NODE_RAPPORTEUR : FLUIT_NODE_TABLE,
                                  .rank = table ? DESK_RAPPORTEUR : DESK_RAPPORTEUR - 1,
                                  .seq = ++d->their_seq,
                                  .round = round,
                                  .feed = {{0xee}}};
    assert_int_equal(fluit_fold_apply(d->guest.node.fold, &origin, act), FLUIT_OK);
}

static inline struct fluit_card_ref desk_card(const char *id, uint8_t copy)
{
    struct fluit_card_ref ref = {.copy = copy};
    assert_int_equal(fluit_id_set(&ref.card, fluit_slice_str(id)), FLUIT_OK);
    return ref;
}

static inline struct fluit_place desk_place(struct desk *d, const char *id, uint8_t copy)
{
    struct fluit_card_ref ref = desk_card(id, copy);
    return fluit_fold_place(d->guest.node.fold, DESK_TABLE, fluit_guest_round(&d->guest), &ref);
}

#endif
