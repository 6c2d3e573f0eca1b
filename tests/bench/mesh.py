"""mesh.py: 12 tables at 5 events/s against one hub on loopback: publish -> safe, memory, time to
ready; then a rehearsal for whistle skew and its whole length."""
import json
import subprocess
import time

from nodes import Workshop, pump, quantile

TABLES, RATE, SECONDS = 12, 5.0, 20.0
CARDS = ["health", "finances", "colleagues", "autonomy", "technology", "schooling"]


class Acks:
    """How long a table's lines took to be safe at the hub."""

    def __init__(self, node):
        self.node, self.sent, self.waiting, self.took = node, [], [], []
        node.on_line = self.hear

    def place(self, number):
        side = "stimulates" if number % 2 else "hinders"
        self.sent.append(time.monotonic())
        self.node.say(f"place {CARDS[number % len(CARDS)]}/1 {side} {1 + number // 2 % 2}")

    def hear(self, line, now):
        if line.startswith("saved ") and self.sent:
            self.waiting.append((int(line.split()[1]), self.sent.pop(0)))
        elif line.startswith("no:") and self.sent:
            self.sent.pop(0)
        elif line.startswith("safe "):
            safe = int(line.split()[1])
            self.took += [now - at for seq, at in self.waiting if seq <= safe]
            self.waiting = [(seq, at) for seq, at in self.waiting if seq > safe]


def measure(fluit, _tools, room, _runs):
    with Workshop(fluit, room, TABLES) as w:
        w.join_tables(TABLES)
        tables = [Acks(node) for node in w.guests]
        began, sent = time.monotonic(), 0
        while time.monotonic() - began < SECONDS:
            pump(w.all(), began + (sent + 1) / (RATE * TABLES))
            tables[sent % TABLES].place(sent // TABLES)
            sent += 1
        pump(w.all(), time.monotonic() + 5, lambda: not any(t.waiting or t.sent for t in tables))
        acks = [took * 1000 for table in tables for took in table.took]
        table_mb, hub_mb = [node.memory_mb() for node in w.guests], w.hub.memory_mb()
        ready_ms = [node.ready_s * 1000 for node in w.guests]
        w.end()
    yield ("publish -> safe p99, ms", 20, quantile(acks, .99),
           f"p50 {quantile(acks, .5):.1f}, max {max(acks):.1f}, {len(acks)} of {sent} events")
    yield "table resident, MB", 12, max(table_mb), f"min {min(table_mb):.1f}"
    yield "hub resident, MB", 24, hub_mb, ""
    yield ("table start to ready, ms", 100, quantile(ready_ms, .5),
           f"min {min(ready_ms):.0f}, max {max(ready_ms):.0f}; process start and door included")


def measure_rehearsal(fluit, _tools, _room, _runs):
    done = subprocess.run([fluit, "rehearse", "--tables", "12", "--speed", "900", "--seed", "1",
                           "--json"], capture_output=True, text=True, timeout=300, check=False)
    summary = json.loads(done.stdout)
    whistle = summary["whistle"]
    yield ("whistle skew p99, us", 1000, whistle["skew_us_p99"],
           f"p50 {whistle['skew_us_p50']}, max {whistle['skew_us_max']}, "
           f"{whistle['fired']} soundings")
    yield "rehearsal at 900, s", 30, summary["seconds"], f"{summary['nodes']} nodes"
    if done.returncode:
        raise RuntimeError("the rehearsal failed")
