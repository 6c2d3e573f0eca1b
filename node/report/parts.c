#include "node/report/parts.h"

#include <stdlib.h>
#include <string.h>

const char *fluit_parts_text(const struct fluit_report_input *in, const struct fluit_text *text)
{
    const char *words = text->in[in->language];
    return words ? words : "";
}

void fluit_parts_respondent(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                            struct fluit_buf *out)
{
    for (int role = 0; role < in->script->role_count; role++) {
        if (in->script->roles[role].tells_in != round)
            continue;
        uint8_t seat = fluit_fold_seat(in->fold, table, round, role);
        fluit_buf_puts(out, in->script->roles[role].id.s);
        if (seat)
            fluit_buf_printf(out, ":%u", seat);
        return;
    }
}

size_t fluit_parts_order(const struct fluit_board_card *const *laid, size_t count,
                         const struct fluit_board_card *card)
{
    for (size_t i = 0; i < count; i++)
        if (laid[i] == card)
            return i + 1;
    return 0;
}

static int quote_cmp(const void *a, const void *b)
{
    const struct fluit_quote *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->round != y->round ? (int)x->round - (int)y->round : strcmp(x->text, y->text);
}

/* Room for one more in a list of count. */
static bool grow(struct fluit_quote **list, size_t count, size_t *cap)
{
    if (count < *cap)
        return true;
    size_t more = *cap ? 2 * *cap : 16;
    struct fluit_quote *grown = realloc(*list, more * sizeof *grown);
    if (!grown)
        return false;
    *list = grown;
    *cap = more;
    return true;
}

enum fluit_err fluit_parts_quotes(const struct fluit_report_input *in, struct fluit_quote **out,
                                  size_t *count)
{
    struct fluit_quote *list = NULL;
    size_t n = 0, cap = 0;
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        struct fluit_note note;
        for (size_t cursor = 0; fluit_fold_note_next(in->fold, table, &cursor, &note);)
            for (size_t i = 0; i < note.revision_count; i++) {
                const struct fluit_revision *words = fluit_note_revision(&note, i);
                if (!fluit_fold_quotable(in->fold, table, &note, i))
                    continue;
                if (!grow(&list, n, &cap)) {
                    free(list);
                    return FLUIT_E_NOMEM;
                }
                list[n++] = (struct fluit_quote){note.place, &words->question,
                                                 note.first->origin.round, words->text};
            }
    }
    if (n)
        qsort(list, n, sizeof *list, quote_cmp);
    *out = list;
    *count = n;
    return FLUIT_OK;
}
