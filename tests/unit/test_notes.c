#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/notes.h"
#include "tests/unit/script_fixture.h"

struct fixture {
    struct fluit_script *script;
    struct fluit_notes notes;
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
    fluit_notes_deinit(&f->notes);
    fixture_script_free(f->script);
    free(f);
    return 0;
}

static enum fluit_err apply(struct fixture *f, uint32_t rank, uint64_t seq, struct fluit_act act)
{
    struct fluit_origin origin = fixture_origin(rank, 1, 1, seq);
    return fluit_notes_apply(&f->notes, f->script, &origin, &act);
}

static struct fluit_note only(struct fixture *f)
{
    struct fluit_note note, more;
    size_t cursor = 0;
    assert_true(fluit_notes_next(&f->notes, f->script, &cursor, &note));
    assert_false(fluit_notes_next(&f->notes, f->script, &cursor, &more));
    return note;
}

static void concurrent_revisions_are_both_kept_until_merged(void **state)
{
    struct fixture *f = *state;
    /* The table and its rapporteur revise 1 at the same time; children arrive before it. */
    assert_int_equal(apply(f, 100, 1, fixture_note(7, 3, 1, "", 0, "rapporteur")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 2, fixture_note(7, 2, 1, "", 0, "table")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 1, fixture_note(7, 1, 0, "", 0, "first")), FLUIT_OK);
    struct fluit_note note = only(f);
    assert_int_equal(note.revision_count, 3);
    assert_int_equal(note.head_count, 2);
    assert_string_equal(note.first->text, "first");
    assert_string_equal(note.newest->text, "rapporteur");
    assert_false(fluit_note_is_head(&note, 0));
    assert_true(fluit_note_is_head(&note, 1));
    assert_true(fluit_note_is_head(&note, 2));

    struct fluit_act merge = fixture_note(7, 4, 2, "", 0, "both");
    merge.note.parents[merge.note.parent_count++] = fixture_note_id(3);
    assert_int_equal(apply(f, 1, 3, merge), FLUIT_OK);
    note = only(f);
    assert_int_equal(note.head_count, 1);
    assert_string_equal(note.newest->text, "both");
}

static void a_note_is_gone_when_every_head_says_so(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(apply(f, 1, 1, fixture_note(7, 1, 0, "", 0, "a")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 2, fixture_note(7, 2, 1, "", FLUIT_NOTE_GONE, "")), FLUIT_OK);
    assert_true(only(f).gone);
    assert_int_equal(apply(f, 100, 1, fixture_note(7, 3, 1, "", 0, "edited")), FLUIT_OK);
    assert_false(only(f).gone);
}

static void a_ring_of_parents_still_has_a_head(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(apply(f, 1, 1, fixture_note(7, 1, 2, "", 0, "a")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 2, fixture_note(7, 2, 1, "", 0, "b")), FLUIT_OK);
    assert_int_not_equal(apply(f, 1, 3, fixture_note(7, 3, 3, "", 0, "own parent")), FLUIT_OK);
    struct fluit_note note = only(f);
    assert_int_equal(note.head_count, 1);
    assert_string_equal(note.newest->text, "b");
    assert_true(fluit_note_is_head(&note, 1));
    assert_false(fluit_note_is_head(&note, 0));
}

static void the_oldest_notes_stay_when_there_are_too_many(void **state)
{
    struct fixture *f = *state;
    for (uint64_t seq = FLUIT_NOTES_MAX + 10; seq > 0; seq--) {
        struct fluit_act act = fixture_note(1, 1, 0, "", 0, "n");
        fluit_put_u64(act.note.note.b, seq);
        assert_int_equal(apply(f, 1, seq, act), FLUIT_OK);
    }
    assert_int_equal(f->notes.revisions.count, FLUIT_NOTES_MAX);
    const struct fluit_revision *last = f->notes.revisions.items[FLUIT_NOTES_MAX - 1];
    assert_int_equal(last->origin.seq, FLUIT_NOTES_MAX);
}

static void notes_are_sorted_by_question_then_time(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(apply(f, 1, 1, fixture_note(9, 1, 0, "", 0, "none")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 2, fixture_note(8, 1, 0, "stop", 0, "stop")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 4, fixture_note(6, 1, 0, "what-1", 0, "later")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 3, fixture_note(7, 1, 0, "what-1", 0, "what")), FLUIT_OK);
    static const char *const expected[] = {"what", "later", "stop", "none"};
    struct fluit_note *sorted;
    size_t count;
    assert_int_equal(fluit_notes_sorted(&f->notes, f->script, &sorted, &count), FLUIT_OK);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(sorted[i].newest->text, expected[i]);
    free(sorted);
}

static void an_answer_is_kept_by_question_and_seat(void **state)
{
    struct fixture *f = *state;
    struct fluit_id stop = fixture_id("stop");
    assert_int_equal(apply(f, 1, 5, fixture_answer("stop", 0, "new")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 4, fixture_answer("stop", 0, "old")), FLUIT_OK);
    assert_int_equal(apply(f, 1, 6, fixture_answer("stop", 2, "seat 2")), FLUIT_OK);
    assert_int_not_equal(apply(f, 1, 7, fixture_answer("ghost", 0, "x")), FLUIT_OK);
    assert_int_not_equal(apply(f, 1, 8, fixture_answer("stop", 200, "x")), FLUIT_OK);
    assert_string_equal(fluit_notes_answer(&f->notes, 1, &stop, 0)->text, "new");
    assert_string_equal(fluit_notes_answer(&f->notes, 1, &stop, 2)->text, "seat 2");
    assert_null(fluit_notes_answer(&f->notes, 2, &stop, 0));
    assert_int_equal(fluit_notes_answer_count(&f->notes), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(concurrent_revisions_are_both_kept_until_merged),
        TEST(a_note_is_gone_when_every_head_says_so),
        TEST(a_ring_of_parents_still_has_a_head),
        TEST(the_oldest_notes_stay_when_there_are_too_many),
        TEST(notes_are_sorted_by_question_then_time),
        TEST(an_answer_is_kept_by_question_and_seat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
