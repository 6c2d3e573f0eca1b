#include "node/rehearse/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fluit_ledger_deinit(struct fluit_ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        free(ledger->lines[i].text);
    free(ledger->lines);
    *ledger = (struct fluit_ledger){0};
}

static void *need(void *memory)
{
    if (!memory) {
        fputs("fluit: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void fluit_ledger_type(struct fluit_ledger *ledger, int node, const char *text, int64_t now_us)
{
    if (ledger->count == ledger->cap) {
        ledger->cap = ledger->cap ? ledger->cap * 2 : 256;
        ledger->lines = need(realloc(ledger->lines, ledger->cap * sizeof *ledger->lines));
    }
    ledger->lines[ledger->count++] =
        (struct fluit_ledger_line){.text = need(strdup(text)),
                                   .node = node,
                                   .any = strcmp(text, "undo") == 0,
                                   .unique = strstr(text, FLUIT_LEDGER_SERIAL) != NULL,
                                   .typed_us = now_us};
}

void fluit_ledger_answer(struct fluit_ledger *ledger, int node, uint64_t seq)
{
    for (size_t i = 0; i < ledger->count; i++) {
        struct fluit_ledger_line *line = &ledger->lines[i];
        if (line->node != node || line->state != FLUIT_LEDGER_TYPED)
            continue;
        line->state = seq ? FLUIT_LEDGER_SAVED : FLUIT_LEDGER_REFUSED;
        line->seq = seq;
        return;
    }
}

void fluit_ledger_safe(struct fluit_ledger *ledger, int node, uint64_t seq, int64_t now_us)
{
    for (size_t i = ledger->count; i-- > 0;) {
        struct fluit_ledger_line *line = &ledger->lines[i];
        if (line->node != node || line->state != FLUIT_LEDGER_SAVED || line->seq > seq)
            continue;
        line->state = FLUIT_LEDGER_SAFE;
        line->safe_us = now_us;
    }
}

void fluit_ledger_died(struct fluit_ledger *ledger, int node)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (ledger->lines[i].node == node && ledger->lines[i].state == FLUIT_LEDGER_TYPED)
            ledger->lines[i].state = FLUIT_LEDGER_REFUSED;
}

size_t fluit_ledger_waiting(const struct fluit_ledger *ledger, int node)
{
    size_t waiting = 0;
    for (size_t i = 0; i < ledger->count; i++)
        waiting += ledger->lines[i].node == node && ledger->lines[i].state == FLUIT_LEDGER_TYPED;
    return waiting;
}

static void put_card(struct fluit_buf *out, const char *verb, const struct fluit_card_ref *card)
{
    fluit_buf_printf(out, "%s %s/%u", verb, card->card.s, card->copy);
}

static void put_text(struct fluit_buf *out, struct fluit_slice text)
{
    fluit_buf_puts(out, " ");
    fluit_buf_put(out, text.data, text.len);
}

static void render_note(const struct fluit_act *act, struct fluit_buf *out)
{
    fluit_buf_puts(out, act->note.flags & FLUIT_NOTE_QUOTE ? "quote" : "note");
    if (act->note.question.s[0])
        fluit_buf_printf(out, " @%s", act->note.question.s);
    if (act->note.card.card.s[0])
        fluit_buf_printf(out, " #%s/%u", act->note.card.card.s, act->note.card.copy);
    put_text(out, act->note.text);
}

static void render_answer(const struct fluit_act *act, struct fluit_buf *out)
{
    fluit_buf_printf(out, "answer %s", act->answer.question.s);
    if (act->answer.seat)
        fluit_buf_printf(out, "/%u", act->answer.seat);
    put_text(out, act->answer.text);
}

static void render_card_act(const struct fluit_act *act, struct fluit_buf *out)
{
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
        put_card(out, "place", &act->place.card);
        fluit_buf_printf(out, " %s %u", act->place.zone.s, act->place.degree);
        break;
    case FLUIT_KIND_ASIDE:
        put_card(out, "aside", &act->aside.card);
        break;
    case FLUIT_KIND_LIFT:
        put_card(out, "lift", &act->lift.card);
        break;
    case FLUIT_KIND_WHY:
        put_card(out, "why", &act->why.card);
        put_text(out, act->why.none ? fluit_slice_str("-") : act->why.text);
        break;
    default:
        put_card(out, act->link.gone ? "unlink" : "link", &act->link.from);
        put_card(out, "", &act->link.to);
        put_text(out, act->link.word);
        break;
    }
}

bool fluit_ledger_render(const struct fluit_act *act, struct fluit_buf *out)
{
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
    case FLUIT_KIND_ASIDE:
    case FLUIT_KIND_LIFT:
    case FLUIT_KIND_WHY:
    case FLUIT_KIND_LINK:
        render_card_act(act, out);
        return true;
    case FLUIT_KIND_BLANK:
        fluit_buf_puts(out, "blank");
        put_text(out, act->blank.text);
        return true;
    case FLUIT_KIND_ROLE:
        fluit_buf_printf(out, "role %s %u", act->role.role.s, act->role.seat);
        return true;
    case FLUIT_KIND_NOTE:
        render_note(act, out);
        return true;
    case FLUIT_KIND_ANSWER:
        render_answer(act, out);
        return true;
    case FLUIT_KIND_NEXT_BOARD:
        fluit_buf_puts(out, "next board");
        return true;
    default:
        return false;
    }
}

void fluit_ledger_find(struct fluit_ledger *ledger, int node, const struct fluit_origin *origin,
                       const struct fluit_act *act)
{
    struct fluit_buf text = FLUIT_BUF_INIT;
    if (fluit_ledger_render(act, &text)) {
        const char *rendered = fluit_buf_text(&text);
        for (size_t i = 0; i < ledger->count; i++) {
            struct fluit_ledger_line *line = &ledger->lines[i];
            bool there = line->seq == origin->seq;
            if (line->node != node || line->state < FLUIT_LEDGER_SAVED ||
                !(line->any ? there : strcmp(line->text, rendered) == 0))
                continue;
            line->found = line->found || there;
            line->elsewhere += !there && line->unique;
        }
    }
    fluit_buf_deinit(&text);
}

struct fluit_ledger_sums fluit_ledger_sum(const struct fluit_ledger *ledger)
{
    struct fluit_ledger_sums sums = {0};
    for (size_t i = 0; i < ledger->count; i++) {
        const struct fluit_ledger_line *line = &ledger->lines[i];
        if (line->state < FLUIT_LEDGER_SAVED)
            continue;
        sums.saved++;
        sums.safe += line->state == FLUIT_LEDGER_SAFE;
        sums.lost_safe += line->state == FLUIT_LEDGER_SAFE && !line->found;
        sums.lost_saved_only += line->state == FLUIT_LEDGER_SAVED && !line->found;
        sums.duplicates += line->elsewhere > 0;
    }
    return sums;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t *fluit_ledger_waits(const struct fluit_ledger *ledger, size_t *count)
{
    int64_t *waits = need(malloc((ledger->count + 1) * sizeof *waits));
    *count = 0;
    for (size_t i = 0; i < ledger->count; i++)
        if (ledger->lines[i].state == FLUIT_LEDGER_SAFE)
            waits[(*count)++] = ledger->lines[i].safe_us - ledger->lines[i].typed_us;
    qsort(waits, *count, sizeof *waits, by_size);
    return waits;
}
