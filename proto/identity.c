#include "proto/identity.h"

void fluit_identity_from_seed(const struct fluit_secret *seed, struct fluit_identity *out)
{
    struct fluit_secret sign = fluit_derive(seed, "fluit sign");
    struct fluit_secret read = fluit_derive(seed, "fluit read");
    struct fluit_secret link = fluit_derive(seed, "fluit link");
    fluit_sign_keypair(&sign, &out->sign_pk, &out->sign_sk);
    fluit_box_keypair(&read, &out->read_pk, &out->read_sk);
    fluit_box_keypair(&link, &out->link_pk, &out->link_sk);
    fluit_wipe(&sign, sizeof sign);
    fluit_wipe(&read, sizeof read);
    fluit_wipe(&link, sizeof link);
}

void fluit_identity_wipe(struct fluit_identity *identity)
{
    fluit_wipe(identity, sizeof *identity);
}
