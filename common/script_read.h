/* script_read.h: strict, typed reading of a script's YAML nodes. Only for common/script_*.c.
 *
 * The first mistake is kept with its place and later calls do nothing, so a caller reads on and
 * looks at err once. A node may be NULL, an optional key that was left out: out then keeps what it
 * holds and functions with a fallback return that. `what` names the thing in messages. */
#ifndef FLUIT_SCRIPT_READ_H
#define FLUIT_SCRIPT_READ_H

#include "common/script.h"
#include "common/yaml_doc.h"

struct fluit_reader {
    struct fluit_script *script; /* being filled; its languages come first */
    struct fluit_script_error *error;
    enum fluit_err err;
};

/* text: what is wrong; what to write. */
void fluit_script_read_fail(struct fluit_reader *r, const struct fluit_yaml_node *at,
                            const char *text, ...) __attribute__((format(printf, 3, 4)));
/* Storage that the script owns; NULL (and err set) if out of memory. */
void *fluit_script_read_alloc(struct fluit_reader *r, size_t count, size_t size);

struct fluit_script_read_field {
    const char *key;
    bool needed;
    const struct fluit_yaml_node **node; /* set to the key's value, or NULL */
};
/* False unless node is a map with these keys only, each at most once and the needed ones there. */
bool fluit_script_read_map(struct fluit_reader *r, const struct fluit_yaml_node *node,
                           const char *what, const struct fluit_script_read_field *fields,
                           int field_count);
/* False unless node is a list of min to max items. */
bool fluit_script_read_list(struct fluit_reader *r, const struct fluit_yaml_node *node,
                            const char *what, int min, int max);
/* False unless node is a scalar that is not empty. */
bool fluit_script_read_scalar(struct fluit_reader *r, const struct fluit_yaml_node *node,
                              const char *what);

/* An id that none of the count items has; each item begins with its struct fluit_id. */
void fluit_script_read_id(struct fluit_reader *r, const struct fluit_yaml_node *node,
                          const char *what, const void *items, size_t item_size, int count,
                          struct fluit_id *out);
/* Which of the ids of such items this is, or -1. */
int fluit_script_read_ref(struct fluit_reader *r, const struct fluit_yaml_node *node,
                          const char *what, const void *items, size_t item_size, int count);
/* Which of the names this is. */
int fluit_script_read_choice(struct fluit_reader *r, const struct fluit_yaml_node *node,
                             const char *what, const char *const *names, int count, int fallback);

/* One text for all languages or a map of language to text. A name is one line. */
void fluit_script_read_name(struct fluit_reader *r, const struct fluit_yaml_node *node,
                            const char *what, struct fluit_text *out);
void fluit_script_read_text(struct fluit_reader *r, const struct fluit_yaml_node *node,
                            const char *what, struct fluit_text *out);
/* Sets every language to "". */
void fluit_script_read_no_text(struct fluit_text *out);

int fluit_script_read_int(struct fluit_reader *r, const struct fluit_yaml_node *node,
                          const char *what, int min, int max, int fallback);
bool fluit_script_read_bool(struct fluit_reader *r, const struct fluit_yaml_node *node,
                            const char *what, bool fallback);
/* "90s", "15m", "1h", "1h30m" in microseconds; 0 without a node. */
int64_t fluit_script_read_duration(struct fluit_reader *r, const struct fluit_yaml_node *node,
                                   const char *what);
/* "13:30" in minutes after midnight; -1 without a node. */
int fluit_script_read_time(struct fluit_reader *r, const struct fluit_yaml_node *node,
                           const char *what);
void fluit_script_read_colour(struct fluit_reader *r, const struct fluit_yaml_node *node,
                              char out[8]);

/* script_agenda.c: questions and steps, after the roles. */
void fluit_script_read_agenda(struct fluit_reader *r, const struct fluit_yaml_node *sets,
                              const struct fluit_yaml_node *agenda);

#endif
