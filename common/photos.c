#include "common/photos.h"

#include <stdlib.h>
#include <string.h>

static int id_cmp(const struct fluit_note_id *a, const struct fluit_note_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

static int part_cmp(const void *a, const void *b)
{
    const struct fluit_photo_part *x = a, *y = b;
    int order = (int)x->origin.round - (int)y->origin.round;
    if (order == 0)
        order = id_cmp(&x->photo, &y->photo);
    if (order == 0)
        order = (int)x->parts - (int)y->parts;
    return order ? order : (int)x->part - (int)y->part;
}

static const struct fluit_kept_type part_type = {part_cmp, free, FLUIT_PHOTO_PARTS_KEPT, true};

void fluit_photos_deinit(struct fluit_photos *photos)
{
    fluit_kept_deinit(&photos->parts, &part_type);
}

/* A photo that is taken back has no parts, and says so in one entry without bytes. */
static bool means_something(const struct fluit_act *act)
{
    if (act->photo.parts == 0)
        return act->photo.part == 0 && act->photo.data.len == 0;
    return act->photo.parts <= FLUIT_PHOTO_PARTS_MAX && act->photo.part < act->photo.parts &&
           act->photo.data.len > 0 && act->photo.data.len <= FLUIT_PHOTO_PART_LEN_MAX;
}

enum fluit_err fluit_photos_apply(struct fluit_photos *photos, const struct fluit_origin *origin,
                                  const struct fluit_act *act)
{
    if (!means_something(act))
        return FLUIT_E_FORMAT;
    struct fluit_photo_part *part = malloc(sizeof *part);
    if (!part)
        return FLUIT_E_NOMEM;
    *part = (struct fluit_photo_part){*origin, act->photo.photo, act->photo.part, act->photo.parts,
                                      (uint32_t)act->photo.data.len};
    return fluit_kept_put(&photos->parts, &part_type, part);
}

bool fluit_photos_gone(const struct fluit_photos *photos, uint8_t round,
                       const struct fluit_note_id *id)
{
    struct fluit_photo_part key = {.origin = {.round = round}, .photo = *id};
    return fluit_kept_find(&photos->parts, &part_type, &key) != NULL;
}

/* The next run of parts of one photo; a mark that it was taken back is a run, too. */
static bool next_photo(const struct fluit_photos *photos, size_t *cursor, struct fluit_photo *out)
{
    if (*cursor >= photos->parts.count)
        return false;
    void *const *items = photos->parts.items + *cursor;
    const struct fluit_photo_part *first = items[0];
    *out = (struct fluit_photo){
        .id = first->photo, .parts = first->parts, .first = first, .newest = first, .items = items};
    for (; *cursor < photos->parts.count; ++*cursor) {
        const struct fluit_photo_part *part = photos->parts.items[*cursor];
        if (part->origin.round != first->origin.round || part->parts != first->parts ||
            id_cmp(&part->photo, &first->photo) != 0)
            break;
        if (fluit_origin_cmp(&part->origin, &out->first->origin) < 0)
            out->first = part;
        if (fluit_origin_cmp(&part->origin, &out->newest->origin) > 0)
            out->newest = part;
        out->bytes += part->len;
        out->have++;
    }
    return true;
}

size_t fluit_photos_of(const struct fluit_photos *photos, uint8_t round,
                       struct fluit_photo out[static FLUIT_PHOTOS_MAX])
{
    struct fluit_photo photo;
    size_t count = 0;
    for (size_t cursor = 0; next_photo(photos, &cursor, &photo);) {
        if (photo.first->origin.round != round || photo.parts == 0 ||
            fluit_photos_gone(photos, round, &photo.id))
            continue;
        size_t at = count;
        while (at > 0 && fluit_origin_cmp(&out[at - 1].first->origin, &photo.first->origin) > 0)
            at--;
        if (at == FLUIT_PHOTOS_MAX)
            continue;
        count += count < FLUIT_PHOTOS_MAX;
        memmove(out + at + 1, out + at, (count - at - 1) * sizeof *out);
        out[at] = photo;
    }
    return count;
}

bool fluit_photos_find(const struct fluit_photos *photos, const struct fluit_note_id *id,
                       struct fluit_photo *out)
{
    for (uint8_t round = 0; round <= FLUIT_ROUNDS_MAX; round++) {
        struct fluit_photo all[FLUIT_PHOTOS_MAX];
        size_t count = fluit_photos_of(photos, round, all);
        for (size_t i = 0; i < count; i++)
            if (id_cmp(&all[i].id, id) == 0) {
                *out = all[i];
                return true;
            }
    }
    return false;
}
