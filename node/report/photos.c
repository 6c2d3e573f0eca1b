/* The photos of paper boards, as the full edition has them. */
#include "node/report/photos.h"

#include <stdio.h>

void fluit_report_photo_name(uint8_t table, uint8_t round, size_t number,
                             char out[static FLUIT_PHOTO_NAME_LEN])
{
    snprintf(out, FLUIT_PHOTO_NAME_LEN, "table-%02u-round-%u-%zu.jpg", table, round, number);
}

size_t fluit_report_photos(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                           struct fluit_photo out[static FLUIT_PHOTOS_MAX])
{
    const struct fluit_table_fold *at = fluit_fold_table(in->fold, table);
    size_t whole = 0, count = at ? fluit_photos_of(&at->photos, round, out) : 0;
    for (size_t i = 0; i < count; i++)
        if (out[i].have == out[i].parts)
            out[whole++] = out[i];
    return whole;
}

enum fluit_err fluit_report_each_photo(const struct fluit_report_input *in,
                                       enum fluit_err (*each)(void *arg, const char *name,
                                                              struct fluit_slice jpeg),
                                       void *arg)
{
    struct fluit_buf jpeg = FLUIT_BUF_INIT;
    enum fluit_err err = FLUIT_OK;
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX && !err; table++)
        for (uint8_t round = 1; round <= in->script->round_count && !err; round++) {
            struct fluit_photo photos[FLUIT_PHOTOS_MAX];
            size_t count = fluit_report_photos(in, table, round, photos);
            for (size_t i = 0; i < count && !err; i++) {
                char name[FLUIT_PHOTO_NAME_LEN];
                fluit_report_photo_name(table, round, i + 1, name);
                fluit_buf_reset(&jpeg);
                err = in->photo(in->photo_arg, &photos[i], &jpeg);
                if (!err)
                    err = each(arg, name, fluit_buf_slice(&jpeg));
                else if (err == FLUIT_E_FORMAT || err == FLUIT_E_MISSING)
                    err = FLUIT_OK; /* what is no picture, or can't be read here, is left out */
            }
        }
    if (jpeg.data)
        fluit_wipe(jpeg.data, jpeg.cap);
    fluit_buf_deinit(&jpeg);
    return err;
}
