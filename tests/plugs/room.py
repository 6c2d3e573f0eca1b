"""room.py: a workshop of real processes, for tests that pull plugs.

A Room has a hub and guests (tables, rapporteurs); each is a Node with a data directory. A node's
process comes and goes (start, kill), the Node stays. Lines are typed at its console and the answers
kept in a Ledger: what was told saved or safe must be in the report at the end, once.

Nothing sleeps for a state: until() polls the consoles until it holds, with a deadline that is only
there so that a test ends. One thread; pump() reads all consoles, types what writers have to say and
starts again who is due.
"""
import collections
import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

DEADLINE_S = 120    # for any state; a slow machine must not fail a test
POLL_S = 0.1        # between two looks at all consoles
WAITING_MAX = 4     # lines typed at one console that have no answer yet
MUCH = 500          # lines of one guest, after which it takes twice as long over each
PAD_MAX = 300       # letters after a line's own name, so that entries differ in size
TAIL = 15           # lines of each console that a failure shows
# What a status says to people, shown at failures only by its last line, which is for programs.
CHATTER = re.compile(r"status |(table|rapporteur) +\d|the hub is |others reach it |\d+ codes |"
                     r"(hub|standby)  |step \d+ .*(whistle$|: ready$)|.*; workshop [0-9a-f]+(;|$)")


class Failed(Exception):
    """What the test looks for did not hold."""


class Ledger:
    """What was typed, and what was told of it. Each text is unique."""

    def __init__(self):
        self.told = {}  # text -> "typed" (no answer came), "saved", "safe", "lost" (its disk went)

    def typed(self, text):
        assert text not in self.told
        self.told[text] = "typed"

    def saved(self, text):
        self.told[text] = "saved"

    def safe(self, text):
        if self.told[text] == "saved":
            self.told[text] = "safe"

    def disk_lost(self, texts):
        """Of what was only saved there nothing can be asked any more; what was safe stands."""
        for text in texts:
            if self.told[text] == "saved":
                self.told[text] = "lost"

    def count(self, *states):
        return sum(state in states for state in self.told.values())

    def check(self, reported):
        """reported: a Counter of the texts in the report."""
        lost = [t for t, state in self.told.items() if state in ("saved", "safe")
                and not reported[t]]
        twice = [text for text, times in reported.items() if times > 1]
        strange = [text for text in reported if text not in self.told]
        for what, texts in (("told saved and lost", lost), ("there twice", twice),
                            ("never typed", strange)):
            if texts:
                shown = ", ".join(f"{t[:40]!r} ({self.told.get(t)})" for t in texts[:5])
                raise Failed(f"{len(texts)} lines {what}: {shown}")


class Node:
    """A node, over all the processes that it has been."""

    def __init__(self, room, name, command, first=(), wrap=()):
        self.room, self.name, self.wrap = room, name, list(wrap)
        self.command, self.first = command, list(first)  # first: only until it was ready once
        self.data = os.path.join(room.folder, name)
        self.errors = self.data + ".err"
        self.process, self.ready, self.runs = None, False, 0
        self.lines, self.rest = [], b""
        self.saved_here, self.texts = [], []  # this run's (seq, text); all texts
        self.asked = collections.deque()      # texts typed in this run and not answered yet
        self.status, self.asking = None, False
        self.whistles = []                    # every "whistle ..." line of all runs
        self.dies_on = None                   # a line's beginning: killed when it is said, once
        self.pace_s, self.next_at, self.start_at, self.typed = None, 0.0, None, 0

    def is_hub(self):
        return self.command[0] in ("hub", "standby")

    def start(self):
        assert not self.process
        self.runs += 1
        self.start_at = None
        self.rest, self.saved_here, self.asked = b"", [], collections.deque()
        self.ready, self.status, self.asking = False, None, False
        with open(self.errors, "ab") as errors:
            # It dies with the test, whatever becomes of that.
            self.process = subprocess.Popen(
                [*self.wrap, "setpriv", "--pdeathsig", "KILL", self.room.fluit, *self.command,
                 *self.first],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        os.set_blocking(self.process.stdout.fileno(), False)

    def say(self, line):
        if not self.process:
            return
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # whoever reads next meets its end

    def note(self, text):
        self.room.ledger.typed(text)
        self.texts.append(text)
        self.asked.append(text)
        self.say("note " + text)

    def write_one(self):
        """A line like no other."""
        self.typed += 1
        rng = self.room.rng
        pad = "".join(rng.choice("abcdefghij \u00e9\u266b") for _ in range(rng.randrange(PAD_MAX)))
        self.note(f"{self.name}/{self.runs}/{self.typed} {pad}".strip())

    def read(self):
        """False at the end of what it says."""
        while True:
            try:
                data = os.read(self.process.stdout.fileno(), 65536)
            except BlockingIOError:
                return True
            if not data:
                return False
            *lines, self.rest = (self.rest + data).split(b"\n")
            for line in lines:
                self.take(line.decode().strip("\a"))

    def take(self, line):
        self.lines.append(line)
        if self.dies_on and line.startswith(self.dies_on):
            self.process.send_signal(signal.SIGKILL)
        word, _, rest = line.partition(" ")
        if word == "ready:":
            self.ready, self.first = True, []
        elif word == "saved":
            self.take_saved(int(rest.split()[0]))
        elif word == "safe":
            for seq, text in self.saved_here:
                if seq <= int(rest):
                    self.room.ledger.safe(text)
        elif word == "status":
            self.status = dict(item.split("=") for item in rest.split())
            self.asking = False
        elif word == "whistle":
            self.whistles.append(rest)
        elif word == "one":  # moment: asking the tables what they hold
            self.asking = False
        elif word in ("no:", "error:") and not self.is_hub():
            raise Failed(f"{self.name} refused a line: {line}")
        elif word == "!" and "fork" in line:
            raise Failed(f"{self.name} met a fork: {line}")

    def take_saved(self, seq):
        text = self.asked.popleft()
        if self.saved_here and seq <= self.saved_here[-1][0]:
            raise Failed(f"{self.name} gave {seq} to {text!r} after {self.saved_here[-1]}")
        self.saved_here.append((seq, text))
        self.room.ledger.saved(text)

    def ended(self):
        """Reads what is left to read; the process is gone afterwards."""
        try:
            status = self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"{self.name} does not end") from late
        self.read()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process, self.ready, self.status, self.asking = None, False, None, False
        return status

    def tail(self):
        with open(self.errors, encoding="utf-8") as file:
            errors = file.read().splitlines()[-TAIL:]
        lines = [line for line in self.lines if not CHATTER.match(line)]
        lines += [line for line in self.lines if line.startswith("status ")][-1:]
        return "\n".join([f"--- {self.name}, run {self.runs}", *lines[-TAIL:], *errors])


class Whistles:
    """How often each node has whistled since."""

    def __init__(self, nodes):
        self.since = {node: len(node.whistles) for node in nodes}

    def heard(self, node, kind):
        """kind: "start" or "end"."""
        return sum(line.startswith(kind) for line in node.whistles[self.since[node]:])

    def silent(self, nodes, kind):
        return [node for node in nodes if not self.heard(node, kind)]

    def check_none_twice(self):
        twice = [f"{node.name} {kind}" for node in self.since for kind in ("start", "end")
                 if self.heard(node, kind) > 1]
        if twice:
            raise Failed(f"whistled twice: {', '.join(twice)}")


class Room:
    """wires (wires.Wires or None) says in which network each node lives."""

    def __init__(self, fluit, seed, tables, wires=None):
        self.fluit, self.seed, self.wires = os.path.abspath(fluit), seed, wires
        self.rng, self.ledger = random.Random(seed), Ledger()
        self.folder = tempfile.mkdtemp(prefix="fluit-plugs-")
        self.began, self.writing = time.monotonic(), False
        self.nodes, self.hub, self.door = [], None, None
        self.others = []  # closed with the room
        self.once("new", self.hub_dir(), "--tables", str(tables), "--yes")
        self.codes = dict(line.split()[:2] for line in
                          self.once("invites", self.hub_dir()).splitlines())

    def hub_dir(self):
        return os.path.join(self.folder, "hub")

    def once(self, *args):
        """A command that ends by itself, and well."""
        done = subprocess.run([self.fluit, *args], capture_output=True, text=True,
                              timeout=DEADLINE_S, check=False)
        if done.returncode:
            raise Failed(f"fluit {' '.join(args)} gave {done.returncode}:\n{done.stderr}")
        return done.stdout

    @staticmethod
    def now():
        return time.monotonic()

    def tell(self, what):
        """The story, for who has to find out what happened."""
        print(f"[{time.monotonic() - self.began:7.2f}] {what}", flush=True)

    # Who takes part.

    def wrap(self, name):
        return self.wires.prefix(name) if self.wires else []

    def add_hub(self, host, port=0, reach=None, options=()):
        """Starts it. Guests find it at reach (host, unless said)."""
        self.hub = Node(self, "hub", ["hub", self.hub_dir(), "--listen", host, "--port", str(port),
                                      *options], wrap=self.wrap("hub"))
        self.nodes.append(self.hub)
        self.hub.start()
        self.until("the hub is ready", lambda: self.hub.ready)
        line = next(line for line in self.hub.lines if line.startswith("listening: "))
        port = line.rsplit(":", 1)[1]
        self.hub.command[self.hub.command.index("--port") + 1] = port  # from now on it stays there
        self.door = f"{reach or host}:{port}"

    def add_guest(self, seat, door=None, name=None):
        """Starts it, a standby, too; at first it brings its code."""
        name = name or seat
        node = Node(self, name, [seat.split("-")[0], "--data", os.path.join(self.folder, name)],
                    ["--code", self.codes[seat], "--hub", door or self.door], self.wrap(name))
        self.nodes.append(node)
        node.start()
        return node

    def guests(self):
        """Tables and rapporteurs."""
        return [node for node in self.nodes if not node.is_hub()]

    def renew(self, order, seat):
        """The code that the hub gives for this order."""
        self.hub.say(order)
        self.until("there is a new code", lambda: self.hub.lines[-1].startswith(seat + " "))
        self.codes[seat] = self.hub.lines[-1].split()[1]

    def start(self, *nodes):
        for node in nodes:
            node.start()

    def kill(self, *nodes):
        """All at once, as far as one can, with kill -9."""
        nodes = [node for node in nodes if node.process]
        for node in nodes:
            node.process.send_signal(signal.SIGKILL)
        for node in nodes:
            status = node.ended()
            if status != -signal.SIGKILL:
                raise Failed(f"{node.name} had ended by itself, with {status}")

    # Time.

    def pump(self, seconds):
        """Lets the room go on for a while."""
        end = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            due = [n for n in self.nodes if n.start_at is not None and n.start_at <= now]
            self.start(*due)
            if self.writing:
                self.write(now)
            streams = {node.process.stdout: node for node in self.nodes if node.process}
            left = max(0.0, end - now)
            for stream in select.select(list(streams), [], [], min(left, 0.02))[0]:
                if not streams[stream].read():
                    self.on_end(streams[stream])
            if left == 0:
                return

    def on_end(self, node):
        status = node.ended()
        if status != -signal.SIGKILL or not node.dies_on:
            raise Failed(f"{node.name} ended by itself, or by a signal from elsewhere: {status}")
        self.tell(f"{node.name} died on {node.dies_on!r}")
        node.dies_on = None
        node.start()

    def write(self, now):
        for node in self.nodes:
            if node.pace_s and node.ready and now >= node.next_at and \
                    len(node.asked) < WAITING_MAX:
                node.write_one()
                # Who has said much says less: a table has no end of patience, but of notes.
                pace_s = node.pace_s * (1 + node.typed / MUCH)
                node.next_at = now + self.rng.uniform(0.5, 1.5) * pace_s

    def waits(self, holds, ask=(), deadline_s=DEADLINE_S):
        """Whether holds() became true; with ask, those nodes tell their status before each look."""
        end = time.monotonic() + deadline_s
        while True:
            self.ask(ask, end)
            if holds():
                return True
            if time.monotonic() > end:
                return False
            self.pump(POLL_S if ask else 0.02)

    def until(self, what, holds, ask=()):
        if not self.waits(holds, ask):
            raise Failed(f"waited {DEADLINE_S} s in vain: {what}")

    def ask(self, nodes, end=float("inf")):
        """A fresh status of each that is ready; None of the others."""
        for node in nodes:
            node.status = None
            if node.ready and not node.asking:
                node.asking = True
                node.say("status")
        while any(node.asking for node in nodes) and time.monotonic() < end:
            self.pump(0)
            select.select([n.process.stdout for n in nodes if n.asking and n.process], [], [], 0.02)

    # The agenda.

    def order(self, line):
        """At the hub; what its status says then. An empty line orders nothing."""
        self.hub.say(line)
        self.ask([self.hub])
        return self.hub.status

    def start_round(self):
        """The first card round, also if it was held before: a whistle anew is another whistle.
        Until all are armed for it."""
        now = self.order("")
        while now["round"] != "1":
            now = self.order("next")
        if now["state"] != "ready":
            self.order("back")
            self.order("next")
        self.order("start")
        self.until("all are armed", lambda: all(
            self.told(node, state="running", armed=1) for node in self.guests()),
            ask=self.guests())

    # States.

    def told(self, node, **wanted):
        """Does the node's last status say all of that?"""
        return node.status is not None and all(
            node.status[key] == str(value) for key, value in wanted.items())

    def in_step(self, nodes):
        """Do these hold the same?"""
        return len({node.status["digest"] if node.status else node.name for node in nodes}) == 1

    def all_safe(self, guests):
        return all(not node.asked and node.status and node.status["saved"] == node.status["safe"]
                   for node in guests)

    def settle(self):
        """Nobody writes any more; until all are here, hold the same, and all of it is safe."""
        self.writing = False
        for node in self.nodes:
            if not node.process and node.start_at is None:
                self.start(node)
        self.until("all hold the same and all is safe",
                   lambda: self.in_step(self.nodes) and self.all_safe(self.guests()),
                   ask=self.nodes)
        self.tell(f"all {len(self.nodes)} nodes hold the same: {self.hub.status['digest']}")

    def finish(self):
        """Settles, stops all, and holds what they kept to what was told."""
        self.settle()
        digest = self.hub.status["digest"]
        for node in self.nodes:
            node.say("quit")
        for node in self.nodes:
            status = node.ended()
            if status:
                raise Failed(f"{node.name} quit with {status}")
        for node in self.nodes:
            said = self.once("verify", node.data).splitlines()[-1]
            if not said.startswith(f"digest {digest}"):
                raise Failed(f"{node.name} keeps {said}, not {digest}")
        self.check_report()
        ledger = self.ledger
        self.tell(f"{len(ledger.told)} lines typed, {ledger.count('saved', 'safe')} told saved, of "
                  f"them {ledger.count('safe')} told safe; none lost, none twice")

    def check_report(self):
        report = json.loads(self.once("report", self.hub_dir(), "--full", "--format", "json"))
        texts = collections.Counter(
            head["text"] for table in report["tables"] for part in table["rounds"]
            for note in part["notes"] for head in note["heads"])
        self.ledger.check(texts)
        if report["ignored"]:
            raise Failed(f"{report['ignored']} acts mean nothing")

    def show(self):
        for node in self.nodes:
            print(node.tail())

    def closes(self, other):
        self.others.append(other)
        return other

    def close(self):
        for other in self.others:
            other.close()
        for node in self.nodes:
            if node.process:
                node.process.kill()
                node.process.wait()
        shutil.rmtree(self.folder)


def play(room, scene):
    """scene(room), and the end of it; shows the consoles if it fails. Returns the exit status."""
    try:
        scene(room)
        room.finish()
    except Failed as failed:
        room.show()
        print(f"FAILED: {failed}", flush=True)
        return 1
    finally:
        room.close()
    return 0
