"""What is known of the scrapes of one server, and how much room they take.

A process keeps the newest scrapes of a server in memory: what comes next is added to them without a query.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.intake.scrapes import Key, Part, Scrape

LOOKBACK = 300_000
"""Milliseconds between neighbours at most, and how long a value counts: as long as in a query of Prometheus."""
WINDOW = 2 * LOOKBACK
"""How far around new readings scrapes have to be known."""
MAX_TARGETS = 100
MAX_SCRAPES = 3_000
MAX_PACKED = 4_000_000
"""Bytes. As the two before: of one server within WINDOW, by the clock. More is refused."""
KEPT_OF_TARGET = 3
"""Scrapes in memory: one that may lack a part yet, the one before, and one more since parts can overtake each other."""
ROW = 500
"""Bytes of a scrape in memory beside its readings."""


class NotKnown(Exception):
    """What is needed may be in scrapes that are older than those that are known."""


@dataclass(frozen=True, slots=True)
class Full:
    """A limit that a part would exceed. *code*: of a problem."""

    code: str
    limit: int


class _Taken(NamedTuple):
    targets: frozenset[int] = frozenset()
    scrapes: int = 0
    size: int = 0


class Room:
    """How much of each WINDOW is taken."""

    def __init__(self, taken: Mapping[int, _Taken]) -> None:
        self._taken = dict(taken)

    @classmethod
    def of(cls, scrapes: Iterable[Scrape]) -> "Room":
        room = cls({})
        for scrape in scrapes:
            room._note(scrape, None)
        return room

    def copy(self) -> "Room":
        return Room(self._taken)

    def since(self, place: int) -> "Room":
        return Room({each: taken for each, taken in self._taken.items() if each >= place})

    def lacks(self, part: Part, scrape: Scrape | None) -> Full | None:
        """Tell before the work is done what has no room. *scrape*: what is known of it."""
        targets, scrapes, _ = self._taken.get(part.at // WINDOW, _Taken())
        if part.source not in targets and len(targets) >= MAX_TARGETS:
            return Full("too_many_targets", MAX_TARGETS)
        if scrape is None and scrapes >= MAX_SCRAPES:
            return Full("too_many_scrapes", MAX_SCRAPES)
        return None

    def take(self, grown: Scrape, before: Scrape | None) -> Full | None:
        more = len(grown.packed) - (len(before.packed) if before is not None else 0)
        if more > 0 and self._taken.get(grown.at // WINDOW, _Taken()).size + more > MAX_PACKED:
            return Full("too_many_bytes", MAX_PACKED)
        self._note(grown, before)
        return None

    def _note(self, scrape: Scrape, before: Scrape | None) -> None:
        place = scrape.at // WINDOW
        targets, scrapes, size = self._taken.get(place, _Taken())
        self._taken[place] = _Taken(
            targets if scrape.source in targets else targets | {scrape.source},
            scrapes + (before is None),
            size + len(scrape.packed) - (len(before.packed) if before is not None else 0),
        )


@dataclass(frozen=True, slots=True)
class Known:
    """All *scrapes* of *since* or later, in milliseconds since 1970; None if that is not known.

    *room*: that of each WINDOW which began at *counted* or later. *is_whole*: it was read for the parts that come next,
    which need no other scrapes.
    """

    scrapes: Mapping[Key, Scrape]
    room: Room
    since: int | None
    counted: int
    is_whole: bool

    @classmethod
    def of(cls, scrapes: Iterable[Scrape], since: int | None = None) -> "Known":
        found = {scrape.key: scrape for scrape in scrapes}
        return cls(found, Room.of(found.values()), since, since or 0, is_whole=True)

    @property
    def size(self) -> int:
        """Return the bytes that it takes in memory."""
        return sum([len(scrape.packed) + ROW for scrape in self.scrapes.values()]) + ROW

    @property
    def unpacked(self) -> int:
        """Return about how many bytes more the readings of its scrapes take that are unpacked."""
        return sum([scrape.unpacked for scrape in self.scrapes.values()])

    def reaches(self, parts: Iterable[Part]) -> bool:
        """Tell whether all that is known is enough for *parts*, unless `NotKnown` is raised of them."""
        first = min(part.at for part in parts)
        newest = max((at for _, at in self.scrapes), default=first)
        is_counted = first // WINDOW * WINDOW >= self.counted
        return self.since is not None and is_counted and first >= max(self.since, newest - LOOKBACK)

    def with_stored(self, scrapes: Iterable[Scrape], room: Room) -> "Known":
        """Return what is known once *scrapes* are stored, without what the next ones will hardly need."""
        found = dict(self.scrapes)
        found.update((scrape.key, scrape) for scrape in scrapes)
        times = times_of(found)
        newest = max((each[-1] for each in times.values()), default=0)
        since = self.since
        if since is not None:
            live = [each for each in times.values() if each[-1] > newest - WINDOW]
            oldest = [each[-KEPT_OF_TARGET] if len(each) >= KEPT_OF_TARGET else since for each in live]
            since = max(since, min(oldest, default=since))
            found = {key: scrape for key, scrape in found.items() if scrape.at >= since}
        for (source, at), scrape in found.items():
            if at < times[source][-1]:
                scrape.let_go()
        return Known(found, room.since(newest // WINDOW - 1), since, self.counted, is_whole=False)


def times_of(keys: Iterable[Key]) -> dict[int, Sequence[int]]:
    """Return the times of each source, rising, by source."""
    found: dict[int, list[int]] = {}
    for source, at in sorted(keys):
        found.setdefault(source, []).append(at)
    return {**found}
