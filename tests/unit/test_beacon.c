#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/beacon.h"

#define NOW         INT64_C(1700000000000000)
#define SECOND      1000000
#define AT_PORT     56 /* PROTOCOL.md "Beacon" */
#define AT_MESH     58
#define AT_COUNT    66
#define FIRST_BYTES 67 /* before the addresses */

static struct fluit_sign_pk sign;
static struct fluit_sign_sk sign_sk;

static int setup(void **state)
{
    (void)state;
    if (fluit_crypto_init())
        return 1;
    fluit_sign_keypair(&(struct fluit_secret){{1}}, &sign, &sign_sk);
    return 0;
}

static struct fluit_beacon_address address(const char *host)
{
    struct fluit_beacon_address out = {.family = strchr(host, ':') ? 6 : 4};
    assert_int_equal(inet_pton(out.family == 4 ? AF_INET : AF_INET6, host, out.b), 1);
    return out;
}

static struct fluit_beacon sample(void)
{
    return (struct fluit_beacon){.workshop = {{7, 8, 9}},
                                 .sign = sign,
                                 .term = 0x01020304,
                                 .door_port = 7450,
                                 .mesh_us = NOW,
                                 .address_count = 2,
                                 .addresses = {address("192.0.2.7"), address("2001:db8::7")}};
}

static struct fluit_buf put(const struct fluit_beacon *beacon)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_beacon_put(beacon, &sign_sk, &out);
    assert_int_equal(out.err, FLUIT_OK);
    return out;
}

/* A copy on the heap of just this length, so that sanitizers see a read past its end. */
static enum fluit_err get(struct fluit_beacon *beacon, const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    enum fluit_err err = fluit_beacon_get(beacon, fluit_slice(copy, len));
    free(copy);
    return err;
}

static void assert_same(const struct fluit_beacon *a, const struct fluit_beacon *b)
{
    assert_memory_equal(a->workshop.b, b->workshop.b, sizeof a->workshop.b);
    assert_memory_equal(a->sign.b, b->sign.b, sizeof a->sign.b);
    assert_int_equal(a->term, b->term);
    assert_int_equal(a->door_port, b->door_port);
    assert_int_equal(a->mesh_us, b->mesh_us);
    assert_int_equal(a->address_count, b->address_count);
    for (size_t i = 0; i < a->address_count; i++)
        assert_memory_equal(&a->addresses[i], &b->addresses[i], sizeof a->addresses[i]);
}

static void comes_back_as_it_was_put(void **state)
{
    (void)state;
    struct fluit_beacon all[3] = {sample(), sample(), sample()}, got;
    all[1].term = 0;
    all[1].mesh_us = 0;
    all[1].door_port = 65532;
    all[1].address_count = 1;
    all[2].mesh_us = FLUIT_MESH_US_MAX;
    all[2].address_count = FLUIT_BEACON_ADDRESSES_MAX;
    for (size_t i = 0; i < FLUIT_BEACON_ADDRESSES_MAX; i++)
        all[2].addresses[i] = address("2001:db8::7");
    static const size_t lens[] = {FLUIT_BEACON_LEN_MIN + 17, FLUIT_BEACON_LEN_MIN,
                                  FLUIT_BEACON_LEN_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct fluit_buf out = put(&all[i]);
        assert_int_equal(out.len, lens[i]);
        assert_int_equal(get(&got, out.data, out.len), FLUIT_OK);
        assert_same(&got, &all[i]);
        assert_true(fluit_beacon_verify(&got, fluit_buf_slice(&out)));
        fluit_buf_deinit(&out);
    }
}

static void is_appended_to_what_is_there(void **state)
{
    (void)state;
    struct fluit_beacon beacon = sample(), got;
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_buf_puts(&out, "before");
    fluit_beacon_put(&beacon, &sign_sk, &out);
    struct fluit_slice datagram = fluit_slice(out.data + 6, out.len - 6);
    assert_int_equal(fluit_beacon_get(&got, datagram), FLUIT_OK);
    assert_true(fluit_beacon_verify(&got, datagram));
    fluit_buf_deinit(&out);
}

/* Whatever bit is turned over, the beacon does not read or its signature does not hold. */
static void every_bit_is_signed(void **state)
{
    (void)state;
    struct fluit_beacon beacon = sample(), got;
    struct fluit_buf out = put(&beacon);
    size_t read = 0;
    for (size_t bit = 0; bit < 8 * out.len; bit++) {
        uint8_t mask = (uint8_t)(1u << bit % 8);
        out.data[bit / 8] ^= mask;
        if (!get(&got, out.data, out.len)) {
            assert_false(fluit_beacon_verify(&got, fluit_buf_slice(&out)));
            read++;
        }
        out.data[bit / 8] ^= mask;
    }
    assert_true(read > 8 * (16 + 32 + 4 + FLUIT_SIG_LEN));
    assert_int_equal(get(&got, out.data, out.len), FLUIT_OK);
    assert_true(fluit_beacon_verify(&got, fluit_buf_slice(&out)));
    fluit_buf_deinit(&out);
}

static void another_senders_signature_does_not_hold(void **state)
{
    (void)state;
    struct fluit_beacon beacon = sample(), got;
    struct fluit_sign_pk other;
    struct fluit_sign_sk other_sk;
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_sign_keypair(&(struct fluit_secret){{2}}, &other, &other_sk);
    fluit_beacon_put(&beacon, &other_sk, &out);
    assert_int_equal(fluit_beacon_get(&got, fluit_buf_slice(&out)), FLUIT_OK);
    assert_false(fluit_beacon_verify(&got, fluit_buf_slice(&out)));
    /* Nor does one that was made for something else. */
    struct fluit_slice text = fluit_slice(out.data, out.len - FLUIT_SIG_LEN);
    struct fluit_sig sig = fluit_sign(&sign_sk, "fluit head", &text, 1);
    memcpy(out.data + text.len, sig.b, sizeof sig.b);
    assert_false(fluit_beacon_verify(&got, fluit_buf_slice(&out)));
    fluit_buf_deinit(&out);
}

static void only_the_exact_length_is_read(void **state)
{
    (void)state;
    struct fluit_beacon beacon = sample(), got = {.term = 42};
    struct fluit_buf out = put(&beacon);
    uint8_t longer[2 * FLUIT_BEACON_LEN_MAX] = {0};
    memcpy(longer, out.data, out.len);
    for (size_t len = 0; len <= sizeof longer; len++)
        if (len != out.len)
            assert_int_equal(get(&got, longer, len), FLUIT_E_FORMAT);
    assert_int_equal(fluit_beacon_get(&got, fluit_slice(NULL, 0)), FLUIT_E_FORMAT);
    assert_int_equal(got.term, 42);
    fluit_buf_deinit(&out);
}

/* The sample with other bytes at one place reads as wanted. */
static void check_edited(size_t at, const void *bytes, size_t len, enum fluit_err wanted)
{
    struct fluit_beacon beacon = sample(), got = {.term = 42};
    struct fluit_buf out = put(&beacon);
    memcpy(out.data + at, bytes, len);
    assert_int_equal(get(&got, out.data, out.len), wanted);
    assert_int_equal(got.term, wanted ? 42 : 0x01020304);
    fluit_buf_deinit(&out);
}

static void check_mesh(int64_t mesh_us, enum fluit_err wanted)
{
    uint8_t bytes[8];
    fluit_put_u64(bytes, (uint64_t)mesh_us);
    check_edited(AT_MESH, bytes, sizeof bytes, wanted);
}

static void fields_out_of_bounds_are_refused(void **state)
{
    (void)state;
    check_edited(0, "FLB2", 4, FLUIT_E_FORMAT);
    check_edited(AT_PORT, "\0\0", 2, FLUIT_E_FORMAT);
    check_edited(AT_PORT, "\0\1", 2, FLUIT_OK);
    check_edited(AT_PORT, "\xff\xfc", 2, FLUIT_OK);
    check_edited(AT_PORT, "\xff\xfd", 2, FLUIT_E_FORMAT);
    check_mesh(0, FLUIT_OK);
    check_mesh(-1, FLUIT_E_FORMAT);
    check_mesh(INT64_MIN, FLUIT_E_FORMAT);
    check_mesh(FLUIT_MESH_US_MAX, FLUIT_OK);
    check_mesh(FLUIT_MESH_US_MAX + 1, FLUIT_E_FORMAT);
    static const uint8_t counts[] = {0, 1, 3, 8, FLUIT_BEACON_ADDRESSES_MAX + 1, 255};
    for (size_t i = 0; i < sizeof counts; i++)
        check_edited(AT_COUNT, &counts[i], 1, FLUIT_E_FORMAT);
    static const uint8_t families[] = {0, 2, 5, 6, 10, 255};
    for (size_t i = 0; i < sizeof families; i++)
        check_edited(FIRST_BYTES, &families[i], 1, FLUIT_E_FORMAT);
    check_edited(FIRST_BYTES + 5, "\5", 1, FLUIT_E_FORMAT); /* in place of a 6 */
}

/* Nine addresses would fit into the bytes of eight if they are short. */
static void more_addresses_than_the_limit_are_refused(void **state)
{
    (void)state;
    struct fluit_beacon beacon = sample(), got;
    beacon.address_count = FLUIT_BEACON_ADDRESSES_MAX;
    for (size_t i = 0; i < FLUIT_BEACON_ADDRESSES_MAX; i++)
        beacon.addresses[i] = address("192.0.2.7");
    struct fluit_buf out = put(&beacon);
    uint8_t nine[FLUIT_BEACON_LEN_MAX];
    memcpy(nine, out.data, out.len);
    memmove(nine + FIRST_BYTES + 5, out.data + FIRST_BYTES, out.len - FIRST_BYTES);
    nine[AT_COUNT]++;
    assert_int_equal(get(&got, nine, out.len + 5), FLUIT_E_FORMAT);
    fluit_buf_deinit(&out);
}

static const struct {
    const char *host;
    bool ok;
} hosts[] = {
    {"192.0.2.7", true},
    {"127.0.0.1", true},
    {"10.255.255.255", true}, /* a machine's, in a network of more than 2^24 */
    {"169.254.1.1", true},
    {"1.0.0.0", true},
    {"223.255.255.255", true},
    {"2001:db8::7", true},
    {"fd00::1", true},
    {"::1", true},
    {"0.0.0.0", false},
    {"0.1.2.3", false},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"127.255.255.255", false},
    {"::", false},
    {"::2", false},
    {"::192.0.2.7", false},
    {"::ffff:192.0.2.7", false},
    {"ff02::1", false},
    {"ff00::", false},
    {"fe80::1", false},
    {"febf::1", false},
};

static void only_addresses_of_one_machine_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct fluit_beacon_address a = address(hosts[i].host);
        struct fluit_beacon beacon = sample(), got;
        size_t nth = a.family == 4 ? 0 : 1, len = a.family == 4 ? 4 : 16;
        assert_int_equal(fluit_beacon_address_ok(&a), hosts[i].ok);
        struct fluit_buf out = put(&beacon);
        memcpy(out.data + FIRST_BYTES + 1 + nth * 5, a.b, len);
        assert_int_equal(get(&got, out.data, out.len), hosts[i].ok ? FLUIT_OK : FLUIT_E_FORMAT);
        if (hosts[i].ok)
            assert_memory_equal(&got.addresses[nth], &a, sizeof a);
        fluit_buf_deinit(&out);
    }
    assert_false(fluit_beacon_address_ok(&(struct fluit_beacon_address){5, {192, 0, 2, 7}}));
}

static void hosts_are_text_without_brackets(void **state)
{
    (void)state;
    static const char *const texts[] = {"192.0.2.7", "2001:db8::7",
                                        "2001:db8:1111:2222:3333:4444:5555:6666"};
    for (size_t i = 0; i < 3; i++) {
        char host[FLUIT_BEACON_HOST_LEN_MAX + 1];
        struct fluit_beacon_address a = address(texts[i]);
        fluit_beacon_host(&a, host);
        assert_string_equal(host, texts[i]);
    }
}

static void the_address_it_came_from_is_tried_first(void **state)
{
    (void)state;
    struct fluit_beacon beacon = sample();
    assert_ptr_equal(fluit_beacon_pick(&beacon, "192.0.2.7"), &beacon.addresses[0]);
    assert_ptr_equal(fluit_beacon_pick(&beacon, "2001:db8::7"), &beacon.addresses[1]);
    assert_ptr_equal(fluit_beacon_pick(&beacon, "192.0.2.70"), &beacon.addresses[0]);
    assert_ptr_equal(fluit_beacon_pick(&beacon, ""), &beacon.addresses[0]);
}

static void stale_beacons_are_not_heeded(void **state)
{
    (void)state;
    struct fluit_beacon b = sample();
    const int64_t far = FLUIT_BEACON_AGE_MAX_US;
    assert_true(fluit_beacon_is_fresh(&b, NOW, 0));
    assert_true(fluit_beacon_is_fresh(&b, NOW + far, 0));
    assert_true(fluit_beacon_is_fresh(&b, NOW - far, 0));
    assert_false(fluit_beacon_is_fresh(&b, NOW + far + 1, 0));
    assert_false(fluit_beacon_is_fresh(&b, NOW - far - 1, 0));
    /* A repetition or an older one of the same sender. */
    assert_true(fluit_beacon_is_fresh(&b, NOW, NOW - 1));
    assert_false(fluit_beacon_is_fresh(&b, NOW, NOW));
    assert_false(fluit_beacon_is_fresh(&b, NOW, NOW + SECOND));
    /* A newest far from now silences nobody. */
    assert_true(fluit_beacon_is_fresh(&b, NOW, NOW + far + 1));
    assert_true(fluit_beacon_is_fresh(&b, NOW, FLUIT_MESH_US_MAX));
    /* Who has no mesh time takes any. */
    assert_true(fluit_beacon_is_fresh(&b, 0, NOW + SECOND));
}

static void undated_beacons_give_way_to_dated_ones(void **state)
{
    (void)state;
    struct fluit_beacon b = sample();
    b.mesh_us = 0;
    assert_true(fluit_beacon_is_fresh(&b, 0, NOW));
    assert_true(fluit_beacon_is_fresh(&b, NOW, 0));
    assert_false(fluit_beacon_is_fresh(&b, NOW, NOW - FLUIT_BEACON_AGE_MAX_US));
    assert_true(fluit_beacon_is_fresh(&b, NOW, NOW - FLUIT_BEACON_AGE_MAX_US - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was_put),
        cmocka_unit_test(is_appended_to_what_is_there),
        cmocka_unit_test(every_bit_is_signed),
        cmocka_unit_test(another_senders_signature_does_not_hold),
        cmocka_unit_test(only_the_exact_length_is_read),
        cmocka_unit_test(fields_out_of_bounds_are_refused),
        cmocka_unit_test(more_addresses_than_the_limit_are_refused),
        cmocka_unit_test(only_addresses_of_one_machine_are_read),
        cmocka_unit_test(hosts_are_text_without_brackets),
        cmocka_unit_test(the_address_it_came_from_is_tried_first),
        cmocka_unit_test(stale_beacons_are_not_heeded),
        cmocka_unit_test(undated_beacons_give_way_to_dated_ones),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
