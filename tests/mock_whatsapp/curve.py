"""Curve25519: key pairs, and the signatures that Signal makes with them (XEdDSA).

Written from the public specifications: RFC 7748, RFC 8032 and Signal's "XEdDSA and VXEdDSA".
"""

from __future__ import annotations

import hashlib
import os
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = (-121665 * pow(121666, PRIME - 2, PRIME)) % PRIME
_ROOT = pow(2, (PRIME - 1) // 4, PRIME)  # of -1


class KeyPair:
    """An X25519 key, and its public half as 32 bytes."""

    def __init__(self, private: bytes | None = None) -> None:
        raw = bytearray(private or os.urandom(32))
        raw[0] &= 248
        raw[31] = raw[31] & 127 | 64
        self.private = bytes(raw)
        self._key = X25519PrivateKey.from_private_bytes(self.private)
        self.public = self._key.public_key().public_bytes_raw()

    def agree(self, public: bytes) -> bytes:
        """The secret shared with the owner of another public key."""
        return self._key.exchange(X25519PublicKey.from_public_bytes(public))


def derive(secret: bytes, size: int, *, salt: bytes = b"", info: bytes = b"") -> bytes:
    """HKDF-SHA256."""
    return HKDF(SHA256(), size, salt or None, info).derive(secret)


class _Point(NamedTuple):
    """A point of Ed25519 in extended coordinates."""

    x: int
    y: int
    z: int
    t: int


def sign(private: bytes, message: bytes) -> bytes:
    """64 bytes; the sign of the Edwards key is carried in the last bit, as Signal does."""
    scalar = int.from_bytes(private, "little")
    public = _encoded(_times(scalar, _BASE))
    salt = b"\xfe" + b"\xff" * 31
    nonce = _hashed(salt + private + message + os.urandom(64))
    commitment = _encoded(_times(nonce, _BASE))
    answer = (nonce + _hashed(commitment + public + message) * scalar) % ORDER
    signature = bytearray(commitment + answer.to_bytes(32, "little"))
    signature[63] |= public[31] & 0x80
    return bytes(signature)


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of a Curve25519 key signed the message."""
    u = int.from_bytes(public, "little") & ((1 << 255) - 1)
    y = (u - 1) * pow(u + 1, PRIME - 2, PRIME) % PRIME
    edwards = (y | ((signature[63] & 0x80) << 248)).to_bytes(32, "little")
    plain = signature[:63] + bytes([signature[63] & 0x7F])
    try:
        Ed25519PublicKey.from_public_bytes(edwards).verify(plain, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _hashed(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % ORDER


def _x_of(y: int) -> int:
    """The even x on the curve above y (RFC 8032, 5.1.3)."""
    square = (y * y - 1) * pow(_D * y * y + 1, PRIME - 2, PRIME)
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * _ROOT % PRIME
    return PRIME - x if x & 1 else x


_Y = 4 * pow(5, PRIME - 2, PRIME) % PRIME
_BASE = _Point(_x_of(_Y), _Y, 1, _x_of(_Y) * _Y % PRIME)


def _plus(p: _Point, q: _Point) -> _Point:
    a = (p.y - p.x) * (q.y - q.x) % PRIME
    b = (p.y + p.x) * (q.y + q.x) % PRIME
    c = 2 * p.t * q.t * _D % PRIME
    d = 2 * p.z * q.z % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return _Point(e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def _times(scalar: int, point: _Point) -> _Point:
    found = _Point(0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _plus(found, point)
        point = _plus(point, point)
        scalar >>= 1
    return found


def _encoded(point: _Point) -> bytes:
    inverse = pow(point.z, PRIME - 2, PRIME)
    x, y = point.x * inverse % PRIME, point.y * inverse % PRIME
    return (y | ((x & 1) << 255)).to_bytes(32, "little")
