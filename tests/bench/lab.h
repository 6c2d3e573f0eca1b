/* lab.h: a room of real cores on a virtual network and clock, each node as if on a machine of its
 * own: what a node's turn costs in CPU time here passes for that node alone, and so do its wait for
 * the disk and what its line carries. A turn is as in node/io/loop.c.
 *
 * What it leaves out: ZeroMQ, CURVE and TCP, their bytes, CPU time and queues; caches that nodes on
 * one processor take from each other make turns dearer than they would be. */
#ifndef BENCH_LAB_H
#define BENCH_LAB_H

#include "tests/bench/room.h"

#define LAB_WIRES_MAX (ROOM_NODES_MAX * FLUIT_LINKS_KEPT_MAX)
#define LAB_MS        INT64_C(1000)
#define LAB_SECOND    INT64_C(1000000)
#define LAB_NOBODY    UINT32_MAX

struct lab;

struct lab_costs {
    int64_t delay_us; /* from any node to any other */
    int64_t disk_us;  /* of a turn that wrote */
    double mbit;      /* a second that a node can send; 0: no limit */
};

enum lab_traffic {
    LAB_FRAMES, /* live frames, once per receiver; the others as PROTOCOL.md "Messages" has them */
    LAB_HEADS,
    LAB_WANT,
    LAB_ENTRIES,
    LAB_ASK,
    LAB_TIME,
    LAB_OTHER,
    LAB_TRAFFICS,
};

struct lab_mail {
    uint32_t refs;
    size_t len;
    uint8_t bytes[];
};

struct lab_input {
    enum fluit_event_kind kind; /* COMMAND: somebody says something, nth of them times */
    uint32_t link;
    struct fluit_box_pk peer;
    uint32_t nth;
    struct lab_mail *mail; /* owned; may be NULL */
};

struct lab_node {
    uint32_t side;              /* who is on another is out of reach */
    uint32_t listens, feeds_to; /* whose live frames it takes; who takes its own */
    struct lab_input *inbox;
    size_t inbox_count, inbox_cap;
    int64_t free_us;                                      /* its processor's and disk's turn ends */
    int64_t sent_us;                                      /* its line has carried all */
    int64_t wake_us;                                      /* when it is woken next */
    int64_t tick_us;                                      /* the last one */
    uint32_t said;                                        /* lines so far */
    int64_t cpu_us;                                       /* since lab_reset */
    uint64_t bytes[LAB_TRAFFICS], messages[LAB_TRAFFICS]; /* sent, since lab_reset */
};

/* A connection that a node dials: its index is that of the dialler and link. */
struct lab_wire {
    bool used, up;
    bool told; /* the accepting side has heard of it: its first message came */
    uint32_t from, to, link, far_link;
    uint32_t epoch; /* one more with each change */
    int64_t backoff_us;
};

struct lab_due {
    int64_t at_us;
    uint64_t order;
    void (*run)(struct lab *lab, const struct lab_due *due);
    uint32_t node, wire, epoch;
    struct lab_mail *mail; /* owned; may be NULL */
};

struct lab {
    struct room room;
    struct lab_costs costs;
    struct lab_node nodes[ROOM_NODES_MAX];
    struct lab_wire wires[LAB_WIRES_MAX];
    struct lab_due *heap;
    size_t due_count, due_cap;
    uint64_t planned;
    int64_t now_us;
    uint32_t next_link;
};

/* count nodes that have joined, in dir (exists, empty); they connect as soon as time passes. */
void lab_init(struct lab *lab, const char *dir, uint32_t count, struct lab_costs costs);
void lab_deinit(struct lab *lab);
/* Lets time pass. */
void lab_run(struct lab *lab, int64_t for_us);
/* Somebody at that node says count things, in one turn, after_us from now. */
void lab_say(struct lab *lab, uint32_t node, uint32_t count, int64_t after_us);
/* Connections between sides break, and can't be made; those that can are dialled as ever. */
void lab_sides(struct lab *lab, const uint32_t *side);
/* Counts anew. */
void lab_reset(struct lab *lab);

#endif
