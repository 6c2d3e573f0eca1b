#include "node/home/home_ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/script.h"

/* Answers. */

void fluit_home_answer(struct fluit_home *home, uint32_t link, struct fluit_doc *doc)
{
    struct fluit_buf answer = FLUIT_BUF_INIT;
    if (fluit_doc_dump_line(doc, &answer))
        fluit_home_refuse(home, link, "out of memory");
    else
        fluit_http_answer(home->http, link, fluit_buf_slice(&answer));
    fluit_doc_deinit(doc);
    fluit_buf_wipe(&answer);
}

void fluit_home_refuse(struct fluit_home *home, uint32_t link, const char *why)
{
    struct fluit_buf answer = FLUIT_BUF_INIT;
    if (fluit_answer_why(fluit_slice_str(why), &answer) == FLUIT_OK)
        fluit_http_answer(home->http, link, fluit_buf_slice(&answer));
    fluit_buf_deinit(&answer);
}

void fluit_home_accept(struct fluit_home *home, uint32_t link)
{
    fluit_http_answer(home->http, link, fluit_slice_str("{\"ok\":true}"));
}

void fluit_ask_refuse(const struct fluit_asking *asking, const char *why)
{
    fluit_home_refuse(asking->home, asking->link, why);
}

/* Members. Each tells why it can't be used, and is false then. */

bool fluit_ask_text(const struct fluit_asking *asking, const char *key, char *out, size_t cap)
{
    struct fluit_slice text = fluit_request_text(asking->form, key);
    if (text.len >= cap)
        return false;
    memcpy(out, text.data ? text.data : (const uint8_t *)"", text.len);
    out[text.len] = 0;
    return true;
}

bool fluit_ask_name(const struct fluit_asking *asking, char out[static FLUIT_HOME_NAME_MAX + 1])
{
    if (fluit_home_name_ok(fluit_request_text(asking->form, "name")))
        return fluit_ask_text(asking, "name", out, FLUIT_HOME_NAME_MAX + 1);
    fluit_ask_refuse(asking, "a name has up to 40 letters a to z, digits, - and _");
    return false;
}

bool fluit_ask_place(const struct fluit_asking *asking, char out[static FLUIT_HOME_NAME_MAX + 1],
                     char kind[static FLUIT_HOME_AS_LEN])
{
    if (!fluit_ask_name(asking, out))
        return false;
    if (fluit_home_kind(asking->home, out, kind))
        return true;
    fluit_ask_refuse(asking, "there is no workshop of that name");
    return false;
}

bool fluit_ask_workshop(const struct fluit_asking *asking, char out[static FLUIT_HOME_NAME_MAX + 1])
{
    char kind[FLUIT_HOME_AS_LEN];
    if (!fluit_ask_place(asking, out, kind))
        return false;
    if (strcmp(kind, "workshop") == 0 || strcmp(kind, "standby") == 0)
        return true;
    fluit_ask_refuse(asking, "that is no workshop, but a device's part in one");
    return false;
}

bool fluit_ask_script(const struct fluit_asking *asking, char out[static FLUIT_HOME_PATH_LEN])
{
    char file[FLUIT_HOME_SCRIPT_MAX + 8];
    struct fluit_slice text = fluit_request_text(asking->form, "script");
    if (text.len > 4 && memcmp(text.data, "own/", 4) == 0 &&
        fluit_home_name_ok(fluit_slice(text.data + 4, text.len - 4))) {
        snprintf(file, sizeof file, "%.*s.yaml", (int)text.len - 4, (const char *)text.data + 4);
        fluit_home_path(asking->home, "scripts", file, out);
        if (out[0] && access(out, R_OK) == 0)
            return true;
    } else if (fluit_ask_text(asking, "script", out, FLUIT_HOME_SCRIPT_MAX) &&
               fluit_script_builtin(out).len > 0) {
        return true;
    }
    fluit_ask_refuse(asking, "there is no script of that name");
    return false;
}

bool fluit_ask_tables(const struct fluit_asking *asking, char out[static 12])
{
    int tables = fluit_request_number(asking->form, "tables", FLUIT_TABLES_MAX, -1);
    if (tables < 1) {
        fluit_ask_refuse(asking, "a workshop has 1 to 100 tables");
        return false;
    }
    snprintf(out, 12, "%d", tables);
    return true;
}

static void put_all(struct fluit_command *command, const char *const words[])
{
    for (int i = 0; words[i]; i++)
        fluit_command_put(command, words[i]);
}

struct fluit_task *fluit_ask_run(const struct fluit_asking *asking, enum fluit_task_kind kind,
                                 const char *name, const char *const words[])
{
    struct fluit_command command = {0};
    put_all(&command, words);
    struct fluit_task *task = fluit_task_start(asking->home, asking->link, kind, name, &command);
    fluit_command_deinit(&command);
    return task;
}

bool fluit_ask_one_of(const char *word, const char *const words[])
{
    for (int i = 0; words[i]; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}
