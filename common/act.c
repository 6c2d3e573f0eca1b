#include "common/act.h"

#include <string.h>

enum fluit_err fluit_id_set(struct fluit_id *id, struct fluit_slice text)
{
    if (text.len == 0 || text.len > FLUIT_ID_LEN_MAX)
        return FLUIT_E_FORMAT;
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return FLUIT_E_FORMAT;
    }
    memset(id, 0, sizeof *id);
    memcpy(id->s, text.data, text.len);
    return FLUIT_OK;
}

bool fluit_id_eq(const struct fluit_id *a, const struct fluit_id *b)
{
    return strcmp(a->s, b->s) == 0;
}

bool fluit_id_is(const struct fluit_id *id, const char *text)
{
    return strcmp(id->s, text) == 0;
}

bool fluit_card_ref_eq(const struct fluit_card_ref *a, const struct fluit_card_ref *b)
{
    return a->copy == b->copy && fluit_id_eq(&a->card, &b->card);
}

bool fluit_mark_id_eq(struct fluit_mark_id a, struct fluit_mark_id b)
{
    return a.step == b.step && a.round == b.round && a.kind == b.kind &&
           a.occurrence == b.occurrence;
}

bool fluit_plan_newer(const struct fluit_plan *a, const struct fluit_plan *b)
{
    return b->term != a->term ? b->term > a->term : b->revision > a->revision;
}

const char *fluit_node_class_name(enum fluit_node_class node_class)
{
    switch (node_class) {
    case FLUIT_NODE_HUB:
        return "hub";
    case FLUIT_NODE_STANDBY:
        return "standby";
    case FLUIT_NODE_TABLE:
        return "table";
    case FLUIT_NODE_RAPPORTEUR:
        return "rapporteur";
    }
    return "unknown";
}

#define BY_HUB   (1u << FLUIT_NODE_HUB)
#define BY_TABLE (1u << FLUIT_NODE_TABLE)
#define BY_NOTER (BY_TABLE | 1u << FLUIT_NODE_RAPPORTEUR)
/* A standby may have to lead; under which term is the node's to check. */
#define BY_LEAD (BY_HUB | 1u << FLUIT_NODE_STANDBY)
#define BY_ALL  (BY_LEAD | BY_NOTER)

/* PROTOCOL.md "Authority". */
static const struct {
    enum fluit_kind kind;
    const char *name;
    enum fluit_class entry_class;
    unsigned authors;
} kinds[] = {
    {FLUIT_KIND_HELLO, "hello", FLUIT_CLASS_CONTROL, BY_ALL},
    {FLUIT_KIND_KEY, "key", FLUIT_CLASS_OPEN, BY_ALL},
    {FLUIT_KIND_ROSTER, "roster", FLUIT_CLASS_CONTROL, BY_LEAD},
    {FLUIT_KIND_SCRIPT, "script", FLUIT_CLASS_CONTROL, BY_LEAD},
    {FLUIT_KIND_PLAN, "plan", FLUIT_CLASS_CONTROL, BY_LEAD},
    {FLUIT_KIND_CUT, "cut", FLUIT_CLASS_CONTROL, BY_LEAD},
    {FLUIT_KIND_TERM, "term", FLUIT_CLASS_CONTROL, BY_LEAD},
    {FLUIT_KIND_MESSAGE, "message", FLUIT_CLASS_CONTROL, BY_LEAD},
    {FLUIT_KIND_RELEASE, "release", FLUIT_CLASS_CONTROL, BY_LEAD},
    {FLUIT_KIND_INVITE, "invite", FLUIT_CLASS_STORY, BY_LEAD},
    {FLUIT_KIND_ARMED, "armed", FLUIT_CLASS_CONTROL, BY_ALL},
    {FLUIT_KIND_FIRED, "fired", FLUIT_CLASS_CONTROL, BY_ALL},
    {FLUIT_KIND_HEARD, "heard", FLUIT_CLASS_CONTROL, BY_NOTER},
    {FLUIT_KIND_HEAP, "heap", FLUIT_CLASS_CONTROL, BY_LEAD},
    {FLUIT_KIND_PLACE, "place", FLUIT_CLASS_STORY, BY_TABLE},
    {FLUIT_KIND_ASIDE, "aside", FLUIT_CLASS_STORY, BY_TABLE},
    {FLUIT_KIND_LIFT, "lift", FLUIT_CLASS_STORY, BY_TABLE},
    {FLUIT_KIND_WHY, "why", FLUIT_CLASS_STORY, BY_TABLE},
    {FLUIT_KIND_LINK, "link", FLUIT_CLASS_STORY, BY_TABLE},
    {FLUIT_KIND_BLANK, "blank", FLUIT_CLASS_STORY, BY_TABLE},
    {FLUIT_KIND_ROLE, "role", FLUIT_CLASS_STORY, BY_TABLE},
    {FLUIT_KIND_NOTE, "note", FLUIT_CLASS_STORY, BY_NOTER},
    {FLUIT_KIND_ANSWER, "answer", FLUIT_CLASS_STORY, BY_NOTER},
    {FLUIT_KIND_PHOTO, "photo", FLUIT_CLASS_STORY, BY_NOTER},
    {FLUIT_KIND_NEXT_BOARD, "next board", FLUIT_CLASS_STORY, BY_TABLE},
    {FLUIT_KIND_GROUP, "group", FLUIT_CLASS_STORY, BY_NOTER},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

enum fluit_class fluit_kind_class(enum fluit_kind kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].kind == kind)
            return kinds[i].entry_class;
    return FLUIT_CLASS_STORY; /* what we do not know is guarded best */
}

bool fluit_kind_allowed(enum fluit_kind kind, enum fluit_node_class author)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].kind == kind)
            return (kinds[i].authors >> author & 1) != 0;
    return false;
}

const char *fluit_kind_name(enum fluit_kind kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "unknown";
}

int fluit_origin_cmp(const struct fluit_origin *a, const struct fluit_origin *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    int by_incarnation = memcmp(a->incarnation, b->incarnation, sizeof a->incarnation);
    if (by_incarnation)
        return by_incarnation;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}
