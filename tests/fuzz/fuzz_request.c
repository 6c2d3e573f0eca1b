/* What a page asks for is a stranger's: a first byte that says of whom, then requests, one a line.
 * Each is answered by one line, whatever it is, and the views that follow are whole and bounded. */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/hub_desk.h"
#include "tests/unit/page_desk.h"

static void check_answer(struct fluit_buf *answer)
{
    const char *text = fluit_buf_text(answer);
    must(!answer->err && answer->len < FLUIT_VIEW_LEN_MAX && !strchr(text, '\n'));
    must(strncmp(text, "{\"ok\":true", 10) == 0 ||
         strncmp(text, "{\"ok\":false,\"why\":\"", 19) == 0);
    must(text[answer->len - 1] == '}' && strlen(text) == answer->len);
}

static void check_view(struct fluit_buf *view)
{
    const char *text = fluit_buf_text(view);
    must(!view->err && view->len < FLUIT_VIEW_LEN_MAX && !strchr(text, '\n'));
    must(strncmp(text, "{\"clock\":", 9) == 0 && strlen(text) == view->len);
    must(fluit_view_same(fluit_buf_slice(view), fluit_buf_slice(view)));
}

/* Takes a line off data; of just its length, so that a look beyond its end is noticed. */
static bool next_line(struct fluit_slice *data, struct fluit_slice *line)
{
    if (data->len == 0)
        return false;
    const uint8_t *end = memchr(data->data, '\n', data->len);
    size_t len = end ? (size_t)(end - data->data) : data->len;
    uint8_t *exact = malloc(len ? len : 1);
    must(exact != NULL);
    memcpy(exact, data->data, len);
    *line = fluit_slice(exact, len);
    *data = end ? fluit_slice(end + 1, data->len - len - 1) : fluit_slice(NULL, 0);
    return true;
}

static void ask_guest(enum fluit_node_class node_class, struct fluit_slice data)
{
    struct desk *d = desk_in_round(node_class);
    struct fluit_slice line;
    while (next_line(&data, &line)) {
        desk_turn_end(d);
        fluit_buf_reset(&d->said);
        must(fluit_do_guest(&d->guest, line, &d->fx, &d->said) == FLUIT_OK);
        check_answer(&d->said);
        free((void *)(uintptr_t)line.data);
    }
    fluit_buf_reset(&d->said);
    must(fluit_view_guest(&d->guest, &d->said) == FLUIT_OK);
    check_view(&d->said);
    desk_free(d);
}

static void ask_hub(struct fluit_slice data)
{
    struct hub_desk *d;
    struct fluit_slice line;
    struct fluit_buf said = FLUIT_BUF_INIT;
    must(hub_desk_setup((void **)&d) == 0);
    while (next_line(&data, &line)) {
        fluit_effects_reset(&d->fx);
        fluit_buf_reset(&said);
        must(fluit_do_hub(d->hub, line, &d->fx, &said) == FLUIT_OK);
        check_answer(&said);
        free((void *)(uintptr_t)line.data);
    }
    fluit_buf_reset(&said);
    must(fluit_view_hub(d->hub, &said) == FLUIT_OK);
    check_view(&said);
    fluit_buf_reset(&said);
    must(fluit_view_projector(d->hub, &said) == FLUIT_OK);
    check_view(&said);
    fluit_buf_deinit(&said);
    hub_desk_teardown((void **)&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0)
        return 0;
    struct fluit_slice rest = fluit_slice(data + 1, len - 1);
    if (data[0] % 4 == 0)
        ask_hub(rest);
    else
        ask_guest(data[0] % 4 == 1 ? FLUIT_NODE_RAPPORTEUR : FLUIT_NODE_TABLE, rest);
    return 0;
}
