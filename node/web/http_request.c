/* Requests with a body: a session for a one-time link, and what pages ask of the core. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/web/http_internal.h"

#define REQUEST_FIRST 0x40000000u
#define SESSION_MAX   256 /* bytes of a request for one */
#define OPEN_THE_LINK "open the link that the node printed\n"

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

static unsigned count_asked(const struct fluit_http *http, const struct caller *caller)
{
    unsigned count = 0;
    for (const struct request *request = http->requests; request; request = request->next)
        count += !request->is_session && memcmp(request->caller.session.id, caller->session.id,
                                                sizeof caller->session.id) == 0;
    return count;
}

/* Only so many under way, of all and of one caller, that none can keep the others out. */
static enum MHD_Result begin(struct fluit_http *http, struct MHD_Connection *connection,
                             const struct caller *caller, void **state)
{
    struct request *request = NULL;
    if (!caller || count_asked(http, caller) < FLUIT_HTTP_ASKED_MAX)
        request = new_request(http, connection);
    if (!request)
        return fluit_http_refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too much at once\n");
    request->is_session = !caller;
    if (caller)
        request->caller = *caller;
    *state = request;
    return MHD_YES;
}

static enum MHD_Result begin_session(const struct listener *listener,
                                     struct MHD_Connection *connection, void **state)
{
    const char *why;
    unsigned status = fluit_http_check_body(connection, "application/json", SESSION_MAX, &why);
    return status ? fluit_http_refuse(connection, status, why)
                  : begin(listener->http, connection, NULL, state);
}

static enum MHD_Result begin_do(const struct listener *listener, struct MHD_Connection *connection,
                                void **state)
{
    struct caller caller;
    const char *why;
    const char *key = fluit_http_header(connection, "Idempotency-Key");
    if (!fluit_http_caller(listener, connection, &caller))
        return fluit_http_refuse(connection, MHD_HTTP_UNAUTHORIZED, OPEN_THE_LINK);
    unsigned status =
        fluit_http_check_body(connection, "application/json", FLUIT_REQUEST_LEN_MAX, &why);
    if (status)
        return fluit_http_refuse(connection, status, why);
    if (key && strlen(key) > FLUIT_HTTP_ONCE_LEN_MAX)
        return fluit_http_refuse(connection, MHD_HTTP_BAD_REQUEST, "that key is too long\n");
    enum MHD_Result result = begin(listener->http, connection, &caller, state);
    struct request *request = *state;
    if (request && key && *key) {
        request->is_once = true;
        memcpy(request->once_key, key, strlen(key));
    }
    return result;
}

enum MHD_Result fluit_http_begin_post(const struct listener *listener,
                                      struct MHD_Connection *connection, const char *url,
                                      void **state)
{
    if (strcmp(url, "/api/session") == 0)
        return begin_session(listener, connection, state);
    if (strcmp(url, "/api/do") == 0)
        return begin_do(listener, connection, state);
    return fluit_http_refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
}

static enum MHD_Result open_session(struct request *request)
{
    struct caller caller = {.session.kind = FLUIT_SESSION_HERE};
    char token[FLUIT_HTTP_TOKEN_LEN + 1], answer[FLUIT_HTTP_TOKEN_LEN + 32];
    if (!fluit_http_take_link(request->http, fluit_buf_slice(&request->body), &caller.page))
        return fluit_http_refuse(request->connection, MHD_HTTP_FORBIDDEN,
                                 "this link was used or is of another start; 'page' at the "
                                 "console gives a new one\n");
    fluit_os_random(caller.session.id, sizeof caller.session.id);
    fluit_http_token(request->http, &caller, token);
    snprintf(answer, sizeof answer, "{\"token\":\"%s\"}", token);
    enum MHD_Result result = fluit_http_reply(request->connection, MHD_HTTP_OK, "application/json",
                                              fluit_slice_str(answer));
    fluit_wipe(token, sizeof token);
    fluit_wipe(answer, sizeof answer);
    return result;
}

/* The same key with another body is another request. */
static void name_once(struct request *request)
{
    struct fluit_slice parts[] = {
        fluit_slice(request->caller.session.id, sizeof request->caller.session.id),
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

/* The whole body has come, or the core has answered. */
static enum MHD_Result go_on(struct request *request)
{
    struct fluit_http *http = request->http;
    if (request->is_session)
        return open_session(request);
    if (!request->link) {
        if (http->request_next < REQUEST_FIRST)
            http->request_next = REQUEST_FIRST;
        request->link = http->request_next++;
        name_once(request);
        take_kept(request);
    }
    if (request->answered)
        return fluit_http_reply(request->connection, MHD_HTTP_OK, "application/json",
                                fluit_buf_slice(&request->answer));
    MHD_suspend_connection(request->connection);
    return MHD_YES;
}

enum MHD_Result fluit_http_more_post(struct request *request, const char *data, size_t *len)
{
    if (*len == 0)
        return go_on(request);
    if (request->body.len + *len <= FLUIT_REQUEST_LEN_MAX)
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
            MHD_resume_connection(request->connection);
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
            MHD_resume_connection(request->connection);
        if (request->answered || is_under_way(request))
            continue;
        request->given = true;
        struct fluit_event event = {.kind = FLUIT_EVENT_REQUEST,
                                    .link = request->link,
                                    .session = request->caller.session,
                                    .page = request->caller.page,
                                    .bytes = fluit_buf_slice(&request->body)};
        more = sink(arg, &event);
    }
}

void fluit_http_answer(struct fluit_http *http, uint32_t link, struct fluit_slice json)
{
    for (struct request *request = http->requests; request; request = request->next) {
        if (request->link != link || !request->given || request->answered)
            continue;
        if (request->is_once)
            fluit_http_keep(&http->kept, &request->once, json);
        fluit_buf_put(&request->answer, json.data, json.len);
        request->answered = true;
        MHD_resume_connection(request->connection);
        return;
    }
}
