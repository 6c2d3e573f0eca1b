#include "tests/sim/sim_marks.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

/* Long enough for a node that was in trouble to be well again. */
#define WELL_US (30 * SIM_SECOND)
/* Sleepers wake this late, and clocks are read to the microsecond. */
#define SLACK_US 400
/* Each node on the way rounds a few times. */
#define ROUNDING_US 10
/* A hub that reboots leads at its own clock's rate, and mesh time gets a kink. Bounds that follow
 * from answers on both sides of it may be short by a little, and rates wrong by the most that
 * clocks differ, until those before it are dropped. */
#define KINK_US  5000
#define KINK_PPM (2 * FLUIT_CLOCK_DRIFT_PPM)
/* The bound that a hub gives who made mesh time from its wall clock. */
#define FROM_WALL_US 4

void sim_marks_deinit(struct sim_marks *marks)
{
    free(marks->marks);
    free(marks->sounds);
}

static void *more(void *items, uint32_t count, uint32_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    *cap = *cap ? *cap * 2 : 32;
    items = realloc(items, *cap * size);
    if (!items)
        abort();
    return items;
}

/* The true mesh time at a true time; false before there is one. */
static bool true_mesh(const struct sim *sim, int64_t true_us, int64_t *out)
{
    const struct sim_marks *m = &sim->marks;
    if (m->led)
        *out = fluit_clock_mesh(&m->lead, sim_local(&m->lead_by, true_us));
    return m->led;
}

/* A hub that lost its clock in a reboot or with its disk, and found nobody who knew the time. */
static bool anew(const struct sim_marks *m, const struct sim_clock *before)
{
    return m->lead_bound_us <= FROM_WALL_US &&
           (m->lead_lost ||
            memcmp(m->lead_by.boot_id, before->boot_id, sizeof before->boot_id) != 0);
}

/* May a node have the old time yet: from its store, or from another who has? */
static bool may_be_astray(const struct sim *sim)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->nodes[i].wanted && sim->nodes[i].old_time)
            return true;
    return false;
}

/* Once it has kept a clock that was right it does not come back with the old time. */
static void note_right(struct sim_node *n, int64_t local_us)
{
    const struct fluit_node *core = n->core;
    n->astray = false;
    if (!n->old_time)
        return;
    if (n->right_life != n->life) {
        n->right_life = n->life;
        n->right_us = local_us;
    }
    if (core->clock_saved_us > n->right_us && local_us > core->clock_saved_us + SIM_SECOND)
        n->old_time = false;
}

static int64_t slack_us(const struct sim *sim, const struct sim_node *n)
{
    const struct sim_marks *m = &sim->marks;
    if (!m->kink_us || sim->world.now_us - m->kink_us >= FLUIT_CLOCK_SAMPLE_AGE_US)
        return ROUNDING_US;
    int64_t held_us = sim_local(&n->clock, sim->world.now_us) - n->core->clock.base.at_us;
    return KINK_US + held_us * KINK_PPM / 1000000;
}

static void begin_anew(struct sim *sim, int64_t by_us)
{
    sim->marks.anew_us = sim->world.now_us;
    sim_tell(sim, "mesh time begins anew, %.3f s on", (double)by_us / 1e6);
    for (uint32_t i = 0; i < sim->node_count; i++) {
        struct sim_node *n = &sim->nodes[i];
        n->astray = n->old_time = i != sim->hub && n->life > 0;
        n->right_life = 0;
    }
}

static void note_lead(struct sim *sim, const struct sim_node *n)
{
    struct sim_marks *m = &sim->marks;
    if (n != sim_hub(sim) || !n->core->own.ready || !n->core->clock.leading)
        return;
    int64_t before = 0, now_us = sim->world.now_us;
    bool led = true_mesh(sim, now_us, &before);
    struct sim_clock by = m->lead_by;
    int64_t bound_us = m->lead_bound_us;
    m->lead = n->core->clock;
    m->lead_by = n->clock;
    m->lead_bound_us = fluit_clock_bound(&n->core->clock, sim_local(&n->clock, now_us));
    m->led = true;
    m->lead_term = fluit_terms_newest(&n->core->terms)->number;
    int64_t after = fluit_clock_mesh(&m->lead, sim_local(&m->lead_by, now_us));
    bound_us += m->lead_bound_us; /* both are off from the time before by no more than they say */
    /* It may have begun to lead, and ended at once, before anybody knew. */
    int64_t alone_us = sim_local(&n->clock, now_us) - n->core->clock.base.at_us;
    if (led && memcmp(by.boot_id, n->clock.boot_id, sizeof by.boot_id) != 0)
        bound_us += alone_us * 2 * (FLUIT_CLOCK_DRIFT_PPM + FLUIT_CLOCK_WANDER_PPM) / 1000000;
    if (led && (m->lead_lost || memcmp(by.boot_id, n->clock.boot_id, sizeof by.boot_id) != 0))
        m->kink_us = now_us;
    int64_t by_us = llabs(after - before);
    bool is_anew = anew(m, &by);
    m->lead_lost = false;
    if (!led || by_us <= m->lead_bound_us)
        return;
    if (is_anew || (by_us > bound_us && may_be_astray(sim)))
        begin_anew(sim, after - before);
    else if (by_us > bound_us)
        sim_fail(sim, "mesh time went on %lld us from where it was, bound %lld us",
                 (long long)(after - before), (long long)bound_us);
}

/* Who has not heard of the newest term yet goes by the time of the hub before. */
static bool follows(const struct sim *sim, const struct sim_node *n)
{
    const struct fluit_term *newest = fluit_terms_newest(&n->core->terms);
    return !newest || newest->number >= sim->marks.lead_term;
}

static void check_bound(struct sim *sim, struct sim_node *n)
{
    int64_t truth, local = sim_local(&n->clock, sim->world.now_us);
    const struct fluit_clock *clock = &n->core->clock;
    if (clock->leading || !fluit_clock_known(clock) || !follows(sim, n) ||
        !true_mesh(sim, sim->world.now_us, &truth))
        return;
    int64_t off = fluit_clock_mesh(clock, local) - truth;
    int64_t bound = fluit_clock_bound(clock, local) + sim->marks.lead_bound_us;
    if (llabs(off) <= bound + slack_us(sim, n)) {
        note_right(n, local);
    } else if (may_be_astray(sim)) {
        n->astray = n->old_time = true;
        n->right_life = 0;
    } else {
        sim_fail(sim, "%s is off by %lld us of mesh time, bound %lld us", n->name, (long long)off,
                 (long long)bound);
    }
}

/* Did everyone who was well and had heard of it in time whistle? */
static void mark_due(struct sim *sim, const struct sim_due *due)
{
    const struct sim_mark *m = &sim->marks.marks[due->n];
    if (!m->heard || m->dropped_us <= sim->world.now_us - SIM_SECOND ||
        sim->marks.anew_us > m->published_us) /* then it is not due now */
        return;
    for (uint32_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *n = &sim->nodes[i];
        uint32_t times = 0;
        if (!sim_node_ready(n) || n->astray || n->disturbed_until_us > m->published_us - WELL_US)
            continue;
        if (i != sim->hub && (m->well >> i & 1) == 0)
            continue; /* it had just come in */
        for (uint32_t k = 0; k < sim->marks.sound_count; k++)
            times += sim->marks.sounds[k].node == i &&
                     fluit_mark_id_eq(sim->marks.sounds[k].id, m->mark.id);
        if (times == 0)
            sim_fail(sim, "%s was well and did not whistle mark %u/%u/%u", n->name, m->mark.id.step,
                     m->mark.id.kind, m->mark.id.occurrence);
        sim->marks.expected += times;
    }
}

/* The hub was well while it told the plan: from now on nobody needs it. */
static void heard_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_mark *m = &sim->marks.marks[due->n];
    const struct sim_node *hub = sim_hub(sim);
    m->heard = hub->disturbed_until_us < m->published_us - SIM_SECOND &&
               sim->faults.net_us < m->published_us - SIM_SECOND;
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (i != sim->hub && sim_node_ready(&sim->nodes[i]) && sim_net_linked(sim, i, sim->hub))
            m->well |= UINT64_C(1) << i;
    int64_t truth;
    if (!m->heard || !true_mesh(sim, sim->world.now_us, &truth))
        return;
    int64_t at = sim->world.now_us + (m->mark.at_us - truth);
    sim_plan(sim,
             (struct sim_due){.at_us = at + 2 * FLUIT_MARK_LATE_US, .run = mark_due, .n = due->n});
}

static bool plan_has(const struct fluit_plan *plan, const struct fluit_mark *mark)
{
    for (uint8_t i = 0; i < plan->mark_count; i++)
        if (fluit_mark_id_eq(plan->marks[i].id, mark->id) && plan->marks[i].at_us == mark->at_us)
            return true;
    return false;
}

static bool known(const struct sim_marks *m, const struct fluit_mark *mark)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (fluit_mark_id_eq(m->marks[i].mark.id, mark->id) &&
            m->marks[i].mark.at_us == mark->at_us)
            return true;
    return false;
}

static void note_plan(struct sim *sim, const struct fluit_plan *plan)
{
    struct sim_marks *m = &sim->marks;
    int64_t now_us = sim->world.now_us, truth;
    if ((plan->term == m->term && plan->revision == m->revision) || !true_mesh(sim, now_us, &truth))
        return;
    m->term = plan->term;
    m->revision = plan->revision;
    for (uint32_t i = 0; i < m->count; i++)
        if (m->marks[i].dropped_us == INT64_MAX && !plan_has(plan, &m->marks[i].mark))
            m->marks[i].dropped_us = now_us;
    for (uint8_t i = 0; i < plan->mark_count; i++) {
        const struct fluit_mark *mark = &plan->marks[i];
        if (known(m, mark))
            continue;
        m->marks = more(m->marks, m->count, &m->cap, sizeof *m->marks);
        m->marks[m->count] =
            (struct sim_mark){.mark = *mark, .published_us = now_us, .dropped_us = INT64_MAX};
        /* A promise is made only for marks that can be armed in time. */
        if (mark->at_us - truth >= FLUIT_ARM_LEAD_US - 500 * SIM_MS)
            sim_plan(sim, (struct sim_due){
                              .at_us = now_us + SIM_SECOND, .run = heard_due, .n = m->count});
        m->count++;
    }
}

/* What a node whistled and saved it knows in its next life: it counts as fired, never as unknown.
 */
static void check_memory(struct sim *sim, struct sim_node *n)
{
    uint32_t node = sim_node_index(sim, n);
    if (n->remembered || !n->core->own.ready || !n->core->alarm.started)
        return;
    n->remembered = true;
    for (uint32_t i = 0; i < sim->marks.sound_count; i++) {
        const struct sim_sound *sound = &sim->marks.sounds[i];
        if (sound->node == node && sound->saved && sound->life != n->life &&
            fluit_alarm_unknown(&n->core->alarm, sound->id))
            sim_fail(sim, "%s whistled mark %u/%u/%u, saved that, and does not know it any more",
                     n->name, sound->id.step, sound->id.kind, sound->id.occurrence);
    }
}

void sim_marks_saved(struct sim *sim, struct sim_node *n)
{
    uint32_t node = sim_node_index(sim, n);
    for (uint32_t i = 0; n->sounded && i < sim->marks.sound_count; i++)
        if (sim->marks.sounds[i].node == node && sim->marks.sounds[i].life == n->life)
            sim->marks.sounds[i].saved = true;
    n->sounded = false;
}

void sim_marks_disk_lost(struct sim *sim, const struct sim_node *n)
{
    uint32_t node = sim_node_index(sim, n);
    for (uint32_t i = 0; i < sim->marks.sound_count; i++) {
        struct sim_sound *sound = &sim->marks.sounds[i];
        if (sound->node != node)
            continue;
        sound->saved = false;
        sound->lost = sim_node_may_lead(n);
    }
    if (n == sim_hub(sim))
        sim->marks.lead_lost = true;
    else if (sim->marks.anew_us)
        sim->nodes[node].old_time = true; /* it may be of before that */
}

void sim_marks_turn(struct sim *sim, struct sim_node *n)
{
    if (!n->core || !n->core->joined)
        return;
    check_memory(sim, n);
    note_lead(sim, n);
    check_bound(sim, n);
    if (n == sim_hub(sim) && n->core->plan.term)
        note_plan(sim, &n->core->plan);
}

/* Was everyone who was well told of the mark long before it? */
static bool was_told(const struct sim_marks *m, const struct fluit_mark *mark)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (fluit_mark_id_eq(m->marks[i].mark.id, mark->id) &&
            m->marks[i].mark.at_us == mark->at_us)
            return m->marks[i].heard;
    return false;
}

static void check_time(struct sim *sim, const struct sim_node *n, const struct fluit_mark *mark,
                       int64_t local_us)
{
    int64_t truth, bound = fluit_clock_bound(&n->core->clock, local_us);
    if (!true_mesh(sim, sim->world.now_us, &truth))
        return;
    int64_t off = truth - mark->at_us;
    if (n->astray || n->disturbed_until_us > sim->world.now_us - WELL_US ||
        !was_told(&sim->marks, mark))
        return;
    if (llabs(off) > bound + sim->marks.lead_bound_us + SLACK_US + slack_us(sim, n))
        sim_fail(sim, "%s whistled %lld us from the mark, bound %lld us", n->name, (long long)off,
                 (long long)bound);
    if (llabs(off) > sim->marks.spread_us)
        sim->marks.spread_us = llabs(off);
}

void sim_marks_fired(struct sim *sim, struct sim_node *n, const struct fluit_mark *mark,
                     int64_t local_us, uint32_t outputs)
{
    struct sim_marks *m = &sim->marks;
    uint32_t node = sim_node_index(sim, n);
    sim_chat(sim, "%s %s mark %u/%u/%u", n->name, outputs ? "whistles" : "shows", mark->id.step,
             mark->id.kind, mark->id.occurrence);
    if (!outputs)
        return;
    for (uint32_t i = 0; i < m->sound_count; i++)
        if (m->sounds[i].node == node && !m->sounds[i].lost &&
            fluit_mark_id_eq(m->sounds[i].id, mark->id))
            sim_fail(sim, "%s whistled mark %u/%u/%u twice", n->name, mark->id.step, mark->id.kind,
                     mark->id.occurrence);
    m->sounds = more(m->sounds, m->sound_count, &m->sound_cap, sizeof *m->sounds);
    m->sounds[m->sound_count++] = (struct sim_sound){.node = node, .life = n->life, .id = mark->id};
    n->sounded = true;
    check_time(sim, n, mark, local_us);
}
