/* stage.c: the nodes as processes: started, listened to, typed to. */
#include "node/rehearse/stage.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/crypto.h"

#define HOUR_US  INT64_C(3600000000)
#define SKEW_PPM 50

int64_t fluit_stage_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void fluit_stage_say(struct fluit_stage *stage, struct fluit_actor *actor, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fluit_ledger_type(&stage->ledger, (int)(actor - stage->actors), line, fluit_stage_now_us());
    fluit_proc_type(&actor->proc, line);
}

/* Hours off and up to 50 ppm fast or slow; the same after a restart, as a wrong clock is. */
static void skew_of(const struct fluit_stage *stage, const struct fluit_actor *actor, char out[64])
{
    struct fluit_rng rng;
    uint64_t seed[2] = {stage->options.seed, (uint64_t)(actor - stage->actors)};
    fluit_rng_seed(&rng, seed, sizeof seed);
    long long offset_us = (long long)fluit_rng_below(&rng, 48 * HOUR_US) - 24 * HOUR_US;
    double ppm = ((double)fluit_rng_below(&rng, 2001) - 1000) / 1000 * SKEW_PPM;
    snprintf(out, 64, "%lld:%.3f", offset_us, ppm);
}

enum fluit_err fluit_stage_start(struct fluit_stage *stage, struct fluit_actor *actor,
                                 const char *code)
{
    char data[FLUIT_STAGE_PATH_MAX + 40], witness[FLUIT_STAGE_PATH_MAX + 48];
    char log[FLUIT_STAGE_PATH_MAX + 48], skew[64], port[8], hub[32], speed[32];
    const char *args[FLUIT_PROC_ARGS_MAX] = {fluit_node_class_name(actor->node_class)};
    size_t n = 1;
    snprintf(data, sizeof data, "%s/%s", stage->dir, actor->name);
    snprintf(witness, sizeof witness, "%s/witness-%s", stage->dir, actor->name);
    snprintf(log, sizeof log, "%s/log-%s", stage->dir, actor->name);
    snprintf(port, sizeof port, "%u", stage->port);
    snprintf(hub, sizeof hub, "127.0.0.1:%u", stage->port);
    snprintf(speed, sizeof speed, "%g", stage->options.speed);
    skew_of(stage, actor, skew);
    const char *const hub_args[] = {data, "--listen", "127.0.0.1", "--port",
                                    port, "--speed",  speed};
    const char *const guest_args[] = {"--data", data, "--code", code, "--hub", hub};
    bool is_hub = actor->node_class == FLUIT_NODE_HUB;
    const char *const *more = is_hub ? hub_args : guest_args;
    size_t more_count = is_hub ? 7 : code ? 6 : 2;
    for (size_t i = 0; i < more_count; i++)
        args[n++] = more[i];
    const char *const clock_args[] = {"--skew", skew, "--witness", witness};
    for (size_t i = 0; i < 4; i++)
        args[n++] = clock_args[i];
    actor->ready = false;
    return fluit_proc_start(&actor->proc, args, log);
}

/* "step 7 of 15, TITLE: STATE, 0:30 left" or "step 7 TITLE: STATE": titles may have colons too. */
static void take_step(struct fluit_actor *actor, const char *line)
{
    const char *state = NULL;
    for (const char *p = line; (p = strstr(p, ": ")) != NULL; p += 2)
        state = p + 2;
    actor->step = (int)strtol(line + strlen("step "), NULL, 10) - 1;
    if (!state)
        return;
    if (strncmp(state, "starts", 6) == 0)
        state = "running";
    size_t len = strcspn(state, ",");
    if (len < sizeof actor->state) {
        memcpy(actor->state, state, len);
        actor->state[len] = 0;
    }
}

/* The figure after name in a status line. */
static uint64_t figure(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void take_status(struct fluit_stage *stage, struct fluit_actor *actor, const char *line)
{
    const char *digest = strstr(line, " digest=");
    actor->saved = figure(line, " saved=");
    actor->safe = figure(line, " safe=");
    if (digest)
        snprintf(actor->digest, sizeof actor->digest, "%.16s", digest + strlen(" digest="));
    if (actor == &stage->actors[0])
        stage->closed_rounds = (unsigned)figure(line, " closed=");
    actor->answered = true;
}

struct listener {
    struct fluit_stage *stage;
    struct fluit_actor *actor;
};

static void take_line(void *arg, const char *line)
{
    const struct listener *l = arg;
    int index = (int)(l->actor - l->stage->actors);
    if (strncmp(line, "saved ", 6) == 0)
        fluit_ledger_answer(&l->stage->ledger, index, strtoull(line + 6, NULL, 10));
    else if (strncmp(line, "safe ", 5) == 0)
        fluit_ledger_safe(&l->stage->ledger, index, strtoull(line + 5, NULL, 10),
                          fluit_stage_now_us());
    else if (strncmp(line, "no: ", 4) == 0 && index > 0)
        fluit_ledger_answer(&l->stage->ledger, index, 0);
    else if (strncmp(line, "no: ", 4) == 0)
        l->stage->hub_refused = true;
    else if (strncmp(line, "step ", 5) == 0)
        take_step(l->actor, line);
    else if (strncmp(line, "status ", 7) == 0)
        take_status(l->stage, l->actor, line);
    else if (strncmp(line, "ready:", 6) == 0)
        l->actor->ready = true;
    else if (strncmp(line, "listening: door ", 16) == 0)
        l->stage->port = (uint16_t)strtoul(strrchr(line, ':') + 1, NULL, 10);
}

void fluit_stage_pump(struct fluit_stage *stage, int64_t until_us)
{
    struct pollfd *fds = calloc((size_t)stage->count, sizeof *fds);
    int64_t left_us = until_us - fluit_stage_now_us();
    if (!fds)
        abort();
    for (int i = 0; i < stage->count; i++) {
        bool runs = stage->actors[i].proc.pid != 0;
        fds[i] = (struct pollfd){runs ? stage->actors[i].proc.out_fd : -1, POLLIN, 0};
        fluit_proc_flush(&stage->actors[i].proc);
    }
    int ready = poll(fds, (nfds_t)stage->count, left_us > 0 ? (int)(left_us / 1000) : 0);
    for (int i = 0; i < stage->count && ready > 0; i++) {
        struct listener listener = {stage, &stage->actors[i]};
        if (!fds[i].revents || fluit_proc_read(&stage->actors[i].proc, take_line, &listener))
            continue;
        fprintf(stderr, "%s has ended by itself; its last words are in %s/log-%s\n",
                stage->actors[i].name, stage->dir, stage->actors[i].name);
        stage->actors[i].died_us = fluit_stage_now_us();
        stage->actors[i].died = true;
        fluit_ledger_died(&stage->ledger, i);
        fluit_proc_kill(&stage->actors[i].proc);
    }
    free(fds);
}
