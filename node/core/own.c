/* own.c: a node's own feed: sealed, signed once a turn, published, acknowledged. PROTOCOL.md
 * "Feeds". */
#include <assert.h>
#include <string.h>

#include "node/core/node.h"
#include "proto/body.h"

static enum fluit_err append_sealed(struct fluit_node *node, const struct fluit_secret *key,
                                    enum fluit_class entry_class, uint8_t round,
                                    struct fluit_slice body)
{
    const struct fluit_feed_info *info = &node->replica.feeds[node->own.index]->info;
    struct fluit_header header = {
        .entry_class = entry_class,
        .round = round,
        .seq = info->seq + 1,
        .mesh_us = fluit_node_mesh_us(node),
        .feed = info->id,
        .prev = info->hash,
    };
    struct fluit_buf payload = FLUIT_BUF_INIT;
    enum fluit_err err = fluit_seal(&node->rng, key, &header, body, &payload);
    if (!err) {
        uint8_t bytes[FLUIT_HEADER_LEN];
        fluit_header_put(&header, bytes);
        err =
            fluit_replica_append(&node->replica, node->own.index, bytes, fluit_buf_slice(&payload));
        if (err)
            fluit_node_fail(node, err);
    }
    node->own.unsigned_len += payload.len;
    fluit_buf_deinit(&payload);
    return err;
}

static void sign_head(struct fluit_node *node)
{
    if (node->own.unsigned_count == 0)
        return;
    enum fluit_err err = fluit_replica_sign(&node->replica, node->own.index, &node->self.sign_sk);
    if (err)
        fluit_node_fail(node, err);
    node->own.unsigned_count = 0;
    node->own.unsigned_len = 0;
}

static enum fluit_err key_for(struct fluit_node *node, enum fluit_class entry_class, uint8_t round,
                              struct fluit_effects *fx, struct fluit_secret *out)
{
    if (entry_class == FLUIT_CLASS_STORY)
        return fluit_own_story_key(node, round, fx, out);
    const struct fluit_held_key *room = fluit_keyring_room(&node->keyring);
    if (!room)
        return FLUIT_E_NOKEY;
    *out = room->key;
    return FLUIT_OK;
}

static void leave_feed(struct fluit_node *node, struct fluit_effects *fx);

/* Others hold more of our feed than we do: somebody else writes with our keys. An entry of ours in
 * the place of one that was told of would pass for safe. */
static bool is_behind(const struct fluit_node *node)
{
    const struct fluit_feed *feed = node->replica.feeds[node->own.index];
    return feed->known_seq > feed->info.seq;
}

enum fluit_err fluit_node_append_body(struct fluit_node *node, enum fluit_class entry_class,
                                      uint8_t round, struct fluit_slice body, uint64_t *seq,
                                      struct fluit_effects *fx)
{
    if (node->own.ready && is_behind(node))
        leave_feed(node, fx);
    if (!node->own.ready || node->failed)
        return FLUIT_E_BUSY;
    struct fluit_secret key;
    enum fluit_err err = FLUIT_OK;
    if (entry_class != FLUIT_CLASS_OPEN)
        err = key_for(node, entry_class, round, fx, &key);
    if (!err)
        err = append_sealed(node, entry_class == FLUIT_CLASS_OPEN ? NULL : &key, entry_class, round,
                            body);
    fluit_wipe(&key, sizeof key);
    if (err)
        return err;
    uint64_t at = node->replica.feeds[node->own.index]->info.seq;
    node->own.unsigned_count++;
    if (node->own.unsigned_count >= FLUIT_BATCH_ENTRIES_MAX ||
        node->own.unsigned_len >= FLUIT_BATCH_LEN_MAX)
        sign_head(node);
    fluit_intake(node, node->own.index, at, at, fx);
    if (seq)
        *seq = at;
    return node->failed;
}

enum fluit_err fluit_node_append(struct fluit_node *node, const struct fluit_act *act,
                                 uint8_t round, uint64_t *seq, struct fluit_effects *fx)
{
    struct fluit_buf body = FLUIT_BUF_INIT;
    fluit_body_put(&body, act);
    enum fluit_err err = body.err;
    if (!err)
        err = fluit_node_append_body(node, fluit_kind_class(act->kind), round,
                                     fluit_buf_slice(&body), seq, fx);
    if (body.data)
        fluit_wipe(body.data, body.cap);
    fluit_buf_deinit(&body);
    return err;
}

bool fluit_own_find(const struct fluit_node *node, uint32_t *index)
{
    bool found = false;
    for (uint32_t i = 0; i < node->replica.count; i++) {
        const struct fluit_feed *feed = node->replica.feeds[i];
        if (memcmp(feed->info.author.b, node->self.sign_pk.b, 32) != 0)
            continue;
        if (feed->info.seq == 0 && feed->known_seq == 0)
            continue;
        if (!found ||
            memcmp(feed->info.incarnation, node->replica.feeds[*index]->info.incarnation, 16) > 0)
            *index = i;
        found = true;
    }
    return found;
}

static enum fluit_err new_incarnation(struct fluit_node *node)
{
    uint8_t incarnation[16] = {0};
    uint32_t last = 0;
    if (fluit_own_find(node, &last))
        memcpy(incarnation, node->replica.feeds[last]->info.incarnation, 8);
    fluit_put_u64(incarnation, fluit_get_u64(incarnation) + 1);
    fluit_rng_bytes(&node->rng, incarnation + 8, 8);
    return fluit_replica_open(&node->replica, &node->self.sign_pk, incarnation, &node->own.index);
}

enum fluit_err fluit_own_hello(struct fluit_node *node, struct fluit_effects *fx)
{
    struct fluit_act hello = {.kind = FLUIT_KIND_HELLO};
    hello.hello.software = fluit_slice_str(FLUIT_SOFTWARE);
    hello.hello.endpoint = fluit_slice_str(node->endpoint);
    return fluit_keyring_room(&node->keyring) ? fluit_node_append(node, &hello, 0, NULL, fx)
                                              : FLUIT_OK;
}

static void become_ready(struct fluit_node *node, struct fluit_effects *fx)
{
    const struct fluit_feed_info *info = &node->replica.feeds[node->own.index]->info;
    node->own.ready = true;
    node->own.published_seq = info->seq;
    bool says_more = info->seq == 0 || node->endpoint[0];
    if (says_more && fluit_own_hello(node, fx))
        return;
    if (node->hooks->ready)
        node->hooks->ready(node, fx);
    fluit_own_grant(node, false, fx);
}

/* Has somebody told all that it holds of our feed, and had the others a moment to tell more? A
 * backup that was put back may lack what only one of them has. */
static bool told_enough(struct fluit_node *node)
{
    for (uint32_t i = 0; !node->own.answered_us && i < node->sync.count; i++)
        if (node->sync.links[i].told_of_us)
            node->own.answered_us = node->now_us;
    return node->own.answered_us && node->now_us >= node->own.answered_us + FLUIT_OWN_COPY_GRACE_US;
}

bool fluit_own_asks_others(const struct fluit_node *node)
{
    for (uint32_t i = 0; i < node->roster.count; i++)
        if (node->roster.members[i].state == FLUIT_STATE_ACTIVE &&
            (int)i != fluit_node_member(node))
            return true;
    return false;
}

/* Who leads and lost its clock in a reboot goes on with the mesh time of the others, once it knows
 * that well enough for a whistle. */
static bool knows_time(const struct fluit_node *node)
{
    return !fluit_node_is_first(node) || node->clock.leading ||
           node->now_us >= node->own.wait_until_us ||
           fluit_clock_bound(&node->clock, node->now_us) <= FLUIT_LEAD_BOUND_US;
}

void fluit_own_settle(struct fluit_node *node, struct fluit_effects *fx)
{
    if (!node->joined || node->own.ready || node->reading || node->failed)
        return;
    uint32_t index = 0;
    bool found = fluit_own_find(node, &index);
    bool told = told_enough(node);
    bool alone = fluit_node_is_first(node) && !fluit_own_asks_others(node);
    /* What rotted here others may hold; if not, nobody would ever get what comes after it. */
    bool whole = found && node->replica.feeds[index]->info.seq > 0 &&
                 node->replica.feeds[index]->info.seq >= node->replica.feeds[index]->known_seq &&
                 !fluit_replica_damaged(&node->replica, index);
    bool ours = whole && !node->replica.feeds[index]->forked;
    enum fluit_err err = FLUIT_OK;
    if (ours && ((told && knows_time(node)) || alone))
        node->own.index = index;
    else if (whole != ours || !found || node->now_us >= node->own.wait_until_us)
        err = new_incarnation(node);
    else
        return;
    if (err == FLUIT_E_LIMIT) /* no more incarnations: then it can't do without an answer */
        node->own.wait_until_us = node->now_us + FLUIT_OWN_COPY_WAIT_US;
    else if (err)
        fluit_node_fail(node, err);
    else
        become_ready(node, fx);
}

/* A feed that two write to is nobody's any more: we go on in one that is ours alone. */
static void leave_feed(struct fluit_node *node, struct fluit_effects *fx)
{
    sign_head(node);
    enum fluit_err err = new_incarnation(node);
    if (err == FLUIT_E_LIMIT)
        return;
    if (err) {
        fluit_node_fail(node, err);
        return;
    }
    node->own.safe_seq = 0;
    become_ready(node, fx);
}

void fluit_own_publish(struct fluit_node *node, struct fluit_effects *fx)
{
    if (!node->own.ready)
        return;
    if (node->replica.feeds[node->own.index]->forked)
        leave_feed(node, fx);
    sign_head(node);
    struct fluit_feed_info *info = &node->replica.feeds[node->own.index]->info;
    struct fluit_buf out = FLUIT_BUF_INIT;
    while (node->own.published_seq < info->signed_seq && !node->failed) {
        uint64_t next;
        fluit_buf_reset(&out);
        enum fluit_err err = fluit_replica_batch(&node->replica, node->own.index,
                                                 node->own.published_seq + 1, &out, &next);
        if (err) {
            fluit_node_fail(node, err);
            break;
        }
        fluit_effects_add(fx, FLUIT_EFFECT_PUBLISH, fluit_buf_slice(&out))->topic = info->id;
        node->own.published_seq = next - 1;
        fluit_node_advanced(node, node->own.index);
        node->own.remind_us = node->now_us + FLUIT_ACK_WAIT_US;
    }
    fluit_buf_deinit(&out);
}

/* What the hub now followed showed that it holds of ours; less than before if another took over. */
static void note_safe(struct fluit_node *node, struct fluit_sync_link *hub, uint64_t held,
                      struct fluit_effects *fx)
{
    struct fluit_box_pk key;
    bool known = fluit_node_hub_key(node, &key);
    bool another = known && memcmp(key.b, node->own.safe_at.b, sizeof key.b) != 0;
    uint64_t safe = hub ? fluit_sync_link_has(hub, node->own.index) : 0;
    /* That is not ours: somebody else writes with our keys. */
    if (safe > held || node->replica.feeds[node->own.index]->forked)
        safe = 0;
    if (another) {
        node->own.safe_at = key;
        node->own.remind_us = node->now_us + FLUIT_ACK_WAIT_US;
    }
    if (safe > node->own.safe_seq || (another && safe < node->own.safe_seq)) {
        node->own.safe_seq = safe;
        if (node->hooks->safe)
            node->hooks->safe(node, safe, fx);
    }
}

void fluit_own_follow_up(struct fluit_node *node, struct fluit_effects *fx)
{
    if (!node->own.ready)
        return;
    if (fluit_node_leads(node)) {
        node->own.remind_us = 0; /* there is nobody to remind */
        return;
    }
    uint64_t held = node->replica.feeds[node->own.index]->info.seq;
    struct fluit_sync_link *hub = fluit_node_hub_link(node);
    note_safe(node, hub, held, fx);
    if (node->own.safe_seq >= held || !hub) /* it is set again when the hub is back */
        node->own.remind_us = 0;
    else if (node->own.remind_us && node->now_us >= node->own.remind_us) {
        /* All who lack it, as the hub may be gone though its link does not know yet. */
        for (uint32_t i = 0; i < node->sync.count; i++)
            if (fluit_sync_link_has(&node->sync.links[i], node->own.index) < held)
                fluit_sync_tell(&node->sync, node->sync.links[i].id, node->own.index,
                                fluit_node_wire(fx));
        node->own.remind_us = node->now_us + FLUIT_ACK_WAIT_US;
    }
}

uint32_t fluit_node_holders(struct fluit_node *node, uint64_t *seqs, uint32_t max)
{
    struct fluit_box_pk hub;
    if (!node->own.ready)
        return 0;
    bool follows = fluit_node_hub_key(node, &hub);
    return fluit_sync_holders(&node->sync, node->own.index, follows ? &hub : NULL, seqs, max);
}

struct fluit_safety fluit_node_safety(struct fluit_node *node, uint64_t seq)
{
    struct fluit_box_pk hub;
    struct fluit_safety safety = {0};
    if (!node->own.ready || seq == 0 || seq > node->replica.feeds[node->own.index]->info.seq)
        return safety;
    bool follows = fluit_node_hub_key(node, &hub);
    safety.saved = true;
    safety.safe = !follows || seq <= node->own.safe_seq;
    safety.others = fluit_sync_held_by(&node->sync, node->own.index, seq, follows ? &hub : NULL);
    return safety;
}
