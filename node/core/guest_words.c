/* guest_words.c: what people type for cards, zones and questions: an id, or a beginning of one that
 * fits only one. */
#include <string.h>

#include "node/core/guest.h"
#include "node/core/words.h"

/* How well a typed word names an id: 2 exactly, 1 as its beginning, 0 not. */
static int fits(struct fluit_slice word, const char *id)
{
    if (!fluit_words_begins(word, id))
        return 0;
    return id[word.len] == 0 ? 2 : 1;
}

/* The one of count ids that the word names; -1 for none, -2 for several. */
static int pick(struct fluit_slice word, int count, const char *(*id)(const void *arg, int index),
                const void *arg)
{
    int found = -1;
    for (int i = 0; i < count; i++) {
        int how = fits(word, id(arg, i));
        if (how == 2)
            return i;
        if (how == 1)
            found = found == -1 ? i : -2;
    }
    return found;
}

/* So few are all named. */
#define NAMES_FEW 8

/* Says what there is instead: what it may have been meant to be, else what begins alike. */
static void say_near(struct fluit_slice word, const char *what, int found, int count,
                     const char *(*id)(const void *arg, int index), const void *arg,
                     struct fluit_effects *fx)
{
    struct fluit_words_near near = {.typed = word};
    struct fluit_slice shown = fluit_words_shown(word);
    struct fluit_buf names = FLUIT_BUF_INIT;
    for (int i = 0; i < count; i++) {
        const char *name = id(arg, i);
        bool begins =
            found == -2 ? fits(word, name) > 0 : word.len > 0 && (uint8_t)name[0] == word.data[0];
        if (begins || count <= NAMES_FEW)
            fluit_buf_printf(&names, "%s%s", names.len ? ", " : "", name);
        fluit_words_try(&near, name);
    }
    if (found == -1 && near.best && count > NAMES_FEW)
        fluit_guest_no(fx, "there is no %s '%.*s'; did you mean '%s'?", what, (int)shown.len,
                       (const char *)shown.data, near.best);
    else
        fluit_guest_no(fx, "%s %s '%.*s'%s%s", found == -2 ? "more than one" : "there is no", what,
                       (int)shown.len, (const char *)shown.data, names.len ? "; there is: " : "",
                       fluit_buf_text(&names));
    fluit_buf_deinit(&names);
}

/* card: index in the script, or -1 for blank cards. */
static void say_copies(const struct fluit_script *script, int card, struct fluit_effects *fx)
{
    if (card < 0 && script->blank_count == 0)
        fluit_guest_no(fx, "this workshop has no blank cards");
    else if (card < 0)
        fluit_guest_no(fx, "there is no such blank card; they are blank-1 to blank-%d",
                       script->blank_count);
    else if (script->cards[card].copies == 1)
        fluit_guest_no(fx, "there is no such copy; there is one %s", script->cards[card].id.s);
    else
        fluit_guest_no(fx, "there is no such copy; say %s/1 to %s/%u", script->cards[card].id.s,
                       script->cards[card].id.s, script->cards[card].copies);
}

static const char *card_id(const void *arg, int index)
{
    return ((const struct fluit_script *)arg)->cards[index].id.s;
}

static bool is_blank_id(struct fluit_slice word)
{
    return word.len > 6 && memcmp(word.data, "blank-", 6) == 0;
}

bool fluit_guest_card(struct fluit_guest *guest, struct fluit_slice *rest,
                      struct fluit_card_ref *card, bool *copy_given, struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    struct fluit_slice word = fluit_words_next(rest), copy = {0};
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] == '/') {
            copy = fluit_slice(word.data + i + 1, word.len - i - 1);
            word.len = i;
            break;
        }
    if (word.len == 0) {
        fluit_guest_no(fx, "say which card; 'hand' lists them");
        return false;
    }
    *card = (struct fluit_card_ref){.copy = 1};
    int found = pick(word, script->card_count, card_id, script);
    if (found >= 0)
        card->card = script->cards[found].id;
    else if (!is_blank_id(word) || fluit_id_set(&card->card, word)) {
        say_near(word, "card", found, script->card_count, card_id, script, fx);
        return false;
    }
    uint64_t number = 1;
    *copy_given = copy.data != NULL;
    if (*copy_given && !fluit_words_number(copy, FLUIT_COPIES_MAX, &number))
        number = 0;
    card->copy = (uint8_t)number;
    if (!fluit_script_has_card(script, card)) {
        say_copies(script, found, fx);
        return false;
    }
    return true;
}

static const char *zone_id(const void *arg, int index)
{
    return ((const struct fluit_script *)arg)->zones[index].id.s;
}

bool fluit_guest_zone(struct fluit_guest *guest, struct fluit_slice *rest, int *zone,
                      struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    struct fluit_slice word = fluit_words_next(rest);
    int found = pick(word, script->zone_count, zone_id, script);
    if (found < 0 && fluit_slice_is(word, "left"))
        found = 0;
    if (found < 0 && fluit_slice_is(word, "right"))
        found = script->side_count - 1;
    if (found < 0)
        say_near(word, "place", found, script->zone_count, zone_id, script, fx);
    else
        *zone = found;
    return found >= 0;
}

static const char *role_id(const void *arg, int index)
{
    return ((const struct fluit_script *)arg)->roles[index].id.s;
}

bool fluit_guest_role(struct fluit_guest *guest, struct fluit_slice *rest, int *role,
                      struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    struct fluit_slice word = fluit_words_next(rest);
    int found = pick(word, script->role_count, role_id, script);
    if (found < 0)
        say_near(word, "role", found, script->role_count, role_id, script, fx);
    else
        *role = found;
    return found >= 0;
}

static const char *group_id(const void *arg, int index)
{
    return ((const struct fluit_script *)arg)->groups[index].id.s;
}

bool fluit_guest_group(struct fluit_guest *guest, struct fluit_slice word, struct fluit_id *group,
                       struct fluit_effects *fx)
{
    const struct fluit_script *script = guest->node.script;
    int found = pick(word, script->group_count, group_id, script);
    if (found < 0)
        say_near(word, "group", found, script->group_count, group_id, script, fx);
    else
        *group = script->groups[found].id;
    return found >= 0;
}

/* All questions of the script, in the order of the steps that first ask them. */
struct questions {
    const struct fluit_question *items[FLUIT_STEPS_MAX * FLUIT_QUESTIONS_MAX];
    int count;
};

static const char *question_id(const void *arg, int index)
{
    return ((const struct questions *)arg)->items[index]->id.s;
}

static void collect(const struct fluit_script *script, struct questions *out)
{
    out->count = 0;
    for (int step = 0; step < script->step_count; step++)
        for (int i = 0; i < script->steps[step].question_count; i++) {
            const struct fluit_question *q = &script->steps[step].questions[i];
            int first;
            if (fluit_script_question(script, q->id.s, &first) == q && first == step)
                out->items[out->count++] = q;
        }
}

const struct fluit_question *fluit_guest_question(struct fluit_guest *guest,
                                                  struct fluit_slice word, int *step,
                                                  struct fluit_effects *fx)
{
    struct questions all;
    collect(guest->node.script, &all);
    int found = pick(word, all.count, question_id, &all);
    if (found < 0) {
        say_near(word, "question", found, all.count, question_id, &all, fx);
        return NULL;
    }
    return fluit_script_question(guest->node.script, all.items[found]->id.s, step);
}
