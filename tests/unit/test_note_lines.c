/* Notes, answers and groups at the console. */
#include "tests/unit/lines_desk.h"

/* The note that the console numbers so. */
static struct fluit_note note_of(const struct desk *d, uint32_t number)
{
    struct fluit_note note;
    assert_true(number <= d->guest.numbered_count);
    const struct fluit_note_id *id = &d->guest.numbered[number - 1];
    for (size_t at = 0; fluit_fold_note_next(d->guest.node.fold, DESK_TABLE, &at, &note);)
        if (memcmp(note.id.b, id->b, sizeof id->b) == 0)
            return note;
    fail_msg("there is no note %u", number);
    return note;
}

/* What the other node would write: a note, or a revision of this one. */
static struct fluit_act their_note(const struct fluit_note *on, uint8_t number, const char *text)
{
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE};
    act.note.note = on ? on->id : (struct fluit_note_id){{0xaa, number}};
    act.note.revision = (struct fluit_note_id){{0xbb, number}};
    act.note.text = fluit_slice_str(text);
    if (on) {
        act.note.parents[act.note.parent_count++] = on->newest->id;
        act.note.question = on->newest->question;
    }
    return act;
}

static void notes_what_was_said(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_RAPPORTEUR);
    (void)state;
    desk_saves(d, "note @stim #health/2  they  walk ", "note 1 to stimulated on health");
    struct fluit_note note = note_of(d, 1);
    assert_string_equal(note.newest->text, "they  walk");
    assert_string_equal(note.newest->question.s, "stimulated");
    assert_string_equal(note.newest->card.card.s, "health");
    assert_int_equal(note.newest->card.copy, 2);
    assert_int_equal(note.newest->flags, 0);
    assert_int_equal(note.first->origin.round, 1);
    desk_saves(d, "quote #health @stim as they said", "quote 2 to stimulated on health");
    assert_int_equal(note_of(d, 2).newest->flags, FLUIT_NOTE_QUOTE);
    desk_saves(d, "note @ home, # 1", "note 3");
    assert_string_equal(note_of(d, 3).newest->text, "@ home, # 1");
    desk_refuses(d, "note", "say what");
    desk_refuses(d, "quote @stop", "say what");
    desk_refuses(d, "note @st x", "more than one question 'st'; there is: stimulated, stands-out");
    desk_refuses(d, "note @nothing x", "no question 'nothing'");
    desk_refuses(d, "note #nothing x", "no card 'nothing'");
    desk_refuses(d, "note #health/3 x", "no such copy");
    desk_free(d);
}

static void ties_a_note_to_the_copy_that_lies(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_type(d, "place health/2 left");
    desk_saves(d, "note #health here", "note 1 on health");
    assert_int_equal(note_of(d, 1).newest->card.copy, 2);
    desk_free(d);
}

static uint8_t round_noted(struct desk *d, const char *line)
{
    assert_int_equal(strncmp(desk_type(d, line), "saved ", 6), 0);
    return note_of(d, d->guest.numbered_count).first->origin.round;
}

static void knows_the_round_of_a_note(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    assert_int_equal(round_noted(d, "note a"), 1);
    assert_int_equal(round_noted(d, "note @stop b"), 0);
    desk_step(d, "explanation", FLUIT_PLAN_READY);
    assert_int_equal(round_noted(d, "note c"), 1);
    desk_step(d, "changeover", FLUIT_PLAN_READY);
    assert_int_equal(round_noted(d, "note d"), 1);
    desk_type(d, "next board");
    assert_int_equal(round_noted(d, "note e"), 2);
    desk_step(d, "table-talks", FLUIT_PLAN_RUNNING);
    assert_int_equal(round_noted(d, "note f"), 0);
    assert_int_equal(round_noted(d, "note @advice g"), 2);
    desk_type(d, "edit 1 again");
    assert_int_equal(note_of(d, 1).newest->origin.round, 1);
    desk_free(d);
}

static void edits_brings_and_drops(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_says(d, "notes", "no notes yet\n");
    desk_saves(d, "quote @stim one", "quote 1 to stimulated");
    desk_saves(d, "edit 1 two", "note 1 edited");
    desk_saves(d, "bring 1", "note 1 for plenary");
    desk_refuses(d, "bring 1", "already");
    assert_string_equal(desk_type(d, "notes"), "  1 quote to stimulated (for plenary): two\n");
    assert_int_equal(note_of(d, 1).newest->flags, FLUIT_NOTE_QUOTE | FLUIT_NOTE_PLENARY);
    assert_int_equal(note_of(d, 1).revision_count, 3);
    desk_saves(d, "drop 1", "note 1 taken back");
    assert_string_equal(note_of(d, 1).newest->text, "");
    desk_says(d, "notes", "no notes yet\n");
    desk_refuses(d, "edit 1 three", "was taken back");
    desk_refuses(d, "bring 1", "was taken back");
    desk_refuses(d, "drop 1", "was taken back");
    desk_saves(d, "undo", "undone: note as it was");
    assert_string_equal(desk_type(d, "notes"), "  1 quote to stimulated (for plenary): two\n");
    desk_free(d);
}

static void wants_the_number_of_a_note(void **state)
{
    static const char *const lines[] = {"edit",           "edit 0 x",  "edit 2 x",
                                        "edit x y",       "edit -1 x", "bring",
                                        "bring 0",        "drop",      "drop 99999999999999999999",
                                        "drop 4294967297"};
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_refuses(d, "drop 1", "by its number");
    desk_type(d, "note one");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        desk_refuses(d, lines[i], "by its number");
    desk_refuses(d, "edit 1", "new text");
    desk_free(d);
}

/* Who types 'drop 2' means what was shown as 2, though another note came before it since. */
static void a_note_keeps_its_number(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_saves(d, "note @advice one", "note 1 to advice");
    desk_saves(d, "note @advice two", "note 2 to advice");
    struct fluit_act theirs = their_note(NULL, 1, "theirs");
    assert_int_equal(fluit_id_set(&theirs.note.question, fluit_slice_str("choose")), FLUIT_OK);
    desk_hears(d, &theirs, 1);
    desk_saves(d, "note @choose mine", "note 4 to choose");
    desk_saves(d, "drop 2", "note 2 taken back");
    assert_string_equal(desk_type(d, "notes"), "  4 note to choose: mine\n"
                                               "  3 note to choose: theirs\n"
                                               "  1 note to advice: one\n");
    desk_saves(d, "edit 3 ours", "note 3 edited");
    desk_says(d, "notes", "  3 note to choose: ours\n");
    desk_free(d);
}

/* Leaves note 1 with two heads: theirs, and "mine". */
static struct desk *desk_with_two_heads(const char *theirs, uint32_t flags)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    desk_type(d, "note first");
    struct fluit_note note = note_of(d, 1);
    struct fluit_act act = their_note(&note, 1, theirs);
    act.note.flags = flags;
    desk_saves(d, "edit 1 mine", "note 1 edited");
    desk_hears(d, &act, 1);
    assert_int_equal(note_of(d, 1).head_count, 2);
    return d;
}

static void shows_what_two_wrote_at_one_time(void **state)
{
    struct desk *d = desk_with_two_heads("theirs", 0);
    (void)state;
    const char *said = desk_type(d, "notes");
    assert_non_null(strstr(said, "  1 note: mine\n"));
    assert_non_null(strstr(said, "  1 note: theirs\n"));
    assert_non_null(strstr(said, "'edit 1 TEXT' settles it"));
    desk_saves(d, "edit 1 both", "note 1 edited");
    assert_string_equal(desk_type(d, "notes"), "  1 note: both\n");
    desk_free(d);
}

static void bringing_hides_nobodys_words(void **state)
{
    struct desk *d = desk_with_two_heads("theirs", 0);
    (void)state;
    desk_saves(d, "bring 1", "note 1 for plenary");
    const char *said = desk_type(d, "notes");
    assert_non_null(strstr(said, "mine\n"));
    assert_non_null(strstr(said, "theirs\n"));
    desk_free(d);
}

/* One takes a note back while the other edits it: the words stay, and can be edited on. */
static void an_edit_outlives_a_drop_at_the_same_time(void **state)
{
    struct desk *d = desk_with_two_heads("", FLUIT_NOTE_GONE);
    (void)state;
    assert_string_equal(desk_type(d, "notes"), "  1 note: mine\n");
    desk_saves(d, "edit 1 mine still", "note 1 edited");
    assert_string_equal(desk_type(d, "notes"), "  1 note: mine still\n");
    assert_int_equal(note_of(d, 1).newest->flags, 0);
    desk_free(d);
}

static void undo_leaves_what_others_wrote_since(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_type(d, "note first");
    struct fluit_note note = note_of(d, 1);
    struct fluit_act theirs = their_note(&note, 1, "theirs");
    desk_hears(d, &theirs, 1);
    desk_saves(d, "undo", "undone: note as it was");
    assert_string_equal(desk_type(d, "notes"), "  1 note: theirs\n");
    desk_free(d);
}

static void the_texts_of_a_note_stay_on_its_line(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    struct fluit_act theirs = their_note(NULL, 1, "a\nsaved 9 note\tb");
    char line[FLUIT_TEXT_LEN_MAX + 10] = "note ";
    (void)state;
    desk_hears(d, &theirs, 1);
    assert_string_equal(desk_type(d, "notes"), "  1 note: a saved 9 note b\n");
    memset(line + 5, 'x', FLUIT_TEXT_LEN_MAX);
    desk_saves(d, line, "note 2");
    desk_says(d, "notes", line + 5); /* all of it */
    desk_free(d);
}

static void says_when_no_more_notes_fit(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_type(d, "note mine");
    for (unsigned i = 1; i < FLUIT_NOTES_MAX; i++) {
        struct fluit_act theirs = their_note(NULL, 0, "theirs");
        fluit_put_u16(theirs.note.note.b + 2, (uint16_t)i);
        fluit_put_u16(theirs.note.revision.b + 2, (uint16_t)i);
        desk_hears(d, &theirs, 1);
    }
    desk_refuses(d, "note one too many", "as many notes");
    desk_refuses(d, "edit 1 more", "as many notes");
    desk_refuses(d, "undo", "as many notes");
    desk_saves(d, "answer stop this", "answer to stop");
    desk_free(d);
}

static const char *answered(struct desk *d, uint8_t round, const char *question, uint8_t seat)
{
    struct fluit_id id;
    assert_int_equal(fluit_id_set(&id, fluit_slice_str(question)), FLUIT_OK);
    const struct fluit_answer *answer =
        fluit_fold_answer(d->guest.node.fold, DESK_TABLE, round, &id, seat);
    return answer ? answer->text : NULL;
}

static void answers_questions(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_RAPPORTEUR);
    (void)state;
    desk_saves(d, "answer stop  less  paper ", "answer to stop");
    assert_string_equal(answered(d, 0, "stop", 0), "less  paper");
    desk_saves(d, "answer stop/0 no paper", "answer to stop");
    desk_saves(d, "undo", "undone: answer as it was");
    assert_string_equal(answered(d, 0, "stop", 0), "less  paper");
    desk_saves(d, "answer adv listen", "answer to advice");
    assert_string_equal(answered(d, 1, "advice", 0), "listen");
    desk_refuses(d, "answer", "no question ''");
    desk_refuses(d, "answer stop", "say the answer");
    desk_refuses(d, "answer nothing x", "no question 'nothing'");
    desk_refuses(d, "answer stop/13 x", "1 to 12");
    desk_refuses(d, "answer stop/99999999999999999999 x", "1 to 12");
    desk_refuses(d, "answer stop/ x", "1 to 12");
    desk_free(d);
}

static void answers_polls_by_seat(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_saves(d, "answer recognise/12 ful", "answer to recognise");
    assert_string_equal(answered(d, 0, "recognise", 12), "fully");
    desk_saves(d, "answer recognise/12 partly", "answer to recognise");
    desk_saves(d, "undo", "undone: answer as it was");
    assert_string_equal(answered(d, 0, "recognise", 12), "fully");
    desk_refuses(d, "answer recognise fully", "recognise/SEAT");
    desk_refuses(d, "answer recognise/0 fully", "recognise/SEAT");
    desk_refuses(d, "answer recognise/1", "fully, partly, hardly, not-at-all");
    desk_refuses(d, "answer recognise/1 fullyy", "choose one of");
    desk_refuses(d, "answer informal-learning/1 x", "thriving, growing");
    desk_free(d);
}

static void counts_hands(void **state)
{
    struct desk *d = desk_new(FLUIT_NODE_TABLE, fluit_script_builtin("retro"));
    (void)state;
    desk_saves(d, "answer safe 4", "answer to safe-to-speak");
    assert_string_equal(answered(d, 0, "safe-to-speak", 0), "4");
    desk_refuses(d, "answer safe all", "how many hands");
    desk_refuses(d, "answer safe", "how many hands");
    desk_refuses(d, "answer safe -1", "how many hands");
    desk_free(d);
}

static void groups_where_the_script_has_them(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_RAPPORTEUR);
    (void)state;
    desk_refuses(d, "group a", "does not put stories into groups");
    d->guest.node.script->groups_on = true;
    desk_saves(d, "group b", "group b");
    desk_saves(d, "group -", "group none");
    desk_saves(d, "undo", "undone: group as it was");
    const struct fluit_board *board = fluit_fold_board(d->guest.node.fold, DESK_TABLE, 1);
    assert_int_equal(board->group.group, 1);
    desk_refuses(d, "group d", "a, b, c");
    desk_refuses(d, "group", "a, b, c");
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_what_was_said),
        cmocka_unit_test(ties_a_note_to_the_copy_that_lies),
        cmocka_unit_test(knows_the_round_of_a_note),
        cmocka_unit_test(edits_brings_and_drops),
        cmocka_unit_test(wants_the_number_of_a_note),
        cmocka_unit_test(a_note_keeps_its_number),
        cmocka_unit_test(shows_what_two_wrote_at_one_time),
        cmocka_unit_test(bringing_hides_nobodys_words),
        cmocka_unit_test(an_edit_outlives_a_drop_at_the_same_time),
        cmocka_unit_test(undo_leaves_what_others_wrote_since),
        cmocka_unit_test(the_texts_of_a_note_stay_on_its_line),
        cmocka_unit_test(says_when_no_more_notes_fit),
        cmocka_unit_test(answers_questions),
        cmocka_unit_test(answers_polls_by_seat),
        cmocka_unit_test(counts_hands),
        cmocka_unit_test(groups_where_the_script_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
