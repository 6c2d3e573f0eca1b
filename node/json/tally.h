/* tally.h: merged figures as JSON. */
#ifndef FLUIT_JSON_TALLY_H
#define FLUIT_JSON_TALLY_H

#include "common/merge.h"
#include "node/json/doc.h"

/* {side: [count of degree 1, of degree 2, ...]} */
void fluit_doc_tally(struct fluit_doc *doc, const char *key, const struct fluit_script *script,
                     const struct fluit_tally *tally);
/* A row's card, or "blank". */
const char *fluit_doc_row(const struct fluit_script *script, int row);
/* "yields": what lies in zones beside the sides, [{zone, card, count}]. */
void fluit_doc_yields(struct fluit_doc *doc, const struct fluit_script *script,
                      const struct fluit_merge *merge);

#endif
