from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.log import Log
from monitor.adapters.memory.state import Draft
from monitor.application.ports.audit import Audit
from monitor.domain.audit import AuditEntry


class MemoryAudit(Audit):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add_many(self, entries: Sequence[AuditEntry]) -> None:
        for entry in entries:
            self.add(entry)

    def add(self, entry: AuditEntry) -> None:
        self._draft.audit.append(replace(entry, id=self._database.next_id("audit")))

    def oldest(self) -> datetime | None:
        return min((entry.at for entry in (*self._draft.older_audit, *self._draft.audit)), default=None)

    def delete_before(self, moment: datetime, limit: int) -> int:
        old = sorted((entry for entry in self._draft.older_audit if entry.at < moment), key=lambda entry: entry.at)
        gone = {entry.id for entry in old[:limit]}
        self._draft.older_audit = Log(entry for entry in self._draft.older_audit if entry.id not in gone)
        return len(gone)
