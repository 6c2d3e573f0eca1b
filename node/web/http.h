/* http.h: a node's pages on this machine: files from memory, views pushed, requests answered.
 *
 *   GET  /, /app.js ...   what was embedded at build (ui_files.h)
 *   POST /api/session     a one-time key, as in the link that was printed, for a session's token
 *   GET  /api/events      Server-Sent Events: each is the whole view, so the newest is all one
 * needs GET  /api/script      the workshop's script, as JSON POST /api/do          a request for
 * the core; answered when the turn is on the disk
 *
 * Listens on loopback. Host, Origin, method, token, type and length are checked before a body is
 * read; there are no cookies. A token is good as long as the secret is, also after a new start. A
 * request that comes again with its Idempotency-Key is not done again: it gets the answer of the
 * first time. A client that does not read holds up nobody and costs one view. One thread, nothing
 * blocks: wait for fd, then take. */
#ifndef FLUIT_HTTP_H
#define FLUIT_HTTP_H

#include "common/crypto.h"
#include "node/core/event.h"
#include "node/web/tls_cert.h"

struct fluit_http;

#define FLUIT_HTTP_LINK_LEN        128
#define FLUIT_HTTP_PHONES_LINK_LEN 512

struct fluit_http_config {
    uint16_t port;              /* 0: a free one */
    struct fluit_secret secret; /* kept by the node */
    unsigned stall_s; /* who takes nothing for so long is dropped; 0: FLUIT_HTTP_STALL_S */
};

/* Errors: BUSY (the port is in use), IO, NOMEM. Free with fluit_http_free. */
FLUIT_MUST_CHECK enum fluit_err fluit_http_new(const struct fluit_http_config *config,
                                               struct fluit_http **out);
void fluit_http_free(struct fluit_http **http);
uint16_t fluit_http_port(const struct fluit_http *http);

/* A link that opens that page once, "http://127.0.0.1:PORT/#k=KEY", NUL-terminated. A secret. */
void fluit_http_link(struct fluit_http *http, enum fluit_page page,
                     char out[static FLUIT_HTTP_LINK_LEN]);

/* Phones: the same pages on all addresses of this machine, for who has scanned the node's code. But
 * for the files, all that comes and goes there is sealed (sealed.h). */
struct fluit_http_phones {
    uint16_t port;        /* 0: a free one */
    uint32_t key_number;  /* of the page key; another makes the codes before it worthless */
    const char *tls_cert; /* PEM text, whole chain; NULL: no TLS */
    const char *tls_key;  /* PEM text */
    const struct fluit_tls_names *tls_names; /* those of the certificate; the first is in links */
    void *arg;
    /* This machine's name or address, as others reach it, into out. */
    enum fluit_err (*host)(void *arg, char *out, size_t cap);
    /* Keeps the number. */
    enum fluit_err (*keep)(void *arg, uint32_t key_number);
};

/* Once, after fluit_http_new. BUSY (the port), or IO: also for what fluit_tls_check finds wrong. */
FLUIT_MUST_CHECK enum fluit_err fluit_http_phones_open(struct fluit_http *http,
                                                       const struct fluit_http_phones *config);
/* 0: they are not served. */
uint16_t fluit_http_phones_port(const struct fluit_http *http);
/* What the code says, "http://ADDRESS:PORT/#p=KEY". A secret. MISSING: phones are not served, or
 * this machine has no address. */
FLUIT_MUST_CHECK enum fluit_err fluit_http_phones_link(struct fluit_http *http,
                                                       char out[static FLUIT_HTTP_PHONES_LINK_LEN]);
/* Another page key: phones that came by the one before have to scan again. MISSING, and of keep. */
FLUIT_MUST_CHECK enum fluit_err fluit_http_phones_renew(struct fluit_http *http);

/* Readable when something came. */
int fluit_http_fd(const struct fluit_http *http);
/* When to take again though nothing came, in ms; -1: never. */
int fluit_http_timeout_ms(struct fluit_http *http, int64_t now_us);
/* Gives each request that is complete to sink (kind REQUEST, link, bytes) until it returns false.
 * sink must not call into http. */
void fluit_http_take(struct fluit_http *http, int64_t now_us,
                     bool (*sink)(void *arg, const struct fluit_event *event), void *arg);
/* ANSWER. A link that is no more is passed over. */
void fluit_http_answer(struct fluit_http *http, uint32_t link, struct fluit_slice json);

/* Is anyone looking at that page? */
bool fluit_http_is_watched(const struct fluit_http *http, enum fluit_page page);
/* The newest view of that page, one line of JSON. */
void fluit_http_show(struct fluit_http *http, enum fluit_page page, struct fluit_slice view);
/* What /api/script gives; until then it answers 503. */
void fluit_http_set_script(struct fluit_http *http, struct fluit_slice json);

#endif
