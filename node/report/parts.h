/* parts.h: what the three forms of the report share. */
#ifndef FLUIT_REPORT_PARTS_H
#define FLUIT_REPORT_PARTS_H

#include "common/merge.h"
#include "node/report/report.h"

/* The text in the report's language. */
const char *fluit_parts_text(const struct fluit_report_input *in, const struct fluit_text *text);
/* "role" or "role:seat" of who tells in the round, "" if the script names nobody. The text is
 * appended to out. With several such roles: the first of the script. */
void fluit_parts_respondent(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                            struct fluit_buf *out);
/* Laying order of card among laid (from fluit_board_laid), from 1. */
size_t fluit_parts_order(const struct fluit_board_card *const *laid, size_t count,
                         const struct fluit_board_card *card);

/* Words released for all to see. The text borrows from the fold. */
struct fluit_quote {
    uint32_t place; /* of its question in the script */
    const struct fluit_id *question;
    uint8_t round;
    const char *text;
};
/* All released quotes, by question, round and text: an order that does not tell the table. The
 * array is the caller's to free; NULL if there are none. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_parts_quotes(const struct fluit_report_input *in,
                                                   struct fluit_quote **out, size_t *count);

#endif
