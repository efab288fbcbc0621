"""Scrapes that a Prometheus or vmagent sends, and what is kept of them until they are samples.

What is scraped at one time comes in one request or several, in any order, and again after an error; a rate needs the
scrape before, which may come later. So scrapes are kept for a while, and each request is added to what is known. The
samples depend on what came, and not on the order; see decision 47.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.node_exporter import SEPARATOR, Family, Readings, families, is_of_a_host
from monitor.domain.intake.prometheus import KEPT

MOST_PACKED = 16
"""How many times as long as what is stored of a scrape its readings may be: memory is bounded by what is stored."""
READING = 250
"""Bytes in memory of one that is unpacked, beside its name."""
MAX_KEPT = 20_000
MAX_ISOLATED = 500
MAX_KEPT_BYTES = 64_000_000
"""Of one server: scrapes, those of them without a neighbour, and their bytes. Those that came first make room."""


class State(IntEnum):
    """*WAITING*: there is no sample of the scrape. *FOREIGN*: another report has given one for its time."""

    WAITING = 0
    STORED = 1
    FOREIGN = 2


class Part(NamedTuple):
    """Readings of one request. *source*: the target that was scraped *at* a time, in milliseconds since 1970."""

    server_id: ServerId
    source: int
    at: int
    readings: Readings

    @property
    def is_of_a_host(self) -> bool:
        return any(map(is_of_a_host, self.readings))


@dataclass(frozen=True, kw_only=True)
class Scrape:
    """All that is known of one scrape. *is_edge*: it lacks a neighbour within LOOKBACK, and is kept for longer."""

    server_id: ServerId
    source: int
    at: int
    received_at: datetime
    packed: bytes
    state: State = State.WAITING
    is_edge: bool = True

    @property
    def key(self) -> "Key":
        return self.source, self.at

    @cached_property
    def readings(self) -> Readings:
        found: Readings = json.loads(zlib.decompress(self.packed))
        return found

    def let_go(self) -> None:
        """Forget what is unpacked; it will be unpacked again when it is asked for."""
        for name in ("readings", "families", "own"):
            self.__dict__.pop(name, None)

    @property
    def unpacked(self) -> int:
        """Return about how many bytes are in memory of what is unpacked."""
        if "readings" not in self.__dict__:
            return 0
        return READING * len(self.readings) + sum(map(len, self.readings))

    def marked(self, state: State, *, is_edge: bool) -> "Scrape":
        """Return it with these marks, and with what is unpacked."""
        marked = object.__new__(Scrape)
        marked.__dict__.update(self.__dict__, state=state, is_edge=is_edge)
        return marked

    @cached_property
    def families(self) -> Mapping[str, Family]:
        return families(self.readings)

    @cached_property
    def is_of_a_host(self) -> bool:
        return any(map(is_of_a_host, self.readings))

    @cached_property
    def own(self) -> list[tuple[str, float]]:
        """Names and values of what is kept under its own name."""
        chosen = sorted((name, value) for name, value in self.readings.items() if name.startswith(KEPT))
        return [(name[len(KEPT) :].partition(SEPARATOR)[0], value) for name, value in chosen if value is not None]


_encode = json.JSONEncoder(separators=(",", ":")).encode


def packed(readings: Readings) -> bytes:
    text = _encode(readings).encode()
    small = zlib.compress(text, 1)
    return small if len(text) <= MOST_PACKED * len(small) else zlib.compress(text, 0)


Key = tuple[int, int]
"""Source and time."""


class Kept(NamedTuple):
    """What is known of a stored scrape without reading it."""

    key: Key
    is_edge: bool
    size: int


def surplus(kept: Sequence[Kept]) -> list[Key]:
    """Return the scrapes of one server for which there is no room. *kept*: all of them, those that came last first."""
    gone: list[Key] = []
    count = edges = size = 0
    for each in kept:
        is_too_much = count == MAX_KEPT or size + each.size > MAX_KEPT_BYTES or (each.is_edge and edges == MAX_ISOLATED)
        if is_too_much:
            gone.append(each.key)
        else:
            count, edges, size = count + 1, edges + each.is_edge, size + each.size
    return gone
