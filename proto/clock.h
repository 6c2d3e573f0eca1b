/* clock.h: mesh time on a node, from four timestamps, with a bound that holds. PROTOCOL.md "Clock".
 *
 * An exchange: t1 the asker sends (its clock), t2 the server receives and t3 sends (mesh time),
 * t4 the asker receives. So at t4, mesh minus local lies between t3 - t4 and t2 - t1, less or more
 * the server's own bound and what the clocks may have drifted in between: an interval, whatever
 * the asymmetry of the two ways. From the FLUIT_CLOCK_SAMPLES that say most of it follow
 *   - the rate at which mesh gains on local: each pair of intervals bounds it from both sides, and
 *     two worst clocks do; the middle of what is left is used. So it stays 0 until answers rule
 *     out more on one side than on the other, and is never further off than half of what is left;
 *   - the offset: what all intervals, carried on at that rate, leave open; its middle is used.
 *
 * The bound holds as long as servers' bounds do, no clock is off by more than
 * FLUIT_CLOCK_DRIFT_PPM, and a clock's rate stays within FLUIT_CLOCK_WANDER_PPM of its mean (so
 * not for the first seconds after a system begins to slew it). Without answers (holdover) it grows
 * by the rate's uncertainty (two clocks: twice FLUIT_CLOCK_DRIFT_PPM while nothing is known) plus
 * the wander. An answer that only a changed rate explains makes the rate unknown again; one that
 * nothing explains is refused, until FLUIT_CLOCK_STRANGE_COUNT in a row over
 * FLUIT_CLOCK_STRANGE_US say so: then all starts anew from the last.
 *
 * Mesh time is the best estimate, not slewed: a correction may set it back or ahead by as much as
 * the bound. Nothing depends on more: marks are sounded once by their id, and entries carry mesh
 * time as a remark only.
 *
 * Local time is CLOCK_BOOTTIME in us, from any start. Times further from 0 than
 * FLUIT_CLOCK_TIME_MAX_US are taken as that. Fixed size, no heap, no secrets; one thread. */
#ifndef FLUIT_CLOCK_H
#define FLUIT_CLOCK_H

#include "common/bytes.h"
#include "common/limits.h"

#define FLUIT_CLOCK_SAVED_LEN 56

/* Mesh minus local was offset_us, give or take err_us, when the local clock stood at at_us. */
struct fluit_clock_point {
    int64_t at_us;
    int64_t offset_us;
    int64_t err_us;
};

struct fluit_clock {
    bool known;
    bool leading;
    struct fluit_clock_point base; /* of the mapping in use */
    int64_t rate_ppb;              /* in use */
    int64_t rate_err_ppb;
    int64_t prior_ppb; /* what was known of the rate before the samples */
    int64_t prior_err_ppb;
    struct fluit_clock_point samples[FLUIT_CLOCK_SAMPLES]; /* by at_us */
    size_t sample_count;
    uint32_t strange_count; /* refused in a row */
    int64_t strange_since_us;
    uint32_t burst_left; /* exchanges still to send in this burst */
    int64_t burst_at_us; /* when the last burst began */
    int64_t next_us;
    bool mark_set;
    int64_t mark_us;
};

/* Knows nothing; wants a burst at once. */
void fluit_clock_init(struct fluit_clock *c);

/* Mesh time is mesh_us, give or take bound_us (0..FLUIT_CLOCK_BOUND_MAX_US), when the local clock
 * stands at local_us: the first hub says so, or a node that has only its wall clock. Forgets all
 * else but the pace. The bound grows, unless lead is called. */
void fluit_clock_set(struct fluit_clock *c, int64_t local_us, int64_t mesh_us, int64_t bound_us);
/* This node (the hub now in charge) defines mesh time: it goes on as it does here, at the rate
 * reached; the bound stays what it is at local_us (2 for a first hub); samples are refused. The
 * clock must be known. */
void fluit_clock_lead(struct fluit_clock *c, int64_t local_us);
/* Another node leads, instead of this one or of the one whose answers came so far, or that one has
 * another clock: mesh time is where it was, but goes on at a rate of which nothing is known yet.
 * The other may have led since since_us (local), apart from what was followed: the bound has grown
 * by that. */
void fluit_clock_follow(struct fluit_clock *c, int64_t local_us, int64_t since_us);

/* One exchange, with the bound its server gave for itself. False: refused, nothing has changed
 * (but the count of strange ones). Refused are times that can't be, a round trip over
 * FLUIT_CLOCK_RTT_MAX_US, a bound over FLUIT_CLOCK_BOUND_MAX_US, an answer that came before the
 * last one, and what contradicts what is held (above). */
bool fluit_clock_sample(struct fluit_clock *c, int64_t t1_us, int64_t t2_us, int64_t t3_us,
                        int64_t t4_us, int64_t server_bound_us);

bool fluit_clock_known(const struct fluit_clock *c);
/* Mesh time at a local time, past or future. While unknown: local_us. */
int64_t fluit_clock_mesh(const struct fluit_clock *c, int64_t local_us);
/* Its inverse, within 1 us. */
int64_t fluit_clock_local(const struct fluit_clock *c, int64_t mesh_us);
/* How far fluit_clock_mesh(c, local_us) may be off, in us. While unknown: INT64_MAX. */
int64_t fluit_clock_bound(const struct fluit_clock *c, int64_t local_us);

/* Local time, now_us or later, at which the next exchange is to be sent; INT64_MAX for a leader. A
 * burst of FLUIT_CLOCK_BURST at first, then one every FLUIT_CLOCK_PERIOD_US, and a burst before a
 * prepared mark. */
int64_t fluit_clock_wants(const struct fluit_clock *c, int64_t now_us);
/* An exchange was sent (answered or not). */
void fluit_clock_sent(struct fluit_clock *c, int64_t now_us);
/* A burst at once: when a link to a server comes up. */
void fluit_clock_burst(struct fluit_clock *c);
/* A mark comes at mark_local_us: wants a burst in the FLUIT_CLOCK_BEFORE_MARK_US before it, once,
 * however often it is told (give or take what the clock is corrected). The last call counts. */
void fluit_clock_prepare(struct fluit_clock *c, int64_t mark_local_us);

/* The mapping, for the same boot: boot id, at_us, offset_us, err_us (8 bytes each), rate_ppb,
 * rate_err_ppb (4 bytes each), version 1, leading, 6 zeros; big-endian, two's complement. The
 * clock must be known. */
void fluit_clock_save(const struct fluit_clock *c, const uint8_t boot_id[static 16],
                      uint8_t out[static FLUIT_CLOCK_SAVED_LEN]);
/* Takes it up where it was saved; the bound includes the holdover since, unless it led: then mesh
 * time has gone on here (call fluit_clock_follow if another leads now). UNKNOWN: saved in another
 * boot. FORMAT: not what save writes, or of a later time. c needs no init; after an error it is
 * untouched. */
FLUIT_MUST_CHECK enum fluit_err fluit_clock_restore(struct fluit_clock *c,
                                                    const uint8_t boot_id[static 16],
                                                    int64_t local_us, struct fluit_slice saved);

#endif
