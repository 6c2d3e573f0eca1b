/* A look at the network: what facts come to; and two devices that look at each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/crypto.h"
#include "node/home/look.h"

static enum fluit_finding_kind addresses(const char *now, const char *last)
{
    struct fluit_findings findings = {0};
    fluit_judge_addresses(&findings, now, last);
    assert_int_equal(findings.count, 1);
    return findings.items[0].kind;
}

static void tells_an_address_that_changed(void **state)
{
    (void)state;
    assert_int_equal(addresses("192.0.2.2", NULL), FLUIT_FINDING_ADDRESS);
    assert_int_equal(addresses("192.0.2.2", "192.0.2.2"), FLUIT_FINDING_ADDRESS);
    assert_int_equal(addresses("192.0.2.2", "192.0.2.9"), FLUIT_FINDING_ADDRESS_CHANGED);
    assert_int_equal(addresses("", "192.0.2.9"), FLUIT_FINDING_ADDRESS_NONE);
    assert_int_equal(addresses("169.254.7.1", NULL), FLUIT_FINDING_ADDRESS_SELF_MADE);
    assert_int_equal(addresses("169.254.7.1, 192.0.2.2", NULL), FLUIT_FINDING_ADDRESS);
}

static void sees_rules_that_drop(void **state)
{
    (void)state;
    assert_false(fluit_nft_drops(""));
    assert_false(fluit_nft_drops("table inet filter {\n\tchain input {\n"
                                 "\t\ttype filter hook input priority filter; policy accept;\n"
                                 "\t\ttcp dport 23 drop\n\t}\n}\n"));
    assert_true(fluit_nft_drops("table inet filter {\n\tchain input {\n"
                                "\t\ttype filter hook input priority filter; policy drop;\n"
                                "\t}\n}\n"));
    assert_true(fluit_nft_drops("table inet f {\n\tchain in {\n"
                                "\t\ttype filter hook input priority filter; policy accept;\n"
                                "\t\ttcp dport 22 accept\n\t\treject with icmpx admin-prohibited\n"
                                "\t}\n}\n"));
    assert_true(fluit_nft_drops("\t\ttype filter hook input priority 0; policy accept;\n"
                                "\t\tcounter packets 12 bytes 900 drop\n"));
    /* What is only forwarded is no matter. */
    assert_false(fluit_nft_drops("\tchain forward {\n\t\ttype filter hook forward priority 0; "
                                 "policy drop;\n\t}\n"));
    assert_false(fluit_nft_drops("\tchain input {\n\t\ttype filter hook input priority 0; policy "
                                 "accept;\n\t}\n\tchain other {\n\t\tdrop\n\t}\n"));
    assert_true(fluit_iptables_drops("-P INPUT DROP\n"));
    assert_false(fluit_iptables_drops("-P INPUT ACCEPT\n-A INPUT -p tcp -j DROP\n"));
}

static void sees_a_vpn_that_takes_all(void **state)
{
    (void)state;
    char device[16] = "";
    assert_true(fluit_route_takes_all("tun0\t00000000\t0108000A\t0003\t0\t0\t0\t00000000\t0\t0\t0",
                                      device));
    assert_string_equal(device, "tun0");
    assert_true(fluit_route_takes_all("tun0\t00000080\t0108000A\t0003\t0\t0\t0\t00000080\t0\t0\t0",
                                      device));
    assert_false(fluit_route_takes_all("eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
                                       device));
    assert_false(fluit_route_takes_all("Iface\tDestination\tGateway", device));
    assert_true(fluit_is_vpn_name("wg0"));
    assert_false(fluit_is_vpn_name("wlan0"));
}

static enum fluit_finding_kind whistle(int64_t rtt_us, int64_t late_us)
{
    struct fluit_findings findings = {0};
    fluit_judge_whistle(&findings, rtt_us, late_us);
    return findings.items[0].kind;
}

static void says_how_exact_the_whistle_will_be(void **state)
{
    (void)state;
    assert_int_equal(whistle(-1, 300), FLUIT_FINDING_WHISTLE_ALONE);
    assert_int_equal(whistle(-1, 30000), FLUIT_FINDING_WHISTLE_BUSY);
    assert_int_equal(whistle(4000, 300), FLUIT_FINDING_WHISTLE);
    assert_int_equal(whistle(100000, 300), FLUIT_FINDING_WHISTLE_ROUGH);
    assert_int_equal(whistle(400000, 300), FLUIT_FINDING_WHISTLE_BAD);
}

static void the_worst_decides(void **state)
{
    (void)state;
    struct fluit_findings findings = {0};
    struct fluit_buf json = FLUIT_BUF_INIT;
    assert_int_equal(fluit_findings_worst(&findings), FLUIT_LEVEL_OK);
    fluit_findings_add(&findings, FLUIT_FINDING_PORTS_SHUT, "192.0.2.2 \"quoted\"");
    fluit_findings_add(&findings, FLUIT_FINDING_BEACON_LOST, "");
    assert_int_equal(fluit_findings_worst(&findings), FLUIT_LEVEL_PROBLEM);
    assert_int_equal(fluit_findings_json(&findings, &json), FLUIT_OK);
    assert_non_null(strstr(fluit_buf_text(&json), "{\"worst\":\"problem\",\"findings\":[{"));
    assert_non_null(strstr(fluit_buf_text(&json), "reach itself at 192.0.2.2 \\\"quoted\\\""));
    fluit_buf_deinit(&json);
}

struct first {
    uint16_t port;
    bool had_port;
    struct fluit_look_peer peer;
};

static void *be_first(void *arg)
{
    struct first *first = arg;
    first->had_port = fluit_look_answer(first->port, 20000, &first->peer);
    return NULL;
}

static uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    close(fd);
    return ntohs(at.sin_port);
}

/* Says something and goes, as a stranger would. Returns false while nobody listens. */
static bool disturb(uint16_t port, const char *words)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool through = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    if (through)
        (void)!send(fd, words, strlen(words), MSG_NOSIGNAL);
    close(fd);
    return through;
}

static void two_devices_meet_though_strangers_call(void **state)
{
    (void)state;
    struct first first = {.port = free_port()};
    struct fluit_look_peer second;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, be_first, &first), 0);
    while (!disturb(first.port, "GET / HTTP/1.1\r\n\r\n"))
        usleep(1000);
    assert_true(disturb(first.port, "fluit-check 1 99999 0123456789abcdef0123456789abcdef\n"));
    assert_true(disturb(first.port, "fluit-check 1 80 not-a-call\n"));
    fluit_look_ask("127.0.0.1", first.port, &second);
    pthread_join(thread, NULL);
    assert_true(first.had_port && first.peer.answered && second.answered);
    assert_true(first.peer.back && second.back);
    assert_true(first.peer.heard && second.heard); /* by loopback's broadcast */
    assert_true(second.rtt_us >= 0 && first.peer.rtt_us == second.rtt_us);
}

static void nobody_there_is_told(void **state)
{
    (void)state;
    struct fluit_look_peer peer;
    struct fluit_findings findings = {0};
    fluit_look_ask("127.0.0.1", free_port(), &peer);
    assert_false(peer.answered);
    fluit_judge_peer(&findings, &peer, true);
    assert_int_equal(findings.items[0].kind, FLUIT_FINDING_PEER_NONE);
    assert_string_equal(findings.items[0].what, "127.0.0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_an_address_that_changed),
        cmocka_unit_test(sees_rules_that_drop),
        cmocka_unit_test(sees_a_vpn_that_takes_all),
        cmocka_unit_test(says_how_exact_the_whistle_will_be),
        cmocka_unit_test(the_worst_decides),
        cmocka_unit_test(two_devices_meet_though_strangers_call),
        cmocka_unit_test(nobody_there_is_told),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
