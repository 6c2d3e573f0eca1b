/* keys.h: content keys: the key ring, and key entries that hand keys to readers.
 * PROTOCOL.md "Keys".
 *
 * A key entry (class OPEN) names one key and holds a stanza for each reader: the key in a sealed
 * box. The box also says for which workshop, feed, purpose and round, so that a stanza can't be
 * moved to another entry. An author does not seal to itself: it keeps its key in its own store, so
 * that wiping it there wipes it. */
#ifndef FLUIT_KEYS_H
#define FLUIT_KEYS_H

#include "proto/roster.h"
#include "proto/seal.h"

enum fluit_key_purpose {
    FLUIT_KEY_STORY = 1, /* the author's key of a round */
    FLUIT_KEY_ROOM = 2,  /* control entries of all */
    FLUIT_KEY_ROOT = 3,  /* seed of the root key: to standbys and recovery only */
};

#define FLUIT_STANZA_TEXT_LEN (16 + 32 + 1 + 1 + 32)
#define FLUIT_STANZA_LEN      (FLUIT_STANZA_TEXT_LEN + FLUIT_BOX_OVERHEAD)
#define FLUIT_READER_TAG_LEN  8

struct fluit_stanza {
    uint8_t tag[FLUIT_READER_TAG_LEN]; /* finds one's own; proves nothing */
    uint8_t sealed[FLUIT_STANZA_LEN];
};

struct fluit_key_entry {
    enum fluit_key_purpose purpose;
    uint8_t round;
    struct fluit_feed_id feed; /* whose entries it opens: usually the feed it stands in */
    struct fluit_key_id id;
    uint32_t stanza_count;
    struct fluit_stanza stanzas[FLUIT_STANZAS_MAX];
};

void fluit_reader_tag(const struct fluit_box_pk *reader, uint8_t out[static FLUIT_READER_TAG_LEN]);
/* Adds a stanza for reader. LIMIT when full, AUTH for a useless public key. */
FLUIT_MUST_CHECK enum fluit_err fluit_key_entry_add(struct fluit_key_entry *entry,
                                                    struct fluit_rng *rng,
                                                    const struct fluit_workshop_id *workshop,
                                                    const struct fluit_box_pk *reader,
                                                    const struct fluit_secret *key);
/* Opens this reader's stanza: the first with its tag, for opening costs. NOKEY if there is none,
 * AUTH if it does not open or says another workshop, feed, purpose, round or key. */
FLUIT_MUST_CHECK enum fluit_err fluit_key_entry_open(const struct fluit_key_entry *entry,
                                                     const struct fluit_workshop_id *workshop,
                                                     const struct fluit_box_pk *pk,
                                                     const struct fluit_box_sk *sk,
                                                     struct fluit_secret *key);
void fluit_key_entry_put(const struct fluit_key_entry *entry, struct fluit_buf *out);
/* FORMAT, LIMIT, NOMEM. After an error *entry has no stanzas and its other fields say nothing. */
FLUIT_MUST_CHECK enum fluit_err fluit_key_entry_get(struct fluit_key_entry *entry,
                                                    struct fluit_slice body);
/* May a node of this class hand such a key out? Only hubs and standbys give room and root keys: the
 * newest room key is what all nodes seal with. */
bool fluit_key_entry_allowed(const struct fluit_key_entry *entry, enum fluit_node_class author);

/* A held key. */
struct fluit_held_key {
    struct fluit_key_id id;
    struct fluit_secret key;
    enum fluit_key_purpose purpose;
    uint8_t round;
    struct fluit_feed_id feed;
    bool own; /* we write with it */
};

/* All keys a node holds, in memory. Wiped on deinit. */
struct fluit_keyring {
    struct fluit_held_key *keys; /* owned; in order of arrival */
    uint32_t count, cap;
};

void fluit_keyring_deinit(struct fluit_keyring *ring);
/* Adds a copy, unless that key is held. LIMIT, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_keyring_add(struct fluit_keyring *ring,
                                                  const struct fluit_held_key *key);
/* NULL if it is not held; valid until the next add. */
const struct fluit_held_key *fluit_keyring_find(const struct fluit_keyring *ring,
                                                const struct fluit_key_id *id);
/* Our own key for a round of this feed, or NULL. */
const struct fluit_held_key *fluit_keyring_own(const struct fluit_keyring *ring,
                                               const struct fluit_feed_id *feed, uint8_t round);
/* The room key now in use (the newest), or NULL. */
const struct fluit_held_key *fluit_keyring_room(const struct fluit_keyring *ring);

/* As a named value of the store, and back. */
#define FLUIT_HELD_KEY_LEN (32 + 1 + 1 + 32 + 1)
void fluit_held_key_put(const struct fluit_held_key *key, uint8_t out[static FLUIT_HELD_KEY_LEN]);
FLUIT_MUST_CHECK enum fluit_err fluit_held_key_get(struct fluit_held_key *key,
                                                   struct fluit_slice in);

#endif
