"""bench.py FLUIT: measures what the project promises, side by side in one run, with spread.

12 tables x 5 events/s against one hub on loopback, all real processes: publish -> safe, resident
memory, time to ready; then a rehearsal for whistle skew and its whole length. Prints a table
"measure, target, got"; exit status 1 if a target was missed. No test depends on it.
"""
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time

FLUIT = os.path.abspath(sys.argv[1])
TABLES, RATE, SECONDS = 12, 5.0, 20.0
CARDS = ["health", "finances", "colleagues", "autonomy", "technology", "schooling"]


class Node:
    """A node's process, its console read without ever waiting for it."""

    def __init__(self, *args):
        self.began = time.monotonic()
        self.process = subprocess.Popen([FLUIT, *args], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest, self.lines, self.ready_s = b"", [], None
        self.sent, self.waiting, self.acks = [], [], []

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def place(self, number):
        side = "stimulates" if number % 2 else "hinders"
        self.sent.append(time.monotonic())
        self.say(f"place {CARDS[number % len(CARDS)]}/1 {side} {1 + number // 2 % 2}")

    def read(self):
        now = time.monotonic()
        try:
            data = os.read(self.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in (raw.decode() for raw in lines):
            self.lines.append(line)
            self.take(line, now)

    def take(self, line, now):
        if line.startswith("ready:") and self.ready_s is None:
            self.ready_s = now - self.began
        elif line.startswith("saved ") and self.sent:
            self.waiting.append((int(line.split()[1]), self.sent.pop(0)))
        elif line.startswith("no:") and self.sent:
            self.sent.pop(0)
        elif line.startswith("safe "):
            safe = int(line.split()[1])
            self.acks += [now - at for seq, at in self.waiting if seq <= safe]
            self.waiting = [(seq, at) for seq, at in self.waiting if seq > safe]

    def rss_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def pump(nodes, until, condition=lambda: False):
    while time.monotonic() < until and not condition():
        left = max(0.0, min(until - time.monotonic(), 0.5))
        streams = {node.process.stdout: node for node in nodes}
        for stream in select.select(list(streams), [], [], left)[0]:
            streams[stream].read()
    return condition()


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))] if values else float("nan")


def measure_mesh(room):
    subprocess.run([FLUIT, "new", f"{room}/hub", "--tables", str(TABLES), "--yes"], check=True,
                   stdout=subprocess.DEVNULL)
    codes = dict(line.split()[:2] for line in subprocess.run(
        [FLUIT, "invites", f"{room}/hub"], check=True, capture_output=True,
        text=True).stdout.splitlines())
    hub = Node("hub", f"{room}/hub", "--listen", "127.0.0.1", "--port", "0")
    pump([hub], time.monotonic() + 10, lambda: hub.ready_s is not None)
    port = re.search(r"listening: door \S+:(\d+)", "\n".join(hub.lines)).group(1)
    tables = []
    for number in range(1, TABLES + 1):  # one by one: each start is measured on its own
        table = Node("table", "--code", codes[f"table-{number:02}"], "--hub",
                     f"127.0.0.1:{port}", "--data", f"{room}/table-{number:02}")
        pump([hub, *tables, table], time.monotonic() + 10, lambda t=table: t.ready_s is not None)
        tables.append(table)
    began, sent = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        pump([hub, *tables], began + (sent + 1) / (RATE * TABLES))
        tables[sent % TABLES].place(sent // TABLES)
        sent += 1
    pump([hub, *tables], time.monotonic() + 5, lambda: not any(t.waiting or t.sent for t in tables))
    acks = [ms * 1000 for table in tables for ms in table.acks]
    memory = [table.rss_mb() for table in tables], hub.rss_mb()
    for node in [*tables, hub]:
        node.say("quit")
        node.process.wait(10)
    return acks, memory, [t.ready_s * 1000 for t in tables], sent


def main():
    with tempfile.TemporaryDirectory() as room:
        acks, (table_mb, hub_mb), ready_ms, sent = measure_mesh(room)
    rows = [
        ("publish -> safe p99, ms", 20, quantile(acks, .99),
         f"p50 {quantile(acks, .5):.1f}, max {max(acks):.1f}, {len(acks)} of {sent} events"),
        ("table resident, MB", 12, max(table_mb), f"min {min(table_mb):.1f}"),
        ("hub resident, MB", 24, hub_mb, ""),
        ("table start to ready, ms", 100, quantile(ready_ms, .5),
         f"min {min(ready_ms):.0f}, max {max(ready_ms):.0f}; process start and door included"),
    ]
    done = subprocess.run([FLUIT, "rehearse", "--tables", "12", "--speed", "900", "--seed", "1",
                           "--json"], capture_output=True, text=True, timeout=300)
    if done.stdout:
        summary = json.loads(done.stdout)
        whistle = summary["whistle"]
        rows += [
            ("whistle skew p99, us", 1000, whistle["skew_us_p99"],
             f"p50 {whistle['skew_us_p50']}, max {whistle['skew_us_max']}, "
             f"{whistle['fired']} soundings"),
            ("rehearsal at 900, s", 30, summary["seconds"], f"{summary['nodes']} nodes"),
        ]
    print(f"{'measure':28}{'target':>8}{'got':>10}  spread")
    for name, target, got, spread in rows:
        print(f"{name:28}{target:>8}{got:>10.1f}  {spread}{'' if got <= target else '  MISSED'}")
    return any(not row[2] <= row[1] for row in rows) or done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
