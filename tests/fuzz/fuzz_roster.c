/* Rosters that root signed, whatever is in them: an error, or a roster that can be written again
 * and then reads the same. */
#include <string.h>

#include "proto/roster.h"
#include "tests/fuzz/fuzz.h"

static const struct fluit_workshop_id workshop = {{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}};

static struct fluit_sign_pk root;
static struct fluit_sign_sk root_sk;

static enum fluit_err get(struct fluit_roster *roster, struct fluit_slice bytes)
{
    struct fluit_sig sig = fluit_roster_sign(&root_sk, bytes);
    return fluit_roster_get(roster, &root, &workshop, bytes, &sig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct fluit_secret seed = {{1}};
    fluit_sign_keypair(&seed, &root, &root_sk);
    struct fluit_roster roster = {0}, again = {0};
    struct fluit_slice bytes;
    struct fluit_sig sig;
    struct fluit_buf out = FLUIT_BUF_INIT;
    if (!fluit_roster_body_get(fluit_slice(data, len), &bytes, &sig))
        must(bytes.data >= data && bytes.data + bytes.len <= data + len);
    if (!get(&roster, fluit_slice(data, len))) {
        must(roster.count <= FLUIT_NODES_MAX);
        fluit_roster_put(&roster, &workshop, &out);
        must(!get(&again, fluit_buf_slice(&out)) && again.revision == roster.revision);
        must(again.count == roster.count);
    }
    fluit_buf_deinit(&out);
    fluit_roster_deinit(&again);
    fluit_roster_deinit(&roster);
    return 0;
}
