/* http_internal.h: what the files of node/web share. */
#ifndef FLUIT_HTTP_INTERNAL_H
#define FLUIT_HTTP_INTERNAL_H

#include <microhttpd.h>

#include "common/crypto.h"
#include "node/web/http.h"
#include "node/web/sealed.h"

#define FLUIT_HTTP_KEY_LEN   FLUIT_BASE64URL_LEN(sizeof(struct fluit_secret))
#define FLUIT_HTTP_TOKEN_LEN 64 /* base64 of page, kind, id and what is kept of the MAC */

/* Where requests come in. */
struct listener {
    struct fluit_http *http;
    struct MHD_Daemon *daemon; /* NULL: nowhere */
    enum fluit_session_kind kind;
    bool is_tls;
    uint16_t port;
};

/* Who asks. */
struct caller {
    enum fluit_page page;
    struct fluit_session session;
};

/* A view on its way to clients, each of which may be somewhere in it. */
struct frame {
    unsigned refs;
    size_t len;
    size_t view_at, view_len; /* the view itself */
    char bytes[];
};

/* One who waits for views. */
struct client {
    struct fluit_http *http;
    struct MHD_Connection *connection;
    enum fluit_page page;
    bool suspended, ended;
    uint64_t seen;         /* the newest view that was sent, or begun */
    struct frame *sending; /* NULL: nothing */
    size_t sent;
    bool sealed; /* for a phone; then: */
    struct fluit_secret key;
    struct fluit_sealed_nonce asked;
    uint64_t number; /* of views sent */
    int64_t beat_us;
    struct client *next;
};

enum asks {
    ASKS_SESSION,
    ASKS_DO,
    ASKS_PHONES, /* here: a new code for phones */
    ASKS_EVENTS, /* from a phone, as the next */
    ASKS_SCRIPT,
};

/* One request, from its headers to its answer. */
struct request {
    struct fluit_http *http;
    struct MHD_Connection *connection;
    enum asks what;
    struct caller caller;
    bool is_sealed; /* from a phone; asked: */
    struct fluit_sealed_nonce asked;
    bool is_once; /* it has an Idempotency-Key */
    char once_key[FLUIT_HTTP_ONCE_LEN_MAX + 1];
    struct fluit_hash once; /* of this page, key and body */
    uint32_t link;          /* 0: its body has not come yet */
    bool given, answered;
    struct fluit_buf body, answer;
    struct request *next;
};

/* A one-time link that nobody has opened yet. */
struct link_key {
    enum fluit_page page;
    char text[FLUIT_HTTP_KEY_LEN + 1]; /* "": none */
};

/* Answers that were given, for requests that come again because an answer did not arrive. */
struct kept_answers {
    struct kept_answer {
        struct fluit_hash once;
        struct fluit_buf json; /* empty: none */
    } items[FLUIT_HTTP_ANSWERS_MAX];
    unsigned next;
    size_t len; /* bytes of all */
};

/* A phone's session, as long as its counter has to be known. */
struct phone {
    struct fluit_session session;
    uint8_t run[FLUIT_SEALED_RUN_LEN];
    uint64_t counter;
    uint64_t used; /* the least was used longest ago; 0: none */
};

struct fluit_http {
    struct listener here, phones;
    struct fluit_http_phones phones_config;
    struct fluit_tls_names tls_names;
    struct phone phone[FLUIT_HTTP_PHONES_MAX];
    uint64_t phone_used;
    unsigned phone_clients;
    int fd; /* epoll, of all listeners */
    struct fluit_secret secret;
    unsigned stall_s;
    struct link_key links[FLUIT_HTTP_LINKS_MAX];
    unsigned link_turn;
    struct request *requests; /* the oldest first */
    unsigned request_count;
    uint32_t request_next;
    struct kept_answers kept;
    struct client *clients;
    unsigned client_count;
    struct frame *newest[FLUIT_PAGES];
    char run[9];      /* hex, of this start: views are counted anew */
    uint64_t view_id; /* of the newest of all: each view's is greater than those before */
    uint64_t newest_id[FLUIT_PAGES];
    struct fluit_buf script;
    int64_t now_us;
    bool resumed; /* a connection was, and libmicrohttpd has not run since */
};

/* It goes on in the next turn, which then does not wait: libmicrohttpd's own timeout tells nothing
 * of it. */
void fluit_http_resume(struct fluit_http *http, struct MHD_Connection *connection);

/* Checks, on the headers alone: http_check.c. */
const char *fluit_http_header(struct MHD_Connection *connection, const char *name);
/* 0, or the status of a refusal and why. */
unsigned fluit_http_check_origin(const struct listener *listener, struct MHD_Connection *connection,
                                 const char **why);
unsigned fluit_http_check_body(struct MHD_Connection *connection, const char *type, size_t len_max,
                               const char **why);

/* Answering: http_answer.c. */
void fluit_http_add_headers(struct MHD_Response *response, const char *type, const char *cache);
enum MHD_Result fluit_http_reply(struct MHD_Connection *connection, unsigned status,
                                 const char *type, struct fluit_slice body);
/* Closes the connection too: what it may still send is not read. */
enum MHD_Result fluit_http_refuse(struct MHD_Connection *connection, unsigned status,
                                  const char *why);
enum MHD_Result fluit_http_serve_file(const struct listener *listener,
                                      struct MHD_Connection *connection, const char *url);

/* Who asks: http_session.c. */
void fluit_http_token(const struct fluit_http *http, const struct caller *caller,
                      char out[static FLUIT_HTTP_TOKEN_LEN + 1]);
/* False: the request has no token of this node's, or one for another listener. */
bool fluit_http_caller(const struct listener *listener, struct MHD_Connection *connection,
                       struct caller *out);
/* Takes the one-time key in body, if it is one. */
bool fluit_http_take_link(struct fluit_http *http, struct fluit_slice body, enum fluit_page *page);

/* Phones: http_phones.c. */
void fluit_http_session_key(const struct fluit_http *http, const struct fluit_session *session,
                            struct fluit_secret *out);
/* A phone's hello: its session. */
enum MHD_Result fluit_http_greet(struct request *request);
/* Opens what a phone sent. False: *result is that of its refusal. */
bool fluit_http_unseal(struct request *request, const char *path, enum MHD_Result *result);
enum MHD_Result fluit_http_reply_sealed(const struct request *request, unsigned status,
                                        const char *word, struct fluit_slice text);
/* {"url":...}, for a page here. */
enum MHD_Result fluit_http_tell_phones(struct fluit_http *http, struct MHD_Connection *connection);

/* Views: http_views.c. */
/* last_id: of the newest view that the page has, or NULL. request: a phone's, or NULL. */
enum MHD_Result fluit_http_begin_events(struct fluit_http *http, enum fluit_page page,
                                        struct MHD_Connection *connection, const char *last_id,
                                        const struct request *request);
/* Who is behind, or has not heard for long, is written to when the daemon next runs. */
void fluit_http_wake_clients(struct fluit_http *http);
void fluit_http_free_views(struct fluit_http *http);

/* Ends the streams of all phones. */
void fluit_http_end_phones(struct fluit_http *http);
/* Before the end: MHD stops with no connection suspended. */
void fluit_http_resume_clients(struct fluit_http *http);

/* Requests with a body: http_request.c. */
enum MHD_Result fluit_http_begin_post(const struct listener *listener,
                                      struct MHD_Connection *connection, const char *url,
                                      void **state);
/* More of its body; *len 0: all has come, or it was answered. */
enum MHD_Result fluit_http_more_post(void **state, const char *url, const char *data, size_t *len);
void fluit_http_free_request(struct request *request);
void fluit_http_resume_requests(struct fluit_http *http);
bool fluit_http_has_ungiven(const struct fluit_http *http);
void fluit_http_give_requests(struct fluit_http *http,
                              bool (*sink)(void *arg, const struct fluit_event *event), void *arg);

/* Answers kept: http_kept.c. */
/* NULL: none is known. */
const struct fluit_buf *fluit_http_kept(const struct kept_answers *kept,
                                        const struct fluit_hash *once);
void fluit_http_keep(struct kept_answers *kept, const struct fluit_hash *once,
                     struct fluit_slice json);
void fluit_http_free_kept(struct kept_answers *kept);

#endif
