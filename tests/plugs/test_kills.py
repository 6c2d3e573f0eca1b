#!/usr/bin/python3
"""test_kills.py FLUIT [--seed N] [--kills N]: pulls plugs without end.

A hub, tables and rapporteurs on one machine, all guests writing all the time. Any of them, the hub
too, are killed with kill -9, one or several at once, at any moment: also while they start, or ask
for their own feed, or before they ever joined. Each goes on from its data directory. At last one
table's disk is gone for good, and another device takes its place. Then all hold the same, what was
told saved is there once, and of the lost disk what was told safe.
"""
import argparse
import os
import sys

from room import Room, Whistles, play
from wires import isolate

TABLES, RAPPORTEURS = 5, 3
PACE_S = 0.12       # between two lines of one guest
GAP_S = 0.5         # between kills, at most; the next one waits until enough are at work again
AWAY_S = 0.6        # before a killed one is started again, at most
HUB_ODDS = 0.15     # that the hub is among those that are killed
AGAIN_ODDS = 0.3    # that who has just been started is killed again
START_S = 0.08      # after how long, at most: about what a start takes
EXPLAIN = "of %d kills %d met the hub, %d a node that was not ready yet"


def at_work(node):
    """Has been told that something is saved, in this run."""
    return node.process and node.ready and (node.saved_here or node.is_hub())


def choose(room, rng):
    """Who dies now: those that work, or whoever has a process."""
    working = [node for node in room.guests() if at_work(node)]
    alive = [node for node in room.guests() if node.process]
    among = working if rng.random() < 0.7 and working else alive
    victims = rng.sample(among, min(len(among), rng.choice((1, 1, 2, 3))))
    if rng.random() < HUB_ODDS and room.hub.process:
        victims.append(room.hub)
    return victims


def kill(room, victims):
    """They come back by themselves; most of those that fall together also rise together."""
    rng = room.rng
    unready = sum(not node.ready for node in victims)
    room.kill(*victims)
    back_s = rng.uniform(0, AWAY_S)
    for node in victims:
        node.start_at = room.now() + (back_s if rng.random() < 0.7 else rng.uniform(0, AWAY_S))
    room.tell(f"killed {', '.join(node.name for node in victims)}"
              f"{f', {unready} not ready' if unready else ''}; back in {back_s:.2f} s")
    return unready


def kill_loop(room, kills):
    rng, killed, hubs, unready = room.rng, 0, 0, 0
    room.writing = True
    while killed < kills:
        # Let them get to work again: a loop that only kills what starts would test little.
        room.until("half of the guests are at work",
                   lambda: 2 * sum(map(bool, map(at_work, room.guests()))) >= len(room.guests()))
        room.pump(rng.uniform(0, GAP_S))
        victims = choose(room, rng)
        while True:
            hubs += room.hub in victims
            unready += kill(room, victims)
            killed += len(victims)
            if rng.random() >= AGAIN_ODDS:
                break
            room.until("they have been started",
                       lambda v=victims: all(node.process for node in v))
            room.pump(rng.uniform(0, START_S))
    room.tell(EXPLAIN % (killed, hubs, unready))


def die_whistling(room):
    """Killed in the moment of the whistle, most often before that is saved; back before it would be
    too late to sound. Who can't know stays silent."""
    room.settle()
    whistles, guests = Whistles(room.nodes), room.guests()
    for kind in "start", "end":
        for node in guests[1:]:
            node.dies_on = f"whistle {kind}"
        if kind == "start":
            room.start_round()
        else:
            room.order("end")
        room.until(f"the {kind} was whistled", lambda k=kind: whistles.heard(guests[0], k)
                   and whistles.heard(room.hub, k))
        room.until("all are ready", lambda: all(node.ready for node in room.nodes))
        for node in guests:
            node.dies_on = None
    room.settle()
    whistles.check_none_twice()


def lose_a_disk(room):
    """With the hub's plug pulled in the same moment."""
    lost = room.guests()[0]
    room.until(f"{lost.name} was told that something of this run is safe",
               lambda: any(room.ledger.told[text] == "safe" for _, text in lost.saved_here))
    room.kill(lost, room.hub)
    room.ledger.disk_lost(lost.texts)
    os.rename(lost.data, lost.data + ".lost")
    room.nodes.remove(lost)
    room.start(room.hub)
    room.until("the hub is back", lambda: room.hub.ready)
    room.renew(f"renew {lost.name}", lost.name)
    room.add_guest(lost.name, name=lost.name + "-again").pace_s = PACE_S
    room.tell(f"{lost.name}'s disk is gone; another device takes its place")


def scene(kills):
    def run(room):
        room.add_hub("127.0.0.1")
        seats = [f"table-{n + 1:02}" for n in range(TABLES)]
        seats += [f"rapporteur-{n + 1:02}" for n in range(RAPPORTEURS)]
        for seat in seats:
            room.add_guest(seat).pace_s = PACE_S
        kill_loop(room, kills)
        die_whistling(room)
        room.writing = True
        lose_a_disk(room)
        room.until("each guest was told that something of this run is saved",
                   lambda: all(at_work(node) for node in room.guests()))
    return run


def main():
    options = argparse.ArgumentParser()
    options.add_argument("fluit")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--kills", type=int, default=200)
    given = options.parse_args()
    isolate()  # if it can: then nobody else has our ports
    print(f"seed {given.seed}, {given.kills} kills", flush=True)
    return play(Room(given.fluit, given.seed, TABLES), scene(given.kills))


if __name__ == "__main__":
    sys.exit(main())
