/* look.h: looks at this machine and its network, and at another device if one takes part.
 *
 * Blocks, for a few seconds at most unless told otherwise. What others send is hostile until it is
 * what the exchange expects; all of it is bounded. */
#ifndef FLUIT_LOOK_H
#define FLUIT_LOOK_H

#include "node/home/finding.h"

#define FLUIT_LOOK_LIST_LEN 160

/* Addresses, beacon, ports, firewall, VPN. kept: a file with the addresses of last time, which is
 * then written anew; NULL: none. */
void fluit_look_here(struct fluit_findings *findings, const char *kept);
/* How late this machine wakes up, at most, in a fraction of a second. */
int64_t fluit_look_late_us(void);
/* This machine's addresses, ", " between; "" if there are none. */
void fluit_look_addresses(char out[static FLUIT_LOOK_LIST_LEN]);

/* What two devices find out about each other. */
struct fluit_look_peer {
    bool answered;  /* the other took part to the end */
    bool back;      /* it reaches this machine, too */
    bool heard;     /* both heard the other's broadcast */
    char name[64];  /* the other's address */
    int64_t rtt_us; /* the best round trip; -1: none */
};
/* The second device: to the first one's address. */
void fluit_look_ask(const char *host, uint16_t port, struct fluit_look_peer *out);
/* The first device: waits that long for the second. False: the port can't be had. */
bool fluit_look_answer(uint16_t port, int timeout_ms, struct fluit_look_peer *out);
/* Adds findings on the other device. */
void fluit_judge_peer(struct fluit_findings *findings, const struct fluit_look_peer *peer,
                      bool asked);

#endif
