/* Requests with a body: a session for a one-time link, and what pages ask of the core. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/web/http_internal.h"

#define REQUEST_FIRST 0x40000000u
#define SESSION_MAX   256 /* bytes of a request for one */

void fluit_http_free_request(struct request *request)
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

static struct request *new_request(struct fluit_http *http, struct MHD_Connection *connection)
{
    struct request *request = NULL, **last = &http->requests;
    if (http->request_count < FLUIT_HTTP_REQUESTS_MAX)
        request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->http = http;
    request->connection = connection;
    while (*last)
        last = &(*last)->next;
    *last = request;
    http->request_count++;
    return request;
}

/* Only so many are under way: of all, of one caller, of those that nobody vouches for yet, and of
 * phones, whatever the network sends. So none can keep the others out. */
static bool has_room(const struct listener *listener, enum asks what, const struct caller *caller)
{
    bool is_phone = listener->kind == FLUIT_SESSION_PHONE;
    unsigned of_caller = 0, strangers = 0, phones = 0;
    const struct request *request = listener->http->requests;
    for (; request; request = request->next) {
        strangers += request->what == ASKS_SESSION;
        phones += request->is_sealed;
        of_caller +=
            request->what != ASKS_SESSION &&
            memcmp(request->caller.session.id, caller->session.id, sizeof caller->session.id) == 0;
    }
    if (what == ASKS_SESSION ? strangers >= FLUIT_HTTP_STRANGERS_MAX
                             : of_caller >= FLUIT_HTTP_ASKED_MAX)
        return false;
    return !is_phone || phones < FLUIT_HTTP_PHONES_ASKED_MAX;
}

static enum MHD_Result begin(const struct listener *listener, struct MHD_Connection *connection,
                             enum asks what, const struct caller *caller, void **state)
{
    struct request *request = NULL;
    if (has_room(listener, what, caller))
        request = new_request(listener->http, connection);
    if (!request)
        return fluit_http_refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too much at once\n");
    request->what = what;
    request->caller = *caller;
    request->is_sealed = listener->kind == FLUIT_SESSION_PHONE;
    *state = request;
    return MHD_YES;
}

/* What a body may be. */
static unsigned check_body(const struct listener *listener, struct MHD_Connection *connection,
                           enum asks what, const char **why)
{
    bool is_phone = listener->kind == FLUIT_SESSION_PHONE;
    size_t len_max = what == ASKS_SESSION ? (is_phone ? FLUIT_SEALED_OVERHEAD : SESSION_MAX)
                                          : FLUIT_REQUEST_LEN_MAX;
    if (is_phone && what != ASKS_SESSION)
        len_max += FLUIT_SEALED_ASK_OVERHEAD;
    return fluit_http_check_body(
        connection, is_phone ? "application/octet-stream" : "application/json", len_max, why);
}

static bool find_what(const struct listener *listener, const char *url, enum asks *out)
{
    static const struct {
        const char *url;
        enum asks what;
        bool here, phone;
    } known[] = {
        {"/api/session", ASKS_SESSION, true, true}, {"/api/do", ASKS_DO, true, true},
        {"/api/phones", ASKS_PHONES, true, false},  {"/api/events", ASKS_EVENTS, false, true},
        {"/api/script", ASKS_SCRIPT, false, true},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].url, url) != 0)
            continue;
        *out = known[i].what;
        return listener->kind == FLUIT_SESSION_HERE ? known[i].here : known[i].phone;
    }
    return false;
}

enum MHD_Result fluit_http_begin_post(const struct listener *listener,
                                      struct MHD_Connection *connection, const char *url,
                                      void **state)
{
    enum asks what;
    struct caller caller = {.session.kind = listener->kind};
    const char *why, *key = fluit_http_header(connection, "Idempotency-Key");
    if (!find_what(listener, url, &what))
        return fluit_http_refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
    if (what != ASKS_SESSION && (!fluit_http_caller(listener, connection, &caller) ||
                                 (what == ASKS_PHONES && caller.page != FLUIT_PAGE_OWN)))
        return fluit_http_refuse(connection, MHD_HTTP_UNAUTHORIZED,
                                 "open the link that the node printed\n");
    unsigned status = check_body(listener, connection, what, &why);
    if (status)
        return fluit_http_refuse(connection, status, why);
    if (key && strlen(key) > FLUIT_HTTP_ONCE_LEN_MAX)
        return fluit_http_refuse(connection, MHD_HTTP_BAD_REQUEST, "that key is too long\n");
    enum MHD_Result result = begin(listener, connection, what, &caller, state);
    struct request *request = *state;
    if (request && key && *key && !request->is_sealed) {
        request->is_once = true;
        memcpy(request->once_key, key, strlen(key));
    }
    return result;
}

static enum MHD_Result open_session(struct request *request)
{
    char token[FLUIT_HTTP_TOKEN_LEN + 1], answer[FLUIT_HTTP_TOKEN_LEN + 32];
    struct caller *caller = &request->caller;
    if (!fluit_http_take_link(request->http, fluit_buf_slice(&request->body), &caller->page))
        return fluit_http_refuse(request->connection, MHD_HTTP_FORBIDDEN,
                                 "this link was used or is of another start; 'page' at the "
                                 "console gives a new one\n");
    fluit_os_random(caller->session.id, sizeof caller->session.id);
    fluit_http_token(request->http, caller, token);
    snprintf(answer, sizeof answer, "{\"token\":\"%s\"}", token);
    enum MHD_Result result = fluit_http_reply(request->connection, MHD_HTTP_OK, "application/json",
                                              fluit_slice_str(answer));
    fluit_wipe(token, sizeof token);
    fluit_wipe(answer, sizeof answer);
    return result;
}

static enum MHD_Result reply(const struct request *request, struct fluit_slice json)
{
    return request->is_sealed
               ? fluit_http_reply_sealed(request, MHD_HTTP_OK, "answer", json)
               : fluit_http_reply(request->connection, MHD_HTTP_OK, "application/json", json);
}

static enum MHD_Result renew_phones(struct request *request)
{
    if (!fluit_slice_is(fluit_buf_slice(&request->body), "{\"renew\":true}") ||
        fluit_http_phones_renew(request->http))
        return fluit_http_refuse(request->connection, MHD_HTTP_BAD_REQUEST,
                                 "this node serves no phones\n");
    return fluit_http_tell_phones(request->http, request->connection);
}

/* The same key with another body, or of another page, is another request; not that of another
 * session: who closed a tab comes back with a new link. */
static void name_once(struct request *request)
{
    const uint8_t page = (uint8_t)request->caller.page;
    struct fluit_slice parts[] = {
        fluit_slice(&page, 1),
        fluit_slice(request->once_key, sizeof request->once_key),
        fluit_buf_slice(&request->body),
    };
    if (request->is_once)
        request->once = fluit_hash("fluit page once", parts, 3);
}

static void take_kept(struct request *request)
{
    const struct fluit_buf *kept =
        request->is_once ? fluit_http_kept(&request->http->kept, &request->once) : NULL;
    if (!kept)
        return;
    fluit_buf_put(&request->answer, kept->data, kept->len);
    request->given = request->answered = true;
}

/* For the core, when its turn comes. */
static void queue_request(struct request *request)
{
    struct fluit_http *http = request->http;
    if (http->request_next < REQUEST_FIRST)
        http->request_next = REQUEST_FIRST;
    request->link = http->request_next++;
    name_once(request);
    take_kept(request);
}

static enum MHD_Result give_script(const struct request *request)
{
    if (request->http->script.len == 0)
        return fluit_http_refuse(request->connection, MHD_HTTP_SERVICE_UNAVAILABLE, "one moment\n");
    return reply(request, fluit_buf_slice(&request->http->script));
}

/* The whole body has come, or the core has answered. */
static enum MHD_Result go_on(struct request *request, const char *url)
{
    enum MHD_Result result;
    if (request->what == ASKS_SESSION)
        return request->is_sealed ? fluit_http_greet(request) : open_session(request);
    if (!request->link && request->is_sealed && !fluit_http_unseal(request, url, &result))
        return result;
    if (request->what == ASKS_PHONES)
        return renew_phones(request);
    if (request->what == ASKS_SCRIPT)
        return give_script(request);
    if (request->what == ASKS_EVENTS)
        return fluit_http_begin_events(request->http, request->caller.page, request->connection,
                                       fluit_buf_text(&request->body), request);
    if (!request->link)
        queue_request(request);
    if (request->answered)
        return reply(request, fluit_buf_slice(&request->answer));
    MHD_suspend_connection(request->connection);
    return MHD_YES;
}

enum MHD_Result fluit_http_more_post(void **state, const char *url, const char *data, size_t *len)
{
    struct request *request = *state;
    if (*len == 0) {
        enum MHD_Result result = go_on(request, url);
        /* A stream is a client's from now on. */
        if (request->what == ASKS_EVENTS) {
            fluit_http_free_request(request);
            *state = NULL;
        }
        return result;
    }
    if (request->body.len + *len <= FLUIT_REQUEST_LEN_MAX + FLUIT_SEALED_ASK_OVERHEAD)
        fluit_buf_put(&request->body, data, *len);
    *len = 0;
    return request->body.err ? MHD_NO : MHD_YES;
}

/* Is the same under way already, from when its page was not sure that it had come? */
static bool is_under_way(const struct request *request)
{
    for (const struct request *other = request->http->requests; other; other = other->next)
        if (other != request && request->is_once && other->is_once && other->given &&
            !other->answered && fluit_same(&other->once, &request->once, sizeof request->once))
            return true;
    return false;
}

void fluit_http_resume_requests(struct fluit_http *http)
{
    for (struct request *request = http->requests; request; request = request->next)
        if (request->link && !request->answered)
            fluit_http_resume(request->http, request->connection);
}

bool fluit_http_has_ungiven(const struct fluit_http *http)
{
    for (const struct request *request = http->requests; request; request = request->next)
        if (request->link && !request->given && !is_under_way(request))
            return true;
    return false;
}

void fluit_http_give_requests(struct fluit_http *http,
                              bool (*sink)(void *arg, const struct fluit_event *event), void *arg)
{
    bool more = true;
    for (struct request *request = http->requests; request && more; request = request->next) {
        if (!request->link || request->given)
            continue;
        take_kept(request);
        if (request->answered)
            fluit_http_resume(request->http, request->connection);
        if (request->answered || is_under_way(request))
            continue;
        request->given = true;
        struct fluit_event event = {.kind = FLUIT_EVENT_REQUEST,
                                    .link = request->link,
                                    .session = request->caller.session,
                                    .page = request->caller.page,
                                    .once = request->is_once ? &request->once : NULL,
                                    .bytes = fluit_buf_slice(&request->body)};
        more = sink(arg, &event);
    }
}

static bool is_done(struct fluit_slice json)
{
    static const char done[] = "{\"ok\":true";
    return json.len >= sizeof done - 1 && memcmp(json.data, done, sizeof done - 1) == 0;
}

void fluit_http_answer(struct fluit_http *http, uint32_t link, struct fluit_slice json)
{
    for (struct request *request = http->requests; request; request = request->next) {
        if (request->link != link || !request->given || request->answered)
            continue;
        /* What was refused changed nothing; it may be asked again. */
        if (request->is_once && is_done(json))
            fluit_http_keep(&http->kept, &request->once, json);
        fluit_buf_put(&request->answer, json.data, json.len);
        request->answered = true;
        fluit_http_resume(request->http, request->connection);
        return;
    }
}
