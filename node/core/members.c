/* members.c: who is in the workshop: which roster counts, and what to do when two hubs that did not
 * know of each other wrote one each. PROTOCOL.md "Roster". */
#include <string.h>

#include "node/core/node.h"

/* The one that counts has the higher revision; of two with one, any rule will do that all have. */
static int rank_cmp(const struct fluit_roster *a, struct fluit_slice a_bytes,
                    const struct fluit_roster *b, struct fluit_slice b_bytes)
{
    if (a->revision != b->revision)
        return a->revision < b->revision ? -1 : 1;
    if (a_bytes.len != b_bytes.len)
        return a_bytes.len < b_bytes.len ? -1 : 1;
    return memcmp(a_bytes.data, b_bytes.data, a_bytes.len);
}

/* Is it newer than ours? */
static enum fluit_err is_newer(const struct fluit_node *node, const struct fluit_roster *fresh,
                               struct fluit_slice bytes, bool *newer)
{
    struct fluit_buf kept = FLUIT_BUF_INIT;
    struct fluit_slice own = {0};
    struct fluit_sig sig;
    *newer = fresh->revision > node->roster.revision;
    if (fresh->revision != node->roster.revision)
        return FLUIT_OK;
    enum fluit_err err = node->store.ops->value(node->store.self, "roster", &kept);
    if (!err)
        err = fluit_roster_body_get(fluit_buf_slice(&kept), &own, &sig);
    if (!err)
        *newer = rank_cmp(fresh, bytes, &node->roster, own) > 0;
    fluit_buf_deinit(&kept);
    return err;
}

static enum fluit_err keep(struct fluit_node *node, struct fluit_slice bytes,
                           const struct fluit_sig *sig)
{
    struct fluit_buf kept = FLUIT_BUF_INIT;
    if (node->reading)
        return FLUIT_OK;
    fluit_roster_body_put(&kept, bytes, sig);
    enum fluit_err err = kept.err;
    if (!err)
        err = node->store.ops->put(node->store.self, "roster", fluit_buf_slice(&kept));
    fluit_buf_deinit(&kept);
    return err;
}

/* What `lost` says and the roster in force does not is remembered; what is in force again is not.
 */
static enum fluit_err note_lost(struct fluit_node *node, const struct fluit_roster *lost)
{
    struct fluit_roster still = {0};
    const struct fluit_roster *both[] = {&node->lost, lost};
    enum fluit_err err = FLUIT_OK;
    for (int i = 0; i < 2; i++)
        for (uint32_t j = 0; j < both[i]->count && !err; j++)
            if (fluit_roster_lacks(&node->roster, &both[i]->members[j]))
                err = fluit_roster_bring(&still, &both[i]->members[j]);
    fluit_roster_deinit(&node->lost);
    node->lost = still;
    return err == FLUIT_E_LIMIT ? FLUIT_OK : err;
}

/* Has any member another rank (or none) than it had? */
static bool is_reindexed(const struct fluit_roster *before, const struct fluit_roster *now)
{
    for (uint32_t i = 0; i < before->count; i++)
        if (i >= now->count || memcmp(before->members[i].sign.b, now->members[i].sign.b, 32) != 0)
            return true;
    return false;
}

/* Both ends are to hold it, or one of them is not known. */
static bool shares(void *arg, const struct fluit_box_pk *peer, const struct fluit_sign_pk *author)
{
    const struct fluit_node *node = arg;
    int who = fluit_roster_by_sign(&node->roster, author);
    int other = fluit_roster_by_link(&node->roster, peer);
    return who < 0 || other < 0 ||
           (fluit_node_holds(node, who) &&
            fluit_roster_holds(&node->roster, (uint32_t)other, (uint32_t)who));
}

bool fluit_node_holds(const struct fluit_node *node, int author)
{
    int self = fluit_node_member(node);
    return !node->sync.shares || self < 0 || author < 0 ||
           fluit_roster_holds(&node->roster, (uint32_t)self, (uint32_t)author);
}

void fluit_node_share_holding(struct fluit_node *node)
{
    node->sync.shares = fluit_roster_holds_all(&node->roster) ? NULL : shares;
    node->sync.arg = node;
}

/* The roster in force becomes *fresh, which is taken over. */
static enum fluit_err change(struct fluit_node *node, struct fluit_roster *fresh,
                             struct fluit_effects *fx)
{
    struct fluit_roster before = node->roster;
    bool reindexed = is_reindexed(&before, fresh);
    node->roster = *fresh;
    enum fluit_err err = note_lost(node, &before);
    fluit_roster_deinit(&before);
    if (err || !node->joined)
        return err;
    fluit_node_share_holding(node);
    if (node->hooks->roster)
        node->hooks->roster(node, reindexed, fx);
    /* Where an author stands decides whose word counts: all is folded again. */
    if (reindexed)
        fluit_intake_anew(node, fx);
    fluit_own_grant(node, false, fx);
    return node->failed;
}

enum fluit_err fluit_node_adopt_roster(struct fluit_node *node, struct fluit_slice bytes,
                                       const struct fluit_sig *sig, struct fluit_effects *fx)
{
    struct fluit_roster fresh = {0};
    bool newer = false;
    enum fluit_err err = fluit_roster_get(&fresh, &node->root, &node->workshop, bytes, sig);
    if (err)
        return err;
    err = is_newer(node, &fresh, bytes, &newer);
    if (!err && !newer) {
        err = note_lost(node, &fresh);
        fluit_roster_deinit(&fresh);
        if (err)
            fluit_node_fail(node, err);
        return err;
    }
    if (!err)
        err = keep(node, bytes, sig);
    if (err)
        fluit_roster_deinit(&fresh);
    else
        err = change(node, &fresh, fx);
    if (err)
        fluit_node_fail(node, err);
    return err;
}
