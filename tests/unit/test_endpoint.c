#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "node/io/endpoint.h"

static enum fluit_err parse(const char *text, struct fluit_endpoint *out)
{
    return fluit_endpoint_parse(fluit_slice_str(text), out);
}

static void accepts_names_and_numbers(void **state)
{
    (void)state;
    static const char *const good[] = {"tcp://127.0.0.1:5555", "tcp://hub.local:1",
                                       "tcp://[::1]:65535", "tcp://[fe80::1:2]:80"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct fluit_endpoint endpoint;
        assert_int_equal(parse(good[i], &endpoint), FLUIT_OK);
        assert_string_equal(endpoint.s, good[i]);
        assert_int_equal(fluit_endpoint_is_ipv6(&endpoint), good[i][6] == '[');
    }
}

static void refuses_what_is_no_address(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "tcp://",
                                      "tcp://:1",
                                      "tcp://a",
                                      "tcp://a:",
                                      "tcp://a:0",
                                      "tcp://a:65536",
                                      "tcp://a:123456",
                                      "tcp://a:1x",
                                      "tcp://a:+1",
                                      "tcp://*:1",
                                      "tcp://a;b:1",
                                      "tcp://a b:1",
                                      "tcp://-a:1",
                                      "tcp://::1:5",
                                      "tcp://[::1:5",
                                      "tcp://[a.b]:5",
                                      "tcp://[:5",
                                      "tcp://[]:5",
                                      "tcp://eth0;[::1]:5",
                                      "ipc:///tmp/x:1",
                                      "inproc://zeromq.zap.01:1",
                                      "pgm://1.2.3.4:5",
                                      "TCP://a:1",
                                      "tcp://a\n:1"};
    struct fluit_endpoint endpoint = {"kept"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(parse(bad[i], &endpoint), FLUIT_E_FORMAT);
    assert_int_equal(fluit_endpoint_parse(fluit_slice("tcp://a\0:1", 10), &endpoint),
                     FLUIT_E_FORMAT);
    char lengthy[600];
    memset(lengthy, 'a', sizeof lengthy);
    memcpy(lengthy, "tcp://", 6);
    for (size_t len = 264; len < sizeof lengthy; len += 7) {
        memcpy(lengthy + len - 2, ":1", 2);
        assert_int_equal(fluit_endpoint_parse(fluit_slice(lengthy, len), &endpoint),
                         FLUIT_E_FORMAT);
        memcpy(lengthy + len - 2, "aa", 2);
    }
    assert_string_equal(endpoint.s, "kept");
}

static void makes_an_address_to_listen_on(void **state)
{
    (void)state;
    struct fluit_endpoint endpoint;
    assert_int_equal(fluit_endpoint_make("*", 5, &endpoint), FLUIT_OK);
    assert_string_equal(endpoint.s, "tcp://*:5");
    assert_int_equal(fluit_endpoint_make("::", 65535, &endpoint), FLUIT_OK);
    assert_string_equal(endpoint.s, "tcp://[::]:65535");
    assert_int_equal(fluit_endpoint_make("a/b", 5, &endpoint), FLUIT_E_FORMAT);
    assert_int_equal(fluit_endpoint_make("a", 0, &endpoint), FLUIT_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_names_and_numbers),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(makes_an_address_to_listen_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
