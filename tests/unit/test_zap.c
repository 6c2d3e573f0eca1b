#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "node/io/zap.h"

static const struct fluit_box_pk anna = {{0xaa, 1}};

static bool admits_anna(void *arg, const struct fluit_box_pk *key)
{
    (void)arg;
    return memcmp(key, &anna, sizeof *key) == 0;
}
static const struct fluit_admission to_anna = {admits_anna, NULL};

/* A good request into parts[7]. */
static void compose(struct fluit_slice *parts)
{
    parts[0] = fluit_slice_str("1.0");
    parts[1] = fluit_slice_str("77");
    parts[2] = fluit_slice_str("fluit");
    parts[3] = fluit_slice_str("10.0.0.1");
    parts[4] = fluit_slice_str("");
    parts[5] = fluit_slice_str("CURVE");
    parts[6] = fluit_slice(anna.b, sizeof anna.b);
}

static void names_whom_it_admits(void **state)
{
    (void)state;
    struct fluit_slice parts[7];
    struct fluit_zap_reply reply;
    compose(parts);
    fluit_zap_answer(&to_anna, parts, 7, &reply);
    assert_true(reply.admitted);
    assert_true(fluit_slice_is(reply.parts[1], "77"));
    assert_true(fluit_slice_is(reply.parts[2], "200"));
    assert_int_equal(reply.parts[4].len, 64);
    assert_memory_equal(reply.parts[4].data, "aa01", 4);
}

static void check_refused(const struct fluit_admission *admission, struct fluit_slice *parts,
                          size_t count)
{
    struct fluit_zap_reply reply;
    fluit_zap_answer(admission, parts, count, &reply);
    assert_false(reply.admitted);
    assert_true(fluit_slice_is(reply.parts[2], "300"));
    assert_int_equal(reply.parts[4].len, 0);
}

static void refuses_all_else_for_now(void **state)
{
    (void)state;
    static const struct fluit_admission nobody = {NULL, NULL};
    static const struct fluit_box_pk bert = {{3}};
    static const char *const wrong[] = {"2.0", NULL, "", NULL, NULL, "NULL"};
    struct fluit_slice parts[8];
    compose(parts);
    check_refused(&nobody, parts, 7);
    for (size_t count = 0; count < 9; count++)
        if (count != 7)
            check_refused(&to_anna, parts, count);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        compose(parts);
        if (wrong[i]) {
            parts[i] = fluit_slice_str(wrong[i]);
            check_refused(&to_anna, parts, 7);
        }
    }
    compose(parts);
    parts[6].len = 31;
    check_refused(&to_anna, parts, 7);
    parts[6] = fluit_slice(bert.b, sizeof bert.b);
    check_refused(&to_anna, parts, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_whom_it_admits),
        cmocka_unit_test(refuses_all_else_for_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
