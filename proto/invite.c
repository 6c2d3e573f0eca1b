#include "proto/invite.h"

#include <string.h>

#include "proto/base32.h"

#define DATA_DIGITS (FLUIT_INVITE_LEN - 1)
#define COUNTED_MAX 24

/* Constant texts for each count: a formatted one would need the caller's storage. */
#define HAS(n) "a code has 16 characters, this has " #n
static const char *const count_texts[COUNTED_MAX + 2] = {
    HAS(0),  HAS(1),
    HAS(2),  HAS(3),
    HAS(4),  HAS(5),
    HAS(6),  HAS(7),
    HAS(8),  HAS(9),
    HAS(10), HAS(11),
    HAS(12), HAS(13),
    HAS(14), HAS(15),
    HAS(16), HAS(17),
    HAS(18), HAS(19),
    HAS(20), HAS(21),
    HAS(22), HAS(23),
    HAS(24), HAS(more than 24),
};

static void code_from_values(const uint8_t values[static FLUIT_INVITE_LEN],
                             struct fluit_invite_code *code)
{
    for (size_t i = 0; i < FLUIT_INVITE_LEN; i++)
        code->s[i] = fluit_base32_char(values[i]);
    code->s[FLUIT_INVITE_LEN] = 0;
}

void fluit_invite_new(struct fluit_rng *rng, struct fluit_invite_code *code)
{
    uint8_t values[FLUIT_INVITE_LEN];
    fluit_rng_bytes(rng, values, DATA_DIGITS);
    for (size_t i = 0; i < DATA_DIGITS; i++)
        values[i] &= 31;
    values[DATA_DIGITS] = fluit_base32_check(values, DATA_DIGITS);
    code_from_values(values, code);
    fluit_wipe(values, sizeof values);
}

/* The typed digits' values; says in *why what is wrong with them. */
static enum fluit_err read_values(const char *text, uint8_t values[static FLUIT_INVITE_LEN],
                                  const char **why)
{
    size_t count = 0;
    for (; *text && count <= COUNTED_MAX; text++) {
        int value = fluit_base32_value(*text);
        if (value == FLUIT_BASE32_SKIP)
            continue;
        if (value == FLUIT_BASE32_BAD) {
            *why = *text == 'u' || *text == 'U' ? "a code has no letter U: maybe it is a V"
                                                : "a code has only letters and digits";
            return FLUIT_E_FORMAT;
        }
        if (count < FLUIT_INVITE_LEN)
            values[count] = (uint8_t)value;
        count++;
    }
    if (count != FLUIT_INVITE_LEN) {
        *why = count_texts[count];
        return FLUIT_E_FORMAT;
    }
    if (fluit_base32_check(values, DATA_DIGITS) != values[DATA_DIGITS]) {
        *why = "the last character does not fit: check what you typed";
        return FLUIT_E_AUTH;
    }
    return FLUIT_OK;
}

enum fluit_err fluit_invite_parse(const char *text, struct fluit_invite_code *code,
                                  const char **why)
{
    uint8_t values[FLUIT_INVITE_LEN];
    const char *reason = NULL;
    enum fluit_err err = read_values(text, values, &reason);
    if (!err)
        code_from_values(values, code);
    else if (why)
        *why = reason;
    fluit_wipe(values, sizeof values);
    return err;
}

void fluit_invite_show(const struct fluit_invite_code *code, char out[FLUIT_INVITE_SHOW_LEN + 1])
{
    for (size_t i = 0; i < 4; i++) {
        memcpy(out + 5 * i, code->s + 4 * i, 4);
        out[5 * i + 4] = '-';
    }
    out[FLUIT_INVITE_SHOW_LEN] = 0;
}

struct fluit_secret fluit_invite_psk(const struct fluit_invite_code *code)
{
    struct fluit_hash hash = fluit_hash1("fluit invite psk", code->s, FLUIT_INVITE_LEN);
    struct fluit_secret psk;
    memcpy(psk.b, hash.b, sizeof psk.b);
    fluit_wipe(&hash, sizeof hash);
    return psk;
}

struct fluit_invite_id fluit_invite_id(const struct fluit_invite_code *code)
{
    struct fluit_hash hash = fluit_hash1("fluit invite id", code->s, FLUIT_INVITE_LEN);
    struct fluit_invite_id id;
    memcpy(id.b, hash.b, sizeof id.b);
    return id;
}
