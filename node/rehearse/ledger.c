#include "node/rehearse/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum fluit_err fluit_ledger_init(struct fluit_ledger *ledger, uint32_t node_count)
{
    struct fluit_ledger_node *nodes = calloc(node_count, sizeof *nodes);
    if (!nodes)
        return FLUIT_E_NOMEM;
    *ledger = (struct fluit_ledger){.nodes = nodes, .node_count = node_count};
    return FLUIT_OK;
}

void fluit_ledger_deinit(struct fluit_ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->node_count; i++) {
        for (size_t k = 0; k < ledger->nodes[i].count; k++)
            free(ledger->nodes[i].lines[k].content);
        free(ledger->nodes[i].lines);
    }
    free(ledger->nodes);
    *ledger = (struct fluit_ledger){0};
}

/* The line that waits for its answer, or NULL. */
static struct fluit_ledger_line *open_line(struct fluit_ledger_node *node)
{
    if (node->count == 0 || node->lines[node->count - 1].state != FLUIT_LINE_OPEN)
        return NULL;
    return &node->lines[node->count - 1];
}

static bool make_room(struct fluit_ledger_node *node)
{
    if (node->count < node->cap)
        return true;
    size_t cap = node->cap ? node->cap * 2 : 64;
    struct fluit_ledger_line *lines = realloc(node->lines, cap * sizeof *lines);
    if (!lines)
        return false;
    node->lines = lines;
    node->cap = cap;
    return true;
}

void fluit_ledger_typed(struct fluit_ledger *ledger, uint32_t at, const char *content,
                        int64_t now_us)
{
    struct fluit_ledger_node *node = &ledger->nodes[at];
    assert(at < ledger->node_count && !open_line(node));
    char *copy = strdup(content);
    if (!copy || !make_room(node)) {
        free(copy);
        ledger->err = FLUIT_E_NOMEM;
        return;
    }
    node->lines[node->count++] = (struct fluit_ledger_line){
        .life = node->life, .typed_us = now_us, .ack_us = -1, .content = copy};
}

void fluit_ledger_saved(struct fluit_ledger *ledger, uint32_t at, uint64_t seq)
{
    struct fluit_ledger_node *node = &ledger->nodes[at];
    struct fluit_ledger_line *line = open_line(node);
    if (!line)
        return; /* out of memory before */
    line->state = FLUIT_LINE_SAVED;
    line->seq = seq;
    node->last_seq = seq;
}

void fluit_ledger_refused(struct fluit_ledger *ledger, uint32_t at)
{
    struct fluit_ledger_node *node = &ledger->nodes[at];
    struct fluit_ledger_line *line = open_line(node);
    if (!line)
        return;
    free(line->content);
    node->count--;
}

static void make_safe(struct fluit_ledger_node *node, uint64_t seq, int64_t now_us)
{
    size_t at = node->first_unsafe;
    for (; at < node->count; at++) {
        struct fluit_ledger_line *line = &node->lines[at];
        if (line->state == FLUIT_LINE_OPEN || (line->state == FLUIT_LINE_SAVED && line->seq > seq))
            break;
        if (line->state != FLUIT_LINE_SAVED)
            continue;
        line->state = FLUIT_LINE_SAFE;
        if (now_us >= 0)
            line->ack_us = now_us - line->typed_us;
    }
    node->first_unsafe = at;
}

void fluit_ledger_safe(struct fluit_ledger *ledger, uint32_t at, uint64_t seq, int64_t now_us)
{
    struct fluit_ledger_node *node = &ledger->nodes[at];
    if (node->lost_track)
        node->safe_seq = seq;
    else
        make_safe(node, seq, now_us);
}

void fluit_ledger_died(struct fluit_ledger *ledger, uint32_t at)
{
    struct fluit_ledger_node *node = &ledger->nodes[at];
    struct fluit_ledger_line *line = open_line(node);
    if (line)
        line->state = FLUIT_LINE_UNANSWERED;
    node->lost_track = true;
    node->safe_seq = 0;
}

static void begin_life(struct fluit_ledger_node *node)
{
    node->life++;
    node->last_seq = 0;
    node->first_unsafe = node->count;
}

void fluit_ledger_replaced(struct fluit_ledger *ledger, uint32_t at)
{
    begin_life(&ledger->nodes[at]);
}

void fluit_ledger_back(struct fluit_ledger *ledger, uint32_t at, uint64_t saved_seq)
{
    struct fluit_ledger_node *node = &ledger->nodes[at];
    if (!node->lost_track)
        return;
    node->lost_track = false;
    if (saved_seq < node->last_seq)
        begin_life(node);
    make_safe(node, node->safe_seq, -1);
}

static bool answers(const struct fluit_ledger_line *line, uint64_t seq)
{
    return line->state == FLUIT_LINE_UNANSWERED || line->state == FLUIT_LINE_OPEN ||
           line->seq == seq;
}

void fluit_ledger_found(struct fluit_ledger *ledger, uint32_t at, uint64_t seq, const char *content)
{
    struct fluit_ledger_node *node = &ledger->nodes[at];
    struct fluit_ledger_line *match = NULL;
    for (size_t i = 0; i < node->count; i++) {
        struct fluit_ledger_line *line = &node->lines[i];
        if (line->found || !answers(line, seq) || strcmp(line->content, content) != 0)
            continue;
        /* Its own number says more than a line that may never have got one. */
        if (!match || line->seq == seq)
            match = line;
        if (line->seq == seq)
            break;
    }
    if (match)
        match->found = true;
    else
        ledger->strays++;
}

struct fluit_ledger_sum fluit_ledger_sum(const struct fluit_ledger *ledger)
{
    struct fluit_ledger_sum sum = {.duplicates = ledger->strays};
    for (uint32_t i = 0; i < ledger->node_count; i++)
        for (size_t k = 0; k < ledger->nodes[i].count; k++) {
            const struct fluit_ledger_line *line = &ledger->nodes[i].lines[k];
            bool safe = line->state == FLUIT_LINE_SAFE;
            if (!safe && line->state != FLUIT_LINE_SAVED)
                continue;
            sum.written++;
            sum.safe += safe;
            sum.lost_safe += safe && !line->found;
            sum.lost_saved_only += !safe && !line->found;
        }
    return sum;
}

static int cmp_us(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t *fluit_ledger_acks(const struct fluit_ledger *ledger, size_t *count)
{
    size_t all = 0, kept = 0;
    for (uint32_t i = 0; i < ledger->node_count; i++)
        all += ledger->nodes[i].count;
    int64_t *acks = calloc(all ? all : 1, sizeof *acks);
    for (uint32_t i = 0; acks && i < ledger->node_count; i++)
        for (size_t k = 0; k < ledger->nodes[i].count; k++)
            if (ledger->nodes[i].lines[k].ack_us >= 0)
                acks[kept++] = ledger->nodes[i].lines[k].ack_us;
    if (acks)
        qsort(acks, kept, sizeof *acks, cmp_us);
    *count = kept;
    return acks;
}

static void put_card(struct fluit_buf *out, const struct fluit_card_ref *card)
{
    fluit_buf_printf(out, " %s/%u", card->card.s, card->copy);
}

static void put_text(struct fluit_buf *out, struct fluit_slice text)
{
    fluit_buf_puts(out, " ");
    fluit_buf_put(out, text.data, text.len);
}

static void put_note(struct fluit_buf *out, const struct fluit_act *act)
{
    /* In which round a note was made depends on when the plan reached its node: left out. */
    fluit_buf_printf(out, " @%s", act->note.question.s);
    put_card(out, &act->note.card);
    fluit_buf_printf(out, " %u", act->note.flags);
    put_text(out, act->note.text);
}

bool fluit_ledger_content(const struct fluit_act *act, uint8_t round, struct fluit_buf *out)
{
    fluit_buf_puts(out, fluit_kind_name(act->kind));
    if (act->kind != FLUIT_KIND_NOTE && act->kind != FLUIT_KIND_ANSWER)
        fluit_buf_printf(out, " round %u", round);
    switch (act->kind) {
    case FLUIT_KIND_PLACE:
        put_card(out, &act->place.card);
        fluit_buf_printf(out, " %s %u", act->place.zone.s, act->place.degree);
        return true;
    case FLUIT_KIND_ASIDE:
        put_card(out, &act->aside.card);
        return true;
    case FLUIT_KIND_LIFT:
        put_card(out, &act->lift.card);
        return true;
    case FLUIT_KIND_WHY:
        put_card(out, &act->why.card);
        put_text(out, act->why.none ? fluit_slice_str("(none)") : act->why.text);
        return true;
    case FLUIT_KIND_LINK:
        put_card(out, &act->link.from);
        put_card(out, &act->link.to);
        put_text(out, act->link.gone ? fluit_slice_str("(gone)") : act->link.word);
        return true;
    case FLUIT_KIND_BLANK: /* which blank card it is the node says */
        put_text(out, act->blank.text);
        return true;
    case FLUIT_KIND_ROLE:
        fluit_buf_printf(out, " %s %u", act->role.role.s, act->role.seat);
        return true;
    case FLUIT_KIND_NOTE:
        put_note(out, act);
        return true;
    case FLUIT_KIND_ANSWER:
        fluit_buf_printf(out, " %s/%u", act->answer.question.s, act->answer.seat);
        put_text(out, act->answer.text);
        return true;
    case FLUIT_KIND_NEXT_BOARD:
        return true;
    case FLUIT_KIND_GROUP:
        fluit_buf_printf(out, " %s", act->group.group.s);
        return true;
    default:
        return false;
    }
}
