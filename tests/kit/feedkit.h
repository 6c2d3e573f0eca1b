/* feedkit.h: an author that writes well-formed entries into any store. */
#ifndef KIT_FEEDKIT_H
#define KIT_FEEDKIT_H

#include "proto/store.h"

struct kit_feed {
    struct fluit_feed_info info; /* as the store should have it */
    struct fluit_sign_sk sk;
    struct fluit_workshop_id workshop;
    /* the entry last made */
    uint8_t header[FLUIT_HEADER_LEN];
};

/* The same number gives the same author; all are in workshop 7, 7, 7... */
void kit_feed_init(struct kit_feed *f, uint8_t number);
/* Makes the next header without appending it. */
void kit_feed_make(struct kit_feed *f, struct fluit_slice payload,
                   uint8_t header[FLUIT_HEADER_LEN]);
/* Appends the next entry, signed if sign; f moves on if the store took it. */
enum fluit_err kit_feed_append(struct kit_feed *f, const struct fluit_store *store,
                               struct fluit_slice payload, bool sign);
/* Puts the named value "workshop". */
enum fluit_err kit_put_workshop(const struct fluit_store *store);

#endif
