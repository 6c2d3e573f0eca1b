/* sim_turn.c: a node's loop, as node/io/loop.c has it. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define TICK_GAP_US    1000
#define IDLE_US        200 /* a turn that writes nothing is over soon */
#define LATENESS_US    150 /* of a sleeper who is woken at a mark */
#define SPINS_MAX      100
#define FROZEN_LOOK_US (100 * SIM_MS)

static int64_t local_now(const struct sim *sim, const struct sim_node *n)
{
    return sim_local(&n->clock, sim->world.now_us);
}

static bool next_mark(const struct sim_node *n, struct fluit_mark *mark, int64_t *local_us)
{
    return n->kind->alarm(n->self, mark, local_us) && !fluit_mark_id_eq(mark->id, n->last_mark);
}

static void step(struct sim *sim, struct sim_node *n, const struct fluit_event *what)
{
    struct fluit_event event = *what;
    event.now_us = local_now(sim, n);
    event.wall_us = sim_wall(sim, &n->clock);
    memcpy(event.boot_id, n->clock.boot_id, sizeof event.boot_id);
    sim_chance_bytes(sim, event.entropy, sizeof event.entropy);
    sim_trace(sim, sim_node_index(sim, n), event.kind, event.bytes);
    n->kind->step(n->self, &event, &n->fx);
}

/* The end of a turn. */

void sim_turn_forget(struct sim_node *n)
{
    for (size_t i = 0; i < n->inbox_count; i++)
        sim_mail_drop(n->inbox[i].mail);
    n->inbox_count = 0;
    fluit_effects_reset(&n->fx);
    n->asked_count = 0;
    n->busy = false;
    n->doom = SIM_DOOM_NONE;
    n->last_mark = (struct fluit_mark_id){0};
    n->turn_us = 0;
    n->remembered = n->sounded = false;
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
        sim_renew_quit(sim, n, bytes);
    else
        sim_net_carry(sim, n, effect, bytes);
}

static int64_t again_after(struct sim *sim)
{
    if (sim->faults.again_us)
        return sim->faults.again_us;
    return sim_between(sim, SIM_SECOND / 2, 30 * SIM_SECOND);
}

static int64_t soon_after(struct sim *sim)
{
    return sim_between(sim, 5 * SIM_MS, 300 * SIM_MS);
}

/* A crash that was to come before or after the commit; false if none was. */
static bool doomed(struct sim *sim, struct sim_node *n, bool committed)
{
    static const struct {
        bool committed, soon;
        enum sim_fault fault;
        const char *why;
    } dooms[] = {
        [SIM_DOOM_BEFORE_COMMIT] = {false, false, SIM_FAULT_CRASH_BEFORE_COMMIT,
                                    "crash before its commit"},
        [SIM_DOOM_AFTER_COMMIT] = {true, false, SIM_FAULT_CRASH_AFTER_COMMIT,
                                   "crash after its commit"},
        [SIM_DOOM_AT_MARK] = {false, true, SIM_FAULT_CRASH_AT_MARK, "crash at a mark"},
        [SIM_DOOM_AFTER_MARK] = {true, true, SIM_FAULT_CRASH_AFTER_MARK, "crash after a mark"},
    };
    if (n->doom == SIM_DOOM_NONE || n->doom == SIM_DOOM_HALF_SENT ||
        dooms[n->doom].committed != committed)
        return false;
    sim_hit(sim, dooms[n->doom].fault);
    int64_t again_us = dooms[n->doom].soon ? soon_after(sim) : again_after(sim);
    sim_node_crash(sim, n, dooms[n->doom].why, again_us);
    return true;
}

/* False if the disk failed: then the process has ended. */
static bool commit(struct sim *sim, struct sim_node *n)
{
    bool by_write = store_memory_broken(n->disk) != FLUIT_OK;
    bool any = by_write || store_memory_is_pending(n->disk);
    enum fluit_err err = any ? store_memory_commit(n->disk) : FLUIT_OK;
    if (err) {
        sim_hit(sim, err == FLUIT_E_FULL ? SIM_FAULT_DISK_FULL
                     : by_write          ? SIM_FAULT_DISK_WRITE
                                         : SIM_FAULT_DISK_COMMIT);
        sim_node_crash(sim, n, fluit_err_text(err), again_after(sim));
        return false;
    }
    if (n->core->failed) {
        sim_fail(sim, "%s failed: %s, but its disk did not", n->name,
                 fluit_err_text(n->core->failed));
        n->core->failed = FLUIT_OK;
    }
    sim_marks_saved(sim, n);
    return true;
}

/* Commits and carries out; false if the process ended. */
static bool finish(struct sim *sim, struct sim_node *n)
{
    if (doomed(sim, n, false) || !commit(sim, n) || doomed(sim, n, true))
        return false;
    bool half = n->doom == SIM_DOOM_HALF_SENT;
    size_t count = half ? sim_below(sim, n->fx.count + 1) : n->fx.count;
    uint32_t life = n->life;
    for (size_t i = 0; i < count && n->life == life; i++)
        if (!n->fx.items[i].hint)
            carry_out(sim, n, i);
    if (half && n->life == life) {
        sim_hit(sim, SIM_FAULT_CRASH_HALF_SENT);
        sim_node_crash(sim, n, "crash while it sends", again_after(sim));
    }
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
        struct sim_due later = *due; /* looks again: it may be thawed before */
        later.at_us = sim->world.now_us + FROZEN_LOOK_US;
        if (later.at_us > n->frozen_until_us)
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
    if (writes && ++n->commits == n->doom_commit)
        n->doom = n->doom_then;
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
    if (n->doom == SIM_DOOM_NONE)
        n->doom = sim_faults_at_mark(sim);
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
    if (n->kind->deadline(n->self) > now || now - n->last_tick_us < TICK_GAP_US)
        return false;
    n->spins = now - n->last_tick_us < 2 * TICK_GAP_US ? n->spins + 1 : 0;
    if (n->spins == SPINS_MAX)
        sim_fail(sim, "%s spins: its deadline does not move", n->name);
    n->last_tick_us = now;
    step(sim, n, &(struct fluit_event){.kind = FLUIT_EVENT_TICK});
    return true;
}

/* A hub tells this network where it is. */
static bool tell_address(struct sim *sim, struct sim_node *n)
{
    if (local_now(sim, n) < n->beacon_us)
        return false;
    n->beacon_us = local_now(sim, n) + FLUIT_BEACON_GAP_US;
    struct fluit_beacon_address own = {
        .family = 4, .b = {10, 0, 0, (uint8_t)(1 + sim_node_index(sim, n) % 250)}};
    step(sim, n,
         &(struct fluit_event){
             .kind = FLUIT_EVENT_ADDRESSES, .addresses = &own, .address_count = 1});
    return true;
}

static void take_input(struct sim *sim, struct sim_node *n, const struct sim_input *input)
{
    char host[SIM_HOST_LEN];
    struct fluit_event event = {.kind = input->kind, .link = input->link, .peer = input->peer};
    if (input->kind == FLUIT_EVENT_BEACON) {
        sim_net_host(input->item, host);
        event.source_host = host;
    }
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
        stepped |= tell_address(sim, n);
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
    int64_t local = n->kind->deadline(n->self), mark_us, at = INT64_MAX;
    if (local < n->last_tick_us + TICK_GAP_US)
        local = n->last_tick_us + TICK_GAP_US;
    if (n->beacon_us < local)
        local = n->beacon_us;
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
    if (!n->core || n->busy || n->wake_us <= sim->world.now_us)
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

void sim_turn_first(struct sim *sim, struct sim_node *n)
{
    n->wake_us = INT64_MAX;
    n->last_tick_us = INT64_MIN / 2;
    n->beacon_us = sim_node_may_lead(n) ? local_now(sim, n) : INT64_MAX;
    n->spins = 0;
    step(sim, n, &(struct fluit_event){.kind = FLUIT_EVENT_START});
    end_turn(sim, n);
    if (n->core && !n->busy)
        sim_node_poke(sim, n);
}
