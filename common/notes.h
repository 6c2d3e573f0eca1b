/* notes.h: what was written down at one table: notes with their revisions, and answers.
 *
 * A part of the fold (fold.h), which makes and fills it; others read. A note is never overwritten:
 * each edit is a revision that names its parents. Revisions that are nobody's parent are the heads;
 * several heads were written at the same time and all count. Not thread-safe while being filled. */
#ifndef FLUIT_NOTES_H
#define FLUIT_NOTES_H

#include "common/kept.h"
#include "common/script.h"

struct fluit_revision {
    struct fluit_origin origin;
    struct fluit_note_id note, id;
    uint8_t parent_count;
    struct fluit_note_id parents[FLUIT_NOTE_PARENTS_MAX];
    struct fluit_id question;   /* s[0] == 0: none */
    struct fluit_card_ref card; /* card.s[0] == 0: none */
    uint32_t flags;             /* FLUIT_NOTE_* */
    char *text;
};

struct fluit_answer {
    struct fluit_origin origin;
    struct fluit_id question;
    uint8_t seat; /* 0: the table as one */
    char *text;
};

struct fluit_notes {
    struct fluit_kept revisions; /* by note, then revision; beyond FLUIT_NOTES_MAX the oldest stay:
                                    a node refuses to write one more */
    struct fluit_kept answers;   /* by round, question, seat; the newest FLUIT_ANSWERS_MAX stay */
};

/* Zero-initialise; free with this. */
void fluit_notes_deinit(struct fluit_notes *notes);

/* Folds one act of the kinds note and answer. NOMEM; or FORMAT or UNKNOWN for an act that means
 * nothing in this script: nothing changed. */
FLUIT_MUST_CHECK enum fluit_err fluit_notes_apply(struct fluit_notes *notes,
                                                  const struct fluit_script *script,
                                                  const struct fluit_origin *origin,
                                                  const struct fluit_act *act);

/* A note as it stands: a view into the notes, valid until the next act is folded. */
struct fluit_note {
    struct fluit_note_id id;
    const struct fluit_revision *first;  /* with the smallest origin: its round is the note's */
    const struct fluit_revision *newest; /* the head with the greatest origin */
    bool gone;                           /* every head says so */
    size_t head_count;                   /* more than 1: concurrent */
    uint32_t place;                      /* of its question in the script, the greatest if none */
    void *const *revisions;              /* see fluit_note_revision */
    size_t revision_count;
};

/* Revisions of the note by id; at < revision_count. */
static inline const struct fluit_revision *fluit_note_revision(const struct fluit_note *note,
                                                               size_t at)
{
    return note->revisions[at];
}

/* The next note in a fixed order (by id); start with *cursor = 0. False at the end. */
bool fluit_notes_next(const struct fluit_notes *notes, const struct fluit_script *script,
                      size_t *cursor, struct fluit_note *out);
/* True if no other revision of the note names revision `at` as parent. In a note whose revisions
 * name each other in a ring (no honest node writes one) the greatest origin is the one head. */
bool fluit_note_is_head(const struct fluit_note *note, size_t at);

/* All notes ordered by round, the question's place in the script (none last), first origin. The
 * array is the caller's to free; NULL and 0 if there are none. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_notes_sorted(const struct fluit_notes *notes,
                                                   const struct fluit_script *script,
                                                   struct fluit_note **out, size_t *count);

/* NULL if there is none. */
const struct fluit_answer *fluit_notes_answer(const struct fluit_notes *notes, uint8_t round,
                                              const struct fluit_id *question, uint8_t seat);

static inline size_t fluit_notes_answer_count(const struct fluit_notes *notes)
{
    return notes->answers.count;
}
static inline const struct fluit_answer *fluit_notes_answer_at(const struct fluit_notes *notes,
                                                               size_t at)
{
    return notes->answers.items[at];
}

#endif
