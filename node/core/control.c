#include "node/core/control.h"

#include <string.h>

static bool same(const struct fluit_session *a, const struct fluit_session *b)
{
    return memcmp(a->id, b->id, sizeof a->id) == 0;
}

static void give(struct fluit_control *control, const struct fluit_session *session, int64_t now_us)
{
    *control = (struct fluit_control){.held = true, .holder = *session, .heard_us = now_us};
}

void fluit_control_hear(struct fluit_control *control, const struct fluit_session *session,
                        int64_t now_us)
{
    if (fluit_control_is_holder(control, session))
        control->heard_us = now_us;
}

bool fluit_control_is_holder(const struct fluit_control *control,
                             const struct fluit_session *session)
{
    return control->held && same(&control->holder, session);
}

bool fluit_control_is_silent(const struct fluit_control *control, int64_t now_us)
{
    return control->held && now_us - control->heard_us >= FLUIT_CONTROL_SILENT_US;
}

static const char *hold(struct fluit_control *control, const struct fluit_session *session,
                        int64_t now_us)
{
    if (!control->held && session->kind == FLUIT_SESSION_HERE)
        give(control, session, now_us);
    return NULL;
}

static const char *ask(struct fluit_control *control, const struct fluit_session *session)
{
    if (fluit_control_is_holder(control, session))
        return "this page has the lead already";
    if (control->asked && !same(&control->asker, session))
        return "another page asks for the lead already";
    control->asked = true;
    control->asker = *session;
    return NULL;
}

static const char *answer(struct fluit_control *control, const struct fluit_session *session,
                          bool yes, int64_t now_us)
{
    if (!fluit_control_is_holder(control, session))
        return "another page has the lead";
    if (!control->asked)
        return "no page asks for the lead";
    if (yes) {
        struct fluit_session next = control->asker;
        give(control, &next, now_us);
    }
    control->asked = false;
    return NULL;
}

static const char *take(struct fluit_control *control, const struct fluit_session *session,
                        int64_t now_us)
{
    if (session->kind != FLUIT_SESSION_HERE)
        return "only a page on the hub's own machine can take the lead; ask for it";
    if (control->held && !fluit_control_is_holder(control, session) &&
        !fluit_control_is_silent(control, now_us))
        return "another page has the lead, and is there; ask for it";
    give(control, session, now_us);
    return NULL;
}

const char *fluit_control_want(struct fluit_control *control, const struct fluit_session *session,
                               enum fluit_control_want want, int64_t now_us)
{
    switch (want) {
    case FLUIT_CONTROL_HOLD:
        return hold(control, session, now_us);
    case FLUIT_CONTROL_ASK:
        return ask(control, session);
    case FLUIT_CONTROL_GIVE:
    case FLUIT_CONTROL_KEEP:
        return answer(control, session, want == FLUIT_CONTROL_GIVE, now_us);
    case FLUIT_CONTROL_TAKE:
        return take(control, session, now_us);
    case FLUIT_CONTROL_DROP:
        if (fluit_control_is_holder(control, session))
            *control = (struct fluit_control){0};
        return NULL;
    }
    return NULL;
}
