/* event.h: all that goes into a node's core and all that comes out: its only door to the world.
 *
 * The core is pure: fluit_hub_step, fluit_table_step and so on take one event (which carries the
 * time and fresh randomness), change the node, append to its store, and add effects. The loop
 * (node/io/loop.c) or the simulator (tests/sim) carries the effects out AFTER it has committed the
 * store: what leaves a node is on its disk. */
#ifndef FLUIT_EVENT_H
#define FLUIT_EVENT_H

#include "proto/beacon.h"

/* What may be looked at. */
enum fluit_page {
    FLUIT_PAGE_OWN,       /* of those who use this node: the table's, the facilitator's */
    FLUIT_PAGE_PROJECTOR, /* a hub's: what the room may see */
    FLUIT_PAGES
};

/* Where a page is open. */
enum fluit_session_kind {
    FLUIT_SESSION_HERE,  /* in a browser of this node's own machine */
    FLUIT_SESSION_PHONE, /* on a phone that scanned this node's code */
};

/* One browser; the same after it is opened anew or the node was started again. */
struct fluit_session {
    enum fluit_session_kind kind;
    uint8_t id[16];
};

enum fluit_event_kind {
    FLUIT_EVENT_START,     /* first, once per process */
    FLUIT_EVENT_TICK,      /* the deadline the node asked for has come */
    FLUIT_EVENT_LINK_UP,   /* link: a connection is (again) authenticated and usable */
    FLUIT_EVENT_LINK_DOWN, /* link: it broke; a connecting side may come UP again */
    FLUIT_EVENT_MESSAGE,   /* bytes came on link */
    FLUIT_EVENT_FRAME,     /* a live frame came by PUB/SUB: bytes, from peer */
    FLUIT_EVENT_DOOR,      /* bytes came at the door (hub) or from it (joiner) */
    FLUIT_EVENT_BEACON,    /* bytes came as a beacon, from source_host: anybody's word */
    FLUIT_EVENT_ADDRESSES, /* now and then: this machine's addresses; a hub's beacon is due */
    FLUIT_EVENT_REQUEST,   /* bytes came from a page of this node: JSON; ANSWER to link */
    FLUIT_EVENT_COMMAND,   /* a person's line, without its newline */
    FLUIT_EVENT_FIRED,     /* the loop whistled the mark that the node's alarm named */
    FLUIT_EVENT_TURN_END,  /* last of every turn, before the commit: sign, publish, acknowledge */
};

struct fluit_event {
    enum fluit_event_kind kind;
    int64_t now_us;           /* this node's own clock (CLOCK_BOOTTIME, maybe disturbed) */
    int64_t wall_us;          /* wall clock, since 1970; never used to order anything */
    uint8_t boot_id[16];      /* changes when now_us starts anew */
    uint8_t entropy[32];      /* fresh randomness for this step */
    uint32_t link;            /* LINK_*, MESSAGE; at the door: whom to answer */
    struct fluit_box_pk peer; /* LINK_UP, MESSAGE, FRAME: CURVE key as authenticated by ZAP (or the
                                 server key that was connected to); never the peer's own word */
    struct fluit_slice bytes; /* MESSAGE, FRAME, DOOR, COMMAND, REQUEST */
    const char *source_host;  /* BEACON */
    struct fluit_session session;  /* REQUEST: whose page asks, */
    enum fluit_page page;          /* and which it is; */
    const struct fluit_hash *once; /* its name, for when it comes again; NULL: it has none */
    const struct fluit_beacon_address *addresses; /* ADDRESSES: up to FLUIT_BEACON_ADDRESSES_MAX */
    size_t address_count;
    struct {
        struct fluit_mark mark;
        int64_t local_us; /* now_us when the sound began */
        uint32_t outputs; /* FLUIT_OUTPUT_* that sounded */
    } fired;
};

enum fluit_effect_kind {
    FLUIT_EFFECT_SEND,      /* bytes on link; dropped if it is down: sync repairs */
    FLUIT_EFFECT_PUBLISH,   /* bytes as a live frame under topic */
    FLUIT_EFFECT_DOOR,      /* bytes at the door, to link */
    FLUIT_EFFECT_OPEN_DOOR, /* joiner: later DOOR to link 0 go to bytes = endpoint */
    FLUIT_EFFECT_ANSWER,    /* bytes, JSON, to the page that asked, link */
    FLUIT_EFFECT_BEACON,    /* bytes to all on this network, and to this machine */
    FLUIT_EFFECT_PRINT,     /* text for the person, one or more lines without the last newline */
    FLUIT_EFFECT_CONNECT,   /* make a link to endpoint whose CURVE key is peer; its id is link
                               (chosen by the core, below FLUIT_LINK_ACCEPTED) */
    FLUIT_EFFECT_SUBSCRIBE, /* SUB to bytes = endpoint, key peer, all topics */
    FLUIT_EFFECT_FEED_TO,   /* PUB to bytes = endpoint, key peer: later PUBLISH go there */
    FLUIT_EFFECT_DROP_LINK, /* forget link and close it if it was connected */
    FLUIT_EFFECT_QUIT,      /* stop the loop; text says why, exit status in link */
};

/* Links that others made to us have ids from here on, given by the loop. */
#define FLUIT_LINK_ACCEPTED 1000000u
/* SUBSCRIBE and FEED_TO of the hub now followed: replaced when another is. */
#define FLUIT_LINK_LIVE 1u
/* Links that we make to others: from here on. */
#define FLUIT_LINK_KEPT 2u

struct fluit_effect {
    enum fluit_effect_kind kind;
    uint32_t link;
    bool hint; /* SEND: claims nothing of the disk, may leave before the commit (clock messages) */
    struct fluit_feed_id topic;
    struct fluit_box_pk peer;
    size_t offset, len; /* its bytes in the list's data */
};

/* What one turn's steps want done, in order. Owned by the loop; reset after each turn. */
struct fluit_effects {
    struct fluit_effect *items;
    size_t count, cap;
    struct fluit_buf data;
    enum fluit_err err; /* sticky: NOMEM ends the node */
};

void fluit_effects_reset(struct fluit_effects *fx);
void fluit_effects_deinit(struct fluit_effects *fx);
struct fluit_slice fluit_effect_bytes(const struct fluit_effects *fx,
                                      const struct fluit_effect *effect);
/* Adds an effect with a copy of bytes; returns it to fill in the rest, never NULL (after an error
 * it is a scratch place). */
struct fluit_effect *fluit_effects_add(struct fluit_effects *fx, enum fluit_effect_kind kind,
                                       struct fluit_slice bytes);
void fluit_effects_print(struct fluit_effects *fx, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One line for the person, of any length, whatever line breaks stand in its texts: what others
 * wrote can't look like an answer of this node. The copy made on the way is wiped. */
void fluit_effects_say(struct fluit_effects *fx, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
