#include "node/core/terms.h"

#include <string.h>

bool fluit_terms_name(const struct fluit_terms *terms, uint32_t number,
                      const struct fluit_sign_pk *hub)
{
    for (uint32_t i = 0; i < terms->count; i++)
        if (terms->items[i].number == number &&
            memcmp(terms->items[i].hub.b, hub->b, sizeof hub->b) == 0)
            return true;
    return false;
}

bool fluit_terms_add(struct fluit_terms *terms, const struct fluit_term *term)
{
    uint32_t at = terms->count, lowest = 0;
    if (fluit_terms_name(terms, term->number, &term->hub))
        return false;
    if (at == FLUIT_TERMS_MAX) {
        for (uint32_t i = 1; i < terms->count; i++)
            if (terms->items[i].number < terms->items[lowest].number)
                lowest = i;
        if (term->number <= terms->items[lowest].number)
            return false;
        at = lowest;
    } else {
        terms->count++;
    }
    terms->items[at] = *term;
    return true;
}

static bool is_higher(const struct fluit_term *a, const struct fluit_term *b)
{
    return a->number != b->number ? a->number > b->number
                                  : memcmp(a->hub.b, b->hub.b, sizeof a->hub.b) > 0;
}

const struct fluit_term *fluit_terms_newest(const struct fluit_terms *terms)
{
    const struct fluit_term *newest = NULL;
    for (uint32_t i = 0; i < terms->count; i++)
        if (!newest || is_higher(&terms->items[i], newest))
            newest = &terms->items[i];
    return newest;
}
