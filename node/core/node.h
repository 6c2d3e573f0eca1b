/* node.h: what every node is, whatever its part: an identity, feeds kept in step with others, a
 * clock, a plan and its whistle, and the fold of what it can read.
 *
 * hub.c and member.c embed a fluit_node and give it hooks. One thread. All I/O is in the events and
 * effects of event.h; the store is called inside a step and committed by the loop.
 *
 *   event --> node --> replica (checks, stores) --> intake (opens, folds) --> hooks
 *                 \--> own feed (seals, signs, publishes)
 *                 \--> sync, clock, alarm
 */
#ifndef FLUIT_NODE_H
#define FLUIT_NODE_H

#include "common/alarm.h"
#include "common/fold.h"
#include "common/plan.h"
#include "common/script.h"
#include "node/core/answered.h"
#include "node/core/event.h"
#include "node/core/terms.h"
#include "proto/clock.h"
#include "proto/identity.h"
#include "proto/keys.h"
#include "proto/roster.h"
#include "proto/sync.h"

#define FLUIT_SOFTWARE "fluit 0.1.0"

/* The named value that says: a person has ordered this node to lead. One byte, 1. */
#define FLUIT_NAMED_LEAD "lead"

struct fluit_node;

/* What a part adds. Each may be NULL. Called inside a step; may append and add effects. */
struct fluit_node_hooks {
    /* Our own feed is ours to write now: once per process. */
    void (*ready)(struct fluit_node *node, struct fluit_effects *fx);
    /* An act became known (also our own, also while replaying at start; maybe twice). */
    void (*act)(struct fluit_node *node, const struct fluit_origin *origin,
                const struct fluit_act *act, struct fluit_effects *fx);
    /* Our own entries up to seq are safe at the hub now followed: more than before, or, when
     * another hub took over, fewer. */
    void (*safe)(struct fluit_node *node, uint64_t seq, struct fluit_effects *fx);
    /* The roster changed; reindexed: members have other ranks than before, and all acts will be
     * told again. */
    void (*roster)(struct fluit_node *node, bool reindexed, struct fluit_effects *fx);
};

/* Entries sealed with a key that is not held: where to look again when it comes. */
struct fluit_unread {
    struct fluit_key_id key;
    uint32_t feed;
    uint64_t first_seq;
};

/* Time questions under way at once; an answer to none of them is nobody's. */
#define FLUIT_ASKED_MAX 16

/* Our own feed: only we append to it. */
struct fluit_own_feed {
    bool ready;              /* its longest copy is known: we may append */
    uint32_t index;          /* in the replica */
    int64_t wait_until_us;   /* until then others are asked for a longer copy */
    int64_t answered_us;     /* when the first of them had told all; 0: nobody has */
    uint64_t published_seq;  /* up to here it was sent as live frames */
    uint32_t unsigned_count; /* entries after the signed head, this turn */
    size_t unsigned_len;
    uint64_t safe_seq;           /* acknowledged by the hub */
    struct fluit_box_pk safe_at; /* that hub's CURVE key */
    int64_t remind_us; /* when to tell the hub again what it has not acknowledged; 0: all is */
};

/* A stanza that a key entry holds: ours, or, at who may lead, anyone's. */
struct fluit_grant {
    struct fluit_key_id key;
    uint8_t tag[FLUIT_READER_TAG_LEN];
};

/* A mark that this node has whistled. */
struct fluit_whistled {
    struct fluit_mark_id mark;
    int64_t at_us;    /* mesh time */
    uint32_t outputs; /* FLUIT_OUTPUT_* */
};

struct fluit_node {
    const struct fluit_node_hooks *hooks;
    struct fluit_identity self;
    enum fluit_node_class node_class;
    uint8_t table;
    struct fluit_workshop_id workshop;
    struct fluit_sign_pk root;
    char endpoint[FLUIT_ENDPOINT_LEN_MAX + 1]; /* where peers reach us; "": nowhere */
    struct fluit_box_pk welcomed_by; /* CURVE key of the hub to follow while no term is known */

    struct fluit_store store;
    struct fluit_answered answered;
    struct fluit_rng rng;
    struct fluit_roster roster;
    struct fluit_roster lost; /* members (as they were) that a newer roster of a hub that did not
                                 know of them has not: who leads brings them back */
    struct fluit_keyring keyring;
    uint32_t keys_saved; /* the next key is kept in the store under this number */
    struct fluit_replica replica;
    struct fluit_sync sync;
    struct fluit_own_feed own;
    struct fluit_grant *grants; /* owned */
    uint32_t grant_count, grant_cap;
    struct fluit_unread *unread; /* owned */
    uint32_t unread_count, unread_cap;
    bool *advanced; /* by feed index: entries came this turn; owned */
    uint32_t advanced_cap;

    struct fluit_clock clock;
    struct {
        uint32_t link;
        int64_t t1_us;
        bool open;
    } asked[FLUIT_ASKED_MAX]; /* the time, and not yet answered; oldest overwritten */
    uint32_t asked_next;
    int64_t clock_saved_us;
    int64_t told_us; /* mesh time of the latest entry of a hub: it was at least that late */
    struct fluit_box_pk clock_by; /* CURVE key of the hub whose time this is; zeros: not known */
    int64_t clock_since_us;       /* local: its time was followed from then on */
    int64_t clock_heard_us;       /* local: the last answer of anyone, or what it was told before */
    int64_t clock_led_us;         /* local: the last answer of the hub itself */
    uint8_t boot_id[16];
    struct fluit_alarm alarm;
    struct fluit_whistled whistled[FLUIT_WHISTLED_KEPT]; /* by this node; newest last */
    uint32_t whistled_count;
    struct fluit_plan plan;         /* newest known; term 0: none */
    struct fluit_terms terms;       /* root's word on who is hub when */
    struct fluit_feed_id term_feed; /* where the newest of them stands */
    uint64_t term_seq;              /* 0: none is known */
    int64_t term_mesh_us;           /* when it was written; 0: not known */
    bool term_awaited;              /* a plan or cut was passed over whose term is not known */
    struct fluit_script *script;    /* owned; NULL until known */
    struct fluit_fold *fold;        /* owned; NULL until the script is known */

    bool reading;   /* the store is only read: nothing is appended or kept; set before join */
    bool joined;    /* workshop, roster and keys are known */
    bool replaying; /* the store's entries are being folded again */
    int64_t now_us; /* of the event in hand */
    int64_t wall_us;
    uint64_t refused; /* things peers sent that were not taken */
    int64_t complained_us;
    enum fluit_err failed; /* the store failed: the node must end */
};

/* Zero-initialises, takes the identity from the store's "seed" (made if there is none). */
FLUIT_MUST_CHECK enum fluit_err fluit_node_init(struct fluit_node *node, struct fluit_store store,
                                                const struct fluit_node_hooks *hooks,
                                                const uint8_t entropy[static 32]);
void fluit_node_deinit(struct fluit_node *node);

/* Notes the event's time and randomness. First in every step. */
void fluit_node_begin(struct fluit_node *node, const struct fluit_event *event);
/* The workshop is known (from the store at start, or from the door): loads feeds, keys and roster,
 * folds what is held, and begins to look for the longest copy of our own feed. */
FLUIT_MUST_CHECK enum fluit_err fluit_node_join(struct fluit_node *node, struct fluit_effects *fx);
/* LINK_*, MESSAGE, FRAME, FIRED, TICK, TURN_END. */
void fluit_node_event(struct fluit_node *node, const struct fluit_event *event,
                      struct fluit_effects *fx);
/* When TICK is wanted next. */
int64_t fluit_node_deadline(const struct fluit_node *node);
/* The next whistle, when on our own clock. */
bool fluit_node_alarm(const struct fluit_node *node, struct fluit_mark *mark, int64_t *local_us);
/* ZAP: may the owner of this CURVE key connect? */
bool fluit_node_admits(const struct fluit_node *node, const struct fluit_box_pk *link);

/* Will this node lead once its own feed is ready? It has the newest term, or there is none and it
 * is the hub that begins the workshop. */
bool fluit_node_is_first(const struct fluit_node *node);
/* Does this node lead now? */
bool fluit_node_leads(const struct fluit_node *node);
/* The CURVE key of the hub to follow. False: none is known, or it is this node. */
bool fluit_node_hub_key(const struct fluit_node *node, struct fluit_box_pk *key);
/* The link on which that hub was heard last; NULL: there is none. */
struct fluit_sync_link *fluit_node_hub_link(struct fluit_node *node);

/* How safe an entry of our own feed is. PROTOCOL.md "Sync". */
struct fluit_safety {
    bool saved;      /* on this node's disk, once this turn is committed */
    bool safe;       /* on the disk of the hub now in charge */
    uint32_t others; /* how many nodes beside these showed that they hold it */
};
struct fluit_safety fluit_node_safety(struct fluit_node *node, uint64_t seq);
/* The newest entry of our own feed that each other node, beside the hub, showed that it holds, the
 * highest first; those that hold none are left out. Returns how many, at most max. */
uint32_t fluit_node_holders(struct fluit_node *node, uint64_t *seqs, uint32_t max);

/* Our index in the roster, or -1. */
int fluit_node_member(const struct fluit_node *node);
/* Where an entry of this feed stands, from the roster. False if its author is not in it. */
bool fluit_node_origin(const struct fluit_node *node, uint32_t feed,
                       const struct fluit_header *header, struct fluit_origin *origin);
/* One line for the person about something a peer did that was not taken; at most one a second. */
void fluit_node_complain(struct fluit_node *node, struct fluit_effects *fx, const char *who,
                         const char *what);
/* Adds a SEND effect. */
struct fluit_wire fluit_node_wire(struct fluit_effects *fx);
/* Notes that a feed grew in this turn: those who wait for it are told at its end. */
void fluit_node_advanced(struct fluit_node *node, uint32_t feed);
/* Notes a failure of the store: the loop ends the node at the end of the turn. */
void fluit_node_fail(struct fluit_node *node, enum fluit_err err);

/* A failure of the store, after which the node must end. */
bool fluit_is_store_error(enum fluit_err err);

/* messages.c: what other nodes send. */

/* MESSAGE, FRAME. */
void fluit_node_on_message(struct fluit_node *node, const struct fluit_event *event,
                           struct fluit_effects *fx);
/* "Who is there?" at our door, whose sync port is that: answers. False: it was another message. */
bool fluit_node_on_who(const struct fluit_node *node, const struct fluit_event *event,
                       uint16_t sync_port, struct fluit_effects *fx);
/* Turn's end: who leads tells authors what it now holds of theirs; without a hub each node tells
 * its peers what it holds more than they. */
void fluit_node_tell_advances(struct fluit_node *node, struct fluit_effects *fx);

/* timekeeping.c: mesh time, and the whistle that goes by it. */

/* Mesh time now; 0 while it is not known. */
int64_t fluit_node_mesh_us(const struct fluit_node *node);
/* Keeps the clock in the store: a process that starts again in this boot goes on with it. */
void fluit_node_save_clock(struct fluit_node *node);
void fluit_node_load_clock(struct fluit_node *node);
/* The hub may have begun to lead mesh time on at another rate at any time since since_us (local).
 */
void fluit_node_doubt_rate(struct fluit_node *node, int64_t since_us);
void fluit_node_on_ask(struct fluit_node *node, uint32_t link, int64_t t1,
                       struct fluit_effects *fx);
void fluit_node_on_time(struct fluit_node *node, uint32_t link, const struct fluit_message *m);
void fluit_node_on_fired(struct fluit_node *node, const struct fluit_event *event,
                         struct fluit_effects *fx);
/* A fired act of ours, new or read again. */
void fluit_node_note_whistled(struct fluit_node *node, const struct fluit_act *act);
/* Turn's end: arms the newest plan's marks; asks the hub for the time when that is due. */
void fluit_node_arm(struct fluit_node *node, struct fluit_effects *fx);
void fluit_node_ask_time(struct fluit_node *node, struct fluit_effects *fx);

/* own.c: writing our own feed. */

/* Appends an act of ours, in round. *seq (may be NULL) is its number. Errors: BUSY while our feed
 * is not ready, NOKEY without the key it needs, LIMIT, or the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_node_append(struct fluit_node *node,
                                                  const struct fluit_act *act, uint8_t round,
                                                  uint64_t *seq, struct fluit_effects *fx);
/* The same for a body that is no act: key entries, rosters, terms. */
FLUIT_MUST_CHECK enum fluit_err fluit_node_append_body(struct fluit_node *node,
                                                       enum fluit_class entry_class, uint8_t round,
                                                       struct fluit_slice body, uint64_t *seq,
                                                       struct fluit_effects *fx);
/* Keeps a key, in memory and in the store, and reads what waited for it. */
FLUIT_MUST_CHECK enum fluit_err fluit_node_keep_key(struct fluit_node *node,
                                                    const struct fluit_held_key *key,
                                                    struct fluit_effects *fx);
/* Our key of the round for the feed now written: made, kept and handed to its readers before its
 * first use. */
FLUIT_MUST_CHECK enum fluit_err fluit_own_story_key(struct fluit_node *node, uint8_t round,
                                                    struct fluit_effects *fx,
                                                    struct fluit_secret *out);
/* Writes key entries for readers in the roster that keys which are ours to hand out have not been
 * sealed to. for_others: who leads hands out all it has, also for authors who could, but did not.
 */
void fluit_own_grant(struct fluit_node *node, bool for_others, struct fluit_effects *fx);
/* Tells all, once our feed is ready, where we are reached: node->endpoint. */
FLUIT_MUST_CHECK enum fluit_err fluit_own_hello(struct fluit_node *node, struct fluit_effects *fx);
/* Remembers the readers that a key entry names. */
void fluit_own_note_grants(struct fluit_node *node, const struct fluit_key_entry *entry);
/* Looks for our own feed among those held; *index. False if there is none yet. */
bool fluit_own_find(const struct fluit_node *node, uint32_t *index);
/* Are there others who might hold a longer copy of it? */
bool fluit_own_asks_others(const struct fluit_node *node);
/* Is our feed ours to write? Goes on with the longest copy, or starts a new incarnation. */
void fluit_own_settle(struct fluit_node *node, struct fluit_effects *fx);
/* Turn's end: signs the head and publishes what is new. */
void fluit_own_publish(struct fluit_node *node, struct fluit_effects *fx);
/* The hub's acknowledgements, and reminders where they are due. */
void fluit_own_follow_up(struct fluit_node *node, struct fluit_effects *fx);

/* intake.c: what entries say. */

/* Reads entries from..to of a feed: keys are kept, acts folded and given to the hooks. */
void fluit_intake(struct fluit_node *node, uint32_t feed, uint64_t from, uint64_t to,
                  struct fluit_effects *fx);
/* photo_bytes.c: appends the bytes of that part of a photo, read from its entry. MISSING if they
 * can't be had (it is damaged here, or its key is gone), NOMEM, or the store's. */
FLUIT_MUST_CHECK enum fluit_err fluit_node_photo_part(struct fluit_node *node,
                                                      const struct fluit_photo_part *part,
                                                      struct fluit_buf *out);
/* Appends a whole photo. MISSING as well if parts are to come; FORMAT if it is no plain JPEG. */
FLUIT_MUST_CHECK enum fluit_err
fluit_node_photo(struct fluit_node *node, const struct fluit_photo *photo, struct fluit_buf *out);
/* Reads all feeds anew, the hub's first. */
void fluit_intake_all(struct fluit_node *node, struct fluit_effects *fx);
/* The workshop as it is told by all feeds, folded from nothing. */
void fluit_intake_anew(struct fluit_node *node, struct fluit_effects *fx);

/* members.c: who is in the workshop, and who holds what. */

/* Beyond FLUIT_HOLD_ALL_MAX members: from the roster now in force. */
void fluit_node_share_holding(struct fluit_node *node);
/* Is this node to hold that member's feeds? */
bool fluit_node_holds(const struct fluit_node *node, int author);

/* Adopts a roster signed by root, if it is newer, and keeps it. Members that the losing one has and
 * the other has not are noted in node->lost. */
FLUIT_MUST_CHECK enum fluit_err fluit_node_adopt_roster(struct fluit_node *node,
                                                        struct fluit_slice bytes,
                                                        const struct fluit_sig *sig,
                                                        struct fluit_effects *fx);

#endif
