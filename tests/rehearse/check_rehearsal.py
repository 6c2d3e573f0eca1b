"""check_rehearsal.py FLUIT --tables N [OPTION...]: runs a short rehearsal and holds its summary to
its form and to what must be true of it. With --fault, which may come more than once, whistles that
fell into a crash may be unknown."""
import csv
import json
import os
import subprocess
import sys
import tempfile

FIELDS = {"tables": int, "nodes": int, "rounds": int, "entries_written": int, "entries_safe": int,
          "lost_safe": int, "lost_saved_only": int, "duplicates": int, "digests_equal": bool,
          "digest": str, "fold_digest": str, "whistle": dict, "ack_us_p50": int,
          "ack_us_p99": int, "seconds": int}
# What a fault adds, and how often it must have come to be.
FAULT_FIELDS = {"takeover": {"takeovers": 1, "takeover_us": None, "stepped_down": 1},
                "split": {"takeovers": 1, "takeover_us": None, "stepped_down": 1},
                "hub-gone": {"recovered": 1, "recovery_us": None},
                "late-table": {"joined_late": 1, "late_ready_us": None, "late_equal_us": None},
                "replace-device": {"replaced": 1, "board_us": None}}
WHISTLE = ["marks", "fired", "missed", "double", "unknown", "skew_us_p50", "skew_us_p99",
           "skew_us_max"]


def check(holds, what):
    if not holds:
        sys.exit(f"check_rehearsal: {what}")


def check_form(summary, faults):
    added = {}
    for fault in faults:
        added.update(FAULT_FIELDS.get(fault, {}))
    check(sorted(summary) == sorted([*FIELDS, *added, "report"]), f"fields are {list(summary)}")
    for name, kind in FIELDS.items():
        check(type(summary[name]) is kind, f"{name} is {summary[name]!r}")
    for name, wanted in added.items():
        check(type(summary[name]) is int and summary[name] > 0, f"{name} is {summary[name]!r}")
        check(wanted in (None, summary[name]), f"{name} is {summary[name]}, not {wanted}")
    check(list(summary["whistle"]) == WHISTLE, f"whistle has {list(summary['whistle'])}")
    for name in "digest", "fold_digest":
        check(len(summary[name]) == 64 and int(summary[name], 16) >= 0, f"{name} is no hash")


def check_truth(summary, tables, faults):
    whistle = summary["whistle"]
    nodes = 2 * tables + 1 + ("takeover" in faults or "split" in faults)
    check(summary["tables"] == tables and summary["nodes"] == nodes, "not all took part")
    check(summary["entries_written"] >= 20 * tables, "people hardly said a thing")
    check(summary["entries_safe"] <= summary["entries_written"], "more safe than saved")
    disk_lost = "hub-gone" in faults or "replace-device" in faults
    for name in "lost_safe", "lost_saved_only", "duplicates":
        check(summary[name] == 0 or (disk_lost and name == "lost_saved_only"),
              f"{name} is {summary[name]}")
    check(summary["digests_equal"], "the nodes do not hold the same")
    check(whistle["missed"] == 0 and whistle["double"] == 0, f"whistles: {whistle}")
    check(whistle["marks"] >= 2 * summary["rounds"], f"too few whistles: {whistle}")
    check(faults or whistle["unknown"] == 0, f"unknown whistles without a fault: {whistle}")
    check(whistle["fired"] + whistle["unknown"] >= whistle["marks"] * summary["nodes"],
          f"whistles that are nowhere counted: {whistle}")
    check(0 < summary["ack_us_p50"] <= summary["ack_us_p99"], "acks were not measured")


def check_faults(told, tables, faults):
    """What was to break broke, once, and came back."""
    wanted = []
    if "table-dies" in faults:
        wanted += [f"table-{t + 1:02}: {what}" for t in range(tables) for what in ("killed", "back")]
    if "hub-dies" in faults or "takeover" in faults:
        wanted += ["hub: killed", "hub: back"]
    if "takeover" in faults or "split" in faults:
        wanted += ["standby-01: leads", "hub: has stepped down"]
    if "split" in faults or "partition" in faults:
        wanted += ["network: whole again"]
    if "hub-gone" in faults:
        wanted += ["hub: gone, with its disk", "hub: built anew"]
    if "late-table" in faults:
        wanted += [f"table-{tables:02}: joins only now"]
    for line in wanted:
        check(told.count(line) == 1, f"'{line}' was not told once: {told}")
    for fault, words in (("disk-full", ": its disk has room again"),
                         ("slow-disk", ": its disk is slow"),
                         ("replace-device", ": a new device joins in its place")):
        if fault in faults:
            check(any(line.endswith(words) for line in told), f"nobody's{words}: {told}")


def check_files(out, summary, tables, faults, fluit):
    hub = "hub-2" if "hub-gone" in faults else "hub"
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
    in_time = tables - ("late-table" in faults)
    check({row["table"] for row in rows} >= {str(t + 1) for t in range(in_time)},
          "not every table laid a card")
    for node in [hub, "rapporteur-01", f"rapporteur-{tables:02}"]:
        verified = subprocess.run([fluit, "verify", f"{out}/{node}"], capture_output=True,
                                  text=True, check=False)
        check(verified.returncode == 0 and
              verified.stdout.splitlines()[-1] == f"digest {summary['digest']}",
              f"{node}: {verified.stdout}{verified.stderr}")


def check_unbreakable(fluit, path):
    """Lines that break a node in a rehearsal are lines like any other without --faults."""
    subprocess.run([fluit, "new", path, "--tables", "1", "--yes"], stdout=subprocess.DEVNULL,
                   timeout=60, check=True)
    hub = subprocess.run([fluit, "hub", path, "--listen", "127.0.0.1", "--port", "0"],
                         input="%disk-full\nsteps\nquit\n", capture_output=True, text=True,
                         timeout=60, check=False)
    check(hub.returncode == 0 and "no: unknown command '%disk-full'" in hub.stdout,
          f"a line broke a hub: {hub.returncode} {hub.stdout}{hub.stderr}")


def main():
    fluit, options = sys.argv[1], sys.argv[2:]
    tables = int(options[options.index("--tables") + 1])
    faults = [options[i + 1] for i, option in enumerate(options) if option == "--fault"]
    with tempfile.TemporaryDirectory() as room:
        out = f"{room}/out"
        done = subprocess.run([fluit, "rehearse", "--speed", "900", "--json", "--out", out,
                               *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=240, check=False)
        if done.returncode:
            sys.exit(f"rehearse gave {done.returncode}\n{done.stderr[-4000:]}\n{done.stdout}")
        summary = json.loads(done.stdout)
        check_form(summary, faults)
        check_truth(summary, tables, faults)
        check_faults(done.stderr.splitlines(), tables, faults)
        check_files(out, summary, tables, faults, fluit)
        check_unbreakable(fluit, f"{room}/hub")
        print(json.dumps(summary))


if __name__ == "__main__":
    main()
