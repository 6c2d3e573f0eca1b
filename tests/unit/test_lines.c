/* The console of a table and a rapporteur: what every node has, and the board. */
#include "node/core/words.h"
#include "tests/unit/lines_desk.h"

static void lays_a_card_and_moves_it(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_saves(d, "place health left", "health/1 on stimulates, to a limited extent");
    desk_saves(d, "  place\thealth  stim 2 ", "health/1 on stimulates, to a large extent");
    desk_refuses(d, "place health left", "already");
    desk_refuses(d, "place health left 2", "already");
    desk_saves(d, "place health/1 right 1", "health/1 on hinders, to a limited extent");
    desk_saves(d, "place yield-career yields", "yield-career/1 on yields");
    assert_int_equal(desk_place(d, "health", 1).degree, 1);
    assert_int_equal(desk_place(d, "health", 1).zone, 1);
    assert_int_equal(desk_place(d, "yield-career", 1).zone, 2);
    desk_free(d);
}

static void chooses_the_copy_that_is_meant(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_saves(d, "aside health", "health/1 aside");
    desk_saves(d, "place health left", "health/2 on stimulates, to a limited extent");
    desk_saves(d, "place health right", "health/1 on hinders, to a limited extent");
    desk_saves(d, "place health left 2", "health/2 on stimulates, to a large extent");
    desk_saves(d, "lift health/1", "health/1 back in the hand");
    desk_saves(d, "why health it heals", "why of health/2");
    desk_saves(d, "aside health/2", "health/2 aside");
    desk_saves(d, "lift health", "health/2 back in the hand");
    desk_refuses(d, "lift health", "already");
    desk_saves(d, "aside health/2", "health/2 aside");
    desk_saves(d, "aside health", "health/1 aside");
    desk_refuses(d, "aside health", "already");
    desk_free(d);
}

static void says_what_can_be_named(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_refuses(d, "place", "which card");
    desk_refuses(d, "place healt", "there is: stimulates, hinders, yields");
    desk_refuses(d, "place healthy left", "health");
    desk_refuses(d, "place self left", "self-confidence, self-reflection");
    desk_refuses(d, "place helath left", "no card 'helath'; did you mean 'health'?");
    desk_refuses(d, "place xealth left", "did you mean 'health'?");
    desk_refuses(d, "place hexxxx left", "there is: health");
    desk_refuses(d, "place health/3 left", "no such copy; say health/1 to health/2");
    desk_refuses(d, "place yield-career/2 yields", "no such copy; there is one yield-career");
    desk_refuses(d, "place health/0 left", "no such copy");
    desk_refuses(d, "place health/99999999999999999999 left", "no such copy");
    desk_refuses(d, "place blank-7 left", "no such blank card; they are blank-1 to blank-6");
    desk_refuses(d, "place blank-x left", "blank-1 to blank-6");
    desk_refuses(d, "place health nowhere", "stimulates, hinders, yields");
    desk_refuses(d, "place health hidners", "stimulates, hinders, yields"); /* so few: all */
    desk_refuses(d, "place health left 3", "from 1 (to a limited extent) to 2");
    desk_refuses(d, "place health left 0", "from 1");
    desk_refuses(d, "place health left -1", "from 1");
    desk_refuses(d, "place health left 18446744073709551617", "from 1");
    desk_refuses(d, "place yield-career yields 1", "no degrees");
    desk_refuses(d, "place yield-career left", "can't lie");
    desk_refuses(d, "place health yields", "can't lie");
    desk_refuses(d, "role", "interviewer, respondent-1, respondent-2, rapporteur, observant");
    desk_refuses(d, "role respondent 1", "more than one role");
    desk_free(d);
}

/* Which of them is meant is theirs to say, however near one of them is. */
static void guesses_at_no_beginning_of_several(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    struct fluit_card *cards = d->guest.node.script->cards;
    (void)state;
    assert_int_equal(fluit_id_set(&cards[0].id, fluit_slice_str("try-new")), FLUIT_OK);
    assert_int_equal(fluit_id_set(&cards[1].id, fluit_slice_str("try-next")), FLUIT_OK);
    desk_refuses(d, "place try-n left", "more than one card 'try-n'; there is: try-new, try-next");
    desk_free(d);
}

static void notes_why(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    struct fluit_card_ref health = desk_card("health", 1);
    (void)state;
    desk_saves(d, "place health left", "health/1 on stimulates, to a limited extent");
    desk_refuses(d, "why health", "say why");
    desk_saves(d, "why health  it heals  you ", "why of health/1");
    const struct fluit_board_card *card =
        fluit_fold_card(d->guest.node.fold, DESK_TABLE, 1, &health);
    assert_string_equal(card->why.text, "it heals  you");
    desk_saves(d, "why health/1 -", "why of health/1: none given");
    assert_true(card->why.none);
    desk_free(d);
}

static void undoing_the_first_why_claims_nothing(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    struct fluit_card_ref health = desk_card("health", 1);
    (void)state;
    desk_saves(d, "why health it heals", "why of health/1");
    desk_saves(d, "undo", "undone: why as it was");
    const struct fluit_board_card *card =
        fluit_fold_card(d->guest.node.fold, DESK_TABLE, 1, &health);
    assert_string_equal(card->why.text, "");
    assert_false(card->why.none);
    desk_free(d);
}

static void links_cards_with_a_word(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_saves(d, "link health finances so that", "health to finances, linked");
    desk_says(d, "board", "link health/1 to finances/1  so that\n");
    desk_refuses(d, "link health", "which card");
    desk_refuses(d, "link health health", "two cards");
    desk_refuses(d, "unlink finances health", "not linked");
    desk_saves(d, "unlink health finances", "health to finances, no longer linked");
    desk_refuses(d, "unlink health finances", "not linked");
    assert_null(strstr(desk_type(d, "board"), "link"));
    desk_saves(d, "undo", "undone: link as it was");
    desk_says(d, "board", "so that\n");
    desk_free(d);
}

/* Beyond the limit the fold would drop the oldest link in silence. */
static void refuses_a_link_too_many(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    const struct fluit_script *script = d->guest.node.script;
    const struct fluit_board *board = NULL;
    char line[200];
    (void)state;
    for (int from = 0, to = 0; !board || fluit_board_link_count(board) < FLUIT_LINKS_MAX;) {
        to++;
        if (to == script->card_count) {
            from++;
            to = from + 1;
        }
        assert_true(to < script->card_count);
        for (int copies = 0; copies < script->cards[from].copies * script->cards[to].copies &&
                             (!board || fluit_board_link_count(board) < FLUIT_LINKS_MAX);
             copies++) {
            snprintf(line, sizeof line, "link %s/%d %s/%d", script->cards[from].id.s,
                     1 + copies / script->cards[to].copies, script->cards[to].id.s,
                     1 + copies % script->cards[to].copies);
            assert_int_equal(strncmp(desk_type(d, line), "saved ", 6), 0);
            board = fluit_fold_board(d->guest.node.fold, DESK_TABLE, 1);
        }
    }
    desk_refuses(d, "link blank-1 blank-2", "as many links");
    desk_says(d, "unlink aspirations/1 self-confidence/1", "saved ");
    desk_says(d, "link aspirations/1 self-confidence/1", "saved ");
    desk_free(d);
}

static void writes_on_the_next_blank_card(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    char line[40], what[80];
    (void)state;
    desk_refuses(d, "blank", "what is written");
    for (int i = 1; i <= 6; i++) {
        snprintf(line, sizeof line, "blank word %d", i);
        snprintf(what, sizeof what, "written on blank-%d; place it as any card", i);
        desk_saves(d, line, what);
    }
    desk_refuses(d, "blank one more", "all 6 blank cards");
    d->guest.node.script->blank_count = 0;
    desk_refuses(d, "blank one more", "no blank cards");
    desk_refuses(d, "place blank-1 left", "no blank cards");
    d->guest.node.script->blank_count = 6;
    desk_saves(d, "place blank-2 left", "blank-2/1 on stimulates, to a limited extent");
    desk_says(d, "board", "blank-2/1  to a limited extent  word 2");
    desk_says(d, "hand", "word 3");
    assert_null(strstr(desk_type(d, "hand"), "word 2"));
    desk_saves(d, "undo", "undone: lift as it was");
    desk_saves(d, "undo", "undone: blank as it was");
    desk_saves(d, "blank again", "written on blank-6; place it as any card");
    desk_free(d);
}

static void seats_the_roles(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_saves(d, "role observant 12", "observant: seat 12");
    desk_saves(d, "role observant -", "observant: seat 0");
    desk_saves(d, "undo", "undone: role as it was");
    assert_int_equal(fluit_fold_seat(d->guest.node.fold, DESK_TABLE, 1, 4), 12);
    desk_refuses(d, "role observant 13", "which seat");
    desk_refuses(d, "role observant", "which seat");
    desk_refuses(d, "role king 1", "no role 'king'; there is: interviewer");
    desk_free(d);
}

static void moves_to_the_next_board_when_the_round_is_over(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_saves(d, "place health left", "health/1 on stimulates, to a limited extent");
    desk_refuses(d, "next", "next board");
    desk_refuses(d, "next board", "not over");
    desk_step(d, "round-1", FLUIT_PLAN_ENDED);
    desk_saves(d, "next board", "the board of round 2");
    assert_int_equal(fluit_guest_round(&d->guest), 2);
    desk_refuses(d, "undo", "nothing to undo");
    desk_saves(d, "place health left", "health/1 on stimulates, to a limited extent");
    desk_saves(d, "undo", "undone: lift as it was");
    struct fluit_card_ref health = desk_card("health", 1);
    assert_int_equal(fluit_fold_place(d->guest.node.fold, DESK_TABLE, 1, &health).kind,
                     FLUIT_PLACE_ZONE);
    desk_refuses(d, "next board", "last round");
    desk_free(d);
}

static void a_later_step_ends_the_round(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_step(d, "explanation", FLUIT_PLAN_ENDED);
    desk_refuses(d, "next board", "not over");
    desk_step(d, "changeover", FLUIT_PLAN_READY);
    desk_saves(d, "next board", "the board of round 2");
    desk_free(d);
}

static void lists_what_lies_where(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_says(d, "aside", "nothing lies aside\n");
    desk_type(d, "aside leisure");
    desk_says(d, "aside", "leisure/1\n");
    desk_type(d, "place health left 1");
    desk_type(d, "place finances left 2");
    desk_type(d, "why finances money talks");
    const char *board = desk_type(d, "board");
    assert_string_equal(board, "round 1\nstimulates\n"
                               "  finances/1  to a large extent  money talks\n"
                               "  health/1  to a limited extent  \nhinders\nyields\n");
    desk_says(d, "hand", "personal\n  aspirations ");
    desk_says(d, "hand", "6 blank cards");
    desk_type(d, "place health/2 right");
    assert_null(strstr(desk_type(d, "hand"), "  health "));
    desk_free(d);
}

static void speaks_the_language_asked_for(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_says(d, "lang nl", "language: nl\n");
    desk_saves(d, "place health left", "health/1 on stimulates, in beperkte mate");
    desk_says(d, "steps", ">  7  ronde 1\n");
    desk_says(d, "lang en", "language: en\n");
    desk_says(d, "steps", ">  7  round 1\n");
    desk_refuses(d, "lang fr", "lang nl");
    desk_refuses(d, "lang", "lang nl");
    desk_free(d);
}

static void tells_how_it_stands(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    char last[300], digest[17];
    (void)state;
    desk_type(d, "place health left");
    struct fluit_node *node = &d->guest.node;
    fluit_hex(fluit_replica_digest(&node->replica).b, 8, digest);
    snprintf(last, sizeof last,
             "status round=1 step=6 state=running left_us=0 hub=0 armed=0 saved=%llu safe=0 "
             "others=0 digest=%s bound_us=9223372036854775807\n",
             (unsigned long long)desk_seq(d), digest);
    const char *said = desk_type(d, "status");
    assert_non_null(strstr(said, "1 cards, 0 notes\nstep 7 round 1: running; "
                                 "not yet ready for the whistle\nthe hub is not here; all is "
                                 "saved here, the last "));
    assert_string_equal(said + strlen(said) - strlen(last), last);
    desk_free(d);
}

static void tells_when_it_is_ready_and_safe(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    struct fluit_node *node = &d->guest.node;
    const struct fluit_box_pk hub = node->roster.members[0].link;
    (void)state;
    node->welcomed_by = hub;
    node->plan.end_us = node->now_us + 754000000;
    fluit_clock_set(&node->clock, node->now_us, node->now_us, 900);
    node->alarm.armed.term = node->plan.term;
    node->alarm.armed.revision = node->plan.revision;
    node->own.safe_at = hub;
    node->own.safe_seq = desk_seq(d);
    desk_type(d, ""); /* the turn ends, and keeps the clock */
    node->own.safe_seq = desk_seq(d);
    assert_int_equal(
        fluit_sync_up(&node->sync, FLUIT_LINK_KEPT, &hub, node->now_us, fluit_node_wire(&d->fx)),
        FLUIT_OK);
    const char *said = desk_type(d, "status");
    assert_non_null(strstr(said, "step 7 round 1: running, 12:34 left; ready for the whistle\n"
                                 "the hub is here; all is safe, also at 0 others\n"));
    assert_non_null(strstr(said, " left_us=754000000 hub=1 armed=1 "));
    char bound[40];
    snprintf(bound, sizeof bound, " bound_us=%lld\n",
             (long long)fluit_clock_bound(&node->clock, node->now_us));
    assert_non_null(strstr(said, bound));
    desk_free(d);
}

static void shows_the_questions_of_the_step(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_says(d, "questions", "stimulated (4 min): What stimulated it?");
    struct fluit_question *first = &d->guest.node.script->steps[6].questions[0];
    char text[FLUIT_TEXT_LEN_MAX + 1] = "What\nsaved 1 it?";
    first->text.in[d->guest.language] = text;
    desk_says(d, "questions", "choose (1 min): What saved 1 it?\n");
    memset(text, 'x', FLUIT_TEXT_LEN_MAX);
    desk_says(d, "questions", text); /* all of it */
    desk_step(d, "poll-recognise", FLUIT_PLAN_RUNNING);
    desk_says(d, "questions", "recognise: Do you recognise this?\n    fully: yes, fully\n");
    desk_step(d, "talk", FLUIT_PLAN_RUNNING);
    desk_says(d, "questions", "no questions in this step\n");
    desk_free(d);
}

static void helps_with_commands(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    desk_says(d, "help", "place CARD");
    assert_string_equal(desk_type(d, "help quit"),
                        "quit                                 stop this node; it goes on where it "
                        "was\n");
    desk_refuses(d, "help me", "help");
    assert_string_equal(desk_type(d, "plcae health left"),
                        "no: unknown command 'plcae'; did you mean 'place'? type help\n");
    assert_string_equal(desk_type(d, "xyzzy"), "no: unknown command 'xyzzy'; type help\n");
    assert_string_equal(desk_type(d, ""), "");
    assert_string_equal(desk_type(d, " \t\r "), "");
    assert_string_equal(desk_type(d, "# place health left"), "");
    desk_free(d);
}

/* A word passed over in silence would be lost: 'place health left because ...' is no why. */
static void passes_over_no_word(void **state)
{
    static const char *const lines[] = {"place health left 1 it heals",
                                        "aside health now",
                                        "lift finances now",
                                        "unlink health finances now",
                                        "role observant 1 2",
                                        "next board now",
                                        "bring 1 2",
                                        "drop 1 2",
                                        "group a b",
                                        "undo 2"};
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    (void)state;
    d->guest.node.script->groups_on = true;
    desk_type(d, "place finances left");
    desk_type(d, "link health finances");
    desk_type(d, "note one");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct fluit_slice rest = fluit_slice_str(lines[i]);
        struct fluit_slice word = fluit_words_next(&rest);
        char say[80];
        snprintf(say, sizeof say, "more on the line than that takes; see 'help %.*s'",
                 (int)word.len, (const char *)word.data);
        desk_refuses(d, lines[i], say);
    }
    desk_free(d);
}

static void quits(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_RAPPORTEUR);
    (void)state;
    desk_type(d, "quit");
    assert_int_equal(d->fx.count, 1);
    assert_int_equal(d->fx.items[0].kind, FLUIT_EFFECT_QUIT);
    assert_int_equal(d->fx.items[0].link, 0);
    desk_free(d);
}

static void a_rapporteur_lays_no_cards(void **state)
{
    static const char *const lines[] = {"place health left",
                                        "aside health",
                                        "lift health",
                                        "why health -",
                                        "link health finances",
                                        "unlink health leisure",
                                        "blank x",
                                        "role observant 1",
                                        "next board",
                                        "aside"};
    struct desk *d = desk_in_round(FLUIT_NODE_RAPPORTEUR);
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        desk_refuses(d, lines[i],
                     "the table lays the cards; here you can note, quote, answer, group");
    desk_refuses(d, "plcae health left", "unknown command 'plcae'; type help");
    assert_null(strstr(desk_type(d, "help"), "place"));
    desk_saves(d, "note seen", "note 1");
    desk_says(d, "board", "round 1\n");
    desk_free(d);
}

static void says_why_it_can_not_save(void **state)
{
    struct desk *d = desk_in_round(FLUIT_NODE_TABLE);
    struct fluit_node *node = &d->guest.node;
    (void)state;
    desk_saves(d, "place health left", "health/1 on stimulates, to a limited extent");
    node->reading = true; /* so that it stays as it is when the turn ends */
    node->own.ready = false;
    desk_refuses(d, "lift health", "one moment");
    desk_refuses(d, "undo", "one moment");
    node->own.ready = true;
    node->reading = false;
    desk_saves(d, "undo", "undone: lift as it was"); /* it was not lost */
    desk_free(d);
}

static void a_workshop_without_rounds_has_no_board(void **state)
{
    struct desk *d = desk_new(FLUIT_NODE_TABLE, fluit_script_builtin("leren"));
    (void)state;
    d->guest.node.script->round_count = 0;
    assert_int_equal(fluit_guest_round(&d->guest), 0);
    desk_refuses(d, "place health left", "no card rounds");
    desk_refuses(d, "next board", "last round");
    desk_saves(d, "answer expectation much", "answer to expectation");
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lays_a_card_and_moves_it),
        cmocka_unit_test(chooses_the_copy_that_is_meant),
        cmocka_unit_test(says_what_can_be_named),
        cmocka_unit_test(guesses_at_no_beginning_of_several),
        cmocka_unit_test(notes_why),
        cmocka_unit_test(undoing_the_first_why_claims_nothing),
        cmocka_unit_test(links_cards_with_a_word),
        cmocka_unit_test(refuses_a_link_too_many),
        cmocka_unit_test(writes_on_the_next_blank_card),
        cmocka_unit_test(seats_the_roles),
        cmocka_unit_test(moves_to_the_next_board_when_the_round_is_over),
        cmocka_unit_test(a_later_step_ends_the_round),
        cmocka_unit_test(lists_what_lies_where),
        cmocka_unit_test(speaks_the_language_asked_for),
        cmocka_unit_test(tells_how_it_stands),
        cmocka_unit_test(tells_when_it_is_ready_and_safe),
        cmocka_unit_test(shows_the_questions_of_the_step),
        cmocka_unit_test(helps_with_commands),
        cmocka_unit_test(passes_over_no_word),
        cmocka_unit_test(quits),
        cmocka_unit_test(a_rapporteur_lays_no_cards),
        cmocka_unit_test(says_why_it_can_not_save),
        cmocka_unit_test(a_workshop_without_rounds_has_no_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
