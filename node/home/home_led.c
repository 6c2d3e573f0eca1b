/* home_led.c: the nodes that the home page started: hubs, rooms, tables. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "common/crypto.h"
#include "node/home/home_internal.h"

#define LINK_WAIT_US INT64_C(8000000)

struct fluit_led *fluit_led_find(struct fluit_home *home, const char *name)
{
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++)
        if (home->led[i].name[0] && strcmp(home->led[i].name, name) == 0)
            return &home->led[i];
    return NULL;
}

void fluit_led_clear(struct fluit_led *led)
{
    if (led->name[0])
        fluit_ward_deinit(&led->ward);
    fluit_wipe(led, sizeof *led);
}

struct fluit_led *fluit_led_new(struct fluit_home *home, const char *name, const char *as)
{
    struct fluit_led *led = fluit_led_find(home, name);
    for (int i = 0; !led && i < FLUIT_HOME_LED_MAX; i++)
        if (!home->led[i].name[0])
            led = &home->led[i];
    for (int i = 0; !led && i < FLUIT_HOME_LED_MAX; i++)
        if (home->led[i].ended)
            led = &home->led[i];
    if (!led)
        return NULL;
    fluit_led_clear(led);
    snprintf(led->name, sizeof led->name, "%s", name);
    snprintf(led->as, sizeof led->as, "%s", as);
    fluit_ward_init(&led->ward, as, home->now_us);
    led->ward.log = FLUIT_PROC_TOGETHER;
    return led;
}

const char *fluit_led_state(const struct fluit_led *led)
{
    return led->ended        ? "ended"
           : led->stopping   ? "stopping"
           : led->ward.ready ? "runs"
                             : "starting";
}

static bool is_hub(const struct fluit_led *led)
{
    return strcmp(led->as, "hub") == 0 || strcmp(led->as, "room") == 0;
}

static void start(struct fluit_home *home, struct fluit_led *led)
{
    struct fluit_command command = {0};
    char path[FLUIT_HOME_PATH_LEN];
    fluit_home_path(home, led->name, NULL, path);
    fluit_command_put(&command, "fluit");
    fluit_command_put(&command, led->as);
    if (!is_hub(led))
        fluit_command_put(&command, "--data");
    fluit_command_put(&command, path);
    if (is_hub(led)) {
        fluit_command_put(&command, "--port");
        fluit_command_put(&command, home->options->hub_port);
    }
    snprintf(command.code, sizeof command.code, "%s", led->code);
    if (led->host[0]) {
        fluit_command_put(&command, "--hub");
        fluit_command_put(&command, led->host);
    }
    if (led->phones)
        fluit_command_put(&command, "--phones");
    if (fluit_ward_start(&led->ward, &command, home->now_us))
        snprintf(led->said, sizeof led->said, "it can't be started; tried again in a moment");
    fluit_command_deinit(&command);
}

static void give_link(struct fluit_home *home, struct fluit_led *led, const char *link)
{
    struct fluit_doc doc;
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", true);
    fluit_doc_str(&doc, "link", link);
    fluit_home_answer(home, led->wants_link, &doc);
    led->wants_link = 0;
}

static void give_no_link(struct fluit_home *home, struct fluit_led *led)
{
    if (led->wants_link)
        fluit_home_refuse(home, led->wants_link, "it gave no link; try again in a moment");
    led->wants_link = 0;
}

struct ear {
    struct fluit_home *home;
    struct fluit_led *led;
};

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* "phones: URL" of itself, "phones table-03: URL" of a table of a room. */
static void keep_phones(struct fluit_led *led, const char *line)
{
    const char *name = line + strlen("phones"), *colon = strchr(name, ':');
    struct fluit_phones_link *at = led->phones_at, *end = at + led->phones_count;
    size_t len = colon && *name == ' ' ? (size_t)(colon - ++name) : 0;
    if (!colon || len >= sizeof at->name || colon[1] != ' ')
        return;
    while (at < end && (strncmp(at->name, name, len) != 0 || at->name[len] != 0))
        at++;
    if (at == led->phones_at + FLUIT_HOME_PHONES_MAX)
        return;
    if (at == end)
        led->phones_count++;
    snprintf(at->name, sizeof at->name, "%.*s", (int)len, name);
    snprintf(at->url, sizeof at->url, "%s", colon + 2);
}

static void on_ready(struct fluit_home *home, struct fluit_led *led)
{
    led->ward.ready = true;
    led->said[0] = 0;
    fluit_wipe(led->code, sizeof led->code);
    if (!is_hub(led))
        fluit_home_keep_kind(home, led->name, led->as);
}

/* Its console may tell codes, on request; only what goes wrong is kept. */
static void hear(void *arg, const char *line)
{
    const struct ear *ear = arg;
    struct fluit_led *led = ear->led;
    bool ours = begins(line, "fluit: ");
    if (led->wants_link && begins(line, led->wants))
        give_link(ear->home, led, line + strlen(led->wants));
    else if (begins(line, "phones"))
        keep_phones(led, line);
    else if (begins(line, "ready: ") || begins(line, "this hub leads now"))
        on_ready(ear->home, led);
    else if (ours || (!led->ward.ready && !begins(line, "page")))
        snprintf(led->said, sizeof led->said, "%.390s", ours ? line + 7 : line);
}

/* What was told to stop, or never got so far as to work, is over. */
static void on_end(struct fluit_home *home, struct fluit_led *led)
{
    int status = led->ward.proc.status;
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    bool refused = WIFEXITED(status) && !led->ward.ready && led->ward.falls == 0;
    give_no_link(home, led);
    if (led->stopping || well || refused) {
        led->ended = true;
        led->ward.start_at_us = FLUIT_WARD_NEVER;
        if (well)
            led->said[0] = 0;
        fluit_wipe(led->code, sizeof led->code);
    } else {
        fluit_ward_ended(&led->ward, home->now_us);
    }
    home->stale = true;
}

void fluit_led_read(struct fluit_home *home, struct fluit_led *led)
{
    struct ear ear = {home, led};
    if (!fluit_proc_read(&led->ward.proc, hear, &ear))
        on_end(home, led);
}

void fluit_led_turn(struct fluit_home *home)
{
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++) {
        struct fluit_led *led = &home->led[i];
        if (!led->name[0])
            continue;
        if (!led->ward.proc.pid && !led->ended && led->ward.start_at_us <= home->now_us)
            start(home, led);
        if (led->wants_link && led->wants_until_us <= home->now_us)
            give_no_link(home, led);
    }
}

void fluit_led_stop(struct fluit_home *home, struct fluit_led *led)
{
    led->stopping = true;
    if (led->ward.proc.pid) {
        fluit_proc_kill(&led->ward.proc, SIGTERM);
    } else {
        led->ended = true;
        give_no_link(home, led);
    }
}
