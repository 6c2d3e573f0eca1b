/* vectors_fixture.h: tests/vectors/protocol.txt, which make_protocol.py made from PROTOCOL.md
 * alone, and the people and secrets in it.
 *
 * Where the protocol is random both sides draw from a fluit_rng of the same seed, so all bytes can
 * agree. Include after cmocka.h. */
#ifndef FLUIT_VECTORS_FIXTURE_H
#define FLUIT_VECTORS_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/entry.h"
#include "proto/identity.h"

#define MESH INT64_C(1700000000000000)

/* "\nname = hex" lines, read whole. */
static char *vectors;

static inline int load(void **state)
{
    (void)state;
    struct fluit_buf file = FLUIT_BUF_INIT;
    FILE *f = fopen(FLUIT_VECTORS_DIR "/protocol.txt", "r");
    if (!f)
        return -1;
    for (int c; (c = getc(f)) != EOF;)
        fluit_buf_put(&file, &(uint8_t){(uint8_t)c}, 1);
    fclose(f);
    vectors = strdup(fluit_buf_text(&file));
    fluit_buf_deinit(&file);
    return vectors ? 0 : -1;
}

static inline int unload(void **state)
{
    (void)state;
    free(vectors);
    return 0;
}

static inline struct fluit_buf vector(const char *name)
{
    char key[48];
    snprintf(key, sizeof key, "\n%s =", name);
    char *at = strstr(vectors, key);
    if (!at) {
        fail_msg("no vector %s", name);
        abort(); /* never gets here, but fail_msg does not declare that */
    }
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

static inline void assert_vector(const char *name, const void *data, size_t len)
{
    struct fluit_buf want = vector(name);
    if (want.len != len || (len && memcmp(want.data, data, len) != 0))
        fail_msg("%s differs", name);
    fluit_buf_deinit(&want);
}

static inline void assert_buf_vector(const char *name, struct fluit_buf *buf)
{
    assert_int_equal(buf->err, FLUIT_OK);
    assert_vector(name, buf->data, buf->len);
    fluit_buf_reset(buf);
}

static inline void fixed(const char *name, void *out, size_t len)
{
    struct fluit_buf value = vector(name);
    assert_int_equal(value.len, len);
    memcpy(out, value.data, len);
    fluit_buf_deinit(&value);
}

static inline struct fluit_rng rng_of(const char *seed)
{
    struct fluit_rng rng;
    fluit_rng_seed(&rng, seed, strlen(seed));
    return rng;
}

static inline struct fluit_identity identity_of(char letter)
{
    struct fluit_secret seed;
    struct fluit_identity identity;
    memset(seed.b, letter, sizeof seed.b);
    fluit_identity_from_seed(&seed, &identity);
    return identity;
}

static inline struct fluit_secret secret_of(char letter)
{
    struct fluit_secret secret;
    memset(secret.b, letter, sizeof secret.b);
    return secret;
}

static inline struct fluit_workshop_id workshop(void)
{
    struct fluit_workshop_id id;
    fixed("workshop", id.b, sizeof id.b);
    return id;
}

static inline void root_of(struct fluit_sign_pk *pk, struct fluit_sign_sk *sk)
{
    struct fluit_secret seed = secret_of('R');
    fluit_sign_keypair(&seed, pk, sk);
}

static inline struct fluit_slice text(const char *s)
{
    return fluit_slice_str(s);
}

static inline void incarnation_and_feed(uint8_t incarnation[16], struct fluit_feed_id *feed)
{
    struct fluit_identity table = identity_of('T');
    fixed("incarnation", incarnation, 16);
    *feed = fluit_feed_id(&table.sign_pk, incarnation);
}

#endif
