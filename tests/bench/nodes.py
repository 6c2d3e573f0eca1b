"""nodes.py: a workshop's processes, and how to wait for them."""
import os
import re
import select
import struct
import subprocess
import time

COUNTED = ["frames", "heads", "want", "entries", "ask", "time", "other"]


class Node:
    """A node's process, its console read without ever waiting for it."""

    def __init__(self, command, env=None):
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=env)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest, self.lines, self.ready_s = b"", [], None
        self.status, self.statuses, self.on_line = {}, 0, None

    def say(self, *lines):
        self.process.stdin.write(("\n".join(lines) + "\n").encode())
        self.process.stdin.flush()

    def read(self):
        now = time.monotonic()
        try:
            data = os.read(self.process.stdout.fileno(), 1 << 20)
        except BlockingIOError:
            return
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in (raw.decode() for raw in lines):
            self.take(line, now)

    def take(self, line, now):
        self.lines.append((now, line))
        if line.startswith("ready:") and self.ready_s is None:
            self.ready_s = now - self.began
        elif line.startswith("status "):
            self.status = dict(word.split("=", 1) for word in line.split()[1:])
            self.statuses += 1
        if self.on_line:
            self.on_line(line, now)

    def when(self, start, after=0.0):
        """When (time.monotonic) a line that begins so was first read after that time, or None."""
        return next((at for at, line in self.lines if at >= after and line.startswith(start)), None)

    def memory_mb(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(what + r":\s+(\d+)", status.read()).group(1)) / 1024

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.say("quit")
        self.process.wait(20)

    def kill(self):
        self.process.kill()
        self.process.wait(20)


def pump(nodes, until, condition=lambda: False):
    """Reads what nodes print until the condition holds, or that time."""
    streams = {node.process.stdout: node for node in nodes}
    while time.monotonic() < until and not condition():
        left = max(0.0, min(until - time.monotonic(), 0.5))
        for stream in select.select(list(streams), [], [], left)[0]:
            streams[stream].read()
    return condition()


def wait(nodes, condition, what, seconds=30):
    until = time.monotonic() + seconds
    while not pump(nodes, min(until, time.monotonic() + 1), condition):
        ended = [node.process.args for node in nodes if node.process.poll() is not None]
        if ended or time.monotonic() >= until:
            raise RuntimeError(f"waited in vain: {what} {ended}")


def rest(nodes, seconds):
    pump(nodes, time.monotonic() + seconds)


def ask(nodes, of, condition, what, seconds=60, every=0.05):
    """Asks the nodes `of` for their status again and again until the condition holds."""
    until = time.monotonic() + seconds
    while True:
        seen = [node.statuses for node in of]
        for node in of:
            node.say("status")
        wait(nodes, lambda: all(n.statuses > s for n, s in zip(of, seen)), "a status", 20)
        if condition():
            return
        if time.monotonic() > until:
            raise RuntimeError(f"waited {seconds} s in vain: {what}")
        rest(nodes, every)


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))] if values else float("nan")


def spread(values, digits=2):
    return (f"min {min(values):.{digits}f}, median {quantile(values, .5):.{digits}f}, "
            f"max {max(values):.{digits}f}, {len(values)} runs")


class Workshop:
    """A hub and its guests: processes of one program, in a directory of their own."""

    def __init__(self, fluit, room, tables, *, env=None, hub_prefix=(), host="127.0.0.1"):
        self.fluit, self.room, self.env, self.host = fluit, room, env, host
        self.guests, self.beside, self.codes = [], [], {}
        self.down = None  # who was killed, and is left out
        subprocess.run([fluit, "new", f"{room}/hub", "--tables", str(tables), "--yes"],
                       check=True, stdout=subprocess.DEVNULL)
        self.read_codes()
        self.hub = Node([*hub_prefix, fluit, "hub", f"{room}/hub", "--listen", host, "--port",
                         "0"], env)
        wait([self.hub], lambda: self.hub.ready_s is not None, "the hub")
        line = next(line for _, line in self.hub.lines if line.startswith("listening:"))
        self.port = int(line.rsplit(":", 1)[1])

    def read_codes(self):
        done = subprocess.run([self.fluit, "invites", f"{self.room}/hub"], check=True,
                              capture_output=True, text=True)
        self.codes = dict(line.split()[:2] for line in done.stdout.splitlines())

    def all(self):
        return [node for node in (self.hub, *self.beside, *self.guests) if node is not self.down]

    def join(self, name, prefix=()):
        kind = name.split("-")[0]
        more = ["--listen", self.host, "--port", "0"] if kind == "standby" else []
        node = Node([*prefix, self.fluit, kind, "--code", self.codes[name], "--hub",
                     f"{self.host}:{self.port}", "--data", f"{self.room}/{name}", *more], self.env)
        (self.beside if kind == "standby" else self.guests).append(node)
        wait(self.all(), lambda: node.ready_s is not None, name)
        return node

    def join_tables(self, count, rapporteurs=False):
        for number in range(1, count + 1):  # one by one: each start is measured on its own
            self.join(f"table-{number:02}")
            if rapporteurs:
                self.join(f"rapporteur-{number:02}")

    def settle(self, seconds=30):
        """Until all hold the same."""
        ask(self.all(), self.all(),
            lambda: len({node.status["digest"] for node in self.all()}) == 1, "one digest",
            seconds)

    def end(self):
        for node in reversed(self.all()):
            node.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for node in self.all():
            if node.process.poll() is None:
                node.kill()


class Counts:
    """What preloaded count.c counts, by process and type: {pid: {type: (messages, bytes)}}."""

    def __init__(self, tools, directory):
        os.mkdir(directory)
        self.directory = directory
        self.env = dict(os.environ, LD_PRELOAD=f"{tools}/libfluit_bench_count.so",
                        FLUIT_BENCH_COUNTS=directory)

    def read(self, nodes):
        counts = {}
        for pid in (node.process.pid for node in nodes):
            with open(f"{self.directory}/{pid}", "rb") as counted:
                numbers = struct.unpack(f"={2 * len(COUNTED)}Q", counted.read())
            counts[pid] = dict(zip(COUNTED, zip(numbers[::2], numbers[1::2])))
        return counts


def grown(after, before):
    """Bytes by process and type that were counted in between."""
    return {pid: {kind: after[pid][kind][1] - before[pid][kind][1] for kind in COUNTED}
            for pid in after}
