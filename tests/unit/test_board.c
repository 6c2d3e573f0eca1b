#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/board.h"
#include "tests/unit/script_fixture.h"

struct fixture {
    struct fluit_script *script;
    struct fluit_board board;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->script = fixture_script();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fluit_board_deinit(&f->board);
    fixture_script_free(f->script);
    free(f);
    return 0;
}

static enum fluit_err apply(struct fixture *f, uint64_t seq, struct fluit_act act)
{
    struct fluit_origin origin = fixture_origin(1, 1, 1, seq);
    return fluit_board_apply(&f->board, f->script, &origin, &act);
}

static const struct fluit_board_card *card(struct fixture *f, const char *id, uint8_t copy)
{
    struct fluit_card_ref ref = fixture_card(id, copy);
    return fluit_board_card(&f->board, &ref);
}

static void keeps_first_and_final_place_whatever_came_first(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(apply(f, 9, fixture_place("health", 1, "hinders", 2)), FLUIT_OK);
    assert_int_equal(apply(f, 4, fixture_place("health", 1, "helps", 1)), FLUIT_OK);
    assert_int_equal(apply(f, 6, fixture_lift("health", 1)), FLUIT_OK);
    const struct fluit_board_card *health = card(f, "health", 1);
    assert_int_equal(health->place.zone, 1);
    assert_int_equal(health->place.degree, 2);
    assert_int_equal(health->first.zone, 0);
    assert_int_equal(health->first.degree, 1);
    assert_int_equal(health->moves.count, 3);
    assert_int_equal(health->origin.mesh_us, 9000000);
}

static void a_card_lies_on_both_sides_by_its_two_copies(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(apply(f, 1, fixture_place("manager", 1, "helps", 2)), FLUIT_OK);
    assert_int_equal(apply(f, 2, fixture_place("manager", 2, "hinders", 1)), FLUIT_OK);
    assert_int_equal(fluit_board_lying(&f->board), 2);
    assert_int_equal(card(f, "manager", 1)->place.zone, 0);
    assert_int_equal(card(f, "manager", 2)->place.zone, 1);
}

static void laying_order_follows_the_first_placement(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(apply(f, 1, fixture_place("money", 1, "helps", 1)), FLUIT_OK);
    assert_int_equal(apply(f, 2, fixture_place("manager", 1, "helps", 1)), FLUIT_OK);
    assert_int_equal(apply(f, 3, fixture_place("money", 1, "hinders", 1)), FLUIT_OK);
    assert_int_equal(apply(f, 4, fixture_lift("manager", 1)), FLUIT_OK);
    assert_int_equal(apply(f, 5, fixture_why("health", 1, "not laid")), FLUIT_OK);
    const struct fluit_board_card *laid[FLUIT_BOARD_CARDS_MAX];
    assert_int_equal(fluit_board_laid(&f->board, laid), 2);
    assert_true(fluit_id_is(&laid[0]->ref.card, "money"));
    assert_true(fluit_id_is(&laid[1]->ref.card, "manager"));
    assert_int_equal(fluit_board_lying(&f->board), 1);
}

static void an_undo_puts_back_any_place(void **state)
{
    struct fixture *f = *state;
    const struct fluit_place places[] = {
        {FLUIT_PLACE_HAND, 0, 0}, {FLUIT_PLACE_ASIDE, 0, 0}, {FLUIT_PLACE_ZONE, 1, 2}};
    struct fluit_card_ref ref = fixture_card("money", 2);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(apply(f, 2 * i + 1, fixture_place("money", 2, "helps", 1)), FLUIT_OK);
        struct fluit_act undo = fluit_board_place_act(f->script, &ref, places[i]);
        assert_int_equal(apply(f, 2 * i + 2, undo), FLUIT_OK);
        assert_true(fluit_place_eq(card(f, "money", 2)->place, places[i]));
    }
}

static void refuses_what_the_script_does_not_have(void **state)
{
    struct fixture *f = *state;
    assert_int_not_equal(apply(f, 1, fixture_place("ghost", 1, "helps", 1)), FLUIT_OK);
    assert_int_not_equal(apply(f, 2, fixture_place("money", 3, "helps", 1)), FLUIT_OK);
    assert_int_not_equal(apply(f, 3, fixture_place("money", 1, "nowhere", 1)), FLUIT_OK);
    assert_int_not_equal(apply(f, 4, fixture_place("money", 1, "helps", 3)), FLUIT_OK);
    assert_int_not_equal(apply(f, 5, fixture_place("joy", 1, "helps", 1)), FLUIT_OK);
    assert_int_not_equal(apply(f, 6, fixture_role_act("ghost", 1)), FLUIT_OK);
    assert_int_not_equal(apply(f, 7, fixture_link("money", "ghost", "x", false)), FLUIT_OK);
    assert_int_not_equal(apply(f, 8, fixture_link("money", "money", "x", false)), FLUIT_OK);
    assert_int_not_equal(apply(f, 9, fixture_why("money", 1, "\x1b[2J")), FLUIT_OK);
    assert_int_equal(fluit_board_card_count(&f->board), 0);
    assert_int_equal(fluit_board_link_count(&f->board), 0);
}

static void a_why_can_be_given_none_and_written_over(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(apply(f, 1, fixture_why("money", 1, NULL)), FLUIT_OK);
    assert_true(card(f, "money", 1)->why.none);
    assert_int_equal(apply(f, 2, fixture_why("money", 1, "because")), FLUIT_OK);
    assert_false(card(f, "money", 1)->why.none);
    assert_string_equal(card(f, "money", 1)->why.text, "because");
}

static void links_keep_the_newest_of_too_many(void **state)
{
    struct fixture *f = *state;
    f->script->card_count = 30;
    for (int i = 4; i < 30; i++) {
        char name[8] = {'c', (char)('a' + i % 26), 0};
        f->script->cards[i] = f->script->cards[0];
        f->script->cards[i].id = fixture_id(name);
    }
    uint64_t seq = 0;
    for (int i = 0; i < 30; i++)
        for (int j = 0; j < 30; j++)
            if (i != j)
                assert_int_equal(apply(f, ++seq,
                                       fixture_link(f->script->cards[i].id.s,
                                                    f->script->cards[j].id.s, "w", false)),
                                 FLUIT_OK);
    assert_int_equal(fluit_board_link_count(&f->board), FLUIT_LINKS_MAX);
    for (size_t i = 0; i < FLUIT_LINKS_MAX; i++)
        assert_true(fluit_board_link_at(&f->board, i)->origin.seq > seq - FLUIT_LINKS_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(keeps_first_and_final_place_whatever_came_first),
        TEST(a_card_lies_on_both_sides_by_its_two_copies),
        TEST(laying_order_follows_the_first_placement),
        TEST(an_undo_puts_back_any_place),
        TEST(refuses_what_the_script_does_not_have),
        TEST(a_why_can_be_given_none_and_written_over),
        TEST(links_keep_the_newest_of_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
