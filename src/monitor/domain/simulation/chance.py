"""Chance that remembers nothing: what is drawn depends only on what it is asked for, never on what was drawn before.

So any part of a simulated history can be made by itself, in any order and in any process, and fits the rest.
"""

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct, unpack

_pack = Struct(">q").pack
_SHARES = Struct(">8Q")
_NOISE = 12
_FULL = float(2**64)


def key_of(*parts: object) -> bytes:
    """A short name for *parts*, as different as they are."""
    return blake2b("/".join(map(str, parts)).encode(), digest_size=16).digest()


def shares(key: bytes, kind: bytes, index: int) -> tuple[float, ...]:
    """Eight numbers, each evenly from 0 up to 1."""
    drawn = _SHARES.unpack(blake2b(key + kind + _pack(index)).digest())
    return tuple([(number >> 11 << 11) / _FULL for number in drawn])


def noise(key: bytes, indices: Sequence[int]) -> Sequence[Sequence[int]]:
    """Twelve rows of whole numbers from 0 to 65535, each with one for every index: all that jitters in samples."""
    drawn = b"".join([blake2b(key + _pack(index), digest_size=2 * _NOISE).digest() for index in indices])
    numbers = unpack(f">{_NOISE * len(indices)}H", drawn)
    return [numbers[place::_NOISE] for place in range(_NOISE)]


def between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
