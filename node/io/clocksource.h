/* clocksource.h: a node's own clock: CLOCK_BOOTTIME in microseconds, as it is or disturbed.
 *
 * A disturbance (rehearsals, tests of bad clocks) is an offset and a drift, both fixed for the
 * whole boot: a process that starts again reads the same clock as before, as on a real machine
 * whose clock is wrong. The boot time itself goes on while the machine sleeps. Values may be shared
 * between threads. */
#ifndef FLUIT_CLOCKSOURCE_H
#define FLUIT_CLOCKSOURCE_H

#include "common/bytes.h"

#define FLUIT_SKEW_PPM_MAX       1000.0
#define FLUIT_SKEW_OFFSET_MAX_US 1000000000000000

/* local = boot + offset_us + boot * ppm / 1e6. Zero-initialised: undisturbed. */
struct fluit_clocksource {
    int64_t offset_us;
    double ppm;
};

/* Reads "OFFSET_US:PPM", for example "7200000000:-35.5". FORMAT if it is not that, LIMIT beyond the
 * bounds above. *out is untouched on error. */
FLUIT_MUST_CHECK enum fluit_err fluit_clocksource_parse(const char *skew,
                                                        struct fluit_clocksource *out);

/* What this clock shows at boot_us of CLOCK_BOOTTIME; never falls as boot_us rises. */
int64_t fluit_clocksource_local(const struct fluit_clocksource *clock, int64_t boot_us);
/* The first boot_us at which this clock shows local_us or more. */
int64_t fluit_clocksource_boot(const struct fluit_clocksource *clock, int64_t local_us);

/* Now: this clock; CLOCK_BOOTTIME; CLOCK_MONOTONIC (the witness's); the wall since 1970. */
int64_t fluit_clocksource_now(const struct fluit_clocksource *clock);
int64_t fluit_boot_us(void);
int64_t fluit_monotonic_us(void);
int64_t fluit_wall_us(void);

/* Returns when this clock shows local_us, at once if it does already. Signals don't cut it short.
 */
void fluit_clocksource_sleep_until(const struct fluit_clocksource *clock, int64_t local_us);

#endif
