"""check_rehearsal.py FLUIT [REHEARSE OPTION...]: a short rehearsal, and what its summary must say."""
import json
import os
import subprocess
import sys
import tempfile

fluit, options = sys.argv[1], sys.argv[2:]
with tempfile.TemporaryDirectory() as room:
    done = subprocess.run([fluit, "rehearse", "--speed", "900", "--json", "--out", room + "/out",
                           *options], stdout=subprocess.PIPE, text=True, timeout=240)
    s = json.loads(done.stdout)
    print(json.dumps(s))
    whistle = s["whistle"]
    must = {
        "it ends well": done.returncode == 0,
        "nothing is lost": s["lost_safe"] == 0 and s["lost_saved_only"] == 0,
        "nothing is doubled": s["duplicates"] == 0,
        "people said something": s["entries_written"] > 20 * s["tables"],
        "nearly all of it is safe": s["entries_safe"] >= 0.95 * s["entries_written"],
        "all hold the same": s["digests_equal"] and len(s["digest"]) == 64,
        "there is a fold": len(s["fold_digest"]) == 64,
        "every round was whistled in and out": whistle["marks"] >= 2 * s["rounds"],
        "no whistle was missed or doubled": whistle["missed"] == 0 and whistle["double"] == 0,
        "every node whistled": whistle["fired"] + whistle["unknown"] >= 2 * s["rounds"] * s["nodes"],
        "each node's data was kept": os.path.exists(room + "/out/table-01/fluit.db"),
    }
    for edition in ("participants", "full"):
        for form in ("json", "csv", "txt"):
            path = f"{s['report']}/{edition}.{form}"
            must[f"{edition}.{form} is written"] = os.path.getsize(path) > 100
    with open(f"{s['report']}/participants.csv", encoding="utf-8") as report:
        must["the participants' edition keeps whys to itself"] = "because of" not in report.read()
    with open(f"{s['report']}/full.csv", encoding="utf-8") as report:
        must["the full edition has them"] = "because of" in report.read()
failed = [what for what, holds in must.items() if not holds]
print("failed:", failed)
sys.exit(bool(failed))
