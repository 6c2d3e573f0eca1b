/* sim_world.h: virtual time, what is due on it, one source of chance, and the story that is told.
 *
 * All that happens in a simulation follows from its seed. One thread per simulation. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "common/crypto.h"

#define SIM_MS     INT64_C(1000)
#define SIM_SECOND INT64_C(1000000)
#define SIM_MINUTE (60 * SIM_SECOND)
#define SIM_HOUR   (60 * SIM_MINUTE)

struct sim;

/* Bytes under way, shared by those they are on their way to. */
struct sim_mail {
    uint32_t refs;
    size_t len;
    uint8_t bytes[];
};
struct sim_mail *sim_mail_new(struct fluit_slice bytes); /* one reference */
struct sim_mail *sim_mail_share(struct sim_mail *mail);
void sim_mail_drop(struct sim_mail *mail); /* NULL is fine */

/* Something that will happen. */
struct sim_due {
    int64_t at_us;
    uint64_t order; /* among those at one time: as they were planned */
    void (*run)(struct sim *sim, const struct sim_due *due);
    uint32_t node;
    uint32_t life; /* of the node then; run decides what a later one means */
    uint64_t n;
    struct sim_mail *mail; /* owned */
};

struct sim_world {
    uint64_t seed;
    int64_t now_us; /* true time since the simulation began; no node knows it */
    struct sim_due *heap;
    size_t count, cap;
    uint64_t planned;
    struct fluit_rng rng;
    uint8_t chance[4096]; /* drawn ahead */
    size_t chance_used;
    uint64_t trace; /* hash over everything that happened */
    struct fluit_buf story;
    bool verbose;
    bool failed;
};

void sim_world_init(struct sim_world *world, uint64_t seed, bool verbose);
void sim_world_deinit(struct sim_world *world);

/* Plans *due (order is filled in); takes over its mail. */
void sim_plan(struct sim *sim, struct sim_due due);
/* Runs the next thing due. False if it is later than until_us, or there is nothing. */
bool sim_next(struct sim *sim, int64_t until_us);

uint64_t sim_chance(struct sim *sim); /* 64 random bits */
void sim_chance_bytes(struct sim *sim, uint8_t *out, size_t len);
uint64_t sim_below(struct sim *sim, uint64_t bound); /* 0..bound-1 */
int64_t sim_between(struct sim *sim, int64_t low, int64_t high);
bool sim_often(struct sim *sim, unsigned in_million);
/* Exponentially distributed with that mean. */
int64_t sim_waiting(struct sim *sim, int64_t mean_us);

/* Mixes what happened into the trace. */
void sim_trace(struct sim *sim, uint64_t a, uint64_t b, struct fluit_slice bytes);
/* A line of the story, kept for when something fails, and shown if verbose. */
void sim_tell(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line that is only shown if verbose. */
void sim_chat(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A promise was broken: told, and the simulation fails. */
void sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
