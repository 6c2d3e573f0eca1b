/* do_photo.c: what a page asks of photos of the paper board. */
#include "common/base64.h"
#include "node/core/acts.h"
#include "node/view/doing.h"
#include "node/view/photo.h"

/* A part that is here already was sent again after a lost answer. */
static bool has_part(struct fluit_doing *d, const struct fluit_photo *photo, uint8_t part)
{
    if (part >= photo->have)
        return false;
    d->held = &fluit_photo_part(photo, part)->origin;
    return true;
}

static bool save_part(struct fluit_doing *d, const struct fluit_note_id *id,
                      const struct fluit_photo *held)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PHOTO, .photo = {.photo = *id}};
    int round =
        fluit_request_number(d->form, "round", d->guest->node.script->round_count,
                             held ? held->first->origin.round : fluit_guest_round(d->guest));
    int parts = fluit_request_number(d->form, "parts", FLUIT_PHOTO_PARTS_MAX, 0);
    int part = fluit_request_number(d->form, "part", FLUIT_PHOTO_PARTS_MAX - 1, 0);
    if (round < 1)
        return fluit_doing_no(d, "there is no such round");
    if (parts < 1 || part < 0 || part >= parts)
        return fluit_doing_no(d, "a photo has at most 18 parts, counted from 0");
    act.photo.part = (uint8_t)part;
    act.photo.parts = (uint8_t)parts;
    if (held && held->parts == parts && has_part(d, held, act.photo.part))
        return true;
    struct fluit_buf data = FLUIT_BUF_INIT;
    bool read = fluit_base64_get(&data, fluit_request_text(d->form, "data")) == FLUIT_OK &&
                data.len > 0 && data.len <= FLUIT_PHOTO_PART_LEN_MAX;
    act.photo.data = fluit_buf_slice(&data);
    bool saved = read ? fluit_guest_save_photo(d->guest, &act, (uint8_t)round, &d->said)
                      : fluit_doing_no(d, "a part of a photo has 1 to 32700 bytes, in base64");
    if (data.data)
        fluit_wipe(data.data, data.cap);
    fluit_buf_deinit(&data);
    return saved;
}

bool fluit_do_photo(struct fluit_doing *d)
{
    struct fluit_note_id id;
    struct fluit_photo photo;
    if (!fluit_request_note_id(d->form, "photo", &id))
        return fluit_doing_no(d, "a photo's id has 32 hex digits");
    bool held = fluit_guest_photo(d->guest, &id, &photo);
    if (!fluit_request_flag(d->form, "gone"))
        return save_part(d, &id, held ? &photo : NULL);
    return held ? fluit_guest_drop_photo(d->guest, &photo, &d->said)
                : fluit_doing_no(d, "there is no such photo");
}

bool fluit_do_photo_data(struct fluit_doing *d)
{
    struct fluit_node *node = &d->guest->node;
    struct fluit_note_id id;
    if (!fluit_request_note_id(d->form, "photo", &id))
        return fluit_doing_no(d, "there is no such photo");
    d->looked = true;
    const char *why =
        fluit_view_photo_data(&d->view, node, node->table, &id,
                              fluit_request_number(d->form, "part", FLUIT_PHOTO_PARTS_MAX - 1, -1));
    return !why[0] || fluit_doing_no(d, why);
}
