/* fluit check-room: before the guests arrive. */
#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "node/cli/args.h"
#include "node/cli/commands.h"
#include "node/cli/run.h"
#include "node/home/look.h"

#define WITH_WAIT_MS 600000
#define PATH_LEN     1024

enum {
    OPT_WITH = 'w',
    OPT_PEER = 'p',
    OPT_JSON = 'j',
    OPT_PORT = 256
};

static const struct argp_option options[] = {
    {"with", OPT_WITH, NULL, 0, "with a second device: says what to start there, and waits", 0},
    {"peer", OPT_PEER, "ADDRESS", 0, "on the second device: the first one's address", 0},
    {"json", OPT_JSON, NULL, 0, "the findings as one JSON object", 0},
    {"port", OPT_PORT, "N", OPTION_HIDDEN, "of --with and --peer", 0},
    {0},
};

struct args {
    const char *dir, *peer;
    bool with, json;
    uint16_t port;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case OPT_WITH:
        args->with = true;
        return 0;
    case OPT_PEER:
        args->peer = arg;
        return 0;
    case OPT_JSON:
        args->json = true;
        return 0;
    case OPT_PORT:
        if (!fluit_args_port(arg, &args->port))
            argp_error(state, "--port takes a number up to %d", UINT16_MAX);
        return 0;
    case ARGP_KEY_END:
        if (args->with && args->peer)
            argp_error(state, "--with is for one device and --peer for the other");
        break;
    }
    return fluit_args_dir(key, arg, state, &args->dir, NULL);
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[DIR]",
    .doc = "Looks at this machine and its network before the guests arrive, and says what to do. "
           "With DIR, a workshop's, it remembers the addresses and tells when they have changed. "
           "Exit status 1 if there is a problem.",
};

static void say_what_to_start(const struct args *args)
{
    char addresses[FLUIT_LOOK_LIST_LEN];
    fluit_look_addresses(addresses);
    if (args->json)
        return;
    printf("On the second device, in the same network, type:\n\n");
    for (char *rest = addresses, *word; (word = strtok_r(rest, ", ", &rest));)
        if (!strchr(word, ':'))
            printf("  fluit check-room --peer %s\n", word);
    printf("\nWaiting for it (Ctrl-C ends this) ...\n");
    fflush(stdout);
}

static int look_with(const struct args *args, struct fluit_findings *findings, int64_t *rtt_us)
{
    struct fluit_look_peer peer;
    if (args->peer) {
        fluit_look_ask(args->peer, args->port, &peer);
    } else {
        say_what_to_start(args);
        if (!fluit_look_answer(args->port, WITH_WAIT_MS, &peer)) {
            fluit_complain("TCP port %u is in use; is this check running already?",
                           (unsigned)args->port);
            return 1;
        }
    }
    fluit_judge_peer(findings, &peer, args->peer != NULL);
    *rtt_us = peer.answered ? peer.rtt_us : -1;
    return 0;
}

static int show(const struct args *args, const struct fluit_findings *findings)
{
    struct fluit_buf out = FLUIT_BUF_INIT;
    enum fluit_err err = FLUIT_OK;
    if (!args->json)
        fluit_findings_print(findings);
    else if ((err = fluit_findings_json(findings, &out)) == FLUIT_OK)
        puts(fluit_buf_text(&out));
    fluit_buf_deinit(&out);
    return err || fluit_findings_worst(findings) == FLUIT_LEVEL_PROBLEM ? 1 : 0;
}

int fluit_cmd_check_room(int argc, char **argv)
{
    struct args args = {.port = FLUIT_BEACON_PORT};
    struct fluit_findings findings = {0};
    struct stat stat_of;
    char kept[PATH_LEN];
    int64_t rtt_us = -1;
    if (argp_parse(&argp, argc, argv, 0, NULL, &args))
        return 2;
    if (args.dir && (stat(args.dir, &stat_of) || !S_ISDIR(stat_of.st_mode) ||
                     snprintf(kept, sizeof kept, "%s/addresses", args.dir) >= PATH_LEN)) {
        fluit_complain("%s is no directory", args.dir);
        return 2;
    }
    fluit_look_here(&findings, args.dir ? kept : NULL);
    int64_t late_us = fluit_look_late_us();
    if (!args.with && !args.peer)
        fluit_findings_add(&findings, FLUIT_FINDING_PEER_ALONE, "");
    else if (look_with(&args, &findings, &rtt_us))
        return 1;
    fluit_judge_whistle(&findings, rtt_us, late_us);
    return show(&args, &findings);
}
