/* view_script.c: the script, in all its languages. */
#include "node/view/parts.h"
#include "node/view/view.h"

/* {"nl": "...", "en": "..."} */
static void put_words(struct fluit_doc *doc, const struct fluit_script *script, const char *key,
                      const struct fluit_text *text)
{
    fluit_doc_object(doc, key);
    for (int i = 0; i < script->language_count; i++)
        fluit_doc_str(doc, script->languages[i], text->in[i] ? text->in[i] : "");
    fluit_doc_end(doc);
}

/* An id and its name; the object stays open. */
static void put_named(struct fluit_doc *doc, const struct fluit_script *script,
                      const struct fluit_id *id, const struct fluit_text *name)
{
    fluit_doc_object(doc, NULL);
    fluit_doc_str(doc, "id", id->s);
    put_words(doc, script, "name", name);
}

static void put_head(struct fluit_doc *doc, const struct fluit_script *script)
{
    fluit_doc_str(doc, "id", script->id.s);
    put_words(doc, script, "title", &script->title);
    put_words(doc, script, "no_names", &script->no_names);
    fluit_doc_array(doc, "languages");
    for (int i = 0; i < script->language_count; i++)
        fluit_doc_str(doc, NULL, script->languages[i]);
    fluit_doc_end(doc);
    fluit_doc_int(doc, "round_count", script->round_count);
    fluit_doc_int(doc, "seats_max", FLUIT_SEATS_MAX);
}

static void put_id_or_null(struct fluit_doc *doc, const char *key, const struct fluit_id *id)
{
    if (id)
        fluit_doc_str(doc, key, id->s);
    else
        fluit_doc_null(doc, key);
}

static void put_deck(struct fluit_doc *doc, const struct fluit_script *script)
{
    fluit_doc_array(doc, "categories");
    for (int i = 0; i < script->category_count; i++) {
        put_named(doc, script, &script->categories[i].id, &script->categories[i].name);
        fluit_doc_str(doc, "colour", script->categories[i].colour);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
    fluit_doc_array(doc, "cards");
    for (int i = 0; i < script->card_count; i++) {
        const struct fluit_card *card = &script->cards[i];
        put_named(doc, script, &card->id, &card->name);
        put_words(doc, script, "question", &card->question);
        put_id_or_null(doc, "category",
                       card->category < 0 ? NULL : &script->categories[card->category].id);
        put_id_or_null(doc, "zone", card->zone < 0 ? NULL : &script->zones[card->zone].id);
        fluit_doc_int(doc, "copies", card->copies);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
    fluit_doc_int(doc, "blank_count", script->blank_count);
}

static void put_table(struct fluit_doc *doc, const struct fluit_script *script)
{
    fluit_doc_array(doc, "zones");
    for (int i = 0; i < script->zone_count; i++) {
        const struct fluit_zone *zone = &script->zones[i];
        put_named(doc, script, &zone->id, &zone->name);
        fluit_doc_bool(doc, "side", i < script->side_count);
        fluit_doc_array(doc, "degrees");
        for (int d = 0; d < zone->degree_count; d++)
            put_words(doc, script, NULL, &zone->degrees[d]);
        fluit_doc_end(doc);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
    fluit_doc_array(doc, "roles");
    for (int i = 0; i < script->role_count; i++) {
        put_named(doc, script, &script->roles[i].id, &script->roles[i].name);
        put_words(doc, script, "task", &script->roles[i].task);
        fluit_doc_int(doc, "tells_in", script->roles[i].tells_in);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

static void put_question(struct fluit_doc *doc, const struct fluit_script *script,
                         const struct fluit_question *q)
{
    static const char *const per[] = {
        [FLUIT_PER_TABLE] = "table", [FLUIT_PER_SEAT] = "seat", [FLUIT_PER_HANDS] = "hands"};
    fluit_doc_object(doc, NULL);
    fluit_doc_str(doc, "id", q->id.s);
    put_words(doc, script, "text", &q->text);
    fluit_doc_int(doc, "suggested_us", q->suggested_us);
    fluit_doc_str(doc, "asked_of", q->asked_of ? q->asked_of : "");
    fluit_doc_str(doc, "per", per[q->per]);
    fluit_doc_array(doc, "options");
    for (int i = 0; i < q->option_count; i++) {
        put_named(doc, script, &q->options[i].id, &q->options[i].name);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
    fluit_doc_end(doc);
}

static void put_step(struct fluit_doc *doc, const struct fluit_script *script,
                     const struct fluit_step *step)
{
    fluit_doc_object(doc, NULL);
    fluit_doc_str(doc, "id", step->id.s);
    fluit_doc_str(doc, "kind", fluit_step_kind_name(step->kind));
    put_words(doc, script, "title", &step->title);
    put_words(doc, script, "text", &step->text);
    fluit_doc_int(doc, "planned_min", step->planned_min);
    fluit_doc_int(doc, "duration_us", step->duration_us);
    fluit_doc_int(doc, "wrap_up_us", step->wrap_up_us);
    fluit_doc_int(doc, "round", step->round);
    fluit_doc_bool(doc, "whistle", step->whistle);
    fluit_doc_array(doc, "questions");
    for (int i = 0; i < step->question_count; i++)
        fluit_doc_str(doc, NULL, step->questions[i].id.s);
    fluit_doc_end(doc);
    fluit_doc_end(doc);
}

static void put_agenda(struct fluit_doc *doc, const struct fluit_script *script)
{
    fluit_doc_array(doc, "steps");
    for (int i = 0; i < script->step_count; i++)
        put_step(doc, script, &script->steps[i]);
    fluit_doc_end(doc);
    fluit_doc_array(doc, "questions");
    for (int i = 0; i < script->step_count; i++)
        for (int k = 0; k < script->steps[i].question_count; k++) {
            const struct fluit_question *q = &script->steps[i].questions[k];
            int first; /* it stands here once, though several steps may ask it */
            if (fluit_script_question(script, q->id.s, &first) == q && first == i)
                put_question(doc, script, q);
        }
    fluit_doc_end(doc);
}

static void put_groups(struct fluit_doc *doc, const struct fluit_script *script)
{
    fluit_doc_bool(doc, "groups_on", script->groups_on);
    fluit_doc_array(doc, "groups");
    for (int i = 0; script->groups_on && i < script->group_count; i++) {
        const struct fluit_group *group = &script->groups[i];
        put_named(doc, script, &group->id, &group->name);
        put_words(doc, script, "marks", &group->marks);
        put_words(doc, script, "works", &group->works);
        put_words(doc, script, "works_less", &group->works_less);
        fluit_doc_end(doc);
    }
    fluit_doc_end(doc);
}

enum fluit_err fluit_view_script(const struct fluit_script *script, struct fluit_buf *out)
{
    struct fluit_view view;
    fluit_view_begin(&view);
    put_head(&view.doc, script);
    put_deck(&view.doc, script);
    put_table(&view.doc, script);
    put_agenda(&view.doc, script);
    put_groups(&view.doc, script);
    return fluit_view_end(&view, out);
}
