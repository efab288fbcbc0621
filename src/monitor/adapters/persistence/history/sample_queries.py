"""Read stored samples: the newest of each server, pages from the newest back, and averages of minutes."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader
from monitor.adapters.persistence.engine.statements import batches, rows_with
from monitor.adapters.persistence.fleet.conditions import ids_seen_by, is_seen_by, must_be_visible, must_be_watched
from monitor.adapters.persistence.history.raw_hours import read_raw_hours
from monitor.adapters.persistence.history.sample_inserts import written
from monitor.adapters.persistence.history.samples import (
    BY_SERVER,
    by_server,
    newest_of_each,
    packed,
    read_frame,
    read_frames,
    to_samples,
)
from monitor.adapters.persistence.tables.fleet import OTHER_KINDS, servers
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.application.history.ports import MinuteAverages, RawHour, SampleFilter, SampleQueries, StoredSample
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, concatenated
from monitor.domain.history.rollups import hours_between, start_of_hour
from monitor.domain.intake.samples import Sample

_NEWEST_FIRST = "ORDER BY recorded_at DESC, server_id DESC LIMIT :limit"
_SERVERS_PER_STATEMENT = 100  # SQLite joins at most 500 SELECTs

Rows = Sequence[Any]


def newest_rows(connection: Connection, actor: Actor, wanted: SampleFilter) -> Rows:
    """Return *id*, *ip_address* and *packed* of rows, newest first. The caller has checked `wanted.server_id`."""
    condition, values = _time_range(wanted)
    if wanted.server_id is not None:
        values["server_id"] = wanted.server_id
        return _rows(connection, f"server_id = :server_id AND {condition}", values)
    if actor.is_admin:
        return _rows(connection, condition, values, of_hosts_alone=True)
    seen = connection.scalars(ids_seen_by(actor)).all()
    if len(seen) > _SERVERS_PER_STATEMENT:
        seen = _newest_seen(connection, actor, condition, values)
    return _newest_of_each(connection, seen, condition, values)


def _time_range(wanted: SampleFilter) -> tuple[str, dict[str, Any]]:
    conditions, values = ["1 = 1"], dict[str, Any](limit=wanted.limit)
    if wanted.start is not None:
        conditions.append("recorded_at >= :start")
        values["start"] = written(wanted.start)
    if wanted.end is not None:
        conditions.append("recorded_at < :end")
        values["end"] = written(wanted.end)
    if wanted.before is not None:
        # The first part is redundant, but an index can start at it.
        conditions.append("recorded_at <= :last AND (recorded_at < :last OR server_id < :last_server)")
        values |= {"last": written(wanted.before[0]), "last_server": wanted.before[1]}
    return " AND ".join(conditions), values


def _rows(connection: Connection, condition: str, values: dict[str, Any], *, of_hosts_alone: bool = False) -> Rows:
    newest_first = _selected(connection).where(text(condition)).order_by(m.c.recorded_at.desc(), m.c.server_id.desc())
    others = select(servers.c.id).where(servers.c.kind.in_(OTHER_KINDS))
    if of_hosts_alone and connection.execute(others.limit(1)).first() is not None:
        newest_first = newest_first.where(m.c.server_id.not_in(others))
    return connection.execute(newest_first.limit(values["limit"]), values).all()


def _newest_seen(connection: Connection, actor: Actor, condition: str, values: dict[str, Any]) -> Sequence[int]:
    """Return the servers with the newest samples, as many as the page has rows: they hold the whole page."""
    seen = ids_seen_by(actor).subquery("visible").c
    of_server = by_server(select(m.c.recorded_at)).where(m.c.server_id == seen.server_id, text(condition))
    newest = of_server.order_by(m.c.recorded_at.desc()).limit(1).scalar_subquery().label("newest")
    n = select(seen.server_id, newest).subquery("n").c
    newest_first = select(n.server_id).where(n.newest.is_not(None)).order_by(n.newest.desc(), n.server_id.desc())
    return connection.scalars(newest_first.limit(values["limit"]), values).all()


def _newest_of_each(connection: Connection, server_ids: Sequence[int], condition: str, values: dict[str, Any]) -> Rows:
    """Return the newest of each server's newest rows: at most a page per server.

    The index by time would be read to its end for servers without recent samples.
    """
    keys: list[tuple[Any, int, int]] = []
    for batch in batches(server_ids, _SERVERS_PER_STATEMENT):
        if len(keys) == values["limit"]:
            condition, values = f"{condition} AND recorded_at >= :floor", values | {"floor": keys[-1][0]}
        hint = BY_SERVER if connection.dialect.name == "mysql" else ""
        parts = " UNION ALL ".join(
            f"SELECT * FROM (SELECT recorded_at, server_id, id FROM monitor_data {hint} "  # noqa: S608 (an integer, and our own text)
            f"WHERE server_id = {server_id:d} AND {condition} ORDER BY recorded_at DESC LIMIT :limit) AS s{server_id:d}"
            for server_id in batch
        )
        found = map(tuple, connection.execute(text(f"{parts} {_NEWEST_FIRST}"), values))
        keys = sorted([*keys, *found], reverse=True)[: values["limit"]]
    order = {key[2]: place for place, key in enumerate(keys)}
    rows = [row for batch in batches(order) for row in _by_ids(connection, batch)]
    return sorted(rows, key=lambda row: order[row.id])


def _by_ids(connection: Connection, ids: Sequence[int]) -> Rows:
    return connection.execute(_selected(connection).where(m.c.id.in_(ids))).all()


def _selected(connection: Connection) -> Select[Any]:
    return select(m.c.id, m.c.ip_address, packed(connection))


_MINUTE = timedelta(minutes=1)


class SqlSampleQueries(SqlReader, SampleQueries):
    def newest(self, actor: Actor, wanted: SampleFilter) -> list[StoredSample]:
        with connected(self._engine) as connection:
            if wanted.server_id is not None:
                must_be_visible(connection, actor, wanted.server_id)
            rows = newest_rows(connection, actor, wanted)
            samples = to_samples(row.packed for row in rows)
            names = _names(connection, {sample.server_id for sample in samples})
        return [
            StoredSample(id=row.id, ip_address=row.ip_address, server_name=names[sample.server_id], sample=sample)
            for row, sample in zip(rows, samples, strict=True)
            if sample.server_id in names  # else just deleted
        ]

    def frame(
        self, actor: Actor, server_id: ServerId, start: datetime, end: datetime, metrics: Sequence[str] | None = None
    ) -> Frame:
        with connected(self._engine) as connection:
            must_be_watched(connection, actor, server_id)
            raw_hours = read_raw_hours(connection, [server_id], *hours_between(start, end))[server_id]
            spans = _open_spans(raw_hours, start, end)
            return concatenated([read_frame(connection, server_id, *span, metrics) for span in spans])

    def frames(
        self, server_ids: Collection[ServerId], start: datetime, end: datetime, metrics: Sequence[str]
    ) -> dict[ServerId, Frame]:
        found: dict[ServerId, list[Frame]] = {}
        with connected(self._engine) as connection:
            for some in batches(server_ids):
                having: dict[tuple[datetime, datetime], list[ServerId]] = {}
                for server_id, hours in read_raw_hours(connection, some, *hours_between(start, end)).items():
                    for span in _open_spans(hours, start, end):
                        having.setdefault(span, []).append(server_id)
                for span in sorted(having):
                    for server_id, frame in read_frames(connection, having[span], *span, metrics).items():
                        found.setdefault(server_id, []).append(frame)
        return {server_id: concatenated(frames) for server_id, frames in found.items()}

    def minutes(
        self, actor: Actor, server_ids: Collection[ServerId], metrics: Sequence[str], start: datetime, count: int
    ) -> MinuteAverages:
        # The database computes the averages: it then returns a few thousand rows instead of all samples.
        places = {written(start + minute * _MINUTE)[:16]: minute for minute in range(count)}
        in_range = _by_minute(metrics).where(m.c.recorded_at >= start, m.c.recorded_at < start + count * _MINUTE)
        with connected(self._engine) as connection:
            seen = select(servers.c.id).where(is_seen_by(actor, servers.c.id)).order_by(servers.c.id)
            ids = [ServerId(row.id) for row in rows_with(connection, seen, servers.c.id, sorted(server_ids))]
            found: MinuteAverages = {id_: {name: [None] * count for name in metrics} for id_ in ids}
            for server_id, minute, *averages in rows_with(connection, in_range, m.c.server_id, ids):
                for name, average in zip(metrics, averages, strict=True):
                    found[server_id][name][places[minute]] = round(float(average), 2)
        return found

    def latest(self) -> list[Sample]:
        with connected(self._engine) as connection:
            found = connection.scalars(select(newest_of_each(packed(connection))).select_from(servers))
            return to_samples(row for row in found if row is not None)


def _open_spans(raw_hours: Sequence[RawHour], start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the runs of consecutive hours that are open, within start..end."""
    hours, begin = [each.hour for each in raw_hours if each.is_open], 0
    for place, hour in enumerate(hours, 1):
        if place == len(hours) or hours[place] != hour + 1:
            yield max(start, start_of_hour(hours[begin])), min(end, start_of_hour(hour + 1))
            begin = place


def _names(connection: Connection, server_ids: set[ServerId]) -> dict[ServerId, str]:
    """Return names of the servers of one page."""
    rows = connection.execute(select(servers.c.id, servers.c.server_name).where(servers.c.id.in_(server_ids)))
    return {ServerId(row.id): row.server_name for row in rows}


def _by_minute(metrics: Sequence[str]) -> Select[Any]:
    """Select averages by minute: on all databases a time begins with `YYYY-MM-DD HH:MM`."""
    minute = func.substr(m.c.recorded_at, 1, 16).label("at_minute")
    averages = [func.avg(m.c[f"{name}_value"]) for name in metrics]
    return select(m.c.server_id, minute, *averages).group_by(m.c.server_id, minute)
