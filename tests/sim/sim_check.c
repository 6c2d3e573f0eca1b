#include "tests/sim/sim_check.h"

#include <stdlib.h>
#include <string.h>

#include "node/report/report.h"
#include "proto/body.h"
#include "tests/sim/sim.h"

/* Settled. */

static const char *unsettled(struct sim *sim, struct sim_node *n, const struct fluit_hash *digest)
{
    if (n->renewing)
        return "waits for a code";
    if (!n->wanted)
        return NULL;
    if (!sim_node_ready(n))
        return "is not ready";
    struct fluit_hash own = fluit_replica_digest(&n->core->replica);
    if (memcmp(own.b, digest->b, sizeof own.b) != 0 && !sim_fork_same_feeds(sim, n))
        return "holds other feeds than the hub";
    const struct fluit_feed_info *feed = &n->core->replica.feeds[n->core->own.index]->info;
    if (n->guest && n->core->own.safe_seq < feed->seq)
        return "does not know that all is safe";
    if (n->guest && n->core->plan.revision != sim_hub(sim)->core->plan.revision)
        return "has another plan";
    if (n->hub && n != sim_hub(sim) && fluit_node_leads(n->core))
        return "leads still";
    if (n->astray)
        return "has another mesh time";
    return NULL;
}

static bool round_closed(const struct fluit_hub *hub, uint8_t round)
{
    return fluit_hub_is_closed(hub, round) && fluit_fold_cut(hub->node.fold, round);
}

bool sim_check_settled(struct sim *sim, const char **why, uint32_t *who)
{
    struct sim_node *hub = sim_hub(sim);
    *who = sim->hub;
    *why = "is not ready";
    if (!sim_node_ready(hub) || sim->taking || !fluit_node_leads(hub->core))
        return false;
    *why = "waits for keys";
    if (hub->core->unread_count > 0)
        return false;
    struct fluit_hash digest = fluit_replica_digest(&hub->core->replica);
    for (uint32_t i = 0; i < sim->node_count; i++) {
        *who = i;
        *why = unsettled(sim, &sim->nodes[i], &digest);
        if (*why)
            return false;
    }
    for (int round = 1; round <= hub->core->script->round_count; round++) {
        *who = sim->hub;
        *why = "has not closed a round";
        if (!round_closed(hub->hub, (uint8_t)round))
            return false;
    }
    return true;
}

/* Entries. */

struct told;

struct seen {
    struct sim *sim;
    struct fluit_origin origin;
    struct fluit_header header;
    struct fluit_hash hash;
    const struct fluit_act *act;
    const struct told *told;
    struct fluit_fold *fold;
};

/* Opens the entry with the hub's keys and gives its act to each; entries that are no acts are
 * passed over. */
static void read_entry(struct sim *sim, uint32_t feed, uint64_t seq, struct seen *seen,
                       void (*each)(struct seen *seen))
{
    struct fluit_node *hub = sim_hub(sim)->core;
    struct fluit_buf scratch = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    struct fluit_stored stored;
    struct fluit_slice bytes;
    struct fluit_body body = {0};
    const struct fluit_feed_id *id = &hub->replica.feeds[feed]->info.id;
    if (hub->store.ops->get(hub->store.self, id, seq, &stored, &scratch) ||
        fluit_header_get(&seen->header, stored.header) ||
        !fluit_node_origin(hub, feed, &seen->header, &seen->origin)) {
        sim_fail(sim, "the hub can't read entry %llu of feed %u", (unsigned long long)seq, feed);
    } else if (seen->header.entry_class != FLUIT_CLASS_OPEN) {
        const struct fluit_held_key *key = fluit_keyring_find(&hub->keyring, &seen->header.key_id);
        enum fluit_err err =
            key ? fluit_unseal(&key->key, stored.header, stored.payload, &text, &bytes)
                : FLUIT_E_NOKEY;
        if (err)
            sim_fail(sim, "the hub can't open entry %llu of feed %u: %s", (unsigned long long)seq,
                     feed, fluit_err_text(err));
        else if (!fluit_body_get(&body, bytes)) {
            seen->hash = fluit_header_hash(stored.header);
            seen->act = &body.act;
            each(seen);
            seen->act = NULL;
        }
        fluit_body_deinit(&body);
    }
    fluit_buf_deinit(&text);
    fluit_buf_deinit(&scratch);
}

/* Who typed it: a twin's are its original's. */
static uint32_t author_of(const struct sim *sim, uint32_t rank)
{
    const struct sim_node *hub = &sim->nodes[sim->hub];
    return sim_owner_of(sim, &hub->core->roster.members[rank].link);
}

static uint32_t typist_of(const struct sim *sim, const struct sim_item *item)
{
    uint32_t original = sim->nodes[item->node].twin_of;
    return original == SIM_NOBODY ? item->node : original;
}

/* The items that were told saved, by the hash of their entry. */
struct told {
    struct sim_item **items;
    size_t count;
};

static bool is_told(const struct sim_item *item)
{
    return item->said == SIM_SAVED || item->said == SIM_SAFE;
}

static int by_hash(const void *a, const void *b)
{
    const struct sim_item *const *x = a, *const *y = b;
    return memcmp((*x)->hash.b, (*y)->hash.b, sizeof(*x)->hash.b);
}

static struct told told_of(struct sim *sim)
{
    struct told told = {.items = calloc(sim->people.count + 1, sizeof(struct sim_item *))};
    if (!told.items)
        abort();
    for (uint32_t i = 0; i < sim->people.count; i++)
        if (is_told(&sim->people.items[i]))
            told.items[told.count++] = &sim->people.items[i];
    qsort(told.items, told.count, sizeof(struct sim_item *), by_hash);
    return told;
}

static struct sim_item *find_told(const struct told *told, const struct fluit_hash *hash)
{
    struct sim_item key = {.hash = *hash}, *wanted = &key;
    struct sim_item **found =
        bsearch(&wanted, told->items, told->count, sizeof(struct sim_item *), by_hash);
    return found ? *found : NULL;
}

/* One that never got its answer; rather one that says exactly this. */
static struct sim_item *find_unanswered(struct sim *sim, uint32_t author, const char *what)
{
    struct sim_item *best = NULL;
    for (uint32_t i = 0; i < sim->people.count; i++) {
        struct sim_item *item = &sim->people.items[i];
        if ((!best || strchr(best->what, '*')) && item->said == SIM_TYPED && !item->found &&
            typist_of(sim, item) == author && sim_people_fits(item, what))
            best = item;
    }
    return best;
}

/* Every act stems from a line: the one that was told so, or one that never got its answer. */
static void find_line(struct seen *seen)
{
    struct sim *sim = seen->sim;
    char what[2600];
    uint32_t author = author_of(sim, seen->origin.rank);
    if (!sim_people_what(seen->act, what, sizeof what))
        return;
    struct sim_item *item = find_told(seen->told, &seen->hash);
    if (item && (typist_of(sim, item) != author || !sim_people_fits(item, what)))
        sim_fail(sim, "'%s' was saved as '%s'", item->what, what);
    if (!item)
        item = find_unanswered(sim, author, what);
    if (item)
        item->found = true;
    else
        sim_fail(sim, "nobody typed '%s' of %s", what,
                 author == SIM_NOBODY ? "?" : sim->nodes[author].name);
}

/* Is it on a disk yet, and can't get further: on a branch that the hub did not take, or on a device
 * of its author that was put away? */
static bool stays_there(struct sim *sim, const struct sim_item *item)
{
    for (uint32_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *n = &sim->nodes[i];
        if (sim_disk_holds(n->disk, item) &&
            ((i == item->node && !n->wanted) || sim_fork_between(sim, n, &item->feed)))
            return true;
    }
    return false;
}

static void check_item(struct sim *sim, const struct sim_item *item)
{
    if (!is_told(item) || item->found)
        return;
    if (item->said == SIM_SAVED && item->gone)
        sim->people.gone++;
    else if (item->said == SIM_SAVED && stays_there(sim, item))
        sim->people.disputed++;
    else
        sim_fail(sim, "%s was told %s, and it is lost: %s", sim->nodes[item->node].name,
                 item->said == SIM_SAFE ? "safe" : "saved", item->line);
}

static void check_lines(struct sim *sim)
{
    const struct fluit_replica *replica = &sim_hub(sim)->core->replica;
    struct told told = told_of(sim);
    struct seen seen = {.sim = sim, .told = &told};
    for (uint32_t i = 0; i < replica->count; i++)
        for (uint64_t seq = 1; seq <= replica->feeds[i]->info.seq; seq++)
            read_entry(sim, i, seq, &seen, find_line);
    free(told.items);
    for (uint32_t i = 0; i < sim->people.count; i++)
        check_item(sim, &sim->people.items[i]);
}

/* The fold. */

static void fold_it(struct seen *seen)
{
    if (fluit_fold_apply(seen->fold, &seen->origin, seen->act))
        abort();
}

static struct fluit_hash digest_of(struct sim *sim, const struct fluit_fold *fold)
{
    struct fluit_report_input in = {.script = sim_hub(sim)->core->script,
                                    .fold = fold,
                                    .workshop = "0000",
                                    .tables = sim->tables};
    struct fluit_hash digest = {{0}};
    if (fluit_fold_digest(&in, &digest))
        sim_fail(sim, "no report could be drawn");
    return digest;
}

struct place {
    uint32_t feed;
    uint64_t seq;
};

static struct place *shuffled(struct sim *sim, size_t *count)
{
    const struct fluit_replica *replica = &sim_hub(sim)->core->replica;
    size_t total = 0;
    for (uint32_t i = 0; i < replica->count; i++)
        total += replica->feeds[i]->info.seq;
    struct place *places = calloc(total + 1, sizeof *places);
    if (!places)
        abort();
    *count = 0;
    for (uint32_t i = 0; i < replica->count; i++)
        for (uint64_t seq = 1; seq <= replica->feeds[i]->info.seq; seq++) {
            size_t at = sim_below(sim, ++*count);
            places[*count - 1] = places[at];
            places[at] = (struct place){i, seq};
        }
    return places;
}

static void check_fold(struct sim *sim)
{
    const struct fluit_node *hub = sim_hub(sim)->core;
    struct fluit_fold *fold = fluit_fold_new(hub->script);
    struct seen seen = {.sim = sim, .fold = fold};
    size_t count;
    struct place *places = shuffled(sim, &count);
    for (size_t i = 0; i < count && fold; i++)
        read_entry(sim, places[i].feed, places[i].seq, &seen, fold_it);
    struct fluit_hash one = digest_of(sim, hub->fold), other = digest_of(sim, fold);
    if (memcmp(one.b, other.b, sizeof one.b) != 0)
        sim_fail(sim, "the same entries in another order fold to another workshop");
    if (hub->fold->ignored.count > 0)
        sim_fail(sim, "%u acts mean nothing to the hub", (unsigned)hub->fold->ignored.count);
    free(places);
    fluit_fold_free(fold);
}

/* A table sees of itself what the hub sees of it, but for what is disputed. */
static void check_table(struct sim *sim, const struct sim_node *n)
{
    const struct fluit_node *hub = sim_hub(sim)->core;
    uint8_t rounds = (uint8_t)hub->script->round_count;
    /* Nobody seals a key to its own author: one that is lost stays lost there. */
    if (n->lost_keys || sim_fork_at_table(sim, n))
        return;
    for (uint8_t round = 0; round <= rounds; round++) {
        struct fluit_fold_counts here = fluit_fold_counts(n->core->fold, n->table, round);
        struct fluit_fold_counts there = fluit_fold_counts(hub->fold, n->table, round);
        if (here.cards != there.cards || here.notes != there.notes || here.links != there.links ||
            here.active_us != there.active_us)
            sim_fail(sim, "%s sees %zu cards and %zu notes of its round %u, the hub %zu and %zu",
                     n->name, here.cards, here.notes, round, there.cards, there.notes);
    }
}

void sim_check_all(struct sim *sim)
{
    check_lines(sim);
    check_fold(sim);
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (i != sim->hub && sim_node_ready(&sim->nodes[i]))
            check_table(sim, &sim->nodes[i]);
}
