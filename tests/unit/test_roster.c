#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/roster.h"

struct fixture {
    struct fluit_sign_pk root;
    struct fluit_sign_sk root_sk;
    struct fluit_workshop_id workshop;
    struct fluit_roster roster, got;
    struct fluit_buf bytes;
    struct fluit_sig sig;
};

static struct fluit_member member(uint8_t n)
{
    return (struct fluit_member){.sign = {{n, 1}},
                                 .read = {{n, 2}},
                                 .link = {{n, 3}},
                                 .node_class = FLUIT_NODE_TABLE,
                                 .table = (uint8_t)(n % 100 + 1),
                                 .state = FLUIT_STATE_ACTIVE};
}

static void sign(struct fixture *f)
{
    f->sig = fluit_roster_sign(&f->root_sk, fluit_buf_slice(&f->bytes));
}

static void put(struct fixture *f)
{
    fluit_buf_reset(&f->bytes);
    fluit_roster_put(&f->roster, &f->workshop, &f->bytes);
    sign(f);
}

static enum fluit_err get(struct fixture *f)
{
    return fluit_roster_get(&f->got, &f->root, &f->workshop, fluit_buf_slice(&f->bytes), &f->sig);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    if (fluit_crypto_init())
        return 1;
    fluit_sign_keypair(&(struct fluit_secret){{1}}, &f->root, &f->root_sk);
    memset(f->workshop.b, 7, sizeof f->workshop.b);
    f->roster.revision = 12;
    for (uint8_t n = 0; n < 3; n++) {
        struct fluit_member m = member(n);
        assert_int_equal(fluit_roster_add(&f->roster, &m), FLUIT_OK);
    }
    f->roster.members[0].node_class = FLUIT_NODE_HUB;
    f->roster.members[0].table = 0;
    put(f);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_roster_deinit(&f->roster);
    fluit_roster_deinit(&f->got);
    fluit_buf_deinit(&f->bytes);
    free(f);
    return 0;
}

static void a_roster_comes_back_as_it_was(void **state)
{
    struct fixture *f = *state;
    f->roster.members[2].state = FLUIT_STATE_PAPER;
    f->roster.members[2].node_class = FLUIT_NODE_RAPPORTEUR;
    f->roster.members[2].table = FLUIT_TABLES_MAX;
    put(f);
    assert_int_equal(get(f), FLUIT_OK);
    assert_int_equal(f->got.revision, 12);
    assert_int_equal(f->got.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_memory_equal(f->got.members[i].sign.b, f->roster.members[i].sign.b, 32);
        assert_memory_equal(f->got.members[i].read.b, f->roster.members[i].read.b, 32);
        assert_memory_equal(f->got.members[i].link.b, f->roster.members[i].link.b, 32);
        assert_int_equal(f->got.members[i].node_class, f->roster.members[i].node_class);
        assert_int_equal(f->got.members[i].table, f->roster.members[i].table);
        assert_int_equal(f->got.members[i].state, f->roster.members[i].state);
    }
    assert_int_equal(fluit_roster_by_sign(&f->got, &f->roster.members[2].sign), 2);
    assert_int_equal(fluit_roster_by_link(&f->got, &f->roster.members[1].link), 1);
    assert_int_equal(fluit_roster_by_link(&f->got, &f->roster.members[1].read), -1);
}

static void only_the_roots_own_signature_counts(void **state)
{
    struct fixture *f = *state;
    struct fluit_sign_sk stranger;
    struct fluit_sign_pk pk;
    fluit_sign_keypair(&(struct fluit_secret){{2}}, &pk, &stranger);
    f->sig = fluit_roster_sign(&stranger, fluit_buf_slice(&f->bytes));
    assert_int_equal(get(f), FLUIT_E_AUTH);
    struct fluit_slice bytes = fluit_buf_slice(&f->bytes);
    f->sig = fluit_sign(&f->root_sk, "fluit head", &bytes, 1);
    assert_int_equal(get(f), FLUIT_E_AUTH);
    sign(f);
    f->sig.b[0] ^= 1;
    assert_int_equal(get(f), FLUIT_E_AUTH);
}

static void no_bit_of_a_roster_may_change(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < f->bytes.len; i++) {
        f->bytes.data[i] ^= 1;
        assert_int_equal(get(f), FLUIT_E_AUTH);
        f->bytes.data[i] ^= 1;
    }
    assert_int_equal(get(f), FLUIT_OK);
}

static void another_workshops_roster_is_refused_and_the_old_one_stays(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(get(f), FLUIT_OK);
    f->roster.revision = 99;
    f->workshop.b[0] ^= 1;
    put(f);
    f->workshop.b[0] ^= 1;
    assert_int_equal(get(f), FLUIT_E_WORKSHOP);
    assert_int_equal(f->got.revision, 12);
    assert_int_equal(f->got.count, 3);
}

static void even_roots_bytes_are_checked(void **state)
{
    struct fixture *f = *state;
    size_t whole = f->bytes.len;
    for (size_t len = 0; len < whole; len++) {
        f->bytes.len = len;
        sign(f);
        assert_int_not_equal(get(f), FLUIT_OK);
    }
    f->bytes.len = whole;
    for (size_t i = 0; i < whole; i++) { /* any result, but no harm */
        f->bytes.data[i] ^= 0x41;
        sign(f);
        (void)!get(f);
        f->bytes.data[i] ^= 0x41;
    }
    fluit_buf_put(&f->bytes, "\0", 1);
    sign(f);
    assert_int_equal(get(f), FLUIT_E_FORMAT);
}

static enum fluit_err get_member(struct fixture *f, unsigned node_class, unsigned table,
                                 unsigned node_state)
{
    f->roster.members[1].node_class = (enum fluit_node_class)node_class;
    f->roster.members[1].table = (uint8_t)table;
    f->roster.members[1].state = (enum fluit_node_state)node_state;
    put(f);
    return get(f);
}

static void refuses_a_class_table_or_state_that_there_is_not(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(get_member(f, 1, 0, 1), FLUIT_OK);
    assert_int_equal(get_member(f, 4, FLUIT_TABLES_MAX, 5), FLUIT_OK);
    assert_int_equal(get_member(f, 0, 1, 1), FLUIT_E_FORMAT);
    assert_int_equal(get_member(f, 5, 1, 1), FLUIT_E_FORMAT);
    assert_int_equal(get_member(f, 3, FLUIT_TABLES_MAX + 1, 1), FLUIT_E_FORMAT);
    assert_int_equal(get_member(f, 3, 1, 0), FLUIT_E_FORMAT);
    assert_int_equal(get_member(f, 3, 1, 6), FLUIT_E_FORMAT);
}

static void a_roster_of_another_version_says_so(void **state)
{
    struct fixture *f = *state;
    f->bytes.data[1] = 2;
    sign(f);
    assert_int_equal(get(f), FLUIT_E_VERSION);
}

static void as_many_members_fit_as_the_limit_says(void **state)
{
    struct fixture *f = *state;
    for (uint32_t n = f->roster.count; n < FLUIT_NODES_MAX; n++) {
        struct fluit_member m = member((uint8_t)n);
        assert_int_equal(fluit_roster_add(&f->roster, &m), FLUIT_OK);
    }
    put(f);
    assert_int_equal(get(f), FLUIT_OK);
    assert_int_equal(f->got.count, FLUIT_NODES_MAX);
    struct fluit_member m = member(1);
    assert_int_equal(fluit_roster_add(&f->roster, &m), FLUIT_E_LIMIT);
    f->roster.members = realloc(f->roster.members, (FLUIT_NODES_MAX + 1) * sizeof m);
    f->roster.members[f->roster.count++] = m;
    put(f);
    assert_int_equal(get(f), FLUIT_E_LIMIT);
    assert_int_equal(f->got.count, FLUIT_NODES_MAX);
}

static void who_is_admitted_and_who_reads_whom(void **state)
{
    (void)state;
    struct fluit_member table = member(3), same = member(3), next = member(4), hub = member(9);
    hub.node_class = FLUIT_NODE_HUB;
    hub.table = 0;
    same.node_class = FLUIT_NODE_RAPPORTEUR;
    assert_true(fluit_member_reads(&same, &table) && fluit_member_reads(&table, &same));
    assert_true(fluit_member_reads(&hub, &table));
    assert_false(fluit_member_reads(&next, &table));
    assert_false(fluit_member_reads(&table, &hub));
    struct fluit_member nowhere = member(5), neither = member(6);
    nowhere.table = neither.table = 0;
    assert_false(fluit_member_reads(&nowhere, &neither));
    struct fluit_member recovery = hub;
    recovery.state = FLUIT_STATE_PAPER;
    assert_true(fluit_member_reads(&recovery, &table));
    assert_true(fluit_member_admitted(&recovery)); /* as good as the hub */
    assert_true(fluit_member_may_lead(&recovery) && !fluit_member_may_lead(&table));
    same.state = FLUIT_STATE_ASIDE;
    assert_true(fluit_member_admitted(&same) && fluit_member_reads(&same, &table));
    same.state = FLUIT_STATE_REPLACED;
    assert_false(fluit_member_admitted(&same) || fluit_member_reads(&same, &table));
    hub.state = FLUIT_STATE_REVOKED;
    assert_false(fluit_member_admitted(&hub) || fluit_member_reads(&hub, &table));
}

/* A hub, a standby, then a table's two nodes after each other. */
static struct fluit_roster big_roster(uint32_t tables)
{
    struct fluit_roster roster = {0};
    for (uint32_t i = 0; i < 2 + 2 * tables; i++) {
        struct fluit_member m = member((uint8_t)i);
        m.sign.b[1] = (uint8_t)(i >> 8);
        m.node_class = i == 0   ? FLUIT_NODE_HUB
                       : i == 1 ? FLUIT_NODE_STANDBY
                       : i % 2  ? FLUIT_NODE_RAPPORTEUR
                                : FLUIT_NODE_TABLE;
        m.table = (uint8_t)(i / 2);
        assert_int_equal(fluit_roster_add(&roster, &m), FLUIT_OK);
    }
    roster.members[0].table = roster.members[1].table = 0;
    return roster;
}

static void up_to_64_everyone_holds_everything_and_beyond_a_few_do(void **state)
{
    (void)state;
    struct fluit_roster roster = big_roster(31);
    assert_true(fluit_roster_holds_all(&roster));
    fluit_roster_deinit(&roster);
    roster = big_roster(40);
    assert_false(fluit_roster_holds_all(&roster));
    for (uint32_t author = 0; author < roster.count; author++) {
        uint32_t others = 0;
        for (uint32_t holder = 0; holder < roster.count; holder++) {
            bool holds = fluit_roster_holds(&roster, holder, author);
            bool leads = holder < 2 || author < 2;
            bool same_table = roster.members[holder].table == roster.members[author].table;
            assert_true(holds || !(leads || same_table));
            others += holds && !leads && !same_table;
        }
        /* Its own table's other node may be one of the next eight. */
        if (author >= 2)
            assert_in_range(others, FLUIT_HOLDERS_MAX - 1, FLUIT_HOLDERS_MAX);
    }
    /* Who is let in no more holds nothing new: the next ones do instead. */
    roster.members[12].state = FLUIT_STATE_REPLACED;
    assert_true(fluit_roster_holds(&roster, 19, 10));
    assert_false(fluit_roster_holds(&roster, 20, 10));
    fluit_roster_deinit(&roster);
}

static void a_roster_body_carries_bytes_and_signature(void **state)
{
    struct fixture *f = *state;
    struct fluit_buf body = FLUIT_BUF_INIT;
    struct fluit_slice bytes;
    struct fluit_sig sig;
    fluit_roster_body_put(&body, fluit_buf_slice(&f->bytes), &f->sig);
    assert_int_equal(fluit_roster_body_get(fluit_buf_slice(&body), &bytes, &sig), FLUIT_OK);
    assert_true(fluit_slice_eq(bytes, fluit_buf_slice(&f->bytes)));
    assert_memory_equal(sig.b, f->sig.b, sizeof sig.b);
    for (size_t len = 0; len < body.len; len++)
        assert_int_not_equal(fluit_roster_body_get(fluit_slice(body.data, len), &bytes, &sig),
                             FLUIT_OK);
    body.data[1]--; /* of another kind */
    assert_int_equal(fluit_roster_body_get(fluit_buf_slice(&body), &bytes, &sig), FLUIT_E_FORMAT);
    fluit_buf_deinit(&body);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_roster_comes_back_as_it_was),
        TEST(only_the_roots_own_signature_counts),
        TEST(no_bit_of_a_roster_may_change),
        TEST(another_workshops_roster_is_refused_and_the_old_one_stays),
        TEST(even_roots_bytes_are_checked),
        TEST(refuses_a_class_table_or_state_that_there_is_not),
        TEST(a_roster_of_another_version_says_so),
        TEST(as_many_members_fit_as_the_limit_says),
        TEST(who_is_admitted_and_who_reads_whom),
        TEST(up_to_64_everyone_holds_everything_and_beyond_a_few_do),
        TEST(a_roster_body_carries_bytes_and_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
