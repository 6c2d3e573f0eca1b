/* look_peer.c: two devices find out whether the network lets them reach each other.
 *
 *   second                            first ('fluit check-room --with')
 *   fluit-check 1 PORT CALL  ------>  (connects to PORT at the second)
 *                            <------  fluit-check 1 CALL back|shut
 *   ping                     ------>
 *                            <------  pong                            PINGS times
 *   took US                  ------>
 *   both call out on UDP 7449 with their CALL, and listen for the other's
 *   heard|deaf               <----->  heard|deaf
 *
 * A line a message. Who says anything else is left alone. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/crypto.h"
#include "node/home/look.h"
#include "node/io/beacon.h"
#include "node/io/clocksource.h"

#define PINGS        40
#define LINE_LEN     96
#define CALL_LEN     32
#define SAY_WAIT_MS  3000
#define TALK_WAIT_US INT64_C(15000000)
#define CALL_WAIT_US INT64_C(2000000)
#define CALL_GAP_US  INT64_C(200000)

struct talk {
    int fd;
    int64_t until_us; /* then it has taken too long */
    char own[CALL_LEN + 1], other[CALL_LEN + 1];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void be_quick(int fd)
{
    const int on = 1;
    struct timeval wait = {.tv_sec = SAY_WAIT_MS / 1000};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
}

static bool say(const struct talk *talk, const char *line)
{
    char text[LINE_LEN + 1];
    int len = snprintf(text, sizeof text, "%s\n", line);
    return send(talk->fd, text, (size_t)len, MSG_NOSIGNAL) == len;
}

/* One line, without its end. Byte by byte: lines are few and short. */
static bool hear(const struct talk *talk, char line[static LINE_LEN])
{
    for (int i = 0; i < LINE_LEN && fluit_monotonic_us() < talk->until_us; i++) {
        if (recv(talk->fd, line + i, 1, 0) != 1)
            return false;
        if (line[i] == '\n') {
            line[i] = 0;
            return true;
        }
    }
    return false;
}

static bool take_call(const char *text, struct talk *talk)
{
    if (strlen(text) != CALL_LEN || strspn(text, "0123456789abcdef") != CALL_LEN)
        return false;
    memcpy(talk->other, text, CALL_LEN + 1);
    return true;
}

/* Gives it a call of its own, and so much time. */
static void begin(struct talk *talk)
{
    uint8_t random[CALL_LEN / 2];
    fluit_os_random(random, sizeof random);
    fluit_hex(random, sizeof random, talk->own);
    talk->until_us = fluit_monotonic_us() + TALK_WAIT_US;
}

/* Broadcasts. */

struct ear {
    const char *call;
    bool heard;
};

static bool hear_call(void *arg, struct fluit_slice datagram, const char *source)
{
    static const char before[] = "fluit check ";
    struct ear *ear = arg;
    (void)source;
    if (datagram.len >= sizeof before - 1 + CALL_LEN &&
        memcmp(datagram.data, before, sizeof before - 1) == 0 &&
        memcmp(datagram.data + sizeof before - 1, ear->call, CALL_LEN) == 0)
        ear->heard = true;
    return !ear->heard;
}

/* Calls all the time that the other may listen, which is as long. */
static bool call_and_listen(const struct talk *talk)
{
    struct fluit_beacon_io io;
    char call[FLUIT_BEACON_LEN_MIN] = "";
    struct ear ear = {.call = talk->other};
    int64_t now_us = fluit_monotonic_us(), until_us = now_us + CALL_WAIT_US, call_us = now_us;
    snprintf(call, sizeof call, "fluit check %s", talk->own);
    enum fluit_err err = fluit_beacon_io_open(&io, "*", FLUIT_BEACON_PORT);
    while (!err && now_us < until_us) {
        if (now_us >= call_us) {
            fluit_beacon_io_send(&io, fluit_slice(call, sizeof call));
            call_us = now_us + CALL_GAP_US;
        }
        struct pollfd item = {.fd = io.fd, .events = POLLIN};
        if (poll(&item, 1, (int)((call_us - now_us) / 1000 + 1)) > 0)
            fluit_beacon_io_take(&io, hear_call, &ear);
        now_us = fluit_monotonic_us();
    }
    fluit_beacon_io_close(&io);
    return ear.heard;
}

static bool compare_ears(const struct talk *talk, struct fluit_look_peer *out)
{
    char line[LINE_LEN];
    bool heard = call_and_listen(talk);
    if (!say(talk, heard ? "heard" : "deaf") || !hear(talk, line))
        return false;
    out->heard = heard && strcmp(line, "heard") == 0;
    return true;
}

/* Connections; IPv4, as beacons are. */

static int dial(struct sockaddr_in to)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    be_quick(fd); /* the time limit is for connect, too */
    if (connect(fd, (struct sockaddr *)&to, sizeof to))
        close_fd(&fd);
    return fd;
}

static int dial_host(const char *host, uint16_t port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET}, *found;
    struct sockaddr_in to;
    if (getaddrinfo(host, NULL, &hints, &found))
        return -1;
    memcpy(&to, found->ai_addr, sizeof to);
    freeaddrinfo(found);
    to.sin_port = htons(port);
    return dial(to);
}

/* *port 0: any, then told. */
static int listen_at(uint16_t *port)
{
    const int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
                    bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4) ||
                    getsockname(fd, (struct sockaddr *)&at, &len)))
        close_fd(&fd);
    *port = ntohs(at.sin_port);
    return fd;
}

/* The second device. */

static bool ping(const struct talk *talk, struct fluit_look_peer *out)
{
    char line[LINE_LEN];
    int64_t best_us = -1;
    for (int i = 0; i < PINGS; i++) {
        int64_t began_us = fluit_monotonic_us();
        if (!say(talk, "ping") || !hear(talk, line) || strcmp(line, "pong") != 0)
            return false;
        int64_t took_us = fluit_monotonic_us() - began_us;
        best_us = best_us < 0 || took_us < best_us ? took_us : best_us;
    }
    out->rtt_us = best_us;
    snprintf(line, sizeof line, "took %lld", (long long)best_us);
    return say(talk, line);
}

static bool ask(struct talk *talk, uint16_t back_port, struct fluit_look_peer *out)
{
    char line[LINE_LEN], call[LINE_LEN], back[8];
    snprintf(line, sizeof line, "fluit-check 1 %u %s", (unsigned)back_port, talk->own);
    if (!say(talk, line) || !hear(talk, line) ||
        sscanf(line, "fluit-check 1 %95s %7s", call, back) != 2 || !take_call(call, talk))
        return false;
    out->back = strcmp(back, "back") == 0;
    return ping(talk, out) && compare_ears(talk, out);
}

void fluit_look_ask(const char *host, uint16_t port, struct fluit_look_peer *out)
{
    struct talk talk = {.fd = -1};
    uint16_t back_port = 0;
    int back_fd = listen_at(&back_port);
    *out = (struct fluit_look_peer){.rtt_us = -1};
    snprintf(out->name, sizeof out->name, "%s", host);
    begin(&talk);
    talk.fd = dial_host(host, port);
    out->answered = talk.fd >= 0 && ask(&talk, back_port, out);
    close_fd(&talk.fd);
    close_fd(&back_fd);
}

/* The first device. */

static bool answer_pings(const struct talk *talk, struct fluit_look_peer *out)
{
    char line[LINE_LEN];
    for (int i = 0; i <= PINGS; i++) {
        if (!hear(talk, line))
            return false;
        if (strncmp(line, "took ", 5) == 0) {
            long long us = strtoll(line + 5, NULL, 10);
            out->rtt_us = us;
            return us >= 0 && us < SAY_WAIT_MS * 1000LL;
        }
        if (strcmp(line, "ping") != 0 || !say(talk, "pong"))
            return false;
    }
    return false;
}

/* "fluit-check 1 PORT CALL" */
static bool take_hello(const char *line, struct talk *talk, uint16_t *port)
{
    static const char before[] = "fluit-check 1 ";
    char *end;
    if (strncmp(line, before, sizeof before - 1) != 0)
        return false;
    unsigned long number = strtoul(line + sizeof before - 1, &end, 10);
    *port = (uint16_t)number;
    return number > 0 && number <= UINT16_MAX && *end == ' ' && take_call(end + 1, talk);
}

static bool answer(struct talk *talk, struct sockaddr_in from, struct fluit_look_peer *out)
{
    char line[LINE_LEN];
    uint16_t port;
    if (!hear(talk, line) || !take_hello(line, talk, &port))
        return false;
    from.sin_port = htons(port);
    int fd = dial(from);
    out->back = fd >= 0;
    close_fd(&fd);
    snprintf(line, sizeof line, "fluit-check 1 %s %s", talk->own, out->back ? "back" : "shut");
    return say(talk, line) && answer_pings(talk, out) && compare_ears(talk, out);
}

static bool answer_one(int listener, struct fluit_look_peer *out)
{
    struct sockaddr_in from = {0};
    socklen_t len = sizeof from;
    struct talk talk = {.fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC)};
    if (talk.fd < 0)
        return false;
    *out = (struct fluit_look_peer){.rtt_us = -1};
    inet_ntop(AF_INET, &from.sin_addr, out->name, sizeof out->name);
    be_quick(talk.fd);
    begin(&talk);
    out->answered = answer(&talk, from, out);
    close_fd(&talk.fd);
    return out->answered;
}

bool fluit_look_answer(uint16_t port, int timeout_ms, struct fluit_look_peer *out)
{
    int64_t now_us = fluit_monotonic_us(), until_us = now_us + timeout_ms * INT64_C(1000);
    int fd = listen_at(&port);
    bool done = false;
    *out = (struct fluit_look_peer){.rtt_us = -1};
    if (fd < 0)
        return false;
    while (!done && now_us < until_us) {
        struct pollfd item = {.fd = fd, .events = POLLIN};
        if (poll(&item, 1, (int)((until_us - now_us) / 1000 + 1)) > 0)
            done = answer_one(fd, out);
        now_us = fluit_monotonic_us();
    }
    close_fd(&fd);
    return true;
}

void fluit_judge_peer(struct fluit_findings *findings, const struct fluit_look_peer *peer,
                      bool asked)
{
    enum fluit_finding_kind kind = !peer->answered
                                       ? asked ? FLUIT_FINDING_PEER_NONE : FLUIT_FINDING_PEER_NOBODY
                                   : !peer->back  ? FLUIT_FINDING_PEER_ONE_WAY
                                   : !peer->heard ? FLUIT_FINDING_PEER_DEAF
                                                  : FLUIT_FINDING_PEER;
    fluit_findings_add(findings, kind, peer->name);
}
