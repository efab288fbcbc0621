"""A process tells the others, and administrators, what it is and which store it uses."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.application.intake.queue import CurrentEpoch
from monitor.application.operations.cluster import HistoryState, Report
from monitor.application.operations.ports import Queries, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.history.rollups import HOUR
from monitor.domain.times import microseconds, moment


@dataclass(frozen=True, slots=True)
class ReportProcess:
    """Run every few seconds. Not by the thread of the heartbeats, which must wait for no other query."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock
    process: str
    host: str
    version: str
    started_at: datetime
    epoch: CurrentEpoch

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
        )
        self._save(report)

    @retried
    def _save(self, report: Report) -> None:
        with self.new_uow() as uow:
            uow.process_reports.save(self.process, self.clock.now(), report)
            uow.commit()
