#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/kept.h"
#include "tests/unit/script_fixture.h"

struct item {
    struct fluit_origin origin;
    int key, value;
};

static int item_cmp(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->key - y->key;
}

static const struct fluit_kept_type newest = {item_cmp, free, 5, false};
static const struct fluit_kept_type oldest = {item_cmp, free, 5, true};

static void put(struct fluit_kept *kept, const struct fluit_kept_type *type, int key, int value)
{
    struct item *item = malloc(sizeof *item);
    assert_non_null(item);
    *item = (struct item){fixture_origin(1, 1, 1, (uint64_t)value), key, value};
    assert_int_equal(fluit_kept_put(kept, type, item), FLUIT_OK);
}

/* Adds values 0..39 under 8 keys in a random order, some twice; tells what is kept. */
static void fill(struct fluit_kept *kept, const struct fluit_kept_type *type, struct fluit_rng *rng)
{
    int order[40];
    for (int i = 0; i < 40; i++) {
        int j = (int)fluit_rng_below(rng, (uint64_t)i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (int i = 0; i < 40; i++)
        for (uint64_t times = 1 + fluit_rng_below(rng, 2); times > 0; times--)
            put(kept, type, order[i] * 7 % 8, order[i]);
}

static void a_full_set_does_not_depend_on_the_order(void **state)
{
    (void)state;
    struct fluit_rng rng;
    fluit_rng_seed(&rng, "kept", 4);
    for (int run = 0; run < 200; run++) {
        struct fluit_kept first = {0}, last = {0};
        fill(&first, &oldest, &rng);
        fill(&last, &newest, &rng);
        assert_int_equal(first.count, 5);
        assert_int_equal(last.count, 5);
        /* Of 40 values the 5 smallest have keys 0 7 6 5 4, the 5 greatest 1 2 3 4 5. */
        static const int smallest[] = {0, 4, 3, 2, 1}, greatest[] = {39, 38, 37, 36, 35};
        for (int i = 0; i < 5; i++) {
            assert_int_equal(((struct item *)first.items[i])->value, smallest[i]);
            assert_int_equal(((struct item *)last.items[i])->value, greatest[i]);
        }
        fluit_kept_deinit(&first, &oldest);
        fluit_kept_deinit(&last, &newest);
    }
}

static void stamps_count_an_origin_once_and_stop_at_the_limit(void **state)
{
    (void)state;
    struct fluit_stamps stamps = {0};
    for (uint64_t seq = 9; seq > 0; seq--)
        for (int twice = 0; twice < 2; twice++) {
            struct fluit_origin origin = fixture_origin(3, 1, 1, seq);
            assert_int_equal(fluit_stamps_add(&stamps, &origin, 4), FLUIT_OK);
        }
    assert_int_equal(stamps.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(stamps.items[i].seq, i + 1);
    fluit_stamps_deinit(&stamps);
}

static void a_text_keeps_its_newest_version(void **state)
{
    (void)state;
    struct fluit_worded worded = {0};
    struct fluit_origin old = fixture_origin(1, 1, 1, 5), new = fixture_origin(2, 1, 1, 1);
    assert_int_equal(fluit_worded_set(&worded, &new, false, fluit_slice_str("new")), FLUIT_OK);
    assert_int_equal(fluit_worded_set(&worded, &old, false, fluit_slice_str("old")), FLUIT_OK);
    assert_string_equal(worded.text, "new");
    assert_int_equal(fluit_worded_set(&worded, &new, false, fluit_slice_str("\x1b[2J")),
                     FLUIT_E_FORMAT);
    assert_string_equal(worded.text, "new");
    fluit_kept_text_free(worded.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_set_does_not_depend_on_the_order),
        cmocka_unit_test(stamps_count_an_origin_once_and_stop_at_the_limit),
        cmocka_unit_test(a_text_keeps_its_newest_version),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
