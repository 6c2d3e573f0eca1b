/* act.h: what a person or node did, as one value. PROTOCOL.md "Entry kinds".
 *
 * An act is what an entry's payload says, free of encoding, keys and author. Texts are slices
 * into the decoded payload: whoever keeps an act copies them. */
#ifndef FLUIT_ACT_H
#define FLUIT_ACT_H

#include "common/bytes.h"
#include "common/crypto.h"
#include "common/limits.h"

/* An id from a script: a-z, 0-9 and '-', NUL-terminated, at least one character. */
struct fluit_id {
    char s[FLUIT_ID_LEN_MAX + 1];
};

/* FORMAT unless text is a well-formed id. */
FLUIT_MUST_CHECK enum fluit_err fluit_id_set(struct fluit_id *id, struct fluit_slice text);
bool fluit_id_eq(const struct fluit_id *a, const struct fluit_id *b);
bool fluit_id_is(const struct fluit_id *id, const char *text);

struct fluit_feed_id {
    uint8_t b[32];
};
struct fluit_note_id {
    uint8_t b[16];
}; /* random, also names a revision of a note */

/* One physical card: a kind of card from the script or a blank card's id, and which copy (1..). */
struct fluit_card_ref {
    struct fluit_id card;
    uint8_t copy;
};
bool fluit_card_ref_eq(const struct fluit_card_ref *a, const struct fluit_card_ref *b);

/* Who may read an entry. */
enum fluit_class {
    FLUIT_CLASS_OPEN = 0,    /* not sealed: key entries only */
    FLUIT_CLASS_CONTROL = 1, /* sealed with the room key */
    FLUIT_CLASS_STORY = 2,   /* sealed with the author's key of the round */
};

/* The numbers travel; never reuse one. */
enum fluit_kind {
    FLUIT_KIND_HELLO = 1,
    FLUIT_KIND_KEY = 2,
    FLUIT_KIND_ROSTER = 3,
    FLUIT_KIND_SCRIPT = 4,
    FLUIT_KIND_PLAN = 5,
    FLUIT_KIND_CUT = 6,
    FLUIT_KIND_TERM = 7,
    FLUIT_KIND_MESSAGE = 8,
    FLUIT_KIND_RELEASE = 9,
    FLUIT_KIND_INVITE = 10,
    FLUIT_KIND_ARMED = 12,
    FLUIT_KIND_FIRED = 13,
    FLUIT_KIND_HEARD = 14,
    FLUIT_KIND_HEAP = 15,
    FLUIT_KIND_PLACE = 20,
    FLUIT_KIND_ASIDE = 21,
    FLUIT_KIND_LIFT = 22,
    FLUIT_KIND_WHY = 23,
    FLUIT_KIND_LINK = 24,
    FLUIT_KIND_BLANK = 25,
    FLUIT_KIND_ROLE = 26,
    FLUIT_KIND_NOTE = 27,
    FLUIT_KIND_ANSWER = 28,
    FLUIT_KIND_PHOTO = 29,
    FLUIT_KIND_NEXT_BOARD = 30,
    FLUIT_KIND_GROUP = 31,
};

enum fluit_node_class {
    FLUIT_NODE_HUB = 1,
    FLUIT_NODE_STANDBY = 2,
    FLUIT_NODE_TABLE = 3,
    FLUIT_NODE_RAPPORTEUR = 4,
};

/* "hub", "standby", "table", "rapporteur". */
const char *fluit_node_class_name(enum fluit_node_class node_class);

enum fluit_mark_kind {
    FLUIT_MARK_START = 1,
    FLUIT_MARK_END = 2,
};

/* The same whistle in every term and revision; unique for one sounding. */
struct fluit_mark_id {
    uint8_t step;       /* index of the step in the script */
    uint8_t round;      /* 0 outside card rounds */
    uint8_t kind;       /* enum fluit_mark_kind */
    uint8_t occurrence; /* 1.., one more each time the whistle is set anew or moved */
};
bool fluit_mark_id_eq(struct fluit_mark_id a, struct fluit_mark_id b);

struct fluit_mark {
    struct fluit_mark_id id;
    int64_t at_us; /* mesh time */
};

enum fluit_plan_state {
    FLUIT_PLAN_READY = 1,   /* the step is shown, its time does not run */
    FLUIT_PLAN_RUNNING = 2, /* its time runs, or will from start_us on */
    FLUIT_PLAN_PAUSED = 3,  /* left_us is what remains */
    FLUIT_PLAN_ENDED = 4,   /* its time is over, or it was stopped early */
};

/* The whole plan as published: full state, ordered by (term, revision). Mesh time throughout. */
struct fluit_plan {
    uint32_t term;
    uint32_t revision;
    uint8_t step;       /* index in the script's agenda */
    uint8_t round;      /* card round of the step, else 0 */
    uint8_t state;      /* enum fluit_plan_state */
    int64_t start_us;   /* when the step's time began or will; 0 if it did not */
    int64_t end_us;     /* when it ends or ended; 0 for an untimed step */
    int64_t left_us;    /* while paused: what remains */
    int64_t wrap_up_us; /* after this, what comes in for the round is late; 0 if not set */
    uint8_t mark_count;
    struct fluit_mark marks[FLUIT_MARKS_MAX]; /* by time; still to sound, or just due */
};

/* True if b is newer than a. */
bool fluit_plan_newer(const struct fluit_plan *a, const struct fluit_plan *b);

#define FLUIT_OUTPUT_BELL 1u /* terminal bell */
#define FLUIT_OUTPUT_LINE 2u /* a printed line */
#define FLUIT_OUTPUT_NONE 0u /* too late: shown, not sounded */

#define FLUIT_NOTE_QUOTE       1u /* words as they were said */
#define FLUIT_NOTE_PLENARY     2u /* the table brings it to plenary */
#define FLUIT_NOTE_GONE        4u /* taken back */
#define FLUIT_NOTE_PARENTS_MAX 8

struct fluit_cut_head {
    struct fluit_feed_id feed;
    uint64_t seq;
    struct fluit_hash hash;
};

struct fluit_act {
    enum fluit_kind kind;
    union {
        struct {
            struct fluit_slice
                endpoint; /* where peers connect, "tcp://host:port"; empty: nowhere */
            struct fluit_slice software;
        } hello;
        struct {
            struct fluit_slice yaml;
        } script;
        struct fluit_plan plan;
        struct {
            uint8_t round;
            uint32_t term;     /* the highest term's cut of a round counts */
            int64_t closed_us; /* mesh time: what is made after it was made late */
            uint32_t head_count;
            const struct fluit_cut_head *heads; /* owned by whoever decoded the act */
        } cut;
        struct {
            uint8_t table; /* 0: all */
            struct fluit_slice text;
        } message;
        struct {
            struct fluit_note_id note;
            bool shown;
        } release;
        struct {
            uint8_t node_class; /* whom the code lets in: enum fluit_node_class */
            uint8_t table;      /* 0: a standby */
            uint32_t revision;  /* of this place's invite; the highest counts */
            uint8_t code[16];   /* a secret: as typed, without dashes */
            int64_t expires_s;  /* wall clock, since 1970 */
            bool used;
            uint8_t by[32]; /* the sign key that used it; zeros */
        } invite;
        struct {
            uint32_t term;
            uint32_t revision;
            int64_t bound_us; /* the node's clock error bound */
            uint8_t mark_count;
            struct fluit_mark marks[FLUIT_MARKS_MAX];
        } armed;
        struct {
            struct fluit_mark_id mark;
            int64_t at_us;    /* mesh time at which it sounded, or would have */
            int64_t bound_us; /* the node's clock error bound then */
            uint32_t outputs; /* FLUIT_OUTPUT_* */
        } fired;
        struct {
            bool heard; /* a person at this device heard the test of the whistle, or did not */
        } heard;
        struct {
            struct fluit_note_id note; /* words that were released */
            struct fluit_slice heap;   /* the name of those they lie with; empty: none */
        } heap;
        struct {
            struct fluit_card_ref card;
            struct fluit_id zone; /* a side or a zone of the script */
            uint8_t degree;       /* 1 nearest the middle; 0 in a zone without degrees */
        } place;
        struct {
            struct fluit_card_ref card;
        } aside; /* pulled out while looking */
        struct {
            struct fluit_card_ref card;
        } lift; /* back to the hand */
        struct {
            struct fluit_card_ref card;
            bool none; /* "none given": text is empty */
            struct fluit_slice text;
        } why;
        struct {
            struct fluit_card_ref from;
            struct fluit_card_ref to;
            bool gone; /* the link is taken away */
            struct fluit_slice word;
        } link;
        struct {
            struct fluit_id card;
            struct fluit_slice text;
        } blank; /* card: blank-1.. */
        struct {
            struct fluit_id role;
            uint8_t seat;
        } role; /* seat 0: left empty */
        struct {
            struct fluit_note_id note;
            struct fluit_note_id revision;
            uint8_t parent_count;
            struct fluit_note_id parents[FLUIT_NOTE_PARENTS_MAX];
            struct fluit_id question;   /* s[0] == 0: none */
            struct fluit_card_ref card; /* card.s[0] == 0: none */
            uint32_t flags;             /* FLUIT_NOTE_* */
            struct fluit_slice text;
        } note;
        struct {
            struct fluit_id question;
            uint8_t seat;            /* 0: the table as one */
            struct fluit_slice text; /* free text; for a poll the option's id or a count */
        } answer;
        struct {
            struct fluit_note_id photo;
            uint8_t part;  /* from 0 */
            uint8_t parts; /* how many the photo has; 0: it is taken back */
            struct fluit_slice data;
        } photo; /* of a paper board: bytes of a JPEG */
        struct {
            uint8_t round;
        } next_board; /* the round whose board is now in use */
        struct {
            struct fluit_id group;
        } group; /* s[0] == 0: none */
    };
};

/* The class an act of this kind is sealed under. */
enum fluit_class fluit_kind_class(enum fluit_kind kind);
/* May a node of this class author this kind? PROTOCOL.md "Authority". */
bool fluit_kind_allowed(enum fluit_kind kind, enum fluit_node_class author);
/* "place", "note", ...; "unknown" for a number not in the list. */
const char *fluit_kind_name(enum fluit_kind kind);

/* Where an act stands: who, when, in which order. Versions order acts of one table whatever the
 * order of arrival: (rank of the author in the roster, incarnation, seq). */
struct fluit_origin {
    uint8_t table; /* from the roster, never from a payload; 0: none */
    enum fluit_node_class author;
    uint32_t rank;           /* index of the author in the roster */
    uint8_t incarnation[16]; /* of the feed, compared as bytes */
    uint64_t seq;
    uint8_t round;
    int64_t mesh_us; /* the author's remark, no order */
    struct fluit_feed_id feed;
};

/* < 0, 0, > 0 as a comes before, with or after b. */
int fluit_origin_cmp(const struct fluit_origin *a, const struct fluit_origin *b);

#endif
