#include "node/core/recovery.h"

#include <stdlib.h>
#include <string.h>

/* What a source says of itself. */
struct claim {
    struct fluit_workshop_id workshop;
    struct fluit_sign_pk root;
    struct fluit_buf body; /* the roster as it is kept */
    struct fluit_roster roster;
};

static void claim_deinit(struct claim *claim)
{
    fluit_buf_deinit(&claim->body);
    fluit_roster_deinit(&claim->roster);
    *claim = (struct claim){0};
}

static enum fluit_err read_fixed(struct fluit_store store, const char *name, void *out, size_t len)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    enum fluit_err err = store.ops->value(store.self, name, &value);
    if (!err && value.len != len)
        err = FLUIT_E_FORMAT;
    if (!err)
        memcpy(out, value.data, len);
    fluit_buf_deinit(&value);
    return err;
}

/* MISSING: no workshop there. An error leaves *claim to be freed. */
static enum fluit_err read_claim(struct fluit_store store, struct claim *claim)
{
    struct fluit_slice bytes = {0};
    struct fluit_sig sig;
    enum fluit_err err = read_fixed(store, "workshop", claim->workshop.b, sizeof claim->workshop.b);
    if (!err)
        err = read_fixed(store, "root", claim->root.b, sizeof claim->root.b);
    if (!err)
        err = store.ops->value(store.self, "roster", &claim->body);
    if (!err)
        err = fluit_roster_body_get(fluit_buf_slice(&claim->body), &bytes, &sig);
    if (!err)
        err = fluit_roster_get(&claim->roster, &claim->root, &claim->workshop, bytes, &sig);
    return err;
}

static bool same_workshop(const struct claim *a, const struct claim *b)
{
    return memcmp(a->workshop.b, b->workshop.b, sizeof a->workshop.b) == 0 &&
           memcmp(a->root.b, b->root.b, sizeof a->root.b) == 0;
}

/* Finds the workshop that the key is of, with the newest roster that a source keeps. */
static enum fluit_err choose(struct fluit_recovery *r, const struct fluit_sign_pk *self,
                             struct claim *best)
{
    bool found = false, any = false;
    enum fluit_err err = FLUIT_OK;
    for (uint32_t i = 0; i < r->source_count && !err; i++) {
        struct claim claim = {0};
        if (r->sources[i].err || read_claim(r->sources[i].store, &claim)) {
            claim_deinit(&claim);
            continue;
        }
        any = true;
        bool member = fluit_roster_by_sign(&claim.roster, self) >= 0;
        if (member && found && !same_workshop(&claim, best))
            err = FLUIT_E_FORK;
        if (member && (!found || err))
            r->at_odds[found] = i;
        if (member && !err && (!found || claim.roster.revision > best->roster.revision)) {
            claim_deinit(best);
            *best = claim;
            found = true;
        } else {
            claim_deinit(&claim);
        }
    }
    return err ? err : found ? FLUIT_OK : any ? FLUIT_E_AUTH : FLUIT_E_MISSING;
}

/* Which sources are of that workshop? One whose own roster is damaged is of use all the same: its
 * entries prove themselves. */
static void sort_out(struct fluit_gather_source *source, const struct claim *best)
{
    struct claim claim = {0};
    if (source->err)
        return;
    source->err = read_fixed(source->store, "workshop", claim.workshop.b, sizeof claim.workshop.b);
    if (source->err)
        return;
    claim.root = best->root;
    source->damaged = read_fixed(source->store, "root", claim.root.b, sizeof claim.root.b) ||
                      read_claim(source->store, &claim);
    if (!same_workshop(&claim, best))
        source->err = FLUIT_E_WORKSHOP;
    claim_deinit(&claim);
}

static enum fluit_err put(struct fluit_store store, const char *name, const void *data, size_t len)
{
    return store.ops->put(store.self, name, fluit_slice(data, len));
}

static enum fluit_err put_claim(struct fluit_store target, const struct fluit_secret *key,
                                const struct claim *claim)
{
    enum fluit_err err = put(target, "seed", key->b, sizeof key->b);
    if (!err)
        err = put(target, "workshop", claim->workshop.b, sizeof claim->workshop.b);
    if (!err)
        err = put(target, "root", claim->root.b, sizeof claim->root.b);
    if (!err)
        err = put(target, "roster", claim->body.data, claim->body.len);
    return err;
}

/* The new hub reads what was gathered. */

/* A cut tells how long feeds were when a round was closed. */
static enum fluit_err note_cut_head(struct fluit_recovery *r, const struct fluit_cut_head *head)
{
    int index = fluit_replica_find(&r->node.replica, &head->feed);
    if (index >= 0) {
        struct fluit_feed *feed = r->node.replica.feeds[index];
        if (feed->known_seq < head->seq)
            feed->known_seq = head->seq;
        return FLUIT_OK;
    }
    for (uint32_t i = 0; i < r->gone_count; i++)
        if (memcmp(r->gone[i].feed.b, head->feed.b, sizeof head->feed.b) == 0) {
            if (r->gone[i].seq < head->seq)
                r->gone[i] = *head;
            return FLUIT_OK;
        }
    if (r->gone_count == FLUIT_FEEDS_MAX)
        return FLUIT_OK;
    if (!r->gone)
        r->gone = calloc(FLUIT_FEEDS_MAX, sizeof *r->gone);
    if (!r->gone)
        return FLUIT_E_NOMEM;
    r->gone[r->gone_count++] = *head;
    return FLUIT_OK;
}

/* The script that counts is the first that the node could read. */
static void on_act(struct fluit_node *node, const struct fluit_origin *origin,
                   const struct fluit_act *act, struct fluit_effects *fx)
{
    struct fluit_recovery *r = (struct fluit_recovery *)node;
    (void)origin;
    (void)fx;
    if (act->kind == FLUIT_KIND_SCRIPT && node->script && r->yaml.len == 0) {
        fluit_buf_put(&r->yaml, act->script.yaml.data, act->script.yaml.len);
        if (r->yaml.err)
            fluit_node_fail(node, r->yaml.err);
    }
    for (uint32_t i = 0; act->kind == FLUIT_KIND_CUT && i < act->cut.head_count; i++) {
        enum fluit_err err = note_cut_head(r, &act->cut.heads[i]);
        if (err)
            fluit_node_fail(node, err);
    }
}

static const struct fluit_node_hooks hooks = {.act = on_act};

/* With the hub's feed a newer roster may come, and with that further members whose feeds count. */
static enum fluit_err gather_all(struct fluit_recovery *r, struct fluit_effects *fx)
{
    struct fluit_node *node = &r->node;
    uint32_t revision;
    enum fluit_err err;
    do {
        revision = node->roster.revision;
        err = fluit_gather(&node->replica, &node->roster, r->sources, r->source_count);
        r->gone_count = 0;
        if (!err) {
            fluit_intake_all(node, fx);
            fluit_effects_reset(fx);
            err = node->failed;
        }
    } while (!err && node->roster.revision != revision);
    return err;
}

static bool has_root(const struct fluit_node *node)
{
    bool found = false;
    for (uint32_t i = 0; i < node->keyring.count && !found; i++) {
        struct fluit_sign_pk pk;
        struct fluit_sign_sk sk;
        if (node->keyring.keys[i].purpose != FLUIT_KEY_ROOT)
            continue;
        fluit_sign_keypair(&node->keyring.keys[i].key, &pk, &sk);
        found = memcmp(pk.b, node->root.b, sizeof pk.b) == 0;
        fluit_wipe(&sk, sizeof sk);
    }
    return found;
}

/* Is all there that a hub needs, and may this key be one? */
static enum fluit_err check_hub(const struct fluit_recovery *r)
{
    int self = fluit_node_member(&r->node);
    if (self < 0)
        return FLUIT_E_DENIED;
    const struct fluit_member *m = &r->node.roster.members[self];
    if ((m->node_class != FLUIT_NODE_HUB && m->node_class != FLUIT_NODE_STANDBY) ||
        m->state == FLUIT_STATE_REVOKED || m->state == FLUIT_STATE_REPLACED)
        return FLUIT_E_DENIED;
    return has_root(&r->node) && fluit_keyring_room(&r->node.keyring) && r->yaml.len
               ? FLUIT_OK
               : FLUIT_E_NOKEY;
}

static enum fluit_err fill(struct fluit_recovery *r, struct fluit_store target,
                           const uint8_t entropy[static 32])
{
    static const uint8_t lead = 1;
    struct fluit_effects fx = {0};
    enum fluit_err err = fluit_node_init(&r->node, target, &hooks, entropy);
    if (!err)
        err = fluit_node_join(&r->node, &fx);
    if (!err)
        err = gather_all(r, &fx);
    fluit_effects_deinit(&fx);
    if (!err)
        err = check_hub(r);
    if (!err)
        err = put(target, "script", r->yaml.data, r->yaml.len);
    if (!err)
        err = put(target, FLUIT_NAMED_LEAD, &lead, sizeof lead);
    return err;
}

enum fluit_err fluit_recovery_check(struct fluit_store target)
{
    static const char *const names[] = {"seed", "workshop"};
    struct fluit_buf held = FLUIT_BUF_INIT;
    enum fluit_err err = FLUIT_E_MISSING;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && err == FLUIT_E_MISSING; i++)
        err = target.ops->value(target.self, names[i], &held);
    if (held.data)
        fluit_wipe(held.data, held.cap);
    fluit_buf_deinit(&held);
    return err == FLUIT_E_MISSING ? FLUIT_OK : err ? err : FLUIT_E_USED;
}

enum fluit_err fluit_recovery_run(struct fluit_recovery *r, struct fluit_store target,
                                  const struct fluit_secret *key,
                                  struct fluit_gather_source *sources, uint32_t count,
                                  const uint8_t entropy[static 32])
{
    struct fluit_identity self;
    struct claim best = {0};
    r->sources = sources;
    r->source_count = count;
    fluit_identity_from_seed(key, &self);
    enum fluit_err err = fluit_recovery_check(target);
    if (!err)
        err = choose(r, &self.sign_pk, &best);
    fluit_identity_wipe(&self);
    for (uint32_t i = 0; i < count && !err; i++)
        sort_out(&sources[i], &best);
    if (!err)
        err = put_claim(target, key, &best);
    if (!err)
        err = fill(r, target, entropy);
    claim_deinit(&best);
    return err;
}

void fluit_recovery_deinit(struct fluit_recovery *r)
{
    fluit_node_deinit(&r->node);
    fluit_buf_deinit(&r->yaml);
    free(r->gone);
    *r = (struct fluit_recovery){0};
}
