#include "tests/sim/sim_people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

void sim_people_deinit(struct sim_people *people)
{
    for (uint32_t i = 0; i < people->count; i++) {
        free(people->items[i].line);
        free(people->items[i].what);
    }
    free(people->items);
}

/* Typing. */

static void type(struct sim *sim, struct sim_node *n, const char *line, uint32_t item)
{
    sim_chat(sim, "%s typed: %s", n->name, line);
    sim_node_give(sim, n,
                  (struct sim_input){.kind = FLUIT_EVENT_COMMAND,
                                     .item = item,
                                     .mail = sim_mail_new(fluit_slice_str(line))});
}

/* Types a line that should become an entry. */
static void act(struct sim *sim, struct sim_node *n, const char *line, const char *what)
{
    struct sim_people *p = &sim->people;
    if (p->count == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 256;
        p->items = realloc(p->items, p->cap * sizeof *p->items);
        if (!p->items)
            abort();
    }
    p->items[p->count] = (struct sim_item){
        .node = sim_node_index(sim, n), .line = strdup(line), .what = strdup(what)};
    type(sim, n, line, p->count++);
}

/* What entries say, without the copy of a card or the id of a note, which the node chooses. */
bool sim_people_what(const struct fluit_act *act, char *out, size_t cap)
{
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
        snprintf(out, cap, "place %s %s %u", act->place.card.card.s, act->place.zone.s,
                 act->place.degree);
        return true;
    case FLUIT_KIND_WHY:
        snprintf(out, cap, "why %s %.*s", act->why.card.card.s, (int)act->why.text.len,
                 (const char *)act->why.text.data);
        return true;
    case FLUIT_KIND_NOTE:
        snprintf(out, cap, "note %s %.*s", act->note.question.s, (int)act->note.text.len,
                 (const char *)act->note.text.data);
        return true;
    case FLUIT_KIND_NEXT_BOARD:
        snprintf(out, cap, "next board %u", act->next_board.round);
        return true;
    case FLUIT_KIND_ASIDE:
    case FLUIT_KIND_LIFT:
    case FLUIT_KIND_LINK:
    case FLUIT_KIND_BLANK:
    case FLUIT_KIND_ROLE:
    case FLUIT_KIND_ANSWER:
    case FLUIT_KIND_GROUP:
        snprintf(out, cap, "%s", fluit_kind_name(act->kind));
        return true;
    default:
        return false;
    }
}

/* Answers. */

static bool says(struct fluit_slice text, const char *word)
{
    size_t len = strlen(word);
    return text.len >= len && memcmp(text.data, word, len) == 0;
}

static unsigned long long number_after(struct fluit_slice text, const char *word)
{
    char digits[24] = "";
    size_t at = strlen(word), i = 0;
    while (at < text.len && i < sizeof digits - 1 && text.data[at] >= '0' && text.data[at] <= '9')
        digits[i++] = (char)text.data[at++];
    return strtoull(digits, NULL, 10);
}

/* Safe is what survives the hub's power cut now. */
static void hear_safe(struct sim *sim, struct sim_node *n, uint64_t seq)
{
    const struct fluit_feed_info *own = &n->core->replica.feeds[n->core->own.index]->info;
    if (store_memory_durable_seq(sim->nodes[SIM_HUB].disk, &own->id) < seq)
        sim_fail(sim, "%s was told that %llu is safe, and it is not on the hub's disk", n->name,
                 (unsigned long long)seq);
    for (uint32_t i = 0; i < sim->people.count; i++) {
        struct sim_item *item = &sim->people.items[i];
        if (item->said == SIM_SAVED && item->node == sim_node_index(sim, n) && item->seq <= seq &&
            memcmp(item->feed.b, own->id.b, sizeof own->id.b) == 0)
            item->said = SIM_SAFE;
    }
}

static void hear_answer(struct sim *sim, const struct sim_node *n, struct sim_item *item,
                        struct fluit_slice text)
{
    if (says(text, "saved ")) {
        const struct fluit_feed_info *own = &n->core->replica.feeds[n->core->own.index]->info;
        item->said = SIM_SAVED;
        item->feed = own->id;
        item->seq = number_after(text, "saved ");
        if (store_memory_durable_seq(n->disk, &own->id) < item->seq)
            sim_fail(sim, "%s was told saved, and it is not on its disk: %s", n->name, item->line);
    } else if (says(text, "no: ")) {
        item->said = SIM_REFUSED;
    }
}

void sim_people_hear(struct sim *sim, struct sim_node *n, uint32_t item, struct fluit_slice text)
{
    sim_chat(sim, "%s: %.*s", n->name, (int)text.len, (const char *)text.data);
    if (n->guest && item != SIM_NOBODY)
        hear_answer(sim, n, &sim->people.items[item], text);
    else if (n->guest && says(text, "safe "))
        hear_safe(sim, n, number_after(text, "safe "));
}

/* At a table. */

static const struct fluit_card *any_card(struct sim *sim, const struct fluit_script *script)
{
    const struct fluit_card *card;
    do
        card = &script->cards[sim_below(sim, (uint64_t)script->card_count)];
    while (card->zone >= 0);
    return card;
}

static void place(struct sim *sim, struct sim_node *n)
{
    const struct fluit_script *script = n->core->script;
    const struct fluit_card *card = any_card(sim, script);
    const struct fluit_zone *side = &script->zones[sim_below(sim, (uint64_t)script->side_count)];
    char line[200];
    snprintf(line, sizeof line, "place %s %s %u", card->id.s, side->id.s,
             (unsigned)sim_between(sim, 1, side->degree_count));
    act(sim, n, line, line);
}

static void why(struct sim *sim, struct sim_node *n)
{
    char line[200];
    snprintf(line, sizeof line, "why %s because %u of %s", any_card(sim, n->core->script)->id.s,
             sim->people.serial++, n->name);
    act(sim, n, line, line);
}

static void note(struct sim *sim, struct sim_node *n, const struct fluit_step *step)
{
    char line[2000], what[2000], text[1600] = "";
    size_t long_by = sim_often(sim, 50000) ? sim_below(sim, sizeof text - 1) : 0;
    memset(text, 'x', long_by);
    text[long_by] = 0;
    const char *question = step->questions[sim_below(sim, (uint64_t)step->question_count)].id.s;
    unsigned serial = sim->people.serial++;
    snprintf(line, sizeof line, "note @%s we say %u at %s%s", question, serial, n->name, text);
    snprintf(what, sizeof what, "note %s we say %u at %s%s", question, serial, n->name, text);
    act(sim, n, line, what);
}

static void play(struct sim *sim, struct sim_node *n)
{
    const struct fluit_plan *plan = &n->core->plan;
    const struct fluit_step *step = &n->core->script->steps[plan->step];
    bool on = plan->state == FLUIT_PLAN_RUNNING || plan->state == FLUIT_PLAN_ENDED;
    if (!on || step->question_count == 0)
        return;
    if (plan->round == 0 || n->node_class == FLUIT_NODE_RAPPORTEUR) {
        if (sim_often(sim, 300000))
            note(sim, n, step);
        return;
    }
    if (fluit_guest_round(n->guest) < plan->round) {
        char what[40];
        snprintf(what, sizeof what, "next board %u", fluit_guest_round(n->guest) + 1u);
        act(sim, n, "next board", what);
    } else if (sim_often(sim, 600000)) {
        place(sim, n);
    } else if (sim_often(sim, 700000)) {
        why(sim, n);
    } else {
        note(sim, n, step);
    }
}

static void look_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (sim->people.quiet)
        return;
    int64_t pause_us = sim_waiting(sim, 14 * SIM_SECOND) + SIM_SECOND;
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

/* The facilitator. */

static void say(struct sim *sim, const char *line)
{
    type(sim, &sim->nodes[SIM_HUB], line, SIM_NOBODY);
}

static void chat(struct sim *sim)
{
    static const char *const lines[] = {"status",
                                        "invites open",
                                        "quotes",
                                        "steps",
                                        "help",
                                        "message hello",
                                        "message 2 come and see us",
                                        "release 1",
                                        "withhold 1",
                                        "aside 1",
                                        "return 1",
                                        "back",
                                        "nonsense"};
    say(sim, lines[sim_below(sim, sizeof lines / sizeof lines[0] - 2)]);
}

/* What to do with the step as it is, since_us after it became so. */
static void lead(struct sim *sim, const struct fluit_plan *plan, const struct fluit_step *step,
                 int64_t since_us)
{
    struct sim_people *p = &sim->people;
    bool last = plan->step + 1 == sim->nodes[SIM_HUB].core->script->step_count;
    switch (plan->state) {
    case FLUIT_PLAN_READY:
        if (step->duration_us == 0 && !step->whistle && since_us < SIM_MINUTE)
            return;
        if (last)
            p->done = true;
        else
            say(sim, step->duration_us || step->whistle ? "start" : "next");
        break;
    case FLUIT_PLAN_RUNNING:
        if (!sim_often(sim, 10000))
            return;
        say(sim, sim_often(sim, 400000)   ? "pause"
                 : sim_often(sim, 500000) ? "extend 90s"
                 : step->round            ? "extend 1m"
                                          : "end");
        break;
    case FLUIT_PLAN_PAUSED:
        say(sim, "resume");
        break;
    default:
        if (step->round && sim_often(sim, 30000))
            say(sim, sim_often(sim, 500000) ? "extend 1m" : "next");
        else if (since_us > (step->round ? step->wrap_up_us : 20 * SIM_SECOND))
            say(sim, "next");
        break;
    }
}

static void lead_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_people *p = &sim->people;
    const struct sim_node *hub = &sim->nodes[SIM_HUB];
    (void)due;
    if (p->done || p->quiet)
        return;
    if (sim_node_ready(hub) && hub->frozen_until_us <= sim->world.now_us) {
        const struct fluit_plan *plan = &hub->core->plan;
        if (plan->revision != p->seen_revision) {
            p->seen_revision = plan->revision;
            p->seen_us = sim->world.now_us;
        }
        lead(sim, plan, &hub->core->script->steps[plan->step], sim->world.now_us - p->seen_us);
        if (sim_often(sim, 100000))
            chat(sim);
    }
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us +
                                            sim_between(sim, 4 * SIM_SECOND, 15 * SIM_SECOND),
                                   .run = lead_due});
}

static void first_start_due(struct sim *sim, const struct sim_due *due)
{
    if (!sim->nodes[due->node].core)
        sim_node_start(sim, &sim->nodes[due->node]);
}

/* Most come in time, some late. */
void sim_people_init(struct sim *sim)
{
    sim_node_start(sim, &sim->nodes[SIM_HUB]);
    sim_plan(sim, (struct sim_due){.at_us = 30 * SIM_SECOND, .run = lead_due});
    for (uint32_t i = 1; i < sim->node_count; i++) {
        int64_t at = sim_between(sim, 0, 5 * SIM_MINUTE);
        if (sim_often(sim, 100000))
            at += sim_between(sim, 0, SIM_HOUR);
        sim_plan(sim, (struct sim_due){.at_us = at, .run = first_start_due, .node = i});
        sim_plan(sim, (struct sim_due){.at_us = at, .run = look_due, .node = i});
    }
}
