/* Whom the hub lets in. PROTOCOL.md "Invites" and "Door". */
#include "tests/unit/hub_desk.h"

static void a_code_lets_in_one_device(void **state)
{
    struct hub_desk *d = *state;
    struct fluit_invite_code code = hub_desk_code(d, "table-01");
    struct fluit_identity one = hub_desk_device(1), other = hub_desk_device(2);
    assert_false(fluit_hub_admits(d->hub, &one.link_pk));
    assert_int_equal(hub_desk_knock(d, &code, &one, FLUIT_NODE_TABLE), 0);
    assert_true(fluit_hub_admits(d->hub, &one.link_pk));
    uint32_t count = d->hub->node.roster.count;
    assert_int_equal(hub_desk_knock(d, &code, &other, FLUIT_NODE_TABLE), FLUIT_REFUSED_USED);
    assert_false(fluit_hub_admits(d->hub, &other.link_pk));
    /* Its answer may have been lost. */
    assert_int_equal(hub_desk_knock(d, &code, &one, FLUIT_NODE_TABLE), 0);
    assert_int_equal(d->hub->node.roster.count, count);
}

static void a_device_takes_one_place(void **state)
{
    struct hub_desk *d = *state;
    struct fluit_invite_code first = hub_desk_code(d, "table-01"),
                             second = hub_desk_code(d, "table-02");
    struct fluit_identity one = hub_desk_device(1);
    assert_int_equal(hub_desk_knock(d, &first, &one, FLUIT_NODE_TABLE), 0);
    assert_int_equal(hub_desk_knock(d, &second, &one, FLUIT_NODE_TABLE), FLUIT_REFUSED_USED);
    assert_false(fluit_invites_find(&d->hub->invites, "table-02")->used);
}

static void a_key_of_a_member_can_not_be_brought_again(void **state)
{
    struct hub_desk *d = *state;
    struct fluit_invite_code first = hub_desk_code(d, "table-01"),
                             second = hub_desk_code(d, "table-02");
    struct fluit_identity one = hub_desk_device(1), other = hub_desk_device(2), mixed = one;
    assert_int_equal(hub_desk_knock(d, &first, &one, FLUIT_NODE_TABLE), 0);
    mixed.link_pk = other.link_pk;
    assert_int_equal(hub_desk_knock(d, &second, &mixed, FLUIT_NODE_TABLE), FLUIT_REFUSED_USED);
    other.link_pk = one.link_pk;
    assert_int_equal(hub_desk_knock(d, &second, &other, FLUIT_NODE_TABLE), FLUIT_REFUSED_USED);
}

static void a_code_is_for_one_class(void **state)
{
    struct hub_desk *d = *state;
    struct fluit_invite_code code = hub_desk_code(d, "rapporteur-01");
    struct fluit_identity one = hub_desk_device(1);
    assert_int_equal(hub_desk_knock(d, &code, &one, FLUIT_NODE_TABLE), FLUIT_REFUSED_CLASS);
    assert_false(fluit_hub_admits(d->hub, &one.link_pk));
    assert_int_equal(hub_desk_knock(d, &code, &one, FLUIT_NODE_RAPPORTEUR), 0);
}

static void a_code_expires_and_can_be_renewed(void **state)
{
    struct hub_desk *d = *state;
    struct fluit_invite_code code = hub_desk_code(d, "table-01");
    struct fluit_identity one = hub_desk_device(1);
    d->now_us = (VALID_S + 1) * SECOND_US;
    assert_int_equal(hub_desk_knock(d, &code, &one, FLUIT_NODE_TABLE), FLUIT_REFUSED_EXPIRED);
    assert_false(fluit_hub_admits(d->hub, &one.link_pk));
    hub_desk_line(d, "renew table-01");
    assert_int_equal(hub_desk_knock(d, &code, &one, FLUIT_NODE_TABLE), FLUIT_REFUSED_UNKNOWN);
    code = hub_desk_code(d, "table-01");
    assert_int_equal(hub_desk_knock(d, &code, &one, FLUIT_NODE_TABLE), 0);
}

static void who_takes_a_place_over_shuts_the_other_out(void **state)
{
    struct hub_desk *d = *state;
    struct fluit_invite_code code = hub_desk_code(d, "table-01"),
                             beside = hub_desk_code(d, "rapporteur-01");
    struct fluit_identity one = hub_desk_device(1), other = hub_desk_device(2),
                          rapporteur = hub_desk_device(3);
    assert_int_equal(hub_desk_knock(d, &code, &one, FLUIT_NODE_TABLE), 0);
    assert_int_equal(hub_desk_knock(d, &beside, &rapporteur, FLUIT_NODE_RAPPORTEUR), 0);
    hub_desk_line(d, "renew table-01");
    assert_true(fluit_hub_admits(d->hub, &one.link_pk)); /* until somebody comes with it */
    code = hub_desk_code(d, "table-01");
    assert_int_equal(hub_desk_knock(d, &code, &other, FLUIT_NODE_TABLE), 0);
    assert_false(fluit_hub_admits(d->hub, &one.link_pk));
    assert_true(fluit_hub_admits(d->hub, &other.link_pk));
    assert_true(fluit_hub_admits(d->hub, &rapporteur.link_pk));
}

static void codes_are_not_guessed_at_any_rate(void **state)
{
    struct hub_desk *d = *state;
    struct fluit_invite_code wrong, right = hub_desk_code(d, "table-01");
    struct fluit_identity one = hub_desk_device(1);
    d->now_us = 100 * SECOND_US;
    for (int i = 0; i < FLUIT_DOOR_TRIES_PER_MIN; i++) {
        fluit_invite_new(&d->rng, &wrong);
        assert_int_equal(hub_desk_knock(d, &wrong, &one, FLUIT_NODE_TABLE), FLUIT_REFUSED_UNKNOWN);
    }
    assert_int_equal(hub_desk_knock(d, &wrong, &one, FLUIT_NODE_TABLE), FLUIT_REFUSED_WAIT);
    assert_int_equal(hub_desk_knock(d, &right, &one, FLUIT_NODE_TABLE),
                     0); /* costs the others nothing */
    d->now_us += 61 * SECOND_US;
    assert_int_equal(hub_desk_knock(d, &wrong, &one, FLUIT_NODE_TABLE), FLUIT_REFUSED_UNKNOWN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, hub_desk_setup, hub_desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_code_lets_in_one_device),
        TEST(a_device_takes_one_place),
        TEST(a_key_of_a_member_can_not_be_brought_again),
        TEST(a_code_is_for_one_class),
        TEST(a_code_expires_and_can_be_renewed),
        TEST(who_takes_a_place_over_shuts_the_other_out),
        TEST(codes_are_not_guessed_at_any_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
