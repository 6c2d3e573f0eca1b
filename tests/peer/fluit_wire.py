"""What travels, as proto/PROTOCOL.md has it: primitives, door, entries and clock, free of sockets.

Section names are its own. Written from that page alone; for tests, not for a workshop.
"""
import hmac
import os
import re
import struct
import time
from hashlib import blake2b

import msgpack
from nacl import bindings as nacl
from nacl.exceptions import CryptoError

OPEN, CONTROL, STORY = 0, 1, 2
ZEROS = bytes(32)
BAD_INPUT = (ValueError, TypeError, KeyError, IndexError, CryptoError, struct.error,
             msgpack.UnpackException, RecursionError)


def need(condition, what):
    if not condition:
        raise ValueError(what)


# Primitives, Encoding.

def with_domain(domain, *parts):
    return bytes([len(domain)]) + domain.encode() + b"".join(parts)


def H(domain, *parts):
    return blake2b(with_domain(domain, *parts), digest_size=32).digest()


def derive(key, domain):
    return blake2b(with_domain(domain), digest_size=32, key=key).digest()


def sign(sk, domain, *parts):
    return nacl.crypto_sign(with_domain(domain, *parts), sk)[:64]


def verify(pk, sig, domain, *parts):
    try:
        nacl.crypto_sign_open(sig + with_domain(domain, *parts), pk)
        return True
    except CryptoError:
        return False


def box(to, text):
    return nacl.crypto_box_seal(text, to)


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def unpack(data):
    return msgpack.unpackb(data, raw=False, use_list=True, max_map_len=0, max_ext_len=0,
                           max_array_len=32768)


def u64(value):
    return struct.pack(">Q", value)


class Identity:
    def __init__(self, seed):
        self.sign_pk, self.sign_sk = nacl.crypto_sign_seed_keypair(derive(seed, "fluit sign"))
        self.read_sk, self.link_sk = derive(seed, "fluit read"), derive(seed, "fluit link")
        self.read_pk = nacl.crypto_scalarmult_base(self.read_sk)
        self.link_pk = nacl.crypto_scalarmult_base(self.link_sk)


# Door.

class Noise:
    """Noise_NNpsk0_25519_ChaChaPoly_BLAKE2b, the initiator's side."""

    def __init__(self, psk):
        name = b"Noise_NNpsk0_25519_ChaChaPoly_BLAKE2b"
        self.h = self.ck = name.ljust(64, b"\0")
        self.mix_hash(b"fluit door 1")
        self.e = os.urandom(32)
        self.public = nacl.crypto_scalarmult_base(self.e)
        self.ck, t, self.k = self.hkdf(psk, 3)
        self.mix_hash(t)
        self.mix_e(self.public)

    def mix_hash(self, data):
        self.h = blake2b(self.h + data).digest()

    def hkdf(self, material, count):
        temp = hmac.new(self.ck, material, blake2b).digest()
        out, last = [], b""
        for number in range(1, count + 1):
            last = hmac.new(temp, last + bytes([number]), blake2b).digest()
            out.append(last)
        return out

    def mix_key(self, material):
        self.ck, self.k = self.hkdf(material, 2)

    def mix_e(self, e):
        self.mix_hash(e)
        self.mix_key(e)

    def write(self, payload):
        sealed = nacl.crypto_aead_chacha20poly1305_ietf_encrypt(payload, self.h, bytes(12),
                                                                self.k[:32])
        self.mix_hash(sealed)
        return self.public + sealed

    def read(self, message):
        self.mix_e(message[:32])
        self.mix_key(nacl.crypto_scalarmult(self.e, message[:32]))
        return nacl.crypto_aead_chacha20poly1305_ietf_decrypt(message[32:], self.h, bytes(12),
                                                              self.k[:32])


REASONS = {1: "no such code", 2: "used by another device", 3: "expired", 4: "for another class",
           5: "too many wrong codes", 6: "malformed"}


def canonical(code):
    text = re.sub(r"[- \t\r\n]", "", code).upper().translate(str.maketrans("OIL", "011"))
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    check = 0
    for c in text[:15]:
        check = (check ^ digits.index(c)) << 1
        check = check ^ 37 if check & 32 else check
    need(len(text) == 16 and digits.index(text[15]) == check, "the code is mistyped")
    return text.encode()


# Entries, Sealing.

class Header:
    LAYOUT = ">4sBBHQq32s32s32sI32s"

    def __init__(self, data):
        (magic, self.entry_class, self.round, zero, self.seq, self.mesh, self.feed, self.prev,
         self.key_id, self.payload_len, self.payload_hash) = struct.unpack(self.LAYOUT, data)
        need(magic == b"FLE1" and zero == 0 and self.entry_class <= STORY and self.round <= 8,
             "a malformed header")
        need(1 <= self.seq < 1 << 63 and self.payload_len <= 196608, "a header out of range")
        need((self.seq == 1) == (self.prev == ZEROS), "a wrong prev")
        need((self.entry_class == OPEN) == (self.key_id == ZEROS), "a wrong key id")
        self.hash = H("fluit header", data)


def bucket(length):
    if length > 4096:
        return -(-length // 4096) * 4096
    size = 64
    while size < length:
        size *= 2
    return size


def key_id(key):
    return H("fluit key id", key)


def make_entry(entry_class, round_, seq, mesh, feed, prev, key, body):
    text = struct.pack(">I", len(body)) + body
    text = text.ljust(bucket(len(text)), b"\0")
    length = len(body) if entry_class == OPEN else 24 + len(text) + 16
    start = struct.pack(Header.LAYOUT[:-3], b"FLE1", entry_class, round_, 0, seq, mesh, feed, prev,
                        ZEROS if entry_class == OPEN else key_id(key), length)
    payload = body
    if entry_class != OPEN:
        nonce = os.urandom(24)
        payload = nonce + nacl.crypto_aead_xchacha20poly1305_ietf_encrypt(text, start, nonce, key)
    return start + H("fluit payload", payload), payload


def unseal(key, header, payload):
    text = nacl.crypto_aead_xchacha20poly1305_ietf_decrypt(payload[24:], header[:124],
                                                           payload[:24], key)
    length = struct.unpack(">I", text[:4])[0]
    need(len(text) == bucket(4 + length) and not any(text[4 + length:]), "wrong padding")
    return text[4:4 + length]


class Feed:
    def __init__(self, author, incarnation):
        self.author, self.incarnation = author, incarnation
        self.id = H("fluit feed", author, incarnation)
        self.entries, self.hashes, self.sigs = [], [], {}  # by seq - 1; signatures by seq
        self.known = 0       # longest seq that anybody showed
        self.forked = False
        self.asked_us = 0    # when a WANT was last sent
        self.unread = 1      # the first seq that was not read yet

    @property
    def seq(self):
        return len(self.entries)

    def head(self):
        return [self.author, self.incarnation, self.seq, self.hashes[-1], self.sigs[self.seq]]


# Clock.

class Clock:
    """The minimal estimate: where the intervals of all exchanges meet."""

    def __init__(self, skew_us):
        self.skew_us = skew_us
        self.samples, self.waiting, self.strange = [], set(), []

    def local(self):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000 + self.skew_us

    def ask(self):
        t1 = self.local()
        self.waiting.add(t1)
        return pack([4, t1])

    def answer(self, t1, t2, t3, bound):
        t4 = self.local()
        if t1 not in self.waiting:
            return
        self.waiting.discard(t1)
        rtt = (t4 - t1) - (t3 - t2)
        if t4 - t1 > 4000000 or t3 < t2 or not 0 <= bound <= 86400000000 or rtt < -2:
            return
        err = max(rtt, 0) // 2 + bound + (t4 - t1) // 2000 + 4
        sample = (t4, ((t2 - t1) + (t3 - t4)) // 2, err)
        if self.meet(self.samples + [sample], t4) is None:
            self.strange.append(sample)
            if len(self.strange) < 4 or t4 - self.strange[0][0] < 5000000:
                return
            self.samples = []
        self.strange = []
        self.samples = (self.samples + [sample])[-64:]

    @staticmethod
    def meet(samples, local):
        grown = [(offset, err + (local - t4) * 403 // 1000000 + 3) for t4, offset, err in samples]
        low = max((offset - err for offset, err in grown), default=0)
        high = min((offset + err for offset, err in grown), default=-1)
        return (low, high) if low <= high else None

    def known(self):
        return bool(self.samples)

    def offset(self):
        low, high = self.meet(self.samples, self.local())
        return (low + high) // 2

    def bound(self):
        low, high = self.meet(self.samples, self.local())
        return (high - low + 1) // 2 + 1

    def mesh(self):
        return self.local() + self.offset() if self.known() else 0
