/* home_internal.h: what the files of the home page share. */
#ifndef FLUIT_HOME_INTERNAL_H
#define FLUIT_HOME_INTERNAL_H

#include "node/home/home.h"
#include "node/home/job.h"
#include "node/json/doc.h"
#include "node/web/http.h"
#include "proto/paper.h"

#define FLUIT_HOME_LED_MAX    8
#define FLUIT_HOME_TASKS_MAX  8
#define FLUIT_HOME_KEYS_MAX   4
#define FLUIT_HOME_ASKED_MAX  16
#define FLUIT_HOME_PATH_LEN   1024
#define FLUIT_HOME_PHONES_MAX (2 * FLUIT_TABLES_MAX + 1)
#define FLUIT_HOME_AS_LEN     16

/* What a phone opens to come to a node: its QR says it. A secret. */
struct fluit_phones_link {
    char name[FLUIT_WARD_NAME_LEN]; /* "table-03"; "": the node itself */
    char url[FLUIT_HTTP_LINK_LEN];
};

/* A node that this page started, and keeps running. */
struct fluit_led {
    char name[FLUIT_HOME_NAME_MAX + 1]; /* its directory; "": none */
    char as[FLUIT_HOME_AS_LEN];         /* "hub", "room", "table", "rapporteur", "standby" */
    char code[32];                      /* until it has joined; wiped then */
    char host[FLUIT_JOB_SAID_LEN];      /* where the hub is, as typed; "" */
    bool phones;
    struct fluit_ward ward;
    struct fluit_phones_link phones_at[FLUIT_HOME_PHONES_MAX];
    int phones_count;
    bool stopping, ended;
    char said[FLUIT_JOB_SAID_LEN]; /* what went wrong, in its words */
    uint32_t wants_link;           /* a request that waits for a link of it; 0: none */
    char wants[64];                /* how that line begins */
    int64_t wants_until_us;
};

enum fluit_task_kind {
    FLUIT_TASK_NONE = 0,
    FLUIT_TASK_NEW,
    FLUIT_TASK_INVITES,
    FLUIT_TASK_CHECK,
    FLUIT_TASK_REPORT,
    FLUIT_TASK_REHEARSE, /* answered when it starts; the view tells how it goes */
};

/* A command that ends by itself. */
struct fluit_task {
    enum fluit_task_kind kind;
    struct fluit_job job;
    uint32_t link; /* the request to answer at its end */
    char name[FLUIT_HOME_NAME_MAX + 1];
    char file[FLUIT_HOME_NAME_MAX + 32]; /* of a report */
};

/* A recovery key that was not typed back yet. In memory only. */
struct fluit_home_key {
    char name[FLUIT_HOME_NAME_MAX + 1]; /* "": none */
    char shown[FLUIT_PAPER_SHOW_LEN + 1];
};

struct fluit_asked {
    uint32_t link;
    struct fluit_buf json;
};

struct fluit_home {
    const struct fluit_home_options *options;
    struct fluit_http *http;
    struct fluit_led led[FLUIT_HOME_LED_MAX];
    struct fluit_task tasks[FLUIT_HOME_TASKS_MAX];
    struct fluit_home_key keys[FLUIT_HOME_KEYS_MAX];
    struct fluit_asked asked[FLUIT_HOME_ASKED_MAX];
    int asked_count;
    struct {
        bool running, done, good;
        char said[FLUIT_JOB_SAID_LEN];
    } rehearsal;
    struct fluit_buf view;
    bool stale; /* look at the folder again */
    int64_t now_us, look_us;
    int signal_fd, door_fd; /* door: another start asks for a link */
    char door[108];
    bool quits;
};

/* FOLDER/NAME, or FOLDER/NAME/FILE. Empty if that is too long. */
void fluit_home_path(const struct fluit_home *home, const char *name, const char *file,
                     char out[static FLUIT_HOME_PATH_LEN]);

/* home_do.c: carries out a request and answers it, now or when what it started has ended. */
void fluit_home_do(struct fluit_home *home, uint32_t link, struct fluit_slice json);
void fluit_home_answer(struct fluit_home *home, uint32_t link, struct fluit_doc *doc);
void fluit_home_refuse(struct fluit_home *home, uint32_t link, const char *why);
void fluit_home_accept(struct fluit_home *home, uint32_t link);
struct fluit_home_key *fluit_home_key_of(struct fluit_home *home, const char *name);

/* home_task.c */
/* NULL if as many run as may; then the request is refused. */
struct fluit_task *fluit_task_start(struct fluit_home *home, uint32_t link,
                                    enum fluit_task_kind kind, const char *name,
                                    const struct fluit_command *command);
void fluit_task_read(struct fluit_home *home, struct fluit_task *task);
void fluit_task_clear(struct fluit_task *task);

/* home_led.c */
struct fluit_led *fluit_led_find(struct fluit_home *home, const char *name);
/* NULL if as many run as may. Any of that name that has ended gives way. */
struct fluit_led *fluit_led_new(struct fluit_home *home, const char *name, const char *as);
void fluit_led_read(struct fluit_home *home, struct fluit_led *led);
/* Starts who is due; gives up on links that don't come. */
void fluit_led_turn(struct fluit_home *home);
void fluit_led_stop(struct fluit_home *home, struct fluit_led *led);
void fluit_led_clear(struct fluit_led *led);
/* "runs", ...; see API.md. */
const char *fluit_led_state(const struct fluit_led *led);

/* home_view.c: appends the view, one line. */
FLUIT_MUST_CHECK enum fluit_err fluit_home_view(struct fluit_home *home, struct fluit_buf *out);
/* What that directory is: "workshop", "table", ...; false if it is nothing of ours. */
bool fluit_home_kind(const struct fluit_home *home, const char *name,
                     char out[static FLUIT_HOME_AS_LEN]);
void fluit_home_keep_kind(const struct fluit_home *home, const char *name, const char *kind);

#endif
