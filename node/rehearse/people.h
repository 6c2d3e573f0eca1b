/* people.h: the people at one node's console in a rehearsal: a table, or its rapporteur.
 *
 * They know what their console shows and nothing else. They type one line, wait for its answer,
 * think, and type the next; what they were told goes into the ledger. people.c is how they listen
 * and type, people_acts.c what they choose to do, people_board.c what they make of a new device.
 * Pure: time comes in, lines go out. */
#ifndef FLUIT_PEOPLE_H
#define FLUIT_PEOPLE_H

#include "common/fold.h"
#include "node/rehearse/ledger.h"

#define FLUIT_SAY_LEN_MAX 160

/* A card copy as the people see it. */
struct fluit_slot {
    struct fluit_card_ref ref;
    int card; /* index in the script's cards; card_count for a blank card */
    struct fluit_place place;
    bool there; /* always, but for blank cards that nobody wrote on */
    bool hazy;  /* the node died over it: where it lies now, who knows */
    bool wants_why;
    bool has_why; /* `why` is what was said last; empty: none given */
    char why[FLUIT_SAY_LEN_MAX];
    uint64_t seq; /* of the last act on it that was saved */
};

/* Something to type: the act it should become, and in which round. */
struct fluit_saying {
    struct fluit_act act; /* kind 0: no act, only text */
    uint8_t round;
    char text[FLUIT_SAY_LEN_MAX]; /* the act's text, or the line itself */
};

struct fluit_people {
    const struct fluit_script *script;
    struct fluit_ledger *ledger;
    uint32_t node; /* in the ledger */
    enum fluit_node_class node_class;
    uint8_t table;
    int seats;
    double speed;
    struct fluit_rng rng;
    uint32_t serial;

    bool here;         /* the node has said "ready" and is alive */
    bool wants_status; /* ask for it next */
    bool gone_home;    /* type nothing more */
    bool fresh;        /* a new device that has not shown its status yet */
    bool looks;        /* what it shows of the board is looked at first: type nothing */
    bool begun, over;  /* the step's time */
    int step;          /* index; -1: not told yet */
    uint8_t state;     /* enum fluit_plan_state */
    uint8_t board_round;
    struct fluit_slot *slots; /* owned */
    int slot_count;

    int asked, asked_seat; /* next question and seat of this step */
    int role_at;           /* next role to give out */
    int acts;              /* done in this step */
    int acts_over;         /* done after its end */

    bool waiting; /* for the answer to `saying` */
    bool status_asked;
    struct fluit_saying saying;
    bool can_undo;
    struct fluit_saying undo; /* what "undo" would put back now */
    int64_t next_us;          /* when they will have thought enough */

    /* As the node's status last said. */
    uint64_t statuses, saved, safe;
    uint64_t told_safe; /* by a line of its own */
    bool hub_here, armed;
    char digest[17];
};

/* script and ledger must outlive it. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_people_init(struct fluit_people *people,
                                                  const struct fluit_script *script,
                                                  struct fluit_ledger *ledger, uint32_t node,
                                                  enum fluit_node_class node_class, uint8_t table);
void fluit_people_deinit(struct fluit_people *people);

/* Their console shows a line. */
void fluit_people_hear(struct fluit_people *people, const char *line, int64_t now_us);
/* Their node died. */
void fluit_people_lose(struct fluit_people *people);
/* Their node died, with its disk: another device takes its place. */
void fluit_people_replace(struct fluit_people *people);
/* How many cards lie elsewhere in the fold, or with another why, than they were told was safe. If
 * there is none, or they must (adopt), they believe the fold from now on. */
int fluit_people_compare(struct fluit_people *people, const struct fluit_fold *fold, bool adopt);
/* When fluit_people_type has something to say next; INT64_MAX: after the next line heard. */
int64_t fluit_people_due(const struct fluit_people *people);
/* The line to type now, if it is time; false if there is none. */
bool fluit_people_type(struct fluit_people *people, int64_t now_us, char line[static 512]);

/* people_acts.c: chooses what to do now; false for nothing in this step any more. */
bool fluit_people_choose(struct fluit_people *people, struct fluit_saying *out);
/* The saying was done: how the table looks now. answer is what the console said. */
void fluit_people_did(struct fluit_people *people, const struct fluit_saying *done,
                      const char *answer);
/* A new board: all cards in the hand. */
void fluit_people_clear(struct fluit_people *people);
struct fluit_slot *fluit_people_slot(struct fluit_people *people, const struct fluit_card_ref *ref);
/* The card that an act places or gives a why; NULL: none. */
struct fluit_slot *fluit_people_touched(struct fluit_people *people, const struct fluit_act *act);
/* Uniform in 0..bound-1, and true with so many in a hundred. */
int fluit_people_pick(struct fluit_people *people, int bound);
bool fluit_people_likely(struct fluit_people *people, int percent);

#endif
