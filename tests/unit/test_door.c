#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/door.h"

struct fixture {
    struct fluit_rng rng;
    struct fluit_invite_code code, other_code;
    struct fluit_identity self;
    struct fluit_noise joiner, hub;
    struct fluit_buf first, answer, text;
    struct fluit_join join;
    struct fluit_welcome welcome, got;
    unsigned reason;
    bool proven;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    if (fluit_crypto_init())
        return 1;
    fluit_rng_seed(&f->rng, "door", 4);
    fluit_invite_new(&f->rng, &f->code);
    fluit_invite_new(&f->rng, &f->other_code);
    fluit_identity_from_seed(&(struct fluit_secret){{1}}, &f->self);
    f->welcome = (struct fluit_welcome){
        .workshop = {{1}},
        .root = {{2}},
        .hub_link = {{3}},
        .sync_port = 7401,
        .control_port = 7402,
        .collect_port = UINT16_MAX,
        .room_key = {{4}},
        .roster = fluit_slice_str("the roster's bytes"),
        .roster_sig = {{5}},
    };
    f->reason = 77;
    return fluit_join_write(&f->joiner, &f->rng, &f->code, &f->self, FLUIT_NODE_TABLE, &f->first) !=
           FLUIT_OK;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fluit_noise_deinit(&f->joiner);
    fluit_noise_deinit(&f->hub);
    fluit_buf_deinit(&f->first);
    fluit_buf_deinit(&f->answer);
    fluit_buf_deinit(&f->text);
    free(f);
    return 0;
}

static enum fluit_err read_join(struct fixture *f)
{
    return fluit_join_read(&f->hub, &f->code, fluit_buf_slice(&f->first), &f->join);
}

static enum fluit_err read_answer_of(struct fixture *f, struct fluit_noise *noise)
{
    return fluit_welcome_read(noise, fluit_buf_slice(&f->answer), &f->text, &f->got, &f->reason,
                              &f->proven);
}

static enum fluit_err read_answer(struct fixture *f)
{
    return read_answer_of(f, &f->joiner);
}

static void welcome(struct fixture *f)
{
    assert_int_equal(read_join(f), FLUIT_OK);
    assert_int_equal(fluit_welcome_write(&f->hub, &f->rng, &f->welcome, &f->answer), FLUIT_OK);
}

static void a_joiner_with_the_code_is_welcomed(void **state)
{
    struct fixture *f = *state;
    struct fluit_invite_id id, expected = fluit_invite_id(&f->code);
    assert_int_equal(fluit_join_invite(fluit_buf_slice(&f->first), &id), FLUIT_OK);
    assert_memory_equal(id.b, expected.b, sizeof id.b);
    welcome(f);
    assert_memory_equal(f->join.sign.b, f->self.sign_pk.b, 32);
    assert_memory_equal(f->join.read.b, f->self.read_pk.b, 32);
    assert_memory_equal(f->join.link.b, f->self.link_pk.b, 32);
    assert_int_equal(f->join.wants, FLUIT_NODE_TABLE);
    assert_int_equal(read_answer(f), FLUIT_OK);
    assert_true(f->proven);
    assert_memory_equal(f->got.workshop.b, f->welcome.workshop.b, 16);
    assert_memory_equal(f->got.root.b, f->welcome.root.b, 32);
    assert_memory_equal(f->got.hub_link.b, f->welcome.hub_link.b, 32);
    assert_int_equal(f->got.sync_port, 7401);
    assert_int_equal(f->got.control_port, 7402);
    assert_int_equal(f->got.collect_port, UINT16_MAX);
    assert_memory_equal(f->got.room_key.b, f->welcome.room_key.b, 32);
    assert_true(fluit_slice_is(f->got.roster, "the roster's bytes"));
    assert_memory_equal(f->got.roster_sig.b, f->welcome.roster_sig.b, 64);
}

static void keys_and_room_key_do_not_travel_in_the_clear(void **state)
{
    struct fixture *f = *state;
    welcome(f);
    assert_null(memmem(f->first.data, f->first.len, f->self.sign_pk.b, 32));
    assert_null(memmem(f->answer.data, f->answer.len, f->welcome.room_key.b, 32));
    assert_null(memmem(f->answer.data, f->answer.len, "roster", 6));
}

static void a_wrong_code_opens_nothing(void **state)
{
    struct fixture *f = *state;
    f->code = f->other_code;
    assert_int_equal(read_join(f), FLUIT_E_AUTH);
}

static void a_hub_that_does_not_know_the_code_can_not_answer_for_it(void **state)
{
    struct fixture *f = *state;
    struct fluit_noise pretender;
    struct fluit_buf stray = FLUIT_BUF_INIT;
    assert_int_equal(
        fluit_join_write(&pretender, &f->rng, &f->other_code, &f->self, FLUIT_NODE_TABLE, &stray),
        FLUIT_OK);
    fluit_noise_deinit(&pretender);
    assert_int_equal(fluit_join_read(&pretender, &f->other_code, fluit_buf_slice(&stray), &f->join),
                     FLUIT_OK);
    assert_int_equal(fluit_welcome_write(&pretender, &f->rng, &f->welcome, &f->answer), FLUIT_OK);
    assert_int_equal(read_answer(f), FLUIT_E_AUTH);
    assert_false(f->proven);
    /* And the true answer still counts. */
    fluit_buf_reset(&f->answer);
    welcome(f);
    assert_int_equal(read_answer(f), FLUIT_OK);
    fluit_noise_deinit(&pretender);
    fluit_buf_deinit(&stray);
}

static void a_replayed_join_gives_the_same_node_and_nothing_to_the_replayer(void **state)
{
    struct fixture *f = *state;
    struct fluit_noise again, thief;
    struct fluit_join join;
    struct fluit_buf own = FLUIT_BUF_INIT;
    assert_int_equal(fluit_join_read(&again, &f->code, fluit_buf_slice(&f->first), &join),
                     FLUIT_OK);
    welcome(f);
    assert_memory_equal(join.sign.b, f->join.sign.b, 32);
    /* Whoever knows the code, too, but not the joiner's ephemeral key, can't read the answer. */
    assert_int_equal(fluit_join_write(&thief, &f->rng, &f->code, &f->self, FLUIT_NODE_TABLE, &own),
                     FLUIT_OK);
    fluit_buf_reset(&f->answer);
    assert_int_equal(fluit_welcome_write(&again, &f->rng, &f->welcome, &f->answer), FLUIT_OK);
    assert_int_equal(read_answer_of(f, &thief), FLUIT_E_AUTH);
    assert_int_equal(read_answer(f), FLUIT_OK);
    assert_int_equal(read_answer(f), FLUIT_E_CHAIN); /* one answer, once */
    fluit_noise_deinit(&again);
    fluit_noise_deinit(&thief);
    fluit_buf_deinit(&own);
}

/* A first message as an attacker who knows the code makes it: any payload, any signature. */
struct forged {
    uint64_t wants;
    const struct fluit_identity *signer; /* signs its own keys */
    struct fluit_sign_pk sign;
    struct fluit_box_pk read, link; /* as sent */
};

static enum fluit_err read_forged(struct fixture *f, const struct forged *forged)
{
    struct fluit_noise noise;
    struct fluit_buf payload = FLUIT_BUF_INIT;
    struct fluit_secret psk = fluit_invite_psk(&f->code);
    f->first.len = sizeof(struct fluit_invite_id);
    fluit_noise_init(&noise, true, &psk, fluit_slice_str("fluit door 1"));
    assert_int_equal(fluit_noise_begin_write(&noise, &f->rng, &f->first), FLUIT_OK);
    struct fluit_slice parts[] = {fluit_slice(fluit_noise_payload_hash(&noise), 64),
                                  fluit_slice(forged->signer->read_pk.b, 32),
                                  fluit_slice(forged->signer->link_pk.b, 32)};
    struct fluit_sig sig = fluit_sign(&forged->signer->sign_sk, "fluit join", parts, 3);
    fluit_pack_array(&payload, 5);
    fluit_pack_uint(&payload, forged->wants);
    fluit_pack_bin(&payload, forged->sign.b, 32);
    fluit_pack_bin(&payload, forged->read.b, 32);
    fluit_pack_bin(&payload, forged->link.b, 32);
    fluit_pack_bin(&payload, sig.b, 64);
    assert_int_equal(fluit_noise_finish_write(&noise, fluit_buf_slice(&payload), &f->first),
                     FLUIT_OK);
    fluit_noise_deinit(&noise);
    fluit_buf_deinit(&payload);
    return read_join(f);
}

static struct forged honest(const struct fluit_identity *self)
{
    return (struct forged){FLUIT_NODE_TABLE, self, self->sign_pk, self->read_pk, self->link_pk};
}

static void nobody_brings_a_key_that_is_not_his(void **state)
{
    struct fixture *f = *state;
    struct fluit_identity other;
    fluit_identity_from_seed(&(struct fluit_secret){{2}}, &other);
    struct forged forged = honest(&f->self);
    assert_int_equal(read_forged(f, &forged), FLUIT_OK);
    forged.link = other.link_pk;
    assert_int_equal(read_forged(f, &forged), FLUIT_E_AUTH);
    forged = honest(&f->self);
    forged.read = other.read_pk;
    assert_int_equal(read_forged(f, &forged), FLUIT_E_AUTH);
    forged = honest(&f->self);
    forged.sign = other.sign_pk;
    assert_int_equal(read_forged(f, &forged), FLUIT_E_AUTH);
}

static void a_key_that_nothing_can_be_sealed_to_is_refused(void **state)
{
    struct fixture *f = *state;
    static const struct fluit_box_pk small[] = {{{0}}, {{1}}};
    for (size_t i = 0; i < 2; i++) {
        struct fluit_identity useless = f->self;
        useless.read_pk = small[i];
        struct forged forged = honest(&useless);
        assert_int_equal(read_forged(f, &forged), FLUIT_E_AUTH);
        useless = f->self;
        useless.link_pk = small[i];
        forged = honest(&useless);
        assert_int_equal(read_forged(f, &forged), FLUIT_E_AUTH);
    }
}

static void a_joiner_wants_to_be_something(void **state)
{
    struct fixture *f = *state;
    struct forged forged = honest(&f->self);
    forged.wants = FLUIT_NODE_RAPPORTEUR;
    assert_int_equal(read_forged(f, &forged), FLUIT_OK);
    forged.wants = 0;
    assert_int_equal(read_forged(f, &forged), FLUIT_E_FORMAT);
    forged.wants = FLUIT_NODE_RAPPORTEUR + 1;
    assert_int_equal(read_forged(f, &forged), FLUIT_E_FORMAT);
}

static void a_proven_refusal_says_so(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(read_join(f), FLUIT_OK);
    assert_int_equal(fluit_refuse_write(&f->hub, &f->rng, FLUIT_REFUSED_USED, &f->answer),
                     FLUIT_OK);
    assert_int_equal(read_answer(f), FLUIT_E_DENIED);
    assert_int_equal(f->reason, FLUIT_REFUSED_USED);
    assert_true(f->proven);
}

static void a_refusal_to_a_stranger_proves_nothing_and_ends_nothing(void **state)
{
    struct fixture *f = *state;
    f->proven = true;
    fluit_refuse_stranger(FLUIT_REFUSED_UNKNOWN, &f->answer);
    assert_int_equal(read_answer(f), FLUIT_E_DENIED);
    assert_int_equal(f->reason, FLUIT_REFUSED_UNKNOWN);
    assert_false(f->proven);
    fluit_buf_put(&f->answer, "x", 1);
    assert_int_equal(read_answer(f), FLUIT_E_FORMAT);
    fluit_buf_reset(&f->answer);
    welcome(f);
    assert_int_equal(read_answer(f), FLUIT_OK);
}

static void every_refusal_has_its_own_words(void **state)
{
    (void)state;
    const char *other = fluit_refusal_text(0);
    assert_non_null(other);
    for (unsigned r = FLUIT_REFUSED_UNKNOWN; r <= FLUIT_REFUSED_MALFORMED; r++)
        assert_string_not_equal(fluit_refusal_text(r), other);
    assert_string_equal(fluit_refusal_text(UINT32_MAX), other);
}

static void a_join_cut_or_changed_anywhere_is_refused(void **state)
{
    struct fixture *f = *state;
    struct fluit_invite_id id;
    size_t whole = f->first.len;
    for (f->first.len = 0; f->first.len < whole; f->first.len++) {
        assert_int_not_equal(read_join(f), FLUIT_OK);
        assert_int_equal(fluit_join_invite(fluit_buf_slice(&f->first), &id),
                         f->first.len < sizeof id.b ? FLUIT_E_FORMAT : FLUIT_OK);
    }
    for (size_t i = sizeof id.b; i < whole; i++) {
        f->first.data[i] ^= 1;
        assert_int_equal(read_join(f), FLUIT_E_AUTH);
        f->first.data[i] ^= 1;
    }
    assert_int_equal(read_join(f), FLUIT_OK);
}

static void a_welcome_cut_or_changed_anywhere_is_ignored(void **state)
{
    struct fixture *f = *state;
    static const struct fluit_welcome untouched;
    welcome(f);
    size_t whole = f->answer.len;
    for (f->answer.len = 0; f->answer.len < whole; f->answer.len++)
        assert_int_not_equal(read_answer(f), FLUIT_OK);
    for (size_t i = 0; i < whole; i++) {
        f->answer.data[i] ^= 1;
        assert_int_not_equal(read_answer(f), FLUIT_OK);
        f->answer.data[i] ^= 1;
    }
    assert_memory_equal(&f->got, &untouched, sizeof untouched);
    assert_false(f->proven);
    assert_int_equal(f->reason, 77);
    assert_int_equal(read_answer(f), FLUIT_OK);
}

static void a_welcome_without_ports_leaves_nothing_behind(void **state)
{
    struct fixture *f = *state;
    static const struct fluit_welcome untouched;
    f->welcome.control_port = 0;
    welcome(f);
    assert_int_equal(read_answer(f), FLUIT_E_FORMAT);
    assert_memory_equal(&f->got, &untouched, sizeof untouched);
    assert_false(f->proven);
}

static void a_door_tells_who_is_there(void **state)
{
    (void)state;
    struct fluit_buf out = FLUIT_BUF_INIT;
    struct fluit_who who = {{{1}}, {{2}}, {{3}}, 7451}, got = {0};
    fluit_who_ask(&out);
    assert_true(fluit_who_is_asked(fluit_buf_slice(&out)));
    out.len--;
    assert_false(fluit_who_is_asked(fluit_buf_slice(&out)));
    fluit_buf_reset(&out);
    fluit_who_answer(&who, &out);
    assert_false(fluit_who_is_asked(fluit_buf_slice(&out)));
    for (size_t len = 0; len < out.len; len++)
        assert_int_not_equal(fluit_who_read(fluit_slice(out.data, len), &got), FLUIT_OK);
    assert_int_equal(got.sync_port, 0);
    assert_int_equal(fluit_who_read(fluit_buf_slice(&out), &got), FLUIT_OK);
    assert_memory_equal(got.workshop.b, who.workshop.b, sizeof who.workshop.b);
    assert_memory_equal(got.root.b, who.root.b, sizeof who.root.b);
    assert_memory_equal(got.link.b, who.link.b, sizeof who.link.b);
    assert_int_equal(got.sync_port, 7451);
    fluit_buf_reset(&out);
    who.sync_port = 0; /* nobody listens there */
    fluit_who_answer(&who, &out);
    assert_int_equal(fluit_who_read(fluit_buf_slice(&out), &got), FLUIT_E_FORMAT);
    fluit_buf_deinit(&out);
}

static void a_roster_too_long_for_the_door_is_our_error(void **state)
{
    struct fixture *f = *state;
    uint8_t *roster = calloc(1, 70000);
    f->welcome.roster = fluit_slice(roster, 70000);
    assert_int_equal(read_join(f), FLUIT_OK);
    assert_int_equal(fluit_welcome_write(&f->hub, &f->rng, &f->welcome, &f->answer), FLUIT_E_LIMIT);
    free(roster);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_joiner_with_the_code_is_welcomed),
        TEST(keys_and_room_key_do_not_travel_in_the_clear),
        TEST(a_wrong_code_opens_nothing),
        TEST(a_hub_that_does_not_know_the_code_can_not_answer_for_it),
        TEST(a_replayed_join_gives_the_same_node_and_nothing_to_the_replayer),
        TEST(nobody_brings_a_key_that_is_not_his),
        TEST(a_key_that_nothing_can_be_sealed_to_is_refused),
        TEST(a_joiner_wants_to_be_something),
        TEST(a_proven_refusal_says_so),
        TEST(a_refusal_to_a_stranger_proves_nothing_and_ends_nothing),
        TEST(every_refusal_has_its_own_words),
        TEST(a_join_cut_or_changed_anywhere_is_refused),
        TEST(a_welcome_cut_or_changed_anywhere_is_ignored),
        TEST(a_welcome_without_ports_leaves_nothing_behind),
        TEST(a_door_tells_who_is_there),
        TEST(a_roster_too_long_for_the_door_is_our_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
