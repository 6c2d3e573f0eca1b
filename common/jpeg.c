#include "common/jpeg.h"

#define SOF0  0xc0 /* frames: baseline, extended, */
#define SOF2  0xc2 /* progressive */
#define DHT   0xc4
#define RST0  0xd0
#define RST7  0xd7
#define SOI   0xd8
#define EOI   0xd9
#define SOS   0xda
#define DQT   0xdb
#define DRI   0xdd
#define APP0  0xe0
#define APP14 0xee

/*
 *   START -> SOI -> BETWEEN -> MARKER -> LENGTH_HIGH -> LENGTH_LOW -> SEGMENT -> BETWEEN ...
 *                                 \                                      \-(SOS)-> SCAN
 *                                  \-(EOI)-> ENDED          SCAN <-> SCAN_MARKER -> as MARKER
 */
enum state {
    START,
    SECOND,
    BETWEEN,
    MARKER,
    LENGTH_HIGH,
    LENGTH_LOW,
    SEGMENT,
    SCAN,
    SCAN_MARKER,
    ENDED,
    REFUSED,
};

static enum state on_marker(struct fluit_jpeg *jpeg, uint8_t marker)
{
    jpeg->marker = marker;
    jpeg->at = 0;
    switch (marker) {
    case 0xff: /* fill */
        return MARKER;
    case EOI:
        return jpeg->scans ? ENDED : REFUSED;
    case SOF0:
    case SOF0 + 1:
    case SOF2:
        return jpeg->framed ? REFUSED : LENGTH_HIGH;
    case SOS:
        return jpeg->framed ? LENGTH_HIGH : REFUSED;
    case DHT:
    case DQT:
    case DRI:
    case APP0:
    case APP14:
        return LENGTH_HIGH;
    default:
        return REFUSED;
    }
}

static enum state after_segment(struct fluit_jpeg *jpeg)
{
    bool frame = jpeg->marker >= SOF0 && jpeg->marker <= SOF2;
    if (frame && !jpeg->framed)
        return REFUSED; /* it was too short to say its size */
    jpeg->scans |= jpeg->marker == SOS;
    return jpeg->marker == SOS ? SCAN : BETWEEN;
}

static bool is_side(uint32_t pixels)
{
    return pixels > 0 && pixels <= FLUIT_PHOTO_SIDE_MAX;
}

/* A frame begins with its precision, height and width. */
static bool takes_frame(struct fluit_jpeg *jpeg, uint8_t byte)
{
    if (jpeg->at == 1 || jpeg->at == 2)
        jpeg->height = jpeg->height << 8 | byte;
    if (jpeg->at == 3 || jpeg->at == 4)
        jpeg->width = jpeg->width << 8 | byte;
    jpeg->framed |= jpeg->at == 4;
    return jpeg->at != 4 || (is_side(jpeg->height) && is_side(jpeg->width));
}

static enum state on_segment(struct fluit_jpeg *jpeg, uint8_t byte)
{
    if (jpeg->marker >= SOF0 && jpeg->marker <= SOF2 && !takes_frame(jpeg, byte))
        return REFUSED;
    jpeg->at++;
    return --jpeg->left ? SEGMENT : after_segment(jpeg);
}

static enum state on_scan_marker(struct fluit_jpeg *jpeg, uint8_t byte)
{
    if (byte == 0 || (byte >= RST0 && byte <= RST7))
        return SCAN;
    return byte == 0xff ? SCAN_MARKER : on_marker(jpeg, byte);
}

static enum state on_length(struct fluit_jpeg *jpeg, uint8_t byte)
{
    uint32_t len = jpeg->left << 8 | byte;
    if (len < 2)
        return REFUSED;
    jpeg->left = len - 2;
    return jpeg->left ? SEGMENT : after_segment(jpeg);
}

static enum state on_byte(struct fluit_jpeg *jpeg, uint8_t byte)
{
    switch ((enum state)jpeg->state) {
    case START:
        return byte == 0xff ? SECOND : REFUSED;
    case SECOND:
        return byte == SOI ? BETWEEN : REFUSED;
    case BETWEEN:
        return byte == 0xff ? MARKER : REFUSED;
    case MARKER:
        return on_marker(jpeg, byte);
    case LENGTH_HIGH:
        jpeg->left = byte;
        return LENGTH_LOW;
    case LENGTH_LOW:
        return on_length(jpeg, byte);
    case SEGMENT:
        return on_segment(jpeg, byte);
    case SCAN:
        return byte == 0xff ? SCAN_MARKER : SCAN;
    case SCAN_MARKER:
        return on_scan_marker(jpeg, byte);
    case ENDED:
    case REFUSED:
        break;
    }
    return REFUSED;
}

bool fluit_jpeg_next(struct fluit_jpeg *jpeg, struct fluit_slice bytes)
{
    for (size_t i = 0; i < bytes.len && jpeg->state != REFUSED; i++)
        jpeg->state = (int)on_byte(jpeg, bytes.data[i]);
    return jpeg->state != REFUSED;
}

bool fluit_jpeg_ended(const struct fluit_jpeg *jpeg)
{
    return jpeg->state == ENDED;
}
