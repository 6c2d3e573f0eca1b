/* Beacons: what is read is within its bounds, is written again as the very same bytes, and holds
 * only as long as nobody changes it. */
#include <arpa/inet.h>
#include <string.h>

#include "proto/beacon.h"
#include "tests/fuzz/fuzz.h"

static void check_address(const struct fluit_beacon *beacon, size_t nth)
{
    const struct fluit_beacon_address *address = &beacon->addresses[nth], *picked;
    char host[FLUIT_BEACON_HOST_LEN_MAX + 1];
    uint8_t again[16] = {0};
    must(fluit_beacon_address_ok(address));
    fluit_beacon_host(address, host);
    must(inet_pton(address->family == 4 ? AF_INET : AF_INET6, host, again) == 1);
    must(memcmp(again, address->b, sizeof again) == 0);
    picked = fluit_beacon_pick(beacon, host);
    must(picked->family == address->family && memcmp(picked->b, again, sizeof again) == 0);
}

/* Signed by us instead: all but the sender's key and the signature stays. */
static void check_again(struct fluit_beacon *beacon, const uint8_t *data, size_t len)
{
    static const struct fluit_secret seed = {{1}};
    struct fluit_sign_sk sk;
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_sign_keypair(&seed, &beacon->sign, &sk);
    fluit_beacon_put(beacon, &sk, &out);
    must(!out.err && out.len == len);
    must(memcmp(out.data, data, 20) == 0 && memcmp(out.data + 20, beacon->sign.b, 32) == 0);
    must(memcmp(out.data + 52, data + 52, len - 52 - FLUIT_SIG_LEN) == 0);
    must(fluit_beacon_verify(beacon, fluit_buf_slice(&out)));
    out.data[data[len - 1] % out.len] ^= 1;
    must(!fluit_beacon_verify(beacon, fluit_buf_slice(&out)));
    fluit_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fluit_beacon beacon;
    if (fluit_beacon_get(&beacon, fluit_slice(data, len)))
        return 0;
    must(len >= FLUIT_BEACON_LEN_MIN && len <= FLUIT_BEACON_LEN_MAX);
    must(beacon.door_port > 0 && beacon.mesh_us >= 0 && beacon.mesh_us <= FLUIT_MESH_US_MAX);
    must(beacon.address_count > 0 && beacon.address_count <= FLUIT_BEACON_ADDRESSES_MAX);
    for (size_t i = 0; i < beacon.address_count; i++)
        check_address(&beacon, i);
    fluit_beacon_verify(&beacon, fluit_slice(data, len)); /* under any key */
    check_again(&beacon, data, len);
    return 0;
}
