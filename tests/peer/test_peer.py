#!/usr/bin/python3
"""Runs a real hub and the Python peer, and checks that they understand each other.

    test_peer.py FLUIT    (the program under test)
"""
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

from fluit_peer import PHOTO

HERE = os.path.dirname(os.path.abspath(__file__))
SPEED = 300              # a round of 15 minutes takes 3 s; no protocol timer changes
SKEW_US = 7200 * 1000000  # the peer's own clock is two hours off
NOTE = "geschreven door een ander programma \u266b"
APART_S = 0.25           # two processes on a busy machine; the clocks themselves are far closer
WAIT_S = 30


class Process:
    """A program whose lines are kept with the times at which they came."""

    def __init__(self, *command):
        self.lines, self.changed = [], threading.Condition()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            came = time.time()
            with self.changed:
                self.lines.append((came, line.decode().strip()))
                self.changed.notify_all()

    def find(self, pattern, start=0):
        for at, (came, line) in enumerate(self.lines[start:], start):
            match = re.search(pattern, line)
            if match:
                return at, came, match
        return None

    def expect(self, pattern, start=0):
        """(index, time, match) of the first line that has it; waits for it."""
        end = time.monotonic() + WAIT_S
        with self.changed:
            while not self.find(pattern, start):
                left = end - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    raise AssertionError("no %r among:\n%s" % (pattern, self.text()))
            return self.find(pattern, start)

    def type(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines).encode())
        self.process.stdin.flush()

    def text(self):
        return "\n".join(line for _, line in self.lines)

    def ends(self):
        status = self.process.wait(WAIT_S)
        self.reader.join(WAIT_S)
        return status

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(WAIT_S)
        self.process.stdin.close()
        self.reader.join(WAIT_S)
        self.process.stdout.close()


class Workshop:
    def __init__(self, fluit, folder):
        self.fluit, self.folder, self.processes = fluit, os.path.join(folder, "hub"), []
        self.run("new", self.folder, "--script", "leren", "--tables", "2", "--yes")
        self.codes = dict(line.split() for line in self.run("invites", self.folder).splitlines())
        self.hub = self.start(fluit, "hub", self.folder, "--listen", "127.0.0.1", "--port", "0",
                              "--speed", str(SPEED))
        self.door = self.hub.expect(r"door (127\.0\.0\.1:\d+)")[2][1]
        self.hub.expect("^ready")

    def run(self, *args):
        done = subprocess.run([self.fluit, *args], capture_output=True, timeout=WAIT_S, check=False)
        assert done.returncode == 0, (args, done.stdout, done.stderr)
        return done.stdout.decode()

    def start(self, *command):
        self.processes.append(Process(*command))
        return self.processes[-1]

    def peer(self, *args):
        return self.start(sys.executable, os.path.join(HERE, "fluit_peer.py"), "--hub", self.door,
                          "--note", NOTE, "--skew-us", str(SKEW_US), *args)

    def status(self):
        start = len(self.hub.lines)
        self.hub.type("status")
        return self.hub.expect(r"^status (.*)", start)[2][1]

    def until_status(self, wanted):
        end, status = time.monotonic() + WAIT_S, ""
        while wanted not in status:
            assert time.monotonic() < end, status
            status = self.status()

    def stop(self):
        for process in reversed(self.processes):
            process.stop()


def check_door(workshop, state):
    """Codes that let nobody in, each with its reason."""
    wrong = workshop.peer("--code", "0000-0000-0000-0000")
    assert wrong.ends() == 2 and "no such code" in wrong.text(), wrong.text()
    other = workshop.peer("--code", workshop.codes["rapporteur-01"])
    assert other.ends() == 2 and "for another class" in other.text(), other.text()
    assert not os.path.exists(state)


def check_first_run(workshop, state):
    """Joins, says what it has to say, and has it acknowledged."""
    peer = workshop.peer("--code", workshop.codes["table-01"], "--state", state, "--marks", "0")
    assert peer.ends() == 0, peer.text()
    for pattern in ("^joined 1$", "^script leren$", "^plan 0 1$", "^armed 0$", "^safe [1-9]"):
        peer.expect(pattern)
    workshop.hub.expect("^table-01 has joined")
    second = workshop.peer("--code", workshop.codes["table-01"])
    assert second.ends() == 2 and "used by another device" in second.text(), second.text()


def check_whistles(workshop, state):
    """Resumed from its file: arms both marks of the round and fires them when the hub does."""
    hub = workshop.hub
    peer = workshop.peer("--state", state, "--marks", "2")
    peer.expect("^resumed 1$")
    peer.expect("^safe ")
    while not re.search(r"^step \d+ of \d+, ronde 1: ready", hub.lines[-1][1]):
        start = len(hub.lines)
        hub.type("next")
        hub.expect("^step ", start)
    hub.type("start")
    at, _, _ = peer.expect("^armed 2$")
    workshop.until_status("here=1 ready=1")
    assert peer.ends() == 0, peer.text()
    for kind in ("start", "end"):
        at, came, match = peer.expect(r"^fired (\d+) (\d+) (\d+)$", at + 1)
        sounded_us, mark_us, bound_us = map(int, match.groups())
        _, hub_came, _ = hub.expect("^whistle %s round 1" % kind)
        assert 0 <= sounded_us - mark_us <= APART_S * 1e6, match[0]
        assert bound_us <= 50000, match[0]
        # The hub's mesh time began as its wall clock, which is ours.
        assert abs(sounded_us / 1e6 - came) <= APART_S, (match[0], came)
        assert abs(came - hub_came) <= APART_S, (came, hub_came)
    assert "refused=0" in workshop.status()
    assert "heard=1" in workshop.status()
    return peer.text()


def check_report(workshop):
    """The hub could read it all, and its feeds are sound."""
    report = json.loads(workshop.run("report", workshop.folder, "--full", "--format", "json"))
    table = next(t for t in report["tables"] if t["table"] == 1)
    board = next(r for r in table["rounds"] if r["round"] == 1)
    cards = [(c["card"], c["copy"], c["final"]) for c in board["cards"]]
    assert cards == [("autonomy", 1, {"at": "stimulates", "degree": 2})], cards
    notes = [head["text"] for note in board["notes"] for head in note["heads"]]
    assert notes == [NOTE], notes
    assert report["ignored"] == 0
    assert [p["file"] for p in board["photos"]] == ["table-01-round-1-1.jpg"], board["photos"]
    assert base64.b64decode(board["photos"][0]["data"]) == PHOTO
    photos = os.path.join(os.path.dirname(workshop.folder), "photos")
    workshop.run("report", workshop.folder, "--full", "--photos", photos)
    assert os.listdir(photos) == ["table-01-round-1-1.jpg"]
    with open(os.path.join(photos, "table-01-round-1-1.jpg"), "rb") as f:
        assert f.read() == PHOTO
    workshop.run("verify", workshop.folder)


def main():
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(sys.argv[1], folder)
        state = os.path.join(folder, "peer")
        try:
            check_door(workshop, state)
            check_first_run(workshop, state)
            print(check_whistles(workshop, state))
            workshop.hub.type("quit")
            assert workshop.hub.ends() == 0, workshop.hub.text()
            check_report(workshop)
        except BaseException:
            print(workshop.hub.text())
            raise
        finally:
            workshop.stop()
    print("ok")


if __name__ == "__main__":
    main()
