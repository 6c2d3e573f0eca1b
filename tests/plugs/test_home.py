#!/usr/bin/python3
"""test_home.py FLUIT: what the home page's server does, asked as its page asks. A workshop is made,
led and reported; names that are no names reach nothing; the recovery key is on no disk."""
import base64
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from test_room import DEADLINE_S, Failed, Page, until_gone
from wires import isolate


class Home(Page):
    def __init__(self, fluit, folder):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", fluit, "home", "--folder", folder, "--no-browser",
             "--hub-port", "0"], stdout=subprocess.PIPE, text=True)
        super().__init__(self.process.stdout.readline().split(": ", 1)[1].strip())

    def do(self, word, **members):
        return self.post("do", {"do": word, **members})

    def accepts(self, word, **members):
        answer = self.do(word, **members)
        if not answer["ok"]:
            raise Failed(f"{word} {members} was refused: {answer['why']}")
        return answer

    def refuses(self, word, **members):
        answer = self.do(word, **members)
        if answer["ok"]:
            raise Failed(f"{word} {members} was not refused: {answer}")

    def until(self, word, **members):
        """Until it is accepted: what is asked for needs something that still starts."""
        end = time.monotonic() + DEADLINE_S
        while True:
            answer = self.do(word, **members)
            if answer["ok"] or time.monotonic() > end:
                return answer if answer["ok"] else self.accepts(word, **members)
            time.sleep(0.05)


def is_anywhere(folder, bits):
    for where, _, files in os.walk(folder):
        for name in files:
            if name == ".door":
                continue  # a socket
            with open(os.path.join(where, name), "rb") as file:
                data = file.read()
            if any(bit.encode() in data for bit in bits):
                return os.path.join(where, name)
    return None


def make(home, folder):
    home.accepts("new", name="first", script="retro", tables=2)
    key = home.accepts("key", name="first")["key"]
    lines = key.split()
    if len(lines) != 4:
        raise Failed(f"the key has {len(lines)} lines")
    found = is_anywhere(folder, lines)
    if found:
        raise Failed(f"the recovery key is in {found}")
    home.refuses("typed", name="first", typed="0000" if lines[3][-4:] != "0000" else "1111")
    home.accepts("key", name="first")
    home.accepts("typed", name="first", typed=lines[3][-4:].lower())
    home.refuses("key", name="first")
    home.refuses("new", name="first", script="retro", tables=2)


def hostile(home, folder):
    for name in "..", "../x", "/tmp/x", "-x", "a/b", "", "x" * 41, "scripts":
        home.refuses("new", name=name, script="retro", tables=2)
        home.refuses("report", name=name, format="csv")
        home.refuses("lead", name=name)
        home.refuses("save_script", name=name, yaml="id: x")
    for script in "/etc/passwd", "own/../first/kind", "own/", "--help", "":
        home.refuses("new", name="other", script=script, tables=2)
        home.refuses("script", script=script)
    home.refuses("new", name="other", script="retro", tables=0)
    home.refuses("new", name="other", script="retro", tables=101)
    home.refuses("report", name="first", format="--full")
    home.refuses("report", name="first", format="csv", language="--output")
    home.refuses("check", peer="--with")
    home.refuses("join", name="other", **{"as": "hub"}, code="0000-0000-0000-0000")
    home.refuses("join", name="other", **{"as": "table"}, code="nonsense")
    home.refuses("join", name="other", **{"as": "table"}, code="--help", host="-x")
    home.refuses("lead", name="first", more="than it takes")
    home.refuses("no-such-word")
    if sorted(os.listdir(folder)) != [".door", "first"]:
        raise Failed(f"something was made: {os.listdir(folder)}")


def lead(home):
    home.accepts("lead", name="first", tables_here=True)
    home.refuses("lead", name="first")
    Page(home.until("open", name="first")["link"])
    Page(home.until("open", name="first", page="projector")["link"])
    table = Page(home.until("open", name="first", page="table-02")["link"])
    table.note("from the table's page")
    end = time.monotonic() + DEADLINE_S
    text = ""
    while "from the table's page" not in text:
        if time.monotonic() > end:
            raise Failed(f"the note is not in the full report: {text}")
        answer = home.until("report", name="first", format="json", full=True)
        text = base64.urlsafe_b64decode(answer["base64"] + "===").decode()
    if answer["file"] != "first-full.json":
        raise Failed(f"the report is called {answer['file']}")
    text = home.accepts("report", name="first", format="text")["base64"]
    if "from the table's page" in base64.urlsafe_b64decode(text + "===").decode():
        raise Failed("the participants' report has what was not released")


def late_links(home):
    """A link that comes after nobody waits for it any more is not taken for another one."""
    hub = next(pid for pid in children(home.process.pid) if command(pid)[1] == "hub")
    os.kill(hub, signal.SIGSTOP)
    try:
        home.refuses("open", name="first")
        late = threading.Timer(0.2, os.kill, (hub, signal.SIGCONT))
        late.start()
        screen = Page(home.accepts("open", name="first", page="projector")["link"])
        late.join()
    finally:
        os.kill(hub, signal.SIGCONT)
    if screen.post("do", {"do": "quotes"})["ok"]:
        raise Failed("the link for the room's screen opened the facilitator's page")


def lose_the_room(home):
    """Its process is killed, and all with it: they come back, and so does what was said."""
    room = children(home.process.pid)[0]
    os.kill(room, signal.SIGKILL)
    until_gone([room])
    table = Page(home.until("open", name="first", page="table-02")["link"])
    table.note("after that")
    answer = home.until("report", name="first", format="json", full=True)
    text = base64.urlsafe_b64decode(answer["base64"] + "===").decode()
    if "from the table's page" not in text:
        raise Failed("what was said before is lost")


def join(home, fluit, folder):
    """A table on another device: it joins by its code, and goes on without."""
    codes = {one["name"]: one["code"] for one in home.accepts("invites", name="first")["invites"]}
    other = Home(fluit, folder)
    try:
        other.accepts("join", name="mine", **{"as": "rapporteur"}, code=codes["rapporteur-01"])
        Page(other.until("open", name="mine")["link"]).note("from another device")
        (pid,) = children(other.process.pid)
        if codes["rapporteur-01"] in command(pid):
            raise Failed(f"its command line has the code: {command(pid)}")
        other.accepts("stop", name="mine")
        other.until("resume", name="mine")
        Page(other.until("open", name="mine")["link"]).note("and again")
        other.accepts("quit")
        other.process.wait(DEADLINE_S)
    finally:
        other.process.kill()
        other.process.wait()


def command(pid):
    with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
        return file.read().split("\0")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        found = [int(word) for word in file.read().split()]
    return found + [grandchild for child in found for grandchild in children(child)]


def scene(fluit, folder):
    home = Home(fluit, folder)
    try:
        make(home, folder)
        hostile(home, folder)
        again = subprocess.run([fluit, "home", "--folder", folder, "--no-browser"], check=True,
                               capture_output=True, text=True, timeout=DEADLINE_S).stdout
        Page(again.split(": ", 1)[1].strip())  # of the one that runs
        lead(home)
        late_links(home)
        lose_the_room(home)
        join(home, fluit, folder + "-other")
        pids = children(home.process.pid)
        if len(pids) != 4:
            raise Failed(f"a room with two tables has {len(pids)} processes")
        home.accepts("quit")
        if home.process.wait(DEADLINE_S):
            raise Failed(f"the home page ended with {home.process.returncode}")
        until_gone(pids)
    finally:
        home.process.kill()
        home.process.wait()


def main():
    isolate()  # if it can: then nobody else has our ports
    folder = tempfile.mkdtemp(prefix="fluit-home-")
    try:
        scene(os.path.abspath(sys.argv[1]), os.path.join(folder, "fluit"))
    except (Failed, urllib.error.URLError) as failed:
        print(f"FAILED: {failed}", flush=True)
        return 1
    finally:
        shutil.rmtree(folder)
    print("made, led and reported")
    return 0


if __name__ == "__main__":
    sys.exit(main())
