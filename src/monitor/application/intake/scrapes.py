"""Scrapes that are kept: what is read to add to them, what is saved with their samples, and what is deleted."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from monitor.application.history.ports import Queries, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, retried
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.assembly import LOOKBACK, WINDOW, Assembled
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
_ROW = 500
"""Bytes of a scrape in memory beside its readings."""
Known = dict[ServerId, dict[Key, Scrape]]
Place = tuple[ServerId, int]
"""A server and a time, in units of LOOKBACK."""


class Reader(Protocol):
    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]: ...


def place_of(part: Part) -> Place:
    return part.server_id, part.at // LOOKBACK


def read_around(scrapes: Reader, parts: Iterable[Part]) -> tuple[Known, set[Place]]:
    """Return what is known within WINDOW of each part, and the places for which that would be too much at once."""
    known: Known = {}
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
                known.setdefault(scrape.server_id, {})[scrape.key] = scrape
                size += len(scrape.packed) + _ROW
    return known, left


@dataclass(slots=True)
class PutTogether:
    """Scrapes with the *parts* that were added to what is *known*, after the *turn* that was the last to be committed.

    *taken*: the turn in which they were saved. *overtaken*: servers whose scrapes another process has changed
    meanwhile, so that nothing of theirs was stored.
    """

    parts: Sequence[Part]
    known: Known
    turn: int
    assembled: Mapping[ServerId, Assembled]
    taken: int = 0
    overtaken: Collection[ServerId] = ()


class AddScrapes:
    """Saves what was put together, within a unit of work. *due*: samples that may be new."""

    def __init__(self, uow: UnitOfWork, work: PutTogether) -> None:
        self._uow = uow
        work.taken = uow.scrapes.take_turn()
        existing = uow.servers.existing(work.assembled, keep=True)
        work.overtaken = set() if work.taken == work.turn + 1 else existing & self._changed(work)
        self._assembled = [work.assembled[server_id] for server_id in sorted(existing - work.overtaken)]
        self.due: list[Sample] = [sample for each in self._assembled for sample in each.due.values()]

    def _changed(self, work: PutTogether) -> set[ServerId]:
        again, _ = read_around(self._uow.scrapes, work.parts)
        return {server_id for server_id in work.assembled if again.get(server_id) != work.known.get(server_id)}

    def save(self, are_new: Sequence[bool]) -> None:
        """*are_new*: for each due sample, False if its server had one of that time."""
        answers = iter(are_new)
        settled = [each.settled([next(answers) for _ in each.due]) for each in self._assembled]
        self._uow.scrapes.save([scrape for each in settled for scrape in each])
        amended = [sample for each in self._assembled for sample in self._open(each.amended)]
        if amended:
            self._uow.samples.amend(amended)

    def _open(self, samples: Sequence[Sample]) -> Iterator[Sample]:
        """Yield those whose hour is not sealed: charts read the chunk of one that is."""
        if not samples:
            return
        hours = {microseconds(sample.recorded_at) // HOUR for sample in samples}
        sealed = self._uow.history.sealed(samples[0].server_id, hours)
        yield from (sample for sample in samples if microseconds(sample.recorded_at) // HOUR not in sealed)


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
