"""The audit log in memory."""

from dataclasses import replace
from datetime import datetime
from heapq import nlargest

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.sample_table import Log
from monitor.application.accounts.ports.audit import Audit, AuditPlace, AuditQueries
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import EVERYTHING, AuditEntry, AuditFilter


class MemoryAudit(MemoryRepository, Audit):
    def add(self, *entries: AuditEntry) -> None:
        for entry in entries:
            self._draft.new_audit.append(replace(entry, id=self._draft.next_id("audit")))

    def oldest(self) -> datetime | None:
        return min((entry.at for entry in (*self._draft.audit, *self._draft.new_audit)), default=None)

    def delete_before(self, moment: datetime, limit: int) -> int:
        old = sorted((entry for entry in self._draft.audit if entry.at < moment), key=lambda entry: entry.at)
        gone = {entry.id for entry in old[:limit]}
        self._draft.audit = Log(entry for entry in self._draft.audit if entry.id not in gone)
        return len(gone)


class MemoryAuditQueries(MemoryReader, AuditQueries):
    def newest(
        self, actor: Actor, wanted: AuditFilter = EVERYTHING, *, before: AuditPlace | None = None, limit: int
    ) -> list[AuditEntry]:
        actor.must_be_admin()
        found = (entry for entry in self._state.audit if before is None or _place(entry) < before)
        return nlargest(limit, filter(wanted.fits, found), key=_place)


def _place(entry: AuditEntry) -> AuditPlace:
    return entry.at, entry.id
