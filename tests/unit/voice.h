/* voice.h: an author that others hear: writes sealed, signed entries of its own feed, one at a
 * time, as messages. */
#ifndef VOICE_H
#define VOICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/identity.h"
#include "proto/message.h"
#include "proto/seal.h"

struct voice {
    struct fluit_identity self;
    struct fluit_feed_info info; /* its feed up to here */
    struct fluit_buf said;       /* ENTRIES with the entry written last */
};

static inline struct fluit_secret voice_seed(uint8_t number)
{
    struct fluit_secret seed;
    memset(seed.b, number, sizeof seed.b);
    return seed;
}

static inline void voice_init(struct voice *v, uint8_t number)
{
    struct fluit_secret seed = voice_seed(number);
    *v = (struct voice){0};
    fluit_identity_from_seed(&seed, &v->self);
    v->info.author = v->self.sign_pk;
    v->info.incarnation[7] = 1;
    v->info.id = fluit_feed_id(&v->info.author, v->info.incarnation);
}

static inline void voice_deinit(struct voice *v)
{
    fluit_buf_deinit(&v->said);
}

/* The next entry; the message is v->said until the next one. key: NULL in class OPEN. */
static inline struct fluit_slice voice_say(struct voice *v, struct fluit_rng *rng,
                                           const struct fluit_workshop_id *workshop,
                                           enum fluit_class entry_class, uint8_t round,
                                           const struct fluit_secret *key, struct fluit_slice body)
{
    struct fluit_header header = {.entry_class = entry_class,
                                  .round = round,
                                  .seq = v->info.seq + 1,
                                  .feed = v->info.id,
                                  .prev = v->info.hash};
    struct fluit_buf payload = FLUIT_BUF_INIT;
    uint8_t bytes[FLUIT_HEADER_LEN];
    assert_int_equal(fluit_seal(rng, key, &header, body, &payload), FLUIT_OK);
    fluit_header_put(&header, bytes);
    v->info.seq++;
    v->info.hash = fluit_header_hash(bytes);
    v->info.sig =
        fluit_head_sign(&v->self.sign_sk, workshop, &v->info.id, v->info.seq, &v->info.hash);
    struct fluit_batch_entry entry = {bytes, fluit_buf_slice(&payload)};
    fluit_buf_reset(&v->said);
    fluit_put_entries(&v->said, &v->info.author, v->info.incarnation, &entry, 1, &v->info.sig);
    fluit_buf_deinit(&payload);
    return fluit_buf_slice(&v->said);
}

#endif
