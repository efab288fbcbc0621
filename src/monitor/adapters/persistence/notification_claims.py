"""Who sends what: several processes, and the threads of each, claim from one outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.row_locks import locked_row
from monitor.adapters.persistence.tables import notifications as t
from monitor.domain.errors import TransactionConflict
from monitor.domain.notifications import Delivery

_ROW_LOCK = "notification-claims"
_PENDING = t.c.delivery == Delivery.PENDING


def claimed_rows(
    connection: Connection, now: datetime, limit: int, wanted: ColumnElement[bool], claim: Mapping[str, Any]
) -> list[Row[Any]]:
    """All PENDING rows of *wanted* targets that are due and of which nobody holds a lease, whoever has waited longest
    first; whole targets, until *limit* is reached. *claim*: what is written to them."""
    locked_row(connection, _ROW_LOCK)  # one claims at a time, or two would want the same targets and one get none
    rows = _locked(connection, _ids(connection, _due(connection, now, limit, wanted), limit))
    _lease(connection, [row.id for row in rows], now, claim)
    return rows


def _due(connection: Connection, now: datetime, limit: int, wanted: ColumnElement[bool]) -> list[str]:
    """One look along the part of an index that has what waits, which is little beside what was sent."""
    first, leased = func.min(t.c.not_before), func.max(t.c.leased_until)
    due = (
        select(t.c.target)
        .where(_PENDING, wanted)
        .group_by(t.c.target)
        .having(first <= now, leased.is_(None) | (leased <= now))
        .order_by(first, func.min(t.c.id))
        .limit(limit)  # each has one row at least
    )
    return list(connection.scalars(due))


def _ids(connection: Connection, targets: Sequence[str], limit: int) -> list[int]:
    by_target: dict[str, list[int]] = {target: [] for target in targets}
    for batch in batches(targets):
        for row in connection.execute(select(t.c.target, t.c.id).where(_PENDING, t.c.target.in_(batch))):
            by_target[row.target].append(row.id)
    ids: list[int] = []
    for waiting in by_target.values():
        if len(ids) >= limit:
            break
        ids += waiting
    return ids


def _locked(connection: Connection, ids: Sequence[int]) -> list[Row[Any]]:
    """Those that are PENDING still once the locks are had. By id, in order, as who saves them takes the locks too."""
    wanted = (select(t).where(t.c.id.in_(batch)).order_by(t.c.id).with_for_update() for batch in batches(sorted(ids)))
    rows = (row for statement in wanted for row in connection.execute(statement))
    return [row for row in rows if row.delivery is Delivery.PENDING]


def _lease(connection: Connection, ids: Sequence[int], now: datetime, claim: Mapping[str, Any]) -> None:
    is_free = t.c.leased_until.is_(None) | (t.c.leased_until <= now)
    for batch in batches(ids):
        lease = update(t).where(t.c.id.in_(batch), _PENDING, is_free).values(claim)
        if connection.execute(lease).rowcount != len(batch):
            raise TransactionConflict("another claimed a notification")
