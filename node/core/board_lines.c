/* board_lines.c: the table's commands: cards, whys, links, blank cards, roles, the next board. */
#include <stdio.h>
#include <string.h>

#include "node/core/acts.h"
#include "node/core/words.h"

static uint8_t copies_of(const struct fluit_guest *guest, const struct fluit_card_ref *card)
{
    int index = fluit_script_card(guest->node.script, card->card.s);
    return index < 0 ? 1 : guest->node.script->cards[index].copies;
}

/* The copy that is most likely meant: one that lies there, else the first in the hand, else aside.
 */
static void choose_copy(const struct fluit_guest *guest, int zone, struct fluit_card_ref *card)
{
    uint8_t in_hand = 0, aside = 0;
    for (uint8_t copy = copies_of(guest, card); copy > 0; copy--) {
        struct fluit_card_ref ref = {card->card, copy};
        struct fluit_place place = fluit_guest_place(guest, &ref);
        if (place.kind == FLUIT_PLACE_ZONE && place.zone == zone) {
            card->copy = copy;
            return;
        }
        if (place.kind == FLUIT_PLACE_HAND)
            in_hand = copy;
        else if (place.kind == FLUIT_PLACE_ASIDE)
            aside = copy;
    }
    card->copy = in_hand ? in_hand : aside ? aside : 1;
}

static void choose_lying(const struct fluit_guest *guest, struct fluit_card_ref *card)
{
    uint8_t aside = 0;
    for (uint8_t copy = 1; copy <= copies_of(guest, card); copy++) {
        struct fluit_card_ref ref = {card->card, copy};
        enum fluit_place_kind kind = fluit_guest_place(guest, &ref).kind;
        if (kind == FLUIT_PLACE_ZONE) {
            card->copy = copy;
            return;
        }
        if (kind == FLUIT_PLACE_ASIDE && !aside)
            aside = copy;
    }
    if (aside)
        card->copy = aside;
}

bool fluit_guest_lying_card(struct fluit_guest *guest, struct fluit_slice *rest,
                            struct fluit_card_ref *card, struct fluit_effects *fx)
{
    bool copy_given;
    if (!fluit_guest_card(guest, rest, card, &copy_given, fx))
        return false;
    if (!copy_given)
        choose_lying(guest, card);
    return true;
}

/* The degree typed, or the one it has there, or the lowest. False, and says so, if it is none. */
static bool degree_of(struct fluit_guest *guest, struct fluit_slice *rest, int zone,
                      const struct fluit_card_ref *card, uint8_t *degree, struct fluit_effects *fx)
{
    const struct fluit_zone *z = &guest->node.script->zones[zone];
    struct fluit_slice word = fluit_words_next(rest);
    struct fluit_place place = fluit_guest_place(guest, card);
    uint64_t number;
    if (word.len == 0) {
        bool there = place.kind == FLUIT_PLACE_ZONE && place.zone == zone;
        *degree = there ? place.degree : z->degree_count > 0;
        return true;
    }
    if (!fluit_words_number(word, z->degree_count, &number) ||
        (number == 0) != (z->degree_count == 0)) {
        if (z->degree_count)
            fluit_guest_no(fx, "the degree is a number from 1 (%s) to %u (%s)",
                           z->degrees[0].in[guest->language], z->degree_count,
                           z->degrees[z->degree_count - 1].in[guest->language]);
        else
            fluit_guest_no(fx, "%s has no degrees", z->id.s);
        return false;
    }
    *degree = (uint8_t)number;
    return true;
}

static void on_place(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_card_ref card;
    bool copy_given;
    int zone;
    uint8_t degree;
    if (!fluit_guest_card(guest, &rest, &card, &copy_given, fx) ||
        !fluit_guest_zone(guest, &rest, &zone, fx))
        return;
    if (!copy_given)
        choose_copy(guest, zone, &card);
    if (!degree_of(guest, &rest, zone, &card, &degree, fx) ||
        !fluit_guest_line_ends(rest, "place", fx))
        return;
    fluit_guest_move(guest, &card, (struct fluit_place){FLUIT_PLACE_ZONE, (uint8_t)zone, degree},
                     fx);
}

static void say_aside(struct fluit_guest *guest, struct fluit_effects *fx)
{
    const struct fluit_board *board = fluit_guest_board(guest);
    size_t count = 0;
    for (size_t i = 0; board && i < fluit_board_card_count(board); i++) {
        const struct fluit_board_card *card = fluit_board_card_at(board, i);
        if (card->place.kind != FLUIT_PLACE_ASIDE)
            continue;
        fluit_effects_print(fx, "%s/%u", card->ref.card.s, card->ref.copy);
        count++;
    }
    if (count == 0)
        fluit_effects_print(fx, "nothing lies aside");
}

static void on_aside(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_card_ref card;
    bool copy_given;
    if (fluit_words_rest(rest).len == 0) {
        say_aside(guest, fx);
        return;
    }
    if (!fluit_guest_card(guest, &rest, &card, &copy_given, fx) ||
        !fluit_guest_line_ends(rest, "aside", fx))
        return;
    if (!copy_given)
        choose_copy(guest, -1, &card);
    fluit_guest_move(guest, &card, (struct fluit_place){.kind = FLUIT_PLACE_ASIDE}, fx);
}

static void on_lift(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_card_ref card;
    if (fluit_guest_lying_card(guest, &rest, &card, fx) && fluit_guest_line_ends(rest, "lift", fx))
        fluit_guest_move(guest, &card, (struct fluit_place){.kind = FLUIT_PLACE_HAND}, fx);
}

static void on_why(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_card_ref card;
    if (!fluit_guest_lying_card(guest, &rest, &card, fx))
        return;
    struct fluit_slice text = fluit_words_rest(rest);
    bool none = fluit_slice_is(text, "-");
    if (text.len == 0)
        fluit_guest_no(fx, "say why, or '-' for none given");
    else
        fluit_guest_say_why(guest, &card, none, none ? fluit_slice(NULL, 0) : text, fx);
}

static void set_link(struct fluit_guest *guest, struct fluit_slice rest, bool gone,
                     struct fluit_effects *fx)
{
    struct fluit_card_ref from, to;
    if (!fluit_guest_lying_card(guest, &rest, &from, fx) ||
        !fluit_guest_lying_card(guest, &rest, &to, fx))
        return;
    if (!gone || fluit_guest_line_ends(rest, "unlink", fx))
        fluit_guest_set_link(guest, &from, &to, gone, fluit_words_rest(rest), fx);
}

static void on_link(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    set_link(guest, rest, false, fx);
}

static void on_unlink(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    set_link(guest, rest, true, fx);
}

static void on_blank(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_slice text = fluit_words_rest(rest);
    struct fluit_id card;
    if (text.len == 0)
        fluit_guest_no(fx, "say what is written on it");
    else
        fluit_guest_write_blank(guest, text, &card, fx);
}

static void on_role(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    int role;
    if (!fluit_guest_role(guest, &rest, &role, fx))
        return;
    struct fluit_slice seat = fluit_words_next(&rest);
    uint64_t number = 0;
    if (!fluit_slice_is(seat, "-") && !fluit_words_number(seat, FLUIT_SEATS_MAX, &number)) {
        fluit_guest_no(fx, "say which seat, 1 to %d, as in 'role %s 2' (0: nobody)",
                       FLUIT_SEATS_MAX, script->roles[role].id.s);
        return;
    }
    if (fluit_guest_line_ends(rest, "role", fx))
        fluit_guest_set_role(guest, role, (uint8_t)number, fx);
}

static void on_next(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    if (!fluit_slice_is(fluit_words_next(&rest), "board"))
        fluit_guest_no(fx, "say 'next board' to clear the board for the next round");
    else if (fluit_guest_line_ends(rest, "next", fx))
        fluit_guest_next_board(guest, fx);
}

static void say_card(struct fluit_guest *guest, const struct fluit_board_card *card,
                     struct fluit_effects *fx)
{
    const struct fluit_zone *zone = &guest->node.script->zones[card->place.zone];
    const char *degree =
        card->place.degree ? zone->degrees[card->place.degree - 1].in[guest->language] : "";
    const char *why = !card->why.set ? "" : card->why.none ? "(none given)" : card->why.text;
    fluit_effects_say(fx, "  %s/%u  %s  %s%s%s", card->ref.card.s, card->ref.copy, degree,
                      card->blank.set ? card->blank.text : "", card->blank.set ? "  " : "", why);
}

static void say_links(const struct fluit_board *board, struct fluit_effects *fx)
{
    for (size_t i = 0; i < fluit_board_link_count(board); i++) {
        const struct fluit_link *link = fluit_board_link_at(board, i);
        if (!link->gone)
            fluit_effects_say(fx, "link %s/%u to %s/%u  %s", link->from.card.s, link->from.copy,
                              link->to.card.s, link->to.copy, link->word);
    }
}

static void on_board(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    const struct fluit_board *board = fluit_guest_board(guest);
    (void)rest;
    fluit_effects_print(fx, "round %u", fluit_guest_round(guest));
    for (int zone = 0; board && zone < script->zone_count; zone++) {
        fluit_effects_print(fx, "%s", script->zones[zone].name.in[guest->language]);
        for (int degree = script->zones[zone].degree_count; degree >= 0; degree--)
            for (size_t i = 0; i < fluit_board_card_count(board); i++) {
                const struct fluit_board_card *card = fluit_board_card_at(board, i);
                if (card->place.kind == FLUIT_PLACE_ZONE && card->place.zone == zone &&
                    card->place.degree == degree)
                    say_card(guest, card, fx);
            }
    }
    if (board)
        say_links(board, fx);
}

/* Blank cards in the hand: those written on, and how many are not. */
static void say_blanks(struct fluit_guest *guest, struct fluit_effects *fx)
{
    int empty = 0;
    for (int i = 1; i <= guest->node.script->blank_count; i++) {
        struct fluit_card_ref ref = {.copy = 1};
        snprintf(ref.card.s, sizeof ref.card.s, "blank-%d", i);
        const struct fluit_board_card *card =
            fluit_fold_card(guest->node.fold, guest->node.table, fluit_guest_round(guest), &ref);
        if (fluit_guest_place(guest, &ref).kind != FLUIT_PLACE_HAND)
            continue;
        if (card && card->blank.set && card->blank.text[0])
            fluit_effects_say(fx, "  %-24s %s", ref.card.s, card->blank.text);
        else
            empty++;
    }
    if (empty)
        fluit_effects_print(fx, "%d blank cards; 'blank TEXT' writes on one", empty);
}

static void on_hand(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    (void)rest;
    for (int category = -1; category < script->category_count; category++) {
        bool named = false;
        for (int i = 0; i < script->card_count; i++) {
            struct fluit_card_ref ref = {script->cards[i].id, 1};
            if (script->cards[i].category != category)
                continue;
            choose_copy(guest, -1, &ref);
            if (fluit_guest_place(guest, &ref).kind != FLUIT_PLACE_HAND)
                continue;
            if (!named && category >= 0)
                fluit_effects_print(fx, "%s",
                                    script->categories[category].name.in[guest->language]);
            named = true;
            fluit_effects_print(fx, "  %-24s %s", script->cards[i].id.s,
                                script->cards[i].name.in[guest->language]);
        }
    }
    say_blanks(guest, fx);
}

const struct fluit_guest_command fluit_board_commands[] = {
    {"place", FLUIT_KIND_PLACE, "place CARD[/COPY] SIDE [DEGREE]", "lay a card, or move it",
     on_place},
    {"aside", FLUIT_KIND_ASIDE, "aside [CARD]", "put a card aside; without a card: what lies there",
     on_aside},
    {"lift", FLUIT_KIND_LIFT, "lift CARD", "take a card back into the hand", on_lift},
    {"why", FLUIT_KIND_WHY, "why CARD TEXT", "why this card; '-' for none given", on_why},
    {"link", FLUIT_KIND_LINK, "link CARD CARD [WORD]", "link two cards", on_link},
    {"unlink", FLUIT_KIND_LINK, "unlink CARD CARD", "take a link away", on_unlink},
    {"blank", FLUIT_KIND_BLANK, "blank TEXT", "write on a blank card", on_blank},
    {"role", FLUIT_KIND_ROLE, "role ROLE SEAT", "who does what, by seat", on_role},
    {"next", FLUIT_KIND_NEXT_BOARD, "next board", "clear the board for the next round", on_next},
    {"board", 0, "board", "what lies on the board", on_board},
    {"hand", FLUIT_KIND_PLACE, "hand", "the cards in the hand", on_hand},
    {0},
};
