"""Scrapes that are kept: what is read and remembered of them, what is saved with their samples, what is deleted."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.history.ports import Queries, UnitOfWork
from monitor.application.history.scrape_ports import ScrapeQueries, Scrapes
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, retried
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.assembly import Assembled
from monitor.domain.intake.known import LOOKBACK, ROW, WINDOW, Known
from monitor.domain.intake.samples import Sample
from monitor.domain.intake.scrapes import Key, Part, Scrape, surplus
from monitor.domain.times import microseconds

KEPT_FOR = timedelta(hours=1)
"""For requests that come late, and for those that come again."""
EDGES_KEPT_FOR = timedelta(days=7)
"""Scrapes without a neighbour: a sender that could not reach this server sends what it kept meanwhile."""
_AT_ONCE = 500
_SERVERS_AT_ONCE = 10
_MOST_READ = 16_000_000
"""Bytes of scrapes after which no more are read at once."""
MOST_REMEMBERED = 50_000_000
"""Bytes, of 10,000 hosts. Those that sent last stay."""
MOST_UNPACKED = 20_000_000
"""Bytes of readings that need not be unpacked for what comes next, of 1,500 hosts."""
Place = tuple[ServerId, int]
"""A server and a time, in units of LOOKBACK."""


def place_of(part: Part) -> Place:
    return part.server_id, part.at // LOOKBACK


def read_around(
    scrapes: Scrapes | ScrapeQueries, parts: Iterable[Part]
) -> tuple[dict[ServerId, list[Scrape]], set[Place]]:
    """Return what is known within WINDOW of each part, and the places for which that would be too much at once."""
    known: dict[ServerId, list[Scrape]] = {}
    left: set[Place] = set()
    by_time: dict[int, list[Part]] = {}
    for part in parts:
        by_time.setdefault(part.at // LOOKBACK, []).append(part)
    size = 0
    for time, some in by_time.items():
        first, last = min(part.at for part in some) - WINDOW, max(part.at for part in some) + WINDOW
        for ids in chunks(sorted({part.server_id for part in some}), _SERVERS_AT_ONCE):
            if size > _MOST_READ:
                left.update((server_id, time) for server_id in ids)
                continue
            for scrape in scrapes.around(ids, first, last):
                known.setdefault(scrape.server_id, []).append(scrape)
                size += len(scrape.packed) + ROW
    return known, left


def known_by(
    queries: ScrapeQueries, parts: Sequence[Part]
) -> tuple[dict[ServerId, Known], dict[ServerId, Sequence[Scrape]], set[Place]]:
    """Return what the database holds around *parts*, as known and as read, and the places that are too much.

    It can be remembered if these are the newest: then there is nothing after what was read.
    """
    read, left = read_around(queries, parts)
    times: dict[ServerId, list[int]] = {}
    for part in parts:
        if place_of(part) not in left:
            times.setdefault(part.server_id, []).append(part.at)
    newest = queries.newest(times) if times else {}
    found: dict[ServerId, Known] = {}
    for server_id, each in times.items():
        last = max(each)
        first = min(at for at in each if at // LOOKBACK == last // LOOKBACK)
        since = first - WINDOW if newest.get(server_id, 0) <= last + WINDOW else None
        found[server_id] = Known.of(read.get(server_id, ()), since)
    return found, {server_id: read.get(server_id, ()) for server_id in times}, left


class Recent:
    """What is known of servers, in memory, as long as no other process takes a turn; see decision 64."""

    def __init__(self) -> None:
        self._held: dict[ServerId, Known] = {}
        self._unpacked: dict[ServerId, int] = {}
        self._size = self._unpacked_size = 0

    def take(self, server_id: ServerId) -> Known | None:
        """Return and forget what is known of a server, which is about to change."""
        if (known := self._held.pop(server_id, None)) is not None:
            self._size -= known.size
            self._unpacked_size -= self._unpacked.pop(server_id, 0)
        return known

    def keep(self, server_id: ServerId, known: Known) -> None:
        if known.since is None:
            return
        self._held[server_id] = known
        self._size += known.size
        self._unpacked[server_id] = unpacked = known.unpacked
        self._unpacked_size += unpacked
        while self._size > MOST_REMEMBERED:
            self.take(next(iter(self._held)))
        while self._unpacked_size > MOST_UNPACKED:
            oldest = next(iter(self._unpacked))
            for scrape in self._held[oldest].scrapes.values():
                scrape.let_go()
            self._unpacked_size -= self._unpacked.pop(oldest)

    def clear(self) -> None:
        self._held.clear()
        self._unpacked.clear()
        self._size = self._unpacked_size = 0


@dataclass(slots=True, kw_only=True)
class PutTogether:
    """*known* scrapes with the *parts* that were added to them *now*, after the last committed *turn*.

    *read*: of servers whose scrapes were read for it, not remembered. *taken*: the turn in which they were saved.
    *stored*: the saved scrapes of each server. *overtaken*: servers whose scrapes another process has changed
    meanwhile: nothing of them was stored. *is_alone*: the turn before was this process's, so it tries without waiting
    for an answer.
    """

    turn: int
    now: datetime
    is_alone: bool = False
    parts: list[Part] = field(default_factory=list)
    known: dict[ServerId, Known] = field(default_factory=dict)
    read: Mapping[ServerId, Sequence[Scrape]] = field(default_factory=dict)
    assembled: dict[ServerId, Assembled] = field(default_factory=dict)
    taken: int = 0
    stored: Mapping[ServerId, Sequence[Scrape]] = field(default_factory=dict)
    overtaken: Collection[ServerId] = ()


class AddScrapes:
    """Saves what was put together, within a unit of work. *due*: samples that may be new."""

    def __init__(self, uow: UnitOfWork, work: PutTogether) -> None:
        self._uow = uow
        self._work = work
        is_sure, work.is_alone = work.is_alone, False  # not in a second attempt
        work.taken = uow.scrapes.take_turn(work.turn, is_sure=is_sure)
        work.overtaken = set() if work.taken == work.turn + 1 else self._changed(work)
        self._assembled = {id_: work.assembled[id_] for id_ in sorted(work.assembled.keys() - work.overtaken)}
        self.due: list[Sample] = [sample for each in self._assembled.values() for sample in each.due.values()]

    @property
    def servers(self) -> Collection[ServerId]:
        return self._assembled.keys()

    def _changed(self, work: PutTogether) -> set[ServerId]:
        again, _ = read_around(self._uow.scrapes, [part for part in work.parts if part.server_id in work.read])
        return {id_ for id_ in work.assembled if id_ not in work.read or again.get(id_, ()) != work.read[id_]}

    def save(self, are_new: Sequence[bool], gone: Collection[ServerId]) -> None:
        """*are_new*: for each due sample, False if its server had one of that time. *gone*: deleted servers."""
        answers = iter(are_new)
        settled = {id_: each.settled([next(answers) for _ in each.due]) for id_, each in self._assembled.items()}
        kept = {id_: each for id_, each in self._assembled.items() if id_ not in gone}
        self._uow.scrapes.save([scrape for id_ in kept for scrape in settled[id_]])
        self._uow.scrapes.save_inner([scrape for each in kept.values() for scrape in each.inner])
        for each in kept.values():
            amend(self._uow, each.amended, self._work.now)
        self._work.stored = {id_: [*settled[id_], *each.inner] for id_, each in kept.items()}


def amend(uow: UnitOfWork, samples: Sequence[Sample], now: datetime) -> None:
    """Amend stored samples of one server, also if their hours are sealed or are being sealed."""
    if not samples:
        return
    uow.samples.amend(samples)
    running = microseconds(now) // HOUR
    hours = {microseconds(sample.recorded_at) // HOUR for sample in samples}
    if ended := sorted(hour for hour in hours if hour < running):
        uow.history.note_amended(samples[0].server_id, ended)


@dataclass(frozen=True, slots=True)
class PruneScrapes:
    """Delete scrapes that nothing can be added to any more, in small transactions."""

    new_uow: Callable[[], UnitOfWork]
    clock: Clock

    def __call__(self) -> None:
        for kept_for, edges in ((KEPT_FOR, False), (EDGES_KEPT_FOR, True)):
            while self._delete(kept_for, edges) == _AT_ONCE:
                pass

    @retried
    def _delete(self, kept_for: timedelta, edges: bool) -> int:
        with self.new_uow() as uow:
            gone = uow.scrapes.prune(self.clock.now() - kept_for, _AT_ONCE, edges=edges)
            uow.commit()
        return gone


@dataclass(frozen=True, slots=True)
class MakeRoom:
    """Delete what is too much of a server's scrapes, in small transactions."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries

    def __call__(self, server_id: ServerId) -> None:
        for some in chunks(surplus(self.queries.scrapes.kept(server_id)), _AT_ONCE):
            self._delete(server_id, some)

    @retried
    def _delete(self, server_id: ServerId, keys: Sequence[Key]) -> None:
        with self.new_uow() as uow:
            uow.scrapes.delete(server_id, keys)
            uow.commit()
