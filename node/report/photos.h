/* photos.h: the photos of paper boards, as the full edition has them: FORMAT.md "Photos". */
#ifndef FLUIT_REPORT_PHOTOS_H
#define FLUIT_REPORT_PHOTOS_H

#include "node/report/report.h"

#define FLUIT_PHOTO_NAME_LEN 48

/* "table-01-round-1-1.jpg"; number: among those of its table and round, from 1. */
void fluit_report_photo_name(uint8_t table, uint8_t round, size_t number,
                             char out[static FLUIT_PHOTO_NAME_LEN]);
/* Those that are all here, the oldest first. Returns how many. */
size_t fluit_report_photos(const struct fluit_report_input *in, uint8_t table, uint8_t round,
                           struct fluit_photo out[static FLUIT_PHOTOS_MAX]);

#endif
