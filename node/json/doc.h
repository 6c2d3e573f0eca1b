/* doc.h: a JSON document, written from top to bottom; and a flat one, read. The one door to
 * jansson.
 *
 * Writing: the first failure is kept and later calls do nothing: check once, in fluit_doc_dump.
 * Inside an object every value has a key; inside an array key is NULL. */
#ifndef FLUIT_JSON_DOC_H
#define FLUIT_JSON_DOC_H

#include "common/bytes.h"
#include "common/limits.h"

#define FLUIT_DOC_DEPTH_MAX 16

struct fluit_doc {
    void *stack[FLUIT_DOC_DEPTH_MAX]; /* private */
    int depth;
    bool failed;
};

/* Opens the outermost object. Pair with fluit_doc_deinit. */
void fluit_doc_init(struct fluit_doc *doc);
void fluit_doc_deinit(struct fluit_doc *doc);
void fluit_doc_object(struct fluit_doc *doc, const char *key);
void fluit_doc_array(struct fluit_doc *doc, const char *key);
/* Closes the innermost object or array. */
void fluit_doc_end(struct fluit_doc *doc);
/* text: UTF-8, NUL-terminated. */
void fluit_doc_str(struct fluit_doc *doc, const char *key, const char *text);
void fluit_doc_int(struct fluit_doc *doc, const char *key, int64_t value);
void fluit_doc_bool(struct fluit_doc *doc, const char *key, bool value);
void fluit_doc_null(struct fluit_doc *doc, const char *key);
/* Appends the document, its keys in the order in which they were written, indented, with a final
 * newline. NOMEM, also for a text that was not UTF-8. */
FLUIT_MUST_CHECK enum fluit_err fluit_doc_dump(struct fluit_doc *doc, struct fluit_buf *out);
/* The same in one line, without blanks and without a newline. */
FLUIT_MUST_CHECK enum fluit_err fluit_doc_dump_line(struct fluit_doc *doc, struct fluit_buf *out);

/* Reading: an object of texts, whole numbers, true, false and null, as a stranger wrote it. */
struct fluit_form {
    void *root; /* private */
};
/* FORMAT: it is not exactly one such object, or has a member twice. LIMIT: over
 * FLUIT_REQUEST_LEN_MAX bytes. NOMEM. *form is to be freed on success only. */
FLUIT_MUST_CHECK enum fluit_err fluit_form_get(struct fluit_form *form, struct fluit_slice bytes);
void fluit_form_deinit(struct fluit_form *form);
size_t fluit_form_count(const struct fluit_form *form);
/* Each is false if there is no such member, or it is of another type. Texts are UTF-8 without NUL,
 * and borrow from the form. */
bool fluit_form_text(const struct fluit_form *form, const char *key, struct fluit_slice *out);
bool fluit_form_int(const struct fluit_form *form, const char *key, int64_t *out);
bool fluit_form_bool(const struct fluit_form *form, const char *key, bool *out);
bool fluit_form_null(const struct fluit_form *form, const char *key);

#endif
