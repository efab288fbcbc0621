"""Random numbers without state: each depends only on its arguments, not on earlier draws.

So any part of a simulated history can be generated alone, in any order and process, and fits the rest.
"""

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct, unpack

_pack = Struct(">q").pack
_SHARES = Struct(">8Q")
_NOISE = 12
_FULL = float(2**64)


def key_of(*parts: object) -> bytes:
    """Return 16 bytes that identify *parts*."""
    return blake2b("/".join(map(str, parts)).encode(), digest_size=16).digest()


def shares(key: bytes, kind: bytes, index: int) -> tuple[float, ...]:
    """Return eight numbers, uniform in 0 <= n < 1."""
    drawn = _SHARES.unpack(blake2b(key + kind + _pack(index)).digest())
    return tuple([(number >> 11 << 11) / _FULL for number in drawn])


def noise(key: bytes, indices: Sequence[int]) -> Sequence[Sequence[int]]:
    """Return twelve rows of integers from 0 to 65535, with one number per index in each: the jitter of samples."""
    drawn = b"".join([blake2b(key + _pack(index), digest_size=2 * _NOISE).digest() for index in indices])
    numbers = unpack(f">{_NOISE * len(indices)}H", drawn)
    return [numbers[place::_NOISE] for place in range(_NOISE)]


def between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
