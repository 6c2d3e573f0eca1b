#include "common/script_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 40

/* What the author wrote, fit to print in a message. */
struct shown {
    char s[SHOWN_MAX + 4];
};

static struct shown show(const struct fluit_yaml_node *node)
{
    struct shown out = {{0}};
    size_t len = node->text.len > SHOWN_MAX ? SHOWN_MAX : node->text.len;
    while (len < node->text.len && len > 0 && (node->text.data[len] & 0xc0) == 0x80)
        len--;
    if (!fluit_text_ok(node->text))
        return (struct shown){"?"};
    for (size_t i = 0; i < len; i++) {
        char c = (char)node->text.data[i];
        out.s[i] = c == '\n' || c == '\t' ? ' ' : c;
    }
    if (len < node->text.len)
        memcpy(out.s + len, "...", 4);
    return out;
}

void fluit_script_read_fail(struct fluit_reader *r, const struct fluit_yaml_node *at,
                            const char *text, ...)
{
    if (r->err)
        return;
    r->err = FLUIT_E_FORMAT;
    r->error->line = at->line;
    r->error->column = at->column;
    va_list args;
    va_start(args, text);
    vsnprintf(r->error->text, sizeof r->error->text, text, args);
    va_end(args);
}

void *fluit_script_read_alloc(struct fluit_reader *r, size_t count, size_t size)
{
    void *p = r->err ? NULL : fluit_arena_get(&r->script->arena, count * size);
    if (!p && !r->err)
        r->err = FLUIT_E_NOMEM;
    return p;
}

/* How many letters differ, by Levenshtein; large for long words. */
static int distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    int row[FLUIT_ID_LEN_MAX + 1];
    if (a_len > FLUIT_ID_LEN_MAX || b_len > FLUIT_ID_LEN_MAX)
        return FLUIT_ID_LEN_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= a_len; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_len; j++) {
            int replaced = diagonal + (a[i - 1] != b[j - 1]);
            int shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[b_len];
}

/* "; did you mean "x"?; allowed: x, y", cut off where it does not fit. */
struct hint {
    char s[260];
};

static struct hint hint(const char *word, const char *const *names, int count)
{
    struct hint out = {{0}};
    int nearest = -1, least = strlen(word) > 4 ? 3 : 2; /* less than this many letters off */
    for (int i = 0; i < count; i++) {
        int off = distance(word, names[i]);
        if (off < least) {
            least = off;
            nearest = i;
        }
    }
    int used = 0;
    if (nearest >= 0)
        used = snprintf(out.s, sizeof out.s, "; did you mean \"%s\"?", names[nearest]);
    used += snprintf(out.s + used, sizeof out.s - (size_t)used, "; allowed: ");
    for (int i = 0; i < count; i++) {
        size_t left = sizeof out.s - (size_t)used;
        if (strlen(names[i]) + sizeof ", ..." > left) {
            snprintf(out.s + used, left, "...");
            break;
        }
        used += snprintf(out.s + used, left, i + 1 < count ? "%s, " : "%s", names[i]);
    }
    return out;
}

static void fail_unknown_key(struct fluit_reader *r, const struct fluit_yaml_node *key,
                             const char *what, const struct fluit_script_read_field *fields,
                             int count)
{
    const char *names[16];
    int name_count = 0;
    for (; name_count < count && name_count < 16; name_count++)
        names[name_count] = fields[name_count].key;
    fluit_script_read_fail(r, key, "unknown key \"%s\" in %s%s", show(key).s, what,
                           hint((const char *)key->text.data, names, name_count).s);
}

static const struct fluit_script_read_field *
find_field(const struct fluit_yaml_node *key, const struct fluit_script_read_field *fields,
           int count)
{
    for (int i = 0; i < count; i++)
        if (key->kind == FLUIT_YAML_SCALAR && fluit_slice_is(key->text, fields[i].key))
            return &fields[i];
    return NULL;
}

static void read_key(struct fluit_reader *r, const struct fluit_yaml_node *key, const char *what,
                     const struct fluit_script_read_field *fields, int count)
{
    const struct fluit_script_read_field *field = find_field(key, fields, count);
    if (key->kind != FLUIT_YAML_SCALAR)
        fluit_script_read_fail(r, key, "a key in %s must be a word; write \"%s: ...\"", what,
                               fields[0].key);
    else if (!field)
        fail_unknown_key(r, key, what, fields, count);
    else if (*field->node)
        fluit_script_read_fail(r, key, "\"%s\" stands twice in %s; leave one out", field->key,
                               what);
    else
        *field->node = key->next;
}

bool fluit_script_read_map(struct fluit_reader *r, const struct fluit_yaml_node *node,
                           const char *what, const struct fluit_script_read_field *fields,
                           int field_count)
{
    for (int i = 0; i < field_count; i++)
        *fields[i].node = NULL;
    if (!node || r->err)
        return false;
    if (node->kind != FLUIT_YAML_MAP) {
        fluit_script_read_fail(r, node,
                               "%s must be a map; write \"%s: ...\" and so on, a key a line", what,
                               fields[0].key);
        return false;
    }
    for (const struct fluit_yaml_node *key = node->first; key && !r->err; key = key->next->next)
        read_key(r, key, what, fields, field_count);
    for (int i = 0; i < field_count; i++)
        if (fields[i].needed && !*fields[i].node)
            fluit_script_read_fail(r, node, "%s needs the key \"%s\"; add \"%s: ...\"", what,
                                   fields[i].key, fields[i].key);
    return !r->err;
}

bool fluit_script_read_list(struct fluit_reader *r, const struct fluit_yaml_node *node,
                            const char *what, int min, int max)
{
    if (!node || r->err)
        return false;
    if (node->kind != FLUIT_YAML_LIST) {
        fluit_script_read_fail(r, node,
                               "%s must be a list; begin each item on a line of its own with "
                               "\"- \"",
                               what);
        return false;
    }
    if (node->child_count < min)
        fluit_script_read_fail(r, node, "%s: %d given; write at least %d", what, node->child_count,
                               min);
    const struct fluit_yaml_node *item = node->first;
    for (int i = 0; item && i < max; i++)
        item = item->next;
    if (item)
        fluit_script_read_fail(r, item, "%s: %d given; write at most %d", what, node->child_count,
                               max);
    return !r->err;
}

bool fluit_script_read_scalar(struct fluit_reader *r, const struct fluit_yaml_node *node,
                              const char *what)
{
    if (!node || r->err)
        return false;
    if (node->kind != FLUIT_YAML_SCALAR)
        fluit_script_read_fail(r, node, "%s must be a single value; write it on the key's own line",
                               what);
    else if (node->text.len == 0)
        fluit_script_read_fail(r, node,
                               "%s is empty; write a value, or leave the key out if it is "
                               "optional",
                               what);
    else if (memchr(node->text.data, 0, node->text.len))
        fluit_script_read_fail(r, node, "%s has a NUL in it; leave it out", what);
    return !r->err;
}

static const struct fluit_id *id_of(const void *items, size_t item_size, int index)
{
    return (const void *)((const char *)items + item_size * (size_t)index);
}

void fluit_script_read_id(struct fluit_reader *r, const struct fluit_yaml_node *node,
                          const char *what, const void *items, size_t item_size, int count,
                          struct fluit_id *out)
{
    struct fluit_id id;
    if (!fluit_script_read_scalar(r, node, what))
        return;
    if (fluit_id_set(&id, node->text)) {
        fluit_script_read_fail(r, node, "%s \"%s\" is not an id; write 1 to %d of a-z, 0-9 and -",
                               what, show(node).s, FLUIT_ID_LEN_MAX);
        return;
    }
    for (int i = 0; i < count; i++)
        if (fluit_id_eq(&id, id_of(items, item_size, i)))
            fluit_script_read_fail(r, node, "%s \"%s\" is taken already; write another", what,
                                   id.s);
    if (!r->err)
        *out = id;
}

int fluit_script_read_ref(struct fluit_reader *r, const struct fluit_yaml_node *node,
                          const char *what, const void *items, size_t item_size, int count)
{
    const char *names[FLUIT_CARDS_MAX];
    for (int i = 0; i < count; i++)
        names[i] = id_of(items, item_size, i)->s;
    if (node && !r->err && count == 0)
        fluit_script_read_fail(r, node, "%s: the script has none to choose from; leave this out",
                               what);
    return fluit_script_read_choice(r, node, what, names, count, -1);
}

int fluit_script_read_choice(struct fluit_reader *r, const struct fluit_yaml_node *node,
                             const char *what, const char *const *names, int count, int fallback)
{
    if (!fluit_script_read_scalar(r, node, what))
        return fallback;
    for (int i = 0; i < count; i++)
        if (fluit_slice_is(node->text, names[i]))
            return i;
    fluit_script_read_fail(r, node, "%s \"%s\" is not known%s", what, show(node).s,
                           hint((const char *)node->text.data, names, count).s);
    return fallback;
}
