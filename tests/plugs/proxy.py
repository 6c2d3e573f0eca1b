#!/usr/bin/python3
"""proxy.py HOST PORT TO_HOST [--ports N] [--seed N]: a bad network between two ends.

Listens on PORT and the N-1 after it at HOST, and passes each connection on to the same port at
TO_HOST. "up" is from who connects to TO_HOST, "down" the other way. One command a line on standard
input, each answered by "ok" or "no: ...":

    delay up|down MS [JITTER_MS]   bytes arrive so much later, and up to JITTER_MS more; in order
    stall up|down                  bytes are held, the connection stays open; new ones, too
    flow up|down                   what is held goes on
    drop                           all connections are reset
    count                          answers "ok CONNECTIONS BYTES_UP BYTES_DOWN", since it began

It ends with its input. One thread; what is held for one direction is bounded: beyond that the
sender waits, as it would for a full window.
"""
import argparse
import collections
import os
import random
import selectors
import socket
import struct
import sys
import time

CHUNK = 65536
HELD_MAX = 1 << 20   # bytes of one direction of one connection
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s


class Way:
    """One direction of all connections: how bad it is."""

    def __init__(self):
        self.delay_s = self.jitter_s = 0.0
        self.stalled, self.bytes = False, 0


class Pipe:
    """One direction of one connection: what came in and is to go out. The end, and a reset, take
    their turn after the bytes before them."""

    def __init__(self, way, source, target):
        self.way, self.source, self.target = way, source, target
        self.held = collections.deque()  # [due, bytes], in order; b"" is the end, None a reset
        self.held_len, self.ended, self.done = 0, False, False

    def wants(self):
        return not self.ended and self.held_len < HELD_MAX

    def take(self, now, rng):
        try:
            data = self.source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = None
        due = now + self.way.delay_s + rng.uniform(0, self.way.jitter_s)
        if self.held:
            due = max(due, self.held[-1][0])
        self.held.append([due, data])
        self.held_len += len(data or b"")
        self.way.bytes += len(data or b"")
        self.ended = not data

    def next_due(self):
        return self.held[0][0] if self.held and not self.way.stalled else None

    def finish(self, reset):
        """Nothing more goes this way."""
        self.held.clear()
        self.ended = self.done = True
        try:
            if reset:
                self.target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            else:
                self.target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it is gone already

    def pass_on(self, now):
        """Writes what is due; True if the target takes no more for now."""
        while self.held and not self.way.stalled and self.held[0][0] <= now:
            data = self.held[0][1]
            if not data:
                self.finish(reset=data is None)
                return False
            try:
                sent = self.target.send(data)
            except BlockingIOError:
                return True
            except OSError:
                self.finish(reset=True)
                return False
            self.held_len -= sent
            self.held[0][1] = data[sent:]
            if sent == len(data):
                self.held.popleft()
        return False


class Connection:
    def __init__(self, client, server, up, down):
        self.client, self.server = client, server
        self.pipes = (Pipe(up, client, server), Pipe(down, server, client))

    def close(self, reset=False):
        for end in self.client, self.server:
            if reset:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.close()


class Proxy:
    def __init__(self, host, port, to_host, ports, seed):
        self.to_host, self.rng = to_host, random.Random(seed)
        self.ways = {"up": Way(), "down": Way()}
        self.connections, self.count, self.running = [], 0, True
        self.rest = b""
        self.listeners = [socket.create_server((host, port + i)) for i in range(ports)]

    # What happens.

    def accept(self, listener):
        client, _ = listener.accept()
        self.count += 1
        server = None
        try:
            server = socket.create_connection((self.to_host, listener.getsockname()[1]), 5)
        except OSError:  # nobody is there: the client finds the same
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close()
            return
        for end in client, server:
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections.append(Connection(client, server, self.ways["up"], self.ways["down"]))

    def command(self, line):
        words = line.split()
        try:
            if words[0] == "delay":
                way = self.ways[words[1]]
                way.delay_s = float(words[2]) / 1000
                way.jitter_s = float(words[3]) / 1000 if len(words) > 3 else 0.0
            elif words[0] in ("stall", "flow"):
                self.ways[words[1]].stalled = words[0] == "stall"
            elif words[0] == "drop":
                for connection in self.connections:
                    connection.close(reset=True)
                self.connections = []
            elif words[0] == "count":
                return f"ok {self.count} {self.ways['up'].bytes} {self.ways['down'].bytes}"
            else:
                raise KeyError(words[0])
        except (KeyError, IndexError, ValueError) as error:
            return f"no: {line!r} ({error})"
        return "ok"

    def read_commands(self):
        data = os.read(0, CHUNK)
        self.running = bool(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            print(self.command(line.decode()), flush=True)

    # One turn.

    def turn(self):
        now, wait, watched = time.monotonic(), 1.0, selectors.DefaultSelector()
        interest = {0: selectors.EVENT_READ}
        interest.update({listener: selectors.EVENT_READ for listener in self.listeners})
        for connection in list(self.connections):
            wait = min(wait, self.tend(connection, now, interest))
        for end, events in interest.items():
            watched.register(end, events)
        ready = {key.fileobj: events for key, events in watched.select(wait)}
        watched.close()
        self.take(ready)

    def tend(self, connection, now, interest):
        """Passes on what is due, notes what to wait for; returns how long at most."""
        wait = 1.0
        for pipe in connection.pipes:
            if pipe.pass_on(now):
                interest[pipe.target] = interest.get(pipe.target, 0) | selectors.EVENT_WRITE
            elif pipe.next_due() is not None:
                wait = min(wait, max(0.0, pipe.next_due() - now))
            if pipe.wants():
                interest[pipe.source] = interest.get(pipe.source, 0) | selectors.EVENT_READ
        if all(pipe.done for pipe in connection.pipes):
            self.connections.remove(connection)
            interest.pop(connection.client, None)
            interest.pop(connection.server, None)
            connection.close()
        return wait

    def take(self, ready):
        now = time.monotonic()
        for connection in self.connections:
            for pipe in connection.pipes:
                if ready.get(pipe.source, 0) & selectors.EVENT_READ and pipe.wants():
                    pipe.take(now, self.rng)
        for listener in self.listeners:
            if listener in ready:
                self.accept(listener)
        if 0 in ready:
            self.read_commands()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("host")
    options.add_argument("port", type=int)
    options.add_argument("to_host")
    options.add_argument("--ports", type=int, default=4)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    proxy = Proxy(given.host, given.port, given.to_host, given.ports, given.seed)
    print("ok", flush=True)
    while proxy.running:
        proxy.turn()


if __name__ == "__main__":
    sys.exit(main())
