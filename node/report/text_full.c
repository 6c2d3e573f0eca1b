/* The report as text: what only the full edition says, table by table. */
#include "node/report/text.h"

#include <stdlib.h>

#include "node/report/photos.h"

static const char *label(const struct fluit_report_input *in, enum fluit_label which)
{
    return fluit_text_label(in, which);
}

static void put_late(const struct fluit_report_input *in, const struct fluit_origin *origin,
                     struct fluit_buf *out)
{
    enum fluit_late late = fluit_fold_late(in->fold, origin);
    if (late)
        fluit_buf_printf(
            out, " [%s]",
            label(in, late == FLUIT_LATE_MADE ? FLUIT_LABEL_LATE_MADE : FLUIT_LABEL_LATE_ARRIVED));
}

static void put_place(const struct fluit_report_input *in, struct fluit_place place,
                      struct fluit_buf *out)
{
    if (place.kind != FLUIT_PLACE_ZONE) {
        fluit_buf_puts(
            out, label(in, place.kind == FLUIT_PLACE_HAND ? FLUIT_LABEL_HAND : FLUIT_LABEL_ASIDE));
        return;
    }
    fluit_buf_puts(out, fluit_parts_text(in, &in->script->zones[place.zone].name));
    if (place.degree)
        fluit_buf_printf(out, " %u", place.degree);
}

static void put_card_name(const struct fluit_report_input *in, const struct fluit_board *board,
                          const struct fluit_card_ref *ref, struct fluit_buf *out)
{
    int card = fluit_script_card(in->script, ref->card.s);
    const struct fluit_board_card *held = card < 0 ? fluit_board_card(board, ref) : NULL;
    if (card >= 0)
        fluit_buf_puts(out, fluit_parts_text(in, &in->script->cards[card].name));
    else
        fluit_buf_puts(out, held && held->blank.set ? held->blank.text : ref->card.s);
    if (card >= 0 && in->script->cards[card].copies > 1)
        fluit_buf_printf(out, " (%u)", ref->copy);
}

/* Appends what was gathered in line as a paragraph, and empties it. */
static void flush(struct fluit_buf *line, size_t indent, struct fluit_buf *out)
{
    fluit_text_wrap(out, indent, fluit_buf_text(line));
    if (line->err && !out->err)
        out->err = line->err;
    fluit_buf_reset(line);
}

static void put_card(const struct fluit_report_input *in, const struct fluit_board *board,
                     const struct fluit_board_card *card, size_t order, struct fluit_buf *out)
{
    struct fluit_buf line = FLUIT_BUF_INIT;
    fluit_buf_printf(out, "%4zu. ", order);
    put_card_name(in, board, &card->ref, &line);
    fluit_buf_puts(&line, ": ");
    put_place(in, card->place, &line);
    if (!fluit_place_eq(card->first, card->place)) {
        fluit_buf_printf(&line, "; %s ", label(in, FLUIT_LABEL_FIRST));
        put_place(in, card->first, &line);
    }
    fluit_buf_printf(&line, "; %s %zu", label(in, FLUIT_LABEL_MOVES), card->moves.count);
    put_late(in, &card->origin, &line);
    flush(&line, 6, out);
    if (card->why.set) {
        fluit_buf_printf(&line, "%s: %s", label(in, FLUIT_LABEL_WHY),
                         card->why.none ? label(in, FLUIT_LABEL_WHY_NONE) : card->why.text);
        put_late(in, &card->why.origin, &line);
        fluit_text_pad(out, "", 6);
        flush(&line, 6, out);
    }
    fluit_buf_deinit(&line);
}

static void put_links(const struct fluit_report_input *in, const struct fluit_board *board,
                      struct fluit_buf *out)
{
    struct fluit_buf line = FLUIT_BUF_INIT;
    for (size_t i = 0; i < fluit_board_link_count(board); i++) {
        const struct fluit_link *link = fluit_board_link_at(board, i);
        if (link->gone)
            continue;
        fluit_buf_printf(&line, "%s: ", label(in, FLUIT_LABEL_LINK));
        put_card_name(in, board, &link->from, &line);
        fluit_buf_puts(&line, link->word[0] ? " - " : " ");
        fluit_buf_puts(&line, link->word);
        fluit_buf_puts(&line, link->word[0] ? " -> " : "-> ");
        put_card_name(in, board, &link->to, &line);
        put_late(in, &link->origin, &line);
        fluit_text_pad(out, "", 6);
        flush(&line, 6, out);
    }
    fluit_buf_deinit(&line);
}

static void put_roles(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                      const struct fluit_board *board, struct fluit_buf *out)
{
    struct fluit_buf line = FLUIT_BUF_INIT;
    for (int role = 0; role < in->script->role_count; role++) {
        uint8_t seat = fluit_fold_seat(in->fold, table, round, role);
        if (seat)
            fluit_buf_printf(&line, "%s%s %u", line.len ? ", " : "",
                             fluit_parts_text(in, &in->script->roles[role].name), seat);
    }
    if (board && board->group.set && board->group.group >= 0)
        fluit_buf_printf(&line, "%s%s: %s", line.len ? "; " : "", label(in, FLUIT_LABEL_GROUP),
                         fluit_parts_text(in, &in->script->groups[board->group.group].name));
    if (line.len) {
        fluit_text_pad(out, "", 2);
        flush(&line, 2, out);
    }
    fluit_buf_deinit(&line);
}

static void put_board(const struct fluit_report_input *in, const struct fluit_board *board,
                      struct fluit_buf *out)
{
    const struct fluit_board_card *laid[FLUIT_BOARD_CARDS_MAX];
    size_t count = fluit_board_laid(board, laid);
    for (size_t i = 0; i < count; i++)
        put_card(in, board, laid[i], i + 1, out);
    put_links(in, board, out);
}

static const char *question_text(const struct fluit_report_input *in, const char *id)
{
    int step;
    const struct fluit_question *question = fluit_script_question(in->script, id, &step);
    return question ? fluit_parts_text(in, &question->text) : "";
}

static void put_note(const struct fluit_report_input *in, const struct fluit_note *note,
                     struct fluit_buf *out)
{
    struct fluit_buf line = FLUIT_BUF_INIT;
    for (size_t i = 0; i < note->revision_count; i++) {
        const struct fluit_revision *head = fluit_note_revision(note, i);
        if (!fluit_note_is_head(note, i))
            continue;
        bool gone = head->flags & FLUIT_NOTE_GONE;
        fluit_buf_puts(&line, gone ? label(in, FLUIT_LABEL_GONE) : head->text);
        put_late(in, &head->origin, &line);
        fluit_buf_puts(out, note->head_count > 1 ? "    | " : "    - ");
        flush(&line, 6, out);
    }
    fluit_buf_deinit(&line);
}

static void put_question(const struct fluit_report_input *in, const char *id, struct fluit_buf *out)
{
    fluit_buf_puts(out, "  ");
    fluit_text_wrap(out, 2, id[0] ? question_text(in, id) : label(in, FLUIT_LABEL_NOTES));
}

static void put_notes(const struct fluit_report_input *in, uint8_t round,
                      const struct fluit_note *notes, size_t count, struct fluit_buf *out)
{
    const struct fluit_note *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (notes[i].first->origin.round != round)
            continue;
        if (!last || last->place != notes[i].place)
            put_question(in, notes[i].newest->question.s, out);
        put_note(in, &notes[i], out);
        last = &notes[i];
    }
}

static void put_answers_to(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                           const struct fluit_id *question, struct fluit_buf *out)
{
    struct fluit_buf line = FLUIT_BUF_INIT;
    bool any = false;
    for (uint8_t seat = 0; seat <= FLUIT_SEATS_MAX; seat++) {
        const struct fluit_answer *answer =
            fluit_fold_answer(in->fold, table, round, question, seat);
        if (!answer || !answer->text[0]) /* or taken back */
            continue;
        if (!any)
            put_question(in, question->s, out);
        any = true;
        if (seat)
            fluit_buf_printf(&line, "%s %u: ", label(in, FLUIT_LABEL_SEAT), seat);
        fluit_buf_puts(&line, answer->text);
        put_late(in, &answer->origin, &line);
        fluit_buf_puts(out, "    > ");
        flush(&line, 6, out);
    }
    fluit_buf_deinit(&line);
}

static void put_answers(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                        struct fluit_buf *out)
{
    for (int s = 0; s < in->script->step_count; s++)
        for (int q = 0; q < in->script->steps[s].question_count; q++)
            put_answers_to(in, table, round, &in->script->steps[s].questions[q].id, out);
}

static void put_photos(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                       struct fluit_buf *out)
{
    struct fluit_photo photos[FLUIT_PHOTOS_MAX];
    struct fluit_buf line = FLUIT_BUF_INIT;
    size_t count = fluit_report_photos(in, table, round, photos);
    for (size_t i = 0; i < count; i++) {
        char name[FLUIT_PHOTO_NAME_LEN];
        fluit_report_photo_name(table, round, i + 1, name);
        fluit_buf_printf(&line, "%s: %s", label(in, FLUIT_LABEL_PHOTO), name);
        put_late(in, &photos[i].newest->origin, &line);
        fluit_text_pad(out, "", 2);
        flush(&line, 2, out);
    }
    fluit_buf_deinit(&line);
}

static void put_round(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                      const struct fluit_note *notes, size_t count, struct fluit_buf *out)
{
    const struct fluit_board *board = fluit_fold_board(in->fold, table, round);
    bool afterwards = fluit_fold_entered_after(in->fold, table, round);
    size_t before = out->len;
    if (round)
        fluit_buf_printf(out, "\n%s %u%s%s%s\n", label(in, FLUIT_LABEL_ROUND), round,
                         afterwards ? " (" : "", afterwards ? label(in, FLUIT_LABEL_LATE_MADE) : "",
                         afterwards ? ")" : "");
    else
        fluit_buf_printf(out, "%s\n", label(in, FLUIT_LABEL_OUTSIDE));
    size_t headed = out->len;
    put_roles(in, table, round, board, out);
    if (board)
        put_board(in, board, out);
    put_notes(in, round, notes, count, out);
    put_answers(in, table, round, out);
    put_photos(in, table, round, out);
    if (out->len == headed)
        out->len = before; /* nothing to head */
}

enum fluit_err fluit_text_tables(const struct fluit_report_input *in, struct fluit_buf *out)
{
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        const struct fluit_table_fold *at = fluit_fold_table(in->fold, table);
        struct fluit_note *notes;
        size_t count;
        if (!at)
            continue;
        enum fluit_err err = fluit_notes_sorted(&at->notes, in->script, &notes, &count);
        if (err)
            return err;
        struct fluit_buf heading = FLUIT_BUF_INIT;
        fluit_buf_printf(&heading, "%s %u", label(in, FLUIT_LABEL_TABLE), table);
        fluit_text_heading(out, fluit_buf_text(&heading), '-');
        if (heading.err && !out->err)
            out->err = heading.err;
        fluit_buf_deinit(&heading);
        for (uint8_t round = 0; round <= in->script->round_count; round++)
            put_round(in, table, round, notes, count, out);
        free(notes);
    }
    return out->err;
}
