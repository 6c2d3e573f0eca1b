/* clock_fit.h: the mapping that a clock's samples allow; for clock.c only. */
#ifndef FLUIT_CLOCK_FIT_H
#define FLUIT_CLOCK_FIT_H

#include "proto/clock.h"

/* The most that mesh can gain on local: two clocks, each off by FLUIT_CLOCK_DRIFT_PPM, and a
 * thousandth more as their ratio is not quite the sum. */
#define FLUIT_CLOCK_RATE_MAX_PPB (INT64_C(2) * FLUIT_CLOCK_DRIFT_PPM * 1001)
#define FLUIT_CLOCK_WANDER_PPB   (INT64_C(1000) * FLUIT_CLOCK_WANDER_PPM)
/* ppb billionths of us, towards 0. No overflow for |us| < 2^62 and |ppb| < 10^9. */
int64_t fluit_clock_part(int64_t us, int64_t ppb);
/* Sets base and rate from the samples (at least one, by at_us, spanning no more than
 * FLUIT_CLOCK_SAMPLE_AGE_US). False, and nothing changed, if they contradict each other. */
bool fluit_clock_fit(struct fluit_clock *c);

#endif
