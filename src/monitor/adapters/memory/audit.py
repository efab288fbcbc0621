from dataclasses import replace

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.audit import Audit
from monitor.domain.audit import AuditEntry


class MemoryAudit(Audit):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, entry: AuditEntry) -> None:
        self._draft.audit.append(replace(entry, id=self._database.next_id("audit")))
