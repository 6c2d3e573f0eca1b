#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "node/rehearse/faults.h"
#include "node/rehearse/hub_watch.h"

#define STATUS(digest, leads)                                                                      \
    "status step=2 state=ready in_step=3 digest=" digest " leads=" leads " term=2 standbys=1"

static void knows_who_leads_from_the_last_status(void **state)
{
    struct fluit_hub_watch watch = {0};
    (void)state;
    assert_false(watch.leads);
    fluit_hub_watch_hear(&watch, STATUS("0123456789abcdef", "1"));
    assert_true(watch.leads);
    assert_int_equal(watch.standbys, 1);
    assert_string_equal(watch.digest, "0123456789abcdef");
    fluit_hub_watch_hear(&watch, STATUS("0123456789abcdef", "0"));
    assert_false(watch.leads);
    assert_int_equal(watch.statuses, 2);
}

static void hears_takeover_and_stepping_down(void **state)
{
    struct fluit_hub_watch watch = {0};
    (void)state;
    fluit_hub_watch_hear(&watch, "no: this hub leads now? not so");
    fluit_hub_watch_hear(&watch, "ready: tables can join now");
    assert_false(watch.took_over || watch.stepped_down);
    fluit_hub_watch_hear(&watch, "this hub leads now; tables follow by themselves");
    assert_true(watch.took_over);
    assert_false(watch.stepped_down);
    fluit_hub_watch_hear(&watch, "! another hub leads now: this one has stepped down.");
    assert_true(watch.stepped_down);
}

static void remembers_the_digests_of_late(void **state)
{
    struct fluit_hub_watch watch = {0};
    char line[160];
    (void)state;
    assert_false(fluit_hub_watch_showed(&watch, ""));
    for (int i = 0; i <= FLUIT_DIGESTS_SEEN; i++) {
        snprintf(line, sizeof line, "status digest=%016d leads=1", i);
        fluit_hub_watch_hear(&watch, line);
    }
    assert_false(fluit_hub_watch_showed(&watch, "0000000000000000"));
    assert_true(fluit_hub_watch_showed(&watch, "0000000000000001"));
    snprintf(line, sizeof line, "%016d", FLUIT_DIGESTS_SEEN);
    assert_true(fluit_hub_watch_showed(&watch, line));
    assert_false(fluit_hub_watch_showed(&watch, "000000000000"));
    fluit_hub_watch_forget_digests(&watch);
    assert_false(fluit_hub_watch_showed(&watch, line));
}

static void knows_its_faults_by_name(void **state)
{
    enum fluit_fault_kind kind;
    (void)state;
    for (int i = 0; i < FLUIT_FAULT_COUNT; i++) {
        assert_true(fluit_fault_find(fluit_fault_name((enum fluit_fault_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    assert_true(fluit_fault_find("replace-device", &kind));
    assert_int_equal(kind, FLUIT_FAULT_REPLACE_DEVICE);
    assert_false(fluit_fault_find("replace", &kind));
    assert_false(fluit_fault_find("", &kind));
}

static void says_which_faults_go_together(void **state)
{
    bool asked[FLUIT_FAULT_COUNT] = {[FLUIT_FAULT_TABLE_DIES] = true,
                                     [FLUIT_FAULT_HUB_DIES] = true,
                                     [FLUIT_FAULT_HUB_GONE] = true};
    enum fluit_fault_kind a, b;
    (void)state;
    assert_false(fluit_faults_clash(asked, &a, &b));
    asked[FLUIT_FAULT_SPLIT] = true;
    assert_true(fluit_faults_clash(asked, &a, &b));
    assert_true(b == FLUIT_FAULT_SPLIT && a == FLUIT_FAULT_HUB_DIES);
    asked[FLUIT_FAULT_HUB_DIES] = asked[FLUIT_FAULT_HUB_GONE] = false;
    assert_false(fluit_faults_clash(asked, &a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_who_leads_from_the_last_status),
        cmocka_unit_test(hears_takeover_and_stepping_down),
        cmocka_unit_test(remembers_the_digests_of_late),
        cmocka_unit_test(knows_its_faults_by_name),
        cmocka_unit_test(says_which_faults_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
