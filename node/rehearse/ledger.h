/* ledger.h: what the participants of a rehearsal were told, to hold the mesh to it.
 *
 * They keep every line they typed and its answer: saved under a number, and later safe. At the end
 * each act that the hub can read is looked up here. Lines are told apart by what they say (texts
 * carry a serial number) and, once answered, by their number in the node's feed. A node that comes
 * back without the end of its feed numbers anew: that is its next life. Not thread-safe. */
#ifndef FLUIT_LEDGER_H
#define FLUIT_LEDGER_H

#include "common/act.h"

enum fluit_line_state {
    FLUIT_LINE_OPEN,       /* typed, not answered yet */
    FLUIT_LINE_UNANSWERED, /* the node died over it: it may be there or not */
    FLUIT_LINE_SAVED,
    FLUIT_LINE_SAFE,
};

struct fluit_ledger_line {
    enum fluit_line_state state;
    uint32_t life;
    uint64_t seq;     /* once saved */
    int64_t typed_us; /* real time */
    int64_t ack_us;   /* from typed to safe; -1: not safe, or by way of a restart */
    bool found;       /* the hub can read it */
    char *content;    /* owned */
};

struct fluit_ledger_node {
    struct fluit_ledger_line *lines;
    size_t count, cap;
    size_t first_unsafe; /* all lines before it are safe, unanswered or of an earlier life */
    uint32_t life;
    uint64_t last_seq; /* the highest told as saved in this life */
    bool lost_track;   /* it came back; which life this is we know at its first status */
    uint64_t safe_seq; /* told meanwhile */
};

struct fluit_ledger {
    struct fluit_ledger_node *nodes;
    uint32_t node_count;
    uint64_t strays;    /* acts that nobody typed, or that are there twice */
    enum fluit_err err; /* the first failure: the ledger is not to be trusted */
};

/* For nodes 0..node_count-1; free with fluit_ledger_deinit. NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_ledger_init(struct fluit_ledger *ledger, uint32_t node_count);
void fluit_ledger_deinit(struct fluit_ledger *ledger);

/* A line is typed; the one before was answered or died with its node. */
void fluit_ledger_typed(struct fluit_ledger *ledger, uint32_t node, const char *content,
                        int64_t now_us);
/* Answers to it. */
void fluit_ledger_saved(struct fluit_ledger *ledger, uint32_t node, uint64_t seq);
void fluit_ledger_refused(struct fluit_ledger *ledger, uint32_t node);
/* All of the node up to seq is safe. */
void fluit_ledger_safe(struct fluit_ledger *ledger, uint32_t node, uint64_t seq, int64_t now_us);
/* The node's process died. */
void fluit_ledger_died(struct fluit_ledger *ledger, uint32_t node);
/* It is back, and its feed has saved_seq entries. */
void fluit_ledger_back(struct fluit_ledger *ledger, uint32_t node, uint64_t saved_seq);

/* Its device is lost with its disk; another one's feed begins. */
void fluit_ledger_replaced(struct fluit_ledger *ledger, uint32_t node);

/* The hub can read this act of the node. Call once for each entry. */
void fluit_ledger_found(struct fluit_ledger *ledger, uint32_t node, uint64_t seq,
                        const char *content);

struct fluit_ledger_sum {
    uint64_t written;         /* told as saved */
    uint64_t safe;            /* of these, told as safe */
    uint64_t lost_safe;       /* told as safe and not found */
    uint64_t lost_saved_only; /* told as saved, never as safe, and not found */
    uint64_t duplicates;
};
struct fluit_ledger_sum fluit_ledger_sum(const struct fluit_ledger *ledger);
/* All ack times, sorted; the array is the caller's to free. NULL if there are none. */
int64_t *fluit_ledger_acks(const struct fluit_ledger *ledger, size_t *count);

/* What an act says, as one line: the same for what was typed and for what was read. Acts that no
 * participant makes give false. */
bool fluit_ledger_content(const struct fluit_act *act, uint8_t round, struct fluit_buf *out);

#endif
