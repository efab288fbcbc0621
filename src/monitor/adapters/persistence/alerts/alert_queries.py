from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, case, exists, select

from monitor.adapters.persistence.alerts.alert_states import to_due
from monitor.adapters.persistence.alerts.alerts import to_alert, to_entry
from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader
from monitor.adapters.persistence.engine.statements import found_row, rows_with
from monitor.adapters.persistence.fleet.conditions import (
    host_of,
    is_exactly,
    is_seen_by,
    mentioning,
    must_be_watched,
    watched_by,
    watched_with_tag,
)
from monitor.adapters.persistence.tables.accounts import users
from monitor.adapters.persistence.tables.alerts import alert_timeline, due_evaluations
from monitor.adapters.persistence.tables.alerts import alerts as t
from monitor.adapters.persistence.tables.fleet import servers
from monitor.adapters.persistence.tables.notifications import notifications
from monitor.adapters.persistence.tables.oncall import pagings
from monitor.application.alerts.ports import AlertFilter, AlertQueries, FiredAlert, Outage, ShownAlert, Waiting
from monitor.application.fleet.visibility import VisibleIds
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, TimelineEntry
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import NOTIFIED, DeliveryState
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import OFFLINE

SHOWN = (
    select(t, servers.c.server_name, users.c.username)
    .join_from(t, servers)
    .join(users, users.c.id == t.c.acknowledged_by, isouter=True)
)
_OWN = exists().where(notifications.c.alert_id == t.c.id)
_NOTIFIED = _OWN.where(notifications.c.delivery.in_(NOTIFIED))
_PARKED = _OWN.where(notifications.c.delivery == DeliveryState.PARKED)
_ESCALATES = exists().where(pagings.c.alert_id == t.c.id)
_IS_WAITING = (t.c.state == AlertState.FIRING) & t.c.acknowledged_at.is_(None) & t.c.due_at.is_(None)
_WAITING = select(t.c.id, t.c.server_id, t.c.metric, t.c.level, t.c.fired_at).order_by(t.c.id)
_FIRED = select(
    *(t.c.id, t.c.server_id, t.c.policy_id, t.c.fired_at, t.c.resolved_at, t.c.acknowledged_at, t.c.verdict),
    t.c.started_at,
)


class SqlAlertQueries(SqlReader, AlertQueries):
    def newest(self, actor: Actor, wanted: AlertFilter) -> list[ShownAlert]:
        with connected(self._engine) as connection:
            statement = SHOWN.where(*_matching(wanted), watched_by(connection, actor, t.c.server_id))
            for named in (wanted.server_id, wanted.watched_id):
                if named is not None:
                    must_be_watched(connection, actor, named)
            if wanted.server_id is not None:
                checks = connection.scalars(select(servers.c.id).where(servers.c.host_id == wanted.server_id))
                statement = statement.where(t.c.server_id.in_([wanted.server_id, *checks]))
            if wanted.tag is not None:
                statement = statement.where(watched_with_tag(connection, wanted.tag, t.c.server_id))
            if wanted.text is not None:
                chosen = mentioning(connection, watched_by(connection, actor, servers.c.id), wanted.text)
                # Numbers in the statement itself: there is a limit to its parameters.
                statement = statement.where(t.c.server_id.in_(bindparam("chosen", chosen, literal_execute=True)))
            rows = connection.execute(statement.order_by(t.c.id.desc()).limit(wanted.limit))
            return [to_shown(row) for row in rows]

    def get(self, actor: Actor, alert_id: AlertId) -> tuple[ShownAlert, list[TimelineEntry]]:
        entries = alert_timeline.c
        timeline = select(alert_timeline).where(entries.alert_id == alert_id).order_by(entries.at, entries.id)
        with connected(self._engine) as connection:
            wanted = SHOWN.where(t.c.id == alert_id, is_seen_by(actor, host_of(t.c.server_id)))
            row = found_row(connection, wanted, f"alert {alert_id}")
            return to_shown(row), [to_entry(entry) for entry in connection.execute(timeline)]

    def firing_at(self, server_id: ServerId, at: datetime) -> list[Alert]:
        is_open = (t.c.fired_at <= at) & (t.c.resolved_at.is_(None) | (t.c.resolved_at > at))
        own = select(t).where(t.c.server_id == server_id, is_open).order_by(t.c.fired_at, t.c.id)
        return [to_alert(row) for row in self._rows(own)]

    def fired(self, of: VisibleIds, metric: str | None, start: datetime, end: datetime) -> list[FiredAlert]:
        wanted = _FIRED.where(t.c.fired_at >= start, t.c.fired_at < end)
        if metric is not None:
            wanted = wanted.where(is_exactly(t.c.metric, metric))
        with connected(self._engine) as connection:
            rows: Iterable[Any]
            if of.ids is None:
                rows = connection.execute(wanted)
            else:
                rows = rows_with(connection, wanted, t.c.server_id, sorted(of.ids))
            return sorted((_to_fired(row) for row in rows), key=lambda alert: alert.id)

    def outages(self, server_ids: Collection[ServerId], since: datetime) -> list[Outage]:
        lasts = t.c.resolved_at.is_(None) | (t.c.resolved_at >= since)
        wanted = select(t.c.server_id, t.c.fired_at, t.c.resolved_at).where(t.c.metric.in_([OFFLINE, UP]), lasts)
        with connected(self._engine) as connection:
            rows = rows_with(connection, wanted, t.c.server_id, sorted(server_ids))
            return sorted((Outage(*row) for row in rows), key=attrgetter("fired_at"))

    def awaiting_reminder(self, before: datetime) -> list[Alert]:
        wanted = select(t).where(_IS_WAITING, t.c.last_notified_at <= before).order_by(t.c.id)
        return [to_alert(row) for row in self._rows(wanted)]

    def never_notified(self, before: datetime) -> list[Waiting]:
        never_said = ~_NOTIFIED & ~_ESCALATES & ((t.c.fired_at <= before) | ~_PARKED)
        wanted = _WAITING.where(_IS_WAITING, t.c.last_notified_at.is_(None), never_said)
        return [Waiting(*row) for row in self._rows(wanted)]

    def due(self, at: datetime) -> list[Waiting]:
        return [Waiting(*row) for row in self._rows(_WAITING.where(t.c.due_at <= at))]

    def due_steps(self, at: datetime) -> list[Waiting]:
        due = _WAITING.order_by(None).join(pagings, pagings.c.alert_id == t.c.id).where(pagings.c.due_at <= at)
        # Held ones are left out here: SQLite would first go through all alerts that are not held.
        rows = self._rows(due.add_columns(pagings.c.due_at, t.c.due_at.label("held_until")))
        waiting = sorted((row for row in rows if row.held_until is None), key=lambda row: (row.due_at, row.id))
        return list(dict.fromkeys(Waiting(*row[:-2]) for row in waiting))

    def acknowledged(self, before: datetime | None) -> list[Waiting]:
        is_over: ColumnElement[bool] = t.c.acknowledged_by.is_(None)
        if before is not None:
            is_over |= t.c.acknowledged_at <= before
        wanted = _WAITING.where(t.c.state == AlertState.FIRING, t.c.acknowledged_at.is_not(None), is_over)
        return [Waiting(*row) for row in self._rows(wanted)]

    def due_evaluations(self, last_noted: datetime, noted: datetime, at_most: int) -> list[DueEvaluation]:
        is_edited = due_evaluations.c.cause == Cause.EDITED
        is_settled = (due_evaluations.c.cause == Cause.LATE) & (due_evaluations.c.last_noted_at <= last_noted)
        is_due = is_edited | is_settled | (due_evaluations.c.noted_at <= noted)
        order = [case((is_edited, 0), else_=1), due_evaluations.c.noted_at, due_evaluations.c.server_id]
        wanted = select(due_evaluations).where(is_due).order_by(*order, due_evaluations.c.watched).limit(at_most)
        return [to_due(row) for row in self._rows(wanted)]


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "state": t.c.state.__eq__,
    "watched_id": t.c.server_id.__eq__,
    "level": t.c.peak_level.__eq__,
    "acknowledged": lambda wanted: t.c.acknowledged_at.is_not(None) if wanted else t.c.acknowledged_at.is_(None),
    "metric": lambda metric: is_exactly(t.c.metric, metric),
    "start": t.c.fired_at.__ge__,
    "end": t.c.fired_at.__lt__,
    "before": t.c.id.__lt__,
}


def _matching(wanted: AlertFilter) -> Iterator[ColumnElement[bool]]:
    for name, condition in _CONDITIONS.items():
        if (value := getattr(wanted, name)) is not None:
            yield condition(value)


def to_shown(row: Row[Any]) -> ShownAlert:
    return ShownAlert(alert=to_alert(row), server_name=row.server_name, acknowledged_by=row.username)


def _to_fired(row: Row[Any]) -> FiredAlert:
    is_acknowledged = row.acknowledged_at is not None
    times = row.fired_at, row.resolved_at
    return FiredAlert(row.id, row.server_id, row.policy_id, *times, is_acknowledged, row.verdict, row.started_at)
