/* hub_lines.c: the facilitator's console, line by line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/hub.h"
#include "node/core/words.h"

#define EXTEND_MAX_US INT64_C(86400000000)

static void no(struct fluit_effects *fx, const char *text)
{
    fluit_effects_print(fx, "no: %s", text);
}

static void on_extend(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    int64_t by_us;
    if (!fluit_words_duration(fluit_words_next(&rest), &by_us) || by_us == 0)
        no(fx, "say by how much, as in 'extend 2m' or 'extend 30s'");
    else
        fluit_hub_order(hub, FLUIT_ORDER_EXTEND, by_us, fx);
}

static int64_t new_expiry_s(const struct fluit_hub *hub)
{
    return hub->node.wall_us / 1000000 + FLUIT_INVITE_VALID_S;
}

static struct fluit_invite *find_seat(struct fluit_hub *hub, enum fluit_node_class node_class,
                                      uint8_t table)
{
    for (uint32_t i = 0; i < hub->invites.count; i++)
        if (hub->invites.items[i].node_class == node_class && hub->invites.items[i].table == table)
            return &hub->invites.items[i];
    return NULL;
}

static enum fluit_err keep_issued(struct fluit_hub *hub, enum fluit_node_class node_class,
                                  uint8_t table, struct fluit_effects *fx)
{
    struct fluit_invite *invite = find_seat(hub, node_class, table);
    return invite ? fluit_hub_keep_invite(hub, invite, fx) : FLUIT_E_MISSING;
}

static bool issue(struct fluit_hub *hub, enum fluit_node_class node_class, uint8_t table,
                  struct fluit_effects *fx)
{
    struct fluit_node *node = &hub->node;
    enum fluit_err err = fluit_invites_issue(&hub->invites, node->store, &node->rng, node_class,
                                             table, new_expiry_s(hub));
    if (!err)
        err = keep_issued(hub, node_class, table, fx);
    if (err == FLUIT_E_LIMIT)
        no(fx, "there are as many invites as there can be");
    else if (err)
        fluit_node_fail(node, err);
    return !err;
}

static void say_invite(const struct fluit_invite *invite, struct fluit_effects *fx)
{
    char code[FLUIT_INVITE_SHOW_LEN + 1];
    fluit_invite_show(&invite->code, code);
    fluit_effects_print(fx, "%-14s %s%s", invite->name, code, invite->used ? "  (used)" : "");
    fluit_wipe(code, sizeof code);
}

void fluit_hub_say_invites(struct fluit_hub *hub, bool open_only, struct fluit_effects *fx)
{
    for (uint32_t i = 0; i < hub->invites.count; i++)
        if (!open_only || !hub->invites.items[i].used)
            say_invite(&hub->invites.items[i], fx);
}

/* The highest number that a place of that class has. */
static uint8_t last_seat(const struct fluit_hub *hub, enum fluit_node_class node_class)
{
    uint8_t last = 0;
    for (uint32_t i = 0; i < hub->invites.count; i++)
        if (hub->invites.items[i].node_class == node_class && hub->invites.items[i].table > last)
            last = hub->invites.items[i].table;
    return last;
}

static void on_add(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    (void)rest;
    uint8_t table = (uint8_t)(last_seat(hub, FLUIT_NODE_TABLE) + 1);
    if (table > FLUIT_TABLES_MAX) {
        no(fx, "there are as many tables as there can be");
        return;
    }
    if (!issue(hub, FLUIT_NODE_TABLE, table, fx) || !issue(hub, FLUIT_NODE_RAPPORTEUR, table, fx))
        return;
    fluit_effects_print(fx, "added table %u; its codes:", table);
    say_invite(&hub->invites.items[hub->invites.count - 2], fx);
    say_invite(&hub->invites.items[hub->invites.count - 1], fx);
}

static void on_standby(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    (void)rest;
    uint8_t number = (uint8_t)(last_seat(hub, FLUIT_NODE_STANDBY) + 1);
    if (number > FLUIT_STANDBYS_MAX) {
        no(fx, "there are as many standbys as there can be; 'renew standby-01' lets another device "
               "be one");
        return;
    }
    if (!issue(hub, FLUIT_NODE_STANDBY, number, fx))
        return;
    fluit_effects_print(fx, "on a second laptop: fluit standby --code CODE --data DIR; it can read "
                            "everything, as this hub can. The code:");
    say_invite(find_seat(hub, FLUIT_NODE_STANDBY, number), fx);
}

/* Is the hub that leads here? Then a person should think twice. */
static void on_takeover(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    const struct fluit_sync_link *link = fluit_node_hub_link(&hub->node);
    bool here = link && link->heard_us && hub->node.now_us - link->heard_us < FLUIT_LINK_DEAD_US;
    if (fluit_slice_is(fluit_words_next(&rest), "yes"))
        fluit_hub_take_over(hub, fx);
    else
        fluit_effects_print(fx,
                            "%s. To lead from here, type 'takeover yes': all tables follow, the "
                            "old hub steps down when it hears of it, nothing is lost",
                            here ? "the hub is here and leads" : "the hub is not seen from here");
}

static bool take_table(struct fluit_slice *rest, uint8_t *table)
{
    uint64_t number;
    if (!fluit_words_number(fluit_words_next(rest), FLUIT_TABLES_MAX, &number) || number == 0)
        return false;
    *table = (uint8_t)number;
    return true;
}

/* Sets the state of all nodes at a table that are in `from`. */
static void set_state(struct fluit_hub *hub, struct fluit_slice rest, enum fluit_node_state from,
                      enum fluit_node_state to, const char *done, struct fluit_effects *fx)
{
    uint8_t table;
    if (!take_table(&rest, &table))
        no(fx, "say which table, as in 'aside 7' or 'return 7'");
    else if (fluit_hub_set_table(hub, table, from, to, fx))
        fluit_effects_print(fx, "table %u %s", table, done);
}

static void on_merge(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    uint8_t from, into;
    if (!take_table(&rest, &from) || !take_table(&rest, &into))
        no(fx, "say which goes on where, as in 'merge 7 3': table 7 goes on at table 3");
    else if (fluit_hub_merge(hub, from, into, fx))
        fluit_effects_print(fx, "table %u goes on at table %u; what it did is kept", from, into);
}

static void on_aside(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    set_state(hub, rest, FLUIT_STATE_ACTIVE, FLUIT_STATE_ASIDE,
              "is set aside: it takes part, but nobody waits for it", fx);
}

static void on_return(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    set_state(hub, rest, FLUIT_STATE_ASIDE, FLUIT_STATE_ACTIVE, "counts again", fx);
}

static void on_renew(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    char name[FLUIT_SEAT_NAME_LEN] = "";
    struct fluit_slice word = fluit_words_next(&rest);
    if (word.len < sizeof name)
        memcpy(name, word.data, word.len);
    struct fluit_invite *invite = fluit_invites_find(&hub->invites, name);
    if (!invite) {
        no(fx, "say whose code to renew, as in 'renew table-03'; 'invites' lists them");
        return;
    }
    if (!issue(hub, invite->node_class, invite->table, fx))
        return;
    fluit_effects_print(fx, "the old code is void; a device that joins with the new one takes the "
                            "old one's place:");
    say_invite(invite, fx);
}

static void on_invites(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    fluit_hub_say_invites(hub, fluit_slice_is(fluit_words_next(&rest), "open"), fx);
}

static void on_message(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_slice after = rest;
    uint64_t table = 0;
    if (fluit_words_number(fluit_words_next(&after), FLUIT_TABLES_MAX, &table))
        rest = after;
    struct fluit_slice text = fluit_words_rest(rest);
    if (text.len == 0 || text.len > FLUIT_TEXT_LEN_MAX || !fluit_text_ok(text))
        no(fx, "say what, as in 'message five minutes left' or 'message 7 please come and see us'");
    else
        fluit_hub_message(hub, (uint8_t)table, text, fx);
}

/* Calls each for every note that a table marked as a quote or for plenary, numbered from 1. */
static void each_quote(struct fluit_hub *hub, struct fluit_effects *fx, uint64_t chosen,
                       void (*each)(struct fluit_hub *hub, uint64_t number, unsigned table,
                                    const struct fluit_note *note, struct fluit_effects *fx))
{
    uint64_t number = 0;
    for (unsigned table = 1; hub->node.fold && table <= FLUIT_TABLES_MAX; table++) {
        struct fluit_note note;
        size_t cursor = 0;
        while (fluit_fold_note_next(hub->node.fold, (uint8_t)table, &cursor, &note)) {
            if (note.gone || !(note.newest->flags & (FLUIT_NOTE_QUOTE | FLUIT_NOTE_PLENARY)))
                continue;
            number++;
            if (chosen == 0 || chosen == number)
                each(hub, number, table, &note, fx);
            if (chosen == number)
                return; /* the act may have changed what the note points to */
        }
    }
    if (chosen > number || number == 0)
        no(fx, number ? "there is no such quote; 'quotes' lists them"
                      : "no table has marked a note as quote or for plenary");
}

static void add_to_list(struct fluit_hub *hub, uint64_t number, unsigned table,
                        const struct fluit_note *note, struct fluit_effects *fx)
{
    struct fluit_slice parts[] = {fluit_slice(hub->quotes.b, sizeof hub->quotes.b),
                                  fluit_slice(note->newest->id.b, sizeof note->newest->id.b)};
    (void)number;
    (void)table;
    (void)fx;
    hub->quotes = fluit_hash("fluit quotes", parts, 2);
}

static void say_quote(struct fluit_hub *hub, uint64_t number, unsigned table,
                      const struct fluit_note *note, struct fluit_effects *fx)
{
    add_to_list(hub, number, table, note, fx);
    bool shown = fluit_lead_released(&hub->node.fold->lead, &note->newest->id);
    fluit_effects_say(fx, "%3u %s table %u: %s", (unsigned)number, shown ? "released" : "        ",
                      table, note->newest->text);
}

bool fluit_hub_release(struct fluit_hub *hub, const struct fluit_note_id *words, bool shown,
                       struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_RELEASE};
    act.release.note = *words;
    act.release.shown = shown;
    enum fluit_err err = fluit_node_append(&hub->node, &act, 0, NULL, fx);
    if (err)
        fluit_effects_print(fx, "no: it was not saved: %s", fluit_err_text(err));
    else
        fluit_effects_print(fx, shown ? "released: it stands in the participants' report"
                                      : "withheld: it does not stand in the participants' report");
    return !err;
}

bool fluit_hub_heap(struct fluit_hub *hub, const struct fluit_note_id *words,
                    struct fluit_slice name, struct fluit_effects *fx)
{
    struct fluit_act act = {.kind = FLUIT_KIND_HEAP};
    act.heap.note = *words;
    act.heap.heap = name;
    enum fluit_err err = fluit_node_append(&hub->node, &act, 0, NULL, fx);
    if (err)
        fluit_effects_print(fx, "no: it was not saved: %s", fluit_err_text(err));
    return !err;
}

static void release(struct fluit_hub *hub, uint64_t number, unsigned table,
                    const struct fluit_note *note, struct fluit_effects *fx)
{
    (void)number;
    (void)table;
    /* These words are released, not what the note may become. */
    fluit_hub_release(hub, &note->newest->id, true, fx);
}

static void withhold(struct fluit_hub *hub, uint64_t number, unsigned table,
                     const struct fluit_note *note, struct fluit_effects *fx)
{
    (void)number;
    (void)table;
    fluit_hub_release(hub, &note->newest->id, false, fx);
}

/* Is the list still as it was shown? Else a number could now mean words that nobody chose. */
static bool list_holds(struct fluit_hub *hub, struct fluit_effects *fx)
{
    struct fluit_hash shown = hub->quotes;
    hub->quotes = (struct fluit_hash){{0}};
    each_quote(hub, fx, 0, add_to_list);
    static const struct fluit_hash empty;
    bool none = fluit_same(empty.b, hub->quotes.b, sizeof empty.b); /* then that was said */
    bool holds = !none && fluit_same(shown.b, hub->quotes.b, sizeof shown.b);
    hub->quotes = shown;
    if (!holds && !none)
        no(fx, "the list has changed since it was shown; look again with 'quotes', then choose");
    return holds;
}

static void choose_quote(struct fluit_hub *hub, uint64_t number,
                         void (*each)(struct fluit_hub *hub, uint64_t number, unsigned table,
                                      const struct fluit_note *note, struct fluit_effects *fx),
                         struct fluit_effects *fx)
{
    if (list_holds(hub, fx))
        each_quote(hub, fx, number, each);
}

static void on_quotes(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    (void)rest;
    hub->quotes = (struct fluit_hash){{0}};
    each_quote(hub, fx, 0, say_quote);
}

static void on_release(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    uint64_t number;
    if (fluit_words_number(fluit_words_next(&rest), UINT32_MAX, &number) && number > 0)
        choose_quote(hub, number, release, fx);
    else
        no(fx, "say which, as in 'release 3'; 'quotes' lists them");
}

static void on_withhold(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    uint64_t number;
    if (fluit_words_number(fluit_words_next(&rest), UINT32_MAX, &number) && number > 0)
        choose_quote(hub, number, withhold, fx);
    else
        no(fx, "say which, as in 'withhold 3'; 'quotes' lists them");
}

static void on_status(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    (void)rest;
    fluit_hub_status(hub, fx);
}

static void on_steps(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    const struct fluit_script *script = hub->node.script;
    (void)rest;
    for (int i = 0; script && i < script->step_count; i++) {
        const struct fluit_step *step = &script->steps[i];
        char planned[16] = "     ";
        if (step->planned_min >= 0)
            snprintf(planned, sizeof planned, "%02d:%02d", step->planned_min / 60 % 24,
                     step->planned_min % 60);
        fluit_effects_print(fx, "%s %2d  %s  %s", i == hub->node.plan.step ? ">" : " ", i + 1,
                            planned, step->title.in[hub->language]);
    }
}

static void on_quit(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    (void)hub;
    (void)rest;
    fluit_effects_add(fx, FLUIT_EFFECT_QUIT,
                      fluit_slice_str("bye; 'fluit hub' with the same "
                                      "directory goes on from here"));
}

static void on_help(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx);

#define ORDER(name, order)                                                                         \
    static void name(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)     \
    {                                                                                              \
        (void)rest;                                                                                \
        fluit_hub_order(hub, order, 0, fx);                                                        \
    }
ORDER(on_next, FLUIT_ORDER_NEXT)
ORDER(on_back, FLUIT_ORDER_BACK)
ORDER(on_start, FLUIT_ORDER_START)
ORDER(on_pause, FLUIT_ORDER_PAUSE)
ORDER(on_resume, FLUIT_ORDER_RESUME)
ORDER(on_end, FLUIT_ORDER_END)
#undef ORDER

static const struct command {
    const char *word;
    const char *usage;
    const char *help;
    void (*run)(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx);
    bool any; /* also while another leads */
} commands[] = {
    {"next", "next", "go to the next step", on_next, false},
    {"back", "back", "go back a step", on_back, false},
    {"start", "start", "start this step's time (a round: with the whistle)", on_start, false},
    {"pause", "pause", "stop the clock", on_pause, false},
    {"resume", "resume", "let it run on", on_resume, false},
    {"extend", "extend 2m", "give more time", on_extend, false},
    {"end", "end", "end this step now", on_end, false},
    {"status", "status", "how it goes, table by table", on_status, true},
    {"steps", "steps", "the agenda", on_steps, true},
    {"message", "message [TABLE] TEXT", "show a text at all tables, or at one", on_message, false},
    {"add", "add", "one more table; shows its codes", on_add, false},
    {"standby", "standby", "a code for a second laptop that can take over from this one",
     on_standby, false},
    {"takeover", "takeover", "lead from here (a standby, or a hub that stepped down)", on_takeover,
     true},
    {"aside", "aside TABLE", "no longer wait for a table", on_aside, false},
    {"merge", "merge TABLE INTO", "two tables go on at one; the first is set aside", on_merge,
     false},
    {"return", "return TABLE", "count it again", on_return, false},
    {"invites", "invites [open]", "show the codes, or those not yet used", on_invites, true},
    {"renew", "renew table-03", "a new code, for a device that takes another's place", on_renew,
     false},
    {"quotes", "quotes", "notes that tables marked as quote or for plenary", on_quotes, true},
    {"release", "release N", "let a quote stand in the participants' report", on_release, false},
    {"withhold", "withhold N", "take that back", on_withhold, false},
    {"help", "help", "this list", on_help, true},
    {"quit", "quit", "stop the hub; tables go on and wait for it", on_quit, true},
};

static void on_help(struct fluit_hub *hub, struct fluit_slice rest, struct fluit_effects *fx)
{
    (void)hub;
    (void)rest;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fluit_effects_print(fx, "%-22s %s", commands[i].usage, commands[i].help);
}

static void say_unknown(struct fluit_slice word, struct fluit_effects *fx)
{
    struct fluit_words_near near = {.typed = word};
    char text[FLUIT_UNKNOWN_LEN];
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fluit_words_try(&near, commands[i].word);
    fluit_words_unknown(&near, text);
    no(fx, text);
}

bool fluit_hub_may_lead_now(const struct fluit_hub *hub, struct fluit_effects *fx)
{
    const struct fluit_node *node = &hub->node;
    if (fluit_node_leads(node))
        return true;
    if (!node->joined || !node->own.ready)
        no(fx, "one moment, it is still asking the others what they hold");
    else
        no(fx, "another hub leads; 'takeover' lets this one lead");
    return false;
}

void fluit_hub_line(struct fluit_hub *hub, struct fluit_slice line, struct fluit_effects *fx)
{
    struct fluit_slice rest = line;
    struct fluit_slice word = fluit_words_next(&rest);
    if (word.len == 0 || word.data[0] == '#')
        return;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (fluit_slice_is(word, commands[i].word)) {
            if (commands[i].any || fluit_hub_may_lead_now(hub, fx))
                commands[i].run(hub, rest, fx);
            return;
        }
    say_unknown(word, fx);
}
