/* What the facilitator's and the projector's pages are shown and ask for, over a hub and two tables
 * in memory. What a table wrote is a secret here: SECRET stands in all of it. */
#include "node/view/do.h"
#include "node/view/view.h"
#include "tests/unit/small_workshop.h"

struct hall_of_pages {
    struct small *w;
    struct fluit_buf said;
};

static const char *ask_table(struct hall_of_pages *h, int i, const char *json)
{
    struct small *w = h->w;
    fluit_effects_reset(&w->fx);
    fluit_buf_reset(&h->said);
    assert_int_equal(fluit_do_guest(w->tables[i - 1], fluit_slice_str(json), &w->fx, &h->said),
                     FLUIT_OK);
    small_turn_end(w, i);
    if (!strstr(fluit_buf_text(&h->said), "\"ok\":true"))
        fail_msg("%s was answered: %s", json, fluit_buf_text(&h->said));
    return fluit_buf_text(&h->said);
}

static const char *ask_hub(struct hall_of_pages *h, const char *json)
{
    struct small *w = h->w;
    fluit_effects_reset(&w->fx);
    fluit_buf_reset(&h->said);
    assert_int_equal(fluit_do_hub(w->hub, fluit_slice_str(json), &w->fx, &h->said), FLUIT_OK);
    for (size_t i = 0; i < w->fx.count; i++)
        assert_int_not_equal(w->fx.items[i].kind, FLUIT_EFFECT_PRINT);
    small_turn_end(w, 0);
    return fluit_buf_text(&h->said);
}

static void hub_does(struct hall_of_pages *h, const char *json, const char *words)
{
    const char *said = ask_hub(h, json);
    if (strncmp(said, "{\"ok\":true", 10) != 0 || !strstr(said, words))
        fail_msg("%s was answered: %s", json, said);
}

static void hub_denies(struct hall_of_pages *h, const char *json, const char *words)
{
    const char *said = ask_hub(h, json);
    if (strncmp(said, "{\"ok\":false,\"why\":\"", 19) != 0 || !strstr(said, words))
        fail_msg("%s was answered: %s", json, said);
}

static const char *hub_view(struct hall_of_pages *h)
{
    fluit_buf_reset(&h->said);
    assert_int_equal(fluit_view_hub(h->w->hub, &h->said), FLUIT_OK);
    return fluit_buf_text(&h->said);
}

static void hub_shows(struct hall_of_pages *h, const char *words)
{
    const char *view = hub_view(h);
    if (!strstr(view, words))
        fail_msg("no %s in: %s", words, view);
}

static const char *projector(struct hall_of_pages *h)
{
    fluit_buf_reset(&h->said);
    assert_int_equal(fluit_view_projector(h->w->hub, &h->said), FLUIT_OK);
    return fluit_buf_text(&h->said);
}

static void projector_shows(struct hall_of_pages *h, const char *words)
{
    const char *view = projector(h);
    if (!strstr(view, words))
        fail_msg("no %s in: %s", words, view);
}

/* The text member of what was said last. */
static void member_of(const struct hall_of_pages *h, const char *key, char out[static 64])
{
    char begin[64];
    snprintf(begin, sizeof begin, "\"%s\":\"", key);
    const char *at = strstr((const char *)h->said.data, begin);
    assert_non_null(at);
    at += strlen(begin);
    size_t len = strcspn(at, "\"");
    assert_true(len < 64);
    memcpy(out, at, len);
    out[len] = 0;
}

static int up(void **state)
{
    struct hall_of_pages *h = calloc(1, sizeof *h);
    assert_non_null(h);
    h->w = small_new(1);
    for (int i = 0; i < SMALL_TABLES; i++)
        small_join(h->w, i);
    small_tell_all(h->w);
    *state = h;
    return 0;
}

static int down(void **state)
{
    struct hall_of_pages *h = *state;
    small_free(h->w);
    fluit_buf_deinit(&h->said);
    free(h);
    return 0;
}

/* All that a table can write. */
static void table_writes(struct hall_of_pages *h, int i)
{
    ask_table(h, i, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\",\"degree\":2}");
    ask_table(h, i, "{\"do\":\"why\",\"card\":\"health\",\"text\":\"SECRET why\"}");
    ask_table(h, i, "{\"do\":\"blank\",\"text\":\"SECRET blank\"}");
    ask_table(h, i, "{\"do\":\"place\",\"card\":\"blank-1\",\"zone\":\"hinders\",\"degree\":1}");
    ask_table(h, i, "{\"do\":\"link\",\"from\":\"health\",\"to\":\"blank-1\",\"word\":\"SECRET\"}");
    ask_table(h, i, "{\"do\":\"answer\",\"question\":\"expectation\",\"text\":\"SECRET answer\"}");
    ask_table(h, i, "{\"do\":\"answer\",\"question\":\"recognise\",\"seat\":1,\"text\":\"fully\"}");
    ask_table(h, i,
              "{\"do\":\"answer\",\"question\":\"recognise\",\"seat\":2,\"text\":\"hardly\"}");
    ask_table(h, i, "{\"do\":\"note\",\"question\":\"stop\",\"text\":\"SECRET note\"}");
    ask_table(h, i, "{\"do\":\"note\",\"quote\":true,\"plenary\":true,\"text\":\"SECRET quote\"}");
}

static void nothing_a_table_wrote_is_shown_unasked(void **state)
{
    struct hall_of_pages *h = *state;
    for (int i = 1; i <= SMALL_TABLES; i++)
        table_writes(h, i);
    small_tell_all(h->w);
    hub_shows(h, "\"quotes\":{\"count\":2,\"shown\":0}");
    assert_null(strstr(hub_view(h), "SECRET"));
    assert_null(strstr(projector(h), "SECRET"));
    hub_does(h, "{\"do\":\"quotes\"}", "SECRET quote");
    assert_null(strstr((const char *)h->said.data, "SECRET note"));
}

static void the_room_sees_figures(void **state)
{
    struct hall_of_pages *h = *state;
    for (int i = 1; i <= SMALL_TABLES; i++)
        table_writes(h, i);
    ask_table(h, 2, "{\"do\":\"lift\",\"card\":\"health\"}");
    ask_table(h, 2, "{\"do\":\"place\",\"card\":\"yield-career\",\"zone\":\"yields\"}");
    small_tell_all(h->w);
    projector_shows(
        h, "\"rounds\":[{\"round\":1,\"boards\":2,\"afterwards\":0,\"cards\":[{\"card\":\"health\","
           "\"final\":{\"stimulates\":[0,0],\"hinders\":[0,1]},\"first\":{"
           "\"stimulates\":[0,0],\"hinders\":[0,2]}},{\"card\":\"blank\",");
    projector_shows(h, "\"yields\":[{\"zone\":\"yields\",\"card\":\"yield-career\",\"count\":1}]");
    projector_shows(h, "{\"round\":2,\"boards\":0,\"afterwards\":0,\"cards\":[],");
    projector_shows(h, "\"together\":{\"round\":0,\"boards\":2,");
    projector_shows(h, "\"polls\":[{\"question\":\"recognise\",\"answers\":4,\"hands\":0,"
                       "\"options\":{\"fully\":2,\"partly\":0,\"hardly\":2,\"not-at-all\":0}}");
    projector_shows(h, "\"harvest\":[{\"question\":\"expectation\",\"tables\":2},{\"question\":"
                       "\"stop\",\"tables\":2},{\"question\":\"keep\",\"tables\":0}");
}

static void the_room_hears_the_whistle_or_not(void **state)
{
    struct hall_of_pages *h = *state;
    hub_shows(h, "\"heard\":null,");
    ask_table(h, 1, "{\"do\":\"heard\",\"heard\":true}");
    ask_table(h, 2, "{\"do\":\"heard\",\"heard\":true}");
    ask_table(h, 2, "{\"do\":\"heard\",\"heard\":false}");
    small_tell_all(h->w);
    hub_shows(h, "\"heard\":true,\"round\":1,");
    hub_shows(h, "\"heard\":false,\"round\":1,");
    hub_does(h, "{\"do\":\"line\",\"line\":\"status\"}", " heard=1\"");
}

static void notes_for_plenary_are_put_on_heaps(void **state)
{
    struct hall_of_pages *h = *state;
    char words[64], json[256];
    ask_table(h, 1, "{\"do\":\"note\",\"plenary\":true,\"text\":\"tijd\"}");
    member_of(h, "revision", words);
    small_tell_all(h->w);
    snprintf(json, sizeof json, "{\"do\":\"release\",\"note\":\"%s\"}", words);
    hub_does(h, json, "");
    projector_shows(h, "\"heap\":\"\",\"text\":\"tijd\"");
    snprintf(json, sizeof json, "{\"do\":\"heap\",\"note\":\"%s\",\"heap\":\"rust & ruimte\"}",
             words);
    hub_does(h, json, "");
    projector_shows(h, "\"heap\":\"rust & ruimte\",\"text\":\"tijd\"");
    hub_does(h, "{\"do\":\"quotes\"}", "\"heap\":\"rust & ruimte\"");
    hub_denies(h, "{\"do\":\"heap\",\"note\":\"00000000000000000000000000000000\",\"heap\":\"x\"}",
               "no such quote");
    char name[FLUIT_HEAP_LEN_MAX + 2], longer[sizeof name + 128];
    memset(name, 'x', sizeof name);
    snprintf(longer, sizeof longer, "{\"do\":\"heap\",\"note\":\"%s\",\"heap\":\"%.*s\"}", words,
             (int)sizeof name - 1, name);
    hub_denies(h, longer, "too long");
}

/* To all, though it begins with a number; on two lines. */
static void a_message_is_what_was_typed(void **state)
{
    struct hall_of_pages *h = *state;
    hub_does(h, "{\"do\":\"message\",\"text\":\"2 minuten\\nnog\"}", "");
    hub_does(h, "{\"do\":\"message\",\"table\":2,\"text\":\"SECRET\"}", "");
    hub_denies(h, "{\"do\":\"message\",\"table\":101,\"text\":\"x\"}", "no such table");
    hub_denies(h, "{\"do\":\"message\",\"text\":\"\"}", "say what");
    small_tell_all(h->w);
    fluit_buf_reset(&h->said);
    assert_int_equal(fluit_view_guest(h->w->tables[0], &h->said), FLUIT_OK);
    assert_non_null(strstr(fluit_buf_text(&h->said), "\"all\":true,\"text\":\"2 minuten\\nnog\""));
    assert_null(strstr(fluit_buf_text(&h->said), "SECRET"));
}

static void two_tables_are_merged_and_told(void **state)
{
    struct hall_of_pages *h = *state;
    hub_denies(h, "{\"do\":\"line\",\"line\":\"merge 1 1\"}", "at another one");
    hub_denies(h, "{\"do\":\"line\",\"line\":\"merge 1 9\"}", "at another one");
    hub_denies(h, "{\"do\":\"line\",\"line\":\"merge 1\"}", "which goes on where");
    hub_denies(h, "{\"do\":\"line\",\"line\":\"merge 9 1\"}", "has joined");
    hub_does(h, "{\"do\":\"line\",\"line\":\"merge 2 1\"}", "table 2 goes on at table 1");
    hub_shows(h, "\"table\":2,\"class\":\"table\",\"joined\":true,\"aside\":true,");
    hub_denies(h, "{\"do\":\"line\",\"line\":\"merge 1 2\"}", "at another one");
    small_tell_all(h->w);
    for (int i = 0; i < 2; i++) {
        fluit_buf_reset(&h->said);
        assert_int_equal(fluit_view_guest(h->w->tables[i], &h->said), FLUIT_OK);
        assert_non_null(strstr(fluit_buf_text(&h->said),
                               i ? "\"text\":\"Tafel 1: kom daar" : "\"text\":\"Tafel 2 komt"));
    }
}

static void tables_agree_and_differ(void **state)
{
    struct hall_of_pages *h = *state;
    for (int i = 1; i <= SMALL_TABLES; i++) {
        ask_table(h, i, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\",\"degree\":2}");
        ask_table(h, i,
                  i == 1 ? "{\"do\":\"place\",\"card\":\"leisure\",\"zone\":\"hinders\","
                           "\"degree\":1}"
                         : "{\"do\":\"place\",\"card\":\"leisure\",\"zone\":\"stimulates\","
                           "\"degree\":1}");
    }
    ask_table(h, 1, "{\"do\":\"place\",\"card\":\"finances\",\"zone\":\"hinders\",\"degree\":1}");
    small_tell_all(h->w);
    projector_shows(h, "\"agreed\":[\"health\"],\"split\":[\"leisure\"]");
}

static void released_words_are_shown_and_withheld_again(void **state)
{
    struct hall_of_pages *h = *state;
    char words[64], json[128];
    ask_table(h, 1, "{\"do\":\"note\",\"quote\":true,\"card\":\"health\",\"text\":\"SECRET\"}");
    small_tell_all(h->w);
    hub_does(h, "{\"do\":\"quotes\"}",
             "\"table\":1,\"round\":0,\"question\":null,\"card\":\"health\",\"quote\":true,"
             "\"plenary\":false,\"shown\":false,\"heap\":\"\",\"text\":\"SECRET\"}]}");
    member_of(h, "note", words);
    snprintf(json, sizeof json, "{\"do\":\"release\",\"note\":\"%s\"}", words);
    hub_does(h, json, "");
    projector_shows(h, "\"quote\":true,\"heap\":\"\",\"text\":\"SECRET\"}]");
    hub_shows(h, "\"quotes\":{\"count\":1,\"shown\":1}");
    hub_does(h, "{\"do\":\"quotes\"}", "\"shown\":true");
    snprintf(json, sizeof json, "{\"do\":\"release\",\"note\":\"%s\",\"shown\":false}", words);
    hub_does(h, json, "");
    assert_null(strstr(projector(h), "SECRET"));
    snprintf(json, sizeof json, "{\"do\":\"release\",\"note\":\"%s\",\"shown\":true}", words);
    hub_does(h, json, "");
    snprintf(json, sizeof json, "{\"do\":\"withhold\",\"note\":\"%s\"}", words);
    hub_does(h, json, "");
    assert_null(strstr(projector(h), "SECRET"));
}

/* What the facilitator read is released, not what the table made of it meanwhile. */
static void words_that_changed_are_not_released(void **state)
{
    struct hall_of_pages *h = *state;
    char note[64], words[64], json[160];
    ask_table(h, 1, "{\"do\":\"note\",\"quote\":true,\"text\":\"SECRET\"}");
    member_of(h, "note", note);
    small_tell_all(h->w);
    ask_hub(h, "{\"do\":\"quotes\"}");
    member_of(h, "note", words);
    snprintf(json, sizeof json,
             "{\"do\":\"note\",\"note\":\"%s\",\"quote\":true,\"text\":\"with a name\"}", note);
    ask_table(h, 1, json);
    small_tell_all(h->w);
    snprintf(json, sizeof json, "{\"do\":\"release\",\"note\":\"%s\"}", words);
    hub_denies(h, json, "changed it");
    snprintf(json, sizeof json, "{\"do\":\"release\",\"note\":\"%s\"}", note);
    hub_denies(h, json, "no such quote");
    hub_denies(h, "{\"do\":\"release\",\"note\":\"x\"}", "no such quote");
    hub_denies(h, "{\"do\":\"release\",\"note\":3}", "other members");
    assert_null(strstr(projector(h), "name"));
}

static void the_room_reads_where_to_join(void **state)
{
    struct hall_of_pages *h = *state;
    static const struct fluit_beacon_address addresses[] = {
        {4, {192, 0, 2, 10}}, {6, {0x20, 0x01, 0x0d, 0xb8, [15] = 7}}};
    struct fluit_event event = {.kind = FLUIT_EVENT_ADDRESSES,
                                .now_us = ++h->w->now_us,
                                .addresses = addresses,
                                .address_count = 2};
    projector_shows(h, "\"door\":[]");
    h->w->hub->door_port = 7450;
    fluit_effects_reset(&h->w->fx);
    fluit_hub_step(h->w->hub, &event, &h->w->fx);
    projector_shows(h, "\"door\":[\"192.0.2.10:7450\",\"[2001:db8::7]:7450\"]");
}

static void lines_are_answered_as_on_the_console(void **state)
{
    struct hall_of_pages *h = *state;
    hub_does(h, "{\"do\":\"line\",\"line\":\"next\"}", "\"said\":[\"step 2 of ");
    hub_does(h, "{\"do\":\"line\",\"line\":\"steps\"}", "\",\">  2 ");
    hub_does(h, "{\"do\":\"line\",\"line\":\"\"}", "\"said\":[]}");
    hub_denies(h, "{\"do\":\"line\",\"line\":\"strat\"}", "did you mean 'start'");
    hub_denies(h, "{\"do\":\"line\",\"line\":\"start\\nend\"}", "not a line");
    hub_denies(h, "{\"do\":\"line\"}", "other members");
    hub_denies(h, "{\"do\":\"undo\"}", "no such request");
    hub_does(h, "{\"do\":\"line\",\"line\":\"message 2 kom eens langs\"}", "sent to table 2");
}

static void codes_are_told_when_asked_for(void **state)
{
    struct hall_of_pages *h = *state;
    char code[FLUIT_INVITE_SHOW_LEN + 1];
    fluit_invite_show(&fluit_invites_find(&h->w->hub->invites, "table-01")->code, code);
    hub_shows(h, "{\"name\":\"table-01\",\"used\":true}");
    assert_null(strstr(hub_view(h), code));
    hub_does(h, "{\"do\":\"code\",\"name\":\"table-01\"}", code);
    hub_denies(h, "{\"do\":\"code\",\"name\":\"table-99\"}", "no such place");
    hub_denies(h, "{\"do\":\"code\",\"name\":\"a-name-that-is-far-too-long-for-a-seat\"}",
               "no such place");
}

static void shows_tables_and_what_is_wrong_with_them(void **state)
{
    struct hall_of_pages *h = *state;
    ask_table(h, 1, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\",\"degree\":2}");
    small_tell_all(h->w);
    hub_shows(h, "\"leads\":true");
    hub_shows(h, "\"tables\":[{\"table\":1,\"class\":\"table\",\"joined\":true,\"aside\":false,");
    hub_shows(h, "\"round\":1,\"cards\":1,\"notes\":0,");
    hub_shows(h, "{\"table\":1,\"class\":\"rapporteur\",\"joined\":false,");
    h->w->hub->node.now_us += 12000000;
    hub_shows(h, "\"here\":false,\"ready\":false,\"safe\":true,\"last_s\":10,");
    hub_shows(h, "\"problem\":\"not_here\"");
    hub_does(h, "{\"do\":\"line\",\"line\":\"add\"}", "added table 3");
    hub_shows(
        h, "{\"table\":3,\"class\":\"table\",\"joined\":false,\"aside\":false,\"here\":false,"
           "\"ready\":false,\"safe\":true,\"last_s\":-1,\"bound_us\":0,\"heard\":null,\"round\":1,"
           "\"cards\":0,\"notes\":0,\"photos\":0,\"problem\":\"not_joined\"}");
    hub_does(h, "{\"do\":\"line\",\"line\":\"aside 1\"}", "set aside");
    hub_shows(h, "{\"table\":1,\"class\":\"table\",\"joined\":true,\"aside\":true,");
}

/* A plan that the hub orders at this mesh time. */
static void order(struct hall_of_pages *h, const char *line, int64_t wait_us)
{
    char json[64];
    h->w->now_us += wait_us;
    h->w->hub->node.now_us = h->w->now_us;
    snprintf(json, sizeof json, "{\"do\":\"line\",\"line\":\"%s\"}", line);
    hub_does(h, json, "");
}

static void shows_when_steps_really_ran(void **state)
{
    struct hall_of_pages *h = *state;
    const struct fluit_took *took = h->w->hub->took;
    order(h, "start", 0);
    int64_t start_us = h->w->hub->node.plan.start_us;
    order(h, "next", 60000000);
    assert_int_equal(took[0].start_us, start_us);
    assert_true(took[0].end_us > start_us && took[0].end_us - start_us < 70000000);
    assert_int_equal(took[1].start_us, 0);
    order(h, "start", 1000000);
    order(h, "end", 5000000);
    assert_int_equal(took[1].end_us, h->w->hub->node.plan.end_us);
    order(h, "back", 1000000);
    assert_int_equal(took[0].start_us, start_us);
    char ran[128];
    snprintf(ran, sizeof ran, "\"start_us\":%lld,\"end_us\":%lld},", (long long)took[1].start_us,
             (long long)took[1].end_us);
    hub_shows(h, ran);
    hub_shows(h, "\"steps\":[{\"id\":\"welcome\",\"planned_min\":810,");
}

static void counts_what_came_late(void **state)
{
    struct hall_of_pages *h = *state;
    struct fluit_cut_head none = {.seq = 1}; /* of a feed that nobody has */
    struct fluit_act act = {.kind = FLUIT_KIND_CUT};
    ask_table(h, 1, "{\"do\":\"place\",\"card\":\"health\",\"zone\":\"hinders\",\"degree\":2}");
    small_tell_all(h->w);
    hub_shows(h, "\"late\":[]");
    act.cut.round = 1;
    act.cut.term = h->w->hub->node.plan.term;
    act.cut.closed_us = FLUIT_TIME_MAX_US;
    act.cut.heads = &none;
    small_append(h->w, 0, &act, 0);
    hub_shows(h,
              "\"late\":[{\"table\":1,\"round\":1,\"made\":0,\"arrived\":1,\"afterwards\":false}]");
    hub_shows(h, "\"rounds\":[{\"round\":1,\"closed\":false},");
    h->w->hub->rounds[1].due_us = h->w->hub->rounds[1].cut_us; /* as the plan has it */
    hub_shows(h, "\"rounds\":[{\"round\":1,\"closed\":true},{\"round\":2,\"closed\":false}]");
}

static void a_hub_that_does_not_know_yet_shows_little_and_does_nothing(void **state)
{
    struct hall_of_pages *h = *state;
    h->w->hub->node.plan.term = 0;
    hub_shows(h, "\"ready\":false");
    assert_null(strstr(hub_view(h), "\"tables\""));
    assert_null(strstr(projector(h), "\"projector\""));
    hub_denies(h, "{\"do\":\"quotes\"}", "one moment");
    hub_denies(h, "{\"do\":\"code\",\"name\":\"table-01\"}", "one moment");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_a_table_wrote_is_shown_unasked, up, down),
        cmocka_unit_test_setup_teardown(the_room_sees_figures, up, down),
        cmocka_unit_test_setup_teardown(the_room_hears_the_whistle_or_not, up, down),
        cmocka_unit_test_setup_teardown(notes_for_plenary_are_put_on_heaps, up, down),
        cmocka_unit_test_setup_teardown(a_message_is_what_was_typed, up, down),
        cmocka_unit_test_setup_teardown(two_tables_are_merged_and_told, up, down),
        cmocka_unit_test_setup_teardown(tables_agree_and_differ, up, down),
        cmocka_unit_test_setup_teardown(released_words_are_shown_and_withheld_again, up, down),
        cmocka_unit_test_setup_teardown(words_that_changed_are_not_released, up, down),
        cmocka_unit_test_setup_teardown(the_room_reads_where_to_join, up, down),
        cmocka_unit_test_setup_teardown(lines_are_answered_as_on_the_console, up, down),
        cmocka_unit_test_setup_teardown(codes_are_told_when_asked_for, up, down),
        cmocka_unit_test_setup_teardown(shows_tables_and_what_is_wrong_with_them, up, down),
        cmocka_unit_test_setup_teardown(shows_when_steps_really_ran, up, down),
        cmocka_unit_test_setup_teardown(counts_what_came_late, up, down),
        cmocka_unit_test_setup_teardown(a_hub_that_does_not_know_yet_shows_little_and_does_nothing,
                                        up, down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
