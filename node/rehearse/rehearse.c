/* fluit rehearse: a whole workshop on this machine, as real processes with scripted people. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/cli/commands.h"
#include "node/cli/run.h"
#include "node/cli/script_file.h"
#include "node/rehearse/faults.h"
#include "node/rehearse/stage.h"

#define JOIN_WAIT_US   INT64_C(30000000)
#define SETTLE_WAIT_US INT64_C(30000000)
#define ASK_GAP_US     300000
#define TELL_GAP_US    1000000
#define FAULT_GAP_US   100000
#define TURN_US        20000

enum {
    OPT_SCRIPT = 's',
    OPT_TABLES = 't',
    OPT_PEOPLE = 'p',
    OPT_OUT = 'o',
    OPT_SPEED = 256,
    OPT_SEED,
    OPT_JSON,
    OPT_FAULT
};

static const struct argp_option options[] = {
    {"script", OPT_SCRIPT, "NAME|FILE", 0, "which workshop (leren)", 0},
    {"tables", OPT_TABLES, "N", 0, "how many tables (12)", 0},
    {"people", OPT_PEOPLE, "N", 0, "how many at a table (5)", 0},
    {"speed", OPT_SPEED, "X", 0, "the agenda and people's thinking so many times as fast (60)", 0},
    {"seed", OPT_SEED, "N", 0, "what people do, and when, follows from it (1)", 0},
    {"out", OPT_OUT, "DIR", 0, "keep every node's data and the report there", 0},
    {"fault", OPT_FAULT, "NAME", 0, "table-dies or hub-dies; may be given more than once", 0},
    {"json", OPT_JSON, NULL, 0, "the summary as one JSON object", 0},
    {0},
};

static double number(const char *arg, double least, double most, const char *name,
                     struct argp_state *state)
{
    char *end;
    double value = strtod(arg, &end);
    if (*end || !(value >= least && value <= most))
        argp_error(state, "%s takes a number from %g to %g", name, least, most);
    return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fluit_stage_options *o = state->input;
    switch (key) {
    case OPT_SCRIPT:
        o->script = arg;
        return 0;
    case OPT_TABLES:
        o->tables = (int)number(arg, 1, FLUIT_TABLES_MAX, "--tables", state);
        return 0;
    case OPT_PEOPLE:
        o->people = (int)number(arg, 1, FLUIT_SEATS_MAX, "--people", state);
        return 0;
    case OPT_SPEED:
        o->speed = number(arg, 1, 10000, "--speed", state);
        return 0;
    case OPT_SEED:
        o->seed = (uint64_t)number(arg, 0, 1e15, "--seed", state);
        return 0;
    case OPT_OUT:
        o->out = arg;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_FAULT:
        if (!fluit_fault_of(arg))
            argp_error(state, "there is no fault '%s'; there are table-dies and hub-dies", arg);
        o->faults |= fluit_fault_of(arg);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not understood", arg);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc = "A whole workshop on this machine: hub, tables and rapporteurs as real processes, with "
           "scripted people. Ends with what was measured, and the report.",
};

/* What goes on, for whoever watches. */
static void tell(const struct fluit_stage *stage)
{
    const struct fluit_actor *hub = &stage->actors[0];
    struct fluit_ledger_sums sums = fluit_ledger_sum(&stage->ledger);
    const char *title = hub->step >= 0 && hub->step < stage->script->step_count
                            ? stage->script->steps[hub->step].title.in[0]
                            : "";
    fprintf(stderr, "%s%6.1f s  step %2d of %d  %-32.32s %-8s %5zu saved %5zu safe%s",
            isatty(STDERR_FILENO) ? "\r" : "",
            (double)(fluit_stage_now_us() - stage->began_us) / 1e6, hub->step + 1,
            stage->script->step_count, title, hub->state, sums.saved, sums.safe,
            isatty(STDERR_FILENO) ? "" : "\n");
}

static void act_all(struct fluit_stage *stage)
{
    int64_t now_us = fluit_stage_now_us();
    for (int i = 1; i < stage->count; i++) {
        struct fluit_actor *actor = &stage->actors[i];
        /* People wait for the answer to what they typed, as they do. */
        if (actor->proc.pid && actor->ready && now_us >= actor->next_us &&
            fluit_ledger_waiting(&stage->ledger, i) == 0)
            fluit_people_act(stage, actor);
    }
}

bool fluit_stage_until(struct fluit_stage *stage, int64_t wait_us,
                       bool (*condition)(struct fluit_stage *stage, void *arg), void *arg)
{
    static int64_t told_us, struck_us;
    int64_t end_us = fluit_stage_now_us() + wait_us, now_us;
    while (!condition(stage, arg)) {
        now_us = fluit_stage_now_us();
        if (now_us >= end_us)
            return false;
        act_all(stage);
        if (stage->options.faults && now_us - struck_us > FAULT_GAP_US) {
            struck_us = now_us;
            fluit_faults_pass(stage);
        }
        if (now_us - told_us > TELL_GAP_US) {
            told_us = now_us;
            tell(stage);
        }
        fluit_stage_pump(stage, now_us + TURN_US);
    }
    return true;
}

/* Making the workshop and its nodes. */

static bool new_workshop(struct fluit_stage *stage)
{
    char dir[FLUIT_STAGE_PATH_MAX + 16], tables[8];
    struct fluit_proc proc = {0};
    char log[FLUIT_STAGE_PATH_MAX + 16];
    snprintf(dir, sizeof dir, "%s/hub", stage->dir);
    snprintf(log, sizeof log, "%s/log-new", stage->dir);
    snprintf(tables, sizeof tables, "%d", stage->options.tables);
    const char *const args[] = {"new",      dir,    "--script", stage->options.script,
                                "--tables", tables, "--yes",    NULL};
    if (fluit_proc_start(&proc, args, log))
        return false;
    int status = fluit_proc_end(&proc, 20000);
    fluit_proc_deinit(&proc);
    return status == 0;
}

struct codes {
    struct fluit_stage *stage;
    char (*codes)[32]; /* by actor */
};

static void take_code(void *arg, const char *line)
{
    struct codes *codes = arg;
    char name[32], code[32];
    if (sscanf(line, "%31s %31s", name, code) != 2)
        return;
    for (int i = 1; i < codes->stage->count; i++)
        if (strcmp(codes->stage->actors[i].name, name) == 0)
            memcpy(codes->codes[i], code, sizeof code);
}

static void read_codes(struct fluit_stage *stage, char (*codes)[32])
{
    char dir[FLUIT_STAGE_PATH_MAX + 16], log[FLUIT_STAGE_PATH_MAX + 16];
    struct fluit_proc proc = {0};
    struct codes take = {stage, codes};
    snprintf(dir, sizeof dir, "%s/hub", stage->dir);
    snprintf(log, sizeof log, "%s/log-invites", stage->dir);
    const char *const args[] = {"invites", dir, NULL};
    if (fluit_proc_start(&proc, args, log))
        return;
    while (fluit_proc_read(&proc, take_code, &take))
        usleep(1000);
    fluit_proc_end(&proc, 5000);
    fluit_proc_deinit(&proc);
}

static bool is_ready(struct fluit_stage *stage, void *arg)
{
    struct fluit_actor *actor = arg;
    (void)stage;
    return actor->ready;
}

static bool all_ready(struct fluit_stage *stage, void *arg)
{
    (void)arg;
    for (int i = 0; i < stage->count; i++)
        if (!stage->actors[i].ready)
            return false;
    return true;
}

static void cast(struct fluit_stage *stage)
{
    int tables = stage->options.tables;
    stage->count = 1 + 2 * tables;
    stage->actors = calloc((size_t)stage->count, sizeof *stage->actors);
    if (!stage->actors)
        abort();
    for (int i = 0; i < stage->count; i++) {
        struct fluit_actor *a = &stage->actors[i];
        a->step = -1;
        a->table = i == 0 ? 0 : (i - 1) % tables + 1;
        a->node_class = i == 0        ? FLUIT_NODE_HUB
                        : i <= tables ? FLUIT_NODE_TABLE
                                      : FLUIT_NODE_RAPPORTEUR;
        if (i == 0)
            snprintf(a->name, sizeof a->name, "hub");
        else
            snprintf(a->name, sizeof a->name, "%s-%02d", fluit_node_class_name(a->node_class),
                     a->table);
    }
}

static bool open_stage(struct fluit_stage *stage)
{
    cast(stage);
    if (!new_workshop(stage))
        return false;
    char(*codes)[32] = calloc((size_t)stage->count, sizeof *codes);
    if (!codes)
        abort();
    read_codes(stage, codes);
    bool ok = !fluit_stage_start(stage, &stage->actors[0], NULL) &&
              fluit_stage_until(stage, JOIN_WAIT_US, is_ready, &stage->actors[0]);
    for (int i = 1; i < stage->count && ok; i++)
        ok = codes[i][0] && !fluit_stage_start(stage, &stage->actors[i], codes[i]);
    fluit_wipe(codes, (size_t)stage->count * sizeof *codes);
    free(codes);
    return ok && fluit_stage_until(stage, JOIN_WAIT_US, all_ready, NULL);
}

/* The end: everything said is safe and all hold the same. */

static void ask_all(struct fluit_stage *stage)
{
    for (int i = 0; i < stage->count; i++) {
        stage->actors[i].answered = false;
        fluit_proc_type(&stage->actors[i].proc, "status");
    }
}

static bool settled(struct fluit_stage *stage, void *arg)
{
    int64_t *asked_us = arg;
    bool all = true, good = fluit_faults_over(stage);
    for (int i = 0; i < stage->count; i++) {
        const struct fluit_actor *a = &stage->actors[i];
        all = all && a->answered;
        good = good && fluit_ledger_waiting(&stage->ledger, i) == 0 &&
               strcmp(a->digest, stage->actors[0].digest) == 0 && (i == 0 || a->safe == a->saved);
    }
    unsigned rounds = (1u << (stage->script->round_count + 1)) - 2;
    good = good && (stage->closed_rounds & rounds) == rounds;
    if (all && good)
        return true;
    if (fluit_stage_now_us() - *asked_us > ASK_GAP_US) {
        *asked_us = fluit_stage_now_us();
        ask_all(stage);
    }
    return false;
}

static void end_all(struct fluit_stage *stage)
{
    for (int i = stage->count; i-- > 0;)
        fluit_proc_type(&stage->actors[i].proc, "quit");
    for (int i = stage->count; i-- > 0;)
        fluit_proc_end(&stage->actors[i].proc, 5000);
}

static int run(struct fluit_stage *stage)
{
    int64_t asked_us = 0;
    if (!open_stage(stage)) {
        fprintf(stderr, "fluit: the nodes did not come up; their words are in %s/log-*\n",
                stage->dir);
        return 1;
    }
    bool led = fluit_lead_run(stage);
    for (int i = 1; i < stage->count; i++)
        stage->actors[i].next_us = INT64_MAX;
    bool calm = fluit_stage_until(stage, SETTLE_WAIT_US, settled, &asked_us);
    tell(stage);
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    if (!led)
        fputs("fluit: the hub did not follow the agenda\n", stderr);
    if (!calm)
        fputs("fluit: the nodes did not come to hold the same in time\n", stderr);
    end_all(stage);
    int status = fluit_summary(stage);
    return led && calm ? status : 1;
}

static bool make_dir(struct fluit_stage *stage)
{
    const char *tmp = getenv("TMPDIR");
    if (stage->options.out) {
        snprintf(stage->dir, sizeof stage->dir, "%s", stage->options.out);
        return mkdir(stage->dir, 0700) == 0 || errno == EEXIST;
    }
    snprintf(stage->dir, sizeof stage->dir, "%s/fluit-rehearsal.XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(stage->dir) != NULL;
}

/* Keeps the report only. */
static void tidy(const struct fluit_stage *stage)
{
    static const char *const files[] = {"fluit.db", "fluit.db-wal", "fluit.db-shm", "lock"};
    char path[FLUIT_STAGE_PATH_MAX + 64];
    for (int i = 0; i < stage->count; i++) {
        const char *name = stage->actors[i].name;
        for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
            snprintf(path, sizeof path, "%s/%s/%s", stage->dir, name, files[k]);
            remove(path);
        }
        snprintf(path, sizeof path, "%s/%s", stage->dir, name);
        remove(path);
        snprintf(path, sizeof path, "%s/witness-%s", stage->dir, name);
        remove(path);
        snprintf(path, sizeof path, "%s/log-%s", stage->dir, name);
        remove(path);
    }
    snprintf(path, sizeof path, "%s/log-new", stage->dir);
    remove(path);
    snprintf(path, sizeof path, "%s/log-invites", stage->dir);
    remove(path);
}

static void close_stage(struct fluit_stage *stage)
{
    for (int i = 0; i < stage->count; i++) {
        fluit_people_forget(&stage->actors[i]);
        fluit_proc_deinit(&stage->actors[i].proc);
    }
    free(stage->actors);
    fluit_ledger_deinit(&stage->ledger);
}

int fluit_cmd_rehearse(int argc, char **argv)
{
    struct fluit_stage stage = {
        .options = {.script = "leren", .tables = 12, .people = 5, .speed = 60, .seed = 1}};
    struct fluit_buf yaml = FLUIT_BUF_INIT;
    struct fluit_script *script = NULL;
    if (argp_parse(&argp, argc, argv, 0, NULL, &stage.options))
        return 2;
    int status = fluit_script_load(stage.options.script, &yaml);
    if (status == 0 && fluit_script_parse(fluit_buf_slice(&yaml), &script, NULL))
        status = 1;
    fluit_buf_deinit(&yaml);
    if (status == 0 && !make_dir(&stage)) {
        fluit_complain("%s: %s", stage.dir, strerror(errno));
        status = 1;
    }
    if (status == 0) {
        stage.script = script;
        stage.began_us = fluit_stage_now_us();
        fluit_rng_seed(&stage.rng, &stage.options.seed, sizeof stage.options.seed);
        status = run(&stage);
        if (!stage.options.out && status == 0)
            tidy(&stage);
        close_stage(&stage);
    }
    fluit_script_free(script);
    return status;
}
