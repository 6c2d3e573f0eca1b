/* Answers, and the files that were embedded. */
#include <string.h>

#include "node/web/http_internal.h"
#include "node/web/ui_files.h"

#define CSP                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "        \
    "connect-src 'self'; media-src 'self' blob:; font-src 'self'; base-uri 'none'; "               \
    "form-action 'none'; frame-ancestors 'none'"

void fluit_http_add_headers(struct MHD_Response *response, const char *type, const char *cache)
{
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Cache-Control", cache);
    MHD_add_response_header(response, "Content-Security-Policy", CSP);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "X-Frame-Options", "DENY");
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned status,
                             struct MHD_Response *response)
{
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result fluit_http_reply(struct MHD_Connection *connection, unsigned status,
                                 const char *type, struct fluit_slice body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.len, (void *)(uintptr_t)body.data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    fluit_http_add_headers(response, type, "no-store");
    return queue(connection, status, response);
}

enum MHD_Result fluit_http_refuse(struct MHD_Connection *connection, unsigned status,
                                  const char *why)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(why), (void *)(uintptr_t)why, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    fluit_http_add_headers(response, "text/plain; charset=utf-8", "no-store");
    MHD_add_response_header(response, "Connection", "close");
    return queue(connection, status, response);
}

enum MHD_Result fluit_http_serve_file(struct MHD_Connection *connection, const char *url)
{
    const char *known = fluit_http_header(connection, "If-None-Match");
    for (const struct fluit_ui_file *file = fluit_ui_files; file->path; file++) {
        if (strcmp(file->path, url) != 0)
            continue;
        bool same = known && strcmp(known, file->etag) == 0;
        struct MHD_Response *response = MHD_create_response_from_buffer(
            same ? 0 : file->len, (void *)(uintptr_t)file->data, MHD_RESPMEM_PERSISTENT);
        if (!response)
            return MHD_NO;
        fluit_http_add_headers(response, file->type, "no-cache");
        MHD_add_response_header(response, "ETag", file->etag);
        return queue(connection, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
    }
    return fluit_http_refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
}
