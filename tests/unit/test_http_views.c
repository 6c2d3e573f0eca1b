/* Who may ask a node's page for what, what is pushed, and that nobody can fill or hold up a node.
 */
#include <malloc.h>

#include "tests/unit/http_desk.h"

static void shows_the_newest_view(void **state)
{
    struct http_desk *d = *state;
    char token[65], other[65];
    struct fluit_buf own = FLUIT_BUF_INIT, projector = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    http_desk_token(d, FLUIT_PAGE_PROJECTOR, other);
    assert_false(fluit_http_is_watched(d->http, FLUIT_PAGE_OWN));
    int fd = begin_events(d, token, "", 0), fd2 = begin_events(d, other, "", 0);
    http_desk_read(d, fd, ": here", &own); /* at once, so that the page knows */
    http_desk_read(d, fd2, ": here", &projector);
    assert_true(fluit_http_is_watched(d->http, FLUIT_PAGE_OWN));
    fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str("{\"secret\":1}"));
    fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str("{\"secret\":2}"));
    fluit_http_show(d->http, FLUIT_PAGE_PROJECTOR, fluit_slice_str("{\"room\":1}"));
    http_desk_read(d, fd, "data: {\"secret\":2}\n\n", &own);
    assert_null(strstr(fluit_buf_text(&own), "\"secret\":1")); /* passed over */
    http_desk_read(d, fd2, "data: {\"room\":1}\n\n", &projector);
    assert_null(strstr(fluit_buf_text(&projector), "secret"));
    assert_null(strstr(fluit_buf_text(&own), "room"));
    close(fd);
    close(fd2);
    fluit_buf_deinit(&own);
    fluit_buf_deinit(&projector);
}

static void beats_while_nothing_changes(void **state)
{
    struct http_desk *d = *state;
    char token[65];
    struct fluit_buf out = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    int fd = begin_events(d, token, "", 0);
    http_desk_read(d, fd, ": here\n\n", &out);
    for (int i = 0; i < 3; i++) {
        fluit_buf_reset(&out);
        d->now_us += FLUIT_HTTP_BEAT_US;
        http_desk_read(d, fd, ": here\n\n", &out);
    }
    close(fd);
    fluit_buf_deinit(&out);
}

/* libmicrohttpd 0.9.75 does not wake who waits for it to have the view go out. */
static void does_not_wait_with_a_view(void **state)
{
    struct http_desk *d = *state;
    char token[65];
    struct fluit_buf out = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    int fd = begin_events(d, token, "", 0);
    http_desk_read(d, fd, ": here\n\n", &out);
    do
        http_desk_turn(d);
    while (fluit_http_timeout_ms(d->http, d->now_us) == 0);
    fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str("{\"view\":1}"));
    assert_int_equal(fluit_http_timeout_ms(d->http, d->now_us), 0);
    http_desk_read(d, fd, "{\"view\":1}\n\n", &out);
    close(fd);
    fluit_buf_deinit(&out);
}

static void resumes_where_a_page_was(void **state)
{
    struct http_desk *d = *state;
    char token[65], more[128], id[64];
    struct fluit_buf out = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str("{\"view\":1}"));
    int fd = begin_events(d, token, "", 0);
    http_desk_read(d, fd, "{\"view\":1}\n\n", &out);
    close(fd);
    assert_int_equal(sscanf(strstr(fluit_buf_text(&out), "id: "), "id: %63s", id), 1);
    snprintf(more, sizeof more, "Last-Event-ID: %s\r\n", id);
    fluit_buf_reset(&out);
    fd = begin_events(d, token, more, 0); /* it has that one: only what is newer comes */
    http_desk_read(d, fd, ": here\n\n", &out);
    fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str("{\"view\":2}"));
    http_desk_read(d, fd, "{\"view\":2}\n\n", &out);
    assert_null(strstr(fluit_buf_text(&out), "{\"view\":1}"));
    close(fd);
    /* After a new start the same number is another view. */
    struct fluit_http_config config = http_desk_config();
    config.port = d->port;
    http_desk_close(d);
    http_desk_open(d, config);
    fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str("{\"view\":3}"));
    fluit_buf_reset(&out);
    fd = begin_events(d, token, more, 0);
    http_desk_read(d, fd, "{\"view\":3}\n\n", &out);
    close(fd);
    fluit_buf_deinit(&out);
}

static size_t used_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static char *big_view(size_t len, char fill)
{
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, fill, len);
    text[len] = 0;
    return text;
}

#define PAGES 200

/* They share a view's bytes: what they cost does not grow with it, nor with how many come. */
static void two_hundred_pages_cost_little(void **state)
{
    struct http_desk *d = *state;
    char token[65];
    int fds[PAGES];
    size_t before = used_bytes();
    struct fluit_buf out = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    for (int i = 0; i < PAGES; i++) {
        fds[i] = begin_events(d, token, "", 0);
        fluit_buf_reset(&out);
        http_desk_read(d, fds[i], ": here\n\n", &out);
    }
    for (const char *fills = "abcde"; *fills; fills++) {
        char fill = *fills, *view = big_view(500000, fill), end[8];
        fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str(view));
        snprintf(end, sizeof end, "%c\n\n", fill);
        for (int i = 0; i < PAGES; i++) {
            fluit_buf_reset(&out);
            http_desk_read(d, fds[i], end, &out);
        }
        free(view);
    }
    fluit_buf_deinit(&out);
    size_t each = (used_bytes() - before) / PAGES;
    assert_in_range(each, 0, 64 * 1024); /* a sanitizer's memory is not counted */
    for (int i = 0; i < PAGES; i++)
        close(fds[i]);
    /* What they had is given back. */
    while (fluit_http_is_watched(d->http, FLUIT_PAGE_OWN)) {
        d->now_us += FLUIT_HTTP_BEAT_US;
        http_desk_turn(d);
    }
    assert_in_range(used_bytes() - before, 0, 2 * 1024 * 1024);
}

static void no_more_pages_than_fit(void **state)
{
    struct http_desk *d = *state;
    char token[65];
    int fds[FLUIT_HTTP_CLIENTS_MAX + 1];
    struct fluit_buf out = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    for (int i = 0; i <= FLUIT_HTTP_CLIENTS_MAX; i++) {
        fds[i] = begin_events(d, token, "", 0);
        fluit_buf_reset(&out);
        http_desk_read(d, fds[i], "\r\n\r\n", &out);
        assert_int_equal(http_desk_status(fluit_buf_text(&out)),
                         i < FLUIT_HTTP_CLIENTS_MAX ? 200 : 503);
    }
    for (int i = 0; i <= FLUIT_HTTP_CLIENTS_MAX; i++)
        close(fds[i]);
    fluit_buf_deinit(&out);
}

/* It holds up nobody, is dropped when it has taken nothing for long, and may come back. */
static void drops_and_welcomes_a_stalled_page(void **state)
{
    struct http_desk *d = *state;
    char token[65];
    struct fluit_buf out = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_PROJECTOR, token);
    int stalled = begin_events(d, token, "", 4096);
    http_desk_read(d, stalled, ": here\n\n", &out);
    char *view = big_view(1000000, 'v');
    /* The system takes some views for it; then it is stuck, and stall_s is 1. */
    for (int waited = 0; waited < HTTP_DESK_WAIT_MS; waited += 100) {
        struct pollfd wait = {.fd = fluit_http_fd(d->http), .events = POLLIN};
        fluit_http_show(d->http, FLUIT_PAGE_PROJECTOR, fluit_slice_str(view));
        do
            http_desk_turn(d);
        while (fluit_http_timeout_ms(d->http, d->now_us) == 0);
        if (!fluit_http_is_watched(d->http, FLUIT_PAGE_PROJECTOR))
            break;
        poll(&wait, 1, 100);
    }
    assert_false(fluit_http_is_watched(d->http, FLUIT_PAGE_PROJECTOR));
    close(stalled);
    fluit_http_show(d->http, FLUIT_PAGE_PROJECTOR, fluit_slice_str("{\"back\":1}"));
    int back = begin_events(d, token, "", 0);
    fluit_buf_reset(&out);
    http_desk_read(d, back, "{\"back\":1}\n\n", &out);
    close(back);
    free(view);
    fluit_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_the_newest_view, http_desk_setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(beats_while_nothing_changes, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(does_not_wait_with_a_view, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(resumes_where_a_page_was, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(two_hundred_pages_cost_little, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(no_more_pages_than_fit, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(drops_and_welcomes_a_stalled_page, http_desk_setup,
                                        http_desk_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
