/* How the hub closes a round. PROTOCOL.md "Rounds, cuts and lateness". */
#include "tests/unit/hub_desk.h"

#define LINK 1000001u

/* Lets a table in, that then writes an entry. */
static struct voice table_in(struct hub_desk *d)
{
    struct voice table;
    struct fluit_invite_code code = hub_desk_code(d, "table-01");
    voice_init(&table, 1);
    assert_int_equal(hub_desk_knock(d, &code, &table.self, FLUIT_NODE_TABLE), 0);
    hub_desk_turn(d, (struct fluit_event){
                         .kind = FLUIT_EVENT_LINK_UP, .link = LINK, .peer = table.self.link_pk});
    return table;
}

static void write_one(struct hub_desk *d, struct voice *table)
{
    struct fluit_slice said = voice_say(table, &d->rng, &d->hub->node.workshop, FLUIT_CLASS_OPEN, 0,
                                        NULL, fluit_slice_str("\x91\x2a"));
    hub_desk_turn(d, (struct fluit_event){.kind = FLUIT_EVENT_MESSAGE,
                                          .link = LINK,
                                          .peer = table->self.link_pk,
                                          .bytes = said});
}

static const struct fluit_plan *plan_of(const struct hub_desk *d)
{
    return &d->hub->node.plan;
}

static const struct fluit_cut *cut_of(const struct hub_desk *d)
{
    return fluit_fold_cut(d->hub->node.fold, 1);
}

static void go_to_round_1(struct hub_desk *d)
{
    while (plan_of(d)->round != 1)
        hub_desk_line(d, "next");
    hub_desk_line(d, "start");
    assert_int_equal(plan_of(d)->state, FLUIT_PLAN_RUNNING);
}

/* Lets mesh time pass up to there. */
static void pass_to(struct hub_desk *d, int64_t mesh_us)
{
    d->now_us = fluit_clock_local(&d->hub->node.clock, mesh_us);
    hub_desk_turn(d, (struct fluit_event){.kind = FLUIT_EVENT_TICK});
}

static void a_cut_names_all_that_came_until_the_wrap_up_was_over(void **state)
{
    struct hub_desk *d = *state;
    struct voice table = table_in(d);
    write_one(d, &table);
    go_to_round_1(d);
    pass_to(d, plan_of(d)->end_us);
    assert_int_equal(plan_of(d)->state, FLUIT_PLAN_ENDED);
    int64_t over_us = plan_of(d)->wrap_up_us;
    assert_true(over_us > plan_of(d)->end_us);
    pass_to(d, over_us - 1000);
    assert_null(cut_of(d));
    write_one(d, &table);
    pass_to(d, over_us);
    assert_non_null(cut_of(d));
    assert_int_equal(cut_of(d)->closed_us, over_us);
    assert_int_equal(cut_of(d)->head_count, 2);
    bool named = false;
    for (uint32_t i = 0; i < cut_of(d)->head_count; i++) {
        const struct fluit_cut_head *head = &cut_of(d)->heads[i];
        named |= memcmp(head->feed.b, table.info.id.b, 32) == 0 && head->seq == 2 &&
                 memcmp(head->hash.b, table.info.hash.b, 32) == 0;
    }
    assert_true(named);
    voice_deinit(&table);
}

static void a_round_is_cut_once(void **state)
{
    struct hub_desk *d = *state;
    go_to_round_1(d);
    pass_to(d, plan_of(d)->end_us);
    pass_to(d, plan_of(d)->wrap_up_us);
    assert_non_null(cut_of(d));
    uint64_t seq = cut_of(d)->origin.seq;
    pass_to(d, plan_of(d)->wrap_up_us + 10 * SECOND_US);
    assert_int_equal(cut_of(d)->origin.seq, seq);
}

static void a_round_that_runs_again_is_cut_again(void **state)
{
    struct hub_desk *d = *state;
    go_to_round_1(d);
    pass_to(d, plan_of(d)->end_us);
    pass_to(d, plan_of(d)->wrap_up_us);
    int64_t closed_us = cut_of(d)->closed_us;
    hub_desk_line(d, "extend 2m");
    pass_to(d, closed_us + SECOND_US);
    assert_int_equal(cut_of(d)->closed_us, closed_us);
    pass_to(d, plan_of(d)->end_us);
    pass_to(d, plan_of(d)->wrap_up_us);
    assert_true(cut_of(d)->closed_us > closed_us);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, hub_desk_setup, hub_desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_cut_names_all_that_came_until_the_wrap_up_was_over),
        TEST(a_round_is_cut_once),
        TEST(a_round_that_runs_again_is_cut_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
