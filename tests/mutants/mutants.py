"""mutants.py [WORD...]: shows that tests can fail.

Plants the bugs of mutants.txt one at a time in a copy of the tree, builds what is needed, and runs
first the tests that the bug names, then the simulator. All of these must pass without a bug.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = ROOT / "tests/mutants/mutants.txt"
ROOMS = "CMakeLists.txt", "cmake", "common", "proto", "node", "tests", "man"
SIM, SEEDS, JOBS = "fluit_sim", range(1, 13), 2
TEST_S = 200  # a test or seed that takes longer hangs


class Mutant:
    """A bug: its name, where to look for the old lines, the new ones, the tests to try first."""

    def __init__(self, text):
        self.name, self.folder, self.tests, self.old, self.new = "", "", [], "", ""
        for line in text.splitlines():
            if line[0] in "-+":
                side = "old" if line[0] == "-" else "new"
                setattr(self, side, getattr(self, side) + line[1:] + "\n")
                continue
            key, _, value = line.partition(": ")
            if key == "bug":
                self.name = value
            elif key == "in":
                self.folder = value
            elif key == "tests":
                self.tests = value.split()
            else:
                sys.exit(f"mutants: {LIST.name} has a line '{line}'")
        if not (self.name and self.folder and self.old):
            sys.exit(f"mutants: {LIST.name} says too little of '{self.name}'")

    def find(self, tree):
        """The one file that has the old lines, or None and why."""
        place = tree / self.folder
        files = sorted(place.glob("*.[ch]")) if place.is_dir() else [place]
        counts = {f: ("\n" + f.read_text()).count("\n" + self.old) for f in files if f.exists()}
        found = [f for f, count in counts.items() if count]
        if sum(counts.values()) == 1:
            return found[0], ""
        return None, f"its old lines stand {sum(counts.values())} times in {self.folder}"


def read_list(words):
    text = re.sub(r"^#.*\n", "", LIST.read_text(), flags=re.M)
    mutants = [Mutant(part) for part in re.split(r"\n{2,}", text.strip())]
    return [m for m in mutants if not words or any(word in m.name for word in words)]


def copy_tree(to):
    for name in ROOMS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name)
        else:
            shutil.copy(ROOT / name, to / name)
    (to / "node_modules").symlink_to((ROOT / "node_modules").resolve())  # only read


class Build:
    def __init__(self, tree):
        self.tree, self.dir, self.clean = tree, tree / "build", {}
        self.run("cmake", "-S", tree, "-B", self.dir, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release")

    @staticmethod
    def run(*command):
        """What a command said if it failed."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        return done.stdout.decode(errors="replace") if done.returncode else ""

    def make(self, *targets):
        return self.run("ninja", "-C", self.dir, f"-j{JOBS}", *targets)

    def program(self, name):
        folders = self.dir / "tests/unit", self.dir / "tests/faults", self.dir / "tests/sim"
        return next(f / name for f in folders if (f / name).exists())

    def digest(self, name):
        return hashlib.sha256(self.program(name).read_bytes()).hexdigest()


class Seeds:
    """The simulator, several seeds at a time, until one fails."""

    def __init__(self, program):
        self.program, self.lock, self.running, self.said = program, threading.Lock(), [], ""

    def seed(self, seed):
        with self.lock:
            if self.said:
                return
            process = subprocess.Popen([self.program, "--seeds", f"{seed}..{seed}", "--jobs", "1"],
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       start_new_session=True)
            self.running.append(process)
        try:
            out = process.communicate(timeout=TEST_S)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            out = "FAILED: it hangs"
        with self.lock:
            if process.returncode != 0 and not self.said:
                why = re.search(r"FAILED: (.*)|(Assertion .* failed)", out)
                self.said = f"seed {seed}: {(why[1] or why[2]) if why else 'it broke down'}"
                self.stop_all()
            self.running.remove(process)

    def stop_all(self):
        """Also those that they started."""
        for process in self.running:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)

    def run(self):
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            list(pool.map(self.seed, SEEDS))
        return self.said


def run_test(build, name):
    """What failed, or nothing."""
    program = build.program(name)
    if name == SIM:
        return Seeds(program).run()
    try:
        done = subprocess.run([program], cwd=build.dir, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TEST_S, check=False)
    except subprocess.TimeoutExpired:
        return "it hangs"
    failed = re.search(rb"\[ +FAILED +\] (\w+)", done.stdout)
    if failed:
        return failed[1].decode()
    return f"exit status {done.returncode}" if done.returncode else ""


def check_clean(build, tests):
    """Without a bug all pass; and what the programs are then."""
    said = build.make(*tests)
    if said:
        sys.exit(f"mutants: the tree does not build\n{said[-2000:]}")
    for name in tests:
        said = run_test(build, name)
        if said:
            sys.exit(f"mutants: {name} fails without a bug: {said}")
        build.clean[name] = build.digest(name)


def try_tests(build, mutant):
    """Who caught it, or why nobody did."""
    for name in [*mutant.tests, SIM]:
        said = build.make(name)
        if said:
            error = re.search(r"error: .*", said)
            return False, f"does not build: {error[0] if error else said[-1000:]}"
        if build.digest(name) == build.clean[name]:
            continue  # the bug is not in this program
        said = run_test(build, name)
        if said:
            return True, f"caught by {name}: {said}"
    return False, "NOT CAUGHT"


def try_mutant(build, mutant):
    began = time.monotonic()
    file, why = mutant.find(build.tree)
    caught, said = False, f"does not apply: {why}"
    if file:
        original = file.read_text()
        text = ("\n" + original).replace("\n" + mutant.old, "\n" + mutant.new)
        file.write_text(text[1:])
        caught, said = try_tests(build, mutant)
        file.write_text(original)
    print(f"{mutant.name}: {said} ({time.monotonic() - began:.0f} s)", flush=True)
    return caught


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the copy goes in any case
    mutants = read_list(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="fluit-mutants.") as folder:
        tree = pathlib.Path(folder)
        copy_tree(tree)
        build = Build(tree)
        tests = sorted({name for m in mutants for name in m.tests} | {SIM})
        check_clean(build, tests)
        caught = sum(try_mutant(build, m) for m in mutants)
    print(f"mutants: {caught} caught of {len(mutants)}")
    sys.exit(caught < len(mutants))


if __name__ == "__main__":
    main()
