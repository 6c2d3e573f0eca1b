/* set_up.c: what a rehearsal has before its first node starts: directories, a workshop, parts. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "node/cli/run.h"
#include "node/cli/script_file.h"
#include "node/io/clocksource.h"
#include "node/rehearse/stage.h"

#define SKEW_HOURS_MAX 12
#define HOUR_US        INT64_C(3600000000)
#define SKEW_PPM_MAX   50

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
           (out && make_dir(fluit_stage_path(stage, "", "talk"))) ||
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

static bool needs_standby(const struct fluit_stage *stage)
{
    const bool *faults = stage->options->faults;
    return faults[FLUIT_FAULT_TAKEOVER] || faults[FLUIT_FAULT_SPLIT];
}

/* The hub, then table and rapporteur of each table, then a standby. */
static void give_part(struct fluit_stage *stage, uint32_t i)
{
    struct fluit_actor *actor = &stage->actors[i];
    actor->proc = FLUIT_PROC_INIT;
    actor->table = i < stage->seat_count ? (uint8_t)((i + 1) / 2) : 0;
    actor->node_class = i == 0                   ? FLUIT_NODE_HUB
                        : i == stage->seat_count ? FLUIT_NODE_STANDBY
                        : i % 2                  ? FLUIT_NODE_TABLE
                                                 : FLUIT_NODE_RAPPORTEUR;
    unsigned number = actor->node_class == FLUIT_NODE_STANDBY ? 1 : actor->table;
    snprintf(actor->name, sizeof actor->name, i ? "%s-%02u" : "%s",
             fluit_node_class_name(actor->node_class), number);
    snprintf(actor->dir, sizeof actor->dir, "%s", actor->name);
    snprintf(actor->skew, sizeof actor->skew, "--skew=%lld:%.3f",
             (long long)fluit_rng_below(&stage->rng, SKEW_HOURS_MAX * HOUR_US),
             uniform(&stage->rng, SKEW_PPM_MAX));
}

static int give_people(struct fluit_stage *stage, uint32_t i)
{
    struct fluit_actor *actor = &stage->actors[i];
    if (fluit_people_init(&actor->people, stage->script, &stage->ledger, i, actor->node_class,
                          actor->table))
        return 1;
    actor->people.seats = stage->options->people;
    actor->people.speed = stage->options->speed;
    uint64_t seed = fluit_rng_u64(&stage->rng);
    fluit_rng_seed(&actor->people.rng, &seed, sizeof seed);
    return 0;
}

static int cast(struct fluit_stage *stage)
{
    uint32_t seats = 1 + 2 * (uint32_t)stage->options->tables;
    uint32_t count = seats + needs_standby(stage);
    stage->actors = calloc(count, sizeof *stage->actors);
    if (!stage->actors || fluit_ledger_init(&stage->ledger, count)) {
        fluit_complain("out of memory");
        return 1;
    }
    stage->seat_count = seats;
    stage->actor_count = count;
    for (uint32_t i = 0; i < count; i++) {
        give_part(stage, i);
        if (fluit_actor_seated(&stage->actors[i]) && give_people(stage, i))
            return 1;
    }
    return 0;
}

/* Where all data is kept the recovery key is kept, too: a rehearsal holds no secrets, and losing
 * the hub can be rehearsed with it. Its lines are "XXXX-XXXX-XXXX-XXXX" and nothing else. */
static void keep_recovery(void *arg, const char *line)
{
    struct fluit_stage *stage = arg;
    size_t have = strlen(stage->recovery_key);
    if (strlen(line) != 19 || line[4] != '-' || line[9] != '-' || line[14] != '-')
        return;
    snprintf(stage->recovery_key + have, sizeof stage->recovery_key - have, "%s ", line);
    FILE *file =
        stage->options->out ? fopen(fluit_stage_path(stage, "", "recovery-key"), "a") : NULL;
    if (file && (fprintf(file, "%s\n", line) < 0 || fclose(file)))
        fluit_complain("the recovery key could not be kept: %s", strerror(errno));
}

static void take_code(void *arg, const char *line)
{
    fluit_stage_take_code(arg, line);
}

/* Runs one short command of ours to its end. */
static int run_command(struct fluit_stage *stage, char *const argv[],
                       void (*take)(void *arg, const char *line))
{
    struct fluit_proc proc = FLUIT_PROC_INIT;
    char log[FLUIT_STAGE_PATH_LEN + 64];
    snprintf(log, sizeof log, "%s", fluit_stage_path(stage, "log", "set-up"));
    int status =
        fluit_proc_start(&proc, argv, NULL, log) ? -1 : fluit_proc_finish(&proc, take, stage);
    if (status) {
        fluit_complain("'fluit %s' did not work", argv[1]);
        fluit_stage_show_log(stage, "set-up");
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
    for (uint32_t i = 1; i < stage->seat_count; i++)
        if (!stage->actors[i].code[0]) {
            fluit_complain("'fluit invites' gave no code for %s", stage->actors[i].name);
            return 1;
        }
    return 0;
}

int fluit_stage_init(struct fluit_stage *stage, const struct fluit_rehearse_options *options)
{
    sigset_t signals;
    *stage = (struct fluit_stage){.options = options, .signal_fd = -1};
    stage->began_us = stage->now_us = fluit_monotonic_us();
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
