/* home_do.c: what the home page asks for. API.md. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/crypto.h"
#include "common/script.h"
#include "node/cli/script_file.h"
#include "node/home/home_internal.h"
#include "node/view/request.h"
#include "node/view/view.h"

#define OPEN_WAIT_US    INT64_C(8000000)
#define REHEARSE_SPEED  "240"
#define REHEARSE_PEOPLE "5"
#define SCRIPT_NAME_MAX (FLUIT_HOME_NAME_MAX + 8)

struct asking {
    struct fluit_home *home;
    uint32_t link;
    const struct fluit_form *form;
};

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

static void refuse(const struct asking *asking, const char *why)
{
    fluit_home_refuse(asking->home, asking->link, why);
}

/* Members. Each tells why it can't be used, and is false then. */

static bool copy_text(const struct asking *asking, const char *key, char *out, size_t cap)
{
    struct fluit_slice text = fluit_request_text(asking->form, key);
    if (text.len >= cap)
        return false;
    memcpy(out, text.data ? text.data : (const uint8_t *)"", text.len);
    out[text.len] = 0;
    return true;
}

static bool get_name(const struct asking *asking, char out[static FLUIT_HOME_NAME_MAX + 1])
{
    if (fluit_home_name_ok(fluit_request_text(asking->form, "name")))
        return copy_text(asking, "name", out, FLUIT_HOME_NAME_MAX + 1);
    refuse(asking, "a name has up to 40 letters a to z, digits, - and _");
    return false;
}

/* The directory of something that is there. */
static bool get_place(const struct asking *asking, char out[static FLUIT_HOME_NAME_MAX + 1],
                      char kind[static FLUIT_HOME_AS_LEN])
{
    if (!get_name(asking, out))
        return false;
    if (fluit_home_kind(asking->home, out, kind))
        return true;
    refuse(asking, "there is no workshop of that name");
    return false;
}

static bool get_workshop(const struct asking *asking, char out[static FLUIT_HOME_NAME_MAX + 1])
{
    char kind[FLUIT_HOME_AS_LEN];
    if (!get_place(asking, out, kind))
        return false;
    if (strcmp(kind, "workshop") == 0 || strcmp(kind, "standby") == 0)
        return true;
    refuse(asking, "that is no workshop, but a device's part in one");
    return false;
}

/* A built-in script's name, or "own/NAME": the file of that one. */
static bool get_script(const struct asking *asking, char out[static FLUIT_HOME_PATH_LEN])
{
    char file[SCRIPT_NAME_MAX + 8];
    struct fluit_slice text = fluit_request_text(asking->form, "script");
    if (text.len > 4 && memcmp(text.data, "own/", 4) == 0 &&
        fluit_home_name_ok(fluit_slice(text.data + 4, text.len - 4))) {
        snprintf(file, sizeof file, "%.*s.yaml", (int)text.len - 4, (const char *)text.data + 4);
        fluit_home_path(asking->home, "scripts", file, out);
        if (out[0] && access(out, R_OK) == 0)
            return true;
    } else if (copy_text(asking, "script", out, SCRIPT_NAME_MAX) &&
               fluit_script_builtin(out).len > 0) {
        return true;
    }
    refuse(asking, "there is no script of that name");
    return false;
}

static bool get_tables(const struct asking *asking, char out[static 12])
{
    int tables = fluit_request_number(asking->form, "tables", FLUIT_TABLES_MAX, -1);
    if (tables < 1) {
        refuse(asking, "a workshop has 1 to 100 tables");
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

static struct fluit_task *run(const struct asking *asking, enum fluit_task_kind kind,
                              const char *name, const char *const words[])
{
    struct fluit_command command = {0};
    put_all(&command, words);
    struct fluit_task *task = fluit_task_start(asking->home, asking->link, kind, name, &command);
    fluit_command_deinit(&command);
    return task;
}

/* Workshops. */

struct fluit_home_key *fluit_home_key_of(struct fluit_home *home, const char *name)
{
    for (int i = 0; i < FLUIT_HOME_KEYS_MAX; i++)
        if (strcmp(home->keys[i].name, name) == 0)
            return &home->keys[i];
    return NULL;
}

static void do_new(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], script[FLUIT_HOME_PATH_LEN], tables[12],
        path[FLUIT_HOME_PATH_LEN];
    if (!get_name(asking, name) || !get_script(asking, script) || !get_tables(asking, tables))
        return;
    fluit_home_path(asking->home, name, NULL, path);
    if (!path[0] || access(path, F_OK) == 0) {
        refuse(asking, "that name is taken; choose another");
        return;
    }
    if (!fluit_home_key_of(asking->home, "")) {
        refuse(asking, "write down the recovery keys of the workshops made before, first");
        return;
    }
    const char *const words[] = {"fluit",    "new",  path,    "--script", script,
                                 "--tables", tables, "--yes", NULL};
    run(asking, FLUIT_TASK_NEW, name, words);
}

static void do_key(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1];
    struct fluit_doc doc;
    if (!get_name(asking, name))
        return;
    struct fluit_home_key *key = fluit_home_key_of(asking->home, name);
    if (!key) {
        refuse(asking, "this workshop's recovery key was shown before, and is nowhere else");
        return;
    }
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", true);
    fluit_doc_str(&doc, "key", key->shown);
    fluit_home_answer(asking->home, asking->link, &doc);
}

static void do_typed(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], typed[64];
    if (!get_name(asking, name))
        return;
    struct fluit_home_key *key = fluit_home_key_of(asking->home, name);
    bool good = key && copy_text(asking, "typed", typed, sizeof typed) &&
                fluit_paper_tail_is(key->shown, typed);
    fluit_wipe(typed, sizeof typed);
    if (!good) {
        refuse(asking, "that is not how it ends");
        return;
    }
    fluit_wipe(key, sizeof *key);
    fluit_home_accept(asking->home, asking->link);
}

static void do_invites(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], path[FLUIT_HOME_PATH_LEN];
    if (!get_workshop(asking, name))
        return;
    fluit_home_path(asking->home, name, NULL, path);
    const char *const words[] = {"fluit", "invites", path, NULL};
    run(asking, FLUIT_TASK_INVITES, name, words);
}

static bool one_of(const char *word, const char *const words[])
{
    for (int i = 0; words[i]; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool is_language(const char *word)
{
    size_t len = strlen(word);
    return len <= 8 && strspn(word, "abcdefghijklmnopqrstuvwxyz") == len;
}

static void do_report(const struct asking *asking)
{
    static const char *const formats[] = {"text", "json", "csv", "html", "pdf", "svg", "png", NULL};
    char name[FLUIT_HOME_NAME_MAX + 1], path[FLUIT_HOME_PATH_LEN], format[8], language[12];
    const char *words[12] = {"fluit", "report", path, "--format", format};
    int count = 5;
    if (!get_workshop(asking, name))
        return;
    if (!copy_text(asking, "format", format, sizeof format) || !one_of(format, formats) ||
        !copy_text(asking, "language", language, sizeof language) || !is_language(language)) {
        refuse(asking, "there is no such report");
        return;
    }
    fluit_home_path(asking->home, name, NULL, path);
    bool full = fluit_request_flag(asking->form, "full");
    if (full)
        words[count++] = "--full";
    if (language[0]) {
        words[count++] = "--language";
        words[count++] = language;
    }
    struct fluit_task *task = run(asking, FLUIT_TASK_REPORT, name, words);
    if (task)
        snprintf(task->file, sizeof task->file, "%s-%s.%s", name, full ? "full" : "participants",
                 strcmp(format, "text") == 0 ? "txt" : format);
}

/* Scripts. */

static void do_script(const struct asking *asking)
{
    char path[FLUIT_HOME_PATH_LEN];
    struct fluit_buf yaml = FLUIT_BUF_INIT, answer = FLUIT_BUF_INIT;
    struct fluit_script *script = NULL;
    struct fluit_script_error error;
    if (!get_script(asking, path))
        return;
    fluit_buf_puts(&answer, "{\"ok\":true,\"script\":");
    bool good = fluit_script_load(path, &yaml) == 0 &&
                fluit_script_parse(fluit_buf_slice(&yaml), &script, &error) == FLUIT_OK &&
                fluit_view_script(script, &answer) == FLUIT_OK;
    fluit_buf_puts(&answer, "}");
    if (good)
        fluit_http_answer(asking->home->http, asking->link, fluit_buf_slice(&answer));
    else
        refuse(asking, "this script can't be read");
    fluit_script_free(script);
    fluit_buf_deinit(&yaml);
    fluit_buf_deinit(&answer);
}

static bool write_file(const char *path, struct fluit_slice bytes)
{
    char temporary[FLUIT_HOME_PATH_LEN + 8];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool good = write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    return good && rename(temporary, path) == 0;
}

/* A script of one's own, once it is well written. */
static void do_save_script(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], file[SCRIPT_NAME_MAX + 8], path[FLUIT_HOME_PATH_LEN],
        why[600];
    struct fluit_slice yaml = fluit_request_text(asking->form, "yaml");
    struct fluit_script *script = NULL;
    struct fluit_script_error error = {0};
    if (!get_name(asking, name))
        return;
    if (fluit_script_parse(yaml, &script, &error)) {
        snprintf(why, sizeof why, "line %d: %.500s", error.line, error.text);
        refuse(asking, why);
        return;
    }
    fluit_script_free(script);
    snprintf(file, sizeof file, "%s.yaml", name);
    fluit_home_path(asking->home, "scripts", NULL, path);
    bool made = path[0] && (mkdir(path, 0700) == 0 || errno == EEXIST);
    fluit_home_path(asking->home, "scripts", file, path);
    if (!made || !path[0] || !write_file(path, yaml)) {
        refuse(asking, "it could not be saved; is there room on the disk?");
        return;
    }
    asking->home->stale = true;
    fluit_home_accept(asking->home, asking->link);
}

/* Before the afternoon. */

static void do_rehearse(const struct asking *asking)
{
    char script[FLUIT_HOME_PATH_LEN], tables[12];
    struct fluit_home *home = asking->home;
    if (!get_script(asking, script) || !get_tables(asking, tables))
        return;
    if (home->rehearsal.running) {
        refuse(asking, "a rehearsal runs already");
        return;
    }
    const char *const words[] = {"fluit",    "rehearse",     "--script", script,
                                 "--tables", tables,         "--people", REHEARSE_PEOPLE,
                                 "--speed",  REHEARSE_SPEED, NULL};
    if (!run(asking, FLUIT_TASK_REHEARSE, "", words))
        return;
    home->rehearsal.running = true;
    home->rehearsal.done = false;
    home->rehearsal.said[0] = 0;
    fluit_home_accept(home, asking->link);
}

static void do_check(const struct asking *asking)
{
    char peer[FLUIT_JOB_SAID_LEN];
    const char *words[8] = {"fluit", "check-room", "--json", asking->home->options->folder};
    if (!copy_text(asking, "peer", peer, sizeof peer) ||
        (peer[0] && !fluit_home_host_ok(fluit_slice_str(peer)))) {
        refuse(asking, "that is no address");
        return;
    }
    if (peer[0]) {
        words[4] = "--peer";
        words[5] = peer;
    } else if (fluit_request_flag(asking->form, "with")) {
        words[4] = "--with";
    }
    run(asking, FLUIT_TASK_CHECK, "", words);
}

/* Nodes. */

static bool get_idle(const struct asking *asking, const char *name)
{
    const struct fluit_led *led = fluit_led_find(asking->home, name);
    if (!led || led->ended)
        return true;
    refuse(asking, "it runs already");
    return false;
}

static void start(const struct asking *asking, const char *name, const char *as, const char *code,
                  const char *host)
{
    struct fluit_led *led = fluit_led_new(asking->home, name, as);
    if (!led) {
        refuse(asking, "too much runs already; stop something first");
        return;
    }
    led->phones = fluit_request_flag(asking->form, "phones");
    snprintf(led->code, sizeof led->code, "%s", code);
    snprintf(led->host, sizeof led->host, "%s", host);
    fluit_home_accept(asking->home, asking->link);
}

static void do_lead(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1];
    if (!get_workshop(asking, name) || !get_idle(asking, name))
        return;
    start(asking, name, fluit_request_flag(asking->form, "tables_here") ? "room" : "hub", "", "");
}

static void do_resume(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], kind[FLUIT_HOME_AS_LEN];
    if (!get_place(asking, name, kind) || !get_idle(asking, name))
        return;
    start(asking, name, strcmp(kind, "workshop") == 0 ? "hub" : kind, "", "");
}

static void do_join(const struct asking *asking)
{
    static const char *const kinds[] = {"table", "rapporteur", "standby", NULL};
    char name[FLUIT_HOME_NAME_MAX + 1], as[FLUIT_HOME_AS_LEN], typed[64], host[256],
        code[FLUIT_INVITE_SHOW_LEN + 1], kind[FLUIT_HOME_AS_LEN];
    struct fluit_invite_code parsed;
    const char *why = "that is no code";
    if (!get_name(asking, name) || !get_idle(asking, name))
        return;
    if (fluit_home_kind(asking->home, name, kind)) {
        refuse(asking, "that name is taken; choose another");
        return;
    }
    if (!copy_text(asking, "as", as, sizeof as) || !one_of(as, kinds)) {
        refuse(asking, "a device joins as table, rapporteur or standby");
        return;
    }
    if (!copy_text(asking, "host", host, sizeof host) ||
        (host[0] && !fluit_home_host_ok(fluit_slice_str(host)))) {
        refuse(asking, "that is no address");
        return;
    }
    if (!copy_text(asking, "code", typed, sizeof typed) ||
        fluit_invite_parse(typed, &parsed, &why)) {
        refuse(asking, why);
        return;
    }
    fluit_invite_show(&parsed, code);
    start(asking, name, as, code, host);
    fluit_wipe(typed, sizeof typed);
    fluit_wipe(code, sizeof code);
}

/* "own", "projector", or a table of a room. */
static void do_open(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], page[FLUIT_HOME_NAME_MAX + 1], line[64];
    struct fluit_slice which = fluit_request_text(asking->form, "page");
    if (!get_name(asking, name))
        return;
    struct fluit_led *led = fluit_led_find(asking->home, name);
    if (!led || !led->ward.ready || led->wants_link ||
        (which.len &&
         (!fluit_home_name_ok(which) || !copy_text(asking, "page", page, sizeof page)))) {
        refuse(asking, "it does not run yet");
        return;
    }
    bool other = which.len && strcmp(page, "own") != 0;
    bool table = other && strcmp(page, "projector") != 0;
    snprintf(line, sizeof line, other ? "page %s" : "page", page);
    snprintf(led->wants, sizeof led->wants, table ? "page %s: " : "page: ", page);
    if (!fluit_proc_say(&led->ward.proc, line)) {
        refuse(asking, "it does not run now");
        return;
    }
    led->wants_link = asking->link;
    led->wants_until_us = asking->home->now_us + OPEN_WAIT_US;
}

static void do_phones(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1];
    struct fluit_doc doc;
    if (!get_name(asking, name))
        return;
    const struct fluit_led *led = fluit_led_find(asking->home, name);
    if (!led || led->phones_count == 0) {
        refuse(asking, "phones are not let in here, or there is no network");
        return;
    }
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", true);
    fluit_doc_array(&doc, "links");
    for (int i = 0; i < led->phones_count; i++) {
        fluit_doc_object(&doc, NULL);
        fluit_doc_str(&doc, "name", led->phones_at[i].name);
        fluit_doc_str(&doc, "url", led->phones_at[i].url);
        fluit_doc_end(&doc);
    }
    fluit_doc_end(&doc);
    fluit_home_answer(asking->home, asking->link, &doc);
}

static void do_stop(const struct asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1];
    if (!get_name(asking, name))
        return;
    struct fluit_led *led = fluit_led_find(asking->home, name);
    if (led && !led->ended)
        fluit_led_stop(asking->home, led);
    fluit_home_accept(asking->home, asking->link);
}

static void do_quit(const struct asking *asking)
{
    asking->home->quits = true;
    fluit_home_accept(asking->home, asking->link);
}

#define TEXT(name)                                                                                 \
    {                                                                                              \
        name, FLUIT_FIELD_TEXT, false                                                              \
    }
#define MAY_TEXT(name)                                                                             \
    {                                                                                              \
        name, FLUIT_FIELD_TEXT, true                                                               \
    }
#define MAY_FLAG(name)                                                                             \
    {                                                                                              \
        name, FLUIT_FIELD_FLAG, true                                                               \
    }
#define NUMBER(name)                                                                               \
    {                                                                                              \
        name, FLUIT_FIELD_NUMBER, false                                                            \
    }

static const struct {
    const char *word;
    void (*act)(const struct asking *asking);
    struct fluit_field fields[FLUIT_FIELDS_MAX];
} words[] = {
    {"new", do_new, {TEXT("name"), TEXT("script"), NUMBER("tables")}},
    {"key", do_key, {TEXT("name")}},
    {"typed", do_typed, {TEXT("name"), TEXT("typed")}},
    {"invites", do_invites, {TEXT("name")}},
    {"report", do_report, {TEXT("name"), TEXT("format"), MAY_FLAG("full"), MAY_TEXT("language")}},
    {"script", do_script, {TEXT("script")}},
    {"save_script", do_save_script, {TEXT("name"), TEXT("yaml")}},
    {"rehearse", do_rehearse, {TEXT("script"), NUMBER("tables")}},
    {"check", do_check, {MAY_FLAG("with"), MAY_TEXT("peer")}},
    {"lead", do_lead, {TEXT("name"), MAY_FLAG("tables_here"), MAY_FLAG("phones")}},
    {"join",
     do_join,
     {TEXT("name"), TEXT("as"), TEXT("code"), MAY_TEXT("host"), MAY_FLAG("phones")}},
    {"resume", do_resume, {TEXT("name"), MAY_FLAG("phones")}},
    {"open", do_open, {TEXT("name"), MAY_TEXT("page")}},
    {"phones", do_phones, {TEXT("name")}},
    {"stop", do_stop, {TEXT("name")}},
    {"quit", do_quit, {{0}}},
};

static void obey(const struct asking *asking, struct fluit_slice word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!fluit_slice_eq(word, fluit_slice_str(words[i].word)))
            continue;
        if (fluit_request_fits(asking->form, words[i].fields))
            words[i].act(asking);
        else
            refuse(asking, "that request takes other members");
        return;
    }
    refuse(asking, "this page knows no such request");
}

void fluit_home_do(struct fluit_home *home, uint32_t link, struct fluit_slice json)
{
    struct fluit_form form;
    struct fluit_slice word;
    const char *why = fluit_request_get(&form, json, &word);
    if (why[0]) {
        fluit_home_refuse(home, link, why);
        return;
    }
    const struct asking asking = {home, link, &form};
    obey(&asking, word);
    fluit_form_deinit(&form);
}
