#!/usr/bin/python3
"""test_cuts.py FLUIT [--seed N] [--only NAME...]: pulls network plugs.

One workshop, each node in a network namespace of its own (wires.py draws them), goes through one
scene after the other; guests write in most of them. A scene cuts, waits for the state that this
brings, mends, and then all must hold the same and all be safe. At the end what was told saved is
there once.
"""
import argparse
import statistics
import sys

from room import Failed, Room, Whistles, play
from wires import Wires, isolate

TABLES = 9                  # three at the far switch are a third
PACE_S = 0.4                # between two lines of one guest
SPEED = 100                 # a round of 15 minutes takes 9 s; no protocol timer changes
HUB_HOST, HUB_PORT, MOVED_HOST = "10.66.0.1", 7450, "10.66.0.99"
BEACON_PORT = 7449
ARRIVES_S, ARRIVALS = 3.0, 9  # half of so many entries reach the other cut-off tables within
MOMENTS = 3                 # in one of which an entry made then arrives in time, too
LOOK_S = 0.02               # between two looks when time is taken
WHISTLE_WAIT_S = 25         # until all have whistled, or one was too late to: then once more
WHISTLE_TURNS = 3
SCENES = []                 # in the order in which they are played


def scene(function):
    SCENES.append((function.__name__, function))
    return function


class Cuts:
    """The room, its wires, and who sits where."""

    def __init__(self, room):
        self.room, self.wires = room, room.wires
        self.near, self.far = [], []
        self.wires.add("hub", HUB_HOST)
        room.add_hub("*", HUB_PORT, HUB_HOST, ("--speed", str(SPEED)))
        for number in range(1, TABLES + 1):
            self.add(f"table-{number:02}", f"10.66.0.{10 + number}", 3 * number > 2 * TABLES)
        self.add("rapporteur-09", "10.66.0.31", True)

    def add(self, seat, address, far):
        """One after the other: so the order in the roster is that of the numbers."""
        self.wires.add(seat, address, "far" if far else "near")
        node = self.room.add_guest(seat)
        (self.far if far else self.near).append(node)
        self.room.until(f"{seat} is ready", lambda: node.ready)

    def write(self):
        for node in self.room.guests():
            node.pace_s = PACE_S
        self.room.writing = True

    def until(self, what, holds, nodes):
        self.room.until(what, holds, ask=nodes)
        self.room.tell(what)

    def miss_hub(self, nodes):
        self.until(f"{len(nodes)} nodes miss the hub",
                   lambda: all(self.room.told(node, hub=0) for node in nodes), nodes)

    def fall(self, *nodes):
        """Killed, and started again in the cut; until they are ready."""
        self.room.kill(*nodes)
        self.room.start(*nodes)
        self.back(nodes)

    def back(self, nodes):
        self.room.until("they are ready, in the cut", lambda: all(node.ready for node in nodes))

    def saves(self, nodes):
        """Each of these is told that something more is saved."""
        counts = {node: len(node.saved_here) for node in nodes}
        self.room.until("each has saved more",
                        lambda: all(len(n.saved_here) > counts[n] for n in nodes))

    def in_step(self, nodes):
        self.room.until(f"{len(nodes)} nodes hold the same",
                        lambda: self.room.in_step(nodes), ask=nodes)

    def arrival_s(self, writer, readers):
        """How long until an entry made here is held by all of them; nobody else writes."""
        room = self.room
        writer.write_one()
        began = room.now()
        room.until("it is saved", lambda: not writer.asked)
        room.ask([writer])
        wanted = writer.status["digest"]
        while True:
            room.ask(readers)
            if all(room.told(node, digest=wanted) for node in readers):
                return room.now() - began
            if room.now() - began > 60:
                raise Failed(f"an entry of {writer.name} did not reach "
                             f"{[n.name for n in readers if not room.told(n, digest=wanted)]}")
            room.pump(LOOK_S)

    def arrivals(self, nodes, what):
        """What one of these writes reaches the others in time, mostly: the machine may be slow."""
        times = []
        for turn in range(ARRIVALS):
            writer = nodes[turn % len(nodes)]
            times.append(self.arrival_s(writer, [node for node in nodes if node is not writer]))
        half = statistics.median(times)
        self.room.tell(f"{what}: an entry reaches all others in {half:.2f} s (median of "
                       f"{ARRIVALS}; {min(times):.2f} to {max(times):.2f})")
        if half > ARRIVES_S:
            raise Failed(f"{what}: entries take {half:.1f} s to those who are cut off together")


@scene
def hub_unplugged(cuts):
    """The hub's plug is out: tables save, keep each other, and tell it all when it is back."""
    cuts.write()
    cuts.saves(cuts.room.guests())
    cuts.wires.pull("hub")
    cuts.miss_hub(cuts.room.guests())
    cuts.saves(cuts.room.guests())
    cuts.room.writing = False
    cuts.in_step(cuts.room.guests())
    cuts.wires.plug("hub")


@scene
def third_cut_off(cuts):
    """The trunk is cut: the hub and six tables on one side, three tables and a rapporteur on the
    other, where entries go on reaching all."""
    room = cuts.room
    for _ in range(MOMENTS):
        cuts.wires.pull("near-end")
        cut_s = cuts.arrival_s(cuts.far[0], cuts.far[1:])
        room.tell(f"an entry made in the moment of the cut reached the others in {cut_s:.2f} s")
        if cut_s <= ARRIVES_S:
            break
        cuts.wires.plug("near-end")
        room.settle()
    else:
        raise Failed("entries made in the moment of a cut take too long")
    cuts.miss_hub(cuts.far)
    cuts.in_step(cuts.far)
    cuts.arrivals(cuts.far, "cut off together")
    cuts.in_step([room.hub, *cuts.near])
    cuts.arrivals(cuts.near, "with the hub")
    if room.in_step([room.hub, cuts.far[0]]):
        raise Failed("the cut does not cut")
    cuts.wires.plug("near-end")


@scene
def scattered_third_cut_off(cuts):
    """The same, with a third that is no neighbours in the roster."""
    apart = [cuts.near[0], cuts.near[4], cuts.far[2]]
    for node in cuts.far:
        cuts.wires.move(node.name, "near")
    for node in apart:
        cuts.wires.move(node.name, "far")
    cuts.wires.pull("near-end")
    cuts.miss_hub(apart)
    cuts.in_step(apart)
    cuts.arrivals(apart, "cut off together, scattered")
    cuts.wires.plug("near-end")
    cuts.room.settle()
    for node in cuts.near:
        cuts.wires.move(node.name, "near")
    for node in cuts.far:
        cuts.wires.move(node.name, "far")


@scene
def killed_while_cut_off(cuts):
    """On both sides of the trunk, the hub too, and one that has what nobody else has."""
    room, alone = cuts.room, cuts.near[0]
    cuts.write()
    cuts.wires.pull("near-end", alone.name)
    cuts.miss_hub([alone, *cuts.far])
    cuts.saves([alone, *cuts.far])
    dead = [alone, cuts.far[0], cuts.far[-1], cuts.near[1], room.hub]
    cuts.fall(*dead)
    cuts.saves([alone, *cuts.far])
    room.kill(alone)
    cuts.wires.plug("near-end", alone.name)


@scene
def all_fall_without_hub(cuts):
    """The lights go out: every table starts anew, and the hub does not come back for a while."""
    cuts.wires.pull("hub")
    cuts.fall(*cuts.room.guests())
    cuts.in_step(cuts.room.guests())
    cuts.arrivals(cuts.room.guests(), "all started without the hub")
    cuts.wires.plug("hub")


@scene
def starts_before_its_network(cuts):
    """A third starts with no address at all, and gets one later; then they are cut off together."""
    for node in cuts.far:
        cuts.wires.lose_address(node.name)
    cuts.fall(*cuts.far)
    for node in cuts.far:
        cuts.wires.regain_address(node.name)
    cuts.until("they have found the hub",
               lambda: all(cuts.room.told(node, hub=1) for node in cuts.far), cuts.far)
    cuts.room.settle()
    cuts.wires.pull("near-end")
    cuts.miss_hub(cuts.far)
    cuts.in_step(cuts.far)
    cuts.arrivals(cuts.far, "cut off together, started without a network")
    cuts.wires.plug("near-end")


@scene
def packets_lost(cuts):
    """One in five, at the hub and at the far side, in both directions."""
    hurt = [cuts.room.hub, *cuts.far]
    for node in hurt:
        cuts.wires.drop(node.name, *2 * ("numgen random mod 100 < 20",))
    cuts.write()
    for _ in range(5):
        cuts.saves(cuts.room.guests())
    cuts.room.settle()  # under the loss
    for node in hurt:
        cuts.wires.pass_all(node.name)


@scene
def one_way(cuts):
    """The hub does not hear one table, which hears it: what that writes comes by its peers."""
    room, dumb = cuts.room, cuts.near[2]
    address = "10.66.0.13"
    cuts.wires.drop("hub", f"ip saddr {address}")
    dumb.pace_s = PACE_S
    room.writing = True
    cuts.miss_hub([dumb])
    cuts.saves([dumb])
    room.writing = False
    room.until("the hub has it from others", lambda: room.in_step([room.hub, dumb]),
               ask=[room.hub, dumb])
    room.tell("the hub has it from others")
    cuts.wires.pass_all("hub")


def start_and_cut(cuts):
    """Starts the round and, as soon as all are armed, cuts off the hub and the trunk."""
    room = cuts.room
    before = sum(len(node.whistles) for node in room.nodes)
    room.start_round()
    cuts.wires.pull("hub", "near-end")
    room.pump(0)
    quick = before < sum(len(node.whistles) for node in room.nodes)
    room.tell("the whistle came before the cut" if quick else "all are armed; cut")


def whistle_round(cuts):
    """Who was armed and stayed silent. Between the two whistles some die and come back."""
    room, whistles = cuts.room, Whistles(cuts.room.nodes)
    start_and_cut(cuts)
    for node in cuts.near[3:] + cuts.far[1:]:
        node.dies_on = "whistle"  # most often before it has saved that; then it can't know
    room.waits(lambda: not whistles.silent(room.nodes, "start"), deadline_s=WHISTLE_WAIT_S)
    silent = whistles.silent(room.nodes, "start")
    cuts.fall(room.hub, cuts.near[0], cuts.far[0])
    cuts.back(room.nodes)  # also those that died whistling
    room.ask(room.guests())
    armed = [node for node in room.guests() if room.told(node, state="running", armed=1)]
    armed = whistles.silent(armed, "end")
    room.tell(f"{len(armed)} of {len(room.guests())} are armed for the end")
    room.waits(lambda: not whistles.silent(armed, "end"), deadline_s=WHISTLE_WAIT_S)
    silent += whistles.silent(armed, "end")
    cuts.wires.plug("hub", "near-end")
    room.settle()
    whistles.check_none_twice()
    return [node.name for node in silent]


@scene
def whistle_in_the_cut(cuts):
    """Start and end of a round fall into a cut; all that are armed whistle, none of them twice."""
    for _ in range(WHISTLE_TURNS):
        silent = whistle_round(cuts)
        if not silent:
            return
        cuts.room.tell(f"silent, as if half a second late: {silent}")
    raise Failed("in no round all whistled that were armed")


def move_hub(cuts):
    """Another address; its process goes on."""
    cuts.write()
    moved = cuts.wires.addresses["hub"] == MOVED_HOST
    cuts.wires.readdress("hub", HUB_HOST if moved else MOVED_HOST)


@scene
def hub_moves(cuts):
    """Its beacons are heard, and all find it."""
    room = cuts.room
    move_hub(cuts)
    began = room.now()
    cuts.saves(room.guests())
    room.settle()
    room.tell(f"all was safe at the hub's other address after {room.now() - began:.1f} s")


@scene
def hub_moves_unheard(cuts):
    """Where beacons don't come through tables are told by hand."""
    room = cuts.room
    for node in room.guests():
        cuts.wires.drop(node.name, f"udp dport {BEACON_PORT}")
    move_hub(cuts)
    for node in room.guests():
        room.kill(node)
        node.first = ["--hub", f"{cuts.wires.addresses['hub']}:{HUB_PORT}"]
        room.start(node)
    room.settle()
    for node in room.guests():
        cuts.wires.pass_all(node.name)


@scene
def two_lead(cuts):
    """A standby on the far side takes over behind a cut, while the hub leads on. Joined again, the
    hub steps down, all follow the other, and what either side held is everywhere."""
    room = cuts.room
    room.renew("standby", "standby-01")
    cuts.wires.add("standby-01", "10.66.0.41", "far")
    standby = room.add_guest("standby-01")
    room.until("the standby is ready", lambda: standby.ready)
    room.settle()
    cuts.wires.pull("near-end")
    cuts.miss_hub(cuts.far)
    standby.say("takeover yes")
    cuts.until("the far side follows the standby",
               lambda: all(room.told(node, hub=1) for node in cuts.far), cuts.far)
    cuts.write()
    cuts.saves(room.guests())
    room.writing = False
    for side in cuts.near, cuts.far:
        cuts.until("what is written is safe on its side",
                   lambda s=side: room.all_safe(s), side)
    cuts.wires.plug("near-end")
    room.settle()
    room.kill(room.hub)
    cuts.write()
    cuts.saves(room.guests())
    room.writing = False
    cuts.until("all is safe at the standby, without the hub",
               lambda: room.all_safe(room.guests()), room.guests())


def play_all(only):
    def run(room):
        cuts = Cuts(room)
        room.settle()
        for name, function in SCENES:
            if only and name not in only:
                continue
            room.tell(f"-- {name}")
            function(cuts)
            room.settle()
    return run


def main():
    options = argparse.ArgumentParser()
    options.add_argument("fluit")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", nargs="+", default=[])
    given = options.parse_args()
    isolate(needed=True)
    print(f"seed {given.seed}", flush=True)
    wires = Wires()
    status = play(Room(given.fluit, given.seed, TABLES, wires),
                  play_all(given.only))
    wires.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
