/* Which of a hub's pages leads, and what the others may ask for. */
#include "node/view/do.h"
#include "node/view/view.h"
#include "tests/unit/small_workshop.h"

#define SECOND INT64_C(1000000)

static const struct fluit_session desk = {FLUIT_SESSION_HERE, {1}};
static const struct fluit_session other = {FLUIT_SESSION_HERE, {2}};
static const struct fluit_session phone = {FLUIT_SESSION_PHONE, {3}};

static void first_page_here_has_the_lead(void **state)
{
    struct fluit_control c = {0};
    (void)state;
    assert_null(fluit_control_want(&c, &phone, FLUIT_CONTROL_HOLD, 0));
    assert_false(c.held);
    assert_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_HOLD, 0));
    assert_null(fluit_control_want(&c, &other, FLUIT_CONTROL_HOLD, 0));
    assert_true(fluit_control_is_holder(&c, &desk));
    assert_false(fluit_control_is_holder(&c, &other));
}

static void is_handed_over_and_never_seized(void **state)
{
    struct fluit_control c = {0};
    (void)state;
    assert_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_HOLD, 0));
    assert_non_null(fluit_control_want(&c, &other, FLUIT_CONTROL_TAKE, 0));
    assert_non_null(fluit_control_want(&c, &other, FLUIT_CONTROL_GIVE, 0));
    assert_non_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_GIVE, 0)); /* nobody asked */
    assert_null(fluit_control_want(&c, &other, FLUIT_CONTROL_ASK, 0));
    assert_non_null(fluit_control_want(&c, &phone, FLUIT_CONTROL_ASK, 0)); /* one at a time */
    assert_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_KEEP, 0));
    assert_false(c.asked);
    assert_true(fluit_control_is_holder(&c, &desk));
    assert_null(fluit_control_want(&c, &phone, FLUIT_CONTROL_ASK, 0));
    assert_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_GIVE, 0));
    assert_true(fluit_control_is_holder(&c, &phone));
    assert_non_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_TAKE, 29 * SECOND));
}

static void silent_page_loses_it_to_one_here(void **state)
{
    struct fluit_control c = {0};
    (void)state;
    assert_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_HOLD, 0));
    fluit_control_hear(&c, &desk, 10 * SECOND);
    fluit_control_hear(&c, &other, 35 * SECOND); /* another's words are not the holder's */
    assert_false(fluit_control_is_silent(&c, 39 * SECOND));
    assert_true(fluit_control_is_silent(&c, 40 * SECOND));
    assert_non_null(fluit_control_want(&c, &phone, FLUIT_CONTROL_TAKE, 40 * SECOND));
    assert_null(fluit_control_want(&c, &other, FLUIT_CONTROL_TAKE, 40 * SECOND));
    assert_true(fluit_control_is_holder(&c, &other));
}

static void closed_page_leaves_it_to_nobody(void **state)
{
    struct fluit_control c = {0};
    (void)state;
    assert_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_HOLD, 0));
    assert_null(fluit_control_want(&c, &other, FLUIT_CONTROL_DROP, 0)); /* it is not its to drop */
    assert_true(c.held);
    assert_null(fluit_control_want(&c, &desk, FLUIT_CONTROL_DROP, 0));
    assert_false(c.held);
    assert_null(fluit_control_want(&c, &other, FLUIT_CONTROL_TAKE, 0));
    assert_true(fluit_control_is_holder(&c, &other));
}

struct pages {
    struct small *w;
    struct fluit_buf said;
};

static const char *ask(struct pages *p, enum fluit_page page, const struct fluit_session *session,
                       const char *json)
{
    struct fluit_event event = {.kind = FLUIT_EVENT_REQUEST,
                                .session = *session,
                                .page = page,
                                .bytes = fluit_slice_str(json)};
    fluit_effects_reset(&p->w->fx);
    fluit_buf_reset(&p->said);
    assert_int_equal(fluit_do_hub_page(p->w->hub, &event, &p->w->fx, &p->said), FLUIT_OK);
    small_turn_end(p->w, 0);
    return fluit_buf_text(&p->said);
}

static void does(struct pages *p, const struct fluit_session *session, const char *json)
{
    const char *said = ask(p, FLUIT_PAGE_OWN, session, json);
    if (!strstr(said, "\"ok\":true"))
        fail_msg("%s was answered: %s", json, said);
}

static void denied(struct pages *p, const struct fluit_session *session, const char *json)
{
    const char *said = ask(p, FLUIT_PAGE_OWN, session, json);
    if (!strstr(said, "another page has the lead"))
        fail_msg("%s was answered: %s", json, said);
}

static void others_only_look(void **state)
{
    struct pages *p = *state;
    does(p, &desk, "{\"do\":\"line\",\"line\":\"next\"}"); /* has it from then on */
    denied(p, &other, "{\"do\":\"line\",\"line\":\"next\"}");
    denied(p, &other, "{\"do\":\"line\",\"line\":\" takeover yes\"}");
    denied(p, &other, "{\"do\":\"message\",\"text\":\"x\"}");
    denied(p, &other, "{\"do\":\"release\",\"note\":\"x\"}");
    denied(p, &other, "{\"do\":\"line\"}");
    denied(p, &other, "{\"do\":\"line\",\"line\":\"quotes\"}"); /* it numbers them */
    does(p, &other, "{\"do\":\"line\",\"line\":\"status\"}");
    does(p, &other, "{\"do\":\"quotes\"}");
    does(p, &other, "{\"do\":\"time\"}");
    does(p, &other, "{\"do\":\"control\",\"want\":\"ask\"}");
    does(p, &desk, "{\"do\":\"control\",\"want\":\"give\"}");
    denied(p, &desk, "{\"do\":\"line\",\"line\":\"next\"}");
    does(p, &other, "{\"do\":\"line\",\"line\":\"next\"}");
}

static void phone_is_a_remote(void **state)
{
    struct pages *p = *state;
    does(p, &desk, "{\"do\":\"control\",\"want\":\"hold\"}");
    does(p, &phone, "{\"do\":\"message\",\"text\":\"five minutes\"}");
    does(p, &phone, "{\"do\":\"line\",\"line\":\"next\"}");
    does(p, &phone, "{\"do\":\"line\",\"line\":\"start\"}");
    denied(p, &phone, "{\"do\":\"line\",\"line\":\"end\"}");
    denied(p, &phone, "{\"do\":\"line\",\"line\":\"invites\"}");
    denied(p, &phone, "{\"do\":\"quotes\"}");
    denied(p, &phone, "{\"do\":\"code\",\"name\":\"table-01\"}");
}

static void screen_only_looks(void **state)
{
    struct pages *p = *state;
    static const char *const all[] = {"{\"do\":\"line\",\"line\":\"status\"}",
                                      "{\"do\":\"quotes\"}",
                                      "{\"do\":\"control\",\"want\":\"hold\"}"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_non_null(strstr(ask(p, FLUIT_PAGE_PROJECTOR, &desk, all[i]), "only looks"));
    assert_non_null(strstr(ask(p, FLUIT_PAGE_PROJECTOR, &desk, "{\"do\":\"time\"}"), "mesh_us"));
}

static void view_names_who_leads(void **state)
{
    struct pages *p = *state;
    const char *said = ask(p, FLUIT_PAGE_OWN, &desk, "{\"do\":\"control\",\"want\":\"hold\"}");
    assert_string_equal(said, "{\"ok\":true,\"you\":\"01000000\",\"phone\":false}");
    does(p, &phone, "{\"do\":\"control\",\"want\":\"ask\"}");
    fluit_buf_reset(&p->said);
    assert_int_equal(fluit_view_hub(p->w->hub, &p->said), FLUIT_OK);
    assert_non_null(strstr(fluit_buf_text(&p->said),
                           "\"control\":{\"holder\":\"01000000\",\"asker\":\"03000000\","
                           "\"silent\":false}"));
}

static int up(void **state)
{
    struct pages *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->w = small_new(1);
    *state = p;
    return 0;
}

static int down(void **state)
{
    struct pages *p = *state;
    fluit_buf_deinit(&p->said);
    small_free(p->w);
    free(p);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_page_here_has_the_lead),
        cmocka_unit_test(is_handed_over_and_never_seized),
        cmocka_unit_test(closed_page_leaves_it_to_nobody),
        cmocka_unit_test(silent_page_loses_it_to_one_here),
        cmocka_unit_test_setup_teardown(others_only_look, up, down),
        cmocka_unit_test_setup_teardown(phone_is_a_remote, up, down),
        cmocka_unit_test_setup_teardown(screen_only_looks, up, down),
        cmocka_unit_test_setup_teardown(view_names_who_leads, up, down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
