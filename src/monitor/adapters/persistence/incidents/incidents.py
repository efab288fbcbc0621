"""Store incidents, and read them with the alerts that somebody may see."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, or_, select, update

from monitor.adapters.persistence.alerts.alert_queries import SHOWN, to_shown
from monitor.adapters.persistence.alerts.alerts import to_entry
from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import batches, insert_row, rows_with
from monitor.adapters.persistence.fleet.conditions import mentioning, must_be_watched, watched_by, watched_with_tag
from monitor.adapters.persistence.tables.alerts import alert_timeline, alerts
from monitor.adapters.persistence.tables.fleet import servers
from monitor.adapters.persistence.tables.incidents import incidents as t
from monitor.adapters.persistence.tables.notifications import notifications
from monitor.application.incidents.ports import (
    MOST_ALERTS,
    NEWEST,
    IncidentEntry,
    IncidentFilter,
    IncidentQueries,
    Incidents,
    Member,
    ShownIncident,
)
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId, AlertState, IncidentId
from monitor.domain.errors import NotFound
from monitor.domain.incidents.causes import Cause
from monitor.domain.incidents.incidents import DOWN, Ill, Incident, IncidentState
from monitor.domain.levels import Level
from monitor.domain.policies.policies import DRILL

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Cause).decode
_FIRES = alerts.c.state == AlertState.FIRING
_IS_ACKNOWLEDGED = alerts.c.acknowledged_at.is_not(None)
_LASTS = t.c.ended_at.is_(None)
_BY_INCIDENT = "FORCE INDEX (ix_alerts_incident_id_state)"
"""MySQL takes an incident to have as many alerts as there are from before incidents, and reads all of them."""
_ENTRIES = (
    select(alert_timeline, alerts.c.server_id, alerts.c.metric, servers.c.server_name)
    .join_from(alert_timeline, alerts)
    .join(servers, servers.c.id == alerts.c.server_id)
    .with_hint(alerts, _BY_INCIDENT, "mysql")
)
_HOST = func.coalesce(servers.c.host_id, servers.c.id)
_ILL = (alerts.c.id, _HOST, alerts.c.fired_at, alerts.c.server_id, alerts.c.metric.in_(DOWN), alerts.c.metric == DRILL)


def to_incident(row: Row[Any]) -> Incident:
    return Incident(
        id=IncidentId(row.id),
        started_at=row.started_at,
        ended_at=row.ended_at,
        cause=None if row.cause is None else _decode(row.cause),
        merged_into=row.merged_into,
    )


def _columns(incident: Incident) -> dict[str, Any]:
    cause = None if incident.cause is None else _encode(incident.cause)
    return {"started_at": incident.started_at, "ended_at": incident.ended_at, "cause": cause}


class SqlIncidents(SqlRepository, Incidents):
    def opened(self) -> list[Incident]:
        wanted = select(t).where(_LASTS).order_by(t.c.started_at, t.c.id).with_for_update()
        rows = self._connection.execute(wanted).all()
        ills: dict[int, list[Ill]] = defaultdict(list)
        firing = select(alerts.c.incident_id, *_ILL).join_from(alerts, servers).where(_FIRES, alerts.c.metric != DRILL)
        for incident_id, *ill in rows_with(self._connection, firing, alerts.c.incident_id, [row.id for row in rows]):
            ills[incident_id].append(Ill(*ill))
        return [to_incident(row).with_ills(ills[row.id]) for row in rows]

    def save(self, incidents: Sequence[tuple[Incident, Collection[AlertId]]]) -> list[IncidentId]:
        ids = [self._save(incident) for incident, _ in incidents]
        of = {alert_id: id_ for id_, (_, joined) in zip(ids, incidents, strict=True) for alert_id in joined}
        for batch in batches(sorted(of)):
            for table, column in ((alerts, alerts.c.id), (notifications, notifications.c.alert_id)):
                joining = case({alert_id: of[alert_id] for alert_id in batch}, value=column)
                self._connection.execute(update(table).where(column.in_(batch)).values(incident_id=joining))
        return ids

    def _save(self, incident: Incident) -> IncidentId:
        if not incident.id:
            return IncidentId(insert_row(self._connection, t, _columns(incident)))
        self._connection.execute(update(t).where(t.c.id == incident.id).values(_columns(incident)))
        return incident.id

    def merge(self, merged: Mapping[IncidentId, IncidentId], at: datetime) -> None:
        for gone, into in sorted(merged.items(), reverse=True):
            for table in (alerts, notifications):
                self._connection.execute(update(table).where(table.c.incident_id == gone).values(incident_id=into))
            self._connection.execute(update(t).where(t.c.merged_into == gone).values(merged_into=into))
            self._connection.execute(update(t).where(t.c.id == gone).values(merged_into=into, ended_at=at))

    def end(self, ended: Mapping[IncidentId, datetime]) -> None:
        for batch in batches(sorted(ended)):
            at = case({each: literal(ended[each], t.c.started_at.type) for each in batch}, value=t.c.id)
            self._connection.execute(update(t).where(t.c.id.in_(batch), _LASTS, ~_has(_FIRES)).values(ended_at=at))


class SqlIncidentQueries(SqlReader, IncidentQueries):
    def ungrouped(self, since: datetime) -> list[Ill]:
        # Two reads, each by an index: old alerts from before there were incidents may be a hundred thousand.
        new, is_new = select(*_ILL).join_from(alerts, servers), func.coalesce(alerts.c.incident_id, 0) == 0
        newest = alerts.c.id > select(func.max(alerts.c.id) - NEWEST).scalar_subquery()
        over = is_new & newest & ((alerts.c.fired_at >= since) | alerts.c.late)
        firing = alerts.c.incident_id.is_(None) & _FIRES
        rows = {row for condition in (firing, over) for row in self._rows(new.where(condition))}
        return sorted(Ill(*row) for row in rows)

    def over(self) -> dict[IncidentId, datetime]:
        still = select(alerts.c.incident_id).where(_FIRES, alerts.c.incident_id.is_not(None)).distinct()
        last = select(alerts.c.incident_id, func.max(alerts.c.resolved_at)).group_by(alerts.c.incident_id)
        with connected(self._engine) as connection:
            lasting = {
                row.id: row.started_at for row in connection.execute(select(t.c.id, t.c.started_at).where(_LASTS))
            }
            over = lasting.keys() - {*connection.scalars(still)} if lasting else set()
            ends: dict[int, datetime] = dict(rows_with(connection, last, alerts.c.incident_id, over))
        return {IncidentId(each): ends.get(each, lasting[each]) for each in over}

    def newest(self, actor: Actor, wanted: IncidentFilter) -> list[ShownIncident]:
        with connected(self._engine) as connection:
            seen = watched_by(connection, actor, alerts.c.server_id)
            fits = _has(seen, *_of_alerts(connection, actor, wanted))
            found = select(t).where(t.c.merged_into.is_(None), fits, *_of_incidents(wanted, seen))
            rows = connection.execute(found.order_by(t.c.id.desc()).limit(wanted.limit)).all()
            return _page(connection, seen, rows, wanted.most_members)

    def for_message(self, incident_id: IncidentId) -> list[Incident]:
        own = select(t).where((t.c.id == incident_id) | (t.c.merged_into == incident_id))
        return [to_incident(row) for row in self._rows(own.order_by(t.c.id != incident_id, t.c.id))]

    def get(self, actor: Actor, incident_id: IncidentId) -> ShownIncident:
        with connected(self._engine) as connection:
            row = connection.execute(select(t).where(t.c.id == incident_id)).one_or_none()
            if row is not None and row.merged_into is not None:
                row = connection.execute(select(t).where(t.c.id == row.merged_into)).one_or_none()
            seen = watched_by(connection, actor, alerts.c.server_id)
            members = {} if row is None else _members(connection, seen, [row.id])
            if row is None or not members:
                raise NotFound(f"no incident {incident_id}")
            of_it = SHOWN.where(alerts.c.incident_id == row.id, seen).order_by(alerts.c.started_at, alerts.c.id)
            merged = connection.scalars(select(t.c.id).where(t.c.merged_into == row.id).order_by(t.c.id))
            return ShownIncident(
                incident=to_incident(row),
                members=members[row.id],
                alerts=[*map(to_shown, connection.execute(of_it.limit(MOST_ALERTS)))],
                merged_from=[*map(IncidentId, merged)],
            )

    def timeline(
        self, actor: Actor, incident_id: IncidentId, after: tuple[datetime, int] | None, limit: int
    ) -> list[IncidentEntry]:
        merged_into = select(t.c.merged_into).where(t.c.id == incident_id).scalar_subquery()
        at, id_ = alert_timeline.c.at, alert_timeline.c.id
        wanted = _ENTRIES.where(alerts.c.incident_id == func.coalesce(merged_into, incident_id))
        if after is not None:
            wanted = wanted.where(or_(at > after[0], and_(at == after[0], id_ > after[1])))
        with connected(self._engine) as connection:
            seen = wanted.where(watched_by(connection, actor, alerts.c.server_id))
            rows = connection.execute(seen.order_by(at, id_).limit(limit)).all()
        if not rows:
            self.get(actor, incident_id)
        return [IncidentEntry(to_entry(row), row.server_id, row.server_name, row.metric) for row in rows]


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an incident has an alert like that."""
    own = select(alerts.c.id).where(alerts.c.incident_id == t.c.id, *conditions)
    return own.with_hint(alerts, _BY_INCIDENT, "mysql").exists()


def _of_incidents(wanted: IncidentFilter, seen: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
    """*seen*: that the actor sees an alert."""
    fires, is_new = _has(seen, _FIRES), _has(seen, _FIRES, alerts.c.acknowledged_at.is_(None))
    states = {
        IncidentState.FIRING: is_new,
        IncidentState.ACKNOWLEDGED: fires & ~is_new,
        IncidentState.ENDED: ~fires,
    }
    if len(wanted.states) < len(states):
        yield or_(*(states[each] for each in wanted.states))
    if IncidentState.ENDED not in wanted.states:
        yield _LASTS
    if wanted.level is not None:
        worse = alerts.c.peak_level.in_([level for level in Level if level > wanted.level])
        yield _has(seen, alerts.c.peak_level == wanted.level) & ~_has(seen, worse)
    if wanted.before is not None:
        yield t.c.id < wanted.before
    if wanted.start is not None:
        yield t.c.started_at >= wanted.start
    if wanted.end is not None:
        yield t.c.started_at < wanted.end


def _of_alerts(connection: Connection, actor: Actor, wanted: IncidentFilter) -> Iterator[ColumnElement[bool]]:
    """Yield what one alert of the incident has to be. Raises NotFound for a server that the actor may not see."""
    if wanted.server_id is not None:
        must_be_watched(connection, actor, wanted.server_id)
        checks = connection.scalars(select(servers.c.id).where(servers.c.host_id == wanted.server_id))
        yield alerts.c.server_id.in_([wanted.server_id, *checks])
    if wanted.tag is not None:
        yield watched_with_tag(connection, wanted.tag, alerts.c.server_id)
    if wanted.text is not None:
        seen = watched_by(connection, actor, servers.c.id)
        yield alerts.c.server_id.in_(mentioning(connection, seen, wanted.text))


_MEMBER = (
    alerts.c.id,
    alerts.c.server_id,
    alerts.c.metric,
    alerts.c.peak_level,
    alerts.c.resolved_at,
    _IS_ACKNOWLEDGED,
)


def _page(
    connection: Connection, seen: ColumnElement[bool], rows: Sequence[Row[Any]], most: int
) -> list[ShownIncident]:
    """Return the first of *rows*, newest ids first, that have up to *most* alerts together, and at least one of them.
    *seen*: the condition that the actor sees an alert."""
    of = _members(connection, seen, [row.id for row in rows], most + 1)
    is_cut = sum(map(len, of.values())) > most
    if is_cut:
        *complete, last = of
        of = {each: of[each] for each in complete} or _members(connection, seen, [last])
    alone = [members[0].id for members in of.values() if len(members) == 1]
    only = {row.incident_id: [to_shown(row)] for row in rows_with(connection, SHOWN, alerts.c.id, alone)}
    found = [
        ShownIncident(incident=to_incident(row), members=of[row.id], alerts=only.get(row.id, ()))
        for row in rows
        if row.id in of
    ]
    return [*found[:-1], *(replace(each, ends_page=is_cut and len(rows) > len(found)) for each in found[-1:])]


def _members(
    connection: Connection, seen: ColumnElement[bool], ids: Sequence[int], most: int | None = None
) -> dict[int, list[Member]]:
    """Return those of the incidents with these *ids*, in this order, which is that of an index; *most* of them."""
    of: dict[int, list[tuple[datetime, Member]]] = defaultdict(list)
    wanted = (
        select(alerts.c.incident_id, alerts.c.started_at, *_MEMBER).where(seen).order_by(alerts.c.incident_id.desc())
    )
    wanted = wanted.with_hint(alerts, _BY_INCIDENT, "mysql")
    for batch in batches(ids):
        left = None if most is None else most - sum(map(len, of.values()))
        if left != 0:
            for incident_id, started_at, *member in connection.execute(
                wanted.where(alerts.c.incident_id.in_(batch)).limit(left)
            ):
                of[incident_id].append((started_at, Member(*member)))
    return {incident_id: [member for _, member in sorted(found)] for incident_id, found in of.items()}
