/* Views pushed to those who look: Server-Sent Events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/web/http_internal.h"

#define BLOCK_LEN 16384

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

static struct frame *new_frame(struct fluit_buf *text)
{
    struct frame *frame = text->err ? NULL : malloc(sizeof *frame + text->len);
    if (frame) {
        *frame = (struct frame){.refs = 1, .len = text->len};
        memcpy(frame->bytes, text->data, text->len);
    }
    fluit_buf_wipe(text);
    return frame;
}

static void put_id(const struct fluit_http *http, uint64_t number, struct fluit_buf *out)
{
    fluit_buf_printf(out, "%s-%llu", http->run, (unsigned long long)number);
}

/* The newest view for one phone alone. */
static struct frame *seal_frame(struct client *client)
{
    const struct frame *newest = client->http->newest[client->page];
    struct fluit_buf text = FLUIT_BUF_INIT, id = FLUIT_BUF_INIT;
    put_id(client->http, client->http->newest_id[client->page], &id);
    fluit_buf_printf(&text, "event: sealed\nid: %s\ndata: ", fluit_buf_text(&id));
    fluit_sealed_put_view(&client->key, &client->asked, client->number++, fluit_buf_text(&id),
                          fluit_slice(newest->bytes + newest->view_at, newest->view_len), &text);
    fluit_buf_puts(&text, "\n\n");
    fluit_buf_deinit(&id);
    return new_frame(&text);
}

static struct frame *next_frame(struct client *client)
{
    struct fluit_http *http = client->http;
    client->sent = 0;
    client->seen = http->newest_id[client->page];
    if (client->sealed)
        return seal_frame(client);
    http->newest[client->page]->refs++;
    return http->newest[client->page];
}

static ssize_t next_bytes(void *arg, uint64_t pos, char *buf, size_t max)
{
    static const char beat[] = ": here\n\n";
    struct client *client = arg;
    struct fluit_http *http = client->http;
    (void)pos;
    if (client->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (!client->sending && is_behind(client)) {
        client->sending = next_frame(client);
        if (!client->sending)
            return MHD_CONTENT_READER_END_WITH_ERROR;
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
        client->http->phone_clients -= client->sealed;
    }
    drop_frame(client->sending);
    fluit_wipe(&client->key, sizeof client->key);
    free(client);
}

static void wake(struct client *client)
{
    if (!client->suspended)
        return;
    client->suspended = false;
    fluit_http_resume(client->http, client->connection);
}

/* The view that a Last-Event-ID names, RUN-NUMBER; 0: none of this start. */
static uint64_t parse_seen(const struct fluit_http *http, const char *id)
{
    size_t run_len = strlen(http->run);
    if (!id || strncmp(id, http->run, run_len) != 0 || id[run_len] != '-')
        return 0;
    return strtoull(id + run_len + 1, NULL, 10);
}

static struct client *new_client(struct fluit_http *http, enum fluit_page page,
                                 const struct request *request)
{
    bool is_sealed = request != NULL;
    struct client *client = NULL;
    if (http->client_count < FLUIT_HTTP_CLIENTS_MAX &&
        http->phone_clients + is_sealed <= FLUIT_HTTP_PHONES_MAX)
        client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    client->http = http;
    client->page = page;
    client->beat_us = http->now_us; /* at once: the page sees that it is connected */
    client->sealed = is_sealed;
    if (request) {
        client->asked = request->asked;
        fluit_http_session_key(http, &request->caller.session, &client->key);
    }
    client->next = http->clients;
    http->clients = client;
    http->client_count++;
    http->phone_clients += is_sealed;
    return client;
}

enum MHD_Result fluit_http_begin_events(struct fluit_http *http, enum fluit_page page,
                                        struct MHD_Connection *connection, const char *last_id,
                                        const struct request *request)
{
    struct client *client = new_client(http, page, request);
    if (!client)
        return fluit_http_refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                                 "too many pages look at this\n");
    client->connection = connection;
    client->seen = parse_seen(http, last_id);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_LEN, next_bytes, client, free_client);
    if (!response) {
        free_client(client);
        return MHD_NO;
    }
    fluit_http_add_headers(response, "text/event-stream", "no-store");
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
    fluit_buf_puts(&text, "event: view\nid: ");
    put_id(http, http->view_id + 1, &text);
    fluit_buf_puts(&text, "\ndata: ");
    size_t view_at = text.len;
    fluit_buf_put(&text, view.data, view.len);
    fluit_buf_puts(&text, "\n\n");
    struct frame *frame = new_frame(&text);
    if (frame) {
        frame->view_at = view_at;
        frame->view_len = view.len;
        drop_frame(http->newest[page]);
        http->newest[page] = frame;
        http->newest_id[page] = ++http->view_id;
    }
    for (struct client *client = http->clients; client; client = client->next)
        if (is_behind(client))
            wake(client);
}

void fluit_http_wake_clients(struct fluit_http *http)
{
    for (struct client *client = http->clients; client; client = client->next)
        if (http->now_us >= client->beat_us || is_behind(client))
            wake(client);
}

void fluit_http_end_phones(struct fluit_http *http)
{
    for (struct client *client = http->clients; client; client = client->next) {
        client->ended |= client->sealed;
        if (client->ended)
            wake(client);
    }
}

void fluit_http_resume_clients(struct fluit_http *http)
{
    for (struct client *client = http->clients; client; client = client->next)
        wake(client);
}

void fluit_http_free_views(struct fluit_http *http)
{
    for (int page = 0; page < FLUIT_PAGES; page++)
        drop_frame(http->newest[page]);
}
