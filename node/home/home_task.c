/* home_task.c: commands that end by themselves, and what their ends are answered with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"
#include "node/home/home_internal.h"

struct fluit_task *fluit_task_start(struct fluit_home *home, uint32_t link,
                                    enum fluit_task_kind kind, const char *name,
                                    const struct fluit_command *command)
{
    struct fluit_task *task = NULL;
    for (int i = 0; i < FLUIT_HOME_TASKS_MAX; i++)
        if (home->tasks[i].kind == FLUIT_TASK_NONE)
            task = &home->tasks[i];
    if (!task || fluit_job_start(&task->job, command)) {
        fluit_home_refuse(home, link,
                          task ? "that could not be started"
                               : "too much at once; wait until something has ended");
        return NULL;
    }
    task->kind = kind;
    task->link = link;
    snprintf(task->name, sizeof task->name, "%s", name);
    return task;
}

void fluit_task_clear(struct fluit_task *task)
{
    if (task->kind != FLUIT_TASK_NONE)
        fluit_job_deinit(&task->job);
    *task = (struct fluit_task){.job = FLUIT_JOB_INIT};
}

/* The key's lines are "XXXX-XXXX-XXXX-XXXX" and nothing else. */
static bool is_key_line(const char *line)
{
    return strlen(line) == 19 && line[4] == '-' && line[9] == '-' && line[14] == '-';
}

static void keep_key(struct fluit_home *home, const char *name, char *text)
{
    struct fluit_home_key *key = fluit_home_key_of(home, "");
    size_t len = 0;
    if (!key)
        return;
    for (char *line; (line = fluit_job_line(&text));)
        if (is_key_line(line) && len + 20 <= FLUIT_PAPER_SHOW_LEN)
            len += (size_t)snprintf(key->shown + len, sizeof key->shown - len, "%s\n", line);
    if (len > 0)
        snprintf(key->name, sizeof key->name, "%s", name);
}

static void end_new(struct fluit_home *home, struct fluit_task *task, char *text)
{
    keep_key(home, task->name, text);
    fluit_home_keep_kind(home, task->name, "workshop");
    fluit_home_accept(home, task->link);
}

/* "table-01        ABCD-...  (used)" */
static void end_invites(struct fluit_home *home, struct fluit_task *task, char *text)
{
    struct fluit_doc doc;
    char name[24], code[32], used[16];
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", true);
    fluit_doc_array(&doc, "invites");
    for (char *line; (line = fluit_job_line(&text));) {
        int fields = sscanf(line, "%23s %31s %15s", name, code, used);
        if (fields < 2)
            continue;
        fluit_doc_object(&doc, NULL);
        fluit_doc_str(&doc, "name", name);
        fluit_doc_str(&doc, "code", code);
        fluit_doc_bool(&doc, "used", fields == 3);
        fluit_doc_end(&doc);
    }
    fluit_doc_end(&doc);
    fluit_home_answer(home, task->link, &doc);
    fluit_wipe(code, sizeof code);
}

/* What check-room found is JSON already; its status 1 is a finding, too. */
static void end_check(struct fluit_home *home, struct fluit_task *task, char *text)
{
    struct fluit_buf answer = FLUIT_BUF_INIT;
    char *line = fluit_job_line(&text), said[FLUIT_JOB_SAID_LEN];
    if (!line || line[0] != '{') {
        fluit_job_said(&task->job, said);
        fluit_home_refuse(home, task->link, said);
        return;
    }
    fluit_buf_printf(&answer, "{\"ok\":true,\"found\":%s}", line);
    fluit_http_answer(home->http, task->link, fluit_buf_slice(&answer));
    fluit_buf_deinit(&answer);
}

static void end_report(struct fluit_home *home, struct fluit_task *task)
{
    struct fluit_doc doc;
    size_t len = task->job.out.len;
    char *text = malloc(FLUIT_BASE64URL_LEN(len) + 1);
    if (!text) {
        fluit_home_refuse(home, task->link, "the report is too large for this machine");
        return;
    }
    fluit_base64url(task->job.out.data, len, text);
    fluit_doc_init(&doc);
    fluit_doc_bool(&doc, "ok", true);
    fluit_doc_str(&doc, "file", task->file);
    fluit_doc_str(&doc, "base64", text);
    fluit_home_answer(home, task->link, &doc);
    fluit_wipe(text, FLUIT_BASE64URL_LEN(len)); /* stories */
    free(text);
}

static void end_rehearsal(struct fluit_home *home, const struct fluit_task *task)
{
    home->rehearsal.running = false;
    home->rehearsal.done = true;
    home->rehearsal.good = fluit_job_status(&task->job) == 0;
    fluit_job_said(&task->job, home->rehearsal.said);
}

static void end_well(struct fluit_home *home, struct fluit_task *task)
{
    char nothing[1] = "";
    /* The text is made of bytes up to the first NUL; a report may hold some. */
    fluit_buf_put(&task->job.out, nothing, 1);
    char *text = task->job.out.err ? nothing : (char *)task->job.out.data;
    task->job.out.len -= task->job.out.err ? 0 : 1;
    switch (task->kind) {
    case FLUIT_TASK_NEW:
        end_new(home, task, text);
        break;
    case FLUIT_TASK_INVITES:
        end_invites(home, task, text);
        break;
    case FLUIT_TASK_CHECK:
        end_check(home, task, text);
        break;
    case FLUIT_TASK_REPORT:
        end_report(home, task);
        break;
    case FLUIT_TASK_REHEARSE:
        end_rehearsal(home, task);
        break;
    case FLUIT_TASK_NONE:
        break;
    }
}

void fluit_task_read(struct fluit_home *home, struct fluit_task *task)
{
    char said[FLUIT_JOB_SAID_LEN];
    if (fluit_job_read(&task->job))
        return;
    int status = fluit_job_status(&task->job);
    bool tells = status == 0 || task->kind == FLUIT_TASK_REHEARSE ||
                 (task->kind == FLUIT_TASK_CHECK && status == 1);
    if (tells) {
        end_well(home, task);
    } else {
        fluit_job_said(&task->job, said);
        fluit_home_refuse(home, task->link, said[0] ? said : "that did not work");
    }
    fluit_task_clear(task);
    home->stale = true;
}
