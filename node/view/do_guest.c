/* do_guest.c: what people ask of a table's or rapporteur's page. */
#include <string.h>

#include "node/core/acts.h"
#include "node/view/do.h"
#include "node/view/doing.h"

/* The card that these two members name. */
static bool get_card(struct fluit_doing *d, const char *card, const char *copy,
                     struct fluit_card_ref *out)
{
    int number = fluit_request_number(d->form, copy, FLUIT_COPIES_MAX, 1);
    *out = (struct fluit_card_ref){.copy = (uint8_t)(number < 0 ? 0 : number)};
    if (!fluit_request_id(d->form, card, &out->card) || out->copy == 0 ||
        !fluit_script_has_card(d->guest->node.script, out))
        return fluit_doing_no(d, "there is no such card");
    return true;
}

static bool move(struct fluit_doing *d, struct fluit_place to)
{
    struct fluit_card_ref card;
    return get_card(d, "card", "copy", &card) && fluit_guest_move(d->guest, &card, to, &d->said);
}

static bool do_place(struct fluit_doing *d)
{
    struct fluit_id id;
    int degree = fluit_request_number(d->form, "degree", FLUIT_DEGREES_MAX, 0);
    int zone = fluit_request_id(d->form, "zone", &id)
                   ? fluit_script_zone(d->guest->node.script, id.s)
                   : -1;
    if (zone < 0 || degree < 0)
        return fluit_doing_no(d, "there is no such place");
    return move(d, (struct fluit_place){FLUIT_PLACE_ZONE, (uint8_t)zone, (uint8_t)degree});
}

static bool do_aside(struct fluit_doing *d)
{
    return move(d, (struct fluit_place){.kind = FLUIT_PLACE_ASIDE});
}

static bool do_lift(struct fluit_doing *d)
{
    return move(d, (struct fluit_place){.kind = FLUIT_PLACE_HAND});
}

static bool do_why(struct fluit_doing *d)
{
    struct fluit_card_ref card;
    return get_card(d, "card", "copy", &card) &&
           fluit_guest_say_why(d->guest, &card, fluit_form_null(d->form, "text"),
                               fluit_request_text(d->form, "text"), &d->said);
}

static bool set_link(struct fluit_doing *d, bool gone)
{
    struct fluit_card_ref from, to;
    return get_card(d, "from", "from_copy", &from) && get_card(d, "to", "to_copy", &to) &&
           fluit_guest_set_link(d->guest, &from, &to, gone, fluit_request_text(d->form, "word"),
                                &d->said);
}

static bool do_link(struct fluit_doing *d)
{
    return set_link(d, false);
}

static bool do_unlink(struct fluit_doing *d)
{
    return set_link(d, true);
}

/* Is that written on it already? Who asks again after a lost answer gets the answer. */
static bool is_written(struct fluit_doing *d, const struct fluit_card_ref *ref,
                       struct fluit_slice text)
{
    const struct fluit_board *board = fluit_guest_board(d->guest);
    const struct fluit_board_card *card = board ? fluit_board_card(board, ref) : NULL;
    if (!card || !card->blank.set || !fluit_slice_is(text, card->blank.text))
        return false;
    d->held = &card->blank.origin;
    return true;
}

static bool do_blank(struct fluit_doing *d)
{
    struct fluit_slice text = fluit_request_text(d->form, "text");
    if (fluit_request_text(d->form, "blank").len == 0)
        return text.len ? fluit_guest_write_blank(d->guest, text, &d->card, &d->said)
                        : fluit_doing_no(d, "say what is written on it");
    struct fluit_card_ref ref;
    if (!get_card(d, "blank", "", &ref))
        return false;
    if (fluit_script_card(d->guest->node.script, ref.card.s) >= 0)
        return fluit_doing_no(d, "that is not a blank card");
    d->card = ref.card;
    return is_written(d, &ref, text) ||
           fluit_guest_rewrite_blank(d->guest, &ref.card, text, &d->said);
}

static bool do_role(struct fluit_doing *d)
{
    struct fluit_id id;
    int seat = fluit_request_number(d->form, "seat", FLUIT_SEATS_MAX, -1);
    int role = fluit_request_id(d->form, "role", &id)
                   ? fluit_script_role(d->guest->node.script, id.s)
                   : -1;
    if (role < 0)
        return fluit_doing_no(d, "there is no such role");
    if (seat < 0)
        return fluit_doing_no(d, "there is no such seat");
    return fluit_guest_set_role(d->guest, role, (uint8_t)seat, &d->said);
}

static bool do_next_board(struct fluit_doing *d)
{
    return fluit_guest_next_board(d->guest, &d->said);
}

static bool do_heard(struct fluit_doing *d)
{
    struct fluit_act act = {.kind = FLUIT_KIND_HEARD};
    act.heard.heard = fluit_request_flag(d->form, "heard");
    return fluit_guest_save(d->guest, &act, 0, NULL, &d->said, "heard: %s",
                            act.heard.heard ? "yes" : "no");
}

static bool do_undo(struct fluit_doing *d)
{
    return fluit_guest_undo(d->guest, &d->said);
}

static bool do_group(struct fluit_doing *d)
{
    struct fluit_id id;
    if (!fluit_request_id(d->form, "group", &id) ||
        (id.s[0] && fluit_script_group(d->guest->node.script, id.s) < 0))
        return fluit_doing_no(d, "there is no such group");
    return fluit_guest_set_group(d->guest, &id, &d->said);
}

/* A question of the script, or NULL; *step is the one that asks it. */
static const struct fluit_question *get_question(struct fluit_doing *d, int *step)
{
    struct fluit_id id;
    if (!fluit_request_id(d->form, "question", &id) || !id.s[0])
        return NULL;
    return fluit_script_question(d->guest->node.script, id.s, step);
}

static bool do_answer(struct fluit_doing *d)
{
    int step, seat = fluit_request_number(d->form, "seat", FLUIT_SEATS_MAX, 0);
    const struct fluit_question *question = get_question(d, &step);
    if (!question)
        return fluit_doing_no(d, "there is no such question");
    if (seat < 0)
        return fluit_doing_no(d, "there is no such seat");
    return fluit_guest_answer(d->guest, question, step, (uint8_t)seat,
                              fluit_request_text(d->form, "text"), &d->said);
}

/* What the page wants the note to say. */
static bool get_words(struct fluit_doing *d, struct fluit_act *act, uint8_t *round)
{
    const struct fluit_question *question = NULL;
    int step = 0;
    act->note.question = (struct fluit_id){""};
    act->note.card = (struct fluit_card_ref){0};
    act->note.flags = (fluit_request_flag(d->form, "quote") ? FLUIT_NOTE_QUOTE : 0) |
                      (fluit_request_flag(d->form, "plenary") ? FLUIT_NOTE_PLENARY : 0);
    act->note.text = fluit_request_text(d->form, "text");
    if (fluit_request_text(d->form, "question").len > 0) {
        question = get_question(d, &step);
        if (!question)
            return fluit_doing_no(d, "there is no such question");
        act->note.question = question->id;
    }
    if (fluit_request_text(d->form, "card").len > 0 &&
        !get_card(d, "card", "copy", &act->note.card))
        return false;
    *round = fluit_guest_round_for(d->guest, question, step);
    return true;
}

/* id: as the page made it; NULL: it is made here. */
static bool new_note(struct fluit_doing *d, const struct fluit_note_id *id)
{
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE};
    uint8_t round;
    if (id)
        act.note.note = *id;
    else
        fluit_rng_bytes(&d->guest->node.rng, act.note.note.b, sizeof act.note.note.b);
    if (fluit_request_flag(d->form, "gone") || fluit_request_text(d->form, "text").len == 0)
        return fluit_doing_no(d, "say what is to be noted");
    if (!get_words(d, &act, &round) ||
        !fluit_guest_save_note(d->guest, &act, round, "note", &d->said))
        return false;
    d->noted = true;
    d->note = act.note.note;
    d->revision = act.note.revision;
    return true;
}

static bool find_note(const struct fluit_doing *d, const struct fluit_note_id *id,
                      struct fluit_note *note)
{
    const struct fluit_node *node = &d->guest->node;
    for (size_t at = 0; fluit_fold_note_next(node->fold, node->table, &at, note);)
        if (memcmp(note->id.b, id->b, sizeof id->b) == 0)
            return true;
    return false;
}

/* The revision that the page had before it when somebody changed it: what others wrote since
 * stays beside. NULL, and says so, if there is none. */
static const struct fluit_revision *get_base(struct fluit_doing *d, const struct fluit_note *note)
{
    struct fluit_note_id id;
    if (fluit_request_text(d->form, "on").len == 0)
        return fluit_note_living(note);
    if (fluit_request_note_id(d->form, "on", &id))
        for (size_t i = 0; i < note->revision_count; i++)
            if (memcmp(fluit_note_revision(note, i)->id.b, id.b, sizeof id.b) == 0)
                return fluit_note_revision(note, i);
    fluit_doing_no(d, "there is no such revision of that note");
    return NULL;
}

/* The head that says just that, or NULL: who asks again after a lost answer makes no second one. */
static const struct fluit_revision *says(const struct fluit_note *note, const struct fluit_act *act)
{
    for (size_t i = 0; i < note->revision_count; i++) {
        const struct fluit_revision *head = fluit_note_revision(note, i);
        if (fluit_note_is_head(note, i) && head->flags == act->note.flags &&
            fluit_id_eq(&head->question, &act->note.question) &&
            fluit_card_ref_eq(&head->card, &act->note.card) &&
            fluit_slice_is(act->note.text, head->text))
            return head;
    }
    return NULL;
}

static bool change_note(struct fluit_doing *d)
{
    struct fluit_note note;
    struct fluit_note_id id;
    uint8_t round;
    bool gone = fluit_request_flag(d->form, "gone"), settle = fluit_request_flag(d->form, "settle");
    if (!fluit_request_note_id(d->form, "note", &id))
        return fluit_doing_no(d, "there is no such note");
    if (!find_note(d, &id, &note))
        return gone || fluit_request_text(d->form, "on").len
                   ? fluit_doing_no(d, "there is no such note")
                   : new_note(d, &id);
    if (note.gone)
        return fluit_doing_no(d, "there is no such note");
    const struct fluit_revision *on = get_base(d, &note);
    if (!on)
        return false;
    struct fluit_act act = fluit_guest_revise(d->guest, &note, on, settle);
    if (gone)
        fluit_note_take_back(&act);
    else if (!get_words(d, &act, &round))
        return false;
    else if (act.note.text.len == 0)
        return fluit_doing_no(d, "say what is to be noted, or take the note back");
    const struct fluit_revision *same = gone ? NULL : says(&note, &act);
    d->noted = true;
    d->note = id;
    if (same && (!settle || note.head_count == 1)) {
        d->revision = same->id;
        d->held = &same->origin;
        return true;
    }
    d->revision = act.note.revision;
    return fluit_guest_save_revision(d->guest, &note, on, &act, "note", &d->said);
}

static bool do_note(struct fluit_doing *d)
{
    return fluit_request_text(d->form, "note").len == 0 ? new_note(d, NULL) : change_note(d);
}

#define T FLUIT_FIELD_TEXT
#define N FLUIT_FIELD_NUMBER
static const struct fluit_request requests[] = {
    {"place",
     FLUIT_KIND_PLACE,
     {{"card", T, false}, {"copy", N, true}, {"zone", T, false}, {"degree", N, true}},
     .run = do_place},
    {"aside", FLUIT_KIND_ASIDE, {{"card", T, false}, {"copy", N, true}}, .run = do_aside},
    {"lift", FLUIT_KIND_LIFT, {{"card", T, false}, {"copy", N, true}}, .run = do_lift},
    {"why",
     FLUIT_KIND_WHY,
     {{"card", T, false}, {"copy", N, true}, {"text", FLUIT_FIELD_TEXT_OR_NULL, false}},
     .run = do_why},
    {"link",
     FLUIT_KIND_LINK,
     {{"from", T, false},
      {"from_copy", N, true},
      {"to", T, false},
      {"to_copy", N, true},
      {"word", T, true}},
     .run = do_link},
    {"unlink",
     FLUIT_KIND_LINK,
     {{"from", T, false}, {"from_copy", N, true}, {"to", T, false}, {"to_copy", N, true}},
     .run = do_unlink},
    {"blank",
     FLUIT_KIND_BLANK,
     {{"blank", FLUIT_FIELD_TEXT_OR_NULL, true}, {"text", T, false}},
     .run = do_blank},
    {"role", FLUIT_KIND_ROLE, {{"role", T, false}, {"seat", N, false}}, .run = do_role},
    {"next_board", FLUIT_KIND_NEXT_BOARD, .run = do_next_board},
    {"note",
     FLUIT_KIND_NOTE,
     {{"note", FLUIT_FIELD_TEXT_OR_NULL, true},
      {"on", FLUIT_FIELD_TEXT_OR_NULL, true},
      {"settle", FLUIT_FIELD_FLAG, true},
      {"question", FLUIT_FIELD_TEXT_OR_NULL, true},
      {"card", FLUIT_FIELD_TEXT_OR_NULL, true},
      {"copy", N, true},
      {"quote", FLUIT_FIELD_FLAG, true},
      {"plenary", FLUIT_FIELD_FLAG, true},
      {"gone", FLUIT_FIELD_FLAG, true},
      {"text", T, true}},
     .run = do_note},
    {"answer",
     FLUIT_KIND_ANSWER,
     {{"question", T, false}, {"seat", N, true}, {"text", T, false}},
     .run = do_answer},
    {"group", FLUIT_KIND_GROUP, {{"group", FLUIT_FIELD_TEXT_OR_NULL, false}}, .run = do_group},
    {"heard", FLUIT_KIND_HEARD, {{"heard", FLUIT_FIELD_FLAG, false}}, .run = do_heard},
    {"photo",
     FLUIT_KIND_PHOTO,
     {{"photo", T, false},
      {"round", N, true},
      {"part", N, true},
      {"parts", N, true},
      {"data", T, true},
      {"gone", FLUIT_FIELD_FLAG, true}},
     .run = fluit_do_photo},
    {"photo_data", .fields = {{"photo", T, false}, {"part", N, false}}, .run = fluit_do_photo_data},
    {"undo", .run = do_undo},
};
#undef T
#undef N

static bool run(struct fluit_doing *d, struct fluit_slice word)
{
    const char *why;
    const struct fluit_request *request =
        fluit_request_find(requests, sizeof requests / sizeof requests[0], word, d->form, &why);
    if (!request)
        return fluit_doing_no(d, why);
    if (request->kind && !fluit_kind_allowed(request->kind, d->guest->node.node_class))
        return fluit_doing_no(d, "the table lays the cards");
    if (!fluit_guest_ready(d->guest))
        return fluit_doing_no(d, "one moment, this device has not joined yet");
    return request->run(d);
}

static enum fluit_err answer_saved(struct fluit_doing *d, struct fluit_buf *answer)
{
    const struct fluit_node *node = &d->guest->node;
    if (d->looked)
        return fluit_doc_dump_line(&d->view.doc, answer);
    char hex[2 * sizeof d->note.b + 1];
    struct fluit_doc doc;
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", true);
    fluit_doc_int(&doc, "seq",
                  (int64_t)(d->held ? fluit_view_seq(node, d->held)
                                    : node->replica.feeds[node->own.index]->info.seq));
    if (d->card.s[0])
        fluit_doc_str(&doc, "card", d->card.s);
    if (d->noted) {
        fluit_hex(d->note.b, sizeof d->note.b, hex);
        fluit_doc_str(&doc, "note", hex);
        fluit_hex(d->revision.b, sizeof d->revision.b, hex);
        fluit_doc_str(&doc, "revision", hex);
    }
    enum fluit_err err = fluit_doc_dump_line(&doc, answer);
    fluit_doc_deinit(&doc);
    return err;
}

enum fluit_err fluit_do_guest(struct fluit_guest *guest, struct fluit_slice json,
                              struct fluit_effects *fx, struct fluit_buf *answer)
{
    struct fluit_form form;
    struct fluit_slice word;
    const char *wrong = fluit_request_get(&form, json, &word);
    if (wrong[0])
        return fluit_answer_why(fluit_slice_str(wrong), answer);
    struct fluit_doing d = {.guest = guest, .form = &form};
    fluit_view_begin(&d.view);
    fluit_doc_bool(&d.view.doc, "ok", true);
    enum fluit_err err = fluit_slice_is(word, "time")
                             ? fluit_answer_time(&guest->node, &form, answer)
                         : run(&d, word) ? answer_saved(&d, answer)
                                         : fluit_answer_why(fluit_answer_no(&d.said), answer);
    fluit_doc_deinit(&d.view.doc);
    fluit_answer_pass(&d.said, fx);
    fluit_form_deinit(&form);
    return err;
}
