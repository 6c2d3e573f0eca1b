/* room.h: a whole workshop in one process, for benchmarks: the hub and the guests' cores as the
 * real loop drives them, each on the real store (SQLite) in a directory of its own; time and
 * network are the caller's.
 *
 * What goes wrong ends the program: a benchmark of something broken says nothing. */
#ifndef BENCH_ROOM_H
#define BENCH_ROOM_H

#include "node/core/guest.h"
#include "node/core/hub.h"
#include "node/io/store_sqlite.h"

#define ROOM_NODES_MAX 65
#define ROOM_HUB       0 /* the hub's index */
#define ROOM_DOOR_PORT 7000

struct room_node {
    char name[24]; /* "hub", "table-01": its directory, and its host */
    struct fluit_hub *hub;
    struct fluit_guest *guest; /* one of the two */
    struct fluit_node *core;   /* theirs */
    struct fluit_store_sqlite *store;
    struct fluit_effects fx; /* what it wants done since room_init; the caller resets them */
};

struct room {
    const char *dir;
    struct room_node nodes[ROOM_NODES_MAX];
    uint32_t count;
    uint8_t boot_id[16];
    int64_t now_us;  /* for the next step; the caller's to move */
    int64_t wall_us; /* what the wall clock is ahead of now_us */
    struct fluit_rng rng;
    struct fluit_secret recovery; /* of no use to anyone: nothing here is secret */
};

/* A workshop of count nodes (the hub; then table-01, rapporteur-01, table-02...) in dir, which
 * exists and is empty; all have joined, and the hub's feed and roster are everywhere. */
void room_init(struct room *room, const char *dir, uint32_t count, int64_t now_us, int64_t wall_us,
               const uint8_t boot_id[16]);
void room_deinit(struct room *room);

/* One event; time and randomness are filled in. */
void room_step(struct room *room, struct room_node *n, struct fluit_event event);
void room_type(struct room *room, struct room_node *n, const char *line);
/* TURN_END, and the commit. */
void room_end_turn(struct room *room, struct room_node *n);
/* Gives to all that `from` holds and it lacks, as live frames in a turn, however it got there. */
void room_spread(struct room *room, const struct room_node *from, struct room_node *to);
/* The nth thing that is said at this node's table: a card, a reason, a note, an answer. */
void room_say_something(struct room *room, struct room_node *n, uint32_t nth);

/* The newest seq that a node holds of another's feed. */
uint64_t room_held(const struct room_node *n, const struct room_node *author);
/* CPU time of this thread. */
int64_t room_cpu_us(void);
/* Says it on stderr and ends the program. */
void room_fail(const char *what) __attribute__((noreturn));

#endif
