#include "node/cli/sabotage.h"

#include <string.h>
#include <unistd.h>

#include "node/cli/run.h"
#include "node/core/words.h"
#include "node/io/clocksource.h"

#define TIME_MAX 3600000

static bool cut(struct fluit_sabotage *s, struct fluit_slice rest)
{
    struct fluit_box_pk key;
    char hex[2 * sizeof key.b + 1];
    struct fluit_slice word = fluit_words_next(&rest);
    if (word.len == 0)
        return false;
    for (; word.len > 0; word = fluit_words_next(&rest)) {
        if (word.len != sizeof hex - 1)
            return false;
        memcpy(hex, word.data, word.len);
        hex[word.len] = 0;
        if (fluit_unhex(hex, key.b, sizeof key.b) || fluit_net_cut(s->net, &key))
            return false;
    }
    return true;
}

/* "300ms" or "5s" */
static bool take_time(struct fluit_slice *rest, int64_t *us)
{
    struct fluit_slice word = fluit_words_next(rest);
    uint64_t count;
    if (word.len < 2 || word.data[word.len - 1] != 's')
        return false;
    bool ms = word.data[word.len - 2] == 'm';
    word.len -= ms ? 2 : 1;
    if (!fluit_words_number(word, TIME_MAX, &count))
        return false;
    *us = (int64_t)count * (ms ? 1000 : 1000000);
    return true;
}

static bool slow_disk(struct fluit_sabotage *s, struct fluit_slice rest)
{
    int64_t each_us, for_us;
    if (!take_time(&rest, &each_us) || !take_time(&rest, &for_us))
        return false;
    s->slow_us = each_us;
    s->slow_until_us = fluit_boot_us() + for_us;
    return true;
}

static bool run(struct fluit_sabotage *s, struct fluit_slice word, struct fluit_slice rest)
{
    if (fluit_slice_is(word, "%cut"))
        return cut(s, rest);
    if (fluit_slice_is(word, "%heal"))
        fluit_net_heal(s->net);
    else if (fluit_slice_is(word, "%slow-disk"))
        return slow_disk(s, rest);
    else if (fluit_slice_is(word, "%disk-full"))
        s->disk_full = true;
    else
        return false;
    return true;
}

bool fluit_sabotage_line(void *arg, struct fluit_slice line)
{
    struct fluit_slice rest = line;
    struct fluit_slice word = fluit_words_next(&rest);
    if (word.len == 0 || word.data[0] != '%')
        return false;
    if (!run(arg, word, rest))
        fluit_complain("--faults: '%.*s' can't be done", (int)line.len, (const char *)line.data);
    return true;
}

enum fluit_err fluit_sabotage_disk(struct fluit_sabotage *s)
{
    if (s->disk_full)
        return FLUIT_E_FULL;
    if (fluit_boot_us() < s->slow_until_us)
        usleep((useconds_t)s->slow_us);
    return FLUIT_OK;
}
