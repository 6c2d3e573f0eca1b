/* request.h: a request's members, and its answer: what do_guest.c and do_hub.c share. */
#ifndef FLUIT_REQUEST_H
#define FLUIT_REQUEST_H

#include "node/core/node.h"
#include "node/json/doc.h"

#define FLUIT_FIELDS_MAX 10

enum fluit_field_type {
    FLUIT_FIELD_TEXT = 1,
    FLUIT_FIELD_TEXT_OR_NULL,
    FLUIT_FIELD_NUMBER,
    FLUIT_FIELD_FLAG,
};

struct fluit_field {
    const char *name; /* NULL: no more */
    enum fluit_field_type type;
    bool optional;
};

struct fluit_doing;

/* A request that a page may make, and what it does. */
struct fluit_request {
    const char *word;
    enum fluit_kind kind; /* of the entry that it writes, which not every node may; 0: all may */
    struct fluit_field fields[FLUIT_FIELDS_MAX + 1];
    bool (*run)(struct fluit_doing *d); /* false: refused, and it is said why */
    bool early;                         /* also before the workshop's feeds are here */
};

/* Reads the request. "" or why it can't be one: it is no flat object, or has no text "do". *form is
 * to be freed if it is "". */
const char *fluit_request_get(struct fluit_form *form, struct fluit_slice json,
                              struct fluit_slice *word);
/* Has it "do" and these members, of these types, and no others? */
bool fluit_request_fits(const struct fluit_form *form, const struct fluit_field *fields);

/* The one of these with that word, if the form fits it; else NULL, and in *why what is wrong. */
const struct fluit_request *fluit_request_find(const struct fluit_request *requests, size_t count,
                                               struct fluit_slice word,
                                               const struct fluit_form *form, const char **why);

/* Members of a request that fits: what is missing, or null, is empty, 0 or false. */
struct fluit_slice fluit_request_text(const struct fluit_form *form, const char *key);
bool fluit_request_flag(const struct fluit_form *form, const char *key);
/* missing: if it is not there. -1 if it is not from 0 to max. */
int fluit_request_number(const struct fluit_form *form, const char *key, int max, int missing);
/* An id of the script; false if it can't be one. Missing or null: empty, and true. */
bool fluit_request_id(const struct fluit_form *form, const char *key, struct fluit_id *out);
/* 32 hex digits. */
bool fluit_request_note_id(const struct fluit_form *form, const char *key,
                           struct fluit_note_id *out);

/* "time": mesh time, whatever state the node is in; nothing is saved. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_answer_time(const struct fluit_node *node,
                                                  const struct fluit_form *form,
                                                  struct fluit_buf *answer);

/* Passes all but printed lines on to fx; then frees said, wiped: the lines may hold codes. */
void fluit_answer_pass(struct fluit_effects *said, struct fluit_effects *fx);
/* The first line that says "no: ...", without that; an empty slice if there is none. */
struct fluit_slice fluit_answer_no(const struct fluit_effects *said);
/* A member of the answer, whatever bytes are in text: such as can't be shown are "?". */
void fluit_answer_text(struct fluit_doc *doc, const char *key, struct fluit_slice text);
/* {"ok":false,"why":why}, with its code if it has one (refusals.h). */
FLUIT_MUST_CHECK enum fluit_err fluit_answer_why(struct fluit_slice why, struct fluit_buf *answer);

#endif
