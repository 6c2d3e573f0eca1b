#!/usr/bin/python3
"""Writes protocol.txt: PROTOCOL.md in bytes, by an implementation that shares no code with the C one.

Needs Debian's python3-nacl and python3-msgpack. Run it in this directory; the result is checked in
and read by tests/unit/test_vectors.c and test_vectors_wire.c. With --check it writes nothing, and
fails unless protocol.txt is what it would write and PROTOCOL.md's worked example has these values.
"""
import hashlib
import ipaddress
import os
import struct
import sys

import msgpack
from nacl import bindings as nacl

import make_noise

HERE = os.path.dirname(os.path.abspath(__file__))
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
OPEN, CONTROL, STORY = 0, 1, 2
HUB, STANDBY, TABLE, RAPPORTEUR = 1, 2, 3, 4
KEY_STORY, KEY_ROOM, KEY_ROOT = 1, 2, 3
MESH = 1700000000000000


# Primitives.

def with_domain(domain, *parts):
    return bytes([len(domain)]) + domain.encode() + b"".join(parts)


def fluit_hash(domain, *parts):
    return hashlib.blake2b(with_domain(domain, *parts), digest_size=32).digest()


def derive(key, domain):
    return hashlib.blake2b(with_domain(domain), digest_size=32, key=key).digest()


class Rng:
    """The C program's generator: it makes a C test repeatable and is no part of the protocol."""

    def __init__(self, seed):
        self.key = fluit_hash("fluit rng seed", seed)

    def draw(self, length):
        assert length <= 64
        out = make_noise.chacha20_block(self.key, b"fluit out".ljust(12, b"\0"))[:length]
        self.key = make_noise.chacha20_block(self.key, b"fluit key".ljust(12, b"\0"))[:32]
        return out


def sign_keypair(seed):
    return nacl.crypto_sign_seed_keypair(seed)


def sign(sk, domain, *parts):
    return nacl.crypto_sign(with_domain(domain, *parts), sk)[:64]


def box_public(sk):
    return nacl.crypto_scalarmult_base(sk)


def box_seal(ephemeral, to, text):
    public = box_public(ephemeral)
    nonce = hashlib.blake2b(public + to, digest_size=24).digest()
    return public + nacl.crypto_box(text, nonce, to, ephemeral)


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


class Identity:
    def __init__(self, seed):
        self.seed = seed
        self.sign_pk, self.sign_sk = sign_keypair(derive(seed, "fluit sign"))
        self.read_sk = derive(seed, "fluit read")
        self.link_sk = derive(seed, "fluit link")
        self.read_pk = box_public(self.read_sk)
        self.link_pk = box_public(self.link_sk)


# Entries.

def feed_id(author, incarnation):
    return fluit_hash("fluit feed", author, incarnation)


def key_id(key):
    return fluit_hash("fluit key id", key)


def reader_tag(reader):
    return fluit_hash("fluit reader tag", reader)[:8]


def bucket(body_len):
    need = body_len + 4
    if need > 4096:
        return (need + 4095) // 4096 * 4096
    size = 64
    while size < need:
        size *= 2
    return size


def header_start(entry_class, round_, seq, mesh, feed, prev, key, payload_len):
    start = struct.pack(">4sBBHQq", b"FLE1", entry_class, round_, 0, seq, mesh)
    return start + feed + prev + key + struct.pack(">I", payload_len)


def entry(entry_class, round_, seq, mesh, feed, prev, key, nonce, body):
    """(header, payload) of an entry; key and nonce are None in class OPEN."""
    if entry_class == OPEN:
        start = header_start(OPEN, round_, seq, mesh, feed, prev, bytes(32), len(body))
        payload = body
    else:
        text = struct.pack(">I", len(body)) + body
        text = text.ljust(bucket(len(body)), b"\0")
        start = header_start(entry_class, round_, seq, mesh, feed, prev, key_id(key),
                             24 + len(text) + 16)
        payload = nonce + nacl.crypto_aead_xchacha20poly1305_ietf_encrypt(text, start, nonce, key)
    assert len(start) == 124
    return start + fluit_hash("fluit payload", payload), payload


def head_sign(identity, workshop, feed, seq, hash_):
    return sign(identity.sign_sk, "fluit head", workshop, feed, struct.pack(">Q", seq), hash_)


def key_body(rng, workshop, feed, purpose, round_, key, readers):
    text = workshop + feed + bytes([purpose, round_]) + key
    stanzas = [[reader_tag(r), box_seal(rng.draw(32), r, text)] for r in readers]
    return pack([2, purpose, round_, feed, key_id(key), stanzas])


# Typed codes.

def check_digit(values):
    check = 0
    for value in values:
        check = (check ^ value) << 1
        if check & 32:
            check ^= 0b100101
    return check


def invite_code(values):
    assert len(values) == 15
    return "".join(DIGITS[v] for v in list(values) + [check_digit(values)])


def base32(data, count):
    number = int.from_bytes(data, "big") << 8
    bits = 8 * len(data) + 8
    return [number >> (bits - 5 * (i + 1)) & 31 for i in range(count)]


def paper(secret):
    data, sums = base32(secret, 52), base32(fluit_hash("fluit paper sum", secret), 8)
    text = ""
    for number in range(1, 5):
        line = data[13 * (number - 1):13 * number] + sums[2 * (number - 1):2 * number]
        line.append(check_digit([number] + line))
        shown = "".join(DIGITS[v] for v in line)
        text += "-".join(shown[i:i + 4] for i in range(0, 16, 4)) + "\n"
    return text


def digest(heads):
    rows = sorted(feed + struct.pack(">Q", seq) + hash_ for feed, seq, hash_ in heads if seq)
    return fluit_hash("fluit digest", *rows)


class World:
    """The people and secrets that all vectors share."""

    def __init__(self):
        self.workshop = bytes(range(16))
        self.root_seed = b"R" * 32
        self.root_pk, self.root_sk = sign_keypair(self.root_seed)
        self.hub = Identity(b"H" * 32)
        self.recovery = Identity(b"P" * 32)
        self.table = Identity(b"T" * 32)
        self.room_key = b"k" * 32
        self.story_key = b"s" * 32
        self.incarnation = bytes.fromhex("0000000000000001a1a2a3a4a5a6a7a8")
        self.feed = feed_id(self.table.sign_pk, self.incarnation)


def primitives(w, add):
    add("hash.empty", fluit_hash("fluit test"))
    add("hash.parts", fluit_hash("fluit test", b"one", b"", b"two"))
    add("derive.key", bytes(range(32)))
    add("derive.out", derive(bytes(range(32)), "fluit test"))
    rng = Rng(b"vectors")
    add("rng.first", rng.draw(64))
    add("rng.second", rng.draw(32))
    for name in ("hub", "recovery", "table"):
        who = getattr(w, name)
        add(name + ".seed", who.seed)
        add(name + ".sign_pk", who.sign_pk)
        add(name + ".read_pk", who.read_pk)
        add(name + ".link_pk", who.link_pk)
        add(name + ".link_sk", who.link_sk)
    add("root.seed", w.root_seed)
    add("root.pk", w.root_pk)
    add("workshop", w.workshop)
    add("sign.sig", sign(w.table.sign_sk, "fluit test", b"one", b"two"))
    add("room_key", w.room_key)
    add("room_key.id", key_id(w.room_key))
    add("story_key", w.story_key)
    add("story_key.id", key_id(w.story_key))
    add("reader_tag.hub", reader_tag(w.hub.read_pk))


def codes(w, add):
    values = [(7 * i + 3) % 32 for i in range(15)]
    code = invite_code(values)
    w.code = code.encode()
    add("invite.digits", bytes(values))
    add("invite.check", bytes([check_digit(values)]))
    add("invite.code", w.code)
    add("invite.psk", fluit_hash("fluit invite psk", w.code))
    add("invite.id", fluit_hash("fluit invite id", w.code)[:8])
    secret = bytes((37 * i + 11) % 256 for i in range(32))
    add("paper.secret", secret)
    add("paper.text", paper(secret).encode())


def chain(w, add):
    """A table's first three entries, and the live frame and sync message that carry them."""
    add("incarnation", w.incarnation)
    add("feed", w.feed)
    hello = pack([1, "", "vectors 1"])
    rng = Rng(b"key entry")
    key = key_body(rng, w.workshop, w.feed, KEY_STORY, 1, w.story_key,
                   [w.hub.read_pk, w.recovery.read_pk])
    place = pack([20, ["autonomy", 1], "stimulates", 2])
    nonces = [Rng(b"hello").draw(24), None, Rng(b"place").draw(24)]
    steps = [(CONTROL, 0, w.room_key, hello), (OPEN, 1, None, key), (STORY, 1, w.story_key, place)]
    prev, w.entries = bytes(32), []
    for seq, (entry_class, round_, content_key, body) in enumerate(steps, 1):
        mesh = MESH + 1000 * seq
        header, payload = entry(entry_class, round_, seq, mesh, w.feed, prev, content_key,
                                nonces[seq - 1], body)
        prev = fluit_hash("fluit header", header)
        w.entries.append([header, payload])
        name = "entry%d." % seq
        add(name + "body", body)
        if nonces[seq - 1]:
            add(name + "nonce", nonces[seq - 1])
        add(name + "header", header)
        add(name + "payload", payload)
        add(name + "hash", prev)
    w.head = prev
    w.head_sig = head_sign(w.table, w.workshop, w.feed, 3, prev)
    add("head.sig", w.head_sig)
    add("message.entries", pack([3, w.table.sign_pk, w.incarnation, w.entries, w.head_sig]))
    for size in (0, 60, 61, 4092, 4093, 9000):
        add("bucket.%d" % size, struct.pack(">I", bucket(size)))


def roster_and_term(w, add):
    members = [[w.hub.sign_pk, w.hub.read_pk, w.hub.link_pk, HUB, 0, 1],
               [w.recovery.sign_pk, w.recovery.read_pk, w.recovery.link_pk, STANDBY, 0, 5],
               [w.table.sign_pk, w.table.read_pk, w.table.link_pk, TABLE, 7, 1]]
    w.roster = pack([1, w.workshop, 2, members])
    w.roster_sig = sign(w.root_sk, "fluit roster", w.roster)
    add("roster.bytes", w.roster)
    add("roster.sig", w.roster_sig)
    add("roster.body", pack([3, w.roster, w.roster_sig]))
    term_sig = sign(w.root_sk, "fluit term", w.workshop, struct.pack(">I", 1), w.hub.sign_pk)
    add("term.sig", term_sig)
    add("term.body", pack([7, 1, w.hub.sign_pk, term_sig]))


def bodies(w, add):
    """One body of every kind that is an act; test_vectors_wire.c makes the same ones."""
    note, revision, parent = b"n" * 16, b"r" * 16, b"p" * 16
    mark = [7, 1, 1, 1, MESH + 3000000]
    end = [7, 1, 2, 1, MESH + 903000000]
    acts = [
        ("hello", [1, "tcp://192.0.2.7:20001", "vectors 1"]),
        ("script", [4, b"id: tiny\n"]),
        ("plan", [5, 1, 9, 7, 1, 2, MESH + 3000000, MESH + 903000000, 0, MESH + 1083000000,
                  [mark, end]]),
        ("cut", [6, 1, 1, MESH + 1083000000, [[w.feed, 3, w.head]]]),
        ("message", [8, 0, "koffie \u2615"]),
        ("release", [9, note, True]),
        ("armed", [12, 1, 9, 250, [mark, end]]),
        ("fired", [13, [7, 1, 1, 1, MESH + 3000042], 250, 3]),
        ("heard", [14, True]),
        ("heap", [15, note, "tijd en ruimte"]),
        ("place", [20, ["autonomy", 1], "stimulates", 2]),
        ("aside", [21, ["autonomy", 2]]),
        ("lift", [22, ["blank-1", 1]]),
        ("why", [23, ["autonomy", 1], "zelf kiezen"]),
        ("why-none", [23, ["autonomy", 1], None]),
        ("link", [24, ["autonomy", 1], ["health", 2], False, "door"]),
        ("blank", [25, "blank-1", "een eigen kaart"]),
        ("role", [26, "interviewer", 3]),
        ("note", [27, note, revision, [parent], "choose", ["autonomy", 1], 3, "regel 1\nregel 2"]),
        ("note-bare", [27, note, revision, [], None, None, 0, ""]),
        ("answer", [28, "expect", 0, "veel"]),
        ("photo", [29, b"f" * 16, 1, 3, b"\xff\xd8\xff\xd9"]),
        ("photo-gone", [29, b"f" * 16, 0, 0, b""]),
        ("next-board", [30, 2]),
        ("group", [31, "growers"]),
        ("group-none", [31, None]),
        ("fired-early", [13, [0, 0, 2, 255, -1], 0, 0]),
    ]
    for name, value in acts:
        add("body." + name, pack(value))


def messages(w, add):
    heads = [[w.table.sign_pk, w.incarnation, 3, w.head, w.head_sig]]
    other = feed_id(w.hub.sign_pk, w.incarnation)
    w.digest = digest([(w.feed, 3, w.head), (other, 258, b"h" * 32)])
    add("digest.none", digest([]))
    add("digest.two", w.digest)
    add("message.heads", pack([1, w.digest, True, heads]))
    add("message.heartbeat", pack([1, w.digest, False, []]))
    add("message.want", pack([2, [[w.feed, 1], [other, 259]]]))
    add("message.ask", pack([4, 123456789]))
    add("message.time", pack([5, 123456789, MESH, MESH + 17, 2]))


def door(w, add):
    e_i, e_r = Rng(b"joiner").draw(32), Rng(b"doorkeeper").draw(32)
    psk = fluit_hash("fluit invite psk", w.code)
    add("door.e_i", e_i)
    add("door.e_r", e_r)
    s = make_noise.Symmetric()
    s.mix_hash(b"fluit door 1")
    add("door.h0", s.h)
    s.mix_key_and_hash(psk)
    public = box_public(e_i)
    s.mix_hash(public)
    s.mix_key(public)
    add("door.signed_hash", s.h)
    sig = sign(w.table.sign_sk, "fluit join", s.h, w.table.read_pk, w.table.link_pk)
    payload = pack([TABLE, w.table.sign_pk, w.table.read_pk, w.table.link_pk, sig])
    add("door.join_payload", payload)
    add("door.join", fluit_hash("fluit invite id", w.code)[:8] + public +
        s.encrypt_and_hash(payload))

    welcome = pack([1, w.workshop, w.root_pk, w.hub.link_pk, 20001, 20002, 20003, w.room_key,
                    w.roster, w.roster_sig])
    add("door.welcome_payload", welcome)
    for name, answer in (("welcome", welcome), ("refuse", pack([2, 2]))):
        first, second = make_noise.handshake(psk, b"fluit door 1", e_i, e_r, payload, answer)
        add("door." + name, b"\1" + second[0])
    add("door.stranger", b"\0\1")


def beacon(w, add):
    """One of a hub that leads, and one of a hub that knows neither its term nor the time."""
    def made(term, mesh, *addresses):
        text = b"FLB1" + w.workshop + w.hub.sign_pk + struct.pack(">IHqB", term, 7450, mesh,
                                                                  len(addresses))
        for host in addresses:
            address = ipaddress.ip_address(host)
            text += bytes([address.version]) + address.packed
        return text + sign(w.hub.sign_sk, "fluit beacon", text)

    add("beacon.leads", made(1, MESH, "192.0.2.7", "2001:db8::7"))
    add("beacon.waits", made(0, 0, "127.0.0.1"))


def all_vectors():
    lines, values = [], {}

    def add(name, value):
        assert name not in values
        values[name] = value.hex()
        lines.append(("%s = %s" % (name, value.hex())).rstrip())

    w = World()
    for section in (primitives, codes, chain, roster_and_term, bodies, messages, door, beacon):
        lines.append("")
        section(w, add)
    return "# Made by make_protocol.py. name = hex.\n" + "\n".join(lines) + "\n", values


def check_example(values):
    """Every "name = hex..." line of PROTOCOL.md's worked example, whose hex may go over lines."""
    with open(os.path.join(HERE, "../../proto/PROTOCOL.md"), encoding="utf-8") as f:
        text = f.read()
    example = text[text.index("## Worked example"):]
    shown, name = {}, None
    for line in example.splitlines():
        if not line.startswith("    "):
            name = None
        elif " =" in line:
            name, value = line.strip().split(" =", 1)
            shown[name] = value.strip()
        elif name:
            shown[name] += line.strip()
    wrong = [n for n in shown if values.get(n) != shown[n]]
    for n in wrong:
        print("PROTOCOL.md's worked example has a wrong", n)
    if len(shown) < 10:
        print("PROTOCOL.md's worked example was not found")
    return not wrong and len(shown) >= 10


def main():
    path = os.path.join(HERE, "protocol.txt")
    text, values = all_vectors()
    if sys.argv[1:] != ["--check"]:
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
        return 0
    with open(path, encoding="ascii") as f:
        same = f.read() == text
    if not same:
        print("protocol.txt is not what make_protocol.py writes")
    return 0 if check_example(values) and same else 1


if __name__ == "__main__":
    sys.exit(main())
