/* A script file is a stranger's: whatever its bytes, it is read or refused with a place. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(const struct fluit_text *text)
{
    for (int i = 0; i < FLUIT_LANGS_MAX; i++)
        assert(fluit_text_ok(fluit_slice_str(text->in[i])) && text->in[i]);
}

static void check_cards(const struct fluit_script *script)
{
    for (int i = 0; i < script->card_count; i++) {
        const struct fluit_card *card = &script->cards[i];
        struct fluit_card_ref ref = {card->id, card->copies};
        check_text(&card->name);
        check_text(&card->question);
        assert(card->category < script->category_count && card->zone < script->zone_count);
        assert(fluit_script_card(script, card->id.s) == i);
        assert(fluit_script_has_card(script, &ref));
        const struct fluit_zone *zone = &script->zones[card->zone < 0 ? 0 : card->zone];
        assert(fluit_script_may_lie(script, &ref, &zone->id, card->zone < 0));
    }
}

static void check_agenda(const struct fluit_script *script)
{
    for (int i = 0; i < script->step_count; i++) {
        const struct fluit_step *step = &script->steps[i];
        check_text(&step->title);
        check_text(&step->text);
        assert(step->round == 0 || fluit_script_round_step(script, step->round) == i);
        for (int q = 0; q < step->question_count; q++) {
            check_text(&step->questions[q].text);
            assert(fluit_script_question(script, step->questions[q].id.s, NULL) != NULL);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fluit_script *script = NULL;
    struct fluit_script_error error = {0};
    enum fluit_err err = fluit_script_parse(fluit_slice(data, len), &script, &error);
    if (err) {
        assert(!script && fluit_text_ok(fluit_slice_str(error.text)));
        assert(err == FLUIT_E_NOMEM || (error.text[0] && strchr(error.text, '\n') == NULL));
        assert(err != FLUIT_E_FORMAT || (error.line >= 1 && error.column >= 1));
        return 0;
    }
    check_cards(script);
    check_agenda(script);
    fluit_script_free(script);
    return 0;
}
