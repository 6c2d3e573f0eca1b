/* fluit_sim --seeds A..B [--jobs N] [--trace] [--verbose]: simulated workshops; one line a seed,
 * then one that sums up. */
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
    bool trace, verbose;
};

static void say(const struct options *o, const struct sim_result *r)
{
    printf("seed %llu: %s, %u nodes, %.2f h, %u faults, %u lines (%u saved), %u whistles (%u due, "
           "%lld us), settled in %.0f s",
           (unsigned long long)r->seed, r->failed ? "FAILED" : "ok", r->nodes,
           (double)r->length_us / 3.6e9, r->faults, r->lines, r->saved, r->whistles, r->expected,
           (long long)r->spread_us, (double)r->settle_us / 1e6);
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
    fputs("usage: fluit_sim --seeds A..B [--jobs N] [--trace] [--verbose]\n", stderr);
    return 2;
}

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {{"seeds", required_argument, NULL, 's'},
                                          {"jobs", required_argument, NULL, 'j'},
                                          {"trace", no_argument, NULL, 't'},
                                          {"verbose", no_argument, NULL, 'v'},
                                          {0}};
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
        } else {
            return false;
        }
    }
    return optind == argc && end && *end == 0 && o->last >= o->first && o->jobs > 0;
}

static int sum_up(const struct options *o, int in_fd)
{
    struct sim_result r;
    uint64_t seeds = 0, faults = 0, failures = 0;
    double hours = 0;
    while (read(in_fd, &r, sizeof r) == (ssize_t)sizeof r) {
        seeds++;
        faults += r.faults;
        failures += r.failed;
        hours += (double)r.length_us / 3.6e9;
    }
    int status, dead = 0;
    while (wait(&status) > 0)
        dead += status != 0;
    if (dead > 0)
        printf("a simulation broke down\n");
    failures += o->last - o->first + 1 - seeds;
    printf("%llu seeds, %.0f workshop-hours, %llu faults, %llu failures\n",
           (unsigned long long)seeds, hours, (unsigned long long)faults,
           (unsigned long long)failures);
    return failures > 0 || dead > 0;
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
