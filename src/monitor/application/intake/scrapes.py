"""Scrapes that are kept: what is read to add to them, what is saved with their samples, and what is deleted."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from monitor.application.history.ports import Queries, UnitOfWork
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
Place = tuple[ServerId, int]
"""A server and a time, in units of LOOKBACK."""


class Reader(Protocol):
    def around(self, server_ids: Collection[ServerId], first: int, last: int) -> list[Scrape]: ...


def place_of(part: Part) -> Place:
    return part.server_id, part.at // LOOKBACK


def read_around(scrapes: Reader, parts: Iterable[Part]) -> tuple[dict[ServerId, list[Scrape]], set[Place]]:
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


@dataclass(slots=True, kw_only=True)
class PutTogether:
    """Scrapes with the *parts* that were added to what is *known*, after the *turn* that was the last to be committed.

    *read*: what is known of servers that were read for it, not remembered. *taken*: the turn in which they were saved.
    *stored*: the scrapes of each server that were saved. *overtaken*: servers whose scrapes another process has changed
    meanwhile, so that nothing of theirs was stored. *is_alone*: no other process has taken the turn before, so that
    this is tried without waiting for an answer.
    """

    turn: int
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
        amended = [sample for each in kept.values() for sample in self._open(each.amended)]
        if amended:
            self._uow.samples.amend(amended)
        self._work.stored = {id_: [*settled[id_], *each.inner] for id_, each in kept.items()}

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
