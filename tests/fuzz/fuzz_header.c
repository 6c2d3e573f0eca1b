/* What is accepted as a header is written again as the very same bytes. */
#include <string.h>

#include "proto/entry.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fluit_header header;
    uint8_t again[FLUIT_HEADER_LEN];
    if (len != FLUIT_HEADER_LEN || fluit_header_get(&header, data))
        return 0;
    fluit_header_put(&header, again);
    must(memcmp(data, again, FLUIT_HEADER_LEN) == 0);
    return 0;
}
