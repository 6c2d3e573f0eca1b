#!/usr/bin/python3
"""Writes noise.txt: door handshakes by an implementation that shares no code with the C one.

Noise_NNpsk0_25519_ChaChaPoly_BLAKE2b, from the Noise specification, revision 34. Run it in this
directory; the result is checked in and read by tests/unit/test_noise.c.
"""
import hashlib
import hmac
import struct

from nacl import bindings as nacl

NAME = b"Noise_NNpsk0_25519_ChaChaPoly_BLAKE2b"


def blake2b(data):
    return hashlib.blake2b(data).digest()


def hkdf(chaining_key, material, count):
    temp = hmac.new(chaining_key, material, hashlib.blake2b).digest()
    outputs, last = [], b""
    for number in range(1, count + 1):
        last = hmac.new(temp, last + bytes([number]), hashlib.blake2b).digest()
        outputs.append(last)
    return outputs


class Symmetric:
    def __init__(self):
        assert len(NAME) <= 64
        self.h = NAME.ljust(64, b"\0")
        self.ck = self.h
        self.k = None
        self.n = 0

    def mix_hash(self, data):
        self.h = blake2b(self.h + data)

    def set_key(self, key):
        self.k, self.n = key[:32], 0

    def mix_key(self, material):
        self.ck, key = hkdf(self.ck, material, 2)
        self.set_key(key)

    def mix_key_and_hash(self, material):
        self.ck, hashed, key = hkdf(self.ck, material, 3)
        self.mix_hash(hashed)
        self.set_key(key)

    def encrypt_and_hash(self, text):
        nonce = b"\0\0\0\0" + struct.pack("<Q", self.n)
        sealed = nacl.crypto_aead_chacha20poly1305_ietf_encrypt(text, self.h, nonce, self.k)
        self.n += 1
        self.mix_hash(sealed)
        return sealed


def handshake(psk, prologue, initiator_e, responder_e, payload_1, payload_2):
    """Both messages with the hashes around them, as (message, hash before payload, hash after)."""
    s = Symmetric()
    s.mix_hash(prologue)
    public_i = nacl.crypto_scalarmult_base(initiator_e)
    public_r = nacl.crypto_scalarmult_base(responder_e)

    s.mix_key_and_hash(psk)
    s.mix_hash(public_i)
    s.mix_key(public_i)
    before = s.h
    first = (public_i + s.encrypt_and_hash(payload_1), before, s.h)

    s.mix_hash(public_r)
    s.mix_key(public_r)
    s.mix_key(nacl.crypto_scalarmult(initiator_e, public_r))
    before = s.h
    second = (public_r + s.encrypt_and_hash(payload_2), before, s.h)
    return first, second


def chacha20_block(key, nonce):
    """Block 0 of ChaCha20 (RFC 8439)."""
    def rotate(value, count):
        return (value << count | value >> (32 - count)) & 0xFFFFFFFF

    def quarter(x, a, b, c, d):
        for p, q, r, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[p] = (x[p] + x[q]) & 0xFFFFFFFF
            x[r] = rotate(x[r] ^ x[p], count)

    start = list(struct.unpack("<4I", b"expand 32-byte k"))
    start += struct.unpack("<8I", key) + (0,) + struct.unpack("<3I", nonce)
    x = list(start)
    for _ in range(10):
        for column in range(4):
            quarter(x, column, 4 + column, 8 + column, 12 + column)
        for column in range(4):
            quarter(x, column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(x, start)))


def first_drawn(seed):
    """The first 32 bytes that a fluit_rng seeded with seed gives (common/crypto.h)."""
    domain = b"fluit rng seed"
    key = hashlib.blake2b(bytes([len(domain)]) + domain + seed, digest_size=32).digest()
    return chacha20_block(key, b"fluit out".ljust(12, b"\0"))[:32]


def main():
    cases = [
        (b"fluit door", b'{"join": 1}', b"welcome"),
        (b"", b"", b""),
        (bytes(range(200)), bytes(range(256)) * 4, bytes(3000)),
    ]
    with open("noise.txt", "w", encoding="ascii") as out:
        out.write("# Made by make_noise.py. name = hex; e_i and e_r are the first 32 bytes drawn\n"
                  "# from generators seeded with seed_i and seed_r.\n")
        for number, (prologue, payload_1, payload_2) in enumerate(cases, 1):
            psk = blake2b(b"psk %d" % number)[:32]
            seed_i, seed_r = b"initiator %d" % number, b"responder %d" % number
            e_i, e_r = first_drawn(seed_i), first_drawn(seed_r)
            first, second = handshake(psk, prologue, e_i, e_r, payload_1, payload_2)
            fields = [
                ("psk", psk), ("prologue", prologue), ("seed_i", seed_i), ("seed_r", seed_r),
                ("e_i", e_i), ("e_r", e_r), ("payload_1", payload_1), ("payload_2", payload_2),
                ("message_1", first[0]), ("payload_hash_1", first[1]), ("hash_1", first[2]),
                ("message_2", second[0]), ("payload_hash_2", second[1]), ("hash_2", second[2]),
            ]
            out.write("\n")
            for name, value in fields:
                out.write(("%d.%s = %s" % (number, name, value.hex())).rstrip() + "\n")


if __name__ == "__main__":
    main()
