#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/rehearse/ledger.h"

static struct fluit_act why(const char *card, const char *text)
{
    struct fluit_act act = {.kind = FLUIT_KIND_WHY};
    assert_int_equal(fluit_id_set(&act.why.card.card, fluit_slice_str(card)), FLUIT_OK);
    act.why.card.copy = 1;
    act.why.text = fluit_slice_str(text);
    return act;
}

static void find(struct fluit_ledger *ledger, int node, uint64_t seq, const char *text)
{
    struct fluit_origin origin = {.seq = seq};
    struct fluit_act act = why("health", text);
    fluit_ledger_find(ledger, node, &origin, &act);
}

static void knows_what_is_lost(void **state)
{
    struct fluit_ledger ledger = {0};
    (void)state;
    fluit_ledger_type(&ledger, 1, "why health/1 nr 1", 0);
    fluit_ledger_type(&ledger, 1, "why health/1 nr 2", 0);
    fluit_ledger_type(&ledger, 1, "why health/1 nr 3", 0);
    fluit_ledger_type(&ledger, 1, "why health/1 nr 4", 0);
    for (uint64_t seq = 5; seq < 8; seq++)
        fluit_ledger_answer(&ledger, 1, seq);
    fluit_ledger_answer(&ledger, 1, 0);
    fluit_ledger_safe(&ledger, 1, 6, 10);

    struct fluit_ledger_sums sums = fluit_ledger_sum(&ledger);
    assert_int_equal(sums.saved, 3);
    assert_int_equal(sums.safe, 2);
    assert_int_equal(sums.lost_safe, 2);
    assert_int_equal(sums.lost_saved_only, 1);

    find(&ledger, 1, 5, "nr 1");
    find(&ledger, 1, 6, "nr 1"); /* other words where nr 2 was saved */
    find(&ledger, 2, 7, "nr 3"); /* somebody else's */
    sums = fluit_ledger_sum(&ledger);
    assert_int_equal(sums.lost_safe, 1);
    assert_int_equal(sums.lost_saved_only, 1);
    assert_int_equal(sums.duplicates, 1);
    fluit_ledger_deinit(&ledger);
}

static void a_dead_node_owes_no_answers(void **state)
{
    struct fluit_ledger ledger = {0};
    (void)state;
    fluit_ledger_type(&ledger, 1, "undo", 0);
    fluit_ledger_type(&ledger, 2, "undo", 0);
    assert_int_equal(fluit_ledger_waiting(&ledger, 1), 1);
    fluit_ledger_died(&ledger, 1);
    assert_int_equal(fluit_ledger_waiting(&ledger, 1), 0);
    assert_int_equal(fluit_ledger_waiting(&ledger, 2), 1);
    fluit_ledger_answer(&ledger, 2, 9);
    find(&ledger, 2, 9, "whatever was undone");
    assert_int_equal(fluit_ledger_sum(&ledger).lost_saved_only, 0);
    fluit_ledger_deinit(&ledger);
}

static void waits_are_sorted(void **state)
{
    struct fluit_ledger ledger = {0};
    size_t count;
    (void)state;
    fluit_ledger_type(&ledger, 1, "a", 100);
    fluit_ledger_type(&ledger, 1, "b", 150);
    fluit_ledger_answer(&ledger, 1, 1);
    fluit_ledger_answer(&ledger, 1, 2);
    fluit_ledger_safe(&ledger, 1, 2, 200);
    int64_t *waits = fluit_ledger_waits(&ledger, &count);
    assert_int_equal(count, 2);
    assert_int_equal(waits[0], 50);
    assert_int_equal(waits[1], 100);
    free(waits);
    fluit_ledger_deinit(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_is_lost),
        cmocka_unit_test(a_dead_node_owes_no_answers),
        cmocka_unit_test(waits_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
