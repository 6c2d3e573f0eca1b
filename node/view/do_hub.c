/* do_hub.c: what the facilitator asks of the hub's page. */
#include <string.h>

#include "node/view/do.h"
#include "node/view/doing.h"
#include "node/view/photo.h"

/* Each line of what was printed. */
static void put_said(struct fluit_doing *d)
{
    fluit_doc_array(&d->view.doc, "said");
    for (size_t i = 0; i < d->said.count; i++) {
        struct fluit_slice rest = fluit_effect_bytes(&d->said, &d->said.items[i]);
        if (d->said.items[i].kind != FLUIT_EFFECT_PRINT)
            continue;
        for (;;) {
            const uint8_t *end = rest.len ? memchr(rest.data, '\n', rest.len) : NULL;
            size_t len = end ? (size_t)(end - rest.data) : rest.len;
            fluit_answer_text(&d->view.doc, NULL, fluit_slice(rest.data, len));
            if (!end)
                break;
            rest = fluit_slice(end + 1, rest.len - len - 1);
        }
    }
    fluit_doc_end(&d->view.doc);
}

static bool do_line(struct fluit_doing *d)
{
    struct fluit_slice line = fluit_request_text(d->form, "line");
    if (line.len > FLUIT_LINE_LEN_MAX || !fluit_text_ok(line) ||
        (line.len && memchr(line.data, '\n', line.len)))
        return fluit_doing_no(d, "that is not a line");
    fluit_hub_line(d->hub, line, &d->said);
    if (fluit_answer_no(&d->said).len > 0)
        return false;
    put_said(d);
    return true;
}

/* Is that what a living note says that its table marked as quote or for plenary? */
static bool may_be_shown(const struct fluit_note *note, size_t at)
{
    const struct fluit_revision *words = fluit_note_revision(note, at);
    return fluit_note_is_head(note, at) && !(words->flags & FLUIT_NOTE_GONE) &&
           words->flags & (FLUIT_NOTE_QUOTE | FLUIT_NOTE_PLENARY);
}

/* Also words that were edited since: what was released can be withheld. */
static bool is_known(const struct fluit_fold *fold, const struct fluit_note_id *id, bool shown)
{
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        struct fluit_note note;
        for (size_t at = 0; fluit_fold_note_next(fold, table, &at, &note);)
            for (size_t i = 0; i < note.revision_count; i++)
                if (memcmp(fluit_note_revision(&note, i)->id.b, id->b, sizeof id->b) == 0 &&
                    (!shown || may_be_shown(&note, i)))
                    return true;
    }
    return false;
}

static bool set_release(struct fluit_doing *d, bool shown)
{
    struct fluit_note_id id;
    if (!fluit_hub_may_lead_now(d->hub, &d->said))
        return false;
    if (!fluit_request_note_id(d->form, "note", &id) || !is_known(d->hub->node.fold, &id, shown))
        return fluit_doing_no(d, "there is no such quote, or its table changed it; look again");
    return fluit_hub_release(d->hub, &id, shown, &d->said);
}

static bool do_release(struct fluit_doing *d)
{
    bool shown;
    return set_release(d, fluit_form_bool(d->form, "shown", &shown) ? shown : true);
}

static bool do_withhold(struct fluit_doing *d)
{
    return set_release(d, false);
}

static void put_quote(struct fluit_doing *d, uint8_t table, const struct fluit_note *note,
                      size_t at)
{
    const struct fluit_revision *words = fluit_note_revision(note, at);
    struct fluit_doc *doc = &d->view.doc;
    fluit_doc_object(doc, NULL);
    fluit_view_note_id(&d->view, "note", &words->id);
    fluit_doc_int(doc, "table", table);
    fluit_doc_int(doc, "round", note->first->origin.round);
    fluit_view_id(&d->view, "question", &words->question);
    fluit_view_id(&d->view, "card", &words->card.card);
    fluit_doc_bool(doc, "quote", (words->flags & FLUIT_NOTE_QUOTE) != 0);
    fluit_doc_bool(doc, "plenary", (words->flags & FLUIT_NOTE_PLENARY) != 0);
    fluit_doc_bool(doc, "shown", fluit_fold_quotable(d->hub->node.fold, table, note, at));
    fluit_doc_str(doc, "heap", fluit_lead_heap(&d->hub->node.fold->lead, &words->id));
    fluit_view_text(&d->view, "text", words->text);
    fluit_doc_end(doc);
}

static bool do_heap(struct fluit_doing *d)
{
    struct fluit_note_id id;
    struct fluit_slice name = fluit_request_text(d->form, "heap");
    if (!fluit_hub_may_lead_now(d->hub, &d->said))
        return false;
    if (!fluit_request_note_id(d->form, "note", &id) || !is_known(d->hub->node.fold, &id, false))
        return fluit_doing_no(d, "there is no such quote; look again");
    if (name.len > FLUIT_HEAP_LEN_MAX || !fluit_text_ok(name))
        return fluit_doing_no(d, "that is too long for a name, or can't be written down");
    return fluit_hub_heap(d->hub, &id, name, &d->said);
}

/* As a line could not say it: to all, though it begins with a number; on several lines. */
static bool do_message(struct fluit_doing *d)
{
    struct fluit_slice text = fluit_request_text(d->form, "text");
    int table = fluit_request_number(d->form, "table", FLUIT_TABLES_MAX, 0);
    if (!fluit_hub_may_lead_now(d->hub, &d->said))
        return false;
    if (table < 0)
        return fluit_doing_no(d, "there is no such table");
    if (text.len == 0 || text.len > FLUIT_TEXT_LEN_MAX || !fluit_text_ok(text))
        return fluit_doing_no(d, "say what, and not at too great length");
    return fluit_hub_message(d->hub, (uint8_t)table, text, &d->said);
}

static bool do_quotes(struct fluit_doing *d)
{
    const struct fluit_fold *fold = d->hub->node.fold;
    size_t count = 0;
    fluit_doc_array(&d->view.doc, "quotes");
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        struct fluit_note note;
        for (size_t at = 0; fluit_fold_note_next(fold, table, &at, &note);)
            for (size_t i = 0; i < note.revision_count && count < FLUIT_VIEW_NOTES_MAX; i++)
                if (may_be_shown(&note, i)) {
                    put_quote(d, table, &note, i);
                    count++;
                }
    }
    fluit_doc_end(&d->view.doc);
    return true;
}

static bool do_photos(struct fluit_doing *d)
{
    fluit_doc_array(&d->view.doc, "photos");
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++)
        fluit_view_photos(&d->view, &d->hub->node, table, true);
    fluit_doc_end(&d->view.doc);
    return true;
}

static bool do_photo_data(struct fluit_doing *d)
{
    struct fluit_note_id id;
    int table = fluit_request_number(d->form, "table", FLUIT_TABLES_MAX, 0);
    if (table < 1 || !fluit_request_note_id(d->form, "photo", &id))
        return fluit_doing_no(d, "there is no such photo");
    const char *why =
        fluit_view_photo_data(&d->view, &d->hub->node, (uint8_t)table, &id,
                              fluit_request_number(d->form, "part", FLUIT_PHOTO_PARTS_MAX - 1, -1));
    return !why[0] || fluit_doing_no(d, why);
}

static bool do_code(struct fluit_doing *d)
{
    char name[FLUIT_SEAT_NAME_LEN] = "", code[FLUIT_INVITE_SHOW_LEN + 1];
    struct fluit_slice asked = fluit_request_text(d->form, "name");
    if (asked.len < sizeof name)
        memcpy(name, asked.data, asked.len);
    const struct fluit_invite *invite = fluit_invites_find(&d->hub->invites, name);
    if (!invite)
        return fluit_doing_no(d, "there is no such place");
    fluit_invite_show(&invite->code, code);
    fluit_doc_str(&d->view.doc, "name", invite->name);
    fluit_doc_str(&d->view.doc, "code", code);
    fluit_doc_bool(&d->view.doc, "used", invite->used);
    fluit_wipe(code, sizeof code);
    return true;
}

static const struct fluit_request requests[] = {
    {"line", .fields = {{"line", FLUIT_FIELD_TEXT, false}}, .run = do_line, .early = true},
    {"release", .fields = {{"note", FLUIT_FIELD_TEXT, false}, {"shown", FLUIT_FIELD_FLAG, true}},
     .run = do_release},
    {"withhold", .fields = {{"note", FLUIT_FIELD_TEXT, false}}, .run = do_withhold},
    {"heap", .fields = {{"note", FLUIT_FIELD_TEXT, false}, {"heap", FLUIT_FIELD_TEXT, false}},
     .run = do_heap},
    {"message", .fields = {{"table", FLUIT_FIELD_NUMBER, true}, {"text", FLUIT_FIELD_TEXT, false}},
     .run = do_message},
    {"quotes", .run = do_quotes},
    {"photos", .run = do_photos},
    {"photo_data",
     .fields = {{"table", FLUIT_FIELD_NUMBER, false},
                {"photo", FLUIT_FIELD_TEXT, false},
                {"part", FLUIT_FIELD_NUMBER, false}},
     .run = do_photo_data},
    {"code", .fields = {{"name", FLUIT_FIELD_TEXT, false}}, .run = do_code},
};

static bool run(struct fluit_doing *d, struct fluit_slice word)
{
    const char *why;
    const struct fluit_request *request =
        fluit_request_find(requests, sizeof requests / sizeof requests[0], word, d->form, &why);
    if (!request)
        return fluit_doing_no(d, why);
    if (!request->early && !fluit_hub_ready(d->hub))
        return fluit_doing_no(d, "one moment, it is still asking the others what they hold");
    return request->run(d);
}

enum fluit_err fluit_do_hub(struct fluit_hub *hub, struct fluit_slice json,
                            struct fluit_effects *fx, struct fluit_buf *answer)
{
    struct fluit_form form;
    struct fluit_slice word;
    const char *wrong = fluit_request_get(&form, json, &word);
    if (wrong[0])
        return fluit_answer_why(fluit_slice_str(wrong), answer);
    if (fluit_slice_is(word, "time")) {
        enum fluit_err timed = fluit_answer_time(&hub->node, &form, answer);
        fluit_form_deinit(&form);
        return timed;
    }
    struct fluit_doing d = {.hub = hub, .form = &form};
    fluit_view_begin(&d.view);
    fluit_doc_bool(&d.view.doc, "ok", true);
    enum fluit_err err;
    if (run(&d, word)) {
        err = fluit_view_end(&d.view, answer);
    } else {
        err = fluit_answer_why(fluit_answer_no(&d.said), answer);
        fluit_doc_deinit(&d.view.doc);
    }
    fluit_answer_pass(&d.said, fx);
    fluit_form_deinit(&form);
    return err;
}
