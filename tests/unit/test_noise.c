#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/noise.h"

/* Two sides and what they said. */
struct door {
    struct fluit_noise i, r;
    struct fluit_rng rng_i, rng_r;
    struct fluit_buf first, second, got;
};

static struct fluit_slice text(const char *s)
{
    return fluit_slice_str(s);
}

static void door_open(struct door *d, const char *psk_i, const char *psk_r, const char *prologue_i,
                      const char *prologue_r)
{
    memset(d, 0, sizeof *d);
    struct fluit_secret key_i = {{0}}, key_r = {{0}};
    memcpy(key_i.b, psk_i, strlen(psk_i));
    memcpy(key_r.b, psk_r, strlen(psk_r));
    fluit_noise_init(&d->i, true, &key_i, text(prologue_i));
    fluit_noise_init(&d->r, false, &key_r, text(prologue_r));
    fluit_rng_seed(&d->rng_i, "i", 1);
    fluit_rng_seed(&d->rng_r, "r", 1);
}

static void door_close(struct door *d)
{
    fluit_noise_deinit(&d->i);
    fluit_noise_deinit(&d->r);
    fluit_buf_deinit(&d->first);
    fluit_buf_deinit(&d->second);
    fluit_buf_deinit(&d->got);
}

/* As far as message 1 read. */
static void door_join(struct door *d)
{
    door_open(d, "key", "key", "p", "p");
    assert_int_equal(fluit_noise_write(&d->i, &d->rng_i, text("join"), &d->first), FLUIT_OK);
    assert_int_equal(fluit_noise_read(&d->r, fluit_buf_slice(&d->first), &d->got), FLUIT_OK);
}

/* As far as message 2 written. */
static void door_welcome(struct door *d)
{
    door_join(d);
    assert_int_equal(fluit_noise_write(&d->r, &d->rng_r, text("welcome"), &d->second), FLUIT_OK);
    fluit_buf_reset(&d->got);
}

static void both_payloads_arrive_and_hashes_agree(void **state)
{
    (void)state;
    struct door d;
    door_join(&d);
    assert_true(fluit_slice_is(fluit_buf_slice(&d.got), "join"));
    assert_int_equal(d.first.len, 4 + FLUIT_NOISE_OVERHEAD);
    assert_memory_equal(fluit_noise_hash(&d.i), fluit_noise_hash(&d.r), 64);
    assert_memory_equal(fluit_noise_payload_hash(&d.i), fluit_noise_payload_hash(&d.r), 64);
    assert_memory_not_equal(fluit_noise_payload_hash(&d.i), fluit_noise_hash(&d.i), 64);

    assert_int_equal(fluit_noise_write(&d.r, &d.rng_r, text("welcome"), &d.second), FLUIT_OK);
    assert_int_equal(fluit_noise_read(&d.i, fluit_buf_slice(&d.second), &d.got), FLUIT_OK);
    assert_true(fluit_slice_is(fluit_buf_slice(&d.got), "joinwelcome"));
    assert_memory_equal(fluit_noise_hash(&d.i), fluit_noise_hash(&d.r), 64);
    assert_memory_equal(fluit_noise_payload_hash(&d.i), fluit_noise_payload_hash(&d.r), 64);
    door_close(&d);
}

static void a_payload_can_hold_the_hash_before_it(void **state)
{
    (void)state;
    struct door d;
    door_open(&d, "key", "key", "p", "p");
    assert_int_equal(fluit_noise_begin_write(&d.i, &d.rng_i, &d.first), FLUIT_OK);
    struct fluit_slice hash = fluit_slice(fluit_noise_payload_hash(&d.i), 64);
    assert_int_equal(fluit_noise_finish_write(&d.i, hash, &d.first), FLUIT_OK);
    assert_int_equal(fluit_noise_read(&d.r, fluit_buf_slice(&d.first), &d.got), FLUIT_OK);
    assert_int_equal(d.got.len, 64);
    assert_memory_equal(d.got.data, fluit_noise_payload_hash(&d.r), 64);
    door_close(&d);
}

static void refuses_another_psk_or_prologue(void **state)
{
    (void)state;
    static const char *const with[][4] = {{"key", "kez", "p", "p"}, {"key", "key", "p", "q"}};
    for (size_t n = 0; n < 2; n++) {
        struct door d;
        door_open(&d, with[n][0], with[n][1], with[n][2], with[n][3]);
        assert_int_equal(fluit_noise_write(&d.i, &d.rng_i, text("join"), &d.first), FLUIT_OK);
        assert_int_equal(fluit_noise_read(&d.r, fluit_buf_slice(&d.first), &d.got), FLUIT_E_AUTH);
        assert_int_equal(d.got.len, 0);
        door_close(&d);
    }
}

/* Every byte of a message turned in one bit, every shorter message: none is read, and the reader
 * still takes the true one afterwards. */
static void try_damaged(struct fluit_noise *reader, const struct fluit_buf *message,
                        struct fluit_buf *got)
{
    for (size_t i = 0; i < message->len; i++) {
        message->data[i] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(fluit_noise_read(reader, fluit_buf_slice(message), got), FLUIT_E_AUTH);
        message->data[i] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t len = 0; len < message->len; len++) {
        enum fluit_err want = len < FLUIT_NOISE_OVERHEAD ? FLUIT_E_FORMAT : FLUIT_E_AUTH;
        /* A copy of just this length, so that a read past it is seen by the sanitizer. */
        struct fluit_buf part = FLUIT_BUF_INIT;
        fluit_buf_put(&part, message->data, len);
        assert_int_equal(fluit_noise_read(reader, fluit_buf_slice(&part), got), want);
        fluit_buf_deinit(&part);
    }
    assert_int_equal(got->len, 0);
    assert_int_equal(fluit_noise_read(reader, fluit_buf_slice(message), got), FLUIT_OK);
}

static void refuses_a_damaged_first_message(void **state)
{
    (void)state;
    struct door d;
    door_open(&d, "key", "key", "p", "p");
    assert_int_equal(fluit_noise_write(&d.i, &d.rng_i, text("join"), &d.first), FLUIT_OK);
    try_damaged(&d.r, &d.first, &d.got);
    door_close(&d);
}

static void refuses_a_damaged_second_message(void **state)
{
    (void)state;
    struct door d;
    door_welcome(&d);
    try_damaged(&d.i, &d.second, &d.got);
    assert_true(fluit_slice_is(fluit_buf_slice(&d.got), "welcome"));
    door_close(&d);
}

static void refuses_what_comes_out_of_turn(void **state)
{
    (void)state;
    struct door d;
    door_welcome(&d);
    assert_int_equal(fluit_noise_read(&d.r, fluit_buf_slice(&d.first), &d.got), FLUIT_E_CHAIN);
    assert_int_equal(fluit_noise_read(&d.i, fluit_buf_slice(&d.second), &d.got), FLUIT_OK);
    assert_int_equal(fluit_noise_read(&d.i, fluit_buf_slice(&d.second), &d.got), FLUIT_E_CHAIN);
    door_close(&d);
}

static void refuses_its_own_message_reflected(void **state)
{
    (void)state;
    struct door d;
    door_welcome(&d);
    assert_int_equal(fluit_noise_read(&d.i, fluit_buf_slice(&d.first), &d.got), FLUIT_E_AUTH);
    door_close(&d);
}

static void refuses_the_answer_to_another_handshake(void **state)
{
    (void)state;
    struct door d, other;
    door_welcome(&d);
    door_open(&other, "key", "key", "p", "p");
    fluit_rng_seed(&other.rng_i, "another", 7);
    assert_int_equal(fluit_noise_write(&other.i, &other.rng_i, text("join"), &other.first),
                     FLUIT_OK);
    assert_int_equal(fluit_noise_read(&other.i, fluit_buf_slice(&d.second), &other.got),
                     FLUIT_E_AUTH);
    door_close(&d);
    door_close(&other);
}

/* The pattern can't refuse it (noise.h); its old hash is what lets the door tell it from a new one.
 */
static void a_replayed_first_message_shows_its_old_hash(void **state)
{
    (void)state;
    struct door d, later;
    door_join(&d);
    door_open(&later, "key", "key", "p", "p");
    assert_int_equal(fluit_noise_read(&later.r, fluit_buf_slice(&d.first), &later.got), FLUIT_OK);
    assert_memory_equal(fluit_noise_payload_hash(&d.r), fluit_noise_payload_hash(&later.r), 64);
    door_close(&d);
    door_close(&later);
}

/* A joiner who knows the code could send such a key; put in place here, as no writer makes one. */
static void refuses_a_key_of_small_order(void **state)
{
    (void)state;
    struct door d;
    door_join(&d);
    memset(&d.r.re, 0, sizeof d.r.re);
    assert_int_equal(fluit_noise_write(&d.r, &d.rng_r, text("welcome"), &d.second), FLUIT_E_AUTH);
    assert_int_equal(d.second.len, 0);
    door_close(&d);
}

static void keeps_to_the_limits(void **state)
{
    (void)state;
    static uint8_t big[FLUIT_DOOR_MESSAGE_MAX + 1];
    size_t most = FLUIT_DOOR_MESSAGE_MAX - FLUIT_NOISE_OVERHEAD;
    struct door d;
    door_open(&d, "key", "key", "p", "p");
    assert_int_equal(fluit_noise_write(&d.i, &d.rng_i, fluit_slice(big, most + 1), &d.first),
                     FLUIT_E_LIMIT);
    assert_int_equal(d.first.len, 0);
    door_close(&d);
    door_open(&d, "key", "key", "p", "p");
    assert_int_equal(fluit_noise_write(&d.i, &d.rng_i, fluit_slice(big, most), &d.first), FLUIT_OK);
    assert_int_equal(fluit_noise_read(&d.r, fluit_slice(big, sizeof big), &d.got), FLUIT_E_LIMIT);
    assert_int_equal(fluit_noise_read(&d.r, fluit_buf_slice(&d.first), &d.got), FLUIT_OK);
    assert_int_equal(d.got.len, most);
    door_close(&d);
}

static void deinit_wipes(void **state)
{
    (void)state;
    static const struct fluit_noise zero;
    struct door d;
    door_welcome(&d);
    fluit_noise_deinit(&d.r);
    assert_memory_equal(&d.r, &zero, sizeof zero);
    door_close(&d);
}

/* "N.name = hex" lines of noise.txt, read whole. */
static char *vectors;

static struct fluit_buf vector(int number, const char *name)
{
    char key[40];
    snprintf(key, sizeof key, "\n%d.%s =", number, name);
    char *at = strstr(vectors, key);
    assert_non_null(at);
    at += strlen(key);
    at += *at == ' ';
    size_t len = strcspn(at, "\n") / 2;
    char *hex = strndup(at, 2 * len);
    struct fluit_buf value = FLUIT_BUF_INIT;
    uint8_t *p = fluit_buf_extend(&value, len + 1);
    assert_non_null(p);
    assert_int_equal(fluit_unhex(hex, p, len), FLUIT_OK);
    value.len = len;
    free(hex);
    return value;
}

static void assert_vector(int number, const char *name, const uint8_t *data, size_t len)
{
    struct fluit_buf want = vector(number, name);
    assert_int_equal(want.len, len);
    assert_memory_equal(want.data, data, len);
    fluit_buf_deinit(&want);
}

static void check_message(int number, const char *which, struct fluit_noise *from,
                          struct fluit_noise *to)
{
    char name[24];
    struct fluit_buf out = FLUIT_BUF_INIT, got = FLUIT_BUF_INIT;
    snprintf(name, sizeof name, "seed_%c", *which == '1' ? 'i' : 'r');
    struct fluit_buf seed = vector(number, name);
    snprintf(name, sizeof name, "payload_%s", which);
    struct fluit_buf payload = vector(number, name);
    struct fluit_rng rng;
    fluit_rng_seed(&rng, seed.data, seed.len);
    assert_int_equal(fluit_noise_write(from, &rng, fluit_buf_slice(&payload), &out), FLUIT_OK);
    assert_int_equal(fluit_noise_read(to, fluit_buf_slice(&out), &got), FLUIT_OK);
    assert_vector(number, name, got.data, got.len);
    snprintf(name, sizeof name, "message_%s", which);
    assert_vector(number, name, out.data, out.len);
    snprintf(name, sizeof name, "payload_hash_%s", which);
    assert_vector(number, name, fluit_noise_payload_hash(from), 64);
    snprintf(name, sizeof name, "hash_%s", which);
    assert_vector(number, name, fluit_noise_hash(to), 64);
    fluit_buf_deinit(&seed);
    fluit_buf_deinit(&payload);
    fluit_buf_deinit(&out);
    fluit_buf_deinit(&got);
}

static void agrees_with_an_independent_implementation(void **state)
{
    (void)state;
    struct fluit_buf file = FLUIT_BUF_INIT;
    FILE *f = fopen(FLUIT_VECTORS_DIR "/noise.txt", "r");
    assert_non_null(f);
    for (int c; (c = getc(f)) != EOF;)
        fluit_buf_put(&file, &(uint8_t){(uint8_t)c}, 1);
    fclose(f);
    vectors = strdup(fluit_buf_text(&file));
    fluit_buf_deinit(&file);
    for (int number = 1; number <= 3; number++) {
        struct fluit_buf psk = vector(number, "psk"), prologue = vector(number, "prologue");
        struct fluit_secret key;
        struct fluit_noise i, r;
        assert_int_equal(psk.len, sizeof key.b);
        memcpy(key.b, psk.data, sizeof key.b);
        fluit_noise_init(&i, true, &key, fluit_buf_slice(&prologue));
        fluit_noise_init(&r, false, &key, fluit_buf_slice(&prologue));
        check_message(number, "1", &i, &r);
        check_message(number, "2", &r, &i);
        fluit_noise_deinit(&i);
        fluit_noise_deinit(&r);
        fluit_buf_deinit(&psk);
        fluit_buf_deinit(&prologue);
    }
    free(vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_payloads_arrive_and_hashes_agree),
        cmocka_unit_test(a_payload_can_hold_the_hash_before_it),
        cmocka_unit_test(refuses_another_psk_or_prologue),
        cmocka_unit_test(refuses_a_damaged_first_message),
        cmocka_unit_test(refuses_a_damaged_second_message),
        cmocka_unit_test(refuses_what_comes_out_of_turn),
        cmocka_unit_test(refuses_its_own_message_reflected),
        cmocka_unit_test(refuses_the_answer_to_another_handshake),
        cmocka_unit_test(a_replayed_first_message_shows_its_old_hash),
        cmocka_unit_test(refuses_a_key_of_small_order),
        cmocka_unit_test(keeps_to_the_limits),
        cmocka_unit_test(deinit_wipes),
        cmocka_unit_test(agrees_with_an_independent_implementation),
    };
    return fluit_crypto_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
