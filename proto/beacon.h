/* beacon.h: where a hub or standby can be reached, told to the whole network. PROTOCOL.md "Beacon".
 *
 * A hint, never trusted: a right signature says who sent it, not that it is true or new. Whoever
 * follows one only tries to connect, and CURVE or the door's handshake decides. */
#ifndef FLUIT_BEACON_H
#define FLUIT_BEACON_H

#include "common/limits.h"
#include "proto/entry.h"

#define FLUIT_BEACON_HOST_LEN_MAX 45 /* bytes of a textual IPv6 address, without its NUL */

/* An IPv4 or IPv6 address that a node could connect to. */
struct fluit_beacon_address {
    uint8_t family; /* 4 or 6 */
    uint8_t b[16];  /* in network order; IPv4: the first 4, then zeros */
};

struct fluit_beacon {
    struct fluit_workshop_id workshop;
    struct fluit_sign_pk sign; /* the sender's */
    uint32_t term;             /* under which the sender leads; 0: it does not */
    uint16_t door_port;        /* 1..65532: sync is +1, control +2, collect +3 */
    int64_t mesh_us;           /* when it was sent; 0: not known */
    size_t address_count;      /* 1..FLUIT_BEACON_ADDRESSES_MAX */
    struct fluit_beacon_address addresses[FLUIT_BEACON_ADDRESSES_MAX];
};

/* May it stand in a beacon? Not if it names no single machine (unspecified, multicast, broadcast),
 * needs the name of an interface (IPv6 link-local) or is IPv4 in disguise. The broadcast address of
 * a network other than 127/8 can't be told by its looks. */
bool fluit_beacon_address_ok(const struct fluit_beacon_address *address);
/* Writes "192.0.2.7" or "2001:db8::7", NUL-terminated. */
void fluit_beacon_host(const struct fluit_beacon_address *address,
                       char out[static FLUIT_BEACON_HOST_LEN_MAX + 1]);

/* Appends the datagram, signed by sk, the secret of beacon->sign. All fields have to be within
 * their bounds, which is asserted. */
void fluit_beacon_put(const struct fluit_beacon *beacon, const struct fluit_sign_sk *sk,
                      struct fluit_buf *out);
/* Reads a datagram without looking at its signature: cheap. FORMAT for what no put would write;
 * *beacon is untouched then. */
FLUIT_MUST_CHECK enum fluit_err fluit_beacon_get(struct fluit_beacon *beacon,
                                                 struct fluit_slice datagram);
/* Did beacon->sign sign this datagram, from which *beacon was read? As dear as any signature: look
 * first whether the beacon is wanted. */
bool fluit_beacon_verify(const struct fluit_beacon *beacon, struct fluit_slice datagram);

/* May it be heeded at mesh time now_us (0: not known here, or only about)? newest_us is the
 * greatest mesh time of this sender's beacons that were verified before; 0: none. */
bool fluit_beacon_is_fresh(const struct fluit_beacon *beacon, int64_t now_us, int64_t newest_us);
/* The address to try: the one that the datagram came from, as fluit_beacon_host writes it, or else
 * the first. Borrowed from beacon. */
const struct fluit_beacon_address *fluit_beacon_pick(const struct fluit_beacon *beacon,
                                                     const char *source_host);

#endif
