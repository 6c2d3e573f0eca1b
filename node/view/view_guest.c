/* view_guest.c: the page of a table, and of its rapporteur. */
#include <stdlib.h>

#include "node/core/acts.h"
#include "node/view/parts.h"
#include "node/view/photo.h"
#include "node/view/view.h"

static const char *place_name(const struct fluit_script *script, struct fluit_place place)
{
    return place.kind == FLUIT_PLACE_HAND    ? "hand"
           : place.kind == FLUIT_PLACE_ASIDE ? "aside"
                                             : script->zones[place.zone].id.s;
}

static int order_of(const struct fluit_board_card *const *laid, size_t count,
                    const struct fluit_board_card *card)
{
    for (size_t i = 0; i < count; i++)
        if (laid[i] == card)
            return (int)i + 1;
    return 0;
}

/* The newest act that changed what the page shows of the card. */
static uint64_t card_seq(const struct fluit_node *node, const struct fluit_board_card *card)
{
    uint64_t moved = card->moves.count ? fluit_view_seq(node, &card->origin) : 0;
    uint64_t why = card->why.set ? fluit_view_seq(node, &card->why.origin) : 0;
    return moved > why ? moved : why;
}

static void put_card(struct fluit_view *view, const struct fluit_node *node,
                     const struct fluit_board_card *card, int order)
{
    fluit_doc_object(&view->doc, NULL);
    fluit_doc_str(&view->doc, "id", card->ref.card.s);
    fluit_doc_int(&view->doc, "copy", card->ref.copy);
    fluit_doc_str(&view->doc, "at", place_name(node->script, card->place));
    fluit_doc_int(&view->doc, "degree", card->place.degree);
    if (card->laid) {
        fluit_doc_object(&view->doc, "first");
        fluit_doc_str(&view->doc, "at", place_name(node->script, card->first));
        fluit_doc_int(&view->doc, "degree", card->first.degree);
        fluit_doc_end(&view->doc);
    } else {
        fluit_doc_null(&view->doc, "first");
    }
    fluit_doc_int(&view->doc, "order", order);
    fluit_doc_bool(&view->doc, "none", card->why.set && card->why.none);
    fluit_view_text(view, "why", card->why.set ? card->why.text : "");
    fluit_doc_int(&view->doc, "seq", (int64_t)card_seq(node, card));
    fluit_view_late(view, node->fold, card->moves.count ? &card->origin : &card->why.origin);
    fluit_doc_end(&view->doc);
}

static void put_cards(struct fluit_view *view, const struct fluit_node *node,
                      const struct fluit_board *board)
{
    const struct fluit_board_card *laid[FLUIT_BOARD_CARDS_MAX];
    size_t count = board ? fluit_board_laid(board, laid) : 0;
    fluit_doc_array(&view->doc, "cards");
    for (size_t i = 0; board && i < fluit_board_card_count(board); i++) {
        const struct fluit_board_card *card = fluit_board_card_at(board, i);
        put_card(view, node, card, card->laid ? order_of(laid, count, card) : 0);
    }
    fluit_doc_end(&view->doc);
}

static void put_links(struct fluit_view *view, const struct fluit_node *node,
                      const struct fluit_board *board)
{
    fluit_doc_array(&view->doc, "links");
    for (size_t i = 0; board && i < fluit_board_link_count(board); i++) {
        const struct fluit_link *link = fluit_board_link_at(board, i);
        if (link->gone)
            continue;
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_str(&view->doc, "from", link->from.card.s);
        fluit_doc_int(&view->doc, "from_copy", link->from.copy);
        fluit_doc_str(&view->doc, "to", link->to.card.s);
        fluit_doc_int(&view->doc, "to_copy", link->to.copy);
        fluit_view_text(view, "word", link->word);
        fluit_doc_int(&view->doc, "seq", (int64_t)fluit_view_seq(node, &link->origin));
        fluit_view_late(view, node->fold, &link->origin);
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

static void put_blanks(struct fluit_view *view, const struct fluit_node *node,
                       const struct fluit_board *board)
{
    fluit_doc_array(&view->doc, "blanks");
    for (size_t i = 0; board && i < fluit_board_card_count(board); i++) {
        const struct fluit_board_card *card = fluit_board_card_at(board, i);
        if (!card->blank.set || !card->blank.text[0])
            continue;
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_str(&view->doc, "id", card->ref.card.s);
        fluit_view_text(view, "text", card->blank.text);
        fluit_doc_int(&view->doc, "seq", (int64_t)fluit_view_seq(node, &card->blank.origin));
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

static void put_board(struct fluit_view *view, const struct fluit_guest *guest)
{
    const struct fluit_node *node = &guest->node;
    const struct fluit_board *board = fluit_guest_board(guest);
    bool grouped = board && board->group.set && board->group.group >= 0;
    static const struct fluit_id none;
    fluit_doc_object(&view->doc, "board");
    fluit_doc_int(&view->doc, "round", fluit_guest_round(guest));
    fluit_doc_bool(&view->doc, "may_go_on", fluit_guest_may_go_on(guest));
    fluit_view_id(view, "group", grouped ? &node->script->groups[board->group.group].id : &none);
    put_cards(view, node, board);
    put_links(view, node, board);
    put_blanks(view, node, board);
    fluit_doc_end(&view->doc);
}

static void put_rounds(struct fluit_view *view, const struct fluit_node *node)
{
    fluit_doc_array(&view->doc, "rounds");
    for (uint8_t round = 1; round <= (uint8_t)node->script->round_count; round++) {
        struct fluit_fold_counts counts = fluit_fold_counts(node->fold, node->table, round);
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_int(&view->doc, "round", round);
        fluit_doc_int(&view->doc, "cards", (int64_t)counts.cards);
        fluit_doc_int(&view->doc, "notes", (int64_t)counts.notes);
        fluit_doc_bool(&view->doc, "closed", fluit_fold_cut(node->fold, round) != NULL);
        fluit_doc_bool(&view->doc, "afterwards",
                       fluit_fold_entered_after(node->fold, node->table, round));
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

static void put_roles(struct fluit_view *view, const struct fluit_guest *guest)
{
    const struct fluit_node *node = &guest->node;
    fluit_doc_object(&view->doc, "roles");
    for (int role = 0; role < node->script->role_count; role++)
        fluit_doc_int(&view->doc, node->script->roles[role].id.s,
                      fluit_fold_seat(node->fold, node->table, fluit_guest_round(guest), role));
    fluit_doc_end(&view->doc);
}

/* What one revision says, and who said it. */
static void put_words(struct fluit_view *view, const struct fluit_node *node,
                      const struct fluit_revision *words)
{
    fluit_view_note_id(view, "revision", &words->id);
    fluit_view_id(view, "question", &words->question);
    fluit_view_id(view, "card", &words->card.card);
    fluit_doc_int(&view->doc, "copy", words->card.card.s[0] ? words->card.copy : 0);
    fluit_doc_bool(&view->doc, "quote", (words->flags & FLUIT_NOTE_QUOTE) != 0);
    fluit_doc_bool(&view->doc, "plenary", (words->flags & FLUIT_NOTE_PLENARY) != 0);
    fluit_view_text(view, "text", words->text);
    fluit_doc_str(&view->doc, "by", fluit_node_class_name(words->origin.author));
    fluit_doc_int(&view->doc, "seq", (int64_t)fluit_view_seq(node, &words->origin));
    fluit_view_late(view, node->fold, &words->origin);
}

/* What others wrote at the same time. */
static void put_other_heads(struct fluit_view *view, const struct fluit_node *node,
                            const struct fluit_note *note, const struct fluit_revision *living)
{
    size_t others = 0;
    fluit_doc_array(&view->doc, "others");
    for (size_t i = 0; i < note->revision_count && others < FLUIT_NOTE_PARENTS_MAX; i++) {
        const struct fluit_revision *words = fluit_note_revision(note, i);
        if (words == living || words->flags & FLUIT_NOTE_GONE || !fluit_note_is_head(note, i))
            continue;
        fluit_doc_object(&view->doc, NULL);
        put_words(view, node, words);
        fluit_doc_end(&view->doc);
        others++;
    }
    fluit_doc_end(&view->doc);
}

static bool is_released(const struct fluit_node *node, const struct fluit_note *note)
{
    for (size_t i = 0; i < note->revision_count; i++)
        if (fluit_fold_quotable(node->fold, node->table, note, i))
            return true;
    return false;
}

static void put_note(struct fluit_view *view, const struct fluit_node *node,
                     const struct fluit_note *note)
{
    const struct fluit_revision *living = fluit_note_living(note);
    fluit_doc_object(&view->doc, NULL);
    fluit_view_note_id(view, "id", &note->id);
    fluit_doc_int(&view->doc, "round", note->first->origin.round);
    put_words(view, node, living);
    fluit_doc_bool(&view->doc, "released", is_released(node, note));
    fluit_doc_int(&view->doc, "heads", (int64_t)note->head_count);
    if (note->head_count > 1)
        put_other_heads(view, node, note, living);
    fluit_doc_end(&view->doc);
}

static enum fluit_err put_notes(struct fluit_view *view, const struct fluit_guest *guest)
{
    const struct fluit_notes *notes = fluit_guest_notes(guest);
    struct fluit_note *sorted = NULL;
    size_t count = 0, living = 0, left_out;
    enum fluit_err err =
        notes ? fluit_notes_sorted(notes, guest->node.script, &sorted, &count) : FLUIT_OK;
    if (err)
        return err;
    for (size_t i = 0; i < count; i++)
        if (!sorted[i].gone)
            sorted[living++] = sorted[i];
    left_out = living > FLUIT_VIEW_NOTES_MAX ? living - FLUIT_VIEW_NOTES_MAX : 0;
    fluit_doc_array(&view->doc, "notes");
    for (size_t i = left_out; i < living; i++)
        put_note(view, &guest->node, &sorted[i]);
    fluit_doc_end(&view->doc);
    fluit_doc_int(&view->doc, "notes_left_out", (int64_t)left_out);
    free(sorted);
    return FLUIT_OK;
}

static void put_answers(struct fluit_view *view, const struct fluit_guest *guest)
{
    const struct fluit_notes *notes = fluit_guest_notes(guest);
    size_t count = notes ? fluit_notes_answer_count(notes) : 0;
    fluit_doc_array(&view->doc, "answers");
    for (size_t i = 0; i < count && i < FLUIT_VIEW_ANSWERS_MAX; i++) {
        const struct fluit_answer *answer = fluit_notes_answer_at(notes, i);
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_str(&view->doc, "question", answer->question.s);
        fluit_doc_int(&view->doc, "round", answer->origin.round);
        fluit_doc_int(&view->doc, "seat", answer->seat);
        fluit_view_text(view, "text", answer->text);
        fluit_doc_str(&view->doc, "by", fluit_node_class_name(answer->origin.author));
        fluit_doc_int(&view->doc, "seq", (int64_t)fluit_view_seq(&guest->node, &answer->origin));
        fluit_view_late(view, guest->node.fold, &answer->origin);
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

static void put_messages(struct fluit_view *view, const struct fluit_node *node)
{
    const struct fluit_announcement *newest[FLUIT_VIEW_MESSAGES_MAX], *message = NULL;
    size_t count = 0;
    while ((message = fluit_lead_message_after(&node->fold->lead, node->table,
                                               message ? &message->origin : NULL)))
        newest[count++ % FLUIT_VIEW_MESSAGES_MAX] = message;
    size_t from = count > FLUIT_VIEW_MESSAGES_MAX ? count - FLUIT_VIEW_MESSAGES_MAX : 0;
    fluit_doc_array(&view->doc, "messages");
    for (size_t i = from; i < count; i++) {
        message = newest[i % FLUIT_VIEW_MESSAGES_MAX];
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_int(&view->doc, "at_us", message->origin.mesh_us);
        fluit_doc_bool(&view->doc, "all", message->table == 0);
        fluit_view_text(view, "text", message->text);
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

enum fluit_err fluit_view_guest(struct fluit_guest *guest, struct fluit_buf *out)
{
    struct fluit_node *node = &guest->node;
    struct fluit_view view;
    enum fluit_err err = FLUIT_OK;
    bool ready = fluit_guest_ready(guest);
    fluit_view_begin(&view);
    fluit_view_clock(&view, node);
    fluit_view_node(&view, node, ready);
    if (ready) {
        fluit_view_plan(&view, node);
        fluit_view_heard(&view, node->fold, fluit_node_member(node));
        put_messages(&view, node);
        put_board(&view, guest);
        put_rounds(&view, node);
        put_roles(&view, guest);
        put_answers(&view, guest);
        fluit_doc_array(&view.doc, "photos");
        fluit_view_photos(&view, node, node->table, false);
        fluit_doc_end(&view.doc);
        err = put_notes(&view, guest);
        fluit_doc_int(&view.doc, "undo", guest->undo_count);
    }
    enum fluit_err ended = fluit_view_end(&view, out);
    return err ? err : ended;
}
