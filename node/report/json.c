/* The report as JSON: what both editions say. json_full.c adds the tables. */
#include "node/report/json.h"

#include <stdlib.h>

#include "node/json/tally.h"

static void put_workshop(struct fluit_doc *doc, const struct fluit_report_input *in)
{
    const char *title = in->title ? in->title : fluit_parts_text(in, &in->script->title);
    fluit_doc_object(doc, "workshop");
    fluit_doc_str(doc, "id", in->workshop);
    fluit_doc_str(doc, "title", title);
    fluit_doc_str(doc, "script", in->script->id.s);
    fluit_doc_str(doc, "language", in->script->languages[in->language]);
    fluit_doc_int(doc, "tables", in->tables);
    fluit_doc_end(doc);
}

static void put_named(struct fluit_doc *doc, const struct fluit_report_input *in,
                      const struct fluit_id *id, const struct fluit_text *name)
{
    fluit_doc_object(doc, NULL);
    fluit_doc_str(doc, "id", id->s);
    fluit_doc_str(doc, "name", fluit_parts_text(in, name));
}

static void put_zones(struct fluit_doc *doc, const struct fluit_report_input *in)
{
    const struct fluit_script *script = in->script;
    fluit_doc_array(doc, "zones");
    for (int z = 0; z < script->zone_count; z++) {
        const struct fluit_zone *zone = &script->zones[z];
        put_named(doc, in, &zone->id, &zone->name);
        fluit_doc_bool(doc, "side", z < script->side_count);
        fluit_doc_array(doc, "degrees");
        for (int d = 0; d < zone->degree_count; d++)
            fluit_doc_str(doc, NULL, fluit_parts_text(in, &zone->degrees[d]));
        fluit_doc_end(doc);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

static const char *category_id(const struct fluit_script *script, int category)
{
    return category < 0 ? "" : script->categories[category].id.s;
}

static void put_cards(struct fluit_doc *doc, const struct fluit_report_input *in)
{
    const struct fluit_script *script = in->script;
    fluit_doc_array(doc, "categories");
    for (int c = 0; c < script->category_count; c++) {
        put_named(doc, in, &script->categories[c].id, &script->categories[c].name);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
    fluit_doc_array(doc, "cards");
    for (int c = 0; c < script->card_count; c++) {
        put_named(doc, in, &script->cards[c].id, &script->cards[c].name);
        fluit_doc_str(doc, "category", category_id(script, script->cards[c].category));
        fluit_doc_int(doc, "copies", script->cards[c].copies);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

static void put_matrix(struct fluit_doc *doc, const struct fluit_script *script,
                       const struct fluit_merge *merge)
{
    fluit_doc_array(doc, "matrix");
    for (int row = 0; row < merge->row_count; row++) {
        if (row < script->card_count && script->cards[row].zone >= 0)
            continue;
        fluit_doc_object(doc, NULL);
        fluit_doc_str(doc, "card", fluit_doc_row(script, row));
        fluit_doc_tally(doc, "final", script, &merge->final[row]);
        fluit_doc_tally(doc, "first", script, &merge->first[row]);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

static void put_categories(struct fluit_doc *doc, const struct fluit_script *script,
                           const struct fluit_merge *merge)
{
    fluit_doc_array(doc, "categories");
    for (int c = 0; c <= script->category_count; c++) {
        fluit_doc_object(doc, NULL);
        fluit_doc_str(doc, "category", category_id(script, c < script->category_count ? c : -1));
        fluit_doc_tally(doc, "final", script, &merge->categories[c]);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

static void put_ranking(struct fluit_doc *doc, const struct fluit_script *script,
                        const struct fluit_merge *merge)
{
    fluit_doc_object(doc, "ranking");
    for (int side = 0; side < script->side_count; side++) {
        int rows[FLUIT_MERGE_ROWS_MAX];
        int count = fluit_merge_rank(merge, side, rows);
        fluit_doc_array(doc, script->zones[side].id.s);
        for (int i = 0; i < count; i++) {
            fluit_doc_object(doc, NULL);
            fluit_doc_str(doc, "card", fluit_doc_row(script, rows[i]));
            fluit_doc_int(doc, "count", fluit_tally_count(&merge->final[rows[i]], side));
            fluit_doc_int(doc, "degree_sum", fluit_tally_weight(&merge->final[rows[i]], side));
            fluit_doc_end(doc);
        }
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

/* round 0: all rounds together. */
static void put_merge(struct fluit_doc *doc, const char *key, const struct fluit_report_input *in,
                      uint8_t round, struct fluit_merge *merge)
{
    fluit_merge_run(merge, in->fold, round);
    fluit_doc_object(doc, key);
    if (round)
        fluit_doc_int(doc, "round", round);
    fluit_doc_int(doc, "boards", merge->boards);
    fluit_doc_int(doc, "afterwards", merge->afterwards);
    put_matrix(doc, in->script, merge);
    put_categories(doc, in->script, merge);
    put_ranking(doc, in->script, merge);
    fluit_doc_yields(doc, in->script, merge);
    fluit_doc_end(doc);
}

static enum fluit_err put_merges(struct fluit_doc *doc, const struct fluit_report_input *in)
{
    struct fluit_merge *merge = malloc(sizeof *merge);
    if (!merge)
        return FLUIT_E_NOMEM;
    fluit_doc_array(doc, "rounds");
    for (uint8_t round = 1; round <= in->script->round_count; round++)
        put_merge(doc, NULL, in, round, merge);
    fluit_doc_end(doc);
    put_merge(doc, "together", in, 0, merge);
    free(merge);
    return FLUIT_OK;
}

static enum fluit_err put_quotes(struct fluit_doc *doc, const struct fluit_report_input *in)
{
    struct fluit_quote *quotes;
    size_t count;
    enum fluit_err err = fluit_parts_quotes(in, &quotes, &count);
    if (err)
        return err;
    fluit_doc_array(doc, "quotes");
    for (size_t i = 0; i < count; i++) {
        fluit_doc_object(doc, NULL);
        fluit_doc_str(doc, "question", quotes[i].question->s);
        fluit_doc_int(doc, "round", quotes[i].round);
        fluit_doc_str(doc, "text", quotes[i].text);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
    free(quotes);
    return FLUIT_OK;
}

enum fluit_err fluit_report_json(const struct fluit_report_input *in, bool full,
                                 struct fluit_buf *out)
{
    struct fluit_doc doc;
    fluit_doc_init(&doc);
    fluit_doc_str(&doc, "format", "fluit-report-1");
    fluit_doc_str(&doc, "edition", full ? "full" : "participants");
    put_workshop(&doc, in);
    put_zones(&doc, in);
    put_cards(&doc, in);
    enum fluit_err err = put_merges(&doc, in);
    if (!err)
        err = put_quotes(&doc, in);
    if (!err && full)
        err = fluit_json_tables(&doc, in);
    if (!err)
        err = fluit_doc_dump(&doc, out);
    fluit_doc_deinit(&doc);
    return err;
}

enum fluit_err fluit_fold_digest(const struct fluit_report_input *in, struct fluit_hash *out)
{
    struct fluit_report_input first = *in;
    struct fluit_buf json = FLUIT_BUF_INIT;
    first.language = 0;
    first.photo = NULL;
    enum fluit_err err = fluit_report_json(&first, true, &json);
    if (!err)
        *out = fluit_hash1("fluit fold", json.data, json.len);
    if (json.data)
        fluit_wipe(json.data, json.len);
    fluit_buf_deinit(&json);
    return err;
}
