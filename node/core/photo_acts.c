/* photo_acts.c: a photo of the paper board, part by part, and taken back. */
#include "common/jpeg.h"
#include "node/core/acts.h"

static const struct fluit_photos *photos_of(const struct fluit_guest *guest)
{
    static const struct fluit_photos none;
    const struct fluit_table_fold *table = fluit_fold_table(guest->node.fold, guest->node.table);
    return table ? &table->photos : &none;
}

bool fluit_guest_photo(const struct fluit_guest *guest, const struct fluit_note_id *id,
                       struct fluit_photo *out)
{
    return fluit_photos_find(photos_of(guest), id, out);
}

/* A photo can wait: whistles, and what people type, go first. */
static bool may_send_now(struct fluit_guest *guest, struct fluit_effects *fx)
{
    struct fluit_mark mark;
    int64_t at_us, now_us = guest->node.now_us;
    bool whistles = fluit_node_alarm(&guest->node, &mark, &at_us);
    if ((whistles && at_us - now_us < FLUIT_PHOTO_QUIET_US) ||
        (guest->photo_us && now_us - guest->photo_us < FLUIT_PHOTO_GAP_US)) {
        fluit_guest_no(fx, "one moment; send this part of the photo again");
        return false;
    }
    return true;
}

static bool has_room(const struct fluit_guest *guest, const struct fluit_note_id *id, uint8_t round,
                     uint8_t parts, struct fluit_effects *fx)
{
    struct fluit_photo all[FLUIT_PHOTOS_MAX];
    const struct fluit_photos *photos = photos_of(guest);
    if (fluit_photos_gone(photos, round, id))
        fluit_guest_no(fx, "that photo was taken back; take another one");
    else if (fluit_photos_of(photos, round, all) == FLUIT_PHOTOS_MAX)
        fluit_guest_no(fx, "a round has at most %d photos; take one back first", FLUIT_PHOTOS_MAX);
    /* One more, to take it back. */
    else if (photos->parts.count + parts + 1u > FLUIT_PHOTO_PARTS_KEPT)
        fluit_guest_no(fx, "this table has as many photos as there can be");
    else
        return true;
    return false;
}

/* Does it go on as a plain JPEG with these bytes, and end with its last part, not before? */
static bool is_plain(struct fluit_guest *guest, const struct fluit_photo *held, uint8_t parts,
                     struct fluit_slice data, struct fluit_effects *fx)
{
    struct fluit_jpeg jpeg = {0};
    struct fluit_buf before = FLUIT_BUF_INIT;
    enum fluit_err err = FLUIT_OK;
    for (uint8_t i = 0; held && i < held->have && !err; i++)
        err = fluit_node_photo_part(&guest->node, fluit_photo_part(held, i), &before);
    bool last = (held ? held->have : 0) + 1 == parts;
    bool plain = !err && fluit_jpeg_next(&jpeg, fluit_buf_slice(&before)) &&
                 fluit_jpeg_next(&jpeg, data) && fluit_jpeg_ended(&jpeg) == last;
    if (before.data)
        fluit_wipe(before.data, before.cap);
    fluit_buf_deinit(&before);
    if (!plain)
        fluit_guest_no(fx, err ? "what came of that photo before can't be read; take another one"
                               : "that is no plain JPEG: it is damaged, too large, or more than a "
                                 "picture is in it (where it was taken, say)");
    return plain;
}

bool fluit_guest_save_photo(struct fluit_guest *guest, const struct fluit_act *act, uint8_t round,
                            struct fluit_effects *fx)
{
    struct fluit_photo photo;
    struct fluit_act undo = {.kind = FLUIT_KIND_PHOTO};
    const struct fluit_photo *held =
        fluit_guest_photo(guest, &act->photo.photo, &photo) ? &photo : NULL;
    undo.photo.photo = act->photo.photo;
    if (held && (held->parts != act->photo.parts || held->first->origin.round != round)) {
        fluit_guest_no(fx, "another photo has that id");
        return false;
    }
    if (act->photo.part != (held ? held->have : 0)) {
        fluit_guest_no(fx, "parts of a photo come in order; part %u is next",
                       held ? held->have : 0u);
        return false;
    }
    if ((!held && !has_room(guest, &act->photo.photo, round, act->photo.parts, fx)) ||
        !may_send_now(guest, fx) || !is_plain(guest, held, act->photo.parts, act->photo.data, fx))
        return false;
    bool last = act->photo.part + 1 == act->photo.parts;
    if (!fluit_guest_save(guest, act, round, last ? &undo : NULL, fx, "photo, part %u of %u",
                          act->photo.part + 1u, act->photo.parts))
        return false;
    guest->photo_us = guest->node.now_us;
    return true;
}

bool fluit_guest_drop_photo(struct fluit_guest *guest, const struct fluit_photo *photo,
                            struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PHOTO};
    act.photo.photo = photo->id;
    return fluit_guest_save(guest, &act, photo->first->origin.round, NULL, fx, "photo taken back");
}
