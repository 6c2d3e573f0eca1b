#include "node/view/request.h"

#include <string.h>

#include "node/view/refusals.h"

const char *fluit_request_get(struct fluit_form *form, struct fluit_slice json,
                              struct fluit_slice *word)
{
    enum fluit_err err = fluit_form_get(form, json);
    if (err == FLUIT_E_LIMIT)
        return "that is too long";
    if (err)
        return "that is not a request: one JSON object of texts, numbers, true, false and null";
    if (fluit_form_text(form, "do", word))
        return "";
    fluit_form_deinit(form);
    return "a request says what to do";
}

static bool has(const struct fluit_form *form, const struct fluit_field *field)
{
    struct fluit_slice text;
    int64_t number;
    bool flag;
    switch (field->type) {
    case FLUIT_FIELD_TEXT_OR_NULL:
        return fluit_form_null(form, field->name) || fluit_form_text(form, field->name, &text);
    case FLUIT_FIELD_TEXT:
        return fluit_form_text(form, field->name, &text);
    case FLUIT_FIELD_NUMBER:
        return fluit_form_int(form, field->name, &number);
    case FLUIT_FIELD_FLAG:
        return fluit_form_bool(form, field->name, &flag);
    }
    return false;
}

bool fluit_request_fits(const struct fluit_form *form, const struct fluit_field *fields)
{
    size_t found = 1; /* "do" */
    for (int i = 0; i < FLUIT_FIELDS_MAX && fields[i].name; i++) {
        bool held = has(form, &fields[i]);
        if (!held && !fields[i].optional)
            return false;
        found += held;
    }
    /* Of another type, or of a name that is not known: it is left over. */
    return found == fluit_form_count(form);
}

const struct fluit_request *fluit_request_find(const struct fluit_request *requests, size_t count,
                                               struct fluit_slice word,
                                               const struct fluit_form *form, const char **why)
{
    *why = "there is no such request here";
    for (size_t i = 0; i < count; i++) {
        if (!fluit_slice_is(word, requests[i].word))
            continue;
        *why = "that request takes other members";
        return fluit_request_fits(form, requests[i].fields) ? &requests[i] : NULL;
    }
    return NULL;
}

struct fluit_slice fluit_request_text(const struct fluit_form *form, const char *key)
{
    struct fluit_slice text = {0};
    return fluit_form_text(form, key, &text) ? text : fluit_slice(NULL, 0);
}

bool fluit_request_flag(const struct fluit_form *form, const char *key)
{
    bool flag;
    return fluit_form_bool(form, key, &flag) && flag;
}

int fluit_request_number(const struct fluit_form *form, const char *key, int max, int missing)
{
    int64_t number;
    if (!fluit_form_int(form, key, &number))
        return missing;
    return number < 0 || number > max ? -1 : (int)number;
}

bool fluit_request_id(const struct fluit_form *form, const char *key, struct fluit_id *out)
{
    struct fluit_slice text = fluit_request_text(form, key);
    *out = (struct fluit_id){""};
    return text.len == 0 || fluit_id_set(out, text) == FLUIT_OK;
}

bool fluit_request_note_id(const struct fluit_form *form, const char *key,
                           struct fluit_note_id *out)
{
    char hex[2 * sizeof out->b + 1];
    struct fluit_slice text = fluit_request_text(form, key);
    if (text.len != sizeof hex - 1)
        return false;
    memcpy(hex, text.data, text.len);
    hex[text.len] = 0;
    return fluit_unhex(hex, out->b, sizeof out->b) == FLUIT_OK;
}

enum fluit_err fluit_answer_time(const struct fluit_node *node, const struct fluit_form *form,
                                 struct fluit_buf *answer)
{
    static const struct fluit_field none[1];
    struct fluit_doc doc;
    if (!fluit_request_fits(form, none))
        return fluit_answer_why(fluit_slice_str("that request takes other members"), answer);
    bool known = fluit_clock_known(&node->clock);
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", true);
    fluit_doc_int(&doc, "mesh_us", fluit_node_mesh_us(node));
    fluit_doc_int(&doc, "bound_us", known ? fluit_clock_bound(&node->clock, node->now_us) : 0);
    enum fluit_err err = fluit_doc_dump_line(&doc, answer);
    fluit_doc_deinit(&doc);
    return err;
}

void fluit_answer_pass(struct fluit_effects *said, struct fluit_effects *fx)
{
    for (size_t i = 0; i < said->count; i++) {
        const struct fluit_effect *from = &said->items[i];
        if (from->kind == FLUIT_EFFECT_PRINT)
            continue;
        struct fluit_effect *to = fluit_effects_add(fx, from->kind, fluit_effect_bytes(said, from));
        to->link = from->link;
        to->hint = from->hint;
        to->topic = from->topic;
        to->peer = from->peer;
    }
    if (said->err)
        fx->err = said->err;
    if (said->data.data)
        fluit_wipe(said->data.data, said->data.cap);
    fluit_effects_deinit(said);
}

struct fluit_slice fluit_answer_no(const struct fluit_effects *said)
{
    for (size_t i = 0; i < said->count; i++) {
        struct fluit_slice line = fluit_effect_bytes(said, &said->items[i]);
        if (said->items[i].kind == FLUIT_EFFECT_PRINT && line.len > 4 &&
            memcmp(line.data, "no: ", 4) == 0)
            return fluit_slice(line.data + 4, line.len - 4);
    }
    return fluit_slice(NULL, 0);
}

void fluit_answer_text(struct fluit_doc *doc, const char *key, struct fluit_slice text)
{
    struct fluit_buf copy = FLUIT_BUF_INIT;
    bool shown = fluit_text_ok(text);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        fluit_buf_put(&copy, shown || (c >= 0x20 && c < 0x7f) ? &text.data[i] : (uint8_t *)"?", 1);
    }
    fluit_doc_str(doc, key, fluit_buf_text(&copy));
    doc->failed |= copy.err != FLUIT_OK;
    if (copy.data)
        fluit_wipe(copy.data, copy.cap);
    fluit_buf_deinit(&copy);
}

enum fluit_err fluit_answer_why(struct fluit_slice why, struct fluit_buf *answer)
{
    struct fluit_doc doc;
    const char *code = fluit_refusal_code(why);
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", false);
    fluit_answer_text(&doc, "why", why);
    if (code[0])
        fluit_doc_str(&doc, "code", code);
    enum fluit_err err = fluit_doc_dump_line(&doc, answer);
    fluit_doc_deinit(&doc);
    return err;
}
