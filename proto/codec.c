#include "proto/codec.h"

#include <assert.h>
#include <msgpack.h>
#include <string.h>

static int append(void *out, const char *data, size_t len)
{
    struct fluit_buf *buf = out;
    fluit_buf_put(buf, data, len);
    return buf->err ? -1 : 0;
}

static msgpack_packer packer_to(struct fluit_buf *out)
{
    return (msgpack_packer){.data = out, .callback = append};
}

void fluit_pack_array(struct fluit_buf *out, uint32_t count)
{
    msgpack_packer packer = packer_to(out);
    msgpack_pack_array(&packer, count);
}

void fluit_pack_uint(struct fluit_buf *out, uint64_t value)
{
    msgpack_packer packer = packer_to(out);
    msgpack_pack_uint64(&packer, value);
}

void fluit_pack_int(struct fluit_buf *out, int64_t value)
{
    msgpack_packer packer = packer_to(out);
    msgpack_pack_int64(&packer, value);
}

void fluit_pack_bool(struct fluit_buf *out, bool value)
{
    msgpack_packer packer = packer_to(out);
    if (value)
        msgpack_pack_true(&packer);
    else
        msgpack_pack_false(&packer);
}

void fluit_pack_nil(struct fluit_buf *out)
{
    msgpack_packer packer = packer_to(out);
    msgpack_pack_nil(&packer);
}

/* msgpack's lengths have 32 bits. */
static bool fits(struct fluit_buf *out, size_t len)
{
    if (len > UINT32_MAX && !out->err)
        out->err = FLUIT_E_LIMIT;
    return !out->err;
}

void fluit_pack_bin(struct fluit_buf *out, const void *data, size_t len)
{
    msgpack_packer packer = packer_to(out);
    if (fits(out, len) && msgpack_pack_bin(&packer, len) == 0)
        fluit_buf_put(out, data, len);
}

void fluit_pack_str(struct fluit_buf *out, struct fluit_slice text)
{
    msgpack_packer packer = packer_to(out);
    if (fits(out, text.len) && msgpack_pack_str(&packer, text.len) == 0)
        fluit_buf_put(out, text.data, text.len);
}

/* What comes after a tag byte: a number of so many bytes, which is a value or a length. */
enum shape {
    SHAPE_REFUSED, /* map, ext, float and the tag that is never used */
    SHAPE_VALUE,
    SHAPE_BYTES, /* that many bytes follow */
    SHAPE_ARRAY, /* that many values follow */
};

static const struct {
    uint8_t first, last; /* tags */
    enum shape shape;
    uint8_t width; /* bytes of the number after the first tag, doubling with each tag */
    uint8_t mask;  /* with width 0: the bits of the tag that are the length */
} shapes[] = {
    {0x00, 0x7f, SHAPE_VALUE, 0, 0},    {0x90, 0x9f, SHAPE_ARRAY, 0, 0x0f},
    {0xa0, 0xbf, SHAPE_BYTES, 0, 0x1f}, {0xc0, 0xc0, SHAPE_VALUE, 0, 0},
    {0xc2, 0xc3, SHAPE_VALUE, 0, 0},    {0xc4, 0xc6, SHAPE_BYTES, 1, 0},
    {0xcc, 0xcf, SHAPE_VALUE, 1, 0},    {0xd0, 0xd3, SHAPE_VALUE, 1, 0},
    {0xd9, 0xdb, SHAPE_BYTES, 1, 0},    {0xdc, 0xdd, SHAPE_ARRAY, 2, 0},
    {0xe0, 0xff, SHAPE_VALUE, 0, 0},
};

/* Takes a tag and its number from the front of in; length is 0 for a VALUE. */
static enum shape take_head(struct fluit_slice *in, size_t *length)
{
    uint8_t tag = in->len ? in->data[0] : 0xc1;
    size_t i = 0;
    while (tag > shapes[i].last) /* the last row ends at 0xff */
        i++;
    if (tag < shapes[i].first)
        return SHAPE_REFUSED;
    size_t width = shapes[i].width ? (size_t)shapes[i].width << (tag - shapes[i].first) : 0;
    if (in->len < 1 + width)
        return SHAPE_REFUSED;
    size_t number = tag & shapes[i].mask;
    for (size_t k = 1; k <= width; k++)
        number = number << 8 | in->data[k];
    *in = fluit_slice(in->data + 1 + width, in->len - 1 - width);
    *length = shapes[i].shape == SHAPE_VALUE ? 0 : number;
    return shapes[i].shape;
}

/* The library reserves what a count claims before it sees the bytes: nothing gets there whose
 * claims are not true. */
static enum fluit_err scan(struct fluit_slice in)
{
    size_t to_come[FLUIT_NEST_MAX + 1] = {1}; /* values, at each depth */
    size_t values = 0;
    int depth = 0;
    while (depth >= 0) {
        if (to_come[depth] == 0) {
            depth--;
            continue;
        }
        to_come[depth]--;
        size_t length = 0;
        enum shape shape = take_head(&in, &length);
        if (shape == SHAPE_REFUSED || length > in.len)
            return FLUIT_E_FORMAT;
        if (++values > FLUIT_VALUES_MAX)
            return FLUIT_E_LIMIT;
        if (shape == SHAPE_BYTES)
            in = fluit_slice(in.data + length, in.len - length);
        if (shape == SHAPE_ARRAY && depth == FLUIT_NEST_MAX)
            return FLUIT_E_LIMIT;
        if (shape == SHAPE_ARRAY)
            to_come[++depth] = length;
    }
    return in.len ? FLUIT_E_FORMAT : FLUIT_OK;
}

static enum fluit_err unpack(struct fluit_reader *r, struct fluit_slice bytes)
{
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t offset = 0;
    int got = msgpack_unpack_next(&unpacked, (const char *)bytes.data, bytes.len, &offset);
    r->zone = msgpack_unpacked_release_zone(&unpacked);
    if (got == MSGPACK_UNPACK_NOMEM_ERROR)
        return FLUIT_E_NOMEM;
    if (got != MSGPACK_UNPACK_SUCCESS || offset != bytes.len)
        return FLUIT_E_FORMAT;
    if (!r->zone) /* the library makes one only for an array */
        r->zone = msgpack_zone_new(sizeof unpacked.data);
    msgpack_object *root = r->zone ? msgpack_zone_malloc(r->zone, sizeof *root) : NULL;
    if (!root)
        return FLUIT_E_NOMEM;
    *root = unpacked.data;
    r->stack[0].items = root;
    r->stack[0].count = 1;
    return FLUIT_OK;
}

enum fluit_err fluit_reader_init(struct fluit_reader *r, struct fluit_slice bytes)
{
    memset(r, 0, sizeof *r);
    r->err = scan(bytes);
    if (!r->err)
        r->err = unpack(r, bytes);
    return r->err;
}

void fluit_reader_deinit(struct fluit_reader *r)
{
    if (r->zone)
        msgpack_zone_free(r->zone);
    r->zone = NULL;
}

static void fail(struct fluit_reader *r, enum fluit_err err)
{
    if (!r->err)
        r->err = err;
}

/* The item that comes next, or NULL at the end of its array or after an error. */
static const msgpack_object *peek(const struct fluit_reader *r)
{
    uint32_t next = r->stack[r->depth].next;
    if (r->err || next == r->stack[r->depth].count)
        return NULL;
    return (const msgpack_object *)r->stack[r->depth].items + next;
}

/* Consumes and returns the item that comes next if it is of this type, else NULL with err set. */
static const msgpack_object *take(struct fluit_reader *r, msgpack_object_type type)
{
    const msgpack_object *item = peek(r);
    if (!item || item->type != type) {
        fail(r, FLUIT_E_FORMAT);
        return NULL;
    }
    r->stack[r->depth].next++;
    return item;
}

uint32_t fluit_read_array(struct fluit_reader *r)
{
    const msgpack_object *item = take(r, MSGPACK_OBJECT_ARRAY);
    if (!item)
        return 0;
    assert(r->depth < FLUIT_NEST_MAX); /* the scan saw to it */
    r->depth++;
    r->stack[r->depth].items = item->via.array.ptr;
    r->stack[r->depth].next = 0;
    r->stack[r->depth].count = item->via.array.size;
    return item->via.array.size;
}

void fluit_read_array_end(struct fluit_reader *r)
{
    if (r->err)
        return;
    assert(r->depth > 0);
    if (peek(r))
        fail(r, FLUIT_E_FORMAT);
    else
        r->depth--;
}

void fluit_read_array_of(struct fluit_reader *r, uint32_t count)
{
    if (fluit_read_array(r) != count)
        fail(r, FLUIT_E_FORMAT);
}

uint64_t fluit_read_uint(struct fluit_reader *r, uint64_t max)
{
    const msgpack_object *item = take(r, MSGPACK_OBJECT_POSITIVE_INTEGER);
    if (item && item->via.u64 <= max)
        return item->via.u64;
    fail(r, FLUIT_E_FORMAT);
    return 0;
}

int64_t fluit_read_int(struct fluit_reader *r)
{
    const msgpack_object *item = peek(r);
    if (!item || item->type != MSGPACK_OBJECT_NEGATIVE_INTEGER)
        return (int64_t)fluit_read_uint(r, INT64_MAX);
    return take(r, MSGPACK_OBJECT_NEGATIVE_INTEGER)->via.i64;
}

bool fluit_read_bool(struct fluit_reader *r)
{
    const msgpack_object *item = take(r, MSGPACK_OBJECT_BOOLEAN);
    return item && item->via.boolean;
}

bool fluit_read_nil(struct fluit_reader *r)
{
    const msgpack_object *item = peek(r);
    return item && item->type == MSGPACK_OBJECT_NIL && take(r, MSGPACK_OBJECT_NIL);
}

struct fluit_slice fluit_read_bin(struct fluit_reader *r, size_t max_len)
{
    const msgpack_object *item = take(r, MSGPACK_OBJECT_BIN);
    if (item && item->via.bin.size <= max_len)
        return fluit_slice(item->via.bin.ptr, item->via.bin.size);
    fail(r, FLUIT_E_LIMIT);
    return fluit_slice(NULL, 0);
}

void fluit_read_fixed(struct fluit_reader *r, void *out, size_t len)
{
    struct fluit_slice bin = fluit_read_bin(r, len);
    if (bin.len != len)
        fail(r, FLUIT_E_FORMAT);
    memset(out, 0, len);
    if (!r->err)
        memcpy(out, bin.data, len);
}

struct fluit_slice fluit_read_str(struct fluit_reader *r, size_t max_len)
{
    const msgpack_object *item = take(r, MSGPACK_OBJECT_STR);
    if (!item)
        return fluit_slice(NULL, 0);
    struct fluit_slice text = fluit_slice(item->via.str.ptr, item->via.str.size);
    if (text.len > max_len)
        fail(r, FLUIT_E_LIMIT);
    else if (!fluit_text_ok(text))
        fail(r, FLUIT_E_FORMAT);
    return r->err ? fluit_slice(NULL, 0) : text;
}
