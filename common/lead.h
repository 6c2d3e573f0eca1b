/* lead.h: what the hub said that is not the roster: plan, cuts, messages, releases, heaps.
 *
 * A part of the fold (fold.h), which makes and fills it; others read. */
#ifndef FLUIT_LEAD_H
#define FLUIT_LEAD_H

#include "common/kept.h"
#include "common/script.h"

struct fluit_cut {
    struct fluit_origin origin;
    uint32_t term;
    int64_t closed_us; /* mesh time */
    uint32_t head_count;
    struct fluit_cut_head *heads;
};

struct fluit_announcement {
    struct fluit_origin origin;
    uint8_t table; /* 0: all */
    char *text;
};

struct fluit_release {
    struct fluit_origin origin;
    struct fluit_note_id note; /* a note, or one revision of a note */
    bool shown;
};

/* Words that were released lie with others under one name. */
struct fluit_heap {
    struct fluit_origin origin;
    struct fluit_note_id note;
    char *name; /* "": with none */
};

struct fluit_lead {
    bool has_plan;
    struct fluit_plan plan;
    struct fluit_origin plan_origin;
    struct fluit_cut *cuts[FLUIT_ROUNDS_MAX + 1]; /* by round; NULL: not closed */
    struct fluit_kept messages;                   /* by origin; the newest stay */
    struct fluit_kept releases;                   /* by note; the newest stay */
    struct fluit_kept heaps;                      /* by note; the newest stay */
};

/* Zero-initialise; free with this. */
void fluit_lead_deinit(struct fluit_lead *lead);
/* Folds one act of the kinds plan, cut, message, release and heap. NOMEM; or FORMAT, LIMIT or
 * UNKNOWN for an act that means nothing in this script: nothing changed. */
FLUIT_MUST_CHECK enum fluit_err fluit_lead_apply(struct fluit_lead *lead,
                                                 const struct fluit_script *script,
                                                 const struct fluit_origin *origin,
                                                 const struct fluit_act *act);

/* True if the newest release of that note (or revision) shows it. */
bool fluit_lead_released(const struct fluit_lead *lead, const struct fluit_note_id *id);
/* The name of the heap that those words lie in; "" if in none. */
const char *fluit_lead_heap(const struct fluit_lead *lead, const struct fluit_note_id *id);
/* The first message for table (or for all) that comes after `after` in the order of origins, NULL
 * being the start; NULL at the end. Its own origin is the next `after`. */
const struct fluit_announcement *fluit_lead_message_after(const struct fluit_lead *lead,
                                                          uint8_t table,
                                                          const struct fluit_origin *after);

#endif
