/* room.h: one laptop for all: hub and every table's node, each a process of its own, kept running.
 *
 * What tables keep lies in DIR/tables/NAME. They join by themselves, with the codes in the hub's
 * store; one that a person adds at the hub, or whose code is renewed there, starts by itself. What
 * is typed goes to the hub, whose words are shown; "page NAME" and "quit" are for the room. */
#ifndef FLUIT_ROOM_H
#define FLUIT_ROOM_H

#include <stdbool.h>

#define FLUIT_ROOM_PASSED_MAX 8

struct fluit_room_options {
    const char *dir;
    const char *listen;                            /* "*": all addresses */
    const char *port;                              /* as for fluit hub */
    const char *speed;                             /* hidden: of the agenda; NULL: 1 */
    bool rapporteurs;                              /* a node for each table's rapporteur, too */
    bool open;                                     /* the hub's page, in this machine's browser */
    const char *passed[FLUIT_ROOM_PASSED_MAX + 1]; /* to every node; ends with NULL */
};

/* Runs until "quit", the hub's end, SIGINT, SIGTERM or SIGHUP. Returns the exit status. */
int fluit_room_run(const struct fluit_room_options *options);

#endif
