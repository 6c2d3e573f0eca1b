/* refusals.h: what people are refused, by a word that stays: pages say it in their own language. */
#ifndef FLUIT_REFUSALS_H
#define FLUIT_REFUSALS_H

#include "common/bytes.h"

/* The code of a refusal (API.md "Refusals"), by what the console says; "" for what only a faulty
 * page or a typed line meets. Static. */
const char *fluit_refusal_code(struct fluit_slice why);

#endif
