/* Any bytes are an error or a message; a batch of entries is taken in or refused, and what was
 * taken in can be passed on. */
#include <string.h>

#include "proto/replica.h"
#include "tests/fuzz/fuzz.h"
#include "tests/kit/store_memory.h"

/* Whatever a batch adds ends on a signed head and is served again. */
static void check_held(struct fluit_replica *replica, uint32_t index, uint64_t from)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    struct fluit_message again;
    uint64_t next = 0;
    must(replica->feeds[index]->info.signed_seq == replica->feeds[index]->info.seq);
    must(!fluit_replica_batch(replica, index, from, &out, &next) && next > from);
    must(!fluit_message_get(&again, fluit_buf_slice(&out)));
    fluit_message_deinit(&again);
    fluit_buf_deinit(&out);
}

static void ingest(const struct fluit_message *m)
{
    struct store_memory *s = store_memory_new();
    struct fluit_workshop_id workshop;
    struct fluit_replica replica;
    uint32_t index;
    uint64_t from, to;
    memset(workshop.b, 7, sizeof workshop.b);
    must(!fluit_replica_init(&replica, store_memory_port(s), &workshop));
    if (!fluit_replica_ingest(&replica, m, &index, &from, &to))
        check_held(&replica, index, from);
    else
        must(!store_memory_is_pending(s));
    fluit_replica_deinit(&replica);
    store_memory_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fluit_message m;
    if (!fluit_message_get(&m, fluit_slice(data, len)) && m.type == FLUIT_MESSAGE_ENTRIES)
        ingest(&m);
    fluit_message_deinit(&m);
    return 0;
}
