/* A script from YAML: the head, decks, board, roles and groups. FORMAT.md is its document. */
#include <stdlib.h>
#include <string.h>

#include "common/script_read.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static void read_language(struct fluit_reader *r, const struct fluit_yaml_node *node)
{
    struct fluit_script *script = r->script;
    struct fluit_id code = {{0}};
    fluit_script_read_id(r, node, "language", NULL, 0, 0, &code);
    if (r->err)
        return;
    size_t len = strlen(code.s);
    if (len < 2 || len >= sizeof script->languages[0])
        fluit_script_read_fail(r, node,
                               "language \"%s\" is not a language's code; write for example nl "
                               "or en",
                               code.s);
    else if (fluit_script_language(script, code.s) >= 0)
        fluit_script_read_fail(r, node, "language \"%s\" stands twice; leave one out", code.s);
    else
        memcpy(script->languages[script->language_count++], code.s, len + 1);
}

static void read_languages(struct fluit_reader *r, const struct fluit_yaml_node *node)
{
    if (!fluit_script_read_list(r, node, "languages", 1, FLUIT_LANGS_MAX))
        return;
    for (const struct fluit_yaml_node *item = node->first; item && !r->err; item = item->next)
        read_language(r, item);
}

static void read_degrees(struct fluit_reader *r, const struct fluit_yaml_node *node,
                         struct fluit_zone *side)
{
    if (!fluit_script_read_list(r, node, "degrees", 1, FLUIT_DEGREES_MAX))
        return;
    for (const struct fluit_yaml_node *item = node->first; item && !r->err; item = item->next)
        fluit_script_read_name(r, item, "a degree", &side->degrees[side->degree_count++]);
}

static void read_zone(struct fluit_reader *r, const struct fluit_yaml_node *node, bool is_side)
{
    struct fluit_script *script = r->script;
    struct fluit_zone *zone = &script->zones[script->zone_count];
    const struct fluit_yaml_node *id, *name, *degrees = NULL;
    const struct fluit_script_read_field fields[] = {
        {"id", true, &id}, {"name", true, &name}, {"degrees", true, &degrees}};
    const char *what = is_side ? "a side" : "a zone";
    if (!fluit_script_read_map(r, node, what, fields, is_side ? 3 : 2))
        return;
    fluit_script_read_id(r, id, is_side ? "side id" : "zone id", script->zones, sizeof *zone,
                         script->zone_count, &zone->id);
    if (fluit_id_is(&zone->id, "hand") || fluit_id_is(&zone->id, "aside"))
        fluit_script_read_fail(r, id, "every table has \"%s\" already; write another id",
                               zone->id.s);
    fluit_script_read_name(r, name, is_side ? "a side's name" : "a zone's name", &zone->name);
    read_degrees(r, degrees, zone);
    script->zone_count++;
    script->side_count += is_side;
}

static void read_board(struct fluit_reader *r, const struct fluit_yaml_node *node)
{
    const struct fluit_yaml_node *sides, *zones;
    const struct fluit_script_read_field fields[] = {{"sides", true, &sides},
                                                     {"zones", false, &zones}};
    if (!fluit_script_read_map(r, node, "the board", fields, COUNT(fields)) ||
        !fluit_script_read_list(r, sides, "sides", 2, FLUIT_SIDES_MAX))
        return;
    for (const struct fluit_yaml_node *item = sides->first; item && !r->err; item = item->next)
        read_zone(r, item, true);
    if (!fluit_script_read_list(r, zones, "zones", 1, FLUIT_ZONES_MAX))
        return;
    for (const struct fluit_yaml_node *item = zones->first; item && !r->err; item = item->next)
        read_zone(r, item, false);
}

/* What a card has from its deck unless it says otherwise. */
struct deck {
    int category;
    int zone;
    int copies;
    struct fluit_text question;
};

static void read_card(struct fluit_reader *r, const struct fluit_yaml_node *node,
                      const struct deck *deck)
{
    struct fluit_script *script = r->script;
    const struct fluit_yaml_node *id, *name, *question, *copies;
    const struct fluit_script_read_field fields[] = {{"id", true, &id},
                                                     {"name", true, &name},
                                                     {"question", false, &question},
                                                     {"copies", false, &copies}};
    if (!fluit_script_read_map(r, node, "a card", fields, COUNT(fields)))
        return;
    if (script->card_count == FLUIT_CARDS_MAX) {
        fluit_script_read_fail(r, node, "too many cards; write at most %d", FLUIT_CARDS_MAX);
        return;
    }
    struct fluit_card *card = &script->cards[script->card_count];
    fluit_script_read_id(r, id, "card id", script->cards, sizeof *card, script->card_count,
                         &card->id);
    if (strncmp(card->id.s, "blank-", 6) == 0)
        fluit_script_read_fail(r, id,
                               "card ids that begin with \"blank-\" are the blank cards' own; "
                               "write another id");
    fluit_script_read_name(r, name, "a card's name", &card->name);
    card->question = deck->question;
    fluit_script_read_text(r, question, "a card's question", &card->question);
    card->copies =
        (uint8_t)fluit_script_read_int(r, copies, "copies", 1, FLUIT_COPIES_MAX, deck->copies);
    card->category = deck->category;
    card->zone = deck->zone;
    script->card_count++;
}

static void read_cards(struct fluit_reader *r, const struct fluit_yaml_node *node,
                       const struct deck *deck)
{
    if (!fluit_script_read_list(r, node, "cards", 1, FLUIT_CARDS_MAX))
        return;
    for (const struct fluit_yaml_node *item = node->first; item && !r->err; item = item->next)
        read_card(r, item, deck);
}

static void read_category(struct fluit_reader *r, const struct fluit_yaml_node *node,
                          struct deck deck)
{
    struct fluit_script *script = r->script;
    const struct fluit_yaml_node *id, *name, *colour, *cards;
    const struct fluit_script_read_field fields[] = {{"id", true, &id},
                                                     {"name", true, &name},
                                                     {"colour", true, &colour},
                                                     {"cards", true, &cards}};
    if (!fluit_script_read_map(r, node, "a category", fields, COUNT(fields)))
        return;
    if (script->category_count == FLUIT_CATEGORIES_MAX) {
        fluit_script_read_fail(r, node, "too many categories; write at most %d",
                               FLUIT_CATEGORIES_MAX);
        return;
    }
    struct fluit_category *category = &script->categories[script->category_count];
    fluit_script_read_id(r, id, "category id", script->categories, sizeof *category,
                         script->category_count, &category->id);
    fluit_script_read_name(r, name, "a category's name", &category->name);
    fluit_script_read_colour(r, colour, category->colour);
    deck.category = script->category_count++;
    read_cards(r, cards, &deck);
}

static void read_deck(struct fluit_reader *r, const struct fluit_yaml_node *node)
{
    struct fluit_script *script = r->script;
    struct deck deck = {.category = -1, .zone = -1};
    const struct fluit_yaml_node *copies, *zone, *question, *categories, *cards;
    const struct fluit_script_read_field fields[] = {
        {"copies", false, &copies},     {"zone", false, &zone},
        {"question", false, &question}, {"categories", false, &categories},
        {"cards", false, &cards},
    };
    if (!fluit_script_read_map(r, node, "a deck", fields, COUNT(fields)))
        return;
    if (!categories && !cards)
        fluit_script_read_fail(r, node, "a deck without cards; add \"cards:\" or \"categories:\"");
    deck.copies = fluit_script_read_int(r, copies, "copies", 1, FLUIT_COPIES_MAX, 1);
    int place =
        fluit_script_read_ref(r, zone, "zone", script->zones + script->side_count,
                              sizeof script->zones[0], script->zone_count - script->side_count);
    if (place >= 0)
        deck.zone = script->side_count + place;
    fluit_script_read_no_text(&deck.question);
    fluit_script_read_text(r, question, "a deck's question", &deck.question);
    if (categories && fluit_script_read_list(r, categories, "categories", 1, FLUIT_CATEGORIES_MAX))
        for (const struct fluit_yaml_node *c = categories->first; c && !r->err; c = c->next)
            read_category(r, c, deck);
    read_cards(r, cards, &deck);
}

static void read_decks(struct fluit_reader *r, const struct fluit_yaml_node *node)
{
    if (!fluit_script_read_list(r, node, "decks", 1, FLUIT_CARDS_MAX))
        return;
    bool on_sides = false;
    for (const struct fluit_yaml_node *item = node->first; item && !r->err; item = item->next)
        read_deck(r, item);
    for (int i = 0; i < r->script->card_count; i++)
        on_sides = on_sides || r->script->cards[i].zone < 0;
    if (!on_sides)
        fluit_script_read_fail(r, node,
                               "no card may lie on a side of the board; add a deck without "
                               "\"zone\"");
}

static void read_role(struct fluit_reader *r, const struct fluit_yaml_node *node,
                      const struct fluit_yaml_node **tells_in)
{
    struct fluit_script *script = r->script;
    struct fluit_role *role = &script->roles[script->role_count];
    const struct fluit_yaml_node *id, *name, *task;
    const struct fluit_script_read_field fields[] = {{"id", true, &id},
                                                     {"name", true, &name},
                                                     {"task", false, &task},
                                                     {"tells-in", false, tells_in}};
    if (!fluit_script_read_map(r, node, "a role", fields, COUNT(fields)))
        return;
    fluit_script_read_id(r, id, "role id", script->roles, sizeof *role, script->role_count,
                         &role->id);
    fluit_script_read_name(r, name, "a role's name", &role->name);
    fluit_script_read_no_text(&role->task);
    fluit_script_read_text(r, task, "a role's task", &role->task);
    role->tells_in =
        (uint8_t)fluit_script_read_int(r, *tells_in, "tells-in", 1, FLUIT_ROUNDS_MAX, 0);
    for (int i = 0; i < script->role_count; i++)
        if (role->tells_in && role->tells_in == script->roles[i].tells_in)
            fluit_script_read_fail(r, *tells_in,
                                   "round %d has someone who tells already; write another "
                                   "round, or leave it out",
                                   role->tells_in);
    script->role_count++;
}

/* Who tells in which round can only be judged once the agenda has been read. */
static void check_tellers(struct fluit_reader *r, const struct fluit_yaml_node *roles,
                          const struct fluit_yaml_node *const tells_in[])
{
    const struct fluit_script *script = r->script;
    unsigned told = 0;
    for (int i = 0; i < script->role_count && !r->err; i++) {
        if (script->roles[i].tells_in > script->round_count)
            fluit_script_read_fail(r, tells_in[i],
                                   "the agenda has %d card round%s; write a round that "
                                   "there is",
                                   script->round_count, script->round_count == 1 ? "" : "s");
        told |= 1u << script->roles[i].tells_in;
    }
    for (int round = 1; told >> 1 && round <= script->round_count && !r->err; round++)
        if (!(told >> round & 1))
            fluit_script_read_fail(
                r, roles, "nobody tells in round %d; add \"tells-in: %d\" to a role", round, round);
}

static void read_group(struct fluit_reader *r, const struct fluit_yaml_node *node)
{
    struct fluit_script *script = r->script;
    struct fluit_group *group = &script->groups[script->group_count];
    const struct fluit_yaml_node *id, *name, *marks, *works, *works_less;
    const struct fluit_script_read_field fields[] = {{"id", true, &id},
                                                     {"name", true, &name},
                                                     {"marks", true, &marks},
                                                     {"works", true, &works},
                                                     {"works-less", true, &works_less}};
    if (!fluit_script_read_map(r, node, "a group", fields, COUNT(fields)))
        return;
    fluit_script_read_id(r, id, "group id", script->groups, sizeof *group, script->group_count,
                         &group->id);
    fluit_script_read_name(r, name, "a group's name", &group->name);
    fluit_script_read_text(r, marks, "a group's marks", &group->marks);
    fluit_script_read_text(r, works, "what works", &group->works);
    fluit_script_read_text(r, works_less, "what works less", &group->works_less);
    script->group_count++;
}

static void read_groups(struct fluit_reader *r, const struct fluit_yaml_node *node)
{
    const struct fluit_yaml_node *on, *list;
    const struct fluit_script_read_field fields[] = {{"list", true, &list}, {"on", false, &on}};
    if (!fluit_script_read_map(r, node, "groups", fields, COUNT(fields)))
        return;
    r->script->groups_on = fluit_script_read_bool(r, on, "on", false);
    if (!fluit_script_read_list(r, list, "groups", 1, FLUIT_GROUPS_MAX))
        return;
    for (const struct fluit_yaml_node *item = list->first; item && !r->err; item = item->next)
        read_group(r, item);
}

static void read_script(struct fluit_reader *r, const struct fluit_yaml_node *root)
{
    struct fluit_script *script = r->script;
    const struct fluit_yaml_node *id, *title, *languages, *no_names, *decks, *blanks, *board,
        *roles, *sets, *agenda, *groups, *tells_in[FLUIT_ROLES_MAX] = {NULL};
    const struct fluit_script_read_field fields[] = {
        {"id", true, &id},
        {"title", true, &title},
        {"languages", true, &languages},
        {"no-names", true, &no_names},
        {"board", true, &board},
        {"decks", true, &decks},
        {"blank-cards", false, &blanks},
        {"roles", true, &roles},
        {"question-sets", false, &sets},
        {"agenda", true, &agenda},
        {"groups", false, &groups},
    };
    if (!fluit_script_read_map(r, root, "the script", fields, COUNT(fields)))
        return;
    fluit_script_read_id(r, id, "script id", NULL, 0, 0, &script->id);
    read_languages(r, languages);
    fluit_script_read_name(r, title, "title", &script->title);
    fluit_script_read_name(r, no_names, "no-names", &script->no_names);
    read_board(r, board);
    read_decks(r, decks);
    script->blank_count = fluit_script_read_int(r, blanks, "blank-cards", 0, FLUIT_BLANKS_MAX, 0);
    if (fluit_script_read_list(r, roles, "roles", 1, FLUIT_ROLES_MAX))
        for (const struct fluit_yaml_node *role = roles->first; role && !r->err; role = role->next)
            read_role(r, role, &tells_in[script->role_count]);
    fluit_script_read_agenda(r, sets, agenda);
    if (!r->err)
        check_tellers(r, roles, tells_in);
    read_groups(r, groups);
}

enum fluit_err fluit_script_parse(struct fluit_slice yaml, struct fluit_script **out,
                                  struct fluit_script_error *error)
{
    struct fluit_script_error unread = {0};
    struct fluit_arena tree = {0};
    const struct fluit_yaml_node *root = NULL;
    struct fluit_reader r = {.error = error ? error : &unread};
    r.err = fluit_yaml_load(yaml, &tree, &root, r.error);
    if (r.err)
        goto out;
    r.script = calloc(1, sizeof *r.script);
    if (!r.script)
        r.err = FLUIT_E_NOMEM;
    else
        read_script(&r, root);
out:
    fluit_arena_deinit(&tree);
    if (r.err)
        fluit_script_free(r.script);
    else
        *out = r.script;
    return r.err;
}
