#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/script.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static struct fluit_script *parse(struct fluit_slice yaml)
{
    struct fluit_script *script = NULL;
    struct fluit_script_error error = {0};
    enum fluit_err err = fluit_script_parse(yaml, &script, &error);
    if (err)
        fail_msg("%d:%d: %s", error.line, error.column, error.text);
    return script;
}

static struct fluit_card_ref card(const char *id, uint8_t copy)
{
    struct fluit_card_ref ref = {.copy = copy};
    assert_int_equal(fluit_id_set(&ref.card, fluit_slice_str(id)), FLUIT_OK);
    return ref;
}

static bool may_lie(const struct fluit_script *script, const char *id, uint8_t copy,
                    const char *zone, uint8_t degree)
{
    struct fluit_card_ref ref = card(id, copy);
    struct fluit_id zone_id;
    assert_int_equal(fluit_id_set(&zone_id, fluit_slice_str(zone)), FLUIT_OK);
    return fluit_script_may_lie(script, &ref, &zone_id, degree);
}

static void leren_is_the_whole_workshop(void **state)
{
    (void)state;
    struct fluit_script *s = parse(fluit_script_builtin("leren"));
    assert_int_equal(s->language_count, 2);
    assert_int_equal(fluit_script_language(s, "en"), 1);
    assert_int_equal(fluit_script_language(s, "fr"), -1);
    assert_string_equal(s->no_names.in[0], "geen namen");
    assert_string_equal(s->no_names.in[1], "no names");
    assert_int_equal(s->category_count, 5);
    assert_int_equal(s->card_count, 31);
    int per_category[5] = {0}, yields = 0;
    for (int i = 0; i < s->card_count; i++) {
        bool yield = s->cards[i].category < 0;
        assert_int_equal(s->cards[i].copies, yield ? 1 : 2);
        assert_string_equal(s->cards[i].question.in[0], yield ? "Wat heeft het opgeleverd?" : "");
        assert_int_equal(s->cards[i].zone, yield ? fluit_script_zone(s, "yields") : -1);
        yields += yield;
        if (!yield)
            per_category[s->cards[i].category]++;
    }
    assert_int_equal(yields, 6);
    assert_memory_equal(per_category, ((int[]){6, 5, 5, 3, 6}), sizeof per_category);
    assert_int_equal(s->blank_count, 6);
    assert_int_equal(s->step_count, 15);
    assert_int_equal(s->round_count, 2);
    assert_int_equal(s->role_count, 5);
    assert_int_equal(s->roles[fluit_script_role(s, "respondent-2")].tells_in, 2);
    assert_false(s->groups_on);
    assert_int_equal(s->group_count, 3);
    assert_int_equal(fluit_script_group(s, "c"), 2);
    fluit_script_free(s);
}

static void leren_has_its_board(void **state)
{
    (void)state;
    struct fluit_script *s = parse(fluit_script_builtin("leren"));
    assert_int_equal(s->side_count, 2);
    assert_int_equal(s->zone_count, 3);
    assert_string_equal(s->zones[0].name.in[0], "stimuleert");
    assert_string_equal(s->zones[1].name.in[0], "belemmert");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(s->zones[i].degree_count, 2);
        assert_string_equal(s->zones[i].degrees[0].in[0], "in beperkte mate");
        assert_string_equal(s->zones[i].degrees[1].in[1], "to a large extent");
    }
    assert_string_equal(s->zones[2].name.in[0], "opbrengst");
    assert_int_equal(s->zones[2].degree_count, 0);
    fluit_script_free(s);
}

static void leren_has_its_agenda(void **state)
{
    (void)state;
    static const struct {
        enum fluit_step_kind kind;
        int planned;
    } expected[] = {
        {FLUIT_STEP_OPEN_QUESTION, 13 * 60 + 30},
        {FLUIT_STEP_TALK, 13 * 60 + 40},
        {FLUIT_STEP_POLL, -1},
        {FLUIT_STEP_POLL, -1},
        {FLUIT_STEP_BREAK, 14 * 60 + 15},
        {FLUIT_STEP_EXPLAIN, 14 * 60 + 30},
        {FLUIT_STEP_ROUND, -1},
        {FLUIT_STEP_CHANGEOVER, -1},
        {FLUIT_STEP_ROUND, -1},
        {FLUIT_STEP_PLENARY, 15 * 60},
        {FLUIT_STEP_BREAK, 15 * 60 + 5},
        {FLUIT_STEP_TALK, 15 * 60 + 20},
        {FLUIT_STEP_TABLE_TALK, -1},
        {FLUIT_STEP_PLENARY, 15 * 60 + 50},
        {FLUIT_STEP_CLOSE, 16 * 60},
    };
    struct fluit_script *s = parse(fluit_script_builtin("leren"));
    assert_int_equal(s->step_count, COUNT(expected));
    for (int i = 0; i < s->step_count; i++) {
        bool round = expected[i].kind == FLUIT_STEP_ROUND;
        assert_int_equal(s->steps[i].kind, expected[i].kind);
        assert_int_equal(s->steps[i].planned_min, expected[i].planned);
        assert_int_equal(s->steps[i].whistle, round);
        assert_int_equal(s->steps[i].wrap_up_us, round ? 180000000 : 0);
    }
    assert_int_equal(fluit_script_round_step(s, 2), 8);
    assert_int_equal(fluit_script_round_step(s, 3), -1);
    assert_int_equal(fluit_script_round_step(s, 0), -1);
    assert_int_equal(s->steps[8].duration_us, 900000000);
    fluit_script_free(s);
}

static void both_rounds_ask_the_same_interview(void **state)
{
    (void)state;
    struct fluit_script *s = parse(fluit_script_builtin("leren"));
    static const int minutes[] = {1, 1, 4, 4, 2, 2, 1};
    for (uint8_t round = 1; round <= 2; round++) {
        const struct fluit_step *step = &s->steps[fluit_script_round_step(s, round)];
        assert_int_equal(step->question_count, COUNT(minutes));
        for (int i = 0; i < COUNT(minutes); i++)
            assert_int_equal(step->questions[i].suggested_us, minutes[i] * 60000000);
        assert_string_equal(step->questions[0].asked_of, "");
        assert_string_equal(step->questions[6].asked_of, "observant");
    }
    int step = -1;
    const struct fluit_question *question = fluit_script_question(s, "advice", &step);
    assert_non_null(question);
    assert_int_equal(step, fluit_script_round_step(s, 1));
    assert_string_equal(question->text.in[0],
                        "Wat zou u werkgevers op grond van dit verhaal aanbevelen?");
    question = fluit_script_question(s, "informal-learning", &step);
    assert_int_equal(question->option_count, 5);
    assert_int_equal(question->per, FLUIT_PER_SEAT);
    assert_null(fluit_script_question(s, "no-such", NULL));
    assert_int_equal(s->steps[12].question_count, 4);
    fluit_script_free(s);
}

static void retro_is_of_another_kind(void **state)
{
    (void)state;
    struct fluit_script *s = parse(fluit_script_builtin("retro"));
    assert_int_equal(s->language_count, 1);
    assert_int_equal(s->zones[0].degree_count, 3);
    assert_int_equal(s->card_count, 15);
    assert_int_equal(s->round_count, 1);
    assert_int_equal(s->role_count, 2);
    assert_int_equal(s->group_count, 0);
    assert_int_equal(fluit_script_question(s, "safe-to-speak", NULL)->per, FLUIT_PER_HANDS);
    assert_true(may_lie(s, "goal", 1, "costs-energy", 3));
    assert_false(may_lie(s, "goal", 2, "costs-energy", 3));
    fluit_script_free(s);
}

static void builtins_have_names(void **state)
{
    (void)state;
    assert_string_equal(fluit_script_builtins[0], "leren");
    assert_string_equal(fluit_script_builtins[1], "retro");
    assert_null(fluit_script_builtins[2]);
    assert_int_equal(fluit_script_builtin("lere").len, 0);
    assert_int_equal(fluit_script_builtin("").len, 0);
}

static void cards_lie_where_the_script_lets_them(void **state)
{
    (void)state;
    struct fluit_script *s = parse(fluit_script_builtin("leren"));
    assert_true(may_lie(s, "health", 2, "stimulates", 1));
    assert_true(may_lie(s, "health", 1, "hinders", 2));
    assert_false(may_lie(s, "health", 1, "hinders", 3));
    assert_false(may_lie(s, "health", 1, "hinders", 0));
    assert_false(may_lie(s, "health", 3, "hinders", 1));
    assert_false(may_lie(s, "health", 0, "hinders", 1));
    assert_false(may_lie(s, "health", 1, "yields", 0));
    assert_false(may_lie(s, "health", 1, "nowhere", 1));
    assert_false(may_lie(s, "no-such", 1, "hinders", 1));
    assert_true(may_lie(s, "yield-career", 1, "yields", 0));
    assert_false(may_lie(s, "yield-career", 1, "yields", 1));
    assert_false(may_lie(s, "yield-career", 1, "stimulates", 1));
    assert_true(may_lie(s, "blank-6", 1, "stimulates", 1));
    assert_false(may_lie(s, "blank-6", 1, "yields", 0));
    fluit_script_free(s);
}

static void blank_cards_are_counted_and_spelt_one_way(void **state)
{
    (void)state;
    static const char *const wrong[] = {"blank-0", "blank-7",  "blank-01", "blank-",
                                        "blank",   "blank-1x", "blank--1", "blank-4294967297"};
    struct fluit_script *s = parse(fluit_script_builtin("leren"));
    struct fluit_card_ref blank = card("blank-1", 1);
    assert_true(fluit_script_has_card(s, &blank));
    blank.copy = 2;
    assert_false(fluit_script_has_card(s, &blank));
    for (int i = 0; i < COUNT(wrong); i++) {
        blank = card(wrong[i], 1);
        assert_false(fluit_script_has_card(s, &blank));
    }
    fluit_script_free(s);
}

static char *read_source(const char *name)
{
    char path[500];
    snprintf(path, sizeof path, "%s/%s", FLUIT_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    assert_in_range(fread(text, 1, 65535, file), 1, 65534);
    fclose(file);
    return text;
}

/* The example of FORMAT.md, which the broken scripts below are made from; free it. */
static char *example(void)
{
    char *text = read_source("common/scripts/FORMAT.md");
    char *begin = strstr(text, "```yaml\n");
    assert_non_null(begin);
    begin += strlen("```yaml\n");
    char *end = strstr(begin, "```");
    assert_non_null(end);
    char *yaml = strndup(begin, (size_t)(end - begin));
    free(text);
    return yaml;
}

static void the_documented_example_is_a_script(void **state)
{
    (void)state;
    char *yaml = example();
    struct fluit_script *s = parse(fluit_slice_str(yaml));
    assert_int_equal(s->card_count, 2);
    assert_int_equal(s->cards[0].copies, 1);
    assert_int_equal(s->blank_count, 0);
    assert_true(s->steps[0].whistle);
    assert_string_equal(s->title.in[3], "A first workshop");
    assert_string_equal(s->steps[0].text.in[0], "");
    fluit_script_free(s);
    free(yaml);
}

static char *replaced(const char *yaml, const char *from, const char *to)
{
    const char *at = strstr(yaml, from);
    if (!at)
        fail_msg("the example has no \"%s\"", from);
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_buf_put(&buf, yaml, (size_t)(at - yaml));
    fluit_buf_puts(&buf, to);
    fluit_buf_puts(&buf, at + strlen(from));
    char *text = strdup(fluit_buf_text(&buf));
    fluit_buf_deinit(&buf);
    return text;
}

static void expect_error(const char *yaml, int line, int column, const char *say)
{
    struct fluit_script *script = NULL;
    struct fluit_script_error error = {0};
    enum fluit_err err = fluit_script_parse(fluit_slice_str(yaml), &script, &error);
    if (!err)
        fail_msg("accepted, though: %s", say);
    assert_null(script);
    if (error.line != line || error.column != column || !strstr(error.text, say))
        fail_msg("said %d:%d: %s\nwanted %d:%d: ...%s", error.line, error.column, error.text, line,
                 column, say);
    assert_true(fluit_text_ok(fluit_slice_str(error.text)));
    assert_null(strchr(error.text, '\n'));
}

struct broken {
    const char *from, *to; /* in the example */
    int line, column;
    const char *say;
};

static void expect_all(const struct broken *broken, int count)
{
    char *yaml = example();
    for (int i = 0; i < count; i++) {
        char *text = replaced(yaml, broken[i].from, broken[i].to);
        expect_error(text, broken[i].line, broken[i].column, broken[i].say);
        free(text);
    }
    free(yaml);
}

static void says_where_keys_are_wrong(void **state)
{
    (void)state;
    static const struct broken broken[] = {
        {"duration", "durration", 31, 5,
         "unknown key \"durration\" in a step; did you mean \"duration\"?; allowed: id, kind, "
         "title, text, planned, duration, wrap-up, whistle, questions"},
        {"no-names", "names", 4, 1, "unknown key \"names\" in the script; allowed: id, title"},
        {"    kind: round", "    kind: round\n    kind: talk", 30, 5,
         "\"kind\" stands twice in a step; leave one out"},
        {"title: A first workshop\n", "", 1, 1, "the script needs the key \"title\"; add \"title"},
        {"    duration: 15m\n", "", 28, 5, "add for example \"duration: 15m\""},
        {"      name: stops\n", "", 11, 7, "a side needs the key \"name\""},
        {"id: my-workshop", "[id]: my-workshop", 1, 1, "a key in the script must be a word"},
        {"title: A first", "\"ti\\x1b\": A first", 2, 1, "unknown key \"?\""},
    };
    expect_all(broken, COUNT(broken));
}

static void says_where_types_are_wrong(void **state)
{
    (void)state;
    static const struct broken broken[] = {
        {"[en]", "en", 3, 12, "languages must be a list; begin each item"},
        {"title: A first workshop", "title: [A, B]", 2, 8, "title must be a single value"},
        {"title: A first workshop", "title:", 2, 7, "title is empty; write a value"},
        {"title: A first workshop", "title: \"  \"", 2, 8, "title is empty; write a text"},
        {"title: A first workshop", "title: {nl: Eerste}", 2, 9, "unknown key \"nl\" in title"},
        {"title: A first workshop", "title: {}", 2, 8, "title needs the key \"en\""},
        {"title: A first workshop", "title: \"a\\x1b[2J\"", 2, 8, "control character"},
        {"title: A first workshop", "title: \"a\\0\"", 2, 8, "NUL"},
        {"title: A first workshop", "title: \"a\\nb\"", 2, 8, "title must be one line"},
        {"  sides:", "  sides: 2\n  zones:", 7, 10, "sides must be a list"},
        {"  - cards:", "  - copies: two\n    cards:", 16, 13,
         "copies must be a whole number; write 1 to 4"},
        {"15m", "15", 31, 15, "duration must be a duration of 1s to 12h; write for example 90s"},
        {"15m", "15m\n    whistle: yes", 32, 14, "whistle \"yes\" is not known; allowed: false"},
        {"15m", "15m\n    planned: 13.30", 32, 14, "write for example 13:30"},
        {"      - id: time\n        name: time", "      - time", 17, 9,
         "a card must be a map; write \"id: ...\""},
    };
    expect_all(broken, COUNT(broken));
}

static void says_which_numbers_are_out_of_range(void **state)
{
    (void)state;
    static const struct broken broken[] = {
        {"  - cards:", "  - copies: 5\n    cards:", 16, 13, "write 1 to 4"},
        {"  - cards:", "  - copies: -1\n    cards:", 16, 13, "write 1 to 4"},
        {"decks:", "blank-cards: 99999999999\ndecks:", 15, 14, "write 0 to 24"},
        {"tells-in: 1", "tells-in: 2", 25, 15, "the agenda has 1 card round; write a round"},
        {"tells-in: 1", "tells-in: 9", 25, 15, "write 1 to 8"},
        {"15m", "0m", 31, 15, "duration of 1s"},
        {"15m", "12h1s", 31, 15, "duration of 1s"},
        {"15m", "1m1h", 31, 15, "duration of 1s"},
        {"15m", "15m\n    planned: 24:00", 32, 14, "time of day"},
        {"15m", "15m\n    planned: 12:60", 32, 14, "time of day"},
        {"15m", "15m\n    planned: 12:5", 32, 14, "time of day"},
    };
    expect_all(broken, COUNT(broken));
}

static void says_which_ids_are_wrong(void **state)
{
    (void)state;
    static const struct broken broken[] = {
        {"- id: colleagues", "- id: time", 19, 13, "card id \"time\" is taken already; write"},
        {"- id: stops", "- id: helps", 11, 11, "side id \"helps\" is taken"},
        {"- id: stops", "- id: hand", 11, 11, "every table has \"hand\" already"},
        {"- id: time", "- id: blank-1", 17, 13, "the blank cards' own"},
        {"- id: time", "- id: Time", 17, 13, "card id \"Time\" is not an id; write 1 to 40"},
        {"  - cards:", "  - zone: helps\n    cards:", 16, 11, "zone: the script has none"},
        {"    kind: round", "    kind: rond", 29, 11,
         "kind \"rond\" is not known; did you mean \"round\"?; allowed: talk, poll"},
        {"text: What helped?", "text: What helped?\n        asked-of: tellr", 35, 19,
         "did you mean \"teller\"?"},
        {"text: What helped?", "text: What helped?\n      - id: what-helped\n        text: And?",
         35, 13, "question id \"what-helped\" is taken already; write another"},
        {"agenda:", "question-sets:\n  a:\n    - {id: what-helped, text: And?}\nagenda:", 36, 13,
         "question id \"what-helped\" is taken"},
        {"languages: [en]", "languages: [en, en]", 3, 17, "\"en\" stands twice"},
        {"languages: [en]", "languages: [english-gb]", 3, 13, "write for example nl or en"},
    };
    expect_all(broken, COUNT(broken));
}

static void says_what_makes_no_workshop(void **state)
{
    (void)state;
    static const struct broken broken[] = {
        {"kind: round", "kind: talk", 28, 3, "add a step of \"kind: round\""},
        {"kind: round\n    title: The card game\n    duration: 15m",
         "kind: round\n    title: The card game", 28, 5, "a round needs a time; add for example"},
        {"kind: round", "kind: poll", 28, 5, "has nothing to choose; add \"options:\""},
        {"kind: round", "kind: break", 28, 5, "nothing is asked in a break"},
        {"duration: 15m",
         "duration: 15m\n  - id: talks\n    kind: table-talk\n    title: Talks\n  "
         "- id: b\n    kind: talk\n    title: B",
         32, 5, "a step of kind table-talk asks something"},
        {"kind: round",
         "kind: explain\n    title: E\n    whistle: true\n  - id: b\n    kind: round", 28, 5,
         "a step with a whistle needs an end"},
        {"kind: round", "kind: talk\n    wrap-up: 3m", 30, 14, "belongs to a step of kind round"},
        {"agenda:", "question-sets:\n  a:\n    - {id: b, text: And?}\nagenda:", 28, 3,
         "question set \"a\" is asked in no step; leave it out"},
        {"    - id: stops\n      name: stops\n      degrees: [a little, a lot]\n", "", 8, 5,
         "sides: 1 given; write at least 2"},
        {"degrees: [a little, a lot]", "degrees: [a, b, c, d, e, f]", 10, 32,
         "degrees: 6 given; write at most 5"},
        {"degrees: [a little, a lot]", "degrees: []", 10, 16, "degrees: 0 given"},
        {"  - cards:\n      - id: time\n        name: time\n      - id: colleagues\n        name: "
         "colleagues\n",
         "  []\n", 16, 3, "decks: 0 given; write at least 1"},
        {"  - cards:", "  - question: why\n  - cards:", 16, 5, "a deck without cards"},
        {"  - id: the-game",
         "  - id: a\n    kind: talk\n    title: A\n    planned: 14:00\n  - id: "
         "b\n    kind: talk\n    title: B\n    planned: 13:59\n  - id: the-game",
         35, 14, "planned before the step above it (14:00)"},
        {"agenda:", "agenda:\n  - {id: r, kind: round, title: R, duration: 1m}", 23, 3,
         "nobody tells in round 2; add \"tells-in: 2\" to a role"},
        {"    tells-in: 1", "    tells-in: 1\n  - {id: b, name: b, tells-in: 1}", 26, 32,
         "round 1 has someone who tells already"},
        {"agenda:", "groups: {on: true, list: []}\nagenda:", 27, 26, "groups: 0 given"},
        {"text: What helped?",
         "text: How many?\n        per: hands\n        options: [{id: a, name: A}, {id: b, name: "
         "B}]",
         36, 18, "a count of raised hands has no options"},
        {"  - cards:", "  - categories: [{id: a, name: A, colour: red, cards: []}]\n  - cards:", 16,
         43, "write for example \"#0072b2\""},
    };
    expect_all(broken, COUNT(broken));
}

static void says_where_it_is_no_yaml(void **state)
{
    (void)state;
    static const struct broken broken[] = {
        {"title: A first", "title: *first", 2, 8, "aliases (*name) are not used"},
        {"title: A first", "title: &a A first", 2, 8, "anchors (&name) are not used"},
        {"degrees: [a", "degrees: &a [a", 10, 16, "anchors (&name) are not used"},
        {"board:\n", "board: !board\n", 6, 8, "tags (!name) are not used"},
        {"title: A first", "title: A: first", 2, 9, "put a text with \": \" in it in quotes"},
        {"  sides:", "\tsides:", 7, 1, "indent with spaces, not tabs"},
        {"no-names: no names", "no-names: \"no names", 35, 1, "write the closing quote"},
        {"[en]", "[en", 4, 9, "a closing bracket is missing"},
        {"title: A first", "title: \xff", 2, 8, "save the file as UTF-8"},
        {"title: A first", "title: caf\xc3\xa9 \x01", 2, 13, "save the file as UTF-8"},
        {"agenda:", "---\nagenda:", 27, 1, "a second document"},
        {"title: A first", "title: [[[[[[[[[[[[[[[[[[", 2, 23, "nested too deeply"},
    };
    expect_all(broken, COUNT(broken));
    expect_error("", 1, 1, "the script is empty");
    expect_error("# nothing\n", 1, 1, "the script is empty");
    expect_error("leren", 1, 1, "the script must be a map; write \"id: ...\"");
}

static void counts_no_byte_order_mark_as_a_column(void **state)
{
    (void)state;
    expect_error("\xef\xbb\xbfidd: x", 1, 1, "did you mean \"id\"?");
}

static void too_many_of_a_thing_is_refused_at_the_first_too_many(void **state)
{
    (void)state;
    struct fluit_buf cards = FLUIT_BUF_INIT, rounds = FLUIT_BUF_INIT;
    char *yaml = example();
    fluit_buf_puts(&cards, "      - id: time");
    for (int i = 0; i < FLUIT_CARDS_MAX; i++)
        fluit_buf_printf(&cards, "\n        name: x\n      - id: c%d", i);
    char *text = replaced(yaml, "      - id: time", fluit_buf_text(&cards));
    expect_error(text, 17 + 2 * FLUIT_CARDS_MAX, 9, "cards: 130 given; write at most 128");
    free(text);
    fluit_buf_puts(&rounds, "agenda:");
    for (int i = 0; i < FLUIT_ROUNDS_MAX; i++)
        fluit_buf_printf(&rounds, "\n  - {id: r%d, kind: round, title: R, duration: 1m}", i);
    text = replaced(yaml, "agenda:", fluit_buf_text(&rounds));
    expect_error(text, 28 + FLUIT_ROUNDS_MAX, 5, "write at most 8 steps of kind round");
    free(text);
    free(yaml);
    fluit_buf_deinit(&cards);
    fluit_buf_deinit(&rounds);
}

static void a_script_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    struct fluit_script *script = NULL;
    struct fluit_script_error error = {0};
    size_t len = FLUIT_SCRIPT_LEN_MAX + 1;
    char *big = malloc(len);
    assert_non_null(big);
    memset(big, '#', len);
    assert_int_equal(fluit_script_parse(fluit_slice(big, len), &script, &error), FLUIT_E_LIMIT);
    assert_int_equal(error.line, 0);
    assert_non_null(strstr(error.text, "more than 131072 bytes"));
    memset(big, '\n', len);
    memcpy(big, "[", 1);
    for (size_t i = 1; i + 1 < len; i += 2)
        memcpy(big + i, "a,", 2);
    assert_int_equal(fluit_script_parse(fluit_slice(big, len - 1), &script, &error), FLUIT_E_LIMIT);
    assert_non_null(strstr(error.text, "too many parts"));
    assert_null(script);
    free(big);
}

static void error_may_be_left_out(void **state)
{
    (void)state;
    struct fluit_script *script = NULL;
    assert_int_equal(fluit_script_parse(fluit_slice_str("x"), &script, NULL), FLUIT_E_FORMAT);
}

/* Each cut is copied to storage of exactly its length, so that ASan sees a read beyond it. */
static void expect_cuts_are_read_or_refused(struct fluit_slice yaml)
{
    int accepted = 0;
    for (size_t len = 0; len < yaml.len; len++) {
        uint8_t *cut = malloc(len ? len : 1);
        assert_non_null(cut);
        memcpy(cut, yaml.data, len);
        struct fluit_script *script = NULL;
        struct fluit_script_error error = {0};
        if (fluit_script_parse(fluit_slice(cut, len), &script, &error)) {
            assert_null(script);
            assert_true(error.line >= 1 && error.column >= 1 && error.text[0]);
        } else {
            accepted++;
            fluit_script_free(script);
        }
        free(cut);
    }
    assert_in_range(accepted, 1, yaml.len / 3); /* what stands last may be optional, or a text */
}

static void every_truncation_is_read_or_refused(void **state)
{
    (void)state;
    expect_cuts_are_read_or_refused(fluit_script_builtin("leren"));
    expect_cuts_are_read_or_refused(fluit_script_builtin("retro"));
}

static void step_kinds_have_names(void **state)
{
    (void)state;
    assert_string_equal(fluit_step_kind_name(FLUIT_STEP_TABLE_TALK), "table-talk");
    assert_string_equal(fluit_step_kind_name((enum fluit_step_kind)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leren_is_the_whole_workshop),
        cmocka_unit_test(leren_has_its_board),
        cmocka_unit_test(leren_has_its_agenda),
        cmocka_unit_test(both_rounds_ask_the_same_interview),
        cmocka_unit_test(retro_is_of_another_kind),
        cmocka_unit_test(builtins_have_names),
        cmocka_unit_test(cards_lie_where_the_script_lets_them),
        cmocka_unit_test(blank_cards_are_counted_and_spelt_one_way),
        cmocka_unit_test(the_documented_example_is_a_script),
        cmocka_unit_test(says_where_keys_are_wrong),
        cmocka_unit_test(says_where_types_are_wrong),
        cmocka_unit_test(says_which_numbers_are_out_of_range),
        cmocka_unit_test(says_which_ids_are_wrong),
        cmocka_unit_test(says_what_makes_no_workshop),
        cmocka_unit_test(says_where_it_is_no_yaml),
        cmocka_unit_test(counts_no_byte_order_mark_as_a_column),
        cmocka_unit_test(too_many_of_a_thing_is_refused_at_the_first_too_many),
        cmocka_unit_test(a_script_beyond_the_limit_is_refused),
        cmocka_unit_test(error_may_be_left_out),
        cmocka_unit_test(every_truncation_is_read_or_refused),
        cmocka_unit_test(step_kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
