/* summary.c: a rehearsal's outcome, for people or for programs. */
#include <stdio.h>

#include "node/cli/run.h"
#include "node/json/doc.h"
#include "node/rehearse/outcome.h"

/* What a late table is promised. */
#define LATE_READY_S 1
#define LATE_EQUAL_S 3

static void put_whistle(struct fluit_doc *doc, const struct fluit_soundings_sum *whistle)
{
    fluit_doc_object(doc, "whistle");
    fluit_doc_int(doc, "marks", (int64_t)whistle->marks);
    fluit_doc_int(doc, "fired", (int64_t)whistle->fired);
    fluit_doc_int(doc, "missed", (int64_t)whistle->missed);
    fluit_doc_int(doc, "double", (int64_t)whistle->doubled);
    fluit_doc_int(doc, "unknown", (int64_t)whistle->unknown);
    fluit_doc_int(doc, "skew_us_p50", whistle->skew_p50_us);
    fluit_doc_int(doc, "skew_us_p99", whistle->skew_p99_us);
    fluit_doc_int(doc, "skew_us_max", whistle->skew_max_us);
    fluit_doc_end(doc);
}

static bool asked_takeover(const struct fluit_outcome *o)
{
    return o->faults[FLUIT_FAULT_TAKEOVER] || o->faults[FLUIT_FAULT_SPLIT];
}

/* Only of faults that were asked for. */
static void put_faults(struct fluit_doc *doc, const struct fluit_outcome *o)
{
    const struct fluit_fault_figures *f = &o->figures;
    if (asked_takeover(o)) {
        fluit_doc_int(doc, "takeovers", f->takeovers);
        fluit_doc_int(doc, "takeover_us", f->takeover_us);
        fluit_doc_int(doc, "stepped_down", f->stepped_down);
    }
    if (o->faults[FLUIT_FAULT_HUB_GONE]) {
        fluit_doc_int(doc, "recovered", f->recovered);
        fluit_doc_int(doc, "recovery_us", f->recovery_us);
    }
    if (o->faults[FLUIT_FAULT_LATE_TABLE]) {
        fluit_doc_int(doc, "joined_late", f->joined_late);
        fluit_doc_int(doc, "late_ready_us", f->late_ready_us);
        fluit_doc_int(doc, "late_equal_us", f->late_equal_us);
    }
    if (o->faults[FLUIT_FAULT_REPLACE_DEVICE]) {
        fluit_doc_int(doc, "replaced", f->replaced);
        fluit_doc_int(doc, "board_us", f->board_us);
    }
}

static int print_json(const struct fluit_outcome *o)
{
    struct fluit_doc doc;
    struct fluit_buf out = FLUIT_BUF_INIT;
    fluit_doc_init(&doc);
    fluit_doc_int(&doc, "tables", o->tables);
    fluit_doc_int(&doc, "nodes", o->nodes);
    fluit_doc_int(&doc, "rounds", o->rounds);
    fluit_doc_int(&doc, "entries_written", (int64_t)o->entries.written);
    fluit_doc_int(&doc, "entries_safe", (int64_t)o->entries.safe);
    fluit_doc_int(&doc, "lost_safe", (int64_t)o->entries.lost_safe);
    fluit_doc_int(&doc, "lost_saved_only", (int64_t)o->entries.lost_saved_only);
    fluit_doc_int(&doc, "duplicates", (int64_t)o->entries.duplicates);
    fluit_doc_bool(&doc, "digests_equal", o->digests_equal);
    fluit_doc_str(&doc, "digest", o->digest);
    fluit_doc_str(&doc, "fold_digest", o->fold_digest);
    put_whistle(&doc, &o->whistle);
    fluit_doc_int(&doc, "ack_us_p50", o->ack_p50_us);
    fluit_doc_int(&doc, "ack_us_p99", o->ack_p99_us);
    fluit_doc_int(&doc, "seconds", o->seconds);
    put_faults(&doc, o);
    fluit_doc_str(&doc, "report", o->report);
    enum fluit_err err = fluit_doc_dump(&doc, &out);
    if (err)
        fluit_complain("the summary could not be written: %s", fluit_err_text(err));
    else
        fputs(fluit_buf_text(&out), stdout);
    fluit_doc_deinit(&doc);
    fluit_buf_deinit(&out);
    return err ? 1 : 0;
}

static void row(const char *what, uint64_t value, const char *note)
{
    printf("  %-34s %10llu  %s\n", what, (unsigned long long)value, note);
}

static const char *must_be_none(uint64_t value)
{
    return value ? "WRONG: must be 0" : "";
}

static void print_count(const char *what, int count)
{
    printf("  %-34s %10d  %s\n", what, count, count == 1 ? "" : "WRONG: must be 1");
}

/* wanted_s: within so many seconds; 0: it takes what it takes. */
static void print_time(const char *what, int64_t us, int wanted_s)
{
    char note[40] = "";
    if (wanted_s && us > (int64_t)wanted_s * 1000000)
        snprintf(note, sizeof note, "  slow: should be within %d s", wanted_s);
    printf("  %-34s %7.1f ms%s\n", what, (double)us / 1000, note);
}

static void print_faults(const struct fluit_outcome *o)
{
    const struct fluit_fault_figures *f = &o->figures;
    bool any = false;
    for (int i = 0; i < FLUIT_FAULT_COUNT; i++)
        any |= o->faults[i];
    if (!any)
        return;
    puts("\nWhat broke");
    print_count("hubs that lead at the end", o->leading);
    if (asked_takeover(o)) {
        print_count("taken over by the standby", f->takeovers);
        print_time("from the order until it led", f->takeover_us, 0);
        print_count("stepped down: the hub before it", f->stepped_down);
    }
    if (o->faults[FLUIT_FAULT_HUB_GONE]) {
        print_count("hubs built anew from the paper", f->recovered);
        print_time("from the hub's death until it led", f->recovery_us, 0);
    }
    if (o->faults[FLUIT_FAULT_LATE_TABLE]) {
        print_count("tables that joined late", f->joined_late);
        print_time("until they were ready", f->late_ready_us, LATE_READY_S);
        print_time("until they held all", f->late_equal_us, LATE_EQUAL_S);
    }
    if (o->faults[FLUIT_FAULT_REPLACE_DEVICE]) {
        print_count("devices replaced, board as it was", f->replaced);
        print_time("from its start until it had that", f->board_us, 0);
    }
    if (f->went_wrong)
        puts("  WRONG: something did not end as it must; told above");
}

static void print_text(const struct fluit_outcome *o)
{
    const struct fluit_soundings_sum *w = &o->whistle;
    printf("A workshop of %d tables (%u nodes), %d card rounds, in %lld s\n\n", o->tables, o->nodes,
           o->rounds, (long long)o->seconds);
    puts("What was said");
    row("told as saved", o->entries.written, "");
    row("of these, told as safe at the hub", o->entries.safe, "");
    row("lost, though safe", o->entries.lost_safe, must_be_none(o->entries.lost_safe));
    row("lost, though saved", o->entries.lost_saved_only,
        fluit_outcome_disk_lost(o) ? "a disk was lost" : must_be_none(o->entries.lost_saved_only));
    row("there twice, or typed by nobody", o->entries.duplicates,
        must_be_none(o->entries.duplicates));
    printf("  %-34s %7.1f ms  99 of 100: %.1f ms\n", "from typed to safe, half of them",
           (double)o->ack_p50_us / 1000, (double)o->ack_p99_us / 1000);
    puts("\nThe whistle");
    row("marks that came due", w->marks, "");
    row("whistled, all nodes together", w->fired, "");
    row("missed", w->missed, must_be_none(w->missed));
    row("twice", w->doubled, must_be_none(w->doubled));
    row("not known: the node was down", w->unknown, "");
    printf("  %-34s %7lld us  99 of 100: %lld us, most: %lld us\n", "from the middle, half of them",
           (long long)w->skew_p50_us, (long long)w->skew_p99_us, (long long)w->skew_max_us);
    printf("  %-34s %7lld us\n", "most between first and last node", (long long)w->spread_max_us);
    print_faults(o);
    printf("\nEvery node %s\n", o->digests_equal
                                    ? "holds the same; every signature and chain is good"
                                    : "does NOT hold the same");
    printf("  all feeds    %s\n  the result   %s\n", o->digest, o->fold_digest);
    printf("\nThe report: %s\n", o->report);
}

int fluit_summary_print(const struct fluit_outcome *outcome, bool json)
{
    if (json)
        return print_json(outcome);
    print_text(outcome);
    return 0;
}
