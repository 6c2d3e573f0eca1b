#include "tests/sim/sim_clock.h"

#include "tests/sim/sim.h"

#define WALL_ZERO INT64_C(1790000000000000)

void sim_clock_boot(struct sim *sim, struct sim_clock *clock)
{
    clock->boot_us = sim->world.now_us;
    clock->offset_us = sim_between(sim, SIM_SECOND, 200 * SIM_HOUR);
    sim_chance_bytes(sim, clock->boot_id, sizeof clock->boot_id);
}

void sim_clock_init(struct sim *sim, struct sim_clock *clock)
{
    const int64_t most = 1000 * (FLUIT_CLOCK_DRIFT_PPM - FLUIT_CLOCK_WANDER_PPM);
    /* Some are as bad as can be. */
    int64_t off = sim_often(sim, 150000) ? (sim_often(sim, 500000) ? most : -most)
                                         : sim_between(sim, -most, most);
    clock->ppm = (double)off / 1000;
    clock->wander_ppm = (double)sim_between(sim, 0, 1000 * FLUIT_CLOCK_WANDER_PPM) / 1000;
    clock->period_us = sim_between(sim, SIM_MINUTE, 20 * SIM_MINUTE);
    clock->wall_us = sim_between(sim, -SIM_HOUR, SIM_HOUR);
    sim_clock_boot(sim, clock);
}

int64_t sim_local(const struct sim_clock *clock, int64_t true_us)
{
    int64_t since = true_us - clock->boot_us;
    int64_t phase = since % clock->period_us;
    if (phase < 0)
        phase += clock->period_us;
    int64_t ahead = phase < clock->period_us / 2 ? phase : clock->period_us - phase;
    return clock->offset_us + since +
           (int64_t)(((double)since * clock->ppm + (double)ahead * clock->wander_ppm) / 1e6);
}

int64_t sim_true(const struct sim_clock *clock, int64_t local_us)
{
    int64_t at = clock->boot_us + (local_us - clock->offset_us);
    for (int i = 0; i < 3; i++)
        at += local_us - sim_local(clock, at);
    while (sim_local(clock, at) < local_us)
        at++;
    while (sim_local(clock, at - 1) >= local_us)
        at--;
    return at;
}

int64_t sim_wall(const struct sim *sim, const struct sim_clock *clock)
{
    return WALL_ZERO + sim->world.now_us + clock->wall_us;
}
