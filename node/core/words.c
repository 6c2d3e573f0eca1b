#include "node/core/words.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/limits.h"

#define SECOND_US INT64_C(1000000)
#define DAY_S     86400

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct fluit_slice skip_blanks(struct fluit_slice line)
{
    while (line.len > 0 && blank(line.data[0])) {
        line.data++;
        line.len--;
    }
    return line;
}

struct fluit_slice fluit_words_next(struct fluit_slice *line)
{
    *line = skip_blanks(*line);
    struct fluit_slice word = fluit_slice(line->data, 0);
    while (word.len < line->len && !blank(line->data[word.len]))
        word.len++;
    if (word.len > 0)
        line->data += word.len; /* of no bytes at all there is no place */
    line->len -= word.len;
    return word;
}

struct fluit_slice fluit_words_rest(struct fluit_slice line)
{
    line = skip_blanks(line);
    while (line.len > 0 && blank(line.data[line.len - 1]))
        line.len--;
    return line;
}

bool fluit_words_begins(struct fluit_slice word, const char *text)
{
    return word.len > 0 && word.len <= strlen(text) && memcmp(text, word.data, word.len) == 0;
}

bool fluit_words_number(struct fluit_slice word, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (word.len == 0 || word.len > 18)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(word.data[i] - '0');
    }
    if (value > max)
        return false;
    *out = value;
    return true;
}

bool fluit_words_duration(struct fluit_slice word, int64_t *out_us)
{
    int64_t unit_s = 60;
    if (word.len > 1) {
        uint8_t last = word.data[word.len - 1];
        bool has_unit = last == 's' || last == 'm' || last == 'h';
        unit_s = last == 's' ? 1 : last == 'h' ? 3600 : 60;
        word.len -= has_unit;
    }
    uint64_t count;
    if (!fluit_words_number(word, DAY_S, &count) || (int64_t)count * unit_s > DAY_S)
        return false;
    *out_us = (int64_t)count * unit_s * SECOND_US;
    return true;
}

#define DISTANCE_LEN_MAX FLUIT_ID_LEN_MAX
#define SLIPS_MAX        2

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned fluit_words_distance(struct fluit_slice word, const char *other)
{
    unsigned d[DISTANCE_LEN_MAX + 1][DISTANCE_LEN_MAX + 1];
    size_t len = strlen(other);
    if (word.len > DISTANCE_LEN_MAX || len > DISTANCE_LEN_MAX)
        return UINT_MAX;
    for (size_t i = 0; i <= word.len; i++)
        for (size_t k = 0; k <= len; k++) {
            if (i == 0 || k == 0) {
                d[i][k] = (unsigned)(i + k);
                continue;
            }
            unsigned changed = word.data[i - 1] != (uint8_t)other[k - 1];
            d[i][k] = least(least(d[i - 1][k], d[i][k - 1]) + 1, d[i - 1][k - 1] + changed);
            if (i > 1 && k > 1 && word.data[i - 1] == (uint8_t)other[k - 2] &&
                word.data[i - 2] == (uint8_t)other[k - 1])
                d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
        }
    return d[word.len][len];
}

void fluit_words_try(struct fluit_words_near *near, const char *word)
{
    unsigned away = fluit_words_distance(near->typed, word);
    if (away > SLIPS_MAX || 2 * away > near->typed.len || (near->best && away >= near->away))
        return;
    near->best = word;
    near->away = away;
}

struct fluit_slice fluit_words_shown(struct fluit_slice word)
{
    bool shown = word.len <= FLUIT_ID_LEN_MAX && fluit_text_ok(word);
    return fluit_slice(word.data, shown ? word.len : 0);
}

void fluit_words_unknown(const struct fluit_words_near *near, char out[static FLUIT_UNKNOWN_LEN])
{
    struct fluit_slice shown = fluit_words_shown(near->typed);
    snprintf(out, FLUIT_UNKNOWN_LEN, "unknown command '%.*s'%s%s%s type help", (int)shown.len,
             (const char *)shown.data, near->best ? "; did you mean '" : ";",
             near->best ? near->best : "", near->best ? "'?" : "");
}
