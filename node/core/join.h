/* join.h: a new node before it is a member: it knocks at hubs' doors with its code until one lets
 * it in or refuses. PROTOCOL.md "Door".
 *
 *   begin --(no workshop in the store)--> knocking --(WELCOME)--> enter
 *     \----(resumed)---------------------------------------------> enter
 *
 * Used by guests and standbys. The door is where the person said it is, or where beacons say. */
#ifndef FLUIT_JOIN_H
#define FLUIT_JOIN_H

#include "node/core/links.h"
#include "proto/door.h"

struct fluit_joining {
    struct fluit_invite_code code;     /* s[0] == 0: none given, resume */
    char host[FLUIT_HOST_LEN_MAX + 1]; /* the hub's, as typed; "": not */
    uint16_t door_port;                /* with host */

    struct fluit_noise noise;
    bool knocking;
    uint32_t tries;
    int64_t next_us; /* when to knock again */
    struct {
        char host[FLUIT_HOST_LEN_MAX + 1];
        uint16_t port;
        int64_t quiet_until_us; /* it does not know the code: not to be bothered before */
    } doors[FLUIT_DOORS_MAX];   /* the typed one first, then what beacons told */
    uint32_t door_count;
    uint32_t door; /* the one knocked at last */
};

/* True: the store holds a workshop already, enter it. Else it knocks; or asks the loop to quit,
 * with a line that says what to do. */
bool fluit_joining_begin(struct fluit_joining *joining, struct fluit_node *node,
                         struct fluit_effects *fx);
/* Knocks again when that is due: adds OPEN_DOOR and DOOR effects. */
void fluit_joining_tick(struct fluit_joining *joining, struct fluit_node *node,
                        struct fluit_effects *fx);
int64_t fluit_joining_deadline(const struct fluit_joining *joining, const struct fluit_node *node);
/* A beacon told of a door. Anyone can send one: a few are tried. */
void fluit_joining_found(struct fluit_joining *joining, const char *host, uint16_t port);
/* An answer came. True: let in, and the store holds workshop, root, roster, room key and hub:
 * enter. A refusal asks the loop to quit, with a line that says what to do. */
bool fluit_joining_answer(struct fluit_joining *joining, struct fluit_node *node,
                          struct fluit_slice answer, struct fluit_effects *fx);
/* Joins the workshop in the store and learns where its hub is. False: the node has failed, or the
 * directory belongs to a node of another class, and the loop was asked to quit. */
bool fluit_joining_enter(struct fluit_joining *joining, struct fluit_node *node,
                         struct fluit_links *links, enum fluit_node_class node_class,
                         struct fluit_effects *fx);
void fluit_joining_deinit(struct fluit_joining *joining);

#endif
