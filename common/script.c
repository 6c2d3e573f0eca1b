#include "common/script.h"

#include <stdlib.h>
#include <string.h>

#include "common/script_data.h"

static const char *const kind_names[] = {
    [FLUIT_STEP_TALK] = "talk",
    [FLUIT_STEP_POLL] = "poll",
    [FLUIT_STEP_OPEN_QUESTION] = "open-question",
    [FLUIT_STEP_EXPLAIN] = "explain",
    [FLUIT_STEP_ROUND] = "round",
    [FLUIT_STEP_CHANGEOVER] = "changeover",
    [FLUIT_STEP_TABLE_TALK] = "table-talk",
    [FLUIT_STEP_BREAK] = "break",
    [FLUIT_STEP_PLENARY] = "plenary",
    [FLUIT_STEP_CLOSE] = "close",
};

const char *fluit_step_kind_name(enum fluit_step_kind kind)
{
    size_t i = (size_t)kind;
    return i < sizeof kind_names / sizeof kind_names[0] ? kind_names[i] : "unknown";
}

void fluit_script_free(struct fluit_script *script)
{
    if (!script)
        return;
    fluit_arena_deinit(&script->arena);
    free(script);
}

struct fluit_slice fluit_script_builtin(const char *name)
{
    for (int i = 0; fluit_script_builtins[i]; i++)
        if (strcmp(fluit_script_builtins[i], name) == 0)
            return fluit_script_data[i];
    return fluit_slice(NULL, 0);
}

int fluit_script_language(const struct fluit_script *script, const char *language)
{
    for (int i = 0; i < script->language_count; i++)
        if (strcmp(script->languages[i], language) == 0)
            return i;
    return -1;
}

int fluit_script_card(const struct fluit_script *script, const char *id)
{
    for (int i = 0; i < script->card_count; i++)
        if (fluit_id_is(&script->cards[i].id, id))
            return i;
    return -1;
}

int fluit_script_zone(const struct fluit_script *script, const char *id)
{
    for (int i = 0; i < script->zone_count; i++)
        if (fluit_id_is(&script->zones[i].id, id))
            return i;
    return -1;
}

int fluit_script_role(const struct fluit_script *script, const char *id)
{
    for (int i = 0; i < script->role_count; i++)
        if (fluit_id_is(&script->roles[i].id, id))
            return i;
    return -1;
}

int fluit_script_group(const struct fluit_script *script, const char *id)
{
    for (int i = 0; i < script->group_count; i++)
        if (fluit_id_is(&script->groups[i].id, id))
            return i;
    return -1;
}

const struct fluit_question *fluit_script_question(const struct fluit_script *script,
                                                   const char *id, int *step)
{
    for (int s = 0; s < script->step_count; s++) {
        for (int q = 0; q < script->steps[s].question_count; q++) {
            if (!fluit_id_is(&script->steps[s].questions[q].id, id))
                continue;
            if (step)
                *step = s;
            return &script->steps[s].questions[q];
        }
    }
    return NULL;
}

int fluit_script_round_step(const struct fluit_script *script, uint8_t round)
{
    for (int i = 0; round && i < script->step_count; i++)
        if (script->steps[i].round == round)
            return i;
    return -1;
}

/* The number of a blank card's id, "blank-1" and so on, written in no other way; 0: not one. */
static int blank_number(const char *id)
{
    static const char prefix[] = "blank-";
    if (strncmp(id, prefix, sizeof prefix - 1) != 0)
        return 0;
    const char *digits = id + sizeof prefix - 1;
    int number = 0;
    if (digits[0] == '0' || strlen(digits) > 3)
        return 0;
    for (; *digits; digits++) {
        if (*digits < '0' || *digits > '9')
            return 0;
        number = number * 10 + (*digits - '0');
    }
    return number;
}

static bool is_blank(const struct fluit_script *script, const struct fluit_card_ref *card)
{
    int number = blank_number(card->card.s);
    return number >= 1 && number <= script->blank_count && card->copy == 1;
}

bool fluit_script_has_card(const struct fluit_script *script, const struct fluit_card_ref *card)
{
    int index = fluit_script_card(script, card->card.s);
    if (index < 0)
        return is_blank(script, card);
    return card->copy >= 1 && card->copy <= script->cards[index].copies;
}

bool fluit_script_may_lie(const struct fluit_script *script, const struct fluit_card_ref *card,
                          const struct fluit_id *zone, uint8_t degree)
{
    if (!fluit_script_has_card(script, card))
        return false;
    int index = fluit_script_card(script, card->card.s);
    int only = index < 0 ? -1 : script->cards[index].zone;
    int there = fluit_script_zone(script, zone->s);
    if (there < 0)
        return false;
    if (there >= script->side_count)
        return only == there && degree == 0;
    return only < 0 && degree >= 1 && degree <= script->zones[there].degree_count;
}
