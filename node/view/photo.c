#include "node/view/photo.h"

#include "common/base64.h"

static void put_photo(struct fluit_view *view, const struct fluit_node *node,
                      const struct fluit_photo *photo)
{
    const struct fluit_origin *newest = &photo->newest->origin;
    fluit_view_note_id(view, "id", &photo->id);
    fluit_doc_int(&view->doc, "round", newest->round);
    fluit_doc_int(&view->doc, "parts", photo->parts);
    fluit_doc_int(&view->doc, "have", photo->have);
    fluit_doc_int(&view->doc, "bytes", photo->bytes);
    fluit_doc_int(&view->doc, "seq", (int64_t)fluit_view_seq(node, newest));
    fluit_view_late(view, node->fold, newest);
}

void fluit_view_photos(struct fluit_view *view, const struct fluit_node *node, uint8_t table,
                       bool with_table)
{
    const struct fluit_table_fold *at = fluit_fold_table(node->fold, table);
    for (uint8_t round = 1; at && round <= node->script->round_count; round++) {
        struct fluit_photo photos[FLUIT_PHOTOS_MAX];
        size_t count = fluit_photos_of(&at->photos, round, photos);
        for (size_t i = 0; i < count; i++) {
            fluit_doc_object(&view->doc, NULL);
            if (with_table)
                fluit_doc_int(&view->doc, "table", table);
            put_photo(view, node, &photos[i]);
            fluit_doc_end(&view->doc);
        }
    }
}

static const char *put_data(struct fluit_view *view, struct fluit_node *node,
                            const struct fluit_photo *photo, int part, struct fluit_buf *bytes,
                            struct fluit_buf *text)
{
    size_t from = 0;
    enum fluit_err err = fluit_node_photo(node, photo, bytes);
    if (err == FLUIT_E_FORMAT)
        return "that is no picture that can be shown";
    if (err)
        return "that photo can't be read here";
    for (int i = 0; i < part; i++)
        from += fluit_photo_part(photo, (uint8_t)i)->len;
    size_t len = fluit_photo_part(photo, (uint8_t)part)->len;
    if (from + len > bytes->len)
        return "that photo can't be read here";
    fluit_base64_put(text, fluit_slice(bytes->data + from, len));
    fluit_doc_int(&view->doc, "parts", photo->parts);
    fluit_doc_str(&view->doc, "data", fluit_buf_text(text));
    view->doc.failed |= text->err != FLUIT_OK;
    return "";
}

static void forget(struct fluit_buf *buf)
{
    if (buf->data)
        fluit_wipe(buf->data, buf->cap);
    fluit_buf_deinit(buf);
}

const char *fluit_view_photo_data(struct fluit_view *view, struct fluit_node *node, uint8_t table,
                                  const struct fluit_note_id *id, int part)
{
    const struct fluit_table_fold *at = fluit_fold_table(node->fold, table);
    struct fluit_buf bytes = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    struct fluit_photo photo;
    if (!at || !fluit_photos_find(&at->photos, id, &photo))
        return "there is no such photo";
    if (photo.have < photo.parts)
        return "that photo is not all here yet";
    if (part < 0 || part >= photo.parts)
        return "that photo has no such part";
    const char *why = put_data(view, node, &photo, part, &bytes, &text);
    forget(&bytes);
    forget(&text);
    return why;
}
