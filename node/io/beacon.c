#include "node/io/beacon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK_BROADCAST UINT32_C(0x7fffffff) /* 127.255.255.255 */

/* Addresses. */

/* False for other families than IP; then *out is untouched. */
static bool from_sockaddr(const struct sockaddr *from, struct fluit_beacon_address *out)
{
    struct fluit_beacon_address address = {0};
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    switch (from->sa_family) {
    case AF_INET:
        memcpy(&ipv4, from, sizeof ipv4);
        address.family = 4;
        memcpy(address.b, &ipv4.sin_addr, 4);
        break;
    case AF_INET6:
        memcpy(&ipv6, from, sizeof ipv6);
        address.family = 6;
        memcpy(address.b, &ipv6.sin6_addr, 16);
        break;
    default:
        return false;
    }
    *out = address;
    return true;
}

static bool is_loopback(const struct fluit_beacon_address *address)
{
    static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
    return address->family == 4 ? address->b[0] == 127
                                : memcmp(address->b, &loopback, sizeof loopback) == 0;
}

static bool same(const struct fluit_beacon_address *a, const struct fluit_beacon_address *b)
{
    return a->family == b->family && memcmp(a->b, b->b, sizeof a->b) == 0;
}

static bool find_only(const char *host, struct fluit_beacon_address *out)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, NULL, &hints, &found))
        return false;
    bool is_ip = from_sockaddr(found->ai_addr, out);
    freeaddrinfo(found);
    return is_ip;
}

static void set_listens(struct fluit_beacon_io *io, const char *host)
{
    io->every_ipv6 = strcmp(host, "::") == 0;
    io->every_ipv4 = io->every_ipv6 || strcmp(host, "*") == 0 || strcmp(host, "0.0.0.0") == 0 ||
                     !find_only(host, &io->only);
}

static bool only_loopback(const struct fluit_beacon_io *io)
{
    return !io->every_ipv4 && is_loopback(&io->only);
}

/* The socket. */

static struct sockaddr_in ipv4_at(in_addr_t address, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = address};
}

static enum fluit_err bind_fd(int fd, in_addr_t address, uint16_t port)
{
    const int on = 1;
    struct sockaddr_in at = ipv4_at(address, port);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on))
        return FLUIT_E_IO;
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return FLUIT_OK;
    return errno == EADDRINUSE ? FLUIT_E_BUSY : errno == EACCES ? FLUIT_E_DENIED : FLUIT_E_IO;
}

enum fluit_err fluit_beacon_io_open(struct fluit_beacon_io *io, const char *listen_host,
                                    uint16_t port)
{
    *io = (struct fluit_beacon_io){.port = port};
    set_listens(io, listen_host);
    io->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (io->fd < 0)
        return FLUIT_E_IO;
    /* Who listens on this machine only opens no port to the network. Linux lets a socket have the
     * broadcast address itself, and gives it those broadcasts. */
    in_addr_t address = only_loopback(io) ? htonl(LOOPBACK_BROADCAST) : htonl(INADDR_ANY);
    enum fluit_err err = bind_fd(io->fd, address, port);
    if (err)
        fluit_beacon_io_close(io);
    return err;
}

void fluit_beacon_io_close(struct fluit_beacon_io *io)
{
    if (io->fd >= 0)
        close(io->fd);
    io->fd = -1;
}

/* Places. */

/* 0 for a link between two, which has no broadcast address. */
static uint32_t broadcast_of(const struct ifaddrs *item)
{
    struct sockaddr_in own, mask;
    if (item->ifa_addr->sa_family != AF_INET || !item->ifa_netmask ||
        !(item->ifa_flags & IFF_BROADCAST))
        return 0;
    memcpy(&own, item->ifa_addr, sizeof own);
    memcpy(&mask, item->ifa_netmask, sizeof mask);
    uint32_t hosts = ~ntohl(mask.sin_addr.s_addr);
    return hosts > 1 ? htonl(ntohl(own.sin_addr.s_addr) | hosts) : 0;
}

static bool place_of(const struct fluit_beacon_io *io, const struct ifaddrs *item,
                     struct fluit_beacon_place *out)
{
    const unsigned up = IFF_UP | IFF_RUNNING;
    if ((item->ifa_flags & up) != up || (item->ifa_flags & IFF_LOOPBACK) || !item->ifa_addr ||
        !from_sockaddr(item->ifa_addr, &out->address))
        return false;
    bool every = out->address.family == 4 ? io->every_ipv4 : io->every_ipv6;
    out->broadcast = broadcast_of(item);
    return fluit_beacon_address_ok(&out->address) && (every || same(&out->address, &io->only));
}

size_t fluit_beacon_io_places(const struct fluit_beacon_io *io, const struct ifaddrs *all,
                              struct fluit_beacon_place out[FLUIT_BEACON_ADDRESSES_MAX])
{
    size_t count = 0;
    for (; all && count < FLUIT_BEACON_ADDRESSES_MAX; all = all->ifa_next)
        if (place_of(io, all, &out[count]))
            count++;
    return count;
}

static size_t places_now(const struct fluit_beacon_io *io,
                         struct fluit_beacon_place out[FLUIT_BEACON_ADDRESSES_MAX])
{
    struct ifaddrs *all;
    if (getifaddrs(&all))
        return 0;
    size_t count = fluit_beacon_io_places(io, all, out);
    freeifaddrs(all);
    return count;
}

size_t fluit_beacon_io_addresses(const struct fluit_beacon_io *io,
                                 struct fluit_beacon_address out[FLUIT_BEACON_ADDRESSES_MAX])
{
    static const struct fluit_beacon_address loopback = {4, {127, 0, 0, 1}};
    struct fluit_beacon_place places[FLUIT_BEACON_ADDRESSES_MAX];
    size_t count = only_loopback(io) ? 0 : places_now(io, places);
    for (size_t i = 0; i < count; i++)
        out[i] = places[i].address;
    if (count == 0 && (io->every_ipv4 || only_loopback(io)))
        out[count++] = io->every_ipv4 ? loopback : io->only;
    return count;
}

/* Beacons. */

static bool send_to(const struct fluit_beacon_io *io, in_addr_t address, struct fluit_slice beacon)
{
    struct sockaddr_in to = ipv4_at(address, io->port);
    return sendto(io->fd, beacon.data, beacon.len, MSG_DONTWAIT, (struct sockaddr *)&to,
                  sizeof to) == (ssize_t)beacon.len;
}

size_t fluit_beacon_io_send(const struct fluit_beacon_io *io, struct fluit_slice beacon)
{
    struct fluit_beacon_place places[FLUIT_BEACON_ADDRESSES_MAX];
    if (io->fd < 0)
        return 0;
    size_t count = only_loopback(io) ? 0 : places_now(io, places);
    size_t sent = send_to(io, htonl(LOOPBACK_BROADCAST), beacon);
    for (size_t i = 0; i < count; i++)
        if (places[i].broadcast != 0)
            sent += send_to(io, places[i].broadcast, beacon);
    return sent;
}

void fluit_beacon_io_take(const struct fluit_beacon_io *io,
                          bool (*sink)(void *arg, struct fluit_slice datagram,
                                       const char *source_host),
                          void *arg)
{
    uint8_t bytes[FLUIT_BEACON_LEN_MAX];
    char host[FLUIT_BEACON_HOST_LEN_MAX + 1];
    bool more = io->fd >= 0;
    for (int i = 0; more && i < FLUIT_BEACONS_TURN_MAX; i++) {
        struct sockaddr_storage from;
        socklen_t from_len = sizeof from;
        struct fluit_beacon_address source;
        /* With MSG_TRUNC len is that of the datagram, also if it is longer than bytes. */
        ssize_t len = recvfrom(io->fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_TRUNC,
                               (struct sockaddr *)&from, &from_len);
        if (len < 0)
            return;
        if (len < FLUIT_BEACON_LEN_MIN || len > FLUIT_BEACON_LEN_MAX ||
            !from_sockaddr((struct sockaddr *)&from, &source))
            continue;
        fluit_beacon_host(&source, host);
        more = sink(arg, fluit_slice(bytes, (size_t)len), host);
    }
}
