#include "node/rehearse/stage.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/cli/run.h"
#include "node/cli/script_file.h"

#define SKEW_HOURS_MAX 6
#define HOUR_US        INT64_C(3600000000)
#define SKEW_PPM_MAX   50

const char *fluit_stage_path(const struct fluit_stage *stage, const char *below, const char *name)
{
    static char path[FLUIT_STAGE_PATH_LEN + 64];
    snprintf(path, sizeof path, "%s/%s%s%s", stage->root, below, below[0] ? "/" : "", name);
    return path;
}

/* Setting up. */

static int make_dir(const char *path)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    fluit_complain("can't make the directory %s: %s", path, strerror(errno));
    return 1;
}

static int make_dirs(struct fluit_stage *stage)
{
    const char *out = stage->options->out, *tmp = getenv("TMPDIR");
    if (out)
        snprintf(stage->root, sizeof stage->root, "%s", out);
    else
        snprintf(stage->root, sizeof stage->root, "%s/fluit-rehearsal.XXXXXX",
                 tmp && tmp[0] ? tmp : "/tmp");
    if (strlen(stage->root) + 64 > sizeof stage->root) {
        fluit_complain("that path is too long: choose a shorter one");
        return 1;
    }
    if (!out && !mkdtemp(stage->root)) {
        fluit_complain("can't make a temporary directory %s: %s", stage->root, strerror(errno));
        return 1;
    }
    if (out && make_dir(stage->root))
        return 1;
    return make_dir(fluit_stage_path(stage, "", "log")) ||
           make_dir(fluit_stage_path(stage, "", "witness")) ||
           make_dir(fluit_stage_path(stage, "", "report"));
}

static int load_script(struct fluit_stage *stage)
{
    struct fluit_buf yaml = FLUIT_BUF_INIT;
    struct fluit_script_error error;
    int status = fluit_script_load(stage->options->script, &yaml);
    if (status == 0 && fluit_script_parse(fluit_buf_slice(&yaml), &stage->script, &error))
        status = 1;
    fluit_buf_deinit(&yaml);
    return status;
}

static double uniform(struct fluit_rng *rng, double bound)
{
    return bound * (2.0 * (double)fluit_rng_below(rng, 1000001) / 1e6 - 1.0);
}

static int cast(struct fluit_stage *stage)
{
    uint32_t count = 1 + 2 * (uint32_t)stage->options->tables;
    stage->actors = calloc(count, sizeof *stage->actors);
    if (!stage->actors || fluit_ledger_init(&stage->ledger, count)) {
        fluit_complain("out of memory");
        return 1;
    }
    stage->actor_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct fluit_actor *actor = &stage->actors[i];
        actor->proc = FLUIT_PROC_INIT;
        actor->table = (uint8_t)((i + 1) / 2);
        actor->node_class = i == 0  ? FLUIT_NODE_HUB
                            : i % 2 ? FLUIT_NODE_TABLE
                                    : FLUIT_NODE_RAPPORTEUR;
        snprintf(actor->name, sizeof actor->name, i ? "%s-%02u" : "%s",
                 fluit_node_class_name(actor->node_class), actor->table);
        snprintf(actor->skew, sizeof actor->skew, "--skew=%lld:%.3f",
                 (long long)uniform(&stage->rng, (double)(SKEW_HOURS_MAX * HOUR_US)),
                 uniform(&stage->rng, SKEW_PPM_MAX));
        if (i == 0)
            continue;
        if (fluit_people_init(&actor->people, stage->script, &stage->ledger, i, actor->node_class,
                              actor->table))
            return 1;
        actor->people.seats = stage->options->people;
        actor->people.speed = stage->options->speed;
        uint64_t seed = fluit_rng_u64(&stage->rng);
        fluit_rng_seed(&actor->people.rng, &seed, sizeof seed);
    }
    return 0;
}

/* Where all data is kept the recovery key is kept, too: a rehearsal holds no secrets, and losing
 * the hub can be rehearsed with it. Its lines are "XXXX-XXXX-XXXX-XXXX" and nothing else. */
static void keep_recovery(void *arg, const char *line)
{
    struct fluit_stage *stage = arg;
    bool of_key = strlen(line) == 19 && line[4] == '-' && line[9] == '-' && line[14] == '-';
    FILE *file = of_key && stage->options->out
                     ? fopen(fluit_stage_path(stage, "", "recovery-key"), "a")
                     : NULL;
    if (file && (fprintf(file, "%s\n", line) < 0 || fclose(file)))
        fluit_complain("the recovery key could not be kept: %s", strerror(errno));
}

/* "table-01  CODE" */
static void take_code(void *arg, const char *line)
{
    struct fluit_stage *stage = arg;
    char name[24], code[32];
    if (sscanf(line, "%23s %31s", name, code) != 2)
        return;
    for (uint32_t i = 1; i < stage->actor_count; i++)
        if (strcmp(stage->actors[i].name, name) == 0)
            memcpy(stage->actors[i].code, code, sizeof code);
}

static void say_log(const char *path)
{
    char line[512];
    FILE *log = fopen(path, "r");
    while (log && fgets(line, sizeof line, log))
        fprintf(stderr, "    %s", line);
    if (log)
        fclose(log);
}

/* Runs one short command of ours to its end. */
static int run_command(struct fluit_stage *stage, char *const argv[],
                       void (*take)(void *arg, const char *line))
{
    struct fluit_proc proc = FLUIT_PROC_INIT;
    char log[FLUIT_STAGE_PATH_LEN + 64];
    snprintf(log, sizeof log, "%s", fluit_stage_path(stage, "log", "set-up"));
    int status = fluit_proc_start(&proc, argv, log) ? -1 : fluit_proc_finish(&proc, take, stage);
    if (status) {
        fluit_complain("'fluit %s' did not work", argv[1]);
        say_log(log);
    }
    fluit_proc_deinit(&proc);
    return status ? 1 : 0;
}

static int make_workshop(struct fluit_stage *stage)
{
    char dir[FLUIT_STAGE_PATH_LEN + 64], tables[16];
    snprintf(dir, sizeof dir, "%s", fluit_stage_path(stage, "", "hub"));
    snprintf(tables, sizeof tables, "%d", stage->options->tables);
    char *const new[] = {"fluit",    "new",  dir,     "--script", (char *)stage->options->script,
                         "--tables", tables, "--yes", NULL};
    char *const invites[] = {"fluit", "invites", dir, NULL};
    if (run_command(stage, new, keep_recovery) || run_command(stage, invites, take_code))
        return 1;
    for (uint32_t i = 1; i < stage->actor_count; i++)
        if (!stage->actors[i].code[0]) {
            fluit_complain("'fluit invites' gave no code for %s", stage->actors[i].name);
            return 1;
        }
    return 0;
}

static int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int fluit_stage_init(struct fluit_stage *stage, const struct fluit_rehearse_options *options)
{
    sigset_t signals;
    *stage = (struct fluit_stage){.options = options, .signal_fd = -1};
    stage->began_us = stage->now_us = monotonic_us();
    fluit_rng_seed(&stage->rng, &options->seed, sizeof options->seed);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    stage->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (make_dirs(stage) || load_script(stage) || cast(stage) || make_workshop(stage))
        return 1;
    fluit_facilitator_init(&stage->facilitator, stage->script, options->speed, options->seed);
    if (fluit_faults_plan(stage)) {
        fluit_complain("out of memory");
        return 1;
    }
    return 0;
}

void fluit_stage_deinit(struct fluit_stage *stage)
{
    for (uint32_t i = 0; i < stage->actor_count; i++)
        fluit_proc_kill(&stage->actors[i].proc, SIGKILL);
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        fluit_proc_deinit(&stage->actors[i].proc);
        fluit_people_deinit(&stage->actors[i].people);
    }
    free(stage->actors);
    free(stage->faults);
    fluit_ledger_deinit(&stage->ledger);
    fluit_script_free(stage->script);
    if (stage->signal_fd >= 0)
        close(stage->signal_fd);
}

/* Processes. */

static void fail(struct fluit_stage *stage, const struct fluit_actor *actor)
{
    int status = actor->proc.status;
    char log[FLUIT_STAGE_PATH_LEN + 64];
    if (stage->failed)
        return;
    stage->failed = true;
    snprintf(log, sizeof log, "%s", fluit_stage_path(stage, "log", actor->name));
    if (WIFSIGNALED(status))
        fluit_complain("%s was ended by signal %d; its last words:", actor->name, WTERMSIG(status));
    else
        fluit_complain("%s ended with status %d; its last words:", actor->name,
                       WEXITSTATUS(status));
    say_log(log);
}

void fluit_stage_start(struct fluit_stage *stage, struct fluit_actor *actor)
{
    char dir[FLUIT_STAGE_PATH_LEN + 64], witness[FLUIT_STAGE_PATH_LEN + 64], port[32], hub[32],
        speed[32], log[FLUIT_STAGE_PATH_LEN + 64];
    snprintf(dir, sizeof dir, "%s", fluit_stage_path(stage, "", actor->name));
    snprintf(witness, sizeof witness, "%s", fluit_stage_path(stage, "witness", actor->name));
    snprintf(log, sizeof log, "%s", fluit_stage_path(stage, "log", actor->name));
    snprintf(port, sizeof port, "%u", stage->port);
    snprintf(hub, sizeof hub, "127.0.0.1:%u", stage->port);
    snprintf(speed, sizeof speed, "%g", stage->options->speed);
    char *as_hub[] = {"fluit",   "hub", dir,         "--listen", "127.0.0.1", "--port", port,
                      "--speed", speed, "--witness", witness,    actor->skew, NULL};
    char *resume[] = {"fluit",     (char *)fluit_node_class_name(actor->node_class),
                      "--data",    dir,
                      "--witness", witness,
                      actor->skew, NULL};
    char *join[] = {"fluit",     (char *)fluit_node_class_name(actor->node_class),
                    "--data",    dir,
                    "--witness", witness,
                    actor->skew, "--code",
                    actor->code, "--hub",
                    hub,         NULL};
    char **argv = actor->node_class == FLUIT_NODE_HUB ? as_hub : actor->life_count ? resume : join;
    if (actor->life_count == FLUIT_LIVES_MAX || fluit_proc_start(&actor->proc, argv, log)) {
        stage->failed = true;
        fluit_complain("%s can't be started: %s", actor->name, strerror(errno));
        return;
    }
    actor->killed = false;
    actor->back_us = 0;
    actor->lives[actor->life_count++] = (struct fluit_life){.spawned_us = monotonic_us()};
}

void fluit_stage_kill(struct fluit_stage *stage, struct fluit_actor *actor)
{
    (void)stage;
    if (actor->proc.pid == 0)
        return;
    actor->killed = true;
    actor->lives[actor->life_count - 1].died_us = monotonic_us();
    fluit_proc_kill(&actor->proc, SIGKILL);
}

static void on_end(struct fluit_stage *stage, struct fluit_actor *actor)
{
    struct fluit_life *life = &actor->lives[actor->life_count - 1];
    if (!life->died_us)
        life->died_us = stage->now_us;
    if (actor->node_class == FLUIT_NODE_HUB)
        fluit_facilitator_lose(&stage->facilitator);
    else
        fluit_people_lose(&actor->people);
    bool well =
        actor->quits && WIFEXITED(actor->proc.status) && WEXITSTATUS(actor->proc.status) == 0;
    if (!actor->killed && !well)
        fail(stage, actor);
}

/* Listening. */

struct ear {
    struct fluit_stage *stage;
    struct fluit_actor *actor;
};

static void hear(void *arg, const char *line)
{
    const struct ear *ear = arg;
    struct fluit_stage *stage = ear->stage;
    struct fluit_actor *actor = ear->actor;
    struct fluit_life *life = &actor->lives[actor->life_count - 1];
    if (strncmp(line, "ready: ", 7) == 0 && !life->ready_us)
        life->ready_us = stage->now_us;
    if (actor->node_class != FLUIT_NODE_HUB) {
        fluit_people_hear(&actor->people, line, stage->now_us);
        return;
    }
    const char *door = strstr(line, "listening: door ");
    const char *colon = door == line ? strrchr(line, ':') : NULL;
    if (colon)
        stage->port = (unsigned)strtoul(colon + 1, NULL, 10);
    fluit_facilitator_hear(&stage->facilitator, line, stage->now_us);
}

static void listen_to(struct fluit_stage *stage, struct fluit_actor *actor)
{
    struct ear ear = {stage, actor};
    stage->now_us = monotonic_us();
    if (!fluit_proc_read(&actor->proc, hear, &ear))
        on_end(stage, actor);
}

bool fluit_stage_wait(struct fluit_stage *stage, int64_t until_us)
{
    struct pollfd fds[2 * FLUIT_TABLES_MAX + 2];
    uint32_t count = stage->actor_count;
    for (uint32_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = stage->actors[i].proc.out_fd, .events = POLLIN};
    fds[count] = (struct pollfd){.fd = stage->signal_fd, .events = POLLIN};
    stage->now_us = monotonic_us();
    int64_t left_us = until_us > stage->now_us ? until_us - stage->now_us : 0;
    struct timespec left = {.tv_sec = (time_t)(left_us / 1000000),
                            .tv_nsec = (long)(left_us % 1000000) * 1000};
    int ready = ppoll(fds, count + 1, &left, NULL);
    for (uint32_t i = 0; ready > 0 && i < count; i++)
        if (fds[i].revents)
            listen_to(stage, &stage->actors[i]);
    stage->interrupted = stage->interrupted || (ready > 0 && fds[count].revents);
    stage->now_us = monotonic_us();
    return !stage->failed && !stage->interrupted && !stage->ledger.err;
}
