#include "node/view/refusals.h"

#include <string.h>

/* In the words that the core says, which knows nothing of pages; * stands for what differs. The
 * first that fits counts. tests/web/check_pages.js sees to it that all of these are said, and that
 * pages have words for each. */
static const struct {
    const char *code;
    const char *why;
} refusals[] = {
    {"busy", "one moment*"},
    {"not_saved", "it was not saved: *"},
    {"not_saved", "the plan could not be saved: *"},
    {"not_saved", "the message was not sent: *"},
    {"not_saved", "the roster could not be saved"},
    /* At a table. */
    {"place_taken", "another device has this one's place*"},
    {"too_long", "a text has at most *"},
    {"too_long", "that is too long; say it shorter"},
    {"bad_text", "that text has characters that can't be written down*"},
    {"no_key", "this device has no key to write with*"},
    {"no_rounds", "this workshop has no card rounds"},
    {"notes_full", "this table has as many notes as there can be*"},
    {"nothing_to_undo", "nothing to undo since this device started or changed boards"},
    {"only_table", "the table lays the cards"},
    {"no_place", "* can't lie on *"},
    {"there_already", "* is there already"},
    {"same_card", "a link needs two cards"},
    {"not_linked", "* are not linked"},
    {"links_full", "this board has as many links as there can be"},
    {"no_blanks", "this workshop has no blank cards"},
    {"blanks_full", "all * blank cards of this round are written on"},
    {"empty", "say what is written on it"},
    {"empty", "say what is to be noted*"},
    {"last_board", "this is the last round's board"},
    {"round_runs", "round * is not over yet"},
    {"no_seat", "everyone answers: say *"},
    {"no_option", "choose one of the answers that the question gives"},
    {"no_number", "say how many hands"},
    {"no_groups", "this workshop's script does not put stories into groups"},
    {"note_gone", "there is no such note"},
    {"note_gone", "there is no such revision of that note"},
    {"photo_gone", "there is no such photo"},
    {"photo_gone", "that photo was taken back; take another one"},
    {"photos_of_round", "a round has at most * photos; take one back first"},
    {"photos_full", "this table has as many photos as there can be"},
    {"photo_damaged", "what came of that photo before can't be read; take another one"},
    {"photo_damaged", "that photo can't be read here"},
    {"photo_refused", "that is no plain JPEG: *"},
    {"photo_coming", "that photo is not all here yet"},
    /* Who leads. */
    {"page_leads", "another page has the lead*"},
    {"page_leads", "only a page on the hub's own machine can take the lead*"},
    {"lead_asked", "another page asks for the lead already"},
    {"lead_here", "this page has the lead already"},
    {"lead_not_asked", "no page asks for the lead"},
    {"hub_leads", "another hub leads; *"},
    {"leads_already", "this hub leads already"},
    {"holds_too_little", "it does not hold the workshop yet; *"},
    {"holds_too_little", "the hub has not yet given it the workshop's root key; *"},
    /* The agenda. */
    {"step_runs", "step * is running: end it first"},
    {"step_runs_already", "step * is running already: *"},
    {"step_not_started", "step * is not running: *"},
    {"step_not_started", "step * was not started: *"},
    {"step_starting", "step * is about to start: *"},
    {"step_paused", "step * is paused: *"},
    {"step_ended", "step * has ended: *"},
    {"step_untimed_pause", "step * has no set time to pause: *"},
    {"step_untimed_extend", "step * has no set time to extend: *"},
    {"step_ends", "step * ends by itself in a moment: *"},
    {"step_first", "step * is the first: *"},
    {"step_last", "step * is the last: *"},
    {"step_too_long", "step * would have more than a day left: *"},
    {"step_too_long", "step * can be extended by up to a day: *"},
    {"whistles_full", "step * has been whistled as often as can be: *"},
    /* Tables, messages, words. */
    {"no_device", "no device of that table has joined, or it is so already"},
    {"no_merge", "a table goes on at another one that has joined, as in *"},
    {"seats_full", "there are as many invites as there can be"},
    {"seats_full", "there are as many tables as there can be"},
    {"seats_full", "there are as many standbys as there can be; *"},
    {"no_message", "say what, and not at too great length"},
    {"heap_name", "that is too long for a name, or can't be written down"},
    {"quote_changed", "there is no such quote, or its table changed it; look again"},
    {"quote_changed", "there is no such quote; look again"},
};

/* Does it begin with the pattern's text up to its first star, end with that after its last? */
static bool fits(struct fluit_slice why, const char *pattern)
{
    const char *star = strchr(pattern, '*'), *last = strrchr(pattern, '*');
    if (!star)
        return fluit_slice_is(why, pattern);
    size_t head = (size_t)(star - pattern), tail = strlen(last + 1);
    if (why.len < head + tail || memcmp(why.data, pattern, head) != 0 ||
        memcmp(why.data + why.len - tail, last + 1, tail) != 0)
        return false;
    size_t middle = star < last ? (size_t)(last - star - 1) : 0;
    return middle == 0 || memmem(why.data + head, why.len - head - tail, star + 1, middle) != NULL;
}

const char *fluit_refusal_code(struct fluit_slice why)
{
    for (size_t i = 0; why.len > 0 && i < sizeof refusals / sizeof refusals[0]; i++)
        if (fits(why, refusals[i].why))
            return refusals[i].code;
    return "";
}
