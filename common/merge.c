#include "common/merge.h"

#include <string.h>

static void count_card(struct fluit_merge *merge, const struct fluit_script *script,
                       const struct fluit_board_card *card)
{
    bool blank = card->index >= script->card_count;
    int row = blank ? script->card_count : card->index;
    int category = blank ? -1 : script->cards[row].category;
    if (card->laid)
        merge->first[row].at[card->first.zone][card->first.degree]++;
    if (card->place.kind != FLUIT_PLACE_ZONE)
        return;
    merge->final[row].at[card->place.zone][card->place.degree]++;
    if (card->place.zone >= script->side_count)
        return;
    int group = category < 0 ? script->category_count : category;
    merge->categories[group].at[card->place.zone][card->place.degree]++;
}

static void count_board(struct fluit_merge *merge, const struct fluit_script *script,
                        const struct fluit_board *board)
{
    for (size_t i = 0; i < fluit_board_card_count(board); i++)
        count_card(merge, script, fluit_board_card_at(board, i));
    merge->boards += fluit_board_lying(board) > 0;
}

void fluit_merge_run(struct fluit_merge *merge, const struct fluit_fold *fold, uint8_t round)
{
    memset(merge, 0, sizeof *merge);
    merge->row_count = fold->script->card_count + 1;
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++)
        for (uint8_t r = 1; r <= FLUIT_ROUNDS_MAX; r++) {
            const struct fluit_board *board = fluit_fold_board(fold, table, r);
            if (!board || (round != 0 && round != r))
                continue;
            count_board(merge, fold->script, board);
            merge->afterwards +=
                fluit_board_lying(board) > 0 && fluit_fold_entered_after(fold, table, r);
        }
}

uint32_t fluit_tally_count(const struct fluit_tally *tally, int zone)
{
    uint32_t sum = 0;
    for (int degree = 0; degree <= FLUIT_DEGREES_MAX; degree++)
        sum += tally->at[zone][degree];
    return sum;
}

uint32_t fluit_tally_weight(const struct fluit_tally *tally, int zone)
{
    uint32_t sum = 0;
    for (uint32_t degree = 1; degree <= FLUIT_DEGREES_MAX; degree++)
        sum += degree * tally->at[zone][degree];
    return sum;
}

/* With equal counts the mean degrees compare as their sums do. */
static bool stronger(const struct fluit_merge *merge, int side, int a, int b)
{
    uint32_t count_a = fluit_tally_count(&merge->final[a], side);
    uint32_t count_b = fluit_tally_count(&merge->final[b], side);
    if (count_a != count_b)
        return count_a > count_b;
    return fluit_tally_weight(&merge->final[a], side) > fluit_tally_weight(&merge->final[b], side);
}

int fluit_merge_rank(const struct fluit_merge *merge, int side, int rows[FLUIT_MERGE_ROWS_MAX])
{
    int count = 0;
    for (int row = 0; row < merge->row_count - 1; row++) {
        if (fluit_tally_count(&merge->final[row], side) == 0)
            continue;
        int at = count++;
        for (; at > 0 && stronger(merge, side, row, rows[at - 1]); at--)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
    return count;
}
