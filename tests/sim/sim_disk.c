#include "tests/sim/sim_disk.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

#define TWINS_MAX 4 /* in one workshop */

/* What is lost. */

bool sim_disk_holds(const struct store_memory *disk, const struct sim_item *item)
{
    struct fluit_hash hash;
    return store_memory_durable_hash(disk, &item->feed, item->seq, &hash) &&
           memcmp(hash.b, item->hash.b, sizeof hash.b) == 0;
}

static bool told(const struct sim_item *item)
{
    return item->said == SIM_SAVED || item->said == SIM_SAFE;
}

static bool held_in_use(const struct sim *sim, const struct sim_item *item)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->nodes[i].wanted && sim_disk_holds(sim->nodes[i].disk, item))
            return true;
    return false;
}

/* The node, which is off, goes on with this disk. */
static void swap_disk(struct sim *sim, struct sim_node *n, struct store_memory *disk)
{
    struct store_memory *before = n->disk;
    n->disk = disk;
    n->lost_keys = true;
    sim_marks_disk_lost(sim, n);
    for (uint32_t i = 0; i < sim->people.count; i++) {
        struct sim_item *item = &sim->people.items[i];
        if (!told(item) || item->gone || sim_disk_holds(disk, item) ||
            !sim_disk_holds(before, item))
            continue;
        if (n == sim_hub(sim) && item->said == SIM_SAFE)
            item->said = SIM_SAVED; /* the mark goes back, as the design says */
        item->gone = !held_in_use(sim, item);
        if (item->gone && item->said == SIM_SAFE)
            sim_fail(sim, "safe, and on the disk of %s only: %s", n->name, item->line);
    }
    store_memory_free(before);
}

/* A backup, and its return. */

static void put_back_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    struct store_memory *backup = n->backup;
    if (!backup || sim->faults.over)
        return;
    n->backup = NULL;
    if (sim_node_may_lead(n) && (!n->core || n->core->roster.revision != n->backup_roster)) {
        store_memory_free(backup);
        return;
    }
    sim_tell(sim, "the disk of %s is put back to what it was", n->name);
    sim_hit(sim, SIM_FAULT_DISK_PUT_BACK);
    sim_node_crash(sim, n, "put back", sim_between(sim, 5 * SIM_MS, 20 * SIM_SECOND));
    swap_disk(sim, n, backup);
    n->put_back_us = sim->world.now_us;
    if (sim_often(sim, 500000))
        sim_clock_boot(sim, &n->clock);
}

bool sim_fault_put_back(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    if (!n || n->backup || n->twin_of != SIM_NOBODY || !sim_node_ready(n))
        return false;
    if (n->hub && !fluit_own_asks_others(n->core))
        return false; /* a hub that nobody has joined yet can't be told how far it was */
    n->backup = store_memory_copy(n->disk);
    n->backup_roster = n->core->roster.revision;
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us +
                                            sim_between(sim, SIM_SECOND, 10 * SIM_MINUTE),
                                   .run = put_back_due,
                                   .node = at});
    return true;
}

/* Another device takes a place: it needs a new code, which the facilitator makes. */

static void renew_due(struct sim *sim, const struct sim_due *due)
{
    const struct sim_node *n = &sim->nodes[due->node];
    struct sim_node *hub = sim_hub(sim);
    char line[64];
    if (!n->renewing)
        return;
    if (sim_node_ready(hub) && hub->frozen_until_us <= sim->world.now_us) {
        snprintf(line, sizeof line, "renew %s", n->name);
        sim_people_type(sim, hub, line, SIM_NOBODY);
    }
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us +
                                            sim_between(sim, SIM_SECOND, 5 * SIM_SECOND),
                                   .run = renew_due,
                                   .node = due->node});
}

static void renew(struct sim *sim, struct sim_node *n)
{
    n->renewing = true;
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + SIM_SECOND,
                                   .run = renew_due,
                                   .node = sim_node_index(sim, n)});
}

void sim_renew_hear(struct sim *sim, const struct sim_node *hub, struct fluit_slice text)
{
    (void)hub;
    for (uint32_t i = 0; i < sim->node_count; i++) {
        struct sim_node *n = &sim->nodes[i];
        size_t len = strlen(n->name);
        char rest[64];
        if (!n->renewing || text.len <= len || text.len - len >= sizeof rest ||
            memcmp(text.data, n->name, len) != 0 || text.data[len] != ' ')
            continue;
        memcpy(rest, text.data + len, text.len - len);
        rest[text.len - len] = 0;
        if (fluit_invite_parse(rest, &n->code, NULL))
            continue;
        n->renewing = false;
        sim_node_start_after(sim, n, sim_between(sim, SIM_SECOND, 10 * SIM_SECOND));
    }
}

void sim_renew_quit(struct sim *sim, struct sim_node *n, struct fluit_slice why)
{
    if (!n->replaced || n->core->joined) {
        sim_fail(sim, "%s wants to quit: %.*s", n->name, (int)why.len, (const char *)why.data);
        return;
    }
    sim_tell(sim, "%s is refused: %.*s", n->name, (int)why.len, (const char *)why.data);
    sim_node_stop(sim, n, "it needs another code");
    renew(sim, n);
}

static bool has_twin(const struct sim *sim, uint32_t at)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->nodes[i].twin_of == at && sim->nodes[i].wanted)
            return true;
    return false;
}

bool sim_fault_destroy(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    if (!n || n->hub || n->twin_of != SIM_NOBODY || !n->core->joined || has_twin(sim, at))
        return false;
    sim_hit(sim, SIM_FAULT_DISK_DESTROYED);
    sim_node_stop(sim, n, "its disk is destroyed; another device takes its place");
    swap_disk(sim, n, store_memory_new());
    store_memory_free(n->backup);
    n->backup = NULL;
    n->replaced = true;
    sim_clock_init(sim, &n->clock);
    renew(sim, n);
    return true;
}

/* Two of one identity. */

static void part_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (n->wanted)
        sim_node_stop(sim, n, "the copy is found out");
}

static uint32_t count_twins(const struct sim *sim)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sim->node_count; i++)
        count += sim->nodes[i].twin_of != SIM_NOBODY;
    return count;
}

bool sim_fault_twin(struct sim *sim, uint32_t at)
{
    struct sim_node *n = sim_fault_victim(sim->nodes, at);
    int64_t after_us = sim_between(sim, 0, 30 * SIM_SECOND);
    int64_t for_us = after_us + sim_between(sim, 10 * SIM_SECOND, 5 * SIM_MINUTE);
    if (!n || n->hub || n->twin_of != SIM_NOBODY || !sim_node_ready(n) || has_twin(sim, at) ||
        count_twins(sim) == TWINS_MAX || sim->node_count == SIM_NODES_MAX)
        return false;
    uint32_t index = sim->node_count++;
    struct sim_node *twin = &sim->nodes[index];
    snprintf(twin->name, sizeof twin->name, "%.20s-b%u", n->name, count_twins(sim));
    twin->node_class = n->node_class;
    twin->table = n->table;
    twin->twin_of = at;
    twin->disk = store_memory_copy(n->disk);
    sim_clock_init(sim, &twin->clock);
    sim_net_add(sim, index);
    sim_tell(sim, "the disk of %s is copied to %s", n->name, twin->name);
    sim_hit(sim, SIM_FAULT_TWIN);
    n->lost_keys = twin->lost_keys = true; /* those that the other will make */
    sim_node_start_after(sim, twin, after_us);
    sim_table_begin(sim, index, sim->world.now_us + after_us);
    sim_node_disturb(n, sim->world.now_us + for_us);
    sim_node_disturb(twin, sim->world.now_us + for_us);
    sim_plan(sim,
             (struct sim_due){.at_us = sim->world.now_us + for_us, .run = part_due, .node = index});
    return true;
}
