/* script_fixture.h: a small script made by hand: 4 kinds of card, 2 sides, a yields zone, 2 rounds.
 * And acts with their origins, as short as a test wants to write them. */
#ifndef FLUIT_SCRIPT_FIXTURE_H
#define FLUIT_SCRIPT_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "common/script.h"

static inline struct fluit_id fixture_id(const char *text)
{
    struct fluit_id id = {{0}};
    strncpy(id.s, text, FLUIT_ID_LEN_MAX);
    return id;
}

static inline struct fluit_text fixture_text(const char *nl, const char *en)
{
    return (struct fluit_text){{nl, en, nl, nl}};
}

static inline void fixture_board(struct fluit_script *script)
{
    script->category_count = 2;
    script->categories[0] = (struct fluit_category){
        fixture_id("work"), fixture_text("werkgever", "employer"), "#112233"};
    script->categories[1] = (struct fluit_category){
        fixture_id("person"), fixture_text("persoonlijk", "personal"), "#332211"};
    script->card_count = 4;
    script->cards[0] = (struct fluit_card){fixture_id("manager"),
                                           fixture_text("leidinggevende", "manager"),
                                           fixture_text("", ""),
                                           0,
                                           -1,
                                           2};
    script->cards[1] = (struct fluit_card){
        fixture_id("health"), fixture_text("gezondheid", "health"), fixture_text("", ""), 1, -1, 2};
    script->cards[2] = (struct fluit_card){fixture_id("money"),
                                           fixture_text("financi\xc3\xabn", "finances"),
                                           fixture_text("", ""),
                                           1,
                                           -1,
                                           2};
    script->cards[3] = (struct fluit_card){
        fixture_id("joy"), fixture_text("werkplezier", "joy"), fixture_text("", ""), -1, 2, 1};
    script->blank_count = 2;
    script->zone_count = 3;
    script->side_count = 2;
    struct fluit_text little = fixture_text("in beperkte mate", "to a limited extent");
    struct fluit_text much = fixture_text("in grote mate", "to a large extent");
    script->zones[0] = (struct fluit_zone){
        fixture_id("helps"), fixture_text("stimuleert", "stimulates"), 2, {little, much}};
    script->zones[1] = (struct fluit_zone){
        fixture_id("hinders"), fixture_text("belemmert", "hinders"), 2, {little, much}};
    script->zones[2] = (struct fluit_zone){.id = fixture_id("yields"),
                                           .name = fixture_text("opbrengst", "yields")};
}

static inline void fixture_step(struct fluit_script *script, enum fluit_step_kind kind,
                                uint8_t round, const char *question)
{
    struct fluit_step *step = &script->steps[script->step_count++];
    *step = (struct fluit_step){.id = fixture_id(question),
                                .kind = kind,
                                .title = fixture_text(question, question),
                                .planned_min = -1,
                                .round = round,
                                .question_count = 1,
                                .questions = calloc(1, sizeof(struct fluit_question))};
    if (!step->questions)
        abort();
    step->questions[0] = (struct fluit_question){
        .id = fixture_id(question), .text = fixture_text("Vraag?", "Question?"), .asked_of = ""};
}

static inline void fixture_role(struct fluit_script *script, const char *id, uint8_t tells_in)
{
    script->roles[script->role_count++] =
        (struct fluit_role){fixture_id(id), fixture_text(id, id), fixture_text("", ""), tells_in};
}

static inline struct fluit_script *fixture_script(void)
{
    struct fluit_script *script = calloc(1, sizeof *script);
    if (!script)
        abort();
    script->id = fixture_id("small");
    script->title = fixture_text("Kleine werkplaats", "Small workshop");
    script->language_count = 2;
    memcpy(script->languages[0], "nl", 3);
    memcpy(script->languages[1], "en", 3);
    fixture_board(script);
    fixture_step(script, FLUIT_STEP_OPEN_QUESTION, 0, "expect");
    fixture_step(script, FLUIT_STEP_ROUND, 1, "what-1");
    fixture_step(script, FLUIT_STEP_ROUND, 2, "what-2");
    fixture_step(script, FLUIT_STEP_TABLE_TALK, 0, "stop");
    script->round_count = 2;
    fixture_role(script, "interviewer", 0);
    fixture_role(script, "respondent-1", 1);
    fixture_role(script, "respondent-2", 2);
    script->groups_on = true;
    script->group_count = 1;
    script->groups[0].id = fixture_id("group-a");
    script->groups[0].name = fixture_text("groep A", "group A");
    return script;
}

static inline void fixture_script_free(struct fluit_script *script)
{
    for (int i = 0; i < script->step_count; i++)
        free(script->steps[i].questions);
    free(script);
}

/* The author is told by its rank: 0 the hub, 1..99 a table's node, 100.. a rapporteur; also the
 * feed's id. Mesh time is 1 s a seq. */
static inline struct fluit_origin fixture_origin(uint32_t rank, uint8_t table, uint8_t round,
                                                 uint64_t seq)
{
    struct fluit_origin origin = {.table = table,
                                  .author = rank == 0    ? FLUIT_NODE_HUB
                                            : rank < 100 ? FLUIT_NODE_TABLE
                                                         : FLUIT_NODE_RAPPORTEUR,
                                  .rank = rank,
                                  .seq = seq,
                                  .round = round,
                                  .mesh_us = (int64_t)seq * 1000000};
    memset(origin.incarnation, (int)rank, sizeof origin.incarnation);
    memset(origin.feed.b, (int)rank, sizeof origin.feed.b);
    return origin;
}

static inline struct fluit_card_ref fixture_card(const char *card, uint8_t copy)
{
    return (struct fluit_card_ref){fixture_id(card), copy};
}

static inline struct fluit_act fixture_place(const char *card, uint8_t copy, const char *zone,
                                             uint8_t degree)
{
    return (struct fluit_act){.kind = FLUIT_KIND_PLACE,
                              .place = {fixture_card(card, copy), fixture_id(zone), degree}};
}

static inline struct fluit_act fixture_lift(const char *card, uint8_t copy)
{
    return (struct fluit_act){.kind = FLUIT_KIND_LIFT, .lift = {fixture_card(card, copy)}};
}

static inline struct fluit_act fixture_why(const char *card, uint8_t copy, const char *text)
{
    return (struct fluit_act){
        .kind = FLUIT_KIND_WHY,
        .why = {fixture_card(card, copy), text == NULL, fluit_slice_str(text)}};
}

static inline struct fluit_act fixture_link(const char *from, const char *to, const char *word,
                                            bool gone)
{
    return (struct fluit_act){
        .kind = FLUIT_KIND_LINK,
        .link = {fixture_card(from, 1), fixture_card(to, 1), gone, fluit_slice_str(word)}};
}

static inline struct fluit_act fixture_role_act(const char *role, uint8_t seat)
{
    return (struct fluit_act){.kind = FLUIT_KIND_ROLE, .role = {fixture_id(role), seat}};
}

static inline struct fluit_note_id fixture_note_id(uint8_t number)
{
    struct fluit_note_id id;
    memset(id.b, number, sizeof id.b);
    return id;
}

/* parent 0: none. */
static inline struct fluit_act fixture_note(uint8_t note, uint8_t revision, uint8_t parent,
                                            const char *question, uint32_t flags, const char *text)
{
    struct fluit_act act = {.kind = FLUIT_KIND_NOTE,
                            .note = {.note = fixture_note_id(note),
                                     .revision = fixture_note_id(revision),
                                     .question = fixture_id(question),
                                     .flags = flags,
                                     .text = fluit_slice_str(text)}};
    if (parent)
        act.note.parents[act.note.parent_count++] = fixture_note_id(parent);
    return act;
}

static inline struct fluit_act fixture_answer(const char *question, uint8_t seat, const char *text)
{
    return (struct fluit_act){.kind = FLUIT_KIND_ANSWER,
                              .answer = {fixture_id(question), seat, fluit_slice_str(text)}};
}

static inline struct fluit_act fixture_release(uint8_t note, bool shown)
{
    return (struct fluit_act){.kind = FLUIT_KIND_RELEASE,
                              .release = {fixture_note_id(note), shown}};
}

/* A cut that has one feed, up to seq; heads is the caller's and must outlive the act. */
static inline struct fluit_act fixture_cut(uint8_t round, uint32_t term, int64_t closed_us,
                                           const struct fluit_cut_head *heads, uint32_t count)
{
    return (struct fluit_act){.kind = FLUIT_KIND_CUT,
                              .cut = {round, term, closed_us, count, heads}};
}

#endif
