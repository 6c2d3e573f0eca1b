#include "node/home/look.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/crypto.h"
#include "node/cli/run.h"
#include "node/io/beacon.h"
#include "node/io/clocksource.h"

#define PORTS           4
#define OUTPUT_LEN_MAX  65536
#define COMMAND_WAIT_US INT64_C(2000000)
#define BEACON_WAIT_US  INT64_C(1000000)
#define WAKES           100
#define WAKE_GAP_US     2000

static void add_word(char list[static FLUIT_LOOK_LIST_LEN], const char *word)
{
    size_t len = strlen(list);
    if (len + strlen(word) + 3 < FLUIT_LOOK_LIST_LEN)
        snprintf(list + len, FLUIT_LOOK_LIST_LEN - len, "%s%s", len ? ", " : "", word);
}

/* Addresses. */

static size_t network_addresses(struct fluit_beacon_address out[FLUIT_BEACON_ADDRESSES_MAX])
{
    const struct fluit_beacon_io all = {.fd = -1, .every_ipv4 = true};
    struct fluit_beacon_place places[FLUIT_BEACON_ADDRESSES_MAX];
    struct ifaddrs *items;
    if (getifaddrs(&items))
        return 0;
    size_t count = fluit_beacon_io_places(&all, items, places);
    freeifaddrs(items);
    for (size_t i = 0; i < count; i++)
        out[i] = places[i].address;
    return count;
}

void fluit_look_addresses(char out[static FLUIT_LOOK_LIST_LEN])
{
    struct fluit_beacon_address addresses[FLUIT_BEACON_ADDRESSES_MAX];
    char host[FLUIT_BEACON_HOST_LEN_MAX + 1];
    size_t count = network_addresses(addresses);
    out[0] = 0;
    for (size_t i = 0; i < count; i++) {
        fluit_beacon_host(&addresses[i], host);
        add_word(out, host);
    }
}

static void look_at_addresses(struct fluit_findings *findings, const char *kept)
{
    char now[FLUIT_LOOK_LIST_LEN], last[FLUIT_LOOK_LIST_LEN] = "";
    FILE *file = kept ? fopen(kept, "re") : NULL;
    bool known = file && fgets(last, sizeof last, file);
    if (file)
        fclose(file);
    last[strcspn(last, "\n")] = 0;
    fluit_look_addresses(now);
    fluit_judge_addresses(findings, now, known ? last : NULL);
    file = kept && now[0] ? fopen(kept, "we") : NULL;
    if (file && (fprintf(file, "%s\n", now) < 0) + (fclose(file) != 0))
        remove(kept); /* better none than half of it */
}

/* The beacon's port. */

struct echo {
    const char *nonce;
    bool at_home, outside; /* heard from loopback, from an address of the network */
};

static bool hear_echo(void *arg, struct fluit_slice datagram, const char *source)
{
    struct echo *echo = arg;
    size_t len = strlen(echo->nonce);
    if (datagram.len < len || memcmp(datagram.data, echo->nonce, len) != 0)
        return true;
    if (strncmp(source, "127.", 4) == 0)
        echo->at_home = true;
    else
        echo->outside = true;
    return true;
}

static void look_at_beacon(struct fluit_findings *findings)
{
    struct fluit_beacon_io io;
    struct fluit_beacon_address addresses[FLUIT_BEACON_ADDRESSES_MAX];
    char call[FLUIT_BEACON_LEN_MIN] = "fluit check ";
    uint8_t random[16];
    struct echo echo = {.nonce = call};
    bool networks = network_addresses(addresses) > 0;
    fluit_os_random(random, sizeof random);
    fluit_hex(random, sizeof random, call + strlen(call));
    enum fluit_err err = fluit_beacon_io_open(&io, "*", FLUIT_BEACON_PORT);
    int64_t until_us = fluit_monotonic_us() + BEACON_WAIT_US, left_us = BEACON_WAIT_US;
    if (!err)
        fluit_beacon_io_send(&io, fluit_slice(call, sizeof call));
    while (!err && left_us > 0 && !(echo.at_home && (echo.outside || !networks))) {
        struct pollfd item = {.fd = io.fd, .events = POLLIN};
        if (poll(&item, 1, (int)(left_us / 1000 + 1)) > 0)
            fluit_beacon_io_take(&io, hear_echo, &echo);
        left_us = until_us - fluit_monotonic_us();
    }
    fluit_beacon_io_close(&io);
    fluit_findings_add(findings,
                       err            ? FLUIT_FINDING_BEACON_BUSY
                       : echo.outside ? FLUIT_FINDING_BEACON
                       : networks     ? FLUIT_FINDING_BEACON_LOST
                       : echo.at_home ? FLUIT_FINDING_BEACON_ALONE
                                      : FLUIT_FINDING_BEACON_LOST,
                       "");
}

/* The hub's ports. */

static int listen_at(uint16_t port)
{
    const int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
                    bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool connects(struct in_addr host, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = host};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err = 0;
    socklen_t len = sizeof err;
    bool through = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    if (fd >= 0 && !through && errno == EINPROGRESS) {
        struct pollfd item = {.fd = fd, .events = POLLOUT};
        through = poll(&item, 1, 1000) > 0 &&
                  getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 && err == 0;
    }
    if (fd >= 0)
        close(fd);
    return through;
}

static void look_at_ports(struct fluit_findings *findings)
{
    struct fluit_beacon_address addresses[FLUIT_BEACON_ADDRESSES_MAX];
    char host[FLUIT_BEACON_HOST_LEN_MAX + 1], shut[FLUIT_LOOK_LIST_LEN] = "", busy[16] = "";
    size_t count = network_addresses(addresses);
    int fds[PORTS];
    for (int i = 0; i < PORTS; i++) {
        fds[i] = listen_at((uint16_t)(FLUIT_PORT_DEFAULT + i));
        if (fds[i] < 0 && !busy[0])
            snprintf(busy, sizeof busy, "%d", FLUIT_PORT_DEFAULT + i);
    }
    for (size_t i = 0; i < count && !busy[0]; i++) {
        struct in_addr address;
        memcpy(&address, addresses[i].b, sizeof address);
        fluit_beacon_host(&addresses[i], host);
        if (addresses[i].family == 4 && !connects(address, FLUIT_PORT_DEFAULT))
            add_word(shut, host);
    }
    for (int i = 0; i < PORTS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    if (busy[0])
        fluit_findings_add(findings, FLUIT_FINDING_PORTS_BUSY, busy);
    else if (shut[0])
        fluit_findings_add(findings, FLUIT_FINDING_PORTS_SHUT, shut);
    else
        fluit_findings_add(findings, FLUIT_FINDING_PORTS, "");
}

/* The firewall. */

/* What it prints, up to OUTPUT_LEN_MAX and for a moment. False: it did not work. */
static bool ask_command(char *const argv[], struct fluit_buf *out)
{
    static char *const no_environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    char chunk[4096];
    int fds[2], status = -1;
    pid_t pid;
    if (pipe2(fds, O_CLOEXEC))
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawn(&pid, argv[0], &actions, NULL, argv, no_environment);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    int64_t until_us = fluit_monotonic_us() + COMMAND_WAIT_US, left_us = COMMAND_WAIT_US;
    struct pollfd item = {.fd = fds[0], .events = POLLIN};
    while (!failed && left_us > 0 && out->len < OUTPUT_LEN_MAX &&
           poll(&item, 1, (int)(left_us / 1000 + 1)) > 0) {
        ssize_t len = read(fds[0], chunk, sizeof chunk);
        if (len <= 0)
            break;
        fluit_buf_put(out, chunk, (size_t)len);
        left_us = until_us - fluit_monotonic_us();
    }
    close(fds[0]);
    if (failed)
        return false;
    if (fluit_monotonic_us() >= until_us)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status == 0;
}

static bool asked_drops(char *const argv[], bool (*drops)(const char *rules), bool *known)
{
    struct fluit_buf rules = FLUIT_BUF_INIT;
    bool worked = access(argv[0], X_OK) == 0 && ask_command(argv, &rules);
    bool yes = worked && drops(fluit_buf_text(&rules));
    *known |= worked;
    fluit_buf_deinit(&rules);
    return yes;
}

static bool file_says(const char *path, const char *word)
{
    char line[256];
    bool found = false;
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file))
        found = strncmp(line, word, strlen(word)) == 0;
    if (file)
        fclose(file);
    return found;
}

static void look_at_firewall(struct fluit_findings *findings)
{
    char *const nft[] = {(char[]){"/usr/sbin/nft"}, (char[]){"list"}, (char[]){"ruleset"}, NULL};
    char *const iptables[] = {(char[]){"/usr/sbin/iptables"}, (char[]){"-S"}, (char[]){"INPUT"},
                              NULL};
    char on[FLUIT_LOOK_LIST_LEN] = "";
    bool known = false;
    if (file_says("/etc/ufw/ufw.conf", "ENABLED=yes"))
        add_word(on, "ufw");
    if (access("/run/firewalld", F_OK) == 0)
        add_word(on, "firewalld");
    if (!on[0] && asked_drops(nft, fluit_nft_drops, &known))
        add_word(on, "nftables");
    if (!on[0] && asked_drops(iptables, fluit_iptables_drops, &known))
        add_word(on, "iptables");
    fluit_findings_add(findings,
                       on[0]   ? FLUIT_FINDING_FIREWALL_ON
                       : known ? FLUIT_FINDING_FIREWALL_NONE
                               : FLUIT_FINDING_FIREWALL_HIDDEN,
                       on);
}

/* VPNs. */

static bool is_up(const char *device)
{
    char path[300], state[16] = "";
    snprintf(path, sizeof path, "/sys/class/net/%.200s/operstate", device);
    FILE *file = fopen(path, "re");
    bool read = file && fgets(state, sizeof state, file);
    if (file)
        fclose(file);
    /* Tunnels have no carrier to tell of: "unknown" is up. */
    return read && (strncmp(state, "up", 2) == 0 || strncmp(state, "unknown", 7) == 0);
}

static void look_at_vpn(struct fluit_findings *findings)
{
    char up[FLUIT_LOOK_LIST_LEN] = "", all[FLUIT_LOOK_LIST_LEN] = "", line[256], device[16];
    DIR *devices = opendir("/sys/class/net");
    for (struct dirent *item; devices && (item = readdir(devices));)
        if (fluit_is_vpn_name(item->d_name) && is_up(item->d_name))
            add_word(up, item->d_name);
    if (devices)
        closedir(devices);
    FILE *routes = fopen("/proc/net/route", "re");
    while (routes && fgets(line, sizeof line, routes))
        if (fluit_route_takes_all(line, device) && fluit_is_vpn_name(device) &&
            !strstr(all, device))
            add_word(all, device);
    if (routes)
        fclose(routes);
    fluit_judge_vpn(findings, up, all);
}

void fluit_look_here(struct fluit_findings *findings, const char *kept)
{
    look_at_addresses(findings, kept);
    look_at_beacon(findings);
    look_at_ports(findings);
    look_at_firewall(findings);
    look_at_vpn(findings);
}

int64_t fluit_look_late_us(void)
{
    const struct fluit_clocksource clock = {0};
    int64_t worst_us = 0;
    for (int i = 0; i < WAKES; i++) {
        int64_t due_us = fluit_clocksource_now(&clock) + WAKE_GAP_US;
        fluit_clocksource_sleep_until(&clock, due_us);
        int64_t late_us = fluit_clocksource_now(&clock) - due_us;
        worst_us = late_us > worst_us ? late_us : worst_us;
    }
    return worst_us;
}
