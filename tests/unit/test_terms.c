#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "node/core/terms.h"

static struct fluit_term term(uint32_t number, uint8_t hub)
{
    struct fluit_term t = {.number = number};
    memset(t.hub.b, hub, sizeof t.hub.b);
    return t;
}

static void each_rank_has_numbers_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(fluit_term_after(0, 0), 1);
    assert_int_equal(fluit_term_after(0, 255), 256);
    assert_int_equal(fluit_term_after(1, 0), 257);
    assert_int_equal(fluit_term_after(1, 5), 262);
    assert_int_equal(fluit_term_after(262, 0), 513);
    assert_int_equal(fluit_term_after(UINT32_MAX, 0), 0);
    for (uint32_t highest = 1; highest < 2000; highest += 7)
        for (uint32_t rank = 0; rank < FLUIT_NODES_MAX; rank++) {
            uint32_t next = fluit_term_after(highest, rank);
            assert_int_equal(fluit_term_generation(next), fluit_term_generation(highest) + 1);
            assert_int_equal((next - 1) % FLUIT_NODES_MAX, rank);
        }
    assert_int_equal(fluit_term_generation(1), 0);
    assert_int_equal(fluit_term_generation(256), 0);
    assert_int_equal(fluit_term_generation(262), 1);
}

static void the_highest_leads(void **state)
{
    struct fluit_terms terms = {0};
    struct fluit_term a = term(1, 'a'), b = term(262, 'b');
    (void)state;
    assert_null(fluit_terms_newest(&terms));
    assert_true(fluit_terms_add(&terms, &b));
    assert_true(fluit_terms_add(&terms, &a));
    assert_false(fluit_terms_add(&terms, &a));
    assert_memory_equal(fluit_terms_newest(&terms)->hub.b, b.hub.b, 32);
    assert_true(fluit_terms_name(&terms, 1, &a.hub));
    assert_false(fluit_terms_name(&terms, 1, &b.hub));
    assert_false(fluit_terms_name(&terms, 2, &a.hub));
}

static void the_lowest_is_forgotten_first(void **state)
{
    struct fluit_terms terms = {0};
    struct fluit_term t;
    (void)state;
    for (uint32_t i = 0; i < FLUIT_TERMS_MAX; i++) {
        t = term(10 + i, 'a');
        assert_true(fluit_terms_add(&terms, &t));
    }
    t = term(5, 'a');
    assert_false(fluit_terms_add(&terms, &t));
    t = term(5000, 'b');
    assert_true(fluit_terms_add(&terms, &t));
    assert_int_equal(fluit_terms_newest(&terms)->number, 5000);
    t = term(10, 'a');
    assert_false(fluit_terms_name(&terms, 10, &t.hub));
    assert_int_equal(terms.count, FLUIT_TERMS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rank_has_numbers_of_its_own),
        cmocka_unit_test(the_highest_leads),
        cmocka_unit_test(the_lowest_is_forgotten_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
