#!/usr/bin/python3
"""test_stalls.py FLUIT [--seed N] [--only NAME...]: bytes that come late, in bursts, or never.

Each scene is a small workshop of its own whose guests reach the hub through proxy.py only:

      hub ------- switch "near" ------- proxy.py ------- switch "far" ------- table-01, ...
    10.66.0.1                     10.66.0.2, 10.67.0.1                        10.67.0.11

Bytes are held, connections stay open; then all goes on, and nothing is lost, or there twice, and
the clocks' error bounds are honest about it.
"""
import argparse
import os
import select
import subprocess
import sys

from room import DEADLINE_S, Failed, Room, play
from wires import Wires, isolate

HERE = os.path.dirname(os.path.abspath(__file__))
HUB_HOST, PROXY_NEAR, PROXY_FAR, TABLES_NET = "10.66.0.1", "10.66.0.2", "10.67.0.1", "10.67.0."
PORT = 7450
PACE_S = 0.05            # a burst
STALL_S = 5.0            # longer than heartbeats' patience: the connection is given up
BEFORE_S = 1.0           # of writing
LOOK_S = 0.5             # between two looks at the clock
LATE_S = 60              # on no machine is an answer later than that
DELAY_MS, JITTER_MS = 200, 40
DROPS, DROP_GAP_S = 8, 1.0
# A bound grows at least by the wander, and at most by what any two clocks can drift (PROTOCOL.md
# "Clock"), from one whole microsecond to another.
GROWTH_MIN_PPM, GROWTH_MAX_PPM, WHOLE_US = 2, 402.4, 4
SCENES = {}


def scene(tables):
    return lambda function: SCENES.setdefault(function.__name__, (tables, function))


class Proxy:
    """The process; ends with its room."""

    def __init__(self, room):
        self.room = room
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", sys.executable, "-B",
             os.path.join(HERE, "proxy.py"), PROXY_FAR, str(PORT), HUB_HOST,
             "--seed", str(room.seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer()

    def answer(self):
        if not select.select([self.process.stdout], [], [], DEADLINE_S)[0]:
            raise Failed("the proxy does not answer")
        line = self.process.stdout.readline().strip()
        if not line.startswith("ok"):
            raise Failed(f"the proxy says {line!r}")
        return line.split()[1:]

    def do(self, *commands):
        """The last answer's words."""
        answer = []
        for command in commands:
            self.room.tell(f"proxy: {command}")
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
            answer = self.answer()
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait(DEADLINE_S)
        self.process.stdout.close()


def begin(room, *commands):
    """The hub, the proxy as these commands make it, then the guests."""
    room.wires.stand_between(PROXY_NEAR, PROXY_FAR)
    room.wires.add("hub", HUB_HOST, "near")
    room.add_hub("*", PORT, PROXY_FAR)
    proxy = room.closes(Proxy(room))
    proxy.do(*commands)
    seats = sorted(seat for seat in room.codes if seat.startswith("table"))
    for number, seat in enumerate(seats, 11):
        room.wires.add(seat, TABLES_NET + str(number), "far")
        room.add_guest(seat)
    room.until("all are ready", lambda: all(node.ready for node in room.guests()))
    return proxy


def write(room):
    for node in room.guests():
        node.pace_s = PACE_S
    room.writing = True


def bound_us(room, node):
    """(not before, not after, bound), as the node's console has it."""
    before = room.now()
    room.ask([node])
    return before, room.now(), int(node.status["bound_us"])


def watch_clock(room, node):
    """Through a stall, in which nobody answers. What was under way may still come, late on a slow
    machine: then from there."""
    began = room.now()
    first = last = bound_us(room, node)
    while last[0] - first[1] < STALL_S:
        room.pump(LOOK_S)
        before, last = last, bound_us(room, node)
        if last[2] < before[2]:
            if room.now() - began > LATE_S:
                raise Failed(f"the bound fell from {before[2]} to {last[2]} us, unanswered")
            first = last
    grown, least, most = last[2] - first[2], last[0] - first[1], last[1] - first[0]
    room.tell(f"the bound grew from {first[2]} to {last[2]} us in {least:.2f} s without answers")
    if not least * GROWTH_MIN_PPM - WHOLE_US <= grown <= most * GROWTH_MAX_PPM + WHOLE_US:
        raise Failed(f"the bound grew by {grown} us in {least:.2f} s")


def stall(room, proxy, ways):
    """In the middle of a burst; people go on writing."""
    table = room.guests()[0]
    write(room)
    room.pump(BEFORE_S)
    proxy.do(*(f"stall {way}" for way in ways))
    count = len(table.saved_here)
    watch_clock(room, table)
    if len(table.saved_here) == count:
        raise Failed("nothing was saved in the stall")
    proxy.do(*(f"flow {way}" for way in ways))
    room.settle()


@scene(tables=1)
def stalled(room):
    """What the table says, then what the hub says."""
    proxy = begin(room)
    for ways in (["up"], ["down"]):
        stall(room, proxy, ways)


@scene(tables=1)
def one_way_is_slow(room):
    """Nobody can tell a slow way there from a slow way back: the bound has to leave both open."""
    begin(room, f"delay down {DELAY_MS} {JITTER_MS}")
    write(room)
    room.pump(BEFORE_S)
    room.settle()
    table = room.guests()[0]
    bound = bound_us(room, table)[2]
    room.tell(f"the bound is {bound} us")
    if bound < DELAY_MS * 1000 / 2:
        raise Failed(f"with {DELAY_MS} ms on one way only, the bound can't be {bound} us")


@scene(tables=3)
def dropped(room):
    """Late bytes both ways, and connections that are reset now and then."""
    proxy = begin(room, f"delay up 20 {JITTER_MS}", f"delay down 5 {JITTER_MS}")
    write(room)
    for _ in range(DROPS):
        room.pump(room.rng.uniform(0, DROP_GAP_S))
        proxy.do("drop")
        room.until("all have found the hub",
                   lambda: all(room.told(node, hub=1) for node in room.guests()), room.guests())
    room.settle()
    room.tell("%s connections, %s bytes up, %s down" % tuple(proxy.do("count")))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("fluit")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", nargs="+", default=list(SCENES))
    given = options.parse_args()
    isolate(needed=True)
    for name in given.only:
        tables, function = SCENES[name]
        print(f"-- {name}, seed {given.seed}", flush=True)
        wires = Wires()
        status = play(Room(given.fluit, given.seed, tables, wires), function)
        wires.close()
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
