/* What a table's or rapporteur's page asks for, and how it is answered. */
#include "tests/unit/page_desk.h"

static void lays_puts_aside_and_lifts(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"place\",\"card\":\"health\",\"copy\":2,\"zone\":\"hinders\","
                 "\"degree\":2}");
    struct fluit_place place = desk_place(d, "health", 2);
    assert_int_equal(place.kind, FLUIT_PLACE_ZONE);
    assert_int_equal(place.zone, 1);
    assert_int_equal(place.degree, 2);
    desk_does(d, "{\"do\":\"aside\",\"card\":\"health\",\"copy\":2}");
    assert_int_equal(desk_place(d, "health", 2).kind, FLUIT_PLACE_ASIDE);
    desk_does(d, "{\"do\":\"lift\",\"card\":\"health\",\"copy\":2}");
    assert_int_equal(desk_place(d, "health", 2).kind, FLUIT_PLACE_HAND);
}

static void a_card_without_a_copy_is_the_first(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"aside\",\"card\":\"health\"}");
    assert_int_equal(desk_place(d, "health", 1).kind, FLUIT_PLACE_ASIDE);
}

static void refuses_what_the_script_has_not(void **state)
{
    struct desk *d = *state;
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"geluk\"}", "no such card");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"\"}", "no such card");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"health\",\"copy\":3}", "no such card");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"health\",\"copy\":257}", "no such card");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"health\",\"copy\":-1}", "no such card");
    desk_denies(d, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hand\"}", "no such place");
    desk_denies(d, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\"}", "can't lie");
    desk_denies(d, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\",\"degree\":5}",
                "can't lie");
    desk_denies(d, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\",\"degree\":258}",
                "no such place");
    desk_denies(d, "{\"do\":\"role\",\"role\":\"baas\",\"seat\":1}", "no such role");
    desk_denies(d, "{\"do\":\"role\",\"role\":\"interviewer\",\"seat\":13}", "no such seat");
    desk_denies(d, "{\"do\":\"group\",\"group\":\"x\"}", "no such group");
    desk_denies(d, "{\"do\":\"group\",\"group\":null}", "does not put stories into groups");
    desk_denies(d, "{\"do\":\"group\",\"group\":null}", "\"code\":\"no_groups\"");
    desk_denies(d, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\"}",
                "\"code\":\"no_place\"");
    desk_denies(d, "{\"do\":\"answer\",\"question\":\"x\",\"text\":\"y\"}", "no such question");
}

static void refuses_what_is_no_request(void **state)
{
    struct desk *d = *state;
    desk_denies(d, "", "not a request");
    desk_denies(d, "[]", "not a request");
    desk_denies(d, "\"do\"", "not a request");
    desk_denies(d, "{\"do\":\"undo\"", "not a request");
    desk_denies(d, "{\"do\":\"undo\"} {}", "not a request");
    desk_denies(d, "{\"do\":\"undo\",\"do\":\"undo\"}", "not a request");
    desk_denies(d, "{\"do\":\"aside\",\"card\":{\"id\":\"health\"}}", "not a request");
    desk_denies(d, "{\"do\":\"aside\",\"card\":[\"health\"]}", "not a request");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"a\\u0000b\"}", "not a request");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"\xff\"}", "not a request");
    desk_denies(d, "{}", "says what to do");
    desk_denies(d, "{\"do\":1}", "says what to do");
    desk_denies(d, "{\"do\":\"dance\"}", "no such request");
    desk_denies(d, "{\"do\":\"line\",\"line\":\"undo\"}", "no such request");
}

static void members_are_exact(void **state)
{
    struct desk *d = *state;
    desk_denies(d, "{\"do\":\"aside\"}", "other members");
    desk_denies(d, "{\"do\":\"aside\",\"card\":1}", "other members");
    desk_denies(d, "{\"do\":\"aside\",\"card\":null}", "other members");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"health\",\"copy\":\"1\"}", "other members");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"health\",\"copy\":1.0}", "other members");
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"health\",\"zone\":\"hinders\"}", "other members");
    desk_denies(d, "{\"do\":\"note\",\"text\":\"x\",\"quote\":1}", "other members");
    desk_denies(d, "{\"do\":\"undo\",\"\":1}", "other members");
}

static void a_request_as_long_as_may_be_is_read_and_a_longer_one_is_not(void **state)
{
    struct desk *d = *state;
    char *json = malloc(FLUIT_REQUEST_LEN_MAX + 2);
    assert_non_null(json);
    memset(json, ' ', FLUIT_REQUEST_LEN_MAX + 1);
    memcpy(json, "{\"do\":\"undo\"}", 13);
    json[FLUIT_REQUEST_LEN_MAX] = 0;
    desk_denies(d, json, "nothing to undo");
    json[FLUIT_REQUEST_LEN_MAX] = ' ';
    json[FLUIT_REQUEST_LEN_MAX + 1] = 0;
    desk_denies(d, json, "too long");
    free(json);
}

static void says_why_and_that_there_is_none(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"why\",\"card\":\"health\",\"copy\":1,\"text\":\"rug <b>\\\"x\\\"\"}");
    desk_shows(d, "\"none\":false,\"why\":\"rug <b>\\\"x\\\"\",\"seq\":");
    desk_does(d, "{\"do\":\"why\",\"card\":\"health\",\"copy\":1,\"text\":null}");
    desk_shows(d, "\"none\":true,\"why\":\"\",\"seq\":");
    desk_does(d, "{\"do\":\"undo\"}");
    desk_shows(d, "\"none\":false,\"why\":\"rug <b>\\\"x\\\"\",\"seq\":");
    desk_denies(d, "{\"do\":\"why\",\"card\":\"health\",\"text\":\"a\\u0007b\"}",
                "can't be written down");
}

static void links_and_unlinks(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"link\",\"from\":\"health\",\"to\":\"schooling\",\"to_copy\":2,"
                 "\"word\":\"maakt\"}");
    desk_shows(d, "\"links\":[{\"from\":\"health\",\"from_copy\":1,\"to\":\"schooling\","
                  "\"to_copy\":2,\"word\":\"maakt\",\"seq\":");
    desk_denies(d, "{\"do\":\"unlink\",\"from\":\"health\",\"to\":\"schooling\"}", "not linked");
    desk_does(d, "{\"do\":\"unlink\",\"from\":\"health\",\"to\":\"schooling\",\"to_copy\":2}");
    desk_shows(d, "\"links\":[]");
    desk_denies(d, "{\"do\":\"link\",\"from\":\"health\",\"to\":\"health\"}", "two cards");
}

static void writes_on_blank_cards(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"blank\",\"text\":\"weer\"}");
    assert_non_null(strstr((const char *)d->said.data, "\"card\":\"blank-1\""));
    desk_does(d, "{\"do\":\"blank\",\"blank\":\"blank-1\",\"text\":\"het weer\"}");
    desk_shows(d, "\"blanks\":[{\"id\":\"blank-1\",\"text\":\"het weer\",\"seq\":");
    desk_does(d, "{\"do\":\"undo\"}");
    desk_shows(d, "\"blanks\":[{\"id\":\"blank-1\",\"text\":\"weer\",\"seq\":");
    desk_denies(d, "{\"do\":\"blank\",\"blank\":\"health\",\"text\":\"x\"}", "not a blank");
    desk_denies(d, "{\"do\":\"blank\",\"blank\":\"blank-99\",\"text\":\"x\"}", "no such card");
    desk_denies(d, "{\"do\":\"blank\",\"text\":\"\"}", "say what");
}

static void gives_roles_and_goes_on_to_the_next_board(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"role\",\"role\":\"interviewer\",\"seat\":3}");
    desk_shows(d, "\"roles\":{\"interviewer\":3,");
    desk_denies(d, "{\"do\":\"next_board\"}", "not over yet");
    desk_shows(d, "\"may_go_on\":false");
    desk_step(d, "round-1", FLUIT_PLAN_ENDED);
    desk_shows(d, "\"may_go_on\":true");
    desk_does(d, "{\"do\":\"next_board\"}");
    desk_shows(d, "\"board\":{\"round\":2,\"may_go_on\":false,");
    desk_denies(d, "{\"do\":\"undo\"}", "nothing to undo");
}

static void notes_are_written_changed_and_taken_back(void **state)
{
    struct desk *d = *state;
    char note[40], json[256];
    desk_does(d, "{\"do\":\"note\",\"note\":null,\"question\":\"advice\",\"card\":\"health\","
                 "\"copy\":2,\"quote\":true,\"plenary\":false,\"gone\":false,\"text\":\"rug\"}");
    desk_member(d, "note", note, sizeof note);
    desk_shows(d, "\"question\":\"advice\",\"card\":\"health\",\"copy\":2,\"quote\":true,"
                  "\"plenary\":false,\"text\":\"rug\",\"by\":\"rapporteur\",\"seq\":");
    snprintf(json, sizeof json,
             "{\"do\":\"note\",\"note\":\"%s\",\"plenary\":true,\"text\":\"de rug\"}", note);
    desk_does(d, json);
    desk_shows(d, "\"question\":null,\"card\":null,\"copy\":0,\"quote\":false,\"plenary\":true,"
                  "\"text\":\"de rug\"");
    snprintf(json, sizeof json, "{\"do\":\"note\",\"note\":\"%s\",\"text\":\"\"}", note);
    desk_denies(d, json, "take the note back");
    snprintf(json, sizeof json, "{\"do\":\"note\",\"note\":\"%s\",\"gone\":true}", note);
    desk_does(d, json);
    desk_shows(d, "\"notes\":[]");
    desk_denies(d, json, "no such note");
    desk_does(d, "{\"do\":\"undo\"}");
    desk_shows(d, "\"text\":\"de rug\"");
    desk_does(d, "{\"do\":\"undo\"}");
    desk_shows(d, "\"text\":\"rug\"");
}

static void refuses_notes_that_say_nothing_or_are_not_there(void **state)
{
    struct desk *d = *state;
    desk_denies(d, "{\"do\":\"note\",\"text\":\"\"}", "say what");
    desk_denies(d, "{\"do\":\"note\"}", "say what");
    desk_denies(d, "{\"do\":\"note\",\"gone\":true,\"text\":\"x\"}", "say what");
    desk_denies(d, "{\"do\":\"note\",\"note\":\"00\",\"text\":\"x\"}", "no such note");
    desk_denies(d,
                "{\"do\":\"note\",\"note\":\"zz000000000000000000000000000000\","
                "\"text\":\"x\"}",
                "no such note");
    desk_denies(d, "{\"do\":\"note\",\"question\":\"x\",\"text\":\"x\"}", "no such question");
    desk_denies(d, "{\"do\":\"note\",\"card\":\"x\",\"text\":\"x\"}", "no such card");
}

/* What the page did not see when somebody typed stays beside what was typed. */
static void a_change_on_what_was_seen_keeps_what_came_meanwhile(void **state)
{
    struct desk *d = *state;
    char note[40], first[40], json[256];
    desk_does(d, "{\"do\":\"note\",\"text\":\"rug\"}");
    desk_member(d, "note", note, sizeof note);
    desk_member(d, "revision", first, sizeof first);
    snprintf(json, sizeof json,
             "{\"do\":\"note\",\"note\":\"%s\",\"on\":\"%s\",\"text\":\"de rug\"}", note, first);
    desk_does(d, json);
    snprintf(json, sizeof json,
             "{\"do\":\"note\",\"note\":\"%s\",\"on\":\"%s\",\"text\":\"rugpijn\"}", note, first);
    desk_does(d, json);
    desk_shows(d, "\"text\":\"rugpijn\"");
    desk_shows(d, "\"heads\":2,\"others\":[{");
    desk_shows(d, "\"text\":\"de rug\"");
    snprintf(json, sizeof json,
             "{\"do\":\"note\",\"note\":\"%s\",\"settle\":true,\"text\":\"pijn\"}", note);
    desk_does(d, json);
    desk_shows(d, "\"heads\":1}");
    snprintf(json, sizeof json, "{\"do\":\"note\",\"note\":\"%s\",\"on\":\"%s\",\"text\":\"x\"}",
             note, note);
    desk_denies(d, json, "no such revision");
}

/* Asks for what stands so already: no entry is written, and the seq is that of the one that did. */
static void does_again(struct desk *d, const char *json, uint64_t seq)
{
    char begin[64];
    uint64_t before = desk_seq(d);
    snprintf(begin, sizeof begin, "{\"ok\":true,\"seq\":%llu,", (unsigned long long)seq);
    assert_memory_equal(desk_ask(d, json), begin, strlen(begin));
    assert_int_equal(desk_seq(d), before);
}

#define PAGE_NOTE "00112233445566778899aabbccddeeff"

/* The page made the id, and did not hear the answer. */
static void a_note_that_is_sent_again_is_one_note(void **state)
{
    struct desk *d = *state;
    static const char json[] = "{\"do\":\"note\",\"note\":\"" PAGE_NOTE "\",\"text\":\"rug\"}";
    char first[40], second[40];
    desk_does(d, json);
    uint64_t seq = desk_seq(d);
    desk_member(d, "revision", first, sizeof first);
    desk_does(d, "{\"do\":\"answer\",\"question\":\"advice\",\"text\":\"veel\"}");
    does_again(d, json, seq);
    desk_member(d, "revision", second, sizeof second);
    assert_string_equal(first, second);
    desk_shows(d, "\"notes\":[{\"id\":\"" PAGE_NOTE "\",");
    desk_shows(d, "\"heads\":1}],");
}

static void a_change_that_is_sent_again_is_one_change(void **state)
{
    struct desk *d = *state;
    char first[40], json[256];
    desk_does(d, "{\"do\":\"note\",\"note\":\"" PAGE_NOTE "\",\"text\":\"rug\"}");
    desk_member(d, "revision", first, sizeof first);
    snprintf(json, sizeof json,
             "{\"do\":\"note\",\"note\":\"" PAGE_NOTE "\",\"on\":\"%s\",\"text\":\"de rug\"}",
             first);
    desk_does(d, json);
    does_again(d, json, desk_seq(d));
    desk_shows(d, "\"heads\":1}],");
}

static void what_is_not_there_can_not_be_changed(void **state)
{
    struct desk *d = *state;
    desk_denies(d, "{\"do\":\"note\",\"note\":\"" PAGE_NOTE "\",\"gone\":true}", "no such note");
    desk_denies(
        d, "{\"do\":\"note\",\"note\":\"" PAGE_NOTE "\",\"on\":\"" PAGE_NOTE "\",\"text\":\"x\"}",
        "no such note");
    desk_denies(d, "{\"do\":\"note\",\"note\":\"" PAGE_NOTE "\",\"text\":\"\"}", "say what");
}

static void a_blank_card_that_is_sent_again_is_written_once(void **state)
{
    struct desk *d = *state;
    static const char json[] = "{\"do\":\"blank\",\"blank\":\"blank-2\",\"text\":\"weer\"}";
    desk_does(d, json);
    does_again(d, json, desk_seq(d));
    desk_shows(d, "\"blanks\":[{\"id\":\"blank-2\",\"text\":\"weer\",");
}

static void tells_the_time_and_saves_nothing(void **state)
{
    struct desk *d = *state;
    char said[128];
    uint64_t before = desk_seq(d);
    const struct fluit_node *node = &d->guest.node;
    const char *answer = desk_ask(d, "{\"do\":\"time\"}");
    snprintf(said, sizeof said, "{\"ok\":true,\"mesh_us\":%lld,\"bound_us\":%lld}",
             (long long)fluit_node_mesh_us(node),
             (long long)(fluit_clock_known(&node->clock)
                             ? fluit_clock_bound(&node->clock, node->now_us)
                             : 0));
    assert_string_equal(answer, said);
    assert_int_equal(desk_seq(d), before);
    desk_denies(d, "{\"do\":\"time\",\"zone\":\"x\"}", "other members");
    d->guest.node.plan.term = 0; /* not yet ready */
    assert_memory_equal(desk_ask(d, "{\"do\":\"time\"}"), "{\"ok\":true,", 11);
}

static void answers_questions_and_takes_answers_back(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"answer\",\"question\":\"advice\",\"text\":\"veel\"}");
    desk_shows(d, "\"answers\":[{\"question\":\"advice\",\"round\":1,\"seat\":0,\"text\":\"veel\","
                  "\"by\":\"rapporteur\",\"seq\":");
    desk_does(d, "{\"do\":\"answer\",\"question\":\"advice\",\"seat\":0,\"text\":\"\"}");
    desk_shows(d, "\"seat\":0,\"text\":\"\"");
    desk_denies(d, "{\"do\":\"answer\",\"question\":\"advice\",\"seat\":13,\"text\":\"x\"}",
                "no such seat");
}

static void a_poll_takes_its_options_only(void **state)
{
    struct desk *d = *state;
    const struct fluit_script *script = d->guest.node.script;
    char json[256];
    for (int s = 0; s < script->step_count; s++)
        for (int i = 0; i < script->steps[s].question_count; i++) {
            const struct fluit_question *q = &script->steps[s].questions[i];
            if (q->option_count == 0)
                continue;
            int seat = q->per == FLUIT_PER_SEAT;
            snprintf(json, sizeof json,
                     "{\"do\":\"answer\",\"question\":\"%s\",\"seat\":%d,\"text\":\"%s\"}", q->id.s,
                     seat, q->options[0].id.s);
            desk_does(d, json);
            snprintf(json, sizeof json,
                     "{\"do\":\"answer\",\"question\":\"%s\",\"seat\":%d,\"text\":\"huh\"}",
                     q->id.s, seat);
            desk_denies(d, json, "choose one");
            return;
        }
    fail_msg("the script has no poll");
}

static void a_rapporteur_does_not_lay_cards(void **state)
{
    desk_denies(*state, "{\"do\":\"aside\",\"card\":\"health\"}", "the table lays the cards");
}

static void who_has_not_joined_is_told_to_wait(void **state)
{
    struct desk *d = *state;
    d->guest.node.plan.term = 0;
    desk_denies(d, "{\"do\":\"aside\",\"card\":\"health\"}", "not joined yet");
    desk_shows(d, "\"node\":{\"class\":\"table\",\"table\":3,\"ready\":false}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lays_puts_aside_and_lifts, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(a_card_without_a_copy_is_the_first, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(refuses_what_the_script_has_not, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_request, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(members_are_exact, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(a_request_as_long_as_may_be_is_read_and_a_longer_one_is_not,
                                        desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(says_why_and_that_there_is_none, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(links_and_unlinks, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(writes_on_blank_cards, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(gives_roles_and_goes_on_to_the_next_board, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(notes_are_written_changed_and_taken_back,
                                        desk_rapporteur_up, desk_down),
        cmocka_unit_test_setup_teardown(refuses_notes_that_say_nothing_or_are_not_there,
                                        desk_rapporteur_up, desk_down),
        cmocka_unit_test_setup_teardown(a_change_on_what_was_seen_keeps_what_came_meanwhile,
                                        desk_rapporteur_up, desk_down),
        cmocka_unit_test_setup_teardown(a_note_that_is_sent_again_is_one_note, desk_rapporteur_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(a_change_that_is_sent_again_is_one_change,
                                        desk_rapporteur_up, desk_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_can_not_be_changed, desk_rapporteur_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(a_blank_card_that_is_sent_again_is_written_once,
                                        desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(tells_the_time_and_saves_nothing, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(answers_questions_and_takes_answers_back,
                                        desk_rapporteur_up, desk_down),
        cmocka_unit_test_setup_teardown(a_poll_takes_its_options_only, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(a_rapporteur_does_not_lay_cards, desk_rapporteur_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(who_has_not_joined_is_told_to_wait, desk_table_up,
                                        desk_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
