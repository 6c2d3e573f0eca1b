#include "common/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void fluit_base64_put(struct fluit_buf *out, struct fluit_slice bytes)
{
    char *to = bytes.len ? (char *)fluit_buf_extend(out, (bytes.len + 2) / 3 * 4) : NULL;
    for (size_t i = 0; to && i < bytes.len; i += 3, to += 4) {
        size_t left = bytes.len - i;
        uint32_t group = (uint32_t)bytes.data[i] << 16;
        group |= left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0;
        group |= left > 2 ? bytes.data[i + 2] : 0;
        to[0] = digits[group >> 18];
        to[1] = digits[group >> 12 & 63];
        to[2] = left > 1 ? digits[group >> 6 & 63] : '=';
        to[3] = left > 2 ? digits[group & 63] : '=';
    }
}

static int value_of(uint8_t digit)
{
    const char *at = digit ? strchr(digits, digit) : NULL;
    return at ? (int)(at - digits) : -1;
}

enum fluit_err fluit_base64_get(struct fluit_buf *out, struct fluit_slice text)
{
    size_t pad = 0;
    if (text.len % 4)
        return FLUIT_E_FORMAT;
    while (pad < 2 && pad < text.len && text.data[text.len - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t count = i + 4 == text.len ? 3 - pad : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int value = k > count ? 0 : value_of(text.data[i + k]);
            if (value < 0)
                return FLUIT_E_FORMAT;
            group = group << 6 | (uint32_t)value;
        }
        uint8_t bytes[3] = {(uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group};
        if ((count < 3 && bytes[2]) || (count < 2 && bytes[1]))
            return FLUIT_E_FORMAT; /* bits that would be lost */
        fluit_buf_put(out, bytes, count);
    }
    return out->err;
}
