/* fluit_bench_heal DIR [--nodes N] [--entries N] [--delay MS] [--disk MS] [--mbit N] [--mixed]: a
 * workshop whose network breaks in two. The hub and half the nodes are on one side, the others on
 * the other; each side writes half of the entries and comes in step with itself; then the network
 * is whole again. How long until all hold all (each member all that it is to hold: up to 64
 * members, the paper key among them, that is everything), and how much was sent for it?
 *
 * In rooms next to each other the halves are two arcs of the ring in which nodes look for peers;
 * --mixed puts every other pair on the other side. Prints a JSON object. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/lab.h"

#define LINES_A_TURN 16
#define GIVE_UP_US   (60 * LAB_SECOND)
#define LOOK_US      (5 * LAB_MS)

struct options {
    const char *dir;
    uint32_t nodes;
    uint32_t entries;
    bool mixed;
    struct lab_costs costs;
};

struct heal {
    struct lab lab;
    uint32_t side[ROOM_NODES_MAX];
    /* By author: bytes of its entries up to seq, headers and payloads; owned. */
    uint64_t *sizes[ROOM_NODES_MAX];
    uint64_t written; /* entries */
    uint64_t needed;  /* bytes that had to move */
    uint64_t missing; /* entries, over all nodes */
};

static bool is_to_hold(const struct heal *h, uint32_t node, uint32_t author)
{
    const struct fluit_node *core = h->lab.room.nodes[node].core;
    return fluit_node_holds(
        core, fluit_roster_by_sign(&core->roster, &h->lab.room.nodes[author].core->self.sign_pk));
}

static uint64_t own_seq(const struct heal *h, uint32_t author)
{
    return room_held(&h->lab.room.nodes[author], &h->lab.room.nodes[author]);
}

/* Do all hold all that they are to, of authors on their side? */
static bool is_in_step(const struct heal *h, const uint32_t *side)
{
    const struct room_node *nodes = h->lab.room.nodes;
    for (uint32_t author = 0; author < h->lab.room.count; author++)
        for (uint32_t i = 0; i < h->lab.room.count; i++)
            if (side[i] == side[author] && is_to_hold(h, i, author) &&
                room_held(&nodes[i], &nodes[author]) < own_seq(h, author))
                return false;
    return true;
}

static int64_t run_until_in_step(struct heal *h, const uint32_t *side, const char *what)
{
    int64_t began_us = h->lab.now_us;
    while (!is_in_step(h, side)) {
        if (h->lab.now_us - began_us > GIVE_UP_US)
            room_fail(what);
        lab_run(&h->lab, LOOK_US);
    }
    return h->lab.now_us - began_us;
}

static void split(struct heal *h, bool mixed)
{
    uint32_t count = h->lab.room.count;
    for (uint32_t i = 0; i < count; i++)
        h->side[i] = i == ROOM_HUB ? 0 : mixed ? (i - 1) / 2 % 2 : i >= (count + 1) / 2;
    lab_sides(&h->lab, h->side);
}

static void write_half(struct heal *h, uint32_t side, uint32_t entries)
{
    uint32_t left = entries;
    for (int64_t at_us = 0; left > 0; at_us += 200 * LAB_MS)
        for (uint32_t i = 1; i < h->lab.room.count && left > 0; i++) {
            uint32_t lines = left < LINES_A_TURN ? left : LINES_A_TURN;
            if (h->side[i] != side)
                continue;
            lab_say(&h->lab, i, lines, at_us);
            left -= lines;
        }
}

static uint64_t *sizes_of(const struct room_node *n)
{
    const struct fluit_feed_info *info = &n->core->replica.feeds[n->core->own.index]->info;
    const struct fluit_store *store = &n->core->store;
    uint64_t *sizes = calloc(info->seq + 1, sizeof *sizes);
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored stored;
    for (uint64_t seq = 1; sizes && seq <= info->seq; seq++) {
        if (store->ops->get(store->self, &info->id, seq, &stored, &scratch))
            room_fail("an entry is gone");
        sizes[seq] = sizes[seq - 1] + FLUIT_HEADER_LEN + stored.payload.len;
    }
    fluit_buf_deinit(&scratch);
    if (!sizes)
        room_fail("out of memory");
    return sizes;
}

static void count_needed(struct heal *h)
{
    const struct room_node *nodes = h->lab.room.nodes;
    for (uint32_t author = 0; author < h->lab.room.count; author++) {
        uint64_t seq = own_seq(h, author);
        h->sizes[author] = sizes_of(&nodes[author]);
        for (uint32_t i = 0; i < h->lab.room.count; i++) {
            uint64_t held = room_held(&nodes[i], &nodes[author]);
            if (held >= seq || !is_to_hold(h, i, author))
                continue;
            h->needed += h->sizes[author][seq] - h->sizes[author][held];
            h->missing += seq - held;
        }
    }
}

static uint64_t sum(const struct heal *h, enum lab_traffic kind)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < h->lab.room.count; i++)
        bytes += h->lab.nodes[i].bytes[kind];
    return bytes;
}

static void print(const struct heal *h, int64_t heal_us)
{
    static const char *const names[LAB_TRAFFICS] = {"frames", "heads", "want", "entries",
                                                    "ask",    "time",  "other"};
    const struct lab_node *nodes = h->lab.nodes;
    uint64_t sent = 0, hub_sent = 0;
    int64_t cpu_us = 0, guest_cpu_us = 0;
    for (uint32_t i = 0; i < h->lab.room.count; i++) {
        cpu_us += nodes[i].cpu_us;
        if (i != ROOM_HUB && nodes[i].cpu_us > guest_cpu_us)
            guest_cpu_us = nodes[i].cpu_us;
    }
    printf("{\"nodes\": %u, \"entries\": %llu, \"missing\": %llu, \"heal_s\": %.3f, \"needed\": "
           "%llu, \"by_kind\": {",
           h->lab.room.count, (unsigned long long)h->written, (unsigned long long)h->missing,
           (double)heal_us / 1e6, (unsigned long long)h->needed);
    for (enum lab_traffic kind = 0; kind < LAB_TRAFFICS; kind++) {
        sent += sum(h, kind);
        hub_sent += nodes[ROOM_HUB].bytes[kind];
        printf("%s\"%s\": %llu", kind ? ", " : "", names[kind], (unsigned long long)sum(h, kind));
    }
    printf("}, \"sent\": %llu, \"hub_sent\": %llu, \"cpu_s\": %.2f, \"hub_cpu_s\": %.2f, "
           "\"guest_cpu_max_s\": %.2f}\n",
           (unsigned long long)sent, (unsigned long long)hub_sent, (double)cpu_us / 1e6,
           (double)nodes[ROOM_HUB].cpu_us / 1e6, (double)guest_cpu_us / 1e6);
}

static void run(struct heal *h, const struct options *o)
{
    static const uint32_t whole[ROOM_NODES_MAX];
    lab_init(&h->lab, o->dir, o->nodes, o->costs);
    lab_run(&h->lab, 5 * LAB_SECOND);
    run_until_in_step(h, whole, "they don't come in step before the cut");
    split(h, o->mixed);
    lab_run(&h->lab, 5 * LAB_SECOND);
    for (uint32_t i = 0; i < h->lab.room.count; i++)
        h->written -= own_seq(h, i);
    write_half(h, 0, o->entries / 2);
    write_half(h, 1, o->entries - o->entries / 2);
    lab_run(&h->lab, 10 * LAB_SECOND);
    run_until_in_step(h, h->side, "a side does not come in step with itself");
    for (uint32_t i = 0; i < h->lab.room.count; i++)
        h->written += own_seq(h, i);
    lab_run(&h->lab, 5 * LAB_SECOND + (int64_t)fluit_rng_below(&h->lab.room.rng, LAB_SECOND));
    count_needed(h);
    lab_reset(&h->lab);
    lab_sides(&h->lab, whole);
    int64_t heal_us = run_until_in_step(h, whole, "it does not heal");
    lab_run(&h->lab, 3 * LAB_SECOND); /* what was under way in vain counts, too */
    print(h, heal_us);
    for (uint32_t i = 0; i < h->lab.room.count; i++)
        free(h->sizes[i]);
    lab_deinit(&h->lab);
}

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {{"nodes", required_argument, NULL, 'n'},
                                          {"entries", required_argument, NULL, 'e'},
                                          {"delay", required_argument, NULL, 'd'},
                                          {"disk", required_argument, NULL, 's'},
                                          {"mbit", required_argument, NULL, 'm'},
                                          {"mixed", no_argument, NULL, 'x'},
                                          {0}};
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (c == 'n')
            o->nodes = (uint32_t)strtoul(optarg, NULL, 10);
        else if (c == 'e')
            o->entries = (uint32_t)strtoul(optarg, NULL, 10);
        else if (c == 'd')
            o->costs.delay_us = (int64_t)(strtod(optarg, NULL) * 1000);
        else if (c == 's')
            o->costs.disk_us = (int64_t)(strtod(optarg, NULL) * 1000);
        else if (c == 'm')
            o->costs.mbit = strtod(optarg, NULL);
        else if (c == 'x')
            o->mixed = true;
        else
            return false;
    }
    o->dir = optind + 1 == argc ? argv[optind] : NULL;
    return o->dir != NULL;
}

int main(int argc, char **argv)
{
    struct options o = {
        .nodes = 63, .entries = 10000, .costs = {.delay_us = LAB_MS, .disk_us = 3 * LAB_MS}};
    struct heal *h = calloc(1, sizeof *h);
    if (!h || !parse(argc, argv, &o))
        room_fail("usage: fluit_bench_heal DIR [--nodes N] [--entries N] [--delay MS] [--disk MS] "
                  "[--mbit N] [--mixed]");
    run(h, &o);
    free(h);
    return 0;
}
