/* text.h: between the files that write the report as text. */
#ifndef FLUIT_REPORT_TEXT_H
#define FLUIT_REPORT_TEXT_H

#include "node/report/text_out.h"

/* What only the full edition has: table by table. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_text_tables(const struct fluit_report_input *in,
                                                  struct fluit_buf *out);

#endif
