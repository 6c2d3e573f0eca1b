#include "node/rehearse/stage.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/cli/run.h"
#include "node/io/clocksource.h"
#include "node/rehearse/fault_ops.h"

#define ARGS_MAX 24

const char *fluit_stage_path(const struct fluit_stage *stage, const char *below, const char *name)
{
    static char path[FLUIT_STAGE_PATH_LEN + 64];
    snprintf(path, sizeof path, "%s/%s%s%s", stage->root, below, below[0] ? "/" : "", name);
    return path;
}

bool fluit_actor_seated(const struct fluit_actor *actor)
{
    return actor->node_class == FLUIT_NODE_TABLE || actor->node_class == FLUIT_NODE_RAPPORTEUR;
}

void fluit_stage_take_code(struct fluit_stage *stage, const char *line)
{
    char name[24], code[32];
    if (sscanf(line, "%23s %31s", name, code) != 2)
        return;
    for (uint32_t i = 1; i < stage->actor_count; i++)
        if (strcmp(stage->actors[i].name, name) == 0)
            memcpy(stage->actors[i].code, code, sizeof code);
}

void fluit_stage_show_log(const struct fluit_stage *stage, const char *name)
{
    char line[512];
    FILE *log = fopen(fluit_stage_path(stage, "log", name), "r");
    while (log && fgets(line, sizeof line, log))
        fprintf(stderr, "    %s", line);
    if (log)
        fclose(log);
}

void fluit_stage_deinit(struct fluit_stage *stage)
{
    for (uint32_t i = 0; i < stage->actor_count; i++)
        fluit_proc_kill(&stage->actors[i].proc, SIGKILL);
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        fluit_proc_deinit(&stage->actors[i].proc);
        fluit_people_deinit(&stage->actors[i].people);
        if (stage->actors[i].talk)
            fclose(stage->actors[i].talk);
    }
    free(stage->actors);
    fluit_faults_deinit(&stage->faults);
    fluit_wipe(stage->recovery_key, sizeof stage->recovery_key);
    fluit_ledger_deinit(&stage->ledger);
    fluit_script_free(stage->script);
    if (stage->signal_fd >= 0)
        close(stage->signal_fd);
}

/* Processes. */

void fluit_stage_fail(struct fluit_stage *stage, const char *log, const char *what)
{
    if (stage->failed)
        return;
    stage->failed = true;
    fluit_complain("%s %s; its last words:", log, what);
    fluit_stage_show_log(stage, log);
}

static void fail(struct fluit_stage *stage, const struct fluit_actor *actor)
{
    int status = actor->proc.status;
    char what[48];
    if (WIFSIGNALED(status))
        snprintf(what, sizeof what, "was ended by signal %d", WTERMSIG(status));
    else
        snprintf(what, sizeof what, "ended with status %d", WEXITSTATUS(status));
    fluit_stage_fail(stage, actor->name, what);
}

bool fluit_actor_alive(const struct fluit_actor *actor)
{
    return actor->proc.pid && !actor->killed && !actor->full && !actor->quits &&
           actor->lives[actor->life_count - 1].ready_us;
}

void fluit_stage_say(struct fluit_actor *actor, const char *line)
{
    if (actor->proc.pid == 0 || actor->killed)
        return;
    fluit_proc_say(&actor->proc, line);
    if (actor->talk)
        fprintf(actor->talk, "> %s\n", line);
}

void fluit_stage_move_chair(struct fluit_stage *stage, uint32_t actor)
{
    fluit_facilitator_lose(&stage->facilitator);
    stage->chair = actor;
}

/* A command line in the making. */
struct command {
    char text[ARGS_MAX][FLUIT_STAGE_PATH_LEN + 64];
    char *argv[ARGS_MAX + 1];
    int count;
};

static void put(struct command *c, const char *arg)
{
    if (c->count == ARGS_MAX)
        return;
    snprintf(c->text[c->count], sizeof c->text[0], "%s", arg);
    c->argv[c->count] = c->text[c->count];
    c->argv[++c->count] = NULL;
}

static void put_option(struct command *c, const char *name, const char *value)
{
    put(c, name);
    put(c, value);
}

static void put_join(struct command *c, const struct fluit_stage *stage)
{
    char hub[32];
    snprintf(hub, sizeof hub, "127.0.0.1:%u", stage->actors[stage->chair].port);
    put_option(c, "--hub", hub);
}

static void put_hub(struct command *c, const struct fluit_stage *stage,
                    const struct fluit_actor *actor)
{
    char number[32];
    put_option(c, "--listen", "127.0.0.1");
    snprintf(number, sizeof number, "%u", actor->port);
    put_option(c, "--port", number);
    snprintf(number, sizeof number, "%g", stage->options->speed);
    put_option(c, "--speed", number);
}

static void make_command(struct command *c, const struct fluit_stage *stage,
                         const struct fluit_actor *actor)
{
    bool hub = actor->node_class == FLUIT_NODE_HUB;
    c->count = 0;
    put(c, "fluit");
    put(c, fluit_node_class_name(actor->node_class));
    if (!hub)
        put(c, "--data");
    put(c, fluit_stage_path(stage, "", actor->dir));
    if (!fluit_actor_seated(actor))
        put_hub(c, stage, actor);
    if (!hub && !actor->joined)
        put_join(c, stage);
    if (!stage->options->stay)
        put(c, "--no-page");
    put_option(c, "--witness", fluit_stage_path(stage, "witness", actor->dir));
    put(c, actor->skew);
    put(c, "--faults");
}

void fluit_stage_start(struct fluit_stage *stage, struct fluit_actor *actor)
{
    static struct command command;
    bool joins = actor->node_class != FLUIT_NODE_HUB && !actor->joined;
    make_command(&command, stage, actor);
    if (actor->life_count == FLUIT_LIVES_MAX ||
        fluit_proc_start(&actor->proc, command.argv, joins ? actor->code : NULL,
                         fluit_stage_path(stage, "log", actor->name))) {
        stage->failed = true;
        fluit_complain("%s can't be started: %s", actor->name, strerror(errno));
        return;
    }
    actor->joined = true;
    actor->killed = false;
    actor->watch = (struct fluit_hub_watch){0};
    if (!actor->talk && stage->options->out)
        actor->talk = fopen(fluit_stage_path(stage, "talk", actor->name), "w");
    actor->lives[actor->life_count++] = (struct fluit_life){.spawned_us = fluit_monotonic_us()};
    if (stage->cut)
        fluit_stage_cut_one(stage, actor);
}

void fluit_stage_kill(struct fluit_stage *stage, struct fluit_actor *actor)
{
    (void)stage;
    if (actor->proc.pid == 0)
        return;
    actor->killed = true;
    actor->lives[actor->life_count - 1].died_us = fluit_monotonic_us();
    fluit_proc_kill(&actor->proc, SIGKILL);
}

/* Ended because its disk was full, and said so. */
static bool is_full(const struct fluit_stage *stage, const struct fluit_actor *actor)
{
    char line[512];
    bool said = false;
    if (!actor->full || !WIFEXITED(actor->proc.status) ||
        WEXITSTATUS(actor->proc.status) != FLUIT_EXIT_DISK)
        return false;
    FILE *log = fopen(fluit_stage_path(stage, "log", actor->name), "r");
    while (log && !said && fgets(line, sizeof line, log))
        said = strstr(line, "the disk is full") != NULL;
    if (log)
        fclose(log);
    return said;
}

static void on_end(struct fluit_stage *stage, struct fluit_actor *actor)
{
    struct fluit_life *life = &actor->lives[actor->life_count - 1];
    if (!life->died_us)
        life->died_us = stage->now_us;
    if (fluit_actor_seated(actor))
        fluit_people_lose(&actor->people);
    else if (actor == &stage->actors[stage->chair])
        fluit_facilitator_lose(&stage->facilitator);
    bool well =
        actor->quits && WIFEXITED(actor->proc.status) && WEXITSTATUS(actor->proc.status) == 0;
    if (!actor->killed && !well && !is_full(stage, actor))
        fail(stage, actor);
}

/* Listening. */

struct ear {
    struct fluit_stage *stage;
    struct fluit_actor *actor;
};

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static void hear_hub(struct fluit_stage *stage, struct fluit_actor *actor, const char *line)
{
    const char *colon = begins(line, "listening: door ") ? strrchr(line, ':') : NULL;
    if (colon)
        actor->port = (unsigned)strtoul(colon + 1, NULL, 10);
    fluit_hub_watch_hear(&actor->watch, line);
    if (actor != &stage->actors[stage->chair])
        return;
    fluit_stage_take_code(stage, line);
    fluit_facilitator_hear(&stage->facilitator, line, stage->now_us);
}

static void show_link(const char *name, const char *link)
{
    printf("  %-14s %s\n", name, link);
}

static void hear(void *arg, const char *line)
{
    const struct ear *ear = arg;
    struct fluit_stage *stage = ear->stage;
    struct fluit_actor *actor = ear->actor;
    struct fluit_life *life = &actor->lives[actor->life_count - 1];
    if (actor->talk)
        fprintf(actor->talk, "%7lld ms  %s\n", (long long)(stage->now_us - stage->began_us) / 1000,
                line);
    if (stage->staying && begins(line, "page: "))
        show_link(actor->name, line + strlen("page: "));
    if (stage->staying && begins(line, "page projector: "))
        show_link("projector", line + strlen("page projector: "));
    if ((begins(line, "ready: ") || begins(line, "this hub leads now")) && !life->ready_us)
        life->ready_us = stage->now_us;
    if (fluit_actor_seated(actor))
        fluit_people_hear(&actor->people, line, stage->now_us);
    else
        hear_hub(stage, actor, line);
}

static void listen_to(struct fluit_stage *stage, struct fluit_actor *actor)
{
    struct ear ear = {stage, actor};
    stage->now_us = fluit_monotonic_us();
    if (!fluit_proc_read(&actor->proc, hear, &ear))
        on_end(stage, actor);
}

bool fluit_stage_wait(struct fluit_stage *stage, int64_t until_us)
{
    struct pollfd fds[2 * FLUIT_TABLES_MAX + 3];
    uint32_t count = stage->actor_count;
    for (uint32_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = stage->actors[i].proc.out_fd, .events = POLLIN};
    fds[count] = (struct pollfd){.fd = stage->signal_fd, .events = POLLIN};
    stage->now_us = fluit_monotonic_us();
    int64_t left_us = until_us > stage->now_us ? until_us - stage->now_us : 0;
    struct timespec left = {.tv_sec = (time_t)(left_us / 1000000),
                            .tv_nsec = (long)(left_us % 1000000) * 1000};
    int ready = ppoll(fds, count + 1, &left, NULL);
    for (uint32_t i = 0; ready > 0 && i < count; i++)
        if (fds[i].revents)
            listen_to(stage, &stage->actors[i]);
    stage->interrupted = stage->interrupted || (ready > 0 && fds[count].revents);
    stage->now_us = fluit_monotonic_us();
    return !stage->failed && !stage->interrupted && !stage->ledger.err;
}
