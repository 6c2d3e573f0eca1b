/* sim_fork.c: two of one identity may write two entries with one number. What must hold then: both
 * go on, neither branch spreads over the other, nobody asks for more of either, and all else is in
 * step. */
#include <string.h>

#include "tests/sim/sim.h"

static bool is_marked(const struct sim_node *n, const struct fluit_feed_id *feed)
{
    int index = n->core ? fluit_replica_find(&n->core->replica, feed) : -1;
    return index >= 0 && n->core->replica.feeds[index]->forked;
}

static bool branches_differ(const struct store_memory *a, const struct store_memory *b,
                            const struct fluit_feed_id *feed)
{
    struct fluit_hash one, other;
    uint64_t seq = store_memory_durable_seq(a, feed), other_seq = store_memory_durable_seq(b, feed);
    if (other_seq < seq)
        seq = other_seq;
    return seq > 0 && store_memory_durable_hash(a, feed, seq, &one) &&
           store_memory_durable_hash(b, feed, seq, &other) &&
           memcmp(one.b, other.b, sizeof one.b) != 0;
}

bool sim_fork_between(const struct sim *sim, const struct sim_node *n,
                      const struct fluit_feed_id *feed)
{
    const struct sim_node *hub = &sim->nodes[sim->hub];
    return is_marked(n, feed) || is_marked(hub, feed) || branches_differ(n->disk, hub->disk, feed);
}

static bool same_feed(const struct sim *sim, const struct sim_node *n,
                      const struct fluit_feed_info *info)
{
    const struct fluit_node *hub = sim->nodes[sim->hub].core;
    int there = fluit_replica_find(&hub->replica, &info->id);
    int here = fluit_replica_find(&n->core->replica, &info->id);
    static const struct fluit_feed_info none;
    const struct fluit_feed_info *a = there < 0 ? &none : &hub->replica.feeds[there]->info;
    const struct fluit_feed_info *b = here < 0 ? &none : &n->core->replica.feeds[here]->info;
    if (a->seq == b->seq && memcmp(a->hash.b, b->hash.b, sizeof a->hash.b) == 0)
        return true;
    /* Then one of them knows that there are two. */
    return is_marked(n, &info->id) || is_marked(&sim->nodes[sim->hub], &info->id);
}

bool sim_fork_same_feeds(struct sim *sim, const struct sim_node *n)
{
    const struct fluit_replica *here = &n->core->replica, *there = &sim_hub(sim)->core->replica;
    for (uint32_t i = 0; i < here->count; i++)
        if (!same_feed(sim, n, &here->feeds[i]->info))
            return false;
    for (uint32_t i = 0; i < there->count; i++)
        if (!same_feed(sim, n, &there->feeds[i]->info))
            return false;
    return true;
}

static bool marked_at_table(const struct sim_node *n, uint8_t table)
{
    const struct fluit_node *core = n->core;
    for (uint32_t i = 0; i < core->replica.count; i++) {
        const struct fluit_feed *feed = core->replica.feeds[i];
        int member = fluit_roster_by_sign(&core->roster, &feed->info.author);
        if (feed->forked && member >= 0 && core->roster.members[member].table == table)
            return true;
    }
    return false;
}

bool sim_fork_at_table(struct sim *sim, const struct sim_node *n)
{
    return marked_at_table(n, n->table) || marked_at_table(sim_hub(sim), n->table);
}
