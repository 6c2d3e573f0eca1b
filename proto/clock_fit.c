#include "proto/clock_fit.h"

#include <assert.h>

#define BILLION INT64_C(1000000000)

struct range {
    int64_t lo, hi;
};

int64_t fluit_clock_part(int64_t us, int64_t ppb)
{
    return us / BILLION * ppb + us % BILLION * ppb / BILLION;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void narrow(struct range *r, int64_t lo, int64_t hi)
{
    r->lo = max64(r->lo, lo);
    r->hi = hi < r->hi ? hi : r->hi;
}

/* gain over span as a rate; anything steeper than 1:1 is as impossible as 1:1. */
static int64_t slope_ppb(int64_t gain_us, int64_t span_us)
{
    if (gain_us >= span_us)
        return BILLION;
    if (gain_us <= -span_us)
        return -BILLION;
    return gain_us * BILLION / span_us;
}

/* What two points leave open for the clock's mean rate; one more for rounding. */
static void narrow_rate(struct range *rate, const struct fluit_clock_point *a,
                        const struct fluit_clock_point *b)
{
    int64_t span = b->at_us - a->at_us;
    if (span == 0)
        return;
    int64_t gain = b->offset_us - a->offset_us, err = a->err_us + b->err_us;
    narrow(rate, slope_ppb(gain - err, span) - FLUIT_CLOCK_WANDER_PPB - 1,
           slope_ppb(gain + err, span) + FLUIT_CLOCK_WANDER_PPB + 1);
}

static struct range rate_range(const struct fluit_clock *c)
{
    struct range rate = {-FLUIT_CLOCK_RATE_MAX_PPB, FLUIT_CLOCK_RATE_MAX_PPB};
    narrow(&rate, c->prior_ppb - c->prior_err_ppb, c->prior_ppb + c->prior_err_ppb);
    for (size_t i = 0; i < c->sample_count; i++)
        for (size_t j = i + 1; j < c->sample_count; j++)
            narrow_rate(&rate, &c->samples[i], &c->samples[j]);
    return rate;
}

/* The offsets at at_us that all samples allow if the rate lies in rate. */
static struct range offset_range(const struct fluit_clock *c, int64_t at_us, struct range rate)
{
    struct range offset = {INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < c->sample_count; i++) {
        const struct fluit_clock_point *s = &c->samples[i];
        int64_t age = at_us - s->at_us;
        narrow(
            &offset,
            s->offset_us - s->err_us + fluit_clock_part(age, rate.lo - FLUIT_CLOCK_WANDER_PPB) - 1,
            s->offset_us + s->err_us + fluit_clock_part(age, rate.hi + FLUIT_CLOCK_WANDER_PPB) + 1);
    }
    return offset;
}

bool fluit_clock_fit(struct fluit_clock *c)
{
    assert(c->sample_count > 0);
    int64_t at = c->samples[c->sample_count - 1].at_us;
    struct range rate = rate_range(c);
    if (rate.lo > rate.hi)
        return false;
    struct range allowed = offset_range(c, at, rate);
    if (allowed.lo > allowed.hi)
        return false;
    int64_t used = (rate.lo + rate.hi) / 2;
    /* The middle of what the used rate allows lies nearer the truth than the middle of what any
     * rate allows: there old answers are as loose as the rate, here they still count. */
    struct range likely = offset_range(c, at, (struct range){used, used});
    int64_t offset = (likely.lo + likely.hi) / 2;
    offset = offset < allowed.lo ? allowed.lo : offset > allowed.hi ? allowed.hi : offset;
    int64_t err = max64(allowed.hi - offset, offset - allowed.lo);
    c->rate_ppb = used;
    c->rate_err_ppb = max64(rate.hi - used, used - rate.lo);
    c->base = (struct fluit_clock_point){at, offset, err};
    return true;
}
