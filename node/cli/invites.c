/* fluit invites: prints the codes of a workshop. */
#include <stdio.h>
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/run.h"
#include "node/core/invites.h"

static void print_invite(const struct fluit_invite *invite)
{
    char code[FLUIT_INVITE_SHOW_LEN + 1];
    fluit_invite_show(&invite->code, code);
    printf("%-14s  %s%s\n", invite->name, code, invite->used ? "  (used)" : "");
    fluit_wipe(code, sizeof code);
}

int fluit_invites_print(const char *dir)
{
    struct fluit_buf why = FLUIT_BUF_INIT;
    struct fluit_store_sqlite *store;
    struct fluit_invites invites = {0};
    enum fluit_err err = fluit_store_open(dir, FLUIT_STORE_READONLY, &store, &why);
    if (err) {
        fluit_complain("%s", why.len ? fluit_buf_text(&why) : fluit_err_text(err));
        fluit_buf_deinit(&why);
        return 1;
    }
    err = fluit_invites_load(&invites, fluit_store_port(store));
    if (err)
        fluit_complain("%s: its invites can't be read: %s", dir, fluit_err_text(err));
    else if (invites.count == 0)
        fluit_complain("%s holds no invites; codes stand in the hub's directory, made by 'fluit "
                       "new'",
                       dir);
    for (uint32_t i = 0; i < invites.count; i++)
        print_invite(&invites.items[i]);
    int status = err || invites.count == 0 ? 1 : 0;
    fluit_invites_deinit(&invites);
    fluit_store_close(store);
    fluit_buf_deinit(&why);
    return status;
}

int fluit_cmd_invites(int argc, char **argv)
{
    if (argc == 2 && argv[1][0] != '-')
        return fluit_invites_print(argv[1]);
    bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
    fputs("usage: fluit invites DIR   the codes of the workshop in DIR; a code is a secret\n",
          asked ? stdout : stderr);
    return asked ? 0 : 2;
}
