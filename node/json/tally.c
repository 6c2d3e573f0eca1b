#include "node/json/tally.h"

void fluit_doc_tally(struct fluit_doc *doc, const char *key, const struct fluit_script *script,
                     const struct fluit_tally *tally)
{
    fluit_doc_object(doc, key);
    for (int side = 0; side < script->side_count; side++) {
        fluit_doc_array(doc, script->zones[side].id.s);
        for (int d = 1; d <= script->zones[side].degree_count; d++)
            fluit_doc_int(doc, NULL, tally->at[side][d]);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

const char *fluit_doc_row(const struct fluit_script *script, int row)
{
    return row < script->card_count ? script->cards[row].id.s : "blank";
}

void fluit_doc_yields(struct fluit_doc *doc, const struct fluit_script *script,
                      const struct fluit_merge *merge)
{
    fluit_doc_array(doc, "yields");
    for (int zone = script->side_count; zone < script->zone_count; zone++)
        for (int row = 0; row < merge->row_count; row++) {
            uint32_t count = fluit_tally_count(&merge->final[row], zone);
            if (count == 0)
                continue;
            fluit_doc_object(doc, NULL);
            fluit_doc_str(doc, "zone", script->zones[zone].id.s);
            fluit_doc_str(doc, "card", fluit_doc_row(script, row));
            fluit_doc_int(doc, "count", count);
            fluit_doc_end(doc);
        }
    fluit_doc_end(doc);
}
