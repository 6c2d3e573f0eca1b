#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "node/report/report.h"
#include "tests/unit/script_fixture.h"

struct fixture {
    struct fluit_script *script;
    struct fluit_fold *fold;
    struct fluit_report_input in;
    struct fluit_buf out;
};

static void apply(struct fixture *f, struct fluit_origin origin, struct fluit_act act)
{
    assert_int_equal(fluit_fold_apply(f->fold, &origin, &act), FLUIT_OK);
}

/* Every free text that a table can write has SECRET in it, but the one released quote. */
static void tell_a_story(struct fixture *f)
{
    uint64_t seq = 0;
#define DO(act) apply(f, fixture_origin(1, 1, 1, ++seq), (act))
    DO(fixture_role_act("respondent-1", 4));
    DO(fixture_place("money", 1, "helps", 1));
    DO(fixture_place("money", 1, "hinders", 2));
    DO(fixture_why("money", 1, "SECRET why, with \"quotes\""));
    DO(fixture_place("manager", 1, "helps", 2));
    DO(fixture_why("manager", 1, "=HYPERLINK(\"SECRET\")"));
    DO(fixture_place("blank-1", 1, "helps", 1));
    DO(((struct fluit_act){.kind = FLUIT_KIND_BLANK,
                           .blank = {fixture_id("blank-1"), fluit_slice_str("SECRET blank")}}));
    DO(fixture_place("joy", 1, "yields", 0));
    DO(fixture_link("money", "manager", "SECRET link", false));
    DO(fixture_note(1, 1, 0, "what-1", FLUIT_NOTE_QUOTE, "a released quote"));
    DO(fixture_note(2, 2, 0, "what-1", FLUIT_NOTE_QUOTE, "SECRET unreleased quote"));
    DO(fixture_note(3, 3, 0, "what-1", 0, "SECRET released but no quote"));
    DO(fixture_note(4, 4, 0, "", FLUIT_NOTE_QUOTE | FLUIT_NOTE_GONE, "SECRET taken back"));
    DO(fixture_note(5, 5, 0, "", FLUIT_NOTE_QUOTE, "SECRET shown, then hidden"));
    DO(fixture_note(6, 6, 0, "", FLUIT_NOTE_QUOTE, "SECRET note id used by two tables"));
    DO(fixture_answer("what-1", 0, "SECRET answer"));
#undef DO
    apply(f, fixture_origin(2, 2, 1, 1), fixture_note(6, 7, 0, "", FLUIT_NOTE_QUOTE, "SECRET"));
    for (uint8_t note = 1; note <= 6; note++)
        if (note != 2)
            apply(f, fixture_origin(0, 0, 0, note), fixture_release(note, true));
    apply(f, fixture_origin(0, 0, 0, 20), fixture_release(5, false));
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->script = fixture_script();
    f->fold = fluit_fold_new(f->script);
    f->in = (struct fluit_report_input){
        .script = f->script, .fold = f->fold, .workshop = "00ff", .tables = 2, .language = 1};
    *state = f;
    return f->fold ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fluit_buf_deinit(&f->out);
    fluit_fold_free(f->fold);
    fixture_script_free(f->script);
    free(f);
    return 0;
}

typedef enum fluit_err report(const struct fluit_report_input *in, bool full,
                              struct fluit_buf *out);

static const char *write_report(struct fixture *f, report *form, bool full)
{
    fluit_buf_reset(&f->out);
    assert_int_equal(form(&f->in, full, &f->out), FLUIT_OK);
    return fluit_buf_text(&f->out);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no <%s> in:\n%s", part, text);
}

static void participants_never_read_a_story(void **state)
{
    struct fixture *f = *state;
    report *const forms[] = {fluit_report_json, fluit_report_csv, fluit_report_text};
    tell_a_story(f);
    for (int i = 0; i < 3; i++) {
        assert_null(strstr(write_report(f, forms[i], false), "SECRET"));
        assert_non_null(strstr(write_report(f, forms[i], true), "SECRET"));
    }
    assert_has(write_report(f, fluit_report_json, false), "\"text\": \"a released quote\"");
    assert_has(write_report(f, fluit_report_text, false), "a released quote");
}

static void the_full_edition_has_every_kind_of_text(void **state)
{
    struct fixture *f = *state;
    tell_a_story(f);
    static const char *const texts[] = {"SECRET why",    "SECRET blank",
                                        "SECRET link",   "SECRET unreleased quote",
                                        "SECRET answer", "SECRET released but no quote"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_has(write_report(f, fluit_report_json, true), texts[i]);
        assert_has(write_report(f, fluit_report_text, true), texts[i]);
    }
    assert_null(strstr(write_report(f, fluit_report_json, true), "SECRET taken back"));
    assert_null(strstr(write_report(f, fluit_report_text, true), "SECRET taken back"));
}

static void a_released_revision_shows_those_words_only(void **state)
{
    struct fixture *f = *state;
    apply(f, fixture_origin(1, 1, 1, 1), fixture_note(1, 11, 0, "", FLUIT_NOTE_QUOTE, "said"));
    apply(f, fixture_origin(0, 0, 0, 1), fixture_release(11, true));
    apply(f, fixture_origin(1, 1, 1, 2),
          fixture_note(1, 12, 11, "", FLUIT_NOTE_QUOTE, "SECRET edited in afterwards"));
    assert_has(write_report(f, fluit_report_json, false), "\"text\": \"said\"");
    assert_null(strstr(write_report(f, fluit_report_json, false), "SECRET"));
    apply(f, fixture_origin(1, 1, 1, 3), fixture_note(1, 13, 12, "", FLUIT_NOTE_GONE, ""));
    assert_null(strstr(write_report(f, fluit_report_json, false), "\"text\": \"said\""));
}

static void json_says_where_a_card_lay_first_and_last(void **state)
{
    struct fixture *f = *state;
    tell_a_story(f);
    assert_has(write_report(f, fluit_report_json, true), "\"card\": \"money\",\n"
                                                         "       \"copy\": 1,\n"
                                                         "       \"order\": 1,\n"
                                                         "       \"final\": {\n"
                                                         "        \"at\": \"hinders\",\n"
                                                         "        \"degree\": 2\n"
                                                         "       },\n"
                                                         "       \"first\": {\n"
                                                         "        \"at\": \"helps\",\n"
                                                         "        \"degree\": 1\n"
                                                         "       },\n"
                                                         "       \"moves\": 2,\n");
}

static void csv_quotes_cells_and_disarms_formulas(void **state)
{
    struct fixture *f = *state;
    tell_a_story(f);
    const char *csv = write_report(f, fluit_report_csv, true);
    assert_has(csv, "\r\n00ff,1,1,respondent-1:4,money,1,person,hinders,2,1,"
                    "\"SECRET why, with \"\"quotes\"\"\",3000000,,\r\n");
    assert_has(csv, "00ff,1,1,respondent-1:4,manager,1,work,helps,2,2,"
                    "\"'=HYPERLINK(\"\"SECRET\"\")\",5000000,,\r\n");
    assert_has(csv, "00ff,1,1,respondent-1:4,joy,1,,yields,0,4,,9000000,,\r\n");
    csv = write_report(f, fluit_report_csv, false);
    assert_has(csv, "00ff,1,1,respondent-1:4,manager,1,work,helps,2,2,,5000000,,\r\n");
}

static void csv_disarms_every_start_of_a_formula(void **state)
{
    struct fixture *f = *state;
    static const char *const starts[] = {"=x", "+x", "-x", "@x", "\tx"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        apply(f, fixture_origin(1, 1, 1, 2 * i + 1), fixture_place("money", 1, "helps", 1));
        apply(f, fixture_origin(1, 1, 1, 2 * i + 2), fixture_why("money", 1, starts[i]));
        struct fluit_buf cell = FLUIT_BUF_INIT;
        fluit_buf_printf(&cell, ",\"'%s\",", starts[i]);
        assert_has(write_report(f, fluit_report_csv, true), fluit_buf_text(&cell));
        fluit_buf_deinit(&cell);
    }
    apply(f, fixture_origin(1, 1, 1, 90), fixture_why("money", 1, "a-b=c"));
    assert_has(write_report(f, fluit_report_csv, true), ",a-b=c,");
}

static void late_placements_are_marked_and_kept(void **state)
{
    struct fixture *f = *state;
    struct fluit_cut_head head = {.feed = fixture_origin(1, 1, 1, 1).feed, .seq = 1};
    apply(f, fixture_origin(1, 1, 1, 1), fixture_place("money", 1, "helps", 1));
    apply(f, fixture_origin(1, 1, 1, 2), fixture_place("manager", 1, "helps", 1));
    apply(f, fixture_origin(1, 1, 1, 9), fixture_place("health", 1, "helps", 1));
    apply(f, fixture_origin(0, 0, 0, 1), fixture_cut(1, 1, 5000000, &head, 1));
    const char *csv = write_report(f, fluit_report_csv, false);
    assert_has(csv, "money,1,person,helps,1,1,,1000000,,\r\n");
    assert_has(csv, "manager,1,work,helps,1,2,,2000000,arrived,\r\n");
    assert_has(csv, "health,1,person,helps,1,3,,9000000,made,\r\n");
}

static void text_keeps_to_its_columns_and_speaks_the_language(void **state)
{
    struct fixture *f = *state;
    tell_a_story(f);
    char words[900];
    memset(words, 'w', sizeof words);
    for (size_t i = 7; i < 600; i += 8)
        words[i] = ' ';
    words[sizeof words - 1] = 0;
    apply(f, fixture_origin(1, 1, 1, 70), fixture_why("money", 1, words));
    for (f->in.language = 0; f->in.language < 2; f->in.language++) {
        const char *text = write_report(f, fluit_report_text, true);
        assert_has(text, f->in.language ? "All rounds together" : "Alle rondes samen");
        assert_has(text, f->in.language ? "finances" : "financi\xc3\xabn");
        size_t columns = 0;
        for (; *text; text++) {
            columns = *text == '\n' ? 0 : columns + (((unsigned char)*text & 0xc0) != 0x80);
            assert_true(columns <= 100);
        }
    }
}

static void the_digest_changes_with_the_state_but_not_with_the_language(void **state)
{
    struct fixture *f = *state;
    struct fluit_hash before, after, dutch;
    tell_a_story(f);
    assert_int_equal(fluit_fold_digest(&f->in, &before), FLUIT_OK);
    f->in.language = 0;
    assert_int_equal(fluit_fold_digest(&f->in, &dutch), FLUIT_OK);
    assert_memory_equal(&before, &dutch, sizeof before);
    apply(f, fixture_origin(1, 1, 1, 80), fixture_lift("money", 1));
    assert_int_equal(fluit_fold_digest(&f->in, &after), FLUIT_OK);
    assert_memory_not_equal(&before, &after, sizeof before);
}

/* Table 2 had paper: its board was typed in when the round was closed; table 1 only moved a card.
 */
static void a_board_that_was_entered_afterwards_is_said_to_be(void **state)
{
    struct fixture *f = *state;
    struct fluit_cut_head head = {.feed = fixture_origin(1, 1, 1, 1).feed, .seq = 1};
    apply(f, fixture_origin(1, 1, 1, 1), fixture_place("money", 1, "helps", 1));
    apply(f, fixture_origin(1, 1, 1, 9), fixture_place("money", 1, "hinders", 1));
    apply(f, fixture_origin(2, 2, 1, 8), fixture_place("joy", 1, "yields", 0));
    apply(f, fixture_origin(2, 2, 1, 9), fixture_place("money", 1, "helps", 2));
    assert_false(fluit_fold_entered_after(f->fold, 2, 1)); /* nothing was closed yet */
    apply(f, fixture_origin(0, 0, 0, 1), fixture_cut(1, 1, 5000000, &head, 1));
    assert_false(fluit_fold_entered_after(f->fold, 1, 1));
    assert_true(fluit_fold_entered_after(f->fold, 2, 1));
    assert_false(fluit_fold_entered_after(f->fold, 2, 2));
    for (int full = 0; full < 2; full++) {
        assert_has(write_report(f, fluit_report_json, full), "\"afterwards\": 1,");
        assert_has(write_report(f, fluit_report_text, full), "; entered afterwards: 1)");
    }
    assert_has(write_report(f, fluit_report_text, true), "Round 1 (entered afterwards)");
    assert_has(write_report(f, fluit_report_json, true), "\"afterwards\": true,");
}

/* Photos. */

static void take_photo(struct fixture *f, uint64_t seq, uint8_t id, uint8_t part, uint8_t parts)
{
    struct fluit_act act = {.kind = FLUIT_KIND_PHOTO};
    act.photo.photo = fixture_note_id(id);
    act.photo.part = part;
    act.photo.parts = parts;
    act.photo.data = fluit_slice_str(parts ? "bytes" : "");
    apply(f, fixture_origin(1, 1, 1, seq), act);
}

/* What the store has: the second one is no picture. */
static enum fluit_err read_photo(void *arg, const struct fluit_photo *photo, struct fluit_buf *out)
{
    const struct fluit_note_id second = fixture_note_id(2);
    assert_null(arg);
    if (memcmp(photo->id.b, second.b, sizeof second.b) == 0)
        return FLUIT_E_FORMAT;
    fluit_buf_puts(out, "PICTURE");
    return FLUIT_OK;
}

static enum fluit_err note_file(void *arg, const char *name, struct fluit_slice jpeg)
{
    fluit_buf_printf(arg, "%s %.*s;", name, (int)jpeg.len, (const char *)jpeg.data);
    return FLUIT_OK;
}

/* 1 is whole, 2 as well, 3 was taken back, 4 is not all here. */
static void photos_stand_in_the_full_edition_only(void **state)
{
    struct fixture *f = *state;
    struct fluit_hash with, without;
    struct fluit_buf files = FLUIT_BUF_INIT;
    apply(f, fixture_origin(1, 1, 1, 1), fixture_place("money", 1, "helps", 1));
    take_photo(f, 3, 1, 1, 2);
    take_photo(f, 2, 1, 0, 2);
    take_photo(f, 4, 2, 0, 1);
    take_photo(f, 5, 3, 0, 1);
    take_photo(f, 6, 3, 0, 0);
    take_photo(f, 7, 4, 0, 2);
    assert_int_equal(fluit_fold_digest(&f->in, &without), FLUIT_OK);
    assert_null(strstr(write_report(f, fluit_report_json, true), "\"data\""));
    f->in.photo = read_photo;
    assert_int_equal(fluit_fold_digest(&f->in, &with), FLUIT_OK);
    assert_memory_equal(&with, &without, sizeof with);
    const char *json = write_report(f, fluit_report_json, true);
    assert_has(json, "\"file\": \"table-01-round-1-1.jpg\"");
    assert_has(json, "\"bytes\": 10,");
    assert_has(json, "\"data\": \"UElDVFVSRQ==\"");
    assert_has(json, "\"file\": \"table-01-round-1-2.jpg\"");
    assert_has(json, "\"data\": null");
    assert_null(strstr(json, "table-01-round-1-3.jpg"));
    assert_has(write_report(f, fluit_report_csv, true),
               ",table-01-round-1-1.jpg table-01-round-1-2.jpg\r\n");
    assert_has(write_report(f, fluit_report_text, true), "paper board: table-01-round-1-1.jpg\n");
    report *const forms[] = {fluit_report_json, fluit_report_csv, fluit_report_text};
    for (size_t i = 0; i < 3; i++)
        assert_null(strstr(write_report(f, forms[i], false), "jpg"));
    assert_int_equal(fluit_report_each_photo(&f->in, note_file, &files), FLUIT_OK);
    assert_string_equal(fluit_buf_text(&files), "table-01-round-1-1.jpg PICTURE;");
    fluit_buf_deinit(&files);
}

static void an_empty_workshop_still_has_a_report(void **state)
{
    struct fixture *f = *state;
    assert_has(write_report(f, fluit_report_json, true), "\"tables\": []");
    assert_string_equal(write_report(f, fluit_report_csv, true),
                        "workshop,table,round,respondent,card,copy,category,side,degree,order,why,"
                        "time,late,photos\r\n");
    assert_has(write_report(f, fluit_report_text, true), "Small workshop");
}

static void an_answer_taken_back_is_no_answer(void **state)
{
    struct fixture *f = *state;
    apply(f, fixture_origin(1, 1, 1, 1), fixture_answer("what-1", 3, "first"));
    assert_has(write_report(f, fluit_report_text, true), "    > ");
    assert_has(write_report(f, fluit_report_json, true), "\"seat\": 3");
    apply(f, fixture_origin(1, 1, 1, 2), fixture_answer("what-1", 3, ""));
    assert_null(strstr(write_report(f, fluit_report_text, true), "    > "));
    assert_null(strstr(write_report(f, fluit_report_json, true), "\"seat\": 3"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(participants_never_read_a_story),
        TEST(the_full_edition_has_every_kind_of_text),
        TEST(a_released_revision_shows_those_words_only),
        TEST(json_says_where_a_card_lay_first_and_last),
        TEST(csv_quotes_cells_and_disarms_formulas),
        TEST(csv_disarms_every_start_of_a_formula),
        TEST(late_placements_are_marked_and_kept),
        TEST(text_keeps_to_its_columns_and_speaks_the_language),
        TEST(the_digest_changes_with_the_state_but_not_with_the_language),
        TEST(an_answer_taken_back_is_no_answer),
        TEST(a_board_that_was_entered_afterwards_is_said_to_be),
        TEST(photos_stand_in_the_full_edition_only),
        TEST(an_empty_workshop_still_has_a_report),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
