#include "node/io/clocksource.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

static bool parse_offset(const char *text, const char **rest, long long *out)
{
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    *rest = end;
    return end != text && *end == ':' && errno == 0;
}

static bool parse_ppm(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == 0 && isfinite(*out);
}

enum fluit_err fluit_clocksource_parse(const char *skew, struct fluit_clocksource *out)
{
    const char *rest;
    long long offset;
    double ppm;
    if (!parse_offset(skew, &rest, &offset) || !parse_ppm(rest + 1, &ppm))
        return FLUIT_E_FORMAT;
    if (offset > FLUIT_SKEW_OFFSET_MAX_US || offset < -FLUIT_SKEW_OFFSET_MAX_US ||
        fabs(ppm) > FLUIT_SKEW_PPM_MAX)
        return FLUIT_E_LIMIT;
    *out = (struct fluit_clocksource){.offset_us = offset, .ppm = ppm};
    return FLUIT_OK;
}

int64_t fluit_clocksource_local(const struct fluit_clocksource *clock, int64_t boot_us)
{
    return boot_us + clock->offset_us + llround((double)boot_us * clock->ppm / 1e6);
}

int64_t fluit_clocksource_boot(const struct fluit_clocksource *clock, int64_t local_us)
{
    /* The division lands within a microsecond or two; the steps make it exact. */
    int64_t boot_us = llround((double)(local_us - clock->offset_us) / (1.0 + clock->ppm / 1e6));
    while (fluit_clocksource_local(clock, boot_us) < local_us)
        boot_us++;
    while (fluit_clocksource_local(clock, boot_us - 1) >= local_us)
        boot_us--;
    return boot_us;
}

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t fluit_clocksource_now(const struct fluit_clocksource *clock)
{
    return fluit_clocksource_local(clock, fluit_boot_us());
}

int64_t fluit_boot_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

int64_t fluit_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t fluit_wall_us(void)
{
    return read_us(CLOCK_REALTIME);
}

void fluit_clocksource_sleep_until(const struct fluit_clocksource *clock, int64_t local_us)
{
    int64_t boot_us = fluit_clocksource_boot(clock, local_us);
    struct timespec at = {.tv_sec = (time_t)(boot_us / 1000000),
                          .tv_nsec = (long)(boot_us % 1000000) * 1000};
    /* Also where the system can't sleep on this clock: busy for a moment, but never early. */
    while (fluit_boot_us() < boot_us)
        (void)clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &at, NULL);
}
