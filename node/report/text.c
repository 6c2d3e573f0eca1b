/* The report as text: what both editions say. text_full.c adds the tables. */
#include "node/report/text.h"

#include <stdlib.h>

#define NAME_COLUMNS 32
#define RANK_SHOWN   5

static const char *label(const struct fluit_report_input *in, enum fluit_label which)
{
    return fluit_text_label(in, which);
}

static const char *row_name(const struct fluit_report_input *in, int row)
{
    return row < in->script->card_count ? fluit_parts_text(in, &in->script->cards[row].name)
                                        : label(in, FLUIT_LABEL_BLANK);
}

/* True if every degree of every side fits in a column of its own. */
static bool wide(const struct fluit_script *script)
{
    size_t columns = NAME_COLUMNS;
    for (int side = 0; side < script->side_count; side++)
        columns += 4u * script->zones[side].degree_count + 6u;
    return columns <= FLUIT_TEXT_COLUMNS;
}

/* Columns of one side: its degrees, if wide, and their sum. */
static size_t side_columns(const struct fluit_script *script, int side)
{
    return wide(script) ? 4u * script->zones[side].degree_count + 6u : 12u;
}

static void put_header(const struct fluit_report_input *in, struct fluit_buf *out)
{
    const struct fluit_script *script = in->script;
    fluit_text_pad(out, "", NAME_COLUMNS);
    for (int side = 0; side < script->side_count; side++) {
        fluit_buf_puts(out, "  ");
        fluit_text_pad(out, fluit_parts_text(in, &script->zones[side].name),
                       side_columns(script, side) - 2);
    }
    fluit_text_end(out);
    fluit_text_pad(out, label(in, FLUIT_LABEL_CARD), NAME_COLUMNS);
    for (int side = 0; side < script->side_count; side++) {
        for (int d = 1; wide(script) && d <= script->zones[side].degree_count; d++)
            fluit_buf_printf(out, "%4d", d);
        fluit_buf_printf(out, "%*s", wide(script) ? 6 : 12, label(in, FLUIT_LABEL_TOTAL));
    }
    fluit_buf_puts(out, "\n");
}

/* A bar for the first side to the left of the middle, for the second to the right, one # a card. */
static void put_bars(const struct fluit_report_input *in, const struct fluit_tally *tally,
                     struct fluit_buf *out)
{
    size_t columns = NAME_COLUMNS;
    for (int side = 0; side < in->script->side_count; side++)
        columns += side_columns(in->script, side);
    if (in->script->side_count != 2 || columns + 12 > FLUIT_TEXT_COLUMNS)
        return;
    size_t half = (FLUIT_TEXT_COLUMNS - columns - 3) / 2;
    size_t left = fluit_tally_count(tally, 0), right = fluit_tally_count(tally, 1);
    fluit_buf_puts(out, "  ");
    for (size_t i = half; i > 0; i--)
        fluit_buf_puts(out, i <= left ? "#" : " ");
    fluit_buf_puts(out, "|");
    for (size_t i = 0; i < half && i < right; i++)
        fluit_buf_puts(out, "#");
}

static void put_line(const struct fluit_report_input *in, const char *name,
                     const struct fluit_tally *tally, struct fluit_buf *out)
{
    const struct fluit_script *script = in->script;
    fluit_text_pad(out, name, NAME_COLUMNS);
    for (int side = 0; side < script->side_count; side++) {
        for (int d = 1; wide(script) && d <= script->zones[side].degree_count; d++)
            fluit_buf_printf(out, "%4u", tally->at[side][d]);
        fluit_buf_printf(out, "%*u", wide(script) ? 6 : 12, fluit_tally_count(tally, side));
    }
    put_bars(in, tally, out);
    fluit_text_end(out);
}

static bool on_sides(const struct fluit_script *script, const struct fluit_tally *tally)
{
    for (int side = 0; side < script->side_count; side++)
        if (fluit_tally_count(tally, side))
            return true;
    return false;
}

static void put_degrees(const struct fluit_report_input *in, struct fluit_buf *out)
{
    const struct fluit_zone *side = &in->script->zones[0];
    if (in->script->side_count == 0)
        return;
    struct fluit_buf legend = FLUIT_BUF_INIT;
    fluit_buf_printf(&legend, "%s: ", label(in, FLUIT_LABEL_DEGREES));
    for (int d = 0; d < side->degree_count; d++)
        fluit_buf_printf(&legend, "%s%d = %s", d ? ", " : "", d + 1,
                         fluit_parts_text(in, &side->degrees[d]));
    fluit_text_wrap(out, 0, fluit_buf_text(&legend));
    if (legend.err && !out->err)
        out->err = legend.err;
    fluit_buf_deinit(&legend);
}

static void put_categories(const struct fluit_report_input *in, const struct fluit_merge *merge,
                           struct fluit_buf *out)
{
    const struct fluit_script *script = in->script;
    fluit_buf_printf(out, "\n%s\n", label(in, FLUIT_LABEL_CATEGORIES));
    for (int c = 0; c <= script->category_count; c++)
        if (c < script->category_count)
            put_line(in, fluit_parts_text(in, &script->categories[c].name), &merge->categories[c],
                     out);
        else if (on_sides(script, &merge->categories[c]))
            put_line(in, label(in, FLUIT_LABEL_NO_CATEGORY), &merge->categories[c], out);
}

static void put_ranking(const struct fluit_report_input *in, const struct fluit_merge *merge,
                        int side, struct fluit_buf *out)
{
    int rows[FLUIT_MERGE_ROWS_MAX];
    int count = fluit_merge_rank(merge, side, rows);
    fluit_buf_printf(out, "\n%s: ", label(in, FLUIT_LABEL_STRONGEST));
    fluit_text_pad(out, fluit_parts_text(in, &in->script->zones[side].name), 60);
    fluit_text_end(out);
    for (int i = 0; i < count && i < RANK_SHOWN; i++) {
        fluit_buf_printf(out, "%3d. ", i + 1);
        fluit_text_pad(out, row_name(in, rows[i]), 60);
        fluit_buf_printf(out, "%5u\n", fluit_tally_count(&merge->final[rows[i]], side));
    }
}

static void put_yields(const struct fluit_report_input *in, const struct fluit_merge *merge,
                       struct fluit_buf *out)
{
    const struct fluit_script *script = in->script;
    for (int zone = script->side_count; zone < script->zone_count; zone++) {
        fluit_buf_puts(out, "\n");
        fluit_text_wrap(out, 0, fluit_parts_text(in, &script->zones[zone].name));
        for (int row = 0; row < merge->row_count; row++) {
            uint32_t count = fluit_tally_count(&merge->final[row], zone);
            if (count == 0)
                continue;
            fluit_buf_puts(out, "     ");
            fluit_text_pad(out, row_name(in, row), 60);
            fluit_buf_printf(out, "%5u\n", count);
        }
    }
}

static void put_merge(const struct fluit_report_input *in, uint8_t round, struct fluit_merge *merge,
                      struct fluit_buf *out)
{
    struct fluit_buf heading = FLUIT_BUF_INIT;
    fluit_merge_run(merge, in->fold, round);
    if (round)
        fluit_buf_printf(&heading, "%s %u", label(in, FLUIT_LABEL_ROUND), round);
    else
        fluit_buf_puts(&heading, label(in, FLUIT_LABEL_TOGETHER));
    fluit_buf_printf(&heading, " (%s: %u", label(in, FLUIT_LABEL_BOARDS), merge->boards);
    if (merge->afterwards)
        fluit_buf_printf(&heading, "; %s: %u", label(in, FLUIT_LABEL_LATE_MADE), merge->afterwards);
    fluit_buf_puts(&heading, ")");
    fluit_text_heading(out, fluit_buf_text(&heading), '-');
    if (heading.err && !out->err)
        out->err = heading.err;
    fluit_buf_deinit(&heading);
    if (merge->boards == 0)
        return;
    put_header(in, out);
    for (int row = 0; row < merge->row_count; row++)
        if (on_sides(in->script, &merge->final[row]) || on_sides(in->script, &merge->first[row]))
            put_line(in, row_name(in, row), &merge->final[row], out);
    put_categories(in, merge, out);
    for (int side = 0; side < in->script->side_count; side++)
        put_ranking(in, merge, side, out);
    put_yields(in, merge, out);
}

static enum fluit_err put_merges(const struct fluit_report_input *in, struct fluit_buf *out)
{
    struct fluit_merge *merge = malloc(sizeof *merge);
    if (!merge)
        return FLUIT_E_NOMEM;
    put_merge(in, 0, merge, out);
    for (uint8_t round = 1; round <= in->script->round_count; round++)
        put_merge(in, round, merge, out);
    free(merge);
    return FLUIT_OK;
}

static enum fluit_err put_quotes(const struct fluit_report_input *in, struct fluit_buf *out)
{
    struct fluit_quote *quotes;
    size_t count;
    enum fluit_err err = fluit_parts_quotes(in, &quotes, &count);
    if (err || count == 0)
        return err;
    fluit_text_heading(out, label(in, FLUIT_LABEL_QUOTES), '-');
    for (size_t i = 0; i < count; i++) {
        fluit_buf_puts(out, "  > ");
        fluit_text_wrap(out, 4, quotes[i].text);
    }
    free(quotes);
    return FLUIT_OK;
}

enum fluit_err fluit_report_text(const struct fluit_report_input *in, bool full,
                                 struct fluit_buf *out)
{
    const char *title = in->title ? in->title : fluit_parts_text(in, &in->script->title);
    fluit_text_heading(out, title, '=');
    fluit_buf_printf(out, "%s: %d\n", label(in, FLUIT_LABEL_TABLES), in->tables);
    put_degrees(in, out);
    enum fluit_err err = put_merges(in, out);
    if (!err)
        err = put_quotes(in, out);
    if (!err && full)
        err = fluit_text_tables(in, out);
    return err ? err : out->err;
}
