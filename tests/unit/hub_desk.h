/* hub_desk.h: a hub that leads a new workshop of two tables, on a store in memory, without a
 * network; devices knock at its door with real handshakes. */
#ifndef HUB_DESK_H
#define HUB_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/hub.h"
#include "tests/kit/store_memory.h"
#include "tests/unit/voice.h"

#define WALL_US   INT64_C(1790000000000000)
#define VALID_S   3600
#define SECOND_US INT64_C(1000000)

struct hub_desk {
    struct store_memory *store;
    struct fluit_hub *hub;
    struct fluit_effects fx;
    struct fluit_rng rng;
    int64_t now_us;
};

static inline void hub_desk_turn(struct hub_desk *d, struct fluit_event event)
{
    struct fluit_event end = {.kind = FLUIT_EVENT_TURN_END};
    fluit_effects_reset(&d->fx);
    event.now_us = end.now_us = d->now_us;
    event.wall_us = end.wall_us = WALL_US + d->now_us;
    fluit_hub_step(d->hub, &event, &d->fx);
    fluit_hub_step(d->hub, &end, &d->fx);
    assert_int_equal(d->fx.err, FLUIT_OK);
    assert_int_equal(d->hub->node.failed, FLUIT_OK);
    assert_int_equal(store_memory_commit(d->store), FLUIT_OK);
}

static inline int hub_desk_setup(void **state)
{
    struct hub_desk *d = calloc(1, sizeof *d);
    struct fluit_hub_plan plan = {.yaml = fluit_script_builtin("leren"),
                                  .tables = 2,
                                  .wall_us = WALL_US,
                                  .invites_valid_s = VALID_S};
    struct fluit_secret recovery;
    struct fluit_hub_config config = {.speed = 1};
    uint8_t entropy[32] = {1};
    assert_non_null(d);
    assert_int_equal(fluit_crypto_init(), FLUIT_OK);
    fluit_rng_seed(&d->rng, "door", 4);
    d->store = store_memory_new();
    d->hub = calloc(1, sizeof *d->hub);
    assert_non_null(d->hub);
    assert_int_equal(fluit_hub_create(store_memory_port(d->store), &d->rng, &plan, &recovery),
                     FLUIT_OK);
    assert_int_equal(fluit_hub_init(d->hub, store_memory_port(d->store), &config, entropy),
                     FLUIT_OK);
    d->hub->ports[0] = 7001;
    d->hub->ports[1] = 7002;
    d->hub->ports[2] = 7003;
    hub_desk_turn(d, (struct fluit_event){.kind = FLUIT_EVENT_START});
    assert_true(d->hub->node.own.ready);
    *state = d;
    return 0;
}

static inline int hub_desk_teardown(void **state)
{
    struct hub_desk *d = *state;
    fluit_hub_deinit(d->hub);
    fluit_effects_deinit(&d->fx);
    store_memory_free(d->store);
    free(d->hub);
    free(d);
    return 0;
}

static inline struct fluit_invite_code hub_desk_code(const struct hub_desk *d, const char *name)
{
    const struct fluit_invite *invite = fluit_invites_find(&d->hub->invites, name);
    assert_non_null(invite);
    return invite->code;
}

static inline struct fluit_identity hub_desk_device(uint8_t number)
{
    struct fluit_secret seed = voice_seed(number);
    struct fluit_identity self;
    fluit_identity_from_seed(&seed, &self);
    return self;
}

static inline struct fluit_slice hub_desk_answer(struct hub_desk *d)
{
    for (size_t i = 0; i < d->fx.count; i++)
        if (d->fx.items[i].kind == FLUIT_EFFECT_DOOR) {
            assert_int_equal(d->fx.items[i].link, 5);
            return fluit_effect_bytes(&d->fx, &d->fx.items[i]);
        }
    fail_msg("the door does not answer");
    return fluit_slice(NULL, 0);
}

/* The device knocks; 0: it is let in, else the refusal. Proven as PROTOCOL.md says. */
static inline unsigned hub_desk_knock(struct hub_desk *d, const struct fluit_invite_code *code,
                                      const struct fluit_identity *self,
                                      enum fluit_node_class wants)
{
    struct fluit_noise noise;
    struct fluit_buf join = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    struct fluit_welcome welcome;
    unsigned reason = 0;
    bool proven = false;
    assert_int_equal(fluit_join_write(&noise, &d->rng, code, self, wants, &join), FLUIT_OK);
    hub_desk_turn(d, (struct fluit_event){
                         .kind = FLUIT_EVENT_DOOR, .link = 5, .bytes = fluit_buf_slice(&join)});
    enum fluit_err err =
        fluit_welcome_read(&noise, hub_desk_answer(d), &text, &welcome, &reason, &proven);
    bool stranger = reason == FLUIT_REFUSED_UNKNOWN || reason == FLUIT_REFUSED_WAIT;
    assert_true(err == FLUIT_OK || err == FLUIT_E_DENIED);
    assert_int_equal(err == FLUIT_OK, reason == 0);
    assert_int_equal(proven, !stranger);
    fluit_noise_deinit(&noise);
    fluit_buf_deinit(&join);
    fluit_buf_deinit(&text);
    return reason;
}

static inline void hub_desk_line(struct hub_desk *d, const char *line)
{
    hub_desk_turn(
        d, (struct fluit_event){.kind = FLUIT_EVENT_COMMAND, .bytes = fluit_slice_str(line)});
}

#endif
