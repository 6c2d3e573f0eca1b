/* note_acts.c: notes and their revisions, answers, the group: each as an act, with the act that
 * undoes it. */
#include <string.h>

#include "node/core/acts.h"
#include "node/core/words.h"

uint8_t fluit_guest_round_for(const struct fluit_guest *guest,
                              const struct fluit_question *question, int step)
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

const struct fluit_notes *fluit_guest_notes(const struct fluit_guest *guest)
{
    const struct fluit_table_fold *table = fluit_fold_table(guest->node.fold, guest->node.table);
    return table ? &table->notes : NULL;
}

void fluit_note_take_back(struct fluit_act *act)
{
    act->note.flags = FLUIT_NOTE_GONE;
    act->note.text = fluit_slice(NULL, 0);
}

bool fluit_guest_save_note(struct fluit_guest *guest, struct fluit_act *act, uint8_t round,
                           const char *what, struct fluit_effects *fx)
{
    struct fluit_rng *rng = &guest->node.rng;
    fluit_rng_bytes(rng, act->note.revision.b, sizeof act->note.revision.b);
    struct fluit_act undo = *act;
    undo.note.parents[0] = act->note.revision;
    undo.note.parent_count = 1;
    fluit_note_take_back(&undo);
    fluit_rng_bytes(rng, undo.note.revision.b, sizeof undo.note.revision.b);
    return fluit_guest_save(guest, act, round, &undo, fx, "%s", what);
}

const struct fluit_revision *fluit_note_living(const struct fluit_note *note)
{
    const struct fluit_revision *best = NULL;
    for (size_t i = 0; i < note->revision_count; i++) {
        const struct fluit_revision *r = fluit_note_revision(note, i);
        if (fluit_note_is_head(note, i) && !(r->flags & FLUIT_NOTE_GONE) &&
            (!best || fluit_origin_cmp(&r->origin, &best->origin) > 0))
            best = r;
    }
    return best ? best : note->newest;
}

struct fluit_act fluit_guest_revise(struct fluit_guest *guest, const struct fluit_note *note,
                                    const struct fluit_revision *on, bool all_heads)
{
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE};
    act.note.note = note->id;
    act.note.question = on->question;
    act.note.card = on->card;
    act.note.flags = on->flags;
    act.note.text = fluit_slice_str(on->text);
    act.note.parents[act.note.parent_count++] = on->id;
    for (size_t i = 0; all_heads && i < note->revision_count; i++)
        if (fluit_note_is_head(note, i) && fluit_note_revision(note, i) != on &&
            act.note.parent_count < FLUIT_NOTE_PARENTS_MAX)
            act.note.parents[act.note.parent_count++] = fluit_note_revision(note, i)->id;
    fluit_rng_bytes(&guest->node.rng, act.note.revision.b, sizeof act.note.revision.b);
    return act;
}

bool fluit_guest_save_revision(struct fluit_guest *guest, const struct fluit_note *note,
                               const struct fluit_revision *on, const struct fluit_act *act,
                               const char *what, struct fluit_effects *fx)
{
    struct fluit_act undo = fluit_guest_revise(guest, note, on, false);
    undo.note.parents[0] = act->note.revision;
    return fluit_guest_save(guest, act, note->first->origin.round, &undo, fx, "%s", what);
}

static bool has_parent(const struct fluit_act *act, const struct fluit_note_id *id)
{
    for (uint8_t i = 0; i < act->note.parent_count; i++)
        if (memcmp(act->note.parents[i].b, id->b, sizeof id->b) == 0)
            return true;
    return false;
}

void fluit_note_undo_parents(const struct fluit_guest *guest, struct fluit_act *undo)
{
    const struct fluit_feed_id *own = &guest->node.replica.feeds[guest->node.own.index]->info.id;
    struct fluit_note note;
    for (size_t at = 0; fluit_fold_note_next(guest->node.fold, guest->node.table, &at, &note);) {
        if (memcmp(note.id.b, undo->note.note.b, sizeof note.id.b) != 0)
            continue;
        for (size_t i = 0; i < note.revision_count; i++) {
            const struct fluit_revision *r = fluit_note_revision(&note, i);
            if (fluit_note_is_head(&note, i) && !has_parent(undo, &r->id) &&
                memcmp(r->origin.feed.b, own->b, sizeof own->b) == 0 &&
                undo->note.parent_count < FLUIT_NOTE_PARENTS_MAX)
                undo->note.parents[undo->note.parent_count++] = r->id;
        }
    }
}

static bool is_option(const struct fluit_question *q, struct fluit_slice text)
{
    for (int i = 0; i < q->option_count; i++)
        if (fluit_slice_is(text, q->options[i].id.s))
            return true;
    return false;
}

/* Does the question take such an answer? Says so if not. */
static bool takes(const struct fluit_question *q, uint8_t seat, struct fluit_slice text, bool held,
                  struct fluit_effects *fx)
{
    uint64_t hands;
    bool back = text.len == 0 && held; /* an answer that is taken back */
    if (q->per == FLUIT_PER_SEAT && seat == 0)
        fluit_guest_no(fx, "everyone answers: say 'answer %s/SEAT ...'", q->id.s);
    else if (!back && q->option_count > 0 && !is_option(q, text))
        fluit_guest_no(fx, "choose one of the answers that the question gives");
    else if (!back && q->option_count == 0 && q->per == FLUIT_PER_HANDS &&
             !fluit_words_number(text, FLUIT_HANDS_MAX, &hands))
        fluit_guest_no(fx, "say how many hands");
    else
        return true;
    return false;
}

bool fluit_guest_answer(struct fluit_guest *guest, const struct fluit_question *question, int step,
                        uint8_t seat, struct fluit_slice text, struct fluit_effects *fx)
{
    uint8_t round = fluit_guest_round_for(guest, question, step);
    const struct fluit_answer *held =
        fluit_fold_answer(guest->node.fold, guest->node.table, round, &question->id, seat);
    if (!takes(question, seat, text, held != NULL, fx))
        return false;
    struct fluit_act act = {.kind = FLUIT_KIND_ANSWER}, undo;
    act.answer.question = question->id;
    act.answer.seat = seat;
    act.answer.text = text;
    undo = act;
    undo.answer.text = held ? fluit_slice_str(held->text) : fluit_slice(NULL, 0);
    return fluit_guest_save(guest, &act, round, &undo, fx, "answer to %s", question->id.s);
}

bool fluit_guest_set_group(struct fluit_guest *guest, const struct fluit_id *group,
                           struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    uint8_t round = fluit_guest_round(guest);
    if (!script->groups_on) {
        fluit_guest_no(fx, "this workshop's script does not put stories into groups");
        return false;
    }
    struct fluit_act act = {.kind = FLUIT_KIND_GROUP}, undo = {.kind = FLUIT_KIND_GROUP};
    act.group.group = *group;
    const struct fluit_board *board = fluit_fold_board(guest->node.fold, guest->node.table, round);
    if (board && board->group.set && board->group.group >= 0)
        undo.group.group = script->groups[board->group.group].id;
    return fluit_guest_save(guest, &act, round, &undo, fx, "group %s",
                            group->s[0] ? group->s : "none");
}
