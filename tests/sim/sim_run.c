/* sim_run.c: one seed, from an empty disk to the last check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define WORKSHOP_MAX_US (8 * SIM_HOUR)
#define SETTLE_MAX_US   (90 * SIM_SECOND)

static struct sim_node *add_node(struct sim *sim, enum fluit_node_class node_class, int table)
{
    struct sim_node *n = &sim->nodes[sim->node_count++];
    n->node_class = node_class;
    n->table = (uint8_t)table;
    if (table)
        snprintf(n->name, sizeof n->name, "%s-%02d", fluit_node_class_name(node_class), table);
    else
        snprintf(n->name, sizeof n->name, "%s", fluit_node_class_name(node_class));
    n->disk = store_memory_new();
    n->clock.ppm = (double)sim_between(sim, -100000, 100000) / 1000;
    n->clock.wall_us = sim_between(sim, -SIM_HOUR, SIM_HOUR);
    sim_node_boot(sim, n);
    return n;
}

static void make_workshop(struct sim *sim)
{
    struct sim_node *hub = &sim->nodes[SIM_HUB];
    struct fluit_store store = store_memory_port(hub->disk);
    struct fluit_hub_plan plan = {.yaml = fluit_script_builtin("leren"),
                                  .tables = sim->tables,
                                  .wall_us = sim_wall(sim, hub),
                                  .invites_valid_s = FLUIT_INVITE_VALID_S};
    struct fluit_invites invites = {0};
    struct fluit_secret recovery;
    if (fluit_hub_create(store, &sim->world.rng, &plan, &recovery) ||
        store_memory_commit(hub->disk) || fluit_invites_load(&invites, store))
        abort();
    for (uint32_t i = 1; i < sim->node_count; i++)
        sim->nodes[i].code = fluit_invites_find(&invites, sim->nodes[i].name)->code;
    fluit_invites_deinit(&invites);
}

static void set_up(struct sim *sim)
{
    sim->tables = (int)sim_between(sim, 3, 12);
    add_node(sim, FLUIT_NODE_HUB, 0);
    for (int table = 1; table <= sim->tables; table++) {
        if (sim_often(sim, 950000)) /* the others don't turn up */
            add_node(sim, FLUIT_NODE_TABLE, table);
        if (sim_often(sim, 300000))
            add_node(sim, FLUIT_NODE_RAPPORTEUR, table);
    }
    make_workshop(sim);
    sim_net_init(sim);
    sim_tell(sim, "seed %llu: %d tables, %u nodes", (unsigned long long)sim->world.seed,
             sim->tables, sim->node_count);
}

static void hold_workshop(struct sim *sim)
{
    while (!sim->people.done && !sim->world.failed && sim_next(sim, WORKSHOP_MAX_US))
        continue;
    if (!sim->people.done && !sim->world.failed)
        sim_fail(sim, "the workshop did not come to its end");
}

static void settle(struct sim *sim, struct sim_result *result)
{
    int64_t from_us = sim->world.now_us;
    const char *why = "";
    uint32_t who = 0;
    sim_faults_end(sim);
    sim->people.quiet = true;
    for (int64_t until = from_us; until < from_us + SETTLE_MAX_US; until += SIM_SECOND) {
        while (sim_next(sim, until))
            continue;
        sim->world.now_us = until;
        if (sim_check_settled(sim, &why, &who)) {
            result->settle_us = until - from_us;
            return;
        }
    }
    sim_fail(sim, "not settled: %s %s", sim->nodes[who].name, why);
}

static void sum_up(struct sim *sim, struct sim_result *result)
{
    result->failed = sim->world.failed;
    result->trace = sim->world.trace;
    result->nodes = sim->node_count;
    result->faults = sim->faults.count;
    result->lines = sim->people.count;
    for (uint32_t i = 0; i < sim->people.count; i++)
        result->saved += sim->people.items[i].said >= SIM_SAVED;
    result->whistles = sim->marks.sound_count;
    result->expected = sim->marks.expected;
    result->spread_us = sim->marks.spread_us;
}

void sim_run(uint64_t seed, bool verbose, struct sim_result *result)
{
    struct sim *sim = calloc(1, sizeof *sim);
    if (!sim)
        abort();
    *result = (struct sim_result){.seed = seed};
    sim_world_init(&sim->world, seed, verbose);
    set_up(sim);
    sim_people_init(sim);
    sim_faults_init(sim);
    hold_workshop(sim);
    result->length_us = sim->world.now_us;
    if (!sim->world.failed)
        settle(sim, result);
    if (!sim->world.failed)
        sim_check_all(sim);
    sum_up(sim, result);
    if (result->failed && !verbose)
        printf("%s", fluit_buf_text(&sim->world.story));
    for (uint32_t i = 0; i < sim->node_count; i++)
        sim_node_deinit(&sim->nodes[i]);
    sim_people_deinit(&sim->people);
    sim_marks_deinit(&sim->marks);
    sim_world_deinit(&sim->world);
    free(sim);
}
