/* yaml_doc.h: YAML text as a tree whose every node knows its line and column.
 *
 * The plain part of YAML only: one document of maps, lists and scalars in UTF-8. Anchors, aliases
 * and tags are refused, so a node stands in one place and the tree is no larger than the text. */
#ifndef FLUIT_YAML_DOC_H
#define FLUIT_YAML_DOC_H

#include "common/arena.h"
#include "common/bytes.h"

struct fluit_script_error;

enum fluit_yaml_kind {
    FLUIT_YAML_SCALAR,
    FLUIT_YAML_LIST,
    FLUIT_YAML_MAP, /* its children are key, value, key, value... */
};

struct fluit_yaml_node {
    enum fluit_yaml_kind kind;
    int line, column;        /* from 1; columns in characters */
    struct fluit_slice text; /* of a scalar, also NUL-terminated */
    int child_count;
    struct fluit_yaml_node *first, *last; /* children */
    struct fluit_yaml_node *next;         /* sibling */
};

/* Reads yaml into a tree that lives in arena (also on error: deinit it). Errors: FORMAT or LIMIT
 * with *error filled in, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_yaml_load(struct fluit_slice yaml, struct fluit_arena *arena,
                                                const struct fluit_yaml_node **root,
                                                struct fluit_script_error *error);

#endif
