"""idle.py: what sync costs while nobody does anything: a hub, 12 tables and 12 rapporteurs.

Bytes that a node sends in HEADS, WANT, ENTRIES and live frames, as PROTOCOL.md "Messages" has them
(counted by count.c), without the clock's messages; and what TCP carries in all (CURVE, ZMTP and
their heartbeats, the clock), by the kernel's count of each connection (ss), without headers.
On this loopback all nodes are on one machine; a node's own part is what it sends."""
import re
import subprocess

from nodes import Counts, Workshop, grown, quantile, rest

TABLES, WINDOW_S, WINDOWS = 12, 20, 3


def carried(nodes):
    """TCP payload bytes and segments that each process sent on connections it has now."""
    pids = {node.process.pid: [0, 0] for node in nodes}
    said = subprocess.run(["ss", "-tinpOH", "state", "established"], check=True,
                          capture_output=True, text=True).stdout
    for line in said.splitlines():
        pid = re.search(r"pid=(\d+)", line)
        if pid and int(pid.group(1)) in pids:
            sums = pids[int(pid.group(1))]
            for i, word in enumerate(("bytes_sent", "segs_out")):
                found = re.search(rf"\b{word}:(\d+)", line)
                sums[i] += int(found.group(1)) if found else 0
    return pids


def windows(w, counts):
    """Of each window, by node (the hub first): sync and clock bytes, TCP bytes, segments; a
    second."""
    nodes = w.all()
    before = counts.read(nodes), carried(nodes)
    for _ in range(WINDOWS):
        rest(nodes, WINDOW_S)
        after = counts.read(nodes), carried(nodes)
        sent = grown(after[0], before[0])
        yield [(sum(sent[pid][kind] for kind in ("frames", "heads", "want", "entries")) / WINDOW_S,
                (sent[pid]["ask"] + sent[pid]["time"]) / WINDOW_S,
                (after[1][pid][0] - before[1][pid][0]) / WINDOW_S,
                (after[1][pid][1] - before[1][pid][1]) / WINDOW_S)
               for pid in (node.process.pid for node in nodes)]
        before = after


def measure(fluit, tools, room, _runs):
    counts = Counts(tools, f"{room}/counts")
    with Workshop(fluit, room, TABLES, env=counts.env) as w:
        w.join_tables(TABLES, rapporteurs=True)
        w.settle()
        rest(w.all(), 10)
        seen = list(windows(w, counts))
        w.end()

    def row(what, target, of, column):
        got = [of([node[column] for node in window]) for window in seen]
        return (what, target, quantile(got, .5), f"min {min(got):.0f}, max {max(got):.0f} of "
                f"{WINDOWS} windows of {WINDOW_S} s, {len(seen[0])} nodes")

    def mean(values):
        return sum(values) / len(values)

    yield row("idle sync a node, B/s", 200, mean, 0)
    yield row("idle sync, busiest guest", 200, lambda v: max(v[1:]), 0)
    yield row("idle sync, hub (24 guests)", None, lambda v: v[0], 0)
    yield row("idle clock a node, B/s", None, mean, 1)
    yield row("idle TCP bytes a node, B/s", None, mean, 2)
    yield row("idle TCP bytes, hub, B/s", None, lambda v: v[0], 2)
    yield row("idle TCP segments a node, /s", None, mean, 3)
