#include "tests/sim/sim_tally.h"

#include <stdio.h>

typedef unsigned long long ull;

uint32_t sim_tally_faults(const struct sim_result *r)
{
    uint32_t count = 0;
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        count += r->faults[i];
    return count;
}

static double speed(int64_t length_us, int64_t cpu_us)
{
    return cpu_us > 0 ? (double)length_us / (double)cpu_us : 0;
}

void sim_tally_say_seed(const struct sim_result *r, bool trace)
{
    printf("seed %llu: %s, %u nodes, %.2f h at %.0fx, %u faults, %u lines (%u saved), %u whistles "
           "(%u due, %lld us), settled in %.0f s",
           (ull)r->seed, r->failed ? "FAILED" : "ok", r->nodes, (double)r->length_us / 3.6e9,
           speed(r->length_us, r->cpu_us), sim_tally_faults(r), r->lines, r->saved, r->whistles,
           r->expected, (long long)r->spread_us, (double)r->settle_us / 1e6);
    if (r->gone + r->disputed > 0)
        printf(", %u gone with their disk, %u disputed", r->gone, r->disputed);
    if (trace)
        printf(", trace %016llx", (ull)r->trace);
    putchar('\n');
    fflush(stdout);
}

void sim_tally_add(struct sim_tally *tally, const struct sim_result *r)
{
    tally->runs++;
    tally->failures += r->failed;
    tally->alone += r->alone;
    tally->length_us += r->length_us;
    tally->cpu_us += r->cpu_us;
    if ((uint64_t)r->settle_us > tally->settled_us_max)
        tally->settled_us_max = (uint64_t)r->settle_us;
    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        tally->faults[i] += r->faults[i];
        tally->hit_runs[i] += r->faults[i] > 0;
    }
}

unsigned sim_tally_say_faults(const struct sim_tally *tally)
{
    unsigned missed = 0;
    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        printf("%-36s %8llu in %llu seeds\n", sim_fault_text((enum sim_fault)i),
               (ull)tally->faults[i], (ull)tally->hit_runs[i]);
        missed += tally->faults[i] == 0;
    }
    return missed;
}

void sim_tally_say_end(const struct sim_tally *tally, const char *what)
{
    uint64_t faults = 0;
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        faults += tally->faults[i];
    printf("%llu %s, %.0f workshop-hours at %.0fx a core, %llu faults, %llu looks at tables alone, "
           "settled within %.0f s, %llu failures\n",
           (ull)tally->runs, what, (double)tally->length_us / 3.6e9,
           speed(tally->length_us, tally->cpu_us), (ull)faults, (ull)tally->alone,
           (double)tally->settled_us_max / 1e6, (ull)tally->failures);
}
