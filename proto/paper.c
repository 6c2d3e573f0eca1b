#include "proto/paper.h"

#include <string.h>

#include "proto/base32.h"

#define DIGITS      (FLUIT_PAPER_LINES * FLUIT_PAPER_LINE_LEN)
#define DATA_DIGITS 52
#define SUM_DIGITS  8
#define LINE_DATA   (DATA_DIGITS / FLUIT_PAPER_LINES)
#define LINE_SUM    (SUM_DIGITS / FLUIT_PAPER_LINES)
#define CHECK_AT    (FLUIT_PAPER_LINE_LEN - 1)

/* Five bits of bytes from bit index `at` on, zeros past the end. */
static uint8_t bits_at(const uint8_t *bytes, size_t len, size_t at)
{
    unsigned value = 0;
    for (size_t i = at; i < at + 5; i++) {
        unsigned bit = i / 8 < len ? bytes[i / 8] >> (7 - i % 8) & 1u : 0;
        value = value << 1 | bit;
    }
    return (uint8_t)value;
}

static uint8_t line_check(const uint8_t line[static CHECK_AT], size_t index)
{
    uint8_t values[1 + CHECK_AT];
    values[0] = (uint8_t)(index + 1);
    memcpy(values + 1, line, CHECK_AT);
    uint8_t check = fluit_base32_check(values, sizeof values);
    fluit_wipe(values, sizeof values);
    return check;
}

static void encode(const struct fluit_secret *secret, uint8_t values[static DIGITS])
{
    struct fluit_hash sum = fluit_hash1("fluit paper sum", secret->b, sizeof secret->b);
    for (size_t l = 0; l < FLUIT_PAPER_LINES; l++) {
        uint8_t *line = values + l * FLUIT_PAPER_LINE_LEN;
        for (size_t i = 0; i < LINE_DATA; i++)
            line[i] = bits_at(secret->b, sizeof secret->b, 5 * (l * LINE_DATA + i));
        for (size_t i = 0; i < LINE_SUM; i++)
            line[LINE_DATA + i] = bits_at(sum.b, sizeof sum.b, 5 * (l * LINE_SUM + i));
        line[CHECK_AT] = line_check(line, l);
    }
    fluit_wipe(&sum, sizeof sum);
}

/* The bytes that the data digits spell; pad bits and checks are for the caller. */
static void decode(const uint8_t values[static DIGITS], struct fluit_secret *secret)
{
    memset(secret, 0, sizeof *secret);
    for (size_t bit = 0; bit < 8 * sizeof secret->b; bit++) {
        size_t digit = bit / 5;
        uint8_t value = values[digit / LINE_DATA * FLUIT_PAPER_LINE_LEN + digit % LINE_DATA];
        unsigned set = value >> (4 - bit % 5) & 1u;
        secret->b[bit / 8] = (uint8_t)(secret->b[bit / 8] | set << (7 - bit % 8));
    }
}

void fluit_paper_put(const struct fluit_secret *secret, char out[FLUIT_PAPER_SHOW_LEN + 1])
{
    uint8_t values[DIGITS];
    encode(secret, values);
    for (size_t i = 0; i < DIGITS; i++) {
        out[i / 4 * 5 + i % 4] = fluit_base32_char(values[i]);
        out[i / 4 * 5 + 4] = i / 4 % 4 == 3 ? '\n' : '-';
    }
    out[FLUIT_PAPER_SHOW_LEN] = 0;
    fluit_wipe(values, sizeof values);
}

bool fluit_paper_tail_is(const char shown[FLUIT_PAPER_SHOW_LEN + 1], const char *typed)
{
    const char *tail = shown + FLUIT_PAPER_SHOW_LEN - 1 - FLUIT_PAPER_TAIL_LEN; /* "....\n" */
    size_t count = 0;
    for (; *typed; typed++) {
        int value = fluit_base32_value(*typed);
        if (value == FLUIT_BASE32_SKIP)
            continue;
        if (count == FLUIT_PAPER_TAIL_LEN || value != fluit_base32_value(tail[count]))
            return false;
        count++;
    }
    return count == FLUIT_PAPER_TAIL_LEN;
}

static enum fluit_err read_values(const char *text, uint8_t values[static DIGITS], const char **why)
{
    size_t count = 0;
    for (; *text && count <= DIGITS; text++) {
        int value = fluit_base32_value(*text);
        if (value == FLUIT_BASE32_SKIP)
            continue;
        if (value == FLUIT_BASE32_BAD) {
            *why = *text == 'u' || *text == 'U' ? "a recovery key has no letter U: maybe it is a V"
                                                : "a recovery key has only letters and digits";
            return FLUIT_E_FORMAT;
        }
        if (count < DIGITS)
            values[count] = (uint8_t)value;
        count++;
    }
    if (count == DIGITS)
        return FLUIT_OK;
    *why = count < DIGITS ? "a recovery key has 4 lines of 16 characters, this has fewer"
                          : "a recovery key has 4 lines of 16 characters, this has more";
    return FLUIT_E_FORMAT;
}

static enum fluit_err check_lines(const uint8_t values[static DIGITS], const char **why)
{
    static const char *const texts[FLUIT_PAPER_LINES] = {
        "line 1 does not fit: check what you typed",
        "line 2 does not fit: check what you typed",
        "line 3 does not fit: check what you typed",
        "line 4 does not fit: check what you typed",
    };
    for (size_t l = 0; l < FLUIT_PAPER_LINES; l++) {
        const uint8_t *line = values + l * FLUIT_PAPER_LINE_LEN;
        if (line_check(line, l) != line[CHECK_AT]) {
            *why = texts[l];
            return FLUIT_E_AUTH;
        }
    }
    return FLUIT_OK;
}

enum fluit_err fluit_paper_get(const char *text, struct fluit_secret *secret, const char **why)
{
    uint8_t values[DIGITS], again[DIGITS];
    struct fluit_secret read;
    const char *reason = NULL;
    enum fluit_err err = read_values(text, values, &reason);
    if (!err)
        err = check_lines(values, &reason);
    if (err)
        goto out;
    /* Encoding it again checks the sum and that the pad bits are 0. */
    decode(values, &read);
    encode(&read, again);
    if (!fluit_same(values, again, sizeof values)) {
        err = FLUIT_E_AUTH;
        reason = "the key does not fit as a whole: more than one character is wrong";
        goto out;
    }
    *secret = read;
out:
    if (err && why)
        *why = reason;
    fluit_wipe(values, sizeof values);
    fluit_wipe(again, sizeof again);
    fluit_wipe(&read, sizeof read);
    return err;
}
