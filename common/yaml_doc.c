#include "common/yaml_doc.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "common/script.h"

struct builder {
    yaml_parser_t parser;
    struct fluit_slice yaml;
    struct fluit_arena *arena;
    struct fluit_script_error *error;
    struct fluit_yaml_node *root;
    struct fluit_yaml_node *open[FLUIT_YAML_DEPTH_MAX]; /* lists and maps not yet ended */
    int depth;
    int node_count;
    bool ended;
};

static enum fluit_err fail(struct builder *b, enum fluit_err err, yaml_mark_t at, const char *text)
{
    b->error->line = (int)at.line + 1;
    b->error->column = (int)at.column + 1;
    snprintf(b->error->text, sizeof b->error->text, "%s", text);
    return err;
}

/* What libyaml says, and what a facilitator can do about it. */
static const struct {
    const char *problem;
    const char *say;
} advice[] = {
    {"mapping values are not allowed",
     "a colon where none can be; put a text with \": \" in it in quotes, or correct the "
     "indentation"},
    {"cannot start any token",
     "a character that no text may begin with; indent with spaces, not tabs, and put a text that "
     "begins with a sign such as @ or % in quotes"},
    {"unexpected end of stream",
     "the file ends inside a quoted text; write the closing quote, and write \\\" for a quote "
     "inside one"},
    {"expected ',' or",
     "a comma or a closing bracket is missing; write {nl: ..., en: ...} or [a, b, c]"},
    {"expected key",
     "this is not indented as the keys around it; put every key of one map straight below the "
     "first, as \"key: value\""},
    {"expected ':'", "this line has no colon; write \"key: value\""},
    {"expected '-'",
     "this is not indented as the items around it; begin every item of one list straight below "
     "the first \"- \""},
    {"unknown escape", "an unknown sign after \\ in a text; write \\\\ for a backslash"},
    {"document start", "more text where the script was over; correct the indentation"},
};

static const char *advice_on(const char *problem)
{
    for (size_t i = 0; i < sizeof advice / sizeof advice[0]; i++)
        if (strstr(problem, advice[i].problem))
            return advice[i].say;
    return NULL;
}

/* Errors of libyaml's reader have an offset and no mark. */
static yaml_mark_t mark_at(struct fluit_slice yaml, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < yaml.len; i++) {
        if (yaml.data[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if ((yaml.data[i] & 0xc0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static enum fluit_err parser_error(struct builder *b)
{
    const yaml_parser_t *parser = &b->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return FLUIT_E_NOMEM;
    if (parser->error == YAML_READER_ERROR)
        return fail(b, FLUIT_E_FORMAT, mark_at(b->yaml, parser->problem_offset),
                    "a character that is not allowed in a text file; save the file as UTF-8");
    const char *problem = parser->problem ? parser->problem : "this is not YAML";
    const char *say = advice_on(problem);
    if (say)
        return fail(b, FLUIT_E_FORMAT, parser->problem_mark, say);
    char text[200];
    snprintf(text, sizeof text, "%s; correct the indentation, quotes or colons here", problem);
    return fail(b, FLUIT_E_FORMAT, parser->problem_mark, text);
}

static void append(struct builder *b, struct fluit_yaml_node *node)
{
    if (b->depth == 0) {
        b->root = node;
        return;
    }
    struct fluit_yaml_node *parent = b->open[b->depth - 1];
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->child_count++;
}

static enum fluit_err add_node(struct builder *b, const yaml_event_t *event,
                               enum fluit_yaml_kind kind, struct fluit_yaml_node **out)
{
    if (++b->node_count > FLUIT_YAML_NODES_MAX)
        return fail(b, FLUIT_E_LIMIT, event->start_mark,
                    "the script has too many parts; leave some out");
    struct fluit_yaml_node *node = fluit_arena_get(b->arena, sizeof *node);
    if (!node)
        return FLUIT_E_NOMEM;
    node->kind = kind;
    node->line = (int)event->start_mark.line + 1;
    node->column = (int)event->start_mark.column + 1;
    append(b, node);
    *out = node;
    return FLUIT_OK;
}

static enum fluit_err refuse_extras(struct builder *b, const yaml_event_t *event,
                                    const void *anchor, const void *tag)
{
    if (anchor)
        return fail(b, FLUIT_E_FORMAT, event->start_mark,
                    "anchors (&name) are not used in scripts; leave it out, or put the text in "
                    "quotes");
    if (tag)
        return fail(b, FLUIT_E_FORMAT, event->start_mark,
                    "tags (!name) are not used in scripts; leave it out, or put the text in "
                    "quotes");
    return FLUIT_OK;
}

static enum fluit_err on_scalar(struct builder *b, const yaml_event_t *event)
{
    enum fluit_err err = refuse_extras(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    struct fluit_yaml_node *node;
    if (!err)
        err = add_node(b, event, FLUIT_YAML_SCALAR, &node);
    if (err)
        return err;
    size_t len = event->data.scalar.length;
    char *text = fluit_arena_get(b->arena, len + 1);
    if (!text)
        return FLUIT_E_NOMEM;
    memcpy(text, event->data.scalar.value, len);
    node->text = fluit_slice(text, len);
    return FLUIT_OK;
}

static enum fluit_err on_open(struct builder *b, const yaml_event_t *event)
{
    bool map = event->type == YAML_MAPPING_START_EVENT;
    enum fluit_err err = map ? refuse_extras(b, event, event->data.mapping_start.anchor,
                                             event->data.mapping_start.tag)
                             : refuse_extras(b, event, event->data.sequence_start.anchor,
                                             event->data.sequence_start.tag);
    if (err)
        return err;
    if (b->depth == FLUIT_YAML_DEPTH_MAX)
        return fail(b, FLUIT_E_LIMIT, event->start_mark,
                    "nested too deeply; close the brackets or correct the indentation");
    struct fluit_yaml_node *node;
    err = add_node(b, event, map ? FLUIT_YAML_MAP : FLUIT_YAML_LIST, &node);
    if (!err)
        b->open[b->depth++] = node;
    return err;
}

static enum fluit_err on_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return b->root ? fail(b, FLUIT_E_FORMAT, event->start_mark,
                              "a second document; a file holds one script, so leave out \"---\"")
                       : FLUIT_OK;
    case YAML_ALIAS_EVENT:
        return fail(b, FLUIT_E_FORMAT, event->start_mark,
                    "aliases (*name) are not used in scripts; write it out, or put the text in "
                    "quotes");
    case YAML_SCALAR_EVENT:
        return on_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_open(b, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return FLUIT_OK;
    case YAML_STREAM_END_EVENT:
        b->ended = true;
        return FLUIT_OK;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return FLUIT_OK;
    }
    return FLUIT_OK;
}

/* libyaml's events, not its documents: those have aliases resolved and anchors forgotten. */
static enum fluit_err build(struct builder *b)
{
    while (!b->ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&b->parser, &event))
            return parser_error(b);
        enum fluit_err err = on_event(b, &event);
        yaml_event_delete(&event);
        if (err)
            return err;
    }
    yaml_mark_t start = {0};
    return b->root ? FLUIT_OK
                   : fail(b, FLUIT_E_FORMAT, start,
                          "the script is empty; begin with \"id: my-workshop\"");
}

static struct fluit_slice without_byte_order_mark(struct fluit_slice yaml)
{
    bool marked = yaml.len >= 3 && memcmp(yaml.data, "\xef\xbb\xbf", 3) == 0;
    return marked ? fluit_slice(yaml.data + 3, yaml.len - 3) : yaml;
}

enum fluit_err fluit_yaml_load(struct fluit_slice yaml, struct fluit_arena *arena,
                               const struct fluit_yaml_node **root,
                               struct fluit_script_error *error)
{
    if (yaml.len > FLUIT_SCRIPT_LEN_MAX) {
        *error = (struct fluit_script_error){0};
        snprintf(error->text, sizeof error->text,
                 "a script of more than %d bytes; make its texts shorter", FLUIT_SCRIPT_LEN_MAX);
        return FLUIT_E_LIMIT;
    }
    struct builder b = {.yaml = without_byte_order_mark(yaml), .arena = arena, .error = error};
    if (!yaml_parser_initialize(&b.parser))
        return FLUIT_E_NOMEM;
    const uint8_t nothing = 0; /* libyaml asserts that its input is not NULL */
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, b.yaml.data ? b.yaml.data : &nothing, b.yaml.len);
    enum fluit_err err = build(&b);
    yaml_parser_delete(&b.parser);
    if (!err)
        *root = b.root;
    return err;
}
