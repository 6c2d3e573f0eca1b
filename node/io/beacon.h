/* beacon.h: the UDP socket that beacons (proto/beacon.h) are sent and heard with.
 *
 * A beacon goes as a broadcast to every IPv4 network that the node listens on, and to
 * 127.255.255.255 for other nodes on this machine, whatever they listen on and even with no
 * network. All nodes of a machine share the port: each hears every broadcast, its own ones, too,
 * and some twice.
 *
 * No network is no failure: nothing is sent, nothing heard, and both go on when there is one, as
 * the networks are looked up at each send. IPv4 only: where there is only IPv6 nobody is found this
 * way, though a beacon may name IPv6 addresses. Linux only. One thread; nothing here blocks but the
 * look-up of a listen_host that is a name. */
#ifndef FLUIT_BEACON_IO_H
#define FLUIT_BEACON_IO_H

#include <ifaddrs.h>

#include "proto/beacon.h"

struct fluit_beacon_io {
    int fd; /* wait for input on it, then take; -1: nothing is heard or sent */
    uint16_t port;
    bool every_ipv4, every_ipv6;      /* the node listens on all addresses of this family */
    struct fluit_beacon_address only; /* else: on this one */
};

/* A place of this machine where the node can be reached. */
struct fluit_beacon_place {
    struct fluit_beacon_address address;
    uint32_t broadcast; /* of its network, in network order; 0: it has none */
};

/* Hears beacons on port. listen_host is what the node's own sockets listen on, as for
 * fluit_net_bind_hub: "*" and "0.0.0.0" (all IPv4), "::" (all), an address or a name of this
 * machine; a name that is not found counts as "*". With one of 127/8 or "::1" it hears only this
 * machine's nodes: a node that is to hear the network as well passes "*". Errors, after which io is
 * not open but may be used: BUSY (a program that does not share has the port), DENIED, IO. Close
 * with fluit_beacon_io_close in either case. */
FLUIT_MUST_CHECK enum fluit_err fluit_beacon_io_open(struct fluit_beacon_io *io,
                                                     const char *listen_host, uint16_t port);
void fluit_beacon_io_close(struct fluit_beacon_io *io);

/* The addresses to put into a beacon; returns how many. None: there is no network that the node
 * listens on now. Loopback stands in only if it listens on that alone, or if there is nothing else.
 */
size_t fluit_beacon_io_addresses(const struct fluit_beacon_io *io,
                                 struct fluit_beacon_address out[FLUIT_BEACON_ADDRESSES_MAX]);
/* Sends one beacon to all networks, this machine included; returns how many took it. 0: no network,
 * try again next time. */
size_t fluit_beacon_io_send(const struct fluit_beacon_io *io, struct fluit_slice beacon);
/* Gives sink each datagram that came, until it returns false, FLUIT_BEACONS_TURN_MAX were read or
 * nothing is left. What is too short or too long for a beacon is dropped, nothing else is checked.
 * datagram and source_host (as fluit_beacon_host writes it) hold for the call only. */
void fluit_beacon_io_take(const struct fluit_beacon_io *io,
                          bool (*sink)(void *arg, struct fluit_slice datagram,
                                       const char *source_host),
                          void *arg);

/* Of a machine's interfaces, as getifaddrs lists them, the places to name and send to: those that
 * are up, not loopback, and that the node listens on. Pure; for the above and the tests. */
size_t fluit_beacon_io_places(const struct fluit_beacon_io *io, const struct ifaddrs *all,
                              struct fluit_beacon_place out[FLUIT_BEACON_ADDRESSES_MAX]);

#endif
