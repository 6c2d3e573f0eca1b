/* note_lines.c: notes, quotes, answers and the group: the table's and its rapporteur's commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/acts.h"
#include "node/core/words.h"

/* Takes "@QUESTION" and "#CARD" off the line's front. */
static bool take_ties(struct fluit_guest *guest, struct fluit_slice *rest, struct fluit_act *act,
                      uint8_t *round, struct fluit_effects *fx)
{
    *round = fluit_guest_round_for(guest, NULL, 0);
    for (;;) {
        struct fluit_slice after = *rest;
        struct fluit_slice word = fluit_words_next(&after);
        if (word.len > 1 && word.data[0] == '@') {
            int step;
            const struct fluit_question *q =
                fluit_guest_question(guest, fluit_slice(word.data + 1, word.len - 1), &step, fx);
            if (!q)
                return false;
            act->note.question = q->id;
            *round = fluit_guest_round_for(guest, q, step);
        } else if (word.len > 1 && word.data[0] == '#') {
            struct fluit_slice card = fluit_slice(word.data + 1, word.len - 1);
            if (!fluit_guest_lying_card(guest, &card, &act->note.card, fx))
                return false;
        } else {
            return true;
        }
        *rest = after;
    }
}

/* Numbers. A note keeps its number while this process runs, whatever others write meanwhile: who
 * types 'drop 3' means the note that was shown as 3. */

static size_t number_of(const struct fluit_guest *guest, const struct fluit_note_id *id)
{
    for (uint32_t i = 0; i < guest->numbered_count; i++)
        if (memcmp(guest->numbered[i].b, id->b, sizeof id->b) == 0)
            return i + 1;
    return 0;
}

static bool add_number(struct fluit_guest *guest, const struct fluit_note_id *id)
{
    if (guest->numbered_count == guest->numbered_cap) {
        uint32_t cap = guest->numbered_cap ? 2 * guest->numbered_cap : 32;
        struct fluit_note_id *grown = realloc(guest->numbered, cap * sizeof *grown);
        if (!grown)
            return false;
        guest->numbered = grown;
        guest->numbered_cap = cap;
    }
    guest->numbered[guest->numbered_count++] = *id;
    return true;
}

/* All notes in the order of rounds, questions and writing, and each with a number; the array is
 * the caller's to free. */
static size_t numbered(struct fluit_guest *guest, struct fluit_note **out)
{
    const struct fluit_notes *notes = fluit_guest_notes(guest);
    size_t count = 0;
    *out = NULL;
    if (guest->numbered_count > 2 * FLUIT_NOTES_MAX)
        guest->numbered_count = 0; /* most of them are gone: count anew */
    if (!notes || fluit_notes_sorted(notes, guest->node.script, out, &count))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (number_of(guest, &(*out)[i].id) == 0 && !add_number(guest, &(*out)[i].id))
            return 0;
    return count;
}

/* The note of that number; false, and says so, if there is none or it was taken back. */
static bool take_note(struct fluit_guest *guest, struct fluit_slice *rest, struct fluit_note *note,
                      uint64_t *number, struct fluit_effects *fx)
{
    struct fluit_note *notes;
    size_t count = numbered(guest, &notes);
    bool found = false;
    if (!fluit_words_number(fluit_words_next(rest), guest->numbered_count, number))
        *number = 0;
    for (size_t i = 0; *number > 0 && i < count && !found; i++)
        if (number_of(guest, &notes[i].id) == *number) {
            *note = notes[i];
            found = true;
        }
    free(notes);
    if (!found)
        fluit_guest_no(fx, "say which note by its number; 'notes' lists them");
    else if (note->gone)
        fluit_guest_no(fx, "note %u was taken back", (unsigned)*number);
    return found && !note->gone;
}

static void write_note(struct fluit_guest *guest, struct fluit_slice rest, uint32_t flags,
                       struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE};
    uint8_t round;
    if (!take_ties(guest, &rest, &act, &round, fx))
        return;
    act.note.flags = flags;
    act.note.text = fluit_words_rest(rest);
    if (act.note.text.len == 0) {
        fluit_guest_no(fx, "say what, as in 'note @QUESTION #CARD text'; both may be left out");
        return;
    }
    struct fluit_note *notes;
    numbered(guest, &notes); /* those before it */
    free(notes);
    char what[128];
    snprintf(what, sizeof what, "%s %u%s%s%s%s", flags & FLUIT_NOTE_QUOTE ? "quote" : "note",
             guest->numbered_count + 1, act.note.question.s[0] ? " to " : "", act.note.question.s,
             act.note.card.card.s[0] ? " on " : "", act.note.card.card.s);
    fluit_rng_bytes(&guest->node.rng, act.note.note.b, sizeof act.note.note.b);
    if (fluit_guest_save_note(guest, &act, round, what, fx) && !add_number(guest, &act.note.note))
        fx->err = FLUIT_E_NOMEM;
}

static void on_note(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    write_note(guest, rest, 0, fx);
}

static void on_quote(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    write_note(guest, rest, FLUIT_NOTE_QUOTE, fx);
}

static void say_note(const struct fluit_revision *r, size_t number, struct fluit_effects *fx)
{
    fluit_effects_say(
        fx, "%3zu %s%s%s%s%s%s: %s", number, r->flags & FLUIT_NOTE_QUOTE ? "quote" : "note",
        r->question.s[0] ? " to " : "", r->question.s, r->card.card.s[0] ? " on " : "",
        r->card.card.s, r->flags & FLUIT_NOTE_PLENARY ? " (for plenary)" : "", r->text);
}

/* All heads: what two wrote at one time is shown twice. */
static void say_heads(const struct fluit_note *note, size_t number, struct fluit_effects *fx)
{
    size_t said = 0;
    for (size_t i = 0; i < note->revision_count; i++) {
        const struct fluit_revision *r = fluit_note_revision(note, i);
        if (!fluit_note_is_head(note, i) || r->flags & FLUIT_NOTE_GONE)
            continue;
        say_note(r, number, fx);
        said++;
    }
    if (said > 1)
        fluit_effects_print(fx, "    (written at one time; 'edit %zu TEXT' settles it)", number);
}

static void on_notes(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_note *notes;
    size_t count = numbered(guest, &notes), shown = 0;
    (void)rest;
    for (size_t i = 0; i < count; i++) {
        if (notes[i].gone)
            continue;
        say_heads(&notes[i], number_of(guest, &notes[i].id), fx);
        shown++;
    }
    if (shown == 0)
        fluit_effects_print(fx, "no notes yet");
    free(notes);
}

/* Saves what a person made of note N. */
static void save_revision(struct fluit_guest *guest, const struct fluit_note *note,
                          const struct fluit_act *act, uint64_t number, const char *done,
                          struct fluit_effects *fx)
{
    char what[64];
    snprintf(what, sizeof what, "note %u %s", (unsigned)number, done);
    fluit_guest_save_revision(guest, note, fluit_note_living(note), act, what, fx);
}

static void on_edit(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_note note;
    uint64_t number;
    if (!take_note(guest, &rest, &note, &number, fx))
        return;
    struct fluit_act act = fluit_guest_revise(guest, &note, fluit_note_living(&note), true);
    act.note.text = fluit_words_rest(rest);
    if (act.note.text.len == 0)
        fluit_guest_no(fx, "say the new text, or 'drop %u'", (unsigned)number);
    else
        save_revision(guest, &note, &act, number, "edited", fx);
}

/* Other words that were written at the same time stay as they are. */
static void on_bring(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_note note;
    uint64_t number;
    if (!take_note(guest, &rest, &note, &number, fx) || !fluit_guest_line_ends(rest, "bring", fx))
        return;
    struct fluit_act act = fluit_guest_revise(guest, &note, fluit_note_living(&note), false);
    if (act.note.flags & FLUIT_NOTE_PLENARY) {
        fluit_guest_no(fx, "note %u is for plenary already", (unsigned)number);
        return;
    }
    act.note.flags |= FLUIT_NOTE_PLENARY;
    save_revision(guest, &note, &act, number, "for plenary", fx);
}

static void on_drop(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_note note;
    uint64_t number;
    if (!take_note(guest, &rest, &note, &number, fx) || !fluit_guest_line_ends(rest, "drop", fx))
        return;
    struct fluit_act act = fluit_guest_revise(guest, &note, fluit_note_living(&note), true);
    fluit_note_take_back(&act);
    save_revision(guest, &note, &act, number, "taken back", fx);
}

/* QUESTION[/SEAT] */
static const struct fluit_question *asked(struct fluit_guest *guest, struct fluit_slice *rest,
                                          uint8_t *seat, int *step, struct fluit_effects *fx)
{
    struct fluit_slice word = fluit_words_next(rest);
    uint64_t number = 0;
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] == '/') {
            if (!fluit_words_number(fluit_slice(word.data + i + 1, word.len - i - 1),
                                    FLUIT_SEATS_MAX, &number))
                number = UINT64_MAX;
            word.len = i;
            break;
        }
    if (number > FLUIT_SEATS_MAX) {
        fluit_guest_no(fx, "a seat is a number from 1 to %d", FLUIT_SEATS_MAX);
        return NULL;
    }
    *seat = (uint8_t)number;
    return fluit_guest_question(guest, word, step, fx);
}

/* The id of the option that was typed, by id or its beginning; empty, and says so, if it is none.
 */
static struct fluit_slice option_of(const struct fluit_question *q, struct fluit_slice word,
                                    struct fluit_effects *fx)
{
    const char *found = NULL;
    int fits = 0;
    for (int i = 0; i < q->option_count; i++) {
        const char *id = q->options[i].id.s;
        if (!fluit_words_begins(word, id))
            continue;
        if (id[word.len] == 0)
            return fluit_slice_str(id);
        found = id;
        fits++;
    }
    if (fits == 1)
        return fluit_slice_str(found);
    struct fluit_buf all = FLUIT_BUF_INIT;
    for (int i = 0; i < q->option_count; i++)
        fluit_buf_printf(&all, "%s%s", i ? ", " : "", q->options[i].id.s);
    fluit_guest_no(fx, "choose one of: %s", fluit_buf_text(&all));
    fluit_buf_deinit(&all);
    return fluit_slice(NULL, 0);
}

static void on_answer(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    uint8_t seat;
    int step;
    const struct fluit_question *q = asked(guest, &rest, &seat, &step, fx);
    if (!q)
        return;
    struct fluit_slice text = fluit_words_rest(rest);
    bool named = q->per != FLUIT_PER_SEAT || seat > 0; /* else that is what is wrong with it */
    if (named && q->option_count > 0) {
        text = option_of(q, text, fx);
        if (text.len == 0)
            return;
    }
    if (named && text.len == 0 && q->per == FLUIT_PER_HANDS)
        fluit_guest_no(fx, "say how many hands");
    else if (named && text.len == 0)
        fluit_guest_no(fx, "say the answer, as in 'answer %s ...'", q->id.s);
    else
        fluit_guest_answer(guest, q, step, seat, text, fx);
}

static void on_group(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_slice word = fluit_words_next(&rest);
    struct fluit_id group = {""};
    if (guest->node.script->groups_on && !fluit_slice_is(word, "-") &&
        !fluit_guest_group(guest, word, &group, fx))
        return;
    if (!guest->node.script->groups_on || fluit_guest_line_ends(rest, "group", fx))
        fluit_guest_set_group(guest, &group, fx);
}

const struct fluit_guest_command fluit_note_commands[] = {
    {"note", FLUIT_KIND_NOTE, "note [@QUESTION] [#CARD] TEXT", "write a note", on_note},
    {"quote", FLUIT_KIND_NOTE, "quote [@QUESTION] [#CARD] TEXT", "words as they were said",
     on_quote},
    {"notes", 0, "notes", "the notes of this table, numbered", on_notes},
    {"edit", FLUIT_KIND_NOTE, "edit N TEXT", "write note N anew", on_edit},
    {"bring", FLUIT_KIND_NOTE, "bring N", "bring note N to plenary", on_bring},
    {"drop", FLUIT_KIND_NOTE, "drop N", "take note N back", on_drop},
    {"answer", FLUIT_KIND_ANSWER, "answer QUESTION[/SEAT] TEXT", "answer a question or poll",
     on_answer},
    {"group", FLUIT_KIND_GROUP, "group ID", "the story's group, where the script has them",
     on_group},
    {0},
};
