/* Any bytes are an error or an act; an act can be written, and then stays the same. */
#include "proto/body.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct fluit_act *act)
{
    struct fluit_buf once = FLUIT_BUF_INIT, twice = FLUIT_BUF_INIT;
    struct fluit_body body;
    fluit_body_put(&once, act);
    must(!once.err);
    must(!fluit_body_get(&body, fluit_buf_slice(&once)));
    fluit_body_put(&twice, &body.act);
    must(fluit_slice_eq(fluit_buf_slice(&once), fluit_buf_slice(&twice)));
    fluit_body_deinit(&body);
    fluit_buf_deinit(&twice);
    fluit_buf_deinit(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fluit_body body;
    if (!fluit_body_get(&body, fluit_slice(data, len)))
        check(&body.act);
    fluit_body_deinit(&body);
    return 0;
}
