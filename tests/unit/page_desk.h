/* page_desk.h: the desk of lines_desk.h, used by a page: ask, and look at the view. */
#ifndef PAGE_DESK_H
#define PAGE_DESK_H

#include "node/view/do.h"
#include "node/view/view.h"
#include "tests/unit/lines_desk.h"

/* A test's setup, in round 1, and teardown; the desk is *state. */
static inline int desk_table_up(void **state)
{
    *state = desk_in_round(FLUIT_NODE_TABLE);
    return 0;
}

static inline int desk_rapporteur_up(void **state)
{
    *state = desk_in_round(FLUIT_NODE_RAPPORTEUR);
    return 0;
}

static inline int desk_down(void **state)
{
    desk_free(*state);
    return 0;
}

/* The answer; until the next. Nothing is printed. */
static inline const char *desk_ask(struct desk *d, const char *json)
{
    desk_turn_end(d);
    fluit_buf_reset(&d->said);
    assert_int_equal(fluit_do_guest(&d->guest, fluit_slice_str(json), &d->fx, &d->said), FLUIT_OK);
    for (size_t i = 0; i < d->fx.count; i++)
        assert_int_not_equal(d->fx.items[i].kind, FLUIT_EFFECT_PRINT);
    assert_int_equal(d->fx.err, FLUIT_OK);
    assert_int_equal(d->guest.node.failed, FLUIT_OK);
    return fluit_buf_text(&d->said);
}

/* Asks for what must be saved as the newest of our feed. */
static inline void desk_does(struct desk *d, const char *json)
{
    uint64_t before = desk_seq(d);
    char begin[64];
    const char *said = desk_ask(d, json);
    snprintf(begin, sizeof begin, "{\"ok\":true,\"seq\":%llu", (unsigned long long)desk_seq(d));
    if (desk_seq(d) <= before || strncmp(said, begin, strlen(begin)) != 0)
        fail_msg("%s was answered: %s", json, said);
}

/* Asks for what must be refused with these words in it, and leave nothing. */
static inline void desk_denies(struct desk *d, const char *json, const char *words)
{
    uint64_t before = desk_seq(d);
    const char *said = desk_ask(d, json);
    if (strncmp(said, "{\"ok\":false,\"why\":\"", 19) != 0 || !strstr(said, words))
        fail_msg("%s was answered: %s", json, said);
    assert_int_equal(desk_seq(d), before);
}

/* The view; until the next answer or view. */
static inline const char *desk_view(struct desk *d)
{
    desk_turn_end(d);
    fluit_buf_reset(&d->said);
    assert_int_equal(fluit_view_guest(&d->guest, &d->said), FLUIT_OK);
    return fluit_buf_text(&d->said);
}

static inline void desk_shows(struct desk *d, const char *words)
{
    const char *view = desk_view(d);
    if (!strstr(view, words))
        fail_msg("no %s in: %s", words, view);
}

static inline void desk_shows_not(struct desk *d, const char *words)
{
    const char *view = desk_view(d);
    if (strstr(view, words))
        fail_msg("%s in: %s", words, view);
}

/* The text of that member in what was said last. */
static inline void desk_member(const struct desk *d, const char *key, char *out, size_t size)
{
    char begin[64];
    snprintf(begin, sizeof begin, "\"%s\":\"", key);
    const char *at = strstr((const char *)d->said.data, begin);
    assert_non_null(at);
    at += strlen(begin);
    size_t len = strcspn(at, "\"");
    assert_true(len < size);
    memcpy(out, at, len);
    out[len] = 0;
}

#endif
