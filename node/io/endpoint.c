#include "node/io/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SCHEME       "tcp://"
#define SCHEME_LEN   (sizeof SCHEME - 1)
#define HOST_LEN_MAX 253 /* RFC 1035 */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

static bool is_name(const char *host)
{
    size_t len = strlen(host);
    if (len == 0 || len > HOST_LEN_MAX || host[0] == '-' || host[0] == '.')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_name_char(host[i]))
            return false;
    return true;
}

static bool is_ipv6(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET6, host, &address) == 1;
}

static bool parse_port(const char *text, uint16_t *port)
{
    size_t len = strlen(text);
    unsigned value = 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    if (value == 0 || value > UINT16_MAX)
        return false;
    *port = (uint16_t)value;
    return true;
}

/* Cuts the brackets off "[host]" in place; the bare host, or NULL if the brackets are not a pair.
 */
static const char *without_brackets(char *host)
{
    size_t len = strlen(host);
    if (host[0] != '[')
        return strchr(host, ':') ? NULL : host;
    if (host[len - 1] != ']')
        return NULL;
    host[len - 1] = 0;
    return is_ipv6(host + 1) ? host + 1 : NULL;
}

enum fluit_err fluit_endpoint_make(const char *host, uint16_t port, struct fluit_endpoint *out)
{
    bool ipv6 = is_ipv6(host);
    if (port == 0 || (!ipv6 && !is_name(host) && strcmp(host, "*") != 0))
        return FLUIT_E_FORMAT;
    snprintf(out->s, sizeof out->s, ipv6 ? SCHEME "[%s]:%u" : SCHEME "%s:%u", host, port);
    return FLUIT_OK;
}

enum fluit_err fluit_endpoint_parse(struct fluit_slice text, struct fluit_endpoint *out)
{
    char copy[FLUIT_ENDPOINT_LEN_MAX + 1];
    if (text.len <= SCHEME_LEN || text.len >= sizeof copy || memchr(text.data, 0, text.len))
        return FLUIT_E_FORMAT;
    memcpy(copy, text.data, text.len);
    copy[text.len] = 0;
    if (memcmp(copy, SCHEME, SCHEME_LEN) != 0)
        return FLUIT_E_FORMAT;
    char *colon = strrchr(copy + SCHEME_LEN, ':');
    uint16_t port;
    if (!colon || !parse_port(colon + 1, &port))
        return FLUIT_E_FORMAT;
    *colon = 0;
    const char *host = without_brackets(copy + SCHEME_LEN);
    if (!host || strcmp(host, "*") == 0)
        return FLUIT_E_FORMAT;
    return fluit_endpoint_make(host, port, out);
}

bool fluit_endpoint_is_ipv6(const struct fluit_endpoint *endpoint)
{
    return endpoint->s[SCHEME_LEN] == '[';
}

/* A connected UDP socket sends nothing, but the system chooses its own address for it. */
static enum fluit_err own_address(const struct addrinfo *to, char *out, size_t cap)
{
    struct sockaddr_storage own;
    socklen_t len = sizeof own;
    int fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return FLUIT_E_IO;
    bool found = connect(fd, to->ai_addr, to->ai_addrlen) == 0 &&
                 getsockname(fd, (struct sockaddr *)&own, &len) == 0 &&
                 getnameinfo((struct sockaddr *)&own, len, out, (socklen_t)cap, NULL, 0,
                             NI_NUMERICHOST) == 0;
    close(fd);
    return found ? FLUIT_OK : FLUIT_E_IO;
}

enum fluit_err fluit_endpoint_local(const char *host, char *out, size_t cap)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
    if (getaddrinfo(host, "9", &hints, &found))
        return FLUIT_E_FORMAT;
    enum fluit_err err = own_address(found, out, cap);
    freeaddrinfo(found);
    return err;
}
