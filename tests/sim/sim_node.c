#include "tests/sim/sim_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define PORT_TAKEN 50000 /* of a million starts: another program has it now */

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

void sim_owner_note(struct sim *sim, uint32_t node, const struct fluit_box_pk *pk)
{
    struct sim_owners *owners = &sim->owners;
    if (sim_owner_of(sim, pk) != SIM_NOBODY)
        return;
    if (owners->count == SIM_OWNERS_MAX)
        abort();
    owners->items[owners->count].pk = *pk;
    owners->items[owners->count++].node = node;
}

uint32_t sim_owner_of(const struct sim *sim, const struct fluit_box_pk *pk)
{
    for (uint32_t i = 0; i < sim->owners.count; i++)
        if (memcmp(sim->owners.items[i].pk.b, pk->b, sizeof pk->b) == 0)
            return sim->owners.items[i].node;
    return SIM_NOBODY;
}

/* Kinds. */

/* Has it joined before, or was it made with a workshop? */
static bool is_member(const struct sim_node *n)
{
    struct fluit_store store = store_memory_port(n->disk);
    struct fluit_buf value = FLUIT_BUF_INIT;
    bool member = store.ops->value(store.self, "workshop", &value) == FLUIT_OK;
    fluit_buf_deinit(&value);
    return member;
}

/* With the arguments of the first time, or none: both must go on with what is in the store. */
static bool gives_code(struct sim *sim, const struct sim_node *n)
{
    return !is_member(n) || sim_often(sim, 500000);
}

static enum fluit_err make_hub(struct sim *sim, struct sim_node *n, const uint8_t entropy[32])
{
    struct fluit_hub_config config = {.standby = n->node_class == FLUIT_NODE_STANDBY, .speed = 1};
    if (config.standby && gives_code(sim, n)) {
        config.code = n->code;
        config.door_port = SIM_DOOR_PORT;
        sim_net_host(sim->hub, config.host);
    }
    n->hub = calloc(1, sizeof *n->hub);
    if (!n->hub)
        abort();
    n->self = n->hub;
    n->core = &n->hub->node;
    enum fluit_err err = fluit_hub_init(n->hub, store_memory_port(n->disk), &config, entropy);
    n->hub->door_port = SIM_DOOR_PORT;
    for (int i = 0; !err && i < 3; i++)
        n->hub->ports[i] = (uint16_t)(SIM_DOOR_PORT + 1 + i);
    if (!err)
        sim_net_endpoint(sim, sim_node_index(sim, n), n->core->endpoint, sizeof n->core->endpoint);
    return err;
}

static void end_hub(struct sim_node *n)
{
    fluit_hub_deinit(n->hub);
    free(n->hub);
    n->hub = NULL;
}

static struct fluit_guest_config config_of(struct sim *sim, const struct sim_node *n)
{
    struct fluit_guest_config config = {.node_class = n->node_class};
    if (!gives_code(sim, n))
        return config;
    config.code = n->code;
    config.door_port = SIM_DOOR_PORT;
    sim_net_host(sim->hub, config.host);
    return config;
}

static enum fluit_err make_guest(struct sim *sim, struct sim_node *n, const uint8_t entropy[32])
{
    struct fluit_guest_config config = config_of(sim, n);
    if (!n->port || sim_often(sim, PORT_TAKEN))
        n->port = (uint16_t)(10000 + n->life % 50000);
    n->guest = calloc(1, sizeof *n->guest);
    if (!n->guest)
        abort();
    n->self = n->guest;
    n->core = &n->guest->node;
    enum fluit_err err = fluit_guest_init(n->guest, store_memory_port(n->disk), &config, entropy);
    if (!err)
        sim_net_endpoint(sim, sim_node_index(sim, n), n->core->endpoint, sizeof n->core->endpoint);
    return err;
}

static void end_guest(struct sim_node *n)
{
    fluit_guest_deinit(n->guest);
    free(n->guest);
    n->guest = NULL;
}

static const struct sim_kind hub_kind = {make_hub,           end_hub,         fluit_hub_step,
                                         fluit_hub_deadline, fluit_hub_alarm, fluit_hub_admits};
static const struct sim_kind guest_kind = {make_guest,        end_guest,
                                           fluit_guest_step,  fluit_guest_deadline,
                                           fluit_guest_alarm, fluit_guest_admits};

static const struct sim_kind *const kinds[] = {
    [FLUIT_NODE_HUB] = &hub_kind,
    [FLUIT_NODE_STANDBY] = &hub_kind,
    [FLUIT_NODE_TABLE] = &guest_kind,
    [FLUIT_NODE_RAPPORTEUR] = &guest_kind,
};

/* Ends. */

static void end_core(struct sim_node *n)
{
    if (n->self)
        n->kind->end(n);
    n->self = NULL;
    n->core = NULL;
    n->life++;
    sim_turn_forget(n);
}

void sim_node_deinit(struct sim_node *n)
{
    end_core(n);
    free(n->inbox);
    fluit_effects_deinit(&n->fx);
    store_memory_free(n->disk);
    store_memory_free(n->backup);
}

static void start_due(struct sim *sim, const struct sim_due *due)
{
    struct sim_node *n = &sim->nodes[due->node];
    if (due->life == n->life && !n->core && n->wanted)
        sim_node_start(sim, n);
}

void sim_node_start_after(struct sim *sim, struct sim_node *n, int64_t after_us)
{
    n->wanted = true;
    sim_node_disturb(n, sim->world.now_us + after_us);
    sim_plan(sim, (struct sim_due){.at_us = sim->world.now_us + after_us,
                                   .run = start_due,
                                   .node = sim_node_index(sim, n),
                                   .life = n->life});
}

static void power_off(struct sim *sim, struct sim_node *n)
{
    end_core(n);
    n->frozen_until_us = 0;
    store_memory_crash(n->disk);
    sim_net_gone(sim, n);
}

void sim_node_crash(struct sim *sim, struct sim_node *n, const char *why, int64_t again_us)
{
    if (!n->core)
        return;
    sim_tell(sim, "%s ends: %s; again after %.1f s", n->name, why, (double)again_us / 1e6);
    power_off(sim, n);
    sim_node_start_after(sim, n, again_us);
}

void sim_node_stop(struct sim *sim, struct sim_node *n, const char *why)
{
    sim_tell(sim, "%s stops: %s", n->name, why);
    n->wanted = false;
    if (n->core)
        power_off(sim, n);
}

/* Beginnings. */

/* The disk was told to fail: somebody starts it again. Anything else is a broken promise. */
static void no_start(struct sim *sim, struct sim_node *n, enum fluit_err err)
{
    bool disk = store_memory_broken(n->disk) == err;
    free(n->self); /* what it had within itself it has given back */
    n->self = NULL;
    n->hub = NULL;
    n->guest = NULL;
    n->core = NULL;
    store_memory_crash(n->disk);
    if (disk)
        sim_hit(sim, err == FLUIT_E_FULL ? SIM_FAULT_DISK_FULL : SIM_FAULT_DISK_WRITE);
    if (disk)
        sim_node_start_after(sim, n, sim_between(sim, SIM_SECOND, 10 * SIM_SECOND));
    else
        sim_fail(sim, "%s can't start: %s", n->name, fluit_err_text(err));
}

void sim_node_start(struct sim *sim, struct sim_node *n)
{
    uint8_t entropy[32];
    sim_tell(sim, "%s starts", n->name);
    n->life++;
    n->wanted = true;
    n->kind = kinds[n->node_class];
    sim_chance_bytes(sim, entropy, sizeof entropy);
    enum fluit_err err = n->kind->make(sim, n, entropy);
    if (err) {
        no_start(sim, n, err);
        return;
    }
    n->pk = n->core->self.link_pk;
    sim_owner_note(sim, sim_node_index(sim, n), &n->pk);
    sim_turn_first(sim, n);
}
