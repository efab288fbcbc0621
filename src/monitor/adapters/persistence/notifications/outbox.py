"""The outbox in SQL. Several processes, and the threads of each, claim from it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, true, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import Parents, batches, locked_row, rows_with
from monitor.adapters.persistence.notifications.adding import add_all
from monitor.adapters.persistence.notifications.outbox_queries import (
    changing_columns,
    lasting,
    target_key,
    to_notification,
    to_target,
)
from monitor.adapters.persistence.tables.accounts import users
from monitor.adapters.persistence.tables.notifications import IS_UNSENT, channels
from monitor.adapters.persistence.tables.notifications import notifications as t
from monitor.adapters.persistence.tables.oncall import ways
from monitor.application.notifications.ports import Notifications
from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import NotFound, TransactionConflict
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.notifications.outbox import (
    ENDINGS,
    MOST_AT_ONCE,
    NOTIFIED,
    DeliveryState,
    Notification,
    NotificationId,
    Target,
)

_ROW_LOCK = "notification-claims"


def claimed_rows(
    connection: Connection,
    now: datetime,
    limit: int,
    each: int,
    wanted: ColumnElement[bool],
    along: ColumnElement[bool],
    claim: Mapping[str, Any],
) -> list[Row[Any]]:
    """Write *claim* to the PENDING rows of *wanted* targets that are due and not leased, and return the rows: of the
    target that waits longest first, *each* at most of one, until *limit* rows are reached. *along*: the rows that may
    go with those that are due."""
    locked_row(connection, _ROW_LOCK)  # one at a time: of two that want the same targets, one would get none
    rows = _locked(connection, _ids(connection, _due(connection, now, limit, wanted), limit, each, along))
    _lease(connection, [row.id for row in rows], now, claim)
    return rows


def _due(connection: Connection, now: datetime, limit: int, wanted: ColumnElement[bool]) -> list[str]:
    """Return the keys of due targets. Reads only the part of an index with PENDING rows, which are few."""
    first, leased = func.min(t.c.not_before), func.max(t.c.leased_until)
    due = (
        select(t.c.target)
        .where(_PENDING, wanted)
        .group_by(t.c.target)
        .having(first <= now, leased.is_(None) | (leased <= now))
        .order_by(first, func.min(t.c.id))
        .limit(limit)  # each has at least one row
    )
    return list(connection.scalars(due))


def _ids(
    connection: Connection, targets: Sequence[str], limit: int, each: int, along: ColumnElement[bool]
) -> list[int]:
    by_target: dict[str, list[tuple[bool, datetime, int]]] = {target: [] for target in targets}
    waiting_ones = select(t.c.target, t.c.id, t.c.message_id, t.c.not_before).where(_PENDING, along)
    for row in rows_with(connection, waiting_ones, t.c.target, targets):
        by_target[row.target].append((not row.message_id, row.not_before, row.id))
    ids: list[int] = []
    for waiting in by_target.values():
        if len(ids) >= limit:
            break
        ids += [id_ for *_, id_ in sorted(waiting)[:each]]
    return ids


def _locked(connection: Connection, ids: Sequence[int]) -> list[Row[Any]]:
    """Lock the rows and return those still PENDING. In id order, as when they are saved: no deadlocks."""
    rows = rows_with(connection, select(t).order_by(t.c.id).with_for_update(), t.c.id, sorted(ids))
    return [row for row in rows if row.delivery is DeliveryState.PENDING]


def _lease(connection: Connection, ids: Sequence[int], now: datetime, claim: Mapping[str, Any]) -> None:
    is_free = t.c.leased_until.is_(None) | (t.c.leased_until <= now)
    for batch in batches(ids):
        lease = update(t).where(t.c.id.in_(batch), _PENDING, is_free).values(claim)
        if connection.execute(lease).rowcount != len(batch):
            raise TransactionConflict("another claimed a notification")


_NOTIFIED = t.c.delivery.in_(NOTIFIED) | (t.c.reason == Reason.AMENDED)
_PENDING = t.c.delivery == DeliveryState.PENDING
_FREE = {"leased_until": None, "holder": None}


def _may_be_sent(target: Target, but: str) -> ColumnElement[bool]:
    has_message = (t.c.delivery == DeliveryState.SENT) | (_PENDING & t.c.message_id.not_in(["", but]))
    return (t.c.target == target_key(target)) & has_message & t.c.event_kind.not_in(ENDINGS)


class SqlNotifications(SqlRepository, Notifications):
    """Locks what it reads, but for `of_incidents` and `notified_…`: no change undoes what a sender did meanwhile."""

    @cached_property
    def _parents(self) -> dict[str, Parents]:
        """Return what a target names, in the order in which it is locked."""
        tables = {"user_id": users, "channel_id": channels, "way_id": ways}
        return {name: Parents(self._connection, table) for name, table in tables.items()}

    def add(self, notifications: Sequence[Notification]) -> None:
        if kept := self._with_target(notifications):
            add_all(self._connection, kept)

    def get(self, notification_id: NotificationId) -> Notification:
        found = self._locked(t.c.id == notification_id)
        if not found:
            raise NotFound(f"no notification {notification_id}")
        return found[0]

    def claim(
        self,
        now: datetime,
        *,
        until: datetime | None = None,
        leased_until: datetime,
        limit: int,
        each: int = MOST_AT_ONCE,
        only: Collection[Target] | None = None,
        excluding: Collection[Target] = (),
        holder: str = "",
    ) -> list[Notification]:
        wanted: ColumnElement[bool] = true()
        if only is not None:
            wanted = t.c.target.in_([target_key(target) for target in only])
        if excluding:
            wanted &= t.c.target.not_in([target_key(target) for target in excluding])
        along: ColumnElement[bool] = true() if until is None else (t.c.not_before <= until) | (t.c.attempts > 0)
        claim = {"leased_until": leased_until, "holder": holder}
        rows = claimed_rows(self._connection, now, limit, each, wanted, along, claim)
        return sorted((to_notification(row) for row in rows), key=_age)

    def are_lost(self, notifications: Sequence[Notification], holder: str) -> bool:
        is_lost = (t.c.delivery == DeliveryState.SENT) | (_PENDING & (t.c.holder.is_(None) | (t.c.holder != holder)))
        lost = rows_with(self._connection, select(t.c.id).where(is_lost), t.c.id, [n.id for n in notifications])
        return bool(list(lost))

    def free(self, holder: str, only: Collection[NotificationId] | None = None) -> None:
        own = update(t).where(_PENDING, t.c.holder == holder).values(_FREE)
        if only is None:
            self._connection.execute(own)
        else:
            for batch in batches(sorted(only)):
                self._connection.execute(own.where(t.c.id.in_(batch)))

    def stamp(self, notifications: Sequence[Notification]) -> None:
        self._update(notifications, lambda n: {"message_id": n.message_id})

    def save(self, notifications: Sequence[Notification]) -> None:
        self._update(notifications, lambda n: changing_columns(n) | _FREE)

    def held(self, ids: Collection[NotificationId]) -> list[Notification]:
        found = rows_with(self._connection, select(t).order_by(t.c.id).with_for_update(), t.c.id, sorted(ids))
        return sorted((to_notification(row) for row in found if row.delivery is DeliveryState.HELD), key=_age)

    def of_alerts(self, alert_ids: Collection[AlertId]) -> list[Notification]:
        wanted = batches(sorted(set(alert_ids)))
        return sorted((n for batch in wanted for n in self._locked(t.c.alert_id.in_(batch))), key=_id)

    def of_incidents(self, incident_ids: Collection[IncidentId], target: Target, but: str) -> list[Notification]:
        own = select(t).where(_may_be_sent(target, but))
        rows = rows_with(self._connection, own, t.c.incident_id, sorted(incident_ids))
        return sorted((to_notification(row) for row in rows), key=_id)

    def lasting_incidents(self, incident_ids: Collection[IncidentId], target: Target) -> set[IncidentId]:
        return {IncidentId(id_) for id_, _ in lasting(self._connection, incident_ids, target_key(target))}

    def notified_alerts(self, alert_ids: Collection[AlertId], target: Target, but: str) -> set[AlertId]:
        own = select(t.c.alert_id).where(_may_be_sent(target, but))
        return {row.alert_id for row in rows_with(self._connection, own, t.c.alert_id, sorted(alert_ids))}

    def notified_targets(self, alert_ids: Collection[AlertId]) -> dict[AlertId, dict[Target, set[EscalationId]]]:
        notified = select(t.c.alert_id, t.c.target, t.c.called_by).distinct().where(_NOTIFIED)
        found: dict[AlertId, dict[Target, set[EscalationId]]] = {}
        for row in rows_with(self._connection, notified, t.c.alert_id, alert_ids):
            called_by = found.setdefault(row.alert_id, {}).setdefault(to_target(row.target), set())
            called_by |= {row.called_by} - {None}
        return found

    def delete_before(self, at: datetime, at_most: int) -> None:
        old = select(t.c.id).where(t.c.created_at < at, ~IS_UNSENT).order_by(t.c.created_at).limit(at_most)
        for batch in batches(self._connection.scalars(old).all()):
            self._connection.execute(delete(t).where(t.c.id.in_(batch), ~IS_UNSENT))

    def _locked(self, condition: ColumnElement[bool]) -> list[Notification]:
        wanted = select(t).where(condition).order_by(t.c.id).with_for_update()
        return [to_notification(row) for row in self._connection.execute(wanted)]

    def _with_target(self, notifications: Sequence[Notification]) -> list[Notification]:
        left = list(notifications)
        for name, parents in self._parents.items():
            named = attrgetter(f"target.{name}")
            there = {None, *parents.existing([named(n) for n in left if named(n) is not None])}
            left = [n for n in left if named(n) in there]
        return left

    def _update(self, notifications: Sequence[Notification], columns: Callable[[Notification], dict[str, Any]]) -> None:
        """Update together what gets the same values: a message may hold hundreds. In id order; see `_locked`."""
        ids: dict[tuple[tuple[str, Any], ...], list[NotificationId]] = {}
        for n in sorted(notifications, key=_id):
            ids.setdefault(tuple(columns(n).items()), []).append(n.id)
        for values, same in ids.items():
            for batch in batches(same):
                self._connection.execute(update(t).where(t.c.id.in_(batch)).values(dict(values)))


def _id(notification: Notification) -> int:
    return notification.id


def _age(notification: Notification) -> tuple[datetime, int]:
    return notification.created_at, notification.id
