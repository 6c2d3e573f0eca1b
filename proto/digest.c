#include "proto/digest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROW_LEN 72

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

struct fluit_hash fluit_heads_digest(const struct fluit_feed_info *infos, size_t count)
{
    assert(count <= FLUIT_FEEDS_MAX);
    uint8_t rows[FLUIT_FEEDS_MAX][ROW_LEN];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (infos[i].seq == 0)
            continue;
        uint8_t *row = rows[used++];
        memcpy(row, infos[i].id.b, 32);
        fluit_put_u64(row + 32, infos[i].seq);
        memcpy(row + 40, infos[i].hash.b, 32);
    }
    qsort(rows, used, ROW_LEN, by_id);
    return fluit_hash1("fluit digest", rows, used * ROW_LEN);
}
