/* cuts.c: the network between the actors' two sides breaks: every node is told with whom it has
 * none any more (node/cli/sabotage.h). */
#include <string.h>

#include "node/cli/opened.h"
#include "node/rehearse/fault_ops.h"

#define KEYS_A_LINE 40

static struct fluit_actor *actor_of(struct fluit_stage *stage, const struct fluit_member *member)
{
    for (uint32_t i = 0; i < stage->actor_count; i++)
        if (stage->actors[i].node_class == member->node_class &&
            stage->actors[i].table == member->table)
            return &stage->actors[i];
    return NULL;
}

/* Whom a device is to the others stands in the roster of the hub that leads. */
static void read_keys(struct fluit_stage *stage)
{
    struct fluit_opened opened = {0};
    const char *dir = fluit_stage_path(stage, "", stage->actors[stage->chair].dir);
    if (fluit_opened_open(&opened, dir) == 0)
        for (uint32_t i = 0; i < opened.node.roster.count; i++) {
            const struct fluit_member *member = &opened.node.roster.members[i];
            struct fluit_actor *actor = actor_of(stage, member);
            if (actor && member->state == FLUIT_STATE_ACTIVE)
                fluit_hex(member->link.b, sizeof member->link.b, actor->link);
        }
    fluit_opened_close(&opened);
}

void fluit_stage_cut_one(const struct fluit_stage *stage, struct fluit_actor *actor)
{
    struct fluit_buf line = FLUIT_BUF_INIT;
    uint32_t keys = 0;
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        const struct fluit_actor *other = &stage->actors[i];
        if (other->side != actor->side && other->link[0]) {
            fluit_buf_printf(&line, "%s %s", keys % KEYS_A_LINE ? "" : "%cut", other->link);
            keys++;
        }
        bool last = i + 1 == stage->actor_count;
        if (line.len > 0 && (last || keys % KEYS_A_LINE == 0)) {
            fluit_stage_say(actor, fluit_buf_text(&line));
            fluit_buf_reset(&line);
        }
    }
    fluit_buf_deinit(&line);
}

void fluit_stage_cut(struct fluit_stage *stage)
{
    read_keys(stage);
    stage->cut = true;
    for (uint32_t i = 0; i < stage->actor_count; i++)
        fluit_stage_cut_one(stage, &stage->actors[i]);
}

void fluit_stage_heal(struct fluit_stage *stage)
{
    stage->cut = false;
    for (uint32_t i = 0; i < stage->actor_count; i++)
        fluit_stage_say(&stage->actors[i], "%heal");
}
