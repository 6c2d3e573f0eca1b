/* note_lines.c: notes, quotes, answers and the group: the table's and its rapporteur's commands. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/guest.h"
#include "node/core/words.h"

/* The round of what is said to this question; without one, of what goes on now. */
static uint8_t round_for(const struct fluit_guest *guest, const struct fluit_question *question,
                         int step)
{
    const struct fluit_script *script = guest->node.script;
    if (!question) {
        enum fluit_step_kind kind = script->steps[guest->node.plan.step].kind;
        bool in_round =
            kind == FLUIT_STEP_ROUND || kind == FLUIT_STEP_CHANGEOVER || kind == FLUIT_STEP_EXPLAIN;
        return in_round ? fluit_guest_round(guest) : 0;
    }
    return script->steps[step].kind == FLUIT_STEP_ROUND ? fluit_guest_round(guest) : 0;
}

/* Takes "@QUESTION" and "#CARD" off the line's front. */
static bool take_ties(struct fluit_guest *guest, struct fluit_slice *rest, struct fluit_act *act,
                      uint8_t *round, struct fluit_effects *fx)
{
    *round = round_for(guest, NULL, 0);
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
            *round = round_for(guest, q, step);
        } else if (word.len > 1 && word.data[0] == '#') {
            struct fluit_slice card = fluit_slice(word.data + 1, word.len - 1);
            bool copy_given;
            if (!fluit_guest_card(guest, &card, &act->note.card, &copy_given, fx))
                return false;
        } else {
            return true;
        }
        *rest = after;
    }
}

static const struct fluit_notes *notes_of(const struct fluit_guest *guest)
{
    const struct fluit_table_fold *table = fluit_fold_table(guest->node.fold, guest->node.table);
    return table ? &table->notes : NULL;
}

static bool room_for_note(const struct fluit_guest *guest, struct fluit_effects *fx)
{
    const struct fluit_notes *notes = notes_of(guest);
    if (!notes || notes->revisions.count < FLUIT_NOTES_MAX)
        return true;
    fluit_guest_no(fx, "this table has as many notes as there can be");
    return false;
}

static void write_note(struct fluit_guest *guest, struct fluit_slice rest, uint32_t flags,
                       struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE}, undo;
    uint8_t round;
    if (!take_ties(guest, &rest, &act, &round, fx) || !room_for_note(guest, fx))
        return;
    act.note.flags = flags;
    act.note.text = fluit_words_rest(rest);
    if (act.note.text.len == 0) {
        fluit_guest_no(fx, "say what, as in 'note @QUESTION #CARD text'; both may be left out");
        return;
    }
    fluit_rng_bytes(&guest->node.rng, act.note.note.b, sizeof act.note.note.b);
    fluit_rng_bytes(&guest->node.rng, act.note.revision.b, sizeof act.note.revision.b);
    undo = act;
    undo.note.parents[0] = act.note.revision;
    undo.note.parent_count = 1;
    undo.note.flags = FLUIT_NOTE_GONE;
    undo.note.text = fluit_slice(NULL, 0);
    fluit_rng_bytes(&guest->node.rng, undo.note.revision.b, sizeof undo.note.revision.b);
    fluit_guest_save(guest, &act, round, &undo, fx, "%s%s%s%s%s",
                     flags & FLUIT_NOTE_QUOTE ? "quote" : "note",
                     act.note.question.s[0] ? " to " : "", act.note.question.s,
                     act.note.card.card.s[0] ? " on " : "", act.note.card.card.s);
}

static void on_note(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    write_note(guest, rest, 0, fx);
}

static void on_quote(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    write_note(guest, rest, FLUIT_NOTE_QUOTE, fx);
}

/* Notes as 'notes' numbers them, from 1: in the order of rounds, questions and writing. The array
 * is the caller's to free. */
static size_t numbered(const struct fluit_guest *guest, struct fluit_note **out)
{
    const struct fluit_notes *notes = notes_of(guest);
    size_t count = 0, kept = 0;
    *out = NULL;
    if (!notes || fluit_notes_sorted(notes, guest->node.script, out, &count))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (!(*out)[i].gone)
            (*out)[kept++] = (*out)[i];
    return kept;
}

static void on_notes(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_note *notes;
    size_t count = numbered(guest, &notes);
    (void)rest;
    for (size_t i = 0; i < count; i++) {
        const struct fluit_revision *r = notes[i].newest;
        fluit_effects_print(fx, "%3zu %s%s%s%s: %s", i + 1,
                            r->flags & FLUIT_NOTE_QUOTE ? "quote" : "note",
                            r->question.s[0] ? " to " : "", r->question.s,
                            r->flags & FLUIT_NOTE_PLENARY ? " (for plenary)" : "", r->text);
        if (notes[i].head_count > 1)
            fluit_effects_print(fx, "    (written twice at one time; 'edit %zu TEXT' settles it)",
                                i + 1);
    }
    if (count == 0)
        fluit_effects_print(fx, "no notes yet");
    free(notes);
}

/* A new revision on top of all heads of a note. */
static struct fluit_act revise(struct fluit_guest *guest, const struct fluit_note *note)
{
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE};
    const struct fluit_revision *newest = note->newest;
    act.note.note = note->id;
    act.note.question = newest->question;
    act.note.card = newest->card;
    act.note.flags = newest->flags;
    act.note.text = fluit_slice_str(newest->text);
    for (size_t i = 0; i < note->revision_count; i++)
        if (fluit_note_is_head(note, i) && act.note.parent_count < FLUIT_NOTE_PARENTS_MAX)
            act.note.parents[act.note.parent_count++] = fluit_note_revision(note, i)->id;
    fluit_rng_bytes(&guest->node.rng, act.note.revision.b, sizeof act.note.revision.b);
    return act;
}

/* Saves the revision; its undo is one more revision, with what was there before. */
static void save_revision(struct fluit_guest *guest, const struct fluit_note *note,
                          const struct fluit_act *act, const char *what, struct fluit_effects *fx)
{
    struct fluit_act undo = revise(guest, note);
    undo.note.parents[0] = act->note.revision;
    undo.note.parent_count = 1;
    if (room_for_note(guest, fx))
        fluit_guest_save(guest, act, note->first->origin.round, &undo, fx, "%s", what);
}

enum revision {
    EDIT,
    BRING,
    DROP
};

static void change_note(struct fluit_guest *guest, struct fluit_slice rest, enum revision how,
                        struct fluit_effects *fx)
{
    static const char *const what[] = {"edited", "for plenary", "taken back"};
    struct fluit_note *notes;
    size_t count = numbered(guest, &notes);
    uint64_t number;
    if (!fluit_words_number(fluit_words_next(&rest), count, &number) || number == 0) {
        fluit_guest_no(fx, "say which note by its number; 'notes' lists them");
        free(notes);
        return;
    }
    assert(notes); /* or count is 0, and so is every number */
    const struct fluit_note *note = &notes[number - 1];
    struct fluit_act act = revise(guest, note);
    if (how == EDIT)
        act.note.text = fluit_words_rest(rest);
    else if (how == BRING)
        act.note.flags |= FLUIT_NOTE_PLENARY;
    else
        act.note.flags = FLUIT_NOTE_GONE;
    if (how == DROP)
        act.note.text = fluit_slice(NULL, 0);
    if (how == EDIT && act.note.text.len == 0)
        fluit_guest_no(fx, "say the new text, or 'drop %u'", (unsigned)number);
    else
        save_revision(guest, note, &act, what[how], fx);
    free(notes);
}

static void on_edit(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    change_note(guest, rest, EDIT, fx);
}

static void on_bring(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    change_note(guest, rest, BRING, fx);
}

static void on_drop(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    change_note(guest, rest, DROP, fx);
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
        if (word.len == 0 || strncmp(id, (const char *)word.data, word.len) != 0)
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

/* What was typed as the answer this question takes; empty, and says so, if it is none. */
static struct fluit_slice answer_text(const struct fluit_question *q, struct fluit_slice text,
                                      uint8_t seat, struct fluit_effects *fx)
{
    uint64_t hands;
    if (q->per == FLUIT_PER_SEAT && seat == 0) {
        fluit_guest_no(fx, "everyone answers: say 'answer %s/SEAT ...'", q->id.s);
        return fluit_slice(NULL, 0);
    }
    if (q->option_count > 0)
        return option_of(q, text, fx);
    if (q->per == FLUIT_PER_HANDS && !fluit_words_number(text, 9999, &hands)) {
        fluit_guest_no(fx, "say how many hands");
        return fluit_slice(NULL, 0);
    }
    if (text.len == 0)
        fluit_guest_no(fx, "say the answer, as in 'answer %s ...'", q->id.s);
    return text;
}

static void on_answer(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    uint8_t seat;
    int step;
    const struct fluit_question *q = asked(guest, &rest, &seat, &step, fx);
    if (!q)
        return;
    struct fluit_act act = {.kind = FLUIT_KIND_ANSWER}, undo;
    act.answer.question = q->id;
    act.answer.seat = seat;
    act.answer.text = answer_text(q, fluit_words_rest(rest), seat, fx);
    if (act.answer.text.len == 0)
        return;
    uint8_t round = round_for(guest, q, step);
    const struct fluit_answer *held =
        fluit_fold_answer(guest->node.fold, guest->node.table, round, &q->id, seat);
    undo = act;
    undo.answer.text = held ? fluit_slice_str(held->text) : fluit_slice(NULL, 0);
    fluit_guest_save(guest, &act, round, &undo, fx, "answer to %s", q->id.s);
}

static void on_group(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    struct fluit_slice word = fluit_words_next(&rest);
    struct fluit_act act = {.kind = FLUIT_KIND_GROUP}, undo = {.kind = FLUIT_KIND_GROUP};
    uint8_t round = fluit_guest_round(guest);
    if (!script->groups_on) {
        fluit_guest_no(fx, "this workshop's script does not put stories into groups");
        return;
    }
    if (!fluit_slice_is(word, "-") && (fluit_id_set(&act.group.group, word) ||
                                       fluit_script_group(script, act.group.group.s) < 0)) {
        for (int i = 0; i < script->group_count; i++)
            fluit_effects_print(fx, "%s: %s", script->groups[i].id.s,
                                script->groups[i].name.in[guest->language]);
        fluit_guest_no(fx, "say which group, or '-' for none");
        return;
    }
    const struct fluit_board *board = fluit_fold_board(guest->node.fold, guest->node.table, round);
    if (board && board->group.set && board->group.group >= 0)
        undo.group.group = script->groups[board->group.group].id;
    fluit_guest_save(guest, &act, round, &undo, fx, "group %s",
                     act.group.group.s[0] ? act.group.group.s : "none");
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
