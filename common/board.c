#include "common/board.h"

#include <stdlib.h>
#include <string.h>

bool fluit_place_eq(struct fluit_place a, struct fluit_place b)
{
    return a.kind == b.kind && a.zone == b.zone && a.degree == b.degree;
}

static int ref_cmp(const struct fluit_card_ref *a, const struct fluit_card_ref *b)
{
    int order = strcmp(a->card.s, b->card.s);
    return order ? order : (int)a->copy - (int)b->copy;
}

static int card_cmp(const void *a, const void *b)
{
    const struct fluit_board_card *x = a, *y = b;
    return x->index != y->index ? (x->index < y->index ? -1 : 1)
                                : (int)x->ref.copy - (int)y->ref.copy;
}

static void card_free(void *item)
{
    struct fluit_board_card *card = item;
    fluit_stamps_deinit(&card->moves);
    fluit_kept_text_free(card->why.text);
    fluit_kept_text_free(card->blank.text);
    free(card);
}

static const struct fluit_kept_type card_type = {card_cmp, card_free, SIZE_MAX, false};

static int link_cmp(const void *a, const void *b)
{
    const struct fluit_link *x = a, *y = b;
    int order = ref_cmp(&x->from, &y->from);
    return order ? order : ref_cmp(&x->to, &y->to);
}

static void link_free(void *item)
{
    struct fluit_link *link = item;
    fluit_kept_text_free(link->word);
    free(link);
}

static const struct fluit_kept_type link_type = {link_cmp, link_free, FLUIT_LINKS_MAX, false};

void fluit_board_deinit(struct fluit_board *board)
{
    fluit_kept_deinit(&board->cards, &card_type);
    fluit_kept_deinit(&board->links, &link_type);
    *board = (struct fluit_board){0};
}

/* has_card knows which blank cards there are; here only their order. */
static int card_index(const struct fluit_script *script, const struct fluit_card_ref *ref)
{
    int index = fluit_script_card(script, ref->card.s);
    if (index >= 0)
        return index;
    const char *number = strrchr(ref->card.s, '-');
    return script->card_count + (number ? (int)strtol(number + 1, NULL, 10) : 0) - 1;
}

static enum fluit_err touch(struct fluit_board *board, const struct fluit_script *script,
                            const struct fluit_card_ref *ref, struct fluit_board_card **out)
{
    if (!fluit_script_has_card(script, ref))
        return FLUIT_E_UNKNOWN;
    struct fluit_board_card key = {.index = card_index(script, ref), .ref = *ref};
    *out = fluit_kept_find(&board->cards, &card_type, &key);
    if (*out)
        return FLUIT_OK;
    struct fluit_board_card *card = malloc(sizeof *card);
    if (!card)
        return FLUIT_E_NOMEM;
    *card = key;
    *out = card;
    return fluit_kept_put(&board->cards, &card_type, card);
}

static enum fluit_err move(struct fluit_board *board, const struct fluit_script *script,
                           const struct fluit_origin *origin, const struct fluit_card_ref *ref,
                           struct fluit_place place)
{
    struct fluit_board_card *card;
    enum fluit_err err = touch(board, script, ref, &card);
    if (err)
        return err;
    bool newest = card->moves.count == 0 || fluit_origin_cmp(origin, &card->origin) > 0;
    err = fluit_stamps_add(&card->moves, origin, FLUIT_MOVES_MAX);
    if (err)
        return err;
    if (newest) {
        card->origin = *origin;
        card->place = place;
    }
    if (place.kind == FLUIT_PLACE_ZONE &&
        (!card->laid || fluit_origin_cmp(origin, &card->first_origin) < 0)) {
        card->laid = true;
        card->first = place;
        card->first_origin = *origin;
    }
    return FLUIT_OK;
}

static enum fluit_err on_place(struct fluit_board *board, const struct fluit_script *script,
                               const struct fluit_origin *origin, const struct fluit_act *act)
{
    int zone = fluit_script_zone(script, act->place.zone.s);
    if (zone < 0 || !fluit_script_has_card(script, &act->place.card) ||
        !fluit_script_may_lie(script, &act->place.card, &act->place.zone, act->place.degree))
        return FLUIT_E_UNKNOWN;
    struct fluit_place place = {FLUIT_PLACE_ZONE, (uint8_t)zone, act->place.degree};
    return move(board, script, origin, &act->place.card, place);
}

static enum fluit_err on_why(struct fluit_board *board, const struct fluit_script *script,
                             const struct fluit_origin *origin, const struct fluit_act *act)
{
    if (!fluit_kept_text_ok(act->why.text) || (act->why.none && act->why.text.len))
        return FLUIT_E_FORMAT;
    struct fluit_board_card *card;
    enum fluit_err err = touch(board, script, &act->why.card, &card);
    return err ? err : fluit_worded_set(&card->why, origin, act->why.none, act->why.text);
}

static enum fluit_err on_blank(struct fluit_board *board, const struct fluit_script *script,
                               const struct fluit_origin *origin, const struct fluit_act *act)
{
    struct fluit_card_ref ref = {act->blank.card, 1};
    if (fluit_script_card(script, ref.card.s) >= 0 || !fluit_kept_text_ok(act->blank.text))
        return FLUIT_E_FORMAT;
    struct fluit_board_card *card;
    enum fluit_err err = touch(board, script, &ref, &card);
    return err ? err : fluit_worded_set(&card->blank, origin, false, act->blank.text);
}

static enum fluit_err on_link(struct fluit_board *board, const struct fluit_script *script,
                              const struct fluit_origin *origin, const struct fluit_act *act)
{
    if (!fluit_script_has_card(script, &act->link.from) ||
        !fluit_script_has_card(script, &act->link.to))
        return FLUIT_E_UNKNOWN;
    if (fluit_card_ref_eq(&act->link.from, &act->link.to) || !fluit_kept_text_ok(act->link.word))
        return FLUIT_E_FORMAT;
    struct fluit_link *link = malloc(sizeof *link);
    char *word = fluit_kept_text(act->link.word);
    if (!link || !word) {
        free(link);
        free(word);
        return FLUIT_E_NOMEM;
    }
    *link = (struct fluit_link){*origin, act->link.from, act->link.to, act->link.gone, word};
    return fluit_kept_put(&board->links, &link_type, link);
}

static enum fluit_err on_role(struct fluit_board *board, const struct fluit_script *script,
                              const struct fluit_origin *origin, const struct fluit_act *act)
{
    int role = fluit_script_role(script, act->role.role.s);
    if (role < 0 || act->role.seat > FLUIT_SEATS_MAX)
        return FLUIT_E_UNKNOWN;
    if (board->roles[role].set && fluit_origin_cmp(origin, &board->roles[role].origin) <= 0)
        return FLUIT_OK;
    board->roles[role].set = true;
    board->roles[role].origin = *origin;
    board->roles[role].seat = act->role.seat;
    return FLUIT_OK;
}

static enum fluit_err on_group(struct fluit_board *board, const struct fluit_script *script,
                               const struct fluit_origin *origin, const struct fluit_act *act)
{
    int group = -1;
    if (act->group.group.s[0])
        group = fluit_script_group(script, act->group.group.s);
    if (!script->groups_on || (group < 0 && act->group.group.s[0]))
        return FLUIT_E_UNKNOWN;
    if (board->group.set && fluit_origin_cmp(origin, &board->group.origin) <= 0)
        return FLUIT_OK;
    board->group.set = true;
    board->group.origin = *origin;
    board->group.group = group;
    return FLUIT_OK;
}

enum fluit_err fluit_board_apply(struct fluit_board *board, const struct fluit_script *script,
                                 const struct fluit_origin *origin, const struct fluit_act *act)
{
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
        return on_place(board, script, origin, act);
    case FLUIT_KIND_ASIDE:
        return move(board, script, origin, &act->aside.card,
                    (struct fluit_place){FLUIT_PLACE_ASIDE, 0, 0});
    case FLUIT_KIND_LIFT:
        return move(board, script, origin, &act->lift.card,
                    (struct fluit_place){FLUIT_PLACE_HAND, 0, 0});
    case FLUIT_KIND_WHY:
        return on_why(board, script, origin, act);
    case FLUIT_KIND_LINK:
        return on_link(board, script, origin, act);
    case FLUIT_KIND_BLANK:
        return on_blank(board, script, origin, act);
    case FLUIT_KIND_ROLE:
        return on_role(board, script, origin, act);
    case FLUIT_KIND_GROUP:
        return on_group(board, script, origin, act);
    default:
        return FLUIT_E_UNKNOWN;
    }
}

const struct fluit_board_card *fluit_board_card(const struct fluit_board *board,
                                                const struct fluit_card_ref *ref)
{
    for (size_t i = 0; i < board->cards.count; i++)
        if (fluit_card_ref_eq(&fluit_board_card_at(board, i)->ref, ref))
            return board->cards.items[i];
    return NULL;
}

static int laid_cmp(const void *a, const void *b)
{
    const struct fluit_board_card *const *x = a, *const *y = b;
    return fluit_origin_cmp(&(*x)->first_origin, &(*y)->first_origin);
}

size_t fluit_board_laid(const struct fluit_board *board,
                        const struct fluit_board_card *laid[FLUIT_BOARD_CARDS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < board->cards.count && count < FLUIT_BOARD_CARDS_MAX; i++)
        if (fluit_board_card_at(board, i)->laid)
            laid[count++] = board->cards.items[i];
    qsort(laid, count, sizeof(const struct fluit_board_card *), laid_cmp);
    return count;
}

size_t fluit_board_lying(const struct fluit_board *board)
{
    size_t count = 0;
    for (size_t i = 0; i < board->cards.count; i++)
        count += fluit_board_card_at(board, i)->place.kind == FLUIT_PLACE_ZONE;
    return count;
}

struct fluit_act fluit_board_place_act(const struct fluit_script *script,
                                       const struct fluit_card_ref *card, struct fluit_place place)
{
    if (place.kind == FLUIT_PLACE_HAND)
        return (struct fluit_act){.kind = FLUIT_KIND_LIFT, .lift = {*card}};
    if (place.kind == FLUIT_PLACE_ASIDE)
        return (struct fluit_act){.kind = FLUIT_KIND_ASIDE, .aside = {*card}};
    return (struct fluit_act){.kind = FLUIT_KIND_PLACE,
                              .place = {*card, script->zones[place.zone].id, place.degree}};
}
