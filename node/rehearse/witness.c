/* witness.c: every sounding as the undisturbed clock saw it, from the nodes' witness files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/rehearse/stage.h"

struct sounding {
    struct fluit_mark_id mark;
    int node;
    long long at_us;
};

struct soundings {
    struct sounding *items;
    size_t count, cap;
};

static void add(struct soundings *all, struct sounding one)
{
    if (all->count == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 256;
        all->items = realloc(all->items, all->cap * sizeof *all->items);
        if (!all->items)
            abort();
    }
    all->items[all->count++] = one;
}

static void read_node(const struct fluit_stage *stage, int node, struct soundings *all)
{
    char path[FLUIT_STAGE_PATH_MAX + 64], line[128];
    snprintf(path, sizeof path, "%s/witness-%s", stage->dir, stage->actors[node].name);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        unsigned step, round, kind, occurrence;
        struct sounding s = {.node = node};
        if (sscanf(line, "%u %u %u %u %lld", &step, &round, &kind, &occurrence, &s.at_us) != 5)
            continue;
        s.mark = (struct fluit_mark_id){(uint8_t)step, (uint8_t)round, (uint8_t)kind,
                                        (uint8_t)occurrence};
        add(all, s);
    }
    if (file)
        fclose(file);
}

static int by_mark(const void *a, const void *b)
{
    const struct sounding *x = a, *y = b;
    int order = memcmp(&x->mark, &y->mark, sizeof x->mark);
    if (order == 0)
        order = (x->at_us > y->at_us) - (x->at_us < y->at_us);
    return order;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A node that was down within these bounds of a mark can't be said to have missed it. */
static bool was_down(const struct fluit_actor *actor, long long at_us)
{
    return actor->died && at_us >= actor->died_us - 1000000 &&
           (!actor->back_us || at_us <= actor->back_us + 5000000);
}

/* Was this whistle moved, and sounded later under the next occurrence? Then who heard of the move
 * in time did not sound it, and did right. */
static bool was_moved(const struct soundings *all, struct fluit_mark_id mark)
{
    for (size_t i = 0; i < all->count; i++) {
        struct fluit_mark_id other = all->items[i].mark;
        if (other.step == mark.step && other.kind == mark.kind &&
            other.occurrence > mark.occurrence)
            return true;
    }
    return false;
}

/* One mark's soundings, sorted by time. */
static void sum_mark(const struct fluit_stage *stage, const struct sounding *first, size_t count,
                     bool moved, int64_t *skews, struct fluit_whistle_sums *out)
{
    long long middle = first[count / 2].at_us;
    out->marks++;
    out->fired += (int)count;
    for (size_t i = 0; i < count; i++)
        skews[i] = llabs(first[i].at_us - middle);
    if (first[count - 1].at_us - first[0].at_us > out->spread_us_max)
        out->spread_us_max = first[count - 1].at_us - first[0].at_us;
    for (int node = 0; node < stage->count; node++) {
        int times = 0;
        for (size_t i = 0; i < count; i++)
            times += first[i].node == node;
        out->doubled += times > 1;
        if (times == 0 && was_down(&stage->actors[node], middle))
            out->unknown++;
        else
            out->missed += times == 0 && !moved;
    }
}

void fluit_witness_sum(const struct fluit_stage *stage, struct fluit_whistle_sums *out)
{
    struct soundings all = {0};
    *out = (struct fluit_whistle_sums){0};
    for (int node = 0; node < stage->count; node++)
        read_node(stage, node, &all);
    int64_t *skews = calloc(all.count + 1, sizeof *skews);
    if (!skews)
        abort();
    if (all.count > 0)
        qsort(all.items, all.count, sizeof *all.items, by_mark);
    for (size_t start = 0, end; start < all.count; start = end) {
        for (end = start;
             end < all.count && fluit_mark_id_eq(all.items[end].mark, all.items[start].mark);)
            end++;
        sum_mark(stage, all.items + start, end - start, was_moved(&all, all.items[start].mark),
                 skews + start, out);
    }
    if (all.count > 0) {
        qsort(skews, all.count, sizeof *skews, by_size);
        out->skew_us_p50 = skews[all.count / 2];
        out->skew_us_p99 = skews[all.count * 99 / 100];
        out->skew_us_max = skews[all.count - 1];
    }
    free(skews);
    free(all.items);
}
