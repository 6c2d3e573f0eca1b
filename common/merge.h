/* merge.h: the boards of all tables laid over each other.
 *
 * Every board counts the same; what came late counts too (only --full tells which it is). A card's
 * FINAL place is where it lies when the merge is made: cards in the hand or aside do not count. Its
 * FIRST place is where it was laid first, also when it was taken off again. Yields and other zones
 * are counted apart, without degree. All blank cards are one row: their texts differ. */
#ifndef FLUIT_MERGE_H
#define FLUIT_MERGE_H

#include "common/fold.h"

#define FLUIT_MERGE_ROWS_MAX (FLUIT_CARDS_MAX + 1)
#define FLUIT_TALLY_ZONES    (FLUIT_SIDES_MAX + FLUIT_ZONES_MAX)

/* Card copies counted by zone and degree; degree 0 only in a zone without degrees. */
struct fluit_tally {
    uint32_t at[FLUIT_TALLY_ZONES][FLUIT_DEGREES_MAX + 1];
};

struct fluit_merge {
    int row_count;                                  /* the script's cards, then blank */
    struct fluit_tally final[FLUIT_MERGE_ROWS_MAX]; /* by card index; the last: blank */
    struct fluit_tally first[FLUIT_MERGE_ROWS_MAX];
    struct fluit_tally categories[FLUIT_CATEGORIES_MAX + 1]; /* final places on the sides;
                                                                [category_count]: cards that have
                                                                no category, and blank cards */
    uint32_t boards;                                         /* with at least one card lying */
    uint32_t afterwards; /* of them, entered after their round was closed */
};

/* Fills *merge from all tables: of one card round, or of all with round 0. */
void fluit_merge_run(struct fluit_merge *merge, const struct fluit_fold *fold, uint8_t round);

/* In all degrees of a zone. */
uint32_t fluit_tally_count(const struct fluit_tally *tally, int zone);
/* The sum of the degrees: count times mean degree. */
uint32_t fluit_tally_weight(const struct fluit_tally *tally, int zone);

/* The strongest of a side, as rows: by final count, then by mean degree, then in the script's
 * order. Only rows that count at least one; never the blank row, which is not one factor. Returns
 * how many. */
int fluit_merge_rank(const struct fluit_merge *merge, int side, int rows[FLUIT_MERGE_ROWS_MAX]);

#endif
