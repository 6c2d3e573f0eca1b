#include "node/cli/recovered.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TIME_CAP 32

/* Mesh time is the wall clock of the first hub. "": not known, or nonsense. */
static void when(int64_t mesh_us, bool with_day, char out[static TIME_CAP])
{
    struct tm tm;
    time_t at = (time_t)(mesh_us / 1000000);
    bool known = mesh_us > 0 && mesh_us <= FLUIT_MESH_US_MAX && localtime_r(&at, &tm);
    if (!known || !strftime(out, TIME_CAP, with_day ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm))
        out[0] = 0;
}

static const char *s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static const char *entries(uint64_t count)
{
    return count == 1 ? "entry" : "entries";
}

static void print_source(const struct fluit_gather_source *source, const char *name)
{
    if (source->err)
        return; /* it was complained of */
    if (source->taken)
        printf("from %s: %" PRIu64 " %s\n", name, source->taken, entries(source->taken));
    else
        printf("from %s: nothing that was not found before\n", name);
    if (source->damaged)
        printf("! %s is damaged, and of its damage nothing was taken; 'fluit verify %s' tells "
               "more\n",
               name, name);
}

/* What is held of one member. */
struct share {
    uint64_t held, missing;
    int64_t newest_us;
    bool forked;
};

static int64_t written_us(const struct fluit_node *node, const struct fluit_feed_info *info)
{
    struct fluit_buf scratch = FLUIT_BUF_INIT;
    struct fluit_stored stored;
    struct fluit_header header = {0};
    if (info->seq == 0 ||
        node->store.ops->get(node->store.self, &info->id, info->seq, &stored, &scratch) ||
        fluit_header_get(&header, stored.header))
        header.mesh_us = 0;
    fluit_buf_deinit(&scratch);
    return header.mesh_us;
}

static struct share share_of(const struct fluit_node *node, const struct fluit_member *member)
{
    struct share share = {0};
    for (uint32_t i = 0; i < node->replica.count; i++) {
        const struct fluit_feed *feed = node->replica.feeds[i];
        if (memcmp(feed->info.author.b, member->sign.b, sizeof member->sign.b) != 0)
            continue;
        int64_t at_us = written_us(node, &feed->info);
        share.held += feed->info.seq;
        if (feed->known_seq > feed->info.seq)
            share.missing += feed->known_seq - feed->info.seq;
        if (at_us > share.newest_us)
            share.newest_us = at_us;
        share.forked = share.forked || feed->forked;
    }
    return share;
}

static void name_member(const struct fluit_member *member, char out[static 40])
{
    const char *class_name = fluit_node_class_name(member->node_class);
    const char *after = member->state == FLUIT_STATE_REPLACED  ? " (replaced)"
                        : member->state == FLUIT_STATE_REVOKED ? " (revoked)"
                                                               : "";
    if (member->table)
        snprintf(out, 40, "%s %u%s", class_name, member->table, after);
    else
        snprintf(out, 40, "%s%s", class_name, after);
}

/* Entries whose key did not come with them. */
static bool is_unread(const struct fluit_node *node, const struct fluit_member *member)
{
    for (uint32_t i = 0; i < node->unread_count; i++) {
        const struct fluit_feed *feed = node->replica.feeds[node->unread[i].feed];
        if (memcmp(feed->info.author.b, member->sign.b, sizeof member->sign.b) == 0)
            return true;
    }
    return false;
}

static void print_member(const struct fluit_node *node, const struct fluit_member *member,
                         const struct share *share)
{
    char name[40], at[TIME_CAP];
    name_member(member, name);
    if (member->state == FLUIT_STATE_PAPER && share->held == 0)
        return; /* that is us */
    if (share->held == 0)
        printf("  %-24s nothing was found", name);
    else
        printf("  %-24s %6" PRIu64 " %s", name, share->held, entries(share->held));
    when(share->newest_us, false, at);
    if (at[0])
        printf(", the last of %s", at);
    if (share->missing)
        printf("; %" PRIu64 " more %s written but NOT FOUND", share->missing,
               share->missing == 1 ? "was" : "were");
    putchar('\n');
    if (share->forked)
        printf("! %s tells two different stories; only the first is kept\n", name);
    if (is_unread(node, member))
        printf("! not all of %s can be read: the key to it was not found\n", name);
}

/* By table, the hub first. Returns the mesh time of the newest entry. */
static int64_t print_members(const struct fluit_node *node)
{
    int64_t newest_us = 0;
    for (unsigned table = 0; table <= FLUIT_TABLES_MAX; table++)
        for (uint32_t i = 0; i < node->roster.count; i++) {
            const struct fluit_member *member = &node->roster.members[i];
            if (member->table != table)
                continue;
            struct share share = share_of(node, member);
            newest_us = share.newest_us > newest_us ? share.newest_us : newest_us;
            print_member(node, member, &share);
        }
    return newest_us;
}

static void print_gaps(const struct fluit_recovery *r)
{
    const struct fluit_replica *replica = &r->node.replica;
    bool gaps = r->gone_count > 0;
    for (uint32_t i = 0; i < r->gone_count; i++)
        printf("! of one feed NOTHING WAS FOUND; when a round was closed it had %" PRIu64 " %s\n",
               r->gone[i].seq, entries(r->gone[i].seq));
    for (uint32_t i = 0; i < replica->count; i++)
        gaps = gaps || replica->feeds[i]->known_seq > replica->feeds[i]->info.seq;
    if (gaps)
        puts("! What was not found may be on other devices: start again with more of them, or let "
             "them\n  reach the new hub: it comes by itself.");
}

/* All tables together. */
struct sum {
    unsigned tables, rounds;
    size_t cards, notes, answers;
};

static bool add_round(const struct fluit_fold *fold, uint8_t round, struct sum *sum)
{
    bool any = false;
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        struct fluit_fold_counts counts = fluit_fold_counts(fold, table, round);
        sum->cards += counts.cards;
        sum->notes += counts.notes;
        any = any || counts.active_us > 0;
    }
    return any;
}

static struct sum sum_up(const struct fluit_fold *fold)
{
    struct sum sum = {0};
    for (uint8_t round = 0; round <= FLUIT_ROUNDS_MAX; round++)
        sum.rounds += add_round(fold, round, &sum) && round > 0;
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        const struct fluit_table_fold *t = fluit_fold_table(fold, table);
        sum.tables += t != NULL;
        sum.answers += t ? fluit_notes_answer_count(&t->notes) : 0;
    }
    return sum;
}

void fluit_recovered_print(const struct fluit_recovery *r, const char *const *names)
{
    char at[TIME_CAP];
    for (uint32_t i = 0; i < r->source_count; i++)
        print_source(&r->sources[i], names[i]);
    putchar('\n');
    int64_t newest_us = print_members(&r->node);
    print_gaps(r);
    struct sum sum = sum_up(r->node.fold);
    printf("\n%u table%s in %u round%s: %zu card%s on their boards, %zu note%s, %zu answer%s",
           sum.tables, s(sum.tables), sum.rounds, s(sum.rounds), sum.cards, s(sum.cards), sum.notes,
           s(sum.notes), sum.answers, s(sum.answers));
    when(newest_us, true, at);
    printf("%s%s\n", at[0] ? ", up to " : "", at);
}
