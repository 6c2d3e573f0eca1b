/* people_acts.c: what people at a table do now: by the kind of step, by chance, and by what lies
 * before them. Follows any script. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/rehearse/people.h"
#include "node/rehearse/people_words.h"

#define LYING_MAX     24 /* cards on one board; the rest stays in the hand */
#define OVER_ACTS_MAX 6  /* whys and notes after the end of a round */

static bool table(const struct fluit_people *people)
{
    return people->node_class == FLUIT_NODE_TABLE;
}

static const struct fluit_step *step_of(const struct fluit_people *people)
{
    return &people->script->steps[people->step];
}

/* A phrase with a serial number: no text is ever said twice. */
static void phrase(struct fluit_people *people, enum fluit_topic topic, struct fluit_saying *out)
{
    const char *words = fluit_people_phrase(&people->rng, people->script->languages[0], topic);
    snprintf(out->text, sizeof out->text, "%s (%c%02u-%04u)", words, table(people) ? 't' : 'r',
             people->table, ++people->serial);
}

static bool say(struct fluit_people *people, enum fluit_kind kind, struct fluit_saying *out)
{
    out->act.kind = kind;
    out->round = people->board_round;
    return true;
}

/* Slots. */

static bool is_lying(const struct fluit_slot *slot)
{
    return slot->there && slot->place.kind == FLUIT_PLACE_ZONE;
}
static bool is_off(const struct fluit_slot *slot)
{
    return slot->there && slot->place.kind != FLUIT_PLACE_ZONE;
}
static bool in_hand(const struct fluit_slot *slot)
{
    return slot->there && slot->place.kind == FLUIT_PLACE_HAND;
}
static bool lacks_why(const struct fluit_slot *slot)
{
    return is_lying(slot) && slot->wants_why;
}
static bool has_why(const struct fluit_slot *slot)
{
    return is_lying(slot) && slot->has_why;
}

static int count(const struct fluit_people *people, bool (*fits)(const struct fluit_slot *slot))
{
    int found = 0;
    for (int i = 0; i < people->slot_count; i++)
        found += fits(&people->slots[i]);
    return found;
}

static struct fluit_slot *any(struct fluit_people *people,
                              bool (*fits)(const struct fluit_slot *slot))
{
    int found = count(people, fits);
    int left = found ? fluit_people_pick(people, found) : -1;
    for (int i = 0; found && i < people->slot_count; i++)
        if (fits(&people->slots[i]) && left-- == 0)
            return &people->slots[i];
    return NULL;
}

/* The cards. */

static bool place(struct fluit_people *people, const struct fluit_slot *slot,
                  struct fluit_saying *out)
{
    const struct fluit_script *script = people->script;
    int bound = slot->card < script->card_count ? script->cards[slot->card].zone : -1;
    int zone = bound >= 0 ? bound : fluit_people_pick(people, script->side_count);
    int degrees = bound >= 0 ? 0 : script->zones[zone].degree_count;
    out->act.place.card = slot->ref;
    out->act.place.zone = script->zones[zone].id;
    out->act.place.degree = degrees ? (uint8_t)(1 + fluit_people_pick(people, degrees)) : 0;
    return say(people, FLUIT_KIND_PLACE, out);
}

static bool lay(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_slot *slot = any(people, is_off);
    return slot && count(people, is_lying) < LYING_MAX && place(people, slot, out);
}

/* To another place, or by mistake to the very same. */
static bool change_mind(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_slot *slot = any(people, is_lying);
    return slot && place(people, slot, out);
}

static bool put_aside(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_slot *slot = any(people, in_hand);
    if (!slot)
        return false;
    out->act.aside.card = slot->ref;
    return say(people, FLUIT_KIND_ASIDE, out);
}

static bool lift(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_slot *slot = any(people, is_lying);
    if (!slot)
        return false;
    out->act.lift.card = slot->ref;
    return say(people, FLUIT_KIND_LIFT, out);
}

static bool tell_why(struct fluit_people *people, const struct fluit_slot *slot,
                     struct fluit_saying *out)
{
    if (!slot)
        return false;
    out->act.why.card = slot->ref;
    out->act.why.none = fluit_people_likely(people, 8);
    if (!out->act.why.none)
        phrase(people, FLUIT_TOPIC_WHY, out);
    return say(people, FLUIT_KIND_WHY, out);
}

static bool link(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_slot *from = any(people, is_lying), *to = any(people, is_lying);
    if (!from || from == to)
        return false;
    out->act.link.from = from->ref;
    out->act.link.to = to->ref;
    phrase(people, FLUIT_TOPIC_LINK, out);
    return say(people, FLUIT_KIND_LINK, out);
}

static bool write_blank(struct fluit_people *people, struct fluit_saying *out)
{
    if (people->script->blank_count == 0)
        return false;
    phrase(people, FLUIT_TOPIC_BLANK, out);
    return say(people, FLUIT_KIND_BLANK, out);
}

static bool mistype(struct fluit_people *people, struct fluit_saying *out)
{
    static const char *const lines[] = {"plaec health stimulates", "place", "why", "answer nothing",
                                        "place no-such-card there 1"};
    snprintf(out->text, sizeof out->text, "%s", lines[fluit_people_pick(people, 5)]);
    return true;
}

/* Words. */

static bool note(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_step *step = step_of(people);
    bool quote = fluit_people_likely(people, 30);
    if (step->question_count && fluit_people_likely(people, 80))
        out->act.note.question =
            step->questions[fluit_people_pick(people, step->question_count)].id;
    if (step->round && fluit_people_likely(people, 20)) {
        const struct fluit_card *card =
            &people->script->cards[fluit_people_pick(people, people->script->card_count)];
        out->act.note.card = (struct fluit_card_ref){card->id, 1};
    }
    out->act.note.flags = quote ? FLUIT_NOTE_QUOTE : 0;
    phrase(people, quote ? FLUIT_TOPIC_QUOTE : FLUIT_TOPIC_NOTE, out);
    return say(people, FLUIT_KIND_NOTE, out);
}

static bool choose_group(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_script *script = people->script;
    if (!script->groups_on || script->group_count == 0)
        return false;
    out->act.group.group = script->groups[fluit_people_pick(people, script->group_count)].id;
    return say(people, FLUIT_KIND_GROUP, out);
}

static bool answer(struct fluit_people *people, const struct fluit_question *q, uint8_t seat,
                   struct fluit_saying *out)
{
    out->act.answer.question = q->id;
    out->act.answer.seat = seat;
    if (q->option_count)
        snprintf(out->text, sizeof out->text, "%s",
                 q->options[fluit_people_pick(people, q->option_count)].id.s);
    else if (q->per == FLUIT_PER_HANDS)
        snprintf(out->text, sizeof out->text, "%d", fluit_people_pick(people, people->seats + 1));
    else
        phrase(people, FLUIT_TOPIC_ANSWER, out);
    return say(people, FLUIT_KIND_ANSWER, out);
}

/* All questions of the step in turn, a seat at a time where everyone answers; now and then somebody
 * thinks better of it. */
static bool answer_next(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_step *step = step_of(people);
    if (people->asked >= step->question_count)
        return false;
    const struct fluit_question *q = &step->questions[people->asked];
    bool each = q->per == FLUIT_PER_SEAT;
    uint8_t seat = each ? (uint8_t)people->asked_seat : 0;
    if (fluit_people_likely(people, 90)) {
        people->asked_seat++;
        if (!each || people->asked_seat > people->seats) {
            people->asked++;
            people->asked_seat = 1;
        }
    }
    return answer(people, q, seat, out);
}

static bool give_role(struct fluit_people *people, struct fluit_saying *out)
{
    if (people->role_at >= people->script->role_count)
        return false;
    int seat = (people->role_at + people->table + people->board_round) % people->seats + 1;
    out->act.role.role = people->script->roles[people->role_at++].id;
    out->act.role.seat = (uint8_t)seat;
    return say(people, FLUIT_KIND_ROLE, out);
}

/* Is it time for the next round's board? */
static bool next_board(struct fluit_people *people, struct fluit_saying *out)
{
    const struct fluit_script *script = people->script;
    if (people->board_round >= script->round_count ||
        people->step <= fluit_script_round_step(script, people->board_round))
        return false;
    out->act.next_board.round = (uint8_t)(people->board_round + 1);
    say(people, FLUIT_KIND_NEXT_BOARD, out);
    out->round = out->act.next_board.round;
    return true;
}

/* Steps. */

static bool play(struct fluit_people *people, struct fluit_saying *out)
{
    if (give_role(people, out))
        return true;
    if (people->acts < 8 && fluit_people_likely(people, 30) && put_aside(people, out))
        return true;
    if (fluit_people_likely(people, 60) && tell_why(people, any(people, lacks_why), out))
        return true;
    int chance = fluit_people_pick(people, 100);
    if (chance < 50)
        return lay(people, out) || change_mind(people, out);
    if (chance < 66)
        return change_mind(people, out) || lay(people, out);
    if (chance < 71)
        return lift(people, out) || note(people, out);
    if (chance < 80)
        return link(people, out) || lay(people, out) || note(people, out);
    if (chance < 84)
        return write_blank(people, out) || lay(people, out);
    if (chance < 88)
        return tell_why(people, any(people, has_why), out) || note(people, out);
    if (chance < 91)
        return mistype(people, out);
    return note(people, out);
}

static bool over_time(struct fluit_people *people, struct fluit_saying *out)
{
    if (people->acts_over >= OVER_ACTS_MAX)
        return false;
    return (table(people) && tell_why(people, any(people, lacks_why), out)) || note(people, out);
}

static bool card_round(struct fluit_people *people, struct fluit_saying *out)
{
    if (people->over)
        return over_time(people, out);
    if (table(people))
        return next_board(people, out) || play(people, out);
    return (people->acts == 5 && choose_group(people, out)) || note(people, out);
}

bool fluit_people_choose(struct fluit_people *people, struct fluit_saying *out)
{
    enum fluit_step_kind kind = step_of(people)->kind;
    *out = (struct fluit_saying){0};
    if (kind == FLUIT_STEP_ROUND)
        return card_round(people, out);
    if (people->over)
        return false;
    if (table(people) && next_board(people, out))
        return true;
    if (table(people) && (kind == FLUIT_STEP_EXPLAIN || kind == FLUIT_STEP_CHANGEOVER))
        return give_role(people, out);
    if (table(people) == (kind == FLUIT_STEP_TABLE_TALK))
        return !table(people) && people->acts < 3 && fluit_people_likely(people, 10) &&
               note(people, out);
    return answer_next(people, out);
}

/* What was done. */

struct fluit_slot *fluit_people_touched(struct fluit_people *people, const struct fluit_act *act)
{
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
        return fluit_people_slot(people, &act->place.card);
    case FLUIT_KIND_ASIDE:
        return fluit_people_slot(people, &act->aside.card);
    case FLUIT_KIND_LIFT:
        return fluit_people_slot(people, &act->lift.card);
    case FLUIT_KIND_WHY:
        return fluit_people_slot(people, &act->why.card);
    default:
        return NULL;
    }
}

static void move(struct fluit_people *people, const struct fluit_saying *done,
                 const struct fluit_card_ref *ref, struct fluit_place to)
{
    struct fluit_slot *slot = fluit_people_slot(people, ref);
    if (!slot)
        return;
    people->can_undo = !slot->hazy;
    people->undo =
        (struct fluit_saying){.act = fluit_board_place_act(people->script, &slot->ref, slot->place),
                              .round = done->round};
    if (to.kind == FLUIT_PLACE_ZONE && slot->place.kind != FLUIT_PLACE_ZONE)
        slot->wants_why = !slot->has_why;
    slot->place = to;
    slot->hazy = false;
}

static void placed(struct fluit_people *people, const struct fluit_saying *done)
{
    int zone = fluit_script_zone(people->script, done->act.place.zone.s);
    move(people, done, &done->act.place.card,
         (struct fluit_place){FLUIT_PLACE_ZONE, (uint8_t)zone, done->act.place.degree});
}

static void told_why(struct fluit_people *people, const struct fluit_saying *done)
{
    struct fluit_slot *slot = fluit_people_slot(people, &done->act.why.card);
    if (!slot)
        return;
    people->can_undo = !slot->hazy;
    people->undo = (struct fluit_saying){.act = done->act, .round = done->round};
    people->undo.act.why.none = slot->has_why && !slot->why[0];
    if (slot->has_why)
        snprintf(people->undo.text, sizeof people->undo.text, "%s", slot->why);
    slot->has_why = done->act.why.none || done->text[0];
    slot->wants_why = false;
    snprintf(slot->why, sizeof slot->why, "%s", done->act.why.none ? "" : done->text);
}

/* "saved 17 ..." */
static uint64_t saved_as(const char *told)
{
    return strtoull(told + 6, NULL, 10);
}

/* Which blank card it is, the console says: "saved 17 written on blank-3; ...". */
static void wrote_blank(struct fluit_people *people, const char *told)
{
    const char *at = strstr(told, " on blank-");
    struct fluit_card_ref ref = {.copy = 1};
    if (!at)
        return;
    snprintf(ref.card.s, sizeof ref.card.s, "%.*s", (int)strcspn(at + 4, "; "), at + 4);
    struct fluit_slot *slot = fluit_people_slot(people, &ref);
    if (!slot)
        return;
    slot->there = true;
    slot->seq = saved_as(told);
}

static void noted(struct fluit_people *people, const struct fluit_saying *done)
{
    people->can_undo = true;
    people->undo = (struct fluit_saying){.act = done->act, .round = done->round};
    people->undo.act.note.flags = FLUIT_NOTE_GONE;
}

void fluit_people_did(struct fluit_people *people, const struct fluit_saying *done,
                      const char *told)
{
    bool undone = strstr(told, "undone: ") != NULL;
    people->can_undo = false;
    switch (done->act.kind) {
    case FLUIT_KIND_PLACE:
        placed(people, done);
        break;
    case FLUIT_KIND_ASIDE:
        move(people, done, &done->act.aside.card, (struct fluit_place){.kind = FLUIT_PLACE_ASIDE});
        break;
    case FLUIT_KIND_LIFT:
        move(people, done, &done->act.lift.card, (struct fluit_place){.kind = FLUIT_PLACE_HAND});
        break;
    case FLUIT_KIND_WHY:
        told_why(people, done);
        break;
    case FLUIT_KIND_BLANK:
        wrote_blank(people, told);
        break;
    case FLUIT_KIND_NOTE:
        noted(people, done);
        break;
    case FLUIT_KIND_NEXT_BOARD:
        people->board_round = done->act.next_board.round;
        fluit_people_clear(people);
        break;
    default:
        break;
    }
    struct fluit_slot *slot = fluit_people_touched(people, &done->act);
    if (slot)
        slot->seq = saved_as(told);
    /* What an undo undoes next is older than what we remember. */
    if (undone)
        people->can_undo = false;
}
