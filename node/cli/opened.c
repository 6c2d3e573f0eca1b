#include "node/cli/opened.h"

#include "node/cli/run.h"

static void on_act(struct fluit_node *node, const struct fluit_origin *origin,
                   const struct fluit_act *act, struct fluit_effects *fx)
{
    struct fluit_opened *opened =
        (struct fluit_opened *)((char *)node - offsetof(struct fluit_opened, node));
    (void)fx;
    if (opened->each)
        opened->each(opened->arg, origin, act);
}

static const struct fluit_node_hooks hooks = {.act = on_act};

static enum fluit_err fold(struct fluit_opened *opened)
{
    static const uint8_t no_entropy[32];
    struct fluit_effects fx = {0};
    opened->node.reading = true;
    enum fluit_err err =
        fluit_node_init(&opened->node, fluit_store_port(opened->store), &hooks, no_entropy);
    opened->node.reading = true;
    if (!err)
        err = fluit_node_join(&opened->node, &fx);
    fluit_effects_deinit(&fx);
    return err;
}

int fluit_opened_open(struct fluit_opened *opened, const char *dir)
{
    struct fluit_buf why = FLUIT_BUF_INIT;
    enum fluit_err err = fluit_store_open(dir, FLUIT_STORE_READONLY, &opened->store, &why);
    if (err) {
        fluit_complain("%s", why.len ? fluit_buf_text(&why) : fluit_err_text(err));
    } else if ((err = fold(opened)) != FLUIT_OK) {
        fluit_complain("%s: %s", dir,
                       err == FLUIT_E_MISSING ? "holds no workshop yet" : fluit_err_text(err));
    } else if (!opened->node.fold) {
        fluit_complain("%s: the workshop has not begun here: no hub has run on it", dir);
        err = FLUIT_E_MISSING;
    } else {
        fluit_hex(opened->node.workshop.b, 16, opened->workshop);
    }
    fluit_buf_deinit(&why);
    return err ? 1 : 0;
}

void fluit_opened_close(struct fluit_opened *opened)
{
    fluit_node_deinit(&opened->node);
    fluit_store_close(opened->store);
    opened->store = NULL;
}

static enum fluit_err read_photo(void *arg, const struct fluit_photo *photo, struct fluit_buf *out)
{
    struct fluit_opened *opened = arg;
    return fluit_node_photo(&opened->node, photo, out);
}

struct fluit_report_input fluit_opened_input(struct fluit_opened *opened, int language)
{
    int tables = 0;
    for (uint32_t i = 0; i < opened->node.roster.count; i++) {
        const struct fluit_member *m = &opened->node.roster.members[i];
        tables += m->node_class == FLUIT_NODE_TABLE && fluit_member_admitted(m);
    }
    return (struct fluit_report_input){.script = opened->node.script,
                                       .fold = opened->node.fold,
                                       .workshop = opened->workshop,
                                       .tables = tables,
                                       .language = language,
                                       .photo = read_photo,
                                       .photo_arg = opened};
}
