/* The report as JSON: what only the full edition says, table by table. */
#include "node/report/json.h"

#include <stdlib.h>

#include "common/base64.h"
#include "node/report/photos.h"

static void put_late(struct fluit_doc *doc, const struct fluit_report_input *in,
                     const struct fluit_origin *origin)
{
    fluit_doc_int(doc, "time", origin->mesh_us);
    fluit_doc_str(doc, "late", fluit_late_name(fluit_fold_late(in->fold, origin)));
}

static void put_place(struct fluit_doc *doc, const char *key, const struct fluit_script *script,
                      struct fluit_place place)
{
    static const char *const off_board[] = {"hand", "aside"};
    bool zone = place.kind == FLUIT_PLACE_ZONE;
    fluit_doc_object(doc, key);
    fluit_doc_str(doc, "at", zone ? script->zones[place.zone].id.s : off_board[place.kind]);
    fluit_doc_int(doc, "degree", place.degree);
    fluit_doc_end(doc);
}

static void put_worded(struct fluit_doc *doc, const struct fluit_report_input *in, const char *key,
                       const struct fluit_worded *worded)
{
    if (!worded->set) {
        fluit_doc_null(doc, key);
        return;
    }
    fluit_doc_object(doc, key);
    fluit_doc_bool(doc, "none", worded->none);
    fluit_doc_str(doc, "text", worded->text);
    put_late(doc, in, &worded->origin);
    fluit_doc_end(doc);
}

static void put_ref(struct fluit_doc *doc, const char *key, const struct fluit_card_ref *ref)
{
    fluit_doc_object(doc, key);
    fluit_doc_str(doc, "card", ref->card.s);
    fluit_doc_int(doc, "copy", ref->copy);
    fluit_doc_end(doc);
}

static void put_card(struct fluit_doc *doc, const struct fluit_report_input *in,
                     const struct fluit_board_card *card, size_t order)
{
    fluit_doc_object(doc, NULL);
    fluit_doc_str(doc, "card", card->ref.card.s);
    fluit_doc_int(doc, "copy", card->ref.copy);
    fluit_doc_int(doc, "order", (int64_t)order);
    put_place(doc, "final", in->script, card->place);
    if (card->laid)
        put_place(doc, "first", in->script, card->first);
    else
        fluit_doc_null(doc, "first");
    fluit_doc_int(doc, "moves", (int64_t)card->moves.count);
    put_worded(doc, in, "why", &card->why);
    put_worded(doc, in, "blank", &card->blank);
    if (card->moves.count)
        put_late(doc, in, &card->origin);
    fluit_doc_end(doc);
}

static void put_roles(struct fluit_doc *doc, const struct fluit_report_input *in,
                      const struct fluit_board *board)
{
    fluit_doc_object(doc, "roles");
    for (int role = 0; role < in->script->role_count; role++)
        if (board->roles[role].set)
            fluit_doc_int(doc, in->script->roles[role].id.s, board->roles[role].seat);
    fluit_doc_end(doc);
    bool grouped = board->group.set && board->group.group >= 0;
    fluit_doc_str(doc, "group", grouped ? in->script->groups[board->group.group].id.s : "");
}

static void put_board(struct fluit_doc *doc, const struct fluit_report_input *in,
                      const struct fluit_board *board)
{
    const struct fluit_board_card *laid[FLUIT_BOARD_CARDS_MAX];
    size_t laid_count = fluit_board_laid(board, laid);
    put_roles(doc, in, board);
    fluit_doc_array(doc, "cards");
    for (size_t i = 0; i < laid_count; i++)
        put_card(doc, in, laid[i], i + 1);
    for (size_t i = 0; i < fluit_board_card_count(board); i++)
        if (!fluit_board_card_at(board, i)->laid)
            put_card(doc, in, fluit_board_card_at(board, i), 0);
    fluit_doc_end(doc);
    fluit_doc_array(doc, "links");
    for (size_t i = 0; i < fluit_board_link_count(board); i++) {
        const struct fluit_link *link = fluit_board_link_at(board, i);
        if (link->gone)
            continue;
        fluit_doc_object(doc, NULL);
        put_ref(doc, "from", &link->from);
        put_ref(doc, "to", &link->to);
        fluit_doc_str(doc, "word", link->word);
        put_late(doc, in, &link->origin);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

static void put_hex(struct fluit_doc *doc, const char *key, const struct fluit_note_id *id)
{
    char hex[2 * sizeof id->b + 1];
    fluit_hex(id->b, sizeof id->b, hex);
    fluit_doc_str(doc, key, hex);
}

/* Words that were taken back stay away, also here. */
static void put_head(struct fluit_doc *doc, const struct fluit_report_input *in, uint8_t table,
                     const struct fluit_note *note, size_t at)
{
    const struct fluit_revision *head = fluit_note_revision(note, at);
    bool gone = head->flags & FLUIT_NOTE_GONE;
    fluit_doc_object(doc, NULL);
    put_hex(doc, "revision", &head->id);
    fluit_doc_str(doc, "by", fluit_node_class_name(head->origin.author));
    fluit_doc_bool(doc, "quote", head->flags & FLUIT_NOTE_QUOTE);
    fluit_doc_bool(doc, "plenary", head->flags & FLUIT_NOTE_PLENARY);
    fluit_doc_bool(doc, "gone", gone);
    fluit_doc_bool(doc, "released", fluit_fold_quotable(in->fold, table, note, at));
    fluit_doc_str(doc, "text", gone ? "" : head->text);
    put_late(doc, in, &head->origin);
    fluit_doc_end(doc);
}

static void put_note(struct fluit_doc *doc, const struct fluit_report_input *in, uint8_t table,
                     const struct fluit_note *note)
{
    fluit_doc_object(doc, NULL);
    put_hex(doc, "note", &note->id);
    fluit_doc_str(doc, "question", note->newest->question.s);
    if (note->newest->card.card.s[0])
        put_ref(doc, "about", &note->newest->card);
    else
        fluit_doc_null(doc, "about");
    fluit_doc_int(doc, "revisions", (int64_t)note->revision_count);
    fluit_doc_array(doc, "heads");
    for (size_t i = 0; i < note->revision_count; i++)
        if (fluit_note_is_head(note, i))
            put_head(doc, in, table, note, i);
    fluit_doc_end(doc);
    fluit_doc_end(doc);
}

static enum fluit_err put_picture(struct fluit_doc *doc, const struct fluit_report_input *in,
                                  const struct fluit_photo *photo)
{
    struct fluit_buf jpeg = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    enum fluit_err err = in->photo(in->photo_arg, photo, &jpeg);
    if (!err) {
        fluit_base64_put(&text, fluit_buf_slice(&jpeg));
        fluit_doc_str(doc, "data", fluit_buf_text(&text));
        err = text.err;
    } else if (err == FLUIT_E_FORMAT || err == FLUIT_E_MISSING) {
        fluit_doc_null(doc, "data");
        err = FLUIT_OK;
    }
    if (jpeg.data)
        fluit_wipe(jpeg.data, jpeg.cap);
    if (text.data)
        fluit_wipe(text.data, text.cap);
    fluit_buf_deinit(&jpeg);
    fluit_buf_deinit(&text);
    return err;
}

static enum fluit_err put_photos(struct fluit_doc *doc, const struct fluit_report_input *in,
                                 uint8_t table, uint8_t round)
{
    struct fluit_photo photos[FLUIT_PHOTOS_MAX];
    size_t count = fluit_report_photos(in, table, round, photos);
    enum fluit_err err = FLUIT_OK;
    fluit_doc_array(doc, "photos");
    for (size_t i = 0; i < count && !err; i++) {
        char name[FLUIT_PHOTO_NAME_LEN];
        fluit_report_photo_name(table, round, i + 1, name);
        fluit_doc_object(doc, NULL);
        put_hex(doc, "photo", &photos[i].id);
        fluit_doc_str(doc, "file", name);
        fluit_doc_str(doc, "by", fluit_node_class_name(photos[i].newest->origin.author));
        fluit_doc_int(doc, "bytes", photos[i].bytes);
        put_late(doc, in, &photos[i].newest->origin);
        if (in->photo)
            err = put_picture(doc, in, &photos[i]);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
    return err;
}

static void put_answers_to(struct fluit_doc *doc, const struct fluit_report_input *in,
                           uint8_t table, uint8_t round, const struct fluit_id *question)
{
    for (uint8_t seat = 0; seat <= FLUIT_SEATS_MAX; seat++) {
        const struct fluit_answer *answer =
            fluit_fold_answer(in->fold, table, round, question, seat);
        if (!answer || !answer->text[0]) /* or taken back */
            continue;
        fluit_doc_object(doc, NULL);
        fluit_doc_str(doc, "question", question->s);
        fluit_doc_int(doc, "seat", seat);
        fluit_doc_str(doc, "text", answer->text);
        put_late(doc, in, &answer->origin);
        fluit_doc_end(doc);
    }
}

static void put_answers(struct fluit_doc *doc, const struct fluit_report_input *in, uint8_t table,
                        uint8_t round)
{
    fluit_doc_array(doc, "answers");
    for (int s = 0; s < in->script->step_count; s++)
        for (int q = 0; q < in->script->steps[s].question_count; q++)
            put_answers_to(doc, in, table, round, &in->script->steps[s].questions[q].id);
    fluit_doc_end(doc);
}

static enum fluit_err put_round(struct fluit_doc *doc, const struct fluit_report_input *in,
                                uint8_t table, uint8_t round, const struct fluit_note *notes,
                                size_t count)
{
    static const struct fluit_board empty;
    const struct fluit_board *board = fluit_fold_board(in->fold, table, round);
    struct fluit_buf respondent = FLUIT_BUF_INIT;
    if (round)
        fluit_parts_respondent(in, table, round, &respondent);
    fluit_doc_object(doc, NULL);
    fluit_doc_int(doc, "round", round);
    fluit_doc_bool(doc, "afterwards", fluit_fold_entered_after(in->fold, table, round));
    fluit_doc_str(doc, "respondent", fluit_buf_text(&respondent));
    doc->failed = doc->failed || respondent.err;
    put_board(doc, in, board ? board : &empty);
    fluit_doc_array(doc, "notes");
    for (size_t i = 0; i < count; i++)
        if (notes[i].first->origin.round == round)
            put_note(doc, in, table, &notes[i]);
    fluit_doc_end(doc);
    put_answers(doc, in, table, round);
    enum fluit_err err = put_photos(doc, in, table, round);
    fluit_doc_end(doc);
    fluit_buf_deinit(&respondent);
    return err;
}

static enum fluit_err put_table(struct fluit_doc *doc, const struct fluit_report_input *in,
                                uint8_t table)
{
    struct fluit_note *notes;
    size_t count;
    enum fluit_err err =
        fluit_notes_sorted(&fluit_fold_table(in->fold, table)->notes, in->script, &notes, &count);
    if (err)
        return err;
    fluit_doc_object(doc, NULL);
    fluit_doc_int(doc, "table", table);
    fluit_doc_int(doc, "board_round", fluit_fold_board_round(in->fold, table));
    fluit_doc_array(doc, "rounds");
    for (uint8_t round = 0; round <= in->script->round_count && !err; round++)
        err = put_round(doc, in, table, round, notes, count);
    fluit_doc_end(doc);
    fluit_doc_end(doc);
    free(notes);
    return err;
}

static void put_cuts(struct fluit_doc *doc, const struct fluit_report_input *in)
{
    fluit_doc_array(doc, "closed");
    for (uint8_t round = 1; round <= in->script->round_count; round++) {
        const struct fluit_cut *cut = fluit_fold_cut(in->fold, round);
        if (!cut)
            continue;
        fluit_doc_object(doc, NULL);
        fluit_doc_int(doc, "round", round);
        fluit_doc_int(doc, "term", cut->term);
        fluit_doc_int(doc, "time", cut->closed_us);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

/* Which devices' people heard the test of the whistle. */
static void put_sound_checks(struct fluit_doc *doc, const struct fluit_report_input *in)
{
    fluit_doc_array(doc, "sound_checks");
    for (uint32_t rank = 0; rank < FLUIT_NODES_MAX; rank++) {
        const struct fluit_heard *test = fluit_fold_heard(in->fold, rank);
        if (!test)
            continue;
        fluit_doc_object(doc, NULL);
        fluit_doc_int(doc, "table", test->origin.table);
        fluit_doc_str(doc, "by", fluit_node_class_name(test->origin.author));
        fluit_doc_bool(doc, "heard", test->heard);
        fluit_doc_int(doc, "time", test->origin.mesh_us);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

enum fluit_err fluit_json_tables(struct fluit_doc *doc, const struct fluit_report_input *in)
{
    put_cuts(doc, in);
    fluit_doc_int(doc, "ignored", (int64_t)in->fold->ignored.count);
    put_sound_checks(doc, in);
    fluit_doc_array(doc, "tables");
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        if (!fluit_fold_table(in->fold, table))
            continue;
        enum fluit_err err = put_table(doc, in, table);
        if (err)
            return err;
    }
    fluit_doc_end(doc);
    return FLUIT_OK;
}
