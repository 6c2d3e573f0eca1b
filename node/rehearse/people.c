/* people.c: scripted participants: they think, place, move, change their minds, write, answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/rehearse/stage.h"

#define THINK_MIN_US 50000

/* What one table, or its rapporteur, has in mind. */
struct mind {
    int step;      /* the step these belong to */
    int answered;  /* questions and seats of the step that were done */
    uint8_t round; /* board in use */
    int laid_count;
    struct laid {
        struct fluit_card_ref card;
        int zone;
        uint8_t degree;
    } laid[64];
};

static uint64_t dice(struct fluit_stage *stage, uint64_t sides)
{
    return fluit_rng_below(&stage->rng, sides);
}

int64_t fluit_people_think_us(struct fluit_stage *stage, double mean_s)
{
    double share = 0.3 + 1.4 * (double)dice(stage, 1000) / 1000;
    int64_t us = (int64_t)(mean_s * 1e6 * share / stage->options.speed);
    return us < THINK_MIN_US ? THINK_MIN_US + (int64_t)dice(stage, THINK_MIN_US) : us;
}

static struct mind *mind_of(struct fluit_actor *actor)
{
    if (!actor->mind) {
        struct mind *mind = calloc(1, sizeof *mind);
        if (!mind)
            abort();
        mind->step = -1;
        mind->round = 1;
        actor->mind = mind;
    }
    return actor->mind;
}

void fluit_people_forget(struct fluit_actor *actor)
{
    free(actor->mind);
    actor->mind = NULL;
}

static struct laid *any_laid(struct fluit_stage *stage, struct mind *mind)
{
    return &mind->laid[dice(stage, (uint64_t)mind->laid_count)];
}

/* A copy that is not yet on the board, and a place that may take it. */
static void place_new(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    const struct fluit_script *script = stage->script;
    const struct fluit_card *card = &script->cards[dice(stage, (uint64_t)script->card_count)];
    struct laid laid = {.card = {card->id, (uint8_t)(1 + dice(stage, card->copies))}};
    for (int i = 0; i < mind->laid_count; i++)
        if (fluit_card_ref_eq(&mind->laid[i].card, &laid.card))
            return;
    laid.zone = card->zone >= 0 ? card->zone : (int)dice(stage, (uint64_t)script->side_count);
    uint8_t degrees = script->zones[laid.zone].degree_count;
    laid.degree = degrees ? (uint8_t)(1 + dice(stage, degrees)) : 0;
    fluit_stage_say(stage, actor, "place %s/%u %s %u", card->id.s, laid.card.copy,
                    script->zones[laid.zone].id.s, laid.degree);
    mind->laid[mind->laid_count++] = laid;
    if (dice(stage, 4) > 0)
        fluit_stage_say(stage, actor, "why %s/%u because of " FLUIT_LEDGER_SERIAL "%llu",
                        card->id.s, laid.card.copy, (unsigned long long)++stage->serial);
    else if (dice(stage, 3) == 0)
        fluit_stage_say(stage, actor, "why %s/%u -", card->id.s, laid.card.copy);
}

/* Another degree, or the other side, as the script allows. */
static void move_laid(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    const struct fluit_script *script = stage->script;
    struct laid *laid = any_laid(stage, mind);
    if (laid->zone >= script->side_count)
        return;
    int zone = (int)dice(stage, (uint64_t)script->side_count);
    uint8_t degree = (uint8_t)(1 + dice(stage, script->zones[zone].degree_count));
    if (zone == laid->zone && degree == laid->degree)
        return;
    laid->zone = zone;
    laid->degree = degree;
    fluit_stage_say(stage, actor, "place %s/%u %s %u", laid->card.card.s, laid->card.copy,
                    script->zones[zone].id.s, degree);
}

static void take_away(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    struct laid *laid = any_laid(stage, mind);
    fluit_stage_say(stage, actor, "%s %s/%u", dice(stage, 2) ? "lift" : "aside", laid->card.card.s,
                    laid->card.copy);
    if (dice(stage, 3) == 0)
        fluit_stage_say(stage, actor, "undo");
    else
        *laid = mind->laid[--mind->laid_count];
}

static void link_two(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    struct laid *a = any_laid(stage, mind), *b = any_laid(stage, mind);
    if (a != b)
        fluit_stage_say(stage, actor, "link %s/%u %s/%u word " FLUIT_LEDGER_SERIAL "%llu",
                        a->card.card.s, a->card.copy, b->card.card.s, b->card.copy,
                        (unsigned long long)++stage->serial);
}

static void play(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    uint64_t what = dice(stage, 100);
    bool room = mind->laid_count < (int)(sizeof mind->laid / sizeof mind->laid[0]);
    if (mind->laid_count < 3 || (what < 60 && room))
        place_new(stage, actor, mind);
    else if (what < 80)
        move_laid(stage, actor, mind);
    else if (what < 88)
        take_away(stage, actor, mind);
    else if (what < 95)
        link_two(stage, actor, mind);
    else if (stage->script->blank_count > 0)
        fluit_stage_say(stage, actor, "blank written " FLUIT_LEDGER_SERIAL "%llu",
                        (unsigned long long)++stage->serial);
}

static void take_note(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    const struct fluit_step *step = &stage->script->steps[actor->step];
    const char *verb = dice(stage, 4) == 0 ? "quote" : "note";
    (void)mind;
    if (step->question_count > 0 && dice(stage, 4) > 0)
        fluit_stage_say(stage, actor, "%s @%s somebody said " FLUIT_LEDGER_SERIAL "%llu", verb,
                        step->questions[dice(stage, (uint64_t)step->question_count)].id.s,
                        (unsigned long long)++stage->serial);
    else
        fluit_stage_say(stage, actor, "%s somebody said " FLUIT_LEDGER_SERIAL "%llu", verb,
                        (unsigned long long)++stage->serial);
}

/* One answer: the next seat's, or the table's, to the next question. */
static void answer(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    const struct fluit_step *step = &stage->script->steps[actor->step];
    int people = stage->options.people, number = mind->answered++;
    if (step->question_count == 0 || number / people >= step->question_count)
        return;
    const struct fluit_question *q = &step->questions[number / people];
    int seat = q->per == FLUIT_PER_SEAT ? number % people + 1 : 0;
    char to[FLUIT_ID_LEN_MAX + 16];
    snprintf(to, sizeof to, seat ? "%s/%d" : "%s", q->id.s, seat);
    if (!seat && number % people > 0)
        return;
    if (q->option_count > 0)
        fluit_stage_say(stage, actor, "answer %s %s", to,
                        q->options[dice(stage, (uint64_t)q->option_count)].id.s);
    else if (q->per == FLUIT_PER_HANDS)
        fluit_stage_say(stage, actor, "answer %s %d", to, (int)dice(stage, (uint64_t)people + 1));
    else
        fluit_stage_say(stage, actor, "answer %s we think " FLUIT_LEDGER_SERIAL "%llu", to,
                        (unsigned long long)++stage->serial);
}

static void take_roles(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    if (mind->answered < stage->script->role_count)
        fluit_stage_say(stage, actor, "role %s %d", stage->script->roles[mind->answered].id.s,
                        mind->answered % stage->options.people + 1);
    mind->answered++;
}

/* The table clears its board once, after its round. */
static void turn_board(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    uint8_t next = (uint8_t)(mind->round + 1);
    if (next > stage->script->round_count ||
        actor->step <= fluit_script_round_step(stage->script, mind->round))
        return;
    fluit_stage_say(stage, actor, "next board");
    mind->round = next;
    mind->laid_count = 0;
}

static void act_in_round(struct fluit_stage *stage, struct fluit_actor *actor, struct mind *mind)
{
    bool table = actor->node_class == FLUIT_NODE_TABLE;
    bool running = strcmp(actor->state, "running") == 0;
    /* Some go over time, into the wrap-up. */
    if (!running && (strcmp(actor->state, "ended") != 0 || dice(stage, 3) > 0))
        return;
    if (table)
        play(stage, actor, mind);
    else
        take_note(stage, actor, mind);
}

void fluit_people_act(struct fluit_stage *stage, struct fluit_actor *actor)
{
    struct mind *mind = mind_of(actor);
    bool table = actor->node_class == FLUIT_NODE_TABLE;
    if (actor->step < 0 || actor->step >= stage->script->step_count)
        return;
    if (mind->step != actor->step) {
        mind->step = actor->step;
        mind->answered = 0;
    }
    enum fluit_step_kind kind = stage->script->steps[actor->step].kind;
    if (table)
        turn_board(stage, actor, mind);
    if (kind == FLUIT_STEP_ROUND)
        act_in_round(stage, actor, mind);
    else if (kind == FLUIT_STEP_EXPLAIN && table)
        take_roles(stage, actor, mind);
    else if (kind == FLUIT_STEP_TABLE_TALK && !table)
        answer(stage, actor, mind);
    else if ((kind == FLUIT_STEP_POLL || kind == FLUIT_STEP_OPEN_QUESTION) && table)
        answer(stage, actor, mind);
    actor->next_us = fluit_stage_now_us() + fluit_people_think_us(stage, table ? 12 : 30);
}
