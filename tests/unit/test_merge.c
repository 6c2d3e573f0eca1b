#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/merge.h"
#include "tests/unit/script_fixture.h"

enum {
    MANAGER,
    HEALTH,
    MONEY,
    JOY,
    BLANK
};

struct fixture {
    struct fluit_script *script;
    struct fluit_fold *fold;
    struct fluit_merge merge;
    uint64_t seq;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->script = fixture_script();
    f->fold = fluit_fold_new(f->script);
    *state = f;
    return f->fold ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fluit_fold_free(f->fold);
    fixture_script_free(f->script);
    free(f);
    return 0;
}

static void place(struct fixture *f, uint8_t table, uint8_t round, struct fluit_act act)
{
    struct fluit_origin origin = fixture_origin(table, table, round, ++f->seq);
    assert_int_equal(fluit_fold_apply(f->fold, &origin, &act), FLUIT_OK);
}

static void counts_final_and_first_places_apart(void **state)
{
    struct fixture *f = *state;
    place(f, 1, 1, fixture_place("money", 1, "helps", 1));
    place(f, 1, 1, fixture_place("money", 1, "hinders", 2));
    place(f, 2, 1, fixture_place("money", 1, "hinders", 2));
    place(f, 2, 1, fixture_place("manager", 1, "helps", 2));
    place(f, 2, 1, fixture_lift("manager", 1));
    place(f, 3, 1, fixture_lift("health", 1));
    fluit_merge_run(&f->merge, f->fold, 1);
    assert_int_equal(f->merge.final[MONEY].at[1][2], 2);
    assert_int_equal(f->merge.final[MONEY].at[0][1], 0);
    assert_int_equal(f->merge.first[MONEY].at[0][1], 1);
    assert_int_equal(f->merge.first[MONEY].at[1][2], 1);
    assert_int_equal(fluit_tally_count(&f->merge.final[MANAGER], 0), 0);
    assert_int_equal(fluit_tally_count(&f->merge.first[MANAGER], 0), 1);
    assert_int_equal(f->merge.boards, 2);
}

static void rounds_add_up_to_together(void **state)
{
    struct fixture *f = *state;
    place(f, 1, 1, fixture_place("money", 1, "helps", 1));
    place(f, 1, 2, fixture_place("money", 1, "helps", 1));
    fluit_merge_run(&f->merge, f->fold, 1);
    assert_int_equal(f->merge.final[MONEY].at[0][1], 1);
    fluit_merge_run(&f->merge, f->fold, 0);
    assert_int_equal(f->merge.final[MONEY].at[0][1], 2);
    assert_int_equal(f->merge.boards, 2);
}

static void a_card_counts_on_both_sides_by_its_copies(void **state)
{
    struct fixture *f = *state;
    place(f, 1, 1, fixture_place("health", 1, "helps", 2));
    place(f, 1, 1, fixture_place("health", 2, "hinders", 1));
    fluit_merge_run(&f->merge, f->fold, 0);
    assert_int_equal(f->merge.final[HEALTH].at[0][2], 1);
    assert_int_equal(f->merge.final[HEALTH].at[1][1], 1);
}

static void yields_and_blanks_stay_out_of_the_categories(void **state)
{
    struct fixture *f = *state;
    place(f, 1, 1, fixture_place("joy", 1, "yields", 0));
    place(f, 1, 1, fixture_place("blank-1", 1, "helps", 2));
    place(f, 1, 1, fixture_place("blank-2", 1, "helps", 2));
    place(f, 1, 1, fixture_place("money", 1, "helps", 1));
    fluit_merge_run(&f->merge, f->fold, 0);
    assert_int_equal(fluit_tally_count(&f->merge.final[JOY], 2), 1);
    assert_int_equal(f->merge.final[BLANK].at[0][2], 2);
    assert_int_equal(fluit_tally_count(&f->merge.categories[0], 0), 0);
    assert_int_equal(fluit_tally_count(&f->merge.categories[1], 0), 1);
    assert_int_equal(fluit_tally_count(&f->merge.categories[2], 0), 2);
}

static void ranks_by_count_then_degree_then_script(void **state)
{
    struct fixture *f = *state;
    int rows[FLUIT_MERGE_ROWS_MAX];
    place(f, 1, 1, fixture_place("blank-1", 1, "helps", 2));
    place(f, 1, 1, fixture_place("money", 1, "helps", 2));
    place(f, 1, 1, fixture_place("manager", 1, "helps", 1));
    place(f, 1, 1, fixture_place("health", 1, "helps", 1));
    fluit_merge_run(&f->merge, f->fold, 0);
    assert_int_equal(fluit_merge_rank(&f->merge, 0, rows), 3);
    assert_int_equal(rows[0], MONEY);
    assert_int_equal(rows[1], MANAGER);
    assert_int_equal(rows[2], HEALTH);
    place(f, 2, 1, fixture_place("health", 1, "helps", 1));
    fluit_merge_run(&f->merge, f->fold, 0);
    assert_int_equal(fluit_merge_rank(&f->merge, 0, rows), 3);
    assert_int_equal(rows[0], HEALTH);
    assert_int_equal(fluit_merge_rank(&f->merge, 1, rows), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(counts_final_and_first_places_apart),
        TEST(rounds_add_up_to_together),
        TEST(a_card_counts_on_both_sides_by_its_copies),
        TEST(yields_and_blanks_stay_out_of_the_categories),
        TEST(ranks_by_count_then_degree_then_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
