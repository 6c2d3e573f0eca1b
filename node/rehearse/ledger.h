/* ledger.h: what people typed, and what they were told of it: the rehearsal's own memory, to hold
 * against what the hub can read at the end.
 *
 * A line is kept as it was typed, in the one form in which an act is written (fluit_ledger_render),
 * and its free text holds a number that no other line has. */
#ifndef FLUIT_LEDGER_H
#define FLUIT_LEDGER_H

#include "common/act.h"

enum fluit_ledger_state {
    FLUIT_LEDGER_TYPED,   /* no answer yet; a crash may have come between */
    FLUIT_LEDGER_REFUSED, /* "no: ..." */
    FLUIT_LEDGER_SAVED,   /* told "saved SEQ" */
    FLUIT_LEDGER_SAFE,    /* told "safe SEQ" or more */
};

/* Before the number in a free text. */
#define FLUIT_LEDGER_SERIAL "nr "

struct fluit_ledger_line {
    char *text; /* owned */
    int node;
    bool any;    /* what exactly it wrote is not known (undo) */
    bool unique; /* no other line has this text */
    enum fluit_ledger_state state;
    uint64_t seq;
    int64_t typed_us, safe_us;
    bool found;         /* it stands where it was saved */
    uint32_t elsewhere; /* times it stands somewhere else, too */
};

struct fluit_ledger {
    struct fluit_ledger_line *lines; /* owned */
    size_t count, cap;
};

void fluit_ledger_deinit(struct fluit_ledger *ledger);
/* Adds a line that was typed; its text is unique if it has a FLUIT_LEDGER_SERIAL. Ends the program
 * without memory. */
void fluit_ledger_type(struct fluit_ledger *ledger, int node, const char *text, int64_t now_us);
/* The oldest line of the node without an answer was saved as seq, or refused (seq 0). */
void fluit_ledger_answer(struct fluit_ledger *ledger, int node, uint64_t seq);
/* Everything of the node up to seq is safe. */
void fluit_ledger_safe(struct fluit_ledger *ledger, int node, uint64_t seq, int64_t now_us);
/* The node died: lines without an answer never get one. */
void fluit_ledger_died(struct fluit_ledger *ledger, int node);
size_t fluit_ledger_waiting(const struct fluit_ledger *ledger, int node);

/* The act as a line to type; false for an act that no line writes. */
bool fluit_ledger_render(const struct fluit_act *act, struct fluit_buf *out);
/* The hub can read this act of the node. */
void fluit_ledger_find(struct fluit_ledger *ledger, int node, const struct fluit_origin *origin,
                       const struct fluit_act *act);

struct fluit_ledger_sums {
    size_t saved, safe; /* told so */
    size_t lost_safe, lost_saved_only, duplicates;
};
struct fluit_ledger_sums fluit_ledger_sum(const struct fluit_ledger *ledger);
/* How long lines took from typed to safe, sorted; the caller frees it. */
int64_t *fluit_ledger_waits(const struct fluit_ledger *ledger, size_t *count);

#endif
