/* photo_bytes.c: a photo's bytes, out of the entries that hold them. */
#include "common/jpeg.h"
#include "node/core/node.h"
#include "proto/body.h"

/* Opens an entry that intake has read before: its key fits, or it would not have been taken. */
static enum fluit_err open_entry(struct fluit_node *node, const struct fluit_origin *origin,
                                 struct fluit_buf *text, struct fluit_slice *body)
{
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored stored;
    struct fluit_header header;
    int feed = fluit_replica_find(&node->replica, &origin->feed);
    enum fluit_err err = FLUIT_E_MISSING;
    if (feed >= 0)
        err = fluit_replica_get(&node->replica, (uint32_t)feed, origin->seq, &stored, &scratch);
    if (!err)
        err = fluit_header_get(&header, stored.header);
    const struct fluit_held_key *key =
        err ? NULL : fluit_keyring_find(&node->keyring, &header.key_id);
    if (!err)
        err = key ? fluit_unseal(&key->key, stored.header, stored.payload, text, body)
                  : FLUIT_E_MISSING;
    fluit_buf_deinit(&scratch);
    return err;
}

enum fluit_err fluit_node_photo_part(struct fluit_node *node, const struct fluit_photo_part *part,
                                     struct fluit_buf *out)
{
    struct fluit_buf text = FLUIT_BUF_INIT;
    struct fluit_slice bytes;
    struct fluit_body body = {0};
    enum fluit_err err = open_entry(node, &part->origin, &text, &bytes);
    if (!err)
        err = fluit_body_get(&body, bytes);
    if (!err && body.act.kind != FLUIT_KIND_PHOTO)
        err = FLUIT_E_MISSING;
    if (!err) {
        fluit_buf_put(out, body.act.photo.data.data, body.act.photo.data.len);
        err = out->err;
    }
    fluit_body_deinit(&body);
    if (text.data)
        fluit_wipe(text.data, text.cap);
    fluit_buf_deinit(&text);
    return err;
}

enum fluit_err fluit_node_photo(struct fluit_node *node, const struct fluit_photo *photo,
                                struct fluit_buf *out)
{
    struct fluit_jpeg jpeg = {0};
    size_t start = out->len;
    if (photo->have < photo->parts)
        return FLUIT_E_MISSING;
    for (uint8_t i = 0; i < photo->parts; i++) {
        enum fluit_err err = fluit_node_photo_part(node, fluit_photo_part(photo, i), out);
        if (err)
            return err;
    }
    fluit_jpeg_next(&jpeg, fluit_slice(out->data + start, out->len - start));
    return fluit_jpeg_ended(&jpeg) ? FLUIT_OK : FLUIT_E_FORMAT;
}
