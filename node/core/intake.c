/* intake.c: what entries say, once they are stored: keys to the ring, acts to the fold and hooks.
 */
#include <stdlib.h>
#include <string.h>

#include "node/core/node.h"
#include "proto/body.h"

/* Remembers that entries of a feed wait for a key, from seq on. Without room the oldest waits
 * longest: a restart reads everything anyway. */
static void note_unread(struct fluit_node *node, const struct fluit_key_id *key, uint32_t feed,
                        uint64_t seq)
{
    for (uint32_t i = 0; i < node->unread_count; i++) {
        if (node->unread[i].feed != feed || !fluit_key_id_eq(&node->unread[i].key, key))
            continue;
        if (seq < node->unread[i].first_seq)
            node->unread[i].first_seq = seq;
        return;
    }
    if (node->unread_count >= FLUIT_KEYS_MAX)
        return;
    if (node->unread_count == node->unread_cap) {
        uint32_t cap = node->unread_cap ? node->unread_cap * 2 : 16;
        struct fluit_unread *unread = realloc(node->unread, cap * sizeof *unread);
        if (!unread)
            return;
        node->unread = unread;
        node->unread_cap = cap;
    }
    node->unread[node->unread_count++] = (struct fluit_unread){*key, feed, seq};
}

/* Has this member's share of the key ring been used up? */
static bool keys_full(const struct fluit_node *node, const struct fluit_feed_id *feed)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->keyring.count; i++)
        count += memcmp(node->keyring.keys[i].feed.b, feed->b, sizeof feed->b) == 0;
    return count >= FLUIT_KEYS_OF_ONE_MAX;
}

/* Who may hand out this key: the author of the feed it opens, or a hub or standby. */
static bool may_hand_out(const struct fluit_node *node, const struct fluit_origin *origin,
                         const struct fluit_key_entry *entry)
{
    if (!fluit_key_entry_allowed(entry, origin->author))
        return false;
    if (fluit_member_may_lead(&node->roster.members[origin->rank]))
        return true;
    int feed = fluit_replica_find(&node->replica, &entry->feed);
    return feed >= 0 && memcmp(node->replica.feeds[feed]->info.author.b,
                               node->roster.members[origin->rank].sign.b, 32) == 0;
}

static void take_key(struct fluit_node *node, const struct fluit_origin *origin,
                     struct fluit_slice body, struct fluit_effects *fx)
{
    struct fluit_key_entry entry;
    if (fluit_key_entry_get(&entry, body) || !may_hand_out(node, origin, &entry)) {
        node->refused++;
        return;
    }
    /* Who may lead has to know what anyone handed out. */
    int self = fluit_node_member(node);
    if ((int)origin->rank == self ||
        (self >= 0 && fluit_member_may_lead(&node->roster.members[self])))
        fluit_own_note_grants(node, &entry);
    if (fluit_keyring_find(&node->keyring, &entry.id) || keys_full(node, &entry.feed))
        return;
    struct fluit_held_key key = {
        .id = entry.id, .purpose = entry.purpose, .round = entry.round, .feed = entry.feed};
    if (fluit_key_entry_open(&entry, &node->workshop, &node->self.read_pk, &node->self.read_sk,
                             &key.key))
        return;
    if (fluit_node_keep_key(node, &key, fx))
        node->refused++;
    fluit_wipe(&key, sizeof key);
}

/* Root signed it, so who brings it does not matter. */
static void take_roster(struct fluit_node *node, struct fluit_slice body, struct fluit_effects *fx)
{
    struct fluit_slice bytes;
    struct fluit_sig sig;
    if (fluit_roster_body_get(body, &bytes, &sig) || fluit_node_adopt_roster(node, bytes, &sig, fx))
        node->refused++;
}

static void read_again(struct fluit_node *node, bool hubs_only, struct fluit_effects *fx);

/* Root signed it, so who brings it does not matter. */
static void take_term(struct fluit_node *node, const struct fluit_header *header,
                      struct fluit_slice body, struct fluit_effects *fx)
{
    struct fluit_term term;
    if (fluit_term_get(&term, body) || !fluit_term_verify(&term, &node->root, &node->workshop)) {
        node->refused++;
        return;
    }
    if (!fluit_terms_add(&node->terms, &term))
        return;
    if (fluit_terms_newest(&node->terms)->number == term.number) {
        node->term_feed = header->feed;
        node->term_seq = header->seq;
        node->term_mesh_us = header->mesh_us;
    }
    if (!node->term_awaited)
        return;
    node->term_awaited = false;
    read_again(node, true, fx);
}

/* May this author lead under that term? If that is not known yet, it is read again when the term
 * comes, maybe in another feed. */
static bool leads(struct fluit_node *node, const struct fluit_origin *origin, uint32_t number)
{
    bool named = fluit_terms_name(&node->terms, number, &node->roster.members[origin->rank].sign);
    node->term_awaited |= !named;
    return named;
}

/* The first script counts: boards that were laid by it can't change under people's hands. */
static void take_script(struct fluit_node *node, struct fluit_slice yaml, struct fluit_effects *fx)
{
    if (node->script)
        return;
    struct fluit_script_error error;
    if (fluit_script_parse(yaml, &node->script, &error)) {
        node->refused++;
        return;
    }
    node->fold = fluit_fold_new(node->script);
    if (!node->fold) {
        fluit_node_fail(node, FLUIT_E_NOMEM);
        return;
    }
    if (!node->replaying)
        fluit_intake_all(node, fx);
}

static void take_plan(struct fluit_node *node, const struct fluit_plan *plan)
{
    if (!node->script || fluit_plan_check(plan, node->script)) {
        node->refused++;
        return;
    }
    fluit_alarm_plan(&node->alarm, plan);
    if (node->plan.term == 0 || fluit_plan_newer(&node->plan, plan))
        node->plan = *plan;
}

static void take_own_mark(struct fluit_node *node, const struct fluit_origin *origin,
                          const struct fluit_act *act)
{
    if ((int)origin->rank != fluit_node_member(node))
        return;
    if (act->kind == FLUIT_KIND_FIRED)
        fluit_node_note_whistled(node, act);
    if (node->alarm.started)
        return;
    if (act->kind == FLUIT_KIND_ARMED)
        fluit_alarm_restore_armed(&node->alarm, act, origin->mesh_us);
    else
        fluit_alarm_fired(&node->alarm, act->fired.mark);
}

/* The hub says hello each time it starts, maybe with another clock. */
static void take_hello(struct fluit_node *node, const struct fluit_origin *origin)
{
    const struct fluit_term *newest = fluit_terms_newest(&node->terms);
    if (!node->replaying && newest && !node->clock.leading &&
        memcmp(node->roster.members[origin->rank].sign.b, newest->hub.b, sizeof newest->hub.b) == 0)
        fluit_node_doubt_rate(node, node->clock_led_us);
}

static void take_act(struct fluit_node *node, const struct fluit_origin *origin,
                     const struct fluit_act *act, struct fluit_effects *fx)
{
    if (!fluit_kind_allowed(act->kind, origin->author)) {
        node->refused++;
        return;
    }
    if ((act->kind == FLUIT_KIND_PLAN && !leads(node, origin, act->plan.term)) ||
        (act->kind == FLUIT_KIND_CUT && !leads(node, origin, act->cut.term)))
        return;
    if (origin->mesh_us > node->told_us && origin->author <= FLUIT_NODE_STANDBY)
        node->told_us = origin->mesh_us;
    if (act->kind == FLUIT_KIND_HELLO)
        take_hello(node, origin);
    else if (act->kind == FLUIT_KIND_SCRIPT)
        take_script(node, act->script.yaml, fx);
    else if (act->kind == FLUIT_KIND_PLAN)
        take_plan(node, &act->plan);
    else if (act->kind == FLUIT_KIND_ARMED || act->kind == FLUIT_KIND_FIRED)
        take_own_mark(node, origin, act);
    if (node->fold) {
        enum fluit_err err = fluit_fold_apply(node->fold, origin, act);
        if (err)
            fluit_node_fail(node, err);
    }
    if (node->hooks->act)
        node->hooks->act(node, origin, act, fx);
}

static void take_body(struct fluit_node *node, const struct fluit_header *header,
                      const struct fluit_origin *origin, struct fluit_slice bytes,
                      struct fluit_effects *fx)
{
    struct fluit_body body;
    enum fluit_err err = fluit_body_get(&body, bytes);
    enum fluit_kind kind = body.act.kind;
    bool named = err == FLUIT_OK || err == FLUIT_E_UNKNOWN;
    if (named && kind == FLUIT_KIND_KEY && header->entry_class == FLUIT_CLASS_OPEN)
        take_key(node, origin, bytes, fx);
    else if (named && kind == FLUIT_KIND_ROSTER && header->entry_class == FLUIT_CLASS_CONTROL)
        take_roster(node, bytes, fx);
    else if (named && kind == FLUIT_KIND_TERM && header->entry_class == FLUIT_CLASS_CONTROL)
        take_term(node, header, bytes, fx);
    else if (err || fluit_kind_class(kind) != header->entry_class)
        node->refused += err != FLUIT_E_UNKNOWN;
    else
        take_act(node, origin, &body.act, fx);
    fluit_body_deinit(&body);
}

/* Is this the key such an entry has to be sealed with? Else one could be passed off as another. */
static bool key_fits(const struct fluit_held_key *key, const struct fluit_header *header)
{
    if (header->entry_class == FLUIT_CLASS_CONTROL)
        return key->purpose == FLUIT_KEY_ROOM;
    return key->purpose == FLUIT_KEY_STORY && key->round == header->round &&
           memcmp(key->feed.b, header->feed.b, sizeof key->feed.b) == 0;
}

static void take_entry(struct fluit_node *node, uint32_t feed, const struct fluit_stored *stored,
                       struct fluit_buf *text, struct fluit_effects *fx)
{
    struct fluit_header header;
    struct fluit_origin origin;
    if (fluit_header_get(&header, stored->header) ||
        !fluit_node_origin(node, feed, &header, &origin))
        return;
    if (header.entry_class == FLUIT_CLASS_OPEN) {
        take_body(node, &header, &origin, stored->payload, fx);
        return;
    }
    const struct fluit_held_key *key = fluit_keyring_find(&node->keyring, &header.key_id);
    if (!key) {
        note_unread(node, &header.key_id, feed, header.seq);
        return;
    }
    struct fluit_slice body;
    if (!key_fits(key, &header) ||
        fluit_unseal(&key->key, stored->header, stored->payload, text, &body)) {
        node->refused++;
        return;
    }
    take_body(node, &header, &origin, body, fx);
}

void fluit_intake(struct fluit_node *node, uint32_t feed, uint64_t from, uint64_t to,
                  struct fluit_effects *fx)
{
    struct fluit_buf scratch = FLUIT_BUF_INIT, text = FLUIT_BUF_INIT;
    for (uint64_t seq = from; seq <= to && !node->failed; seq++) {
        struct fluit_stored stored;
        enum fluit_err err = fluit_replica_get(&node->replica, feed, seq, &stored, &scratch);
        if (!err)
            take_entry(node, feed, &stored, &text, fx);
        else if (err != FLUIT_E_MISSING) /* damaged: it is read when a peer has mended it */
            fluit_node_fail(node, err);
    }
    if (text.data)
        fluit_wipe(text.data, text.cap);
    fluit_buf_deinit(&text);
    fluit_buf_deinit(&scratch);
}

struct reading {
    bool by_lead; /* a hub or standby */
    int member;
    const uint8_t *incarnation;
    uint32_t feed;
};

static int reading_cmp(const void *a, const void *b)
{
    const struct reading *x = a, *y = b;
    if (x->by_lead != y->by_lead)
        return x->by_lead ? -1 : 1;
    if (x->member != y->member)
        return x->member < y->member ? -1 : 1;
    return memcmp(x->incarnation, y->incarnation, 16);
}

/* The order in which feeds are read: hubs' and standbys' first, as script, terms and plan stand in
 * them; then as their authors wrote them, whatever the order in which they came. */
static struct reading *reading_order(const struct fluit_node *node)
{
    struct reading *order = calloc(node->replica.count + 1, sizeof *order);
    for (uint32_t i = 0; order && i < node->replica.count; i++) {
        const struct fluit_feed_info *info = &node->replica.feeds[i]->info;
        int member = fluit_roster_by_sign(&node->roster, &info->author);
        bool by_lead = member >= 0 && fluit_member_may_lead(&node->roster.members[member]);
        order[i] = (struct reading){by_lead, member, info->incarnation, i};
    }
    if (order)
        qsort(order, node->replica.count, sizeof *order, reading_cmp);
    return order;
}

static void read_again(struct fluit_node *node, bool hubs_only, struct fluit_effects *fx)
{
    uint32_t count = node->replica.count;
    struct reading *order = reading_order(node);
    if (!order) {
        fluit_node_fail(node, FLUIT_E_NOMEM);
        return;
    }
    bool replaying = node->replaying;
    node->replaying = true;
    for (uint32_t i = 0; i < count && (order[i].by_lead || !hubs_only); i++)
        fluit_intake(node, order[i].feed, 1, node->replica.feeds[order[i].feed]->info.seq, fx);
    node->replaying = replaying;
    free(order);
}

void fluit_intake_all(struct fluit_node *node, struct fluit_effects *fx)
{
    read_again(node, false, fx);
}

void fluit_intake_anew(struct fluit_node *node, struct fluit_effects *fx)
{
    if (node->script) {
        fluit_fold_free(node->fold);
        node->fold = fluit_fold_new(node->script);
        if (!node->fold)
            fluit_node_fail(node, FLUIT_E_NOMEM);
    }
    fluit_intake_all(node, fx);
}
