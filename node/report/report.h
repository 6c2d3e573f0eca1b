/* report.h: the merged rounds as JSON, CSV or text. Formats: node/report/FORMAT.md.
 *
 * Two editions. Participants: merged figures and released quotes, no other free text. Full: also
 * every table's boards, notes and answers. The same fold gives the same bytes: nothing volatile
 * (no date, no version) is written. */
#ifndef FLUIT_REPORT_H
#define FLUIT_REPORT_H

#include "common/fold.h"

struct fluit_report_input {
    const struct fluit_script *script;
    const struct fluit_fold *fold; /* over that script */
    const char *workshop;          /* its id in hex */
    const char *title;             /* what people call it; NULL: the script's title */
    int tables;                    /* how many the workshop has */
    int language;                  /* index in the script's languages */
    /* Appends the bytes of a photo that is all here. MISSING if they can't be had, FORMAT if they
     * are no plain JPEG; else it ends the report. NULL: the report has no pictures in it. */
    enum fluit_err (*photo)(void *arg, const struct fluit_photo *photo, struct fluit_buf *out);
    void *photo_arg;
};

/* Each appends the whole edition to out. NOMEM; *out is undefined after an error. */
FLUIT_MUST_CHECK enum fluit_err fluit_report_json(const struct fluit_report_input *in, bool full,
                                                  struct fluit_buf *out);
FLUIT_MUST_CHECK enum fluit_err fluit_report_csv(const struct fluit_report_input *in, bool full,
                                                 struct fluit_buf *out);
FLUIT_MUST_CHECK enum fluit_err fluit_report_text(const struct fluit_report_input *in, bool full,
                                                  struct fluit_buf *out);

/* Calls each for the photos that the full edition names, as files; in->photo is set. Ends with the
 * first error of in->photo (but those said there) or of each. */
FLUIT_MUST_CHECK enum fluit_err fluit_report_each_photo(
    const struct fluit_report_input *in,
    enum fluit_err (*each)(void *arg, const char *name, struct fluit_slice jpeg), void *arg);

/* Hash (domain "fluit fold") of the full edition's JSON in the script's first language: equal
 * wherever the same workshop was folded; without the pictures. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_fold_digest(const struct fluit_report_input *in,
                                                  struct fluit_hash *out);

#endif
