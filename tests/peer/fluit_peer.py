#!/usr/bin/python3
"""A small fluit table, written from proto/PROTOCOL.md alone. Section names below are its own.

It joins by code, keeps its feed in step with the hub, reads roster, script and plan, lays a card,
writes a note, photographs its board, says that the whistle's test was heard, arms and fires the plan's marks, and prints one line a step:

    joined TABLE | resumed TABLE | script ID | safe SEQ | plan STEP STATE | armed COUNT
    fired MESH_US AT_US BOUND_US | bye

It ends when it has fired --marks marks and all it wrote is safe. Needs python3-zmq (with CURVE),
python3-nacl and python3-msgpack.
"""
import argparse
import os
import re
import struct
import sys
import time

import msgpack
import zmq
from nacl import bindings as nacl
from zmq.utils.monitor import recv_monitor_message

from fluit_wire import (BAD_INPUT, CONTROL, OPEN, REASONS, STORY, ZEROS, Clock, Feed, H, Header,
                        Identity, Noise, box, canonical, key_id, make_entry, need, pack, sign, u64,
                        unpack, unseal, verify)

HUB, STANDBY, TABLE = 1, 2, 3
REPLACED, REVOKED = 3, 4
KEY_STORY, KEY_ROOM = 1, 2


# One grey pixel, and no more than that: see Photos.
PHOTO = bytes.fromhex(
    "ffd8" "ffdb004300" + "01" * 64 + "ffc0000b080001000101011100"
    "ffc4001400" "01" + "00" * 16 + "ffc4001410" "01" + "00" * 16 +
    "ffda0008010100003f00" "3f" "ffd9")


class Refused(Exception):
    """The door stays closed."""


def join(context, hub, code, me):
    """WELCOME's fields. Knocks every second until an answer comes."""
    door = context.socket(zmq.DEALER)
    door.linger = 0
    door.connect("tcp://%s:%d" % hub)
    try:
        while True:
            noise = Noise(H("fluit invite psk", code))
            sig = sign(me.sign_sk, "fluit join", noise.h, me.read_pk, me.link_pk)
            payload = pack([TABLE, me.sign_pk, me.read_pk, me.link_pk, sig])
            door.send(H("fluit invite id", code)[:8] + noise.write(payload))
            if not door.poll(1000):
                continue
            answer = door.recv()
            if answer[0] == 0:
                raise Refused(REASONS.get(answer[1], "refused"))
            try:
                fields = unpack(noise.read(answer[1:]))
            except BAD_INPUT:
                continue
            if fields[0] == 2:
                raise Refused(REASONS.get(fields[1], "refused"))
            return fields[1:]
    finally:
        door.close()


# The node.

class Peer:
    def __init__(self, args):
        self.args = args
        self.context = zmq.Context()
        self.clock = Clock(args.skew_us)
        self.state = self.load()
        self.me = Identity(self.state["seed"])
        self.feeds, self.own = {}, None
        self.members, self.revision = [], 0
        self.keys, self.terms = {}, set()
        self.plan, self.armed, self.done = None, [], set()
        self.last_armed = (0, 0)
        self.alarm_started = self.told_all = self.acted = self.script = False
        self.safe = self.announced_safe = self.fired = 0
        self.out, self.dirty, self.published = [], False, 0

    # Its disk: one file, replaced as a whole and synced before anything leaves.

    def load(self):
        if self.args.state and os.path.exists(self.args.state):
            with open(self.args.state, "rb") as f:
                return msgpack.unpackb(f.read(), raw=False, strict_map_key=False)
        return {"seed": os.urandom(32), "feeds": []}

    def save(self):
        self.dirty = False
        if not self.args.state:
            return
        self.state["keys"] = [[k, *v] for k, v in self.keys.items()]
        self.state["feeds"] = [[f.author, f.incarnation, f.entries, f.sigs]
                               for f in self.feeds.values() if f.seq]
        with open(self.args.state + ".new", "wb") as f:
            f.write(pack(self.state))
            f.flush()
            os.fsync(f.fileno())
        os.replace(self.args.state + ".new", self.args.state)
        folder = os.open(os.path.dirname(os.path.abspath(self.args.state)), os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def say(self, *words):
        print(*words, flush=True)

    # Joining.

    def enter(self):
        resumed = "workshop" in self.state
        if not resumed:
            self.save()
            (workshop, root, hub_link, sync, control, collect, room, roster, sig) = join(
                self.context, self.args.hub, canonical(self.args.code), self.me)
            self.state.update(workshop=workshop, root=root, hub_link=hub_link, roster=roster,
                              ports=[sync, control, collect], roster_sig=sig)
            self.keys[key_id(room)] = (room, KEY_ROOM, 0, ZEROS)
        self.workshop, self.root = self.state["workshop"], self.state["root"]
        for name, key, purpose, round_, feed in self.state.get("keys", []):
            self.keys[name] = (key, purpose, round_, feed)
        self.take_roster(self.state["roster"], self.state["roster_sig"])
        need(self.myself(), "the roster does not name us")
        for author, incarnation, entries, sigs in self.state["feeds"]:
            feed = self.open(author, incarnation)
            feed.entries, feed.sigs = [list(e) for e in entries], sigs
            feed.hashes = [H("fluit header", header) for header, _ in entries]
        self.save()
        self.read_all()
        self.started_us = self.clock.local()
        self.say("resumed" if resumed else "joined", self.myself()[4])

    def curve(self, kind, port):
        socket = self.context.socket(kind)
        socket.curve_secretkey, socket.curve_publickey = self.me.link_sk, self.me.link_pk
        socket.curve_serverkey = self.state["hub_link"]
        socket.linger = 500
        socket.maxmsgsize = 1048576
        socket.handshake_ivl = 3000
        socket.heartbeat_ivl, socket.heartbeat_timeout, socket.heartbeat_ttl = 1000, 3000, 3000
        socket.reconnect_ivl, socket.reconnect_ivl_max = 50, 1000
        if kind == zmq.SUB:
            socket.subscribe(b"")
        monitor = None
        if kind == zmq.DEALER:
            socket.immediate = 1
            monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED |
                                                zmq.EVENT_DISCONNECTED)
        socket.connect("tcp://%s:%d" % (self.args.hub[0], port))
        return socket, monitor

    def connect(self):
        sync, control, collect = self.state["ports"]
        self.dealer, self.monitor = self.curve(zmq.DEALER, sync)
        self.sub, _ = self.curve(zmq.SUB, control)
        self.pub, _ = self.curve(zmq.PUB, collect)
        self.up = False
        self.burst, self.next_ask_us, self.next_beat_us, self.remind_us = 0, 0, 0, 0
        self.told_all_us, self.burst_for = 0, None

    # Roster.

    def take_roster(self, data, sig):
        if not verify(self.root, sig, "fluit roster", data):
            return
        version, workshop, revision, members = unpack(data)
        need(version == 1 and workshop == self.workshop, "a roster of something else")
        if revision <= self.revision:
            return
        self.revision, self.members = revision, members
        self.state.update(roster=data, roster_sig=sig)
        self.dirty = True
        self.grant()

    def member(self, sign_pk):
        return next((m for m in self.members if m[0] == sign_pk), None)

    def myself(self):
        return self.member(self.me.sign_pk)

    # Keys.

    def readers(self):
        table = self.myself()[4]
        return [m[1] for m in self.members if m[0] != self.me.sign_pk and
                m[5] not in (REPLACED, REVOKED) and
                (m[3] in (HUB, STANDBY) or m[4] == table)]

    def granted(self, name):
        tags = set()
        for header, payload in self.own.entries:
            if header[4] == OPEN:
                body = unpack(payload)
                if body[4] == name:
                    tags.update(stanza[0] for stanza in body[5])
        return tags

    def write_key(self, name, even_if_empty):
        key, purpose, round_, feed = self.keys[name]
        text = self.workshop + feed + bytes([purpose, round_]) + key
        had = self.granted(name)
        stanzas = [[H("fluit reader tag", r)[:8], box(r, text)] for r in self.readers()
                   if H("fluit reader tag", r)[:8] not in had]
        for at in range(0, max(len(stanzas), int(even_if_empty)), 64):
            self.append(OPEN, round_, None,
                        pack([2, purpose, round_, feed, name, stanzas[at:at + 64]]))

    def grant(self):
        if not self.own:
            return
        for name, (_, purpose, _, feed) in list(self.keys.items()):
            if purpose == KEY_STORY and feed == self.own.id:
                self.write_key(name, False)

    def story_key(self, round_):
        for key, purpose, of_round, feed in self.keys.values():
            if purpose == KEY_STORY and of_round == round_ and feed == self.own.id:
                return key
        key = os.urandom(32)
        self.keys[key_id(key)] = (key, KEY_STORY, round_, self.own.id)
        self.write_key(key_id(key), True)
        return key

    def room_key(self):
        return [key for key, purpose, _, _ in self.keys.values() if purpose == KEY_ROOM][-1]

    def take_key(self, author, body):
        _, purpose, round_, feed, name, stanzas = body
        owner = self.feeds.get(feed)
        allowed = author[3] in (HUB, STANDBY) or (purpose == KEY_STORY and owner and
                                                  owner.author == author[0])
        tag = H("fluit reader tag", self.me.read_pk)[:8]
        sealed = next((s[1] for s in stanzas if s[0] == tag), None)
        if name in self.keys or not sealed or not allowed:
            return
        text = nacl.crypto_box_seal_open(sealed, self.me.read_pk, self.me.read_sk)
        key = text[50:]
        need(text[:50] == self.workshop + feed + bytes([purpose, round_]) and len(key) == 32 and
             key_id(key) == name, "a stanza of something else")
        self.keys[name] = (key, purpose, round_, feed)
        for other in self.feeds.values():
            other.unread = 1

    # The own feed.

    def settle(self):
        """Feeds: goes on with the longest copy, or begins an incarnation."""
        mine = [f for f in self.feeds.values()
                if f.author == self.me.sign_pk and (f.seq or f.known)]
        last = max(mine, key=lambda f: f.incarnation, default=None)
        if last and self.told_all and last.seq >= max(last.known, 1):
            self.own = last
        elif not last or self.clock.local() - self.started_us > 3000000:
            count = struct.unpack(">Q", last.incarnation[:8])[0] if last else 0
            self.own = self.open(self.me.sign_pk, u64(count + 1) + os.urandom(8))
            self.append(CONTROL, 0, self.room_key(), pack([1, "", "fluit_peer 1"]))
        if self.own:
            self.published = last.seq if last is self.own else 0
            self.restore_marks()
            self.grant()

    def append(self, entry_class, round_, key, body):
        own = self.own
        header, payload = make_entry(entry_class, round_, own.seq + 1, self.clock.mesh(), own.id,
                                     own.hashes[-1] if own.seq else ZEROS, key, body)
        own.entries.append([header, payload])
        own.hashes.append(H("fluit header", header))
        own.sigs[own.seq] = sign(self.me.sign_sk, "fluit head", self.workshop, own.id,
                                 u64(own.seq), own.hashes[-1])
        self.dirty = True

    def control(self, round_, body):
        self.append(CONTROL, round_, self.room_key(), pack(body))

    def story(self, round_, body):
        self.append(STORY, round_, self.story_key(round_), pack(body))

    def publish(self):
        while self.own and self.published < self.own.seq:
            batch, last = self.batch(self.own, self.published + 1)
            self.out.append((self.pub, [self.own.id, batch]))
            self.published = last
            self.remind_us = self.clock.local() + 250000

    # Messages and Sync.

    def open(self, author, incarnation):
        feed = Feed(author, incarnation)
        return self.feeds.setdefault(feed.id, feed)

    def batch(self, feed, first):
        last, size = first - 1, 0
        while last < feed.seq and last - first < 63 and size < 262144:
            size += 156 + len(feed.entries[last][1])
            last += 1
        while last not in feed.sigs:  # what is held ends on a signed head, and so must this
            last += 1
        return pack([3, feed.author, feed.incarnation, feed.entries[first - 1:last],
                     feed.sigs[last]]), last

    def digest(self):
        rows = sorted(f.id + u64(f.seq) + f.hashes[-1] for f in self.feeds.values() if f.seq)
        return H("fluit digest", *rows)

    def send(self, message):
        self.out.append((self.dealer, [message]))

    def tell(self, full, feeds):
        self.send(pack([1, self.digest(), full, [f.head() for f in feeds if f.seq]]))

    def take_heads(self, digest, full, heads):
        for author, incarnation, seq, hash_, sig in heads:
            if not self.member(author):
                continue
            feed_id = H("fluit feed", author, incarnation)
            known = self.feeds.get(feed_id)
            if not known or seq > max(known.known, known.seq):
                need(verify(author, sig, "fluit head", self.workshop, feed_id, u64(seq), hash_),
                     "a head nobody signed")
                known = self.open(author, incarnation)
            elif seq <= known.seq and known.hashes[seq - 1] != hash_:
                known.forked = verify(author, sig, "fluit head", self.workshop, feed_id, u64(seq),
                                      hash_)
                continue
            known.known = max(known.known, seq)
            if known is self.own:
                self.safe = max(self.safe, min(seq, known.seq))
        same = digest == self.digest()
        if same and self.own:
            self.safe = self.own.seq
        self.told_all = self.told_all or full or same
        if full:
            lacking = [f for f in self.feeds.values()
                       if f.seq > max([h[2] for h in heads if h[1] == f.incarnation and
                                       h[0] == f.author], default=0)]
            if lacking:
                self.tell(False, lacking)
        elif not heads and not same and self.clock.local() - self.told_all_us > 500000:
            self.told_all_us = self.clock.local()
            self.tell(True, self.feeds.values())

    def take_entries(self, author, incarnation, entries, sig):
        if not self.member(author):
            return
        feed_id = H("fluit feed", author, incarnation)
        headers = [Header(header) for header, _ in entries]
        for at, (header, (_, payload)) in enumerate(zip(headers, entries)):
            need(header.feed == feed_id and header.seq == headers[0].seq + at, "a mixed batch")
            need(at == 0 or header.prev == headers[at - 1].hash, "a broken chain")
            need(len(payload) == header.payload_len and
                 H("fluit payload", payload) == header.payload_hash, "a wrong payload")
        last = headers[-1]
        need(verify(author, sig, "fluit head", self.workshop, feed_id, u64(last.seq), last.hash),
             "a batch nobody signed")
        feed = self.open(author, incarnation)
        feed.known = max(feed.known, last.seq)
        if headers[0].seq > feed.seq + 1:
            return
        meet = min(feed.seq, last.seq)
        at = meet - headers[0].seq
        agrees = feed.seq == 0 or (headers[at].hash == feed.hashes[meet - 1] if at >= 0
                                   else headers[0].prev == feed.hashes[-1])
        feed.forked = feed.forked or not agrees
        if not agrees or last.seq <= feed.seq:
            return
        for header, entry in list(zip(headers, entries))[feed.seq + 1 - headers[0].seq:]:
            feed.entries.append(entry)
            feed.hashes.append(header.hash)
        feed.sigs[last.seq] = sig
        feed.asked_us = 0
        self.dirty = True
        self.read_all()

    def take_want(self, wants):
        for feed_id, first in wants:
            feed = self.feeds.get(feed_id)
            if feed and 1 <= first <= feed.seq:
                self.send(self.batch(feed, first)[0])

    def pull(self):
        now = self.clock.local()
        for feed in self.feeds.values():
            if feed.known > feed.seq and not feed.forked and now - feed.asked_us > 1000000:
                feed.asked_us = now
                self.send(pack([2, [[feed.id, feed.seq + 1]]]))

    def take(self, data, frame):
        try:
            kind, *fields = unpack(data)
            if kind == 3:
                self.take_entries(*fields)
            elif frame:
                return
            elif kind == 1:
                self.take_heads(*fields)
            elif kind == 2:
                self.take_want(*fields)
            elif kind == 4 and self.clock.known():
                mesh = self.clock.mesh()
                self.send(pack([5, fields[0], mesh, mesh, self.clock.bound()]))
            elif kind == 5:
                self.clock.answer(*fields)
        except BAD_INPUT as error:
            print("ignored:", repr(error), file=sys.stderr, flush=True)

    # Entry kinds, Authority.

    def read_all(self):
        """The hub's feeds first: the rest is read by what they say."""
        again = True
        while again:
            again = False
            for feed in sorted(self.feeds.values(),
                               key=lambda f: (self.member(f.author) or [0] * 4)[3]):
                while feed.unread <= feed.seq:
                    header, payload = feed.entries[feed.unread - 1]
                    feed.unread += 1
                    again = True
                    try:
                        self.read(feed, header, payload)
                    except BAD_INPUT as error:
                        print("not read:", repr(error), file=sys.stderr, flush=True)

    def read(self, feed, data, payload):
        header, author = Header(data), self.member(feed.author)
        if header.entry_class == OPEN:
            body = unpack(payload)
            if body[0] == 2:
                self.take_key(author, body)
            return
        held = self.keys.get(header.key_id)
        if header.entry_class != CONTROL or not held or held[1] != KEY_ROOM:
            return
        kind, *fields = unpack(unseal(held[0], data, payload))
        if kind == 3:
            self.take_roster(*fields)
        elif kind == 7:
            number, hub, sig = fields
            if verify(self.root, sig, "fluit term", self.workshop, struct.pack(">I", number), hub):
                self.terms.add((number, hub))
        elif kind == 4 and author[3] == HUB and not self.script:
            self.script = True
            self.say("script", re.search(rb"^id: *([a-z0-9-]+)", fields[0], re.M)[1].decode())
        elif kind == 5 and author[3] == HUB:
            self.take_plan(author, fields)

    # Plan and Whistle.

    def take_plan(self, author, plan):
        term, revision, step, _, state = plan[:5]
        if (term, author[0]) not in self.terms or not self.script:
            return
        if self.plan and (term, revision) <= tuple(self.plan[:2]):
            return
        self.plan = plan
        self.say("plan", step, state)

    def restore_marks(self):
        """The own ARMED and FIRED entries: what may have sounded must not sound again."""
        for data, payload in self.own.entries:
            header = Header(data)
            held = self.keys.get(header.key_id)
            if header.entry_class != CONTROL or not held:
                continue
            kind, *fields = unpack(unseal(held[0], data, payload))
            if kind == 12:
                term, revision, _, marks = fields
                self.done.update(tuple(m[:4]) for m in self.armed
                                 if m not in marks and m[4] <= header.mesh)
                self.armed, self.last_armed = marks, (term, revision)
            elif kind == 13:
                self.done.add(tuple(fields[0][:4]))

    def arm(self):
        if not self.own or not self.clock.known():
            return
        if not self.alarm_started:
            self.alarm_started = True
            latest = self.clock.mesh() + self.clock.bound()
            self.done.update(tuple(m[:4]) for m in self.armed if m[4] <= latest)
        if not self.plan or tuple(self.plan[:2]) <= self.last_armed:
            return
        marks = [m for m in self.plan[9] if tuple(m[:4]) not in self.done]
        self.last_armed, self.armed = tuple(self.plan[:2]), marks
        self.control(0, [12, *self.last_armed, self.clock.bound(), marks])
        self.save()
        self.say("armed", len(marks))

    def next_mark(self):
        if not self.alarm_started or not self.plan:
            return None
        marks = [m for m in self.plan[9] if m in self.armed and tuple(m[:4]) not in self.done]
        return min(marks, key=lambda m: m[4], default=None)

    def fire(self):
        mark = self.next_mark()
        if not mark or mark[4] - self.clock.mesh() > 5000:
            return
        while mark[4] > self.clock.mesh():
            time.sleep(max(0, min(0.0005, (mark[4] - self.clock.mesh()) / 1e6)))
        at, bound = self.clock.mesh(), self.clock.bound()
        outputs = 2 if at - mark[4] <= 500000 else 0
        if outputs:
            self.say("fired", at, mark[4], bound)
        self.done.add(tuple(mark[:4]))
        self.fired += 1
        self.control(mark[1], [13, mark[:4] + [at], bound, outputs])

    # What this table has to say.

    def act(self):
        if self.acted or not self.own or not self.plan or not self.clock.known():
            return
        self.acted = True
        if any(header[4] == STORY for header, _ in self.own.entries):
            return  # it was said before a restart
        self.story(1, [20, [self.args.card, 1], self.args.zone, self.args.degree])
        self.story(1, [27, os.urandom(16), os.urandom(16), [], None, None, 1, self.args.note])
        self.story(1, [29, os.urandom(16), 0, 1, PHOTO])
        self.control(0, [14, True])

    # The loop.

    def on_monitor(self):
        event = recv_monitor_message(self.monitor)["event"]
        self.up = event == zmq.EVENT_HANDSHAKE_SUCCEEDED
        if self.up:
            self.tell(True, self.feeds.values())
            self.burst, self.next_ask_us = 8, 0
            self.next_beat_us = self.clock.local() + 1000000

    def on_time(self):
        now = self.clock.local()
        mark = self.next_mark()
        if mark and mark[4] - self.clock.mesh() < 3000000 and self.burst_for != mark:
            self.burst_for, self.burst, self.next_ask_us = mark, 8, 0
        if self.up and now >= self.next_ask_us:
            self.burst = max(self.burst - 1, 0)
            self.next_ask_us = now + (20000 if self.burst else 2000000)
            self.dealer.send(self.clock.ask(), zmq.DONTWAIT)
        if self.up and now >= self.next_beat_us:
            self.next_beat_us = now + 1000000
            self.send(pack([1, self.digest(), False, []]))
        if self.up and self.own and self.safe < self.own.seq and now >= self.remind_us:
            self.remind_us = now + 250000
            self.tell(False, [self.own])

    def flush(self):
        if self.dirty:
            self.save()
        for socket, parts in self.out:
            try:
                socket.send_multipart(parts, zmq.DONTWAIT)
            except zmq.Again:
                pass  # sync repairs
        self.out = []

    def turn(self):
        mark = self.next_mark()
        wait_ms = 10
        if mark:
            wait_ms = max(0, min(wait_ms, (mark[4] - self.clock.mesh()) // 1000 - 5))
        ready = dict(self.poller.poll(wait_ms))
        self.fire()
        if self.monitor in ready:
            self.on_monitor()
        while self.dealer.poll(0):
            self.take(self.dealer.recv(), False)
        while self.sub.poll(0):
            topic, *rest = self.sub.recv_multipart()
            if len(topic) == 32 and len(rest) == 1:
                self.take(rest[0], True)
        if not self.own:
            self.settle()
        self.arm()
        self.act()
        self.publish()
        self.pull()
        self.on_time()
        self.flush()
        if self.safe > self.announced_safe:
            self.announced_safe = self.safe
            self.say("safe", self.safe)

    def run(self):
        self.enter()
        self.connect()
        self.poller = zmq.Poller()
        for socket in (self.dealer, self.sub, self.monitor):
            self.poller.register(socket, zmq.POLLIN)
        end = time.monotonic() + self.args.seconds
        while time.monotonic() < end:
            self.turn()
            if self.fired >= self.args.marks and self.own and self.safe == self.own.seq and \
                    self.acted:
                self.say("bye")
                return 0
        return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hub", required=True, metavar="HOST:PORT")
    parser.add_argument("--code", default="")
    parser.add_argument("--state", metavar="FILE", help="kept here; without it, forgotten")
    parser.add_argument("--card", default="autonomy")
    parser.add_argument("--zone", default="stimulates")
    parser.add_argument("--degree", type=int, default=2)
    parser.add_argument("--note", default="from a peer in another language")
    parser.add_argument("--marks", type=int, default=1, help="marks to fire before it ends")
    parser.add_argument("--seconds", type=float, default=60, help="gives up after so long")
    parser.add_argument("--skew-us", type=int, default=0, help="its own clock is off by this")
    args = parser.parse_args()
    host, port = args.hub.rsplit(":", 1)
    args.hub = (host, int(port))
    try:
        return Peer(args).run()
    except (Refused, ValueError) as error:
        print("fluit_peer:", error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
