/* photos.h: photos of a table's paper boards: which parts of them came, and in which entries. The
 * bytes themselves stay in the feeds.
 *
 * A part of the fold (fold.h), which makes and fills it; others read. PROTOCOL.md "Photos". */
#ifndef FLUIT_PHOTOS_H
#define FLUIT_PHOTOS_H

#include "common/kept.h"

struct fluit_photo_part {
    struct fluit_origin origin; /* the entry that holds its bytes */
    struct fluit_note_id photo;
    uint8_t part, parts; /* parts 0: the photo was taken back */
    uint32_t len;
};

struct fluit_photos {
    struct fluit_kept parts; /* by round, photo, parts, part; of two the older one stays */
};

/* Zero-initialise; free with this. */
void fluit_photos_deinit(struct fluit_photos *photos);
/* Folds an act of the kind photo. NOMEM; or FORMAT for one that means nothing: nothing changed. */
FLUIT_MUST_CHECK enum fluit_err fluit_photos_apply(struct fluit_photos *photos,
                                                   const struct fluit_origin *origin,
                                                   const struct fluit_act *act);

/* A photo as far as it came: a view into the parts, valid until the next act is folded. */
struct fluit_photo {
    struct fluit_note_id id;
    uint8_t parts, have; /* all are here: have is parts */
    uint32_t bytes;
    const struct fluit_photo_part *first, *newest; /* by origin */
    void *const *items;                            /* have parts, in order */
};
static inline const struct fluit_photo_part *fluit_photo_part(const struct fluit_photo *photo,
                                                              uint8_t at)
{
    return photo->items[at];
}

/* Those of a round that were not taken back, the oldest first; beyond FLUIT_PHOTOS_MAX they do not
 * count. Returns how many. */
size_t fluit_photos_of(const struct fluit_photos *photos, uint8_t round,
                       struct fluit_photo out[static FLUIT_PHOTOS_MAX]);
/* The photo of that id among these; false if it is not there, or was taken back. */
bool fluit_photos_find(const struct fluit_photos *photos, const struct fluit_note_id *id,
                       struct fluit_photo *out);
/* Was it taken back in that round? */
bool fluit_photos_gone(const struct fluit_photos *photos, uint8_t round,
                       const struct fluit_note_id *id);

#endif
