/* The report as CSV (RFC 4180): one placement a row. FORMAT.md "CSV". */
#include "node/report/parts.h"
#include "node/report/photos.h"

#include <string.h>

/* A text cell. Spreadsheets run a cell that starts like a formula: an apostrophe disarms it. */
static void put_cell(struct fluit_buf *out, const char *text)
{
    bool armed = text[0] && strchr("=+-@\t\r\n", text[0]);
    if (!armed && !strpbrk(text, "\",\r\n")) {
        fluit_buf_puts(out, text);
        return;
    }
    fluit_buf_puts(out, armed ? "\"'" : "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"')
            fluit_buf_puts(out, "\"");
        fluit_buf_put(out, c, 1);
    }
    fluit_buf_puts(out, "\"");
}

static void put_texts(struct fluit_buf *out, const char *a, const char *b)
{
    put_cell(out, a);
    fluit_buf_puts(out, ",");
    put_cell(out, b);
    fluit_buf_puts(out, ",");
}

static const char *category_of(const struct fluit_script *script,
                               const struct fluit_board_card *card)
{
    int category = card->index < script->card_count ? script->cards[card->index].category : -1;
    return category < 0 ? "" : script->categories[category].id.s;
}

/* The files that --photos writes of that board, with spaces between. */
static void put_photos(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                       struct fluit_buf *out)
{
    struct fluit_photo photos[FLUIT_PHOTOS_MAX];
    size_t count = fluit_report_photos(in, table, round, photos);
    for (size_t i = 0; i < count; i++) {
        char name[FLUIT_PHOTO_NAME_LEN];
        fluit_report_photo_name(table, round, i + 1, name);
        fluit_buf_printf(out, "%s%s", i ? " " : "", name);
    }
}

static void put_row(const struct fluit_report_input *in, bool full, uint8_t table, uint8_t round,
                    const struct fluit_board_card *card, size_t order, struct fluit_buf *out)
{
    struct fluit_buf respondent = FLUIT_BUF_INIT;
    fluit_parts_respondent(in, table, round, &respondent);
    put_cell(out, in->workshop);
    fluit_buf_printf(out, ",%u,%u,", table, round);
    put_texts(out, fluit_buf_text(&respondent), card->ref.card.s);
    fluit_buf_printf(out, "%u,", card->ref.copy);
    put_texts(out, category_of(in->script, card), in->script->zones[card->place.zone].id.s);
    fluit_buf_printf(out, "%u,%zu,", card->place.degree, order);
    put_cell(out, full && card->why.set ? card->why.text : "");
    fluit_buf_printf(out, ",%lld,%s,", (long long)card->origin.mesh_us,
                     fluit_late_name(fluit_fold_late(in->fold, &card->origin)));
    if (full)
        put_photos(in, table, round, out);
    fluit_buf_puts(out, "\r\n");
    if (respondent.err && !out->err)
        out->err = respondent.err;
    fluit_buf_deinit(&respondent);
}

enum fluit_err fluit_report_csv(const struct fluit_report_input *in, bool full,
                                struct fluit_buf *out)
{
    fluit_buf_puts(out, "workshop,table,round,respondent,card,copy,category,side,degree,order,why,"
                        "time,late,photos\r\n");
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++)
        for (uint8_t round = 1; round <= in->script->round_count; round++) {
            const struct fluit_board *board = fluit_fold_board(in->fold, table, round);
            const struct fluit_board_card *laid[FLUIT_BOARD_CARDS_MAX];
            size_t count = board ? fluit_board_laid(board, laid) : 0;
            for (size_t i = 0; i < count; i++)
                if (laid[i]->place.kind == FLUIT_PLACE_ZONE)
                    put_row(in, full, table, round, laid[i], i + 1, out);
        }
    return out->err;
}
