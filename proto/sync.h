/* sync.h: keeping feeds in step over links: HEADS, WANT, ENTRIES. PROTOCOL.md "Sync".
 *
 * The same towards the hub as between tables. A link is an authenticated connection to a member of
 * the roster; sync remembers what each showed it holds (has), asks for what is missing (pull), and
 * serves what it is asked for. Live frames only make this quicker. Messages leave through the wire,
 * whose owner sends them after the store has committed. */
#ifndef FLUIT_SYNC_H
#define FLUIT_SYNC_H

#include "proto/replica.h"
#include "proto/roster.h"

/* Where messages go. */
struct fluit_wire {
    void (*send)(void *self, uint32_t link, struct fluit_slice bytes);
    void *self;
};

struct fluit_sync_link {
    uint32_t id;
    struct fluit_box_pk peer; /* CURVE key, as authenticated */
    int64_t heard_us;         /* local time of the last message; 0: none yet */
    int64_t told_us;          /* when all our heads were last told */
    int64_t tell_gap_us;      /* until they may be told again; grows while that does not help */
    bool slow;                /* heartbeats are rare: see fluit_sync_pace */
    bool told_of_us;          /* we know all its heads: it told them, or they were ours */
    bool in_step;             /* its last digest was ours */
    uint64_t *has;            /* by feed index: newest seq it showed */
    uint32_t has_cap;
};

struct fluit_sync {
    struct fluit_replica *replica;
    /* Are both we and that peer to hold this author's feeds? NULL: everyone holds everything. Set
     * by the owner; heads, digests and has of a link are about such feeds only. */
    bool (*shares)(void *arg, const struct fluit_box_pk *peer, const struct fluit_sign_pk *author);
    void *arg;
    struct fluit_sync_link *links; /* owned */
    uint32_t count, cap;
    int64_t beat_us; /* next heartbeat, when there are links */
    uint32_t beats;
    uint32_t turn;      /* the feed to ask for first, so that none starves */
    uint32_t mend_turn; /* the same for what is damaged */
};

void fluit_sync_init(struct fluit_sync *sync, struct fluit_replica *replica);
void fluit_sync_deinit(struct fluit_sync *sync);

/* NULL if there is no such link up. Valid until the next up or down. */
struct fluit_sync_link *fluit_sync_link(struct fluit_sync *sync, uint32_t id);
/* The link on which that peer was heard last, or NULL: an older one may be dead. */
struct fluit_sync_link *fluit_sync_link_to(struct fluit_sync *sync,
                                           const struct fluit_box_pk *peer);
/* A link came (again): tells all heads. LIMIT or NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_sync_up(struct fluit_sync *sync, uint32_t id,
                                              const struct fluit_box_pk *peer, int64_t now_us,
                                              struct fluit_wire wire);
void fluit_sync_down(struct fluit_sync *sync, uint32_t id);

/* A HEADS or WANT came on a link. Only heads of authors in the roster are looked at, and believed
 * if their authors signed them. AUTH: one was not, the rest is not looked at; NOMEM; the store's.
 */
FLUIT_MUST_CHECK enum fluit_err fluit_sync_message(struct fluit_sync *sync,
                                                   struct fluit_sync_link *link,
                                                   const struct fluit_roster *roster,
                                                   const struct fluit_message *message,
                                                   int64_t now_us, struct fluit_wire wire);
/* Entries of a feed up to `to` came on a link (NULL: as a live frame), and were ingested. */
void fluit_sync_got(struct fluit_sync *sync, struct fluit_sync_link *link, uint32_t feed,
                    uint64_t to);
/* Heartbeats go to every link, or, if `hub` is not NULL and has one, every time to that only and to
 * others every FLUIT_PEER_BEATS-th time: it passes on what they have. */
void fluit_sync_pace(struct fluit_sync *sync, const struct fluit_box_pk *hub, int64_t now_us);
/* Tells one head on a link: an acknowledgement to its author, or "we have this, ask for it". */
void fluit_sync_tell(struct fluit_sync *sync, uint32_t link, uint32_t feed, struct fluit_wire wire);
/* Asks for what is known to be missing or damaged, and not yet asked for. */
void fluit_sync_pull(struct fluit_sync *sync, int64_t now_us, struct fluit_wire wire);
/* Heartbeats when due; wants that were not answered may be asked again. Call at the deadline. */
void fluit_sync_tick(struct fluit_sync *sync, int64_t now_us, struct fluit_wire wire);
int64_t fluit_sync_deadline(const struct fluit_sync *sync);

/* Newest seq of a feed that the link showed it holds. */
uint64_t fluit_sync_link_has(const struct fluit_sync_link *link, uint32_t feed);
/* How many nodes have a link (some have two: each made one), and how many of them showed our digest
 * last. */
uint32_t fluit_sync_peer_count(const struct fluit_sync *sync);
uint32_t fluit_sync_in_step_count(const struct fluit_sync *sync);
/* How many nodes with a link, leaving out `except` (may be NULL), hold entry seq of a feed. */
uint32_t fluit_sync_held_by(const struct fluit_sync *sync, uint32_t feed, uint64_t seq,
                            const struct fluit_box_pk *except);
/* The newest seq of a feed that each of those nodes showed, the highest first; those with none are
 * left out. Returns how many, at most max. */
uint32_t fluit_sync_holders(const struct fluit_sync *sync, uint32_t feed,
                            const struct fluit_box_pk *except, uint64_t *seqs, uint32_t max);

#endif
