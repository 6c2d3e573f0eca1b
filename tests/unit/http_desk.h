/* http_desk.h: a node's pages without a node, and browsers as plain sockets. */
#ifndef FLUIT_TEST_HTTP_DESK_H
#define FLUIT_TEST_HTTP_DESK_H

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/web/http.h"

#define HTTP_DESK_WAIT_MS 10000 /* that nothing comes is a failure, not a moment of a test */

struct http_desk {
    struct fluit_http *http;
    int64_t now_us;
    uint16_t port;
    /* What the core was asked last, and how it answers. */
    unsigned asked;
    uint32_t link;
    struct fluit_session session;
    char body[FLUIT_REQUEST_LEN_MAX + 1];
    const char *answer; /* NULL: not now */
    bool full;          /* the turn takes no more after one event */
};

static inline struct fluit_http_config http_desk_config(void)
{
    struct fluit_http_config config = {.stall_s = 1};
    memset(config.secret.b, 7, sizeof config.secret.b);
    return config;
}

static inline void http_desk_open(struct http_desk *d, struct fluit_http_config config)
{
    *d = (struct http_desk){.now_us = 1000000, .answer = "{\"ok\":true}"};
    assert_int_equal(fluit_crypto_init(), FLUIT_OK);
    assert_int_equal(fluit_http_new(&config, &d->http), FLUIT_OK);
    d->port = fluit_http_port(d->http);
}

static inline void http_desk_close(struct http_desk *d)
{
    fluit_http_free(&d->http);
}

/* A test's setup and teardown; the desk is *state. */
static inline int http_desk_setup(void **state)
{
    static struct http_desk desk;
    http_desk_open(&desk, http_desk_config());
    *state = &desk;
    return 0;
}

static inline int http_desk_teardown(void **state)
{
    http_desk_close(*state);
    return 0;
}

static inline bool http_desk_sink(void *arg, const struct fluit_event *event)
{
    struct http_desk *d = arg;
    assert_int_equal(event->kind, FLUIT_EVENT_REQUEST);
    assert_in_range(event->bytes.len, 0, FLUIT_REQUEST_LEN_MAX);
    d->asked++;
    d->link = event->link;
    d->session = event->session;
    if (event->bytes.len > 0)
        memcpy(d->body, event->bytes.data, event->bytes.len);
    d->body[event->bytes.len] = 0;
    return !d->full;
}

/* One turn of the loop. */
static inline void http_desk_turn(struct http_desk *d)
{
    unsigned before = d->asked;
    fluit_http_take(d->http, d->now_us, http_desk_sink, d);
    if (d->asked != before && d->answer)
        fluit_http_answer(d->http, d->link, fluit_slice_str(d->answer));
}

/* Turns until the socket is readable. */
static inline void http_desk_await(struct http_desk *d, int fd)
{
    struct pollfd both[] = {{.fd = fd, .events = POLLIN},
                            {.fd = fluit_http_fd(d->http), .events = POLLIN}};
    for (int waited = 0; waited < HTTP_DESK_WAIT_MS; waited += 10) {
        http_desk_turn(d);
        both[0].revents = 0;
        int ms = fluit_http_timeout_ms(d->http, d->now_us);
        assert_int_not_equal(poll(both, 2, ms >= 0 && ms < 10 ? ms : 10), -1);
        if (both[0].revents)
            return;
    }
    fail_msg("nothing came");
}

static inline int http_desk_connect(uint16_t port, int receive_buffer)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static inline void http_desk_send(int fd, const void *bytes, size_t len)
{
    assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Appends what comes until text is in it, or the other side has closed; out is a text. */
static inline void http_desk_read(struct http_desk *d, int fd, const char *until,
                                  struct fluit_buf *out)
{
    char some[4096];
    while (!until || !strstr(fluit_buf_text(out), until)) {
        http_desk_await(d, fd);
        ssize_t len = recv(fd, some, sizeof some, MSG_DONTWAIT);
        if (len == 0 || (len < 0 && errno == ECONNRESET))
            return;
        assert_true(len > 0);
        fluit_buf_put(out, some, (size_t)len);
    }
}

/* The same until there are so many bytes. */
static inline void http_desk_read_to(struct http_desk *d, int fd, size_t len, struct fluit_buf *out)
{
    char some[4096];
    while (out->len < len) {
        http_desk_await(d, fd);
        ssize_t got = recv(fd, some, sizeof some, MSG_DONTWAIT);
        assert_true(got > 0);
        fluit_buf_put(out, some, (size_t)got);
    }
}

/* The same until an answer that tells its length is whole. */
static inline void http_desk_read_whole(struct http_desk *d, int fd, struct fluit_buf *out)
{
    http_desk_read(d, fd, "\r\n\r\n", out);
    const char *length = strcasestr(fluit_buf_text(out), "\r\nContent-Length: ");
    const char *body = strstr(fluit_buf_text(out), "\r\n\r\n");
    assert_non_null(length);
    assert_non_null(body);
    size_t head = (size_t)(body + 4 - fluit_buf_text(out));
    http_desk_read_to(d, fd, head + strtoull(length + 18, NULL, 10), out);
}

/* Sends the text, returns its whole answer. Free it. */
static inline char *http_desk_exchange(struct http_desk *d, const char *text)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    int fd = http_desk_connect(d->port, 0);
    http_desk_send(fd, text, strlen(text));
    http_desk_read_whole(d, fd, &out);
    close(fd);
    char *copy = strdup(fluit_buf_text(&out));
    fluit_buf_deinit(&out);
    return copy;
}

static inline int http_desk_status(const char *answer)
{
    static const char before[] = "HTTP/1.1 ";
    assert_memory_equal(answer, before, sizeof before - 1);
    return (int)strtol(answer + sizeof before - 1, NULL, 10);
}

/* The token that a new link gives. */
static inline void http_desk_token(struct http_desk *d, enum fluit_page page, char out[65])
{
    char link[FLUIT_HTTP_LINK_LEN], text[512];
    fluit_http_link(d->http, page, link);
    const char *key = strstr(link, "#k=") + 3;
    snprintf(text, sizeof text,
             "POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: "
             "application/json\r\nContent-Length: %zu\r\n\r\n{\"key\":\"%s\"}",
             (unsigned)d->port, strlen(key) + 10, key);
    char *answer = http_desk_exchange(d, text);
    assert_int_equal(http_desk_status(answer), 200);
    const char *token = strstr(answer, "{\"token\":\"");
    assert_non_null(token);
    snprintf(out, 65, "%.64s", token + 10);
    assert_int_equal(strlen(out), 64);
    free(answer);
}

/* A request's parts, each of which a test may change. */
struct parts {
    const char *method, *path, *host, *token, *type, *more, *body;
};

static inline const char *own_host(const struct http_desk *d)
{
    static char host[32];
    snprintf(host, sizeof host, "127.0.0.1:%u", (unsigned)d->port);
    return host;
}

static inline struct parts whole(const struct http_desk *d, const char *token)
{
    return (struct parts){
        "POST", "/api/do", own_host(d), token, "application/json", "", "{\"do\":\"next_board\"}"};
}

/* body_too: else the headers promise it and it does not come. */
static inline char *ask(struct http_desk *d, const struct parts *p, bool body_too)
{
    char *text, *answer;
    struct fluit_buf head = FLUIT_BUF_INIT;
    fluit_buf_printf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", p->method, p->path, p->host);
    if (p->token)
        fluit_buf_printf(&head, "Authorization: Bearer %s\r\n", p->token);
    if (p->type)
        fluit_buf_printf(&head, "Content-Type: %s\r\n", p->type);
    if (p->body)
        fluit_buf_printf(&head, "Content-Length: %zu\r\n", strlen(p->body));
    fluit_buf_printf(&head, "%s\r\n%s", p->more, body_too && p->body ? p->body : "");
    text = strdup(fluit_buf_text(&head));
    fluit_buf_deinit(&head);
    answer = http_desk_exchange(d, text);
    free(text);
    return answer;
}

static inline int status_of(struct http_desk *d, const struct parts *p, bool body_too)
{
    char *answer = ask(d, p, body_too);
    int status = http_desk_status(answer);
    /* Whatever is answered, it is for our own page alone. */
    assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none';"));
    assert_non_null(strstr(answer, "frame-ancestors 'none'"));
    assert_non_null(strstr(answer, "Cross-Origin-Resource-Policy: same-origin"));
    assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff"));
    assert_null(strcasestr(answer, "Access-Control-"));
    assert_null(strcasestr(answer, "Set-Cookie"));
    free(answer);
    return status;
}

static inline int begin_events(struct http_desk *d, const char *token, const char *more, int buffer)
{
    char text[512];
    int fd = http_desk_connect(d->port, buffer);
    snprintf(text, sizeof text,
             "GET /api/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%s\r\n",
             own_host(d), token, more);
    http_desk_send(fd, text, strlen(text));
    return fd;
}

#endif
