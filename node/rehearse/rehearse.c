/* fluit rehearse: a whole workshop, from one command, held to what its people were told. */
#include <argp.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/run.h"
#include "node/io/clocksource.h"
#include "node/rehearse/outcome.h"

enum {
    OPT_SCRIPT = 's',
    OPT_TABLES = 't',
    OPT_PEOPLE = 'p',
    OPT_OUT = 'o',
    OPT_SPEED = 256,
    OPT_SEED,
    OPT_JSON,
    OPT_STAY,
    OPT_FAULT
};

static const struct argp_option options[] = {
    {"script", OPT_SCRIPT, "NAME|FILE", 0, "the workshop's script (leren)", 0},
    {"tables", OPT_TABLES, "N", 0, "how many tables (12)", 0},
    {"people", OPT_PEOPLE, "N", 0, "how many people a table (5)", 0},
    {"speed", OPT_SPEED, "X", 0, "agenda and thinking X times as fast (240: a minute)", 0},
    {"seed", OPT_SEED, "N", 0, "what people do, clocks and faults follow from it (1)", 0},
    {"fault", OPT_FAULT, "NAME", 0,
     "what is to break: table-dies, hub-dies, hub-gone, takeover, split, late-table, "
     "replace-device, partition, slow-disk or disk-full. May be given more than once",
     0},
    {"out", OPT_OUT, "DIR", 0, "keep every node's data here, beside the report", 0},
    {"stay", OPT_STAY, NULL, 0, "afterwards let all nodes run on, with their pages, until Ctrl-C",
     0},
    {"json", OPT_JSON, NULL, 0, "the summary as one JSON object", 0},
    {0},
};

static void parse_count(struct argp_state *state, const char *arg, const char *what, long max,
                        int *out)
{
    char *end;
    long value = strtol(arg, &end, 10);
    if (*end || end == arg || value < 1 || value > max)
        argp_error(state, "%s takes a number from 1 to %ld", what, max);
    *out = (int)value;
}

static void parse_fault(struct argp_state *state, const char *arg,
                        struct fluit_rehearse_options *out)
{
    enum fluit_fault_kind kind;
    if (!fluit_fault_find(arg, &kind))
        argp_error(state, "--fault knows no '%s'; --help lists what can break", arg);
    out->faults[kind] = true;
}

static void check_faults(struct argp_state *state, const struct fluit_rehearse_options *out)
{
    enum fluit_fault_kind a, b;
    if (fluit_faults_clash(out->faults, &a, &b))
        argp_error(state, "--fault %s and --fault %s can't be rehearsed together",
                   fluit_fault_name(a), fluit_fault_name(b));
    if (out->faults[FLUIT_FAULT_SPLIT] && out->tables < 2)
        argp_error(state, "--fault split needs two tables at least");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct fluit_rehearse_options *out = state->input;
    char *end = NULL;
    switch (key) {
    case OPT_SCRIPT:
        out->script = arg;
        return 0;
    case OPT_TABLES:
        parse_count(state, arg, "--tables", FLUIT_TABLES_MAX, &out->tables);
        return 0;
    case OPT_PEOPLE:
        parse_count(state, arg, "--people", FLUIT_SEATS_MAX, &out->people);
        return 0;
    case OPT_SPEED:
        out->speed = strtod(arg, &end);
        if (*end || !(out->speed >= 1 && out->speed <= 10000))
            argp_error(state, "--speed takes a number from 1 to 10000");
        return 0;
    case OPT_SEED:
        out->seed = strtoull(arg, &end, 10);
        if (*end || end == arg)
            argp_error(state, "--seed takes a number");
        return 0;
    case OPT_FAULT:
        parse_fault(state, arg, out);
        return 0;
    case OPT_OUT:
        out->out = arg;
        return 0;
    case OPT_STAY:
        out->stay = true;
        return 0;
    case OPT_JSON:
        out->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not understood here", arg);
        return 0;
    case ARGP_KEY_END:
        check_faults(state, out);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc = "A whole workshop on this machine: hub, tables and rapporteurs as real processes, with "
           "people who act through their consoles. Ends with a summary and the report; exit status "
           "1 if anything was lost, missed or whistled twice.",
};

static int drop(const char *path, const struct stat *stat, int kind, struct FTW *where)
{
    (void)stat;
    (void)kind;
    (void)where;
    return remove(path);
}

/* Of a temporary directory only the report stays; all of it where something was wrong. */
static void tidy(struct fluit_stage *stage, bool good)
{
    static const char *const rest[] = {"log", "witness"};
    if (stage->options->out)
        return;
    if (!good) {
        fprintf(stderr, "fluit: what all nodes held is kept in %s\n", stage->root);
        return;
    }
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        const struct fluit_actor *actor = &stage->actors[i];
        nftw(fluit_stage_path(stage, "", actor->name), drop, 16, FTW_DEPTH | FTW_PHYS);
        if (strcmp(actor->dir, actor->name) != 0) /* that of a device that was lost */
            nftw(fluit_stage_path(stage, "", actor->dir), drop, 16, FTW_DEPTH | FTW_PHYS);
    }
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
        nftw(fluit_stage_path(stage, "", rest[i]), drop, 16, FTW_DEPTH | FTW_PHYS);
}

int fluit_cmd_rehearse(int argc, char **argv)
{
    struct fluit_rehearse_options args = {
        .script = "leren", .tables = 12, .people = 5, .speed = 240, .seed = 1};
    struct fluit_outcome outcome;
    struct fluit_stage stage;
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    bool good = false;
    int status = fluit_stage_init(&stage, &args);
    if (status == 0)
        status = fluit_show_run(&stage);
    if (status == 0)
        status = fluit_outcome_read(&stage, &outcome);
    if (status == 0) {
        outcome.seconds = (fluit_monotonic_us() - stage.began_us + 999999) / 1000000;
        good = fluit_outcome_good(&outcome);
        status = fluit_summary_print(&outcome, args.json) || !good;
        if (args.stay)
            fluit_show_stay(&stage);
    }
    tidy(&stage, good);
    fluit_stage_deinit(&stage);
    return status ? 1 : 0;
}
