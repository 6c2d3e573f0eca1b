/* doc.h: a JSON document, written from top to bottom. The one door to jansson.
 *
 * The first failure is kept and later calls do nothing: check once, in fluit_doc_dump. Inside an
 * object every value has a key; inside an array key is NULL. */
#ifndef FLUIT_DOC_H
#define FLUIT_DOC_H

#include "common/bytes.h"

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

#endif
