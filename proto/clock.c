#include "proto/clock.h"

#include <assert.h>
#include <string.h>

#include "proto/clock_fit.h"

#define SAVED_VERSION 1

static int64_t clamp_time(int64_t us)
{
    return us > FLUIT_CLOCK_TIME_MAX_US    ? FLUIT_CLOCK_TIME_MAX_US
           : us < -FLUIT_CLOCK_TIME_MAX_US ? -FLUIT_CLOCK_TIME_MAX_US
                                           : us;
}

static bool time_ok(int64_t us)
{
    return us == clamp_time(us);
}

void fluit_clock_init(struct fluit_clock *c)
{
    memset(c, 0, sizeof *c);
    c->prior_err_ppb = FLUIT_CLOCK_RATE_MAX_PPB;
    c->burst_at_us = INT64_MIN;
    fluit_clock_burst(c);
}

/* All that is known is this point, and of the rate what the prior says. */
static void start_from(struct fluit_clock *c, struct fluit_clock_point point)
{
    c->samples[0] = point;
    c->sample_count = 1;
    c->known = true;
    bool fits = fluit_clock_fit(c);
    assert(fits);
}

static void forget_rate(struct fluit_clock *c)
{
    c->prior_ppb = 0;
    c->prior_err_ppb = FLUIT_CLOCK_RATE_MAX_PPB;
}

static int64_t offset_at(const struct fluit_clock *c, int64_t local_us)
{
    return c->base.offset_us + fluit_clock_part(local_us - c->base.at_us, c->rate_ppb);
}

static struct fluit_clock_point point_at(const struct fluit_clock *c, int64_t local_us)
{
    return (struct fluit_clock_point){local_us, offset_at(c, local_us),
                                      fluit_clock_bound(c, local_us)};
}

void fluit_clock_set(struct fluit_clock *c, int64_t local_us, int64_t mesh_us, int64_t bound_us)
{
    assert(bound_us >= 0 && bound_us <= FLUIT_CLOCK_BOUND_MAX_US);
    int64_t local = clamp_time(local_us);
    c->leading = false;
    c->strange_count = 0;
    forget_rate(c);
    start_from(c, (struct fluit_clock_point){local, clamp_time(mesh_us) - local, bound_us});
}

void fluit_clock_lead(struct fluit_clock *c, int64_t local_us)
{
    assert(c->known);
    if (c->leading)
        return;
    int64_t local = clamp_time(local_us);
    c->base = point_at(c, local);
    c->leading = true;
}

void fluit_clock_follow(struct fluit_clock *c, int64_t local_us, int64_t since_us)
{
    if (!c->known)
        return;
    int64_t local = clamp_time(local_us), since = clamp_time(since_us);
    struct fluit_clock_point point = point_at(c, local);
    if (local > since)
        point.err_us +=
            fluit_clock_part(local - since, FLUIT_CLOCK_RATE_MAX_PPB + FLUIT_CLOCK_WANDER_PPB) + 2;
    c->leading = false;
    c->strange_count = 0;
    forget_rate(c);
    start_from(c, point);
    fluit_clock_burst(c);
}

/* The interval that an exchange leaves open for the offset at t4; false if it can't be. */
static bool read_exchange(int64_t t1, int64_t t2, int64_t t3, int64_t t4, int64_t server_bound_us,
                          struct fluit_clock_point *point)
{
    if (!time_ok(t1) || !time_ok(t2) || !time_ok(t3) || !time_ok(t4) || t4 < t1 || t3 < t2)
        return false;
    if (server_bound_us < 0 || server_bound_us > FLUIT_CLOCK_BOUND_MAX_US)
        return false;
    int64_t drift = fluit_clock_part(t4 - t1, FLUIT_CLOCK_RATE_MAX_PPB) + 1;
    int64_t rtt = (t4 - t1) - (t3 - t2);
    if (t4 - t1 > FLUIT_CLOCK_RTT_MAX_US || rtt < -drift)
        return false;
    if (rtt < 0)
        rtt = 0;
    /* One more us for each clock that was read in whole ones. */
    *point = (struct fluit_clock_point){t4, ((t2 - t1) + (t3 - t4)) / 2,
                                        rtt / 2 + server_bound_us + drift + 2};
    return true;
}

static void drop_sample(struct fluit_clock *c, size_t i)
{
    c->sample_count--;
    memmove(c->samples + i, c->samples + i + 1, (c->sample_count - i) * sizeof *c->samples);
}

/* The sample that says least: the one least exact, its age counted by the wander. */
static size_t loosest(const struct fluit_clock *c, int64_t now_us)
{
    size_t worst = 0;
    int64_t worst_err = -1;
    for (size_t i = 0; i < c->sample_count; i++) {
        int64_t age = now_us - c->samples[i].at_us;
        int64_t err = c->samples[i].err_us + fluit_clock_part(age, FLUIT_CLOCK_WANDER_PPB);
        if (err > worst_err) {
            worst = i;
            worst_err = err;
        }
    }
    return worst;
}

/* Adds a point that agrees with what is held, or makes it all that is held. */
static void add(struct fluit_clock *c, struct fluit_clock_point point)
{
    struct fluit_clock_point carried = point_at(c, point.at_us);
    while (c->sample_count > 0 && point.at_us - c->samples[0].at_us > FLUIT_CLOCK_SAMPLE_AGE_US)
        drop_sample(c, 0);
    if (c->sample_count == FLUIT_CLOCK_SAMPLES)
        drop_sample(c, loosest(c, point.at_us));
    if (c->sample_count == 0) {
        /* After a long holdover what is held is still worth its bound, and the rate stays known. */
        c->samples[c->sample_count++] = carried;
        c->prior_ppb = c->rate_ppb;
        c->prior_err_ppb = c->rate_err_ppb + FLUIT_CLOCK_WANDER_PPB;
    }
    c->samples[c->sample_count++] = point;
    if (!fluit_clock_fit(c)) {
        forget_rate(c);
        start_from(c, point);
    }
}

/* True once strange answers have gone on for so long that what is held must be wrong. */
static bool strange_is_believed(struct fluit_clock *c, int64_t at_us)
{
    if (c->strange_count == 0)
        c->strange_since_us = at_us;
    if (c->strange_count < FLUIT_CLOCK_STRANGE_COUNT)
        c->strange_count++;
    return c->strange_count == FLUIT_CLOCK_STRANGE_COUNT &&
           at_us - c->strange_since_us >= FLUIT_CLOCK_STRANGE_US;
}

bool fluit_clock_sample(struct fluit_clock *c, int64_t t1_us, int64_t t2_us, int64_t t3_us,
                        int64_t t4_us, int64_t server_bound_us)
{
    struct fluit_clock_point point;
    if (c->leading || !read_exchange(t1_us, t2_us, t3_us, t4_us, server_bound_us, &point))
        return false;
    if (!c->known) {
        start_from(c, point);
        return true;
    }
    if (t4_us < c->base.at_us)
        return false;
    int64_t off = point.offset_us - offset_at(c, t4_us), bound = fluit_clock_bound(c, t4_us);
    if (off < 0)
        off = -off;
    /* The rate in use may be wrong by its own size and the true one as large the other way. */
    int64_t reach =
        c->base.err_us + fluit_clock_part(t4_us - c->base.at_us, 2 * FLUIT_CLOCK_RATE_MAX_PPB) + 1;
    if (off - point.err_us <= bound) {
        /* What allows all that was possible anyway says nothing, and would push out what does. */
        if (off + bound > point.err_us)
            add(c, point);
    } else if (off - point.err_us <= reach || strange_is_believed(c, t4_us)) {
        forget_rate(c);
        start_from(c, point);
    } else {
        return false;
    }
    c->strange_count = 0;
    return true;
}

bool fluit_clock_known(const struct fluit_clock *c)
{
    return c->known;
}

int64_t fluit_clock_mesh(const struct fluit_clock *c, int64_t local_us)
{
    int64_t local = clamp_time(local_us);
    return local + offset_at(c, local);
}

int64_t fluit_clock_local(const struct fluit_clock *c, int64_t mesh_us)
{
    /* Since the base, mesh has gone on by m = d + rate * d, local by d. Each round makes the error
     * smaller by the rate, at most 4e-4: from 2^61 to below 1 in six. */
    int64_t m = clamp_time(mesh_us) - c->base.at_us - c->base.offset_us;
    int64_t d = m;
    for (int i = 0; i < 6; i++)
        d = m - fluit_clock_part(d, c->rate_ppb);
    return c->base.at_us + d;
}

int64_t fluit_clock_bound(const struct fluit_clock *c, int64_t local_us)
{
    if (!c->known)
        return INT64_MAX;
    if (c->leading)
        return c->base.err_us;
    int64_t away = clamp_time(local_us) - c->base.at_us;
    int64_t growth = c->rate_err_ppb + FLUIT_CLOCK_WANDER_PPB;
    return c->base.err_us + fluit_clock_part(away < 0 ? -away : away, growth) + 2;
}

/* Is the burst before the mark still to come? One that began shortly before it was due is it: the
 * mark's local time moves a little with each correction. */
static bool mark_wants_burst(const struct fluit_clock *c, int64_t now_us)
{
    int64_t due = c->mark_us - FLUIT_CLOCK_BEFORE_MARK_US;
    return c->mark_set && now_us < c->mark_us && c->burst_at_us < due - FLUIT_CLOCK_PERIOD_US;
}

int64_t fluit_clock_wants(const struct fluit_clock *c, int64_t now_us)
{
    if (c->leading)
        return INT64_MAX;
    int64_t now = clamp_time(now_us), next = c->next_us;
    int64_t due = c->mark_us - FLUIT_CLOCK_BEFORE_MARK_US;
    if (mark_wants_burst(c, now) && due < next)
        next = due;
    return next < now ? now : next;
}

void fluit_clock_sent(struct fluit_clock *c, int64_t now_us)
{
    int64_t now = clamp_time(now_us);
    if (mark_wants_burst(c, now) && now >= c->mark_us - FLUIT_CLOCK_BEFORE_MARK_US)
        c->burst_left = FLUIT_CLOCK_BURST;
    if (c->burst_left == FLUIT_CLOCK_BURST)
        c->burst_at_us = now;
    if (c->burst_left > 0)
        c->burst_left--;
    c->next_us = now + (c->burst_left > 0 ? FLUIT_CLOCK_BURST_GAP_US : FLUIT_CLOCK_PERIOD_US);
}

void fluit_clock_burst(struct fluit_clock *c)
{
    c->burst_left = FLUIT_CLOCK_BURST;
    c->next_us = INT64_MIN;
}

void fluit_clock_prepare(struct fluit_clock *c, int64_t mark_local_us)
{
    c->mark_set = true;
    c->mark_us = clamp_time(mark_local_us);
}

void fluit_clock_save(const struct fluit_clock *c, const uint8_t boot_id[static 16],
                      uint8_t out[static FLUIT_CLOCK_SAVED_LEN])
{
    assert(c->known);
    memset(out, 0, FLUIT_CLOCK_SAVED_LEN);
    memcpy(out, boot_id, 16);
    fluit_put_u64(out + 16, (uint64_t)c->base.at_us);
    fluit_put_u64(out + 24, (uint64_t)c->base.offset_us);
    fluit_put_u64(out + 32, (uint64_t)c->base.err_us);
    fluit_put_u32(out + 40, (uint32_t)c->rate_ppb);
    fluit_put_u32(out + 44, (uint32_t)c->rate_err_ppb);
    out[48] = SAVED_VERSION;
    out[49] = c->leading;
}

static bool saved_ok(const struct fluit_clock_point *base, int64_t rate, int64_t rate_err,
                     int64_t local_us)
{
    return time_ok(base->at_us) && base->at_us <= local_us &&
           base->offset_us <= 2 * FLUIT_CLOCK_TIME_MAX_US &&
           base->offset_us >= -2 * FLUIT_CLOCK_TIME_MAX_US && base->err_us >= 0 &&
           base->err_us <= 2 * FLUIT_CLOCK_BOUND_MAX_US && rate <= FLUIT_CLOCK_RATE_MAX_PPB &&
           rate >= -FLUIT_CLOCK_RATE_MAX_PPB && rate_err >= 0 &&
           rate_err <= 2 * FLUIT_CLOCK_RATE_MAX_PPB;
}

enum fluit_err fluit_clock_restore(struct fluit_clock *c, const uint8_t boot_id[static 16],
                                   int64_t local_us, struct fluit_slice saved)
{
    static const uint8_t zeros[6];
    const uint8_t *p = saved.data;
    if (saved.len != FLUIT_CLOCK_SAVED_LEN || p[48] != SAVED_VERSION || p[49] > 1 ||
        memcmp(p + 50, zeros, sizeof zeros) != 0)
        return FLUIT_E_FORMAT;
    if (memcmp(p, boot_id, 16) != 0)
        return FLUIT_E_UNKNOWN;
    struct fluit_clock_point base = {(int64_t)fluit_get_u64(p + 16), (int64_t)fluit_get_u64(p + 24),
                                     (int64_t)fluit_get_u64(p + 32)};
    int64_t rate = (int32_t)fluit_get_u32(p + 40), rate_err = (int32_t)fluit_get_u32(p + 44);
    if (!saved_ok(&base, rate, rate_err, clamp_time(local_us)))
        return FLUIT_E_FORMAT;
    fluit_clock_init(c);
    c->prior_ppb = rate;
    c->prior_err_ppb = rate_err;
    start_from(c, base);
    /* As it was, to the microsecond: a leader's mesh time must not move. */
    c->base = base;
    c->rate_ppb = rate;
    c->rate_err_ppb = rate_err;
    c->leading = p[49] == 1;
    return FLUIT_OK;
}
