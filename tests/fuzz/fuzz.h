/* fuzz.h: what libFuzzer calls. A check that fails is a finding. */
#ifndef FLUIT_FUZZ_H
#define FLUIT_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static inline void must(int holds)
{
    if (!holds)
        abort();
}

#endif
