/* sim_table.c: people at a table, or its rapporteur: what they type, and when. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

#define LINE_MAX_LEN 2400

static const struct fluit_card *any_card(struct sim *sim, const struct sim_node *n)
{
    const struct fluit_script *script = n->core->script;
    return &script->cards[sim_below(sim, (uint64_t)script->card_count)];
}

/* A card that lies on the board, if any does. */
static const char *lying_card(struct sim *sim, const struct sim_node *n)
{
    const struct fluit_board *board =
        fluit_fold_board(n->core->fold, n->table, fluit_guest_round(n->guest));
    size_t count = board ? fluit_board_card_count(board) : 0;
    return count ? fluit_board_card_at(board, sim_below(sim, count))->ref.card.s
                 : any_card(sim, n)->id.s;
}

static void place(struct sim *sim, struct sim_node *n)
{
    const struct fluit_script *script = n->core->script;
    const struct fluit_card *card = any_card(sim, n);
    int at = card->zone >= 0 ? card->zone : (int)sim_below(sim, (uint64_t)script->side_count);
    const struct fluit_zone *zone = &script->zones[at];
    unsigned degree = zone->degree_count ? (unsigned)sim_between(sim, 1, zone->degree_count) : 0;
    char line[200];
    snprintf(line, sizeof line, "place %s %s %u", card->id.s, zone->id.s, degree);
    sim_people_act(sim, n, line, line);
}

static void move(struct sim *sim, struct sim_node *n)
{
    char line[200];
    bool lift = sim_often(sim, 500000);
    snprintf(line, sizeof line, "%s %s", lift ? "lift" : "aside",
             lift ? lying_card(sim, n) : any_card(sim, n)->id.s);
    sim_people_act(sim, n, line, line);
}

static void why(struct sim *sim, struct sim_node *n)
{
    char line[200];
    snprintf(line, sizeof line, "why %s because %u of %s", lying_card(sim, n), sim->people.serial++,
             n->name);
    sim_people_act(sim, n, line, line);
}

static void tie(struct sim *sim, struct sim_node *n)
{
    char line[200];
    const char *one = lying_card(sim, n), *other = lying_card(sim, n);
    if (sim_often(sim, 250000))
        snprintf(line, sizeof line, "unlink %s %s ", one, other);
    else
        snprintf(line, sizeof line, "link %s %s word %u", one, other, sim->people.serial++);
    sim_people_act(sim, n, line, line);
}

static void blank(struct sim *sim, struct sim_node *n)
{
    char line[200];
    snprintf(line, sizeof line, "blank our own word %u", sim->people.serial++);
    sim_people_act(sim, n, line, line);
}

static void role(struct sim *sim, struct sim_node *n)
{
    const struct fluit_script *script = n->core->script;
    char line[200];
    snprintf(line, sizeof line, "role %s %u",
             script->roles[sim_below(sim, (uint64_t)script->role_count)].id.s,
             (unsigned)sim_between(sim, 0, 6));
    sim_people_act(sim, n, line, line);
}

static void undo(struct sim *sim, struct sim_node *n)
{
    sim_people_act(sim, n, "undo", "*");
}

/* Sometimes somebody has much to say. */
static void words(struct sim *sim, const struct sim_node *n, char *out, size_t cap)
{
    char more[1600];
    size_t len = sim_often(sim, 50000) ? sim_below(sim, sizeof more - 1) : 0;
    memset(more, 'x', len);
    more[len] = 0;
    snprintf(out, cap, "we say %u at %s%s", sim->people.serial++, n->name, more);
}

static const struct fluit_question *question(struct sim *sim, const struct sim_node *n)
{
    const struct fluit_step *step = &n->core->script->steps[n->core->plan.step];
    return step->question_count ? &step->questions[sim_below(sim, (uint64_t)step->question_count)]
                                : NULL;
}

static void note(struct sim *sim, struct sim_node *n)
{
    char line[LINE_MAX_LEN], what[LINE_MAX_LEN], text[2000];
    const struct fluit_question *q = question(sim, n);
    bool quote = sim_often(sim, 300000);
    words(sim, n, text, sizeof text);
    snprintf(line, sizeof line, "%s %s%s %s", quote ? "quote" : "note", q ? "@" : "",
             q ? q->id.s : "", text);
    snprintf(what, sizeof what, "note %s %u %s", q ? q->id.s : "", quote ? FLUIT_NOTE_QUOTE : 0,
             text);
    sim_people_act(sim, n, line, what);
}

static void revise(struct sim *sim, struct sim_node *n)
{
    char line[LINE_MAX_LEN], what[LINE_MAX_LEN], text[2000];
    unsigned number = (unsigned)sim_between(sim, 1, 8);
    words(sim, n, text, sizeof text);
    if (sim_often(sim, 600000)) {
        snprintf(line, sizeof line, "edit %u %s", number, text);
        snprintf(what, sizeof what, "note * %s", text);
    } else {
        snprintf(line, sizeof line, "%s %u", sim_often(sim, 700000) ? "bring" : "drop", number);
        snprintf(what, sizeof what, "note *");
    }
    sim_people_act(sim, n, line, what);
}

static void answer(struct sim *sim, struct sim_node *n)
{
    char line[LINE_MAX_LEN], text[2000];
    const struct fluit_question *q = question(sim, n);
    if (!q)
        return;
    unsigned seat = q->per == FLUIT_PER_SEAT ? (unsigned)sim_between(sim, 1, 5) : 0;
    words(sim, n, text, sizeof text);
    if (q->option_count)
        snprintf(text, sizeof text, "%s",
                 q->options[sim_below(sim, (uint64_t)q->option_count)].id.s);
    snprintf(line, sizeof line, "answer %s/%u %s", q->id.s, seat, text);
    sim_people_act(sim, n, line, line);
}

/* Lines that only ask, and ones that are wrong. */
static void look(struct sim *sim, struct sim_node *n)
{
    static const char *const lines[] = {"status", "board",     "hand",  "notes",     "aside",
                                        "help",   "questions", "steps", "place x y", "lang en"};
    sim_people_type(sim, n, lines[sim_below(sim, sizeof lines / sizeof lines[0])], SIM_NOBODY);
}

static const struct {
    unsigned weight;
    bool board; /* a table's, not its rapporteur's */
    void (*type)(struct sim *sim, struct sim_node *n);
} kinds[] = {{40, true, place},  {8, true, move},    {22, true, why}, {5, true, tie},
             {2, true, blank},   {3, true, role},    {4, true, undo}, {14, false, note},
             {5, false, revise}, {6, false, answer}, {3, false, look}};

static void type_any(struct sim *sim, struct sim_node *n, bool board)
{
    uint64_t sum = 0, at = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        sum += board || !kinds[i].board ? kinds[i].weight : 0;
    uint64_t pick = sim_below(sim, sum);
    for (;; at++) {
        if (!board && kinds[at].board)
            continue;
        if (pick < kinds[at].weight)
            break;
        pick -= kinds[at].weight;
    }
    kinds[at].type(sim, n);
}

static void play(struct sim *sim, struct sim_node *n)
{
    const struct fluit_plan *plan = &n->core->plan;
    bool table = n->node_class == FLUIT_NODE_TABLE;
    uint8_t round = fluit_guest_round(n->guest);
    if (plan->state != FLUIT_PLAN_RUNNING && plan->state != FLUIT_PLAN_ENDED)
        return;
    if (table && plan->round > round) {
        char what[40];
        snprintf(what, sizeof what, "next board %u", round + 1u);
        sim_people_act(sim, n, "next board", what);
    } else if (plan->round || sim_often(sim, 200000)) {
        type_any(sim, n, table && plan->round);
    }
}

static void look_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (sim->people.quiet || (n->twin_of != SIM_NOBODY && !n->wanted))
        return;
    int64_t pause_us = sim_waiting(sim, sim->people.pause_us) + sim->people.pause_us / 14;
    uint64_t left = due->n; /* of a burst */
    if (left == 0 && sim_often(sim, 20000))
        left = sim_below(sim, 25);
    if (left > 0) {
        left--;
        pause_us = sim_between(sim, 5 * SIM_MS, 300 * SIM_MS);
    }
    if (sim_node_ready(n) && n->core->plan.term && n->frozen_until_us <= sim->world.now_us)
        play(sim, n);
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + pause_us,
                                   .run = look_due,
                                   .node = due->node,
                                   .n = left});
}

void sim_table_begin(struct sim *sim, uint32_t node, int64_t at_us)
{
    sim_plan(sim, (struct sim_due){.at_us = at_us, .run = look_due, .node = node});
}
