/* script.h: a workshop's script: decks, board, roles, agenda, questions, texts.
 *
 * Read from YAML (common/script_yaml.c; format in common/scripts/FORMAT.md) into one value that is
 * never changed afterwards and may be shared between threads. Everything in it is owned by it. */
#ifndef FLUIT_SCRIPT_H
#define FLUIT_SCRIPT_H

#include "common/act.h"
#include "common/arena.h"

/* A text in each of the script's languages; index as languages[]. Never NULL: a language that the
 * author left out has the first language's text. */
struct fluit_text {
    const char *in[FLUIT_LANGS_MAX];
};

struct fluit_category {
    struct fluit_id id;
    struct fluit_text name;
    char colour[8]; /* "#rrggbb" */
};

struct fluit_card {
    struct fluit_id id;
    struct fluit_text name;
    struct fluit_text question; /* optional, else empty texts */
    int category;               /* index; -1: none (a yield card) */
    int zone;                   /* index of the only zone it may lie in; -1: the board's sides */
    uint8_t copies;
};

/* A part of the table where cards lie: a side of the board (degrees >= 1) or a zone (degrees 0).
 * The hand and aside are no zones. */
struct fluit_zone {
    struct fluit_id id;
    struct fluit_text name;
    uint8_t degree_count;
    struct fluit_text degrees[FLUIT_DEGREES_MAX]; /* [0] is degree 1, nearest the middle */
};

struct fluit_role {
    struct fluit_id id;
    struct fluit_text name;
    struct fluit_text task;
    uint8_t tells_in; /* the card round in which this role tells; 0: none */
};

enum fluit_step_kind {
    FLUIT_STEP_TALK,
    FLUIT_STEP_POLL,
    FLUIT_STEP_OPEN_QUESTION,
    FLUIT_STEP_EXPLAIN,
    FLUIT_STEP_ROUND,
    FLUIT_STEP_CHANGEOVER,
    FLUIT_STEP_TABLE_TALK,
    FLUIT_STEP_BREAK,
    FLUIT_STEP_PLENARY,
    FLUIT_STEP_CLOSE,
};
/* As in the YAML: "talk", "poll", "open-question", "explain", "round", "changeover", "table-talk",
 * "break", "plenary", "close". */
const char *fluit_step_kind_name(enum fluit_step_kind kind);

enum fluit_poll_per {
    FLUIT_PER_TABLE,
    FLUIT_PER_SEAT,
    FLUIT_PER_HANDS, /* the answer is a count of raised hands; option_count is 0 */
};

struct fluit_option {
    struct fluit_id id;
    struct fluit_text name;
};

/* A question has one id in the script, also when several steps ask it: the entry's round says
 * when it was answered. */
struct fluit_question {
    struct fluit_id id;
    struct fluit_text text;
    int64_t suggested_us; /* 0: none */
    const char *asked_of; /* role id; "": everyone, or in a card round the one who tells */
    enum fluit_poll_per per;
    int option_count; /* > 0: a choice */
    struct fluit_option options[FLUIT_OPTIONS_MAX];
};

struct fluit_step {
    struct fluit_id id;
    enum fluit_step_kind kind;
    struct fluit_text title;
    struct fluit_text text; /* what to do, shown with the title; optional, else empty texts */
    int planned_min;        /* minutes after midnight, a guide; -1: none */
    int64_t duration_us;    /* 0: untimed */
    int64_t wrap_up_us;     /* after the end of a round */
    uint8_t round;          /* card rounds count from 1 in order; else 0 */
    bool whistle;           /* start and end are whistled */
    int question_count;
    struct fluit_question *questions; /* steps that name the same question set share it */
};

struct fluit_group {
    struct fluit_id id;
    struct fluit_text name, marks, works, works_less;
};

struct fluit_script {
    struct fluit_id id;
    struct fluit_text title;
    struct fluit_text no_names; /* "geen namen": stands beside every text field */
    int language_count;
    char languages[FLUIT_LANGS_MAX][9]; /* "nl", "en" */
    int category_count;
    struct fluit_category categories[FLUIT_CATEGORIES_MAX];
    int card_count;
    struct fluit_card cards[FLUIT_CARDS_MAX];
    int blank_count; /* blank cards a round */
    int zone_count;
    /* The sides first, left to right, then the zones. */
    struct fluit_zone zones[FLUIT_SIDES_MAX + FLUIT_ZONES_MAX];
    int side_count;
    int role_count;
    struct fluit_role roles[FLUIT_ROLES_MAX];
    int step_count;
    struct fluit_step steps[FLUIT_STEPS_MAX];
    int round_count;
    bool groups_on;
    int group_count;
    struct fluit_group groups[FLUIT_GROUPS_MAX];
    struct fluit_arena arena; /* where the texts and questions live */
};

/* Where and how a script is wrong. */
struct fluit_script_error {
    int line;       /* 1..; 0: no place */
    int column;     /* 1.., in characters; 0: no place */
    char text[400]; /* what is wrong and what to write instead, one line */
};

/* Parses YAML text. On success *out is a new script, free with fluit_script_free. Errors: FORMAT
 * (*error says where and what to write), LIMIT (too large), NOMEM. *out is untouched on error,
 * *error on success; error may be NULL. Pure: no files, no globals. */
FLUIT_MUST_CHECK enum fluit_err fluit_script_parse(struct fluit_slice yaml,
                                                   struct fluit_script **out,
                                                   struct fluit_script_error *error);
void fluit_script_free(struct fluit_script *script);

/* A built-in script's YAML by name ("leren", "retro"), or the empty slice. */
struct fluit_slice fluit_script_builtin(const char *name);
/* Names of the built-in scripts, NULL-terminated. */
extern const char *const fluit_script_builtins[];

/* Look-ups; -1 or NULL if there is none. An index is that of the script's array. */
int fluit_script_language(const struct fluit_script *script, const char *language);
int fluit_script_card(const struct fluit_script *script, const char *id);
int fluit_script_zone(const struct fluit_script *script, const char *id);
int fluit_script_role(const struct fluit_script *script, const char *id);
int fluit_script_group(const struct fluit_script *script, const char *id);
/* *step (may be NULL) is the first step that asks it. */
const struct fluit_question *fluit_script_question(const struct fluit_script *script,
                                                   const char *id, int *step);
/* Index of the step that is card round `round`, or -1. */
int fluit_script_round_step(const struct fluit_script *script, uint8_t round);
/* True for a card of the script with such a copy, or a blank card's id (blank-1..) with copy 1. */
bool fluit_script_has_card(const struct fluit_script *script, const struct fluit_card_ref *card);
/* True if that card may lie in that zone at that degree: a card bound to a zone there at degree 0,
 * any other, also a blank one, on a side at one of its degrees. */
bool fluit_script_may_lie(const struct fluit_script *script, const struct fluit_card_ref *card,
                          const struct fluit_id *zone, uint8_t degree);

#endif
