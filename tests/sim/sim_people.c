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

void sim_people_type(struct sim *sim, struct sim_node *n, const char *line, uint32_t item)
{
    sim_chat(sim, "%s typed: %s", n->name, line);
    sim_node_give(sim, n,
                  (struct sim_input){.kind = FLUIT_EVENT_COMMAND,
                                     .item = item,
                                     .mail = sim_mail_new(fluit_slice_str(line))});
}

void sim_people_act(struct sim *sim, struct sim_node *n, const char *line, const char *what)
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
    sim_people_type(sim, n, line, p->count++);
}

/* What entries say, without the copy of a card or the id of a note, which the node chooses. */

static void say_card_act(const struct fluit_act *act, char *out, size_t cap)
{
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
        snprintf(out, cap, "place %s %s %u", act->place.card.card.s, act->place.zone.s,
                 act->place.degree);
        break;
    case FLUIT_KIND_ASIDE:
        snprintf(out, cap, "aside %s", act->aside.card.card.s);
        break;
    case FLUIT_KIND_LIFT:
        snprintf(out, cap, "lift %s", act->lift.card.card.s);
        break;
    case FLUIT_KIND_WHY:
        snprintf(out, cap, "why %s %.*s", act->why.card.card.s, (int)act->why.text.len,
                 (const char *)act->why.text.data);
        break;
    case FLUIT_KIND_LINK:
        snprintf(out, cap, "%s %s %s %.*s", act->link.gone ? "unlink" : "link",
                 act->link.from.card.s, act->link.to.card.s, (int)act->link.word.len,
                 (const char *)act->link.word.data);
        break;
    default:
        snprintf(out, cap, "blank %.*s", (int)act->blank.text.len,
                 (const char *)act->blank.text.data);
        break;
    }
}

bool sim_people_what(const struct fluit_act *act, char *out, size_t cap)
{
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
    case FLUIT_KIND_ASIDE:
    case FLUIT_KIND_LIFT:
    case FLUIT_KIND_WHY:
    case FLUIT_KIND_LINK:
    case FLUIT_KIND_BLANK:
        say_card_act(act, out, cap);
        return true;
    case FLUIT_KIND_ROLE:
        snprintf(out, cap, "role %s %u", act->role.role.s, act->role.seat);
        return true;
    case FLUIT_KIND_NOTE:
        snprintf(out, cap, "note %s %u %.*s", act->note.question.s, act->note.flags,
                 (int)act->note.text.len, (const char *)act->note.text.data);
        return true;
    case FLUIT_KIND_ANSWER:
        snprintf(out, cap, "answer %s/%u %.*s", act->answer.question.s, act->answer.seat,
                 (int)act->answer.text.len, (const char *)act->answer.text.data);
        return true;
    case FLUIT_KIND_NEXT_BOARD:
        snprintf(out, cap, "next board %u", act->next_board.round);
        return true;
    case FLUIT_KIND_GROUP:
        snprintf(out, cap, "group %s", act->group.group.s);
        return true;
    default:
        return false;
    }
}

bool sim_people_fits(const struct sim_item *item, const char *what)
{
    const char *star = strchr(item->what, '*');
    size_t before = star ? (size_t)(star - item->what) : 0, len = strlen(what);
    if (!star)
        return strcmp(item->what, what) == 0;
    size_t after = strlen(star + 1);
    return len >= before + after && memcmp(what, item->what, before) == 0 &&
           strcmp(what + len - after, star + 1) == 0;
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

/* Safe is what survives the hub's power cut now: these very entries, not others in their place. */
static void hear_safe(struct sim *sim, struct sim_node *n, uint64_t seq)
{
    const struct fluit_feed_info *own = &n->core->replica.feeds[n->core->own.index]->info;
    struct fluit_hash here, there;
    struct fluit_box_pk key;
    uint32_t hub = fluit_node_hub_key(n->core, &key) ? sim_owner_of(sim, &key) : SIM_NOBODY;
    /* It was when the hub said so. */
    if (hub != SIM_NOBODY && sim->nodes[hub].put_back_us &&
        sim->nodes[hub].put_back_us > sim->world.now_us - SIM_MINUTE)
        return;
    if (hub == SIM_NOBODY || !store_memory_durable_hash(n->disk, &own->id, seq, &here) ||
        !store_memory_durable_hash(sim->nodes[hub].disk, &own->id, seq, &there))
        sim_fail(sim, "%s was told that %llu is safe, and it is not on the hub's disk", n->name,
                 (unsigned long long)seq);
    else if (memcmp(here.b, there.b, sizeof here.b) != 0)
        sim_fail(sim, "%s was told that %llu is safe, and the hub has another in its place",
                 n->name, (unsigned long long)seq);
    for (uint32_t i = 0; hub == sim->hub && i < sim->people.count; i++) {
        struct sim_item *item = &sim->people.items[i];
        if (item->said == SIM_SAVED && item->node == sim_node_index(sim, n) && item->seq <= seq &&
            memcmp(item->feed.b, own->id.b, sizeof own->id.b) == 0 &&
            sim_disk_holds(sim_hub(sim)->disk, item))
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
        if (!store_memory_durable_hash(n->disk, &own->id, item->seq, &item->hash))
            sim_fail(sim, "%s was told saved, and it is not on its disk: %s", n->name, item->line);
    } else if (says(text, "no: ")) {
        item->said = SIM_REFUSED;
    }
}

void sim_people_hear(struct sim *sim, struct sim_node *n, uint32_t item, struct fluit_slice text)
{
    sim_chat(sim, "%s: %.*s", n->name, (int)text.len, (const char *)text.data);
    if (n->hub)
        sim_renew_hear(sim, n, text);
    else if (item != SIM_NOBODY)
        hear_answer(sim, n, &sim->people.items[item], text);
    else if (says(text, "safe "))
        hear_safe(sim, n, number_after(text, "safe "));
}

/* Their coming in. */

/* Has the first card round begun? */
static bool rounds_began(struct sim *sim)
{
    const struct fluit_node *hub = sim_hub(sim)->core;
    if (!hub || !hub->script)
        return false;
    for (int i = 0; i < hub->plan.step; i++)
        if (hub->script->steps[i].round)
            return true;
    return hub->plan.round > 0;
}

static void first_start_due(struct sim *sim, const struct sim_due *due)
{
    if (sim->nodes[due->node].core)
        return;
    if (rounds_began(sim))
        sim_hit(sim, SIM_FAULT_LATE_JOINER);
    sim_node_start(sim, &sim->nodes[due->node]);
}

/* Most come in time, some late. */
void sim_people_init(struct sim *sim)
{
    /* Some workshops are ten times as busy; those with many tables are busy enough. */
    bool busy = sim->tables <= 6 && sim_often(sim, 150000);
    sim->people.pause_us = busy ? 14 * SIM_SECOND / 10 : 14 * SIM_SECOND;
    if (busy)
        sim_hit(sim, SIM_FAULT_LOAD);
    sim_node_start(sim, sim_hub(sim));
    sim_lead_begin(sim);
    sim_take_begin(sim);
    for (uint32_t i = 0; i < sim->node_count; i++) {
        if (sim_node_may_lead(&sim->nodes[i]))
            continue;
        int64_t at = sim_between(sim, 0, 5 * SIM_MINUTE);
        if (sim_often(sim, 100000))
            at += sim_between(sim, 0, SIM_HOUR);
        sim_plan(sim, (struct sim_due){.at_us = at, .run = first_start_due, .node = i});
        sim_table_begin(sim, i, at);
    }
}
