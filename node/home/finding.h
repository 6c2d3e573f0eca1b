/* finding.h: what a look at this machine and its network comes to, in plain words.
 *
 * Each check gives one finding: how bad, what was found and what to do. Facts come from facts.h;
 * judging them is pure. */
#ifndef FLUIT_FINDING_H
#define FLUIT_FINDING_H

#include "common/bytes.h"

enum fluit_level {
    FLUIT_LEVEL_OK = 0,
    FLUIT_LEVEL_LOOK,
    FLUIT_LEVEL_PROBLEM,
};

/* NAME, check, level, what was found (%s: what), what to do or "". */
#define FLUIT_FINDINGS(X)                                                                          \
    X(ADDRESS, "address", OK, "this machine is reached at %s", "")                                 \
    X(ADDRESS_NONE, "address", PROBLEM, "this machine is on no network",                           \
      "Connect it to the router, by cable or Wi-Fi, and check again. With 'fluit room' tables on " \
      "this machine itself need no network.")                                                      \
    X(ADDRESS_SELF_MADE, "address", PROBLEM, "the network gave this machine no address (%s)",      \
      "The router gives out no addresses: start it again, or use another.")                        \
    X(ADDRESS_CHANGED, "address", LOOK, "the address changed since last time: %s",                 \
      "Tables find the hub again by themselves. Addresses that somebody wrote down, and QR codes " \
      "for phones made before, are no longer good.")                                               \
    X(BEACON, "beacon", OK, "tables can find the hub by themselves (UDP 7449)", "")                \
    X(BEACON_BUSY, "beacon", PROBLEM, "another program holds UDP port 7449",                       \
      "Close it, or start tables with --hub and this machine's address.")                          \
    X(BEACON_LOST, "beacon", LOOK, "what this machine calls out on UDP 7449 does not come back",   \
      "A firewall holds it: let UDP port 7449 in. Else start tables with --hub and this "          \
      "machine's "                                                                                 \
      "address.")                                                                                  \
    X(BEACON_ALONE, "beacon", OK,                                                                  \
      "nodes on this machine find each other; there is no network to "                             \
      "call out on",                                                                               \
      "")                                                                                          \
    X(PORTS, "ports", OK, "the hub's ports are free (TCP 7450 to 7453)", "")                       \
    X(PORTS_BUSY, "ports", LOOK, "TCP port %s is in use already",                                  \
      "If the hub runs here now that is as it should be. Else close the program that has it, or "  \
      "start the hub with --port 0.")                                                              \
    X(PORTS_SHUT, "ports", PROBLEM, "this machine does not reach itself at %s",                    \
      "A firewall holds it: let TCP ports 7450 to 7453 in.")                                       \
    X(FIREWALL_NONE, "firewall", OK, "no firewall was seen that keeps others out", "")             \
    X(FIREWALL_HIDDEN, "firewall", OK,                                                             \
      "no firewall was seen; all of its rules only root can read", "")                             \
    X(FIREWALL_ON, "firewall", LOOK, "a firewall is on (%s)",                                      \
      "Let in UDP 7449, TCP 7450 to 7453, and the ports of tables and pages; or switch it off "    \
      "for "                                                                                       \
      "the afternoon. Then check with a second device.")                                           \
    X(VPN_NONE, "vpn", OK, "no VPN is in the way", "")                                             \
    X(VPN_UP, "vpn", LOOK, "a VPN is on (%s)",                                                     \
      "Switch it off for the afternoon, or see that it leaves the local network alone.")           \
    X(VPN_ALL, "vpn", PROBLEM, "a VPN takes all that leaves this machine (%s)",                    \
      "Switch it off for the afternoon: tables may not be reached through it.")                    \
    X(PEER, "others", OK, "this machine and %s reach each other, both ways", "")                   \
    X(PEER_ALONE, "others", LOOK, "whether the network keeps its devices apart is not known yet",  \
      "It takes a second device. Type 'fluit check-room --with' here; it says what to start "      \
      "there.")                                                                                    \
    X(PEER_NONE, "others", PROBLEM, "nothing answers at %s",                                       \
      "Is 'fluit check-room --with' running there? Then the network keeps its devices apart, as "  \
      "guest Wi-Fi often does, or these are two networks. Use a router of your own.")              \
    X(PEER_NOBODY, "others", PROBLEM, "the other device was not heard",                            \
      "If it was started as told, the network keeps its devices apart, as guest Wi-Fi often "      \
      "does, "                                                                                     \
      "or these are two networks. Use a router of your own.")                                      \
    X(PEER_ONE_WAY, "others", PROBLEM, "only one of this machine and %s reaches the other",        \
      "A firewall on the one that is not reached holds it: let TCP in there.")                     \
    X(PEER_DEAF, "others", LOOK,                                                                   \
      "this machine and %s reach each other, but do not hear each "                                \
      "other call out",                                                                            \
      "The network holds broadcasts: start tables with --hub and the hub's address.")              \
    X(WHISTLE, "whistle", OK, "the whistle will be exact to ± %s ms", "")                          \
    X(WHISTLE_ROUGH, "whistle", LOOK, "the whistle will be exact to ± %s ms only",                 \
      "Nearer to the router, on 5 GHz, or by cable it gets better.")                               \
    X(WHISTLE_BAD, "whistle", PROBLEM, "the whistle will be ± %s ms off",                          \
      "The network is slow or very busy: use a router of your own, or cables.")                    \
    X(WHISTLE_ALONE, "whistle", OK, "this machine whistles within %s ms of when it should", "")    \
    X(WHISTLE_BUSY, "whistle", LOOK, "this machine is late by up to %s ms",                        \
      "It is busy: close other programs, and plug it in.")

enum fluit_finding_kind {
#define FLUIT_FINDING_ENUM(name, check, level, text, advice) FLUIT_FINDING_##name,
    FLUIT_FINDINGS(FLUIT_FINDING_ENUM)
#undef FLUIT_FINDING_ENUM
    FLUIT_FINDING_KINDS
};

#define FLUIT_FINDING_WHAT_LEN 160
#define FLUIT_FINDINGS_MAX     16

struct fluit_finding {
    enum fluit_finding_kind kind;
    char what[FLUIT_FINDING_WHAT_LEN]; /* addresses, names, numbers; no sentence */
};

struct fluit_findings {
    struct fluit_finding items[FLUIT_FINDINGS_MAX];
    int count;
};

void fluit_findings_add(struct fluit_findings *findings, enum fluit_finding_kind kind,
                        const char *what);
enum fluit_level fluit_finding_level(enum fluit_finding_kind kind);
enum fluit_level fluit_findings_worst(const struct fluit_findings *findings);

/* Judging; each adds one finding. Lists are words with ", " between. */

/* now and last: this machine's addresses; last NULL: not known. */
void fluit_judge_addresses(struct fluit_findings *findings, const char *now, const char *last);
/* The rules as `nft list ruleset` prints them: does a chain on input drop what no rule allows? */
bool fluit_nft_drops(const char *rules);
/* As `iptables -S INPUT` prints them. */
bool fluit_iptables_drops(const char *rules);
/* One line of /proc/net/route: does it send all, or half of all, through a device? Its name. */
bool fluit_route_takes_all(const char *line, char device[static 16]);
/* Of tun, tap, wg, ppp, ipsec. */
bool fluit_is_vpn_name(const char *device);
/* all: those that also take what leaves for everywhere. */
void fluit_judge_vpn(struct fluit_findings *findings, const char *up, const char *all);
/* The best round trip to another device, and this machine's own lateness; rtt_us < 0: alone. */
void fluit_judge_whistle(struct fluit_findings *findings, int64_t rtt_us, int64_t late_us);

/* For people: a line per check, then what to do. */
void fluit_findings_print(const struct fluit_findings *findings);
/* {"worst":"look","findings":[{"check","level","code","what","text","advice"}]} in one line. */
FLUIT_MUST_CHECK enum fluit_err fluit_findings_json(const struct fluit_findings *findings,
                                                    struct fluit_buf *out);

#endif
