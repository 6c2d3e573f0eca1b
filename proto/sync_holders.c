/* sync_holders.c: who holds what: whom to ask for what is missing, and how many nodes hold it. */
#include <string.h>

#include "proto/sync.h"

/* Feeds asked for at once over all links; and of those whose last WANT went unanswered, which must
 * not keep the places of the others. */
#define WANTS_UNDER_WAY_MAX   16
#define RETRIES_UNDER_WAY_MAX 8
/* Feeds whose damaged entries are asked for at once. */
#define MENDS_UNDER_WAY_MAX 4

/* A link that has entry seq of the feed: the next one after the link `after`, if that is up. */
static struct fluit_sync_link *holder(struct fluit_sync *sync, uint32_t feed, uint64_t seq,
                                      bool next, uint32_t after)
{
    uint32_t first = 0;
    for (uint32_t i = 0; i < sync->count; i++)
        if (next && sync->links[i].id == after)
            first = i + 1;
    for (uint32_t i = 0; i < sync->count; i++) {
        struct fluit_sync_link *link = &sync->links[(first + i) % sync->count];
        if (fluit_sync_link_has(link, feed) >= seq)
            return link;
    }
    return NULL;
}

static void send_want(const struct fluit_sync_link *link, const struct fluit_want *wants,
                      uint32_t count, struct fluit_wire wire)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_put_want(&out, wants, count);
    if (!out.err)
        wire.send(wire.self, link->id, fluit_buf_slice(&out));
    fluit_buf_deinit(&out);
}

static void want(struct fluit_sync *sync, const struct fluit_sync_link *link, uint32_t feed,
                 int64_t now_us, struct fluit_wire wire)
{
    struct fluit_feed *f = sync->replica->feeds[feed];
    struct fluit_want wanted = {f->info.id, f->info.seq + 1};
    send_want(link, &wanted, 1, wire);
    f->wanted = true;
    f->want_from = wanted.from;
    f->want_until_us = now_us + FLUIT_WANT_WAIT_US;
    f->want_link = link->id;
}

/* Asks for all that is damaged and that the link has. One batch brings what stands close together;
 * if that went unanswered, because its first entry is lost there too, each is asked for. */
static void want_damaged(struct fluit_sync *sync, const struct fluit_sync_link *link, uint32_t feed,
                         int64_t now_us, struct fluit_wire wire)
{
    struct fluit_feed *f = sync->replica->feeds[feed];
    const struct fluit_damage *damage = f->damage;
    struct fluit_want wants[FLUIT_DAMAGED_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < damage->count; i++) {
        uint64_t from = damage->items[i].from;
        bool comes_along = count > 0 && !f->mend_unanswered &&
                           damage->items[i].seq < wants[count - 1].from + FLUIT_BATCH_ENTRIES_MAX;
        if (damage->items[i].seq > fluit_sync_link_has(link, feed))
            break;
        if (!comes_along)
            wants[count++] = (struct fluit_want){f->info.id, from};
        f->mend_last = damage->items[i].seq;
    }
    send_want(link, wants, count, wire);
    f->mending = true;
    f->mend_until_us = now_us + FLUIT_WANT_WAIT_US;
    f->mend_link = link->id;
}

static void pull_damaged(struct fluit_sync *sync, int64_t now_us, struct fluit_wire wire)
{
    uint32_t under_way = 0, count = sync->replica->count, first = sync->mend_turn;
    for (uint32_t i = 0; i < count; i++) {
        struct fluit_feed *feed = sync->replica->feeds[i];
        if (feed->mending && feed->mend_until_us <= now_us) {
            feed->mending = false;
            feed->mend_unanswered = true;
        }
        under_way += feed->mending;
    }
    for (uint32_t n = 0; n < count && under_way < MENDS_UNDER_WAY_MAX; n++) {
        uint32_t i = (first + n) % count;
        const struct fluit_feed *feed = sync->replica->feeds[i];
        if (!feed->damage || feed->mending)
            continue;
        struct fluit_sync_link *link =
            holder(sync, i, feed->damage->items[0].seq, feed->mend_unanswered, feed->mend_link);
        if (!link)
            continue;
        want_damaged(sync, link, i, now_us, wire);
        under_way++;
        sync->mend_turn = (i + 1) % count;
    }
}

/* Gives up WANTs that nobody answered; counts those under way, and how many of them are retries. */
static uint32_t count_wants(struct fluit_sync *sync, int64_t now_us, uint32_t *retries)
{
    uint32_t under_way = 0;
    *retries = 0;
    for (uint32_t i = 0; i < sync->replica->count; i++) {
        struct fluit_feed *feed = sync->replica->feeds[i];
        if (feed->wanted && feed->want_until_us <= now_us) {
            feed->wanted = false;
            feed->unanswered = true;
        }
        under_way += feed->wanted;
        *retries += feed->wanted && feed->unanswered;
    }
    return under_way;
}

void fluit_sync_pull(struct fluit_sync *sync, int64_t now_us, struct fluit_wire wire)
{
    pull_damaged(sync, now_us, wire);
    uint32_t retries, under_way = count_wants(sync, now_us, &retries);
    uint32_t count = sync->replica->count, first = sync->turn;
    for (uint32_t n = 0; n < count && under_way < WANTS_UNDER_WAY_MAX; n++) {
        uint32_t i = (first + n) % count;
        struct fluit_feed *feed = sync->replica->feeds[i];
        if (feed->forked || feed->wanted || feed->known_seq <= feed->info.seq ||
            (feed->unanswered && retries >= RETRIES_UNDER_WAY_MAX))
            continue;
        struct fluit_sync_link *link =
            holder(sync, i, feed->info.seq + 1, feed->unanswered, feed->want_link);
        if (!link)
            continue;
        want(sync, link, i, now_us, wire);
        under_way++;
        retries += feed->unanswered;
        sync->turn = (i + 1) % count;
    }
}

/* The first link of each peer stands for it. */
static bool is_first(const struct fluit_sync *sync, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++)
        if (memcmp(sync->links[i].peer.b, sync->links[at].peer.b, 32) == 0)
            return false;
    return true;
}

uint32_t fluit_sync_peer_count(const struct fluit_sync *sync)
{
    uint32_t peers = 0;
    for (uint32_t i = 0; i < sync->count; i++)
        peers += is_first(sync, i);
    return peers;
}

/* The newest that any link to this peer showed. */
static uint64_t peer_has(const struct fluit_sync *sync, const struct fluit_box_pk *peer,
                         uint32_t feed)
{
    uint64_t newest = 0;
    for (uint32_t i = 0; i < sync->count; i++)
        if (memcmp(sync->links[i].peer.b, peer->b, sizeof peer->b) == 0) {
            uint64_t has = fluit_sync_link_has(&sync->links[i], feed);
            newest = has > newest ? has : newest;
        }
    return newest;
}

static bool is_peer(const struct fluit_sync *sync, uint32_t at, const struct fluit_box_pk *except)
{
    return is_first(sync, at) &&
           !(except && memcmp(sync->links[at].peer.b, except->b, sizeof except->b) == 0);
}

uint32_t fluit_sync_holders(const struct fluit_sync *sync, uint32_t feed,
                            const struct fluit_box_pk *except, uint64_t *seqs, uint32_t max)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sync->count && count < max; i++) {
        uint64_t seq = is_peer(sync, i, except) ? peer_has(sync, &sync->links[i].peer, feed) : 0;
        if (seq == 0)
            continue;
        uint32_t at = count++;
        for (; at > 0 && seqs[at - 1] < seq; at--)
            seqs[at] = seqs[at - 1];
        seqs[at] = seq;
    }
    return count;
}

uint32_t fluit_sync_held_by(const struct fluit_sync *sync, uint32_t feed, uint64_t seq,
                            const struct fluit_box_pk *except)
{
    uint32_t holders = 0;
    for (uint32_t i = 0; i < sync->count; i++)
        holders += is_peer(sync, i, except) && peer_has(sync, &sync->links[i].peer, feed) >= seq;
    return holders;
}

uint32_t fluit_sync_in_step_count(const struct fluit_sync *sync)
{
    uint32_t peers = 0;
    for (uint32_t i = 0; i < sync->count; i++) {
        bool in_step = false;
        for (uint32_t j = i; is_first(sync, i) && j < sync->count; j++)
            in_step |= sync->links[j].in_step &&
                       memcmp(sync->links[j].peer.b, sync->links[i].peer.b, 32) == 0;
        peers += in_step;
    }
    return peers;
}
