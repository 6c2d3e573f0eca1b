/* The loop at a mark: it whistles, and lets pages wait. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "node/io/whistle.h"
#include "tests/unit/loop_desk.h"

/* A node that has a mark in 20 ms, and something to do all the time. */
static void until_fired(struct world *w, const struct fluit_event *event, struct fluit_effects *fx)
{
    fluit_effects_print(fx, "busy");
    bool fired = event->kind == FLUIT_EVENT_FIRED;
    if (fired && w->repeat_alarm)
        w->tick_count = 0;
    else if (fired || (w->fired_count > 0 && w->tick_count > 10))
        world_quit(fx, 0);
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
    world_begin(&w, until_fired);
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
    assert_non_null(strstr(world_printed(&w), "busy\nwhistle start round 1\a\n"));

    int fd = open(path, O_RDONLY);
    assert_true(read(fd, line, sizeof line - 1) > 0);
    real_us = strtoll(line + strlen("4 1 1 1 "), NULL, 10);
    snprintf(expected, sizeof expected, "4 1 1 1 %" PRId64 "\n", real_us);
    assert_string_equal(line, expected);
    assert_true(real_us >= before_us + 20000 - 2 && real_us <= fluit_monotonic_us());
    close(fd);
    close(w.config.witness_fd);
    unlink(path);
    world_finish(&w);
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
        world_quit(fx, 0);
}

static void pages_wait_for_a_mark_that_is_near(void **state)
{
    static struct world w;
    struct fluit_http_config config = {.port = 0};
    struct fluit_http *http;
    char text[64];
    (void)state;
    world_begin(&w, until_page_came);
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
    world_finish(&w);
}

static void shows_a_mark_that_is_long_past_without_a_sound(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, until_fired);
    set_mark(&w, -FLUIT_MARK_LATE_US - 1);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired_count, 1);
    assert_int_equal(w.fired.fired.outputs, FLUIT_OUTPUT_NONE);
    assert_null(strstr(world_printed(&w), "whistle"));
    world_finish(&w);
}

static void sounds_a_mark_that_is_a_little_past(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, until_fired);
    set_mark(&w, -1000);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired.fired.outputs, FLUIT_OUTPUT_BELL | FLUIT_OUTPUT_LINE);
    assert_true(w.fired.fired.local_us > w.fired.fired.mark.at_us);
    world_finish(&w);
}

static void never_whistles_a_mark_twice(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, until_fired);
    set_mark(&w, 5000);
    w.repeat_alarm = true;
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired_count, 1);
    world_finish(&w);
}

static void says_so_when_nobody_could_hear_it(void **state)
{
    static struct world w;
    (void)state;
    world_begin(&w, until_fired);
    close(w.out[0]);
    w.out[0] = -1;
    set_mark(&w, 5000);
    assert_int_equal(fluit_loop_run(&w.config), 0);
    assert_int_equal(w.fired.fired.outputs, FLUIT_OUTPUT_NONE);
    world_finish(&w);
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
