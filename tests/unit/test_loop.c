#include <signal.h>

#include "tests/unit/loop_desk.h"

static void echo(struct world *w, const struct fluit_event *event, struct fluit_effects *fx)
{
    (void)w;
    if (event->kind != FLUIT_EVENT_COMMAND)
        return;
    fluit_effects_print(fx, "heard %.*s", (int)event->bytes.len, (const char *)event->bytes.data);
    if (fluit_slice_is(event->bytes, "stop"))
        world_quit(fx, 5);
}

static void starts_first_and_ends_as_the_core_says(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, echo);
    world_type(&w, "one\ntwo\nstop\n");
    assert_int_equal(fluit_loop_run(&w.config), 5);
    assert_memory_equal(w.log, "start\ncommit\n", 13);
    assert_string_equal(w.commands, "one;two;stop;");
    assert_string_equal(world_printed(&w), "heard one\nheard two\nheard stop\nbye\n");
    world_finish(&w);
}

static void end_of_input_ends_it_only_if_so_configured(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, echo);
    world_type(&w, "last");
    close(w.in[1]);
    w.config.quit_on_eof = true;
    assert_int_equal(fluit_loop_run(&w.config), FLUIT_EXIT_OK);
    assert_string_equal(w.commands, "last;");
    w.in[1] = -1;
    world_finish(&w);
}

static void after_ticks(struct world *w, const struct fluit_event *event, struct fluit_effects *fx)
{
    (void)event;
    if (w->tick_count == 20)
        world_quit(fx, 6);
}

static void goes_on_ticking_without_input(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, after_ticks);
    close(w.in[1]);
    w.in[1] = -1;
    assert_int_equal(fluit_loop_run(&w.config), 6);
    world_finish(&w);
}

static void stops_on_a_signal_and_leaves_none_behind(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, echo);
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    raise(SIGTERM);
    assert_int_equal(fluit_loop_run(&w.config), FLUIT_EXIT_OK);
    sigprocmask(SIG_SETMASK, &before, NULL); /* a signal left pending would kill us here */
    world_finish(&w);
}

static void answers_a_line_that_is_too_long(void **state)
{
    static struct world w;
    static char lengthy[FLUIT_LINE_LEN_MAX + 100];
    (void)state;
    world_begin(&w, echo);
    memset(lengthy, 'x', sizeof lengthy - 1);
    world_type(&w, lengthy);
    world_type(&w, "\nstop\n");
    assert_int_equal(fluit_loop_run(&w.config), 5);
    assert_string_equal(w.commands, "stop;");
    assert_non_null(strstr(world_printed(&w), "error: that line is longer than 16384 bytes"));
    world_finish(&w);
}

static bool take_percent(void *arg, struct fluit_slice line)
{
    int *taken = arg;
    bool for_us = line.len > 0 && line.data[0] == '%';
    *taken += for_us;
    return for_us;
}

static void a_line_that_another_takes_is_not_for_the_core(void **state)
{
    static struct world w;
    int taken = 0;
    (void)state;
    world_begin(&w, echo);
    w.config.take_line = take_percent;
    w.config.take_line_arg = &taken;
    world_type(&w, "one\n%two\nthree\nstop\n");
    assert_int_equal(fluit_loop_run(&w.config), 5);
    assert_string_equal(w.commands, "one;three;stop;");
    assert_int_equal(taken, 1);
    world_finish(&w);
}

/* Dials the hub; says something when the link is up; ends when the hub heard it. */
static void say_once(struct world *w, const struct fluit_event *event, struct fluit_effects *fx)
{
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", w->port + FLUIT_PORT_SYNC);
    if (event->kind == FLUIT_EVENT_START) {
        struct fluit_effect *effect =
            fluit_effects_add(fx, FLUIT_EFFECT_CONNECT, fluit_slice_str(endpoint));
        effect->link = FLUIT_LINK_KEPT;
        effect->peer = w->hub_pk;
    }
    if (event->kind == FLUIT_EVENT_LINK_UP) {
        fluit_effects_add(fx, FLUIT_EFFECT_SEND, fluit_slice_str("entry"))->link = FLUIT_LINK_KEPT;
        fluit_effects_print(fx, "saved");
        w->fail_commits = w->commit_err != FLUIT_OK;
    }
    if (w->hub_got > 0)
        world_quit(fx, 0);
}

static void commits_before_anything_leaves(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, say_once);
    world_begin_hub(&w);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    const char *up = strstr(w.log, "up\n");
    assert_non_null(up);
    assert_memory_equal(up, "up\ncommit\n", 10);
    assert_true(strstr(w.log, "hub got it") > up);
    assert_non_null(strstr(world_printed(&w), "saved"));
    world_finish(&w);
}

static void sends_nothing_when_the_disk_is_full(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, say_once);
    world_begin_hub(&w);
    w.commit_err = FLUIT_E_FULL;
    assert_int_equal(fluit_loop_run(&w.config), FLUIT_EXIT_DISK);
    assert_memory_equal(strstr(w.log, "up\n"), "up\ncommit failed\n", 17);
    /* What had left before is out when the net is gone; then the hub has all it ever gets. */
    fluit_net_free(&w.net);
    for (int i = 0; i < 50; i++) {
        fluit_net_poll(w.hub, NULL, 0, 2);
        fluit_net_take(w.hub, world_hub_hears, &w);
    }
    assert_int_equal(w.hub_got, 0);
    assert_string_equal(world_printed(&w), "");
    world_finish(&w);
}

static void dial_nonsense(struct world *w, const struct fluit_event *event,
                          struct fluit_effects *fx)
{
    static const char *const endpoints[] = {"tcp://\x1b[2J:1", "ipc:///tmp/x:1", "", "tcp://*:1"};
    if (event->kind == FLUIT_EVENT_START)
        for (size_t i = 0; i < 4; i++) {
            struct fluit_slice bytes = fluit_slice_str(endpoints[i]);
            fluit_effects_add(fx, FLUIT_EFFECT_CONNECT, bytes)->link = (uint32_t)i + 1;
            fluit_effects_add(fx, FLUIT_EFFECT_SUBSCRIBE, bytes);
            fluit_effects_add(fx, FLUIT_EFFECT_FEED_TO, bytes);
        }
    after_ticks(w, event, fx);
}

static void outlives_addresses_that_are_nonsense(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, dial_nonsense);
    assert_int_equal(fluit_loop_run(&w.config), 6);
    world_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_first_and_ends_as_the_core_says),
        cmocka_unit_test(end_of_input_ends_it_only_if_so_configured),
        cmocka_unit_test(goes_on_ticking_without_input),
        cmocka_unit_test(stops_on_a_signal_and_leaves_none_behind),
        cmocka_unit_test(answers_a_line_that_is_too_long),
        cmocka_unit_test(a_line_that_another_takes_is_not_for_the_core),
        cmocka_unit_test(commits_before_anything_leaves),
        cmocka_unit_test(sends_nothing_when_the_disk_is_full),
        cmocka_unit_test(outlives_addresses_that_are_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
