#include "node/web/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"
#include "node/web/ui_files.h"

#define KEY_LEN        32
#define KEY_TEXT_LEN   43 /* base64url of it, without padding */
#define REQUEST_FIRST  0x40000000u
#define CONNECTION_MEM (24 * 1024)
#define CSP                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "        \
    "connect-src 'self'; media-src 'self' blob:; font-src 'self'; base-uri 'none'; "               \
    "form-action 'none'; frame-ancestors 'none'"

/* A view on its way to clients, each of which may be somewhere in it. */
struct frame {
    unsigned refs;
    size_t len;
    char bytes[];
};

/* One who waits for views. */
struct client {
    struct fluit_http *http;
    struct MHD_Connection *connection;
    enum fluit_page page;
    bool suspended;
    uint64_t seen;         /* the newest view that was sent, or begun */
    struct frame *sending; /* NULL: nothing */
    size_t sent;
    int64_t beat_us;
    struct client *next;
};

/* One request, from its headers to its answer. */
struct request {
    struct fluit_http *http;
    struct MHD_Connection *connection;
    uint32_t link; /* 0: not given to the core */
    bool is_session;
    bool given, answered;
    struct fluit_buf body, answer;
    struct request *next;
};

struct key {
    enum fluit_page page;
    char text[KEY_TEXT_LEN + 1]; /* "": none */
};

struct fluit_http {
    struct MHD_Daemon *daemon;
    uint16_t port;
    int fd;
    uint32_t link_next;
    struct key links[FLUIT_HTTP_LINKS_MAX];
    struct key sessions[FLUIT_HTTP_SESSIONS_MAX];
    unsigned link_turn, session_turn;
    struct request *requests;
    unsigned request_count;
    struct client *clients;
    unsigned client_count;
    struct frame *newest[FLUIT_PAGES];
    uint64_t view_id; /* of the newest of all: each view's is greater than those before */
    uint64_t newest_id[FLUIT_PAGES];
    struct fluit_buf script;
    int64_t now_us;
};

/* Keys. */

static void new_key(struct key *key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t bytes[KEY_TEXT_LEN];
    fluit_os_random(bytes, sizeof bytes);
    for (size_t i = 0; i < KEY_TEXT_LEN; i++)
        key->text[i] = digits[bytes[i] % 64];
    key->text[KEY_TEXT_LEN] = 0;
    fluit_wipe(bytes, sizeof bytes);
}

/* The one of count that text is, or NULL; in the same time for any. */
static struct key *find_key(struct key *keys, size_t count, const char *text, size_t len)
{
    struct key *found = NULL;
    for (size_t i = 0; i < count && len == KEY_TEXT_LEN; i++)
        if (fluit_same(keys[i].text, text, KEY_TEXT_LEN))
            found = &keys[i];
    return found;
}

void fluit_http_link(struct fluit_http *http, enum fluit_page page,
                     char out[static FLUIT_HTTP_LINK_LEN])
{
    struct key *key = &http->links[http->link_turn++ % FLUIT_HTTP_LINKS_MAX];
    new_key(key);
    key->page = page;
    snprintf(out, FLUIT_HTTP_LINK_LEN, "http://127.0.0.1:%u/#k=%s", (unsigned)http->port,
             key->text);
}

/* Answering. */

static void add_headers(struct MHD_Response *response, const char *type)
{
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Content-Security-Policy", CSP);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "X-Frame-Options", "DENY");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned status, const char *type,
                             const char *cache, const void *data, size_t len,
                             enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)data, mode);
    if (!response)
        return MHD_NO;
    add_headers(response, type);
    MHD_add_response_header(response, "Cache-Control", cache);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result queue_json(struct MHD_Connection *connection, unsigned status,
                                  struct fluit_slice json)
{
    return queue(connection, status, "application/json", "no-store", json.data, json.len,
                 MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *why)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(why), (void *)(uintptr_t)why, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    add_headers(response, "text/plain; charset=utf-8");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    /* What it may still send is not read. */
    MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* Checks, on the headers alone. */

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool is_own_host(const struct fluit_http *http, const char *host)
{
    static const char *const names[] = {"127.0.0.1", "localhost"};
    char own[40];
    for (size_t i = 0; host && i < sizeof names / sizeof names[0]; i++) {
        snprintf(own, sizeof own, "%s:%u", names[i], (unsigned)http->port);
        if (strcmp(host, own) == 0)
            return true;
    }
    return false;
}

static bool is_own_origin(const char *origin, const char *host)
{
    static const char scheme[] = "http://";
    return !origin || (strncmp(origin, scheme, sizeof scheme - 1) == 0 &&
                       strcmp(origin + sizeof scheme - 1, host) == 0);
}

/* NULL: the request has no session. */
static const struct key *find_session(struct fluit_http *http, struct MHD_Connection *connection)
{
    static const char scheme[] = "Bearer ";
    const char *given = header(connection, "Authorization");
    if (!given || strncmp(given, scheme, sizeof scheme - 1) != 0)
        return NULL;
    given += sizeof scheme - 1;
    return find_key(http->sessions, FLUIT_HTTP_SESSIONS_MAX, given, strlen(given));
}

/* 0: its body may be read. */
static unsigned judge_body(struct MHD_Connection *connection)
{
    const char *type = header(connection, "Content-Type");
    const char *length = header(connection, "Content-Length");
    char *end = NULL;
    if (!type || strcmp(type, "application/json") != 0)
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    if (!length || header(connection, "Transfer-Encoding"))
        return MHD_HTTP_LENGTH_REQUIRED;
    errno = 0;
    unsigned long long len = strtoull(length, &end, 10);
    if (errno || *end || end == length || len > FLUIT_REQUEST_LEN_MAX)
        return MHD_HTTP_CONTENT_TOO_LARGE;
    return 0;
}

/* Files. */

static enum MHD_Result serve_file(struct MHD_Connection *connection, const char *url)
{
    const char *known = header(connection, "If-None-Match");
    for (const struct fluit_ui_file *file = fluit_ui_files; file->path; file++) {
        if (strcmp(file->path, url) != 0)
            continue;
        bool same = known && strcmp(known, file->etag) == 0;
        struct MHD_Response *response = MHD_create_response_from_buffer(
            same ? 0 : file->len, (void *)(uintptr_t)file->data, MHD_RESPMEM_PERSISTENT);
        if (!response)
            return MHD_NO;
        add_headers(response, file->type);
        MHD_add_response_header(response, "ETag", file->etag);
        MHD_add_response_header(response, "Cache-Control", "no-cache");
        enum MHD_Result result =
            MHD_queue_response(connection, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
        MHD_destroy_response(response);
        return result;
    }
    return refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
}

/* Views. */

static void drop_frame(struct frame *frame)
{
    if (frame && --frame->refs == 0) {
        fluit_wipe(frame->bytes, frame->len); /* it may tell a story */
        free(frame);
    }
}

static size_t copy_some(struct client *client, char *buf, size_t max)
{
    size_t left = client->sending->len - client->sent, len = left < max ? left : max;
    memcpy(buf, client->sending->bytes + client->sent, len);
    client->sent += len;
    if (client->sent == client->sending->len) {
        drop_frame(client->sending);
        client->sending = NULL;
    }
    return len;
}

static bool is_behind(const struct client *client)
{
    return client->http->newest[client->page] &&
           client->seen != client->http->newest_id[client->page];
}

static ssize_t next_bytes(void *arg, uint64_t pos, char *buf, size_t max)
{
    static const char beat[] = ": here\n\n";
    struct client *client = arg;
    struct fluit_http *http = client->http;
    (void)pos;
    if (!client->sending && is_behind(client)) {
        client->sending = http->newest[client->page];
        client->sending->refs++;
        client->sent = 0;
        client->seen = http->newest_id[client->page];
    }
    if (client->sending) {
        client->beat_us = http->now_us + FLUIT_HTTP_BEAT_US;
        return (ssize_t)copy_some(client, buf, max);
    }
    if (http->now_us >= client->beat_us && max >= sizeof beat - 1) {
        client->beat_us = http->now_us + FLUIT_HTTP_BEAT_US;
        memcpy(buf, beat, sizeof beat - 1);
        return sizeof beat - 1;
    }
    client->suspended = true;
    MHD_suspend_connection(client->connection);
    return 0;
}

static void free_client(void *arg)
{
    struct client *client = arg;
    struct client **at = &client->http->clients;
    while (*at && *at != client)
        at = &(*at)->next;
    if (*at) {
        *at = client->next;
        client->http->client_count--;
    }
    drop_frame(client->sending);
    free(client);
}

static void wake(struct client *client)
{
    if (!client->suspended)
        return;
    client->suspended = false;
    MHD_resume_connection(client->connection);
}

static enum MHD_Result begin_events(struct fluit_http *http, enum fluit_page page,
                                    struct MHD_Connection *connection)
{
    const char *last = header(connection, "Last-Event-ID");
    if (http->client_count >= FLUIT_HTTP_CLIENTS_MAX)
        return refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many pages look at this\n");
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return MHD_NO;
    client->http = http;
    client->connection = connection;
    client->page = page;
    client->seen = last ? strtoull(last, NULL, 10) : 0;
    client->beat_us = http->now_us; /* at once: the page sees that it is connected */
    client->next = http->clients;
    http->clients = client;
    http->client_count++;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, next_bytes, client, free_client);
    if (!response) {
        free_client(client);
        return MHD_NO;
    }
    add_headers(response, "text/event-stream");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

bool fluit_http_is_watched(const struct fluit_http *http, enum fluit_page page)
{
    for (const struct client *client = http->clients; client; client = client->next)
        if (client->page == page)
            return true;
    return false;
}

void fluit_http_show(struct fluit_http *http, enum fluit_page page, struct fluit_slice view)
{
    struct fluit_buf text = FLUIT_BUF_INIT;
    fluit_buf_printf(&text, "event: view\nid: %llu\ndata: ", (unsigned long long)http->view_id + 1);
    fluit_buf_put(&text, view.data, view.len);
    fluit_buf_puts(&text, "\n\n");
    struct frame *frame = text.err ? NULL : malloc(sizeof *frame + text.len);
    if (frame) {
        frame->refs = 1;
        frame->len = text.len;
        memcpy(frame->bytes, text.data, text.len);
        drop_frame(http->newest[page]);
        http->newest[page] = frame;
        http->newest_id[page] = ++http->view_id;
    }
    fluit_buf_wipe(&text);
    for (struct client *client = http->clients; client; client = client->next)
        wake(client);
}

void fluit_http_set_script(struct fluit_http *http, struct fluit_slice json)
{
    fluit_buf_reset(&http->script);
    fluit_buf_put(&http->script, json.data, json.len);
}

/* Requests with a body. */

static void free_request(struct request *request)
{
    struct request **at = &request->http->requests;
    while (*at && *at != request)
        at = &(*at)->next;
    if (*at) {
        *at = request->next;
        request->http->request_count--;
    }
    fluit_buf_wipe(&request->body);
    fluit_buf_wipe(&request->answer);
    free(request);
}

static struct request *new_request(struct fluit_http *http, struct MHD_Connection *connection,
                                   bool is_session)
{
    struct request *request = NULL;
    if (http->request_count < FLUIT_HTTP_REQUESTS_MAX)
        request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->http = http;
    request->connection = connection;
    request->is_session = is_session;
    request->next = http->requests;
    http->requests = request;
    http->request_count++;
    return request;
}

/* {"key":"..."}, as our page writes it, and nothing else. */
static enum MHD_Result open_session(struct request *request)
{
    static const char before[] = "{\"key\":\"", after[] = "\"}";
    struct fluit_http *http = request->http;
    struct fluit_slice body = fluit_buf_slice(&request->body);
    char answer[KEY_TEXT_LEN + 32];
    size_t len = sizeof before - 1 + KEY_TEXT_LEN + sizeof after - 1;
    const char *text = (const char *)body.data + sizeof before - 1;
    struct key *used = NULL;
    if (body.len == len && memcmp(body.data, before, sizeof before - 1) == 0 &&
        memcmp(text + KEY_TEXT_LEN, after, sizeof after - 1) == 0)
        used = find_key(http->links, FLUIT_HTTP_LINKS_MAX, text, KEY_TEXT_LEN);
    if (!used)
        return refuse(request->connection, MHD_HTTP_FORBIDDEN,
                      "this link was used or is of another start; 'page' at the console gives a "
                      "new one\n");
    struct key *session = &http->sessions[http->session_turn++ % FLUIT_HTTP_SESSIONS_MAX];
    new_key(session);
    session->page = used->page;
    fluit_wipe(used, sizeof *used);
    snprintf(answer, sizeof answer, "{\"token\":\"%s\"}", session->text);
    enum MHD_Result result = queue_json(request->connection, MHD_HTTP_OK, fluit_slice_str(answer));
    fluit_wipe(answer, sizeof answer);
    return result;
}

/* The whole body has come, or the core has answered. */
static enum MHD_Result go_on(struct request *request)
{
    if (request->is_session)
        return open_session(request);
    if (request->answered)
        return queue_json(request->connection, MHD_HTTP_OK, fluit_buf_slice(&request->answer));
    if (!request->link) {
        uint32_t link = request->http->link_next++;
        if (request->http->link_next < REQUEST_FIRST)
            request->http->link_next = REQUEST_FIRST;
        request->link = link;
    }
    MHD_suspend_connection(request->connection);
    return MHD_YES;
}

void fluit_http_answer(struct fluit_http *http, uint32_t link, struct fluit_slice json)
{
    for (struct request *request = http->requests; request; request = request->next) {
        if (request->link != link || !request->given || request->answered)
            continue;
        fluit_buf_put(&request->answer, json.data, json.len);
        request->answered = true;
        MHD_resume_connection(request->connection);
        return;
    }
}

/* What libmicrohttpd calls. */

static enum MHD_Result begin_post(struct fluit_http *http, struct MHD_Connection *connection,
                                  const char *url, void **state)
{
    bool is_session = strcmp(url, "/api/session") == 0;
    if (!is_session && strcmp(url, "/api/do") != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
    const struct key *session = is_session ? NULL : find_session(http, connection);
    if (!is_session && (!session || session->page != FLUIT_PAGE_OWN))
        return refuse(connection, MHD_HTTP_UNAUTHORIZED, "open the link that the node printed\n");
    unsigned status = judge_body(connection);
    if (status)
        return refuse(connection, status, "that is not a request of this page\n");
    *state = new_request(http, connection, is_session);
    return *state ? MHD_YES
                  : refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too much at once\n");
}

static enum MHD_Result serve_get(struct fluit_http *http, struct MHD_Connection *connection,
                                 const char *url)
{
    if (strncmp(url, "/api/", 5) != 0)
        return serve_file(connection, url);
    const struct key *session = find_session(http, connection);
    if (!session)
        return refuse(connection, MHD_HTTP_UNAUTHORIZED, "open the link that the node printed\n");
    if (strcmp(url, "/api/events") == 0)
        return begin_events(http, session->page, connection);
    if (strcmp(url, "/api/script") != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
    if (http->script.len == 0)
        return refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "one moment\n");
    return queue_json(connection, MHD_HTTP_OK, fluit_buf_slice(&http->script));
}

static enum MHD_Result begin(struct fluit_http *http, struct MHD_Connection *connection,
                             const char *url, const char *method, void **state)
{
    const char *host = header(connection, "Host");
    if (!is_own_host(http, host))
        return refuse(connection, MHD_HTTP_MISDIRECTED_REQUEST, "this is not that host\n");
    if (!is_own_origin(header(connection, "Origin"), host))
        return refuse(connection, MHD_HTTP_FORBIDDEN, "only this node's own page may ask\n");
    if (strcmp(method, MHD_HTTP_METHOD_POST) == 0)
        return begin_post(http, connection, url, state);
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or POST\n");
    return serve_get(http, connection, url);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **state)
{
    struct request *request = *state;
    (void)version;
    if (!request)
        return begin(arg, connection, url, method, state);
    if (*len > 0) {
        if (request->body.len + *len <= FLUIT_REQUEST_LEN_MAX)
            fluit_buf_put(&request->body, data, *len);
        *len = 0;
        return request->body.err ? MHD_NO : MHD_YES;
    }
    return go_on(request);
}

static void on_end(void *arg, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)arg;
    (void)connection;
    (void)code;
    if (*state)
        free_request(*state);
    *state = NULL;
}

/* From start to end. */

static void no_log(void *arg, const char *format, va_list args)
{
    (void)arg;
    (void)format;
    (void)args;
}

enum fluit_err fluit_http_new(uint16_t port, struct fluit_http **out)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct fluit_http *http = calloc(1, sizeof *http);
    if (!http)
        return FLUIT_E_NOMEM;
    http->link_next = REQUEST_FIRST;
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, port, NULL, NULL, on_request,
        http, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&at, MHD_OPTION_NOTIFY_COMPLETED, on_end, http,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)FLUIT_HTTP_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)FLUIT_HTTP_STALL_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEM, MHD_OPTION_END);
    if (!http->daemon) {
        free(http);
        return errno == EADDRINUSE ? FLUIT_E_BUSY : FLUIT_E_IO;
    }
    http->port = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    http->fd = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    *out = http;
    return FLUIT_OK;
}

void fluit_http_free(struct fluit_http **http_ptr)
{
    struct fluit_http *http = *http_ptr;
    if (!http)
        return;
    for (struct client *client = http->clients; client; client = client->next)
        wake(client);
    for (struct request *request = http->requests; request; request = request->next)
        if (request->link && !request->answered)
            MHD_resume_connection(request->connection);
    MHD_stop_daemon(http->daemon);
    for (int page = 0; page < FLUIT_PAGES; page++)
        drop_frame(http->newest[page]);
    fluit_buf_deinit(&http->script);
    fluit_wipe(http, sizeof *http);
    free(http);
    *http_ptr = NULL;
}

uint16_t fluit_http_port(const struct fluit_http *http)
{
    return http->port;
}

int fluit_http_fd(const struct fluit_http *http)
{
    return http->fd;
}

int fluit_http_timeout_ms(struct fluit_http *http, int64_t now_us)
{
    MHD_UNSIGNED_LONG_LONG ms;
    int64_t least = MHD_get_timeout(http->daemon, &ms) == MHD_YES && ms < 60000 ? (int64_t)ms : -1;
    for (const struct client *client = http->clients; client; client = client->next) {
        int64_t until = client->beat_us > now_us ? (client->beat_us - now_us) / 1000 + 1 : 0;
        if (client->suspended && (least < 0 || until < least))
            least = until;
    }
    return (int)least;
}

void fluit_http_take(struct fluit_http *http, int64_t now_us,
                     bool (*sink)(void *arg, const struct fluit_event *event), void *arg)
{
    http->now_us = now_us;
    for (struct client *client = http->clients; client; client = client->next)
        if (now_us >= client->beat_us || is_behind(client))
            wake(client);
    MHD_run(http->daemon);
    bool more = true;
    for (struct request *request = http->requests; request && more; request = request->next) {
        if (!request->link || request->given)
            continue;
        request->given = true;
        struct fluit_event event = {.kind = FLUIT_EVENT_REQUEST,
                                    .link = request->link,
                                    .bytes = fluit_buf_slice(&request->body)};
        more = sink(arg, &event);
    }
}
