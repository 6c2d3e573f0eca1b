/* base64.h: RFC 4648 base64, with padding: bytes as JSON carries them. */
#ifndef FLUIT_BASE64_H
#define FLUIT_BASE64_H

#include "common/bytes.h"

void fluit_base64_put(struct fluit_buf *out, struct fluit_slice bytes);
/* Appends what text stands for; FORMAT unless it is exactly what fluit_base64_put writes for that.
 * NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_base64_get(struct fluit_buf *out, struct fluit_slice text);

#endif
