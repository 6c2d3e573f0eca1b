#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/message.h"

static struct fluit_buf buf;

static int teardown(void **state)
{
    (void)state;
    fluit_buf_deinit(&buf);
    return 0;
}

static enum fluit_err get_slice(struct fluit_slice bytes)
{
    struct fluit_message m;
    enum fluit_err err = fluit_message_get(&m, bytes);
    fluit_message_deinit(&m);
    return err;
}

static enum fluit_err get(void)
{
    return get_slice(fluit_buf_slice(&buf));
}

static const struct fluit_hash digest = {{0xd1}};
static const struct fluit_sign_pk author = {{0xa1}};
static const uint8_t incarnation[16] = {0x1c};
static const struct fluit_sig sig = {{0x51}};

static void put_heads(uint32_t count, uint64_t seq)
{
    struct fluit_feed_info *heads = calloc(count + 1, sizeof *heads);
    for (uint32_t i = 0; i < count; i++) {
        heads[i] = (struct fluit_feed_info){
            .author = author, .incarnation = {1}, .seq = seq, .hash = {{2}}, .sig = sig};
        fluit_put_u32(heads[i].incarnation + 4, i);
    }
    fluit_buf_reset(&buf);
    fluit_put_heads(&buf, &digest, true, heads, count);
    free(heads);
}

static void put_want(uint32_t count, uint64_t from)
{
    struct fluit_want *wants = calloc(count + 1, sizeof *wants);
    for (uint32_t i = 0; i < count; i++)
        wants[i] = (struct fluit_want){{{(uint8_t)i}}, from};
    fluit_buf_reset(&buf);
    fluit_put_want(&buf, wants, count);
    free(wants);
}

static void put_entries(uint32_t count, size_t payload_len)
{
    static const uint8_t header[FLUIT_HEADER_LEN] = "FLE1";
    uint8_t *payload = calloc(1, payload_len + 1);
    struct fluit_batch_entry *entries = calloc(count + 1, sizeof *entries);
    for (uint32_t i = 0; i < count; i++)
        entries[i] = (struct fluit_batch_entry){header, fluit_slice(payload, payload_len)};
    fluit_buf_reset(&buf);
    fluit_put_entries(&buf, &author, incarnation, entries, count, &sig);
    free(entries);
    free(payload);
}

static void heads_come_back(void **state)
{
    (void)state;
    struct fluit_message m;
    put_heads(2, INT64_MAX);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&buf)), FLUIT_OK);
    assert_int_equal(m.type, FLUIT_MESSAGE_HEADS);
    assert_true(m.heads.full);
    assert_memory_equal(m.heads.digest.b, digest.b, 32);
    assert_int_equal(m.heads.count, 2);
    const struct fluit_feed_info *head = &m.heads.heads[1];
    assert_memory_equal(head->author.b, author.b, 32);
    assert_memory_equal(head->sig.b, sig.b, 64);
    assert_true(head->seq == INT64_MAX && head->signed_seq == INT64_MAX);
    assert_int_equal(head->incarnation[7], 1);
    struct fluit_feed_id id = fluit_feed_id(&author, head->incarnation);
    assert_memory_equal(head->id.b, id.b, 32);
    fluit_message_deinit(&m);
}

static void wants_come_back(void **state)
{
    (void)state;
    struct fluit_message m;
    put_want(FLUIT_WANTS_MAX, 77);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&buf)), FLUIT_OK);
    assert_int_equal(m.type, FLUIT_MESSAGE_WANT);
    assert_int_equal(m.want.count, FLUIT_WANTS_MAX);
    assert_int_equal(m.want.wants[63].feed.b[0], 63);
    assert_int_equal(m.want.wants[63].from, 77);
    fluit_message_deinit(&m);
}

static void entries_come_back(void **state)
{
    (void)state;
    struct fluit_message m;
    put_entries(FLUIT_BATCH_ENTRIES_MAX, 5);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&buf)), FLUIT_OK);
    assert_int_equal(m.type, FLUIT_MESSAGE_ENTRIES);
    assert_int_equal(m.entries.count, FLUIT_BATCH_ENTRIES_MAX);
    assert_memory_equal(m.entries.author.b, author.b, 32);
    assert_memory_equal(m.entries.incarnation, incarnation, 16);
    assert_memory_equal(m.entries.entries[63].header, "FLE1", 4);
    assert_int_equal(m.entries.entries[63].payload.len, 5);
    assert_memory_equal(m.entries.sig.b, sig.b, 64);
    fluit_message_deinit(&m);
}

static void clock_messages_come_back(void **state)
{
    (void)state;
    struct fluit_message m;
    fluit_buf_reset(&buf);
    fluit_put_ask(&buf, INT64_MIN);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&buf)), FLUIT_OK);
    assert_int_equal(m.type, FLUIT_MESSAGE_ASK);
    assert_true(m.ask.t1 == INT64_MIN);
    fluit_message_deinit(&m);
    fluit_buf_reset(&buf);
    fluit_put_time(&buf, -1, 2, INT64_MAX, 4);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&buf)), FLUIT_OK);
    assert_int_equal(m.type, FLUIT_MESSAGE_TIME);
    assert_true(m.time.t1 == -1 && m.time.t2 == 2 && m.time.t3 == INT64_MAX);
    assert_true(m.time.bound_us == 4);
    fluit_message_deinit(&m);
}

static void a_roster_is_asked_for_and_comes_back(void **state)
{
    (void)state;
    struct fluit_message m;
    fluit_buf_reset(&buf);
    fluit_put_ask_roster(&buf);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&buf)), FLUIT_OK);
    assert_int_equal(m.type, FLUIT_MESSAGE_ASK_ROSTER);
    fluit_message_deinit(&m);
    fluit_buf_reset(&buf);
    fluit_put_roster(&buf, fluit_slice("signed", 6), &sig);
    assert_int_equal(fluit_message_get(&m, fluit_buf_slice(&buf)), FLUIT_OK);
    assert_int_equal(m.type, FLUIT_MESSAGE_ROSTER);
    assert_true(fluit_slice_is(m.roster.bytes, "signed"));
    assert_memory_equal(m.roster.sig.b, sig.b, sizeof sig.b);
    fluit_message_deinit(&m);
}

static void counts_are_limited(void **state)
{
    (void)state;
    put_heads(0, 1);
    assert_int_equal(get(), FLUIT_OK);
    put_heads(FLUIT_HEADS_MAX, 1);
    assert_int_equal(get(), FLUIT_OK);
    put_heads(FLUIT_HEADS_MAX + 1, 1);
    assert_int_equal(get(), FLUIT_E_LIMIT);
    put_want(0, 1);
    assert_int_equal(get(), FLUIT_OK);
    put_want(FLUIT_WANTS_MAX + 1, 1);
    assert_int_equal(get(), FLUIT_E_LIMIT);
    put_entries(0, 1);
    assert_int_equal(get(), FLUIT_E_LIMIT);
    put_entries(FLUIT_BATCH_ENTRIES_MAX + 1, 1);
    assert_int_equal(get(), FLUIT_E_LIMIT);
}

static void seq_0_and_seqs_beyond_63_bits_are_refused(void **state)
{
    (void)state;
    put_heads(1, 0);
    assert_int_equal(get(), FLUIT_E_FORMAT);
    put_heads(1, (uint64_t)INT64_MAX + 1);
    assert_int_equal(get(), FLUIT_E_FORMAT);
    put_want(1, 0);
    assert_int_equal(get(), FLUIT_E_FORMAT);
    put_want(1, UINT64_MAX);
    assert_int_equal(get(), FLUIT_E_FORMAT);
}

static void payloads_and_messages_have_a_limit(void **state)
{
    (void)state;
    put_entries(1, FLUIT_PAYLOAD_MAX);
    assert_int_equal(get(), FLUIT_OK);
    put_entries(1, FLUIT_PAYLOAD_MAX + 1);
    assert_int_equal(get(), FLUIT_E_LIMIT);
    put_entries(5, FLUIT_PAYLOAD_MAX);
    assert_true(buf.len <= FLUIT_MESSAGE_MAX);
    assert_int_equal(get(), FLUIT_OK);
    put_entries(6, FLUIT_PAYLOAD_MAX);
    assert_true(buf.len > FLUIT_MESSAGE_MAX);
    assert_int_equal(get(), FLUIT_E_LIMIT);
}

static void types_of_later_versions_are_told_apart(void **state)
{
    (void)state;
    for (uint64_t type = 0; type <= 300; type += type ? 1 : 8) {
        fluit_buf_reset(&buf);
        fluit_pack_array(&buf, 3);
        fluit_pack_uint(&buf, type);
        fluit_pack_nil(&buf);
        fluit_pack_str(&buf, fluit_slice_str("new"));
        assert_int_equal(get(), FLUIT_E_UNKNOWN);
    }
    fluit_buf_reset(&buf);
    fluit_pack_array(&buf, 0);
    assert_int_equal(get(), FLUIT_E_FORMAT);
    fluit_buf_reset(&buf);
    fluit_pack_uint(&buf, 1);
    assert_int_equal(get(), FLUIT_E_FORMAT);
}

/* Every message, cut anywhere and with any bit flipped: an error, or another message. */
static void abuse(void)
{
    for (size_t len = 0; len < buf.len; len++) {
        uint8_t *cut = malloc(len + 1); /* of exactly this size, for the sanitizer */
        memcpy(cut, buf.data, len);
        assert_int_not_equal(get_slice(fluit_slice(cut, len)), FLUIT_OK);
        free(cut);
    }
    for (size_t bit = 0; bit < 8 * buf.len; bit++) {
        buf.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        (void)!get();
        buf.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(get(), FLUIT_OK);
    fluit_buf_put(&buf, "\0", 1);
    assert_int_equal(get(), FLUIT_E_FORMAT);
}

static void no_cut_or_flipped_message_does_harm(void **state)
{
    (void)state;
    put_heads(2, 300);
    abuse();
    put_want(3, 300);
    abuse();
    put_entries(2, 3);
    abuse();
    fluit_buf_reset(&buf);
    fluit_put_ask(&buf, -300);
    abuse();
    fluit_buf_reset(&buf);
    fluit_put_time(&buf, 1, -2, 70000, 4);
    abuse();
}

static void a_field_more_or_less_is_refused(void **state)
{
    (void)state;
    static const uint8_t fields[] = {4, 2, 5, 2, 5};
    for (uint8_t type = 1; type <= 5; type++) {
        for (int more = -1; more <= 1; more += 2) {
            uint32_t count = (uint32_t)(fields[type - 1] + more);
            fluit_buf_reset(&buf);
            fluit_pack_array(&buf, count);
            fluit_pack_uint(&buf, type);
            for (uint32_t i = 1; i < count; i++)
                fluit_pack_uint(&buf, 1);
            assert_int_equal(get(), FLUIT_E_FORMAT);
        }
    }
}

static int setup(void **state)
{
    (void)state;
    return fluit_crypto_init() != FLUIT_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_come_back),
        cmocka_unit_test(wants_come_back),
        cmocka_unit_test(entries_come_back),
        cmocka_unit_test(clock_messages_come_back),
        cmocka_unit_test(a_roster_is_asked_for_and_comes_back),
        cmocka_unit_test(counts_are_limited),
        cmocka_unit_test(seq_0_and_seqs_beyond_63_bits_are_refused),
        cmocka_unit_test(payloads_and_messages_have_a_limit),
        cmocka_unit_test(types_of_later_versions_are_told_apart),
        cmocka_unit_test(no_cut_or_flipped_message_does_harm),
        cmocka_unit_test(a_field_more_or_less_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
