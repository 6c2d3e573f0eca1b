/* sim_clock.h: the clocks of a machine: its oscillator (CLOCK_BOOTTIME) and its wall clock.
 *
 * The oscillator is off by ppm in the mean, and its rate goes to and fro around that mean by
 * wander_ppm, changing over every half period. Both together stay within what PROTOCOL.md "Clock"
 * assumes of any clock (FLUIT_CLOCK_DRIFT_PPM, FLUIT_CLOCK_WANDER_PPM). */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include "tests/sim/sim_world.h"

struct sim_clock {
    int64_t boot_us; /* true time of the machine's start */
    int64_t offset_us;
    double ppm;
    double wander_ppm;
    int64_t period_us;
    int64_t wall_us; /* what the wall clock is ahead of the truth */
    uint8_t boot_id[16];
};

/* A machine that was switched on just now. */
void sim_clock_init(struct sim *sim, struct sim_clock *clock);
/* It starts anew: another boot, the same oscillator. */
void sim_clock_boot(struct sim *sim, struct sim_clock *clock);
/* The machine's own clock at a true time, and the first true time at which it shows local_us. */
int64_t sim_local(const struct sim_clock *clock, int64_t true_us);
int64_t sim_true(const struct sim_clock *clock, int64_t local_us);
/* Its wall clock now. */
int64_t sim_wall(const struct sim *sim, const struct sim_clock *clock);

#endif
