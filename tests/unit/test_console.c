#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/io/console.h"

struct fixture {
    int in[2], out[2]; /* pipes: we write in[1], read out[0] */
    struct fluit_console console;
};

static void begin(struct fixture *f)
{
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(f->in), 0);
    assert_int_equal(pipe(f->out), 0);
    assert_int_equal(fluit_console_init(&f->console, f->in[0], f->out[1]), FLUIT_OK);
}

static void finish(struct fixture *f)
{
    fluit_console_deinit(&f->console);
    for (int i = 0; i < 2; i++) {
        close(f->in[i]);
        close(f->out[i]);
    }
}

static void type(struct fixture *f, const char *text, size_t len)
{
    assert_int_equal(write(f->in[1], text, len), len);
    fluit_console_read(&f->console);
}

static void expect(struct fixture *f, const char *line)
{
    struct fluit_slice got;
    assert_int_equal(fluit_console_next(&f->console, &got), FLUIT_CONSOLE_LINE);
    assert_true(fluit_slice_is(got, line));
}

static void expect_nothing(struct fixture *f)
{
    struct fluit_slice got;
    assert_int_equal(fluit_console_next(&f->console, &got), FLUIT_CONSOLE_NOTHING);
}

static void cuts_what_comes_into_lines(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    type(&f, "one\r\n\ntw", 8);
    expect(&f, "one");
    expect(&f, "");
    expect_nothing(&f);
    type(&f, "o\nthree", 7);
    expect(&f, "two");
    expect_nothing(&f);
    close(f.in[1]);
    fluit_console_read(&f.console);
    assert_true(f.console.ended && fluit_console_has_more(&f.console));
    expect(&f, "three"); /* the last line needs no newline */
    assert_false(fluit_console_has_more(&f.console));
    expect_nothing(&f);
    f.in[1] = -1;
    finish(&f);
}

static void skips_a_line_that_is_too_long(void **state)
{
    static char lengthy[FLUIT_LINE_LEN_MAX + 2];
    struct fixture f;
    (void)state;
    begin(&f);
    memset(lengthy, 'x', sizeof lengthy);
    for (size_t len = FLUIT_LINE_LEN_MAX; len <= FLUIT_LINE_LEN_MAX + 1; len++) {
        struct fluit_slice got;
        bool fits = len == FLUIT_LINE_LEN_MAX;
        lengthy[len] = '\n';
        for (size_t at = 0; at <= len; at += 4096) {
            expect_nothing(&f);
            type(&f, lengthy + at, len + 1 - at < 4096 ? len + 1 - at : 4096);
        }
        lengthy[len] = 'x';
        assert_int_equal(fluit_console_next(&f.console, &got),
                         fits ? FLUIT_CONSOLE_LINE : FLUIT_CONSOLE_TOO_LONG);
        if (fits)
            assert_int_equal(got.len, len);
    }
    type(&f, "next\n", 5);
    expect(&f, "next");
    finish(&f);
}

static void waits_for_a_slow_reader_and_keeps_lines_whole(void **state)
{
    static char line[1000], got[FLUIT_CONSOLE_OUT_MAX * 2];
    struct fixture f;
    size_t printed = 0, got_len = 0;
    (void)state;
    begin(&f);
    memset(line, 'y', sizeof line);
    while (f.console.dropped_count == 0) { /* returns though nobody reads */
        fluit_console_print(&f.console, fluit_slice(line, sizeof line));
        printed++;
    }
    assert_true(f.console.out.len <= FLUIT_CONSOLE_OUT_MAX);
    fcntl(f.out[0], F_SETFL, O_NONBLOCK);
    for (;;) {
        ssize_t len = read(f.out[0], got + got_len, sizeof got - got_len);
        if (len > 0)
            got_len += (size_t)len;
        else if (f.console.out.len == 0)
            break;
        fluit_console_flush(&f.console);
    }
    assert_int_equal(got_len, (printed - 1) * (sizeof line + 1));
    for (size_t i = 0; i < got_len; i++)
        assert_int_equal(got[i], i % (sizeof line + 1) == sizeof line ? '\n' : 'y');
    fluit_console_print(&f.console, fluit_slice_str("again"));
    assert_int_equal(read(f.out[0], got, sizeof got), 6);
    finish(&f);
}

static void goes_on_without_a_reader(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    close(f.out[0]);
    fluit_console_print(&f.console, fluit_slice_str("a"));
    assert_int_equal(f.console.out_fd, -1);
    fluit_console_print(&f.console, fluit_slice_str("b"));
    fluit_console_flush_all(&f.console, 1000);
    assert_int_equal(f.console.out.len, 0);
    f.out[0] = -1;
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_what_comes_into_lines),
        cmocka_unit_test(skips_a_line_that_is_too_long),
        cmocka_unit_test(waits_for_a_slow_reader_and_keeps_lines_whole),
        cmocka_unit_test(goes_on_without_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
