/* home_view.c: what the home page shows. API.md. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/script.h"
#include "node/home/home_internal.h"

#define PLACES_MAX 200

bool fluit_home_kind(const struct fluit_home *home, const char *name,
                     char out[static FLUIT_HOME_AS_LEN])
{
    static const char *const kinds[] = {"workshop", "table", "rapporteur", "standby"};
    char path[FLUIT_HOME_PATH_LEN], line[FLUIT_HOME_AS_LEN] = "";
    fluit_home_path(home, name, "kind", path);
    FILE *file = path[0] ? fopen(path, "re") : NULL;
    bool read = file && fgets(line, sizeof line, file);
    if (file)
        fclose(file);
    line[strcspn(line, "\n")] = 0;
    for (size_t i = 0; read && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(line, kinds[i]) == 0) {
            memcpy(out, line, sizeof line);
            return true;
        }
    return false;
}

void fluit_home_keep_kind(const struct fluit_home *home, const char *name, const char *kind)
{
    char path[FLUIT_HOME_PATH_LEN];
    fluit_home_path(home, name, "kind", path);
    int fd = path[0] ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (fd < 0)
        return;
    if (dprintf(fd, "%s\n", kind) < 0)
        unlink(path); /* better none than half a word */
    close(fd);
}

static int names_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_name(const struct dirent *item)
{
    return fluit_home_name_ok(fluit_slice_str(item->d_name));
}

static void put_place(struct fluit_home *home, struct fluit_doc *doc, const char *name,
                      const char *kind)
{
    const struct fluit_led *led = fluit_led_find(home, name);
    fluit_doc_object(doc, NULL);
    fluit_doc_str(doc, "name", name);
    fluit_doc_str(doc, "is", kind);
    fluit_doc_str(doc, "as", led ? led->as : "");
    fluit_doc_str(doc, "state", led ? fluit_led_state(led) : "");
    fluit_doc_str(doc, "said", led && fluit_text_ok(fluit_slice_str(led->said)) ? led->said : "");
    fluit_doc_bool(doc, "phones", led && led->phones);
    fluit_doc_bool(doc, "key", fluit_home_key_of(home, name) != NULL);
    fluit_doc_end(doc);
}

/* Those that have joined or lead, and those that are about to. */
static void put_places(struct fluit_home *home, struct fluit_doc *doc)
{
    struct dirent **items = NULL;
    char kind[FLUIT_HOME_AS_LEN];
    int count = scandir(home->options->folder, &items, is_name, names_order), shown = 0;
    fluit_doc_array(doc, "places");
    for (int i = 0; i < count; i++) {
        if (shown < PLACES_MAX && fluit_home_kind(home, items[i]->d_name, kind)) {
            put_place(home, doc, items[i]->d_name, kind);
            shown++;
        }
        free(items[i]);
    }
    free(items);
    for (int i = 0; i < FLUIT_HOME_LED_MAX; i++)
        if (home->led[i].name[0] && !fluit_home_kind(home, home->led[i].name, kind))
            put_place(home, doc, home->led[i].name, home->led[i].as);
    fluit_doc_end(doc);
}

static void put_script(struct fluit_doc *doc, const char *prefix, const char *name, size_t len)
{
    char text[FLUIT_HOME_NAME_MAX + 8];
    snprintf(text, sizeof text, "%s%.*s", prefix, (int)len, name);
    fluit_doc_str(doc, NULL, text);
}

static void put_scripts(const struct fluit_home *home, struct fluit_doc *doc)
{
    struct dirent **items = NULL;
    char path[FLUIT_HOME_PATH_LEN];
    fluit_doc_array(doc, "scripts");
    for (int i = 0; fluit_script_builtins[i]; i++)
        put_script(doc, "", fluit_script_builtins[i], strlen(fluit_script_builtins[i]));
    fluit_home_path(home, "scripts", NULL, path);
    int count = scandir(path, &items, NULL, names_order), shown = 0;
    for (int i = 0; i < count; i++) {
        const char *name = items[i]->d_name, *end = strrchr(name, '.');
        if (end && strcmp(end, ".yaml") == 0 && shown < PLACES_MAX &&
            fluit_home_name_ok(fluit_slice((const uint8_t *)name, (size_t)(end - name)))) {
            put_script(doc, "own/", name, (size_t)(end - name));
            shown++;
        }
        free(items[i]);
    }
    free(items);
    fluit_doc_end(doc);
}

static void put_rehearsal(struct fluit_home *home, struct fluit_doc *doc)
{
    for (int i = 0; i < FLUIT_HOME_TASKS_MAX; i++)
        if (home->tasks[i].kind == FLUIT_TASK_REHEARSE)
            fluit_job_said(&home->tasks[i].job, home->rehearsal.said);
    const char *said = home->rehearsal.said;
    fluit_doc_object(doc, "rehearsal");
    fluit_doc_str(doc, "state",
                  home->rehearsal.running ? "runs"
                  : !home->rehearsal.done ? ""
                  : home->rehearsal.good  ? "good"
                                          : "bad");
    fluit_doc_str(doc, "said", fluit_text_ok(fluit_slice_str(said)) ? said : "");
    fluit_doc_end(doc);
}

enum fluit_err fluit_home_view(struct fluit_home *home, struct fluit_buf *out)
{
    struct fluit_doc doc;
    const char *folder = home->options->folder;
    fluit_doc_init(&doc);
    fluit_doc_object(&doc, "clock");
    fluit_doc_int(&doc, "mesh_us", 0);
    fluit_doc_int(&doc, "bound_us", 0);
    fluit_doc_end(&doc);
    fluit_doc_object(&doc, "node");
    fluit_doc_str(&doc, "class", "home");
    fluit_doc_int(&doc, "table", 0);
    fluit_doc_bool(&doc, "ready", true);
    fluit_doc_end(&doc);
    fluit_doc_str(&doc, "folder", fluit_text_ok(fluit_slice_str(folder)) ? folder : "?");
    put_scripts(home, &doc);
    put_places(home, &doc);
    put_rehearsal(home, &doc);
    enum fluit_err err = fluit_doc_dump_line(&doc, out);
    fluit_doc_deinit(&doc);
    return err;
}
