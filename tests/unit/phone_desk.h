/* phone_desk.h: a phone's half of what is sealed, after node/view/API.md "From a phone". */
#ifndef FLUIT_TEST_PHONE_DESK_H
#define FLUIT_TEST_PHONE_DESK_H

#include "node/web/sealed.h"
#include "tests/unit/http_desk.h"

#define RUN_LEN FLUIT_SEALED_RUN_LEN

struct phone {
    char token[65];
    struct fluit_secret page_key, key;
    uint8_t run[RUN_LEN];
    uint64_t counter;
    uint8_t once;
    uint8_t nonce[FLUIT_SEAL_NONCE_LEN]; /* of what it said last */
};

static inline void put_place(struct fluit_buf *out, const char *word, const void *where, size_t len)
{
    char text[64];
    snprintf(text, sizeof text, "fluit phone %s", word);
    uint8_t text_len = (uint8_t)strlen(text);
    fluit_buf_put(out, &text_len, 1);
    fluit_buf_puts(out, text);
    fluit_buf_put(out, where, len);
}

static inline void put_sealed(struct phone *phone, const struct fluit_secret *key,
                              const struct fluit_buf *place, struct fluit_slice text,
                              struct fluit_buf *out)
{
    fluit_os_random(phone->nonce, sizeof phone->nonce);
    fluit_buf_put(out, phone->nonce, sizeof phone->nonce);
    uint8_t *sealed = fluit_buf_extend(out, text.len + FLUIT_SEAL_TAG_LEN);
    assert_non_null(sealed);
    fluit_aead_seal(key, phone->nonce, fluit_buf_slice(place), text.data, text.len, sealed);
}

/* False: it was not sealed by that key for that place. Appends the text. */
static inline bool unseal(const struct fluit_secret *key, const struct fluit_buf *place,
                          struct fluit_slice sealed, struct fluit_buf *out)
{
    assert_true(sealed.len >= FLUIT_SEALED_OVERHEAD);
    size_t before = out->len;
    uint8_t *text = fluit_buf_extend(out, sealed.len - FLUIT_SEALED_OVERHEAD + 1);
    out->len--;
    if (!fluit_aead_open(key, sealed.data, fluit_buf_slice(place),
                         sealed.data + FLUIT_SEAL_NONCE_LEN, sealed.len - FLUIT_SEAL_NONCE_LEN,
                         text))
        return true;
    out->len = before;
    return false;
}

static inline struct fluit_buf post(const struct http_desk *d, const char *path, const char *token,
                                    struct fluit_slice body)
{
    struct fluit_buf text = FLUIT_BUF_INIT;
    fluit_buf_printf(&text, "POST %s HTTP/1.1\r\nHost: %s\r\n", path, own_host(d));
    if (token)
        fluit_buf_printf(&text, "Authorization: Bearer %s\r\n", token);
    fluit_buf_printf(&text, "Content-Type: application/octet-stream\r\nContent-Length: %zu\r\n\r\n",
                     body.len);
    fluit_buf_put(&text, body.data, body.len);
    return text;
}

struct answer {
    int status;
    struct fluit_buf all; /* free it */
    struct fluit_slice body;
};

static inline struct answer exchange(struct http_desk *d, const struct fluit_buf *asked)
{
    struct answer answer = {.all = FLUIT_BUF_INIT};
    int fd = http_desk_connect(d->port, 0);
    http_desk_send(fd, asked->data, asked->len);
    http_desk_read_whole(d, fd, &answer.all);
    close(fd);
    answer.status = http_desk_status(fluit_buf_text(&answer.all));
    const char *body = strstr((const char *)answer.all.data, "\r\n\r\n") + 4;
    size_t at = (size_t)(body - (const char *)answer.all.data);
    answer.body = fluit_slice(answer.all.data + at, answer.all.len - at);
    return answer;
}

static inline int sent_status(struct http_desk *d, const struct fluit_buf *asked)
{
    struct answer answer = exchange(d, asked);
    fluit_buf_deinit(&answer.all);
    return answer.status;
}

/* What phone says to path with that body. */
static inline struct fluit_buf say(struct phone *phone, const struct http_desk *d, const char *path,
                                   const char *body)
{
    struct fluit_buf place = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT, sealed = FLUIT_BUF_INIT;
    uint8_t head[8 + FLUIT_SEALED_ONCE_LEN] = {0};
    fluit_put_u64(head, ++phone->counter);
    head[8] = ++phone->once;
    put_place(&place, "ask", phone->run, RUN_LEN);
    fluit_buf_puts(&place, path);
    fluit_buf_put(&text, head, sizeof head);
    fluit_buf_puts(&text, body);
    fluit_buf_put(&sealed, phone->run, RUN_LEN);
    put_sealed(phone, &phone->key, &place, fluit_buf_slice(&text), &sealed);
    struct fluit_buf asked = post(d, path, phone->token, fluit_buf_slice(&sealed));
    fluit_buf_deinit(&place);
    fluit_buf_deinit(&text);
    fluit_buf_deinit(&sealed);
    return asked;
}

/* What came as word's answer to what phone said last; fails if it is not that. */
static inline struct fluit_buf hear(const struct phone *phone, const struct fluit_secret *key,
                                    const char *word, struct fluit_slice sealed)
{
    struct fluit_buf place = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    put_place(&place, word, phone->nonce, sizeof phone->nonce);
    assert_true(unseal(key, &place, sealed, &text));
    fluit_buf_deinit(&place);
    return text;
}

static inline void take_run(struct phone *phone, const struct answer *answer)
{
    assert_int_equal(answer->status, 409);
    struct fluit_buf told = hear(phone, &phone->key, "run", answer->body);
    assert_int_equal(told.len, RUN_LEN + 8);
    memcpy(phone->run, told.data, RUN_LEN);
    phone->counter = fluit_get_u64(told.data + RUN_LEN);
    fluit_buf_deinit(&told);
}

static inline struct fluit_buf hello(struct phone *phone, const struct http_desk *d)
{
    struct fluit_buf place = FLUIT_BUF_INIT, sealed = FLUIT_BUF_INIT;
    put_place(&place, "hello", NULL, 0);
    put_sealed(phone, &phone->page_key, &place, fluit_slice(NULL, 0), &sealed);
    struct fluit_buf asked = post(d, "/api/session", NULL, fluit_buf_slice(&sealed));
    fluit_buf_deinit(&place);
    fluit_buf_deinit(&sealed);
    return asked;
}

static inline void scan(struct phone *phone, struct http_desk *d)
{
    char link[FLUIT_HTTP_PHONES_LINK_LEN], before[64];
    *phone = (struct phone){.counter = 0};
    assert_int_equal(fluit_http_phones_link(d->http, link), FLUIT_OK);
    snprintf(before, sizeof before, "http://127.0.0.1:%u/#p=", (unsigned)d->port);
    assert_memory_equal(link, before, strlen(before));
    assert_int_equal(
        fluit_unbase64url(fluit_slice_str(link + strlen(before)), &phone->page_key, 32), FLUIT_OK);
}

static inline void greet(struct phone *phone, struct http_desk *d)
{
    scan(phone, d);
    struct fluit_buf asked = hello(phone, d);
    struct answer answer = exchange(d, &asked);
    assert_int_equal(answer.status, 200);
    struct fluit_buf told = hear(phone, &phone->page_key, "session", answer.body);
    assert_int_equal(told.len, 64 + 32);
    memcpy(phone->token, told.data, 64);
    memcpy(phone->key.b, told.data + 64, 32);
    fluit_buf_deinit(&told);
    fluit_buf_deinit(&answer.all);
    fluit_buf_deinit(&asked);
}

/* Greets, and learns the run by an ask that is told it. */
static inline void begin(struct phone *phone, struct http_desk *d)
{
    greet(phone, d);
    struct fluit_buf asked = say(phone, d, "/api/do", "{}");
    struct answer answer = exchange(d, &asked);
    take_run(phone, &answer);
    fluit_buf_deinit(&answer.all);
    fluit_buf_deinit(&asked);
    assert_int_equal(d->asked, 0);
}

static inline void ask_ok(struct phone *phone, struct http_desk *d, const char *body)
{
    struct fluit_buf asked = say(phone, d, "/api/do", body);
    struct answer answer = exchange(d, &asked);
    assert_int_equal(answer.status, 200);
    struct fluit_buf told = hear(phone, &phone->key, "answer", answer.body);
    assert_string_equal(fluit_buf_text(&told), d->answer);
    assert_string_equal(d->body, body);
    fluit_buf_deinit(&told);
    fluit_buf_deinit(&answer.all);
    fluit_buf_deinit(&asked);
}

#endif
