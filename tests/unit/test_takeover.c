/* A standby takes over; hubs that did not know of each other come together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "small_workshop.h"

#define STANDBY (SMALL_SEATS + 1) /* its number beside small_workshop.h's */

struct fixture {
    struct small *w;
    struct store_memory *disk;
    struct fluit_hub *standby;
};

static struct fluit_node *node_of(struct fixture *f, int i)
{
    return i == STANDBY ? &f->standby->node : small_node(f->w, i);
}

/* One event at a hub, whichever. */
static void hub_step(struct fixture *f, int i, enum fluit_event_kind kind, struct fluit_slice bytes,
                     const struct fluit_box_pk *peer)
{
    struct small *w = f->w;
    struct fluit_event event = {
        .kind = kind,
        .now_us = ++w->now_us,
        .wall_us = 1790000000000000,
        .boot_id = {1},
        .entropy = {(uint8_t)i, (uint8_t)w->now_us, (uint8_t)(w->now_us >> 8)},
        .link = 5,
        .bytes = bytes};
    if (i != STANDBY) {
        small_step(w, i, kind, bytes, peer);
        return;
    }
    if (peer)
        event.peer = *peer;
    fluit_effects_reset(&w->fx);
    fluit_hub_step(f->standby, &event, &w->fx);
    assert_int_equal(f->standby->node.failed, FLUIT_OK);
}

static void turn_end(struct fixture *f, int i)
{
    hub_step(f, i, FLUIT_EVENT_TURN_END, fluit_slice(NULL, 0), NULL);
    if (i == STANDBY)
        assert_int_equal(store_memory_commit(f->disk), FLUIT_OK);
    else
        assert_int_equal(store_memory_commit(f->w->disks[i]), FLUIT_OK);
}

static bool said(struct fixture *f, const char *part)
{
    for (size_t i = 0; i < f->w->fx.count; i++) {
        struct fluit_slice text = fluit_effect_bytes(&f->w->fx, &f->w->fx.items[i]);
        if (f->w->fx.items[i].kind == FLUIT_EFFECT_PRINT &&
            memmem(text.data, text.len, part, strlen(part)))
            return true;
    }
    return false;
}

static bool type(struct fixture *f, int i, const char *line, const char *answer)
{
    hub_step(f, i, FLUIT_EVENT_COMMAND, fluit_slice_str(line), NULL);
    bool now = said(f, answer);
    turn_end(f, i);
    return now || said(f, answer);
}

/* All that one holds reaches the other. */
static void tell(struct fixture *f, int from, int to)
{
    struct fluit_node *node = node_of(f, from);
    struct fluit_buf batch = FLUIT_BUF_INIT;
    for (uint32_t feed = 0; feed < node->replica.count; feed++)
        for (uint64_t next = 1; next <= node->replica.feeds[feed]->info.signed_seq;) {
            fluit_buf_reset(&batch);
            assert_int_equal(fluit_replica_batch(&node->replica, feed, next, &batch, &next),
                             FLUIT_OK);
            hub_step(f, to, FLUIT_EVENT_FRAME, fluit_buf_slice(&batch), &node->self.link_pk);
        }
    fluit_buf_deinit(&batch);
    turn_end(f, to);
}

static void tell_both(struct fixture *f, int a, int b)
{
    for (int i = 0; i < 3; i++) {
        tell(f, a, b);
        tell(f, b, a);
    }
}

/* A new device knocks at a hub's door with a code that this one knows. */
static void let_in(struct fixture *f, int hub, int joiner)
{
    struct fluit_buf out = small_said_at_door(f->w);
    hub_step(f, hub, FLUIT_EVENT_DOOR, fluit_buf_slice(&out), NULL);
    fluit_buf_deinit(&out);
    out = small_said_at_door(f->w);
    turn_end(f, hub);
    hub_step(f, joiner, FLUIT_EVENT_DOOR, fluit_buf_slice(&out), NULL);
    fluit_buf_deinit(&out);
    turn_end(f, joiner);
}

static void make_standby(struct fixture *f)
{
    struct fluit_hub_config config = {
        .standby = true, .host = "192.0.2.1", .door_port = 7450, .speed = 1};
    const uint8_t entropy[32] = {99};
    assert_true(type(f, 0, "standby", "standby-01"));
    config.code = fluit_invites_find(&f->w->hub->invites, "standby-01")->code;
    f->disk = store_memory_new();
    f->standby = calloc(1, sizeof *f->standby);
    assert_non_null(f->standby);
    assert_int_equal(fluit_hub_init(f->standby, store_memory_port(f->disk), &config, entropy),
                     FLUIT_OK);
    f->standby->ports[0] = f->standby->ports[1] = f->standby->ports[2] = 7451;
    hub_step(f, STANDBY, FLUIT_EVENT_START, fluit_slice(NULL, 0), NULL);
    let_in(f, 0, STANDBY);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->w = small_new(3);
    small_join(f->w, 0);
    tell_both(f, 0, 1);
    make_standby(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_hub_deinit(f->standby);
    free(f->standby);
    store_memory_free(f->disk);
    small_free(f->w);
    free(f);
    return 0;
}

/* It holds all, knows the time, and may be told to lead. */
static void get_ready(struct fixture *f)
{
    tell_both(f, 0, STANDBY);
    tell_both(f, 0, 1);
    tell_both(f, 0, STANDBY);
    struct fluit_node *node = &f->standby->node;
    fluit_clock_set(&node->clock, node->now_us, fluit_node_mesh_us(&f->w->hub->node), 500);
}

static bool follows(struct fixture *f, int i, int hub)
{
    struct fluit_box_pk key;
    return fluit_node_hub_key(node_of(f, i), &key) &&
           memcmp(key.b, node_of(f, hub)->self.link_pk.b, sizeof key.b) == 0;
}

static void a_standby_needs_the_workshop_before_it_can_lead(void **state)
{
    struct fixture *f = *state;
    assert_true(type(f, STANDBY, "takeover yes", "no: it does not hold the workshop yet"));
    assert_true(type(f, STANDBY, "next", "no: another hub leads"));
    get_ready(f);
    assert_false(fluit_node_leads(&f->standby->node));
    assert_true(type(f, STANDBY, "takeover", "type 'takeover yes'"));
    assert_false(fluit_node_leads(&f->standby->node));
    assert_true(type(f, STANDBY, "takeover yes", "this hub leads now"));
    assert_true(fluit_node_leads(&f->standby->node));
    assert_true(type(f, STANDBY, "takeover yes", "no: this hub leads already"));
}

static void who_hears_of_the_higher_term_follows_and_the_old_hub_steps_down(void **state)
{
    struct fixture *f = *state;
    get_ready(f);
    assert_true(type(f, 0, "next", "step 2"));
    tell_both(f, 0, STANDBY);
    tell_both(f, 0, 1);
    assert_true(follows(f, 1, 0) && follows(f, STANDBY, 0));
    struct fluit_plan before = f->w->hub->node.plan;
    assert_true(type(f, STANDBY, "takeover yes", "step 2"));
    struct fluit_plan after = f->standby->node.plan;
    assert_int_equal(fluit_term_generation(after.term), 1);
    assert_int_equal(after.revision, 1);
    after.term = before.term;
    after.revision = before.revision;
    assert_memory_equal(&after, &before, sizeof before);

    tell(f, STANDBY, 1);
    assert_true(follows(f, 1, STANDBY));
    assert_true(fluit_node_leads(&f->w->hub->node)); /* it has not heard */
    tell(f, STANDBY, 0);
    assert_true(said(f, "this one has stepped down"));
    assert_false(fluit_node_leads(&f->w->hub->node));
    assert_true(follows(f, 0, STANDBY));
    assert_false(f->w->hub->node.clock.leading);
    assert_true(type(f, 0, "next", "no: another hub leads"));
    assert_true(type(f, STANDBY, "next", "step 3"));
    /* And back again. */
    assert_true(type(f, 0, "takeover yes", "this hub leads now"));
    tell(f, 0, STANDBY);
    assert_true(said(f, "this one has stepped down"));
    assert_int_equal(fluit_term_generation(f->standby->node.plan.term), 2);
}

static void a_round_goes_on_with_its_whistles_whoever_leads(void **state)
{
    struct fixture *f = *state;
    const struct fluit_plan *plan = &f->w->hub->node.plan;
    get_ready(f);
    while (plan->round == 0)
        assert_true(type(f, 0, "next", "step"));
    assert_true(type(f, 0, "start", "starts in a moment"));
    assert_int_equal(plan->mark_count, 2);
    tell_both(f, 0, STANDBY);
    struct fluit_plan before = *plan;
    assert_true(type(f, STANDBY, "takeover yes", "this hub leads now"));
    struct fluit_plan after = f->standby->node.plan;
    assert_true(after.term > before.term);
    after.term = before.term;
    after.revision = before.revision;
    assert_memory_equal(&after, &before, sizeof before);
}

static void a_plan_of_a_lower_term_changes_nothing(void **state)
{
    struct fixture *f = *state;
    get_ready(f);
    assert_true(type(f, STANDBY, "takeover yes", "leads now"));
    tell(f, STANDBY, 1);
    struct fluit_plan plan = node_of(f, 1)->plan;
    assert_true(type(f, 0, "next", "step 2")); /* the old hub does not know */
    tell(f, 0, 1);
    assert_memory_equal(&node_of(f, 1)->plan, &plan, sizeof plan);
    assert_int_equal(fluit_fold_plan(node_of(f, 1)->fold)->term, plan.term);
}

static void codes_are_good_whoever_leads(void **state)
{
    struct fixture *f = *state;
    get_ready(f);
    const struct fluit_invite *one = fluit_invites_find(&f->w->hub->invites, "table-02");
    const struct fluit_invite *other = fluit_invites_find(&f->standby->invites, "table-02");
    assert_non_null(other);
    assert_string_equal(other->code.s, one->code.s);
    assert_false(other->used);
    other = fluit_invites_find(&f->standby->invites, "table-01");
    assert_true(other && other->used);
    for (uint32_t i = 0; i < node_of(f, 1)->keyring.count; i++)
        assert_false(node_of(f, 1)->keyring.keys[i].purpose == FLUIT_KEY_STORY &&
                     node_of(f, 1)->keyring.keys[i].round == 0 &&
                     !node_of(f, 1)->keyring.keys[i].own);
}

static uint32_t rank_of(struct fixture *f, int i, int whom)
{
    int rank = fluit_roster_by_sign(&node_of(f, i)->roster, &node_of(f, whom)->self.sign_pk);
    assert_true(rank >= 0);
    return (uint32_t)rank;
}

/* Knocks at that hub: as small_join, but at whichever door. */
static void join_at(struct fixture *f, int table, int hub)
{
    struct small *w = f->w;
    struct fluit_guest_config config = {
        .node_class = FLUIT_NODE_TABLE, .host = "192.0.2.1", .door_port = 7450};
    uint8_t entropy[32] = {8, (uint8_t)table};
    char name[FLUIT_SEAT_NAME_LEN];
    snprintf(name, sizeof name, "table-%02d", table);
    config.code = fluit_invites_find(&w->hub->invites, name)->code;
    w->disks[table] = store_memory_new();
    w->tables[table - 1] = calloc(1, sizeof *w->tables[0]);
    assert_non_null(w->tables[table - 1]);
    assert_int_equal(fluit_guest_init(w->tables[table - 1], store_memory_port(w->disks[table]),
                                      &config, entropy),
                     FLUIT_OK);
    small_step(w, table, FLUIT_EVENT_START, fluit_slice(NULL, 0), NULL);
    let_in(f, hub, table);
    assert_true(w->tables[table - 1]->node.own.ready);
}

static void members_that_two_hubs_let_in_apart_come_together(void **state)
{
    struct fixture *f = *state;
    assert_true(type(f, 0, "add", "added table"));
    get_ready(f);
    assert_true(type(f, STANDBY, "takeover yes", "leads now"));
    join_at(f, 2, 0);       /* at the old hub, which has not heard */
    join_at(f, 3, STANDBY); /* at the new one */
    assert_int_equal(rank_of(f, 0, 2), rank_of(f, STANDBY, 3));
    tell_both(f, 0, 2);
    tell_both(f, STANDBY, 3);
    small_lay(f->w, 2, 0, 4);
    small_lay(f->w, 3, 2, 3);
    tell(f, 2, 0);
    tell(f, 3, STANDBY);
    /* The network is whole again. */
    for (int round = 0; round < 3; round++) {
        tell_both(f, 0, STANDBY);
        for (int i = 1; i <= 3; i++)
            tell_both(f, STANDBY, i);
    }
    assert_int_not_equal(rank_of(f, STANDBY, 2), rank_of(f, STANDBY, 3));
    for (int i = 0; i <= STANDBY; i++) {
        assert_int_equal(node_of(f, i)->roster.count, node_of(f, STANDBY)->roster.count);
        assert_int_equal(rank_of(f, i, 2), rank_of(f, STANDBY, 2));
        assert_int_equal(rank_of(f, i, 3), rank_of(f, STANDBY, 3));
    }
    for (int hub = 0; hub <= STANDBY; hub += STANDBY) {
        assert_int_equal(fluit_fold_counts(node_of(f, hub)->fold, 2, 1).cards, 4);
        assert_int_equal(fluit_fold_counts(node_of(f, hub)->fold, 3, 1).cards, 3);
    }
}

static void a_device_that_took_anothers_place_reads_its_board(void **state)
{
    struct fixture *f = *state;
    small_lay(f->w, 1, 0, 5);
    get_ready(f);
    struct fluit_guest *dead = f->w->tables[0];
    struct store_memory *old_disk = f->w->disks[1];
    assert_true(type(f, 0, "renew table-01", "the old code is void"));
    join_at(f, 1, 0);
    tell_both(f, 0, 1);
    tell(f, STANDBY, 1);
    assert_int_equal(fluit_fold_counts(node_of(f, 1)->fold, 1, 1).cards, 5);
    /* What it moves counts over what the old one did. */
    small_lay(f->w, 1, 5, 1);
    tell(f, 1, 0);
    assert_int_equal(fluit_fold_counts(f->w->hub->node.fold, 1, 1).cards, 6);
    fluit_guest_deinit(dead);
    free(dead);
    store_memory_free(old_disk);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_standby_needs_the_workshop_before_it_can_lead),
        TEST(who_hears_of_the_higher_term_follows_and_the_old_hub_steps_down),
        TEST(a_round_goes_on_with_its_whistles_whoever_leads),
        TEST(a_plan_of_a_lower_term_changes_nothing),
        TEST(codes_are_good_whoever_leads),
        TEST(members_that_two_hubs_let_in_apart_come_together),
        TEST(a_device_that_took_anothers_place_reads_its_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
