/* fluit_sim --seeds A..B [--jobs N] [--trace] [--verbose] [--every-class]: simulated workshops; one
 * line a seed, then a table of what went wrong in them, then one line that sums up. With
 * --every-class it fails if a class of fault never came. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/sim.h"

struct options {
    uint64_t first, last;
    unsigned jobs;
    bool trace, verbose, every_class;
};

static uint32_t count_faults(const struct sim_result *r)
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

static void say(const struct options *o, const struct sim_result *r)
{
    printf("seed %llu: %s, %u nodes, %.2f h at %.0fx, %u faults, %u lines (%u saved), %u whistles "
           "(%u due, %lld us), settled in %.0f s",
           (unsigned long long)r->seed, r->failed ? "FAILED" : "ok", r->nodes,
           (double)r->length_us / 3.6e9, speed(r->length_us, r->cpu_us), count_faults(r), r->lines,
           r->saved, r->whistles, r->expected, (long long)r->spread_us, (double)r->settle_us / 1e6);
    if (r->gone + r->disputed > 0)
        printf(", %u gone with their disk, %u disputed", r->gone, r->disputed);
    if (o->trace)
        printf(", trace %016llx", (unsigned long long)r->trace);
    putchar('\n');
    fflush(stdout);
}

/* With trace a seed runs twice: it must be the same workshop both times. */
static void run_seed(const struct options *o, uint64_t seed, struct sim_result *r)
{
    sim_run(seed, o->verbose, r);
    if (o->trace) {
        struct sim_result again;
        sim_run(seed, false, &again);
        if (again.trace != r->trace) {
            printf("seed %llu: FAILED: it does not replay\n", (unsigned long long)seed);
            r->failed = true;
        }
    }
    say(o, r);
}

static void work(const struct options *o, unsigned job, int out_fd)
{
    struct sim_result r;
    for (uint64_t seed = o->first + job; seed <= o->last; seed += o->jobs) {
        run_seed(o, seed, &r);
        if (write(out_fd, &r, sizeof r) != (ssize_t)sizeof r)
            exit(2);
    }
}

static int usage(void)
{
    fputs("usage: fluit_sim --seeds A..B [--jobs N] [--trace] [--verbose] [--every-class]\n",
          stderr);
    return 2;
}

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        {"seeds", required_argument, NULL, 's'}, {"jobs", required_argument, NULL, 'j'},
        {"trace", no_argument, NULL, 't'},       {"verbose", no_argument, NULL, 'v'},
        {"every-class", no_argument, NULL, 'e'}, {0}};
    char *end = NULL;
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (c == 's') {
            o->first = o->last = strtoull(optarg, &end, 10);
            if (end[0] == '.' && end[1] == '.')
                o->last = strtoull(end + 2, &end, 10);
        } else if (c == 'j') {
            o->jobs = (unsigned)strtoul(optarg, NULL, 10);
        } else if (c == 't') {
            o->trace = true;
        } else if (c == 'v') {
            o->verbose = true;
        } else if (c == 'e') {
            o->every_class = true;
        } else {
            return false;
        }
    }
    return optind == argc && end && *end == 0 && o->last >= o->first && o->jobs > 0;
}

struct sum {
    uint64_t seeds, failures;
    int64_t length_us, cpu_us, settle_us;
    uint64_t faults[SIM_FAULT_COUNT], hit_seeds[SIM_FAULT_COUNT];
};

static void add(struct sum *sum, const struct sim_result *r)
{
    sum->seeds++;
    sum->failures += r->failed;
    sum->length_us += r->length_us;
    sum->cpu_us += r->cpu_us;
    if (r->settle_us > sum->settle_us)
        sum->settle_us = r->settle_us;
    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        sum->faults[i] += r->faults[i];
        sum->hit_seeds[i] += r->faults[i] > 0;
    }
}

/* Returns how many classes never came. */
static int say_faults(const struct sum *sum, uint64_t *total)
{
    int missed = 0;
    *total = 0;
    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        printf("%-36s %8llu in %llu seeds\n", sim_fault_text((enum sim_fault)i),
               (unsigned long long)sum->faults[i], (unsigned long long)sum->hit_seeds[i]);
        *total += sum->faults[i];
        missed += sum->faults[i] == 0 && (i != SIM_FAULT_TWIN || SIM_TWIN_WEIGHT > 0);
    }
    return missed;
}

static int sum_up(const struct options *o, int in_fd)
{
    struct sim_result r;
    struct sum sum = {0};
    uint64_t total;
    while (read(in_fd, &r, sizeof r) == (ssize_t)sizeof r)
        add(&sum, &r);
    int status, dead = 0;
    while (wait(&status) > 0)
        dead += status != 0;
    if (dead > 0)
        printf("a simulation broke down\n");
    sum.failures += o->last - o->first + 1 - sum.seeds;
    int missed = say_faults(&sum, &total);
    if (o->every_class && missed > 0)
        printf("FAILED: %d classes of faults never came\n", missed);
    printf("%llu seeds, %.0f workshop-hours at %.0fx a core, %llu faults, settled within %.0f s, "
           "%llu failures\n",
           (unsigned long long)sum.seeds, (double)sum.length_us / 3.6e9,
           speed(sum.length_us, sum.cpu_us), (unsigned long long)total, (double)sum.settle_us / 1e6,
           (unsigned long long)sum.failures);
    return sum.failures > 0 || dead > 0 || (o->every_class && missed > 0);
}

int main(int argc, char **argv)
{
    struct options o = {.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN)};
    int results[2];
    if (!parse(argc, argv, &o))
        return usage();
    if (fluit_crypto_init() || pipe(results) != 0)
        return 2;
    for (unsigned job = 0; job < o.jobs; job++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid < 0)
            return 2;
        if (pid == 0) {
            close(results[0]);
            work(&o, job, results[1]);
            exit(0);
        }
    }
    close(results[1]);
    return sum_up(&o, results[0]);
}
