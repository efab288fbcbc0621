"""The audit log as a file. It may have millions of entries, so they are read in batches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from monitor.application.accounts.ports import Queries, UnitOfWork
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry, AuditFilter, created_values, entry

BATCH = 1000
Batch = Sequence[AuditEntry]


@dataclass(frozen=True, slots=True)
class ExportAudit:
    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock

    def __call__(self, actor: Actor, wanted: AuditFilter, file_format: str) -> Iterator[Batch]:
        """Record the export in the log, and return batches of what was there before, the newest first.

        Each batch is a transaction of its own, so that no other one waits for the reader. Raises Forbidden.
        """
        first = self.queries.audit.newest(actor, wanted, limit=BATCH)
        self._record(actor, wanted, file_format)
        return self._batches(actor, wanted, first)

    def _batches(self, actor: Actor, wanted: AuditFilter, batch: Batch) -> Iterator[Batch]:
        while batch:
            yield batch
            last = batch[-1]
            batch = self.queries.audit.newest(actor, wanted, before=(last.at, last.id), limit=BATCH)

    @retried
    def _record(self, actor: Actor, wanted: AuditFilter, file_format: str) -> None:
        conditions = {name: _written(value) for name, value in asdict(wanted).items()}
        with self.new_uow() as uow:
            detail = created_values({"format": file_format, **conditions})
            uow.audit.add(entry(actor, self.clock.now(), "audit.export", detail=detail))
            uow.commit()


def _written(value: object) -> object:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value
