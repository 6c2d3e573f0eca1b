/* fluit_sim --seeds A..B [--jobs N] [--trace] [--verbose] [--every-class]: simulated workshops; one
 * line a seed, then a table of what went wrong in them, then one line that sums up. With
 * --every-class it fails if a class of fault never came.
 *
 * fluit_sim --every-write [--stride N] [--only NODE,PLACE,N] [--jobs N]: one short workshop, again
 * and again, each time with a fault at the next write or commit. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/sim_script.h"
#include "tests/sim/sim_tally.h"

struct options {
    uint64_t first, last;
    unsigned jobs, stride;
    bool seeds, every_write, trace, verbose, every_class;
    unsigned only_node, only_place, only_nth; /* nth 0: all */
};

/* Runs are numbered from 0; each is a process's own, and comes back through a pipe. */
struct outcome {
    uint64_t number;
    struct sim_result result;
};

struct runs {
    const struct options *options;
    uint64_t count;
    void (*run)(const struct runs *runs, uint64_t number, struct sim_result *r);
    void (*done)(void *arg, uint64_t number, const struct sim_result *r);
    void *arg;
    uint32_t places[SIM_SCRIPT_NODES][SIM_PLACES];
};

static void work(const struct runs *runs, unsigned job, int out_fd)
{
    for (uint64_t number = job; number < runs->count; number += runs->options->jobs) {
        struct outcome o = {.number = number};
        runs->run(runs, number, &o.result);
        fflush(stdout);
        if (write(out_fd, &o, sizeof o) != (ssize_t)sizeof o)
            exit(2);
    }
}

/* False if a process broke down. */
static bool gather(const struct runs *runs, int in_fd)
{
    struct outcome o;
    uint64_t came = 0;
    for (; read(in_fd, &o, sizeof o) == (ssize_t)sizeof o; came++)
        runs->done(runs->arg, o.number, &o.result);
    int status, dead = 0;
    while (wait(&status) > 0)
        dead += status != 0;
    if (dead > 0 || came < runs->count)
        printf("FAILED: a simulation broke down\n");
    return dead == 0 && came == runs->count;
}

static bool run_all(const struct runs *runs)
{
    int results[2];
    if (pipe(results) != 0)
        return false;
    for (unsigned job = 0; job < runs->options->jobs; job++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid < 0)
            return false;
        if (pid == 0) {
            close(results[0]);
            work(runs, job, results[1]);
            exit(0);
        }
    }
    close(results[1]);
    bool whole = gather(runs, results[0]);
    close(results[0]);
    return whole;
}

/* Seeds. */

/* With trace a seed runs twice: it must be the same workshop both times. */
static void run_seed(const struct runs *runs, uint64_t number, struct sim_result *r)
{
    const struct options *o = runs->options;
    uint64_t seed = o->first + number;
    sim_run(seed, o->verbose, r);
    if (o->trace) {
        struct sim_result again;
        sim_run(seed, false, &again);
        if (again.trace != r->trace) {
            printf("seed %llu: FAILED: it does not replay\n", (unsigned long long)seed);
            r->failed = true;
        }
    }
    sim_tally_say_seed(r, o->trace);
}

static void seed_done(void *arg, uint64_t number, const struct sim_result *r)
{
    (void)number;
    sim_tally_add(arg, r);
}

static int run_seeds(const struct options *o)
{
    struct sim_tally tally = {0};
    struct runs runs = {.options = o,
                        .count = o->last - o->first + 1,
                        .run = run_seed,
                        .done = seed_done,
                        .arg = &tally};
    bool whole = run_all(&runs);
    bool missed = sim_tally_say_faults(&tally) > 0 && o->every_class;
    if (missed)
        printf("FAILED: a class of faults never came\n");
    sim_tally_say_end(&tally, "seeds");
    return !whole || missed || tally.failures > 0;
}

/* Every write. */

struct every {
    const struct runs *runs;
    struct sim_tally tally;
    struct {
        uint32_t runs, failures, missed;
    } places[SIM_SCRIPT_NODES][SIM_PLACES];
};

/* Which node, which place, the how manieth there. */
static void find_place(const struct runs *runs, uint64_t number, uint32_t *node,
                       enum sim_place *place, uint32_t *nth)
{
    uint64_t left = number;
    for (uint32_t i = 0; i < SIM_SCRIPT_NODES; i++)
        for (int p = 0; p < SIM_PLACES; p++) {
            uint64_t here =
                (runs->places[i][p] + runs->options->stride - 1) / runs->options->stride;
            if (left < here) {
                *node = i;
                *place = (enum sim_place)p;
                *nth = (uint32_t)left * runs->options->stride + 1;
                return;
            }
            left -= here;
        }
    abort();
}

static void run_place(const struct runs *runs, uint64_t number, struct sim_result *r)
{
    uint32_t node, nth;
    enum sim_place place;
    find_place(runs, number, &node, &place, &nth);
    sim_script_run(node, place, nth, false, r);
    if (r->failed)
        printf("FAILED: --only %u,%u,%u: %s %u of %s\n", node, place, nth, sim_place_texts[place],
               nth, sim_script_nodes[node]);
}

static void place_done(void *arg, uint64_t number, const struct sim_result *r)
{
    struct every *every = arg;
    uint32_t node, nth;
    enum sim_place place;
    find_place(every->runs, number, &node, &place, &nth);
    sim_tally_add(&every->tally, r);
    every->places[node][place].runs++;
    every->places[node][place].failures += r->failed;
    every->places[node][place].missed += sim_tally_faults(r) == 0;
}

/* Returns how many faults never took effect. */
static uint32_t say_places(const struct every *every)
{
    uint32_t missed = 0;
    for (int i = 0; i < SIM_SCRIPT_NODES; i++)
        for (int p = 0; p < SIM_PLACES; p++) {
            printf("%-8s %-31s %4u of %4u, %u failures, %u never came\n", sim_script_nodes[i],
                   sim_place_texts[p], every->places[i][p].runs, every->runs->places[i][p],
                   every->places[i][p].failures, every->places[i][p].missed);
            missed += every->places[i][p].missed;
        }
    return missed;
}

static int run_only(const struct options *o)
{
    struct sim_result r;
    if (o->only_node >= SIM_SCRIPT_NODES || o->only_place >= SIM_PLACES)
        return 2;
    sim_script_run(o->only_node, (enum sim_place)o->only_place, o->only_nth, true, &r);
    return r.failed;
}

static int run_every_write(const struct options *o)
{
    struct every every = {0};
    struct runs runs = {.options = o, .run = run_place, .done = place_done, .arg = &every};
    struct sim_result r;
    if (o->only_nth)
        return run_only(o);
    every.runs = &runs;
    sim_script_count(runs.places, &r);
    for (int i = 0; i < SIM_SCRIPT_NODES; i++)
        for (int p = 0; p < SIM_PLACES; p++)
            runs.count += (runs.places[i][p] + o->stride - 1) / o->stride;
    bool whole = !r.failed && run_all(&runs);
    uint32_t missed = say_places(&every);
    sim_tally_say_end(&every.tally, "runs");
    return !whole || every.tally.failures > 0 || missed > 0;
}

/* Options. */

static int usage(void)
{
    fputs("usage: fluit_sim --seeds A..B [--jobs N] [--trace] [--verbose] [--every-class]\n"
          "       fluit_sim --every-write [--stride N] [--only NODE,PLACE,N] [--jobs N]\n",
          stderr);
    return 2;
}

static bool parse_seeds(struct options *o, const char *text)
{
    char *end;
    o->seeds = true;
    o->first = o->last = strtoull(text, &end, 10);
    if (end[0] == '.' && end[1] == '.')
        o->last = strtoull(end + 2, &end, 10);
    return end != text && *end == 0 && o->last >= o->first;
}

static bool parse_count(unsigned *out, const char *text)
{
    char *end;
    *out = (unsigned)strtoul(text, &end, 10);
    return *end == 0 && *out > 0;
}

static bool parse_only(struct options *o, const char *text)
{
    char *end;
    o->only_node = (unsigned)strtoul(text, &end, 10);
    if (*end == ',')
        o->only_place = (unsigned)strtoul(end + 1, &end, 10);
    return *end == ',' && parse_count(&o->only_nth, end + 1);
}

static bool parse_one(struct options *o, int c, const char *arg)
{
    switch (c) {
    case 's':
        return parse_seeds(o, arg);
    case 'j':
        return parse_count(&o->jobs, arg);
    case 'n':
        return parse_count(&o->stride, arg);
    case 'o':
        return parse_only(o, arg);
    case 'w':
        return o->every_write = true;
    case 't':
        return o->trace = true;
    case 'v':
        return o->verbose = true;
    case 'e':
        return o->every_class = true;
    default:
        return false;
    }
}

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {{"seeds", required_argument, NULL, 's'},
                                          {"jobs", required_argument, NULL, 'j'},
                                          {"trace", no_argument, NULL, 't'},
                                          {"verbose", no_argument, NULL, 'v'},
                                          {"every-class", no_argument, NULL, 'e'},
                                          {"every-write", no_argument, NULL, 'w'},
                                          {"stride", required_argument, NULL, 'n'},
                                          {"only", required_argument, NULL, 'o'},
                                          {0}};
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;)
        if (!parse_one(o, c, optarg))
            return false;
    return optind == argc && o->seeds != o->every_write;
}

int main(int argc, char **argv)
{
    struct options o = {.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN), .stride = 1};
    if (!parse(argc, argv, &o))
        return usage();
    if (fluit_crypto_init())
        return 2;
    return o.every_write ? run_every_write(&o) : run_seeds(&o);
}
