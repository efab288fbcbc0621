"""Serving processes: which of them live, and what each reports of itself. See decision 8."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.application.intake.queue import CurrentEpoch
from monitor.application.operations.itself import OwnFigures
from monitor.application.operations.ports import HistoryState, Queries, Report, UnitOfWork
from monitor.application.operations.working import FindFaults
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.history.rollups import HOUR
from monitor.domain.times import microseconds, moment

PATIENCE = 5
"""Polls after which a process whose number has not risen is dead."""


@dataclass(slots=True)
class SeenNumber:
    """The last number of another process, and the polls since it rose."""

    number: int
    polls: int = 0


@dataclass(eq=False, slots=True)
class WatchProcesses:
    """Run every one or two seconds, by a thread that does nothing else.

    Counts polls instead of reading the time: clocks differ, and a process that was paused has not polled.
    """

    new_uow: Callable[[], UnitOfWork]
    process: str
    _others: dict[str, SeenNumber] = field(default_factory=dict)

    def __call__(self) -> None:
        """Raises StorageUnavailable, TransactionConflict; such a poll does not count."""
        numbers = self._poll()
        for process in self._others.keys() - numbers.keys():
            del self._others[process]
        for process, number in numbers.items():
            other = self._others.setdefault(process, SeenNumber(number, polls=-1))
            other.polls = other.polls + 1 if other.number == number else 0
            other.number = number
            if other.polls >= PATIENCE:
                self._free(process, number)

    def leave(self) -> None:
        """At an orderly stop, free what this process holds."""
        self._free(self.process)

    @retried
    def _poll(self) -> dict[str, int]:
        """Return the numbers of the others."""
        with self.new_uow() as uow:
            uow.heartbeats.beat(self.process)
            numbers = uow.heartbeats.numbers()
            uow.commit()
        del numbers[self.process]
        return numbers

    @retried
    def _free(self, process: str, number: int | None = None) -> None:
        with self.new_uow() as uow:
            if uow.heartbeats.end(process, number):
                uow.leases.free(process)
                uow.notifications.free(process)
                uow.account_mails.free(process)
                uow.commit()


@dataclass(frozen=True, slots=True)
class ReportProcess:
    """Tell the others, and administrators, what this process is and which store it uses.

    Run every few seconds. Not by the thread of the heartbeats, which must wait for no other query.
    """

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock
    process: str
    host: str
    version: str
    started_at: datetime
    epoch: CurrentEpoch
    find_faults: FindFaults
    own_figures: OwnFigures

    def __call__(self) -> None:
        """Do nothing before the first heartbeat and after the last. Raises StorageUnavailable."""
        newest = self.queries.history.newest_hour(None, microseconds(self.clock.now()) // HOUR)
        sealed_until = None if newest is None else moment((newest + 1) * HOUR)
        archive = self.queries.archive
        report = Report(
            host=self.host,
            version=self.version,
            started_at=self.started_at,
            store=replace(self.queries.cluster.store(), epoch=self.epoch.text),
            history=HistoryState(place=archive.place, sealed_until=sealed_until, answers=archive.answers),
            faults=self.find_faults(),
            jobs=tuple(self.find_faults.runs.states()),
            figures=self.own_figures(),
        )
        self._save(report)

    @retried
    def _save(self, report: Report) -> None:
        with self.new_uow() as uow:
            uow.process_reports.save(self.process, self.clock.now(), report)
            uow.commit()
