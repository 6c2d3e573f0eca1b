#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "node/io/beacon.h"

#define PATIENCE_MS 15000

/* The bytes of datagrams; no beacon is looked into here. */
static uint8_t bytes[2 * FLUIT_BEACON_LEN_MAX];

struct heard {
    int count, stop_at; /* stop_at 0: never */
    uint8_t last;       /* the first byte of the last one */
    size_t lens[4];     /* the first ones' */
    char source[FLUIT_BEACON_HOST_LEN_MAX + 1];
};

static bool hear(void *arg, struct fluit_slice datagram, const char *source_host)
{
    struct heard *heard = arg;
    if (heard->count < 4)
        heard->lens[heard->count] = datagram.len;
    heard->last = datagram.data[0];
    heard->count++;
    snprintf(heard->source, sizeof heard->source, "%s", source_host);
    assert_memory_equal(datagram.data + 1, bytes + 1, datagram.len - 1);
    return heard->count != heard->stop_at;
}

static bool is_waiting(const struct fluit_beacon_io *io, int timeout_ms)
{
    struct pollfd item = {.fd = io->fd, .events = POLLIN};
    return poll(&item, 1, timeout_ms) == 1;
}

/* Takes until a datagram that begins with last was heard; counts the turns that it took. */
static struct heard take_until(const struct fluit_beacon_io *io, uint8_t last, int *turns)
{
    struct heard heard = {0};
    for (*turns = 0; heard.count == 0 || heard.last != last; ++*turns) {
        int before = heard.count;
        assert_true(is_waiting(io, PATIENCE_MS));
        fluit_beacon_io_take(io, hear, &heard);
        assert_true(heard.count - before <= FLUIT_BEACONS_TURN_MAX);
    }
    return heard;
}

/* A port of our own: the tests' beacons must not reach nodes on this machine, nor theirs us. It is
 * held by a socket that came to share it only after it had it, so that nobody else is given it. */
static uint16_t port;
static int port_fd;

static int take_port(void **state)
{
    (void)state;
    const int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    port_fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(port_fd, (struct sockaddr *)&at, len) ||
        getsockname(port_fd, (struct sockaddr *)&at, &len) ||
        setsockopt(port_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on))
        return -1;
    port = ntohs(at.sin_port);
    return 0;
}

static int leave_port(void **state)
{
    (void)state;
    return close(port_fd);
}

static struct fluit_beacon_io open_at(const char *listen_host)
{
    struct fluit_beacon_io io;
    assert_int_equal(fluit_beacon_io_open(&io, listen_host, port), FLUIT_OK);
    assert_true(io.fd >= 0);
    return io;
}

static void send_first(const struct fluit_beacon_io *io, uint8_t first, size_t len)
{
    bytes[0] = first;
    assert_int_equal(fluit_beacon_io_send(io, fluit_slice(bytes, len)), 1);
}

static struct fluit_beacon_address address(const char *host)
{
    struct fluit_beacon_address out = {.family = strchr(host, ':') ? 6 : 4};
    assert_int_equal(inet_pton(out.family == 4 ? AF_INET : AF_INET6, host, out.b), 1);
    return out;
}

static void assert_host(const struct fluit_beacon_address *got, const char *host)
{
    char text[FLUIT_BEACON_HOST_LEN_MAX + 1];
    fluit_beacon_host(got, text);
    assert_string_equal(text, host);
}

static struct sockaddr_storage sockaddr(const char *host)
{
    struct sockaddr_storage out = {0};
    struct fluit_beacon_address a = address(host);
    if (a.family == 4) {
        struct sockaddr_in ipv4 = {.sin_family = AF_INET};
        memcpy(&ipv4.sin_addr, a.b, 4);
        memcpy(&out, &ipv4, sizeof ipv4);
    } else {
        struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
        memcpy(&ipv6.sin6_addr, a.b, 16);
        memcpy(&out, &ipv6, sizeof ipv6);
    }
    return out;
}

/* The socket. */

/* Whoever listens on what: the sender hears itself, too. */
static void all_on_one_machine_hear_a_beacon(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "127.0.0.1", "*", "*", "::1"};
    struct fluit_beacon_io ios[5];
    int turns;
    for (size_t i = 0; i < 5; i++)
        ios[i] = open_at(hosts[i]);
    for (uint8_t sender = 0; sender < 2; sender++) {
        send_first(&ios[sender], sender, FLUIT_BEACON_LEN_MIN);
        for (size_t i = 0; i < 5; i++) {
            struct heard heard = take_until(&ios[i], sender, &turns);
            assert_int_equal(heard.count, 1);
            assert_int_equal(heard.lens[0], FLUIT_BEACON_LEN_MIN);
            assert_string_equal(heard.source, "127.0.0.1");
        }
    }
    for (size_t i = 0; i < 5; i++)
        fluit_beacon_io_close(&ios[i]);
}

/* Datagrams between two sockets of one machine keep their order: when the last has come, all have.
 */
static void what_has_no_beacons_length_is_dropped(void **state)
{
    (void)state;
    static const size_t lens[] = {
        FLUIT_BEACON_LEN_MAX + 1, sizeof bytes,        FLUIT_BEACON_LEN_MIN - 1, 1, 0,
        FLUIT_BEACON_LEN_MAX,     FLUIT_BEACON_LEN_MIN};
    struct fluit_beacon_io io = open_at("127.0.0.1"), other = open_at("127.0.0.1");
    int turns;
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++)
        send_first(&io, 'x', lens[i]);
    send_first(&io, 'z', FLUIT_BEACON_LEN_MIN + 1);
    struct heard heard = take_until(&other, 'z', &turns);
    assert_int_equal(heard.count, 3);
    assert_int_equal(heard.lens[0], FLUIT_BEACON_LEN_MAX);
    assert_int_equal(heard.lens[1], FLUIT_BEACON_LEN_MIN);
    fluit_beacon_io_close(&io);
    fluit_beacon_io_close(&other);
}

/* Whether they are heard or dropped; the rest comes in the next turn. */
static void a_turn_takes_so_many_and_no_more(void **state)
{
    (void)state;
    static const size_t lens[] = {FLUIT_BEACON_LEN_MIN, 1};
    struct fluit_beacon_io io = open_at("127.0.0.1");
    int turns;
    for (size_t l = 0; l < 2; l++) {
        for (int i = 0; i < FLUIT_BEACONS_TURN_MAX; i++)
            send_first(&io, 'x', lens[l]);
        send_first(&io, 'z', FLUIT_BEACON_LEN_MIN);
        struct heard heard = take_until(&io, 'z', &turns);
        assert_int_equal(heard.count, l == 0 ? FLUIT_BEACONS_TURN_MAX + 1 : 1);
        assert_true(turns >= 2);
    }
    fluit_beacon_io_close(&io);
}

static void stops_when_it_is_told_to(void **state)
{
    (void)state;
    struct fluit_beacon_io io = open_at("127.0.0.1");
    for (uint8_t i = 0; i < 3; i++)
        send_first(&io, i, FLUIT_BEACON_LEN_MIN);
    for (uint8_t i = 0; i < 3; i++) {
        struct heard heard = {.stop_at = 1};
        assert_true(is_waiting(&io, PATIENCE_MS));
        fluit_beacon_io_take(&io, hear, &heard);
        assert_int_equal(heard.count, 1);
        assert_int_equal(heard.last, i);
    }
    assert_false(is_waiting(&io, 0));
    fluit_beacon_io_close(&io);
}

static void who_listens_on_this_machine_only_has_no_port_on_the_network(void **state)
{
    (void)state;
    struct fluit_beacon_io io = open_at("127.0.0.1");
    struct sockaddr_in at = {0};
    socklen_t len = sizeof at;
    assert_int_equal(getsockname(io.fd, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(ntohl(at.sin_addr.s_addr), 0x7fffffff);
    fluit_beacon_io_close(&io);
}

static void a_port_that_is_not_shared_is_busy(void **state)
{
    (void)state;
    const int off = 0;
    struct fluit_beacon_io io;
    struct heard heard = {0};
    assert_int_equal(setsockopt(port_fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof off), 0);
    assert_int_equal(fluit_beacon_io_open(&io, "*", port), FLUIT_E_BUSY);
    assert_int_equal(io.fd, -1);
    assert_int_equal(fluit_beacon_io_send(&io, fluit_slice(bytes, FLUIT_BEACON_LEN_MIN)), 0);
    fluit_beacon_io_take(&io, hear, &heard);
    assert_int_equal(heard.count, 0);
    fluit_beacon_io_close(&io);
}

/* Networks. They are played in a process of its own, in a network namespace of its own: at first
 * it has only a loopback that is down. */

#define NOT_ALLOWED 77 /* this system gives us no namespace, or no network devices */

/* Its exit status has to be 0. */
static void run_apart(int (*play)(void))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool apart = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
        _exit(apart ? play() : NOT_ALLOWED);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_ALLOWED)
        skip();
    assert_int_equal(status, 0);
}

static int play_no_network(void)
{
    struct fluit_beacon_io io, local;
    struct fluit_beacon_address found[FLUIT_BEACON_ADDRESSES_MAX];
    struct fluit_slice beacon = fluit_slice(bytes, FLUIT_BEACON_LEN_MIN);
    struct heard heard = {0};
    if (fluit_beacon_io_open(&io, "*", port) || fluit_beacon_io_open(&local, "127.0.0.1", port))
        return 1;
    if (fluit_beacon_io_send(&io, beacon) != 0 || fluit_beacon_io_send(&local, beacon) != 0)
        return 2;
    if (fluit_beacon_io_addresses(&io, found) != 1 || found[0].b[0] != 127)
        return 3;
    fluit_beacon_io_take(&io, hear, &heard);
    fluit_beacon_io_take(&local, hear, &heard);
    return heard.count;
}

static void no_network_is_no_failure(void **state)
{
    (void)state;
    run_apart(play_no_network);
}

/* An Ethernet whose other end is the descriptor; our address there is 192.0.2.7/24. */
static int plug_in(void)
{
    struct ifreq device = {.ifr_name = "test", .ifr_flags = IFF_TAP | IFF_NO_PI};
    struct sockaddr_storage host = sockaddr("192.0.2.7"), mask = sockaddr("255.255.255.0");
    int tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC), fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (tap < 0 || ioctl(tap, TUNSETIFF, &device))
        return -1;
    memcpy(&device.ifr_addr, &host, sizeof device.ifr_addr);
    if (ioctl(fd, SIOCSIFADDR, &device))
        return -1;
    memcpy(&device.ifr_netmask, &mask, sizeof device.ifr_netmask);
    if (ioctl(fd, SIOCSIFNETMASK, &device))
        return -1;
    device.ifr_flags = IFF_UP;
    return ioctl(fd, SIOCSIFFLAGS, &device) ? -1 : tap;
}

/* Ethernet and IPv4 to all of 192.0.2.0/24, UDP to our port, and our bytes. */
static bool is_broadcast(const uint8_t *frame, ssize_t len)
{
    static const uint8_t ethernet[6] = {255, 255, 255, 255, 255, 255}, ipv4[4] = {192, 0, 2, 255};
    return len == 42 + FLUIT_BEACON_LEN_MIN && memcmp(frame, ethernet, 6) == 0 &&
           memcmp(frame + 30, ipv4, 4) == 0 && fluit_get_u16(frame + 36) == port &&
           memcmp(frame + 42, bytes, FLUIT_BEACON_LEN_MIN) == 0;
}

static int play_network(void)
{
    int tap = plug_in();
    struct pollfd item = {.fd = tap, .events = POLLIN};
    struct fluit_beacon_io io;
    struct fluit_beacon_address found[FLUIT_BEACON_ADDRESSES_MAX];
    struct heard heard = {0};
    uint8_t frame[2048];
    if (tap < 0)
        return NOT_ALLOWED;
    if (fluit_beacon_io_open(&io, "*", port))
        return 1;
    if (fluit_beacon_io_send(&io, fluit_slice(bytes, FLUIT_BEACON_LEN_MIN)) != 1)
        return 2;
    do {
        if (poll(&item, 1, PATIENCE_MS) != 1)
            return 3;
    } while (!is_broadcast(frame, read(tap, frame, sizeof frame)));
    if (fluit_beacon_io_addresses(&io, found) != 1 || found[0].b[0] != 192)
        return 4;
    if (!is_waiting(&io, PATIENCE_MS))
        return 5;
    fluit_beacon_io_take(&io, hear, &heard);
    return heard.count == 1 && strcmp(heard.source, "192.0.2.7") == 0 ? 0 : 6;
}

static void a_beacon_goes_to_the_network(void **state)
{
    (void)state;
    run_apart(play_network);
}

/* Places. */

#define ETHERNET (IFF_UP | IFF_RUNNING | IFF_BROADCAST | IFF_MULTICAST)
#define LOOPBACK (IFF_UP | IFF_RUNNING | IFF_LOOPBACK)
#define TUNNEL   (IFF_UP | IFF_RUNNING | IFF_POINTOPOINT)

/* A machine with a bit of everything. */
static const struct {
    unsigned flags;
    const char *host, *mask;
} machine[] = {
    {LOOPBACK, "127.0.0.1", "255.0.0.0"},
    {LOOPBACK, "10.1.1.1", "255.255.255.255"},
    {ETHERNET, "192.0.2.7", "255.255.255.0"},
    {ETHERNET & ~(unsigned)IFF_UP, "192.0.2.8", "255.255.255.0"},
    {ETHERNET & ~(unsigned)IFF_RUNNING, "192.0.2.9", "255.255.255.0"},
    {ETHERNET, "198.51.100.70", "255.255.255.192"},
    {ETHERNET, "203.0.113.1", "255.255.255.254"},
    {TUNNEL, "203.0.113.9", "255.255.255.0"},
    {LOOPBACK, "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {ETHERNET, "fe80::7", "ffff:ffff:ffff:ffff::"},
    {ETHERNET, "2001:db8::7", "ffff:ffff:ffff:ffff::"},
};
#define MACHINE_COUNT (sizeof machine / sizeof *machine)

static size_t places_of_machine(const char *listen_host, struct fluit_beacon_place *out)
{
    struct ifaddrs items[MACHINE_COUNT + 1] = {{.ifa_flags = ETHERNET}}; /* the first: no address */
    struct sockaddr_storage hosts[MACHINE_COUNT], masks[MACHINE_COUNT];
    struct fluit_beacon_io io = open_at(listen_host);
    for (size_t i = 0; i < MACHINE_COUNT; i++) {
        hosts[i] = sockaddr(machine[i].host);
        masks[i] = sockaddr(machine[i].mask);
        items[i].ifa_next = &items[i + 1];
        items[i + 1].ifa_flags = machine[i].flags;
        items[i + 1].ifa_addr = (struct sockaddr *)&hosts[i];
        items[i + 1].ifa_netmask = (struct sockaddr *)&masks[i];
    }
    size_t count = fluit_beacon_io_places(&io, items, out);
    fluit_beacon_io_close(&io);
    return count;
}

static void assert_place(const struct fluit_beacon_place *place, const char *host,
                         const char *broadcast)
{
    assert_host(&place->address, host);
    assert_int_equal(place->broadcast, inet_addr(broadcast));
}

static void names_all_that_it_listens_on(void **state)
{
    (void)state;
    struct fluit_beacon_place places[FLUIT_BEACON_ADDRESSES_MAX];
    static const char *const all[] = {"*", "0.0.0.0", "::"};
    for (size_t i = 0; i < 3; i++) {
        bool every = strcmp(all[i], "::") == 0;
        assert_int_equal(places_of_machine(all[i], places), every ? 5 : 4);
        assert_place(&places[0], "192.0.2.7", "192.0.2.255");
        assert_place(&places[1], "198.51.100.70", "198.51.100.127");
        assert_place(&places[2], "203.0.113.1", "0.0.0.0");
        assert_place(&places[3], "203.0.113.9", "0.0.0.0");
        if (every)
            assert_place(&places[4], "2001:db8::7", "0.0.0.0");
    }
}

static void names_no_more_than_it_listens_on(void **state)
{
    (void)state;
    struct fluit_beacon_place places[FLUIT_BEACON_ADDRESSES_MAX];
    assert_int_equal(places_of_machine("198.51.100.70", places), 1);
    assert_place(&places[0], "198.51.100.70", "198.51.100.127");
    assert_int_equal(places_of_machine("2001:db8::7", places), 1);
    assert_place(&places[0], "2001:db8::7", "0.0.0.0");
    assert_int_equal(places_of_machine("192.0.2.8", places), 0); /* it is down */
    assert_int_equal(places_of_machine("192.0.2.77", places), 0);
    assert_int_equal(places_of_machine("127.0.0.1", places), 0);
}

static void names_so_many_and_no_more(void **state)
{
    (void)state;
    struct ifaddrs items[FLUIT_BEACON_ADDRESSES_MAX + 2] = {0};
    struct sockaddr_storage host = sockaddr("192.0.2.7");
    struct fluit_beacon_place places[FLUIT_BEACON_ADDRESSES_MAX + 1] = {0};
    struct fluit_beacon_io io = {.fd = -1, .every_ipv4 = true};
    for (size_t i = 0; i < FLUIT_BEACON_ADDRESSES_MAX + 2; i++) {
        items[i].ifa_flags = ETHERNET;
        items[i].ifa_addr = (struct sockaddr *)&host;
        items[i].ifa_next = i <= FLUIT_BEACON_ADDRESSES_MAX ? &items[i + 1] : NULL;
    }
    assert_int_equal(fluit_beacon_io_places(&io, items, places), FLUIT_BEACON_ADDRESSES_MAX);
    assert_int_equal(places[FLUIT_BEACON_ADDRESSES_MAX].address.family, 0);
    assert_int_equal(fluit_beacon_io_places(&io, NULL, places), 0);
}

static void loopback_is_named_if_it_is_all_there_is(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "127.1.2.3", "::1"};
    struct fluit_beacon_address found[FLUIT_BEACON_ADDRESSES_MAX];
    for (size_t i = 0; i < 3; i++) {
        struct fluit_beacon_io io = open_at(hosts[i]);
        assert_int_equal(fluit_beacon_io_addresses(&io, found), 1);
        assert_host(&found[0], hosts[i]);
        fluit_beacon_io_close(&io);
    }
    struct fluit_beacon_io io = open_at("*");
    size_t count = fluit_beacon_io_addresses(&io, found);
    assert_true(count >= 1 && count <= FLUIT_BEACON_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_true(fluit_beacon_address_ok(&found[i]));
        assert_true(count == 1 || found[i].b[0] != 127);
    }
    fluit_beacon_io_close(&io);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, take_port, leave_port)

int main(void)
{
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    const struct CMUnitTest tests[] = {
        TEST(all_on_one_machine_hear_a_beacon),
        TEST(what_has_no_beacons_length_is_dropped),
        TEST(a_turn_takes_so_many_and_no_more),
        TEST(stops_when_it_is_told_to),
        TEST(who_listens_on_this_machine_only_has_no_port_on_the_network),
        TEST(a_port_that_is_not_shared_is_busy),
        TEST(no_network_is_no_failure),
        TEST(a_beacon_goes_to_the_network),
        TEST(names_all_that_it_listens_on),
        TEST(names_no_more_than_it_listens_on),
        TEST(names_so_many_and_no_more),
        TEST(loopback_is_named_if_it_is_all_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
