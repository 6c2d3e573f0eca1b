/* hub.h: the facilitator's hub, and a standby, which is a hub that follows: lets nodes in, leads
 * the agenda, collects and closes rounds, when it leads; else holds all that the one who leads
 * holds, and waits for a person to let it take over.
 *
 *                                    higher term met
 *   joining --> FOLLOWS  <---------------------------------------  LEADS <-- resumed, or new
 *                  \-----------------------------------------------^
 *                     takeover: signs the next term
 *
 * Who leads follows from the terms alone (fluit_node_leads). hub.c is its life, hub_create.c makes
 * a workshop, hub_take.c takes over and steps down, hub_door.c lets in, hub_plan.c leads and cuts,
 * hub_lines.c is its console, hub_status.c what it shows. Pure, as all of node/core. */
#ifndef FLUIT_HUB_H
#define FLUIT_HUB_H

#include "node/core/control.h"
#include "node/core/discovery.h"
#include "node/core/invites.h"
#include "node/core/join.h"
#include "node/core/links.h"
#include "node/core/node.h"

struct fluit_hub_config {
    bool standby;                      /* may join by code; else the store holds a workshop */
    struct fluit_invite_code code;     /* s[0] == 0: none given, resume */
    char host[FLUIT_HOST_LEN_MAX + 1]; /* of the hub that lets a standby in; "": beacons tell */
    uint16_t door_port;
    double speed; /* divides the script's durations; 1 but in rehearsals */
};

/* What the hub remembers of a member, by roster index. */
struct fluit_hub_member {
    uint32_t armed_term, armed_revision; /* the plan it last confirmed */
    int64_t bound_us;                    /* its clock's error bound then */
    int64_t heard_us;                    /* local; 0: not in this process */
};

/* When a step really ran, mesh time; 0: not yet, or not known. */
struct fluit_took {
    int64_t start_us, end_us;
};

struct fluit_hub {
    struct fluit_node node; /* first: hooks get from it to us */
    struct fluit_joining joining;
    struct fluit_links links;
    struct fluit_discovery discovery;
    bool standby;         /* started as one */
    bool led;             /* at the end of the last turn */
    bool expects_to_lead; /* by what it held when it started, and nothing was told of it yet */
    bool told_ready;
    int64_t grant_us;  /* when to hand out keys that authors did not; 0: not */
    bool take_wanted;  /* a person has ordered it to take over, as soon as it can */
    double speed;      /* divides the script's durations; 1 but in rehearsals */
    uint16_t ports[3]; /* sync, control, collect: told in the welcome */
    uint16_t door_port;
    struct fluit_beacon_address addresses[FLUIT_BEACON_ADDRESSES_MAX]; /* this machine's, newest */
    size_t address_count;
    struct fluit_control control; /* which of its pages leads */
    struct fluit_invites invites;
    struct fluit_sounded sounded;
    struct fluit_hub_member members[FLUIT_NODES_MAX];
    /* Of each round; plans and cuts of several hubs may become known in any order. */
    struct {
        uint32_t term, revision; /* of the newest plan that was about it */
        int64_t due_us;          /* by that plan: mesh time of its cut; 0: not yet known */
        int64_t cut_us;          /* the latest that it was closed at by a cut; 0: never */
        uint64_t seq;            /* of our cut, until it is safe at others; 0 then */
    } rounds[FLUIT_ROUNDS_MAX + 1];
    struct fluit_took took[FLUIT_STEPS_MAX];
    struct fluit_plan took_plan; /* the newest of which that was noted */
    uint32_t door_tries;         /* wrong codes in this minute */
    int64_t door_minute_us;
    struct fluit_hash
        quotes;   /* over the list that 'quotes' last showed: its numbers hold for that */
    int language; /* of the console */
};

/* hub_create.c: what `fluit new` does. */
struct fluit_hub_plan {
    struct fluit_slice yaml; /* the script; parsed before by the caller */
    int tables;
    int64_t wall_us;
    int64_t invites_valid_s;
};
/* Fills an empty store: identity, root, recovery's public keys, script, room key, roster, invites.
 * recovery is the secret for paper: shown once, not kept. USED if the store holds a workshop. */
FLUIT_MUST_CHECK enum fluit_err fluit_hub_create(struct fluit_store store, struct fluit_rng *rng,
                                                 const struct fluit_hub_plan *plan,
                                                 struct fluit_secret *recovery);

/* Errors: MISSING (no workshop there, and not a standby that may join), FORMAT, or the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_hub_init(struct fluit_hub *hub, struct fluit_store store,
                                               const struct fluit_hub_config *config,
                                               const uint8_t entropy[static 32]);
void fluit_hub_deinit(struct fluit_hub *hub);
/* Has it joined, is its feed its own, does it know script and plan? */
bool fluit_hub_ready(const struct fluit_hub *hub);

/* The core's face to the loop (struct fluit_node_ops); self is a struct fluit_hub. */
void fluit_hub_step(void *self, const struct fluit_event *event, struct fluit_effects *fx);
int64_t fluit_hub_deadline(void *self);
bool fluit_hub_alarm(void *self, struct fluit_mark *mark, int64_t *local_us);
bool fluit_hub_admits(void *self, const struct fluit_box_pk *key);

/* hub.c: signs and publishes a changed roster; takes over *roster in any case. NOKEY, LIMIT, NOMEM,
 * or the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_hub_publish_roster(struct fluit_hub *hub,
                                                         struct fluit_roster *roster,
                                                         struct fluit_effects *fx);
/* A copy of the roster to change, one revision up. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_hub_copy_roster(const struct fluit_hub *hub,
                                                      struct fluit_roster *out);
/* Root's signing key, from the key ring; wipe it. NOKEY. */
FLUIT_MUST_CHECK enum fluit_err fluit_hub_root(const struct fluit_hub *hub,
                                               struct fluit_sign_sk *out);

/* hub_take.c */

/* The first words of a workshop: roster, script, term and plan. */
FLUIT_MUST_CHECK enum fluit_err fluit_hub_open_workshop(struct fluit_hub *hub,
                                                        struct fluit_effects *fx);
/* A person wants it to lead: it does so at the turn's end, under the next term, and goes on with
 * the plan as it is; or says why it can't. */
void fluit_hub_take_over(struct fluit_hub *hub, struct fluit_effects *fx);
/* Turn's end: takes over if that is wanted, begins to lead, or steps down, where the terms say so;
 * brings members together that two hubs let in without knowing of each other. */
void fluit_hub_follow_terms(struct fluit_hub *hub, struct fluit_effects *fx);
int64_t fluit_hub_terms_deadline(const struct fluit_hub *hub);

/* hub_door.c: a JOIN came at the door. */
void fluit_hub_on_door(struct fluit_hub *hub, const struct fluit_event *event,
                       struct fluit_effects *fx);
/* Keeps a changed invite, in the store and in our feed. */
FLUIT_MUST_CHECK enum fluit_err
fluit_hub_keep_invite(struct fluit_hub *hub, struct fluit_invite *invite, struct fluit_effects *fx);

/* hub_plan.c */
void fluit_hub_order(struct fluit_hub *hub, enum fluit_order order, int64_t arg_us,
                     struct fluit_effects *fx);
/* A plan or cut became known (also our own). */
void fluit_hub_on_lead(struct fluit_hub *hub, const struct fluit_origin *origin,
                       const struct fluit_act *act);
/* Time passes: ends the step, writes cuts that are due, says when a round is closed. */
void fluit_hub_pass_time(struct fluit_hub *hub, struct fluit_effects *fx);
int64_t fluit_hub_plan_deadline(const struct fluit_hub *hub); /* local time */
/* Has the round ended and was it cut, and would that survive this machine? */
bool fluit_hub_is_closed(const struct fluit_hub *hub, uint8_t round);

/* hub_tables.c. Each prints "no: ..." and is false if it could not be done. */

/* Sets the state of all nodes at a table that are in `from`. */
bool fluit_hub_set_table(struct fluit_hub *hub, uint8_t table, enum fluit_node_state from,
                         enum fluit_node_state to, struct fluit_effects *fx);
/* The people of table `from` go on at table `into`: `from` is set aside, and both are told. Boards
 * and notes stay whose they are. */
bool fluit_hub_merge(struct fluit_hub *hub, uint8_t from, uint8_t into, struct fluit_effects *fx);
/* table 0: to all. */
bool fluit_hub_message(struct fluit_hub *hub, uint8_t table, struct fluit_slice text,
                       struct fluit_effects *fx);

/* hub_lines.c, hub_status.c */
void fluit_hub_line(struct fluit_hub *hub, struct fluit_slice line, struct fluit_effects *fx);
void fluit_hub_status(struct fluit_hub *hub, struct fluit_effects *fx);
/* What the hub knows of a member, by roster index. */
struct fluit_hub_seen {
    bool here;
    bool ready; /* has confirmed the plan in force */
    bool safe;  /* nothing is known that is not here yet */
};
struct fluit_hub_seen fluit_hub_seen(struct fluit_hub *hub, uint32_t index);
/* A hub or standby other than this one, that could lead? */
bool fluit_hub_is_beside(const struct fluit_hub *hub, uint32_t index);
/* May it do what only one who leads may? Says so if not. */
bool fluit_hub_may_lead_now(const struct fluit_hub *hub, struct fluit_effects *fx);
/* These words (a revision of a note) may be shown to all, or no longer. Prints how it went; true if
 * it was saved. */
bool fluit_hub_release(struct fluit_hub *hub, const struct fluit_note_id *words, bool shown,
                       struct fluit_effects *fx);
/* These words lie in the heap of that name; empty: in none. As release. */
bool fluit_hub_heap(struct fluit_hub *hub, const struct fluit_note_id *words,
                    struct fluit_slice name, struct fluit_effects *fx);
/* "step 8 of 15, ronde 1: running, 12:31 left" */
void fluit_hub_say_step(struct fluit_hub *hub, struct fluit_effects *fx);
void fluit_hub_say_invites(struct fluit_hub *hub, bool open_only, struct fluit_effects *fx);

#endif
