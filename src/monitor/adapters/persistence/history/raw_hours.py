"""Hours with rows: their rows, what their chunks know of these, and bounds of a metric."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, Select, and_, func, literal_column, select

from monitor.adapters.persistence.engine.statements import batches
from monitor.adapters.persistence.tables.history import history_chunks as c
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.application.history.ports import RawHour
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.rollups import start_of_hour
from monitor.domain.intake.samples import COLUMN_METRICS

# Expressions of a row's hour, and of that hour counted from 1970. These are the cheapest, computed for every row.
_HOUR = {
    "sqlite": ("SUBSTR(recorded_at, 1, 13)", "strftime('%s', h || ':00') / 3600"),
    "mysql": ("TO_DAYS(recorded_at) * 24 + HOUR(recorded_at)", "h - 719528 * 24"),
}
_ROWS_AT_ONCE = 200_000
"""Less than a second's work."""


def read_raw_hours(
    connection: Connection, server_id: ServerId, first: int, last: int, metric: str | None = None
) -> list[RawHour]:
    """See HistoryQueries.raw_hours. Reads in one statement and so as of one moment; of no metric the key only."""
    within = (m.c.recorded_at >= start_of_hour(first), m.c.recorded_at < start_of_hour(last))
    r = _by_hour(connection, [], metric, m.c.server_id == server_id, *within).subquery("r")
    with_chunk = r.outerjoin(c, and_(c.c.server_id == server_id, c.c.hour == r.c.hour))
    wanted = select(r.c.hour, r.c.n, c.c.raw_samples, *list(r.c)[2:]).select_from(with_chunk)
    return sorted(RawHour(*row) for row in connection.execute(wanted))


def read_raw_hours_of_all(
    connection: Connection, metric: str, report: Callable[[float], None]
) -> dict[ServerId, list[RawHour]]:
    """See HistoryQueries.raw_hours_of_all. Reads rows in the order in which they are stored, by their ids.

    What the chunks know is read last: rows that are sealed meanwhile make their hour an open one at most.
    """
    found: dict[tuple[int, int], RawHour] = {}
    # Not in one statement, for which SQLite would read the table.
    low, high = (connection.scalar(select(end(m.c.id))) for end in (func.min, func.max))
    for begin in range(low, high + 1, _ROWS_AT_ONCE) if low is not None else ():
        report((begin - low) / (high + 1 - low))
        some = m.c.id.between(begin, min(begin + _ROWS_AT_ONCE - 1, high))
        for hour, rows, server_id, *bounds in connection.execute(_by_hour(connection, [m.c.server_id], metric, some)):
            each = RawHour(hour, rows, None, *bounds)
            before = found.get((server_id, hour))
            found[server_id, hour] = each if before is None else _together(before, each)
    report(1.0)
    return _by_server(connection, found)


def _by_hour(
    connection: Connection,
    key: Sequence[ColumnElement[Any]],
    metric: str | None,
    *conditions: ColumnElement[bool],
) -> Select[Any]:
    """Select by hour, and by *key*: the hour since 1970, the number of rows, the key, and bounds of *metric*."""
    of_row, since_1970 = _HOUR[connection.dialect.name]
    hour_of_row: Label[Any] = literal_column(of_row).label("h")
    bounds: list[Label[Any]] = []
    if metric in COLUMN_METRICS:
        value = m.c[f"{metric}_value"]
        bounds = [func.min(value).label("least"), func.max(value).label("greatest")]
    rows = select(hour_of_row, func.count().label("n"), *key, *bounds).where(*conditions)
    g = rows.group_by(*key, hour_of_row).subquery("g")
    return select(literal_column(since_1970).label("hour"), *list(g.c)[1:]).select_from(g)


def _together(one: RawHour, other: RawHour) -> RawHour:
    least, greatest = min(one.least, other.least), max(one.greatest, other.greatest)
    return RawHour(one.hour, one.rows + other.rows, None, least, greatest)


def _by_server(connection: Connection, found: dict[tuple[int, int], RawHour]) -> dict[ServerId, list[RawHour]]:
    known: dict[tuple[int, int], int] = {}
    for some in batches({hour for _, hour in found}):
        wanted = select(c.c.server_id, c.c.hour, c.c.raw_samples).where(c.c.hour.in_(some))
        known |= {(server_id, hour): rows for server_id, hour, rows in connection.execute(wanted)}
    hours: dict[ServerId, list[RawHour]] = {}
    for place in sorted(found):
        hours.setdefault(ServerId(place[0]), []).append(found[place]._replace(known_rows=known.get(place)))
    return hours
