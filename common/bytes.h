/* bytes.h: byte slices, a growing buffer with a sticky error, and fixed-size ids.
 *
 * A slice borrows; a buffer owns. No function here is thread-safe on shared storage. */
#ifndef FLUIT_BYTES_H
#define FLUIT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* Bytes borrowed from their owner; data may be NULL only when len is 0. */
struct fluit_slice {
    const uint8_t *data;
    size_t len;
};

static inline struct fluit_slice fluit_slice(const void *data, size_t len)
{
    return (struct fluit_slice){data, len};
}

/* Slice of a C string, without its NUL. NULL gives the empty slice. */
struct fluit_slice fluit_slice_str(const char *text);
bool fluit_slice_eq(struct fluit_slice a, struct fluit_slice b);
bool fluit_slice_is(struct fluit_slice a, const char *text);

/* A growing buffer. The first failure is kept in err and later puts do nothing, so a caller checks
 * once at the end. Zero-initialise, or use FLUIT_BUF_INIT; free with fluit_buf_deinit. */
struct fluit_buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    enum fluit_err err;
};
#define FLUIT_BUF_INIT ((struct fluit_buf){0})

void fluit_buf_deinit(struct fluit_buf *buf);
/* Empties it and forgets an error; keeps the storage. */
void fluit_buf_reset(struct fluit_buf *buf);
/* Room for len more bytes; returns where they go (already counted), or NULL with err set. */
uint8_t *fluit_buf_extend(struct fluit_buf *buf, size_t len);
void fluit_buf_put(struct fluit_buf *buf, const void *data, size_t len);
void fluit_buf_puts(struct fluit_buf *buf, const char *text);
void fluit_buf_printf(struct fluit_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* NUL-terminates without counting the NUL; returns the text, or "" after an error. */
const char *fluit_buf_text(struct fluit_buf *buf);
static inline struct fluit_slice fluit_buf_slice(const struct fluit_buf *buf)
{
    return fluit_slice(buf->data, buf->len);
}

/* Big-endian integers at p. */
void fluit_put_u16(uint8_t *p, uint16_t value);
void fluit_put_u32(uint8_t *p, uint32_t value);
void fluit_put_u64(uint8_t *p, uint64_t value);
uint16_t fluit_get_u16(const uint8_t *p);
uint32_t fluit_get_u32(const uint8_t *p);
uint64_t fluit_get_u64(const uint8_t *p);

/* Lower-case hex of len bytes into out[2 * len + 1]. */
void fluit_hex(const uint8_t *data, size_t len, char *out);
/* Hex into out[len]; FORMAT unless text is exactly 2 * len hex digits. */
FLUIT_MUST_CHECK enum fluit_err fluit_unhex(const char *text, uint8_t *out, size_t len);

/* Valid UTF-8 with no control characters but newline and tab (what people type). */
bool fluit_text_ok(struct fluit_slice text);

#endif
