/* What a request's headers must say before its body is read. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/web/http_internal.h"

const char *fluit_http_header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool is_own_host(const struct listener *listener, const char *host)
{
    static const char *const names[] = {"127.0.0.1", "localhost"};
    char own[40];
    for (size_t i = 0; host && i < sizeof names / sizeof names[0]; i++) {
        snprintf(own, sizeof own, "%s:%u", names[i], (unsigned)listener->port);
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

unsigned fluit_http_check_origin(const struct listener *listener, struct MHD_Connection *connection,
                                 const char **why)
{
    const char *host = fluit_http_header(connection, "Host");
    *why = "this is not that host\n";
    if (!is_own_host(listener, host))
        return MHD_HTTP_MISDIRECTED_REQUEST;
    *why = "only this node's own page may ask\n";
    return is_own_origin(fluit_http_header(connection, "Origin"), host) ? 0 : MHD_HTTP_FORBIDDEN;
}

unsigned fluit_http_check_body(struct MHD_Connection *connection, const char *type, size_t len_max,
                               const char **why)
{
    const char *given = fluit_http_header(connection, "Content-Type");
    const char *length = fluit_http_header(connection, "Content-Length");
    char *end = NULL;
    *why = "that is not a request of this page\n";
    if (!given || strcmp(given, type) != 0)
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    if (!length || fluit_http_header(connection, "Transfer-Encoding"))
        return MHD_HTTP_LENGTH_REQUIRED;
    errno = 0;
    unsigned long long len = strtoull(length, &end, 10);
    if (errno || *end || end == length || len > len_max)
        return MHD_HTTP_CONTENT_TOO_LARGE;
    return 0;
}
