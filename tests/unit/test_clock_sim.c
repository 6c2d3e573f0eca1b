/* The clock in a small simulated world, and the figures of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/crypto.h"
#include "proto/clock.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define NODES  12

/* Timestamps of a world with one true time in us. A clock of this world: */
struct oscillator {
    int64_t start_us;
    double ppm;
    double wander_ppm; /* amplitude of a sine of ten minutes */
    int64_t break_us;  /* from here on it runs break_ppm faster; 0: never */
    double break_ppm;
};

static int64_t reads(const struct oscillator *o, int64_t true_us)
{
    const double period = 600e6 / (2 * 3.14159265358979);
    double extra = (double)true_us * o->ppm * 1e-6;
    extra += o->wander_ppm * 1e-6 * period * (1 - cos((double)true_us / period));
    if (o->break_us && true_us > o->break_us)
        extra += (double)(true_us - o->break_us) * o->break_ppm * 1e-6;
    return o->start_us + true_us + (int64_t)floor(extra);
}

/* The ways of a network, one each way: least delay, and jitter on top up to most. */
struct ways {
    int64_t there_us[2];
    int64_t back_us[2];
    bool heavy_tail; /* most jitter small, as on a real network; else uniform */
    uint32_t loss_percent;
};

struct sim {
    struct fluit_rng rng;
    struct oscillator hub;
    struct ways ways;
    int64_t *errs; /* of every look at a clock */
    int64_t *bounds;
    size_t count, cap;
    size_t outside; /* looks at which the error was beyond the bound */
};

static int64_t delay(struct sim *s, const int64_t range[2])
{
    double u = (double)fluit_rng_below(&s->rng, 1000001) / 1e6;
    if (s->ways.heavy_tail)
        u = u * u * u;
    return range[0] + (int64_t)((double)(range[1] - range[0]) * u);
}

/* An exchange that begins at true_us with the hub itself; true time at its end. */
static int64_t exchange(struct sim *s, struct fluit_clock *c, const struct oscillator *o,
                        int64_t true_us)
{
    int64_t there = true_us + delay(s, s->ways.there_us);
    int64_t sent = there + (int64_t)fluit_rng_below(&s->rng, 300);
    int64_t back = sent + delay(s, s->ways.back_us);
    if (fluit_rng_below(&s->rng, 100) >= s->ways.loss_percent)
        (void)fluit_clock_sample(c, reads(o, true_us), reads(&s->hub, there), reads(&s->hub, sent),
                                 reads(o, back), 0);
    return back;
}

static void look(struct sim *s, const struct fluit_clock *c, const struct oscillator *o,
                 int64_t true_us)
{
    if (!fluit_clock_known(c))
        return;
    int64_t local = reads(o, true_us);
    int64_t err = llabs(fluit_clock_mesh(c, local) - reads(&s->hub, true_us));
    int64_t bound = fluit_clock_bound(c, local);
    s->outside += err > bound;
    if (s->count == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 4096;
        s->errs = realloc(s->errs, s->cap * sizeof *s->errs);
        s->bounds = realloc(s->bounds, s->cap * sizeof *s->bounds);
        assert_true(s->errs && s->bounds);
    }
    s->errs[s->count] = err;
    s->bounds[s->count++] = bound;
}

/* From from_us to to_us as a node runs: it asks when the clock wants, and looks every 100 ms. */
static void run(struct sim *s, struct fluit_clock *c, const struct oscillator *o, int64_t from_us,
                int64_t to_us, bool connected)
{
    int64_t look_us = from_us;
    for (int64_t t = from_us; t < to_us; t += 5000) {
        int64_t local = reads(o, t);
        if (connected && fluit_clock_wants(c, local) <= local) {
            fluit_clock_sent(c, local);
            t = exchange(s, c, o, t);
        }
        if (t >= look_us) {
            look(s, c, o, t);
            look_us += 100000;
        }
    }
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t percentile(int64_t *values, size_t count, size_t percent)
{
    qsort(values, count, sizeof *values, by_value);
    return values[percent == 100 ? count - 1 : count * percent / 100];
}

static void sim_init(struct sim *s, uint64_t seed, struct ways ways)
{
    memset(s, 0, sizeof *s);
    fluit_rng_seed(&s->rng, &seed, sizeof seed);
    s->hub = (struct oscillator){.start_us = 1700000000 * SECOND};
    s->ways = ways;
}

/* Prints the figures of all looks; returns the errors' 99th percentile. */
static int64_t sim_report(struct sim *s, const char *what)
{
    assert_true(s->count > 100);
    int64_t p50 = percentile(s->errs, s->count, 50), p99 = percentile(s->errs, s->count, 99);
    print_message("  %s: error p50 %lld p99 %lld max %lld us, bound p50 %lld p99 %lld us, "
                  "%zu of %zu looks outside\n",
                  what, (long long)p50, (long long)p99,
                  (long long)percentile(s->errs, s->count, 100),
                  (long long)percentile(s->bounds, s->count, 50),
                  (long long)percentile(s->bounds, s->count, 99), s->outside, s->count);
    return p99;
}

static void sim_deinit(struct sim *s)
{
    free(s->errs);
    free(s->bounds);
}

/* Node i of NODES: hours from true time, its rate somewhere in +-ppm, the ends included. */
static struct oscillator node_clock(struct sim *s, int i, double ppm)
{
    int64_t hours = (int64_t)fluit_rng_below(&s->rng, 200) - 100;
    return (struct oscillator){.start_us = hours * 3600 * SECOND + 12345,
                               .ppm = ppm * (2.0 * i / (NODES - 1) - 1)};
}

/* All nodes for half an hour; what the errors' p99 was. */
static int64_t run_nodes(const char *what, uint64_t seed, struct ways ways, double ppm,
                         double hub_ppm, double wander_ppm)
{
    struct sim s;
    sim_init(&s, seed, ways);
    s.hub.ppm = hub_ppm;
    for (int i = 0; i < NODES; i++) {
        struct fluit_clock c;
        struct oscillator o = node_clock(&s, i, ppm);
        o.wander_ppm = wander_ppm;
        fluit_clock_init(&c);
        run(&s, &c, &o, i * SECOND, 30 * MINUTE, true);
    }
    int64_t p99 = sim_report(&s, what);
    assert_int_equal(s.outside, 0);
    sim_deinit(&s);
    return p99;
}

static const struct ways even = {{20, 2000}, {20, 2000}, true, 2};
static const struct ways even_uniform = {{20, 2000}, {20, 2000}, false, 2};

static void is_near_with_even_jitter(void **state)
{
    (void)state;
    assert_true(run_nodes("even, 50 ppm", 1, even, 50, 0, 0) < 200);
    assert_true(run_nodes("even, 200 ppm", 2, even, 200, 0, 0) < 200);
    assert_true(run_nodes("even uniform, 50 ppm", 3, even_uniform, 50, 0, 0) < 200);
    assert_true(run_nodes("even uniform, 200 ppm", 4, even_uniform, 200, 0, 0) < 200);
}

static void the_bound_holds_with_uneven_ways(void **state)
{
    (void)state;
    static const struct ways to_hub_slow = {{300, 2000}, {20, 100}, false, 2};
    static const struct ways from_hub_slow = {{20, 40}, {1500, 2000}, false, 20};
    static const struct ways bad_radio = {{1000, 400000}, {1000, 90000}, true, 30};
    run_nodes("there slow, 50 ppm", 5, to_hub_slow, 50, -50, 0);
    run_nodes("back slow, 200 ppm, hub -200", 6, from_hub_slow, 200, -200, 0);
    run_nodes("back slow, 200 ppm, hub +200", 7, from_hub_slow, 200, 200, 0);
    run_nodes("bad radio, 200 ppm", 8, bad_radio, 200, 0, 0);
}

static void the_bound_holds_while_rates_wander(void **state)
{
    (void)state;
    run_nodes("even, 50 ppm, wandering", 9, even, 50, 0, 1.9);
    run_nodes("even uniform, 200 ppm, wandering", 10, even_uniform, 200, 0, 1.9);
}

/* Two minutes of answers, then a quarter of an hour of none. */
static int64_t hold_over(const char *what, uint64_t seed, double ppm, double wander_ppm)
{
    struct sim s;
    sim_init(&s, seed, even);
    for (int i = 0; i < NODES; i++) {
        struct fluit_clock c;
        struct oscillator o = node_clock(&s, i, ppm);
        o.wander_ppm = wander_ppm;
        fluit_clock_init(&c);
        run(&s, &c, &o, i * SECOND, 2 * MINUTE + i * SECOND, true);
        run(&s, &c, &o, 2 * MINUTE + i * SECOND, 17 * MINUTE + i * SECOND, false);
    }
    sim_report(&s, what);
    int64_t max = percentile(s.errs, s.count, 100);
    assert_int_equal(s.outside, 0);
    sim_deinit(&s);
    return max;
}

static void holds_over_for_a_quarter_of_an_hour(void **state)
{
    (void)state;
    assert_true(hold_over("holdover, 50 ppm", 11, 50, 0) < 5000);
    assert_true(hold_over("holdover, 200 ppm", 12, 200, 0) < 5000);
    assert_true(hold_over("holdover, 50 ppm, wandering", 13, 50, 1.9) < 5000);
}

static void finds_the_rate_within_what_it_says(void **state)
{
    (void)state;
    struct sim s;
    sim_init(&s, 17, even_uniform);
    for (int i = 0; i < NODES; i++) {
        struct fluit_clock c;
        struct oscillator o = node_clock(&s, i, 200);
        fluit_clock_init(&c);
        for (int64_t minute = 0; minute < 10; minute++) {
            run(&s, &c, &o, minute * MINUTE, (minute + 1) * MINUTE, true);
            double off_ppb = 1000 * -o.ppm / (1 + o.ppm * 1e-6) - (double)c.rate_ppb;
            assert_true(fabs(off_ppb) <= (double)c.rate_err_ppb);
        }
        assert_true(c.rate_err_ppb < 10000);
    }
    sim_deinit(&s);
}

/* A node that hears a node that hears the hub, and later only each other. */
static void peers_serve_time_with_their_bound(void **state)
{
    (void)state;
    struct sim s;
    sim_init(&s, 14, even);
    struct fluit_clock c[2];
    struct oscillator o[2] = {{.start_us = 7, .ppm = 45}, {.start_us = -9 * SECOND, .ppm = -50}};
    fluit_clock_init(&c[0]);
    fluit_clock_init(&c[1]);
    run(&s, &c[0], &o[0], 0, 20 * SECOND, true);
    for (int64_t t = 20 * SECOND; t < 20 * MINUTE; t += SECOND) {
        if (t < 5 * MINUTE)
            exchange(&s, &c[0], &o[0], t - SECOND / 2);
        for (size_t asker = 0; asker < 2; asker++) {
            size_t server = 1 - asker;
            if (!fluit_clock_known(&c[server]))
                continue;
            int64_t there = t + delay(&s, s.ways.there_us);
            int64_t back = there + 50 + delay(&s, s.ways.back_us);
            int64_t at = reads(&o[server], there);
            (void)fluit_clock_sample(&c[asker], reads(&o[asker], t),
                                     fluit_clock_mesh(&c[server], at),
                                     fluit_clock_mesh(&c[server], reads(&o[server], there + 50)),
                                     reads(&o[asker], back), fluit_clock_bound(&c[server], at));
        }
        look(&s, &c[0], &o[0], t + SECOND / 4);
        look(&s, &c[1], &o[1], t + SECOND / 4);
    }
    assert_true(fluit_clock_known(&c[1]));
    sim_report(&s, "peers");
    assert_int_equal(s.outside, 0);
    /* What they tell each other must not push out what the hub had told of the rate. */
    assert_true(percentile(s.bounds, s.count, 99) < 10000);
    sim_deinit(&s);
}

/* What breaks the assumption: a local clock that its system begins to slew by 300 ppm. */
static void finds_back_after_a_clock_is_slewed(void **state)
{
    (void)state;
    struct sim s;
    sim_init(&s, 15, even);
    struct fluit_clock c;
    struct oscillator o = {.ppm = 30, .break_us = 5 * MINUTE, .break_ppm = 300};
    fluit_clock_init(&c);
    run(&s, &c, &o, 0, 5 * MINUTE, true);
    assert_int_equal(s.outside, 0);
    run(&s, &c, &o, 5 * MINUTE, 5 * MINUTE + 10 * SECOND, true);
    print_message("  slewed: %zu looks outside in ten seconds\n", s.outside);
    s.outside = 0;
    run(&s, &c, &o, 5 * MINUTE + 10 * SECOND, 10 * MINUTE, true);
    assert_int_equal(s.outside, 0);
    sim_deinit(&s);
}

static const uint8_t boot[16] = "this boot";

static void comes_back_in_the_same_boot(void **state)
{
    (void)state;
    struct sim s;
    sim_init(&s, 16, even);
    struct fluit_clock c, back;
    struct oscillator o = {.start_us = 99, .ppm = 48};
    uint8_t saved[FLUIT_CLOCK_SAVED_LEN];
    fluit_clock_init(&c);
    run(&s, &c, &o, 0, 2 * MINUTE, true);
    fluit_clock_save(&c, boot, saved);
    int64_t now = reads(&o, 4 * MINUTE);
    struct fluit_slice slice = fluit_slice(saved, sizeof saved);
    assert_int_equal(fluit_clock_restore(&back, boot, now, slice), FLUIT_OK);
    assert_int_equal(fluit_clock_mesh(&back, now), fluit_clock_mesh(&c, now));
    assert_int_equal(fluit_clock_bound(&back, now), fluit_clock_bound(&c, now));
    assert_true(fluit_clock_bound(&back, now) > c.base.err_us);
    assert_int_equal(fluit_clock_wants(&back, now), now);
    run(&s, &back, &o, 4 * MINUTE, 10 * MINUTE, true);
    assert_int_equal(s.outside, 0);
    sim_deinit(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_near_with_even_jitter),
        cmocka_unit_test(the_bound_holds_with_uneven_ways),
        cmocka_unit_test(the_bound_holds_while_rates_wander),
        cmocka_unit_test(holds_over_for_a_quarter_of_an_hour),
        cmocka_unit_test(peers_serve_time_with_their_bound),
        cmocka_unit_test(finds_back_after_a_clock_is_slewed),
        cmocka_unit_test(comes_back_in_the_same_boot),
        cmocka_unit_test(finds_the_rate_within_what_it_says),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
