#include "node/core/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/words.h"

static void print_plan(struct fluit_guest *guest, struct fluit_effects *fx)
{
    const struct fluit_plan *plan = &guest->node.plan;
    const struct fluit_plan *told = &guest->told_plan;
    if (plan->term == 0 || !guest->told_ready || plan->step >= guest->node.script->step_count)
        return;
    if (told->term && told->step == plan->step && told->state == plan->state &&
        told->start_us == plan->start_us && told->end_us == plan->end_us)
        return;
    static const char *const states[] = {"", "ready", "running", "paused", "ended"};
    const struct fluit_step *step = &guest->node.script->steps[plan->step];
    guest->told_plan = *plan;
    int64_t left = fluit_plan_left(plan, fluit_node_mesh_us(&guest->node)) / 1000000;
    if (left > 0)
        fluit_effects_print(fx, "step %d %s: %s, %lld:%02lld left", plan->step + 1,
                            step->title.in[guest->language], states[plan->state],
                            (long long)left / 60, (long long)left % 60);
    else
        fluit_effects_print(fx, "step %d %s: %s", plan->step + 1, step->title.in[guest->language],
                            states[plan->state]);
}

static struct fluit_guest *guest_of(struct fluit_node *node)
{
    return (struct fluit_guest *)node;
}

static void on_act(struct fluit_node *node, const struct fluit_origin *origin,
                   const struct fluit_act *act, struct fluit_effects *fx)
{
    if (act->kind == FLUIT_KIND_HELLO)
        fluit_links_hello(&guest_of(node)->links, origin, act);
    if (node->replaying || act->kind != FLUIT_KIND_MESSAGE)
        return;
    if (act->message.table == 0 || act->message.table == node->table)
        fluit_effects_say(fx, "message: %.*s", (int)act->message.text.len,
                          (const char *)act->message.text.data);
}

static void on_safe(struct fluit_node *node, uint64_t seq, struct fluit_effects *fx)
{
    struct fluit_guest *guest = guest_of(node);
    if (seq < guest->told_safe)
        fluit_effects_print(fx,
                            "another hub leads; it holds up to %llu of this device so far, and "
                            "gets the rest",
                            (unsigned long long)seq);
    else
        fluit_effects_print(fx, "safe %llu", (unsigned long long)seq);
    guest->told_safe = seq;
}

static void on_roster(struct fluit_node *node, bool reindexed, struct fluit_effects *fx)
{
    struct fluit_links *links = &guest_of(node)->links;
    int self = fluit_node_member(node);
    if (self >= 0 && !fluit_member_admitted(&node->roster.members[self]))
        fluit_effects_print(fx, "! another device has this one's place now: go on there");
    links->stale = true;
    if (reindexed)
        fluit_links_reindexed(links);
}

static const struct fluit_node_hooks hooks = {.act = on_act, .safe = on_safe, .roster = on_roster};

enum fluit_err fluit_guest_init(struct fluit_guest *guest, struct fluit_store store,
                                const struct fluit_guest_config *config,
                                const uint8_t entropy[static 32])
{
    *guest = (struct fluit_guest){.node_class = config->node_class};
    guest->joining.code = config->code;
    guest->joining.door_port = config->door_port;
    memcpy(guest->joining.host, config->host, sizeof config->host);
    enum fluit_err err = fluit_node_init(&guest->node, store, &hooks, entropy);
    guest->node.node_class = config->node_class;
    if (err)
        fluit_guest_deinit(guest);
    return err;
}

/* What people type is a story. */
static void forget_line(struct fluit_buf *line)
{
    if (line->data)
        fluit_wipe(line->data, line->cap);
    fluit_buf_deinit(line);
}

void fluit_guest_deinit(struct fluit_guest *guest)
{
    for (uint32_t i = 0; i < guest->waiting_count; i++)
        forget_line(&guest->waiting[i]);
    free(guest->numbered);
    for (uint32_t i = 0; i < guest->undo_count; i++)
        fluit_undo_free(&guest->undo[i]);
    fluit_joining_deinit(&guest->joining);
    fluit_links_deinit(&guest->links);
    fluit_node_deinit(&guest->node);
}

static void say_ready(struct fluit_guest *guest, struct fluit_effects *fx)
{
    struct fluit_node *node = &guest->node;
    char hex[17];
    fluit_hex(node->root.b, 8, hex);
    guest->told_ready = true;
    /* The same eight bytes stand in the hub's status: who likes can compare. */
    fluit_effects_print(fx, "ready: %s %u of %s; workshop %s",
                        fluit_node_class_name(node->node_class), node->table,
                        node->script->title.in[guest->language], hex);
}

/* Another hub took over: nothing changes for the people here. */
static void say_hub(struct fluit_guest *guest, struct fluit_effects *fx)
{
    const struct fluit_term *newest = fluit_terms_newest(&guest->node.terms);
    if (!newest || newest->number == guest->told_term)
        return;
    if (guest->told_term)
        fluit_effects_print(fx, "another hub leads now; this device follows it, go on as before");
    guest->told_term = newest->number;
}

bool fluit_guest_ready(const struct fluit_guest *guest)
{
    return guest->node.joined && guest->node.own.ready && guest->node.script &&
           guest->node.plan.term > 0;
}

static void run_waiting(struct fluit_guest *guest, struct fluit_effects *fx)
{
    for (uint32_t i = 0; i < guest->waiting_count; i++) {
        fluit_guest_line(guest, fluit_buf_slice(&guest->waiting[i]), fx);
        forget_line(&guest->waiting[i]);
    }
    guest->waiting_count = 0;
}

static void on_command(struct fluit_guest *guest, struct fluit_slice line, struct fluit_effects *fx)
{
    if (fluit_guest_ready(guest) && guest->told_ready) {
        fluit_guest_line(guest, line, fx);
        return;
    }
    struct fluit_slice rest = line;
    if (fluit_slice_is(fluit_words_next(&rest), "quit")) {
        fluit_effects_add(fx, FLUIT_EFFECT_QUIT, fluit_slice_str("bye"));
        return;
    }
    if (guest->waiting_count == FLUIT_LINES_WAITING_MAX) {
        fluit_guest_no(fx, "not joined yet, and too much waits already; wait for 'ready'");
        return;
    }
    struct fluit_buf *kept = &guest->waiting[guest->waiting_count++];
    fluit_buf_put(kept, line.data, line.len);
}

void fluit_guest_step(void *self, const struct fluit_event *event, struct fluit_effects *fx)
{
    struct fluit_guest *guest = self;
    struct fluit_node *node = &guest->node;
    fluit_node_begin(node, event);
    if ((event->kind == FLUIT_EVENT_START && fluit_joining_begin(&guest->joining, node, fx)) ||
        (event->kind == FLUIT_EVENT_DOOR &&
         fluit_joining_answer(&guest->joining, node, event->bytes, fx)))
        fluit_joining_enter(&guest->joining, node, &guest->links, guest->node_class, fx);
    else if (event->kind == FLUIT_EVENT_DOOR)
        fluit_node_on_who(node, event, guest->sync_port, fx);
    else if (event->kind == FLUIT_EVENT_COMMAND)
        on_command(guest, event->bytes, fx);
    else if (event->kind == FLUIT_EVENT_TICK)
        fluit_joining_tick(&guest->joining, node, fx);
    else if (event->kind == FLUIT_EVENT_BEACON)
        fluit_discovery_hear(&guest->discovery, node, &guest->joining, &guest->links, event);
    else if (event->kind == FLUIT_EVENT_ADDRESSES && guest->listens_to_all)
        fluit_discovery_move(node, guest->sync_port, event, fx);
    fluit_links_event(&guest->links, event);

    if (event->kind == FLUIT_EVENT_TURN_END && fluit_guest_ready(guest)) {
        if (!guest->told_ready) {
            say_ready(guest, fx);
            run_waiting(guest, fx);
        }
        say_hub(guest, fx);
        print_plan(guest, fx);
    }
    fluit_node_event(node, event, fx);
    if (event->kind == FLUIT_EVENT_TURN_END)
        fluit_links_choose(&guest->links, node, fx);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t fluit_guest_deadline(void *self)
{
    struct fluit_guest *guest = self;
    /* It got ready with the turn that has just ended: without any link nothing else wakes it. */
    if (fluit_guest_ready(guest) && !guest->told_ready)
        return guest->node.now_us;
    int64_t at = sooner(fluit_node_deadline(&guest->node),
                        fluit_joining_deadline(&guest->joining, &guest->node));
    return sooner(at, fluit_links_deadline(&guest->links));
}

bool fluit_guest_alarm(void *self, struct fluit_mark *mark, int64_t *local_us)
{
    struct fluit_guest *guest = self;
    return fluit_node_alarm(&guest->node, mark, local_us);
}

bool fluit_guest_admits(void *self, const struct fluit_box_pk *key)
{
    struct fluit_guest *guest = self;
    return fluit_node_admits(&guest->node, key);
}
