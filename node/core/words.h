/* words.h: a typed line, word by word. Words are split at blanks; the rest of a line is free text.
 */
#ifndef FLUIT_WORDS_H
#define FLUIT_WORDS_H

#include "common/bytes.h"

/* Takes the next word off the line; empty at the end. */
struct fluit_slice fluit_words_next(struct fluit_slice *line);
/* What is left, without blanks around it. */
struct fluit_slice fluit_words_rest(struct fluit_slice line);
/* Is the word a beginning of text, or all of it? Not if it is empty. */
bool fluit_words_begins(struct fluit_slice word, const char *text);
/* A whole number 0..max. False if the word is none. */
bool fluit_words_number(struct fluit_slice word, uint64_t max, uint64_t *out);
/* "90s", "2m", "1h", or minutes without a unit, in us. False if it is none or over a day. */
bool fluit_words_duration(struct fluit_slice word, int64_t *out_us);
/* How many letters to add, drop or change (two neighbours exchanged count as one) to get from one
 * to the other; UINT_MAX for words longer than an id. */
unsigned fluit_words_distance(struct fluit_slice word, const char *other);

/* Looks for what a mistyped word was meant to be: set typed, try each word there is, read best. */
struct fluit_words_near {
    struct fluit_slice typed;
    const char *best; /* a slip or two away, and not half of it wrong; NULL: none is */
    unsigned away;
};
void fluit_words_try(struct fluit_words_near *near, const char *word);
/* The word as it may be shown to people; empty if it is too long for that or no text. */
struct fluit_slice fluit_words_shown(struct fluit_slice word);
/* "unknown command 'plcae'; did you mean 'place'? type help" */
#define FLUIT_UNKNOWN_LEN 160
void fluit_words_unknown(const struct fluit_words_near *near, char out[static FLUIT_UNKNOWN_LEN]);

#endif
