/* json.h: between the two files that write the report's JSON. */
#ifndef FLUIT_REPORT_JSON_H
#define FLUIT_REPORT_JSON_H

#include "node/json/doc.h"
#include "node/report/parts.h"

/* The keys that only the full edition has. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_json_tables(struct fluit_doc *doc,
                                                  const struct fluit_report_input *in);

#endif
