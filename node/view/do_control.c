/* do_control.c: a hub's pages: which of them may do what. A projector's window looks; the page that
 * has the lead leads; a phone is a remote; the others watch. */
#include <string.h>

#include "node/core/words.h"
#include "node/view/do.h"
#include "node/view/parts.h"
#include "node/view/request.h"

#define OTHER_LEADS "another page has the lead; ask for it first"

static bool is_one_of(struct fluit_slice word, const char *const *words)
{
    for (; *words; words++)
        if (fluit_slice_is(word, *words))
            return true;
    return false;
}

/* The console's commands that only look, and those that a remote may give. Not "quotes": it numbers
 * them anew, and a "release 3" that is typed then would show what nobody had read. */
static const char *const looks[] = {"status", "steps", "invites", "help", NULL};
static const char *const remote[] = {"start", "pause", "resume", "extend", "next", NULL};
/* Requests that only look. */
static const char *const asks[] = {"time", "quotes", "code", NULL};

static bool may(struct fluit_hub *hub, const struct fluit_session *session,
                const struct fluit_form *form, struct fluit_slice word)
{
    struct fluit_slice line = {0};
    bool is_line = fluit_slice_is(word, "line");
    if (fluit_control_is_holder(&hub->control, session))
        return true;
    if (is_line && fluit_form_text(form, "line", &line))
        line = fluit_words_next(&line);
    if (session->kind == FLUIT_SESSION_PHONE)
        return is_line ? is_one_of(line, remote) || fluit_slice_is(line, "status")
                       : fluit_slice_is(word, "message") || fluit_slice_is(word, "time");
    if (is_line ? is_one_of(line, looks) : is_one_of(word, asks))
        return true;
    /* The first that leads has the lead. */
    (void)fluit_control_want(&hub->control, session, FLUIT_CONTROL_HOLD, hub->node.now_us);
    return fluit_control_is_holder(&hub->control, session);
}

static bool want_of(const struct fluit_form *form, enum fluit_control_want *out)
{
    static const char *const words[] = {"hold", "ask", "give", "keep", "take", "drop"};
    struct fluit_slice word = fluit_request_text(form, "want");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (fluit_slice_is(word, words[i])) {
            *out = (enum fluit_control_want)i;
            return true;
        }
    return false;
}

static enum fluit_err refuse(const char *why, struct fluit_buf *answer)
{
    return fluit_answer_why(fluit_slice_str(why), answer);
}

/* "control": who has the lead, and what this page wants of it. */
static enum fluit_err do_control(struct fluit_hub *hub, const struct fluit_session *session,
                                 const struct fluit_form *form, struct fluit_buf *answer)
{
    static const struct fluit_field fields[] = {{"want", FLUIT_FIELD_TEXT, false}, {0}};
    enum fluit_control_want want;
    struct fluit_view view;
    if (!fluit_request_fits(form, fields) || !want_of(form, &want))
        return refuse("that request takes other members", answer);
    const char *why = fluit_control_want(&hub->control, session, want, hub->node.now_us);
    if (why)
        return refuse(why, answer);
    fluit_view_begin(&view);
    fluit_doc_bool(&view.doc, "ok", true);
    fluit_view_session(&view, "you", session);
    fluit_doc_bool(&view.doc, "phone", session->kind == FLUIT_SESSION_PHONE);
    return fluit_view_end(&view, answer);
}

enum fluit_err fluit_do_hub_page(struct fluit_hub *hub, const struct fluit_event *event,
                                 struct fluit_effects *fx, struct fluit_buf *answer)
{
    struct fluit_form form;
    struct fluit_slice word;
    const char *wrong = fluit_request_get(&form, event->bytes, &word);
    if (wrong[0])
        return refuse(wrong, answer);
    enum fluit_err err = FLUIT_OK;
    bool is_room = event->page == FLUIT_PAGE_PROJECTOR, done = true;
    if (is_room && !fluit_slice_is(word, "time"))
        err = refuse("a screen for the room only looks", answer);
    else if (!is_room && fluit_slice_is(word, "control"))
        err = do_control(hub, &event->session, &form, answer);
    else if (!is_room && !may(hub, &event->session, &form, word))
        err = refuse(OTHER_LEADS, answer);
    else
        done = false;
    fluit_form_deinit(&form);
    if (!is_room)
        fluit_control_hear(&hub->control, &event->session, hub->node.now_us);
    return done ? err : fluit_do_hub(hub, event->bytes, fx, answer);
}
