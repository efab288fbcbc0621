"""Chance that remembers nothing: what is drawn depends only on what it is asked for, never on what was drawn before.

So any part of a simulated history can be made by itself, in any order and in any process, and fits the rest.
"""

from hashlib import blake2b
from struct import Struct

_INDEX = Struct(">q")
_SHARES = Struct(">8Q")
_NOISE = Struct(">12H")
_FULL = float(2**64)


def key_of(*parts: object) -> bytes:
    """A short name for *parts*, as different as they are."""
    return blake2b("/".join(map(str, parts)).encode(), digest_size=16).digest()


def shares(key: bytes, kind: bytes, index: int) -> tuple[float, ...]:
    """Eight numbers, each evenly from 0 up to 1."""
    drawn = _SHARES.unpack(blake2b(key + kind + _INDEX.pack(index)).digest())
    return tuple((number >> 11 << 11) / _FULL for number in drawn)


def noise(key: bytes, index: int) -> tuple[int, ...]:
    """Twelve whole numbers from 0 to 65535: one look-up for all that jitters in a sample."""
    return _NOISE.unpack(blake2b(key + _INDEX.pack(index), digest_size=_NOISE.size).digest())


def between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
