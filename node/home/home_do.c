/* home_do.c: what the home page asks for: who runs, and which request is which. API.md. */
#include <stdio.h>
#include <string.h>

#include "common/crypto.h"
#include "node/home/home_ask.h"
#include "proto/invite.h"

#define OPEN_WAIT_US    INT64_C(8000000)
#define REHEARSE_SPEED  "240"
#define REHEARSE_PEOPLE "5"

/* Before the afternoon. */

static void do_rehearse(const struct fluit_asking *asking)
{
    char script[FLUIT_HOME_PATH_LEN], tables[12];
    struct fluit_home *home = asking->home;
    if (!fluit_ask_script(asking, script) || !fluit_ask_tables(asking, tables))
        return;
    if (home->rehearsal.running) {
        fluit_ask_refuse(asking, "a rehearsal runs already");
        return;
    }
    const char *const words[] = {"fluit",    "rehearse",     "--script", script,
                                 "--tables", tables,         "--people", REHEARSE_PEOPLE,
                                 "--speed",  REHEARSE_SPEED, NULL};
    if (!fluit_ask_run(asking, FLUIT_TASK_REHEARSE, "", words))
        return;
    home->rehearsal.running = true;
    home->rehearsal.done = false;
    home->rehearsal.said[0] = 0;
    fluit_home_accept(home, asking->link);
}

static void do_check(const struct fluit_asking *asking)
{
    char peer[FLUIT_JOB_SAID_LEN];
    const char *words[8] = {"fluit", "check-room", "--json", asking->home->options->folder};
    if (!fluit_ask_text(asking, "peer", peer, sizeof peer) ||
        (peer[0] && !fluit_home_host_ok(fluit_slice_str(peer)))) {
        fluit_ask_refuse(asking, "that is no address");
        return;
    }
    if (peer[0]) {
        words[4] = "--peer";
        words[5] = peer;
    } else if (fluit_request_flag(asking->form, "with")) {
        words[4] = "--with";
    }
    fluit_ask_run(asking, FLUIT_TASK_CHECK, "", words);
}

/* Nodes. */

static bool get_idle(const struct fluit_asking *asking, const char *name)
{
    const struct fluit_led *led = fluit_led_find(asking->home, name);
    if (!led || led->ended)
        return true;
    fluit_ask_refuse(asking, "it runs already");
    return false;
}

static void start(const struct fluit_asking *asking, const char *name, const char *as,
                  const char *code, const char *host)
{
    struct fluit_led *led = fluit_led_new(asking->home, name, as);
    if (!led) {
        fluit_ask_refuse(asking, "too much runs already; stop something first");
        return;
    }
    led->phones = fluit_request_flag(asking->form, "phones");
    snprintf(led->code, sizeof led->code, "%s", code);
    snprintf(led->host, sizeof led->host, "%s", host);
    fluit_home_accept(asking->home, asking->link);
}

static void do_lead(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1];
    if (!fluit_ask_workshop(asking, name) || !get_idle(asking, name))
        return;
    start(asking, name, fluit_request_flag(asking->form, "tables_here") ? "room" : "hub", "", "");
}

static void do_resume(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], kind[FLUIT_HOME_AS_LEN];
    if (!fluit_ask_place(asking, name, kind) || !get_idle(asking, name))
        return;
    start(asking, name, strcmp(kind, "workshop") == 0 ? "hub" : kind, "", "");
}

static void do_join(const struct fluit_asking *asking)
{
    static const char *const kinds[] = {"table", "rapporteur", "standby", NULL};
    char name[FLUIT_HOME_NAME_MAX + 1], as[FLUIT_HOME_AS_LEN], typed[64], host[256],
        code[FLUIT_INVITE_SHOW_LEN + 1], kind[FLUIT_HOME_AS_LEN];
    struct fluit_invite_code parsed;
    const char *why = "that is no code";
    if (!fluit_ask_name(asking, name) || !get_idle(asking, name))
        return;
    if (fluit_home_kind(asking->home, name, kind)) {
        fluit_ask_refuse(asking, "that name is taken; choose another");
        return;
    }
    if (!fluit_ask_text(asking, "as", as, sizeof as) || !fluit_ask_one_of(as, kinds)) {
        fluit_ask_refuse(asking, "a device joins as table, rapporteur or standby");
        return;
    }
    if (!fluit_ask_text(asking, "host", host, sizeof host) ||
        (host[0] && !fluit_home_host_ok(fluit_slice_str(host)))) {
        fluit_ask_refuse(asking, "that is no address");
        return;
    }
    if (!fluit_ask_text(asking, "code", typed, sizeof typed) ||
        fluit_invite_parse(typed, &parsed, &why)) {
        fluit_ask_refuse(asking, why);
        return;
    }
    fluit_invite_show(&parsed, code);
    start(asking, name, as, code, host);
    fluit_wipe(typed, sizeof typed);
    fluit_wipe(code, sizeof code);
}

/* "own", "projector", or a table of a room. */
static void do_open(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], page[FLUIT_HOME_NAME_MAX + 1], line[48];
    struct fluit_slice which = fluit_request_text(asking->form, "page");
    if (!fluit_ask_name(asking, name))
        return;
    struct fluit_led *led = fluit_led_find(asking->home, name);
    if (!led || !led->ward.ready || led->wants_link ||
        (which.len &&
         (!fluit_home_name_ok(which) || !fluit_ask_text(asking, "page", page, sizeof page)))) {
        fluit_ask_refuse(asking, "it does not run yet");
        return;
    }
    bool other = which.len && strcmp(page, "own") != 0;
    /* What comes late, after one that was asked for before, is not taken for this one. */
    snprintf(line, sizeof line, other ? "page %s" : "page", page);
    snprintf(led->wants, sizeof led->wants, "%s: ", line);
    if (!fluit_proc_say(&led->ward.proc, line)) {
        fluit_ask_refuse(asking, "it does not run now");
        return;
    }
    led->wants_link = asking->link;
    led->wants_until_us = asking->home->now_us + OPEN_WAIT_US;
}

static void do_phones(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1];
    struct fluit_doc doc;
    if (!fluit_ask_name(asking, name))
        return;
    const struct fluit_led *led = fluit_led_find(asking->home, name);
    if (!led || led->phones_count == 0) {
        fluit_ask_refuse(asking, "phones are not let in here, or there is no network");
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

static void do_stop(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1];
    if (!fluit_ask_name(asking, name))
        return;
    struct fluit_led *led = fluit_led_find(asking->home, name);
    if (led && !led->ended)
        fluit_led_stop(asking->home, led);
    fluit_home_accept(asking->home, asking->link);
}

static void do_quit(const struct fluit_asking *asking)
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
    void (*act)(const struct fluit_asking *asking);
    struct fluit_field fields[FLUIT_FIELDS_MAX];
} words[] = {
    {"new", fluit_home_do_new, {TEXT("name"), TEXT("script"), NUMBER("tables")}},
    {"key", fluit_home_do_key, {TEXT("name")}},
    {"typed", fluit_home_do_typed, {TEXT("name"), TEXT("typed")}},
    {"invites", fluit_home_do_invites, {TEXT("name")}},
    {"report",
     fluit_home_do_report,
     {TEXT("name"), TEXT("format"), MAY_FLAG("full"), MAY_TEXT("language")}},
    {"script", fluit_home_do_script, {TEXT("script")}},
    {"save_script", fluit_home_do_save_script, {TEXT("name"), TEXT("yaml")}},
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

static void obey(const struct fluit_asking *asking, struct fluit_slice word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!fluit_slice_eq(word, fluit_slice_str(words[i].word)))
            continue;
        if (fluit_request_fits(asking->form, words[i].fields))
            words[i].act(asking);
        else
            fluit_ask_refuse(asking, "that request takes other members");
        return;
    }
    fluit_ask_refuse(asking, "this page knows no such request");
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
    const struct fluit_asking asking = {home, link, &form};
    obey(&asking, word);
    fluit_form_deinit(&form);
}
