#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/cli/sabotage.h"
#include "node/io/clocksource.h"

#define KEY_1 "0101010101010101010101010101010101010101010101010101010101010101"
#define KEY_2 "0202020202020202020202020202020202020202020202020202020202020202"

static const struct fluit_box_pk key_0 = {{0}},
                                 key_1 = {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                           1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};

struct fixture {
    struct fluit_sabotage sabotage;
};

static int set_up(void **state)
{
    static struct fixture f;
    struct fluit_secret secret = {{9, 9}};
    struct fluit_box_pk pk;
    struct fluit_box_sk sk;
    fluit_box_keypair(&secret, &pk, &sk);
    f = (struct fixture){.sabotage = {.net = NULL}};
    *state = &f;
    return fluit_net_new(&pk, &sk, &f.sabotage.net);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fluit_net_free(&f->sabotage.net);
    return 0;
}

static bool says(struct fixture *f, const char *line)
{
    return fluit_sabotage_line(&f->sabotage, fluit_slice_str(line));
}

static void leaves_what_people_type_to_the_core(void **state)
{
    struct fixture *f = *state;
    static const char *const lines[] = {"", " ", "place health helps 2", "note 50% of us", "cut"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_false(says(f, lines[i]));
    assert_int_equal(fluit_sabotage_disk(&f->sabotage), FLUIT_OK);
}

static void cuts_keys_and_heals_them_all(void **state)
{
    struct fixture *f = *state;
    struct fluit_net *net = f->sabotage.net;
    struct fluit_box_pk key_2;
    memset(key_2.b, 2, sizeof key_2.b);
    assert_true(says(f, "%cut " KEY_1));
    assert_true(fluit_net_is_cut(net, &key_1));
    assert_false(fluit_net_is_cut(net, &key_2));
    assert_false(fluit_net_is_cut(net, &key_0));
    assert_true(says(f, "%cut " KEY_1 " " KEY_2));
    assert_true(fluit_net_is_cut(net, &key_1));
    assert_true(fluit_net_is_cut(net, &key_2));
    assert_true(says(f, "%heal"));
    assert_false(fluit_net_is_cut(net, &key_1));
    assert_false(fluit_net_is_cut(net, &key_2));
}

static void nonsense_breaks_nothing(void **state)
{
    struct fixture *f = *state;
    static const char *const lines[] = {"%",
                                        "%cut",
                                        "%cut 01",
                                        "%cut " KEY_1 "0",
                                        "%cut x101010101010101010101010101010101010101010101010101"
                                        "010101010101",
                                        "%slow-disk",
                                        "%slow-disk 300ms",
                                        "%slow-disk 300 5s",
                                        "%slow-disk ms s",
                                        "%slow-disk -1ms 5s",
                                        "%disk-fully",
                                        "%heals"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_true(says(f, lines[i]));
    assert_false(fluit_net_is_cut(f->sabotage.net, &key_1));
    assert_int_equal(fluit_sabotage_disk(&f->sabotage), FLUIT_OK);
    assert_int_equal(f->sabotage.slow_until_us, 0);
}

static void a_slow_disk_takes_its_time_for_a_while(void **state)
{
    struct fixture *f = *state;
    int64_t began_us = fluit_boot_us();
    assert_true(says(f, "%slow-disk 30ms 3600s"));
    assert_int_equal(fluit_sabotage_disk(&f->sabotage), FLUIT_OK);
    assert_true(fluit_boot_us() - began_us >= 30000);
    assert_true(says(f, "%slow-disk 3600s 0s")); /* it is over before it begins */
    assert_int_equal(fluit_sabotage_disk(&f->sabotage), FLUIT_OK);
}

static void a_full_disk_fails_the_commit(void **state)
{
    struct fixture *f = *state;
    assert_true(says(f, "%disk-full"));
    assert_int_equal(fluit_sabotage_disk(&f->sabotage), FLUIT_E_FULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(leaves_what_people_type_to_the_core),
        TEST(cuts_keys_and_heals_them_all),
        TEST(nonsense_breaks_nothing),
        TEST(a_slow_disk_takes_its_time_for_a_while),
        TEST(a_full_disk_fails_the_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
