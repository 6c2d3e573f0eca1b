/* home_ask.h: a request of the home page while it is carried out, and its members. */
#ifndef FLUIT_HOME_ASK_H
#define FLUIT_HOME_ASK_H

#include "node/home/home_internal.h"
#include "node/view/request.h"

#define FLUIT_HOME_SCRIPT_MAX (FLUIT_HOME_NAME_MAX + 8)

struct fluit_asking {
    struct fluit_home *home;
    uint32_t link;
    const struct fluit_form *form;
};

void fluit_ask_refuse(const struct fluit_asking *asking, const char *why);

/* Members; false if it can't be used. All but the first two tell why, as the answer. */
bool fluit_ask_text(const struct fluit_asking *asking, const char *key, char *out, size_t cap);
/* words ends with NULL. */
bool fluit_ask_one_of(const char *word, const char *const words[]);
bool fluit_ask_name(const struct fluit_asking *asking, char out[static FLUIT_HOME_NAME_MAX + 1]);
/* The directory of something that is there. */
bool fluit_ask_place(const struct fluit_asking *asking, char out[static FLUIT_HOME_NAME_MAX + 1],
                     char kind[static FLUIT_HOME_AS_LEN]);
bool fluit_ask_workshop(const struct fluit_asking *asking,
                        char out[static FLUIT_HOME_NAME_MAX + 1]);
/* A built-in script's name, or "own/NAME": the file of that one. */
bool fluit_ask_script(const struct fluit_asking *asking, char out[static FLUIT_HOME_PATH_LEN]);
bool fluit_ask_tables(const struct fluit_asking *asking, char out[static 12]);

/* Starts fluit with these words, the last of which is NULL. NULL if it could not be; then the
 * request is refused. */
struct fluit_task *fluit_ask_run(const struct fluit_asking *asking, enum fluit_task_kind kind,
                                 const char *name, const char *const words[]);

/* home_workshop.c: requests about a workshop before and after the afternoon. */
void fluit_home_do_new(const struct fluit_asking *asking);
void fluit_home_do_key(const struct fluit_asking *asking);
void fluit_home_do_typed(const struct fluit_asking *asking);
void fluit_home_do_invites(const struct fluit_asking *asking);
void fluit_home_do_report(const struct fluit_asking *asking);
void fluit_home_do_script(const struct fluit_asking *asking);
void fluit_home_do_save_script(const struct fluit_asking *asking);

#endif
