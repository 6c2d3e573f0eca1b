/* Photos and base64. What is taken for a plain JPEG is so in whatever pieces it comes, and has
 * only segments that a picture needs, found here by lengths. Base64 that is taken is what we
 * write. */
#include <string.h>

#include "common/base64.h"
#include "common/jpeg.h"
#include "tests/fuzz/fuzz.h"

static bool ended_in_pieces(const uint8_t *data, size_t len, size_t piece)
{
    struct fluit_jpeg jpeg = {0};
    for (size_t at = 0; at < len; at += piece)
        fluit_jpeg_next(&jpeg, fluit_slice(data + at, len - at < piece ? len - at : piece));
    return fluit_jpeg_ended(&jpeg);
}

/* Where the scan that begins there ends: at its next marker. */
static size_t after_scan(const uint8_t *data, size_t len, size_t at)
{
    for (; at + 1 < len; at++)
        if (data[at] == 0xff && data[at + 1] != 0xff && data[at + 1] != 0 &&
            (data[at + 1] < 0xd0 || data[at + 1] > 0xd7))
            return at;
    must(0);
    return len;
}

static void check_segments(const uint8_t *data, size_t len)
{
    static const char allowed[] = "\xc0\xc1\xc2\xc4\xda\xdb\xdd\xe0\xee";
    size_t at = 2;
    must(data[0] == 0xff && data[1] == 0xd8);
    for (;;) {
        must(at + 1 < len && data[at] == 0xff);
        while (data[at + 1] == 0xff)
            must(++at + 1 < len);
        uint8_t marker = data[at + 1];
        if (marker == 0xd9) {
            must(at + 2 == len);
            return;
        }
        must(marker && strchr(allowed, (char)marker) && at + 3 < len);
        at += 2 + (size_t)(data[at + 2] << 8 | data[at + 3]);
        if (marker == 0xda)
            at = after_scan(data, len, at);
    }
}

static void check_base64(struct fluit_slice bytes)
{
    struct fluit_buf text = FLUIT_BUF_INIT, again = FLUIT_BUF_INIT;
    fluit_base64_put(&text, bytes);
    must(fluit_base64_get(&again, fluit_buf_slice(&text)) == FLUIT_OK);
    must(fluit_slice_eq(fluit_buf_slice(&again), bytes));
    fluit_buf_reset(&again);
    if (fluit_base64_get(&again, bytes) == FLUIT_OK) {
        fluit_buf_reset(&text);
        fluit_base64_put(&text, fluit_buf_slice(&again));
        must(fluit_slice_eq(fluit_buf_slice(&text), bytes));
    }
    fluit_buf_deinit(&again);
    fluit_buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    bool ended = ended_in_pieces(data, len, len ? len : 1);
    must(ended == ended_in_pieces(data, len, 1));
    if (ended)
        check_segments(data, len);
    check_base64(fluit_slice(data, len));
    return 0;
}
