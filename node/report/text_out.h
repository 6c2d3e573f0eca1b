/* text_out.h: lines for a terminal: padding, wrapping and labels. */
#ifndef FLUIT_REPORT_TEXT_OUT_H
#define FLUIT_REPORT_TEXT_OUT_H

#include "node/report/parts.h"

#define FLUIT_TEXT_COLUMNS 100

enum fluit_label {
    FLUIT_LABEL_TABLES,
    FLUIT_LABEL_BOARDS,
    FLUIT_LABEL_ROUND,
    FLUIT_LABEL_TOGETHER,
    FLUIT_LABEL_TABLE,
    FLUIT_LABEL_CARD,
    FLUIT_LABEL_TOTAL,
    FLUIT_LABEL_DEGREES,
    FLUIT_LABEL_CATEGORIES,
    FLUIT_LABEL_NO_CATEGORY,
    FLUIT_LABEL_BLANK,
    FLUIT_LABEL_STRONGEST,
    FLUIT_LABEL_QUOTES,
    FLUIT_LABEL_NOTES,
    FLUIT_LABEL_LINK,
    FLUIT_LABEL_SEAT,
    FLUIT_LABEL_GROUP,
    FLUIT_LABEL_FIRST,
    FLUIT_LABEL_MOVES,
    FLUIT_LABEL_WHY,
    FLUIT_LABEL_WHY_NONE,
    FLUIT_LABEL_HAND,
    FLUIT_LABEL_ASIDE,
    FLUIT_LABEL_GONE,
    FLUIT_LABEL_LATE_MADE,
    FLUIT_LABEL_LATE_ARRIVED,
    FLUIT_LABEL_OUTSIDE,
    FLUIT_LABEL_PHOTO,
};

/* In Dutch if the report's language is "nl", else in English. */
const char *fluit_text_label(const struct fluit_report_input *in, enum fluit_label label);
/* text cut or padded with spaces to exactly columns characters; one character is taken as one
 * column wide, line breaks become spaces. */
void fluit_text_pad(struct fluit_buf *out, const char *text, size_t columns);
/* text in lines of at most FLUIT_TEXT_COLUMNS, broken at spaces. indent columns of the first line
 * are written already; the other lines are indented as far. */
void fluit_text_wrap(struct fluit_buf *out, size_t indent, const char *text);
/* Takes off trailing spaces and ends the line. */
void fluit_text_end(struct fluit_buf *out);
/* Title and a line under it. */
void fluit_text_heading(struct fluit_buf *out, const char *title, char line);

#endif
