/* fault_ops.h: how each kind of fault strikes and ends; between the files of faults.h only. */
#ifndef FLUIT_FAULT_OPS_H
#define FLUIT_FAULT_OPS_H

#include "node/rehearse/stage.h"

struct fluit_fault_ops {
    /* Strikes. False: it can't now; it is tried again. */
    bool (*begin)(struct fluit_stage *stage, struct fluit_fault *fault);
    /* Each turn while it is on; true: it may end once its time is up. NULL: it may. */
    bool (*while_on)(struct fluit_stage *stage, struct fluit_fault *fault);
    /* Gives back what was broken. NULL: nothing was. */
    void (*end)(struct fluit_stage *stage, struct fluit_fault *fault);
    /* Each turn after that; true: all is well. NULL: it is. */
    bool (*settled)(struct fluit_stage *stage, struct fluit_fault *fault);
};

extern const struct fluit_fault_ops fluit_fault_takeover, fluit_fault_split, fluit_fault_hub_gone,
    fluit_fault_late_table, fluit_fault_replace_device;

/* On a line of its own, also where progress shows in one that renews itself: "table-03: killed". */
void fluit_fault_tell(const char *whom, const char *what);
/* It did not end as it must: told, and noted. */
void fluit_fault_wrong(struct fluit_stage *stage, const char *whom, const char *what);

/* cuts.c: the network between the actors' sides breaks, and heals. */
void fluit_stage_cut(struct fluit_stage *stage);
void fluit_stage_heal(struct fluit_stage *stage);
/* Tells one node, which just started, what is cut. */
void fluit_stage_cut_one(const struct fluit_stage *stage, struct fluit_actor *actor);

#endif
