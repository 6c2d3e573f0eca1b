#!/usr/bin/python3
"""check_stay.py FLUIT: a rehearsed room runs on with --stay: each node's page opens, and Ctrl-C ends
all."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request

DEADLINE_S = 120
NAMES = ["hub", "projector", "rapporteur-01", "table-01"]


def open_session(link):
    base, _, key = link.partition("/#k=")
    request = urllib.request.Request(
        f"{base}/api/session", json.dumps({"key": key}, separators=(",", ":")).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        assert json.load(answer)["token"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        room = subprocess.Popen(
            [sys.argv[1], "rehearse", "--tables", "1", "--people", "2", "--speed", "2000", "--stay",
             "--out", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        signal.alarm(DEADLINE_S)  # ends this test, and the pipe's reader with it
        try:
            links = {}
            while sorted(links) != NAMES:
                words = room.stdout.readline().split()
                assert words or room.poll() is None, "it ended without its links"
                if len(words) == 2 and words[1].startswith("http://127.0.0.1:"):
                    links[words[0]] = words[1]
            with open(f"/proc/{room.pid}/task/{room.pid}/children", encoding="ascii") as file:
                nodes = file.read().split()
            assert len(nodes) == 3, nodes
            for link in links.values():
                open_session(link)
            room.send_signal(signal.SIGINT)
            assert room.wait() == 0, f"it ended with {room.returncode}"
            assert not any(os.path.exists(f"/proc/{node}") for node in nodes), "nodes outlived it"
        finally:
            room.kill()
            room.wait()


main()
