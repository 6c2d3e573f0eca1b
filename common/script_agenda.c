/* A script's questions and agenda. */
#include <string.h>

#include "common/script_read.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define SETS_MAX     FLUIT_STEPS_MAX

/* Questions that steps ask: a named set, or the list of one step. */
struct set {
    struct fluit_id id;
    const struct fluit_yaml_node *node;
    struct fluit_question *questions;
    int count;
    bool used;
};

struct agenda {
    struct fluit_reader *r;
    struct set sets[SETS_MAX];
    int set_count;
    int last_planned;
};

static void read_options(struct fluit_reader *r, const struct fluit_yaml_node *node,
                         struct fluit_question *question)
{
    if (!fluit_script_read_list(r, node, "options", 2, FLUIT_OPTIONS_MAX))
        return;
    if (question->per == FLUIT_PER_HANDS)
        fluit_script_read_fail(r, node,
                               "a count of raised hands has no options; leave them out, and "
                               "write a question for each thing to raise a hand for");
    for (const struct fluit_yaml_node *item = node->first; item && !r->err; item = item->next) {
        const struct fluit_yaml_node *id, *name;
        const struct fluit_script_read_field fields[] = {{"id", true, &id}, {"name", true, &name}};
        if (!fluit_script_read_map(r, item, "an option", fields, COUNT(fields)))
            return;
        struct fluit_option *option = &question->options[question->option_count];
        fluit_script_read_id(r, id, "option id", question->options, sizeof *option,
                             question->option_count, &option->id);
        fluit_script_read_name(r, name, "an option's name", &option->name);
        question->option_count++;
    }
}

/* A question's id is unique in the script, so that an answer needs no step. */
static void check_new_question(struct agenda *a, const struct fluit_yaml_node *node,
                               const struct fluit_id *id)
{
    const struct fluit_script *script = a->r->script;
    bool taken = fluit_script_question(script, id->s, NULL) != NULL;
    for (int s = 0; s < a->set_count; s++)
        for (int q = 0; q < a->sets[s].count; q++)
            taken = taken || fluit_id_eq(&a->sets[s].questions[q].id, id);
    if (taken)
        fluit_script_read_fail(
            a->r, node,
            "question id \"%s\" is taken already; write another, or put "
            "the question in a set under \"question-sets\" and name that set in both "
            "steps",
            id->s);
}

static void read_question(struct agenda *a, const struct fluit_yaml_node *node,
                          const struct set *set, struct fluit_question *question)
{
    static const char *const pers[] = {
        [FLUIT_PER_TABLE] = "table", [FLUIT_PER_SEAT] = "seat", [FLUIT_PER_HANDS] = "hands"};
    struct fluit_reader *r = a->r;
    struct fluit_script *script = r->script;
    const struct fluit_yaml_node *id, *text, *suggested, *asked_of, *per, *options;
    const struct fluit_script_read_field fields[] = {
        {"id", true, &id},
        {"text", true, &text},
        {"suggested", false, &suggested},
        {"asked-of", false, &asked_of},
        {"per", false, &per},
        {"options", false, &options},
    };
    if (!fluit_script_read_map(r, node, "a question", fields, COUNT(fields)))
        return;
    fluit_script_read_id(r, id, "question id", set->questions, sizeof *question, set->count,
                         &question->id);
    check_new_question(a, id, &question->id);
    fluit_script_read_text(r, text, "a question's text", &question->text);
    question->suggested_us = fluit_script_read_duration(r, suggested, "suggested");
    int role = fluit_script_read_ref(r, asked_of, "asked-of: role", script->roles,
                                     sizeof script->roles[0], script->role_count);
    question->asked_of = role < 0 ? "" : script->roles[role].id.s;
    question->per = (enum fluit_poll_per)fluit_script_read_choice(r, per, "per", pers, COUNT(pers),
                                                                  FLUIT_PER_TABLE);
    read_options(r, options, question);
}

static void read_questions(struct agenda *a, const struct fluit_yaml_node *node, struct set *set)
{
    if (!fluit_script_read_list(a->r, node, "questions", 1, FLUIT_QUESTIONS_MAX))
        return;
    set->questions =
        fluit_script_read_alloc(a->r, (size_t)node->child_count, sizeof set->questions[0]);
    for (const struct fluit_yaml_node *item = node->first; item && !a->r->err; item = item->next) {
        read_question(a, item, set, &set->questions[set->count]);
        set->count++;
    }
}

/* The sets' names are the author's own, so this map is read by hand. */
static void read_sets(struct agenda *a, const struct fluit_yaml_node *node)
{
    struct fluit_reader *r = a->r;
    if (!node || r->err)
        return;
    if (node->kind != FLUIT_YAML_MAP) {
        fluit_script_read_fail(r, node,
                               "question-sets must be a map; write \"my-set:\" and below it a "
                               "list of questions");
        return;
    }
    const struct fluit_yaml_node *key = node->first;
    for (; key && !r->err; key = key->next->next) {
        struct set *set = &a->sets[a->set_count];
        if (a->set_count == SETS_MAX) {
            fluit_script_read_fail(r, key, "too many question sets; write at most %d", SETS_MAX);
            return;
        }
        fluit_script_read_id(r, key, "question set", a->sets, sizeof *set, a->set_count, &set->id);
        set->node = key;
        read_questions(a, key->next, set);
        a->set_count++;
    }
}

static void read_step_questions(struct agenda *a, const struct fluit_yaml_node *node,
                                struct fluit_step *step)
{
    struct set own = {0};
    struct set *set = &own;
    if (!node || a->r->err)
        return;
    if (node->kind == FLUIT_YAML_SCALAR) {
        int index = fluit_script_read_ref(a->r, node, "question set", a->sets, sizeof a->sets[0],
                                          a->set_count);
        if (index < 0)
            return;
        set = &a->sets[index];
        set->used = true;
    } else {
        read_questions(a, node, set);
    }
    step->questions = set->questions;
    step->question_count = set->count;
}

static void check_asks(struct fluit_reader *r, const struct fluit_yaml_node *at,
                       const struct fluit_step *step)
{
    bool must_ask = step->kind == FLUIT_STEP_POLL || step->kind == FLUIT_STEP_OPEN_QUESTION ||
                    step->kind == FLUIT_STEP_TABLE_TALK;
    if (must_ask && step->question_count == 0)
        fluit_script_read_fail(r, at,
                               "a step of kind %s asks something; add \"questions:\" and a list",
                               fluit_step_kind_name(step->kind));
    if (step->kind == FLUIT_STEP_BREAK && step->question_count > 0)
        fluit_script_read_fail(r, at,
                               "nothing is asked in a break; leave \"questions\" out, or write "
                               "another kind");
    for (int i = 0; step->kind == FLUIT_STEP_POLL && i < step->question_count; i++)
        if (step->questions[i].option_count == 0 && step->questions[i].per != FLUIT_PER_HANDS)
            fluit_script_read_fail(r, at,
                                   "poll question \"%s\" has nothing to choose; add \"options:\", "
                                   "or write \"per: hands\" or the kind open-question",
                                   step->questions[i].id.s);
}

static void check_planned(struct agenda *a, const struct fluit_yaml_node *at, int planned)
{
    if (planned < 0)
        return;
    if (planned < a->last_planned)
        fluit_script_read_fail(a->r, at,
                               "planned before the step above it (%02d:%02d); write a later "
                               "time, or move the step up",
                               a->last_planned / 60, a->last_planned % 60);
    a->last_planned = planned;
}

static void check_round(struct fluit_reader *r, const struct fluit_yaml_node *at,
                        const struct fluit_yaml_node *wrap_up, struct fluit_step *step)
{
    if (step->kind != FLUIT_STEP_ROUND) {
        if (step->whistle && step->duration_us == 0)
            fluit_script_read_fail(
                r, at,
                "a step with a whistle needs an end; add for example \"duration: "
                "15m\"");
        if (wrap_up)
            fluit_script_read_fail(r, wrap_up,
                                   "wrap-up belongs to a step of kind round; leave it out");
        return;
    }
    if (step->duration_us == 0)
        fluit_script_read_fail(r, at, "a round needs a time; add for example \"duration: 15m\"");
    if (r->script->round_count == FLUIT_ROUNDS_MAX)
        fluit_script_read_fail(r, at, "too many rounds; write at most %d steps of kind round",
                               FLUIT_ROUNDS_MAX);
    if (!r->err)
        step->round = (uint8_t)++r->script->round_count;
}

static void read_step(struct agenda *a, const struct fluit_yaml_node *node, struct fluit_step *step)
{
    struct fluit_reader *r = a->r;
    const char *kinds[FLUIT_STEP_CLOSE + 1];
    const struct fluit_yaml_node *id, *kind, *title, *text, *planned, *duration, *wrap_up, *whistle,
        *questions;
    const struct fluit_script_read_field fields[] = {
        {"id", true, &id},
        {"kind", true, &kind},
        {"title", true, &title},
        {"text", false, &text},
        {"planned", false, &planned},
        {"duration", false, &duration},
        {"wrap-up", false, &wrap_up},
        {"whistle", false, &whistle},
        {"questions", false, &questions},
    };
    if (!fluit_script_read_map(r, node, "a step", fields, COUNT(fields)))
        return;
    for (int i = 0; i < COUNT(kinds); i++)
        kinds[i] = fluit_step_kind_name((enum fluit_step_kind)i);
    fluit_script_read_id(r, id, "step id", r->script->steps, sizeof *step, r->script->step_count,
                         &step->id);
    step->kind =
        (enum fluit_step_kind)fluit_script_read_choice(r, kind, "kind", kinds, COUNT(kinds), 0);
    fluit_script_read_name(r, title, "a step's title", &step->title);
    fluit_script_read_no_text(&step->text);
    fluit_script_read_text(r, text, "a step's text", &step->text);
    step->planned_min = fluit_script_read_time(r, planned, "planned");
    check_planned(a, planned, step->planned_min);
    step->duration_us = fluit_script_read_duration(r, duration, "duration");
    step->wrap_up_us = fluit_script_read_duration(r, wrap_up, "wrap-up");
    step->whistle = fluit_script_read_bool(r, whistle, "whistle", step->kind == FLUIT_STEP_ROUND);
    read_step_questions(a, questions, step);
    check_round(r, node, wrap_up, step);
    check_asks(r, node, step);
}

void fluit_script_read_agenda(struct fluit_reader *r, const struct fluit_yaml_node *sets,
                              const struct fluit_yaml_node *agenda)
{
    struct agenda a = {.r = r, .last_planned = -1};
    struct fluit_script *script = r->script;
    read_sets(&a, sets);
    if (!fluit_script_read_list(r, agenda, "agenda", 1, FLUIT_STEPS_MAX))
        return;
    for (const struct fluit_yaml_node *item = agenda->first; item && !r->err; item = item->next) {
        read_step(&a, item, &script->steps[script->step_count]);
        script->step_count++;
    }
    if (script->round_count == 0)
        fluit_script_read_fail(r, agenda,
                               "the agenda has no card round; add a step of \"kind: round\"");
    for (int i = 0; i < a.set_count; i++)
        if (!a.sets[i].used)
            fluit_script_read_fail(r, a.sets[i].node,
                                   "question set \"%s\" is asked in no step; leave it "
                                   "out, or write \"questions: %s\" in a step",
                                   a.sets[i].id.s, a.sets[i].id.s);
}
