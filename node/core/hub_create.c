/* hub_create.c: a new workshop in an empty store. */
#include <stdio.h>
#include <string.h>

#include "node/core/hub.h"

static enum fluit_err put(struct fluit_store store, const char *name, const void *data, size_t len)
{
    return store.ops->put(store.self, name, fluit_slice(data, len));
}

static struct fluit_member member_of(const struct fluit_secret *seed,
                                     enum fluit_node_class node_class, enum fluit_node_state state)
{
    struct fluit_identity identity;
    fluit_identity_from_seed(seed, &identity);
    struct fluit_member member = {.sign = identity.sign_pk,
                                  .read = identity.read_pk,
                                  .link = identity.link_pk,
                                  .node_class = node_class,
                                  .state = state};
    fluit_identity_wipe(&identity);
    return member;
}

/* The hub is the first in the roster, the recovery key, a standby on paper, the second. */
static enum fluit_err put_roster(struct fluit_store store, const struct fluit_secret *seed,
                                 const struct fluit_secret *recovery,
                                 const struct fluit_sign_sk *root_sk,
                                 const struct fluit_workshop_id *workshop)
{
    struct fluit_roster roster = {.revision = 1};
    struct fluit_member hub = member_of(seed, FLUIT_NODE_HUB, FLUIT_STATE_ACTIVE);
    struct fluit_member paper = member_of(recovery, FLUIT_NODE_STANDBY, FLUIT_STATE_PAPER);
    struct fluit_buf bytes = FLUIT_BUF_INIT, body = FLUIT_BUF_INIT;
    enum fluit_err err = fluit_roster_add(&roster, &hub);
    if (!err)
        err = fluit_roster_add(&roster, &paper);
    if (!err) {
        fluit_roster_put(&roster, workshop, &bytes);
        struct fluit_sig sig = fluit_roster_sign(root_sk, fluit_buf_slice(&bytes));
        fluit_roster_body_put(&body, fluit_buf_slice(&bytes), &sig);
        err = bytes.err ? bytes.err : body.err;
    }
    if (!err)
        err = put(store, "roster", body.data, body.len);
    fluit_buf_deinit(&bytes);
    fluit_buf_deinit(&body);
    fluit_roster_deinit(&roster);
    return err;
}

/* Keys that the hub's feed will hold for whoever must be the hub one day. */
static enum fluit_err put_held(struct fluit_store store, unsigned number,
                               enum fluit_key_purpose purpose, const struct fluit_secret *secret)
{
    struct fluit_held_key key = {.purpose = purpose, .key = *secret, .own = true};
    uint8_t bytes[FLUIT_HELD_KEY_LEN];
    char name[32];
    snprintf(name, sizeof name, "key/%06u", number);
    fluit_held_key_put(&key, bytes);
    enum fluit_err err = put(store, name, bytes, sizeof bytes);
    fluit_wipe(bytes, sizeof bytes);
    fluit_wipe(&key, sizeof key);
    return err;
}

static enum fluit_err put_invites(struct fluit_store store, struct fluit_rng *rng,
                                  const struct fluit_hub_plan *plan)
{
    struct fluit_invites invites = {0};
    int64_t expires_s = plan->wall_us / 1000000 + plan->invites_valid_s;
    enum fluit_err err = FLUIT_OK;
    for (int i = 1; i <= plan->tables && !err; i++) {
        err = fluit_invites_issue(&invites, store, rng, FLUIT_NODE_TABLE, (uint8_t)i, expires_s);
        if (!err)
            err = fluit_invites_issue(&invites, store, rng, FLUIT_NODE_RAPPORTEUR, (uint8_t)i,
                                      expires_s);
    }
    fluit_invites_deinit(&invites);
    return err;
}

static enum fluit_err fill(struct fluit_store store, struct fluit_rng *rng,
                           const struct fluit_hub_plan *plan, struct fluit_secret secrets[static 4])
{
    struct fluit_secret *seed = &secrets[0], *root = &secrets[1], *room = &secrets[2];
    struct fluit_workshop_id workshop;
    struct fluit_sign_pk root_pk;
    struct fluit_sign_sk root_sk;
    fluit_rng_bytes(rng, workshop.b, sizeof workshop.b);
    fluit_sign_keypair(root, &root_pk, &root_sk);
    enum fluit_err err = put(store, "seed", seed->b, sizeof seed->b);
    if (!err)
        err = put(store, "workshop", workshop.b, sizeof workshop.b);
    if (!err)
        err = put(store, "root", root_pk.b, sizeof root_pk.b);
    if (!err)
        err = put(store, "script", plan->yaml.data, plan->yaml.len);
    if (!err)
        err = put_roster(store, seed, &secrets[3], &root_sk, &workshop);
    if (!err)
        err = put_held(store, 0, FLUIT_KEY_ROOM, room);
    if (!err)
        err = put_held(store, 1, FLUIT_KEY_ROOT, root);
    if (!err)
        err = put_invites(store, rng, plan);
    fluit_wipe(&root_sk, sizeof root_sk);
    return err;
}

enum fluit_err fluit_hub_create(struct fluit_store store, struct fluit_rng *rng,
                                const struct fluit_hub_plan *plan, struct fluit_secret *recovery)
{
    struct fluit_buf held = FLUIT_BUF_INIT;
    enum fluit_err err = store.ops->value(store.self, "seed", &held);
    if (held.data)
        fluit_wipe(held.data, held.cap);
    fluit_buf_deinit(&held);
    if (err != FLUIT_E_MISSING)
        return err ? err : FLUIT_E_USED;
    struct fluit_secret secrets[4]; /* seed, root, room, recovery */
    fluit_rng_bytes(rng, secrets, sizeof secrets);
    err = fill(store, rng, plan, secrets);
    if (!err)
        *recovery = secrets[3];
    fluit_wipe(secrets, sizeof secrets);
    return err;
}
