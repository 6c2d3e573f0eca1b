/* summary.c: what is left on the disks, held against the ledger; the report; the summary. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/cli/opened.h"
#include "node/rehearse/stage.h"
#include "node/report/doc.h"
#include "proto/verify.h"

struct found {
    struct fluit_stage *stage;
    struct fluit_opened *opened;
};

/* Which actor wrote this, by class and table. */
static void on_act(void *arg, const struct fluit_origin *origin, const struct fluit_act *act)
{
    struct found *found = arg;
    for (int i = 1; i < found->stage->count; i++) {
        const struct fluit_actor *actor = &found->stage->actors[i];
        if (actor->node_class == origin->author && actor->table == origin->table) {
            fluit_ledger_find(&found->stage->ledger, i, origin, act);
            return;
        }
    }
}

static bool write_file(const struct fluit_stage *stage, const char *name,
                       const struct fluit_buf *content)
{
    char path[FLUIT_STAGE_PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/report/%s", stage->dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, content->data, content->len) == (ssize_t)content->len;
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool write_reports(const struct fluit_stage *stage, const struct fluit_report_input *in)
{
    static const struct {
        const char *name;
        enum fluit_err (*write)(const struct fluit_report_input *in, bool full,
                                struct fluit_buf *out);
        bool full;
    } files[] = {
        {"participants.txt", fluit_report_text, false},
        {"participants.json", fluit_report_json, false},
        {"participants.csv", fluit_report_csv, false},
        {"full.txt", fluit_report_text, true},
        {"full.json", fluit_report_json, true},
        {"full.csv", fluit_report_csv, true},
    };
    char dir[FLUIT_STAGE_PATH_MAX + 16];
    bool ok = true;
    snprintf(dir, sizeof dir, "%s/report", stage->dir);
    mkdir(dir, 0700);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct fluit_buf out = FLUIT_BUF_INIT;
        ok = !files[i].write(in, files[i].full, &out) && write_file(stage, files[i].name, &out) &&
             ok;
        fluit_buf_deinit(&out);
    }
    return ok;
}

static void no_line(void *arg, const struct fluit_verified *feed)
{
    (void)arg;
    (void)feed;
}

/* Checks a data directory; its digest, or false. */
static bool verify_dir(const struct fluit_stage *stage, int node, struct fluit_hash *digest)
{
    char path[FLUIT_STAGE_PATH_MAX + 64];
    struct fluit_buf why = FLUIT_BUF_INIT;
    struct fluit_store_sqlite *sqlite;
    snprintf(path, sizeof path, "%s/%s", stage->dir, stage->actors[node].name);
    enum fluit_err err = fluit_store_open(path, FLUIT_STORE_READONLY, &sqlite, &why);
    if (!err) {
        struct fluit_store store = fluit_store_port(sqlite);
        err = fluit_verify_store(&store, no_line, NULL, digest);
        fluit_store_close(sqlite);
    }
    fluit_buf_deinit(&why);
    return !err;
}

struct results {
    struct fluit_ledger_sums sums;
    struct fluit_whistle_sums whistle;
    bool digests_equal, reports_written;
    char digest[65], fold_digest[65];
    int64_t ack_us_p50, ack_us_p99;
    double seconds;
    char report[FLUIT_STAGE_PATH_MAX + 16];
};

static void check_disks(struct fluit_stage *stage, struct results *r)
{
    struct fluit_hash first, digest;
    r->digests_equal = verify_dir(stage, 0, &first);
    if (r->digests_equal)
        fluit_hex(first.b, sizeof first.b, r->digest);
    for (int i = 1; i < stage->count; i++)
        if (!verify_dir(stage, i, &digest) || memcmp(first.b, digest.b, sizeof first.b) != 0) {
            fprintf(stderr, "%s: its digest is not the hub's\n", stage->actors[i].name);
            r->digests_equal = false;
        }
}

static void read_hub(struct fluit_stage *stage, struct results *r)
{
    char path[FLUIT_STAGE_PATH_MAX + 16];
    struct found found = {.stage = stage};
    struct fluit_opened opened = {.each = on_act, .arg = &found};
    struct fluit_hash hash;
    snprintf(path, sizeof path, "%s/hub", stage->dir);
    if (fluit_opened_open(&opened, path) == 0) {
        struct fluit_report_input in = fluit_opened_input(&opened, 0);
        r->reports_written = write_reports(stage, &in);
        if (!fluit_fold_digest(&in, &hash))
            fluit_hex(hash.b, sizeof hash.b, r->fold_digest);
    }
    fluit_opened_close(&opened);
}

static void collect(struct fluit_stage *stage, struct results *r)
{
    size_t count;
    *r = (struct results){0};
    r->seconds = (double)(fluit_stage_now_us() - stage->began_us) / 1e6;
    check_disks(stage, r);
    read_hub(stage, r);
    r->sums = fluit_ledger_sum(&stage->ledger);
    fluit_witness_sum(stage, &r->whistle);
    int64_t *waits = fluit_ledger_waits(&stage->ledger, &count);
    if (count > 0) {
        r->ack_us_p50 = waits[count / 2];
        r->ack_us_p99 = waits[count * 99 / 100];
    }
    free(waits);
    snprintf(r->report, sizeof r->report, "%s/report", stage->dir);
}

static void put_whistle(struct fluit_doc *doc, const struct fluit_whistle_sums *w)
{
    fluit_doc_object(doc, "whistle");
    fluit_doc_int(doc, "marks", w->marks);
    fluit_doc_int(doc, "fired", w->fired);
    fluit_doc_int(doc, "missed", w->missed);
    fluit_doc_int(doc, "double", w->doubled);
    fluit_doc_int(doc, "unknown", w->unknown);
    fluit_doc_int(doc, "skew_us_p50", w->skew_us_p50);
    fluit_doc_int(doc, "skew_us_p99", w->skew_us_p99);
    fluit_doc_int(doc, "skew_us_max", w->skew_us_max);
    fluit_doc_end(doc);
}

static void print_json(const struct fluit_stage *stage, const struct results *r)
{
    struct fluit_doc doc;
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_doc_init(&doc);
    fluit_doc_int(&doc, "tables", stage->options.tables);
    fluit_doc_int(&doc, "nodes", stage->count);
    fluit_doc_int(&doc, "rounds", stage->script->round_count);
    fluit_doc_int(&doc, "entries_written", (int64_t)r->sums.saved);
    fluit_doc_int(&doc, "entries_safe", (int64_t)r->sums.safe);
    fluit_doc_int(&doc, "lost_safe", (int64_t)r->sums.lost_safe);
    fluit_doc_int(&doc, "lost_saved_only", (int64_t)r->sums.lost_saved_only);
    fluit_doc_int(&doc, "duplicates", (int64_t)r->sums.duplicates);
    fluit_doc_bool(&doc, "digests_equal", r->digests_equal);
    fluit_doc_str(&doc, "digest", r->digest);
    fluit_doc_str(&doc, "fold_digest", r->fold_digest);
    put_whistle(&doc, &r->whistle);
    fluit_doc_int(&doc, "ack_us_p50", r->ack_us_p50);
    fluit_doc_int(&doc, "ack_us_p99", r->ack_us_p99);
    fluit_doc_int(&doc, "seconds", (int64_t)(r->seconds + 0.5));
    fluit_doc_str(&doc, "report", r->report);
    if (!fluit_doc_dump(&doc, &out))
        fwrite(out.data, 1, out.len, stdout);
    fluit_doc_deinit(&doc);
    fluit_buf_deinit(&out);
}

static void print_text(const struct fluit_stage *stage, const struct results *r)
{
    const struct fluit_whistle_sums *w = &r->whistle;
    printf("\n%d tables, %d nodes, %d rounds, in %.0f s\n", stage->options.tables, stage->count,
           stage->script->round_count, r->seconds);
    printf("said      %zu things told saved, %zu of them told safe\n", r->sums.saved, r->sums.safe);
    printf("lost      %zu that were safe, %zu that were only saved; %zu doubled\n",
           r->sums.lost_safe, r->sums.lost_saved_only, r->sums.duplicates);
    printf("whistle   %d marks, %d soundings; %d missed, %d doubled, %d unknown\n", w->marks,
           w->fired, w->missed, w->doubled, w->unknown);
    printf("skew      half within %.2f ms, 99%% within %.2f ms, all within %.2f ms of the middle "
           "one\n",
           (double)w->skew_us_p50 / 1000, (double)w->skew_us_p99 / 1000,
           (double)w->skew_us_max / 1000);
    printf("safe in   half within %.1f ms, 99%% within %.1f ms\n", (double)r->ack_us_p50 / 1000,
           (double)r->ack_us_p99 / 1000);
    printf("in step   %s\n",
           r->digests_equal ? "all nodes hold the same" : "NOT all nodes hold the same");
    printf("report    %s\n", r->report);
}

int fluit_summary(struct fluit_stage *stage)
{
    struct results r;
    collect(stage, &r);
    if (stage->options.json)
        print_json(stage, &r);
    else
        print_text(stage, &r);
    bool good = r.sums.lost_safe == 0 && r.sums.lost_saved_only == 0 && r.whistle.missed == 0 &&
                r.whistle.doubled == 0 && r.digests_equal && r.reports_written;
    return good ? 0 : 1;
}
