#include "proto/beacon.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#define MAGIC        "FLB1"
#define DOMAIN       "fluit beacon"
#define AT_WORKSHOP  4
#define AT_SIGN      20
#define AT_TERM      52
#define AT_PORT      56
#define AT_MESH      58
#define AT_COUNT     66
#define AT_ADDRESSES 67

#define PORT_MAX (UINT16_MAX - 3) /* three more ports come after it */

static_assert(FLUIT_BEACON_LEN_MIN == AT_ADDRESSES + 1 + 4 + FLUIT_SIG_LEN, "the smallest beacon");
static_assert(FLUIT_BEACON_LEN_MAX ==
                  AT_ADDRESSES + FLUIT_BEACON_ADDRESSES_MAX * (1 + 16) + FLUIT_SIG_LEN,
              "the largest beacon");

/* Addresses. */

static bool ipv4_ok(const uint8_t *b)
{
    static const uint8_t loopback_broadcast[4] = {127, 255, 255, 255};
    return b[0] > 0 && b[0] < 224 && memcmp(b, loopback_broadcast, 4) != 0;
}

/* Of ::/80, where IPv4 addresses are written as IPv6, only ::1 is one that is meant so. */
static bool ipv6_ok(const uint8_t *b)
{
    static const uint8_t zeros[10], loopback[16] = {[15] = 1};
    bool multicast = b[0] == 0xff, link_local = b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
    bool embedded = memcmp(b, zeros, sizeof zeros) == 0 && memcmp(b, loopback, 16) != 0;
    return !multicast && !link_local && !embedded;
}

bool fluit_beacon_address_ok(const struct fluit_beacon_address *address)
{
    switch (address->family) {
    case 4:
        return ipv4_ok(address->b);
    case 6:
        return ipv6_ok(address->b);
    default:
        return false;
    }
}

void fluit_beacon_host(const struct fluit_beacon_address *address,
                       char out[static FLUIT_BEACON_HOST_LEN_MAX + 1])
{
    static_assert(FLUIT_BEACON_HOST_LEN_MAX + 1 == INET6_ADDRSTRLEN, "room for any address");
    assert(address->family == 4 || address->family == 6);
    int family = address->family == 4 ? AF_INET : AF_INET6;
    const char *text = inet_ntop(family, address->b, out, FLUIT_BEACON_HOST_LEN_MAX + 1);
    assert(text);
}

static size_t address_len(uint8_t family)
{
    return family == 4 ? 4 : 16;
}

/* Datagrams. */

static bool fields_ok(const struct fluit_beacon *beacon)
{
    return beacon->door_port > 0 && beacon->door_port <= PORT_MAX && beacon->mesh_us >= 0 &&
           beacon->mesh_us <= FLUIT_MESH_US_MAX && beacon->address_count > 0 &&
           beacon->address_count <= FLUIT_BEACON_ADDRESSES_MAX;
}

void fluit_beacon_put(const struct fluit_beacon *beacon, const struct fluit_sign_sk *sk,
                      struct fluit_buf *out)
{
    uint8_t bytes[FLUIT_BEACON_LEN_MAX];
    size_t len = AT_ADDRESSES;
    assert(fields_ok(beacon));
    memcpy(bytes, MAGIC, 4);
    memcpy(bytes + AT_WORKSHOP, beacon->workshop.b, sizeof beacon->workshop.b);
    memcpy(bytes + AT_SIGN, beacon->sign.b, sizeof beacon->sign.b);
    fluit_put_u32(bytes + AT_TERM, beacon->term);
    fluit_put_u16(bytes + AT_PORT, beacon->door_port);
    fluit_put_u64(bytes + AT_MESH, (uint64_t)beacon->mesh_us);
    bytes[AT_COUNT] = (uint8_t)beacon->address_count;
    for (size_t i = 0; i < beacon->address_count; i++) {
        const struct fluit_beacon_address *address = &beacon->addresses[i];
        assert(fluit_beacon_address_ok(address));
        bytes[len++] = address->family;
        memcpy(bytes + len, address->b, address_len(address->family));
        len += address_len(address->family);
    }
    struct fluit_slice text = fluit_slice(bytes, len);
    struct fluit_sig sig = fluit_sign(sk, DOMAIN, &text, 1);
    fluit_buf_put(out, bytes, len);
    fluit_buf_put(out, sig.b, sizeof sig.b);
}

/* The addresses fill the rest exactly. */
static bool get_addresses(struct fluit_beacon *beacon, struct fluit_slice rest)
{
    for (size_t i = 0; i < beacon->address_count; i++) {
        struct fluit_beacon_address *address = &beacon->addresses[i];
        if (rest.len == 0)
            return false;
        address->family = rest.data[0];
        size_t len = address_len(address->family);
        if (rest.len < 1 + len)
            return false;
        memcpy(address->b, rest.data + 1, len);
        if (!fluit_beacon_address_ok(address))
            return false;
        rest = fluit_slice(rest.data + 1 + len, rest.len - 1 - len);
    }
    return rest.len == 0;
}

enum fluit_err fluit_beacon_get(struct fluit_beacon *beacon, struct fluit_slice datagram)
{
    struct fluit_beacon fresh = {0};
    const uint8_t *in = datagram.data;
    if (datagram.len < FLUIT_BEACON_LEN_MIN || datagram.len > FLUIT_BEACON_LEN_MAX ||
        memcmp(in, MAGIC, 4) != 0)
        return FLUIT_E_FORMAT;
    memcpy(fresh.workshop.b, in + AT_WORKSHOP, sizeof fresh.workshop.b);
    memcpy(fresh.sign.b, in + AT_SIGN, sizeof fresh.sign.b);
    fresh.term = fluit_get_u32(in + AT_TERM);
    fresh.door_port = fluit_get_u16(in + AT_PORT);
    fresh.mesh_us = (int64_t)fluit_get_u64(in + AT_MESH);
    fresh.address_count = in[AT_COUNT];
    size_t rest_len = datagram.len - FLUIT_SIG_LEN - AT_ADDRESSES;
    if (!fields_ok(&fresh) || !get_addresses(&fresh, fluit_slice(in + AT_ADDRESSES, rest_len)))
        return FLUIT_E_FORMAT;
    *beacon = fresh;
    return FLUIT_OK;
}

bool fluit_beacon_verify(const struct fluit_beacon *beacon, struct fluit_slice datagram)
{
    struct fluit_sig sig;
    assert(datagram.len >= FLUIT_BEACON_LEN_MIN);
    struct fluit_slice text = fluit_slice(datagram.data, datagram.len - FLUIT_SIG_LEN);
    memcpy(sig.b, datagram.data + text.len, sizeof sig.b);
    return fluit_verify(&beacon->sign, &sig, DOMAIN, &text, 1);
}

/* What to do with one. */

static bool is_near(int64_t mesh_us, int64_t now_us)
{
    int64_t apart_us = mesh_us - now_us;
    return apart_us >= -FLUIT_BEACON_AGE_MAX_US && apart_us <= FLUIT_BEACON_AGE_MAX_US;
}

bool fluit_beacon_is_fresh(const struct fluit_beacon *beacon, int64_t now_us, int64_t newest_us)
{
    /* Without mesh time nothing can be dated, and who has none needs any hint. */
    if (now_us == 0)
        return true;
    /* A newest that is far away was wrong, or is long ago: it must not silence the sender. */
    bool heard = newest_us > 0 && is_near(newest_us, now_us);
    if (beacon->mesh_us == 0)
        return !heard;
    return is_near(beacon->mesh_us, now_us) && (!heard || beacon->mesh_us > newest_us);
}

const struct fluit_beacon_address *fluit_beacon_pick(const struct fluit_beacon *beacon,
                                                     const char *source_host)
{
    for (size_t i = 0; i < beacon->address_count; i++) {
        char host[FLUIT_BEACON_HOST_LEN_MAX + 1];
        fluit_beacon_host(&beacon->addresses[i], host);
        if (strcmp(host, source_host) == 0)
            return &beacon->addresses[i];
    }
    return &beacon->addresses[0];
}
