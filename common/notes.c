#include "common/notes.h"

#include <stdlib.h>
#include <string.h>

static int id_cmp(const struct fluit_note_id *a, const struct fluit_note_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

static int revision_cmp(const void *a, const void *b)
{
    const struct fluit_revision *x = a, *y = b;
    int order = id_cmp(&x->note, &y->note);
    return order ? order : id_cmp(&x->id, &y->id);
}

static void revision_free(void *item)
{
    struct fluit_revision *revision = item;
    fluit_kept_text_free(revision->text);
    free(revision);
}

static const struct fluit_kept_type revision_type = {revision_cmp, revision_free, FLUIT_NOTES_MAX,
                                                     true};

static int answer_cmp(const void *a, const void *b)
{
    const struct fluit_answer *x = a, *y = b;
    if (x->origin.round != y->origin.round)
        return (int)x->origin.round - (int)y->origin.round;
    int order = strcmp(x->question.s, y->question.s);
    return order ? order : (int)x->seat - (int)y->seat;
}

static void answer_free(void *item)
{
    struct fluit_answer *answer = item;
    fluit_kept_text_free(answer->text);
    free(answer);
}

static const struct fluit_kept_type answer_type = {answer_cmp, answer_free, FLUIT_ANSWERS_MAX,
                                                   false};

void fluit_notes_deinit(struct fluit_notes *notes)
{
    fluit_kept_deinit(&notes->revisions, &revision_type);
    fluit_kept_deinit(&notes->answers, &answer_type);
}

static bool names(const struct fluit_note_id *parents, size_t count, const struct fluit_note_id *id)
{
    for (size_t i = 0; i < count; i++)
        if (id_cmp(&parents[i], id) == 0)
            return true;
    return false;
}

static bool asks(const struct fluit_script *script, const char *question)
{
    int step;
    return fluit_script_question(script, question, &step) != NULL;
}

static enum fluit_err check_note(const struct fluit_script *script, const struct fluit_act *act)
{
    if (act->note.question.s[0] && !asks(script, act->note.question.s))
        return FLUIT_E_UNKNOWN;
    if (act->note.card.card.s[0] && !fluit_script_has_card(script, &act->note.card))
        return FLUIT_E_UNKNOWN;
    if (act->note.parent_count > FLUIT_NOTE_PARENTS_MAX ||
        names(act->note.parents, act->note.parent_count, &act->note.revision) ||
        !fluit_kept_text_ok(act->note.text))
        return FLUIT_E_FORMAT;
    return FLUIT_OK;
}

static enum fluit_err on_note(struct fluit_notes *notes, const struct fluit_script *script,
                              const struct fluit_origin *origin, const struct fluit_act *act)
{
    enum fluit_err err = check_note(script, act);
    if (err)
        return err;
    struct fluit_revision *revision = malloc(sizeof *revision);
    char *text = fluit_kept_text(act->note.text);
    if (!revision || !text) {
        free(revision);
        free(text);
        return FLUIT_E_NOMEM;
    }
    *revision = (struct fluit_revision){.origin = *origin,
                                        .note = act->note.note,
                                        .id = act->note.revision,
                                        .parent_count = act->note.parent_count,
                                        .question = act->note.question,
                                        .card = act->note.card,
                                        .flags = act->note.flags,
                                        .text = text};
    memcpy(revision->parents, act->note.parents,
           act->note.parent_count * sizeof revision->parents[0]);
    return fluit_kept_put(&notes->revisions, &revision_type, revision);
}

static enum fluit_err on_answer(struct fluit_notes *notes, const struct fluit_script *script,
                                const struct fluit_origin *origin, const struct fluit_act *act)
{
    if (!asks(script, act->answer.question.s))
        return FLUIT_E_UNKNOWN;
    if (act->answer.seat > FLUIT_SEATS_MAX || !fluit_kept_text_ok(act->answer.text))
        return FLUIT_E_FORMAT;
    struct fluit_answer *answer = malloc(sizeof *answer);
    char *text = fluit_kept_text(act->answer.text);
    if (!answer || !text) {
        free(answer);
        free(text);
        return FLUIT_E_NOMEM;
    }
    *answer = (struct fluit_answer){*origin, act->answer.question, act->answer.seat, text};
    return fluit_kept_put(&notes->answers, &answer_type, answer);
}

enum fluit_err fluit_notes_apply(struct fluit_notes *notes, const struct fluit_script *script,
                                 const struct fluit_origin *origin, const struct fluit_act *act)
{
    switch (act->kind) {
    case FLUIT_KIND_NOTE:
        return on_note(notes, script, origin, act);
    case FLUIT_KIND_ANSWER:
        return on_answer(notes, script, origin, act);
    default:
        return FLUIT_E_UNKNOWN;
    }
}

static bool is_parent(const struct fluit_note *note, const struct fluit_note_id *id)
{
    for (size_t i = 0; i < note->revision_count; i++) {
        const struct fluit_revision *child = fluit_note_revision(note, i);
        if (names(child->parents, child->parent_count, id))
            return true;
    }
    return false;
}

bool fluit_note_is_head(const struct fluit_note *note, size_t at)
{
    const struct fluit_revision *revision = fluit_note_revision(note, at);
    return revision == note->newest || !is_parent(note, &revision->id);
}

/* first, newest, gone and head_count of a note whose revisions are set. */
static void look_at(struct fluit_note *note)
{
    const struct fluit_revision *greatest = note->first = fluit_note_revision(note, 0);
    note->gone = true;
    for (size_t i = 0; i < note->revision_count; i++) {
        const struct fluit_revision *revision = fluit_note_revision(note, i);
        if (fluit_origin_cmp(&revision->origin, &note->first->origin) < 0)
            note->first = revision;
        if (fluit_origin_cmp(&revision->origin, &greatest->origin) > 0)
            greatest = revision;
        if (is_parent(note, &revision->id))
            continue;
        note->head_count++;
        note->gone = note->gone && (revision->flags & FLUIT_NOTE_GONE);
        if (!note->newest || fluit_origin_cmp(&revision->origin, &note->newest->origin) > 0)
            note->newest = revision;
    }
    if (note->newest)
        return;
    note->newest = greatest;
    note->head_count = 1;
    note->gone = greatest->flags & FLUIT_NOTE_GONE;
}

static uint32_t question_place(const struct fluit_script *script, const struct fluit_id *question)
{
    for (int s = 0; question->s[0] && s < script->step_count; s++)
        for (int q = 0; q < script->steps[s].question_count; q++)
            if (fluit_id_eq(&script->steps[s].questions[q].id, question))
                return (uint32_t)(s * FLUIT_QUESTIONS_MAX + q);
    return UINT32_MAX;
}

static const struct fluit_revision *revision_at(const struct fluit_notes *notes, size_t at)
{
    return notes->revisions.items[at];
}

bool fluit_notes_next(const struct fluit_notes *notes, const struct fluit_script *script,
                      size_t *cursor, struct fluit_note *out)
{
    size_t from = *cursor, to = from;
    if (from >= notes->revisions.count)
        return false;
    const struct fluit_revision *one = revision_at(notes, from);
    while (to < notes->revisions.count && id_cmp(&revision_at(notes, to)->note, &one->note) == 0)
        to++;
    *out = (struct fluit_note){
        .id = one->note, .revisions = notes->revisions.items + from, .revision_count = to - from};
    look_at(out);
    out->place = question_place(script, &out->newest->question);
    *cursor = to;
    return true;
}

static int note_cmp(const void *a, const void *b)
{
    const struct fluit_note *x = a, *y = b;
    if (x->first->origin.round != y->first->origin.round)
        return (int)x->first->origin.round - (int)y->first->origin.round;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    int order = fluit_origin_cmp(&x->first->origin, &y->first->origin);
    return order ? order : id_cmp(&x->id, &y->id);
}

enum fluit_err fluit_notes_sorted(const struct fluit_notes *notes,
                                  const struct fluit_script *script, struct fluit_note **out,
                                  size_t *count)
{
    struct fluit_note *list = NULL;
    if (notes->revisions.count) {
        list = calloc(notes->revisions.count, sizeof *list);
        if (!list)
            return FLUIT_E_NOMEM;
    }
    size_t cursor = 0, n = 0;
    while (list && fluit_notes_next(notes, script, &cursor, &list[n]))
        n++;
    if (n)
        qsort(list, n, sizeof *list, note_cmp);
    *out = list;
    *count = n;
    return FLUIT_OK;
}

const struct fluit_answer *fluit_notes_answer(const struct fluit_notes *notes, uint8_t round,
                                              const struct fluit_id *question, uint8_t seat)
{
    struct fluit_answer key = {.origin = {.round = round}, .question = *question, .seat = seat};
    return fluit_kept_find(&notes->answers, &answer_type, &key);
}
