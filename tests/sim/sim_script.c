#include "tests/sim/sim_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED            7
#define TABLES          2
#define WORKSHOP_MAX_US (10 * SIM_MINUTE)
#define LOOK_US         (700 * SIM_MS) /* how often people do something */
#define AGAIN_US        (2 * SIM_SECOND)

const char *const sim_script_nodes[SIM_SCRIPT_NODES] = {"hub", "table-01"};
const char *const sim_place_texts[SIM_PLACES] = {
    "append fails", "put fails",         "signature fails",
    "commit fails", "commit, power cut", "commit, power cut while sending"};

static const char yaml[] = "id: short\n"
                           "title: A short one\n"
                           "languages: [en]\n"
                           "no-names: no names\n"
                           "board:\n"
                           "  sides:\n"
                           "    - {id: helps, name: helps, degrees: [a little, a lot]}\n"
                           "    - {id: stops, name: stops, degrees: [a little, a lot]}\n"
                           "decks:\n"
                           "  - cards:\n"
                           "      - {id: time, name: time}\n"
                           "      - {id: people, name: people}\n"
                           "      - {id: tools, name: tools}\n"
                           "blank-cards: 2\n"
                           "roles:\n"
                           "  - {id: host, name: host}\n"
                           "agenda:\n"
                           "  - {id: begin, kind: explain, title: Begin}\n"
                           "  - id: one\n"
                           "    kind: round\n"
                           "    title: One\n"
                           "    duration: 12s\n"
                           "    wrap-up: 3s\n"
                           "    questions:\n"
                           "      - {id: what, text: What helped?}\n"
                           "  - {id: change, kind: changeover, title: Change}\n"
                           "  - id: two\n"
                           "    kind: round\n"
                           "    title: Two\n"
                           "    duration: 8s\n"
                           "    wrap-up: 2s\n"
                           "  - {id: end, kind: close, title: End}\n";

/* What a table types, one after the other, and what its entry must say; without that it asks. */
static const struct {
    uint8_t round; /* not before the hub is there; 0: at any time */
    const char *line, *what;
} lines[] = {
    {0, "role host 2", "role host 2"},
    {1, "place time helps 1", "place time helps 1"},
    {1, "why time there is enough", "why time there is enough"},
    {1, "place people stops 2", "place people stops 2"},
    {1, "link time people so", "link time people so"},
    {1, "blank our own", "blank our own"},
    {1, "note @what we help", "note what 0 we help"},
    {1, "edit 1 we help each other", "note *"},
    {1, "place time stops 1", "place time stops 1"},
    {1, "undo", "*"},
    {1, "board", NULL},
    {1, "quote @what never again", "note what 1 never again"},
    {1, "answer what/0 all of it", "answer what/0 all of it"},
    {1, "lift people", "lift people"},
    {1, "aside tools", "aside tools"},
    {2, "next board", "next board 2"},
    {2, "place tools helps 2", "place tools helps 2"},
    {2, "why tools they work", "why tools they work"},
    {2, "drop 1", "note *"},
    {2, "unlink time people", "unlink time people "},
    {2, "status", NULL},
    {2, "note in the end", "note  0 in the end"},
};
#define LINES (sizeof lines / sizeof lines[0])

/* People at a table: the next line once it can be typed. */
static void table_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    uint64_t at = due->n;
    if (sim->people.quiet || at == LINES)
        return;
    if (sim_node_ready(n) && n->core->plan.round >= lines[at].round) {
        if (lines[at].what)
            sim_people_act(sim, n, lines[at].line, lines[at].what);
        else
            sim_people_type(sim, n, lines[at].line, SIM_NOBODY);
        at++;
    }
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + LOOK_US,
                                   .run = table_due,
                                   .node = due->node,
                                   .n = at});
}

/* What the facilitator says to the plan as it is; NULL: nothing yet. */
static const char *lead(const struct fluit_script *script, const struct fluit_plan *plan,
                        int64_t since_us)
{
    const struct fluit_step *step = &script->steps[plan->step];
    if (plan->state == FLUIT_PLAN_READY)
        return since_us < 4 * SIM_SECOND            ? NULL
               : step->duration_us || step->whistle ? "start"
                                                    : "next";
    if (plan->state == FLUIT_PLAN_RUNNING) {
        if (plan->step == 1 && plan->marks[0].id.occurrence == 1 && plan->mark_count == 1 &&
            since_us > 4 * SIM_SECOND && since_us < 6 * SIM_SECOND)
            return "extend 3s";
        return step->duration_us ? NULL : since_us > 3 * SIM_SECOND ? "end" : NULL;
    }
    if (plan->state == FLUIT_PLAN_PAUSED)
        return "resume";
    return since_us > step->wrap_up_us + SIM_SECOND ? "next" : NULL;
}

static void lead_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_people *p = &sim->people;
    struct sim_node *hub = sim_hub(sim);
    if (p->quiet)
        return;
    if (sim_node_ready(hub)) {
        const struct fluit_plan *plan = &hub->core->plan;
        if (plan->revision != p->seen_revision) {
            p->seen_revision = plan->revision;
            p->seen_us = sim->world.now_us;
        }
        int64_t since_us = sim->world.now_us - p->seen_us;
        const char *line = lead(hub->core->script, plan, since_us);
        p->done = plan->step + 1 == hub->core->script->step_count && since_us > 4 * SIM_SECOND;
        if (line && plan->step + 1 < hub->core->script->step_count)
            sim_people_type(sim, hub, line, SIM_NOBODY);
    }
    (void)due;
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + LOOK_US, .run = lead_due});
}

static void start_due(struct sim *sim, const struct sim_due *due)
{
    sim_node_start(sim, &sim->nodes[due->node]);
}

static struct sim *set_up(bool verbose)
{
    struct sim *sim = calloc(1, sizeof *sim);
    if (!sim)
        abort();
    sim_world_init(&sim->world, SEED, verbose);
    sim->tables = TABLES;
    sim_add_node(sim, FLUIT_NODE_HUB, 0);
    for (int table = 1; table <= TABLES; table++)
        sim_add_node(sim, FLUIT_NODE_TABLE, table);
    sim_make_workshop(sim, fluit_slice_str(yaml));
    sim->faults.again_us = AGAIN_US;
    return sim;
}

static void hold(struct sim *sim, struct sim_result *result)
{
    for (uint32_t i = 0; i < sim->node_count; i++) {
        sim_plan(sim, (struct sim_due){.at_us = i * SIM_SECOND, .run = start_due, .node = i});
        if (i != sim->hub)
            sim_plan(sim, (struct sim_due){.at_us = i * SIM_SECOND, .run = table_due, .node = i});
    }
    sim_plan(sim, (struct sim_due){.run = lead_due});
    while (!sim->people.done && !sim->world.failed && sim_next(sim, WORKSHOP_MAX_US))
        continue;
    if (!sim->people.done && !sim->world.failed)
        sim_fail(sim, "the workshop did not come to its end");
    result->length_us = sim->world.now_us;
    sim_settle(sim, result);
}

/* The last is what was there before. */
static void count(const struct sim *sim, uint32_t counts[SIM_SCRIPT_NODES][SIM_PLACES])
{
    for (uint32_t i = 0; i < SIM_SCRIPT_NODES; i++) {
        const struct sim_node *n = &sim->nodes[i];
        counts[i][SIM_PLACE_APPEND] = (uint32_t)store_memory_calls(n->disk, STORE_MEMORY_APPEND);
        counts[i][SIM_PLACE_PUT] = (uint32_t)store_memory_calls(n->disk, STORE_MEMORY_PUT);
        counts[i][SIM_PLACE_SIGN] = (uint32_t)store_memory_calls(n->disk, STORE_MEMORY_SIGN);
        counts[i][SIM_PLACE_COMMIT] = n->commits;
        counts[i][SIM_PLACE_COMMIT_KEPT] = counts[i][SIM_PLACE_COMMIT_HALF_SENT] = n->commits;
    }
}

void sim_script_count(uint32_t counts[SIM_SCRIPT_NODES][SIM_PLACES], struct sim_result *result)
{
    uint32_t before[SIM_SCRIPT_NODES][SIM_PLACES];
    struct sim *sim = set_up(false);
    *result = (struct sim_result){.seed = SEED};
    count(sim, before);
    hold(sim, result);
    count(sim, counts);
    for (uint32_t i = 0; i < SIM_SCRIPT_NODES; i++)
        for (int place = 0; place < SIM_PLACES; place++)
            counts[i][place] -= before[i][place];
    sim_sum_up(sim, result);
    sim_free(sim);
}

static void order(struct sim_node *n, enum sim_place place, uint32_t nth)
{
    static const enum store_memory_call calls[] = {
        [SIM_PLACE_APPEND] = STORE_MEMORY_APPEND,
        [SIM_PLACE_PUT] = STORE_MEMORY_PUT,
        [SIM_PLACE_SIGN] = STORE_MEMORY_SIGN,
        [SIM_PLACE_COMMIT] = STORE_MEMORY_COMMIT,
    };
    if (place <= SIM_PLACE_COMMIT) {
        store_memory_fail(n->disk, calls[place], nth, FLUIT_E_IO);
    } else {
        n->doom_commit = nth;
        n->doom_then = place == SIM_PLACE_COMMIT_KEPT ? SIM_DOOM_AFTER_COMMIT : SIM_DOOM_HALF_SENT;
    }
}

void sim_script_run(uint32_t node, enum sim_place place, uint32_t nth, bool verbose,
                    struct sim_result *result)
{
    struct sim *sim = set_up(verbose);
    int64_t began_us = sim_cpu_us();
    *result = (struct sim_result){.seed = SEED};
    sim_tell(sim, "%s %u of %s", sim_place_texts[place], nth, sim_script_nodes[node]);
    order(&sim->nodes[node], place, nth);
    hold(sim, result);
    sim_sum_up(sim, result);
    sim_free(sim);
    result->cpu_us = sim_cpu_us() - began_us;
}
