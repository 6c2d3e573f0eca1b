#include "node/rehearse/soundings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fluit_soundings_deinit(struct fluit_soundings *s)
{
    free(s->heard);
    free(s->armed);
    free(s->plans);
    *s = (struct fluit_soundings){0};
}

/* Room for one more item; NULL, and says so in s, without memory. */
static void *one_more(struct fluit_soundings *s, void **items, size_t *count, size_t *cap,
                      size_t size)
{
    if (*count == *cap) {
        size_t wanted = *cap ? *cap * 2 : 64;
        void *bigger = realloc(*items, wanted * size);
        if (!bigger) {
            s->err = FLUIT_E_NOMEM;
            return NULL;
        }
        *items = bigger;
        *cap = wanted;
    }
    return (char *)*items + (*count)++ * size;
}

static void see_time(struct fluit_soundings *s, int64_t mesh_us)
{
    if (mesh_us > s->last_mesh_us)
        s->last_mesh_us = mesh_us;
}

void fluit_soundings_plan(struct fluit_soundings *s, const struct fluit_plan *plan, int64_t mesh_us)
{
    struct fluit_plan_seen *seen =
        one_more(s, (void **)&s->plans, &s->plan_count, &s->plan_cap, sizeof *seen);
    if (seen)
        *seen = (struct fluit_plan_seen){*plan, mesh_us};
    see_time(s, mesh_us);
}

void fluit_soundings_armed(struct fluit_soundings *s, uint32_t node, const struct fluit_act *act,
                           int64_t mesh_us)
{
    struct fluit_armed_seen *armed =
        one_more(s, (void **)&s->armed, &s->armed_count, &s->armed_cap, sizeof *armed);
    if (armed) {
        *armed = (struct fluit_armed_seen){.node = node,
                                           .mesh_us = mesh_us,
                                           .term = act->armed.term,
                                           .revision = act->armed.revision,
                                           .mark_count = act->armed.mark_count};
        memcpy(armed->marks, act->armed.marks, sizeof armed->marks);
    }
    see_time(s, mesh_us);
}

void fluit_soundings_heard(struct fluit_soundings *s, uint32_t node, uint32_t device,
                           struct fluit_mark_id mark, int64_t real_us)
{
    struct fluit_sounding *heard =
        one_more(s, (void **)&s->heard, &s->heard_count, &s->heard_cap, sizeof *heard);
    if (heard)
        *heard = (struct fluit_sounding){node, device, mark, real_us};
}

/* "STEP ROUND KIND OCCURRENCE REAL_US" */
static bool read_sounding(const char *line, long long fields[static 5])
{
    for (int i = 0; i < 5; i++) {
        char *end;
        fields[i] = strtoll(line, &end, 10);
        if (end == line)
            return false;
        line = end;
    }
    return *line == '\n';
}

enum fluit_err fluit_soundings_read(struct fluit_soundings *s, uint32_t node, uint32_t device,
                                    const char *path)
{
    char line[128];
    long long f[5];
    bool good = true;
    FILE *file = fopen(path, "r");
    if (!file)
        return errno == ENOENT ? FLUIT_OK : FLUIT_E_IO;
    while (good && fgets(line, sizeof line, file)) {
        good = read_sounding(line, f);
        if (good)
            fluit_soundings_heard(
                s, node, device,
                (struct fluit_mark_id){(uint8_t)f[0], (uint8_t)f[1], (uint8_t)f[2], (uint8_t)f[3]},
                f[4]);
    }
    enum fluit_err err = !good ? FLUIT_E_FORMAT : ferror(file) ? FLUIT_E_IO : s->err;
    fclose(file);
    return err;
}

/* The sum. */

static int cmp_plans(const void *a, const void *b)
{
    const struct fluit_plan_seen *x = a, *y = b;
    return fluit_plan_newer(&x->plan, &y->plan) ? -1 : fluit_plan_newer(&y->plan, &x->plan);
}

static int cmp_us(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static const struct fluit_mark *find_mark(const struct fluit_plan *plan, struct fluit_mark_id id)
{
    for (int i = 0; i < plan->mark_count; i++)
        if (fluit_mark_id_eq(plan->marks[i].id, id))
            return &plan->marks[i];
    return NULL;
}

/* Did the mark of plan `at` come due? Only asked of the last plan that has it. */
static bool came_due(const struct fluit_soundings *s, size_t at, const struct fluit_mark *mark)
{
    int64_t until_us = at + 1 < s->plan_count ? s->plans[at + 1].mesh_us : s->last_mesh_us;
    return mark->at_us <= until_us;
}

static bool in_later_plan(const struct fluit_soundings *s, size_t at, struct fluit_mark_id id)
{
    for (size_t i = at + 1; i < s->plan_count; i++)
        if (find_mark(&s->plans[i].plan, id))
            return true;
    return false;
}

static bool later(const struct fluit_armed_seen *a, const struct fluit_armed_seen *b)
{
    if (a->mesh_us != b->mesh_us)
        return a->mesh_us > b->mesh_us;
    return a->term != b->term ? a->term > b->term : a->revision > b->revision;
}

/* Did it have the mark armed when the mark's time came? Where two hubs lead without knowing of each
 * other, one may have taken back what the other has not. */
static bool armed_in_time(const struct fluit_soundings *s, uint32_t node,
                          const struct fluit_mark *mark)
{
    const struct fluit_armed_seen *last = NULL;
    for (size_t i = 0; i < s->armed_count; i++)
        if (s->armed[i].node == node && s->armed[i].mesh_us < mark->at_us &&
            (!last || later(&s->armed[i], last)))
            last = &s->armed[i];
    for (int i = 0; last && i < last->mark_count; i++)
        if (fluit_mark_id_eq(last->marks[i].id, mark->id) && last->marks[i].at_us == mark->at_us)
            return true;
    return false;
}

/* What the sum needs while it is made. */
struct tally {
    int64_t *skews; /* of all marks and nodes */
    size_t skew_count;
    int64_t *times; /* of one mark */
    struct fluit_soundings_sum sum;
};

static size_t times_of(const struct fluit_soundings *s, struct fluit_mark_id id, int64_t *times)
{
    size_t count = 0;
    for (size_t i = 0; i < s->heard_count; i++)
        if (fluit_mark_id_eq(s->heard[i].mark, id))
            times[count++] = s->heard[i].real_us;
    qsort(times, count, sizeof *times, cmp_us);
    return count;
}

/* Each mark that somebody sounded, also one that was taken back too late. */
static void add_skews(const struct fluit_soundings *s, struct fluit_mark_id id, struct tally *t)
{
    size_t count = times_of(s, id, t->times);
    if (count == 0)
        return;
    int64_t median = t->times[count / 2], spread = t->times[count - 1] - t->times[0];
    for (size_t i = 0; i < count; i++)
        t->skews[t->skew_count++] =
            t->times[i] > median ? t->times[i] - median : median - t->times[i];
    if (spread > t->sum.spread_max_us)
        t->sum.spread_max_us = spread;
}

static bool first_of_its_mark(const struct fluit_soundings *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (fluit_mark_id_eq(s->heard[i].mark, s->heard[at].mark))
            return false;
    return true;
}

static bool again(const struct fluit_soundings *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (s->heard[i].node == s->heard[at].node && s->heard[i].device == s->heard[at].device &&
            fluit_mark_id_eq(s->heard[i].mark, s->heard[at].mark))
            return true;
    return false;
}

static bool sounded(const struct fluit_soundings *s, uint32_t node, struct fluit_mark_id id)
{
    for (size_t i = 0; i < s->heard_count; i++)
        if (s->heard[i].node == node && fluit_mark_id_eq(s->heard[i].mark, id))
            return true;
    return false;
}

/* When most sound a mark; some may be late by half a second. */
static int64_t common_time(const int64_t *sorted, size_t count)
{
    return sorted[count / 4];
}

/* Where the others put the mark in real time; else by the distance to any other mark; else 0. */
static int64_t real_time(const struct fluit_soundings *s, const struct fluit_mark *mark,
                         int64_t *times)
{
    size_t count = times_of(s, mark->id, times);
    if (count)
        return common_time(times, count);
    for (size_t i = 0; i < s->plan_count; i++)
        for (int k = 0; k < s->plans[i].plan.mark_count; k++) {
            const struct fluit_mark *other = &s->plans[i].plan.marks[k];
            count = times_of(s, other->id, times);
            if (count && !in_later_plan(s, i, other->id))
                return common_time(times, count) + mark->at_us - other->at_us;
        }
    return 0;
}

static void add_due(const struct fluit_soundings *s, const struct fluit_mark *mark,
                    uint32_t node_count,
                    bool (*up)(const void *arg, uint32_t node, int64_t real_us), const void *arg,
                    struct tally *t)
{
    int64_t real_us = real_time(s, mark, t->times);
    t->sum.marks++;
    for (uint32_t node = 0; node < node_count; node++) {
        if (sounded(s, node, mark->id))
            continue;
        bool could = up(arg, node, real_us) && armed_in_time(s, node, mark);
        t->sum.missed += could;
        t->sum.unknown += !could;
    }
}

static int64_t quantile(const int64_t *sorted, size_t count, size_t percent)
{
    return count ? sorted[(count - 1) * percent / 100] : 0;
}

enum fluit_err fluit_soundings_sum(struct fluit_soundings *s, uint32_t node_count,
                                   bool (*up)(const void *arg, uint32_t node, int64_t real_us),
                                   const void *arg, struct fluit_soundings_sum *out)
{
    struct tally t = {.skews = calloc(s->heard_count + 1, sizeof *t.skews),
                      .times = calloc(s->heard_count + 1, sizeof *t.times)};
    enum fluit_err err = t.skews && t.times ? s->err : FLUIT_E_NOMEM;
    if (err)
        goto out;
    if (s->plan_count)
        qsort(s->plans, s->plan_count, sizeof *s->plans, cmp_plans);
    for (size_t i = 0; i < s->plan_count; i++)
        for (int k = 0; k < s->plans[i].plan.mark_count; k++) {
            const struct fluit_mark *mark = &s->plans[i].plan.marks[k];
            if (!in_later_plan(s, i, mark->id) && came_due(s, i, mark))
                add_due(s, mark, node_count, up, arg, &t);
        }
    t.sum.fired = s->heard_count;
    for (size_t i = 0; i < s->heard_count; i++) {
        t.sum.doubled += again(s, i);
        if (first_of_its_mark(s, i))
            add_skews(s, s->heard[i].mark, &t);
    }
    qsort(t.skews, t.skew_count, sizeof *t.skews, cmp_us);
    t.sum.skew_p50_us = quantile(t.skews, t.skew_count, 50);
    t.sum.skew_p99_us = quantile(t.skews, t.skew_count, 99);
    t.sum.skew_max_us = quantile(t.skews, t.skew_count, 100);
    *out = t.sum;
out:
    free(t.skews);
    free(t.times);
    return err;
}
