#!/usr/bin/python3
"""test_stalls.py FLUIT [--seed N] [--only NAME...]: bytes that come late, in bursts, or never.

Each scene is a small workshop of its own whose guests reach the hub through proxy.py, which stands
at another loopback address with the hub's ports. Bytes are held, connections stay open; then all
goes on, and nothing is lost, or there twice, and the clocks' error bounds are honest about it.
"""
import argparse
import os
import select
import subprocess
import sys

from room import DEADLINE_S, Failed, Room, play
from wires import isolate

HERE = os.path.dirname(os.path.abspath(__file__))
HUB_HOST, PROXY_HOST = "127.0.0.1", "127.0.0.2"
PACE_S = 0.05            # a burst
STALL_S = 5.0            # longer than heartbeats' patience: the connection is given up
BEFORE_S = 1.0           # of writing
DELAY_MS, JITTER_MS = 200, 40
DROPS, DROP_GAP_S = 12, 1.0
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
            ["setpriv", "--pdeathsig", "KILL", sys.executable, "-B", os.path.join(HERE, "proxy.py"), PROXY_HOST,
             room.door.rsplit(":", 1)[1], HUB_HOST, "--seed", str(room.seed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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
    room.add_hub(HUB_HOST)
    proxy = room.closes(Proxy(room))
    proxy.do(*commands)
    door = f"{PROXY_HOST}:{room.door.rsplit(':', 1)[1]}"
    for seat in sorted(room.codes):
        if seat.startswith("table"):
            room.add_guest(seat, door)
    room.until("all are ready", lambda: all(node.ready for node in room.guests()))
    return proxy


def write(room):
    for node in room.guests():
        node.pace_s = PACE_S
    room.writing = True


def bound_us(room, node):
    """(when, bound), as the node's console has it."""
    before = room.now()
    room.ask([node])
    return before, room.now(), int(node.status["bound_us"])


def stall(room, proxy, ways):
    """In the middle of a burst; also looks at the clock, that can't ask anybody meanwhile."""
    table = room.guests()[0]
    write(room)
    room.pump(BEFORE_S)
    proxy.do(*(f"stall {way}" for way in ways))
    room.pump(DELAY_MS / 1000)  # what was under way has come
    first = bound_us(room, table)
    room.pump(STALL_S)
    last = bound_us(room, table)
    if not table.asked and not table.saved_here:
        raise Failed("nobody wrote in the stall")
    proxy.do(*(f"flow {way}" for way in ways))
    room.settle()
    grown = last[2] - first[2]
    least, most = last[0] - first[1], last[1] - first[0]
    room.tell(f"the bound grew from {first[2]} to {last[2]} us in {least:.2f} s without answers")
    if not least * GROWTH_MIN_PPM - WHOLE_US <= grown <= most * GROWTH_MAX_PPM + WHOLE_US:
        raise Failed(f"the bound grew by {grown} us in {least:.2f} s")


@scene(tables=1)
def stalled(room):
    """Each direction alone, then both."""
    proxy = begin(room)
    for ways in (["up"], ["down"], ["up", "down"]):
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
    isolate()  # if it can: then nobody else has our ports
    for name in given.only:
        tables, function = SCENES[name]
        print(f"-- {name}, seed {given.seed}", flush=True)
        if play(Room(given.fluit, given.seed, tables), function):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
