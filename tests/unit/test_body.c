#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/body.h"
#include "tests/sample_acts.h"

/* sample_acts as python3-msgpack writes them from the table in body.h. */
static const char *const vectors[] = {
    "9301b37463703a2f2f31302e302e302e373a37343031ab666c75697420302e312e30",
    "9204c40e7469746c653a204c6572656e0d0a",
    "9b050107050102ce000f4240ce35b42b4000ce406ec040929505010101ce000f42409505010202ce35b4"
    "2b40",
    "95060201fb9293c420010203000000000000000000000000000000000000000000000000000000000001"
    "c420040506000000000000000000000000000000000000000000000000000000000093c4200708090000"
    "000000000000000000000000000000000000000000000000000000cd012cc4200a0b0c00000000000000"
    "00000000000000000000000000000000000000000000",
    "93080cb06e6f672074776565206d696e7574656e",
    "9309c410aabb0000000000000000000000000000c3",
    "980a040702c410334148525a36444d5632394751593500ce6ab13b80c3c420ccdd000000000000000000"
    "000000000000000000000000000000000000000000",
    "950c0107cd015e919505010201ce35b42b40",
    "940d9505010201ce35b42b4ccd015e03",
    "920ec3",
    "930fc410aabb0000000000000000000000000000a474696a64",
    "941492ae7a656c6676657274726f7577656e02aa7374696d756c6565727401",
    "921592a865636f6e6f6d696501",
    "921692a865636f6e6f6d696504",
    "931792aa67657a6f6e646865696401af636166c3a92c0a656c6b6520646167",
    "951892a86f766572686569640192a7626c616e6b2d3101c2a3647573",
    "9319a7626c616e6b2d31a86465206669657473",
    "931aa96f6273657276616e7405",
    "981bc41001000000000000000000000000000000c4100200000000000000000000000000000092c41003"
    "000000000000000000000000000000c41004000000000000000000000000000000a77665726861616c92"
    "a865636f6e6f6d69650103b06865742067696e672076616e7a656c66",
    "941ca76865726b656e7403a26a61",
    "951dc410050000000000000000000000000000000103c403ffd8ff",
    "921e02",
    "921fa77a6f656b657273",
    "931792aa67657a6f6e646865696401c0",
    "981bc41000000000000000000000000000000000c4100000000000000000000000000000000090c0c000"
    "a46b6f7274",
    "921fc0",
    "950601000090",
};

static void put(struct fluit_buf *buf, const struct fluit_act *act)
{
    fluit_buf_reset(buf);
    fluit_body_put(buf, act);
}

static void writes_what_the_table_says(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    assert_int_equal(sizeof vectors / sizeof vectors[0], SAMPLE_ACT_COUNT);
    for (size_t i = 0; i < SAMPLE_ACT_COUNT; i++) {
        put(&buf, &sample_acts[i]);
        assert_int_equal(buf.err, FLUIT_OK);
        char *hex = malloc(2 * buf.len + 1);
        assert_non_null(hex);
        fluit_hex(buf.data, buf.len, hex);
        assert_string_equal(hex, vectors[i]);
        free(hex);
    }
    fluit_buf_deinit(&buf);
}

/* An act that was read writes the very bytes it was read from: nothing got lost or was made up. */
static void every_kind_goes_there_and_back(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT, again = FLUIT_BUF_INIT;
    for (size_t i = 0; i < SAMPLE_ACT_COUNT; i++) {
        struct fluit_body body;
        put(&buf, &sample_acts[i]);
        assert_int_equal(fluit_body_get(&body, fluit_buf_slice(&buf)), FLUIT_OK);
        assert_int_equal(body.act.kind, sample_acts[i].kind);
        put(&again, &body.act);
        assert_true(fluit_slice_eq(fluit_buf_slice(&buf), fluit_buf_slice(&again)));
        fluit_body_deinit(&body);
    }
    fluit_buf_deinit(&again);
    fluit_buf_deinit(&buf);
}

static void samples_cover_every_kind(void **state)
{
    (void)state;
    size_t known = 0;
    for (unsigned kind = 0; kind < 256; kind++)
        known += strcmp(fluit_kind_name((enum fluit_kind)kind), "unknown") != 0;
    assert_int_equal(known, SAMPLE_KIND_COUNT + 3); /* KEY, ROSTER and TERM are elsewhere */
    for (size_t i = 0; i < SAMPLE_KIND_COUNT; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(sample_acts[i].kind, sample_acts[k].kind);
}

/* From a copy of exactly its size, so that the sanitizer sees a read past the end. If it is
 * accepted, it must also be writable, and what is written must mean the same. */
static enum fluit_err get_hostile(struct fluit_slice bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);
    assert_non_null(copy);
    memcpy(copy + 1, bytes.data, bytes.len);
    struct fluit_body body;
    enum fluit_err err = fluit_body_get(&body, fluit_slice(copy + 1, bytes.len));
    if (!err) {
        struct fluit_buf buf = FLUIT_BUF_INIT;
        fluit_body_put(&buf, &body.act);
        assert_int_equal(buf.err, FLUIT_OK);
        fluit_buf_deinit(&buf);
    }
    if (err)
        assert_null(body.heads);
    fluit_body_deinit(&body);
    free(copy);
    return err;
}

static void every_truncation_is_an_error(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    for (size_t i = 0; i < SAMPLE_ACT_COUNT; i++) {
        put(&buf, &sample_acts[i]);
        for (size_t len = 0; len < buf.len; len++)
            assert_int_equal(get_hostile(fluit_slice(buf.data, len)), FLUIT_E_FORMAT);
    }
    fluit_buf_deinit(&buf);
}

static void every_changed_byte_is_an_error_or_another_act(void **state)
{
    (void)state;
    struct fluit_buf buf = FLUIT_BUF_INIT;
    size_t accepted = 0, refused = 0;
    for (size_t i = 0; i < SAMPLE_ACT_COUNT; i++) {
        put(&buf, &sample_acts[i]);
        for (size_t at = 0; at < buf.len; at++)
            for (unsigned change = 1; change < 256; change++) {
                buf.data[at] ^= (uint8_t)change;
                if (get_hostile(fluit_buf_slice(&buf)))
                    refused++;
                else
                    accepted++;
                buf.data[at] ^= (uint8_t)change;
            }
    }
    assert_true(accepted > 0);
    assert_true(refused > 0);
    fluit_buf_deinit(&buf);
}

static enum fluit_err put_err(const struct fluit_act *act)
{
    struct fluit_buf buf = FLUIT_BUF_INIT;
    fluit_body_put(&buf, act);
    enum fluit_err err = buf.err;
    fluit_buf_deinit(&buf);
    return err;
}

static struct fluit_act sample(enum fluit_kind kind)
{
    size_t i = 0;
    while (sample_acts[i].kind != kind)
        i++;
    return sample_acts[i];
}

/* One field of a sample set to a value: the greatest that is accepted, then the next. */
#define EDGE(KIND, field, good, bad)                                                               \
    do {                                                                                           \
        struct fluit_act act = sample(FLUIT_KIND_##KIND);                                          \
        act.field = (good);                                                                        \
        assert_int_equal(put_err(&act), FLUIT_OK);                                                 \
        act.field = (bad);                                                                         \
        assert_int_equal(put_err(&act), FLUIT_E_FORMAT);                                           \
    } while (0)

static void numbers_keep_to_their_ranges(void **state)
{
    (void)state;
    EDGE(PLAN, plan.step, FLUIT_STEPS_MAX - 1, FLUIT_STEPS_MAX);
    EDGE(PLAN, plan.round, FLUIT_ROUNDS_MAX, FLUIT_ROUNDS_MAX + 1);
    EDGE(PLAN, plan.state, FLUIT_PLAN_READY, 0);
    EDGE(PLAN, plan.state, FLUIT_PLAN_ENDED, FLUIT_PLAN_ENDED + 1);
    EDGE(PLAN, plan.start_us, FLUIT_TIME_MAX_US, FLUIT_TIME_MAX_US + 1);
    EDGE(PLAN, plan.end_us, -FLUIT_TIME_MAX_US, -FLUIT_TIME_MAX_US - 1);
    EDGE(PLAN, plan.end_us, 0, INT64_MIN);
    EDGE(PLAN, plan.wrap_up_us, 0, INT64_MAX);
    EDGE(PLAN, plan.left_us, 0, -1);
    EDGE(PLAN, plan.marks[1].id.step, FLUIT_STEPS_MAX - 1, FLUIT_STEPS_MAX);
    EDGE(PLAN, plan.marks[1].id.round, FLUIT_ROUNDS_MAX, FLUIT_ROUNDS_MAX + 1);
    EDGE(PLAN, plan.marks[1].id.kind, FLUIT_MARK_END, FLUIT_MARK_END + 1);
    EDGE(PLAN, plan.marks[1].id.kind, FLUIT_MARK_START, 0);
    EDGE(PLAN, plan.marks[1].id.occurrence, UINT8_MAX, 0);
    EDGE(PLAN, plan.marks[1].at_us, FLUIT_TIME_MAX_US, FLUIT_TIME_MAX_US + 1);
    EDGE(CUT, cut.round, FLUIT_ROUNDS_MAX, FLUIT_ROUNDS_MAX + 1);
    EDGE(MESSAGE, message.table, FLUIT_TABLES_MAX, FLUIT_TABLES_MAX + 1);
    EDGE(ARMED, armed.bound_us, FLUIT_TIME_MAX_US, -1);
    EDGE(FIRED, fired.bound_us, 0, -1);
    EDGE(FIRED, fired.mark.kind, FLUIT_MARK_END, 0);
    EDGE(FIRED, fired.at_us, 0, FLUIT_TIME_MAX_US + 1);
    EDGE(PLACE, place.degree, FLUIT_DEGREES_MAX, FLUIT_DEGREES_MAX + 1);
    EDGE(PLACE, place.card.copy, FLUIT_COPIES_MAX, FLUIT_COPIES_MAX + 1);
    EDGE(PLACE, place.card.copy, 1, 0);
    EDGE(LINK, link.to.copy, 1, 0);
    EDGE(ROLE, role.seat, FLUIT_SEATS_MAX, FLUIT_SEATS_MAX + 1);
    EDGE(ANSWER, answer.seat, FLUIT_SEATS_MAX, FLUIT_SEATS_MAX + 1);
    EDGE(NEXT_BOARD, next_board.round, 1, 0);
    EDGE(NEXT_BOARD, next_board.round, FLUIT_ROUNDS_MAX, FLUIT_ROUNDS_MAX + 1);
}

static void ids_are_ids(void **state)
{
    (void)state;
    struct fluit_act act = sample(FLUIT_KIND_PLACE);
    act.place.zone = (struct fluit_id){"Links"};
    assert_int_equal(put_err(&act), FLUIT_E_FORMAT);
    act.place.zone = (struct fluit_id){""};
    assert_int_equal(put_err(&act), FLUIT_E_FORMAT);
    memset(act.place.zone.s, 'z', FLUIT_ID_LEN_MAX);
    assert_int_equal(put_err(&act), FLUIT_OK);
}

static void texts_keep_to_their_length(void **state)
{
    (void)state;
    static char text[FLUIT_SCRIPT_LEN_MAX + 1];
    memset(text, 'x', sizeof text);
    const struct {
        enum fluit_kind kind;
        size_t len_max;
    } texts[] = {
        {FLUIT_KIND_WHY, FLUIT_TEXT_LEN_MAX},
        {FLUIT_KIND_NOTE, FLUIT_TEXT_LEN_MAX},
        {FLUIT_KIND_HELLO, FLUIT_ENDPOINT_LEN_MAX},
        {FLUIT_KIND_SCRIPT, FLUIT_SCRIPT_LEN_MAX},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct fluit_act act = sample(texts[i].kind);
        struct fluit_slice *field = act.kind == FLUIT_KIND_WHY     ? &act.why.text
                                    : act.kind == FLUIT_KIND_NOTE  ? &act.note.text
                                    : act.kind == FLUIT_KIND_HELLO ? &act.hello.endpoint
                                                                   : &act.script.yaml;
        *field = fluit_slice(text, texts[i].len_max);
        assert_int_equal(put_err(&act), FLUIT_OK);
        *field = fluit_slice(text, texts[i].len_max + 1);
        assert_int_equal(put_err(&act), FLUIT_E_LIMIT);
    }
}

static void a_text_steers_no_terminal(void **state)
{
    (void)state;
    struct fluit_act act = sample(FLUIT_KIND_NOTE);
    act.note.text = fluit_slice_str("\x1b[2J");
    assert_int_equal(put_err(&act), FLUIT_E_FORMAT);
}

static void a_cut_holds_so_many_heads(void **state)
{
    (void)state;
    static struct fluit_cut_head heads[FLUIT_FEEDS_MAX + 1];
    for (size_t i = 0; i <= FLUIT_FEEDS_MAX; i++)
        heads[i].seq = INT64_MAX;
    struct fluit_act act = sample(FLUIT_KIND_CUT);
    act.cut.heads = heads;
    act.cut.head_count = FLUIT_FEEDS_MAX;
    assert_int_equal(put_err(&act), FLUIT_OK);
    act.cut.head_count = FLUIT_FEEDS_MAX + 1;
    assert_int_equal(put_err(&act), FLUIT_E_LIMIT);
    act.cut.head_count = 1;
    heads[0].seq = 0;
    assert_int_equal(put_err(&act), FLUIT_E_FORMAT);
}

static enum fluit_err get_err(const char *bytes, size_t len, unsigned *kind)
{
    struct fluit_body body;
    enum fluit_err err = fluit_body_get(&body, fluit_slice(bytes, len));
    *kind = body.act.kind;
    fluit_body_deinit(&body);
    return err;
}

static void a_kind_from_later_is_unknown_but_named(void **state)
{
    (void)state;
    unsigned kind = 0;
    assert_int_equal(get_err("\x92\x63\xc0", 3, &kind), FLUIT_E_UNKNOWN);
    assert_int_equal(kind, 99);
    assert_int_equal(get_err("\x91\x02", 2, &kind), FLUIT_E_UNKNOWN);
    assert_int_equal(kind, FLUIT_KIND_KEY);
    assert_int_equal(get_err("\x91\xcd\xff\xff", 4, &kind), FLUIT_E_UNKNOWN);
    assert_int_equal(kind, 65535);
    assert_int_equal(get_err("\x91\xce\0\1\0\0", 6, &kind), FLUIT_E_FORMAT);
    assert_int_equal(get_err("\x90", 1, &kind), FLUIT_E_FORMAT);
    assert_int_equal(get_err("\x1e", 1, &kind), FLUIT_E_FORMAT);
}

static void a_kind_has_exactly_its_fields(void **state)
{
    (void)state;
    unsigned kind = 0;
    assert_int_equal(get_err("\x92\x1e\x01", 3, &kind), FLUIT_OK);
    assert_int_equal(kind, FLUIT_KIND_NEXT_BOARD);
    assert_int_equal(get_err("\x93\x1e\x01\xc0", 4, &kind), FLUIT_E_FORMAT);
    assert_int_equal(get_err("\x91\x1e", 2, &kind), FLUIT_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_the_table_says),
        cmocka_unit_test(every_kind_goes_there_and_back),
        cmocka_unit_test(samples_cover_every_kind),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(every_changed_byte_is_an_error_or_another_act),
        cmocka_unit_test(numbers_keep_to_their_ranges),
        cmocka_unit_test(ids_are_ids),
        cmocka_unit_test(texts_keep_to_their_length),
        cmocka_unit_test(a_text_steers_no_terminal),
        cmocka_unit_test(a_cut_holds_so_many_heads),
        cmocka_unit_test(a_kind_from_later_is_unknown_but_named),
        cmocka_unit_test(a_kind_has_exactly_its_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
