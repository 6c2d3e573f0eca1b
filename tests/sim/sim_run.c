/* sim_run.c: one seed, from an empty disk to the last check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/sim.h"

#define WORKSHOP_MAX_US (8 * SIM_HOUR)
/* After all is in step: nobody may go on asking for what can't be had. */
#define WATCH_US      (15 * SIM_SECOND)
#define TAKING_MAX_US (2 * SIM_MINUTE)

struct sim_node *sim_add_node(struct sim *sim, enum fluit_node_class node_class, int table)
{
    uint32_t index = sim->node_count++;
    struct sim_node *n = &sim->nodes[index];
    n->node_class = node_class;
    n->table = (uint8_t)table;
    n->twin_of = SIM_NOBODY;
    if (table)
        snprintf(n->name, sizeof n->name, "%s-%02d", fluit_node_class_name(node_class), table);
    else
        snprintf(n->name, sizeof n->name, "%s", fluit_node_class_name(node_class));
    n->disk = store_memory_new();
    sim_clock_init(sim, &n->clock);
    sim_net_add(sim, index);
    return n;
}

void sim_make_workshop(struct sim *sim, struct fluit_slice yaml)
{
    struct sim_node *hub = sim_hub(sim);
    struct fluit_store store = store_memory_port(hub->disk);
    struct fluit_hub_plan plan = {.yaml = yaml,
                                  .tables = sim->tables,
                                  .wall_us = sim_wall(sim, &hub->clock),
                                  .invites_valid_s = FLUIT_INVITE_VALID_S};
    struct fluit_invites invites = {0};
    struct fluit_secret recovery;
    if (fluit_hub_create(store, &sim->world.rng, &plan, &recovery) ||
        store_memory_commit(hub->disk) || fluit_invites_load(&invites, store))
        abort();
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (!sim_node_may_lead(&sim->nodes[i]))
            sim->nodes[i].code = fluit_invites_find(&invites, sim->nodes[i].name)->code;
    fluit_invites_deinit(&invites);
}

static void set_up(struct sim *sim)
{
    sim->tables = (int)sim_between(sim, 3, 12);
    sim_add_node(sim, FLUIT_NODE_HUB, 0);
    for (int table = 1; table <= sim->tables; table++) {
        if (sim_often(sim, 950000)) /* the others don't turn up */
            sim_add_node(sim, FLUIT_NODE_TABLE, table);
        if (sim_often(sim, 300000))
            sim_add_node(sim, FLUIT_NODE_RAPPORTEUR, table);
    }
    if (sim_often(sim, 650000))
        sim_add_node(sim, FLUIT_NODE_STANDBY, 1);
    sim_make_workshop(sim, fluit_script_builtin("leren"));
    sim_tell(sim, "seed %llu: %d tables, %u nodes", (unsigned long long)sim->world.seed,
             sim->tables, sim->node_count);
}

static void run_until(struct sim *sim, int64_t until_us)
{
    while (!sim->world.failed && sim_next(sim, until_us))
        continue;
    sim->world.now_us = until_us;
}

static void hold_workshop(struct sim *sim)
{
    while (!sim->people.done && !sim->world.failed && sim_next(sim, WORKSHOP_MAX_US))
        continue;
    if (!sim->people.done && !sim->world.failed)
        sim_fail(sim, "the workshop did not come to its end");
    /* Some end in the midst of trouble. */
    if (sim->world.failed || !sim_often(sim, 400000))
        return;
    sim_faults_storm(sim);
    run_until(sim, sim->world.now_us + sim_between(sim, 0, 20 * SIM_SECOND));
}

void sim_settle(struct sim *sim, struct sim_result *result)
{
    int64_t from_us = sim->world.now_us, began_us = from_us;
    const char *why = "";
    uint32_t who = 0;
    if (sim->world.failed)
        return;
    sim_faults_end(sim);
    sim->people.quiet = true;
    for (int64_t until = from_us;; until += SIM_SECOND) {
        run_until(sim, until);
        if (sim->world.failed)
            return;
        if (sim_check_settled(sim, &why, &who))
            break;
        /* As long as a person takes to see that the hub is gone, and to let another lead. */
        if (sim->taking && until < began_us + TAKING_MAX_US)
            from_us = until;
        if (until < sim->net.held_us)
            from_us = until;
        if (until >= from_us + SIM_SETTLE_MAX_US) {
            sim_fail(sim, "not settled: %s %s", sim->nodes[who].name, why);
            return;
        }
    }
    result->settle_us = sim->world.now_us - from_us;
    if (sim->faults.hits[SIM_FAULT_TWIN] + sim->faults.hits[SIM_FAULT_DISK_PUT_BACK] > 0) {
        sim->net.asking_ends = true;
        run_until(sim, sim->world.now_us + WATCH_US);
    }
    if (!sim->world.failed)
        sim_check_all(sim);
}

void sim_sum_up(struct sim *sim, struct sim_result *result)
{
    result->failed = sim->world.failed;
    result->trace = sim->world.trace;
    result->nodes = sim->node_count;
    memcpy(result->faults, sim->faults.hits, sizeof result->faults);
    result->lines = sim->people.count;
    result->gone = sim->people.gone;
    result->disputed = sim->people.disputed;
    for (uint32_t i = 0; i < sim->people.count; i++)
        result->saved += sim->people.items[i].said >= SIM_SAVED;
    result->whistles = sim->marks.sound_count;
    result->alone = sim->mesh.looks;
    result->expected = sim->marks.expected;
    result->spread_us = sim->marks.spread_us;
    if (result->failed && !sim->world.verbose)
        printf("%s", fluit_buf_text(&sim->world.story));
}

void sim_free(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        sim_node_deinit(&sim->nodes[i]);
    sim_people_deinit(&sim->people);
    sim_marks_deinit(&sim->marks);
    sim_world_deinit(&sim->world);
    free(sim);
}

int64_t sim_cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * SIM_SECOND + t.tv_nsec / 1000;
}

void sim_run(uint64_t seed, bool verbose, struct sim_result *result)
{
    struct sim *sim = calloc(1, sizeof *sim);
    int64_t began_us = sim_cpu_us();
    if (!sim)
        abort();
    *result = (struct sim_result){.seed = seed};
    sim_world_init(&sim->world, seed, verbose);
    set_up(sim);
    sim_people_init(sim);
    sim_faults_init(sim);
    sim_mesh_init(sim);
    hold_workshop(sim);
    result->length_us = sim->world.now_us;
    sim_settle(sim, result);
    sim_sum_up(sim, result);
    sim_free(sim);
    result->cpu_us = sim_cpu_us() - began_us;
}
