#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/io/loop.h"
#include "node/io/whistle.h"

#define PATIENCE_US 15000000
#define TICK_US     2000

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

static void note(struct world *w, const char *word)
{
    size_t len = strlen(w->log);
    snprintf(w->log + len, sizeof w->log - len, "%s\n", word);
}

static bool hub_hears(void *arg, const struct fluit_event *event)
{
    struct world *w = arg;
    if (event->kind == FLUIT_EVENT_MESSAGE) {
        w->hub_got++;
        note(w, "hub got it");
    }
    return true;
}

static void pump_hub(struct world *w)
{
    fluit_net_poll(w->hub, NULL, 0, 0);
    fluit_net_take(w->hub, hub_hears, w);
}

static void step(void *node, const struct fluit_event *event, struct fluit_effects *fx)
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
        note(w, "tick");
    else if (names[event->kind])
        note(w, names[event->kind]);
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
        pump_hub(w);
    w->deadline_us = event->now_us + TICK_US;
    w->on_event(w, event, fx);
    if (event->now_us > w->give_up_us)
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str(""))->link = 99;
}

static int64_t deadline(void *node)
{
    return ((struct world *)node)->deadline_us;
}

static bool alarm_of(void *node, struct fluit_mark *mark, int64_t *local_us)
{
    struct world *w = node;
    if (w->mark_at_us == 0)
        return false;
    *mark = w->mark;
    *local_us = w->mark_at_us;
    return true;
}

static bool admits(void *node, const struct fluit_box_pk *key)
{
    (void)node;
    (void)key;
    return true;
}

static const struct fluit_node_ops ops = {
    .step = step, .deadline = deadline, .alarm = alarm_of, .admits = admits};

static enum fluit_err commit(void *store)
{
    struct world *w = store;
    if (w->hub)
        pump_hub(w);
    note(w, w->fail_commits ? "commit failed" : "commit");
    return w->fail_commits ? w->commit_err : FLUIT_OK;
}

static void quit(struct fluit_effects *fx, uint32_t status)
{
    fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str("bye"))->link = status;
}

static struct fluit_net *net_of(uint8_t seed, struct fluit_box_pk *pk)
{
    struct fluit_secret secret = {{7, seed}};
    struct fluit_box_sk sk;
    struct fluit_net *net = NULL;
    fluit_box_keypair(&secret, pk, &sk);
    assert_int_equal(fluit_net_new(pk, &sk, &net), FLUIT_OK);
    return net;
}

static void begin(struct world *w,
                  void (*on_event)(struct world *w, const struct fluit_event *event,
                                   struct fluit_effects *fx))
{
    *w = (struct world){.on_event = on_event, .now_us = INT64_MIN};
    w->clock = (struct fluit_clocksource){.offset_us = 7200000000, .ppm = 40};
    w->give_up_us = fluit_clocksource_now(&w->clock) + PATIENCE_US;
    w->net = net_of(1, &w->pk);
    assert_int_equal(pipe(w->in), 0);
    assert_int_equal(pipe(w->out), 0);
    fcntl(w->out[0], F_SETFL, O_NONBLOCK);
    w->config = (struct fluit_loop_config){.ops = &ops,
                                           .node = w,
                                           .net = w->net,
                                           .clock = &w->clock,
                                           .commit = commit,
                                           .store = w,
                                           .data_dir = "data",
                                           .in_fd = w->in[0],
                                           .out_fd = w->out[1],
                                           .witness_fd = -1};
}

static void begin_hub(struct world *w)
{
    struct fluit_net_why why;
    w->hub = net_of(2, &w->hub_pk);
    fluit_net_admit(w->hub, admits, w);
    assert_int_equal(fluit_net_bind_hub(w->hub, "127.0.0.1", &w->port, &why), FLUIT_OK);
}

static void finish(struct world *w)
{
    fluit_net_free(&w->net);
    fluit_net_free(&w->hub);
    for (int i = 0; i < 2; i++) {
        close(w->in[i]);
        close(w->out[i]);
    }
}

static void type(struct world *w, const char *text)
{
    assert_int_equal(write(w->in[1], text, strlen(text)), strlen(text));
}

/* All that was printed, in text that lives until the next call. */
static const char *printed(struct world *w)
{
    static char text[70000];
    ssize_t len = read(w->out[0], text, sizeof text - 1);
    text[len > 0 ? len : 0] = 0;
    return text;
}

static void echo(struct world *w, const struct fluit_event *event, struct fluit_effects *fx)
{
    (void)w;
    if (event->kind != FLUIT_EVENT_COMMAND)
        return;
    fluit_effects_print(fx, "heard %.*s", (int)event->bytes.len, (const char *)event->bytes.data);
    if (fluit_slice_is(event->bytes, "stop"))
        quit(fx, 5);
}

static void starts_first_and_ends_as_the_core_says(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, echo);
    type(&w, "one\ntwo\nstop\n");
    assert_int_equal(fluit_loop_run(&w.config), 5);
    assert_memory_equal(w.log, "start\ncommit\n", 13);
    assert_string_equal(w.commands, "one;two;stop;");
    assert_string_equal(printed(&w), "heard one\nheard two\nheard stop\nbye\n");
    finish(&w);
}

static void end_of_input_ends_it_only_if_so_configured(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, echo);
    type(&w, "last");
    close(w.in[1]);
    w.config.quit_on_eof = true;
    assert_int_equal(fluit_loop_run(&w.config), FLUIT_EXIT_OK);
    assert_string_equal(w.commands, "last;");
    w.in[1] = -1;
    finish(&w);
}

static void after_ticks(struct world *w, const struct fluit_event *event, struct fluit_effects *fx)
{
    (void)event;
    if (w->tick_count == 20)
        quit(fx, 6);
}

static void goes_on_ticking_without_input(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, after_ticks);
    close(w.in[1]);
    w.in[1] = -1;
    assert_int_equal(fluit_loop_run(&w.config), 6);
    finish(&w);
}

static void stops_on_a_signal_and_leaves_none_behind(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, echo);
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    raise(SIGTERM);
    assert_int_equal(fluit_loop_run(&w.config), FLUIT_EXIT_OK);
    sigprocmask(SIG_SETMASK, &before, NULL); /* a signal left pending would kill us here */
    finish(&w);
}

static void answers_a_line_that_is_too_long(void **state)
{
    static struct world w;
    static char lengthy[FLUIT_LINE_LEN_MAX + 100];
    (void)state;
    begin(&w, echo);
    memset(lengthy, 'x', sizeof lengthy - 1);
    type(&w, lengthy);
    type(&w, "\nstop\n");
    assert_int_equal(fluit_loop_run(&w.config), 5);
    assert_string_equal(w.commands, "stop;");
    assert_non_null(strstr(printed(&w), "error: that line is longer than 16384 bytes"));
    finish(&w);
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
    begin(&w, echo);
    w.config.take_line = take_percent;
    w.config.take_line_arg = &taken;
    type(&w, "one\n%two\nthree\nstop\n");
    assert_int_equal(fluit_loop_run(&w.config), 5);
    assert_string_equal(w.commands, "one;three;stop;");
    assert_int_equal(taken, 1);
    finish(&w);
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
        quit(fx, 0);
}

static void commits_before_anything_leaves(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, say_once);
    begin_hub(&w);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    const char *up = strstr(w.log, "up\n");
    assert_non_null(up);
    assert_memory_equal(up, "up\ncommit\n", 10);
    assert_true(strstr(w.log, "hub got it") > up);
    assert_non_null(strstr(printed(&w), "saved"));
    finish(&w);
}

static void sends_nothing_when_the_disk_is_full(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, say_once);
    begin_hub(&w);
    w.commit_err = FLUIT_E_FULL;
    assert_int_equal(fluit_loop_run(&w.config), FLUIT_EXIT_DISK);
    assert_memory_equal(strstr(w.log, "up\n"), "up\ncommit failed\n", 17);
    /* What had left before is out when the net is gone; then the hub has all it ever gets. */
    fluit_net_free(&w.net);
    for (int i = 0; i < 50; i++) {
        fluit_net_poll(w.hub, NULL, 0, 2);
        fluit_net_take(w.hub, hub_hears, &w);
    }
    assert_int_equal(w.hub_got, 0);
    assert_string_equal(printed(&w), "");
    finish(&w);
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
    begin(&w, dial_nonsense);
    assert_int_equal(fluit_loop_run(&w.config), 6);
    finish(&w);
}

/* A node that has a mark in 20 ms, and something to do all the time. */
static void until_fired(struct world *w, const struct fluit_event *event, struct fluit_effects *fx)
{
    fluit_effects_print(fx, "busy");
    bool fired = event->kind == FLUIT_EVENT_FIRED;
    if (fired && w->repeat_alarm)
        w->tick_count = 0;
    else if (fired || (w->fired_count > 0 && w->tick_count > 10))
        quit(fx, 0);
}

static void set_mark(struct world *w, int64_t in_us)
{
    w->mark = (struct fluit_mark){.id = {4, 1, FLUIT_MARK_START, 1}, .at_us = 1};
    w->mark_at_us = fluit_clocksource_now(&w->clock) + in_us;
}

static void whistles_at_the_mark_and_lets_the_witness_know(void **state)
{
    static struct world w;
    char path[] = "/tmp/fluit-witness-XXXXXX", line[100] = "", expected[100];
    int witness = mkstemp(path);
    int64_t real_us, before_us = fluit_monotonic_us(), at_us;
    (void)state;
    begin(&w, until_fired);
    close(witness);
    assert_int_equal(fluit_witness_open(path, &w.config.witness_fd), FLUIT_OK);
    set_mark(&w, 20000);
    at_us = w.mark_at_us;
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired_count, 1);
    assert_true(w.fired.fired.local_us >= at_us); /* never early, however late this machine is */
    assert_true(w.fired.now_us >= w.fired.fired.local_us);
    assert_true(fluit_mark_id_eq(w.fired.fired.mark.id, w.mark.id));
    assert_int_equal(w.fired.fired.outputs, FLUIT_OUTPUT_BELL | FLUIT_OUTPUT_LINE);
    /* On its own line though the node printed all the time. */
    assert_non_null(strstr(printed(&w), "busy\nwhistle start round 1\a\n"));

    int fd = open(path, O_RDONLY);
    assert_true(read(fd, line, sizeof line - 1) > 0);
    real_us = strtoll(line + strlen("4 1 1 1 "), NULL, 10);
    snprintf(expected, sizeof expected, "4 1 1 1 %" PRId64 "\n", real_us);
    assert_string_equal(line, expected);
    assert_true(real_us >= before_us + 20000 - 2 && real_us <= fluit_monotonic_us());
    close(fd);
    close(w.config.witness_fd);
    unlink(path);
    finish(&w);
}

static int page_fd; /* a browser's, that asks for the page */

static void until_page_came(struct world *w, const struct fluit_event *event,
                            struct fluit_effects *fx)
{
    char first;
    bool came = recv(page_fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
    (void)event;
    if (came && w->fired_count == 0)
        fail_msg("a page was served just before a mark");
    if (came)
        quit(fx, 0);
}

static void pages_wait_for_a_mark_that_is_near(void **state)
{
    static struct world w;
    struct fluit_http_config config = {.port = 0};
    struct fluit_http *http;
    char text[64];
    (void)state;
    begin(&w, until_page_came);
    assert_int_equal(fluit_http_new(&config, &http), FLUIT_OK);
    w.config.http = http;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(fluit_http_port(http)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    page_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(page_fd, (struct sockaddr *)&at, sizeof at), 0);
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
             (unsigned)fluit_http_port(http));
    assert_int_equal(send(page_fd, text, strlen(text), 0), (ssize_t)strlen(text));
    set_mark(&w, 100000);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired_count, 1);
    close(page_fd);
    fluit_http_free(&http);
    finish(&w);
}

static void shows_a_mark_that_is_long_past_without_a_sound(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, until_fired);
    set_mark(&w, -FLUIT_MARK_LATE_US - 1);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired_count, 1);
    assert_int_equal(w.fired.fired.outputs, FLUIT_OUTPUT_NONE);
    assert_null(strstr(printed(&w), "whistle"));
    finish(&w);
}

static void sounds_a_mark_that_is_a_little_past(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, until_fired);
    set_mark(&w, -1000);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired.fired.outputs, FLUIT_OUTPUT_BELL | FLUIT_OUTPUT_LINE);
    assert_true(w.fired.fired.local_us > w.fired.fired.mark.at_us);
    finish(&w);
}

static void never_whistles_a_mark_twice(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, until_fired);
    set_mark(&w, 5000);
    w.repeat_alarm = true;
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired_count, 1);
    finish(&w);
}

static void says_so_when_nobody_could_hear_it(void **state)
{
    static struct world w;
    (void)state;
    begin(&w, until_fired);
    close(w.out[0]);
    w.out[0] = -1;
    set_mark(&w, 5000);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired.fired.outputs, FLUIT_OUTPUT_NONE);
    finish(&w);
}

static void names_steps_outside_the_rounds(void **state)
{
    int ends[2];
    char text[64] = "";
    struct fluit_mark mark = {.id = {.step = 2, .kind = FLUIT_MARK_END, .occurrence = 1}};
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fluit_whistle_sound(ends[1], &mark), FLUIT_OUTPUT_BELL | FLUIT_OUTPUT_LINE);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    assert_string_equal(text, "whistle end step 3\a\n");
    assert_int_equal(fluit_whistle_sound(-1, &mark), FLUIT_OUTPUT_NONE);
    close(ends[0]);
    close(ends[1]);
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
        cmocka_unit_test(whistles_at_the_mark_and_lets_the_witness_know),
        cmocka_unit_test(pages_wait_for_a_mark_that_is_near),
        cmocka_unit_test(shows_a_mark_that_is_long_past_without_a_sound),
        cmocka_unit_test(sounds_a_mark_that_is_a_little_past),
        cmocka_unit_test(never_whistles_a_mark_twice),
        cmocka_unit_test(says_so_when_nobody_could_hear_it),
        cmocka_unit_test(names_steps_outside_the_rounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
