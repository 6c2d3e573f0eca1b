/* guest.h: a node at a table: the table itself, or its rapporteur's. It joins by code, follows the
 * hub, and turns typed lines into entries.
 *
 *   start --(no workshop in the store)--> knocking --(welcome)--> member
 *     \----(resumed)--------------------------------------------> member
 *   member: lines wait in a queue until our own feed is ours and the script is known.
 *
 * guest.c joins and connects; guest_lines.c is the console; board_lines.c and note_lines.c are its
 * commands, guest_words.c what their words mean; acts.h is what people can do, by line or by page.
 * Pure, as all of node/core. */
#ifndef FLUIT_GUEST_H
#define FLUIT_GUEST_H

#include "node/core/discovery.h"
#include "node/core/join.h"
#include "node/core/links.h"
#include "node/core/node.h"

#define FLUIT_LINES_WAITING_MAX 64
#define FLUIT_UNDO_MAX          64

struct fluit_guest_config {
    enum fluit_node_class node_class;  /* TABLE or RAPPORTEUR */
    struct fluit_invite_code code;     /* s[0] == 0: none given, resume */
    char host[FLUIT_HOST_LEN_MAX + 1]; /* the hub's; "": as kept, or as beacons tell */
    uint16_t door_port;                /* with host */
};

/* What puts back what a line changed. */
struct fluit_undo {
    struct fluit_act act;
    uint8_t round;
    char *text; /* owned: the act's text; story, wiped */
};

struct fluit_guest {
    struct fluit_node node; /* first: hooks get from it to us */
    enum fluit_node_class node_class;
    struct fluit_joining joining;
    struct fluit_links links;
    struct fluit_discovery discovery;
    uint16_t sync_port;  /* where peers connect, one above its door; 0: nowhere */
    bool listens_to_all; /* at all of this machine's addresses: which is told may change */
    bool told_ready;
    uint32_t told_term; /* of the hub that was last told of */
    uint64_t told_safe;
    struct fluit_plan told_plan; /* the plan last printed */
    struct fluit_buf waiting[FLUIT_LINES_WAITING_MAX];
    uint32_t waiting_count;
    struct fluit_undo undo[FLUIT_UNDO_MAX]; /* newest last */
    uint32_t undo_count;
    int64_t photo_us; /* when a part of a photo was last saved; 0: never */
    /* The notes in the order in which this console met them: note N is the Nth. */
    struct fluit_note_id *numbered; /* owned */
    uint32_t numbered_count, numbered_cap;
    int language; /* of this console's texts */
};

/* Errors: the store's; FORMAT for a data directory of something else. */
FLUIT_MUST_CHECK enum fluit_err fluit_guest_init(struct fluit_guest *guest,
                                                 struct fluit_store store,
                                                 const struct fluit_guest_config *config,
                                                 const uint8_t entropy[static 32]);
void fluit_guest_deinit(struct fluit_guest *guest);
/* Has it joined, is its feed its own, does it know script and plan? Then people can act. */
bool fluit_guest_ready(const struct fluit_guest *guest);

/* The core's face to the loop (struct fluit_node_ops); self is a struct fluit_guest. */
void fluit_guest_step(void *self, const struct fluit_event *event, struct fluit_effects *fx);
int64_t fluit_guest_deadline(void *self);
bool fluit_guest_alarm(void *self, struct fluit_mark *mark, int64_t *local_us);
bool fluit_guest_admits(void *self, const struct fluit_box_pk *key);

/* guest_lines.c: carries out one typed line. */
void fluit_guest_line(struct fluit_guest *guest, struct fluit_slice line, struct fluit_effects *fx);
/* Appends the act and prints "saved SEQ what". False, and says why, if it can't. undo (may be NULL)
 * is the act that would put back what was; its texts are copied. An act that the fold would pass
 * over is refused here. */
bool fluit_guest_save(struct fluit_guest *guest, const struct fluit_act *act, uint8_t round,
                      const struct fluit_act *undo, struct fluit_effects *fx, const char *what, ...)
    __attribute__((format(printf, 6, 7)));
/* "no: ..." */
void fluit_guest_no(struct fluit_effects *fx, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Is nothing left of the line? If there is, says so: no word is passed over in silence. */
bool fluit_guest_line_ends(struct fluit_slice rest, const char *command, struct fluit_effects *fx);
/* The card round whose board is in use here; 0 in a script without card rounds. */
uint8_t fluit_guest_round(const struct fluit_guest *guest);
void fluit_undo_free(struct fluit_undo *undo);
/* What was done can't be undone any more. */
void fluit_guest_forget_undo(struct fluit_guest *guest);

/* A command of the console; also says which nodes have it: those that may author its kind. */
struct fluit_guest_command {
    const char *word;
    enum fluit_kind kind; /* 0: every node has it */
    const char *usage;
    const char *help;
    void (*run)(struct fluit_guest *guest, struct fluit_slice rest, struct fluit_effects *fx);
};
/* board_lines.c and note_lines.c: their commands, ending with an empty one. */
extern const struct fluit_guest_command fluit_board_commands[];
extern const struct fluit_guest_command fluit_note_commands[];

/* guest_words.c: what people type for the script's things. Each takes its word off rest and prints
 * "no: ..." if it names nothing, or more than one thing. */
bool fluit_guest_card(struct fluit_guest *guest, struct fluit_slice *rest,
                      struct fluit_card_ref *card, bool *copy_given, struct fluit_effects *fx);
/* The same; without a copy, one that lies on the board, else one aside, else the first. */
bool fluit_guest_lying_card(struct fluit_guest *guest, struct fluit_slice *rest,
                            struct fluit_card_ref *card, struct fluit_effects *fx);
bool fluit_guest_zone(struct fluit_guest *guest, struct fluit_slice *rest, int *zone,
                      struct fluit_effects *fx);
bool fluit_guest_role(struct fluit_guest *guest, struct fluit_slice *rest, int *role,
                      struct fluit_effects *fx);
bool fluit_guest_group(struct fluit_guest *guest, struct fluit_slice word, struct fluit_id *group,
                       struct fluit_effects *fx);
/* word without its '@'. */
const struct fluit_question *fluit_guest_question(struct fluit_guest *guest,
                                                  struct fluit_slice word, int *step,
                                                  struct fluit_effects *fx);

#endif
