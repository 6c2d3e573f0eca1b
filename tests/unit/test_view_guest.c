/* What the page of a table or rapporteur is shown. */
#include "tests/unit/page_desk.h"

static void shows_who_it_is_and_how_safe_all_is(void **state)
{
    struct desk *d = *state;
    char own[128];
    desk_does(d, "{\"do\":\"aside\",\"card\":\"health\"}");
    assert_true(strncmp(desk_view(d), "{\"clock\":{\"mesh_us\":", 20) == 0);
    desk_shows(d, "\"node\":{\"class\":\"table\",\"table\":3,\"ready\":true},\"workshop\":\"");
    desk_shows(d, "\"hub\":{\"here\":false,");
    snprintf(own, sizeof own, "\"own\":{\"saved\":%llu,\"safe\":", (unsigned long long)desk_seq(d));
    desk_shows(d, own);
    desk_shows(d, "\"others\":0,\"held\":[]}");
}

static void shows_the_plan_and_its_marks(void **state)
{
    struct desk *d = *state;
    struct fluit_plan *plan = &d->guest.node.plan;
    plan->start_us = 5000000;
    plan->end_us = 905000000;
    plan->mark_count = 2;
    plan->marks[0] = (struct fluit_mark){{plan->step, 1, FLUIT_MARK_START, 1}, 5000000};
    plan->marks[1] = (struct fluit_mark){{plan->step, 1, FLUIT_MARK_END, 3}, 905000000};
    d->guest.node.alarm.armed.count = 1;
    d->guest.node.alarm.armed.marks[0] = plan->marks[0];
    fluit_buf_reset(&d->said);
    assert_int_equal(fluit_view_guest(&d->guest, &d->said), FLUIT_OK);
    const char *view = fluit_buf_text(&d->said);
    assert_non_null(strstr(view, "\"state\":\"running\",\"start_us\":5000000,\"end_us\":905000000,"
                                 "\"left_us\":0,\"wrap_up_us\":0}"));
    assert_non_null(strstr(view, "\"kind\":\"start\",\"occurrence\":1,\"at_us\":5000000,"
                                 "\"armed\":true}"));
    assert_non_null(strstr(view, "\"kind\":\"end\",\"occurrence\":3,\"at_us\":905000000,"
                                 "\"armed\":false}"));
}

static void shows_the_last_whistles(void **state)
{
    struct desk *d = *state;
    struct fluit_act act = {.kind = FLUIT_KIND_FIRED};
    act.fired.mark.kind = FLUIT_MARK_END;
    for (uint8_t i = 1; i <= FLUIT_WHISTLED_KEPT + 1; i++) {
        act.fired.mark.occurrence = i;
        act.fired.at_us = i;
        act.fired.outputs = i == 2 ? FLUIT_OUTPUT_NONE : FLUIT_OUTPUT_BELL;
        assert_int_equal(fluit_node_append(&d->guest.node, &act, 0, NULL, &d->fx), FLUIT_OK);
    }
    fluit_node_note_whistled(&d->guest.node, &act); /* told again */
    desk_shows(d, "\"whistled\":[{\"step\":0,\"kind\":\"end\",\"occurrence\":2,\"at_us\":2,"
                  "\"sounded\":false},{\"step\":0,\"kind\":\"end\",\"occurrence\":3,\"at_us\":3,"
                  "\"sounded\":true},");
    desk_shows(d, "\"occurrence\":9,\"at_us\":9,\"sounded\":true}]");
    desk_shows_not(d, "\"occurrence\":1,");
}

static void shows_first_and_final_place_and_order(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"place\",\"card\":\"schooling\",\"zone\":\"stimulates\",\"degree\":1}");
    desk_does(d, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\",\"degree\":2}");
    desk_does(d, "{\"do\":\"aside\",\"card\":\"health\"}");
    desk_shows(d, "{\"id\":\"health\",\"copy\":1,\"at\":\"aside\",\"degree\":0,\"first\":{\"at\":"
                  "\"hinders\",\"degree\":2},\"order\":2,");
    desk_shows(d, "{\"id\":\"schooling\",\"copy\":1,\"at\":\"stimulates\",\"degree\":1,\"first\":{"
                  "\"at\":\"stimulates\",\"degree\":1},\"order\":1,");
    desk_shows(
        d,
        "\"rounds\":[{\"round\":1,\"cards\":1,\"notes\":0,\"closed\":false,\"afterwards\":false},");
    desk_shows(d, "\"undo\":3}");
}

/* The mark beside a change goes by the device's own feed: of others' entries it says nothing. */
static void gives_a_seq_to_own_entries_only(void **state)
{
    struct desk *d = *state;
    struct fluit_act act = {.kind = FLUIT_KIND_ASIDE};
    char seq[64];
    act.aside.card = desk_card("health", 1);
    desk_hears(d, &act, 1);
    desk_shows(d, "\"id\":\"health\",\"copy\":1,\"at\":\"aside\",\"degree\":0,\"first\":null,"
                  "\"order\":0,\"none\":false,\"why\":\"\",\"seq\":0,\"late\":\"\"}");
    desk_does(d, "{\"do\":\"note\",\"text\":\"x\"}");
    snprintf(seq, sizeof seq, "\"by\":\"rapporteur\",\"seq\":%llu,",
             (unsigned long long)desk_seq(d));
    desk_shows(d, seq);
}

static void hostile_texts_come_out_as_strings(void **state)
{
    struct desk *d = *state;
    desk_does(d, "{\"do\":\"note\",\"text\":\"</script><img src=x>\\n\\t\\\"'\\\\ "
                 "\\u2028\\ud83d\\ude00 \\u202e\"}");
    desk_shows(d, "\"text\":\"</script><img src=x>\\n\\t\\\"'\\\\ \xe2\x80\xa8\xf0\x9f\x98\x80 "
                  "\xe2\x80\xae\"");
    assert_null(strchr(desk_view(d), '\n'));
}

static void shows_the_newest_messages(void **state)
{
    struct desk *d = *state;
    char text[16];
    for (uint64_t i = 1; i <= FLUIT_VIEW_MESSAGES_MAX + 2; i++) {
        struct fluit_origin origin = {.author = FLUIT_NODE_HUB, .seq = i, .mesh_us = 7};
        struct fluit_act act = {.kind = FLUIT_KIND_MESSAGE};
        snprintf(text, sizeof text, "m%llu", (unsigned long long)i);
        act.message.text = fluit_slice_str(text);
        act.message.table = i == 3 ? DESK_TABLE : i == 4 ? DESK_TABLE + 1 : 0;
        assert_int_equal(fluit_fold_apply(d->guest.node.fold, &origin, &act), FLUIT_OK);
    }
    desk_shows(d, "\"messages\":[{\"at_us\":7,\"all\":true,\"text\":\"m2\"},{\"at_us\":7,"
                  "\"all\":false,\"text\":\"m3\"},{\"at_us\":7,\"all\":true,\"text\":\"m5\"},");
    desk_shows(d, "\"text\":\"m12\"}]");
    desk_shows_not(d, "m4");
}

static void the_clock_alone_makes_no_new_view(void **state)
{
    struct desk *d = *state;
    struct fluit_buf first = FLUIT_BUF_INIT;
    desk_view(d);
    fluit_buf_put(&first, d->said.data, d->said.len);
    for (uint8_t *c = first.data; *c != '}'; c++)
        if (*c >= '0' && *c <= '8')
            (*c)++;
    assert_true(fluit_view_same(fluit_buf_slice(&first), fluit_buf_slice(&d->said)));
    desk_does(d, "{\"do\":\"note\",\"text\":\"x\"}");
    desk_view(d);
    assert_false(fluit_view_same(fluit_buf_slice(&first), fluit_buf_slice(&d->said)));
    assert_false(fluit_view_same(fluit_slice(NULL, 0), fluit_buf_slice(&d->said)));
    fluit_buf_deinit(&first);
}

static void note_of(struct desk *d, int number, size_t len)
{
    char *text = calloc(1, len + 1);
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE};
    assert_non_null(text);
    memset(text, 'a', len);
    memcpy(act.note.note.b, &number, sizeof number);
    memcpy(act.note.revision.b, &number, sizeof number);
    act.note.revision.b[15] = 1;
    act.note.text = fluit_slice(text, len);
    desk_hears(d, &act, 1);
    free(text);
}

/* 100 cards with a why and 500 notes. */
static void a_busy_table_fits(void **state)
{
    struct desk *d = *state;
    const struct fluit_script *script = d->guest.node.script;
    int cards = 0;
    for (int i = 0; i < 2 * script->card_count && cards < 100; i++) {
        struct fluit_act act = {.kind = FLUIT_KIND_WHY};
        act.why.card = (struct fluit_card_ref){script->cards[i / 2].id, (uint8_t)(1 + i % 2)};
        if (!fluit_script_has_card(script, &act.why.card))
            continue;
        act.why.text = fluit_slice_str("because it was so, as far as anybody could tell");
        desk_hears(d, &act, 1);
        cards++;
    }
    for (int i = 0; i < 500; i++)
        note_of(d, i, 150);
    desk_view(d);
    assert_true(d->said.len < 262144);
    desk_shows(d, "\"notes_left_out\":0");
    desk_shows_not(d, "\"cut\"");
}

static void too_much_text_is_cut_and_too_many_notes_left_out(void **state)
{
    struct desk *d = *state;
    struct fluit_act act = {.kind = FLUIT_KIND_ANSWER};
    char *text = malloc(FLUIT_TEXT_LEN_MAX);
    assert_non_null(text);
    text[0] = 'x'; /* so that a cut at the limit would be within a character */
    for (int i = 1; i < FLUIT_TEXT_LEN_MAX; i++)
        text[i] = "\xe2\x82\xac"[(i - 1) % 3];
    act.answer.text = fluit_slice(text, 1 + (FLUIT_TEXT_LEN_MAX - 1) / 3 * 3);
    for (uint8_t seat = 0; seat <= FLUIT_SEATS_MAX; seat++) {
        act.answer.seat = seat;
        assert_int_equal(fluit_id_set(&act.answer.question, fluit_slice_str("advice")), FLUIT_OK);
        desk_hears(d, &act, 1);
    }
    for (int i = 0; i < FLUIT_VIEW_NOTES_MAX + 5; i++)
        note_of(d, i, FLUIT_TEXT_LEN_MAX);
    desk_view(d);
    assert_true(d->said.len < FLUIT_VIEW_LEN_MAX);
    assert_true(d->said.len > FLUIT_VIEW_TEXT_MAX);
    desk_shows(d, "\"notes_left_out\":5");
    desk_shows(d, "\xe2\x82\xac\",\"cut\":true");
    desk_shows(d, "aaaa\",\"cut\":true");
    free(text);
}

static void shows_the_script_in_its_languages(void **state)
{
    struct desk *d = *state;
    fluit_buf_reset(&d->said);
    assert_int_equal(fluit_view_script(d->guest.node.script, &d->said), FLUIT_OK);
    const char *view = fluit_buf_text(&d->said);
    static const char *const has[] = {
        "\"languages\":[\"nl\",\"en\"]",
        "{\"id\":\"health\",\"name\":{\"nl\":\"gezondheid\",\"en\":\"health\"},",
        "\"question\":{\"nl\":\"\",\"en\":\"\"},\"category\":\"personal\",\"zone\":null,\"copies\":"
        "2}",
        "\"category\":null,\"zone\":\"yields\",\"copies\":1}",
        "\"side\":true,\"degrees\":[{\"nl\":\"in beperkte mate\",",
        "\"id\":\"recognise\",",
        "\"per\":\"seat\",\"options\":[{\"id\":\"fully\",",
        "\"kind\":\"table-talk\",",
        "\"questions\":[\"stop\",\"keep\",\"strengthen\",\"fund\"]",
        "\"groups_on\":false,\"groups\":[]}"};
    for (size_t i = 0; i < sizeof has / sizeof has[0]; i++)
        if (!strstr(view, has[i]))
            fail_msg("no %s in %s", has[i], view);
    const char *first = strstr(view, "{\"id\":\"advice\",");
    assert_non_null(first);
    assert_null(strstr(first + 1, "{\"id\":\"advice\","));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_who_it_is_and_how_safe_all_is, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(shows_the_plan_and_its_marks, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(shows_the_last_whistles, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(shows_first_and_final_place_and_order, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(gives_a_seq_to_own_entries_only, desk_rapporteur_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(hostile_texts_come_out_as_strings, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(shows_the_newest_messages, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(the_clock_alone_makes_no_new_view, desk_table_up,
                                        desk_down),
        cmocka_unit_test_setup_teardown(a_busy_table_fits, desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(too_much_text_is_cut_and_too_many_notes_left_out,
                                        desk_table_up, desk_down),
        cmocka_unit_test_setup_teardown(shows_the_script_in_its_languages, desk_table_up,
                                        desk_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
