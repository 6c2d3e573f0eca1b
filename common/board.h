/* board.h: one table's board in one round: where each card lies, why, links, roles, group.
 *
 * A part of the fold (fold.h), which makes and fills it; others read. Every value is a register
 * that keeps what the act with the greatest fluit_origin set, so the order of arrival is nothing.
 * Not thread-safe while it is being filled. */
#ifndef FLUIT_BOARD_H
#define FLUIT_BOARD_H

#include "common/kept.h"
#include "common/script.h"

enum fluit_place_kind {
    FLUIT_PLACE_HAND = 0,
    FLUIT_PLACE_ASIDE, /* pulled out while looking; not counted */
    FLUIT_PLACE_ZONE,  /* on the board: a side or a zone of the script */
};

/* Where a card is. zone and degree are 0 unless kind is FLUIT_PLACE_ZONE. */
struct fluit_place {
    enum fluit_place_kind kind;
    uint8_t zone; /* index in the script's zones, the sides first */
    uint8_t degree;
};
bool fluit_place_eq(struct fluit_place a, struct fluit_place b);

/* One card copy that was ever touched in the round. */
struct fluit_board_card {
    struct fluit_origin origin; /* of the act that put it where it is; set if moves.count > 0 */
    int index;                  /* in the script's cards; card_count + n - 1 for blank-n */
    struct fluit_card_ref ref;
    struct fluit_place place;
    bool laid; /* it lay on the board at some time; then: */
    struct fluit_place first;
    struct fluit_origin first_origin;
    struct fluit_stamps moves; /* acts that gave it a place; count stops at FLUIT_MOVES_MAX */
    struct fluit_worded why;
    struct fluit_worded blank; /* what is written on a blank card */
};

struct fluit_link {
    struct fluit_origin origin;
    struct fluit_card_ref from, to;
    bool gone;
    char *word; /* may be "" */
};

struct fluit_board {
    struct fluit_kept cards; /* struct fluit_board_card, in the script's order, then by copy */
    struct fluit_kept links; /* struct fluit_link; beyond FLUIT_LINKS_MAX the newest stay */
    struct {
        bool set;
        struct fluit_origin origin;
        uint8_t seat;
    } roles[FLUIT_ROLES_MAX]; /* index as the script's roles */
    struct {
        bool set;
        struct fluit_origin origin;
        int group; /* index in the script's groups; -1: none */
    } group;
};

/* Zero-initialise; free with this. */
void fluit_board_deinit(struct fluit_board *board);

/* Folds one act of the kinds place, aside, lift, why, link, blank, role and group. NOMEM; or
 * FORMAT or UNKNOWN for an act that means nothing in this script: nothing changed. */
FLUIT_MUST_CHECK enum fluit_err fluit_board_apply(struct fluit_board *board,
                                                  const struct fluit_script *script,
                                                  const struct fluit_origin *origin,
                                                  const struct fluit_act *act);

static inline size_t fluit_board_card_count(const struct fluit_board *board)
{
    return board->cards.count;
}
/* Cards in the script's order; at < fluit_board_card_count. */
static inline const struct fluit_board_card *fluit_board_card_at(const struct fluit_board *board,
                                                                 size_t at)
{
    return board->cards.items[at];
}
static inline size_t fluit_board_link_count(const struct fluit_board *board)
{
    return board->links.count;
}
/* Links by their cards, also those that are gone; at < fluit_board_link_count. */
static inline const struct fluit_link *fluit_board_link_at(const struct fluit_board *board,
                                                           size_t at)
{
    return board->links.items[at];
}

/* NULL if that card was never touched. */
const struct fluit_board_card *fluit_board_card(const struct fluit_board *board,
                                                const struct fluit_card_ref *ref);
/* All cards that ever lay on the board, in the order in which they first did: laid[0] has laying
 * order 1. Returns how many. A card now in the hand or aside keeps its number. */
size_t fluit_board_laid(const struct fluit_board *board,
                        const struct fluit_board_card *laid[FLUIT_BOARD_CARDS_MAX]);
/* Cards that lie on the board now, zones included. */
size_t fluit_board_lying(const struct fluit_board *board);

/* The act that puts card at place: what an undo appends. */
struct fluit_act fluit_board_place_act(const struct fluit_script *script,
                                       const struct fluit_card_ref *card, struct fluit_place place);

#endif
