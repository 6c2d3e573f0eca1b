#include "common/lead.h"

#include <stdlib.h>
#include <string.h>

static int message_cmp(const void *a, const void *b)
{
    const struct fluit_announcement *x = a, *y = b;
    return fluit_origin_cmp(&x->origin, &y->origin);
}

static void message_free(void *item)
{
    struct fluit_announcement *message = item;
    fluit_kept_text_free(message->text);
    free(message);
}

static const struct fluit_kept_type message_type = {message_cmp, message_free, FLUIT_MESSAGES_MAX,
                                                    false};

static int release_cmp(const void *a, const void *b)
{
    const struct fluit_release *x = a, *y = b;
    return memcmp(x->note.b, y->note.b, sizeof x->note.b);
}

static const struct fluit_kept_type release_type = {release_cmp, free, FLUIT_RELEASES_MAX, false};

static int heap_cmp(const void *a, const void *b)
{
    const struct fluit_heap *x = a, *y = b;
    return memcmp(x->note.b, y->note.b, sizeof x->note.b);
}

static void heap_free(void *item)
{
    struct fluit_heap *heap = item;
    fluit_kept_text_free(heap->name);
    free(heap);
}

static const struct fluit_kept_type heap_type = {heap_cmp, heap_free, FLUIT_RELEASES_MAX, false};

static void cut_free(struct fluit_cut *cut)
{
    if (cut)
        free(cut->heads);
    free(cut);
}

void fluit_lead_deinit(struct fluit_lead *lead)
{
    for (int round = 0; round <= FLUIT_ROUNDS_MAX; round++)
        cut_free(lead->cuts[round]);
    fluit_kept_deinit(&lead->messages, &message_type);
    fluit_kept_deinit(&lead->releases, &release_type);
    fluit_kept_deinit(&lead->heaps, &heap_type);
    *lead = (struct fluit_lead){0};
}

static enum fluit_err on_plan(struct fluit_lead *lead, const struct fluit_script *script,
                              const struct fluit_origin *origin, const struct fluit_act *act)
{
    if (act->plan.step >= script->step_count || act->plan.mark_count > FLUIT_MARKS_MAX)
        return FLUIT_E_UNKNOWN;
    bool newer = !lead->has_plan || fluit_plan_newer(&lead->plan, &act->plan);
    bool tie = lead->has_plan && !newer && !fluit_plan_newer(&act->plan, &lead->plan);
    if (newer || (tie && fluit_origin_cmp(origin, &lead->plan_origin) > 0)) {
        lead->has_plan = true;
        lead->plan = act->plan;
        lead->plan_origin = *origin;
    }
    return FLUIT_OK;
}

static struct fluit_cut *cut_new(const struct fluit_origin *origin, const struct fluit_act *act)
{
    struct fluit_cut *cut = malloc(sizeof *cut);
    struct fluit_cut_head *heads = calloc(act->cut.head_count + 1, sizeof *heads);
    if (!cut || !heads) {
        free(cut);
        free(heads);
        return NULL;
    }
    for (uint32_t i = 0; i < act->cut.head_count; i++)
        heads[i] = act->cut.heads[i];
    *cut =
        (struct fluit_cut){*origin, act->cut.term, act->cut.closed_us, act->cut.head_count, heads};
    return cut;
}

static enum fluit_err on_cut(struct fluit_lead *lead, const struct fluit_script *script,
                             const struct fluit_origin *origin, const struct fluit_act *act)
{
    uint8_t round = act->cut.round;
    if (round < 1 || round > script->round_count)
        return FLUIT_E_UNKNOWN;
    if (act->cut.head_count > FLUIT_HEADS_MAX)
        return FLUIT_E_LIMIT;
    const struct fluit_cut *held = lead->cuts[round];
    if (held && (act->cut.term != held->term ? act->cut.term < held->term
                                             : fluit_origin_cmp(origin, &held->origin) <= 0))
        return FLUIT_OK;
    struct fluit_cut *cut = cut_new(origin, act);
    if (!cut)
        return FLUIT_E_NOMEM;
    cut_free(lead->cuts[round]);
    lead->cuts[round] = cut;
    return FLUIT_OK;
}

static enum fluit_err on_message(struct fluit_lead *lead, const struct fluit_origin *origin,
                                 const struct fluit_act *act)
{
    if (act->message.table > FLUIT_TABLES_MAX || !fluit_kept_text_ok(act->message.text))
        return FLUIT_E_FORMAT;
    struct fluit_announcement *message = malloc(sizeof *message);
    char *text = fluit_kept_text(act->message.text);
    if (!message || !text) {
        free(message);
        free(text);
        return FLUIT_E_NOMEM;
    }
    *message = (struct fluit_announcement){*origin, act->message.table, text};
    return fluit_kept_put(&lead->messages, &message_type, message);
}

static enum fluit_err on_release(struct fluit_lead *lead, const struct fluit_origin *origin,
                                 const struct fluit_act *act)
{
    struct fluit_release *release = malloc(sizeof *release);
    if (!release)
        return FLUIT_E_NOMEM;
    *release = (struct fluit_release){*origin, act->release.note, act->release.shown};
    return fluit_kept_put(&lead->releases, &release_type, release);
}

static enum fluit_err on_heap(struct fluit_lead *lead, const struct fluit_origin *origin,
                              const struct fluit_act *act)
{
    if (act->heap.heap.len > FLUIT_HEAP_LEN_MAX || !fluit_kept_text_ok(act->heap.heap))
        return FLUIT_E_FORMAT;
    struct fluit_heap *heap = malloc(sizeof *heap);
    char *name = fluit_kept_text(act->heap.heap);
    if (!heap || !name) {
        free(heap);
        free(name);
        return FLUIT_E_NOMEM;
    }
    *heap = (struct fluit_heap){*origin, act->heap.note, name};
    return fluit_kept_put(&lead->heaps, &heap_type, heap);
}

enum fluit_err fluit_lead_apply(struct fluit_lead *lead, const struct fluit_script *script,
                                const struct fluit_origin *origin, const struct fluit_act *act)
{
    switch (act->kind) {
    case FLUIT_KIND_PLAN:
        return on_plan(lead, script, origin, act);
    case FLUIT_KIND_CUT:
        return on_cut(lead, script, origin, act);
    case FLUIT_KIND_MESSAGE:
        return on_message(lead, origin, act);
    case FLUIT_KIND_RELEASE:
        return on_release(lead, origin, act);
    case FLUIT_KIND_HEAP:
        return on_heap(lead, origin, act);
    default:
        return FLUIT_E_UNKNOWN;
    }
}

bool fluit_lead_released(const struct fluit_lead *lead, const struct fluit_note_id *id)
{
    struct fluit_release key = {.note = *id};
    const struct fluit_release *release = fluit_kept_find(&lead->releases, &release_type, &key);
    return release && release->shown;
}

const char *fluit_lead_heap(const struct fluit_lead *lead, const struct fluit_note_id *id)
{
    struct fluit_heap key = {.note = *id};
    const struct fluit_heap *heap = fluit_kept_find(&lead->heaps, &heap_type, &key);
    return heap ? heap->name : "";
}

const struct fluit_announcement *fluit_lead_message_after(const struct fluit_lead *lead,
                                                          uint8_t table,
                                                          const struct fluit_origin *after)
{
    for (size_t i = 0; i < lead->messages.count; i++) {
        const struct fluit_announcement *message = lead->messages.items[i];
        if ((message->table == 0 || message->table == table) &&
            (!after || fluit_origin_cmp(&message->origin, after) > 0))
            return message;
    }
    return NULL;
}
