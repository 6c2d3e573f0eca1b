/* guest_lines.c: the console of a table or rapporteur: finds the command, saves acts, says how it
 * stands. Every line typed is answered by one line "saved ..." or "no: ...", or by what it asked.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/core/acts.h"
#include "node/core/words.h"

void fluit_guest_no(struct fluit_effects *fx, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fluit_effects_print(fx, "no: %s", text);
}

bool fluit_guest_line_ends(struct fluit_slice rest, const char *command, struct fluit_effects *fx)
{
    if (fluit_words_rest(rest).len == 0)
        return true;
    fluit_guest_no(fx, "there is more on the line than that takes; see 'help %s'", command);
    return false;
}

uint8_t fluit_guest_round(const struct fluit_guest *guest)
{
    uint8_t round = fluit_fold_board_round(guest->node.fold, guest->node.table);
    uint8_t last = (uint8_t)guest->node.script->round_count;
    return round > last ? last : round;
}

/* Undo. */

void fluit_undo_free(struct fluit_undo *undo)
{
    if (undo->text) {
        fluit_wipe(undo->text, strlen(undo->text));
        free(undo->text);
    }
    *undo = (struct fluit_undo){0};
}

static struct fluit_slice *text_of(struct fluit_act *act)
{
    switch (act->kind) {
    case FLUIT_KIND_WHY:
        return &act->why.text;
    case FLUIT_KIND_LINK:
        return &act->link.word;
    case FLUIT_KIND_BLANK:
        return &act->blank.text;
    case FLUIT_KIND_NOTE:
        return &act->note.text;
    case FLUIT_KIND_ANSWER:
        return &act->answer.text;
    default:
        return NULL;
    }
}

/* Without memory there is nothing to undo, no more. */
static void push_undo(struct fluit_guest *guest, const struct fluit_undo *undo)
{
    if (guest->undo_count == FLUIT_UNDO_MAX) {
        fluit_undo_free(&guest->undo[0]);
        memmove(guest->undo, guest->undo + 1, (FLUIT_UNDO_MAX - 1) * sizeof guest->undo[0]);
        guest->undo_count--;
    }
    guest->undo[guest->undo_count++] = *undo;
}

static bool make_undo(const struct fluit_act *act, uint8_t round, struct fluit_undo *out)
{
    *out = (struct fluit_undo){.act = *act, .round = round};
    struct fluit_slice *text = text_of(&out->act);
    if (!text || text->len == 0)
        return true;
    out->text = strndup((const char *)text->data, text->len);
    *text = fluit_slice(out->text, text->len);
    return out->text != NULL;
}

void fluit_guest_forget_undo(struct fluit_guest *guest)
{
    while (guest->undo_count > 0)
        fluit_undo_free(&guest->undo[--guest->undo_count]);
}

/* Saving. */

static const char *refusal(enum fluit_err err)
{
    switch (err) {
    case FLUIT_E_BUSY:
        return "one moment, this device is still asking the hub what it holds";
    case FLUIT_E_LIMIT:
        return "that is too long; say it shorter";
    case FLUIT_E_NOKEY:
        return "this device has no key to write with; ask the facilitator to renew its code";
    default:
        return fluit_err_text(err);
    }
}

static bool text_fits(const struct fluit_act *act, struct fluit_effects *fx)
{
    struct fluit_act copy = *act;
    const struct fluit_slice *text = text_of(&copy);
    if (text && text->len > FLUIT_TEXT_LEN_MAX) {
        fluit_guest_no(fx, "a text has at most %d bytes, this has %zu; say it shorter",
                       FLUIT_TEXT_LEN_MAX, text->len);
        return false;
    }
    if (text && !fluit_text_ok(*text)) {
        fluit_guest_no(fx, "that text has characters that can't be written down; type it again");
        return false;
    }
    return true;
}

/* What is typed at a device whose place another has would reach nobody. */
static bool is_in_place(const struct fluit_guest *guest, struct fluit_effects *fx)
{
    const struct fluit_node *node = &guest->node;
    int self = fluit_node_member(node);
    if (self >= 0 && fluit_member_admitted(&node->roster.members[self]))
        return true;
    fluit_guest_no(fx,
                   "another device has this one's place: type there; what was typed here is kept");
    return false;
}

/* Would the fold keep it? */
static bool counts(const struct fluit_guest *guest, const struct fluit_act *act, uint8_t round,
                   struct fluit_effects *fx)
{
    const struct fluit_table_fold *table = fluit_fold_table(guest->node.fold, guest->node.table);
    bool anywhere = act->kind == FLUIT_KIND_NOTE || act->kind == FLUIT_KIND_ANSWER ||
                    act->kind == FLUIT_KIND_HEARD;
    if (!anywhere && round == 0) {
        fluit_guest_no(fx, "this workshop has no card rounds");
        return false;
    }
    if (act->kind == FLUIT_KIND_NOTE && table && table->notes.revisions.count >= FLUIT_NOTES_MAX) {
        fluit_guest_no(fx, "this table has as many notes as there can be; go on with paper");
        return false;
    }
    return true;
}

bool fluit_guest_save(struct fluit_guest *guest, const struct fluit_act *act, uint8_t round,
                      const struct fluit_act *undo, struct fluit_effects *fx, const char *what, ...)
{
    char said[640];
    uint64_t seq;
    if (!is_in_place(guest, fx) || !text_fits(act, fx) || !counts(guest, act, round, fx))
        return false;
    struct fluit_undo kept = {0};
    bool can_undo = undo && make_undo(undo, round, &kept);
    enum fluit_err err = fluit_node_append(&guest->node, act, round, &seq, fx);
    if (err) {
        fluit_undo_free(&kept);
        fluit_guest_no(fx, "%s", refusal(err));
        return false;
    }
    if (can_undo)
        push_undo(guest, &kept);
    else
        fluit_undo_free(&kept);
    va_list args;
    va_start(args, what);
    vsnprintf(said, sizeof said, what, args);
    va_end(args);
    fluit_effects_print(fx, "saved %llu %s", (unsigned long long)seq, said);
    return true;
}

/* Commands that every node has. */

bool fluit_guest_undo(struct fluit_guest *guest, struct fluit_effects *fx)
{
    if (guest->undo_count == 0) {
        fluit_guest_no(fx, "nothing to undo since this device started or changed boards");
        return false;
    }
    struct fluit_undo *undo = &guest->undo[guest->undo_count - 1];
    if (undo->act.kind == FLUIT_KIND_NOTE)
        fluit_note_undo_parents(guest, &undo->act);
    if (!fluit_guest_save(guest, &undo->act, undo->round, NULL, fx, "undone: %s as it was",
                          fluit_kind_name(undo->act.kind)))
        return false; /* it can be tried again */
    fluit_undo_free(undo);
    guest->undo_count--;
    return true;
}

static void on_undo(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    if (fluit_guest_line_ends(rest, "undo", fx))
        fluit_guest_undo(guest, fx);
}

static void say_minutes(const struct fluit_question *q, char out[static 32])
{
    out[0] = 0;
    if (q->suggested_us > 0)
        snprintf(out, 32, " (%lld min)", (long long)((q->suggested_us + 59999999) / 60000000));
}

static void on_questions(struct fluit_guest *guest, struct fluit_slice rest,
                         struct fluit_effects *fx)
{
    const struct fluit_step *step = &guest->node.script->steps[guest->node.plan.step];
    (void)rest;
    if (step->question_count == 0)
        fluit_effects_print(fx, "no questions in this step");
    for (int i = 0; i < step->question_count; i++) {
        const struct fluit_question *q = &step->questions[i];
        char minutes[32];
        say_minutes(q, minutes);
        fluit_effects_say(fx, "%s%s: %s", q->id.s, minutes, q->text.in[guest->language]);
        for (int k = 0; k < q->option_count; k++)
            fluit_effects_print(fx, "    %s: %s", q->options[k].id.s,
                                q->options[k].name.in[guest->language]);
    }
}

static void on_steps(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    (void)rest;
    for (int i = 0; i < script->step_count; i++)
        fluit_effects_print(fx, "%s %2d  %s", i == guest->node.plan.step ? ">" : " ", i + 1,
                            script->steps[i].title.in[guest->language]);
}

static void on_lang(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_slice word = fluit_words_next(&rest);
    const struct fluit_script *script = guest->node.script;
    for (int i = 0; i < script->language_count; i++)
        if (fluit_slice_is(word, script->languages[i])) {
            guest->language = i;
            fluit_effects_print(fx, "language: %s", script->languages[i]);
            return;
        }
    fluit_guest_no(fx, "say a language of the script, as in 'lang %s'", script->languages[0]);
}

static const char *const states[] = {"", "ready", "running", "paused", "ended"};

/* Has this node saved that it has the plan, and so its whistles? */
static bool is_armed(const struct fluit_node *node)
{
    return node->alarm.armed.term == node->plan.term &&
           node->alarm.armed.revision == node->plan.revision;
}

/* One line for programs, after those for people. */
static void say_figures(struct fluit_guest *guest, struct fluit_effects *fx)
{
    struct fluit_node *node = &guest->node;
    char digest[17];
    struct fluit_hash hash = fluit_replica_digest(&node->replica);
    int64_t bound = fluit_clock_bound(&node->clock, node->now_us);
    fluit_hex(hash.b, 8, digest);
    fluit_effects_print(
        fx,
        "status round=%u step=%u state=%s left_us=%lld hub=%d armed=%d saved=%llu safe=%llu "
        "others=%u digest=%s bound_us=%lld",
        fluit_guest_round(guest), node->plan.step, states[node->plan.state],
        (long long)fluit_plan_left(&node->plan, fluit_node_mesh_us(node)),
        fluit_node_hub_link(node) != NULL, is_armed(node),
        (unsigned long long)node->replica.feeds[node->own.index]->info.seq,
        (unsigned long long)node->own.safe_seq,
        fluit_node_safety(node, node->replica.feeds[node->own.index]->info.seq).others, digest,
        (long long)bound);
}

static void say_step(struct fluit_guest *guest, struct fluit_effects *fx)
{
    const struct fluit_node *node = &guest->node;
    const struct fluit_plan *plan = &node->plan;
    int64_t left_s = fluit_plan_left(plan, fluit_node_mesh_us(node)) / 1000000;
    char left[40] = "";
    if (left_s > 0)
        snprintf(left, sizeof left, ", %lld:%02lld left", (long long)left_s / 60,
                 (long long)left_s % 60);
    fluit_effects_say(fx, "step %d %s: %s%s; %s", plan->step + 1,
                      node->script->steps[plan->step].title.in[guest->language],
                      states[plan->state], left,
                      is_armed(node) ? "ready for the whistle" : "not yet ready for the whistle");
}

/* Its door, for fluit recover --peer. */
static void say_address(const struct fluit_guest *guest, struct fluit_effects *fx)
{
    const char *host = guest->node.endpoint + strlen("tcp://");
    const char *colon = strrchr(guest->node.endpoint, ':');
    if (guest->sync_port && colon > host)
        fluit_effects_print(fx, "others reach it at %.*s:%u", (int)(colon - host), host,
                            guest->sync_port - 1u);
}

static void on_status(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_node *node = &guest->node;
    (void)rest;
    uint64_t saved = node->replica.feeds[node->own.index]->info.seq;
    uint64_t waiting = saved - node->own.safe_seq;
    bool hub = fluit_node_hub_link(node) != NULL;
    struct fluit_fold_counts counts =
        fluit_fold_counts(node->fold, node->table, fluit_guest_round(guest));
    fluit_effects_print(fx, "%s %u, board of round %u: %zu cards, %zu notes",
                        fluit_node_class_name(node->node_class), node->table,
                        fluit_guest_round(guest), counts.cards, counts.notes);
    say_step(guest, fx);
    uint32_t others = fluit_node_safety(node, saved).others;
    if (waiting)
        fluit_effects_print(fx,
                            "%s; all is saved here, the last %llu not yet at the hub; the last "
                            "one is at %u others",
                            hub ? "the hub is here" : "the hub is not here",
                            (unsigned long long)waiting, others);
    else
        fluit_effects_print(fx, "%s; all is safe, also at %u others",
                            hub ? "the hub is here" : "the hub is not here", others);
    say_address(guest, fx);
    say_figures(guest, fx);
}

static void on_quit(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    (void)guest;
    (void)rest;
    fluit_effects_add(fx, FLUIT_EFFECT_QUIT,
                      fluit_slice_str("bye; '--data' alone goes on from here"));
}

static void on_help(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx);

static const struct fluit_guest_command common_commands[] = {
    {"undo", 0, "undo", "put back what the last line changed", on_undo},
    {"questions", 0, "questions", "the questions of this step", on_questions},
    {"steps", 0, "steps", "the agenda", on_steps},
    {"status", 0, "status", "how it stands here", on_status},
    {"lang", 0, "lang CODE", "the language of these texts", on_lang},
    {"help", 0, "help [COMMAND]", "this list, or one command of it", on_help},
    {"quit", 0, "quit", "stop this node; it goes on where it was", on_quit},
    {0},
};

static const struct fluit_guest_command *const command_lists[] = {
    fluit_board_commands, fluit_note_commands, common_commands};
#define LIST_COUNT (sizeof command_lists / sizeof command_lists[0])

static bool may_use(const struct fluit_guest *guest, const struct fluit_guest_command *command)
{
    return command->kind == 0 || fluit_kind_allowed(command->kind, guest->node.node_class);
}

static void on_help(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx)
{
    struct fluit_slice word = fluit_words_next(&rest);
    bool any = false;
    for (size_t list = 0; list < LIST_COUNT; list++)
        for (const struct fluit_guest_command *c = command_lists[list]; c->word; c++) {
            if (!may_use(guest, c) || (word.len > 0 && !fluit_slice_is(word, c->word)))
                continue;
            fluit_effects_print(fx, "%-36s %s", c->usage, c->help);
            any = true;
        }
    if (!any)
        fluit_guest_no(fx, "there is no such command here; 'help' lists them");
}

static const struct fluit_guest_command *find(struct fluit_slice word)
{
    for (size_t list = 0; list < LIST_COUNT; list++)
        for (const struct fluit_guest_command *c = command_lists[list]; c->word; c++)
            if (fluit_slice_is(word, c->word))
                return c;
    return NULL;
}

static void say_unknown(const struct fluit_guest *guest, struct fluit_slice word,
                        struct fluit_effects *fx)
{
    struct fluit_words_near near = {.typed = word};
    for (size_t list = 0; list < LIST_COUNT; list++)
        for (const struct fluit_guest_command *c = command_lists[list]; c->word; c++)
            if (may_use(guest, c))
                fluit_words_try(&near, c->word);
    char text[FLUIT_UNKNOWN_LEN];
    fluit_words_unknown(&near, text);
    fluit_guest_no(fx, "%s", text);
}

void fluit_guest_line(struct fluit_guest *guest, struct fluit_slice line, struct fluit_effects *fx)
{
    struct fluit_slice rest = line;
    struct fluit_slice word = fluit_words_next(&rest);
    if (word.len == 0 || word.data[0] == '#')
        return;
    const struct fluit_guest_command *command = find(word);
    if (!command) {
        say_unknown(guest, word, fx);
    } else if (!may_use(guest, command)) {
        fluit_guest_no(fx, "the table lays the cards; here you can note, quote, answer, group");
    } else {
        command->run(guest, rest, fx);
    }
}
