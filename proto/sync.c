#include "proto/sync.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/digest.h"

/* All heads are told at most this often on a link; seldom when it does not help (a fork, an author
 * that one side does not know yet). */
#define TELL_ALL_GAP_US     500000
#define TELL_ALL_GAP_MAX_US 4000000
/* Bytes sent for one WANT message; what is left out is asked for again. */
#define SERVE_LEN_MAX FLUIT_MESSAGE_MAX

void fluit_sync_init(struct fluit_sync *sync, struct fluit_replica *replica)
{
    *sync = (struct fluit_sync){.replica = replica};
}

void fluit_sync_deinit(struct fluit_sync *sync)
{
    for (uint32_t i = 0; i < sync->count; i++)
        free(sync->links[i].has);
    free(sync->links);
    *sync = (struct fluit_sync){0};
}

struct fluit_sync_link *fluit_sync_link(struct fluit_sync *sync, uint32_t id)
{
    for (uint32_t i = 0; i < sync->count; i++)
        if (sync->links[i].id == id)
            return &sync->links[i];
    return NULL;
}

struct fluit_sync_link *fluit_sync_link_to(struct fluit_sync *sync, const struct fluit_box_pk *peer)
{
    struct fluit_sync_link *best = NULL;
    for (uint32_t i = 0; i < sync->count; i++) {
        struct fluit_sync_link *link = &sync->links[i];
        if (memcmp(link->peer.b, peer->b, sizeof peer->b) == 0 &&
            (!best || link->heard_us > best->heard_us))
            best = link;
    }
    return best;
}

uint64_t fluit_sync_link_has(const struct fluit_sync_link *link, uint32_t feed)
{
    return feed < link->has_cap ? link->has[feed] : 0;
}

/* Remembers what a link showed; without memory it only stays unknown, and is shown again. */
static void set_has(struct fluit_sync_link *link, uint32_t feed, uint64_t seq)
{
    if (feed >= link->has_cap) {
        uint32_t cap = link->has_cap ? link->has_cap : 32;
        while (cap <= feed)
            cap *= 2;
        uint64_t *has = realloc(link->has, cap * sizeof *has);
        if (!has)
            return;
        memset(has + link->has_cap, 0, (cap - link->has_cap) * sizeof *has);
        link->has = has;
        link->has_cap = cap;
    }
    if (seq > link->has[feed])
        link->has[feed] = seq;
}

static bool shares(const struct fluit_sync *sync, const struct fluit_sync_link *link, uint32_t feed)
{
    const struct fluit_sign_pk *author = &sync->replica->feeds[feed]->info.author;
    return !sync->shares || sync->shares(sync->arg, &link->peer, author);
}

/* Over the feeds that both ends are to hold. */
static struct fluit_hash link_digest(struct fluit_sync *sync, const struct fluit_sync_link *link)
{
    const struct fluit_replica *replica = sync->replica;
    struct fluit_feed_info infos[FLUIT_FEEDS_MAX];
    uint32_t count = 0;
    if (!sync->shares)
        return fluit_replica_digest(sync->replica);
    for (uint32_t i = 0; i < replica->count; i++)
        if (shares(sync, link, i))
            (void)fluit_replica_head(replica, i, &infos[count++]);
    return fluit_heads_digest(infos, count);
}

static void send_heads(struct fluit_sync *sync, const struct fluit_sync_link *link, bool full,
                       const struct fluit_feed_info *heads, uint32_t count, struct fluit_wire wire)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    struct fluit_hash digest = link_digest(sync, link);
    fluit_put_heads(&out, &digest, full, heads, count);
    if (!out.err)
        wire.send(wire.self, link->id, fluit_buf_slice(&out));
    fluit_buf_deinit(&out);
}

static void tell_all(struct fluit_sync *sync, struct fluit_sync_link *link, int64_t now_us,
                     struct fluit_wire wire)
{
    struct fluit_feed_info *heads = calloc(FLUIT_HEADS_MAX, sizeof *heads);
    if (!heads)
        return;
    uint32_t count = 0;
    for (uint32_t i = 0; i < sync->replica->count && count < FLUIT_HEADS_MAX; i++) {
        if (!shares(sync, link, i) || !fluit_replica_head(sync->replica, i, &heads[count]))
            continue;
        count++;
        /* The author of the branch that is held may not know that there is another. */
        const struct fluit_feed_info *rival = &sync->replica->feeds[i]->rival;
        if (rival->seq > 0 && count < FLUIT_HEADS_MAX - (sync->replica->count - i))
            heads[count++] = *rival;
    }
    send_heads(sync, link, true, heads, count, wire);
    free(heads);
    link->told_us = now_us;
}

enum fluit_err fluit_sync_up(struct fluit_sync *sync, uint32_t id, const struct fluit_box_pk *peer,
                             int64_t now_us, struct fluit_wire wire)
{
    fluit_sync_down(sync, id);
    if (sync->count >= FLUIT_LINKS_LIVE_MAX)
        return FLUIT_E_LIMIT;
    if (sync->count == sync->cap) {
        uint32_t cap = sync->cap ? sync->cap * 2 : 8;
        struct fluit_sync_link *links = realloc(sync->links, cap * sizeof *links);
        if (!links)
            return FLUIT_E_NOMEM;
        sync->links = links;
        sync->cap = cap;
    }
    struct fluit_sync_link *link = &sync->links[sync->count++];
    *link = (struct fluit_sync_link){.id = id, .peer = *peer, .tell_gap_us = TELL_ALL_GAP_US};
    tell_all(sync, link, now_us, wire);
    if (sync->count == 1)
        sync->beat_us = now_us + FLUIT_HEARTBEAT_US;
    return FLUIT_OK;
}

void fluit_sync_down(struct fluit_sync *sync, uint32_t id)
{
    struct fluit_sync_link *link = fluit_sync_link(sync, id);
    if (!link)
        return;
    free(link->has);
    *link = sync->links[--sync->count];
    for (uint32_t i = 0; i < sync->replica->count; i++) {
        struct fluit_feed *feed = sync->replica->feeds[i];
        if (feed->want_link == id)
            feed->wanted = false;
        if (feed->mend_link == id)
            feed->mending = false;
    }
}

/* Is it longer than anything seen of its feed? Then it counts only with its author's signature, or
 * a peer could invent feeds and entries that all would look for. */
static bool is_news(const struct fluit_sync *sync, const struct fluit_feed_info *head)
{
    int index = fluit_replica_find(sync->replica, &head->id);
    if (index < 0)
        return true;
    const struct fluit_feed *feed = sync->replica->feeds[index];
    return head->seq > feed->known_seq && head->seq > feed->info.seq;
}

/* A head the peer told: what it has, and what we should ask for. rival: it stands for a branch that
 * the peer does not hold. */
static enum fluit_err take_head(struct fluit_sync *sync, struct fluit_sync_link *link,
                                const struct fluit_feed_info *head, bool rival)
{
    const struct fluit_replica *replica = sync->replica;
    if (is_news(sync, head) && !fluit_head_verify(&head->author, &head->sig, &replica->workshop,
                                                  &head->id, head->seq, &head->hash))
        return FLUIT_E_AUTH;
    uint32_t index;
    enum fluit_err err =
        fluit_replica_open(sync->replica, &head->author, head->incarnation, &index);
    if (err)
        return err == FLUIT_E_LIMIT ? FLUIT_OK : err;
    struct fluit_feed *feed = replica->feeds[index];
    if (!rival && head->seq < feed->info.seq && head->seq <= fluit_sync_link_has(link, index))
        return FLUIT_OK; /* an old story, and a look into the store */
    if (rival && (feed->forked || head->seq > feed->info.seq))
        return FLUIT_OK; /* nothing new, or nothing to hold against it */
    bool agrees;
    err = fluit_replica_agrees(sync->replica, index, head->seq, &head->hash, false, &agrees);
    if (!err && !agrees) {
        /* Another branch: a fork if its author signed it, else the peer's invention. */
        if (!fluit_head_verify(&head->author, &head->sig, &replica->workshop, &head->id, head->seq,
                               &head->hash))
            return FLUIT_E_AUTH;
        err = fluit_replica_agrees(sync->replica, index, head->seq, &head->hash, true, &agrees);
    }
    if (!err && !agrees) {
        feed->forked = true;
        feed->rival = *head;
    }
    if (err || !agrees || rival)
        return err;
    if (feed->forked && head->seq > feed->info.seq)
        return FLUIT_OK; /* of which branch can't be told */
    set_has(link, index, head->seq);
    if (head->seq > feed->known_seq)
        feed->known_seq = head->seq;
    return FLUIT_OK;
}

static enum fluit_err take_heads(struct fluit_sync *sync, struct fluit_sync_link *link,
                                 const struct fluit_roster *roster,
                                 const struct fluit_message *message)
{
    enum fluit_err err = FLUIT_OK;
    for (uint32_t i = 0; i < message->heads.count && !err; i++) {
        const struct fluit_feed_info *head = &message->heads.heads[i];
        if (fluit_roster_by_sign(roster, &head->author) >= 0 &&
            (!sync->shares || sync->shares(sync->arg, &link->peer, &head->author)))
            err = take_head(sync, link, head,
                            i > 0 && memcmp(head[-1].id.b, head->id.b, sizeof head->id.b) == 0);
    }
    return err;
}

/* Its digest is ours: it holds what we hold, also where its heads were lost on the way. */
static void take_step(struct fluit_sync *sync, struct fluit_sync_link *link)
{
    link->told_of_us = true;
    link->tell_gap_us = TELL_ALL_GAP_US;
    for (uint32_t i = 0; i < sync->replica->count; i++) {
        struct fluit_feed_info head;
        (void)fluit_replica_head(sync->replica, i, &head);
        if (head.seq > 0 && shares(sync, link, i))
            set_has(link, i, head.seq);
    }
}

/* After the peer told all its heads: tell it those of ours that it lacks. */
static void tell_lacking(struct fluit_sync *sync, struct fluit_sync_link *link,
                         struct fluit_wire wire)
{
    struct fluit_feed_info *heads = calloc(sync->replica->count + 1, sizeof *heads);
    if (!heads)
        return;
    uint32_t count = 0;
    for (uint32_t i = 0; i < sync->replica->count; i++)
        if (shares(sync, link, i) && fluit_replica_head(sync->replica, i, &heads[count]) &&
            heads[count].seq > fluit_sync_link_has(link, i))
            count++;
    if (count > 0)
        send_heads(sync, link, false, heads, count, wire);
    free(heads);
}

static void serve(struct fluit_sync *sync, const struct fluit_sync_link *link,
                  const struct fluit_message *message, struct fluit_wire wire)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    size_t served_len = 0;
    for (uint32_t i = 0; i < message->want.count && served_len < SERVE_LEN_MAX; i++) {
        int index = fluit_replica_find(sync->replica, &message->want.wants[i].feed);
        uint64_t next;
        fluit_buf_reset(&out);
        /* What we can't serve goes unanswered: the peer asks elsewhere. */
        if (index >= 0 && !fluit_replica_batch(sync->replica, (uint32_t)index,
                                               message->want.wants[i].from, &out, &next)) {
            wire.send(wire.self, link->id, fluit_buf_slice(&out));
            served_len += out.len;
        }
    }
    fluit_buf_deinit(&out);
}

enum fluit_err fluit_sync_message(struct fluit_sync *sync, struct fluit_sync_link *link,
                                  const struct fluit_roster *roster,
                                  const struct fluit_message *message, int64_t now_us,
                                  struct fluit_wire wire)
{
    if (message->type == FLUIT_MESSAGE_WANT) {
        serve(sync, link, message, wire);
        return FLUIT_OK;
    }
    assert(message->type == FLUIT_MESSAGE_HEADS);
    enum fluit_err err = take_heads(sync, link, roster, message);
    if (err)
        return err;
    struct fluit_hash digest = link_digest(sync, link);
    link->in_step = memcmp(digest.b, message->heads.digest.b, sizeof digest.b) == 0;
    if (link->in_step)
        take_step(sync, link);
    if (message->heads.full) {
        link->told_of_us = true;
        tell_lacking(sync, link, wire);
    } else if (message->heads.count == 0 && !link->in_step &&
               now_us - link->told_us >= link->tell_gap_us) {
        tell_all(sync, link, now_us, wire);
        if (link->tell_gap_us < TELL_ALL_GAP_MAX_US)
            link->tell_gap_us *= 2;
    }
    fluit_sync_pull(sync, now_us, wire);
    return FLUIT_OK;
}

void fluit_sync_got(struct fluit_sync *sync, struct fluit_sync_link *link, uint32_t feed,
                    uint64_t to)
{
    struct fluit_feed *f = sync->replica->feeds[feed];
    /* Only entries that were missing answer a WANT: else each duplicate would start another run of
     * wants and answers beside the one under way. */
    if (f->info.seq >= f->want_from)
        f->wanted = f->unanswered = false;
    if (!link)
        return;
    if (to > fluit_sync_link_has(link, feed))
        link->tell_gap_us = TELL_ALL_GAP_US;
    set_has(link, feed, to);
}

void fluit_sync_tell(struct fluit_sync *sync, uint32_t link, uint32_t feed, struct fluit_wire wire)
{
    struct fluit_feed_info head;
    struct fluit_sync_link *to = fluit_sync_link(sync, link);
    if (to && shares(sync, to, feed) && fluit_replica_head(sync->replica, feed, &head))
        send_heads(sync, to, false, &head, 1, wire);
}

void fluit_sync_pace(struct fluit_sync *sync, const struct fluit_box_pk *hub, int64_t now_us)
{
    const struct fluit_sync_link *link = hub ? fluit_sync_link_to(sync, hub) : NULL;
    bool here = link && now_us - link->heard_us < FLUIT_HUB_HEARD_US;
    for (uint32_t i = 0; i < sync->count; i++)
        sync->links[i].slow = here && memcmp(sync->links[i].peer.b, hub->b, sizeof hub->b) != 0;
}

/* A fork is news to its author, who would go on writing what nobody takes. */
static bool has_news_of_fork(struct fluit_sync *sync)
{
    bool news = false;
    for (uint32_t i = 0; i < sync->replica->count; i++) {
        struct fluit_feed *feed = sync->replica->feeds[i];
        news |= feed->rival.seq > 0 && !feed->rival_told;
        feed->rival_told = feed->rival.seq > 0;
    }
    return news;
}

void fluit_sync_tick(struct fluit_sync *sync, int64_t now_us, struct fluit_wire wire)
{
    if (sync->count == 0 || now_us < sync->beat_us)
        return;
    sync->beat_us = now_us + FLUIT_HEARTBEAT_US;
    sync->beats++;
    bool news = has_news_of_fork(sync);
    for (uint32_t i = 0; i < sync->count; i++)
        if (news)
            tell_all(sync, &sync->links[i], now_us, wire);
        else if (!sync->links[i].slow || sync->beats % FLUIT_PEER_BEATS == 0)
            send_heads(sync, &sync->links[i], false, NULL, 0, wire);
    fluit_sync_pull(sync, now_us, wire);
}

int64_t fluit_sync_deadline(const struct fluit_sync *sync)
{
    return sync->count ? sync->beat_us : INT64_MAX;
}
