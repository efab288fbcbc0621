"""What the alert engine reads of a server's stored samples."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.history import tiers
from monitor.application.history.ports import Queries, UnitOfWork
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.intake.intervals import TIMES_NEEDED
from monitor.domain.times import microseconds, moment

_LEARNED_WITHIN = timedelta(days=8)
_SYSTEM = Actor(user_id=UserId(0), username="monitor", role=Role.ADMIN)


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """Every method raises StorageUnavailable."""

    queries: Queries

    def frame(self, server_id: ServerId, metrics: Sequence[str], start: datetime, end: datetime) -> Frame:
        """Return the stored samples of start <= recorded_at < end. Raises NotFound."""
        return tiers.frame(self.queries, _SYSTEM, server_id, start, end, metrics)

    def last_time(self, server_id: ServerId, metric: str, start: datetime, end: datetime) -> datetime | None:
        """Return the time of the last sample with *metric* in start <= recorded_at < end. Raises NotFound."""
        found = self.frame(server_id, [metric], start, end)
        times = [at for at, value in zip(found.times, found.column(metric), strict=True) if value is not None]
        return moment(times[-1]) if times else None

    def recent_times(self, uow: UnitOfWork, server_id: ServerId, until: datetime) -> list[int]:
        """Return the times (microseconds, rising) of the last samples up to *until*: enough to learn an interval.

        Sealed samples are searched in the eight days before *until*.
        """
        times = [microseconds(at) for at in uow.samples.recent_times(server_id, until, TIMES_NEEDED)]
        if len(times) < TIMES_NEEDED:
            end = until + timedelta(microseconds=1)
            with suppress(NotFound):  # deleted meanwhile
                sealed = self.frame(server_id, (), end - _LEARNED_WITHIN, end).times
                times = sorted({*sealed, *times})[-TIMES_NEEDED:]
        return times
