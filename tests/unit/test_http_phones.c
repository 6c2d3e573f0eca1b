/* Phones: what is sealed is heard by its node alone, once, and in its place. */
#include "tests/unit/phone_desk.h"

static uint32_t kept_number;

static enum fluit_err host_here(void *arg, char *out, size_t cap)
{
    (void)arg;
    snprintf(out, cap, "127.0.0.1");
    return FLUIT_OK;
}

static enum fluit_err keep_number(void *arg, uint32_t number)
{
    (void)arg;
    kept_number = number;
    return FLUIT_OK;
}

static void open_phones(struct http_desk *d)
{
    struct fluit_http_phones config = {
        .host = host_here, .keep = keep_number, .key_number = kept_number};
    assert_int_equal(fluit_http_phones_open(d->http, &config), FLUIT_OK);
    d->port = fluit_http_phones_port(d->http); /* who asks from now on is on the network */
}

static int setup(void **state)
{
    kept_number = 0;
    http_desk_setup(state);
    open_phones(*state);
    return 0;
}

static void a_phone_asks_and_is_answered(void **state)
{
    struct http_desk *d = *state;
    struct phone phone;
    begin(&phone, d);
    ask_ok(&phone, d, "{\"do\":\"undo\"}");
    assert_int_equal(d->session.kind, FLUIT_SESSION_PHONE);
    ask_ok(&phone, d, "{\"do\":\"next_board\"}");
    ask_ok(&phone, d, "");
    assert_int_equal(d->asked, 3);
}

static void only_who_scanned_gets_a_session(void **state)
{
    struct http_desk *d = *state;
    struct phone phone;
    scan(&phone, d);
    struct fluit_buf asked = hello(&phone, d);
    struct answer first = exchange(d, &asked), second = exchange(d, &asked);
    assert_int_equal(first.status, 200);
    assert_int_equal(second.status, 200); /* but who only repeats it can't read what comes */
    assert_int_not_equal(memcmp(first.body.data, second.body.data, first.body.len), 0);
    fluit_buf_deinit(&first.all);
    fluit_buf_deinit(&second.all);
    asked.data[asked.len - 1] ^= 1;
    assert_int_equal(sent_status(d, &asked), 403);
    fluit_buf_deinit(&asked);
    phone.page_key.b[31] ^= 1;
    asked = hello(&phone, d);
    assert_int_equal(sent_status(d, &asked), 403);
    fluit_buf_deinit(&asked);
    asked = post(d, "/api/session", NULL, fluit_slice_str("{\"key\":\"\"}"));
    assert_int_equal(sent_status(d, &asked), 403);
    fluit_buf_deinit(&asked);
    uint8_t longer[FLUIT_SEALED_OVERHEAD + 1] = {0};
    asked = post(d, "/api/session", NULL, fluit_slice(longer, sizeof longer));
    assert_int_equal(sent_status(d, &asked), 413);
    fluit_buf_deinit(&asked);
}

static void nothing_is_done_that_was_changed(void **state)
{
    struct http_desk *d = *state;
    struct phone phone;
    begin(&phone, d);
    struct fluit_buf asked = say(&phone, d, "/api/do", "{}");
    size_t body_len = FLUIT_SEALED_ASK_OVERHEAD + 2, at = asked.len - body_len;
    for (size_t i = 0; i < body_len; i++) {
        asked.data[at + i] ^= 0x10;
        assert_int_equal(sent_status(d, &asked), i < RUN_LEN ? 409 : 403);
        asked.data[at + i] ^= 0x10;
    }
    assert_int_equal(d->asked, 0);
    assert_int_equal(sent_status(d, &asked), 200);
    fluit_buf_deinit(&asked);
    for (size_t len = 0; len < FLUIT_SEALED_ASK_OVERHEAD; len++) {
        static const uint8_t zeros[FLUIT_SEALED_ASK_OVERHEAD];
        asked = post(d, "/api/do", phone.token, fluit_slice(zeros, len));
        assert_int_equal(sent_status(d, &asked), 400);
        fluit_buf_deinit(&asked);
    }
    assert_int_equal(d->asked, 1);
}

/* Also not later, in another order, or for another path. */
static void nothing_is_done_that_was_repeated(void **state)
{
    struct http_desk *d = *state;
    struct phone phone;
    begin(&phone, d);
    struct fluit_buf first = say(&phone, d, "/api/do", "{\"a\":1}");
    struct fluit_buf second = say(&phone, d, "/api/do", "{\"a\":2}");
    assert_int_equal(sent_status(d, &second), 200);
    assert_int_equal(sent_status(d, &second), 409);
    assert_int_equal(sent_status(d, &first), 409);
    assert_int_equal(d->asked, 1);
    fluit_buf_deinit(&first);
    fluit_buf_deinit(&second);
    struct fluit_buf other = say(&phone, d, "/api/script", "{\"a\":3}");
    size_t len = FLUIT_SEALED_ASK_OVERHEAD + 7;
    struct fluit_buf moved =
        post(d, "/api/do", phone.token, fluit_slice(other.data + other.len - len, len));
    assert_int_equal(sent_status(d, &moved), 403);
    fluit_buf_deinit(&moved);
    fluit_buf_deinit(&other);
    assert_int_equal(d->asked, 1);
}

/* What was recorded before the node was started again is worthless; the phone goes on. */
static void goes_on_after_a_restart(void **state)
{
    struct http_desk *d = *state;
    struct phone phone;
    begin(&phone, d);
    ask_ok(&phone, d, "{}");
    struct fluit_buf recorded = say(&phone, d, "/api/do", "{\"recorded\":1}");
    assert_int_equal(sent_status(d, &recorded), 200);
    http_desk_close(d);
    http_desk_open(d, http_desk_config());
    open_phones(d);
    /* Its Host has the port of before. */
    struct fluit_slice body =
        fluit_slice(recorded.data + recorded.len - FLUIT_SEALED_ASK_OVERHEAD - 14,
                    FLUIT_SEALED_ASK_OVERHEAD + 14);
    struct fluit_buf again = post(d, "/api/do", phone.token, body);
    assert_int_equal(sent_status(d, &again), 409);
    struct fluit_buf asked = say(&phone, d, "/api/do", "{}");
    struct answer answer = exchange(d, &asked);
    take_run(&phone, &answer);
    ask_ok(&phone, d, "{}");
    assert_int_equal(sent_status(d, &again), 409);
    assert_int_equal(d->asked, 1);
    fluit_buf_deinit(&answer.all);
    fluit_buf_deinit(&asked);
    fluit_buf_deinit(&again);
    fluit_buf_deinit(&recorded);
}

/* Its counter was forgotten for others': then so is its run, and nothing can be repeated. */
static void more_phones_than_are_remembered(void **state)
{
    struct http_desk *d = *state;
    struct phone first, other;
    begin(&first, d);
    struct fluit_buf recorded = say(&first, d, "/api/do", "{}");
    assert_int_equal(sent_status(d, &recorded), 200);
    d->asked = 0;
    for (int i = 0; i < FLUIT_HTTP_PHONES_MAX; i++)
        begin(&other, d);
    assert_int_equal(sent_status(d, &recorded), 409);
    struct fluit_buf asked = say(&first, d, "/api/do", "{}");
    struct answer answer = exchange(d, &asked);
    take_run(&first, &answer);
    ask_ok(&first, d, "{}");
    assert_int_equal(d->asked, 1);
    fluit_buf_deinit(&answer.all);
    fluit_buf_deinit(&asked);
    fluit_buf_deinit(&recorded);
}

/* The next event of a stream; its id and its sealed view. */
static void read_event(struct http_desk *d, int fd, char id[64], uint8_t *sealed, size_t len)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    http_desk_read(d, fd, "\ndata: ", &out);
    size_t until = (size_t)(strstr(fluit_buf_text(&out), "\ndata: ") - fluit_buf_text(&out)) + 7;
    http_desk_read_to(d, fd, until + FLUIT_BASE64URL_LEN(len) + 2, &out);
    const char *data = fluit_buf_text(&out) + until;
    assert_non_null(strstr(fluit_buf_text(&out), "event: sealed\n"));
    assert_int_equal(sscanf(strstr(fluit_buf_text(&out), "id: "), "id: %63s", id), 1);
    assert_int_equal(fluit_unbase64url(fluit_slice(data, FLUIT_BASE64URL_LEN(len)), sealed, len),
                     FLUIT_OK);
    fluit_buf_deinit(&out);
}

static void views_are_sealed_in_their_order(void **state)
{
    struct http_desk *d = *state;
    static const char view[] = "{\"secret\":1}", next[] = "{\"secret\":2}";
    struct phone phone;
    uint8_t sealed[sizeof view - 1 + FLUIT_SEALED_OVERHEAD];
    char id[64];
    begin(&phone, d);
    fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str(view));
    struct fluit_buf asked = say(&phone, d, "/api/events", "");
    int fd = http_desk_connect(d->port, 0);
    http_desk_send(fd, asked.data, asked.len);
    for (uint64_t number = 0; number < 2; number++) {
        struct fluit_buf place = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
        uint8_t number_bytes[8];
        read_event(d, fd, id, sealed, sizeof sealed);
        for (uint64_t wrong = 0; wrong < 3; wrong++) { /* no other number fits */
            fluit_buf_reset(&place);
            fluit_put_u64(number_bytes, wrong);
            put_place(&place, "view", phone.nonce, sizeof phone.nonce);
            fluit_buf_put(&place, number_bytes, 8);
            fluit_buf_puts(&place, id);
            assert_int_equal(unseal(&phone.key, &place, fluit_slice(sealed, sizeof sealed), &text),
                             wrong == number);
        }
        assert_string_equal(fluit_buf_text(&text), number == 0 ? view : next);
        fluit_buf_deinit(&place);
        fluit_buf_deinit(&text);
        fluit_http_show(d->http, FLUIT_PAGE_OWN, fluit_slice_str(next));
    }
    close(fd);
    fluit_buf_deinit(&asked);
}

static void a_new_code_shuts_out_the_old(void **state)
{
    struct http_desk *d = *state;
    struct phone phone, fresh;
    struct fluit_buf out = FLUIT_BUF_INIT;
    begin(&phone, d);
    struct fluit_buf events = say(&phone, d, "/api/events", "");
    int fd = http_desk_connect(d->port, 0);
    http_desk_send(fd, events.data, events.len);
    http_desk_read(d, fd, ": here", &out);
    assert_int_equal(fluit_http_phones_renew(d->http), FLUIT_OK);
    assert_int_equal(kept_number, 1);
    http_desk_read(d, fd, NULL, &out); /* it ends */
    struct fluit_buf asked = say(&phone, d, "/api/do", "{}");
    assert_int_equal(sent_status(d, &asked), 401);
    fluit_buf_deinit(&asked);
    asked = hello(&phone, d);
    assert_int_equal(sent_status(d, &asked), 403);
    fluit_buf_deinit(&asked);
    d->asked = 0;
    begin(&fresh, d);
    ask_ok(&fresh, d, "{}");
    close(fd);
    fluit_buf_deinit(&events);
    fluit_buf_deinit(&out);
}

/* What holds on the node's own machine does not on the network, and the other way round. */
static void each_way_has_its_own_tokens(void **state)
{
    struct http_desk *d = *state;
    struct phone phone;
    char here[65];
    uint16_t network = d->port;
    begin(&phone, d);
    fluit_http_set_script(d->http, fluit_slice_str("{}"));
    d->port = fluit_http_port(d->http);
    http_desk_token(d, FLUIT_PAGE_OWN, here);
    struct parts p = {"GET", "/api/script", own_host(d), phone.token, NULL, "", NULL};
    char *answer = ask(d, &p, true);
    assert_int_equal(http_desk_status(answer), 401);
    free(answer);
    d->port = network;
    p = (struct parts){"GET", "/api/script", own_host(d), here, NULL, "", NULL};
    answer = ask(d, &p, true);
    assert_int_equal(http_desk_status(answer), 404);
    free(answer);
    static const char *const hosts[] = {"localhost", "example.org", "192.0.2.2"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char host[64];
        snprintf(host, sizeof host, "%s:%u", hosts[i], (unsigned)network);
        p = (struct parts){"GET", "/", host, NULL, NULL, "", NULL};
        answer = ask(d, &p, true);
        assert_int_equal(http_desk_status(answer), 421);
        free(answer);
    }
    uint8_t sealed[FLUIT_SEALED_ASK_OVERHEAD] = {0};
    struct fluit_buf asked = post(d, "/api/do", here, fluit_slice(sealed, sizeof sealed));
    assert_int_equal(sent_status(d, &asked), 401);
    fluit_buf_deinit(&asked);
}

/* Who only begins to say hello, again and again, leaves room for those who are in. */
static void strangers_leave_room(void **state)
{
    struct http_desk *d = *state;
    struct phone phone;
    char text[256];
    int fds[FLUIT_HTTP_STRANGERS_MAX];
    begin(&phone, d);
    snprintf(text, sizeof text,
             "POST /api/session HTTP/1.1\r\nHost: %s\r\nContent-Type: application/octet-stream\r\n"
             "Content-Length: 40\r\nExpect: 100-continue\r\n\r\n",
             own_host(d));
    for (int i = 0; i < FLUIT_HTTP_STRANGERS_MAX; i++) {
        struct fluit_buf out = FLUIT_BUF_INIT;
        fds[i] = http_desk_connect(d->port, 0);
        http_desk_send(fds[i], text, strlen(text));
        http_desk_read(d, fds[i], "100 Continue", &out);
        fluit_buf_deinit(&out);
    }
    char *answer = http_desk_exchange(d, text);
    assert_int_equal(http_desk_status(answer), 503);
    free(answer);
    ask_ok(&phone, d, "{}");
    for (int i = 0; i < FLUIT_HTTP_STRANGERS_MAX; i++)
        close(fds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_phone_asks_and_is_answered, setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(only_who_scanned_gets_a_session, setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_done_that_was_changed, setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_done_that_was_repeated, setup,
                                        http_desk_teardown),
        cmocka_unit_test_setup_teardown(goes_on_after_a_restart, setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(more_phones_than_are_remembered, setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(views_are_sealed_in_their_order, setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(a_new_code_shuts_out_the_old, setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(strangers_leave_room, setup, http_desk_teardown),
        cmocka_unit_test_setup_teardown(each_way_has_its_own_tokens, setup, http_desk_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
