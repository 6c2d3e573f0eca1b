"""bench.py FLUIT TOOLS [--runs N] [MEASURE...]: measures what the project promises.

FLUIT is the program, TOOLS the directory of the benchmarks' own programs (build-*/tests/bench).
Each of the measures runs by itself, real processes on loopback or in network namespaces, or real
cores on a virtual network; all of them without a name. Prints a table "measure, target, got,
spread"; exit status 1 if a target was missed. No test depends on it.
"""
import os
import sys
import tempfile

import heal
import idle
import mesh
import pages
import restart
import takeover

MEASURES = {
    "mesh": mesh.measure,
    "heal": heal.measure_lab,
    "heal-real": heal.measure_real,
    "takeover": takeover.measure,
    "idle": idle.measure,
    "restart": restart.measure,
    "pages": pages.measure,
    "rehearsal": mesh.measure_rehearsal,
}


def arguments(args):
    runs = 5
    if "--runs" in args:
        at = args.index("--runs")
        runs = int(args[at + 1])
        args = args[:at] + args[at + 2:]
    names = args[2:] or list(MEASURES)
    if len(args) < 2 or runs < 1 or any(name not in MEASURES for name in names):
        sys.exit(f"usage: bench.py FLUIT TOOLS [--runs N] [{'|'.join(MEASURES)}]...")
    return os.path.abspath(args[0]), os.path.abspath(args[1]), runs, names


def main():
    fluit, tools, runs, names = arguments(sys.argv[1:])
    missed = False
    print(f"{'measure':30}{'target':>8}{'got':>10}  spread")
    for name in names:
        with tempfile.TemporaryDirectory() as room:
            for what, target, got, spread in MEASURES[name](fluit, tools, room, runs):
                good = target is None or got <= target
                missed |= not good
                print(f"{what:30}{target or '':>8}{got:>10.2f}  {spread}"
                      f"{'' if good else '  MISSED'}", flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
