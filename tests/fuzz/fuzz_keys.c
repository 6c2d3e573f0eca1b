/* Any bytes are an error or a key entry; one that is written again reads the same, and opening it
 * gives the key it names or nothing. Also a key as the store keeps it. */
#include <string.h>

#include "proto/identity.h"
#include "proto/keys.h"
#include "tests/fuzz/fuzz.h"

static void check_entry(const struct fluit_key_entry *entry)
{
    static const struct fluit_secret seed = {{1}};
    static const struct fluit_workshop_id workshop = {{7}};
    struct fluit_identity reader;
    struct fluit_secret key;
    struct fluit_buf once = FLUIT_BUF_INIT, twice = FLUIT_BUF_INIT;
    struct fluit_key_entry again;
    fluit_key_entry_put(entry, &once);
    must(!fluit_key_entry_get(&again, fluit_buf_slice(&once)));
    fluit_key_entry_put(&again, &twice);
    must(fluit_slice_eq(fluit_buf_slice(&once), fluit_buf_slice(&twice)));
    fluit_identity_from_seed(&seed, &reader);
    if (!fluit_key_entry_open(entry, &workshop, &reader.read_pk, &reader.read_sk, &key)) {
        struct fluit_key_id id = fluit_key_id(&key);
        must(fluit_key_id_eq(&id, &entry->id));
    }
    fluit_buf_deinit(&twice);
    fluit_buf_deinit(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fluit_key_entry entry;
    struct fluit_held_key held;
    uint8_t bytes[FLUIT_HELD_KEY_LEN];
    if (!fluit_key_entry_get(&entry, fluit_slice(data, len)))
        check_entry(&entry);
    if (!fluit_held_key_get(&held, fluit_slice(data, len))) {
        fluit_held_key_put(&held, bytes);
        must(memcmp(bytes, data, len) == 0);
    }
    return 0;
}
