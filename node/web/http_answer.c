/* Answers, and the files that were embedded. */
#include <string.h>

#include "node/web/http_internal.h"
#include "node/web/ui_files.h"

#define CSP_OF(scripts)                                                                            \
    "default-src 'none'; script-src " scripts "; style-src 'self'; img-src 'self' data: blob:; "   \
    "connect-src 'self'; media-src 'self' blob:; font-src 'self'; base-uri 'none'; "               \
    "form-action 'none'; frame-ancestors 'none'"

#define CSP       CSP_OF("'self'")
#define PHONE_CSP CSP_OF("'self' 'wasm-unsafe-eval'") /* libsodium.js */

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

/* Browsers heed no opener policy but by TLS, and complain of one. */
static void suit_phone(struct MHD_Response *response)
{
    MHD_del_response_header(response, "Content-Security-Policy", CSP);
    MHD_add_response_header(response, "Content-Security-Policy", PHONE_CSP);
    MHD_del_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
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
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.len, (void *)body.data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    fluit_http_add_headers(response, type, "no-store");
    return queue(connection, status, response);
}

enum MHD_Result fluit_http_refuse(struct MHD_Connection *connection, unsigned status,
                                  const char *why)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(why), (void *)why, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    fluit_http_add_headers(response, "text/plain; charset=utf-8", "no-store");
    MHD_add_response_header(response, "Connection", "close");
    return queue(connection, status, response);
}

enum MHD_Result fluit_http_serve_file(const struct listener *listener,
                                      struct MHD_Connection *connection, const char *url)
{
    const char *known = fluit_http_header(connection, "If-None-Match");
    const char *accepts = fluit_http_header(connection, "Accept-Encoding");
    for (const struct fluit_ui_file *file = fluit_ui_files; file->path; file++) {
        if (strcmp(file->path, url) != 0)
            continue;
        bool same = known && strcmp(known, file->etag) == 0;
        bool packed = file->gzip && accepts && strstr(accepts, "gzip");
        const void *data = packed ? file->gzip : file->data;
        size_t len = packed ? file->gzip_len : file->len;
        struct MHD_Response *response =
            MHD_create_response_from_buffer(same ? 0 : len, (void *)data, MHD_RESPMEM_PERSISTENT);
        if (!response)
            return MHD_NO;
        fluit_http_add_headers(response, file->type, "no-cache");
        if (listener->kind == FLUIT_SESSION_PHONE)
            suit_phone(response);
        MHD_add_response_header(response, "ETag", file->etag);
        MHD_add_response_header(response, "Vary", "Accept-Encoding");
        if (packed)
            MHD_add_response_header(response, "Content-Encoding", "gzip");
        return queue(connection, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
    }
    return fluit_http_refuse(connection, MHD_HTTP_NOT_FOUND, "there is no such page\n");
}
