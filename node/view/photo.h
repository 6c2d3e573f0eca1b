/* photo.h: photos of paper boards, as pages see them and ask for them. */
#ifndef FLUIT_VIEW_PHOTO_H
#define FLUIT_VIEW_PHOTO_H

#include "node/view/parts.h"

/* Those of a table, in an array that is open; with_table: each says whose it is. */
void fluit_view_photos(struct fluit_view *view, const struct fluit_node *node, uint8_t table,
                       bool with_table);

/* "photo_data": a part of a photo of that table, in base64; the answer's members after "ok". "" or
 * why not. */
const char *fluit_view_photo_data(struct fluit_view *view, struct fluit_node *node, uint8_t table,
                                  const struct fluit_note_id *id, int part);

#endif
