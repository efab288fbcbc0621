"""Store policies, and the columns for the scope of a policy or a silence."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.row_locks import FleetChanges
from monitor.adapters.persistence.engine.statements import insert_row
from monitor.adapters.persistence.tables.alerts import alert_policies as t
from monitor.application.alerts.ports import AlertPolicies
from monitor.domain.alerts.policies import Policy, PolicyId, Scope
from monitor.domain.errors import NotFound, PolicyExists
from monitor.domain.fleet.servers import ServerId
from monitor.domain.text import as_read


def to_scope(row: Row[Any]) -> Scope:
    return Scope(
        server_id=None if row.server_id is None else ServerId(row.server_id),
        tag=None if row.tag is None else as_read(row.tag),
    )


def scope_columns(scope: Scope) -> dict[str, Any]:
    return {"server_id": scope.server_id, "tag": scope.tag}


def scope_key(scope: Scope) -> str:
    """Return *scope* as one text, for a unique index."""
    if scope.server_id is not None:
        return f"server:{scope.server_id}"
    return "everything" if scope.tag is None else f"tag:{scope.tag}"


class SqlAlertPolicies(AlertPolicies):
    def __init__(self, connection: Connection, changes: FleetChanges) -> None:
        self._connection = connection
        self._changes = changes

    def add(self, policy: Policy) -> Policy:
        self._must_be_free(policy)
        try:
            policy = replace(policy, id=PolicyId(insert_row(self._connection, t, _to_row(policy))))
        except KeyTaken as error:  # by a transaction that committed after the check
            raise PolicyExists from error
        self._changes.note()
        return policy

    def get(self, policy_id: PolicyId) -> Policy:
        row = self._connection.execute(select(t).where(t.c.id == policy_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound(f"no policy {policy_id}")
        return to_policy(row)

    def save(self, policy: Policy) -> None:
        self._must_be_free(policy, but_for=policy.id)
        try:
            result = self._connection.execute(update(t).where(t.c.id == policy.id).values(_to_row(policy)))
        except KeyTaken as error:
            raise PolicyExists from error
        self._found(policy.id, result.rowcount)

    def delete(self, policy_id: PolicyId) -> None:
        self._found(policy_id, self._connection.execute(delete(t).where(t.c.id == policy_id)).rowcount)

    def all(self) -> list[Policy]:
        return all_policies(self._connection)

    def _must_be_free(self, policy: Policy, but_for: PolicyId | None = None) -> None:
        same = (t.c.metric == policy.metric) & (t.c.scope_key == scope_key(policy.scope))
        if self._connection.scalars(select(t.c.id).where(same)).first() not in (None, but_for):
            raise PolicyExists

    def _found(self, policy_id: PolicyId, rows: int) -> None:
        if not rows:
            raise NotFound(f"no policy {policy_id}")
        self._changes.note()


def all_policies(connection: Connection) -> list[Policy]:
    return [to_policy(row) for row in connection.execute(select(t).order_by(t.c.id))]


def to_policy(row: Row[Any]) -> Policy:
    return Policy(
        id=PolicyId(row.id),
        metric=row.metric,
        scope=to_scope(row),
        warning=row.warning,
        critical=row.critical,
        direction=row.direction,
        sustained_for=timedelta(seconds=row.sustained_for),
        clear_margin=row.clear_margin,
        clear_for=timedelta(seconds=row.clear_for),
        enabled=row.enabled,
    )


def _to_row(policy: Policy) -> dict[str, Any]:
    return scope_columns(policy.scope) | {
        "metric": policy.metric,
        "scope_key": scope_key(policy.scope),
        "warning": policy.warning,
        "critical": policy.critical,
        "direction": policy.direction,
        "sustained_for": policy.sustained_for.total_seconds(),
        "clear_margin": policy.clear_margin,
        "clear_for": policy.clear_for.total_seconds(),
        "enabled": policy.enabled,
    }
