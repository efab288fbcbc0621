"""Ports of the audit log."""

from abc import ABC, abstractmethod
from datetime import datetime

from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import EVERYTHING, AuditEntry, AuditFilter


class Audit(ABC):
    @abstractmethod
    def add(self, *entries: AuditEntry) -> None: ...

    @abstractmethod
    def oldest(self) -> datetime | None:
        """Return the time of the oldest entry."""

    @abstractmethod
    def delete_before(self, moment: datetime, limit: int) -> int:
        """Delete at most *limit* entries older than *moment*, the oldest first; return how many."""


AuditPlace = tuple[datetime, int]
"""Time and id of an entry: its place in the log."""


class AuditQueries(ABC):
    @abstractmethod
    def newest(
        self, actor: Actor, wanted: AuditFilter = EVERYTHING, *, before: AuditPlace | None = None, limit: int
    ) -> list[AuditEntry]:
        """Return the newest first: by time, and within a moment in the order of their ids.

        *before*: the place of the last one of the previous page. Raises Forbidden unless for an admin.
        """
