/* zap.h: who may connect: the decision on one ZAP request (ZeroMQ RFC 27), free of sockets.
 *
 * It fails closed: whatever is not a CURVE request for our domain with an admitted key is refused,
 * and with 300, "for now": after 400 libzmq's clients would never try again, but a node may be
 * admitted later. */
#ifndef FLUIT_ZAP_H
#define FLUIT_ZAP_H

#include "common/crypto.h"

#define FLUIT_ZAP_DOMAIN "fluit"
#define FLUIT_ZAP_PARTS  6 /* of a reply */

/* The allow-list: true if the owner of this CURVE key may connect now. NULL admits nobody. */
struct fluit_admission {
    bool (*admits)(void *arg, const struct fluit_box_pk *key);
    void *arg;
};
bool fluit_admitted(const struct fluit_admission *admission, const struct fluit_box_pk *key);

struct fluit_zap_reply {
    bool admitted;
    struct fluit_slice parts[FLUIT_ZAP_PARTS];         /* into user_id, literals and the request */
    char user_id[2 * sizeof(struct fluit_box_pk) + 1]; /* hex of the key, later "User-Id" */
};

/* The reply to a request of count parts. *reply points into itself: don't copy it. */
void fluit_zap_answer(const struct fluit_admission *admission, const struct fluit_slice *parts,
                      size_t count, struct fluit_zap_reply *reply);

#endif
