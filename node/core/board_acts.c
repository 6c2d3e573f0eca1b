/* board_acts.c: cards, whys, links, blank cards, roles, the next board: each as an act, with the
 * act that undoes it. */
#include <stdio.h>

#include "node/core/acts.h"

const struct fluit_board *fluit_guest_board(const struct fluit_guest *guest)
{
    return fluit_fold_board(guest->node.fold, guest->node.table, fluit_guest_round(guest));
}

struct fluit_place fluit_guest_place(const struct fluit_guest *guest,
                                     const struct fluit_card_ref *card)
{
    return fluit_fold_place(guest->node.fold, guest->node.table, fluit_guest_round(guest), card);
}

static const struct fluit_board_card *card_of(const struct fluit_guest *guest,
                                              const struct fluit_card_ref *card)
{
    return fluit_fold_card(guest->node.fold, guest->node.table, fluit_guest_round(guest), card);
}

#define WHERE_LEN (FLUIT_ID_LEN_MAX + FLUIT_NAME_LEN_MAX + 8)

static void say_where(const struct fluit_guest *guest, struct fluit_place place,
                      char out[static WHERE_LEN])
{
    const struct fluit_zone *zone = &guest->node.script->zones[place.zone];
    if (place.kind == FLUIT_PLACE_HAND)
        snprintf(out, WHERE_LEN, "back in the hand");
    else if (place.kind == FLUIT_PLACE_ASIDE)
        snprintf(out, WHERE_LEN, "aside");
    else
        snprintf(out, WHERE_LEN, "on %s%s%s", zone->id.s, place.degree ? ", " : "",
                 place.degree ? zone->degrees[place.degree - 1].in[guest->language] : "");
}

bool fluit_guest_move(struct fluit_guest *guest, const struct fluit_card_ref *card,
                      struct fluit_place to, struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    struct fluit_place from = fluit_guest_place(guest, card);
    if (to.kind == FLUIT_PLACE_ZONE &&
        !fluit_script_may_lie(script, card, &script->zones[to.zone].id, to.degree)) {
        fluit_guest_no(fx, "%s can't lie on %s", card->card.s, script->zones[to.zone].id.s);
        return false;
    }
    if (fluit_place_eq(from, to)) {
        fluit_guest_no(fx, "%s/%u is there already", card->card.s, card->copy);
        return false;
    }
    char where[WHERE_LEN];
    say_where(guest, to, where);
    struct fluit_act act = fluit_board_place_act(script, card, to);
    struct fluit_act undo = fluit_board_place_act(script, card, from);
    return fluit_guest_save(guest, &act, fluit_guest_round(guest), &undo, fx, "%s/%u %s",
                            card->card.s, card->copy, where);
}

bool fluit_guest_say_why(struct fluit_guest *guest, const struct fluit_card_ref *card, bool none,
                         struct fluit_slice text, struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_WHY}, undo = {.kind = FLUIT_KIND_WHY};
    act.why.card = undo.why.card = *card;
    act.why.none = none;
    act.why.text = text;
    /* Before there was a why, nobody had said that there was none: it was empty. */
    const struct fluit_board_card *held = card_of(guest, card);
    undo.why.none = held && held->why.set && held->why.none;
    if (held && held->why.set)
        undo.why.text = fluit_slice_str(held->why.text);
    return fluit_guest_save(guest, &act, fluit_guest_round(guest), &undo, fx, "why of %s/%u%s",
                            card->card.s, card->copy, none ? ": none given" : "");
}

static const struct fluit_link *find_link(const struct fluit_board *board,
                                          const struct fluit_card_ref *from,
                                          const struct fluit_card_ref *to)
{
    for (size_t i = 0; board && i < fluit_board_link_count(board); i++) {
        const struct fluit_link *link = fluit_board_link_at(board, i);
        if (fluit_card_ref_eq(&link->from, from) && fluit_card_ref_eq(&link->to, to))
            return link;
    }
    return NULL;
}

/* May these two be linked, or their link be taken away? Says so if not. */
static bool may_link(const struct fluit_guest *guest, const struct fluit_card_ref *from,
                     const struct fluit_card_ref *to, bool gone, const struct fluit_link *held,
                     struct fluit_effects *fx)
{
    const struct fluit_board *board = fluit_guest_board(guest);
    if (fluit_card_ref_eq(from, to))
        fluit_guest_no(fx, "a link needs two cards");
    else if (gone && (!held || held->gone))
        fluit_guest_no(fx, "%s and %s are not linked", from->card.s, to->card.s);
    else if (!held && board && fluit_board_link_count(board) >= FLUIT_LINKS_MAX)
        fluit_guest_no(fx, "this board has as many links as there can be");
    else
        return true;
    return false;
}

bool fluit_guest_set_link(struct fluit_guest *guest, const struct fluit_card_ref *from,
                          const struct fluit_card_ref *to, bool gone, struct fluit_slice word,
                          struct fluit_effects *fx)
{
    const struct fluit_link *held = find_link(fluit_guest_board(guest), from, to);
    if (!may_link(guest, from, to, gone, held, fx))
        return false;
    struct fluit_act act = {.kind = FLUIT_KIND_LINK};
    act.link.from = *from;
    act.link.to = *to;
    act.link.gone = gone;
    if (!gone)
        act.link.word = word;
    struct fluit_act undo = act;
    bool linked = held && !held->gone;
    undo.link.gone = !linked;
    undo.link.word = linked ? fluit_slice_str(held->word) : fluit_slice(NULL, 0);
    return fluit_guest_save(guest, &act, fluit_guest_round(guest), &undo, fx, "%s to %s%s",
                            from->card.s, to->card.s, gone ? ", no longer linked" : ", linked");
}

/* Is it written on? */
static bool is_written(const struct fluit_board_card *card)
{
    return card && card->blank.set && card->blank.text[0];
}

bool fluit_guest_rewrite_blank(struct fluit_guest *guest, const struct fluit_id *card,
                               struct fluit_slice text, struct fluit_effects *fx)
{
    struct fluit_card_ref ref = {*card, 1};
    const struct fluit_board_card *held = card_of(guest, &ref);
    struct fluit_act act = {.kind = FLUIT_KIND_BLANK}, undo;
    act.blank.card = *card;
    act.blank.text = text;
    undo = act;
    undo.blank.text = is_written(held) ? fluit_slice_str(held->blank.text) : fluit_slice(NULL, 0);
    return fluit_guest_save(guest, &act, fluit_guest_round(guest), &undo, fx,
                            "written on %s; place it as any card", card->s);
}

bool fluit_guest_write_blank(struct fluit_guest *guest, struct fluit_slice text,
                             struct fluit_id *card, struct fluit_effects *fx)
{
    int count = guest->node.script->blank_count;
    for (int i = 1; i <= count; i++) {
        struct fluit_card_ref ref = {.copy = 1};
        snprintf(ref.card.s, sizeof ref.card.s, "blank-%d", i);
        if (is_written(card_of(guest, &ref)))
            continue;
        *card = ref.card;
        return fluit_guest_rewrite_blank(guest, card, text, fx);
    }
    if (count == 0)
        fluit_guest_no(fx, "this workshop has no blank cards");
    else
        fluit_guest_no(fx, "all %d blank cards of this round are written on", count);
    return false;
}

bool fluit_guest_set_role(struct fluit_guest *guest, int role, uint8_t seat,
                          struct fluit_effects *fx)
{
    uint8_t round = fluit_guest_round(guest);
    struct fluit_act act = {.kind = FLUIT_KIND_ROLE}, undo;
    act.role.role = guest->node.script->roles[role].id;
    act.role.seat = seat;
    undo = act;
    undo.role.seat = fluit_fold_seat(guest->node.fold, guest->node.table, round, role);
    return fluit_guest_save(guest, &act, round, &undo, fx, "%s: seat %u", act.role.role.s, seat);
}

/* Has the plan left the round behind? */
static bool round_over(const struct fluit_guest *guest, uint8_t round)
{
    const struct fluit_plan *plan = &guest->node.plan;
    int step = fluit_script_round_step(guest->node.script, round);
    return plan->step > step || (plan->step == step && plan->state == FLUIT_PLAN_ENDED);
}

bool fluit_guest_may_go_on(const struct fluit_guest *guest)
{
    uint8_t round = fluit_guest_round(guest);
    return round < guest->node.script->round_count && round_over(guest, round);
}

bool fluit_guest_next_board(struct fluit_guest *guest, struct fluit_effects *fx)
{
    uint8_t round = fluit_guest_round(guest);
    struct fluit_act act = {.kind = FLUIT_KIND_NEXT_BOARD};
    if (round >= guest->node.script->round_count) {
        fluit_guest_no(fx, "this is the last round's board");
        return false;
    }
    if (!round_over(guest, round)) {
        fluit_guest_no(fx, "round %u is not over yet", round);
        return false;
    }
    act.next_board.round = (uint8_t)(round + 1);
    if (!fluit_guest_save(guest, &act, act.next_board.round, NULL, fx, "the board of round %u",
                          act.next_board.round))
        return false;
    fluit_guest_forget_undo(guest);
    return true;
}
