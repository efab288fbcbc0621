"""Backups by schedule: one process takes each, and administrators are notified if good ones become too old."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.application.checks.ports import Schedules
from monitor.application.fleet.fleet import Fleet
from monitor.application.operations.ports import Queries, UnitOfWork
from monitor.application.operations.storing import server_mail
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.audit import AuditEntry, AuditFilter
from monitor.domain.errors import Unavailable
from monitor.domain.times import UNSET_TIME

SCHEDULE = "schedule"
"""The user name in the audit log."""
TAKEN, OVERDUE = "backup.create", "backup.overdue"
"""Actions in the audit log."""
LEASE_NAME, LONGEST = "back up", timedelta(hours=6)
"""A backup that lasts longer is ended. The lease of a process that dies is freed, see `WatchProcesses`."""
RETRY = timedelta(minutes=10)
"""Pause after a backup that failed."""
_LOOK = timedelta(minutes=1)
_AHEAD = timedelta(hours=1)
"""By this much at most the clock of another process may be ahead. What was noted later on was noted by a wrong one."""
_READER = Actor(user_id=UserId(0), username=SCHEDULE, role=Role.ADMIN)


class BackupRuns(ABC):
    """Takes backups into one directory, each in a process of its own, at most one at a time."""

    @abstractmethod
    def begin(self, now: datetime) -> None:
        """Begin to take one. It writes the entry TAKEN into the audit log when it is good."""

    @abstractmethod
    def result(self) -> str | None:
        """Return why the backup failed, "" if it is good, and None while it is being taken, for at most LONGEST."""

    @abstractmethod
    def keep(self, newest: int) -> None:
        """Delete all but the *newest*."""


@dataclass(slots=True)
class KeepBackups:
    """Take a backup at each turn of *backup_at* (cron, UTC), and keep *backup_keep* of them.

    Run every few seconds, by one thread. Raises Unavailable while the last try failed: the worker logs it.
    """

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    schedules: Schedules
    clock: Clock
    process: str
    host: str
    started_at: datetime
    backup_at: str
    backup_keep: int
    failure: str = field(default="", init=False)
    _is_taking: bool = field(default=False, init=False)
    _not_before: datetime = field(default=UNSET_TIME, init=False)

    def __call__(self, runs: BackupRuns) -> None:
        now = self.clock.now()
        if self._is_taking and (result := runs.result()) is not None:
            self.failure, self._is_taking = result, False
            self._hold(now, timedelta(0))
            self._not_before = now + (RETRY if result else _LOOK)
            if not result:
                runs.keep(self.backup_keep)
        elif not self._is_taking and not timedelta(0) < self._not_before - now <= RETRY:  # else the clock was set back
            self._look(runs, now)
        if self.failure:
            raise Unavailable(f"the backup failed: {self.failure}")

    def _look(self, runs: BackupRuns, now: datetime) -> None:
        """Begin a backup if one is due, unless another process does."""
        taken = self._last(TAKEN, now)
        last = taken or self._begun_at(now)
        due = self._next(last)
        self._not_before = now + _LOOK
        if due > now:
            self.failure = ""
        elif self._hold(now, LONGEST):
            if self.failure and self._next(due) <= now:
                self._notify(now, taken, self._next(due))
            runs.begin(now)
            self._is_taking = True

    def _begun_at(self, now: datetime) -> datetime:
        """Return since when there is something to keep: not the last start, or short days would never see a turn."""
        self.fleet.refresh()
        return min([now, self.started_at, *(user.created_at for user in self.fleet.directory.users.values())])

    def _next(self, at: datetime) -> datetime:
        return self.schedules.next_after(self.backup_at, "UTC", at)

    def _last(self, action: str, now: datetime) -> datetime | None:
        """Return when this was last noted by a schedule, of any process."""
        wanted = AuditFilter(action=action, username=SCHEDULE, until=now + _AHEAD)
        found = self.queries.audit.newest(_READER, wanted, limit=1)
        return found[0].at if found else None

    @retried
    def _hold(self, now: datetime, ttl: timedelta) -> bool:
        with self.new_uow() as uow:
            held = uow.leases.acquire(LEASE_NAME, self.process, now, ttl) is not None
            uow.commit()
        return held

    def _notify(self, now: datetime, last: datetime | None, since: datetime) -> None:
        """Mail all administrators, once until there is a good backup again. Only the holder of the lease does."""
        noted = self._last(OVERDUE, now)
        if noted is None or (last is not None and noted < last):
            self.fleet.refresh()
            good = f"the last good backup: {last:%Y-%m-%d %H:%M} UTC" if last is not None else "no good backup yet"
            self._write(now, since, f"{self.failure} ({good})")

    @retried
    def _write(self, now: datetime, since: datetime, why: str) -> None:
        with self.new_uow() as uow:
            for user in self.fleet.directory.users.values():
                if user.role is Role.ADMIN and user.email is not None:
                    locale = user.locale or self.fleet.directory.preferences.default_locale
                    event = AccountEvent.BACKUP_OVERDUE
                    uow.account_mails.add(server_mail(user, user.email, locale, event, why, self.host, since))
            uow.audit.add(AuditEntry(at=now, action=OVERDUE, target=self.host, detail=why, username=SCHEDULE))
            uow.commit()
