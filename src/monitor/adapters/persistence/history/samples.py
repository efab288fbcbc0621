"""Raw samples in a unit of work, and how rows are read.

The database returns each row as one text, a JSON array, and a C decoder parses all texts in one call. On MySQL this
takes half the time of separate columns; a chart reads tens of thousands of rows.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    ScalarSelect,
    Select,
    bindparam,
    literal_column,
    select,
    union_all,
    update,
)

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import batches, rows_with
from monitor.adapters.persistence.history.sample_inserts import extra_text, insert_samples, written
from monitor.adapters.persistence.tables.fleet import servers as s
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.application.history.ports import Samples
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame, Values, with_extras
from monitor.domain.intake.samples import COLUMN_METRICS, Sample

# In the order of `Sample`'s fields. Times in tables are UTC.
_PARTS = (
    "'['",
    "server_id",
    "',\"'",
    "recorded_at",
    "'+00:00\",\"'",
    "received_at",
    "'+00:00\",'",
    "cpu_value",
    "','",
    "memory_value",
    "','",
    "disk_value",
    "','",
    "COALESCE(extra, 'null')",
    "','",
)
# All digits: SQLite's operator || keeps fifteen.
INTERVAL = {"sqlite": "lower(quote(report_interval))", "mysql": "COALESCE(report_interval, 'null')"}

BY_SERVER = "FORCE INDEX (uq_monitor_data_server_id_recorded_at)"
_decode = msgspec.json.Decoder(list[Sample]).decode


def packed(connection: Connection) -> Label[str]:
    """Return the SQL expression, named *packed*, of a row as `to_samples` takes it."""
    return joined_text(connection, [*_PARTS, INTERVAL[connection.dialect.name], "']'"]).label("packed")


def joined_text(connection: Connection, parts: Iterable[str]) -> ColumnElement[str]:
    """Return SQL that concatenates the expressions *parts*."""
    is_sqlite = connection.dialect.name == "sqlite"
    return literal_column(" || ".join(parts) if is_sqlite else f"CONCAT({', '.join(parts)})")


def newest_of_each(value: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Return SQL for *value* of the newest row of the outer query's server, NULL if it has none.

    GROUP BY would read the whole key on SQLite, MAX() all keys of the server on MariaDB.
    """
    rows = by_server(select(value)).where(m.c.server_id == s.c.id)
    return rows.order_by(m.c.recorded_at.desc()).limit(1).scalar_subquery()


def by_server(rows: Select[Any]) -> Select[Any]:
    """Let MySQL and MariaDB find the rows of one server in the unique key.

    With old statistics, as after a restored dump, they read a whole index for each server: minutes with 50,000.
    """
    return rows.with_hint(m, BY_SERVER, "mysql")


def to_samples(rows: Iterable[str]) -> list[Sample]:
    """Decode rows that were selected as `packed`."""
    return _decode(f"[{','.join(rows)}]")


def _utc(value: datetime | str) -> datetime:
    """Convert a time from the driver: naive from MySQL, text from SQLite."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value.replace(tzinfo=UTC)


_KEYS_PER_STATEMENT, _SERVERS_PER_STATEMENT = 200, 50
# A constant text. With keys in the text, the driver's cache of compiled statements took a megabyte per connection, and
# each statement half as long again.
_IN_SQLITE = (
    "SELECT m.server_id, m.recorded_at FROM json_each(?) AS k JOIN monitor_data m "
    "ON m.server_id = json_extract(k.value, '$[0]') AND m.recorded_at {} json_extract(k.value, '$[1]')"
)


class SqlSamples(SqlRepository, Samples):
    def add(self, samples: Sequence[Sample]) -> None:
        if not samples:
            return
        insert_samples(self._connection, samples, remember=not self._log)

    def existing(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        return self._compared("=", keys)

    def later(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        return self._compared(">", keys)

    def _compared(self, operator: str, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        """Return the keys of rows whose time compares so with that of a key of the same server."""
        found: set[tuple[ServerId, datetime]] = set()
        is_sqlite = self._connection.dialect.name == "sqlite"
        for batch in batches(keys, _KEYS_PER_STATEMENT):
            wanted = (_IN_SQLITE.format(operator), (_as_json(batch),)) if is_sqlite else (_unions[operator](batch),)
            rows = self._connection.exec_driver_sql(*wanted)
            found.update((ServerId(server_id), _utc(recorded_at)) for server_id, recorded_at in rows)
        return found

    def last_received(self, server_ids: Collection[ServerId]) -> dict[ServerId, datetime]:
        rows = rows_with(self._connection, select(s.c.id, newest_of_each(m.c.received_at)), s.c.id, server_ids)
        return {ServerId(server_id): received_at for server_id, received_at in rows if received_at}

    def recent_times(
        self, server_ids: Collection[ServerId], until: datetime, count: int
    ) -> dict[ServerId, list[datetime]]:
        before = by_server(select(m.c.server_id, m.c.recorded_at)).where(m.c.recorded_at <= until)
        newest = before.order_by(m.c.recorded_at.desc()).limit(count)
        found: dict[ServerId, list[datetime]] = {}
        for batch in batches(server_ids, _SERVERS_PER_STATEMENT):
            # SQLite takes an order only inside.
            each = (select(newest.where(m.c.server_id == server_id).subquery("newest")) for server_id in batch)
            for server_id, at in self._connection.execute(union_all(*each)):
                found.setdefault(ServerId(server_id), []).append(at)
        return {server_id: sorted(times) for server_id, times in found.items()}

    def amend(self, samples: Sequence[Sample]) -> None:
        key = m.c.server_id == bindparam("of_server"), m.c.recorded_at == bindparam("of_time")
        rows = [
            {
                "of_server": sample.server_id,
                "of_time": sample.recorded_at,
                "cpu_value": sample.cpu,
                "memory_value": sample.memory,
                "disk_value": sample.disk,
                "extra": extra_text(sample.extra) if sample.extra else None,
            }
            for sample in samples
        ]
        if rows:
            names = ("cpu_value", "memory_value", "disk_value", "extra")
            self._connection.execute(update(m).where(*key).values({name: bindparam(name) for name in names}), rows)


def _as_json(keys: Sequence[tuple[ServerId, datetime]]) -> str:
    return json.dumps([(server_id, written(at)) for server_id, at in keys])


def _existing(keys: Sequence[tuple[ServerId, datetime]]) -> str:
    """Return a join with the keys: one lookup in the unique key each.

    For pairs IN a list MariaDB's time is quadratic: 200 ms instead of 5 ms for a thousand.
    """
    wanted = " UNION ALL ".join(f"SELECT {server_id:d} AS s, TIMESTAMP'{written(at)}' AS t" for server_id, at in keys)
    return (
        f"SELECT m.server_id, m.recorded_at FROM ({wanted}) AS k "  # noqa: S608 (numbers, and times we wrote)
        "JOIN monitor_data m ON m.server_id = k.s AND m.recorded_at = k.t"
    )


def _later(keys: Sequence[tuple[ServerId, datetime]]) -> str:
    """Return a range of the unique key for each key. A join would read all rows of the server."""
    each = "SELECT server_id, recorded_at FROM monitor_data WHERE server_id = {:d} AND recorded_at > TIMESTAMP'{}'"
    return " UNION ALL ".join(each.format(server_id, written(at)) for server_id, at in keys)


_unions = {"=": _existing, ">": _later}


# Microseconds since 1970, computed by the database: in Python this would take longer than all the rest. The fraction
# is added as text since SQLite rounds seconds.
_AT = {
    "sqlite": "(strftime('%s', substr(recorded_at, 1, 19)) * 1000000 + substr(recorded_at, 21))",
    "mysql": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', recorded_at)",
}
_EXTRA = "COALESCE(extra, 'null')"
_COLUMNS: dict[str, Any] = dict.fromkeys(COLUMN_METRICS, float) | {DECLARED: float | None}
"""Metrics with a column of their own, and the type of each."""


def read_frame(
    connection: Connection, server_id: ServerId, start: datetime, end: datetime, metrics: Sequence[str] | None
) -> Frame:
    """Return start <= recorded_at < end. *metrics*: the columns; None: all, and the interval."""
    columns, extras = _parts(metrics)
    row = _row(connection, _with_extra(columns, extras))
    return _frame(_decoded(_rows(connection, row, server_id, start, end), _kinds(columns, extras)), columns, extras)


def read_frames(
    connection: Connection, server_ids: Collection[ServerId], start: datetime, end: datetime, metrics: Sequence[str]
) -> dict[ServerId, Frame]:
    """Read the frame of each of these servers in one statement. Servers without such a row are left out."""
    columns, extras = _parts(metrics)
    row, kinds = _row(connection, _with_extra(columns, extras)), _kinds(columns, extras)
    of_servers = by_server(select(m.c.server_id, row)).where(m.c.server_id.in_(server_ids))
    in_range = of_servers.where(m.c.recorded_at >= start, m.c.recorded_at < end)
    rows = connection.execute(in_range.order_by(m.c.server_id, m.c.recorded_at))
    of_each = groupby(rows, key=itemgetter(0))
    return {id_: _frame(_decoded([text for _, text in of], kinds), columns, extras) for id_, of in of_each}


def read_rows(connection: Connection, server_id: ServerId, start: datetime, end: datetime) -> tuple[list[int], Frame]:
    """Return the ids of rows with start <= recorded_at < end, and their frame with all metrics."""
    row = _row(connection, [*_COLUMNS, _EXTRA, "id"])
    rows = _decoded(_rows(connection, row, server_id, start, end), [*_kinds(_COLUMNS, None), int])
    return [row[-1] for row in rows], _frame([row[:-1] for row in rows], [*_COLUMNS], None)


def _parts(metrics: Sequence[str] | None) -> tuple[list[str], list[str] | None]:
    """Return which of _COLUMNS are read, and which metrics of `extra` (None: all)."""
    if metrics is None:
        return [*_COLUMNS], None
    return [name for name in _COLUMNS if name in metrics], [name for name in metrics if name not in _COLUMNS]


def _with_extra(columns: list[str], extras: list[str] | None) -> list[str]:
    """Return the columns to select: no `extra` if no metric of it is wanted."""
    return columns if extras == [] else [*columns, _EXTRA]


def _rows(
    connection: Connection, row: ColumnElement[str], server_id: ServerId, start: datetime, end: datetime
) -> Iterable[str]:
    of_server = by_server(select(row)).where(m.c.server_id == server_id)
    in_range = of_server.where(m.c.recorded_at >= start, m.c.recorded_at < end)
    return connection.scalars(in_range.order_by(m.c.recorded_at))


def _row(connection: Connection, parts: Sequence[str]) -> ColumnElement[str]:
    """Return the SQL expression of a JSON array of the time and *parts*."""
    name = connection.dialect.name
    expressions = {DECLARED: INTERVAL[name]} | {each: f"{each}_value" for each in COLUMN_METRICS}
    pieces = ["'['", *(piece for part in (_AT[name], *parts) for piece in (expressions.get(part, part), "','"))]
    pieces[-1] = "']'"
    return joined_text(connection, pieces)


def _decoded(rows: Iterable[str], kinds: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Decode rows of a time and values of these *kinds*."""
    kind: Any = tuple.__class_getitem__((int, *kinds))
    decoded: list[tuple[Any, ...]] = msgspec.json.decode(f"[{','.join(rows)}]", type=list[kind])
    return decoded


def _kinds(columns: Iterable[str], extras: Sequence[str] | None) -> list[Any]:
    """Return the types of *columns*, and of `extra` with only the wanted names (None: all): others are skipped."""
    kinds = [_COLUMNS[name] for name in columns]
    if extras is None:
        return [*kinds, dict[str, float] | None]
    if not extras:
        return kinds
    fields = [(f"f{place}", float | None, None) for place in range(len(extras))]
    names = {f"f{place}": name for place, name in enumerate(extras)}
    return [*kinds, msgspec.defstruct("Extra", fields, rename=names) | None]


def _frame(rows: Sequence[tuple[Any, ...]], columns: Sequence[str], extras: Sequence[str] | None) -> Frame:
    if not rows:
        return Frame()
    times, *held = map(list, zip(*rows, strict=True))
    found: dict[str, Values] = dict(zip(columns, held, strict=False))
    if extras is None:
        return with_extras(times, found, [extra or {} for extra in held[-1]])
    for place, name in enumerate(extras):
        found[name] = [getattr(extra, f"f{place}", None) for extra in held[-1]]
    return with_extras(times, found, ())
