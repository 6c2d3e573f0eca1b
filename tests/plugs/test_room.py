#!/usr/bin/python3
"""test_room.py FLUIT: one laptop for all. Processes of a room are killed, and come back by
themselves with all that was said; a table that is added starts by itself; nothing outlives the
room, neither its end nor its crash."""
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from wires import isolate

DEADLINE_S = 60
TABLES = 3


class Failed(Exception):
    """What the test looks for did not hold."""


class Page:
    """A table's page, as a browser would use it."""

    def __init__(self, link):
        self.base, _, key = link.partition("/#k=")
        self.token = None
        self.token = self.post("session", {"key": key})["token"]

    def post(self, what, body):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        data = json.dumps(body, separators=(",", ":")).encode()
        request = urllib.request.Request(f"{self.base}/api/{what}", data, headers)
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return json.load(answer)

    def note(self, text):
        """Until it may: a node that has just started is still asking others what they hold."""
        end = time.monotonic() + DEADLINE_S
        while True:
            answer = self.post("do", {"do": "note", "text": text})
            if answer["ok"]:
                return
            if time.monotonic() > end:
                raise Failed(f"{text!r} was refused: {answer['why']}")
            time.sleep(0.05)


class Room:
    def __init__(self, fluit, folder):
        self.lines = []
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", fluit, "room", folder, "--port", "0"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest = b""

    def read(self, seconds):
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return
        *lines, self.rest = (self.rest + (self.process.stdout.read() or b"")).split(b"\n")
        self.lines += [line.decode() for line in lines]

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def until(self, what, begins, since=0):
        """The first line since then that begins so."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            for line in self.lines[since:]:
                if line.startswith(begins):
                    return line
            self.read(0.1)
        raise Failed(f"waited in vain: {what}; it said:\n" + "\n".join(self.lines[-30:]))

    def page(self, name, since=0):
        return Page(self.until(f"a link for {name}", f"page {name}: ", since).split(": ", 1)[1])

    def all_here(self, count):
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            since = len(self.lines)
            self.say("status")
            said = self.until("a status", ("status ", "one moment: "), since)
            if f" members={count} here={count} ready={count} safe={count} in_step={count} " in said:
                return
            self.read(0.05)
        raise Failed(f"not all {count} are here, with all safe: {said}")

    def children(self):
        """name -> process id."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            pids = [int(word) for word in file.read().split()]
        found = {}
        for child in pids:
            with open(f"/proc/{child}/cmdline", encoding="utf-8") as file:
                words = file.read().split("\0")
            found["hub" if words[1] == "hub" else os.path.basename(words[3])] = child
        return found


def until_gone(pids):
    end = time.monotonic() + DEADLINE_S
    while any(os.path.exists(f"/proc/{pid}") for pid in pids):
        if time.monotonic() > end:
            raise Failed("nodes outlived their room")
        time.sleep(0.02)


def codes_are_hidden(room, fluit, folder):
    """Other users of the machine see command lines."""
    told = subprocess.run([fluit, "invites", folder], check=True, capture_output=True, text=True,
                          timeout=DEADLINE_S).stdout
    codes = [line.split()[1] for line in told.splitlines()]
    for name, pid in room.children().items():
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            line = file.read()
        if any(code in line for code in codes):
            raise Failed(f"the command line of {name} has its code: {line}")


def kill_a_table(room, texts):
    page = room.page("table-02")
    for i in range(20):
        page.note(f"before {i}")
        texts.append(f"before {i}")
    since = len(room.lines)
    os.kill(room.children()["table-02"], signal.SIGKILL)
    room.until("the end was told", "table-02: was ended by signal 9; started again", since)
    room.page("table-02", since).note("after")
    texts.append("after")
    room.all_here(TABLES)


def kill_the_hub(room, texts):
    since = len(room.lines)
    os.kill(room.children()["hub"], signal.SIGKILL)
    room.until("the end was told", "hub: was ended by signal 9; started again", since)
    room.until("the hub is back", "ready: ", since)
    room.say("page table-01")
    room.page("table-01", since).note("with a new hub")
    texts.append("with a new hub")
    room.all_here(TABLES)


def add_a_table(room, texts):
    room.say("add")
    room.page("table-04").note("a late table")
    texts.append("a late table")
    room.all_here(TABLES + 1)


def report(fluit, folder):
    said = subprocess.run([fluit, "report", folder, "--full", "--format", "json"], check=True,
                          capture_output=True, timeout=DEADLINE_S).stdout
    return [head["text"] for table in json.loads(said)["tables"] for part in table["rounds"]
            for note in part["notes"] for head in note["heads"]]


def scene(fluit, folder):
    subprocess.run([fluit, "new", folder, "--tables", str(TABLES), "--yes"], check=True,
                   stdout=subprocess.DEVNULL, timeout=DEADLINE_S)
    texts = []
    room = Room(fluit, folder)
    try:
        room.all_here(TABLES)
        codes_are_hidden(room, fluit, folder)
        kill_a_table(room, texts)
        kill_the_hub(room, texts)
        add_a_table(room, texts)
        pids = room.children().values()
        room.process.send_signal(signal.SIGTERM)
        status = room.process.wait(DEADLINE_S)
        if status:
            raise Failed(f"the room ended with {status}")
        until_gone(pids)
        told = sorted(report(fluit, folder))
        if told != sorted(texts):
            raise Failed(f"the report has {told}, typed were {sorted(texts)}")

        room = Room(fluit, folder)
        room.all_here(TABLES + 1)
        pids = room.children().values()
        room.process.kill()
        room.process.wait(DEADLINE_S)
        until_gone(pids)
    finally:
        room.process.kill()
        room.process.wait()


def main():
    isolate()  # if it can: then nobody else has our ports
    folder = tempfile.mkdtemp(prefix="fluit-room-")
    try:
        scene(os.path.abspath(sys.argv[1]), os.path.join(folder, "workshop"))
    except Failed as failed:
        print(f"FAILED: {failed}", flush=True)
        return 1
    finally:
        shutil.rmtree(folder)
    print("killed, back, and nothing lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
