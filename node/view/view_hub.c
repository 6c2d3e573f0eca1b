/* view_hub.c: the facilitator's page, and a standby's. It counts what tables wrote, and shows none
 * of it. */
#include "node/view/parts.h"
#include "node/view/view.h"

/* Since when nobody was heard is told in steps of so many seconds: a view that changed each second
 * would be sent each second. */
#define LAST_STEP_S 5

static void put_steps(struct fluit_view *view, const struct fluit_hub *hub)
{
    const struct fluit_script *script = hub->node.script;
    fluit_doc_array(&view->doc, "steps");
    for (int i = 0; i < script->step_count; i++) {
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_str(&view->doc, "id", script->steps[i].id.s);
        fluit_doc_int(&view->doc, "planned_min", script->steps[i].planned_min);
        fluit_doc_int(&view->doc, "start_us", hub->took[i].start_us);
        fluit_doc_int(&view->doc, "end_us", hub->took[i].end_us);
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

/* What is wrong with a table's device that a person can do something about. */
static const char *problem_of(const struct fluit_hub *hub, const struct fluit_member *m,
                              struct fluit_hub_seen seen)
{
    if (m->state == FLUIT_STATE_ASIDE)
        return "";
    if (!seen.here)
        return "not_here";
    if (!seen.ready && hub->node.plan.mark_count > 0)
        return "not_ready";
    return seen.safe ? "" : "not_safe";
}

static int64_t last_s(const struct fluit_hub *hub, uint32_t index, bool here)
{
    int64_t heard_us = hub->members[index].heard_us;
    if (here)
        return 0;
    return heard_us ? (hub->node.now_us - heard_us) / 1000000 / LAST_STEP_S * LAST_STEP_S : -1;
}

static void put_counts(struct fluit_view *view, const struct fluit_fold *fold, uint8_t table)
{
    uint8_t round = fluit_fold_board_round(fold, table);
    struct fluit_fold_counts counts = fluit_fold_counts(fold, table, round);
    fluit_doc_int(&view->doc, "round", round);
    fluit_doc_int(&view->doc, "cards", (int64_t)counts.cards);
    fluit_doc_int(&view->doc, "notes", (int64_t)counts.notes);
    fluit_doc_int(&view->doc, "photos", (int64_t)counts.photos);
}

static void put_device(struct fluit_view *view, struct fluit_hub *hub, uint32_t index)
{
    const struct fluit_member *m = &hub->node.roster.members[index];
    struct fluit_hub_seen seen = fluit_hub_seen(hub, index);
    fluit_doc_object(&view->doc, NULL);
    fluit_doc_int(&view->doc, "table", m->table);
    fluit_doc_str(&view->doc, "class", fluit_node_class_name(m->node_class));
    fluit_doc_bool(&view->doc, "joined", true);
    fluit_doc_bool(&view->doc, "aside", m->state == FLUIT_STATE_ASIDE);
    fluit_doc_bool(&view->doc, "here", seen.here);
    fluit_doc_bool(&view->doc, "ready", seen.here && seen.ready);
    fluit_doc_bool(&view->doc, "safe", seen.safe);
    fluit_doc_int(&view->doc, "last_s", last_s(hub, index, seen.here));
    fluit_doc_int(&view->doc, "bound_us", hub->members[index].bound_us);
    fluit_view_heard(view, hub->node.fold, (int)index);
    put_counts(view, hub->node.fold, m->table);
    fluit_doc_str(&view->doc, "problem", problem_of(hub, m, seen));
    fluit_doc_end(&view->doc);
}

static bool has_joined(const struct fluit_hub *hub, const struct fluit_invite *invite)
{
    const struct fluit_roster *roster = &hub->node.roster;
    for (uint32_t i = 0; i < roster->count; i++)
        if (roster->members[i].table == invite->table &&
            roster->members[i].node_class == invite->node_class &&
            fluit_member_admitted(&roster->members[i]))
            return true;
    return false;
}

/* A place at a table that no device took yet. */
static void put_place(struct fluit_view *view, const struct fluit_hub *hub,
                      const struct fluit_invite *invite)
{
    fluit_doc_object(&view->doc, NULL);
    fluit_doc_int(&view->doc, "table", invite->table);
    fluit_doc_str(&view->doc, "class", fluit_node_class_name(invite->node_class));
    fluit_doc_bool(&view->doc, "joined", false);
    fluit_doc_bool(&view->doc, "aside", false);
    fluit_doc_bool(&view->doc, "here", false);
    fluit_doc_bool(&view->doc, "ready", false);
    fluit_doc_bool(&view->doc, "safe", true);
    fluit_doc_int(&view->doc, "last_s", -1);
    fluit_doc_int(&view->doc, "bound_us", 0);
    fluit_view_heard(view, hub->node.fold, -1);
    put_counts(view, hub->node.fold, invite->table);
    fluit_doc_str(&view->doc, "problem",
                  invite->node_class == FLUIT_NODE_TABLE ? "not_joined" : "");
    fluit_doc_end(&view->doc);
}

static void put_tables(struct fluit_view *view, struct fluit_hub *hub)
{
    const struct fluit_roster *roster = &hub->node.roster;
    fluit_doc_array(&view->doc, "tables");
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        for (uint32_t i = 0; i < roster->count; i++)
            if (roster->members[i].table == table && fluit_member_admitted(&roster->members[i]))
                put_device(view, hub, i);
        for (uint32_t i = 0; i < hub->invites.count; i++)
            if (hub->invites.items[i].table == table &&
                hub->invites.items[i].node_class != FLUIT_NODE_STANDBY &&
                !has_joined(hub, &hub->invites.items[i]))
                put_place(view, hub, &hub->invites.items[i]);
    }
    fluit_doc_end(&view->doc);
}

/* The codes themselves are told only when asked for. */
static void put_invites(struct fluit_view *view, const struct fluit_hub *hub)
{
    fluit_doc_array(&view->doc, "invites");
    for (uint32_t i = 0; i < hub->invites.count; i++) {
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_str(&view->doc, "name", hub->invites.items[i].name);
        fluit_doc_bool(&view->doc, "used", hub->invites.items[i].used);
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

static void put_standbys(struct fluit_view *view, struct fluit_hub *hub)
{
    struct fluit_node *node = &hub->node;
    const struct fluit_term *newest = fluit_terms_newest(&node->terms);
    fluit_doc_array(&view->doc, "standbys");
    for (uint32_t i = 0; i < node->roster.count; i++) {
        const struct fluit_member *m = &node->roster.members[i];
        if (!fluit_hub_is_beside(hub, i))
            continue;
        const struct fluit_sync_link *link = fluit_sync_link_to(&node->sync, &m->link);
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_str(&view->doc, "class", fluit_node_class_name(m->node_class));
        fluit_doc_bool(&view->doc, "leads", newest && fluit_same(newest->hub.b, m->sign.b, 32));
        fluit_doc_bool(&view->doc, "here", fluit_hub_seen(hub, i).here);
        fluit_doc_bool(&view->doc, "holds_all", link && link->in_step);
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

/* Notes marked as quote or for plenary, and how many of them are released. */
static void put_quotes(struct fluit_view *view, const struct fluit_fold *fold)
{
    int64_t count = 0, shown = 0;
    for (uint8_t table = 1; table <= FLUIT_TABLES_MAX; table++) {
        struct fluit_note note;
        for (size_t at = 0; fluit_fold_note_next(fold, table, &at, &note);) {
            if (note.gone || !(note.newest->flags & (FLUIT_NOTE_QUOTE | FLUIT_NOTE_PLENARY)))
                continue;
            count++;
            shown += fluit_lead_released(&fold->lead, &note.newest->id);
        }
    }
    fluit_doc_object(&view->doc, "quotes");
    fluit_doc_int(&view->doc, "count", count);
    fluit_doc_int(&view->doc, "shown", shown);
    fluit_doc_end(&view->doc);
}

struct late {
    int64_t made, arrived;
};

static void count_late(struct late *late, const struct fluit_fold *fold,
                       const struct fluit_origin *origin)
{
    enum fluit_late how = fluit_fold_late(fold, origin);
    late->made += how == FLUIT_LATE_MADE;
    late->arrived += how == FLUIT_LATE_ARRIVED;
}

static void count_late_cards(struct late *late, const struct fluit_fold *fold,
                             const struct fluit_board *board)
{
    for (size_t i = 0; board && i < fluit_board_card_count(board); i++) {
        const struct fluit_board_card *card = fluit_board_card_at(board, i);
        if (card->moves.count)
            count_late(late, fold, &card->origin);
        if (card->why.set)
            count_late(late, fold, &card->why.origin);
    }
}

static struct late late_of(const struct fluit_fold *fold, const struct fluit_table_fold *table,
                           uint8_t round)
{
    struct late late = {0};
    count_late_cards(&late, fold, table->boards[round]);
    for (size_t i = 0; i < table->notes.revisions.count; i++) {
        const struct fluit_revision *words = table->notes.revisions.items[i];
        if (words->origin.round == round)
            count_late(&late, fold, &words->origin);
    }
    for (size_t i = 0; i < fluit_notes_answer_count(&table->notes); i++) {
        const struct fluit_answer *answer = fluit_notes_answer_at(&table->notes, i);
        if (answer->origin.round == round)
            count_late(&late, fold, &answer->origin);
    }
    return late;
}

static void put_late(struct fluit_view *view, const struct fluit_fold *fold)
{
    fluit_doc_array(&view->doc, "late");
    for (uint8_t round = 1; round <= fold->script->round_count; round++)
        for (uint8_t t = 1; fluit_fold_cut(fold, round) && t <= FLUIT_TABLES_MAX; t++) {
            const struct fluit_table_fold *table = fluit_fold_table(fold, t);
            struct late late = table ? late_of(fold, table, round) : (struct late){0};
            if (late.made + late.arrived == 0)
                continue;
            fluit_doc_object(&view->doc, NULL);
            fluit_doc_int(&view->doc, "table", t);
            fluit_doc_int(&view->doc, "round", round);
            fluit_doc_int(&view->doc, "made", late.made);
            fluit_doc_int(&view->doc, "arrived", late.arrived);
            fluit_doc_bool(&view->doc, "afterwards", fluit_fold_entered_after(fold, t, round));
            fluit_doc_end(&view->doc);
        }
    fluit_doc_end(&view->doc);
}

static void put_rounds(struct fluit_view *view, const struct fluit_hub *hub)
{
    fluit_doc_array(&view->doc, "rounds");
    for (uint8_t round = 1; round <= (uint8_t)hub->node.script->round_count; round++) {
        fluit_doc_object(&view->doc, NULL);
        fluit_doc_int(&view->doc, "round", round);
        fluit_doc_bool(&view->doc, "closed", fluit_hub_is_closed(hub, round));
        fluit_doc_end(&view->doc);
    }
    fluit_doc_end(&view->doc);
}

/* Which page leads; see node/core/control.h. */
static void put_control(struct fluit_view *view, const struct fluit_hub *hub)
{
    const struct fluit_control *control = &hub->control;
    fluit_doc_object(&view->doc, "control");
    if (control->held)
        fluit_view_session(view, "holder", &control->holder);
    else
        fluit_doc_null(&view->doc, "holder");
    if (control->asked)
        fluit_view_session(view, "asker", &control->asker);
    else
        fluit_doc_null(&view->doc, "asker");
    fluit_doc_bool(&view->doc, "silent", fluit_control_is_silent(control, hub->node.now_us));
    fluit_doc_end(&view->doc);
}

static enum fluit_err put_all(struct fluit_view *view, struct fluit_hub *hub)
{
    const struct fluit_fold *fold = hub->node.fold;
    fluit_view_plan(view, &hub->node);
    put_steps(view, hub);
    put_rounds(view, hub);
    put_tables(view, hub);
    put_invites(view, hub);
    put_standbys(view, hub);
    put_quotes(view, fold);
    put_late(view, fold);
    return fluit_view_room(view, hub);
}

enum fluit_err fluit_view_hub(struct fluit_hub *hub, struct fluit_buf *out)
{
    struct fluit_node *node = &hub->node;
    struct fluit_view view;
    enum fluit_err err = FLUIT_OK;
    bool ready = fluit_hub_ready(hub);
    fluit_view_begin(&view);
    fluit_view_clock(&view, node);
    fluit_view_node(&view, node, ready);
    fluit_doc_bool(&view.doc, "leads", node->joined && fluit_node_leads(node));
    put_control(&view, hub);
    if (ready)
        err = put_all(&view, hub);
    enum fluit_err ended = fluit_view_end(&view, out);
    return err ? err : ended;
}
