#include "tests/sim/sim_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define TICK_GAP_US 1000
#define IDLE_US     200 /* a turn that writes nothing is over soon */
#define LATENESS_US 150 /* of a sleeper who is woken at a mark */
#define SPINS_MAX   100
#define WALL_ZERO   INT64_C(1790000000000000)

/* Clocks. */

int64_t sim_local(const struct sim_clock *clock, int64_t true_us)
{
    int64_t since = true_us - clock->boot_us;
    return clock->offset_us + since + (int64_t)((double)since * clock->ppm / 1e6);
}

int64_t sim_true(const struct sim_clock *clock, int64_t local_us)
{
    int64_t since = local_us - clock->offset_us;
    int64_t at = clock->boot_us + (int64_t)((double)since / (1 + clock->ppm / 1e6));
    while (sim_local(clock, at) < local_us)
        at++;
    while (sim_local(clock, at - 1) >= local_us)
        at--;
    return at;
}

int64_t sim_wall(const struct sim *sim, const struct sim_node *n)
{
    return WALL_ZERO + sim->world.now_us + n->clock.wall_us;
}

static int64_t local_now(const struct sim *sim, const struct sim_node *n)
{
    return sim_local(&n->clock, sim->world.now_us);
}

uint32_t sim_node_index(const struct sim *sim, const struct sim_node *n)
{
    return (uint32_t)(n - sim->nodes);
}

void sim_node_disturb(struct sim_node *n, int64_t until_us)
{
    if (n->disturbed_until_us < until_us)
        n->disturbed_until_us = until_us;
}

bool sim_node_ready(const struct sim_node *n)
{
    if (!n->core || !n->core->joined || !n->core->own.ready || !n->core->script)
        return false;
    return n->guest ? n->guest->told_ready : n->core->plan.term > 0;
}

/* The core behind its face. */

static void core_step(struct sim_node *n, const struct fluit_event *event)
{
    if (n->hub)
        fluit_hub_step(n->hub, event, &n->fx);
    else
        fluit_guest_step(n->guest, event, &n->fx);
}

static int64_t core_deadline(const struct sim_node *n)
{
    return n->hub ? fluit_hub_deadline(n->hub) : fluit_guest_deadline(n->guest);
}

static bool next_mark(const struct sim_node *n, struct fluit_mark *mark, int64_t *local_us)
{
    bool any = n->hub ? fluit_hub_alarm(n->hub, mark, local_us)
                      : fluit_guest_alarm(n->guest, mark, local_us);
    return any && !fluit_mark_id_eq(mark->id, n->last_mark);
}

static void step(struct sim *sim, struct sim_node *n, const struct fluit_event *what)
{
    struct fluit_event event = *what;
    event.now_us = local_now(sim, n);
    event.wall_us = sim_wall(sim, n);
    memcpy(event.boot_id, n->clock.boot_id, sizeof event.boot_id);
    sim_chance_bytes(sim, event.entropy, sizeof event.entropy);
    sim_trace(sim, sim_node_index(sim, n), event.kind, event.bytes);
    core_step(n, &event);
}

/* The end of a turn. */

static void empty(struct sim_node *n)
{
    for (size_t i = 0; i < n->inbox_count; i++)
        sim_mail_drop(n->inbox[i].mail);
    n->inbox_count = 0;
    fluit_effects_reset(&n->fx);
    n->asked_count = 0;
}

static void end_core(struct sim_node *n)
{
    if (n->hub)
        fluit_hub_deinit(n->hub);
    if (n->guest)
        fluit_guest_deinit(n->guest);
    free(n->hub);
    free(n->guest);
    n->hub = NULL;
    n->guest = NULL;
    n->core = NULL;
    n->life++;
    n->busy = false;
    n->doom = SIM_DOOM_NONE;
    n->last_mark = (struct fluit_mark_id){0};
    n->turn_us = 0;
    empty(n);
}

void sim_node_deinit(struct sim_node *n)
{
    end_core(n);
    free(n->inbox);
    fluit_effects_deinit(&n->fx);
    if (n->disk)
        store_memory_free(n->disk);
}

static void start_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (due->life == n->life && !n->core)
        sim_node_start(sim, n);
}

void sim_node_crash(struct sim *sim, struct sim_node *n, const char *why, int64_t again_us)
{
    if (!n->core)
        return;
    sim_tell(sim, "%s ends: %s; again after %.1f s", n->name, why, (double)again_us / 1e6);
    end_core(n);
    store_memory_crash(n->disk);
    sim_net_gone(sim, n);
    sim_node_disturb(n, sim->world.now_us + again_us);
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + again_us,
                                   .run = start_due,
                                   .node = sim_node_index(sim, n),
                                   .life = n->life});
}

static uint32_t item_of(const struct sim_node *n, size_t effect)
{
    for (size_t i = 0; i < n->asked_count; i++)
        if (effect >= n->asked[i].from && effect < n->asked[i].to)
            return n->asked[i].item;
    return SIM_NOBODY;
}

static void carry_out(struct sim *sim, struct sim_node *n, size_t at)
{
    const struct fluit_effect *effect = &n->fx.items[at];
    struct fluit_slice bytes = fluit_effect_bytes(&n->fx, effect);
    sim_trace(sim, sim_node_index(sim, n), 100u + (unsigned)effect->kind, bytes);
    if (effect->kind == FLUIT_EFFECT_PRINT)
        sim_people_hear(sim, n, item_of(n, at), bytes);
    else if (effect->kind == FLUIT_EFFECT_QUIT)
        sim_fail(sim, "%s wants to quit: %.*s", n->name, (int)bytes.len, (const char *)bytes.data);
    else
        sim_net_carry(sim, n, effect, bytes);
}

static int64_t again_after(struct sim *sim)
{
    return sim_between(sim, SIM_SECOND / 2, 30 * SIM_SECOND);
}

/* Commits and carries out; false if the process ended. */
static bool finish(struct sim *sim, struct sim_node *n)
{
    enum sim_doom doom = n->doom;
    if (doom == SIM_DOOM_BEFORE_COMMIT) {
        sim_node_crash(sim, n, "crash before its commit", again_after(sim));
        return false;
    }
    if (doom == SIM_DOOM_AT_MARK) {
        sim_node_crash(sim, n, "crash at a mark", sim_between(sim, 5 * SIM_MS, 300 * SIM_MS));
        return false;
    }
    enum fluit_err err = store_memory_commit(n->disk);
    if (err) {
        sim_node_crash(sim, n, fluit_err_text(err), again_after(sim));
        return false;
    }
    if (n->core->failed) {
        sim_fail(sim, "%s failed: %s, but its disk did not", n->name,
                 fluit_err_text(n->core->failed));
        n->core->failed = FLUIT_OK;
    }
    if (doom == SIM_DOOM_AFTER_COMMIT) {
        sim_node_crash(sim, n, "crash after its commit", again_after(sim));
        return false;
    }
    size_t count = doom ? sim_below(sim, n->fx.count + 1) : n->fx.count;
    uint32_t life = n->life;
    for (size_t i = 0; i < count && n->life == life; i++)
        if (!n->fx.items[i].hint)
            carry_out(sim, n, i);
    if (doom && n->life == life)
        sim_node_crash(sim, n, "crash while it sends", again_after(sim));
    if (n->life != life)
        return false;
    fluit_effects_reset(&n->fx);
    n->asked_count = 0;
    n->busy = false;
    sim_marks_turn(sim, n);
    return true;
}

static void finish_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (due->life != n->life || !n->core)
        return;
    if (n->frozen_until_us > sim->world.now_us) {
        struct sim_due later = *due;
        later.at_us = n->frozen_until_us;
        sim_plan(sim, later);
    } else if (finish(sim, n)) {
        sim_node_poke(sim, n);
    }
}

static int64_t disk_us(struct sim *sim, const struct sim_node *n)
{
    int64_t slow = n->slow_until_us > sim->world.now_us ? 300 * SIM_MS : 3 * SIM_MS;
    return 200 + sim_waiting(sim, slow / 3);
}

static void end_turn(struct sim *sim, struct sim_node *n)
{
    step(sim, n, &(struct fluit_event){.kind = FLUIT_EVENT_TURN_END});
    for (size_t i = 0; i < n->fx.count; i++)
        if (n->fx.items[i].kind == FLUIT_EFFECT_SEND && n->fx.items[i].hint)
            sim_net_carry(sim, n, &n->fx.items[i], fluit_effect_bytes(&n->fx, &n->fx.items[i]));
    n->busy = true;
    bool writes = store_memory_is_pending(n->disk);
    int64_t took_us = writes ? disk_us(sim, n) : IDLE_US, faded_us = n->turn_us * 15 / 16;
    n->turn_us = took_us > faded_us ? took_us : faded_us;
    if (!writes && n->doom == SIM_DOOM_NONE) {
        finish(sim, n);
        return;
    }
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + took_us,
                                   .run = finish_due,
                                   .node = sim_node_index(sim, n),
                                   .life = n->life});
}

/* A turn. */

static bool whistle(struct sim *sim, struct sim_node *n)
{
    struct fluit_mark mark;
    int64_t at_us;
    if (!next_mark(n, &mark, &at_us) || local_now(sim, n) < at_us)
        return false;
    struct fluit_event event = {.kind = FLUIT_EVENT_FIRED,
                                .fired = {.mark = mark, .local_us = local_now(sim, n)}};
    if (event.fired.local_us - at_us <= FLUIT_MARK_LATE_US)
        event.fired.outputs = FLUIT_OUTPUT_BELL | FLUIT_OUTPUT_LINE;
    sim_marks_fired(sim, n, &mark, event.fired.local_us, event.fired.outputs);
    n->last_mark = mark.id;
    if (n->doom == SIM_DOOM_NONE && sim_faults_at_mark(sim))
        n->doom = SIM_DOOM_AT_MARK;
    step(sim, n, &event);
    return true;
}

static bool in_quiet(const struct sim *sim, const struct sim_node *n)
{
    struct fluit_mark mark;
    int64_t at_us;
    if (!next_mark(n, &mark, &at_us))
        return false;
    int64_t quiet_us = FLUIT_QUIET_US + 2 * n->turn_us;
    if (quiet_us > FLUIT_QUIET_MAX_US)
        quiet_us = FLUIT_QUIET_MAX_US;
    return local_now(sim, n) >= at_us - quiet_us;
}

static bool tick(struct sim *sim, struct sim_node *n)
{
    int64_t now = local_now(sim, n);
    if (core_deadline(n) > now || now - n->last_tick_us < TICK_GAP_US)
        return false;
    n->spins = now - n->last_tick_us < 2 * TICK_GAP_US ? n->spins + 1 : 0;
    if (n->spins == SPINS_MAX)
        sim_fail(sim, "%s spins: its deadline does not move", n->name);
    n->last_tick_us = now;
    step(sim, n, &(struct fluit_event){.kind = FLUIT_EVENT_TICK});
    return true;
}

static void take_input(struct sim *sim, struct sim_node *n, const struct sim_input *input)
{
    struct fluit_event event = {.kind = input->kind, .link = input->link, .peer = input->peer};
    if (input->mail)
        event.bytes = fluit_slice(input->mail->bytes, input->mail->len);
    size_t before = n->fx.count;
    step(sim, n, &event);
    if (input->kind == FLUIT_EVENT_COMMAND && n->asked_count < SIM_ASKED_MAX) {
        n->asked[n->asked_count].item = input->item;
        n->asked[n->asked_count].from = before;
        n->asked[n->asked_count++].to = n->fx.count;
    }
}

static bool take_inputs(struct sim *sim, struct sim_node *n)
{
    size_t taken = 0;
    while (taken < n->inbox_count && taken < FLUIT_TURN_EVENTS_MAX &&
           n->fx.data.len < FLUIT_TURN_EFFECTS_MAX) {
        take_input(sim, n, &n->inbox[taken]);
        sim_mail_drop(n->inbox[taken++].mail);
    }
    n->inbox_count -= taken;
    if (taken > 0 && n->inbox_count > 0)
        memmove(n->inbox, n->inbox + taken, n->inbox_count * sizeof *n->inbox);
    return taken > 0;
}

static void turn(struct sim *sim, struct sim_node *n)
{
    bool stepped = whistle(sim, n);
    if (!in_quiet(sim, n)) {
        stepped |= tick(sim, n);
        stepped |= take_inputs(sim, n);
    }
    if (stepped)
        end_turn(sim, n);
}

static void wake(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (due->life != n->life || !n->core || n->busy || n->wake_us != sim->world.now_us)
        return;
    n->wake_us = INT64_MAX;
    if (n->frozen_until_us <= sim->world.now_us)
        turn(sim, n);
    sim_node_poke(sim, n);
}

/* When there is something to do: what came, the core's deadline, a mark. */
static int64_t next_us(struct sim *sim, const struct sim_node *n)
{
    struct fluit_mark mark;
    int64_t local = core_deadline(n), mark_us, at = INT64_MAX;
    if (local < n->last_tick_us + TICK_GAP_US)
        local = n->last_tick_us + TICK_GAP_US;
    if (local < INT64_MAX / 2)
        at = sim_true(&n->clock, local);
    if (n->inbox_count > 0 && at > sim->world.now_us)
        at = sim->world.now_us;
    if (next_mark(n, &mark, &mark_us)) {
        mark_us = sim_true(&n->clock, mark_us);
        if (in_quiet(sim, n) || mark_us < at)
            at = mark_us + sim_between(sim, 0, LATENESS_US);
    }
    return at > n->frozen_until_us ? at : n->frozen_until_us;
}

void sim_node_poke(struct sim *sim, struct sim_node *n)
{
    if (!n->core || n->busy)
        return;
    int64_t at = next_us(sim, n);
    if (at < sim->world.now_us)
        at = sim->world.now_us;
    if (at == INT64_MAX || at >= n->wake_us)
        return;
    n->wake_us = at;
    sim_plan(sim, (struct sim_due){
                      .at_us = at, .run = wake, .node = sim_node_index(sim, n), .life = n->life});
}

void sim_node_give(struct sim *sim, struct sim_node *n, struct sim_input input)
{
    if (!n->core) {
        sim_mail_drop(input.mail);
        return;
    }
    if (n->inbox_count == n->inbox_cap) {
        n->inbox_cap = n->inbox_cap ? n->inbox_cap * 2 : 64;
        n->inbox = realloc(n->inbox, n->inbox_cap * sizeof *n->inbox);
        if (!n->inbox)
            abort();
    }
    n->inbox[n->inbox_count++] = input;
    sim_node_poke(sim, n);
}

/* Beginnings. */

void sim_node_boot(struct sim *sim, struct sim_node *n)
{
    n->clock.boot_us = sim->world.now_us;
    n->clock.offset_us = sim_between(sim, SIM_SECOND, 200 * SIM_HOUR);
    sim_chance_bytes(sim, n->clock.boot_id, sizeof n->clock.boot_id);
}

/* With the arguments of the first time, or none: both must go on with what is in the store. */
static struct fluit_guest_config config_of(struct sim *sim, const struct sim_node *n)
{
    struct fluit_store store = store_memory_port(n->disk);
    struct fluit_guest_config config = {.node_class = n->node_class};
    struct fluit_buf value = FLUIT_BUF_INIT;
    bool member = store.ops->value(store.self, "workshop", &value) == FLUIT_OK;
    fluit_buf_deinit(&value);
    if (member && sim_often(sim, 500000))
        return config;
    config.code = n->code;
    config.door_port = 7000;
    snprintf(config.host, sizeof config.host, "hub");
    return config;
}

static enum fluit_err make_core(struct sim *sim, struct sim_node *n)
{
    uint8_t entropy[32];
    sim_chance_bytes(sim, entropy, sizeof entropy);
    if (n->node_class == FLUIT_NODE_HUB) {
        n->hub = calloc(1, sizeof *n->hub);
        n->core = n->hub ? &n->hub->node : NULL;
        struct fluit_hub_config config = {.speed = 1};
        return n->hub ? fluit_hub_init(n->hub, store_memory_port(n->disk), &config, entropy)
                      : FLUIT_E_NOMEM;
    }
    struct fluit_guest_config config = config_of(sim, n);
    n->guest = calloc(1, sizeof *n->guest);
    n->core = n->guest ? &n->guest->node : NULL;
    return n->guest ? fluit_guest_init(n->guest, store_memory_port(n->disk), &config, entropy)
                    : FLUIT_E_NOMEM;
}

void sim_node_start(struct sim *sim, struct sim_node *n)
{
    sim_tell(sim, "%s starts", n->name);
    n->life++;
    n->wanted = true;
    n->wake_us = INT64_MAX;
    n->last_tick_us = INT64_MIN / 2;
    n->spins = 0;
    enum fluit_err err = make_core(sim, n);
    if (err) {
        sim_fail(sim, "%s can't start: %s", n->name, fluit_err_text(err));
        n->hub = NULL;
        n->guest = NULL;
        n->core = NULL;
        return;
    }
    sim_net_endpoint(sim, sim_node_index(sim, n), n->core->endpoint, sizeof n->core->endpoint);
    for (int i = 0; n->hub && i < 3; i++)
        n->hub->ports[i] = (uint16_t)(7001 + i);
    n->pk = n->core->self.link_pk;
    step(sim, n, &(struct fluit_event){.kind = FLUIT_EVENT_START});
    end_turn(sim, n);
    if (n->core && !n->busy)
        sim_node_poke(sim, n);
}
