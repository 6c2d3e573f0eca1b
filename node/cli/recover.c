/* fluit recover: a new hub from the recovery key and other nodes' data. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "node/cli/commands.h"
#include "node/cli/recovered.h"
#include "node/cli/run.h"
#include "node/cli/typed_key.h"
#include "node/core/fetch.h"
#include "node/io/datadir.h"

enum {
    OPT_KEY = 'k',
    OPT_FROM = 'f',
    OPT_PEER = 'p',
    OPT_OUT = 'o'
};

static const struct argp_option options[] = {
    {"key", OPT_KEY, "KEY", 0,
     "the recovery key; better without: it is asked for, and then not in your shell's history", 0},
    {"from", OPT_FROM, "DIR...", 0,
     "data directories that are left: of tables, rapporteurs, of the lost hub itself", 0},
    {"peer", OPT_PEER, "HOST:PORT", 0,
     "a table that runs and has all, over the network; 'status' at its console tells its address",
     0},
    {"output", OPT_OUT, "NEWDIR", 0, "where the new hub keeps its data", 0},
    {0},
};

struct args {
    const char *out;
    bool has_key;
    struct fluit_secret key;
    const char *names[FLUIT_NODES_MAX]; /* of the sources, as given */
    uint32_t count;
    const char *peer; /* as given; NULL: none */
    char host[FLUIT_HOST_LEN_MAX + 1];
    uint16_t door_port;
};

/* The key goes out of the list of processes, too. */
static void parse_key(struct args *args, char *arg, const struct argp_state *state)
{
    const char *why = NULL;
    if (strcmp(arg, "-") == 0)
        return;
    args->has_key = fluit_paper_get(arg, &args->key, &why) == FLUIT_OK;
    fluit_wipe(arg, strlen(arg));
    if (!args->has_key)
        argp_failure(state, 2, 0, "--key: %s", why);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case OPT_KEY:
        parse_key(args, arg, state);
        return 0;
    case OPT_PEER:
        if (args->peer || !fluit_parse_hub(arg, args->host, sizeof args->host, &args->door_port))
            argp_error(state, "--peer takes one HOST:PORT, as 'status' at a table shows it");
        args->peer = arg;
        return 0;
    case OPT_OUT:
        args->out = arg;
        return 0;
    case ARGP_KEY_ARG: /* --from table-*: the shell made many of one */
        if (args->count == 0)
            return ARGP_ERR_UNKNOWN;
        /* fallthrough */
    case OPT_FROM:
        if (args->count == FLUIT_NODES_MAX)
            argp_error(state, "at most %d directories", FLUIT_NODES_MAX);
        args->names[args->count++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (args->count == 0 && !args->peer)
            argp_error(state, "say what is left: --from DIR, or --peer HOST:PORT");
        if (args->count == FLUIT_NODES_MAX && args->peer)
            argp_error(state, "at most %d sources", FLUIT_NODES_MAX);
        if (!args->out)
            argp_error(state, "say where the new hub's data goes: -o NEWDIR");
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc = "Builds a lost hub's data anew in NEWDIR, from the recovery key on paper and the data "
           "directories of other nodes, also of running ones, or from a table that runs, over the "
           "network. Several complete each other.",
};

/* The new hub's directory: what was made for nothing is removed. */

struct place {
    const char *dir;
    bool had_dir, had_db;
};

static const char *const made[] = {FLUIT_DATADIR_DB, FLUIT_DATADIR_DB "-wal",
                                   FLUIT_DATADIR_DB "-shm", "lock"};

static struct place look_at(const char *dir)
{
    struct fluit_buf path = FLUIT_BUF_INIT;
    fluit_buf_printf(&path, "%s/%s", dir, FLUIT_DATADIR_DB);
    struct place place = {dir, access(dir, F_OK) == 0, access(fluit_buf_text(&path), F_OK) == 0};
    fluit_buf_deinit(&path);
    return place;
}

static void clear(const struct place *place)
{
    for (size_t i = 0; i < sizeof made / sizeof made[0] && !place->had_db; i++) {
        struct fluit_buf path = FLUIT_BUF_INIT;
        fluit_buf_printf(&path, "%s/%s", place->dir, made[i]);
        unlink(fluit_buf_text(&path));
        fluit_buf_deinit(&path);
    }
    if (!place->had_dir)
        rmdir(place->dir);
}

/* Sources. */

struct opened {
    struct fluit_store_sqlite *stores[FLUIT_NODES_MAX];
    struct fluit_gather_source sources[FLUIT_NODES_MAX];
};

/* Who can't be opened is said, and left out. Returns how many are open. */
static uint32_t open_sources(const struct args *args, struct opened *opened)
{
    uint32_t good = 0;
    for (uint32_t i = 0; i < args->count; i++) {
        struct fluit_buf why = FLUIT_BUF_INIT;
        struct fluit_gather_source *source = &opened->sources[i];
        source->err =
            fluit_store_open(args->names[i], FLUIT_STORE_READONLY, &opened->stores[i], &why);
        if (source->err)
            fluit_complain("%s; it is left out",
                           why.len ? fluit_buf_text(&why) : fluit_err_text(source->err));
        else
            source->store = fluit_store_port(opened->stores[i]);
        good += !source->err;
        fluit_buf_deinit(&why);
    }
    return good;
}

static void close_sources(struct opened *opened)
{
    for (uint32_t i = 0; i < FLUIT_NODES_MAX; i++) {
        fluit_gather_source_deinit(&opened->sources[i]);
        fluit_store_close(opened->stores[i]);
        opened->stores[i] = NULL;
    }
}

/* A peer is mirrored into a directory beside the new one, which is then a source like others. */

static const struct fluit_node_ops fetch_ops = {
    .step = fluit_fetch_step,
    .deadline = fluit_fetch_deadline,
    .alarm = fluit_fetch_alarm,
    .admits = fluit_fetch_admits,
};

static int run_fetch(const struct args *args, struct fluit_run *run, const char *dir)
{
    struct fluit_run_options where = {.data = dir, .no_page = true};
    uint8_t entropy[32];
    struct fluit_fetch *fetch = calloc(1, sizeof *fetch);
    fluit_os_random(entropy, sizeof entropy);
    enum fluit_err err = fetch ? fluit_fetch_init(fetch, fluit_store_port(run->store), &args->key,
                                                  args->host, args->door_port, entropy)
                               : FLUIT_E_NOMEM;
    fluit_wipe(entropy, sizeof entropy);
    if (!err)
        err = fluit_net_new(&fetch->node.self.link_pk, &fetch->node.self.link_sk, &run->net);
    if (err)
        fluit_complain("can't begin to fetch: %s", fluit_err_text(err));
    int status = err ? 1 : fluit_run_loop(run, &where, &fetch_ops, fetch, &fetch->node.failed);
    if (fetch)
        fluit_fetch_deinit(fetch);
    free(fetch);
    return status;
}

static int fetch_from_peer(const struct args *args, const char *dir)
{
    struct fluit_run run;
    struct fluit_run_options where = {.data = dir, .no_page = true};
    printf("asking %s for all that it holds\n", args->peer);
    fflush(stdout);
    int status = fluit_run_open(&run, &where, true);
    if (status)
        return status;
    status = run_fetch(args, &run, dir);
    fluit_run_close(&run);
    return status;
}

/* Adds the peer as one more source. */
static int add_peer(struct args *args, struct opened *opened, const char *dir)
{
    struct fluit_buf why = FLUIT_BUF_INIT;
    int status = fetch_from_peer(args, dir);
    struct fluit_gather_source *source = &opened->sources[args->count];
    if (status == 0) {
        source->err =
            fluit_store_open(dir, FLUIT_STORE_READONLY, &opened->stores[args->count], &why);
        if (source->err)
            fluit_complain("%s", why.len ? fluit_buf_text(&why) : fluit_err_text(source->err));
        else
            source->store = fluit_store_port(opened->stores[args->count]);
        args->names[args->count++] = args->peer;
        status = source->err ? 1 : 0;
    }
    fluit_buf_deinit(&why);
    return status;
}

/* Work. */

static void complain(const struct args *args, const uint32_t at_odds[static 2], enum fluit_err err)
{
    if (err == FLUIT_E_USED)
        fluit_complain("%s holds a workshop already; choose another directory", args->out);
    else if (err == FLUIT_E_MISSING)
        fluit_complain("none of these directories holds a workshop");
    else if (err == FLUIT_E_AUTH)
        fluit_complain("this is not the recovery key of that workshop; every workshop has a paper "
                       "of its own");
    else if (err == FLUIT_E_FORK)
        fluit_complain("%s and %s both say that this is their recovery key, and are not of one "
                       "workshop: one of them is false. Leave out the one you trust less",
                       args->names[at_odds[0]], args->names[at_odds[1]]);
    else if (err == FLUIT_E_DENIED)
        fluit_complain("this recovery key was withdrawn: the workshop has another one");
    else if (err == FLUIT_E_NOKEY)
        fluit_complain("the lost hub's own feed is in none of these directories, or not whole "
                       "enough: its keys are not there. Add the data of more devices, --from DIR");
    else
        fluit_complain("%s could not be made: %s", args->out, fluit_err_text(err));
}

/* Also those that could be opened but were of no use. */
static void complain_of_sources(const struct args *args, const struct opened *opened)
{
    for (uint32_t i = 0; i < args->count; i++) {
        enum fluit_err err = opened->sources[i].err;
        if (opened->stores[i] && err)
            fluit_complain("%s %s; it is left out", args->names[i],
                           err == FLUIT_E_MISSING    ? "holds no workshop"
                           : err == FLUIT_E_WORKSHOP ? "is of another workshop"
                                                     : fluit_err_text(err));
    }
}

static const uint32_t nobody[2];

static int recover(const struct args *args, struct opened *opened, struct fluit_store_sqlite *out)
{
    struct fluit_recovery *r = calloc(1, sizeof *r);
    uint8_t entropy[32];
    fluit_os_random(entropy, sizeof entropy);
    enum fluit_err err = r ? fluit_recovery_run(r, fluit_store_port(out), &args->key,
                                                opened->sources, args->count, entropy)
                           : FLUIT_E_NOMEM;
    fluit_wipe(entropy, sizeof entropy);
    if (!err)
        err = fluit_store_commit(out);
    complain_of_sources(args, opened);
    if (err) {
        complain(args, r ? r->at_odds : nobody, err);
    } else {
        fluit_recovered_print(r, args->names);
        printf("\nStart the hub:  fluit hub %s\n", args->out);
    }
    if (r)
        fluit_recovery_deinit(r);
    free(r);
    return err ? 1 : 0;
}

/* The directory is looked at before the key is asked for: 64 characters are much to type in vain.
 */
static int open_and_recover(struct args *args, struct opened *opened)
{
    struct fluit_run run;
    struct place place = look_at(args->out);
    struct fluit_run_options where = {.data = args->out};
    if (open_sources(args, opened) == 0 && !args->peer)
        return 1;
    int status = fluit_run_open(&run, &where, true);
    if (status)
        return status;
    enum fluit_err err = fluit_recovery_check(fluit_store_port(run.store));
    if (err) {
        complain(args, nobody, err);
        status = 1;
    }
    if (!status && !args->has_key)
        status = fluit_typed_key(&args->key);
    struct fluit_buf mirror = FLUIT_BUF_INIT;
    fluit_buf_printf(&mirror, "%s.fetched", args->out);
    struct place fetched = look_at(fluit_buf_text(&mirror));
    if (!status && args->peer && fetched.had_db) {
        fluit_complain("%s is in the way; is it left of an earlier try? Remove it",
                       fluit_buf_text(&mirror));
        status = 1;
    }
    if (!status && args->peer)
        status = add_peer(args, opened, fluit_buf_text(&mirror));
    if (!status)
        status = recover(args, opened, run.store);
    close_sources(opened);
    if (args->peer && !fetched.had_db)
        clear(&fetched);
    fluit_buf_deinit(&mirror);
    fluit_run_close(&run);
    if (status && !err)
        clear(&place);
    return status;
}

int fluit_cmd_recover(int argc, char **argv)
{
    struct rlimit no_core = {0, 0};
    struct args args = {0};
    setrlimit(RLIMIT_CORE, &no_core);
    struct opened *opened = calloc(1, sizeof *opened);
    if (!opened) {
        fluit_complain("%s", fluit_err_text(FLUIT_E_NOMEM));
        return 1;
    }
    int status = argp_parse(&argp, argc, argv, 0, NULL, &args) ? 2 : 0;
    if (!status)
        status = open_and_recover(&args, opened);
    close_sources(opened);
    free(opened);
    fluit_wipe(&args.key, sizeof args.key);
    return status;
}
