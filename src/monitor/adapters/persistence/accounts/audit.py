"""The audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, cut_to_fit, entity_of
from monitor.adapters.persistence.tables.operations import audit_log as t
from monitor.application.accounts.ports import Audit, AuditQueries
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.audit import AuditEntry

_LONGEST_DETAIL = 10_000


class SqlAudit(SqlRepository, Audit):
    """The audit log. A text that is too long for its column is cut, so that the entry is stored in any case."""

    def add(self, *entries: AuditEntry) -> None:
        if entries:
            self._connection.execute(insert(t), [_to_row(entry) for entry in entries])

    def oldest(self) -> datetime | None:
        return self._connection.scalars(select(t.c.at).order_by(t.c.at).limit(1)).one_or_none()

    def delete_before(self, moment: datetime, limit: int) -> int:
        old = select(t.c.id).where(t.c.at < moment).order_by(t.c.at, t.c.id).limit(limit)
        ids = list(self._connection.scalars(old))
        if ids:
            self._connection.execute(delete(t).where(t.c.id.in_(ids)))
        return len(ids)


def _to_row(entry: AuditEntry) -> dict[str, Any]:
    return columns_of(entry) | {
        "action": cut_to_fit(entry.action, t.c.action),
        "target": cut_to_fit(entry.target, t.c.target),
        "detail": entry.detail[:_LONGEST_DETAIL],
        "username": cut_to_fit(entry.username, t.c.username),
        "address": None if entry.address is None else cut_to_fit(entry.address, t.c.address),
    }


class SqlAuditQueries(SqlReader, AuditQueries):
    def newest(self, actor: Actor, *, before: int | None, limit: int) -> list[AuditEntry]:
        actor.must_be_admin()
        wanted = select(t).order_by(t.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(t.c.id < before)
        return [entity_of(AuditEntry, row) for row in self._rows(wanted)]
