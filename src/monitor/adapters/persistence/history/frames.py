"""Samples of one server side by side, as charts, backtests and sealing take them.

Read like samples (see `samples`): a text for each row, and one call of a C decoder for all of them.

An hour of many servers as averages of a minute each: worked out by the database, which then sends a few thousand
rows and not every sample.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, select

from monitor.adapters.persistence.engine.statements import batches
from monitor.adapters.persistence.fleet.visibility import seen_by
from monitor.adapters.persistence.history.sample_inserts import written
from monitor.adapters.persistence.history.samples import INTERVAL, joined_text
from monitor.adapters.persistence.tables.fleet import servers
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.application.history.ports import MinuteAverages
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame, Values
from monitor.domain.intake.samples import COLUMN_METRICS

# Microseconds since 1970, worked out by the database: in Python a month of them takes longer than all the rest. SQLite
# would round the seconds.
_AT = {
    "sqlite": "(strftime('%s', substr(recorded_at, 1, 19)) * 1000000 + substr(recorded_at, 21))",
    "mysql": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', recorded_at)",
}
_EXTRA = "COALESCE(extra, 'null')"
_COLUMNS: dict[str, Any] = dict.fromkeys(COLUMN_METRICS, float) | {DECLARED: float | None}
"""What has a column of its own in the table."""


def read_frame(
    connection: Connection, server_id: ServerId, start: datetime, end: datetime, metrics: Sequence[str] | None
) -> Frame:
    """start <= recorded_at < end; *metrics* None: all there are, and what was declared."""
    columns = [name for name in _COLUMNS if metrics is None or name in metrics]
    extras = None if metrics is None else [name for name in metrics if name not in _COLUMNS]
    row = _row(connection, [*columns, *([_EXTRA] if extras is None or extras else [])])
    found = _rows(connection, row, server_id, start, end)
    return _frame(_decoded(found, [*map(_COLUMNS.__getitem__, columns), *_kind_of_extra(extras)]), columns, extras)


def read_rows(connection: Connection, server_id: ServerId, start: datetime, end: datetime) -> tuple[list[int], Frame]:
    """start <= recorded_at < end: their ids, and the frame of all metrics."""
    row = _row(connection, [*_COLUMNS, _EXTRA, "id"])
    rows = _decoded(_rows(connection, row, server_id, start, end), [*_COLUMNS.values(), *_kind_of_extra(None), int])
    return [row[-1] for row in rows], _frame([row[:-1] for row in rows], [*_COLUMNS], None)


def _rows(
    connection: Connection, row: ColumnElement[str], server_id: ServerId, start: datetime, end: datetime
) -> Iterable[str]:
    of_server = select(row).where(m.c.server_id == server_id)
    in_range = of_server.where(m.c.recorded_at >= start, m.c.recorded_at < end)
    return connection.scalars(in_range.order_by(m.c.recorded_at))


def _row(connection: Connection, parts: Sequence[str]) -> ColumnElement[str]:
    """The SQL expression of a JSON array of the time and these."""
    name = connection.dialect.name
    told = {DECLARED: INTERVAL[name]} | {each: f"{each}_value" for each in COLUMN_METRICS}
    pieces = ["'['", *(piece for part in (_AT[name], *parts) for piece in (told.get(part, part), "','"))]
    pieces[-1] = "']'"
    return joined_text(connection, pieces)


def _decoded(rows: Iterable[str], kinds: Sequence[Any]) -> list[tuple[Any, ...]]:
    """A time, and what *kinds* says."""
    kind: Any = tuple.__class_getitem__((int, *kinds))
    decoded: list[tuple[Any, ...]] = msgspec.json.decode(f"[{','.join(rows)}]", type=list[kind])
    return decoded


def _kind_of_extra(extras: Sequence[str] | None) -> list[Any]:
    """Of many names those that are wanted: the decoder passes over the rest."""
    if extras is None:
        return [dict[str, float] | None]
    if not extras:
        return []
    fields = [(f"f{place}", float | None, None) for place in range(len(extras))]
    names = {f"f{place}": name for place, name in enumerate(extras)}
    return [msgspec.defstruct("Extra", fields, rename=names) | None]


def _frame(rows: Sequence[tuple[Any, ...]], columns: Sequence[str], extras: Sequence[str] | None) -> Frame:
    if not rows:
        return Frame()
    times, *held = map(list, zip(*rows, strict=True))
    found: dict[str, Values] = dict(zip(columns, held, strict=False))
    intervals = found.pop(DECLARED, [None])
    if extras is None:
        last = [extra or {} for extra in held[-1]]
        for name in dict.fromkeys(name for extra in last for name in extra):
            found.setdefault(name, [extra.get(name) for extra in last])
    else:
        for place, name in enumerate(extras):
            found[name] = [getattr(extra, f"f{place}", None) for extra in held[-1]]
    if set(intervals) != {None}:
        found[DECLARED] = intervals
    return Frame(times, found)


_MINUTE = timedelta(minutes=1)


def minute_averages(
    connection: Connection,
    actor: Actor,
    server_ids: Collection[ServerId],
    metrics: Sequence[str],
    start: datetime,
    count: int,
) -> MinuteAverages:
    """See SampleQueries.minutes."""
    found: MinuteAverages = {}
    for batch in batches(sorted(server_ids)):
        wanted = (
            select(servers.c.id).where(servers.c.id.in_(batch), seen_by(actor, servers.c.id)).order_by(servers.c.id)
        )
        for server_id in connection.scalars(wanted):
            found[ServerId(server_id)] = {name: [None] * count for name in metrics}
    places = {written(start + minute * _MINUTE)[:16]: minute for minute in range(count)}
    in_range = _by_minute(metrics).where(m.c.recorded_at >= start, m.c.recorded_at < start + count * _MINUTE)
    for batch in batches(found):
        for server_id, minute, *averages in connection.execute(in_range.where(m.c.server_id.in_(batch))):
            for name, average in zip(metrics, averages, strict=True):
                found[server_id][name][places[minute]] = round(float(average), 2)
    return found


def _by_minute(metrics: Sequence[str]) -> Select[Any]:
    """A time begins with `YYYY-MM-DD HH:MM`, whichever database writes it."""
    minute = func.substr(m.c.recorded_at, 1, 16).label("at_minute")
    averages = [func.avg(m.c[f"{name}_value"]) for name in metrics]
    return select(m.c.server_id, minute, *averages).group_by(m.c.server_id, minute)
