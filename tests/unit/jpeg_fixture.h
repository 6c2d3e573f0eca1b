/* jpeg_fixture.h: a file of the segments that a plain JPEG has, as long as a test likes. */
#ifndef JPEG_FIXTURE_H
#define JPEG_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "common/base64.h"

#define FIXTURE_SOF "\xff\xc0\0\x0b\x08\x01\x00\x02\x00\x01\x01\x11\0" /* 512 x 256 pixels */
#define FIXTURE_SOS "\xff\xda\0\x08\x01\x01\0\0\x3f\0"

static inline void fixture_put(struct fluit_buf *out, const char *bytes, size_t len)
{
    fluit_buf_put(out, bytes, len);
}
#define PUT_BYTES(out, text) fixture_put((out), (text), sizeof(text) - 1)

static inline void fixture_jpeg_begin(struct fluit_buf *out)
{
    PUT_BYTES(out, "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0");
    PUT_BYTES(out, "\xff\xdb\0\x05\0\1\2");
}

static inline void fixture_jpeg_end(struct fluit_buf *out, size_t scan_len)
{
    PUT_BYTES(out, FIXTURE_SOF "\xff\xc4\0\x04\1\2" FIXTURE_SOS);
    for (size_t i = 0; i < scan_len; i++)
        PUT_BYTES(out, "x");
    PUT_BYTES(out, "\xff\0\xff\xd3\xff\xd9");
}

/* Its scan is that long. */
static inline void fixture_jpeg(struct fluit_buf *out, size_t scan_len)
{
    fixture_jpeg_begin(out);
    fixture_jpeg_end(out, scan_len);
}

#endif
