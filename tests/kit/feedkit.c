#include "tests/kit/feedkit.h"

#include <string.h>

void kit_feed_init(struct kit_feed *f, uint8_t number)
{
    struct fluit_secret seed;
    memset(&seed, number, sizeof seed);
    memset(f, 0, sizeof *f);
    memset(f->workshop.b, 7, sizeof f->workshop.b);
    fluit_sign_keypair(&seed, &f->info.author, &f->sk);
    f->info.incarnation[0] = number;
    f->info.id = fluit_feed_id(&f->info.author, f->info.incarnation);
}

void kit_feed_make(struct kit_feed *f, struct fluit_slice payload, uint8_t header[FLUIT_HEADER_LEN])
{
    struct fluit_header h = {
        .entry_class = FLUIT_CLASS_OPEN,
        .seq = f->info.seq + 1,
        .feed = f->info.id,
        .prev = f->info.hash,
        .payload_len = (uint32_t)payload.len,
        .payload_hash = fluit_payload_hash(payload),
    };
    fluit_header_put(&h, header);
}

enum fluit_err kit_feed_append(struct kit_feed *f, const struct fluit_store *store,
                               struct fluit_slice payload, bool sign)
{
    struct fluit_feed_info next = f->info;
    kit_feed_make(f, payload, f->header);
    next.seq++;
    next.hash = fluit_header_hash(f->header);
    if (sign) {
        next.signed_seq = next.seq;
        next.sig = fluit_head_sign(&f->sk, &f->workshop, &next.id, next.seq, &next.hash);
    }
    enum fluit_err err =
        store->ops->append(store->self, &f->info, f->header, payload, sign ? &next.sig : NULL);
    if (!err)
        f->info = next;
    return err;
}

enum fluit_err kit_put_workshop(const struct fluit_store *store)
{
    uint8_t id[16];
    memset(id, 7, sizeof id);
    return store->ops->put(store->self, "workshop", fluit_slice(id, sizeof id));
}
