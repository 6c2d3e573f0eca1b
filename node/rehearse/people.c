#include "node/rehearse/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long people think between two lines at speed 1, and what a hand needs at any speed: 12 tables
 * then type about a hundred lines a second together. */
#define TABLE_THINKS_US      INT64_C(9000000)
#define RAPPORTEUR_THINKS_US INT64_C(16000000)
#define TABLE_HAND_US        INT64_C(150000)
#define RAPPORTEUR_HAND_US   INT64_C(300000)
#define IDLE_US              INT64_C(250000) /* with nothing to say they look up this often */

int fluit_people_pick(struct fluit_people *people, int bound)
{
    return (int)fluit_rng_below(&people->rng, (uint64_t)bound);
}

bool fluit_people_likely(struct fluit_people *people, int percent)
{
    return fluit_people_pick(people, 100) < percent;
}

static int count_slots(const struct fluit_script *script)
{
    int count = script->blank_count;
    for (int i = 0; i < script->card_count; i++)
        count += script->cards[i].copies;
    return count;
}

static void lay_out(struct fluit_people *people)
{
    const struct fluit_script *script = people->script;
    struct fluit_slot *slot = people->slots;
    for (int i = 0; i < script->card_count; i++)
        for (uint8_t copy = 1; copy <= script->cards[i].copies; copy++)
            *slot++ =
                (struct fluit_slot){.ref = {script->cards[i].id, copy}, .card = i, .there = true};
    for (int i = 1; i <= script->blank_count; i++, slot++) {
        *slot = (struct fluit_slot){.ref = {.copy = 1}, .card = script->card_count};
        snprintf(slot->ref.card.s, sizeof slot->ref.card.s, "blank-%d", i);
    }
}

void fluit_people_clear(struct fluit_people *people)
{
    lay_out(people);
    people->role_at = 0;
    people->can_undo = false;
}

enum fluit_err fluit_people_init(struct fluit_people *people, const struct fluit_script *script,
                                 struct fluit_ledger *ledger, uint32_t node,
                                 enum fluit_node_class node_class, uint8_t table)
{
    int count = count_slots(script);
    struct fluit_slot *slots = calloc((size_t)count + 1, sizeof *slots);
    if (!slots)
        return FLUIT_E_NOMEM;
    *people = (struct fluit_people){.script = script,
                                    .ledger = ledger,
                                    .node = node,
                                    .node_class = node_class,
                                    .table = table,
                                    .seats = 5,
                                    .speed = 1,
                                    .step = -1,
                                    .board_round = 1,
                                    .slots = slots,
                                    .slot_count = count};
    lay_out(people);
    return FLUIT_OK;
}

void fluit_people_deinit(struct fluit_people *people)
{
    free(people->slots);
    people->slots = NULL;
}

struct fluit_slot *fluit_people_slot(struct fluit_people *people, const struct fluit_card_ref *ref)
{
    for (int i = 0; i < people->slot_count; i++)
        if (fluit_card_ref_eq(&people->slots[i].ref, ref))
            return &people->slots[i];
    return NULL;
}

static void think(struct fluit_people *people, int64_t now_us)
{
    bool table = people->node_class == FLUIT_NODE_TABLE;
    double share = 0.3 + 0.014 * fluit_people_pick(people, 101);
    double thinks_us = (double)(table ? TABLE_THINKS_US : RAPPORTEUR_THINKS_US) / people->speed;
    double hand_us = (double)(table ? TABLE_HAND_US : RAPPORTEUR_HAND_US);
    people->next_us = now_us + (int64_t)(share * (thinks_us < hand_us ? hand_us : thinks_us));
}

/* Listening. */

static void enter_step(struct fluit_people *people, int step, int64_t now_us)
{
    if (step == people->step || step < 0 || step >= people->script->step_count)
        return;
    people->step = step;
    people->begun = people->over = false;
    people->asked = people->acts = people->acts_over = 0;
    people->asked_seat = 1;
    think(people, now_us);
}

static void see_state(struct fluit_people *people, uint8_t state, bool missed_start)
{
    const struct fluit_step *step = &people->script->steps[people->step];
    people->state = state;
    people->over = state == FLUIT_PLAN_ENDED;
    if (state == FLUIT_PLAN_READY)
        people->begun = step->duration_us == 0;
    else if (!step->whistle || state != FLUIT_PLAN_RUNNING || missed_start)
        people->begun = true;
}

static uint8_t state_of(const char *text)
{
    static const char *const names[] = {"", "ready", "running", "paused", "ended"};
    for (uint8_t i = 1; i < 5; i++)
        if (strncmp(text, names[i], strlen(names[i])) == 0)
            return i;
    return 0;
}

/* "step 7 TITLE: running, 0:04 left"; a title may have a colon, too. */
static void hear_step(struct fluit_people *people, const char *line, int64_t now_us)
{
    const char *last = NULL;
    for (const char *at = strstr(line, ": "); at; at = strstr(at + 2, ": "))
        last = at + 2;
    uint8_t state = last ? state_of(last) : 0;
    if (!state)
        return;
    enter_step(people, (int)strtol(line + 5, NULL, 10) - 1, now_us);
    if (people->step >= 0)
        see_state(people, state, false);
}

static void hear_whistle(struct fluit_people *people, const char *line)
{
    if (strncmp(line, "whistle start", 13) == 0)
        people->begun = true;
    else if (strncmp(line, "whistle end", 11) == 0)
        people->over = true;
}

static const char *field(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    return at ? at + strlen(name) : "";
}

static void hear_status(struct fluit_people *people, const char *line, int64_t now_us)
{
    people->saved = strtoull(field(line, " saved="), NULL, 10);
    people->safe = strtoull(field(line, " safe="), NULL, 10);
    people->hub_here = field(line, " hub=")[0] == '1';
    people->armed = field(line, " armed=")[0] == '1';
    snprintf(people->digest, sizeof people->digest, "%.16s", field(line, " digest="));
    people->statuses++;
    fluit_ledger_back(people->ledger, people->node, people->saved);
    uint8_t round = (uint8_t)strtol(field(line, " round="), NULL, 10);
    if (round > people->board_round || (people->fresh && round != people->board_round)) {
        people->board_round = round; /* the node had saved it when it died */
        fluit_people_clear(people);
    }
    enter_step(people, (int)strtol(field(line, " step="), NULL, 10), now_us);
    if (people->step >= 0)
        see_state(people, state_of(field(line, " state=")), true);
    people->status_asked = people->fresh = false;
}

static void hear_safe(struct fluit_people *people, const char *line, int64_t now_us)
{
    people->told_safe = strtoull(line + 5, NULL, 10);
    fluit_ledger_safe(people->ledger, people->node, people->told_safe, now_us);
}

static void hear_saved(struct fluit_people *people, const char *line)
{
    if (!people->waiting)
        return;
    people->waiting = false;
    fluit_ledger_saved(people->ledger, people->node, strtoull(line + 6, NULL, 10));
    fluit_people_did(people, &people->saying, line);
}

static void hear_no(struct fluit_people *people)
{
    if (!people->waiting)
        return;
    people->waiting = false;
    if (people->saying.act.kind)
        fluit_ledger_refused(people->ledger, people->node);
    people->can_undo = false;
}

void fluit_people_hear(struct fluit_people *people, const char *line, int64_t now_us)
{
    if (strncmp(line, "safe ", 5) == 0)
        hear_safe(people, line, now_us);
    else if (strncmp(line, "saved ", 6) == 0)
        hear_saved(people, line);
    else if (strncmp(line, "no: ", 4) == 0)
        hear_no(people);
    else if (strncmp(line, "status ", 7) == 0)
        hear_status(people, line, now_us);
    else if (strncmp(line, "step ", 5) == 0)
        hear_step(people, line, now_us);
    else if (strncmp(line, "whistle ", 8) == 0)
        hear_whistle(people, line);
    else if (strncmp(line, "ready: ", 7) == 0)
        people->here = people->wants_status = true;
}

void fluit_people_lose(struct fluit_people *people)
{
    struct fluit_slot *slot =
        people->waiting ? fluit_people_touched(people, &people->saying.act) : NULL;
    if (slot)
        slot->hazy = true;
    people->here = people->waiting = people->status_asked = people->can_undo = false;
    fluit_ledger_died(people->ledger, people->node);
}

/* Typing. */

int64_t fluit_people_due(const struct fluit_people *people)
{
    if (!people->here || people->waiting || people->status_asked)
        return INT64_MAX;
    if (people->wants_status)
        return 0;
    return people->gone_home || people->looks || people->step < 0 || !people->begun
               ? INT64_MAX
               : people->next_us;
}

static void render_card(struct fluit_buf *out, const struct fluit_card_ref *card)
{
    fluit_buf_printf(out, " %s/%u", card->card.s, card->copy);
}

static void render_note(struct fluit_buf *out, const struct fluit_act *act)
{
    fluit_buf_puts(out, act->note.flags & FLUIT_NOTE_QUOTE ? "quote" : "note");
    if (act->note.question.s[0])
        fluit_buf_printf(out, " @%s", act->note.question.s);
    if (act->note.card.card.s[0])
        fluit_buf_printf(out, " #%s/%u", act->note.card.card.s, act->note.card.copy);
}

static void render_answer(struct fluit_buf *out, const struct fluit_act *act)
{
    fluit_buf_printf(out, "answer %s", act->answer.question.s);
    if (act->answer.seat)
        fluit_buf_printf(out, "/%u", act->answer.seat);
}

/* The line that makes the act; its text comes last in each. */
static void render(const struct fluit_saying *saying, struct fluit_buf *out)
{
    const struct fluit_act *act = &saying->act;
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
        fluit_buf_puts(out, "place");
        render_card(out, &act->place.card);
        fluit_buf_printf(out, " %s", act->place.zone.s);
        if (act->place.degree)
            fluit_buf_printf(out, " %u", act->place.degree);
        return;
    case FLUIT_KIND_ASIDE:
        fluit_buf_puts(out, "aside");
        render_card(out, &act->aside.card);
        return;
    case FLUIT_KIND_LIFT:
        fluit_buf_puts(out, "lift");
        render_card(out, &act->lift.card);
        return;
    case FLUIT_KIND_WHY:
        fluit_buf_puts(out, "why");
        render_card(out, &act->why.card);
        break;
    case FLUIT_KIND_LINK:
        fluit_buf_puts(out, "link");
        render_card(out, &act->link.from);
        render_card(out, &act->link.to);
        break;
    case FLUIT_KIND_BLANK:
        fluit_buf_puts(out, "blank");
        break;
    case FLUIT_KIND_ROLE:
        fluit_buf_printf(out, "role %s %u", act->role.role.s, act->role.seat);
        return;
    case FLUIT_KIND_NOTE:
        render_note(out, act);
        break;
    case FLUIT_KIND_ANSWER:
        render_answer(out, act);
        break;
    case FLUIT_KIND_NEXT_BOARD:
        fluit_buf_puts(out, "next board");
        return;
    case FLUIT_KIND_GROUP:
        fluit_buf_printf(out, "group %s", act->group.group.s);
        return;
    default:
        fluit_buf_puts(out, saying->text);
        return;
    }
    fluit_buf_printf(out, " %s", act->kind == FLUIT_KIND_WHY && act->why.none ? "-" : saying->text);
}

/* A saying's text is its own: not that of the one it was copied from. */
static void bind_text(struct fluit_saying *saying)
{
    struct fluit_act *act = &saying->act;
    struct fluit_slice text = fluit_slice_str(saying->text);
    if (act->kind == FLUIT_KIND_WHY)
        act->why.text = text;
    else if (act->kind == FLUIT_KIND_LINK)
        act->link.word = text;
    else if (act->kind == FLUIT_KIND_BLANK)
        act->blank.text = text;
    else if (act->kind == FLUIT_KIND_NOTE)
        act->note.text = text;
    else if (act->kind == FLUIT_KIND_ANSWER)
        act->answer.text = text;
}

static void write_down(struct fluit_people *people, int64_t now_us)
{
    bind_text(&people->saying);
    struct fluit_buf content = FLUIT_BUF_INIT;
    if (fluit_ledger_content(&people->saying.act, people->saying.round, &content))
        fluit_ledger_typed(people->ledger, people->node, fluit_buf_text(&content), now_us);
    fluit_buf_deinit(&content);
}

static bool ask_status(struct fluit_people *people, char line[static 512])
{
    people->wants_status = false;
    people->status_asked = true;
    snprintf(line, 512, "status");
    return true;
}

bool fluit_people_type(struct fluit_people *people, int64_t now_us, char line[static 512])
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    if (fluit_people_due(people) > now_us)
        return false;
    if (people->wants_status)
        return ask_status(people, line);
    think(people, now_us);
    bool undo = people->can_undo && fluit_people_likely(people, 6);
    if (undo)
        people->saying = people->undo;
    else if (!fluit_people_choose(people, &people->saying)) {
        people->next_us = now_us + IDLE_US;
        return false;
    }
    if (undo)
        fluit_buf_puts(&out, "undo");
    else
        render(&people->saying, &out);
    people->acts++;
    people->acts_over += people->over;
    people->waiting = true;
    write_down(people, now_us);
    snprintf(line, 512, "%s", fluit_buf_text(&out));
    fluit_buf_deinit(&out);
    return true;
}
