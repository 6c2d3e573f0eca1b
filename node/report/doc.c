#include "node/report/doc.h"

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

enum fluit_err fluit_doc_dump(struct fluit_doc *doc, struct fluit_buf *out)
{
    if (doc->failed)
        return FLUIT_E_NOMEM;
    assert(doc->depth == 1);
    if (json_dump_callback(doc->stack[0], to_buf, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER))
        return out->err ? out->err : FLUIT_E_NOMEM;
    fluit_buf_puts(out, "\n");
    return out->err;
}
