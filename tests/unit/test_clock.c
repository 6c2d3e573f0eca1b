#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/crypto.h"
#include "proto/clock.h"

#define SECOND  INT64_C(1000000)
#define MINUTE  (60 * SECOND)
#define NO_LAST INT64_MIN

static void holds_over_without_a_rate_only_as_far_as_it_says(void **state)
{
    (void)state;
    struct fluit_clock c;
    fluit_clock_init(&c);
    fluit_clock_set(&c, 0, 5 * SECOND, 10);
    int64_t bound = fluit_clock_bound(&c, 100 * SECOND);
    assert_in_range(bound, 2 * FLUIT_CLOCK_DRIFT_PPM * 100, 2 * FLUIT_CLOCK_DRIFT_PPM * 100 + 400);
}

/* A good exchange of 200 us with a server at local + offset. */
static bool good_sample(struct fluit_clock *c, int64_t local, int64_t offset)
{
    return fluit_clock_sample(c, local - 200, local - 100 + offset, local - 100 + offset, local, 0);
}

static void refuses_what_can_not_be(void **state)
{
    (void)state;
    static const int64_t T = 1000000, E = INT64_MAX, e = INT64_MIN;
    static const int64_t bad[][5] = {
        {T, 500, 499, T + 100, 0}, /* sent before it came */
        {T, 500, 900, T + 100, 0}, /* the server kept it longer than it took */
        {T, 500, 500, T - 1, 0},   /* answered before asked */
        {T, 500, 500, T + FLUIT_CLOCK_RTT_MAX_US + 1, 0},
        {T, 500, 500, T + 100, -1},
        {T, 500, 500, T + 100, FLUIT_CLOCK_BOUND_MAX_US + 1},
        {T, 500, 500, T + 100, E},
        {T, e, E, T + 100, 0},
        {T, E, e, T + 100, 0},
        {T, E, E, T + 100, 0},
        {T, e, e, T + 100, 0},
        {e, 500, 500, E, 0},
        {E, 500, 500, e, 0},
        {E, E, E, E, E},
        {e, e, e, e, e},
        {T, FLUIT_CLOCK_TIME_MAX_US + 1, FLUIT_CLOCK_TIME_MAX_US + 1, T + 100, 0},
    };
    struct fluit_clock c;
    fluit_clock_init(&c);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(fluit_clock_sample(&c, bad[i][0], bad[i][1], bad[i][2], bad[i][3], bad[i][4]));
    assert_false(fluit_clock_known(&c));
    assert_true(good_sample(&c, T, 77));
    assert_false(good_sample(&c, T - 1, 77));
    assert_true(good_sample(&c, T, 77));
}

/* Anything in any order: no undefined behaviour (the sanitizers watch) and no wild rate. */
static void survives_any_numbers(void **state)
{
    (void)state;
    static const int64_t corners[] = {INT64_MIN,
                                      -FLUIT_CLOCK_TIME_MAX_US,
                                      -1,
                                      0,
                                      1,
                                      1000000,
                                      FLUIT_CLOCK_TIME_MAX_US - 9,
                                      FLUIT_CLOCK_TIME_MAX_US,
                                      INT64_MAX};
    struct fluit_rng rng;
    struct fluit_clock c;
    fluit_rng_seed(&rng, "any", 3);
    for (int n = 0; n < 20000; n++) {
        if (n % 50 == 0)
            fluit_clock_init(&c);
        int64_t t[5];
        for (size_t i = 0; i < 5; i++) {
            t[i] = corners[fluit_rng_below(&rng, 9)] / 2 * 2;
            if (n % 2)
                t[i] = (i ? t[i - 1] : t[i]) / 2 + (int64_t)fluit_rng_below(&rng, 10000);
        }
        if (n % 7 == 0)
            fluit_clock_set(&c, t[0], t[1], (int64_t)fluit_rng_below(&rng, 1000));
        (void)fluit_clock_sample(&c, t[0], t[1], t[2], t[3], t[4]);
        for (size_t i = 0; i < 9; i++) {
            int64_t mesh = fluit_clock_mesh(&c, corners[i]);
            assert_true(!fluit_clock_known(&c) || fluit_clock_bound(&c, corners[i]) >= 0);
            (void)fluit_clock_local(&c, mesh);
            (void)fluit_clock_local(&c, corners[i]);
            fluit_clock_prepare(&c, corners[i]);
            (void)fluit_clock_wants(&c, t[0]);
            fluit_clock_sent(&c, t[1]);
        }
        assert_in_range(c.rate_ppb + 500000, 0, 1000000);
    }
}

static void one_mad_answer_changes_nothing(void **state)
{
    (void)state;
    struct fluit_clock c;
    fluit_clock_init(&c);
    for (int i = 1; i <= 10; i++)
        assert_true(good_sample(&c, i * SECOND, 1000));
    struct fluit_clock before = c;
    assert_false(good_sample(&c, 11 * SECOND, 1000 + SECOND));
    assert_int_equal(fluit_clock_mesh(&c, 12 * SECOND), fluit_clock_mesh(&before, 12 * SECOND));
    /* A burst of them neither, nor some between good ones. */
    for (int i = 0; i < 8; i++)
        assert_false(good_sample(&c, 11 * SECOND + i * 20000, 1000 + SECOND));
    for (int i = 12; i < 60; i++)
        assert_int_equal(good_sample(&c, i * SECOND, i % 4 ? 1000 + SECOND : 1000), i % 4 == 0);
    assert_in_range(fluit_clock_mesh(&c, 60 * SECOND), 60 * SECOND + 900, 60 * SECOND + 1100);
}

static void believes_a_new_time_that_goes_on(void **state)
{
    (void)state;
    struct fluit_clock c;
    fluit_clock_init(&c);
    for (int i = 1; i <= 10; i++)
        assert_true(good_sample(&c, i * SECOND, 1000));
    int refused = 0;
    while (!good_sample(&c, (11 + refused) * SECOND, 3600 * SECOND))
        assert_in_range(++refused, 1, 5);
    assert_int_equal(refused, 5);
    assert_in_range(fluit_clock_mesh(&c, 20 * SECOND), 3620 * SECOND - 100, 3620 * SECOND + 100);
}

static void local_is_the_inverse_of_mesh(void **state)
{
    (void)state;
    struct fluit_rng rng;
    struct fluit_clock c;
    fluit_rng_seed(&rng, "inverse", 7);
    for (int ppm = -390; ppm <= 390; ppm += 13) {
        fluit_clock_init(&c);
        for (int64_t i = 0; i < 60; i++)
            assert_true(good_sample(&c, i * 2 * SECOND, 12345678 * SECOND + 2 * i * ppm));
        assert_in_range(c.rate_ppb + 500000, 1000 * ppm + 480000, 1000 * ppm + 520000);
        for (int i = 0; i < 200; i++) {
            int64_t local = (int64_t)fluit_rng_below(&rng, (uint64_t)1 << 44) - (1LL << 43);
            int64_t mesh = fluit_clock_mesh(&c, local);
            assert_true(llabs(fluit_clock_local(&c, mesh) - local) <= 1);
            assert_true(llabs(fluit_clock_mesh(&c, fluit_clock_local(&c, local)) - local) <= 1);
        }
    }
}

static void a_leader_defines_mesh_time(void **state)
{
    (void)state;
    struct fluit_clock c;
    fluit_clock_init(&c);
    fluit_clock_set(&c, 100, 5000, 0);
    fluit_clock_lead(&c, 100);
    assert_int_equal(fluit_clock_mesh(&c, 100 + MINUTE), 5000 + MINUTE);
    assert_int_equal(fluit_clock_bound(&c, 100 + 600 * MINUTE) - fluit_clock_bound(&c, 100), 0);
    assert_in_range(fluit_clock_bound(&c, 100), 0, 5);
    assert_false(good_sample(&c, MINUTE, 4900));
    assert_true(fluit_clock_wants(&c, 0) == INT64_MAX);

    int64_t mesh = fluit_clock_mesh(&c, 60 * MINUTE);
    fluit_clock_follow(&c, 60 * MINUTE, 100);
    assert_int_equal(fluit_clock_mesh(&c, 60 * MINUTE), mesh);
    /* The other may have led all that while, at the rate furthest from ours. */
    assert_in_range(fluit_clock_bound(&c, 60 * MINUTE), 60 * MINUTE * 402 / 1000000, 1500000);
    assert_int_equal(fluit_clock_wants(&c, 60 * MINUTE), 60 * MINUTE);
    assert_true(good_sample(&c, 60 * MINUTE + 1000, 4900));
}

/* A standby that takes over goes on at the rate that it had found. */
static void a_new_leader_goes_on_at_its_rate(void **state)
{
    (void)state;
    struct fluit_clock c;
    fluit_clock_init(&c);
    for (int64_t i = 0; i < 60; i++)
        assert_true(good_sample(&c, i * 2 * SECOND, 2 * i * 100));
    struct fluit_clock was = c;
    fluit_clock_lead(&c, 130 * SECOND);
    for (int64_t t = 130 * SECOND; t < 60 * MINUTE; t += MINUTE)
        assert_true(llabs(fluit_clock_mesh(&c, t) - fluit_clock_mesh(&was, t)) <= 1);
}

static const uint8_t boot[16] = "this boot", other_boot[16] = "another boot";

static void does_not_come_back_in_another_boot(void **state)
{
    (void)state;
    struct fluit_clock c, back;
    uint8_t saved[FLUIT_CLOCK_SAVED_LEN];
    fluit_clock_init(&c);
    fluit_clock_set(&c, 1000, 5, 7);
    fluit_clock_save(&c, boot, saved);
    struct fluit_slice slice = fluit_slice(saved, sizeof saved);
    assert_int_equal(fluit_clock_restore(&back, other_boot, 2000, slice), FLUIT_E_UNKNOWN);
    assert_int_equal(fluit_clock_restore(&back, boot, 999, slice), FLUIT_E_FORMAT);
    for (size_t len = 0; len < sizeof saved; len++)
        assert_int_equal(fluit_clock_restore(&back, boot, 2000, fluit_slice(saved, len)),
                         FLUIT_E_FORMAT);
    assert_int_equal(fluit_clock_restore(&back, boot, 2000, slice), FLUIT_OK);
}

/* Whatever the disk gives back: refused, or a clock that works. */
static void survives_any_saved_bytes(void **state)
{
    (void)state;
    struct fluit_rng rng;
    struct fluit_clock c;
    uint8_t saved[FLUIT_CLOCK_SAVED_LEN], turned[FLUIT_CLOCK_SAVED_LEN];
    int taken = 0;
    fluit_rng_seed(&rng, "saved", 5);
    fluit_clock_init(&c);
    fluit_clock_set(&c, 1000, 5, 7);
    fluit_clock_save(&c, boot, saved);
    for (int n = 0; n < 20000; n++) {
        memcpy(turned, saved, sizeof saved);
        for (uint64_t k = fluit_rng_below(&rng, 8); k > 0; k--)
            turned[16 + fluit_rng_below(&rng, 40)] = (uint8_t)fluit_rng_u64(&rng);
        if (fluit_clock_restore(&c, boot, 2000, fluit_slice(turned, sizeof turned)))
            continue;
        taken++;
        (void)fluit_clock_local(&c, fluit_clock_mesh(&c, INT64_MAX));
        assert_true(fluit_clock_bound(&c, INT64_MIN) >= 0);
        (void)good_sample(&c, 3000, 50);
        (void)good_sample(&c, 2 * 3600 * SECOND, 60);
    }
    assert_in_range(taken, 100, 19900);
}

static void a_leader_comes_back_as_one(void **state)
{
    (void)state;
    struct fluit_clock c, back;
    uint8_t saved[FLUIT_CLOCK_SAVED_LEN];
    fluit_clock_init(&c);
    fluit_clock_set(&c, 0, 5000, 0);
    fluit_clock_lead(&c, 0);
    fluit_clock_save(&c, boot, saved);
    struct fluit_slice slice = fluit_slice(saved, sizeof saved);
    assert_int_equal(fluit_clock_restore(&back, boot, 60 * MINUTE, slice), FLUIT_OK);
    assert_int_equal(fluit_clock_mesh(&back, 60 * MINUTE), 60 * MINUTE + 5000);
    assert_in_range(fluit_clock_bound(&back, 60 * MINUTE), 0, 5);
}

/* Counts the exchanges wanted in from..to, answering none. */
static int wanted(struct fluit_clock *c, int64_t from_us, int64_t to_us, int64_t *last_us)
{
    int count = 0;
    for (int64_t t = fluit_clock_wants(c, from_us); t < to_us; t = fluit_clock_wants(c, t)) {
        assert_true(*last_us == NO_LAST || t - *last_us >= FLUIT_CLOCK_BURST_GAP_US);
        fluit_clock_sent(c, t);
        *last_us = t;
        count++;
    }
    return count;
}

static void asks_in_a_burst_and_then_now_and_then(void **state)
{
    (void)state;
    struct fluit_clock c;
    int64_t start = -5 * MINUTE, last = NO_LAST;
    fluit_clock_init(&c);
    assert_int_equal(fluit_clock_wants(&c, start), start);
    assert_int_equal(wanted(&c, start, start + SECOND, &last), FLUIT_CLOCK_BURST);
    assert_int_equal(last, start + (FLUIT_CLOCK_BURST - 1) * FLUIT_CLOCK_BURST_GAP_US);
    assert_int_equal(wanted(&c, start + SECOND, start + 21 * SECOND, &last), 10);
    fluit_clock_burst(&c);
    assert_int_equal(wanted(&c, start + 22 * SECOND, start + 23 * SECOND, &last),
                     FLUIT_CLOCK_BURST);
}

static void asks_in_a_burst_before_a_mark(void **state)
{
    (void)state;
    struct fluit_clock c;
    int64_t mark = MINUTE, due = mark - FLUIT_CLOCK_BEFORE_MARK_US, last = NO_LAST;
    fluit_clock_init(&c);
    fluit_clock_prepare(&c, mark);
    (void)wanted(&c, 0, due, &last);
    assert_int_equal(fluit_clock_wants(&c, last), due);
    assert_int_equal(wanted(&c, due, due + SECOND, &last), FLUIT_CLOCK_BURST);
    /* Told again, a little off as the clock was corrected: the burst was there. */
    fluit_clock_prepare(&c, mark + 300);
    assert_int_equal(wanted(&c, due + SECOND, mark, &last), 1);
    /* Another mark has its own; one that has passed has none. */
    fluit_clock_prepare(&c, 2 * MINUTE);
    (void)wanted(&c, mark, 2 * MINUTE - FLUIT_CLOCK_BEFORE_MARK_US, &last);
    int64_t from = 2 * MINUTE - FLUIT_CLOCK_BEFORE_MARK_US;
    assert_int_equal(wanted(&c, from, from + SECOND, &last), FLUIT_CLOCK_BURST);
    fluit_clock_prepare(&c, SECOND);
    assert_int_equal(wanted(&c, 3 * MINUTE, 3 * MINUTE + SECOND, &last), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_over_without_a_rate_only_as_far_as_it_says),
        cmocka_unit_test(refuses_what_can_not_be),
        cmocka_unit_test(survives_any_numbers),
        cmocka_unit_test(one_mad_answer_changes_nothing),
        cmocka_unit_test(believes_a_new_time_that_goes_on),
        cmocka_unit_test(local_is_the_inverse_of_mesh),
        cmocka_unit_test(a_leader_defines_mesh_time),
        cmocka_unit_test(a_new_leader_goes_on_at_its_rate),
        cmocka_unit_test(does_not_come_back_in_another_boot),
        cmocka_unit_test(survives_any_saved_bytes),
        cmocka_unit_test(a_leader_comes_back_as_one),
        cmocka_unit_test(asks_in_a_burst_and_then_now_and_then),
        cmocka_unit_test(asks_in_a_burst_before_a_mark),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
