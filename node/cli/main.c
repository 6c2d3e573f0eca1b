/* fluit SUBCOMMAND: one program for every node, as git has it. */
#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/crypto.h"
#include "node/cli/commands.h"
#include "node/core/node.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"home", fluit_cmd_home, "the home page; the same without a command"},
    {"new", fluit_cmd_new, "make a workshop: keys, script, codes"},
    {"invites", fluit_cmd_invites, "show its codes"},
    {"check-room", fluit_cmd_check_room, "before the guests arrive: is the network fit for it"},
    {"hub", fluit_cmd_hub, "lead it: the facilitator's hub"},
    {"room", fluit_cmd_room, "one laptop for all: hub and tables, each a process of its own"},
    {"standby", fluit_cmd_standby, "a second hub that can take over"},
    {"takeover", fluit_cmd_takeover, "let a standby lead from now on"},
    {"table", fluit_cmd_table, "be a table"},
    {"rapporteur", fluit_cmd_rapporteur, "be a table's rapporteur"},
    {"report", fluit_cmd_report, "what came of it"},
    {"rehearse", fluit_cmd_rehearse, "a whole workshop on this machine, with scripted people"},
    {"recover", fluit_cmd_recover, "build a lost hub anew, from the recovery key and others' data"},
    {"verify", fluit_cmd_verify, "check every signature and chain in a data directory"},
    {"script", fluit_cmd_script, "check, list or show workshop scripts"},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void help(FILE *out)
{
    fputs("usage: fluit                        the home page, in this machine's browser\n"
          "       fluit COMMAND [OPTION...]\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].help);
    fputs("\n'fluit COMMAND --help' tells the rest; 'man fluit' all of it.\n", out);
}

static int run(int argc, char **argv)
{
    char name[32];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[0], commands[i].name) != 0)
            continue;
        snprintf(name, sizeof name, "fluit %s", commands[i].name);
        argv[0] = name; /* what argp calls itself in its errors and usage */
        argp_err_exit_status = 2;
        return commands[i].run(argc, argv);
    }
    fprintf(stderr, "fluit: there is no command '%s'\n", argv[0]);
    help(stderr);
    return 2;
}

int main(int argc, char **argv)
{
    umask(077); /* whatever a node writes is nobody else's */
    if (fluit_crypto_init()) {
        fputs("fluit: libsodium does not start; reinstall libsodium23\n", stderr);
        return 1;
    }
    if (argc < 2) {
        char *home[] = {(char[]){"home"}, NULL};
        return run(1, home);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts(FLUIT_SOFTWARE);
        return 0;
    }
    return run(argc - 1, argv + 1);
}
