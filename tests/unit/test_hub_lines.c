/* The facilitator's console, without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/core/hub.h"

/* Types a line that changes nothing and is answered by this, or by nothing at all. */
static void answers(const char *line, const char *answer)
{
    struct fluit_hub *hub = calloc(1, sizeof *hub);
    struct fluit_effects fx = {0};
    assert_non_null(hub);
    fluit_hub_line(hub, fluit_slice_str(line), &fx);
    assert_int_equal(fx.count, answer ? 1 : 0);
    if (answer)
        assert_true(fluit_slice_is(fluit_effect_bytes(&fx, &fx.items[0]), answer));
    fluit_effects_deinit(&fx);
    free(hub);
}

static void suggests_the_command_that_was_meant(void **state)
{
    (void)state;
    answers("satrt", "no: unknown command 'satrt'; did you mean 'start'? type help");
    answers("witholdd 3", "no: unknown command 'witholdd'; did you mean 'withhold'? type help");
    answers("xyzzy", "no: unknown command 'xyzzy'; type help");
    answers("\033[2J", "no: unknown command ''; type help");
}

static void says_nothing_to_an_empty_line(void **state)
{
    (void)state;
    answers("", NULL);
    answers(" \t\r", NULL);
    answers("# start", NULL);
}

/* A hub that holds the built-in script and no room key: what it would save it can't. */
static struct fluit_hub *hub_with_script(void)
{
    struct fluit_hub *hub = calloc(1, sizeof *hub);
    assert_non_null(hub);
    assert_int_equal(fluit_script_parse(fluit_script_builtin("leren"), &hub->node.script, NULL),
                     FLUIT_OK);
    hub->node.fold = fluit_fold_new(hub->node.script);
    assert_non_null(hub->node.fold);
    hub->node.node_class = FLUIT_NODE_HUB;
    hub->node.joined = hub->node.own.ready = true; /* but it has no key, and can save nothing */
    static const uint8_t incarnation[16];
    assert_int_equal(fluit_replica_open(&hub->node.replica, &hub->node.self.sign_pk, incarnation,
                                        &hub->node.own.index),
                     FLUIT_OK);
    return hub;
}

static void hub_free(struct fluit_hub *hub)
{
    fluit_replica_deinit(&hub->node.replica);
    fluit_fold_free(hub->node.fold);
    fluit_script_free(hub->node.script);
    free(hub);
}

static void quote(struct fluit_hub *hub, uint8_t table, const char *text)
{
    struct fluit_origin origin = {
        .table = table, .author = FLUIT_NODE_TABLE, .rank = table, .seq = 1, .round = 1};
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE};
    act.note.note.b[0] = act.note.revision.b[0] = table;
    act.note.flags = FLUIT_NOTE_QUOTE;
    act.note.text = fluit_slice_str(text);
    assert_int_equal(fluit_fold_apply(hub->node.fold, &origin, &act), FLUIT_OK);
}

/* The line is answered by count prints, of which the last holds this. */
static void last_says(struct fluit_hub *hub, const char *line, size_t count, const char *part)
{
    struct fluit_effects fx = {0};
    char text[512] = "";
    fluit_hub_line(hub, fluit_slice_str(line), &fx);
    assert_int_equal(fx.count, count);
    struct fluit_slice said = fluit_effect_bytes(&fx, &fx.items[count - 1]);
    assert_true(said.len < sizeof text);
    memcpy(text, said.data, said.len);
    assert_non_null(strstr(text, part));
    assert_null(strchr(text, '\n'));
    fluit_effects_deinit(&fx);
}

static void releases_only_from_the_list_that_was_shown(void **state)
{
    struct fluit_hub *hub = hub_with_script();
    (void)state;
    last_says(hub, "release 1", 1, "no table has marked");
    quote(hub, 2, "meant for all");
    last_says(hub, "release 1", 1, "has changed");
    last_says(hub, "quotes", 1, "table 2: meant for all");
    last_says(hub, "release 1", 1, "it was not saved"); /* chosen, but this hub has no key */
    quote(hub, 1, "private");
    last_says(hub, "release 1", 1, "has changed");
    last_says(hub, "withhold 1", 1, "has changed");
    last_says(hub, "quotes", 2, "table 2: meant for all");
    last_says(hub, "release 2", 1, "it was not saved");
    hub_free(hub);
}

static void a_quote_can_not_look_like_an_answer(void **state)
{
    struct fluit_hub *hub = hub_with_script();
    (void)state;
    quote(hub, 2, "x\nreleased: it stands in the report");
    last_says(hub, "quotes", 1, "x released: it stands");
    hub_free(hub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggests_the_command_that_was_meant),
        cmocka_unit_test(says_nothing_to_an_empty_line),
        cmocka_unit_test(releases_only_from_the_list_that_was_shown),
        cmocka_unit_test(a_quote_can_not_look_like_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
