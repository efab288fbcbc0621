"""Adds parts of scrapes to what is known of them, in the transaction that stores their samples."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.history.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.samples import Sample
from monitor.domain.intake.scrapes import WINDOW, Assembled, Part, Scrape, assemble
from monitor.domain.times import microseconds

KEPT_FOR = timedelta(hours=1)
"""For requests that come late, and for those that come again."""
EDGES_KEPT_FOR = timedelta(days=7)
"""Scrapes without a neighbour: a sender that could not reach this server sends what it kept meanwhile."""
_AT_ONCE = 500


class AddScrapes:
    """The samples that *parts* complete, within a unit of work. *due*: those that may be new."""

    def __init__(self, uow: UnitOfWork, parts: Sequence[Part], now: datetime) -> None:
        self._uow = uow
        uow.scrapes.take_turn()
        by_server: dict[ServerId, list[Part]] = {}
        for part in parts:
            by_server.setdefault(part.server_id, []).append(part)
        existing = uow.servers.existing(by_server, keep=True)
        times = [part.at for part in parts]
        known: dict[ServerId, list[Scrape]] = {}
        for scrape in uow.scrapes.around(sorted(existing), min(times) - WINDOW, max(times) + WINDOW):
            known.setdefault(scrape.server_id, []).append(scrape)
        self._assembled: list[Assembled] = [
            assemble(known.get(server_id, ()), by_server[server_id], now) for server_id in sorted(existing)
        ]
        self.due: list[Sample] = [sample for each in self._assembled for sample in each.due.values()]

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
