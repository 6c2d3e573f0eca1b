#include "common/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fluit_slice fluit_slice_str(const char *text)
{
    return text ? fluit_slice(text, strlen(text)) : fluit_slice(NULL, 0);
}

bool fluit_slice_eq(struct fluit_slice a, struct fluit_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool fluit_slice_is(struct fluit_slice a, const char *text)
{
    return fluit_slice_eq(a, fluit_slice_str(text));
}

void fluit_buf_deinit(struct fluit_buf *buf)
{
    free(buf->data);
    *buf = FLUIT_BUF_INIT;
}

void fluit_buf_reset(struct fluit_buf *buf)
{
    buf->len = 0;
    buf->err = FLUIT_OK;
}

static bool reserve(struct fluit_buf *buf, size_t more)
{
    if (buf->err)
        return false;
    if (more > SIZE_MAX / 2 - buf->len) {
        buf->err = FLUIT_E_LIMIT;
        return false;
    }
    size_t need = buf->len + more;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap *= 2;
    uint8_t *data = realloc(buf->data, cap);
    if (!data) {
        buf->err = FLUIT_E_NOMEM;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

uint8_t *fluit_buf_extend(struct fluit_buf *buf, size_t len)
{
    if (!reserve(buf, len))
        return NULL;
    uint8_t *p = buf->data + buf->len;
    buf->len += len;
    return p;
}

void fluit_buf_put(struct fluit_buf *buf, const void *data, size_t len)
{
    if (len == 0)
        return;
    uint8_t *p = fluit_buf_extend(buf, len);
    if (p)
        memcpy(p, data, len);
}

void fluit_buf_puts(struct fluit_buf *buf, const char *text)
{
    fluit_buf_put(buf, text, strlen(text));
}

void fluit_buf_printf(struct fluit_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        buf->err = FLUIT_E_FORMAT;
        return;
    }
    if (!reserve(buf, (size_t)len + 1))
        return;
    va_start(args, format);
    vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

const char *fluit_buf_text(struct fluit_buf *buf)
{
    if (!reserve(buf, 1))
        return "";
    buf->data[buf->len] = 0;
    return (const char *)buf->data;
}

void fluit_put_u16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

void fluit_put_u32(uint8_t *p, uint32_t value)
{
    fluit_put_u16(p, (uint16_t)(value >> 16));
    fluit_put_u16(p + 2, (uint16_t)value);
}

void fluit_put_u64(uint8_t *p, uint64_t value)
{
    fluit_put_u32(p, (uint32_t)(value >> 32));
    fluit_put_u32(p + 4, (uint32_t)value);
}

uint16_t fluit_get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t fluit_get_u32(const uint8_t *p)
{
    return (uint32_t)fluit_get_u16(p) << 16 | fluit_get_u16(p + 2);
}

uint64_t fluit_get_u64(const uint8_t *p)
{
    return (uint64_t)fluit_get_u32(p) << 32 | fluit_get_u32(p + 4);
}

void fluit_hex(const uint8_t *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum fluit_err fluit_unhex(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len)
        return FLUIT_E_FORMAT;
    for (size_t i = 0; i < 2 * len; i++)
        if (hex_value(text[i]) < 0)
            return FLUIT_E_FORMAT;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(hex_value(text[2 * i]) * 16 + hex_value(text[2 * i + 1]));
    return FLUIT_OK;
}

/* Length of the well-formed UTF-8 sequence at p (RFC 3629), or 0. */
static size_t utf8_len(const uint8_t *p, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80       ? 1
                 : p[0] >> 5 == 6  ? 2
                 : p[0] >> 4 == 14 ? 3
                 : p[0] >> 3 == 30 ? 4
                                   : 0;
    if (len == 0 || len > left)
        return 0;
    if (len == 1)
        return 1;
    uint32_t code = p[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        code = code << 6 | (p[i] & 63);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[len] || surrogate || code > 0x10ffff ? 0 : len;
}

bool fluit_text_ok(struct fluit_slice text)
{
    for (size_t i = 0; i < text.len;) {
        uint8_t c = text.data[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            return false;
        size_t len = utf8_len(text.data + i, text.len - i);
        if (len == 0)
            return false;
        /* C1 controls steer terminals too. */
        if (len == 2 && c == 0xc2 && text.data[i + 1] < 0xa0)
            return false;
        i += len;
    }
    return true;
}
