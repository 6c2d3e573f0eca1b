/* fluit new: makes a workshop. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "node/cli/args.h"
#include "node/cli/commands.h"
#include "node/cli/run.h"
#include "node/cli/script_file.h"
#include "node/core/hub.h"
#include "proto/paper.h"

#define TABLES_DEFAULT 12

enum {
    OPT_SCRIPT = 's',
    OPT_TABLES = 't',
    OPT_YES = 'y',
    OPT_VALID = 256
};

static const struct argp_option options[] = {
    {"script", OPT_SCRIPT, "NAME|FILE", 0,
     "the workshop's script: a built-in name or a file (leren)", 0},
    {"tables", OPT_TABLES, "N", 0, "how many tables (12)", 0},
    {"yes", OPT_YES, NULL, 0, "don't ask to type the recovery key back", 0},
    {"invites-valid", OPT_VALID, "DAYS", 0, "how long the codes let anyone in (30)", 0},
    {0},
};

struct args {
    const char *dir, *script;
    int tables;
    double valid_days;
    bool yes;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    char *end = NULL;
    switch (key) {
    case OPT_SCRIPT:
        args->script = arg;
        return 0;
    case OPT_TABLES:
        args->tables = (int)strtol(arg, &end, 10);
        if (*end || args->tables < 1 || args->tables > FLUIT_TABLES_MAX)
            argp_error(state, "--tables takes a number from 1 to %d", FLUIT_TABLES_MAX);
        return 0;
    case OPT_VALID:
        args->valid_days = strtod(arg, &end);
        if (*end || !(args->valid_days >= 0 && args->valid_days <= 3660))
            argp_error(state, "--invites-valid takes a number of days");
        return 0;
    case OPT_YES:
        args->yes = true;
        return 0;
    }
    return fluit_args_dir(key, arg, state, &args->dir, "say where: fluit new DIR");
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "DIR",
    .doc = "Makes a workshop in DIR: its keys, its script, and a code for every table and "
           "rapporteur.",
};

/* Up to three tries to type back the end of the key. */
static bool typed_back(const char *shown)
{
    char line[128];
    for (int tries = 0; tries < 3; tries++) {
        printf("Type its last %d characters, to show that you have it: ", FLUIT_PAPER_TAIL_LEN);
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return false;
        if (fluit_paper_tail_is(shown, line))
            return true;
        puts("That is not it.");
    }
    return false;
}

static void show_recovery(const struct fluit_secret *recovery, bool ask)
{
    char shown[FLUIT_PAPER_SHOW_LEN + 1];
    fluit_paper_put(recovery, shown);
    printf("The recovery key. Write it down and keep the paper apart from this machine: with it,\n"
           "and any one table's data, the workshop can be rebuilt. It is not shown again.\n\n%s\n",
           shown);
    if (ask && !typed_back(shown))
        puts("Go on without, but then nobody can rebuild the workshop if this machine is lost.");
    fluit_wipe(shown, sizeof shown);
}

static enum fluit_err create(struct fluit_run *run, const struct args *args,
                             struct fluit_slice yaml, struct fluit_secret *recovery)
{
    struct fluit_rng rng;
    uint8_t seed[32];
    struct fluit_hub_plan plan = {.yaml = yaml,
                                  .tables = args->tables,
                                  .wall_us = fluit_wall_us(),
                                  .invites_valid_s = (int64_t)(args->valid_days * 86400)};
    fluit_os_random(seed, sizeof seed);
    fluit_rng_seed(&rng, seed, sizeof seed);
    fluit_wipe(seed, sizeof seed);
    enum fluit_err err = fluit_hub_create(fluit_store_port(run->store), &rng, &plan, recovery);
    fluit_wipe(&rng, sizeof rng);
    return err ? err : fluit_store_commit(run->store);
}

int fluit_cmd_new(int argc, char **argv)
{
    struct args args = {.script = "leren", .tables = TABLES_DEFAULT, .valid_days = 30};
    struct fluit_buf yaml = FLUIT_BUF_INIT;
    struct fluit_run run;
    struct fluit_secret recovery;
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    int status = fluit_script_load(args.script, &yaml);
    if (status)
        goto out;
    struct fluit_run_options where = {.data = args.dir};
    status = fluit_run_open(&run, &where, true);
    if (status)
        goto out;
    enum fluit_err err = create(&run, &args, fluit_buf_slice(&yaml), &recovery);
    fluit_run_close(&run);
    if (err) {
        fluit_complain(err == FLUIT_E_USED
                           ? "%s holds a workshop already; choose another directory"
                           : "%s: the workshop could not be made; is there room on the disk?",
                       args.dir);
        status = 1;
        goto out;
    }
    show_recovery(&recovery, !args.yes && isatty(STDIN_FILENO));
    fluit_wipe(&recovery, sizeof recovery);
    status = fluit_invites_print(args.dir);
    printf("\nStart the hub:  fluit hub %s\n", args.dir);
out:
    fluit_buf_deinit(&yaml);
    return status;
}
