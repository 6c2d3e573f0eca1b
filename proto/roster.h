/* roster.h: who is in the workshop, signed by its root key. PROTOCOL.md "Roster".
 *
 * A node's index is its rank and never changes: nodes are added at the end and, when they are
 * replaced or revoked, change their state. Everything peers believe about each other (table
 * number, class, keys) comes from here and from nowhere else. */
#ifndef FLUIT_ROSTER_H
#define FLUIT_ROSTER_H

#include "proto/entry.h"

enum fluit_node_state {
    FLUIT_STATE_ACTIVE = 1,
    FLUIT_STATE_ASIDE = 2,    /* takes part, but nobody waits for it */
    FLUIT_STATE_REPLACED = 3, /* another device took its table over; its feeds still count */
    FLUIT_STATE_REVOKED = 4,  /* not let in any more; its feeds still count */
    FLUIT_STATE_PAPER = 5,    /* the recovery key: exists on paper until it is needed */
};

struct fluit_member {
    struct fluit_sign_pk sign;
    struct fluit_box_pk read; /* content keys are sealed to it */
    struct fluit_box_pk link; /* CURVE key */
    enum fluit_node_class node_class;
    uint8_t table; /* 1..; 0 for hubs and standbys */
    enum fluit_node_state state;
};

struct fluit_roster {
    uint32_t revision; /* the highest counts */
    uint32_t count;
    struct fluit_member *members; /* owned */
};

void fluit_roster_deinit(struct fluit_roster *roster);
/* Adds a copy at the end. LIMIT, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_roster_add(struct fluit_roster *roster,
                                                 const struct fluit_member *member);
/* Index, or -1. */
int fluit_roster_by_sign(const struct fluit_roster *roster, const struct fluit_sign_pk *sign);
int fluit_roster_by_link(const struct fluit_roster *roster, const struct fluit_box_pk *link);
/* May this member connect and be listened to? The recovery key may: it is as good as the hub. */
bool fluit_member_admitted(const struct fluit_member *member);
/* Is it a hub or standby: trusted with everything, and, under a term, to lead? */
bool fluit_member_may_lead(const struct fluit_member *member);
/* How many members that may lead stand before this one. PROTOCOL.md "Plan". */
uint32_t fluit_roster_place(const struct fluit_roster *roster, uint32_t index);
/* Does the roster say less of this member than is said here: nothing, or that it is still let in
 * when it is REPLACED or REVOKED, which is for good? */
bool fluit_roster_lacks(const struct fluit_roster *roster, const struct fluit_member *member);
/* Makes it say so: adds the member at the end, or sets its state. LIMIT, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_roster_bring(struct fluit_roster *roster,
                                                   const struct fluit_member *member);
/* Is everyone to hold every feed? Up to FLUIT_HOLD_ALL_MAX admitted members. */
bool fluit_roster_holds_all(const struct fluit_roster *roster);
/* Is member `holder` to hold the feeds of member `author`? Hubs and standbys hold all, and theirs
 * are held by all; a table's are held by all its nodes and by the next FLUIT_HOLDERS_MAX others.
 * PROTOCOL.md "Holders". */
bool fluit_roster_holds(const struct fluit_roster *roster, uint32_t holder, uint32_t author);
/* May this member read what the author writes in a round? Hub, standbys and recovery read all;
 * nodes of one table read each other. */
bool fluit_member_reads(const struct fluit_member *reader, const struct fluit_member *author);

/* The bytes that root signs. */
void fluit_roster_put(const struct fluit_roster *roster, const struct fluit_workshop_id *workshop,
                      struct fluit_buf *out);
struct fluit_sig fluit_roster_sign(const struct fluit_sign_sk *root, struct fluit_slice bytes);
/* Checks the root's signature and reads. AUTH, WORKSHOP, FORMAT, LIMIT, NOMEM. *roster must be
 * empty or a valid roster, and is replaced on success only. */
FLUIT_MUST_CHECK enum fluit_err fluit_roster_get(struct fluit_roster *roster,
                                                 const struct fluit_sign_pk *root,
                                                 const struct fluit_workshop_id *workshop,
                                                 struct fluit_slice bytes,
                                                 const struct fluit_sig *sig);

/* The body of a ROSTER entry: [3, bytes, sig]. */
void fluit_roster_body_put(struct fluit_buf *out, struct fluit_slice bytes,
                           const struct fluit_sig *sig);
FLUIT_MUST_CHECK enum fluit_err
fluit_roster_body_get(struct fluit_slice body, struct fluit_slice *bytes, struct fluit_sig *sig);

#endif
