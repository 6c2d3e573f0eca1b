/* Values: texts, numbers, durations, times, colours. */
#include "common/script_read.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *read_one_text(struct fluit_reader *r, const struct fluit_yaml_node *node,
                                 const char *what, bool one_line)
{
    if (!fluit_script_read_scalar(r, node, what))
        return "";
    struct fluit_slice text = node->text;
    while (text.len && strchr(" \n\t", text.data[text.len - 1]))
        text.len--; /* block texts end in a newline */
    size_t max = one_line ? FLUIT_NAME_LEN_MAX : FLUIT_TEXT_LEN_MAX;
    if (text.len == 0)
        fluit_script_read_fail(r, node, "%s is empty; write a text", what);
    else if (text.len > max)
        fluit_script_read_fail(r, node, "%s is longer than %zu bytes; write a shorter text", what,
                               max);
    else if (!fluit_text_ok(text))
        fluit_script_read_fail(r, node, "%s has a control character in it; leave it out", what);
    else if (one_line && (memchr(text.data, '\n', text.len) || memchr(text.data, '\t', text.len)))
        fluit_script_read_fail(r, node, "%s must be one line; leave out line ends and tabs", what);
    char *copy = fluit_script_read_alloc(r, text.len + 1, 1);
    if (copy)
        memcpy(copy, text.data, text.len);
    return copy ? copy : "";
}

static void read_languages(struct fluit_reader *r, const struct fluit_yaml_node *node,
                           const char *what, bool one_line, struct fluit_text *out)
{
    const struct fluit_yaml_node *in[FLUIT_LANGS_MAX] = {0};
    struct fluit_script_read_field fields[FLUIT_LANGS_MAX] = {0};
    int count = r->script->language_count;
    for (int i = 0; i < count; i++)
        fields[i] = (struct fluit_script_read_field){r->script->languages[i], i == 0, &in[i]};
    if (!fluit_script_read_map(r, node, what, fields, count))
        return;
    for (int i = 0; i < count; i++)
        out->in[i] = in[i] ? read_one_text(r, in[i], what, one_line) : out->in[0];
    for (int i = count; i < FLUIT_LANGS_MAX; i++)
        out->in[i] = out->in[0];
}

static void read_text(struct fluit_reader *r, const struct fluit_yaml_node *node, const char *what,
                      bool one_line, struct fluit_text *out)
{
    if (!node || r->err)
        return;
    if (node->kind == FLUIT_YAML_MAP) {
        read_languages(r, node, what, one_line, out);
        return;
    }
    const char *text = read_one_text(r, node, what, one_line);
    for (int i = 0; i < FLUIT_LANGS_MAX; i++)
        out->in[i] = text;
}

void fluit_script_read_name(struct fluit_reader *r, const struct fluit_yaml_node *node,
                            const char *what, struct fluit_text *out)
{
    read_text(r, node, what, true, out);
}

void fluit_script_read_text(struct fluit_reader *r, const struct fluit_yaml_node *node,
                            const char *what, struct fluit_text *out)
{
    read_text(r, node, what, false, out);
}

void fluit_script_read_no_text(struct fluit_text *out)
{
    for (int i = 0; i < FLUIT_LANGS_MAX; i++)
        out->in[i] = "";
}

/* Up to 6 digits at *p, moving it on; -1 if there are none or more. */
static int take_number(const char **p)
{
    int value = 0, digits = 0;
    for (; is_digit(**p); (*p)++, digits++) {
        if (digits == 6)
            return -1;
        value = value * 10 + (**p - '0');
    }
    return digits ? value : -1;
}

int fluit_script_read_int(struct fluit_reader *r, const struct fluit_yaml_node *node,
                          const char *what, int min, int max, int fallback)
{
    if (!fluit_script_read_scalar(r, node, what))
        return fallback;
    const char *p = (const char *)node->text.data;
    int value = take_number(&p);
    if (*p || value < min || value > max) {
        fluit_script_read_fail(r, node, "%s must be a whole number; write %d to %d", what, min,
                               max);
        return fallback;
    }
    return value;
}

bool fluit_script_read_bool(struct fluit_reader *r, const struct fluit_yaml_node *node,
                            const char *what, bool fallback)
{
    static const char *const names[] = {"false", "true"};
    return fluit_script_read_choice(r, node, what, names, 2, fallback) == 1;
}

/* Seconds, or -1: "1h30m", each unit at most once and the larger first. */
static int parse_duration(const char *p)
{
    static const struct {
        char unit;
        int seconds;
    } units[] = {{'h', 3600}, {'m', 60}, {'s', 1}};
    int total = 0;
    size_t next = 0;
    do {
        int value = take_number(&p);
        while (next < 3 && units[next].unit != *p)
            next++;
        if (value < 0 || next == 3 || value > FLUIT_DURATION_MAX_S / units[next].seconds)
            return -1;
        total += value * units[next++].seconds;
        p++;
    } while (*p);
    return total <= FLUIT_DURATION_MAX_S ? total : -1;
}

int64_t fluit_script_read_duration(struct fluit_reader *r, const struct fluit_yaml_node *node,
                                   const char *what)
{
    if (!fluit_script_read_scalar(r, node, what))
        return 0;
    int seconds = parse_duration((const char *)node->text.data);
    if (seconds <= 0)
        fluit_script_read_fail(
            r, node, "%s must be a duration of 1s to %dh; write for example 90s, 15m or 1h30m",
            what, FLUIT_DURATION_MAX_S / 3600);
    return (int64_t)seconds * 1000000;
}

int fluit_script_read_time(struct fluit_reader *r, const struct fluit_yaml_node *node,
                           const char *what)
{
    if (!fluit_script_read_scalar(r, node, what))
        return -1;
    const char *p = (const char *)node->text.data;
    int hours = take_number(&p);
    int minutes = -1;
    bool two_digits = *p == ':' && strlen(p + 1) == 2;
    if (two_digits) {
        p++;
        minutes = take_number(&p);
    }
    if (*p || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        fluit_script_read_fail(r, node, "%s must be a time of day; write for example 13:30", what);
        return -1;
    }
    return hours * 60 + minutes;
}

void fluit_script_read_colour(struct fluit_reader *r, const struct fluit_yaml_node *node,
                              char out[8])
{
    if (!node || r->err)
        return;
    uint8_t rgb[3];
    bool fine = node->kind == FLUIT_YAML_SCALAR && node->text.len == 7 &&
                node->text.data[0] == '#' &&
                fluit_unhex((const char *)node->text.data + 1, rgb, sizeof rgb) == FLUIT_OK;
    if (!fine) {
        fluit_script_read_fail(r, node,
                               "a colour must be # and 6 hex digits, in quotes since # begins a "
                               "comment; write for example \"#0072b2\"");
        return;
    }
    out[0] = '#';
    fluit_hex(rgb, sizeof rgb, out + 1);
}
