/* Undo puts back what was, whatever was done; and what hostile lines can't do. */
#include "tests/unit/lines_desk.h"

/* All that a line can change at the table in rounds 0 and 1, as text; the caller frees it. What
 * was never said and what is said to be empty are the same. */

static void draw_board(const struct fluit_script *script, const struct fluit_board *board,
                       struct fluit_buf *out)
{
    for (size_t i = 0; board && i < fluit_board_card_count(board); i++) {
        const struct fluit_board_card *c = fluit_board_card_at(board, i);
        bool why = c->why.set && (c->why.none || c->why.text[0]);
        bool blank = c->blank.set && c->blank.text[0];
        if (c->place.kind != FLUIT_PLACE_HAND || why || blank)
            fluit_buf_printf(out, "%s/%u %d %u %u %d %s %s\n", c->ref.card.s, c->ref.copy,
                             c->place.kind, c->place.zone, c->place.degree, c->why.none,
                             why ? c->why.text : "", blank ? c->blank.text : "");
    }
    for (size_t i = 0; board && i < fluit_board_link_count(board); i++) {
        const struct fluit_link *l = fluit_board_link_at(board, i);
        if (!l->gone)
            fluit_buf_printf(out, "link %s/%u %s/%u %s\n", l->from.card.s, l->from.copy,
                             l->to.card.s, l->to.copy, l->word);
    }
    bool grouped = board && board->group.set && board->group.group >= 0;
    fluit_buf_printf(out, "group %s\n", grouped ? script->groups[board->group.group].id.s : "");
}

static void draw_notes(const struct desk *d, struct fluit_buf *out)
{
    const struct fluit_table_fold *table = fluit_fold_table(d->guest.node.fold, DESK_TABLE);
    struct fluit_note note;
    for (size_t at = 0; fluit_fold_note_next(d->guest.node.fold, DESK_TABLE, &at, &note);)
        if (!note.gone)
            fluit_buf_printf(out, "note %02x%02x %u %s %s/%u %u %zu %s\n", note.id.b[0],
                             note.id.b[1], note.first->origin.round, note.newest->question.s,
                             note.newest->card.card.s, note.newest->card.copy, note.newest->flags,
                             note.head_count, note.newest->text);
    for (size_t i = 0; table && i < fluit_notes_answer_count(&table->notes); i++) {
        const struct fluit_answer *a = fluit_notes_answer_at(&table->notes, i);
        if (a->text[0])
            fluit_buf_printf(out, "answer %u %s/%u %s\n", a->origin.round, a->question.s, a->seat,
                             a->text);
    }
}

static char *drawn(const struct desk *d)
{
    const struct fluit_node *node = &d->guest.node;
    struct fluit_buf out = FLUIT_BUF_INIT;
    draw_board(node->script, fluit_fold_board(node->fold, DESK_TABLE, 1), &out);
    for (int role = 0; role < node->script->role_count; role++)
        fluit_buf_printf(&out, "role %u\n", fluit_fold_seat(node->fold, DESK_TABLE, 1, role));
    draw_notes(d, &out);
    char *text = strdup(fluit_buf_text(&out));
    fluit_buf_deinit(&out);
    assert_non_null(text);
    return text;
}

static const char *const cards[] = {"health",  "health/1", "health/2",    "finances",
                                    "blank-1", "blank-2",  "yield-career"};
static const char *const places[] = {"left", "right", "left 2", "right 2", "yields"};
static const char *const questions[] = {"stop", "stimulated", "expectation", "recognise/1",
                                        "recognise/2"};

#define ANY(list) ((list)[fluit_rng_below(rng, sizeof(list) / sizeof((list)[0]))])

static void any_line(struct fluit_rng *rng, char *line, size_t cap)
{
    unsigned n = (unsigned)fluit_rng_below(rng, 1000);
    switch (fluit_rng_below(rng, 18)) {
    case 0:
    case 1:
    case 2:
    case 3:
        snprintf(line, cap, "place %s %s", ANY(cards), ANY(places));
        break;
    case 4:
        snprintf(line, cap, "aside %s", ANY(cards));
        break;
    case 5:
        snprintf(line, cap, "lift %s", ANY(cards));
        break;
    case 6:
        snprintf(line, cap, n % 3 ? "why %s because %u" : "why %s -", ANY(cards), n);
        break;
    case 7:
        snprintf(line, cap, "link %s %s word %u", ANY(cards), ANY(cards), n);
        break;
    case 8:
        snprintf(line, cap, "unlink %s %s", ANY(cards), ANY(cards));
        break;
    case 9:
        snprintf(line, cap, "blank word %u", n);
        break;
    case 10:
        snprintf(line, cap, "role %s %u", n % 2 ? "observant" : "interviewer", n % 5);
        break;
    case 11:
    case 12:
        snprintf(line, cap, "%s @%s #%s said %u", n % 2 ? "note" : "quote",
                 n % 3 ? "stop" : "hindered", ANY(cards), n);
        break;
    case 13:
        snprintf(line, cap, "edit %u said again %u", n % 7, n);
        break;
    case 14:
        snprintf(line, cap, "%s %u", n % 2 ? "bring" : "drop", n % 7);
        break;
    case 15:
    case 16:
        snprintf(line, cap, "answer %s %s", ANY(questions), n % 2 ? "fully" : "partly");
        break;
    default:
        snprintf(line, cap, "group %s", n % 3 == 0 ? "-" : n % 3 == 1 ? "a" : "b");
        break;
    }
}

static struct fluit_slice with_groups(struct fluit_buf *yaml)
{
    static const char off[] = "on: false";
    struct fluit_slice leren = fluit_script_builtin("leren");
    const uint8_t *at = memmem(leren.data, leren.len, off, sizeof off - 1);
    assert_non_null(at);
    size_t before = (size_t)(at - leren.data) + 4;
    fluit_buf_put(yaml, leren.data, before);
    fluit_buf_puts(yaml, "true");
    fluit_buf_put(yaml, leren.data + before + 5, leren.len - before - 5);
    return fluit_buf_slice(yaml);
}

static struct desk *desk_with_groups(void)
{
    struct fluit_buf yaml = FLUIT_BUF_INIT;
    struct desk *d = desk_new(FLUIT_NODE_TABLE, with_groups(&yaml));
    fluit_buf_deinit(&yaml);
    desk_step(d, "round-1", FLUIT_PLAN_RUNNING);
    return d;
}

/* Lines and undos by turns: each undo gives what was before the line that it undoes. */
static void try_undo(uint64_t seed, unsigned kinds_seen[static FLUIT_KIND_GROUP + 1])
{
    struct desk *d = desk_with_groups();
    struct fluit_rng rng;
    char *was[FLUIT_UNDO_MAX], line[200];
    uint32_t count = 0;
    fluit_rng_seed(&rng, &seed, sizeof seed);
    for (int i = 0; i < 120 || count > 0; i++) {
        bool back = i >= 120 || count == FLUIT_UNDO_MAX || fluit_rng_below(&rng, 4) == 0;
        char *before = drawn(d);
        if (back)
            snprintf(line, sizeof line, "undo");
        else
            any_line(&rng, line, sizeof line);
        bool saved = strncmp(desk_type(d, line), "saved ", 6) == 0;
        assert_true(saved == (d->guest.undo_count != count));
        if (back && count > 0) {
            assert_true(saved);
            char *after = drawn(d);
            if (strcmp(after, was[--count]) != 0)
                fail_msg("seed %llu: undo gave\n%s\ninstead of\n%s", (unsigned long long)seed,
                         after, was[count]);
            free(was[count]);
            free(after);
        } else if (saved) {
            kinds_seen[d->guest.undo[count].act.kind]++;
            was[count++] = before;
            before = NULL;
        }
        free(before);
    }
    desk_refuses(d, "undo", "nothing to undo");
    desk_free(d);
}

static void undo_gives_what_was(void **state)
{
    static const enum fluit_kind kinds[] = {
        FLUIT_KIND_PLACE, FLUIT_KIND_ASIDE, FLUIT_KIND_LIFT, FLUIT_KIND_WHY,    FLUIT_KIND_LINK,
        FLUIT_KIND_BLANK, FLUIT_KIND_ROLE,  FLUIT_KIND_NOTE, FLUIT_KIND_ANSWER, FLUIT_KIND_GROUP};
    unsigned seen[FLUIT_KIND_GROUP + 1] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++)
        try_undo(seed, seen);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        assert_true(seen[kinds[i]] > 20);
}

static void remembers_so_many_and_no_more(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    char line[60];
    (void)state;
    for (int i = 0; i <= FLUIT_UNDO_MAX; i++) {
        snprintf(line, sizeof line, "why health nr %d", i);
        desk_says(d, line, "saved ");
    }
    for (int i = 0; i < FLUIT_UNDO_MAX; i++)
        desk_saves(d, "undo", "undone: why as it was");
    desk_refuses(d, "undo", "nothing to undo");
    struct fluit_card_ref health = desk_card("health", 1);
    assert_string_equal(fluit_fold_card(d->guest.node.fold, DESK_TABLE, 1, &health)->why.text,
                        "nr 0");
    desk_free(d);
}

/* Only these can be followed by nothing but blanks; '@' and '#' alone are text. */
static bool stands_alone(const char *line)
{
    static const char *const lines[] = {"link health finances ", "note @", "note #", "help ", ""};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (strcmp(line, lines[i]) == 0)
            return true;
    return false;
}

static void refuses_what_is_far_too_long(void **state)
{
    static const char *const before[] = {"place ",
                                         "why health ",
                                         "blank ",
                                         "note ",
                                         "note @",
                                         "note #",
                                         "edit ",
                                         "answer stop ",
                                         "answer ",
                                         "role ",
                                         "lang ",
                                         "help ",
                                         "link health finances ",
                                         ""};
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    uint8_t line[16384];
    (void)state;
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        for (int fill = 0; fill < 256; fill++) {
            bool blank = fill == ' ' || fill == '\t' || fill == '\r';
            if ((blank && stands_alone(before[i])) || (fill == '#' && before[i][0] == 0))
                continue;
            memset(line, fill, sizeof line);
            memcpy(line, before[i], strlen(before[i]));
            if (strncmp(desk_type_bytes(d, line, sizeof line), "no: ", 4) != 0)
                fail_msg("'%s' and %d: %s", before[i], fill, fluit_buf_text(&d->said));
        }
    assert_null(fluit_fold_table(d->guest.node.fold, DESK_TABLE));
    desk_free(d);
}

static void takes_a_text_of_just_the_limit(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    struct fluit_card_ref health = desk_card("health", 1);
    char line[FLUIT_TEXT_LEN_MAX + 20] = "why health ";
    size_t len = strlen(line);
    (void)state;
    memset(line + len, 'x', FLUIT_TEXT_LEN_MAX + 1);
    desk_refuses(d, line, "at most 8000 bytes, this has 8001");
    line[len + FLUIT_TEXT_LEN_MAX] = 0;
    desk_saves(d, line, "why of health/1");
    desk_saves(d, "place health left", "health/1 on stimulates, to a limited extent");
    const struct fluit_board_card *card =
        fluit_fold_card(d->guest.node.fold, DESK_TABLE, 1, &health);
    assert_string_equal(card->why.text, line + len);
    desk_says(d, "board", line + len); /* and shows all of it */
    desk_free(d);
}

static void the_texts_of_others_look_like_no_answer(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_RAPPORTEUR);
    struct fluit_act act = {.kind = FLUIT_KIND_WHY};
    (void)state;
    act.why.card = desk_card("health", 1);
    act.why.text = fluit_slice_str("so\nsaved 9 all\tis well");
    desk_hears(d, &act, 1);
    act = (struct fluit_act){.kind = FLUIT_KIND_PLACE};
    act.place.card = desk_card("health", 1);
    act.place.zone = d->guest.node.script->zones[0].id;
    act.place.degree = 1;
    desk_hears(d, &act, 1);
    desk_says(d, "board", "  so saved 9 all is well\n");
    desk_free(d);
}

static void a_zero_byte_ends_no_word(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
#define REFUSED(text)                                                                              \
    assert_int_equal(strncmp(desk_type_bytes(d, text, sizeof(text) - 1), "no: ", 4), 0)
    REFUSED("place health\0x left");
    REFUSED("place health left\0");
    REFUSED("place health left 1\0");
    REFUSED("answer recognise/3 fully\0x");
    REFUSED("note @stop\0 x");
    REFUSED("group a\0");
    REFUSED("role observant\0 1");
    REFUSED("why health a\0b");
    REFUSED("undo\0");
#undef REFUSED
    assert_null(fluit_fold_table(d->guest.node.fold, DESK_TABLE));
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undo_gives_what_was),
        cmocka_unit_test(remembers_so_many_and_no_more),
        cmocka_unit_test(refuses_what_is_far_too_long),
        cmocka_unit_test(takes_a_text_of_just_the_limit),
        cmocka_unit_test(the_texts_of_others_look_like_no_answer),
        cmocka_unit_test(a_zero_byte_ends_no_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
