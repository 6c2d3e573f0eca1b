"""heal.py: a network that breaks in two, each half writes 5,000 entries, and is whole again.

lab   63 real cores (hub, 31 tables, 31 rapporteurs; with the paper key 64 members, the most that
      hold everything) on real stores, on a virtual network with 1 ms one way; a node's CPU time, 3
      ms of disk for each turn that writes, and what its line carries are its own: fluit_bench_heal.
      Bytes are those of all messages, live frames per receiver, against headers and payloads of all
      entries that all nodes lacked.
real  16 real processes, 8 in each of two network namespaces that a veth pair connects; nftables
      drops all on it. The bytes are those that the interfaces of both count: TCP, CURVE, all. All
      16 share this machine's processors, and are asked for their status meanwhile."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

from nodes import Workshop, ask, quantile, rest, spread

ENTRIES, REAL_GUESTS = 10_000, 15
HOSTS = ["10.231.7.1", "10.231.7.2"]
LAB = {
    "any line, two rooms": [],
    "any line, mixed": ["--mixed"],
    "100 Mbit/s, two rooms": ["--mbit", "100"],
    "100 Mbit/s, mixed": ["--mbit", "100", "--mixed"],
}


def in_lab(tools, options):
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as room:
        return json.loads(subprocess.run(
            [f"{tools}/fluit_bench_heal", room, "--entries", str(ENTRIES), *options], check=True,
            capture_output=True, text=True).stdout)


def measure_lab(_fluit, tools, _room, runs):
    for how, options in LAB.items():
        got = [in_lab(tools, options) for _ in range(runs)]
        took = [g["heal_s"] for g in got]
        ratio = [g["sent"] / g["needed"] for g in got]
        mean = {kind: sum(g["by_kind"][kind] for g in got) / runs / 1e6
                for kind in ("frames", "entries", "heads")}
        yield (f"heal, {how}, s", 5, quantile(took, .5), spread(took) +
               f", {got[0]['nodes']} nodes; CPU {quantile([g['cpu_s'] for g in got], .5):.1f} s in "
               f"all, the hub's {quantile([g['hub_cpu_s'] for g in got], .5):.2f}")
        yield ("  sent / needed", 1.3, quantile(ratio, .5), spread(ratio) +
               f", {got[0]['needed'] / 1e6:.0f} MB needed; frames {mean['frames']:.0f}, entries "
               f"{mean['entries']:.0f}, heads {mean['heads']:.0f} MB")


class Net:
    """Two network namespaces that one cable connects."""

    def __init__(self):
        self.names = [f"fluit-{os.getpid()}-{side}" for side in "ab"]

    def ip(self, *args):
        subprocess.run(["ip", *args], check=True)

    def inside(self, side):
        return ["ip", "netns", "exec", self.names[side]]

    def __enter__(self):
        for name in self.names:
            self.ip("netns", "add", name)
        self.ip("link", "add", "vetha", "netns", self.names[0], "type", "veth", "peer", "name",
                "vethb", "netns", self.names[1])
        for side, veth in enumerate(("vetha", "vethb")):
            at = ["-n", self.names[side]]
            self.ip(*at, "addr", "add", f"{HOSTS[side]}/24", "dev", veth)
            self.ip(*at, "link", "set", "lo", "up")
            self.ip(*at, "link", "set", veth, "up")
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False)

    def cut(self):
        rules = ("table inet cut { chain in { type filter hook input priority 0; "
                 "iifname vetha drop; }; chain out { type filter hook output priority 0; "
                 "oifname vetha drop; }; }")
        subprocess.run([*self.inside(0), "nft", rules], check=True)

    def heal(self):
        subprocess.run([*self.inside(0), "nft", "delete table inet cut"], check=True)

    def carried(self):
        """Bytes sent on all interfaces of both."""
        total = 0
        for side in (0, 1):
            said = subprocess.run([*self.inside(side), "cat", "/proc/net/dev"], check=True,
                                  capture_output=True, text=True).stdout
            total += sum(int(line.split(":")[1].split()[8]) for line in said.splitlines()[2:])
        return total


def write_half(w, guests, entries):
    each = entries // len(guests) + 1
    for first in range(0, each, 100):
        for guest in guests:
            guest.say(*(f"answer expectation time, and trust, and number {n}"
                        for n in range(first, min(first + 100, each))))
        rest(w.all(), 0.2)


def same_digest(nodes):
    return lambda: len({node.status["digest"] for node in nodes}) == 1


def written(directory):
    """Bytes of all headers and payloads there."""
    with sqlite3.connect(f"file:{directory}/fluit.db?mode=ro", uri=True) as db:
        return db.execute("SELECT SUM(LENGTH(header) + LENGTH(payload)) FROM entries").fetchone()[0]


def in_namespaces(fluit, room):
    """Seconds to heal, bytes carried, bytes needed, CPU seconds of all."""
    with Net() as net, Workshop(fluit, room, (REAL_GUESTS + 1) // 2, hub_prefix=net.inside(0),
                                host=HOSTS[0]) as w:
        sides = [[w.hub], []]
        for index in range(REAL_GUESTS):
            side = int(index >= REAL_GUESTS // 2)
            name = f"{'rapporteur' if index % 2 else 'table'}-{1 + index // 2:02}"
            sides[side].append(w.join(name, net.inside(side)))
        w.settle()
        whole = written(f"{room}/hub")
        net.cut()
        rest(w.all(), 5)
        for side in sides:
            write_half(w, [node for node in side if node is not w.hub], ENTRIES // 2)
        for side in sides:
            ask(w.all(), side, same_digest(side), "a half in step", 120, every=0.3)
        new = [written(f"{room}/hub") - whole, written(f"{room}/table-08") - whole]
        needed = new[0] * len(sides[1]) + new[1] * len(sides[0])
        rest(w.all(), 3)
        carried, cpu = net.carried(), sum(node.cpu_s() for node in w.all())
        net.heal()
        began = time.monotonic()
        ask(w.all(), w.all(), same_digest(w.all()), "all in step", 120)
        took = time.monotonic() - began
        cpu = sum(node.cpu_s() for node in w.all()) - cpu
        rest(w.all(), 2)
        return took, net.carried() - carried, needed, cpu


def measure_real(fluit, _tools, _room, runs):
    if os.geteuid() != 0:
        print("heal-real: left out, network namespaces need root", file=sys.stderr)
        return
    got = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as room:
            got.append(in_namespaces(fluit, room))
    took, ratio, cpu = [g[0] for g in got], [g[1] / g[2] for g in got], [g[3] for g in got]
    yield ("heal, 16 processes, s", 5, quantile(took, .5), spread(took) +
           f"; CPU {quantile(cpu, .5):.1f} s on {os.cpu_count()} processors")
    yield ("  on the wire / needed", 1.3, quantile(ratio, .5), spread(ratio) +
           f", {got[0][2] / 1e6:.0f} MB needed")
