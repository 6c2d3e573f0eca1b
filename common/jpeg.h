/* jpeg.h: is that a plain JPEG? It is never decoded here: only its segments are walked, as they
 * come, so that nothing but a picture is passed on: no Exif with a place in it, no second picture
 * behind the first. PROTOCOL.md "Photos". */
#ifndef FLUIT_JPEG_H
#define FLUIT_JPEG_H

#include "common/bytes.h"
#include "common/limits.h"

/* Zero-initialise. */
struct fluit_jpeg {
    int state;              /* private */
    uint8_t marker;         /* of the segment in hand */
    uint32_t left, at;      /* bytes of it to come, and that came */
    uint32_t width, height; /* of the frame */
    bool framed, scans;     /* its size is known; its picture has begun */
};

/* The next bytes of the file. False, from then on, if it can't be one: it is no JPEG, has an APP
 * segment other than APP0 and APP14, a comment, a side over FLUIT_PHOTO_SIDE_MAX, or bytes after
 * its end. */
bool fluit_jpeg_next(struct fluit_jpeg *jpeg, struct fluit_slice bytes);
/* Was that all of it? */
bool fluit_jpeg_ended(const struct fluit_jpeg *jpeg);

#endif
