/* grants.c: the keys of stories and of the room: made, kept, and handed to those who may read.
 * PROTOCOL.md "Keys". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/node.h"
#include "proto/body.h"

static enum fluit_err save_key(struct fluit_node *node, const struct fluit_held_key *key)
{
    char name[32];
    uint8_t bytes[FLUIT_HELD_KEY_LEN];
    if (node->reading)
        return FLUIT_OK;
    snprintf(name, sizeof name, "key/%06u", node->keys_saved++);
    fluit_held_key_put(key, bytes);
    enum fluit_err err =
        node->store.ops->put(node->store.self, name, fluit_slice(bytes, sizeof bytes));
    fluit_wipe(bytes, sizeof bytes);
    if (err)
        fluit_node_fail(node, err);
    return err;
}

/* Where entries under this key begin, if some were met before the key; then forgets it. */
static bool take_unread(struct fluit_node *node, const struct fluit_key_id *key,
                        struct fluit_unread *out)
{
    for (uint32_t i = 0; i < node->unread_count; i++) {
        if (!fluit_key_id_eq(&node->unread[i].key, key))
            continue;
        *out = node->unread[i];
        node->unread[i] = node->unread[--node->unread_count];
        return true;
    }
    return false;
}

enum fluit_err fluit_node_keep_key(struct fluit_node *node, const struct fluit_held_key *key,
                                   struct fluit_effects *fx)
{
    if (fluit_keyring_find(&node->keyring, &key->id))
        return FLUIT_OK;
    enum fluit_err err = fluit_keyring_add(&node->keyring, key);
    if (!err)
        err = save_key(node, key);
    if (err)
        return err;
    struct fluit_unread unread;
    while (take_unread(node, &key->id, &unread))
        fluit_intake(node, unread.feed, unread.first_seq,
                     node->replica.feeds[unread.feed]->info.seq, fx);
    return FLUIT_OK;
}

void fluit_own_note_grants(struct fluit_node *node, const struct fluit_key_entry *entry)
{
    for (uint32_t i = 0; i < entry->stanza_count; i++) {
        if (node->grant_count >= FLUIT_GRANTS_MAX)
            return;
        if (node->grant_count == node->grant_cap) {
            uint32_t cap = node->grant_cap ? node->grant_cap * 2 : 32;
            struct fluit_grant *grants = realloc(node->grants, cap * sizeof *grants);
            if (!grants)
                return; /* then it is granted once more: harmless */
            node->grants = grants;
            node->grant_cap = cap;
        }
        struct fluit_grant *grant = &node->grants[node->grant_count++];
        grant->key = entry->id;
        memcpy(grant->tag, entry->stanzas[i].tag, sizeof grant->tag);
    }
}

static bool granted(const struct fluit_node *node, const struct fluit_key_id *key,
                    const struct fluit_box_pk *reader)
{
    uint8_t tag[FLUIT_READER_TAG_LEN];
    fluit_reader_tag(reader, tag);
    for (uint32_t i = 0; i < node->grant_count; i++)
        if (fluit_key_id_eq(&node->grants[i].key, key) &&
            memcmp(node->grants[i].tag, tag, sizeof tag) == 0)
            return true;
    return false;
}

/* Whose entries a story key opens; -1: nobody's in the roster. */
static int author_of(const struct fluit_node *node, const struct fluit_held_key *key)
{
    int feed = fluit_replica_find(&node->replica, &key->feed);
    if (key->own)
        return fluit_node_member(node);
    return feed < 0 ? -1
                    : fluit_roster_by_sign(&node->roster, &node->replica.feeds[feed]->info.author);
}

/* Is it ours to hand out? Our own keys are; who leads also hands on the workshop's, and those of
 * authors who can't any more: so a device that took another's place reads what that one wrote. */
static bool hands_out(const struct fluit_node *node, const struct fluit_held_key *key, int author,
                      bool for_others)
{
    if (key->own || !fluit_node_leads(node))
        return key->own;
    return for_others || key->purpose != FLUIT_KEY_STORY ||
           (author >= 0 && !fluit_member_admitted(&node->roster.members[author]));
}

static bool may_have(const struct fluit_node *node, const struct fluit_held_key *key,
                     const struct fluit_member *reader, int author)
{
    if (key->purpose == FLUIT_KEY_STORY)
        return author >= 0 && fluit_member_reads(reader, &node->roster.members[author]);
    /* Room and root keys go, through the feed, to those who may have to be the hub one day. The
     * room key reaches the others at the door. */
    return fluit_member_may_lead(reader) && fluit_member_admitted(reader);
}

/* Adds the stanzas that are still missing. */
static void fill_entry(struct fluit_node *node, const struct fluit_held_key *key, int author,
                       struct fluit_key_entry *entry)
{
    int self = fluit_node_member(node);
    for (uint32_t i = 0; i < node->roster.count; i++) {
        const struct fluit_member *reader = &node->roster.members[i];
        /* Who may lead keeps all keys anyway, and finds them again if its disk is set back. */
        bool itself = ((int)i == self || (int)i == author) && !fluit_member_may_lead(reader);
        if (itself || !may_have(node, key, reader, author) ||
            granted(node, &key->id, &reader->read))
            continue;
        /* A useless key of one reader must not keep the others from theirs. */
        if (fluit_key_entry_add(entry, &node->rng, &node->workshop, &reader->read, &key->key) ==
            FLUIT_E_LIMIT)
            break;
    }
}

static enum fluit_err write_key_entry(struct fluit_node *node, const struct fluit_held_key *key,
                                      bool even_if_empty, bool for_others, struct fluit_effects *fx)
{
    struct fluit_key_entry entry = {
        .purpose = key->purpose, .round = key->round, .feed = key->feed, .id = key->id};
    int author = author_of(node, key);
    if (hands_out(node, key, author, for_others))
        fill_entry(node, key, author, &entry);
    if (entry.stanza_count == 0 && !even_if_empty)
        return FLUIT_OK;
    struct fluit_buf body = FLUIT_BUF_INIT;
    fluit_key_entry_put(&entry, &body);
    enum fluit_err err = body.err;
    if (!err)
        err = fluit_node_append_body(node, FLUIT_CLASS_OPEN, key->round, fluit_buf_slice(&body),
                                     NULL, fx);
    fluit_buf_deinit(&body);
    return err;
}

void fluit_own_grant(struct fluit_node *node, bool for_others, struct fluit_effects *fx)
{
    if (!node->own.ready)
        return;
    for (uint32_t i = 0; i < node->keyring.count && !node->failed; i++) {
        struct fluit_held_key key = node->keyring.keys[i];
        enum fluit_err err = write_key_entry(node, &key, false, for_others, fx);
        fluit_wipe(&key, sizeof key);
        if (err)
            break;
    }
}

enum fluit_err fluit_own_story_key(struct fluit_node *node, uint8_t round, struct fluit_effects *fx,
                                   struct fluit_secret *out)
{
    const struct fluit_feed_id *feed = &node->replica.feeds[node->own.index]->info.id;
    const struct fluit_held_key *held = fluit_keyring_own(&node->keyring, feed, round);
    if (held) {
        *out = held->key;
        return FLUIT_OK;
    }
    struct fluit_held_key key = {
        .purpose = FLUIT_KEY_STORY, .round = round, .feed = *feed, .own = true};
    fluit_rng_bytes(&node->rng, key.key.b, sizeof key.key.b);
    key.id = fluit_key_id(&key.key);
    enum fluit_err err = fluit_node_keep_key(node, &key, fx);
    if (!err)
        err = write_key_entry(node, &key, true, false, fx);
    if (!err)
        *out = key.key;
    fluit_wipe(&key, sizeof key);
    return err;
}
