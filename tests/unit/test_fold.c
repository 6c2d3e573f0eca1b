#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/fold.h"
#include "node/report/report.h"
#include "tests/unit/script_fixture.h"

struct fixture {
    struct fluit_script *script;
    struct fluit_fold *fold;
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

static void apply(struct fixture *f, struct fluit_origin origin, struct fluit_act act)
{
    assert_int_equal(fluit_fold_apply(f->fold, &origin, &act), FLUIT_OK);
}

static struct fluit_buf json(const struct fluit_script *script, const struct fluit_fold *fold)
{
    struct fluit_report_input in = {
        .script = script, .fold = fold, .workshop = "00ff", .tables = 3, .language = 0};
    struct fluit_buf out = FLUIT_BUF_INIT;
    assert_int_equal(fluit_report_json(&in, true, &out), FLUIT_OK);
    return out;
}

/* ---- the same acts in any order ---- */

#define ACTS_MAX 1200
struct list {
    int count;
    struct {
        struct fluit_origin origin;
        struct fluit_act act;
    } items[ACTS_MAX];
};

static const char *const cards[] = {"manager", "health", "money", "joy", "blank-1", "ghost"};
static const char *const zones[] = {"helps", "hinders", "helps", "hinders", "yields", "nowhere"};
static const uint8_t degrees[] = {1, 2, 1, 2, 1, 2, 0, 3};
static const uint8_t rounds[] = {1, 1, 1, 1, 2, 2, 0, 3};
static const char *const words[] = {"", "one", "two\nlines", "caf\xc3\xa9", "=1+1", "\x1b[31m"};
static const char *const questions[] = {"", "what-1", "what-2", "stop", "ghost"};
static struct fluit_cut_head heads[8];

#define PICK(rng, list) (list)[fluit_rng_below((rng), sizeof(list) / sizeof *(list))]

static struct fluit_act random_note(struct fluit_rng *rng)
{
    return fixture_note((uint8_t)fluit_rng_below(rng, 6), (uint8_t)(1 + fluit_rng_below(rng, 9)),
                        (uint8_t)fluit_rng_below(rng, 9), PICK(rng, questions),
                        (uint32_t)fluit_rng_below(rng, 8), PICK(rng, words));
}

static struct fluit_act random_plan(struct fluit_rng *rng)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PLAN};
    act.plan.term = (uint32_t)fluit_rng_below(rng, 2);
    act.plan.revision = (uint32_t)fluit_rng_below(rng, 2);
    act.plan.step = (uint8_t)fluit_rng_below(rng, 6);
    return act;
}

/* Of one part or two, seldom taken back, sometimes malformed. */
static struct fluit_act random_photo(struct fluit_rng *rng)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PHOTO};
    act.photo.photo = fixture_note_id((uint8_t)(1 + fluit_rng_below(rng, 12)));
    act.photo.parts = (uint8_t)(fluit_rng_below(rng, 40) ? 1 + fluit_rng_below(rng, 2) : 0);
    act.photo.part = (uint8_t)(act.photo.parts ? fluit_rng_below(rng, 3) : 0);
    act.photo.data = fluit_slice_str(act.photo.parts ? PICK(rng, words) : "");
    return act;
}

static struct fluit_act random_act(struct fluit_rng *rng)
{
    const char *card = PICK(rng, cards);
    uint8_t copy = (uint8_t)(1 + fluit_rng_below(rng, 2)), seat = (uint8_t)fluit_rng_below(rng, 14);
    switch (fluit_rng_below(rng, 40)) {
    case 0:
        return fixture_lift(card, copy);
    case 1:
        return (struct fluit_act){.kind = FLUIT_KIND_ASIDE, .aside = {fixture_card(card, copy)}};
    case 2:
        return fixture_why(card, copy, fluit_rng_below(rng, 3) ? PICK(rng, words) : NULL);
    case 3:
        return fixture_link(card, PICK(rng, cards), PICK(rng, words), fluit_rng_below(rng, 3) == 0);
    case 4:
        return (struct fluit_act){.kind = FLUIT_KIND_BLANK,
                                  .blank = {fixture_id(card), fluit_slice_str(PICK(rng, words))}};
    case 5:
        return fixture_role_act(fluit_rng_below(rng, 2) ? "respondent-1" : "interviewer", seat);
    case 6:
    case 7:
        return random_note(rng);
    case 8:
        return fixture_answer(PICK(rng, questions), seat, PICK(rng, words));
    case 9:
        return (struct fluit_act){.kind = FLUIT_KIND_NEXT_BOARD,
                                  .next_board = {(uint8_t)fluit_rng_below(rng, 4)}};
    case 10:
        return (struct fluit_act){.kind = FLUIT_KIND_GROUP,
                                  .group = {fixture_id(fluit_rng_below(rng, 2) ? "group-a" : "")}};
    case 11:
        return fixture_release((uint8_t)fluit_rng_below(rng, 10), fluit_rng_below(rng, 3) > 0);
    case 12:
        return fixture_cut((uint8_t)fluit_rng_below(rng, 4), (uint32_t)fluit_rng_below(rng, 3),
                           (int64_t)fluit_rng_below(rng, ACTS_MAX) * 1000000, heads,
                           (uint32_t)fluit_rng_below(rng, 9));
    case 13:
        return random_plan(rng);
    case 16:
    case 17:
    case 18:
    case 19:
    case 20:
    case 21:
        return random_photo(rng);
    case 14:
        return (struct fluit_act){.kind = FLUIT_KIND_HEARD, .heard = {fluit_rng_below(rng, 2)}};
    case 15:
        return (struct fluit_act){.kind = FLUIT_KIND_HEAP,
                                  .heap = {fixture_note_id((uint8_t)fluit_rng_below(rng, 10)),
                                           fluit_slice_str(PICK(rng, words))}};
    default:
        return fixture_place(card, copy, PICK(rng, zones), PICK(rng, degrees));
    }
}

/* Tables 1 and 2 with a node each, a later node for table 1, a rapporteur and two hubs. */
static void fill(struct list *list, struct fluit_rng *rng)
{
    static const struct {
        uint32_t rank;
        uint8_t table;
    } authors[] = {{1, 1}, {1, 1}, {2, 2}, {2, 2}, {3, 1}, {100, 1}, {0, 0}, {0, 0}};
    for (int i = 0; i < 8; i++) {
        memset(heads[i].feed.b, i, sizeof heads[i].feed.b);
        heads[i].seq = fluit_rng_below(rng, ACTS_MAX);
    }
    for (list->count = 0; list->count < ACTS_MAX; list->count++) {
        uint64_t author = fluit_rng_below(rng, 8);
        list->items[list->count].origin =
            fixture_origin(authors[author].rank, authors[author].table, PICK(rng, rounds),
                           (uint64_t)list->count + 1);
        list->items[list->count].act = random_act(rng);
    }
}

static struct fluit_fold *fold_shuffled(const struct fluit_script *script, const struct list *list,
                                        struct fluit_rng *rng, bool shuffle)
{
    struct fluit_fold *fold = fluit_fold_new(script);
    int order[ACTS_MAX] = {0};
    assert_non_null(fold);
    for (int i = 0; i < list->count; i++) {
        int j = shuffle ? (int)fluit_rng_below(rng, (uint64_t)i + 1) : i;
        order[i] = order[j];
        order[j] = i;
    }
    for (int i = 0; i < list->count; i++) {
        int at[] = {order[i], order[fluit_rng_below(rng, (uint64_t)i + 1)]};
        for (int k = 0; k < (shuffle ? 2 : 1); k++)
            assert_int_equal(
                fluit_fold_apply(fold, &list->items[at[k]].origin, &list->items[at[k]].act),
                FLUIT_OK);
    }
    return fold;
}

static void any_order_with_duplicates_gives_the_same_bytes(void **state)
{
    struct fixture *f = *state;
    struct list *list = calloc(1, sizeof *list);
    struct fluit_rng rng;
    assert_non_null(list);
    fluit_rng_seed(&rng, "fold", 4);
    fill(list, &rng);
    struct fluit_fold *in_order = fold_shuffled(f->script, list, &rng, false);
    struct fluit_buf expected = json(f->script, in_order);
    struct fluit_plan plan = *fluit_fold_plan(in_order);
    assert_true(in_order->ignored.count > 50);
    const struct fluit_board_card *laid[FLUIT_BOARD_CARDS_MAX];
    const struct fluit_board *board = fluit_fold_board(in_order, 1, 1);
    assert_true(fluit_board_laid(board, laid) > 5); /* else it proves little */
    assert_true(laid[0]->moves.count > 2);
    assert_non_null(strstr(fluit_buf_text(&expected), "table-01-round-1-2.jpg"));
    for (int run = 0; run < 200; run++) {
        struct fluit_fold *fold = fold_shuffled(f->script, list, &rng, true);
        struct fluit_buf bytes = json(f->script, fold);
        assert_int_equal(bytes.len, expected.len);
        assert_memory_equal(bytes.data, expected.data, expected.len);
        assert_memory_equal(fluit_fold_plan(fold), &plan, sizeof plan);
        fluit_buf_deinit(&bytes);
        fluit_fold_free(fold);
    }
    fluit_buf_deinit(&expected);
    fluit_fold_free(in_order);
    free(list);
}

/* ---- registers ---- */

static void a_place_can_be_read_before_an_act_and_put_back(void **state)
{
    struct fixture *f = *state;
    struct fluit_card_ref ref = fixture_card("money", 1);
    apply(f, fixture_origin(1, 1, 1, 1), fixture_place("money", 1, "helps", 2));
    struct fluit_place before = fluit_fold_place(f->fold, 1, 1, &ref);
    apply(f, fixture_origin(1, 1, 1, 2), fixture_place("money", 1, "hinders", 1));
    assert_false(fluit_place_eq(fluit_fold_place(f->fold, 1, 1, &ref), before));
    apply(f, fixture_origin(1, 1, 1, 3), fluit_board_place_act(f->script, &ref, before));
    assert_true(fluit_place_eq(fluit_fold_place(f->fold, 1, 1, &ref), before));
    assert_int_equal(fluit_fold_place(f->fold, 2, 1, &ref).kind, FLUIT_PLACE_HAND);
    assert_int_equal(fluit_fold_place(f->fold, 1, 2, &ref).kind, FLUIT_PLACE_HAND);
}

static void a_replacing_device_wins_over_the_one_it_replaces(void **state)
{
    struct fixture *f = *state;
    struct fluit_card_ref ref = fixture_card("money", 1);
    apply(f, fixture_origin(2, 1, 1, 1), fixture_place("money", 1, "hinders", 1));
    apply(f, fixture_origin(1, 1, 1, 900), fixture_place("money", 1, "helps", 1));
    assert_int_equal(fluit_fold_place(f->fold, 1, 1, &ref).zone, 1);
}

static void what_an_author_may_not_do_is_counted_and_ignored(void **state)
{
    struct fixture *f = *state;
    struct fluit_card_ref ref = fixture_card("money", 1);
    for (int twice = 0; twice < 2; twice++) {
        apply(f, fixture_origin(100, 1, 1, 1), fixture_place("money", 1, "helps", 1));
        apply(f, fixture_origin(0, 1, 1, 1), fixture_place("money", 1, "helps", 1));
        apply(f, fixture_origin(1, 1, 1, 1), random_plan(&(struct fluit_rng){{1}}));
        apply(f, fixture_origin(1, 1, 1, 2), fixture_release(1, true));
        apply(f, fixture_origin(1, 0, 1, 3), fixture_place("money", 1, "helps", 1));
        apply(f, fixture_origin(1, 101, 1, 4), fixture_place("money", 1, "helps", 1));
        apply(f, fixture_origin(1, 1, 3, 5), fixture_place("money", 1, "helps", 1));
        apply(f, fixture_origin(1, 1, 0, 6), fixture_place("money", 1, "helps", 1));
    }
    assert_int_equal(f->fold->ignored.count, 8);
    assert_null(fluit_fold_card(f->fold, 1, 1, &ref));
    assert_null(fluit_fold_plan(f->fold));
    struct fluit_note_id note = fixture_note_id(1);
    assert_false(fluit_lead_released(&f->fold->lead, &note));
}

/* ---- the sound check ---- */

static void a_device_is_known_by_what_it_said_last(void **state)
{
    struct fixture *f = *state;
    struct fluit_act yes = {.kind = FLUIT_KIND_HEARD, .heard = {true}};
    struct fluit_act no = {.kind = FLUIT_KIND_HEARD, .heard = {false}};
    assert_null(fluit_fold_heard(f->fold, 1));
    apply(f, fixture_origin(1, 1, 0, 2), no);
    apply(f, fixture_origin(1, 1, 0, 1), yes);
    apply(f, fixture_origin(100, 1, 0, 1), yes);
    apply(f, fixture_origin(0, 0, 0, 1), yes); /* a hub does not say it */
    assert_false(fluit_fold_heard(f->fold, 1)->heard);
    assert_true(fluit_fold_heard(f->fold, 100)->heard);
    assert_null(fluit_fold_heard(f->fold, 0));
}

/* ---- heaps ---- */

static void words_lie_in_the_heap_that_was_named_last(void **state)
{
    struct fixture *f = *state;
    struct fluit_note_id id = fixture_note_id(3);
    struct fluit_act act = {.kind = FLUIT_KIND_HEAP, .heap = {id, fluit_slice_str("tijd")}};
    char longer[FLUIT_HEAP_LEN_MAX + 2] = {0};
    assert_string_equal(fluit_lead_heap(&f->fold->lead, &id), "");
    apply(f, fixture_origin(1, 1, 0, 1), act); /* a table can't */
    assert_string_equal(fluit_lead_heap(&f->fold->lead, &id), "");
    apply(f, fixture_origin(0, 0, 0, 1), act);
    assert_string_equal(fluit_lead_heap(&f->fold->lead, &id), "tijd");
    memset(longer, 'x', sizeof longer - 1);
    act.heap.heap = fluit_slice_str(longer);
    apply(f, fixture_origin(0, 0, 0, 3), act); /* too long: nobody's */
    assert_string_equal(fluit_lead_heap(&f->fold->lead, &id), "tijd");
    act.heap.heap = fluit_slice_str("");
    apply(f, fixture_origin(0, 0, 0, 2), act);
    assert_string_equal(fluit_lead_heap(&f->fold->lead, &id), "");
}

static void kinds_that_are_no_state_are_passed_over(void **state)
{
    struct fixture *f = *state;
    apply(f, fixture_origin(1, 1, 1, 1), (struct fluit_act){.kind = FLUIT_KIND_ARMED});
    apply(f, fixture_origin(0, 0, 0, 1), (struct fluit_act){.kind = FLUIT_KIND_ROSTER});
    assert_int_equal(f->fold->ignored.count, 0);
}

/* ---- cuts ---- */

static void late_is_made_late_or_arrived_late(void **state)
{
    struct fixture *f = *state;
    struct fluit_cut_head head = {.seq = 10};
    struct fluit_origin inside = fixture_origin(1, 1, 1, 10);
    struct fluit_origin arrived = fixture_origin(1, 1, 1, 11);
    struct fluit_origin made = fixture_origin(1, 1, 1, 21);
    struct fluit_origin unknown_feed = fixture_origin(2, 2, 1, 5);
    struct fluit_origin next_round = fixture_origin(1, 1, 2, 21);
    head.feed = inside.feed;
    assert_int_equal(fluit_fold_late(f->fold, &made), FLUIT_LATE_NOT);
    apply(f, fixture_origin(0, 0, 0, 2), fixture_cut(1, 3, 20000000, &head, 1));
    apply(f, fixture_origin(0, 0, 0, 9), fixture_cut(1, 2, 90000000, NULL, 0));
    inside.mesh_us = 99000000;
    assert_int_equal(fluit_fold_late(f->fold, &inside), FLUIT_LATE_NOT);
    assert_int_equal(fluit_fold_late(f->fold, &arrived), FLUIT_LATE_ARRIVED);
    assert_int_equal(fluit_fold_late(f->fold, &made), FLUIT_LATE_MADE);
    assert_int_equal(fluit_fold_late(f->fold, &unknown_feed), FLUIT_LATE_ARRIVED);
    assert_int_equal(fluit_fold_late(f->fold, &next_round), FLUIT_LATE_NOT);
}

/* ---- what consoles ask ---- */

static void counts_tell_what_a_table_did_in_a_round(void **state)
{
    struct fixture *f = *state;
    apply(f, fixture_origin(1, 1, 1, 1), fixture_place("money", 1, "helps", 1));
    apply(f, fixture_origin(1, 1, 1, 2), fixture_place("joy", 1, "yields", 0));
    apply(f, fixture_origin(1, 1, 1, 3), fixture_lift("money", 2));
    apply(f, fixture_origin(1, 1, 1, 4), fixture_link("money", "joy", "so", false));
    apply(f, fixture_origin(1, 1, 1, 5), fixture_note(1, 1, 0, "", 0, "kept"));
    apply(f, fixture_origin(1, 1, 1, 6), fixture_note(2, 1, 0, "", FLUIT_NOTE_GONE, "gone"));
    apply(f, fixture_origin(1, 1, 1, 9), fixture_place("ghost", 1, "helps", 1));
    struct fluit_fold_counts counts = fluit_fold_counts(f->fold, 1, 1);
    assert_int_equal(counts.cards, 2);
    assert_int_equal(counts.links, 1);
    assert_int_equal(counts.notes, 1);
    assert_int_equal(counts.active_us, 6000000);
    assert_int_equal(fluit_fold_counts(f->fold, 1, 2).cards, 0);
    assert_int_equal(fluit_fold_counts(f->fold, 250, 250).cards, 0);
}

static void a_table_moves_on_and_never_back(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fluit_fold_board_round(f->fold, 1), 1);
    for (uint8_t i = 0; i < 2; i++)
        apply(f, fixture_origin(1, 1, 1, i + 1u),
              (struct fluit_act){.kind = FLUIT_KIND_NEXT_BOARD, .next_board = {(uint8_t)(2 - i)}});
    assert_int_equal(fluit_fold_board_round(f->fold, 1), 2);
}

static void a_role_of_the_round_goes_before_one_outside_the_rounds(void **state)
{
    struct fixture *f = *state;
    apply(f, fixture_origin(1, 1, 0, 1), fixture_role_act("respondent-1", 2));
    apply(f, fixture_origin(1, 1, 2, 2), fixture_role_act("respondent-1", 5));
    assert_int_equal(fluit_fold_seat(f->fold, 1, 1, 1), 2);
    assert_int_equal(fluit_fold_seat(f->fold, 1, 2, 1), 5);
    assert_int_equal(fluit_fold_seat(f->fold, 1, 1, 0), 0);
}

static void the_plan_is_the_newest_by_term_and_revision(void **state)
{
    struct fixture *f = *state;
    static const struct {
        uint64_t seq;
        uint32_t term, revision;
        uint8_t step;
    } plans[] = {{9, 2, 1, 3}, {11, 1, 9, 1}, {10, 2, 0, 2}, {8, 2, 1, 0}};
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        apply(f, fixture_origin(0, 0, 0, plans[i].seq),
              (struct fluit_act){.kind = FLUIT_KIND_PLAN,
                                 .plan = {.term = plans[i].term,
                                          .revision = plans[i].revision,
                                          .step = plans[i].step}});
    assert_int_equal(fluit_fold_plan(f->fold)->step, 3);
}

static void messages_are_read_one_after_another(void **state)
{
    struct fixture *f = *state;
    static const uint8_t to[] = {0, 2, 1};
    for (uint64_t i = 3; i > 0; i--)
        apply(f, fixture_origin(0, 0, 0, i),
              (struct fluit_act){.kind = FLUIT_KIND_MESSAGE,
                                 .message = {to[i - 1], fluit_slice_str("hear")}});
    const struct fluit_announcement *one = fluit_lead_message_after(&f->fold->lead, 1, NULL);
    const struct fluit_announcement *two =
        fluit_lead_message_after(&f->fold->lead, 1, &one->origin);
    assert_int_equal(one->origin.seq, 1);
    assert_int_equal(two->origin.seq, 3);
    assert_null(fluit_lead_message_after(&f->fold->lead, 1, &two->origin));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(any_order_with_duplicates_gives_the_same_bytes),
        TEST(a_place_can_be_read_before_an_act_and_put_back),
        TEST(a_replacing_device_wins_over_the_one_it_replaces),
        TEST(what_an_author_may_not_do_is_counted_and_ignored),
        TEST(a_device_is_known_by_what_it_said_last),
        TEST(words_lie_in_the_heap_that_was_named_last),
        TEST(kinds_that_are_no_state_are_passed_over),
        TEST(late_is_made_late_or_arrived_late),
        TEST(counts_tell_what_a_table_did_in_a_round),
        TEST(a_table_moves_on_and_never_back),
        TEST(a_role_of_the_round_goes_before_one_outside_the_rounds),
        TEST(the_plan_is_the_newest_by_term_and_revision),
        TEST(messages_are_read_one_after_another),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
