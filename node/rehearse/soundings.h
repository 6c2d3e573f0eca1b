/* soundings.h: did every node whistle when it should, and how far apart in real time?
 *
 * Fed with the hub's plans, what the nodes said they had armed, and the witness files, in any
 * order; then summed up. A mark is due if no later plan took it back before its time. */
#ifndef FLUIT_SOUNDINGS_H
#define FLUIT_SOUNDINGS_H

#include "common/act.h"

struct fluit_sounding {
    uint32_t node;
    uint32_t device; /* of that node: another counts for itself */
    struct fluit_mark_id mark;
    int64_t real_us; /* on the witness's clock */
};

/* All that a node had armed from then on. */
struct fluit_armed_seen {
    uint32_t node;
    int64_t mesh_us;
    uint32_t term, revision; /* of the plan it came from */
    uint8_t mark_count;
    struct fluit_mark marks[FLUIT_MARKS_MAX];
};

struct fluit_plan_seen {
    struct fluit_plan plan;
    int64_t mesh_us; /* when it was made */
};

/* Zero-initialise; free with fluit_soundings_deinit. */
struct fluit_soundings {
    struct fluit_sounding *heard;
    size_t heard_count, heard_cap;
    struct fluit_armed_seen *armed;
    size_t armed_count, armed_cap;
    struct fluit_plan_seen *plans;
    size_t plan_count, plan_cap;
    int64_t last_mesh_us; /* the latest mesh time seen */
    enum fluit_err err;   /* the first failure */
};
void fluit_soundings_deinit(struct fluit_soundings *s);

void fluit_soundings_plan(struct fluit_soundings *s, const struct fluit_plan *plan,
                          int64_t mesh_us);
void fluit_soundings_armed(struct fluit_soundings *s, uint32_t node, const struct fluit_act *act,
                           int64_t mesh_us);
void fluit_soundings_heard(struct fluit_soundings *s, uint32_t node, uint32_t device,
                           struct fluit_mark_id mark, int64_t real_us);
/* A device's witness file; that there is none means that it never whistled. FORMAT, IO, NOMEM. */
FLUIT_MUST_CHECK enum fluit_err fluit_soundings_read(struct fluit_soundings *s, uint32_t node,
                                                     uint32_t device, const char *path);

struct fluit_soundings_sum {
    uint64_t marks;   /* that came due */
    uint64_t fired;   /* soundings, of all nodes */
    uint64_t missed;  /* a node that was up, and had it armed when it came, did not sound */
    uint64_t doubled; /* a device sounded one mark twice */
    uint64_t unknown; /* it did not sound, but was down, or had not armed */
    int64_t skew_p50_us, skew_p99_us, skew_max_us; /* from the median of all nodes */
    int64_t spread_max_us;                         /* between the first and the last node */
};
/* up says whether the node could have sounded at that real time (0: no idea when it was). NOMEM. */
FLUIT_MUST_CHECK enum fluit_err
fluit_soundings_sum(struct fluit_soundings *s, uint32_t node_count,
                    bool (*up)(const void *arg, uint32_t node, int64_t real_us), const void *arg,
                    struct fluit_soundings_sum *out);

#endif
