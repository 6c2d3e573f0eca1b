/* Who may ask a node's page for what, what is pushed, and that nobody can fill or hold up a node.
 */
#include "tests/unit/http_desk.h"

/* Its headers alone are sent: an answer can't have read the body. */
static void refuses_by_headers_alone(void **state)
{
    struct http_desk *d = *state;
    char token[65], host[64], length[64];
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    struct parts p = whole(d, token);

    static const char *const hosts[][2] = {
        {"evil.example", ""},
        {"127.0.0.1", ""},
        {"localhost", ":1"},
        {"127.0.0.2", ":%"},
        {"127.0.0.1", ":%.evil"},
        {"[::1]", ":%"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        const char *rest = strchr(hosts[i][1], '%');
        if (rest)
            snprintf(host, sizeof host, "%s:%u%s", hosts[i][0], (unsigned)d->port, rest + 1);
        else
            snprintf(host, sizeof host, "%s%s", hosts[i][0], hosts[i][1]);
        p.host = host;
        assert_int_equal(status_of(d, &p, false), 421);
    }
    p = whole(d, token);
    static const char *const origins[] = {"Origin: http://evil.example\r\n", "Origin: null\r\n",
                                          "Origin: http://127.0.0.1\r\n", "Origin: \r\n",
                                          "Origin: http://localhost:1\r\n"};
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        p.more = origins[i];
        assert_int_equal(status_of(d, &p, false), 403);
    }
    p = whole(d, token);
    snprintf(host, sizeof host, "Origin: https://%s\r\n", own_host(d));
    p.more = host;
    assert_int_equal(status_of(d, &p, false), 403);

    p = whole(d, NULL);
    assert_int_equal(status_of(d, &p, false), 401);
    p.token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_int_equal(status_of(d, &p, false), 401);

    static const char *const methods[] = {"PUT", "DELETE", "OPTIONS", "PATCH"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        p = whole(d, token);
        p.method = methods[i];
        assert_int_equal(status_of(d, &p, false), 405);
    }
    static const char *const types[] = {NULL, "text/plain", "application/x-www-form-urlencoded",
                                        "multipart/form-data; boundary=x",
                                        "application/json; charset=utf-8"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        p = whole(d, token);
        p.type = types[i];
        assert_int_equal(status_of(d, &p, false), 415);
    }
    p = whole(d, token);
    p.body = NULL;
    assert_int_equal(status_of(d, &p, false), 411);
    p.more = "Transfer-Encoding: chunked\r\n";
    assert_int_equal(status_of(d, &p, false), 411);
    p.more = length;
    snprintf(length, sizeof length, "Content-Length: %d\r\n", FLUIT_REQUEST_LEN_MAX + 1);
    assert_int_equal(status_of(d, &p, false), 413);
    p = whole(d, token);
    p.path = "/api/other";
    assert_int_equal(status_of(d, &p, false), 404);
    assert_int_equal(d->asked, 0);
}

static void takes_what_is_right(void **state)
{
    struct http_desk *d = *state;
    char token[65], origin[64];
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    struct parts p = whole(d, token);
    assert_int_equal(status_of(d, &p, true), 200);
    assert_string_equal(d->body, p.body);
    assert_int_equal(d->session.kind, FLUIT_SESSION_HERE);
    snprintf(origin, sizeof origin, "Origin: http://%s\r\n", own_host(d));
    p.more = origin;
    assert_int_equal(status_of(d, &p, true), 200);
    assert_int_equal(d->asked, 2);
}

static void tells_nothing_without_a_token(void **state)
{
    struct http_desk *d = *state;
    static const char *const paths[] = {"/api/events", "/api/script", "/api/session", "/api/do"};
    struct parts p = {"GET", "", own_host(d), NULL, NULL, "", NULL};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        p.path = paths[i];
        assert_int_equal(status_of(d, &p, true), 401);
    }
    static const char *const away[] = {"/nothing", "/../etc/passwd", "//", "/index.html/"};
    for (size_t i = 0; i < sizeof away / sizeof *away; i++) {
        p.path = away[i];
        assert_int_equal(status_of(d, &p, true), 404);
    }
    p.path = "/";
    assert_int_equal(status_of(d, &p, true), 200);
}

/* Bit by bit: every part of a token counts. */
static void knows_its_own_tokens_only(void **state)
{
    struct http_desk *d = *state;
    char token[65], wrong[65];
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    struct parts p = {"GET", "/api/script", own_host(d), token, NULL, "", NULL};
    fluit_http_set_script(d->http, fluit_slice_str("{}"));
    assert_int_equal(status_of(d, &p, true), 200);
    for (size_t i = 0; i < 64; i++) {
        memcpy(wrong, token, sizeof wrong);
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        p.token = wrong;
        assert_int_equal(status_of(d, &p, true), 401);
    }
    wrong[63] = 0;
    assert_int_equal(status_of(d, &p, true), 401);
}

static void opens_a_link_once(void **state)
{
    struct http_desk *d = *state;
    char link[FLUIT_HTTP_LINK_LEN], body[128];
    fluit_http_link(d->http, FLUIT_PAGE_OWN, link);
    snprintf(body, sizeof body, "{\"key\":\"%s\"}", strstr(link, "#k=") + 3);
    struct parts p = {"POST", "/api/session", own_host(d), NULL, "application/json", "", body};
    body[9] ^= 1;
    assert_int_equal(status_of(d, &p, true), 403);
    body[9] ^= 1;
    assert_int_equal(status_of(d, &p, true), 200);
    assert_int_equal(status_of(d, &p, true), 403);
    static const char *const bad[] = {"{}", "", "{\"key\":\"\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        p.body = bad[i];
        assert_int_equal(status_of(d, &p, true), 403);
    }
}

/* Where no link waits there is nothing to open, not even by a key of as many zero bytes. */
static void an_empty_place_is_no_link(void **state)
{
    struct http_desk *d = *state;
    char text[256], body[8 + 43 + 2 + 1] = "{\"key\":\"";
    body[sizeof body - 3] = '"';
    body[sizeof body - 2] = '}';
    int head = snprintf(text, sizeof text,
                        "POST /api/session HTTP/1.1\r\nHost: %s\r\nContent-Type: "
                        "application/json\r\nContent-Length: %zu\r\n\r\n",
                        own_host(d), sizeof body - 1);
    memcpy(text + head, body, sizeof body - 1);
    struct fluit_buf out = FLUIT_BUF_INIT;
    int fd = http_desk_connect(d->port, 0);
    http_desk_send(fd, text, (size_t)head + sizeof body - 1);
    http_desk_read_whole(d, fd, &out);
    assert_int_equal(http_desk_status(fluit_buf_text(&out)), 403);
    fluit_buf_deinit(&out);
    close(fd);
}

/* The oldest link gives way, so that links can't pile up. */
static void keeps_a_few_links(void **state)
{
    struct http_desk *d = *state;
    char link[FLUIT_HTTP_LINKS_MAX + 1][FLUIT_HTTP_LINK_LEN], body[128];
    struct parts p = {"POST", "/api/session", own_host(d), NULL, "application/json", "", body};
    for (size_t i = 0; i <= FLUIT_HTTP_LINKS_MAX; i++)
        fluit_http_link(d->http, FLUIT_PAGE_OWN, link[i]);
    for (size_t i = 0; i <= FLUIT_HTTP_LINKS_MAX; i++) {
        snprintf(body, sizeof body, "{\"key\":\"%s\"}", strstr(link[i], "#k=") + 3);
        assert_int_equal(status_of(d, &p, true), i == 0 ? 403 : 200);
    }
}

/* The token that was given before the node was started again is good after it. */
static void goes_on_after_a_restart(void **state)
{
    struct http_desk *d = *state;
    char token[65];
    struct fluit_session before;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    struct parts p = whole(d, token);
    assert_int_equal(status_of(d, &p, true), 200);
    before = d->session;
    struct fluit_http_config config = http_desk_config();
    config.port = d->port;
    http_desk_close(d);
    http_desk_open(d, config);
    assert_int_equal(status_of(d, &p, true), 200);
    assert_memory_equal(before.id, d->session.id, sizeof before.id);
    config.secret.b[0] ^= 1; /* another node's */
    http_desk_close(d);
    http_desk_open(d, config);
    assert_int_equal(status_of(d, &p, true), 401);
}

static void does_nothing_twice(void **state)
{
    struct http_desk *d = *state;
    char token[65], other[65], key[64];
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    http_desk_token(d, FLUIT_PAGE_OWN, other);
    struct parts p = whole(d, token);
    p.more = "Idempotency-Key: one\r\n";
    d->answer = "{\"ok\":true,\"seq\":1}";
    assert_int_equal(status_of(d, &p, true), 200);
    d->answer = "{\"ok\":true,\"seq\":2}";
    char *again = ask(d, &p, true);
    assert_non_null(strstr(again, "\"seq\":1}"));
    free(again);
    assert_int_equal(d->asked, 1);
    p.body = "{\"do\":\"undo\"}"; /* the key alone is not the request */
    assert_int_equal(status_of(d, &p, true), 200);
    assert_int_equal(d->asked, 2);
    p = whole(d, other); /* a page that was closed comes back with a new link */
    p.more = "Idempotency-Key: one\r\n";
    assert_int_equal(status_of(d, &p, true), 200);
    assert_int_equal(d->asked, 2);
    p = whole(d, token);
    p.more = key;
    for (int i = 0; i < FLUIT_HTTP_ANSWERS_MAX; i++) { /* many later it is forgotten */
        snprintf(key, sizeof key, "Idempotency-Key: %d\r\n", i);
        assert_int_equal(status_of(d, &p, true), 200);
    }
    snprintf(key, sizeof key, "Idempotency-Key: one\r\n");
    assert_int_equal(status_of(d, &p, true), 200);
    assert_int_equal(d->asked, 2 + FLUIT_HTTP_ANSWERS_MAX + 1);
    /* What was refused was not done: it may be asked again. */
    snprintf(key, sizeof key, "Idempotency-Key: refused\r\n");
    d->answer = "{\"ok\":false,\"why\":\"one moment\"}";
    assert_int_equal(status_of(d, &p, true), 200);
    d->answer = "{\"ok\":true,\"seq\":3}";
    again = ask(d, &p, true);
    assert_non_null(strstr(again, "\"seq\":3}"));
    free(again);
    p.more = "Idempotency-Key: "
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    assert_int_equal(status_of(d, &p, true), 400);
}

/* One answer too long to be kept does not push out those that are. */
static void a_long_answer_forgets_no_other(void **state)
{
    struct http_desk *d = *state;
    static char text[FLUIT_HTTP_ANSWERS_LEN_MAX + 2];
    char token[65];
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    struct parts p = whole(d, token);
    p.more = "Idempotency-Key: one\r\n";
    assert_int_equal(status_of(d, &p, true), 200);
    memset(text, ' ', sizeof text - 1);
    memcpy(text, d->answer, strlen(d->answer));
    d->answer = text;
    p.more = "Idempotency-Key: long\r\n";
    assert_int_equal(status_of(d, &p, true), 200);
    p.more = "Idempotency-Key: one\r\n";
    assert_int_equal(status_of(d, &p, true), 200);
    assert_int_equal(d->asked, 2);
}

/* A page that sends again before the first was answered: both get the one answer. */
static void joins_the_same_request_under_way(void **state)
{
    struct http_desk *d = *state;
    char token[65], text[512];
    struct fluit_buf first = FLUIT_BUF_INIT, second = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    snprintf(text, sizeof text,
             "POST /api/do HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: "
             "application/json\r\nContent-Length: 2\r\nIdempotency-Key: k\r\n\r\n{}",
             own_host(d), token);
    d->answer = NULL;
    int fd1 = http_desk_connect(d->port, 0), fd2 = http_desk_connect(d->port, 0);
    http_desk_send(fd1, text, strlen(text));
    while (d->asked == 0)
        http_desk_turn(d);
    http_desk_send(fd2, text, strlen(text));
    for (int i = 0; i < 50; i++) {
        http_desk_turn(d);
        usleep(1000);
    }
    assert_int_equal(d->asked, 1);
    fluit_http_answer(d->http, d->link, fluit_slice_str("{\"ok\":true,\"seq\":5}"));
    http_desk_read(d, fd1, "\"seq\":5}", &first);
    http_desk_read(d, fd2, "\"seq\":5}", &second);
    assert_int_equal(d->asked, 1);
    close(fd1);
    close(fd2);
    fluit_buf_deinit(&first);
    fluit_buf_deinit(&second);
}

/* What is answered was committed: the answer leaves when the core gave it, and not before. */
static void answers_after_the_turn(void **state)
{
    struct http_desk *d = *state;
    char token[65], text[512], byte;
    struct fluit_buf out = FLUIT_BUF_INIT;
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    snprintf(text, sizeof text,
             "POST /api/do HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: "
             "application/json\r\nContent-Length: 2\r\n\r\n{}",
             own_host(d), token);
    d->answer = NULL;
    int fd = http_desk_connect(d->port, 0);
    http_desk_send(fd, text, strlen(text));
    while (d->asked == 0)
        http_desk_turn(d);
    for (int i = 0; i < 10; i++)
        http_desk_turn(d);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    fluit_http_answer(d->http, d->link + 1, fluit_slice_str("{\"no\":1}")); /* not this one's */
    fluit_http_answer(d->http, d->link, fluit_slice_str("{\"seq\":7}"));
    fluit_http_answer(d->http, d->link, fluit_slice_str("{\"seq\":8}")); /* once */
    http_desk_read(d, fd, "{\"seq\":7}", &out);
    assert_null(strstr(fluit_buf_text(&out), "\"no\""));
    close(fd);
    fluit_buf_deinit(&out);
}

/* What a full turn left over is given in the next, oldest first. */
static void gives_all_in_order(void **state)
{
    struct http_desk *d = *state;
    char token[65], text[512];
    int fds[3];
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    d->full = true;
    d->answer = NULL;
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text,
                 "POST /api/do HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: "
                 "application/json\r\nContent-Length: 1\r\n\r\n%d",
                 own_host(d), token, i);
        fds[i] = http_desk_connect(d->port, 0);
        http_desk_send(fds[i], text, strlen(text));
    }
    for (unsigned i = 0; i < 3; i++) {
        while (d->asked == i)
            http_desk_turn(d);
        assert_int_equal(d->asked, i + 1);
        assert_int_equal(fluit_http_timeout_ms(d->http, d->now_us) == 0, i < 2);
        assert_int_equal(d->body[0], (char)('0' + i));
    }
    /* Nor does an answer wait for what comes next. */
    fluit_http_answer(d->http, d->link, fluit_slice_str("{\"ok\":true}"));
    assert_int_equal(fluit_http_timeout_ms(d->http, d->now_us), 0);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}

/* Bodies that never come can't use up what there is for others. */
static void one_page_leaves_room_for_others(void **state)
{
    struct http_desk *d = *state;
    char token[65], other[65], text[512];
    int fds[FLUIT_HTTP_ASKED_MAX];
    http_desk_token(d, FLUIT_PAGE_OWN, token);
    http_desk_token(d, FLUIT_PAGE_OWN, other);
    snprintf(text, sizeof text,
             "POST /api/do HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: "
             "application/json\r\nContent-Length: 60000\r\nExpect: 100-continue\r\n\r\n",
             own_host(d), token);
    for (int i = 0; i < FLUIT_HTTP_ASKED_MAX; i++) {
        struct fluit_buf out = FLUIT_BUF_INIT;
        fds[i] = http_desk_connect(d->port, 0);
        http_desk_send(fds[i], text, strlen(text));
        http_desk_read(d, fds[i], "100 Continue", &out);
        fluit_buf_deinit(&out);
    }
    struct parts p = whole(d, token);
    assert_int_equal(status_of(d, &p, false), 503);
    p.token = other;
    assert_int_equal(status_of(d, &p, true), 200);
    for (int i = 0; i < FLUIT_HTTP_ASKED_MAX; i++)
        close(fds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_by_headers_alone, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(takes_what_is_right, http_desk_setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(tells_nothing_without_a_token, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(knows_its_own_tokens_only, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(opens_a_link_once, http_desk_setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(an_empty_place_is_no_link, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(keeps_a_few_links, http_desk_setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(goes_on_after_a_restart, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(does_nothing_twice, http_desk_setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(a_long_answer_forgets_no_other, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(joins_the_same_request_under_way, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(answers_after_the_turn, http_desk_setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(gives_all_in_order, http_desk_setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(one_page_leaves_room_for_others, http_desk_setup,
                                        http_desk_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
