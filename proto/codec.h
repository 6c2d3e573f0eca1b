/* codec.h: msgpack out and in, for everything that is not a fixed layout. PROTOCOL.md "Encoding".
 *
 * Only nil, bool, integers, str, bin and array travel. Numbers and lengths are written in their
 * shortest form and read in any: what is signed and hashed are bytes, never values.
 *
 * Writing appends to a fluit_buf (sticky error). Reading scans first (depth, counts within the
 * bytes left, exactly one value and nothing after it), then unpacks, then walks it in order with a
 * sticky error: a caller reads straight on and checks reader.err once. What a peer can make a
 * reader allocate is bounded by FLUIT_VALUES_MAX. */
#ifndef FLUIT_CODEC_H
#define FLUIT_CODEC_H

#include "common/bytes.h"
#include "common/limits.h"

void fluit_pack_array(struct fluit_buf *out, uint32_t count);
void fluit_pack_uint(struct fluit_buf *out, uint64_t value);
void fluit_pack_int(struct fluit_buf *out, int64_t value);
void fluit_pack_bool(struct fluit_buf *out, bool value);
void fluit_pack_nil(struct fluit_buf *out);
void fluit_pack_bin(struct fluit_buf *out, const void *data, size_t len);
void fluit_pack_str(struct fluit_buf *out, struct fluit_slice text);

struct fluit_reader {
    enum fluit_err err; /* sticky: FORMAT, LIMIT or NOMEM */
    void *zone;         /* private from here */
    int depth;
    struct {
        const void *items;
        uint32_t next, count;
    } stack[FLUIT_NEST_MAX + 1];
};

/* Opens one msgpack value for reading; bytes must outlive the reader. FORMAT; LIMIT for one that is
 * too deep or of too many values; NOMEM. err is set, too. Always pair with fluit_reader_deinit,
 * also after an error. */
FLUIT_MUST_CHECK enum fluit_err fluit_reader_init(struct fluit_reader *r, struct fluit_slice bytes);
void fluit_reader_deinit(struct fluit_reader *r);

/* Enters the array that comes next and returns its count; 0 after an error. Leave it when its
 * items were read: leaving with items unread is FORMAT (nobody may smuggle). */
uint32_t fluit_read_array(struct fluit_reader *r);
void fluit_read_array_end(struct fluit_reader *r);
/* Enters an array that must have exactly count items. */
void fluit_read_array_of(struct fluit_reader *r, uint32_t count);
/* An unsigned integer up to max, else FORMAT; 0 after an error. */
uint64_t fluit_read_uint(struct fluit_reader *r, uint64_t max);
int64_t fluit_read_int(struct fluit_reader *r);
bool fluit_read_bool(struct fluit_reader *r);
/* True, and consumed, if nil comes next. */
bool fluit_read_nil(struct fluit_reader *r);
/* Raw bytes of at most max_len, else LIMIT; borrowed from the bytes. Empty after an error. */
struct fluit_slice fluit_read_bin(struct fluit_reader *r, size_t max_len);
/* Raw bytes of exactly len into out; zeros after an error. */
void fluit_read_fixed(struct fluit_reader *r, void *out, size_t len);
/* UTF-8 text (fluit_text_ok) of at most max_len bytes, else LIMIT; borrowed, too. */
struct fluit_slice fluit_read_str(struct fluit_reader *r, size_t max_len);

#endif
