/* loop_desk.h: a loop and what is around it, for the tests of loop.h. */
#ifndef FLUIT_TEST_LOOP_DESK_H
#define FLUIT_TEST_LOOP_DESK_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/io/loop.h"

#define WORLD_PATIENCE_US 15000000
#define WORLD_TICK_US     2000

/* A core that only notes what it is told, the net of a hub that it looks at while it runs, and the
 * pipes around it. */
struct world {
    struct fluit_net *net, *hub; /* the loop's, and one that is pumped by hand */
    struct fluit_box_pk pk, hub_pk;
    uint16_t port;
    struct fluit_clocksource clock;
    struct fluit_loop_config config;
    int in[2], out[2];
    char log[65536]; /* "start", "tick", "commit", "hub got X" ... one word a line */
    char commands[512];
    int64_t now_us, give_up_us, deadline_us;
    /* What the test wants. */
    void (*on_event)(struct world *w, const struct fluit_event *event, struct fluit_effects *fx);
    enum fluit_err commit_err; /* given from the moment fail_commits is set */
    bool fail_commits;
    struct fluit_mark mark;
    int64_t mark_at_us; /* 0: no alarm */
    bool repeat_alarm;  /* a core that forgets that it fired */
    struct fluit_event fired;
    int fired_count, tick_count, hub_got;
    uint8_t entropy[32];
};

static inline void world_note(struct world *w, const char *word)
{
    size_t len = strlen(w->log);
    snprintf(w->log + len, sizeof w->log - len, "%s\n", word);
}

static inline bool world_hub_hears(void *arg, const struct fluit_event *event)
{
    struct world *w = arg;
    if (event->kind == FLUIT_EVENT_MESSAGE) {
        w->hub_got++;
        world_note(w, "hub got it");
    }
    return true;
}

static inline void world_pump_hub(struct world *w)
{
    fluit_net_poll(w->hub, NULL, 0, 0);
    fluit_net_take(w->hub, world_hub_hears, w);
}

static inline void world_step(void *node, const struct fluit_event *event, struct fluit_effects *fx)
{
    /* Not those that come again and again as time goes on, but for the first tick. */
    static const char *const names[] = {
        [FLUIT_EVENT_START] = "start",    [FLUIT_EVENT_LINK_UP] = "up",
        [FLUIT_EVENT_LINK_DOWN] = "down", [FLUIT_EVENT_MESSAGE] = "message",
        [FLUIT_EVENT_FRAME] = "frame",    [FLUIT_EVENT_DOOR] = "door",
        [FLUIT_EVENT_BEACON] = "beacon",  [FLUIT_EVENT_COMMAND] = "command",
        [FLUIT_EVENT_FIRED] = "fired",    [FLUIT_EVENT_TURN_END] = NULL,
    };
    struct world *w = node;
    if (event->kind == FLUIT_EVENT_TICK && w->tick_count++ == 0)
        world_note(w, "tick");
    else if (names[event->kind])
        world_note(w, names[event->kind]);
    assert_true(event->now_us >= w->now_us);
    w->now_us = event->now_us;
    assert_memory_not_equal(event->entropy, w->entropy, 32);
    memcpy(w->entropy, event->entropy, 32);
    if (event->kind == FLUIT_EVENT_COMMAND) {
        size_t len = strlen(w->commands);
        snprintf(w->commands + len, sizeof w->commands - len, "%.*s;", (int)event->bytes.len,
                 (const char *)event->bytes.data);
    }
    if (event->kind == FLUIT_EVENT_FIRED) {
        w->fired = *event;
        w->fired_count++;
        if (!w->repeat_alarm)
            w->mark_at_us = 0;
    }
    if (w->hub)
        world_pump_hub(w);
    w->deadline_us = event->now_us + WORLD_TICK_US;
    w->on_event(w, event, fx);
    if (event->now_us > w->give_up_us)
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str(""))->link = 99;
}

static inline int64_t world_deadline(void *node)
{
    return ((struct world *)node)->deadline_us;
}

static inline bool world_alarm(void *node, struct fluit_mark *mark, int64_t *local_us)
{
    struct world *w = node;
    if (w->mark_at_us == 0)
        return false;
    *mark = w->mark;
    *local_us = w->mark_at_us;
    return true;
}

static inline bool world_admits(void *node, const struct fluit_box_pk *key)
{
    (void)node;
    (void)key;
    return true;
}

static const struct fluit_node_ops world_ops = {
    .step = world_step, .deadline = world_deadline, .alarm = world_alarm, .admits = world_admits};

static inline enum fluit_err world_commit(void *store)
{
    struct world *w = store;
    if (w->hub)
        world_pump_hub(w);
    world_note(w, w->fail_commits ? "commit failed" : "commit");
    return w->fail_commits ? w->commit_err : FLUIT_OK;
}

static inline void world_quit(struct fluit_effects *fx, uint32_t status)
{
    fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str("bye"))->link = status;
}

static inline struct fluit_net *world_net(uint8_t seed, struct fluit_box_pk *pk)
{
    struct fluit_secret secret = {{7, seed}};
    struct fluit_box_sk sk;
    struct fluit_net *net = NULL;
    fluit_box_keypair(&secret, pk, &sk);
    assert_int_equal(fluit_net_new(pk, &sk, &net), FLUIT_OK);
    return net;
}

static inline void world_begin(struct world *w,
                               void (*on_event)(struct world *w, const struct fluit_event *event,
                                                struct fluit_effects *fx))
{
    *w = (struct world){.on_event = on_event, .now_us = INT64_MIN};
    w->clock = (struct fluit_clocksource){.offset_us = 7200000000, .ppm = 40};
    w->give_up_us = fluit_clocksource_now(&w->clock) + WORLD_PATIENCE_US;
    w->net = world_net(1, &w->pk);
    assert_int_equal(pipe(w->in), 0);
    assert_int_equal(pipe(w->out), 0);
    fcntl(w->out[0], F_SETFL, O_NONBLOCK);
    w->config = (struct fluit_loop_config){.ops = &world_ops,
                                           .node = w,
                                           .net = w->net,
                                           .clock = &w->clock,
                                           .commit = world_commit,
                                           .store = w,
                                           .data_dir = "data",
                                           .in_fd = w->in[0],
                                           .out_fd = w->out[1],
                                           .witness_fd = -1};
}

static inline void world_begin_hub(struct world *w)
{
    struct fluit_net_why why;
    w->hub = world_net(2, &w->hub_pk);
    fluit_net_admit(w->hub, world_admits, w);
    assert_int_equal(fluit_net_bind_hub(w->hub, "127.0.0.1", &w->port, &why), FLUIT_OK);
}

static inline void world_finish(struct world *w)
{
    fluit_net_free(&w->net);
    fluit_net_free(&w->hub);
    for (int i = 0; i < 2; i++) {
        close(w->in[i]);
        close(w->out[i]);
    }
}

static inline void world_type(struct world *w, const char *text)
{
    assert_int_equal(write(w->in[1], text, strlen(text)), strlen(text));
}

/* All that was printed, in text that lives until the next call. */
static inline const char *world_printed(struct world *w)
{
    static char text[70000];
    ssize_t len = read(w->out[0], text, sizeof text - 1);
    text[len > 0 ? len : 0] = 0;
    return text;
}

#endif
