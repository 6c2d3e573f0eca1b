/* acts.h: what people at a table do, as acts with the acts that undo them: the same for those who
 * type lines (board_lines.c, note_lines.c) and for those who use a page (node/view).
 *
 * The guest has joined, its feed is its own, and it holds the script and a plan
 * (fluit_guest_ready). Ids in what is given are the script's. Each answers by one printed line,
 * "saved SEQ ..." or "no: ...": true if it was saved. */
#ifndef FLUIT_ACTS_H
#define FLUIT_ACTS_H

#include "node/core/guest.h"

/* board_acts.c */

/* The board in use; NULL: never touched. */
const struct fluit_board *fluit_guest_board(const struct fluit_guest *guest);
/* Where the card is on it. */
struct fluit_place fluit_guest_place(const struct fluit_guest *guest,
                                     const struct fluit_card_ref *card);
/* Lays a card, puts it aside or takes it back into the hand. */
bool fluit_guest_move(struct fluit_guest *guest, const struct fluit_card_ref *card,
                      struct fluit_place to, struct fluit_effects *fx);
/* none: a person said that there is no why; text is then empty. */
bool fluit_guest_say_why(struct fluit_guest *guest, const struct fluit_card_ref *card, bool none,
                         struct fluit_slice text, struct fluit_effects *fx);
/* gone: takes the link away. */
bool fluit_guest_set_link(struct fluit_guest *guest, const struct fluit_card_ref *from,
                          const struct fluit_card_ref *to, bool gone, struct fluit_slice word,
                          struct fluit_effects *fx);
/* Writes on the first blank card that nobody wrote on; *card is its id. */
bool fluit_guest_write_blank(struct fluit_guest *guest, struct fluit_slice text,
                             struct fluit_id *card, struct fluit_effects *fx);
/* Writes other words on that one. */
bool fluit_guest_rewrite_blank(struct fluit_guest *guest, const struct fluit_id *card,
                               struct fluit_slice text, struct fluit_effects *fx);
/* seat 0: nobody. */
bool fluit_guest_set_role(struct fluit_guest *guest, int role, uint8_t seat,
                          struct fluit_effects *fx);
/* May the table go on to the next round's board? */
bool fluit_guest_may_go_on(const struct fluit_guest *guest);
bool fluit_guest_next_board(struct fluit_guest *guest, struct fluit_effects *fx);

/* note_acts.c */

/* The round of what is said to this question, which that step asks; without one (NULL), of what
 * goes on now. */
uint8_t fluit_guest_round_for(const struct fluit_guest *guest,
                              const struct fluit_question *question, int step);
/* NULL: nothing was written yet. */
const struct fluit_notes *fluit_guest_notes(const struct fluit_guest *guest);
/* A new note: its id, question, card, flags and text are set, its revision is made here. what: as
 * it is called in the answer. */
bool fluit_guest_save_note(struct fluit_guest *guest, struct fluit_act *act, uint8_t round,
                           const char *what, struct fluit_effects *fx);
/* The newest head that was not taken back, else the newest. */
const struct fluit_revision *fluit_note_living(const struct fluit_note *note);
/* A new revision of the note that says the same as revision `on`, and takes its place: or, with
 * all_heads, the place of all that now stands. */
struct fluit_act fluit_guest_revise(struct fluit_guest *guest, const struct fluit_note *note,
                                    const struct fluit_revision *on, bool all_heads);
/* Saves it, changed as a person wants it; an undo puts back what `on` says. */
bool fluit_guest_save_revision(struct fluit_guest *guest, const struct fluit_note *note,
                               const struct fluit_revision *on, const struct fluit_act *act,
                               const char *what, struct fluit_effects *fx);
/* Makes it a note that is taken back. */
void fluit_note_take_back(struct fluit_act *act);
/* The undo of a note takes the place of all that this node has made of it since, as what earlier
 * undos put back; what others wrote meanwhile stays. */
void fluit_note_undo_parents(const struct fluit_guest *guest, struct fluit_act *undo);

/* seat 0: the table as one. Of a choice, text is an option's id; of hands, a number. */
bool fluit_guest_answer(struct fluit_guest *guest, const struct fluit_question *question, int step,
                        uint8_t seat, struct fluit_slice text, struct fluit_effects *fx);
/* s[0] == 0: no group. */
bool fluit_guest_set_group(struct fluit_guest *guest, const struct fluit_id *group,
                           struct fluit_effects *fx);
/* photo_acts.c */

/* The photo of that id; false if it is not there, or was taken back. */
bool fluit_guest_photo(const struct fluit_guest *guest, const struct fluit_note_id *id,
                       struct fluit_photo *out);
/* The next part of a photo. */
bool fluit_guest_save_photo(struct fluit_guest *guest, const struct fluit_act *act, uint8_t round,
                            struct fluit_effects *fx);
/* It is taken back, and can't be put back. */
bool fluit_guest_drop_photo(struct fluit_guest *guest, const struct fluit_photo *photo,
                            struct fluit_effects *fx);

/* guest_lines.c: puts back what the last act changed. */
bool fluit_guest_undo(struct fluit_guest *guest, struct fluit_effects *fx);

#endif
