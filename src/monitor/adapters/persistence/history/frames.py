"""Raw samples of one server as a frame. Each row is read as one text, like in `samples`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from monitor.adapters.persistence.history.samples import INTERVAL, joined_text
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame, Values, with_extras
from monitor.domain.intake.samples import COLUMN_METRICS

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
    columns = [name for name in _COLUMNS if metrics is None or name in metrics]
    extras = None if metrics is None else [name for name in metrics if name not in _COLUMNS]
    row = _row(connection, [*columns, *([_EXTRA] if extras is None or extras else [])])
    found = _rows(connection, row, server_id, start, end)
    return _frame(_decoded(found, [*map(_COLUMNS.__getitem__, columns), *_kind_of_extra(extras)]), columns, extras)


def read_rows(connection: Connection, server_id: ServerId, start: datetime, end: datetime) -> tuple[list[int], Frame]:
    """Return the ids of rows with start <= recorded_at < end, and their frame with all metrics."""
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


def _kind_of_extra(extras: Sequence[str] | None) -> list[Any]:
    """Return the type of the column `extra`, with only the wanted names (None: all): the decoder skips others."""
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
    if extras is None:
        return with_extras(times, found, [extra or {} for extra in held[-1]])
    for place, name in enumerate(extras):
        found[name] = [getattr(extra, f"f{place}", None) for extra in held[-1]]
    return with_extras(times, found, ())
