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

/* A phone's is the very address it came to: names that others make point here are none of ours. */
static bool came_to(struct MHD_Connection *connection, char out[static INET6_ADDRSTRLEN + 2])
{
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    struct sockaddr_in6 at = {0};
    const struct sockaddr_in *at4 = (const struct sockaddr_in *)&at;
    char text[INET6_ADDRSTRLEN];
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len))
        return false;
    bool is_ipv6 = at.sin6_family == AF_INET6;
    bool is_mapped = is_ipv6 && IN6_IS_ADDR_V4MAPPED(&at.sin6_addr);
    const void *address = !is_ipv6    ? (const void *)&at4->sin_addr
                          : is_mapped ? (const void *)(at.sin6_addr.s6_addr + 12)
                                      : (const void *)&at.sin6_addr;
    if (!inet_ntop(is_ipv6 && !is_mapped ? AF_INET6 : AF_INET, address, text, sizeof text))
        return false;
    snprintf(out, INET6_ADDRSTRLEN + 2, is_ipv6 && !is_mapped ? "[%s]" : "%s", text);
    return true;
}

static bool is_host(const struct listener *listener, const char *name, const char *host)
{
    char own[FLUIT_HTTP_HOST_LEN + 8];
    snprintf(own, sizeof own, "%s:%u", name, (unsigned)listener->port);
    return strcmp(host, own) == 0;
}

static bool is_own_host(const struct listener *listener, struct MHD_Connection *connection,
                        const char *host)
{
    char address[INET6_ADDRSTRLEN + 2];
    if (!host)
        return false;
    if (listener->kind == FLUIT_SESSION_HERE)
        return is_host(listener, "127.0.0.1", host) || is_host(listener, "localhost", host);
    for (size_t i = 0; i < listener->http->tls_names.count; i++)
        if (is_host(listener, listener->http->tls_names.name[i], host))
            return true;
    return came_to(connection, address) && is_host(listener, address, host);
}

static bool is_own_origin(const struct listener *listener, const char *origin, const char *host)
{
    const char *scheme = listener->is_tls ? "https://" : "http://";
    return !origin || (strncmp(origin, scheme, strlen(scheme)) == 0 &&
                       strcmp(origin + strlen(scheme), host) == 0);
}

unsigned fluit_http_check_origin(const struct listener *listener, struct MHD_Connection *connection,
                                 const char **why)
{
    const char *host = fluit_http_header(connection, "Host");
    *why = "this is not that host\n";
    if (!is_own_host(listener, connection, host))
        return MHD_HTTP_MISDIRECTED_REQUEST;
    *why = "only this node's own page may ask\n";
    return is_own_origin(listener, fluit_http_header(connection, "Origin"), host)
               ? 0
               : MHD_HTTP_FORBIDDEN;
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
