"""check_recovery.py FLUIT: rehearses a workshop, loses its hub, and builds it anew from the paper
and what other devices hold. The report must be the same to the byte."""
import os
import pty
import select
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import termios


def check(holds, what):
    if not holds:
        sys.exit(f"check_recovery: {what}")


class Room:
    def __init__(self, fluit, path):
        self.fluit, self.path = fluit, path

    def at(self, name):
        return f"{self.path}/{name}"

    def run(self, *args, typed="", status=0):
        done = subprocess.run([self.fluit, *args], input=typed, capture_output=True, text=True,
                              cwd=self.path, timeout=120, check=False)
        check(done.returncode == status,
              f"{args} gave {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def recover(self, *args, **more):
        return self.run("recover", *args, **more)

    def same_as_hub(self, name):
        for form in ["json", "--full"], ["csv", "--full"], ["text"]:
            was, now = (self.run("report", node, "--format", *form).stdout
                        for node in ("hub", name))
            check(was == now and was, f"the {form} report of {name} is another")
        was, now = (self.run("verify", node).stdout.splitlines()[-1] for node in ("hub", name))
        check(was == now, f"{name} does not hold what the hub held")


def damaged_copy(room, name, sql):
    """A copy of a node's directory that is damaged near the end of its longest feed; not of the
    hub's, the one with the script, as nothing goes without that."""
    copy = f"{name}-damaged"
    shutil.copytree(room.at(name), room.at(copy))
    db = sqlite3.connect(room.at(f"{copy}/fluit.db"))
    feed, last = db.execute(
        "SELECT num, seq FROM feeds WHERE num NOT IN (SELECT feed FROM entries WHERE"
        " length(payload) > 10000) ORDER BY seq DESC LIMIT 1").fetchone()
    check(db.execute(sql, {"feed": feed, "last": last}).rowcount > 0, f"nothing changed by {sql}")
    db.commit()
    db.close()
    return copy


def finds_all(room, key):
    """One of the two is damaged; the shell wrote both after one --from."""
    copy = damaged_copy(room, "table-01",
                        "UPDATE entries SET payload = zeroblob(length(payload))"
                        " WHERE feed = :feed AND seq = :last - 5")
    done = room.recover("--from", copy, "rapporteur-02", "-o", "new", typed=key)
    check("3 tables in 2 rounds" in done.stdout, f"it says {done.stdout}")
    check(f"{copy} is damaged" in done.stdout, f"it does not say what is damaged: {done.stdout}")
    check("NOT FOUND" not in done.stdout, f"it misses something: {done.stdout}")
    check(done.stdout.endswith("Start the hub:  fluit hub new\n"), f"it ends {done.stdout}")
    check(done.stderr == "", f"it complains: {done.stderr}")
    room.same_as_hub("new")
    mode = stat.S_IMODE(os.stat(room.at("new")).st_mode)
    check(mode == 0o700, f"anyone can look into it: {mode:o}")
    again = room.recover("--from", "table-03", "-o", "new", typed=key, status=1)
    check("holds a workshop already" in again.stderr, f"it says {again.stderr}")
    room.same_as_hub("new")


def says_what_is_missing(room, key):
    copy = damaged_copy(room, "rapporteur-01",
                        "DELETE FROM entries WHERE feed = :feed AND seq > :last - 3")
    done = room.recover("--from", copy, "-o", "gap", typed=key)
    check("more were written but NOT FOUND" in done.stdout, f"it does not say so: {done.stdout}")
    verified = room.run("verify", "gap")
    check("signed head ok" in verified.stdout, "what it holds is not in order")


def leaves_out_what_is_of_no_use(room, key):
    room.run("new", "other", "--tables", "1", "--yes")
    text = key.replace("-", " ").lower().replace("\n", " ")
    done = room.recover("--from", "nowhere", "--from", "other", "--from", "table-02", "--key", text,
                        "-o", "new-2")
    check("nowhere/fluit.db is not there" in done.stderr and
          "other is of another workshop" in done.stderr, f"it says {done.stderr}")
    room.same_as_hub("new-2")


def refuses_and_cleans_up(room, key):
    for typed, source, says in [
            (key, "other", "is not the recovery key"),
            (key.replace(key[0], "0" if key[0] != "0" else "1", 1), "table-01", "line 1 does not"),
            (key[:30], "table-01", "has fewer"),
            ("", "table-01", "no key was given"),
            (key, "nowhere", "is not there")]:
        done = room.recover("--from", source, "-o", "none", typed=typed, status=1)
        check(says in done.stderr, f"it says {done.stderr}")
        check(not os.path.exists(room.at("none")), f"it left something after: {done.stderr}")
    for args, says in [(["-o", "none"], "--from DIR"), (["--from", "table-01"], "-o NEWDIR"),
                       (["table-01"], "Usage"),
                       (["--key", "ABC", "--from", "hub", "-o", "none"], "--key: a recovery key")]:
        done = room.recover(*args, typed=key, status=2)
        check(says.lower() in done.stderr.lower(), f"{args} gives {done.stderr}")


def on_a_terminal(room, typed):
    """Runs it with a terminal, types, and gives status and what the terminal showed."""
    master, slave = pty.openpty()
    child = subprocess.Popen([room.fluit, "recover", "--from", "table-01", "-o", "typed"],
                             stdin=slave, stdout=slave, stderr=slave, cwd=room.path)
    shown = b""
    for prompt, line in typed:
        while not shown.endswith(prompt):
            check(child.poll() is None, f"it ended before {prompt}: {shown}")
            if select.select([master], [], [], 0.2)[0]:
                shown += os.read(master, 1000)
        os.write(master, line)
    child.wait(60)
    check(termios.tcgetattr(slave)[3] & termios.ECHO, "the terminal stays mute")
    os.close(slave)
    while True:
        try:
            part = os.read(master, 1000)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    return child.returncode, shown.decode()


def asks_on_a_terminal(room, key):
    lines = [line.encode() + b"\n" for line in key.splitlines()]
    prompts = [f"line {i + 1} of 4: ".encode() for i in range(4)]
    status, shown = on_a_terminal(room, [(prompts[0], lines[0]), (prompts[1], b"\x04")])
    check(status == 1 and not os.path.exists(room.at("typed")), f"{status}: {shown}")
    first = [lines[0], lines[0], lines[2], lines[3]]
    second = [b"\n", lines[1]]  # and then it fits
    status, shown = on_a_terminal(room, list(zip(prompts * 2, first + second)))
    check(status == 0, f"{status}: {shown}")
    check("line 2 does not fit: check what you typed. Once more" in shown, f"it says {shown}")
    check(not any(group in shown for line in key.splitlines() for group in line.split("-")),
          f"the key is shown: {shown}")
    room.same_as_hub("typed")


def main():
    fluit = sys.argv[1]
    with tempfile.TemporaryDirectory() as path:
        room = Room(fluit, path)
        room.run("rehearse", "--tables", "3", "--speed", "900", "--seed", "4", "--out", path)
        with open(room.at("recovery-key"), encoding="ascii") as file:
            key = file.read()
        mode = stat.S_IMODE(os.stat(room.at("recovery-key")).st_mode)
        check(mode == 0o600 and len(key) == 80, f"the key is kept so: {mode:o}, {len(key)}")
        finds_all(room, key)
        says_what_is_missing(room, key)
        leaves_out_what_is_of_no_use(room, key)
        refuses_and_cleans_up(room, key)
        asks_on_a_terminal(room, key)
        print("the hub came back")


if __name__ == "__main__":
    main()
