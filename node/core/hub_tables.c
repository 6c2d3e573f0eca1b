/* hub_tables.c: what the facilitator does with tables: sets one aside, merges two, tells them
 * something. */
#include <stdio.h>
#include <string.h>

#include "node/core/hub.h"

bool fluit_hub_set_table(struct fluit_hub *hub, uint8_t table, enum fluit_node_state from,
                         enum fluit_node_state to, struct fluit_effects *fx)
{
    struct fluit_roster roster = {0};
    uint32_t changed = 0;
    if (fluit_hub_copy_roster(hub, &roster)) {
        fluit_node_fail(&hub->node, FLUIT_E_NOMEM);
        return false;
    }
    for (uint32_t i = 0; i < roster.count; i++)
        if (roster.members[i].table == table && roster.members[i].state == from) {
            roster.members[i].state = to;
            changed++;
        }
    if (changed > 0 && !fluit_hub_publish_roster(hub, &roster, fx))
        return true;
    if (changed == 0)
        fluit_roster_deinit(&roster);
    fluit_effects_print(fx, "no: %s",
                        changed ? "the roster could not be saved"
                                : "no device of that table has joined, or it is so already");
    return false;
}

bool fluit_hub_message(struct fluit_hub *hub, uint8_t table, struct fluit_slice text,
                       struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_MESSAGE};
    act.message.table = table;
    act.message.text = text;
    enum fluit_err err = fluit_node_append(&hub->node, &act, 0, NULL, fx);
    if (err)
        fluit_effects_print(fx, "no: the message was not sent: %s", fluit_err_text(err));
    else
        fluit_effects_print(fx, table ? "sent to table %u" : "sent to all tables", table);
    return !err;
}

/* Does a device sit there whose part counts? */
static bool takes_part(const struct fluit_hub *hub, uint8_t table)
{
    const struct fluit_roster *roster = &hub->node.roster;
    for (uint32_t i = 0; i < roster->count; i++)
        if (roster->members[i].table == table &&
            roster->members[i].node_class == FLUIT_NODE_TABLE &&
            roster->members[i].state == FLUIT_STATE_ACTIVE)
            return true;
    return false;
}

static bool is_dutch(const struct fluit_hub *hub)
{
    const struct fluit_script *script = hub->node.script;
    return script && strcmp(script->languages[hub->language], "nl") == 0;
}

static bool tell(struct fluit_hub *hub, uint8_t table, uint8_t other, const char *nl,
                 const char *en, struct fluit_effects *fx)
{
    char text[256];
    int len = snprintf(text, sizeof text, "%s %u%s", is_dutch(hub) ? "Tafel" : "Table", other,
                       is_dutch(hub) ? nl : en);
    return fluit_hub_message(hub, table, fluit_slice((const uint8_t *)text, (size_t)len), fx);
}

bool fluit_hub_merge(struct fluit_hub *hub, uint8_t from, uint8_t into, struct fluit_effects *fx)
{
    if (from == into || !takes_part(hub, into)) {
        fluit_effects_print(fx, "no: a table goes on at another one that has joined, as in "
                                "'merge 7 3': table 7 goes on at table 3");
        return false;
    }
    if (!fluit_hub_set_table(hub, from, FLUIT_STATE_ACTIVE, FLUIT_STATE_ASIDE, fx))
        return false;
    return tell(hub, from, into,
                ": kom daar zitten en ga daar verder. Wat u hier legde en schreef, blijft bewaard.",
                ": please sit down and go on there. What you laid and wrote here is kept.", fx) &&
           tell(hub, into, from, " komt bij u zitten en gaat hier verder.",
                " comes to sit with you and goes on here.", fx);
}
