#include "tests/sim/sim_world.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

static void *must(void *p)
{
    if (!p) {
        fputs("sim: out of memory\n", stderr);
        abort();
    }
    return p;
}

struct sim_mail *sim_mail_new(struct fluit_slice bytes)
{
    struct sim_mail *mail = must(malloc(sizeof *mail + bytes.len));
    mail->refs = 1;
    mail->len = bytes.len;
    if (bytes.len > 0)
        memcpy(mail->bytes, bytes.data, bytes.len);
    return mail;
}

struct sim_mail *sim_mail_share(struct sim_mail *mail)
{
    mail->refs++;
    return mail;
}

void sim_mail_drop(struct sim_mail *mail)
{
    if (mail && --mail->refs == 0)
        free(mail);
}

void sim_world_init(struct sim_world *world, uint64_t seed, bool verbose)
{
    *world = (struct sim_world){.seed = seed, .verbose = verbose};
    world->chance_used = sizeof world->chance;
    fluit_rng_seed(&world->rng, &seed, sizeof seed);
}

void sim_world_deinit(struct sim_world *world)
{
    for (size_t i = 0; i < world->count; i++)
        sim_mail_drop(world->heap[i].mail);
    free(world->heap);
    fluit_buf_deinit(&world->story);
}

/* The heap of what is due. */

static bool sooner(const struct sim_due *a, const struct sim_due *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

void sim_plan(struct sim *sim, struct sim_due due)
{
    struct sim_world *w = &sim->world;
    if (w->count == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 1024;
        w->heap = must(realloc(w->heap, w->cap * sizeof *w->heap));
    }
    if (due.at_us < w->now_us)
        due.at_us = w->now_us;
    due.order = w->planned++;
    size_t at = w->count++;
    for (; at > 0 && sooner(&due, &w->heap[(at - 1) / 2]); at = (at - 1) / 2)
        w->heap[at] = w->heap[(at - 1) / 2];
    w->heap[at] = due;
}

static struct sim_due take_first(struct sim_world *w)
{
    struct sim_due first = w->heap[0], last = w->heap[--w->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < w->count; at = child) {
        if (child + 1 < w->count && sooner(&w->heap[child + 1], &w->heap[child]))
            child++;
        if (!sooner(&w->heap[child], &last))
            break;
        w->heap[at] = w->heap[child];
    }
    w->heap[at] = last;
    return first;
}

bool sim_next(struct sim *sim, int64_t until_us)
{
    struct sim_world *w = &sim->world;
    if (w->count == 0 || w->heap[0].at_us > until_us)
        return false;
    struct sim_due due = take_first(w);
    w->now_us = due.at_us;
    due.run(sim, &due);
    sim_mail_drop(due.mail);
    return true;
}

/* Chance. */

void sim_chance_bytes(struct sim *sim, uint8_t *out, size_t len)
{
    struct sim_world *w = &sim->world;
    if (w->chance_used + len > sizeof w->chance) {
        fluit_rng_bytes(&w->rng, w->chance, sizeof w->chance);
        w->chance_used = 0;
    }
    memcpy(out, w->chance + w->chance_used, len);
    w->chance_used += len;
}

uint64_t sim_chance(struct sim *sim)
{
    uint8_t bytes[8];
    sim_chance_bytes(sim, bytes, sizeof bytes);
    return fluit_get_u64(bytes);
}

uint64_t sim_below(struct sim *sim, uint64_t bound)
{
    return sim_chance(sim) % bound;
}

int64_t sim_between(struct sim *sim, int64_t low, int64_t high)
{
    return low + (int64_t)sim_below(sim, (uint64_t)(high - low) + 1);
}

bool sim_often(struct sim *sim, unsigned in_million)
{
    return in_million > 0 && sim_below(sim, 1000000) < in_million;
}

int64_t sim_waiting(struct sim *sim, int64_t mean_us)
{
    double u = ((double)(sim_chance(sim) >> 11) + 1) / 9007199254740993.0;
    return (int64_t)(-log(u) * (double)mean_us);
}

/* The story. */

void sim_trace(struct sim *sim, uint64_t a, uint64_t b, struct fluit_slice bytes)
{
    const uint64_t prime = 0x100000001b3;
    uint64_t h = sim->world.trace ^ (uint64_t)sim->world.now_us;
    h = (h * prime ^ a) * prime ^ b;
    size_t i = 0;
    for (; i + 8 <= bytes.len; i += 8) {
        uint64_t word;
        memcpy(&word, bytes.data + i, 8);
        h = (h ^ word) * prime;
        h ^= h >> 29;
    }
    for (; i < bytes.len; i++)
        h = (h ^ bytes.data[i]) * prime;
    sim->world.trace = h ^ h >> 32;
}

__attribute__((format(printf, 4, 0))) static void line(struct sim *sim, bool keep, const char *mark,
                                                       const char *format, va_list args)
{
    char text[700];
    int64_t now_us = sim->world.now_us;
    int at = snprintf(text, sizeof text, "[%5lld.%03lld] %s", (long long)(now_us / SIM_SECOND),
                      (long long)(now_us % SIM_SECOND / 1000), mark);
    vsnprintf(text + at, sizeof text - (size_t)at, format, args);
    if (sim->world.verbose)
        puts(text);
    if (keep) {
        fluit_buf_puts(&sim->world.story, text);
        fluit_buf_puts(&sim->world.story, "\n");
    }
}

void sim_tell(struct sim *sim, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    line(sim, true, "", format, args);
    va_end(args);
}

void sim_chat(struct sim *sim, const char *format, ...)
{
    if (!sim->world.verbose)
        return;
    va_list args;
    va_start(args, format);
    line(sim, false, "", format, args);
    va_end(args);
}

void sim_fail(struct sim *sim, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    line(sim, true, "FAILED: ", format, args);
    va_end(args);
    sim->world.failed = true;
}
