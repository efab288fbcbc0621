from sqlalchemy import Engine, select

from monitor.adapters.persistence.audit import to_audit_entry
from monitor.adapters.persistence.engine import connected
from monitor.adapters.persistence.tables import audit_log as t
from monitor.application.ports.queries import AuditQueries
from monitor.domain.actors import Actor
from monitor.domain.audit import AuditEntry


class SqlAuditQueries(AuditQueries):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, actor: Actor, *, before: int | None, limit: int) -> list[AuditEntry]:
        actor.must_be_admin()
        wanted = select(t).order_by(t.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(t.c.id < before)
        with connected(self._engine) as connection:
            return [to_audit_entry(row) for row in connection.execute(wanted)]
