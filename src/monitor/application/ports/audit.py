from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from monitor.domain.audit import AuditEntry


class Audit(ABC):
    @abstractmethod
    def add_many(self, entries: Sequence[AuditEntry]) -> None: ...

    @abstractmethod
    def add(self, entry: AuditEntry) -> None: ...

    @abstractmethod
    def oldest(self) -> datetime | None:
        """Return when the oldest entry was made."""

    @abstractmethod
    def delete_before(self, moment: datetime, limit: int) -> int:
        """Delete at most *limit* entries older than *moment*, the oldest first; return how many."""
