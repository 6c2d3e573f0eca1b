#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/rehearse/ledger.h"

static int set_up(void **state)
{
    struct fluit_ledger *ledger = calloc(1, sizeof *ledger);
    assert_non_null(ledger);
    assert_int_equal(fluit_ledger_init(ledger, 2), FLUIT_OK);
    *state = ledger;
    return 0;
}

static int tear_down(void **state)
{
    fluit_ledger_deinit(*state);
    free(*state);
    return 0;
}

static void save(struct fluit_ledger *ledger, uint32_t node, const char *content, uint64_t seq)
{
    fluit_ledger_typed(ledger, node, content, 1000);
    fluit_ledger_saved(ledger, node, seq);
}

static void counts_what_was_told_saved_and_safe(void **state)
{
    struct fluit_ledger *ledger = *state;
    save(ledger, 0, "a", 5);
    save(ledger, 0, "b", 7);
    save(ledger, 1, "c", 5);
    fluit_ledger_safe(ledger, 0, 6, 4000);
    struct fluit_ledger_sum sum = fluit_ledger_sum(ledger);
    assert_int_equal(sum.written, 3);
    assert_int_equal(sum.safe, 1);
}

static void tells_a_lost_safe_line_from_a_lost_saved_one(void **state)
{
    struct fluit_ledger *ledger = *state;
    save(ledger, 0, "a", 5);
    save(ledger, 0, "b", 6);
    save(ledger, 0, "c", 7);
    fluit_ledger_safe(ledger, 0, 6, 4000);
    fluit_ledger_found(ledger, 0, 5, "a");
    struct fluit_ledger_sum sum = fluit_ledger_sum(ledger);
    assert_int_equal(sum.lost_safe, 1);
    assert_int_equal(sum.lost_saved_only, 1);
    assert_int_equal(sum.duplicates, 0);
}

static void other_words_under_its_number_are_no_find(void **state)
{
    struct fluit_ledger *ledger = *state;
    save(ledger, 0, "a", 5);
    fluit_ledger_safe(ledger, 0, 5, 4000);
    fluit_ledger_found(ledger, 0, 5, "A");
    struct fluit_ledger_sum sum = fluit_ledger_sum(ledger);
    assert_int_equal(sum.lost_safe, 1);
    assert_int_equal(sum.duplicates, 1);
}

static void the_same_words_twice_are_a_duplicate(void **state)
{
    struct fluit_ledger *ledger = *state;
    save(ledger, 0, "a", 5);
    fluit_ledger_found(ledger, 0, 5, "a");
    fluit_ledger_found(ledger, 0, 9, "a");
    assert_int_equal(fluit_ledger_sum(ledger).duplicates, 1);
}

static void the_same_act_done_twice_is_none(void **state)
{
    struct fluit_ledger *ledger = *state;
    save(ledger, 0, "a", 5);
    save(ledger, 0, "a", 9);
    fluit_ledger_found(ledger, 0, 9, "a");
    fluit_ledger_found(ledger, 0, 5, "a");
    struct fluit_ledger_sum sum = fluit_ledger_sum(ledger);
    assert_int_equal(sum.duplicates, 0);
    assert_int_equal(sum.lost_saved_only, 0);
}

static void a_refused_line_must_not_be_found(void **state)
{
    struct fluit_ledger *ledger = *state;
    fluit_ledger_typed(ledger, 0, "a", 1000);
    fluit_ledger_refused(ledger, 0);
    fluit_ledger_found(ledger, 0, 5, "a");
    struct fluit_ledger_sum sum = fluit_ledger_sum(ledger);
    assert_int_equal(sum.written, 0);
    assert_int_equal(sum.duplicates, 1);
}

static void a_line_whose_answer_died_may_be_there_once(void **state)
{
    struct fluit_ledger *ledger = *state;
    fluit_ledger_typed(ledger, 0, "a", 1000);
    fluit_ledger_died(ledger, 0);
    assert_int_equal(fluit_ledger_sum(ledger).written, 0);
    fluit_ledger_found(ledger, 0, 5, "a");
    assert_int_equal(fluit_ledger_sum(ledger).duplicates, 0);
    fluit_ledger_found(ledger, 0, 6, "a");
    assert_int_equal(fluit_ledger_sum(ledger).duplicates, 1);
}

static void an_answered_line_is_found_before_an_unanswered_one(void **state)
{
    struct fluit_ledger *ledger = *state;
    fluit_ledger_typed(ledger, 0, "a", 1000);
    fluit_ledger_died(ledger, 0);
    fluit_ledger_back(ledger, 0, 4);
    save(ledger, 0, "a", 5);
    fluit_ledger_found(ledger, 0, 5, "a");
    assert_int_equal(fluit_ledger_sum(ledger).lost_saved_only, 0);
}

static void numbers_after_a_lost_tail_belong_to_a_new_life(void **state)
{
    struct fluit_ledger *ledger = *state;
    save(ledger, 0, "a", 5);
    save(ledger, 0, "b", 6);
    fluit_ledger_died(ledger, 0);
    fluit_ledger_back(ledger, 0, 2); /* a new feed: two entries of its own */
    save(ledger, 0, "c", 6);
    fluit_ledger_safe(ledger, 0, 6, 4000);
    struct fluit_ledger_sum sum = fluit_ledger_sum(ledger);
    assert_int_equal(sum.safe, 1);
    fluit_ledger_found(ledger, 0, 6, "b");
    fluit_ledger_found(ledger, 0, 6, "c");
    fluit_ledger_found(ledger, 0, 5, "a");
    sum = fluit_ledger_sum(ledger);
    assert_int_equal(sum.lost_safe + sum.lost_saved_only + sum.duplicates, 0);
}

static void what_a_lost_device_had_not_made_safe_stays_so(void **state)
{
    struct fluit_ledger *ledger = *state;
    save(ledger, 0, "a", 5);
    save(ledger, 0, "b", 6);
    fluit_ledger_safe(ledger, 0, 5, 4000);
    fluit_ledger_died(ledger, 0);
    fluit_ledger_replaced(ledger, 0);
    fluit_ledger_back(ledger, 0, 9); /* the new device's feed is even longer */
    save(ledger, 0, "c", 10);
    fluit_ledger_safe(ledger, 0, 10, 9000);
    fluit_ledger_found(ledger, 0, 5, "a");
    fluit_ledger_found(ledger, 0, 10, "c");
    struct fluit_ledger_sum sum = fluit_ledger_sum(ledger);
    assert_int_equal(sum.safe, 2);
    assert_int_equal(sum.lost_safe, 0);
    assert_int_equal(sum.lost_saved_only, 1);
}

static void safe_before_the_life_is_known_waits_for_it(void **state)
{
    struct fluit_ledger *ledger = *state;
    save(ledger, 0, "a", 5);
    fluit_ledger_died(ledger, 0);
    fluit_ledger_safe(ledger, 0, 5, 4000);
    assert_int_equal(fluit_ledger_sum(ledger).safe, 0);
    fluit_ledger_back(ledger, 0, 5);
    assert_int_equal(fluit_ledger_sum(ledger).safe, 1);
}

static void acks_leave_out_what_a_restart_made_safe(void **state)
{
    struct fluit_ledger *ledger = *state;
    size_t count;
    save(ledger, 0, "a", 5);
    save(ledger, 1, "b", 5);
    fluit_ledger_safe(ledger, 1, 5, 3500);
    fluit_ledger_died(ledger, 0);
    fluit_ledger_safe(ledger, 0, 5, 4000);
    fluit_ledger_back(ledger, 0, 5);
    int64_t *acks = fluit_ledger_acks(ledger, &count);
    assert_int_equal(count, 1);
    assert_int_equal(acks[0], 2500);
    free(acks);
}

static void content_tells_acts_apart(void **state)
{
    struct fluit_act act = {.kind = FLUIT_KIND_WHY};
    struct fluit_buf one = FLUIT_BUF_INIT, two = FLUIT_BUF_INIT;
    (void)state;
    assert_int_equal(fluit_id_set(&act.why.card.card, fluit_slice_str("health")), FLUIT_OK);
    act.why.card.copy = 2;
    act.why.text = fluit_slice_str("it helped");
    assert_true(fluit_ledger_content(&act, 1, &one));
    assert_string_equal(fluit_buf_text(&one), "why round 1 health/2 it helped");
    assert_true(fluit_ledger_content(&act, 2, &two));
    assert_string_not_equal(fluit_buf_text(&one), fluit_buf_text(&two));
    act.kind = FLUIT_KIND_FIRED;
    fluit_buf_reset(&two);
    assert_false(fluit_ledger_content(&act, 1, &two));
    fluit_buf_deinit(&one);
    fluit_buf_deinit(&two);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(counts_what_was_told_saved_and_safe),
        TEST(tells_a_lost_safe_line_from_a_lost_saved_one),
        TEST(other_words_under_its_number_are_no_find),
        TEST(the_same_words_twice_are_a_duplicate),
        TEST(the_same_act_done_twice_is_none),
        TEST(a_refused_line_must_not_be_found),
        TEST(a_line_whose_answer_died_may_be_there_once),
        TEST(an_answered_line_is_found_before_an_unanswered_one),
        TEST(numbers_after_a_lost_tail_belong_to_a_new_life),
        TEST(what_a_lost_device_had_not_made_safe_stays_so),
        TEST(safe_before_the_life_is_known_waits_for_it),
        TEST(acks_leave_out_what_a_restart_made_safe),
        TEST(content_tells_acts_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
