#include "node/rehearse/outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "node/cli/opened.h"
#include "node/cli/run.h"
#include "node/io/store_sqlite.h"
#include "proto/verify.h"

#define LOST_SHOWN_MAX 10

/* Every disk. */

static void complain_of_feed(void *arg, const struct fluit_verified *feed)
{
    char id[17];
    if (!feed->what)
        return;
    fluit_hex(feed->feed.b, 8, id);
    fluit_complain("%s: feed %s, entry %llu: %s", (const char *)arg, id,
                   (unsigned long long)feed->bad_seq, feed->what);
}

static enum fluit_err verify(const char *dir, struct fluit_hash *digest)
{
    struct fluit_store_sqlite *s = NULL;
    struct fluit_buf why = FLUIT_BUF_INIT;
    enum fluit_err err = fluit_store_open(dir, FLUIT_STORE_READONLY, &s, &why);
    if (!err) {
        struct fluit_store store = fluit_store_port(s);
        err = fluit_verify_store(&store, complain_of_feed, (void *)dir, digest);
        fluit_store_close(s);
    }
    if (err)
        fluit_complain("%s: %s", dir, why.len ? fluit_buf_text(&why) : fluit_err_text(err));
    fluit_buf_deinit(&why);
    return err;
}

/* The hub that leads first: all others are held to it. */
static void verify_all(struct fluit_stage *stage, struct fluit_outcome *outcome)
{
    outcome->digests_equal = true;
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        struct fluit_hash digest;
        char hex[2 * sizeof digest.b + 1];
        const char *dir = stage->actors[(stage->chair + i) % stage->actor_count].dir;
        if (verify(fluit_stage_path(stage, "", dir), &digest)) {
            outcome->digests_equal = false;
            continue;
        }
        fluit_hex(digest.b, sizeof digest.b, hex);
        if (i == 0)
            memcpy(outcome->digest, hex, sizeof hex);
        if (strcmp(outcome->digest, hex) == 0)
            continue;
        fluit_complain("%s does not hold what the hub holds", dir);
        outcome->digests_equal = false;
    }
}

/* What the hub can read. */

struct act_read {
    struct fluit_feed_id feed;
    uint64_t seq;
    uint32_t actor;
    char *content;
};

struct reading {
    struct fluit_opened opened;
    struct fluit_stage *stage;
    struct fluit_soundings soundings;
    struct act_read *acts;
    size_t count, cap;
    enum fluit_err err;
};

/* The recovery key is a standby in the roster; whoever leads by it plays the hub here. */
static int actor_of(const struct fluit_stage *stage, const struct fluit_origin *origin)
{
    if (origin->author == FLUIT_NODE_STANDBY && stage->actor_count == stage->seat_count)
        return 0;
    for (uint32_t i = 0; i < stage->actor_count; i++)
        if (stage->actors[i].node_class == origin->author &&
            stage->actors[i].table == origin->table)
            return (int)i;
    return -1;
}

static void keep_act(struct reading *r, const struct fluit_origin *origin, uint32_t actor,
                     const char *content)
{
    if (r->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 1024;
        struct act_read *acts = realloc(r->acts, cap * sizeof *acts);
        if (!acts) {
            r->err = FLUIT_E_NOMEM;
            return;
        }
        r->acts = acts;
        r->cap = cap;
    }
    struct act_read act = {origin->feed, origin->seq, actor, strdup(content)};
    if (!act.content)
        r->err = FLUIT_E_NOMEM;
    else
        r->acts[r->count++] = act;
}

static void on_act(void *arg, const struct fluit_origin *origin, const struct fluit_act *act)
{
    struct reading *r = arg;
    struct fluit_buf content = FLUIT_BUF_INIT;
    int actor = actor_of(r->stage, origin);
    if (act->kind == FLUIT_KIND_PLAN)
        fluit_soundings_plan(&r->soundings, &act->plan, origin->mesh_us);
    else if (act->kind == FLUIT_KIND_ARMED && actor >= 0)
        fluit_soundings_armed(&r->soundings, (uint32_t)actor, act, origin->mesh_us);
    else if (actor >= 0 && fluit_actor_seated(&r->stage->actors[actor]) &&
             fluit_ledger_content(act, origin->round, &content))
        keep_act(r, origin, (uint32_t)actor, fluit_buf_text(&content));
    fluit_buf_deinit(&content);
}

static int cmp_acts(const void *a, const void *b)
{
    const struct act_read *x = a, *y = b;
    int by_feed = memcmp(x->feed.b, y->feed.b, sizeof x->feed.b);
    return by_feed ? by_feed : (x->seq > y->seq) - (x->seq < y->seq);
}

/* The fold may be shown an entry twice; the ledger is not. */
static void look_up(struct reading *r)
{
    if (r->count)
        qsort(r->acts, r->count, sizeof *r->acts, cmp_acts);
    for (size_t i = 0; i < r->count; i++)
        if (i == 0 || cmp_acts(&r->acts[i - 1], &r->acts[i]) != 0)
            fluit_ledger_found(&r->stage->ledger, r->acts[i].actor, r->acts[i].seq,
                               r->acts[i].content);
}

static void say_lost(const struct fluit_stage *stage)
{
    int shown = 0;
    for (uint32_t i = 0; i < stage->seat_count; i++)
        for (size_t k = 0; k < stage->ledger.nodes[i].count; k++) {
            const struct fluit_ledger_line *line = &stage->ledger.nodes[i].lines[k];
            bool told = line->state == FLUIT_LINE_SAFE || line->state == FLUIT_LINE_SAVED;
            if (told && !line->found && shown++ < LOST_SHOWN_MAX)
                fluit_complain("lost: %s, entry %llu, told as %s: %s", stage->actors[i].name,
                               (unsigned long long)line->seq,
                               line->state == FLUIT_LINE_SAFE ? "safe" : "saved", line->content);
        }
}

/* Whistles. */

/* Was the node's process there, from its "ready" on? A mark that falls into a crash is nobody's
 * fault. */
static bool was_up(const void *arg, uint32_t node, int64_t real_us)
{
    const struct fluit_stage *stage = arg;
    const struct fluit_actor *actor = &stage->actors[node];
    for (int i = 0; i < actor->life_count; i++) {
        const struct fluit_life *life = &actor->lives[i];
        if (real_us == 0 ? actor->life_count == 1
                         : life->ready_us && life->ready_us <= real_us &&
                               real_us + FLUIT_MARK_LATE_US / 10 < life->died_us)
            return true;
    }
    return false;
}

/* The actor's device, and the one before it. */
static enum fluit_err read_witnesses(struct reading *r, uint32_t i)
{
    const struct fluit_actor *actor = &r->stage->actors[i];
    enum fluit_err err = fluit_soundings_read(&r->soundings, i, 0,
                                              fluit_stage_path(r->stage, "witness", actor->name));
    if (!err && strcmp(actor->dir, actor->name) != 0)
        err = fluit_soundings_read(&r->soundings, i, 1,
                                   fluit_stage_path(r->stage, "witness", actor->dir));
    return err;
}

static enum fluit_err measure(struct reading *r, struct fluit_outcome *outcome)
{
    enum fluit_err err = FLUIT_OK;
    for (uint32_t i = 0; i < r->stage->actor_count && !err; i++)
        err = read_witnesses(r, i);
    if (!err)
        err = fluit_soundings_sum(&r->soundings, r->stage->actor_count, was_up, r->stage,
                                  &outcome->whistle);
    return err;
}

/* The report. */

static enum fluit_err write_file(const char *path, const struct fluit_buf *bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t done = 0;
    while (fd >= 0 && done < bytes->len) {
        ssize_t len = write(fd, bytes->data + done, bytes->len - done);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            break;
        done += (size_t)len;
    }
    bool ok = fd >= 0 && done == bytes->len;
    if (!ok)
        fluit_complain("%s can't be written: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok ? FLUIT_OK : FLUIT_E_IO;
}

static enum fluit_err write_reports(const struct fluit_stage *stage,
                                    const struct fluit_report_input *in)
{
    static const struct {
        const char *name;
        bool full;
        enum fluit_err (*make)(const struct fluit_report_input *in, bool full,
                               struct fluit_buf *out);
    } files[] = {{"participants.json", false, fluit_report_json},
                 {"participants.csv", false, fluit_report_csv},
                 {"participants.txt", false, fluit_report_text},
                 {"full.json", true, fluit_report_json},
                 {"full.csv", true, fluit_report_csv},
                 {"full.txt", true, fluit_report_text}};
    enum fluit_err err = FLUIT_OK;
    for (size_t i = 0; i < sizeof files / sizeof files[0] && !err; i++) {
        struct fluit_buf bytes = FLUIT_BUF_INIT;
        err = files[i].make(in, files[i].full, &bytes);
        if (!err)
            err = write_file(fluit_stage_path(stage, "report", files[i].name), &bytes);
        fluit_buf_deinit(&bytes);
    }
    return err;
}

static enum fluit_err fold(struct reading *r, struct fluit_outcome *outcome)
{
    struct fluit_report_input in = fluit_opened_input(&r->opened, 0);
    struct fluit_hash digest;
    enum fluit_err err = write_reports(r->stage, &in);
    if (!err)
        err = fluit_fold_digest(&in, &digest);
    if (!err)
        fluit_hex(digest.b, sizeof digest.b, outcome->fold_digest);
    return err;
}

static void measure_acks(const struct fluit_ledger *ledger, struct fluit_outcome *outcome)
{
    size_t count;
    int64_t *acks = fluit_ledger_acks(ledger, &count);
    if (acks && count) {
        outcome->ack_p50_us = acks[(count - 1) * 50 / 100];
        outcome->ack_p99_us = acks[(count - 1) * 99 / 100];
    }
    free(acks);
}

int fluit_outcome_read(struct fluit_stage *stage, struct fluit_outcome *outcome)
{
    struct reading r = {.stage = stage};
    *outcome = (struct fluit_outcome){.tables = stage->options->tables,
                                      .nodes = stage->actor_count,
                                      .faults = stage->options->faults,
                                      .figures = stage->faults.figures,
                                      .rounds = stage->script->round_count};
    snprintf(outcome->report, sizeof outcome->report, "%s", fluit_stage_path(stage, "", "report"));
    for (uint32_t i = 0; i < stage->actor_count; i++)
        outcome->leading += stage->actors[i].watch.leads;
    verify_all(stage, outcome);
    r.opened = (struct fluit_opened){.each = on_act, .arg = &r};
    int status =
        fluit_opened_open(&r.opened, fluit_stage_path(stage, "", stage->actors[stage->chair].dir));
    if (status == 0) {
        look_up(&r);
        enum fluit_err err = r.err;
        if (!err)
            err = measure(&r, outcome);
        if (!err)
            err = fold(&r, outcome);
        if (err)
            fluit_complain("what came of it can't be read: %s", fluit_err_text(err));
        status = err ? 1 : 0;
    }
    outcome->entries = fluit_ledger_sum(&stage->ledger);
    measure_acks(&stage->ledger, outcome);
    say_lost(stage);
    for (size_t i = 0; i < r.count; i++)
        free(r.acts[i].content);
    free(r.acts);
    fluit_soundings_deinit(&r.soundings);
    fluit_opened_close(&r.opened);
    return status;
}

bool fluit_outcome_disk_lost(const struct fluit_outcome *outcome)
{
    return outcome->faults[FLUIT_FAULT_HUB_GONE] || outcome->faults[FLUIT_FAULT_REPLACE_DEVICE];
}

/* Did every fault end as it must, with one hub that leads? */
static bool faults_good(const struct fluit_outcome *outcome)
{
    const bool *asked = outcome->faults;
    const struct fluit_fault_figures *f = &outcome->figures;
    int takeovers = asked[FLUIT_FAULT_TAKEOVER] + asked[FLUIT_FAULT_SPLIT];
    return !f->went_wrong && outcome->leading == 1 && f->takeovers == takeovers &&
           f->stepped_down == takeovers && f->recovered == asked[FLUIT_FAULT_HUB_GONE] &&
           f->joined_late == asked[FLUIT_FAULT_LATE_TABLE] &&
           f->replaced == asked[FLUIT_FAULT_REPLACE_DEVICE];
}

bool fluit_outcome_good(const struct fluit_outcome *outcome)
{
    const struct fluit_ledger_sum *entries = &outcome->entries;
    return entries->lost_safe == 0 &&
           (entries->lost_saved_only == 0 || fluit_outcome_disk_lost(outcome)) &&
           outcome->digests_equal && outcome->whistle.missed == 0 &&
           outcome->whistle.doubled == 0 && faults_good(outcome);
}
