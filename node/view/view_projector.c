/* view_projector.c: what the room may see: boards laid over each other, polls, and the words that a
 * table brought and the facilitator released. No other text of a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/words.h"
#include "node/json/tally.h"
#include "node/view/parts.h"
#include "node/view/view.h"

/* On how many boards' sides the card lies most, and second most. */
static void top_two(const struct fluit_script *script, const struct fluit_tally *tally,
                    uint32_t *most, uint32_t *second)
{
    *most = *second = 0;
    for (int side = 0; side < script->side_count; side++) {
        uint32_t count = fluit_tally_count(tally, side);
        if (count > *most) {
            *second = *most;
            *most = count;
        } else if (count > *second) {
            *second = count;
        }
    }
}

/* How much the tables agree on the card, or how much they differ: 0 if it is the other of the two,
 * or lies too seldom to tell. They differ where the second side has at least half as many. */
static uint32_t weight_of(const struct fluit_script *script, const struct fluit_tally *tally,
                          bool split)
{
    uint32_t most, second;
    top_two(script, tally, &most, &second);
    bool differs = 2 * second >= most;
    if (most + second < 2 || differs != split)
        return 0;
    return split ? most + second : most - second;
}

/* The cards on which tables agree, or differ, most. */
static void put_ranked(struct fluit_view *view, const char *key, const struct fluit_script *script,
                       const struct fluit_merge *merge, bool split)
{
    int rows[FLUIT_MERGE_ROWS_MAX], count = 0;
    uint32_t weights[FLUIT_MERGE_ROWS_MAX];
    for (int row = 0; row < script->card_count; row++) {
        uint32_t weight = weight_of(script, &merge->final[row], split);
        if (weight == 0)
            continue;
        int at = count++;
        for (; at > 0 && weights[at - 1] < weight; at--) {
            rows[at] = rows[at - 1];
            weights[at] = weights[at - 1];
        }
        rows[at] = row;
        weights[at] = weight;
    }
    fluit_doc_array(&view->doc, key);
    for (int i = 0; i < count && i < FLUIT_VIEW_RANKED_MAX; i++)
        fluit_doc_str(&view->doc, NULL, fluit_doc_row(script, rows[i]));
    fluit_doc_end(&view->doc);
}

static bool is_empty(const struct fluit_script *script, const struct fluit_merge *merge, int row)
{
    for (int side = 0; side < script->side_count; side++)
        if (fluit_tally_count(&merge->final[row], side) ||
            fluit_tally_count(&merge->first[row], side))
            return false;
    return true;
}

/* round 0: all rounds together. */
static void put_merge(struct fluit_view *view, const char *key, const struct fluit_fold *fold,
                      uint8_t round, struct fluit_merge *merge)
{
    const struct fluit_script *script = fold->script;
    fluit_merge_run(merge, fold, round);
    fluit_doc_object(&view->doc, key);
    fluit_doc_int(&view->doc, "round", round);
    fluit_doc_int(&view->doc, "boards", merge->boards);
    fluit_doc_int(&view->doc, "afterwards", merge->afterwards);
    fluit_doc_array(&view->doc, "cards");
    for (int row = 0; row < merge->row_count; row++) {
        if (is_empty(script, merge, row))
            continue;
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_str(&view->doc, "card", fluit_doc_row(script, row));
        fluit_doc_tally(&view->doc, "final", script, &merge->final[row]);
        fluit_doc_tally(&view->doc, "first", script, &merge->first[row]);
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
    fluit_doc_yields(&view->doc, script, merge);
    put_ranked(view, "agreed", script, merge, false);
    put_ranked(view, "split", script, merge, true);
    fluit_doc_end(&view->doc);
}

static enum fluit_err put_merges(struct fluit_view *view, const struct fluit_fold *fold)
{
    struct fluit_merge *merge = malloc(sizeof *merge);
    if (!merge)
        return FLUIT_E_NOMEM;
    fluit_doc_array(&view->doc, "rounds");
    for (uint8_t round = 1; round <= fold->script->round_count; round++)
        put_merge(view, NULL, fold, round, merge);
    fluit_doc_end(&view->doc);
    put_merge(view, "together", fold, 0, merge);
    free(merge);
    return FLUIT_OK;
}

/* Who said it is not shown: not the table either. */
static void put_words(struct fluit_view *view, const struct fluit_fold *fold,
                      const struct fluit_note *note, const struct fluit_revision *words)
{
    fluit_doc_object(&view->doc, NULL);
    fluit_view_note_id(view, "words", &words->id);
    fluit_view_id(view, "question", &words->question);
    fluit_view_id(view, "card", &words->card.card);
    fluit_doc_int(&view->doc, "round", note->first->origin.round);
    fluit_doc_bool(&view->doc, "quote", (words->flags & FLUIT_NOTE_QUOTE) != 0);
    fluit_doc_str(&view->doc, "heap", fluit_lead_heap(&fold->lead, &words->id));
    fluit_view_text(view, "text", words->text);
    fluit_doc_end(&view->doc);
}

static void put_shown(struct fluit_view *view, const struct fluit_fold *fold)
{
    size_t count = 0;
    fluit_doc_array(&view->doc, "shown");
    for (uint8_t table = 1; fold->lead.releases.count && table <= FLUIT_TABLES_MAX; table++) {
        struct fluit_note note;
        for (size_t at = 0; fluit_fold_note_next(fold, table, &at, &note);)
            for (size_t i = 0; i < note.revision_count && count < FLUIT_VIEW_SHOWN_MAX; i++)
                if (fluit_fold_quotable(fold, table, &note, i)) {
                    put_words(view, fold, &note, fluit_note_revision(&note, i));
                    count++;
                }
    }
    fluit_doc_end(&view->doc);
}

/* The answers of all tables to one poll. */
struct poll {
    uint32_t options[FLUIT_OPTIONS_MAX];
    uint32_t answers;
    uint64_t hands;
};

static void count_answer(struct poll *poll, const struct fluit_question *q,
                         const struct fluit_answer *answer)
{
    uint64_t hands;
    if (!fluit_id_eq(&answer->question, &q->id))
        return;
    if (q->option_count == 0 &&
        fluit_words_number(fluit_slice_str(answer->text), FLUIT_HANDS_MAX, &hands)) {
        poll->hands += hands;
        poll->answers++;
    }
    for (int i = 0; i < q->option_count; i++)
        if (fluit_id_is(&q->options[i].id, answer->text)) {
            poll->options[i]++;
            poll->answers++;
        }
}

static void put_poll(struct fluit_view *view, const struct fluit_fold *fold,
                     const struct fluit_question *q)
{
    struct poll poll = {0};
    for (uint8_t t = 1; t <= FLUIT_TABLES_MAX; t++) {
        const struct fluit_table_fold *table = fluit_fold_table(fold, t);
        for (size_t i = 0; table && i < fluit_notes_answer_count(&table->notes); i++)
            count_answer(&poll, q, fluit_notes_answer_at(&table->notes, i));
    }
    fluit_doc_object(&view->doc, NULL);
    fluit_doc_str(&view->doc, "question", q->id.s);
    fluit_doc_int(&view->doc, "answers", poll.answers);
    fluit_doc_int(&view->doc, "hands", (int64_t)poll.hands);
    fluit_doc_object(&view->doc, "options");
    for (int i = 0; i < q->option_count; i++)
        fluit_doc_int(&view->doc, q->options[i].id.s, poll.options[i]);
    fluit_doc_end(&view->doc);
    fluit_doc_end(&view->doc);
}

/* Has the table said something to the question? */
static bool has_said(const struct fluit_table_fold *table, const struct fluit_question *q)
{
    for (size_t i = 0; i < fluit_notes_answer_count(&table->notes); i++) {
        const struct fluit_answer *answer = fluit_notes_answer_at(&table->notes, i);
        if (answer->text[0] && fluit_id_eq(&answer->question, &q->id))
            return true;
    }
    for (size_t i = 0; i < table->notes.revisions.count; i++) {
        const struct fluit_revision *words = table->notes.revisions.items[i];
        if (words->text[0] && fluit_id_eq(&words->question, &q->id))
            return true;
    }
    return false;
}

/* How many tables have said something, not what. */
static void put_harvest(struct fluit_view *view, const struct fluit_fold *fold,
                        const struct fluit_question *q)
{
    int tables = 0;
    for (uint8_t t = 1; t <= FLUIT_TABLES_MAX; t++) {
        const struct fluit_table_fold *table = fluit_fold_table(fold, t);
        tables += table && has_said(table, q);
    }
    fluit_doc_object(&view->doc, NULL);
    fluit_doc_str(&view->doc, "question", q->id.s);
    fluit_doc_int(&view->doc, "tables", tables);
    fluit_doc_end(&view->doc);
}

static bool is_poll(const struct fluit_question *q)
{
    return q->option_count > 0 || q->per == FLUIT_PER_HANDS;
}

/* Each question once, of the steps that ask the room: polls, or the others. */
static void put_questions(struct fluit_view *view, const char *key, const struct fluit_fold *fold,
                          bool polls,
                          void (*put)(struct fluit_view *view, const struct fluit_fold *fold,
                                      const struct fluit_question *q))
{
    const struct fluit_script *script = fold->script;
    fluit_doc_array(&view->doc, key);
    for (int s = 0; s < script->step_count; s++)
        for (int i = 0; i < script->steps[s].question_count; i++) {
            const struct fluit_question *q = &script->steps[s].questions[i];
            enum fluit_step_kind kind = script->steps[s].kind;
            int first;
            bool asked = kind == FLUIT_STEP_TABLE_TALK || kind == FLUIT_STEP_OPEN_QUESTION;
            if (fluit_script_question(script, q->id.s, &first) == q && first == s &&
                is_poll(q) == polls && (polls || asked))
                put(view, fold, q);
        }
    fluit_doc_end(&view->doc);
}

/* Where devices can join, to be read off the screen: "192.0.2.10:7450". */
static void put_door(struct fluit_view *view, const struct fluit_hub *hub)
{
    char host[FLUIT_BEACON_HOST_LEN_MAX + 1], text[FLUIT_BEACON_HOST_LEN_MAX + 9];
    fluit_doc_array(&view->doc, "door");
    for (size_t i = 0; hub->door_port && i < hub->address_count; i++) {
        fluit_beacon_host(&hub->addresses[i], host);
        snprintf(text, sizeof text, hub->addresses[i].family == 6 ? "[%s]:%u" : "%s:%u", host,
                 hub->door_port);
        fluit_doc_str(&view->doc, NULL, text);
    }
    fluit_doc_end(&view->doc);
}

static enum fluit_err put_room(struct fluit_view *view, const struct fluit_hub *hub)
{
    const struct fluit_fold *fold = hub->node.fold;
    put_door(view, hub);
    put_shown(view, fold);
    put_questions(view, "polls", fold, true, put_poll);
    put_questions(view, "harvest", fold, false, put_harvest);
    return put_merges(view, fold);
}

enum fluit_err fluit_view_room(struct fluit_view *view, const struct fluit_hub *hub)
{
    fluit_doc_object(&view->doc, "projector");
    enum fluit_err err = put_room(view, hub);
    fluit_doc_end(&view->doc);
    return err;
}

enum fluit_err fluit_view_projector(struct fluit_hub *hub, struct fluit_buf *out)
{
    struct fluit_node *node = &hub->node;
    struct fluit_view view;
    enum fluit_err err = FLUIT_OK;
    bool ready = fluit_hub_ready(hub);
    fluit_view_begin(&view);
    fluit_view_clock(&view, node);
    fluit_view_node(&view, node, ready);
    if (ready) {
        fluit_view_plan(&view, node);
        err = fluit_view_room(&view, hub);
    }
    enum fluit_err ended = fluit_view_end(&view, out);
    return err ? err : ended;
}
