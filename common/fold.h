/* fold.h: the workshop's state: what everybody did, folded into tables, boards, notes and plan.
 *
 * The fold is commutative and idempotent: the same set of acts, in any order and any number of
 * times, gives the same state on every machine. No clock decides anything. Two different acts with
 * one origin are a fork, which feeds stop at: the fold must not see both.
 *
 * Reading is by pointers into the fold, valid until the next act is folded. Not thread-safe. */
#ifndef FLUIT_FOLD_H
#define FLUIT_FOLD_H

#include "common/board.h"
#include "common/lead.h"
#include "common/notes.h"
#include "common/photos.h"

/* One table over all rounds; index 0 of what goes by round is outside the rounds. */
struct fluit_table_fold {
    struct fluit_board *boards[FLUIT_ROUNDS_MAX + 1]; /* NULL: never touched; 0 holds roles only */
    struct fluit_notes notes;
    struct fluit_photos photos;
    int64_t active_us[FLUIT_ROUNDS_MAX + 1]; /* greatest mesh time of an act; 0: none */
    uint8_t board_round;                     /* the greatest of its next-board acts; 0: none */
};

/* What was last said at one device of the whistle's test. */
struct fluit_heard {
    struct fluit_origin origin; /* its rank is the device's */
    bool heard;
};

struct fluit_fold {
    const struct fluit_script *script;
    struct fluit_table_fold *tables[FLUIT_TABLES_MAX + 1]; /* by number; NULL: nothing yet */
    struct fluit_lead lead;
    struct fluit_kept heard;     /* struct fluit_heard, by rank */
    struct fluit_stamps ignored; /* acts that were not allowed or mean nothing here; count stops
                                    at FLUIT_IGNORED_MAX */
};

/* An empty fold over script, which is borrowed and must outlive it. NULL without memory. */
struct fluit_fold *fluit_fold_new(const struct fluit_script *script);
/* Wipes all texts. NULL is fine. */
void fluit_fold_free(struct fluit_fold *fold);

/* Folds one act; copies what it keeps. The caller vouches for origin (table, author, rank and
 * incarnation from the roster and the feed). An act that its author may not make (PROTOCOL.md
 * "Authority"), that needs a table and has none, or that names what the script does not have is
 * counted in ignored and changes nothing else: FLUIT_OK. Kinds that are no workshop state (hello,
 * roster, armed ...) are passed over. NOMEM is the only error; folding the act again is safe. */
FLUIT_MUST_CHECK enum fluit_err fluit_fold_apply(struct fluit_fold *fold,
                                                 const struct fluit_origin *origin,
                                                 const struct fluit_act *act);

/* All of these accept any number and give NULL, or the empty answer, for what there is not. */
const struct fluit_table_fold *fluit_fold_table(const struct fluit_fold *fold, uint8_t table);
const struct fluit_board *fluit_fold_board(const struct fluit_fold *fold, uint8_t table,
                                           uint8_t round);
const struct fluit_board_card *fluit_fold_card(const struct fluit_fold *fold, uint8_t table,
                                               uint8_t round, const struct fluit_card_ref *ref);
/* Where the card is: what an undo puts back (fluit_board_place_act). Untouched: in the hand. */
struct fluit_place fluit_fold_place(const struct fluit_fold *fold, uint8_t table, uint8_t round,
                                    const struct fluit_card_ref *ref);
/* The card round whose board the table uses, 1 until it moves on. */
uint8_t fluit_fold_board_round(const struct fluit_fold *fold, uint8_t table);
/* The seat that has the role (index in the script) in the round, else outside the rounds; 0: left
 * empty or not known. */
uint8_t fluit_fold_seat(const struct fluit_fold *fold, uint8_t table, uint8_t round, int role);
const struct fluit_answer *fluit_fold_answer(const struct fluit_fold *fold, uint8_t table,
                                             uint8_t round, const struct fluit_id *question,
                                             uint8_t seat);
/* The next note of the table, any round; start with *cursor = 0. False at the end. */
bool fluit_fold_note_next(const struct fluit_fold *fold, uint8_t table, size_t *cursor,
                          struct fluit_note *out);

/* What a status line shows of a table in a round. */
struct fluit_fold_counts {
    size_t cards;      /* on the board now, zones included */
    size_t links;      /* not taken away */
    size_t notes;      /* not taken back; by the round of their first revision */
    size_t photos;     /* all parts of them here */
    int64_t active_us; /* mesh time of the newest act, by its author's remark; 0: none */
};
struct fluit_fold_counts fluit_fold_counts(const struct fluit_fold *fold, uint8_t table,
                                           uint8_t round);

/* What was last said at the device of that rank of the whistle's test; NULL: nothing. */
const struct fluit_heard *fluit_fold_heard(const struct fluit_fold *fold, uint32_t rank);
/* The newest plan by (term, revision), or NULL. */
const struct fluit_plan *fluit_fold_plan(const struct fluit_fold *fold);
/* The cut that counts for the round: of the highest term; NULL: not closed. */
const struct fluit_cut *fluit_fold_cut(const struct fluit_fold *fold, uint8_t round);

enum fluit_late {
    FLUIT_LATE_NOT = 0,
    FLUIT_LATE_ARRIVED, /* made in time, but the cut did not have it */
    FLUIT_LATE_MADE,    /* made after the round was closed, by its author's mesh time */
};
/* Judges an entry by its origin against its round's cut, as it is now known. */
enum fluit_late fluit_fold_late(const struct fluit_fold *fold, const struct fluit_origin *origin);
/* "made", "arrived", or "" for not late. */
const char *fluit_late_name(enum fluit_late late);

/* Was the board entered after its round was closed, as that of a table that had only paper? All
 * cards that ever lay on it, and there are some, were first laid then. */
bool fluit_fold_entered_after(const struct fluit_fold *fold, uint8_t table, uint8_t round);

/* True if these words were released for all to see: the note, or this very revision, is released,
 * flagged as quote or for plenary, a head or released by its own id, and not taken back; and the
 * released id names nothing else (an id used twice could show the wrong words). */
bool fluit_fold_quotable(const struct fluit_fold *fold, uint8_t table,
                         const struct fluit_note *note, size_t revision);

#endif
