/* fluit script: check a script, list the built-in ones, show one to start from. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node/cli/commands.h"
#include "node/cli/script_file.h"

static int usage(void)
{
    fputs("usage: fluit script check FILE   is this script well written?\n"
          "       fluit script list         the built-in scripts\n"
          "       fluit script show NAME    a built-in script, to start your own from\n",
          stderr);
    return 2;
}

static void print_counts(const char *path, const struct fluit_script *script)
{
    int cards = 0;
    for (int i = 0; i < script->card_count; i++)
        cards += script->cards[i].copies;
    printf("%s: ok: %d cards, %d blank cards, %d roles, %d steps, %d card round%s, languages", path,
           cards, script->blank_count, script->role_count, script->step_count, script->round_count,
           script->round_count == 1 ? "" : "s");
    for (int i = 0; i < script->language_count; i++)
        printf(" %s", script->languages[i]);
    putchar('\n');
}

static int check(const char *path)
{
    struct fluit_buf yaml = FLUIT_BUF_INIT;
    struct fluit_script *script;
    int status = fluit_script_read(path, &yaml, &script);
    if (status == 0) {
        print_counts(path, script);
        fluit_script_free(script);
    }
    fluit_buf_deinit(&yaml);
    return status;
}

static int list(void)
{
    for (int i = 0; fluit_script_builtins[i]; i++) {
        const char *name = fluit_script_builtins[i];
        struct fluit_script *script;
        struct fluit_script_error error = {0};
        enum fluit_err err = fluit_script_parse(fluit_script_builtin(name), &script, &error);
        if (err) {
            fluit_script_complain(name, err, &error);
            return 1;
        }
        printf("%-8s %s\n", name, script->title.in[0]);
        fluit_script_free(script);
    }
    return 0;
}

static int show(const char *name)
{
    struct fluit_slice yaml = fluit_script_builtin(name);
    if (yaml.len == 0) {
        fprintf(stderr, "fluit script: there is no built-in script \"%s\"; see fluit script list\n",
                name);
        return 1;
    }
    if (fwrite(yaml.data, 1, yaml.len, stdout) != yaml.len || fflush(stdout)) {
        fprintf(stderr, "fluit script: cannot write: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}

int fluit_cmd_script(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    if (argc == 3 && strcmp(verb, "check") == 0)
        return check(argv[2]);
    if (argc == 2 && strcmp(verb, "list") == 0)
        return list();
    if (argc == 3 && strcmp(verb, "show") == 0)
        return show(argv[2]);
    return usage();
}
