#include "node/view/page.h"

#include "node/view/do.h"
#include "node/view/request.h"
#include "node/view/view.h"

/* Of the newest entry of ours; 0: none can be written yet. */
static uint64_t own_seq(const struct fluit_node *node)
{
    bool may_write = node->joined && node->own.ready;
    return may_write ? node->replica.feeds[node->own.index]->info.seq : 0;
}

/* Was it done before, and did the answer get lost? Then this is it. */
static bool was_done(struct fluit_node *node, const struct fluit_event *event,
                     struct fluit_buf *json)
{
    if (!event->once || node->failed)
        return false;
    enum fluit_err err = fluit_answered_get(&node->answered, node->store, event->once, json);
    if (err && err != FLUIT_E_MISSING)
        fluit_node_fail(node, err);
    return !err;
}

/* before: own_seq when it began. What wrote nothing can be asked again. */
static void keep_done(struct fluit_node *node, const struct fluit_event *event, uint64_t before,
                      const struct fluit_buf *json)
{
    if (!event->once || node->failed || json->err || own_seq(node) == before)
        return;
    enum fluit_err err =
        fluit_answered_put(&node->answered, node->store, event->once, fluit_buf_slice(json));
    if (err)
        fluit_node_fail(node, err);
}

static void answer(struct fluit_effects *fx, const struct fluit_event *event, enum fluit_err err,
                   struct fluit_buf *json)
{
    if (err)
        fx->err = err;
    else
        fluit_effects_add(fx, FLUIT_EFFECT_ANSWER, fluit_buf_slice(json))->link = event->link;
    fluit_buf_wipe(json);
}

void fluit_page_guest_step(void *self, const struct fluit_event *event, struct fluit_effects *fx)
{
    struct fluit_guest *guest = self;
    struct fluit_buf json = FLUIT_BUF_INIT;
    if (event->kind != FLUIT_EVENT_REQUEST) {
        fluit_guest_step(guest, event, fx);
        return;
    }
    fluit_node_begin(&guest->node, event);
    enum fluit_err err = FLUIT_OK;
    uint64_t before = own_seq(&guest->node);
    if (event->page != FLUIT_PAGE_OWN)
        err = fluit_answer_why(fluit_slice_str("a table has no screen for the room"), &json);
    else if (!was_done(&guest->node, event, &json))
        err = fluit_do_guest(guest, event->bytes, fx, &json);
    keep_done(&guest->node, event, before, &json);
    answer(fx, event, err, &json);
}

void fluit_page_hub_step(void *self, const struct fluit_event *event, struct fluit_effects *fx)
{
    struct fluit_hub *hub = self;
    struct fluit_buf json = FLUIT_BUF_INIT;
    if (event->kind != FLUIT_EVENT_REQUEST) {
        fluit_hub_step(hub, event, fx);
        return;
    }
    fluit_node_begin(&hub->node, event);
    enum fluit_err err = FLUIT_OK;
    uint64_t before = own_seq(&hub->node);
    if (event->page != FLUIT_PAGE_OWN || !was_done(&hub->node, event, &json))
        err = fluit_do_hub_page(hub, event, fx, &json);
    keep_done(&hub->node, event, before, &json);
    answer(fx, event, err, &json);
}

enum fluit_err fluit_page_guest_view(void *guest, enum fluit_page page, struct fluit_buf *out)
{
    return page == FLUIT_PAGE_OWN ? fluit_view_guest(guest, out) : FLUIT_E_UNKNOWN;
}

enum fluit_err fluit_page_hub_view(void *hub, enum fluit_page page, struct fluit_buf *out)
{
    return page == FLUIT_PAGE_OWN ? fluit_view_hub(hub, out) : fluit_view_projector(hub, out);
}

static enum fluit_err put_script(const struct fluit_node *node, struct fluit_buf *out)
{
    return node->script ? fluit_view_script(node->script, out) : FLUIT_E_MISSING;
}

enum fluit_err fluit_page_guest_script(void *self, struct fluit_buf *out)
{
    const struct fluit_guest *guest = self;
    return put_script(&guest->node, out);
}

enum fluit_err fluit_page_hub_script(void *self, struct fluit_buf *out)
{
    const struct fluit_hub *hub = self;
    return put_script(&hub->node, out);
}
