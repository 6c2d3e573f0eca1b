/* identity.h: a node's three key pairs, from one seed. PROTOCOL.md "Identity". */
#ifndef FLUIT_IDENTITY_H
#define FLUIT_IDENTITY_H

#include "common/crypto.h"

/* Signs entries, opens what is sealed to it, and authenticates connections. Wipe after use. */
struct fluit_identity {
    struct fluit_sign_pk sign_pk;
    struct fluit_sign_sk sign_sk;
    struct fluit_box_pk read_pk;
    struct fluit_box_sk read_sk;
    struct fluit_box_pk link_pk; /* CURVE */
    struct fluit_box_sk link_sk;
};

void fluit_identity_from_seed(const struct fluit_secret *seed, struct fluit_identity *out);
void fluit_identity_wipe(struct fluit_identity *identity);

#endif
