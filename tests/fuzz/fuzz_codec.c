/* Reads a value in an order of the fuzzer's choice: a byte that counts the reads, the reads, the
 * value. What a read returns must lie within the value. */
#include "proto/codec.h"
#include "tests/fuzz/fuzz.h"

#define LEN_MAX 64

static void must_lie_in(struct fluit_slice part, struct fluit_slice all)
{
    if (part.len == 0)
        return;
    must(part.len <= LEN_MAX && part.data >= all.data);
    must(part.data + part.len <= all.data + all.len);
}

static void read_one(struct fluit_reader *r, uint8_t how, struct fluit_slice value, int *open)
{
    uint8_t fixed[16];
    switch (how % 9) {
    case 0:
        fluit_read_array(r);
        *open += !r->err;
        break;
    case 1:
        if (*open)
            fluit_read_array_end(r);
        *open -= *open && !r->err;
        break;
    case 2:
        must(fluit_read_uint(r, how) <= how);
        break;
    case 3:
        fluit_read_int(r);
        break;
    case 4:
        fluit_read_bool(r);
        break;
    case 5:
        fluit_read_nil(r);
        break;
    case 6:
        must_lie_in(fluit_read_bin(r, LEN_MAX), value);
        break;
    case 7:
        must_lie_in(fluit_read_str(r, LEN_MAX), value);
        break;
    default:
        fluit_read_fixed(r, fixed, sizeof fixed);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t reads = len ? data[0] : 0;
    if (len < 1 + reads)
        return 0;
    struct fluit_slice value = fluit_slice(data + 1 + reads, len - 1 - reads);
    struct fluit_reader r;
    int open = 0;
    enum fluit_err err = fluit_reader_init(&r, value);
    must(err == r.err);
    for (size_t i = 1; i <= reads && !r.err; i++)
        read_one(&r, data[i], value, &open);
    fluit_reader_deinit(&r);
    return 0;
}
