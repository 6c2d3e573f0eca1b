/* home_workshop.c: what the home page asks about workshops, their scripts and reports. API.md. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/crypto.h"
#include "common/script.h"
#include "node/cli/script_file.h"
#include "node/home/home_ask.h"
#include "node/view/view.h"

struct fluit_home_key *fluit_home_key_of(struct fluit_home *home, const char *name)
{
    for (int i = 0; i < FLUIT_HOME_KEYS_MAX; i++)
        if (strcmp(home->keys[i].name, name) == 0)
            return &home->keys[i];
    return NULL;
}

/* Is there a place for one more, beside those of workshops that are being made? */
static bool has_key_place(const struct fluit_home *home)
{
    int places = 0;
    for (int i = 0; i < FLUIT_HOME_KEYS_MAX; i++)
        places += !home->keys[i].name[0];
    for (int i = 0; i < FLUIT_HOME_TASKS_MAX; i++)
        places -= home->tasks[i].kind == FLUIT_TASK_NEW;
    return places > 0;
}

void fluit_home_do_new(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], script[FLUIT_HOME_PATH_LEN], tables[12],
        path[FLUIT_HOME_PATH_LEN];
    if (!fluit_ask_name(asking, name) || !fluit_ask_script(asking, script) ||
        !fluit_ask_tables(asking, tables))
        return;
    fluit_home_path(asking->home, name, NULL, path);
    if (!path[0] || access(path, F_OK) == 0) {
        fluit_ask_refuse(asking, "that name is taken; choose another");
        return;
    }
    if (!has_key_place(asking->home)) {
        fluit_ask_refuse(asking,
                         "write down the recovery keys of the workshops made before, first");
        return;
    }
    const char *const words[] = {"fluit",    "new",  path,    "--script", script,
                                 "--tables", tables, "--yes", NULL};
    fluit_ask_run(asking, FLUIT_TASK_NEW, name, words);
}

void fluit_home_do_key(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1];
    struct fluit_doc doc;
    if (!fluit_ask_name(asking, name))
        return;
    struct fluit_home_key *key = fluit_home_key_of(asking->home, name);
    if (!key) {
        fluit_ask_refuse(asking,
                         "this workshop's recovery key was shown before, and is nowhere else");
        return;
    }
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", true);
    fluit_doc_str(&doc, "key", key->shown);
    fluit_home_answer(asking->home, asking->link, &doc);
}

void fluit_home_do_typed(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], typed[64];
    if (!fluit_ask_name(asking, name))
        return;
    struct fluit_home_key *key = fluit_home_key_of(asking->home, name);
    bool good = key && fluit_ask_text(asking, "typed", typed, sizeof typed) &&
                fluit_paper_tail_is(key->shown, typed);
    fluit_wipe(typed, sizeof typed);
    if (!good) {
        fluit_ask_refuse(asking, "that is not how it ends");
        return;
    }
    fluit_wipe(key, sizeof *key);
    fluit_home_accept(asking->home, asking->link);
}

void fluit_home_do_invites(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], path[FLUIT_HOME_PATH_LEN];
    if (!fluit_ask_workshop(asking, name))
        return;
    fluit_home_path(asking->home, name, NULL, path);
    const char *const words[] = {"fluit", "invites", path, NULL};
    fluit_ask_run(asking, FLUIT_TASK_INVITES, name, words);
}

static bool is_language(const char *word)
{
    size_t len = strlen(word);
    return len <= 8 && strspn(word, "abcdefghijklmnopqrstuvwxyz") == len;
}

void fluit_home_do_report(const struct fluit_asking *asking)
{
    static const char *const formats[] = {"text", "json", "csv", "html", "pdf", "svg", "png", NULL};
    char name[FLUIT_HOME_NAME_MAX + 1], path[FLUIT_HOME_PATH_LEN], format[8], language[12];
    const char *words[12] = {"fluit", "report", path, "--format", format};
    int count = 5;
    if (!fluit_ask_workshop(asking, name))
        return;
    if (!fluit_ask_text(asking, "format", format, sizeof format) ||
        !fluit_ask_one_of(format, formats) ||
        !fluit_ask_text(asking, "language", language, sizeof language) || !is_language(language)) {
        fluit_ask_refuse(asking, "there is no such report");
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
    struct fluit_task *task = fluit_ask_run(asking, FLUIT_TASK_REPORT, name, words);
    if (task)
        snprintf(task->file, sizeof task->file, "%s-%s.%s", name, full ? "full" : "participants",
                 strcmp(format, "text") == 0 ? "txt" : format);
}

/* Scripts. */

void fluit_home_do_script(const struct fluit_asking *asking)
{
    char path[FLUIT_HOME_PATH_LEN];
    struct fluit_buf yaml = FLUIT_BUF_INIT, answer = FLUIT_BUF_INIT;
    struct fluit_script *script = NULL;
    struct fluit_script_error error;
    if (!fluit_ask_script(asking, path))
        return;
    fluit_buf_puts(&answer, "{\"ok\":true,\"script\":");
    bool good = fluit_script_load(path, &yaml) == 0 &&
                fluit_script_parse(fluit_buf_slice(&yaml), &script, &error) == FLUIT_OK &&
                fluit_view_script(script, &answer) == FLUIT_OK;
    fluit_buf_puts(&answer, "}");
    if (good)
        fluit_http_answer(asking->home->http, asking->link, fluit_buf_slice(&answer));
    else
        fluit_ask_refuse(asking, "this script can't be read");
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
void fluit_home_do_save_script(const struct fluit_asking *asking)
{
    char name[FLUIT_HOME_NAME_MAX + 1], file[FLUIT_HOME_SCRIPT_MAX + 8], path[FLUIT_HOME_PATH_LEN],
        why[600];
    struct fluit_slice yaml = fluit_request_text(asking->form, "yaml");
    struct fluit_script *script = NULL;
    struct fluit_script_error error = {0};
    if (!fluit_ask_name(asking, name))
        return;
    if (fluit_script_parse(yaml, &script, &error)) {
        snprintf(why, sizeof why, "line %d: %.500s", error.line, error.text);
        fluit_ask_refuse(asking, why);
        return;
    }
    fluit_script_free(script);
    snprintf(file, sizeof file, "%s.yaml", name);
    fluit_home_path(asking->home, "scripts", NULL, path);
    bool made = path[0] && (mkdir(path, 0700) == 0 || errno == EEXIST);
    fluit_home_path(asking->home, "scripts", file, path);
    if (!made || !path[0] || !write_file(path, yaml)) {
        fluit_ask_refuse(asking, "it could not be saved; is there room on the disk?");
        return;
    }
    asking->home->stale = true;
    fluit_home_accept(asking->home, asking->link);
}
