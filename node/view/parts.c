#include "node/view/parts.h"

#include <string.h>

#include "node/view/view.h"

void fluit_view_begin(struct fluit_view *view)
{
    fluit_doc_init(&view->doc);
    view->text_left = FLUIT_VIEW_TEXT_MAX;
}

enum fluit_err fluit_view_end(struct fluit_view *view, struct fluit_buf *out)
{
    enum fluit_err err = fluit_doc_dump_line(&view->doc, out);
    fluit_doc_deinit(&view->doc);
    return err;
}

bool fluit_view_same(struct fluit_slice a, struct fluit_slice b)
{
    const uint8_t *x = a.len ? memchr(a.data, '}', a.len) : NULL;
    const uint8_t *y = b.len ? memchr(b.data, '}', b.len) : NULL;
    if (!x || !y)
        return fluit_slice_eq(a, b);
    return fluit_slice_eq(fluit_slice(x, a.len - (size_t)(x - a.data)),
                          fluit_slice(y, b.len - (size_t)(y - b.data)));
}

/* As many bytes of text, at most max, as are whole characters. */
static size_t whole(const char *text, size_t max)
{
    while (max > 0 && ((uint8_t)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

void fluit_view_text(struct fluit_view *view, const char *key, const char *text)
{
    char begin[FLUIT_VIEW_CUT_LEN + 1];
    size_t len = strlen(text);
    if (len <= view->text_left || len <= FLUIT_VIEW_CUT_LEN) {
        view->text_left -= len < view->text_left ? len : view->text_left;
        fluit_doc_str(&view->doc, key, text);
        return;
    }
    len = whole(text, FLUIT_VIEW_CUT_LEN);
    memcpy(begin, text, len);
    begin[len] = 0;
    fluit_doc_str(&view->doc, key, begin);
    fluit_doc_bool(&view->doc, "cut", true);
    fluit_wipe(begin, sizeof begin);
}

void fluit_view_id(struct fluit_view *view, const char *key, const struct fluit_id *id)
{
    if (id->s[0])
        fluit_doc_str(&view->doc, key, id->s);
    else
        fluit_doc_null(&view->doc, key);
}

void fluit_view_note_id(struct fluit_view *view, const char *key, const struct fluit_note_id *id)
{
    char hex[2 * sizeof id->b + 1];
    fluit_hex(id->b, sizeof id->b, hex);
    fluit_doc_str(&view->doc, key, hex);
}

void fluit_view_heard(struct fluit_view *view, const struct fluit_fold *fold, int index)
{
    const struct fluit_heard *test = index < 0 ? NULL : fluit_fold_heard(fold, (uint32_t)index);
    if (test)
        fluit_doc_bool(&view->doc, "heard", test->heard);
    else
        fluit_doc_null(&view->doc, "heard");
}

void fluit_view_late(struct fluit_view *view, const struct fluit_fold *fold,
                     const struct fluit_origin *origin)
{
    fluit_doc_str(&view->doc, "late", fluit_late_name(fluit_fold_late(fold, origin)));
}

void fluit_view_session(struct fluit_view *view, const char *key,
                        const struct fluit_session *session)
{
    char text[9];
    fluit_hex(session->id, 4, text);
    fluit_doc_str(&view->doc, key, text);
}

uint64_t fluit_view_seq(const struct fluit_node *node, const struct fluit_origin *origin)
{
    const struct fluit_feed_id *own = &node->replica.feeds[node->own.index]->info.id;
    return memcmp(own->b, origin->feed.b, sizeof own->b) == 0 ? origin->seq : 0;
}

const char *fluit_plan_state_name(uint8_t state)
{
    static const char *const names[] = {"", "ready", "running", "paused", "ended"};
    return state < sizeof names / sizeof names[0] ? names[state] : "";
}

void fluit_view_clock(struct fluit_view *view, const struct fluit_node *node)
{
    bool known = fluit_clock_known(&node->clock);
    fluit_doc_object(&view->doc, "clock");
    fluit_doc_int(&view->doc, "mesh_us", fluit_node_mesh_us(node));
    fluit_doc_int(&view->doc, "bound_us",
                  known ? fluit_clock_bound(&node->clock, node->now_us) : 0);
    fluit_doc_end(&view->doc);
}

static void put_own(struct fluit_view *view, struct fluit_node *node)
{
    uint64_t seqs[FLUIT_NODES_MAX], saved = node->replica.feeds[node->own.index]->info.seq;
    uint32_t count = fluit_node_holders(node, seqs, FLUIT_NODES_MAX);
    struct fluit_safety safety = fluit_node_safety(node, saved);
    fluit_doc_object(&view->doc, "own");
    fluit_doc_int(&view->doc, "saved", (int64_t)saved);
    fluit_doc_int(&view->doc, "safe", (int64_t)(safety.safe ? saved : node->own.safe_seq));
    fluit_doc_int(&view->doc, "others", safety.others);
    fluit_doc_array(&view->doc, "held");
    for (uint32_t i = 0; i < count; i++)
        fluit_doc_int(&view->doc, NULL, (int64_t)seqs[i]);
    fluit_doc_end(&view->doc);
    fluit_doc_end(&view->doc);
}

static void put_hub(struct fluit_view *view, struct fluit_node *node)
{
    uint64_t saved = node->replica.feeds[node->own.index]->info.seq;
    const struct fluit_sync_link *link = fluit_node_hub_link(node);
    bool here = link && (!link->heard_us || node->now_us - link->heard_us < FLUIT_LINK_DEAD_US);
    fluit_doc_object(&view->doc, "hub");
    fluit_doc_bool(&view->doc, "here", here || fluit_node_leads(node));
    fluit_doc_bool(&view->doc, "safe", fluit_node_safety(node, saved).safe);
    fluit_doc_end(&view->doc);
}

void fluit_view_node(struct fluit_view *view, struct fluit_node *node, bool ready)
{
    char hex[17];
    fluit_doc_object(&view->doc, "node");
    fluit_doc_str(&view->doc, "class", fluit_node_class_name(node->node_class));
    fluit_doc_int(&view->doc, "table", node->table);
    fluit_doc_bool(&view->doc, "ready", ready);
    fluit_doc_end(&view->doc);
    if (!node->joined)
        return;
    fluit_hex(node->root.b, 8, hex);
    fluit_doc_str(&view->doc, "workshop", hex);
    if (!node->own.ready)
        return;
    put_hub(view, node);
    put_own(view, node);
}

static void put_mark(struct fluit_view *view, struct fluit_mark_id id, int64_t at_us)
{
    fluit_doc_int(&view->doc, "step", id.step);
    fluit_doc_str(&view->doc, "kind", id.kind == FLUIT_MARK_START ? "start" : "end");
    fluit_doc_int(&view->doc, "occurrence", id.occurrence);
    fluit_doc_int(&view->doc, "at_us", at_us);
}

/* Has this node saved that it will whistle it then? */
static bool is_armed(const struct fluit_alarm *alarm, const struct fluit_mark *mark)
{
    for (uint8_t i = 0; i < alarm->armed.count; i++)
        if (fluit_mark_id_eq(alarm->armed.marks[i].id, mark->id) &&
            alarm->armed.marks[i].at_us == mark->at_us)
            return true;
    return false;
}

static void put_marks(struct fluit_view *view, const struct fluit_node *node)
{
    fluit_doc_array(&view->doc, "marks");
    for (uint8_t i = 0; i < node->plan.mark_count; i++) {
        fluit_doc_object(&view->doc, NULL);
        put_mark(view, node->plan.marks[i].id, node->plan.marks[i].at_us);
        fluit_doc_bool(&view->doc, "armed", is_armed(&node->alarm, &node->plan.marks[i]));
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
    fluit_doc_array(&view->doc, "whistled");
    for (uint32_t i = 0; i < node->whistled_count; i++) {
        fluit_doc_object(&view->doc, NULL);
        put_mark(view, node->whistled[i].mark, node->whistled[i].at_us);
        fluit_doc_bool(&view->doc, "sounded", node->whistled[i].outputs != FLUIT_OUTPUT_NONE);
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

void fluit_view_plan(struct fluit_view *view, const struct fluit_node *node)
{
    const struct fluit_plan *plan = &node->plan;
    fluit_doc_object(&view->doc, "plan");
    fluit_doc_int(&view->doc, "step", plan->step);
    fluit_doc_int(&view->doc, "round", plan->round);
    fluit_doc_str(&view->doc, "state", fluit_plan_state_name(plan->state));
    fluit_doc_int(&view->doc, "start_us", plan->start_us);
    fluit_doc_int(&view->doc, "end_us", plan->end_us);
    fluit_doc_int(&view->doc, "left_us", plan->left_us);
    fluit_doc_int(&view->doc, "wrap_up_us", plan->wrap_up_us);
    fluit_doc_end(&view->doc);
    put_marks(view, node);
}
