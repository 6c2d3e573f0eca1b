/* What a node believes of what others write: the rules of PROTOCOL.md "Authority", "Keys",
 * "Roster", "Terms", "Clock" and "Beacon", seen from a rapporteur that hears its hub. */
#include "tests/unit/hall.h"

static struct fluit_secret secret(uint8_t number)
{
    struct fluit_secret key = {{number, 1}};
    return key;
}

/* rank hands our node the key of a feed and round. */
static void hand_out(struct hall *h, int rank, int feed_of, uint8_t round,
                     const struct fluit_secret *key)
{
    struct fluit_key_entry entry = {.purpose = FLUIT_KEY_STORY,
                                    .round = round,
                                    .feed = h->voices[feed_of].info.id,
                                    .id = fluit_key_id(key)};
    struct fluit_buf body = FLUIT_BUF_INIT;
    assert_int_equal(
        fluit_key_entry_add(&entry, &h->rng, &h->workshop, &h->guest.node.self.read_pk, key),
        FLUIT_OK);
    fluit_key_entry_put(&entry, &body);
    hall_say(h, rank, FLUIT_CLASS_OPEN, round, NULL, fluit_buf_slice(&body));
    fluit_buf_deinit(&body);
}

static bool has_key(const struct hall *h, const struct fluit_secret *key)
{
    struct fluit_key_id id = fluit_key_id(key);
    return fluit_keyring_find(&h->guest.node.keyring, &id) != NULL;
}

static struct fluit_act place(const char *card)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PLACE, .place = {.card = {.copy = 1}, .degree = 2}};
    assert_int_equal(fluit_id_set(&act.place.card.card, fluit_slice_str(card)), FLUIT_OK);
    assert_int_equal(fluit_id_set(&act.place.zone, fluit_slice_str("hinders")), FLUIT_OK);
    return act;
}

static void lay(struct hall *h, int rank, uint8_t round, const struct fluit_secret *key,
                const char *card)
{
    struct fluit_act act = place(card);
    hall_act(h, rank, round, key, &act);
}

static size_t lying(const struct hall *h, uint8_t table, uint8_t round)
{
    return fluit_fold_counts(h->guest.node.fold, table, round).cards;
}

static struct hall *hall_with_script(void)
{
    struct hall *h = hall_new(HALL_RAPPORTEUR);
    hall_start(h);
    hall_link_up(h);
    hall_script(h);
    assert_non_null(h->guest.node.fold);
    return h;
}

static void a_story_opens_with_its_authors_key_of_the_round_only(void **state)
{
    struct hall *h = hall_with_script();
    struct fluit_secret first = secret(1), second = secret(2);
    (void)state;
    hand_out(h, HALL_TABLE, HALL_TABLE, 1, &first);
    hand_out(h, HALL_TABLE, HALL_TABLE, 2, &second);
    lay(h, HALL_TABLE, 1, &first, "health");
    assert_int_equal(lying(h, HALL_TABLE_NUMBER, 1), 1);
    lay(h, HALL_TABLE, 1, &h->room, "finances");
    lay(h, HALL_TABLE, 1, &second, "finances");
    assert_int_equal(lying(h, HALL_TABLE_NUMBER, 1), 1);
    hand_out(h, HALL_OTHER, HALL_OTHER, 1, &first);
    lay(h, HALL_OTHER, 1, &first, "health"); /* it got the key of table 3 */
    assert_int_equal(lying(h, HALL_OTHER_NUMBER, 1), 0);
    lay(h, HALL_TABLE, 1, &first, "finances");
    assert_int_equal(lying(h, HALL_TABLE_NUMBER, 1), 2);
    hall_free(h);
}

static void control_opens_with_the_room_key_only(void **state)
{
    struct hall *h = hall_with_script();
    struct fluit_secret key = secret(1);
    struct fluit_act act = {.kind = FLUIT_KIND_MESSAGE};
    (void)state;
    act.message.text = fluit_slice_str("hello");
    hand_out(h, HALL_HUB, HALL_HUB, 0, &key);
    assert_true(has_key(h, &key));
    hall_act(h, HALL_HUB, 0, &key, &act);
    assert_int_equal(h->guest.node.fold->lead.messages.count, 0);
    hall_act(h, HALL_HUB, 0, &h->room, &act);
    assert_int_equal(h->guest.node.fold->lead.messages.count, 1);
    hall_free(h);
}

static void a_board_is_its_authors_tables(void **state)
{
    struct hall *h = hall_with_script();
    struct fluit_secret key = secret(1);
    (void)state;
    hand_out(h, HALL_OTHER, HALL_OTHER, 1, &key);
    lay(h, HALL_OTHER, 1, &key, "health");
    assert_int_equal(lying(h, HALL_OTHER_NUMBER, 1), 1);
    assert_int_equal(lying(h, HALL_TABLE_NUMBER, 1), 0);
    hall_free(h);
}

static void a_key_is_handed_out_by_its_feeds_author_or_the_hub(void **state)
{
    struct hall *h = hall_with_script();
    struct fluit_secret false_key = secret(1), key = secret(2), from_hub = secret(3);
    (void)state;
    hand_out(h, HALL_TABLE, HALL_TABLE, 1, &key);
    hand_out(h, HALL_OTHER, HALL_TABLE, 2, &false_key);
    assert_false(has_key(h, &false_key));
    assert_true(has_key(h, &key));
    hand_out(h, HALL_HUB, HALL_TABLE, 2, &from_hub);
    assert_true(has_key(h, &from_hub));
    hall_free(h);
}

static void what_came_before_its_key_is_read_when_it_comes(void **state)
{
    struct hall *h = hall_with_script();
    struct fluit_secret key = secret(1);
    (void)state;
    lay(h, HALL_TABLE, 1, &key, "health");
    lay(h, HALL_TABLE, 1, &key, "finances");
    assert_int_equal(lying(h, HALL_TABLE_NUMBER, 1), 0);
    hand_out(h, HALL_TABLE, HALL_TABLE, 1, &key);
    assert_int_equal(lying(h, HALL_TABLE_NUMBER, 1), 2);
    hall_free(h);
}

static void say_roster(struct hall *h, int rank, uint32_t revision, enum fluit_node_state other)
{
    struct fluit_buf body = FLUIT_BUF_INIT;
    hall_roster(h, revision, other, &body);
    hall_say(h, rank, FLUIT_CLASS_CONTROL, 0, &h->room, fluit_buf_slice(&body));
    fluit_buf_deinit(&body);
}

static void an_older_roster_changes_nothing(void **state)
{
    struct hall *h = hall_with_script();
    const struct fluit_box_pk *other = &h->voices[HALL_OTHER].self.link_pk;
    (void)state;
    assert_true(fluit_guest_admits(&h->guest, other));
    say_roster(h, HALL_HUB, 3, FLUIT_STATE_REVOKED);
    assert_false(fluit_guest_admits(&h->guest, other));
    say_roster(h, HALL_HUB, 2, FLUIT_STATE_ACTIVE);
    assert_false(fluit_guest_admits(&h->guest, other));
    hall_crash(h);
    hall_start(h); /* also what it kept */
    assert_int_equal(h->guest.node.roster.revision, 3);
    assert_false(fluit_guest_admits(&h->guest, other));
    hall_free(h);
}

static void say_term(struct hall *h, uint32_t number, const struct fluit_sign_sk *root_sk)
{
    struct fluit_term term = {.number = number, .hub = h->voices[HALL_HUB].self.sign_pk};
    struct fluit_buf body = FLUIT_BUF_INIT;
    fluit_term_sign(&term, root_sk, &h->workshop);
    fluit_term_put(&term, &body);
    hall_say(h, HALL_HUB, FLUIT_CLASS_CONTROL, 0, &h->room, fluit_buf_slice(&body));
    fluit_buf_deinit(&body);
}

static void say_plan(struct hall *h, int rank, uint32_t term, uint32_t revision)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PLAN};
    fluit_plan_first(h->guest.node.script, term, &act.plan);
    act.plan.revision = revision;
    hall_act(h, rank, 0, &h->room, &act);
}

static void a_plan_counts_once_root_has_named_its_author(void **state)
{
    struct hall *h = hall_with_script();
    const struct fluit_plan *plan = &h->guest.node.plan;
    (void)state;
    say_plan(h, HALL_HUB, 1, 1);
    assert_int_equal(plan->term, 0);
    say_term(h, 1, &h->voices[HALL_OTHER].self.sign_sk); /* not root's */
    assert_int_equal(plan->term, 0);
    say_term(h, 1, &h->root_sk);
    assert_int_equal(plan->term, 1); /* the one that had waited */
    say_plan(h, HALL_HUB, 2, 1);
    assert_int_equal(plan->term, 1);
    say_plan(h, HALL_OTHER, 1, 9); /* a table */
    assert_int_equal(plan->revision, 1);
    say_plan(h, HALL_HUB, 1, 2);
    assert_int_equal(plan->revision, 2);
    hall_free(h);
}

static void say_cut(struct hall *h, uint32_t term)
{
    struct fluit_act act = {.kind = FLUIT_KIND_CUT};
    act.cut.round = 1;
    act.cut.term = term;
    act.cut.closed_us = 1000;
    hall_act(h, HALL_HUB, 0, &h->room, &act);
}

static void a_cut_counts_once_root_has_named_its_author(void **state)
{
    struct hall *h = hall_with_script();
    (void)state;
    say_cut(h, 1);
    assert_null(fluit_fold_cut(h->guest.node.fold, 1));
    say_term(h, 1, &h->root_sk);
    assert_int_equal(fluit_fold_cut(h->guest.node.fold, 1)->term, 1);
    say_cut(h, 2);
    assert_int_equal(fluit_fold_cut(h->guest.node.fold, 1)->term, 1);
    hall_free(h);
}

static void say_time(struct hall *h, int64_t t1)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_put_time(&out, t1, 5000000, 5000000, 10);
    hall_hear(h, fluit_buf_slice(&out));
    fluit_buf_deinit(&out);
}

/* A beacon of rank's, signed by another's key or its own; is it heeded? */
static bool heeds(struct hall *h, int rank, int signer, int64_t mesh_us, uint16_t port)
{
    struct fluit_beacon beacon = {.workshop = h->workshop,
                                  .sign = h->voices[rank].self.sign_pk,
                                  .term = 1,
                                  .door_port = port,
                                  .mesh_us = mesh_us,
                                  .address_count = 1,
                                  .addresses = {{.family = 4, .b = {192, 0, 2, 9}}}};
    struct fluit_buf out = FLUIT_BUF_INIT;
    char endpoint[40];
    bool heeded = false;
    fluit_beacon_put(&beacon, &h->voices[signer].self.sign_sk, &out);
    hall_turn(h, (struct fluit_event){.kind = FLUIT_EVENT_BEACON,
                                      .bytes = fluit_buf_slice(&out),
                                      .source_host = "192.0.2.9"});
    snprintf(endpoint, sizeof endpoint, "tcp://192.0.2.9:%u", port + 1u);
    for (size_t i = 0; i < sizeof h->guest.links.beacons / sizeof h->guest.links.beacons[0]; i++)
        heeded |= strcmp(h->guest.links.beacons[i].endpoint, endpoint) == 0;
    fluit_buf_deinit(&out);
    return heeded;
}

static void a_beacon_counts_if_a_hub_signed_it_lately(void **state)
{
    struct hall *h = hall_new(HALL_RAPPORTEUR);
    (void)state;
    hall_start(h);
    hall_link_up(h);
    struct fluit_message ask = hall_sent(h, FLUIT_MESSAGE_ASK);
    say_time(h, ask.ask.t1);
    int64_t mesh_us = fluit_node_mesh_us(&h->guest.node);
    assert_true(mesh_us > 0);
    assert_false(heeds(h, HALL_HUB, HALL_OTHER, mesh_us, 7450));
    assert_false(heeds(h, HALL_OTHER, HALL_OTHER, mesh_us, 7450));
    assert_true(heeds(h, HALL_HUB, HALL_HUB, mesh_us, 7450));
    assert_false(heeds(h, HALL_HUB, HALL_HUB, mesh_us - 1, 7460)); /* an old one, said again */
    assert_true(heeds(h, HALL_HUB, HALL_HUB, mesh_us + 1, 7460));
    hall_free(h);
}

static void the_time_is_taken_from_who_was_asked_once(void **state)
{
    struct hall *h = hall_new(HALL_RAPPORTEUR);
    (void)state;
    hall_start(h);
    hall_link_up(h);
    struct fluit_message ask = hall_sent(h, FLUIT_MESSAGE_ASK);
    say_time(h, ask.ask.t1 - 1);
    assert_false(fluit_clock_known(&h->guest.node.clock));
    assert_int_equal(h->guest.node.refused, 1);
    say_time(h, ask.ask.t1);
    assert_true(fluit_clock_known(&h->guest.node.clock));
    assert_int_equal(h->guest.node.refused, 1);
    say_time(h, ask.ask.t1);
    assert_int_equal(h->guest.node.refused, 2);
    hall_free(h);
}

#define SECOND INT64_C(1000000)

/* The hub's answer to what was just asked; mesh time is the local time and five seconds. */
static void answer_time(struct hall *h, int64_t bound_us)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    struct fluit_message ask = hall_sent(h, FLUIT_MESSAGE_ASK);
    fluit_put_time(&out, ask.ask.t1, h->now_us + 5 * SECOND, h->now_us + 5 * SECOND, bound_us);
    hall_hear(h, fluit_buf_slice(&out));
    fluit_buf_deinit(&out);
}

/* A hall that has heard its hub's time for so long that its clock's rate is known, and then nothing
 * for a minute. */
static struct hall *hall_a_minute_without_the_time(void)
{
    struct hall *h = hall_new(HALL_RAPPORTEUR);
    hall_start(h);
    hall_link_up(h);
    answer_time(h, 10);
    for (int i = 0; i < 100; i++) {
        hall_wait(h, FLUIT_CLOCK_PERIOD_US);
        answer_time(h, 10);
    }
    hall_wait(h, 60 * SECOND);
    assert_true(fluit_clock_bound(&h->guest.node.clock, h->now_us) < 2000);
    return h;
}

/* As the hub may have been started again, and goes on at another rate. */
static void the_rate_is_not_believed_over_a_gap(void **state)
{
    struct hall *h = hall_a_minute_without_the_time();
    (void)state;
    answer_time(h, SECOND);
    assert_true(fluit_clock_bound(&h->guest.node.clock, h->now_us) >=
                60 * 2 * FLUIT_CLOCK_DRIFT_PPM);
    hall_free(h);
}

static void a_hubs_hello_says_that_it_was_started_again(void **state)
{
    struct hall *h = hall_a_minute_without_the_time();
    struct fluit_act hello = {.kind = FLUIT_KIND_HELLO};
    (void)state;
    say_term(h, 1, &h->root_sk);
    hall_act(h, HALL_HUB, 0, &h->room, &hello);
    assert_true(fluit_clock_bound(&h->guest.node.clock, h->now_us) >=
                60 * 2 * FLUIT_CLOCK_DRIFT_PPM);
    hall_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_story_opens_with_its_authors_key_of_the_round_only),
        cmocka_unit_test(control_opens_with_the_room_key_only),
        cmocka_unit_test(a_board_is_its_authors_tables),
        cmocka_unit_test(a_key_is_handed_out_by_its_feeds_author_or_the_hub),
        cmocka_unit_test(what_came_before_its_key_is_read_when_it_comes),
        cmocka_unit_test(an_older_roster_changes_nothing),
        cmocka_unit_test(a_plan_counts_once_root_has_named_its_author),
        cmocka_unit_test(a_cut_counts_once_root_has_named_its_author),
        cmocka_unit_test(a_beacon_counts_if_a_hub_signed_it_lately),
        cmocka_unit_test(the_time_is_taken_from_who_was_asked_once),
        cmocka_unit_test(the_rate_is_not_believed_over_a_gap),
        cmocka_unit_test(a_hubs_hello_says_that_it_was_started_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
