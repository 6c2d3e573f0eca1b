/* The facilitator's console, as far as it needs no workshop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggests_the_command_that_was_meant),
        cmocka_unit_test(says_nothing_to_an_empty_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
