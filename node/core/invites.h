/* invites.h: codes, and whom they let in. PROTOCOL.md "Invites".
 *
 * Who leads keeps them as named values "invite/NAME", and in its feed, sealed to hubs and standbys,
 * so that a code on paper is good whoever leads when it is typed. */
#ifndef FLUIT_INVITES_H
#define FLUIT_INVITES_H

#include "common/act.h"
#include "proto/invite.h"
#include "proto/store.h"

#define FLUIT_SEAT_NAME_LEN 24

struct fluit_invite {
    char name[FLUIT_SEAT_NAME_LEN]; /* "table-01", "rapporteur-01", "standby-01" */
    struct fluit_invite_code code;
    enum fluit_node_class node_class;
    uint8_t table;     /* of a standby: its number among standbys */
    uint32_t revision; /* 0: not in a feed yet */
    int64_t expires_s; /* wall clock, since 1970 */
    bool used;
    struct fluit_sign_pk by; /* who used it */
};

struct fluit_invites {
    struct fluit_invite *items; /* owned; wiped */
    uint32_t count, cap;
};

void fluit_invites_deinit(struct fluit_invites *invites);
FLUIT_MUST_CHECK enum fluit_err fluit_invites_load(struct fluit_invites *invites,
                                                   struct fluit_store store);
struct fluit_invite *fluit_invites_find(struct fluit_invites *invites, const char *name);
/* The one that such an id at the door names, or NULL. */
struct fluit_invite *fluit_invites_by_id(struct fluit_invites *invites,
                                         const struct fluit_invite_id *id);
/* Makes a code, or a new one under a name that has one, and keeps it in the store. */
FLUIT_MUST_CHECK enum fluit_err fluit_invites_issue(struct fluit_invites *invites,
                                                    struct fluit_store store, struct fluit_rng *rng,
                                                    enum fluit_node_class node_class, uint8_t table,
                                                    int64_t expires_s);
FLUIT_MUST_CHECK enum fluit_err fluit_invite_save(struct fluit_store store,
                                                  const struct fluit_invite *invite);

/* As an act, which holds the code: wipe it; and from one. */
void fluit_invite_act(const struct fluit_invite *invite, struct fluit_act *act);
/* Takes in what a hub's or standby's feed says, if it is newer; keeps it in the store. */
FLUIT_MUST_CHECK enum fluit_err fluit_invites_take(struct fluit_invites *invites,
                                                   struct fluit_store store,
                                                   const struct fluit_act *act);

#endif
