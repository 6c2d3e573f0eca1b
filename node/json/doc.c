#include "node/json/doc.h"

#include <assert.h>
#include <jansson.h>

static bool add(struct fluit_doc *doc, const char *key, json_t *value)
{
    if (doc->failed) {
        json_decref(value);
        return false;
    }
    json_t *in = doc->stack[doc->depth - 1];
    assert(json_is_object(in) == (key != NULL));
    int failed =
        key ? json_object_set_new_nocheck(in, key, value) : json_array_append_new(in, value);
    doc->failed = failed != 0;
    return !doc->failed;
}

static void push(struct fluit_doc *doc, const char *key, json_t *value)
{
    assert(doc->failed || doc->depth < FLUIT_DOC_DEPTH_MAX);
    if (add(doc, key, value))
        doc->stack[doc->depth++] = value;
}

void fluit_doc_init(struct fluit_doc *doc)
{
    *doc = (struct fluit_doc){.stack = {json_object()}, .depth = 1};
    doc->failed = !doc->stack[0];
}

void fluit_doc_deinit(struct fluit_doc *doc)
{
    json_decref(doc->stack[0]);
    doc->stack[0] = NULL;
    doc->failed = true;
}

void fluit_doc_object(struct fluit_doc *doc, const char *key)
{
    push(doc, key, json_object());
}

void fluit_doc_array(struct fluit_doc *doc, const char *key)
{
    push(doc, key, json_array());
}

void fluit_doc_end(struct fluit_doc *doc)
{
    assert(doc->failed || doc->depth > 1);
    if (!doc->failed)
        doc->depth--;
}

void fluit_doc_str(struct fluit_doc *doc, const char *key, const char *text)
{
    add(doc, key, json_string(text));
}

void fluit_doc_int(struct fluit_doc *doc, const char *key, int64_t value)
{
    add(doc, key, json_integer(value));
}

void fluit_doc_bool(struct fluit_doc *doc, const char *key, bool value)
{
    add(doc, key, json_boolean(value));
}

void fluit_doc_null(struct fluit_doc *doc, const char *key)
{
    add(doc, key, json_null());
}

static int to_buf(const char *data, size_t len, void *out)
{
    struct fluit_buf *buf = out;
    fluit_buf_put(buf, data, len);
    return buf->err ? -1 : 0;
}

static enum fluit_err dump(struct fluit_doc *doc, size_t flags, struct fluit_buf *out)
{
    if (doc->failed)
        return FLUIT_E_NOMEM;
    assert(doc->depth == 1);
    if (json_dump_callback(doc->stack[0], to_buf, out, flags | JSON_PRESERVE_ORDER))
        return out->err ? out->err : FLUIT_E_NOMEM;
    return out->err;
}

enum fluit_err fluit_doc_dump(struct fluit_doc *doc, struct fluit_buf *out)
{
    enum fluit_err err = dump(doc, JSON_INDENT(1), out);
    if (err)
        return err;
    fluit_buf_puts(out, "\n");
    return out->err;
}

enum fluit_err fluit_doc_dump_line(struct fluit_doc *doc, struct fluit_buf *out)
{
    return dump(doc, JSON_COMPACT, out);
}

/* Reading. */

/* Does nothing nest in it? Looked at first, so that a deep one costs nothing. */
static bool is_flat(struct fluit_slice bytes)
{
    bool quoted = false;
    int opened = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.data[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || (c == '{' && opened++)))
            return false;
    }
    return opened == 1;
}

enum fluit_err fluit_form_get(struct fluit_form *form, struct fluit_slice bytes)
{
    json_error_t error;
    if (bytes.len > FLUIT_REQUEST_LEN_MAX)
        return FLUIT_E_LIMIT;
    if (!is_flat(bytes))
        return FLUIT_E_FORMAT;
    json_t *root = json_loadb((const char *)bytes.data, bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return json_error_code(&error) == json_error_out_of_memory ? FLUIT_E_NOMEM : FLUIT_E_FORMAT;
    form->root = root; /* an object: nothing else begins with the one brace */
    return FLUIT_OK;
}

void fluit_form_deinit(struct fluit_form *form)
{
    json_decref(form->root);
    form->root = NULL;
}

size_t fluit_form_count(const struct fluit_form *form)
{
    return json_object_size(form->root);
}

bool fluit_form_text(const struct fluit_form *form, const char *key, struct fluit_slice *out)
{
    const json_t *value = json_object_get(form->root, key);
    if (!json_is_string(value))
        return false;
    *out = fluit_slice(json_string_value(value), json_string_length(value));
    return true;
}

bool fluit_form_int(const struct fluit_form *form, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(form->root, key);
    if (!json_is_integer(value))
        return false;
    *out = json_integer_value(value);
    return true;
}

bool fluit_form_bool(const struct fluit_form *form, const char *key, bool *out)
{
    const json_t *value = json_object_get(form->root, key);
    if (!json_is_boolean(value))
        return false;
    *out = json_is_true(value);
    return true;
}

bool fluit_form_null(const struct fluit_form *form, const char *key)
{
    return json_is_null(json_object_get(form->root, key));
}
