/* people_board.c: a new device took the place of the one that was lost: does it show the board as
 * people know it? */
#include <string.h>

#include "node/rehearse/people.h"

void fluit_people_replace(struct fluit_people *people)
{
    for (int i = 0; i < people->slot_count; i++) {
        struct fluit_slot *slot = &people->slots[i];
        /* What was not safe yet may be lost with the device. */
        slot->hazy |= slot->seq > people->told_safe;
        slot->seq = 0;
    }
    people->told_safe = 0;
    people->fresh = people->looks = true;
    fluit_ledger_replaced(people->ledger, people->node);
}

/* The slot as the fold has it. */
static struct fluit_slot read_slot(const struct fluit_people *people, const struct fluit_fold *fold,
                                   const struct fluit_slot *known)
{
    struct fluit_slot read = *known;
    const struct fluit_board_card *card =
        fluit_fold_card(fold, people->table, people->board_round, &known->ref);
    bool blank = known->card == people->script->card_count;
    read.place = card ? card->place : (struct fluit_place){.kind = FLUIT_PLACE_HAND};
    read.there = !blank || (card && card->blank.set);
    read.has_why = card && card->why.set && (card->why.none || card->why.text[0]);
    read.why[0] = 0;
    if (read.has_why)
        strncat(read.why, card->why.text, sizeof read.why - 1);
    read.wants_why = known->wants_why && !read.has_why;
    read.hazy = false;
    return read;
}

/* A blank card that they were writing on when the device died may be there or not. */
static bool is_same(const struct fluit_slot *known, const struct fluit_slot *read)
{
    if (!known->there)
        return true;
    return read->there && fluit_place_eq(known->place, read->place) &&
           known->has_why == read->has_why &&
           strcmp(known->has_why ? known->why : "", read->why) == 0;
}

int fluit_people_compare(struct fluit_people *people, const struct fluit_fold *fold, bool adopt)
{
    int wrong = 0;
    for (int i = 0; i < people->slot_count; i++) {
        const struct fluit_slot *slot = &people->slots[i];
        struct fluit_slot read = read_slot(people, fold, slot);
        wrong += !slot->hazy && !is_same(slot, &read);
    }
    for (int i = 0; i < people->slot_count && (wrong == 0 || adopt); i++)
        people->slots[i] = read_slot(people, fold, &people->slots[i]);
    return wrong;
}
