"""check_rehearsal.py FLUIT --tables N [OPTION...]: runs a short rehearsal and holds its summary to
its form and to what must be true of it. With --fault whistles that fell into a crash may be unknown."""
import csv
import json
import os
import subprocess
import sys
import tempfile

FIELDS = {"tables": int, "nodes": int, "rounds": int, "entries_written": int, "entries_safe": int,
          "lost_safe": int, "lost_saved_only": int, "duplicates": int, "digests_equal": bool,
          "digest": str, "fold_digest": str, "whistle": dict, "ack_us_p50": int,
          "ack_us_p99": int, "seconds": int, "report": str}
WHISTLE = ["marks", "fired", "missed", "double", "unknown", "skew_us_p50", "skew_us_p99",
           "skew_us_max"]


def check(holds, what):
    if not holds:
        sys.exit(f"check_rehearsal: {what}")


def check_form(summary):
    check(list(summary) == list(FIELDS), f"fields are {list(summary)}")
    for name, kind in FIELDS.items():
        check(type(summary[name]) is kind, f"{name} is {summary[name]!r}")
    check(list(summary["whistle"]) == WHISTLE, f"whistle has {list(summary['whistle'])}")
    for name in "digest", "fold_digest":
        check(len(summary[name]) == 64 and int(summary[name], 16) >= 0, f"{name} is no hash")


def check_truth(summary, tables, faulty):
    whistle = summary["whistle"]
    check(summary["tables"] == tables and summary["nodes"] == 2 * tables + 1, "not all took part")
    check(summary["entries_written"] >= 20 * tables, "people hardly said a thing")
    check(summary["entries_safe"] <= summary["entries_written"], "more safe than saved")
    for name in "lost_safe", "lost_saved_only", "duplicates":
        check(summary[name] == 0, f"{name} is {summary[name]}")
    check(summary["digests_equal"], "the nodes do not hold the same")
    check(whistle["missed"] == 0 and whistle["double"] == 0, f"whistles: {whistle}")
    check(whistle["marks"] >= 2 * summary["rounds"], f"too few whistles: {whistle}")
    check(faulty or whistle["unknown"] == 0, f"unknown whistles without a fault: {whistle}")
    check(whistle["fired"] + whistle["unknown"] >= whistle["marks"] * summary["nodes"],
          f"whistles that are nowhere counted: {whistle}")
    check(0 < summary["ack_us_p50"] <= summary["ack_us_p99"], "acks were not measured")


def check_faults(told, tables, options):
    """What was to die died, once, and came back."""
    doomed = [f"table-{t + 1:02}" for t in range(tables)] if "table-dies" in options else []
    doomed += ["hub"] if "hub-dies" in options else []
    for node in doomed:
        for what in "killed", "back":
            check(told.count(f"{node}: {what}") == 1, f"{node} was not {what} once: {told}")


def check_files(out, summary, tables, fluit):
    report = summary["report"]
    check(os.path.samefile(report, f"{out}/report"), f"the report is in {report}")
    for name in "participants", "full":
        for form in "json", "csv", "txt":
            check(os.path.getsize(f"{report}/{name}.{form}") > 0, f"{name}.{form} is empty")
    with open(f"{report}/full.json", encoding="utf-8") as file:
        json.load(file)
    with open(f"{report}/full.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(f"{report}/participants.csv", encoding="utf-8") as file:
        check("(t0" not in file.read(), "the participants' edition has a table's own words")
    check(any("(t0" in row["why"] for row in rows), "the full edition has no whys")
    check({row["table"] for row in rows} == {str(t + 1) for t in range(tables)},
          "not every table laid a card")
    for node in ["hub", "table-01", f"rapporteur-{tables:02}"]:
        verified = subprocess.run([fluit, "verify", f"{out}/{node}"], capture_output=True,
                                  text=True, check=False)
        check(verified.returncode == 0 and
              verified.stdout.splitlines()[-1] == f"digest {summary['digest']}",
              f"{node}: {verified.stdout}{verified.stderr}")


def main():
    fluit, options = sys.argv[1], sys.argv[2:]
    tables = int(options[options.index("--tables") + 1])
    with tempfile.TemporaryDirectory() as room:
        out = f"{room}/out"
        done = subprocess.run([fluit, "rehearse", "--speed", "900", "--json", "--out", out,
                               *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=240, check=False)
        if done.returncode:
            sys.exit(f"rehearse gave {done.returncode}\n{done.stderr[-4000:]}\n{done.stdout}")
        summary = json.loads(done.stdout)
        check_form(summary)
        check_truth(summary, tables, "--fault" in options)
        check_faults(done.stderr.splitlines(), tables, options)
        check_files(out, summary, tables, fluit)
        print(json.dumps(summary))


if __name__ == "__main__":
    main()
