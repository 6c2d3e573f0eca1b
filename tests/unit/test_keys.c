#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/identity.h"
#include "proto/keys.h"

struct fixture {
    struct fluit_rng rng;
    struct fluit_workshop_id workshop;
    struct fluit_identity reader, other;
    struct fluit_secret key, got;
    struct fluit_key_entry entry;
    struct fluit_keyring ring;
    struct fluit_buf buf;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    if (fluit_crypto_init())
        return 1;
    fluit_rng_seed(&f->rng, "keys", 4);
    fluit_identity_from_seed(&(struct fluit_secret){{1}}, &f->reader);
    fluit_identity_from_seed(&(struct fluit_secret){{2}}, &f->other);
    f->workshop.b[0] = 1;
    f->key.b[0] = 7;
    f->entry.purpose = FLUIT_KEY_STORY;
    f->entry.round = 2;
    f->entry.feed.b[0] = 3;
    f->entry.id = fluit_key_id(&f->key);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_keyring_deinit(&f->ring);
    fluit_buf_deinit(&f->buf);
    free(f);
    return 0;
}

static enum fluit_err add(struct fixture *f, const struct fluit_identity *to)
{
    return fluit_key_entry_add(&f->entry, &f->rng, &f->workshop, &to->read_pk, &f->key);
}

static enum fluit_err open_as(struct fixture *f, const struct fluit_identity *who)
{
    return fluit_key_entry_open(&f->entry, &f->workshop, &who->read_pk, &who->read_sk, &f->got);
}

static void each_reader_finds_its_stanza(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_NOKEY);
    assert_int_equal(add(f, &f->other), FLUIT_OK);
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_NOKEY);
    assert_int_equal(add(f, &f->reader), FLUIT_OK);
    assert_int_equal(open_as(f, &f->reader), FLUIT_OK);
    assert_memory_equal(f->got.b, f->key.b, 32);
    assert_int_equal(open_as(f, &f->other), FLUIT_OK);
}

static void a_stanza_is_worth_nothing_in_another_entry(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(add(f, &f->reader), FLUIT_OK);
    struct fluit_key_entry good = f->entry;
    f->workshop.b[15] ^= 1;
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_AUTH);
    f->workshop.b[15] ^= 1;
    f->entry.feed.b[31] ^= 1;
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_AUTH);
    f->entry = good;
    f->entry.round = 1;
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_AUTH);
    f->entry = good;
    f->entry.purpose = FLUIT_KEY_ROOM;
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_AUTH);
    f->entry = good;
    f->entry.id.b[0] ^= 1;
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_AUTH);
    f->entry = good;
    assert_int_equal(open_as(f, &f->reader), FLUIT_OK);
}

static void a_stanza_under_another_readers_tag_does_not_open(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(add(f, &f->other), FLUIT_OK);
    fluit_reader_tag(&f->reader.read_pk, f->entry.stanzas[0].tag);
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_AUTH);
}

static void no_bit_of_a_stanza_may_change(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(add(f, &f->reader), FLUIT_OK);
    for (size_t i = 0; i < FLUIT_STANZA_LEN; i++) {
        f->entry.stanzas[0].sealed[i] ^= 4;
        assert_int_equal(open_as(f, &f->reader), FLUIT_E_AUTH);
        f->entry.stanzas[0].sealed[i] ^= 4;
    }
}

static void only_the_first_stanza_with_a_tag_is_tried(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(add(f, &f->reader), FLUIT_OK);
    assert_int_equal(add(f, &f->reader), FLUIT_OK);
    f->entry.stanzas[0].sealed[40] ^= 1;
    assert_int_equal(open_as(f, &f->reader), FLUIT_E_AUTH);
}

static void a_useless_reader_and_a_full_entry_are_refused(void **state)
{
    struct fixture *f = *state;
    static const struct fluit_box_pk useless;
    assert_int_equal(fluit_key_entry_add(&f->entry, &f->rng, &f->workshop, &useless, &f->key),
                     FLUIT_E_AUTH);
    assert_int_equal(f->entry.stanza_count, 0);
    for (int i = 0; i < FLUIT_STANZAS_MAX; i++)
        assert_int_equal(add(f, &f->reader), FLUIT_OK);
    assert_int_equal(add(f, &f->other), FLUIT_E_LIMIT);
    assert_int_equal(f->entry.stanza_count, FLUIT_STANZAS_MAX);
}

static enum fluit_err get(struct fluit_slice bytes)
{
    struct fluit_key_entry entry;
    enum fluit_err err = fluit_key_entry_get(&entry, bytes);
    if (err)
        assert_int_equal(entry.stanza_count, 0);
    return err;
}

static void an_entry_comes_back_as_it_was(void **state)
{
    struct fixture *f = *state;
    struct fluit_key_entry back;
    assert_int_equal(add(f, &f->reader), FLUIT_OK);
    assert_int_equal(add(f, &f->other), FLUIT_OK);
    fluit_key_entry_put(&f->entry, &f->buf);
    assert_int_equal(fluit_key_entry_get(&back, fluit_buf_slice(&f->buf)), FLUIT_OK);
    assert_int_equal(back.purpose, FLUIT_KEY_STORY);
    assert_int_equal(back.round, 2);
    assert_int_equal(back.stanza_count, 2);
    f->entry = back;
    assert_int_equal(open_as(f, &f->reader), FLUIT_OK);
    for (size_t len = 0; len < f->buf.len; len++)
        assert_int_not_equal(get(fluit_slice(f->buf.data, len)), FLUIT_OK);
}

static enum fluit_err get_made(struct fixture *f, uint64_t kind, uint64_t purpose, uint64_t round,
                               uint32_t stanzas)
{
    static const uint8_t bytes[FLUIT_STANZA_LEN];
    fluit_buf_reset(&f->buf);
    fluit_pack_array(&f->buf, 6);
    fluit_pack_uint(&f->buf, kind);
    fluit_pack_uint(&f->buf, purpose);
    fluit_pack_uint(&f->buf, round);
    fluit_pack_bin(&f->buf, bytes, 32);
    fluit_pack_bin(&f->buf, bytes, 32);
    fluit_pack_array(&f->buf, stanzas);
    for (uint32_t i = 0; i < stanzas; i++) {
        fluit_pack_array(&f->buf, 2);
        fluit_pack_bin(&f->buf, bytes, FLUIT_READER_TAG_LEN);
        fluit_pack_bin(&f->buf, bytes, FLUIT_STANZA_LEN);
    }
    return get(fluit_buf_slice(&f->buf));
}

static void refuses_a_wrong_kind_purpose_round_or_count(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(get_made(f, FLUIT_KIND_KEY, 1, 0, 0), FLUIT_OK);
    assert_int_equal(get_made(f, FLUIT_KIND_KEY, 3, FLUIT_ROUNDS_MAX, 64), FLUIT_OK);
    assert_int_equal(get_made(f, FLUIT_KIND_KEY, 1, 0, 65), FLUIT_E_LIMIT);
    assert_int_equal(get_made(f, FLUIT_KIND_KEY, 0, 0, 1), FLUIT_E_FORMAT);
    assert_int_equal(get_made(f, FLUIT_KIND_KEY, 4, 0, 1), FLUIT_E_FORMAT);
    assert_int_equal(get_made(f, FLUIT_KIND_KEY, 1, FLUIT_ROUNDS_MAX + 1, 1), FLUIT_E_FORMAT);
    assert_int_equal(get_made(f, FLUIT_KIND_KEY - 1, 1, 0, 1), FLUIT_E_FORMAT);
    assert_int_equal(get_made(f, FLUIT_KIND_KEY + 1, 1, 0, 1), FLUIT_E_FORMAT);
}

static void only_hubs_and_standbys_hand_out_room_and_root_keys(void **state)
{
    struct fixture *f = *state;
    assert_true(fluit_key_entry_allowed(&f->entry, FLUIT_NODE_TABLE));
    for (f->entry.purpose = FLUIT_KEY_ROOM; f->entry.purpose <= FLUIT_KEY_ROOT;
         f->entry.purpose++) {
        assert_true(fluit_key_entry_allowed(&f->entry, FLUIT_NODE_HUB));
        assert_true(fluit_key_entry_allowed(&f->entry, FLUIT_NODE_STANDBY));
        assert_false(fluit_key_entry_allowed(&f->entry, FLUIT_NODE_TABLE));
        assert_false(fluit_key_entry_allowed(&f->entry, FLUIT_NODE_RAPPORTEUR));
    }
}

static struct fluit_held_key held(uint8_t n, enum fluit_key_purpose purpose, uint8_t round)
{
    struct fluit_held_key key = {.key = {{n}}, .purpose = purpose, .round = round, .own = true};
    key.id = fluit_key_id(&key.key);
    return key;
}

static void the_ring_finds_keys_by_name_and_by_use(void **state)
{
    struct fixture *f = *state;
    assert_null(fluit_keyring_room(&f->ring));
    for (uint8_t n = 0; n < 40; n++) {
        struct fluit_held_key key = held(n, n % 2 ? FLUIT_KEY_ROOM : FLUIT_KEY_STORY, n % 4);
        key.feed.b[0] = n % 3;
        assert_int_equal(fluit_keyring_add(&f->ring, &key), FLUIT_OK);
        assert_int_equal(fluit_keyring_add(&f->ring, &key), FLUIT_OK);
    }
    assert_int_equal(f->ring.count, 40);
    struct fluit_held_key key = held(11, FLUIT_KEY_ROOM, 3);
    assert_int_equal(fluit_keyring_find(&f->ring, &key.id)->key.b[0], 11);
    key.id.b[31] ^= 1;
    assert_null(fluit_keyring_find(&f->ring, &key.id));
    assert_int_equal(fluit_keyring_room(&f->ring)->key.b[0], 39);
    struct fluit_feed_id feed = {{1}};
    assert_int_equal(fluit_keyring_own(&f->ring, &feed, 2)->key.b[0], 34);
    assert_null(fluit_keyring_own(&f->ring, &feed, 3)); /* those are room keys */
}

static void a_full_ring_takes_no_more(void **state)
{
    struct fixture *f = *state;
    struct fluit_held_key key = held(1, FLUIT_KEY_STORY, 1);
    for (uint32_t n = 0; n < FLUIT_KEYS_MAX; n++) {
        fluit_put_u32(key.id.b, n);
        assert_int_equal(fluit_keyring_add(&f->ring, &key), FLUIT_OK);
    }
    fluit_put_u32(key.id.b, FLUIT_KEYS_MAX);
    assert_int_equal(fluit_keyring_add(&f->ring, &key), FLUIT_E_LIMIT);
    fluit_put_u32(key.id.b, 0);
    assert_int_equal(fluit_keyring_add(&f->ring, &key), FLUIT_OK);
}

static void a_held_key_comes_back_from_the_store(void **state)
{
    (void)state;
    struct fluit_held_key key = held(9, FLUIT_KEY_ROOT, FLUIT_ROUNDS_MAX), back;
    uint8_t bytes[FLUIT_HELD_KEY_LEN + 1] = {0};
    key.feed.b[31] = 5;
    fluit_held_key_put(&key, bytes);
    struct fluit_slice in = fluit_slice(bytes, FLUIT_HELD_KEY_LEN);
    assert_int_equal(fluit_held_key_get(&back, in), FLUIT_OK);
    assert_memory_equal(back.id.b, key.id.b, 32);
    assert_true(back.purpose == key.purpose && back.round == key.round && back.own);
    assert_memory_equal(back.feed.b, key.feed.b, 32);
    in.len--;
    assert_int_equal(fluit_held_key_get(&back, in), FLUIT_E_FORMAT);
    in.len += 2;
    assert_int_equal(fluit_held_key_get(&back, in), FLUIT_E_FORMAT);
    in.len--;
    static const struct {
        size_t at;
        uint8_t value;
    } bad[] = {{32, 0}, {32, 4}, {33, FLUIT_ROUNDS_MAX + 1}, {66, 2}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fluit_held_key_put(&key, bytes);
        bytes[bad[i].at] = bad[i].value;
        assert_int_equal(fluit_held_key_get(&back, in), FLUIT_E_FORMAT);
    }
}

static void an_identity_is_its_seed_and_its_keys_differ(void **state)
{
    struct fixture *f = *state;
    struct fluit_identity again;
    fluit_identity_from_seed(&(struct fluit_secret){{1}}, &again);
    assert_memory_equal(&again, &f->reader, sizeof again);
    assert_memory_not_equal(again.sign_pk.b, f->other.sign_pk.b, 32);
    assert_memory_not_equal(again.read_pk.b, again.link_pk.b, 32);
    assert_memory_not_equal(again.read_sk.b, again.link_sk.b, 32);
    assert_memory_not_equal(again.read_sk.b, again.sign_sk.b, 32);
    static const struct fluit_identity zeros;
    fluit_identity_wipe(&again);
    assert_memory_equal(&again, &zeros, sizeof again);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_reader_finds_its_stanza),
        TEST(a_stanza_is_worth_nothing_in_another_entry),
        TEST(a_stanza_under_another_readers_tag_does_not_open),
        TEST(no_bit_of_a_stanza_may_change),
        TEST(only_the_first_stanza_with_a_tag_is_tried),
        TEST(a_useless_reader_and_a_full_entry_are_refused),
        TEST(an_entry_comes_back_as_it_was),
        TEST(refuses_a_wrong_kind_purpose_round_or_count),
        TEST(only_hubs_and_standbys_hand_out_room_and_root_keys),
        TEST(the_ring_finds_keys_by_name_and_by_use),
        TEST(a_full_ring_takes_no_more),
        TEST(a_held_key_comes_back_from_the_store),
        TEST(an_identity_is_its_seed_and_its_keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
