/* endpoint.h: addresses as they stand in hello entries and on command lines. They come from others
 * and are checked before the network library sees them. */
#ifndef FLUIT_ENDPOINT_H
#define FLUIT_ENDPOINT_H

#include "common/bytes.h"
#include "common/limits.h"

/* "tcp://host:port", NUL-terminated. */
struct fluit_endpoint {
    char s[FLUIT_ENDPOINT_LEN_MAX + 1];
};

/* Accepts "tcp://HOST:PORT" with PORT 1..65535 and HOST an IPv4 address, a DNS name, or an IPv6
 * address in brackets; FORMAT for all else. *out is untouched on error. */
FLUIT_MUST_CHECK enum fluit_err fluit_endpoint_parse(struct fluit_slice text,
                                                     struct fluit_endpoint *out);
/* Makes one of a host (IPv6 without brackets; "*" for every IPv4 address, to listen on) and a port.
 * FORMAT as above. */
FLUIT_MUST_CHECK enum fluit_err fluit_endpoint_make(const char *host, uint16_t port,
                                                    struct fluit_endpoint *out);
/* The address of this machine from which host is reached, as others there may reach us. FORMAT if
 * host has no address, IO if there is no way to it. */
FLUIT_MUST_CHECK enum fluit_err fluit_endpoint_local(const char *host, char *out, size_t cap);
bool fluit_endpoint_is_ipv6(const struct fluit_endpoint *endpoint);

#endif
