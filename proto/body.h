/* body.h: an act as the msgpack body of an entry, and back. PROTOCOL.md "Entry kinds". */
#ifndef FLUIT_BODY_H
#define FLUIT_BODY_H

#include "common/act.h"
#include "proto/codec.h"

/* A decoded act: its slices borrow from the body's bytes, its cut heads are owned here. */
struct fluit_body {
    struct fluit_act act;
    struct fluit_cut_head *heads;
};

/* Appends the act's body, [kind, fields...]. FLUIT_KIND_KEY, ROSTER and TERM have modules of their
 * own and are not written here. */
void fluit_body_put(struct fluit_buf *out, const struct fluit_act *act);
/* FORMAT, LIMIT, or UNKNOWN for a kind this version does not know (hold it, fold nothing). For
 * FLUIT_KIND_KEY, ROSTER and TERM act.kind is set and UNKNOWN returned. Always pair with deinit. */
FLUIT_MUST_CHECK enum fluit_err fluit_body_get(struct fluit_body *body, struct fluit_slice bytes);
void fluit_body_deinit(struct fluit_body *body);

#endif
