/* summary.c: a rehearsal's outcome, for people or for programs. */
#include <stdio.h>

#include "node/cli/run.h"
#include "node/rehearse/outcome.h"
#include "node/report/doc.h"

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

static void print_text(const struct fluit_outcome *o)
{
    const struct fluit_soundings_sum *w = &o->whistle;
    printf("A workshop of %d tables (%u nodes), %d card rounds, in %lld s\n\n", o->tables, o->nodes,
           o->rounds, (long long)o->seconds);
    puts("What was said");
    row("told as saved", o->entries.written, "");
    row("of these, told as safe at the hub", o->entries.safe, "");
    row("lost, though safe", o->entries.lost_safe, must_be_none(o->entries.lost_safe));
    row("lost, though saved", o->entries.lost_saved_only, must_be_none(o->entries.lost_saved_only));
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
