#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/rehearse/people.h"
#include "tests/unit/script_fixture.h"

/* People at table 1, what their device said of late, and a fold of what a new one reads. */
struct fixture {
    struct fluit_script *script;
    struct fluit_ledger ledger;
    struct fluit_people people;
    struct fluit_fold *fold;
    uint64_t seq;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->script = fixture_script();
    f->fold = fluit_fold_new(f->script);
    *state = f;
    return fluit_ledger_init(&f->ledger, 2) ||
           fluit_people_init(&f->people, f->script, &f->ledger, 1, FLUIT_NODE_TABLE, 1);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fluit_people_deinit(&f->people);
    fluit_ledger_deinit(&f->ledger);
    fluit_fold_free(f->fold);
    fixture_script_free(f->script);
    free(f);
    return 0;
}

/* The people did it, and were told so. */
static void did(struct fixture *f, const struct fluit_act *act, const char *text)
{
    struct fluit_saying saying = {.act = *act, .round = 1};
    char told[64];
    snprintf(saying.text, sizeof saying.text, "%s", text);
    snprintf(told, sizeof told, "saved %d done", (int)++f->seq);
    fluit_people_did(&f->people, &saying, told);
}

static void reads(struct fixture *f, const struct fluit_act *act)
{
    struct fluit_origin origin = fixture_origin(1, 1, 1, ++f->seq);
    assert_int_equal(fluit_fold_apply(f->fold, &origin, act), FLUIT_OK);
}

static struct fluit_act place(const char *card, const char *zone, uint8_t degree)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PLACE};
    act.place.card = (struct fluit_card_ref){fixture_id(card), 1};
    act.place.zone = fixture_id(zone);
    act.place.degree = degree;
    return act;
}

static struct fluit_act why(const char *card, const char *text)
{
    struct fluit_act act = {.kind = FLUIT_KIND_WHY};
    act.why.card = (struct fluit_card_ref){fixture_id(card), 1};
    act.why.text = fluit_slice_str(text);
    return act;
}

static void safe(struct fixture *f, uint64_t seq)
{
    char line[32];
    snprintf(line, sizeof line, "safe %d", (int)seq);
    fluit_people_hear(&f->people, line, 1000);
}

static int compare(struct fixture *f)
{
    return fluit_people_compare(&f->people, f->fold, false);
}

static void the_board_as_it_was_is_right(void **state)
{
    struct fixture *f = *state;
    struct fluit_act laid = place("money", "helps", 2), because = why("money", "rent");
    did(f, &laid, "");
    did(f, &because, "rent");
    safe(f, 2);
    fluit_people_replace(&f->people);
    reads(f, &laid);
    assert_int_equal(compare(f), 1); /* its why is not there */
    reads(f, &because);
    assert_int_equal(compare(f), 0);
}

static void a_card_that_lies_elsewhere_is_wrong(void **state)
{
    struct fixture *f = *state;
    struct fluit_act laid = place("money", "helps", 2), elsewhere = place("money", "helps", 1);
    did(f, &laid, "");
    safe(f, 1);
    fluit_people_replace(&f->people);
    assert_int_equal(compare(f), 1);
    reads(f, &elsewhere);
    assert_int_equal(compare(f), 1);
    reads(f, &laid);
    assert_int_equal(compare(f), 0);
}

static void what_was_not_safe_may_be_there_or_not(void **state)
{
    struct fixture *f = *state;
    struct fluit_act laid = place("money", "helps", 2), moved = place("money", "hinders", 1);
    did(f, &laid, "");
    did(f, &moved, "");
    safe(f, 1);
    fluit_people_replace(&f->people);
    assert_int_equal(compare(f), 0);
    /* From then on they know it from the new device. */
    const struct fluit_card_ref *card = &laid.place.card;
    assert_int_equal(fluit_people_slot(&f->people, card)->place.kind, FLUIT_PLACE_HAND);
    reads(f, &laid);
    assert_int_equal(compare(f), 1);
}

static void types_nothing_until_the_board_was_looked_at(void **state)
{
    struct fixture *f = *state;
    char line[512];
    fluit_people_hear(&f->people, "ready: table 1", 1000);
    assert_true(fluit_people_type(&f->people, 1000, line));
    assert_string_equal(line, "status");
    fluit_people_lose(&f->people);
    fluit_people_replace(&f->people);
    fluit_people_hear(&f->people, "ready: table 1", 2000);
    assert_true(fluit_people_type(&f->people, 2000, line));
    assert_string_equal(line, "status");
    fluit_people_hear(&f->people, "status round=1 step=1 state=running saved=3 safe=3", 3000);
    assert_false(f->people.fresh);
    assert_int_equal(fluit_people_due(&f->people), INT64_MAX);
    f->people.looks = false;
    assert_true(fluit_people_due(&f->people) < INT64_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_board_as_it_was_is_right),
        TEST(a_card_that_lies_elsewhere_is_wrong),
        TEST(what_was_not_safe_may_be_there_or_not),
        TEST(types_nothing_until_the_board_was_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
