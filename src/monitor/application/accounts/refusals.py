"""Refused attempts in the audit log. All are counted, but a flood of them writes only a few rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from monitor.application.accounts.ports import UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.errors import MonitorError

PAUSE = timedelta(minutes=1)
MOST = 20
"""Different attempts of one action in a minute. The others share one row without names."""
_UNTIMED = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Count:
    due: datetime
    times: int = 0


class Refusals:
    """Write at most one row a minute for equal attempts (action, target, actor or address, detail), with their number.

    `note` only counts, and any thread may call it. Calling the object writes the rows that are due: the first attempt
    of a kind at once, those of the next minute together. A crash loses at most a minute of counts.
    """

    def __init__(self, new_uow: Callable[[], UnitOfWork], clock: Clock) -> None:
        self._new_uow = new_uow
        self._clock = clock
        self._counts: dict[AuditEntry, _Count] = {}
        self._lock = Lock()

    def note(self, attempt: AuditEntry) -> None:
        now, key = self._clock.now(), replace(attempt, at=_UNTIMED)
        with self._lock:
            if key not in self._counts and sum(other.action == key.action for other in self._counts) >= MOST:
                key = AuditEntry(at=_UNTIMED, action=key.action, detail="others")
            self._counts.setdefault(key, _Count(now)).times += 1

    def __call__(self, *, all_of_them: bool = False) -> None:
        """Write the rows that are due; with *all_of_them* all rows. Raises StorageUnavailable and keeps the counts."""
        now = self._clock.now()
        with self._lock:
            due = {key: count for key, count in self._counts.items() if all_of_them or count.due <= now}
            taken = {key: count.times for key, count in due.items() if count.times}
            for key, count in due.items():
                if count.times:
                    count.due, count.times = now + PAUSE, 0
                else:
                    del self._counts[key]
        if not taken:
            return
        try:
            self._write(taken, now)
        except MonitorError:
            with self._lock:
                for key, times in taken.items():
                    self._counts.setdefault(key, _Count(now)).times += times
                    self._counts[key].due = now
            raise

    @retried
    def _write(self, taken: dict[AuditEntry, int], now: datetime) -> None:
        with self._new_uow() as uow:
            for key, times in taken.items():
                detail = [part for part in (key.detail, f"{times} times" if times > 1 else "") if part]
                uow.audit.add(replace(key, at=now, detail=", ".join(detail)))
            uow.commit()
