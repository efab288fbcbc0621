"""Hours with rows: how many, what their chunks know of these, and bounds of a metric where a chunk lacks some."""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, Select, and_, bindparam, func, literal_column, or_, select

from monitor.adapters.persistence.history.samples import by_server
from monitor.adapters.persistence.tables.history import history_chunks as c
from monitor.adapters.persistence.tables.history import monitor_data as m
from monitor.application.history.ports import OpenHour, RawHour
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.rollups import HOUR, start_of_hour
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.times import microseconds

# Expressions of a row's hour, and of that hour counted from 1970. These are the cheapest, computed for every row.
_HOUR = {
    "sqlite": ("SUBSTR(recorded_at, 1, 13)", "strftime('%s', h || ':00') / 3600"),
    "mysql": ("TO_DAYS(recorded_at) * 24 + HOUR(recorded_at)", "h - 719528 * 24"),
}


def read_raw_hours(
    connection: Connection, server_ids: Collection[ServerId], first: int, last: int
) -> dict[ServerId, list[RawHour]]:
    """See HistoryQueries.raw_hours. One statement, and so as of one moment; of the rows it reads the unique key."""
    limits = {"server_ids": [*server_ids], "start": start_of_hour(first), "end": start_of_hour(last)}
    found: dict[ServerId, list[RawHour]] = {server_id: [] for server_id in server_ids}
    for server_id, *row in sorted(connection.execute(_raw_hours(connection.dialect.name), limits)):
        found[server_id].append(RawHour(*row))
    return found


@cache
def _raw_hours(dialect: str) -> Select[Any]:
    """Return the statement. Made once, since to make it takes three times as long as to execute it."""
    of_row, since_1970 = _HOUR[dialect]
    hour_of_row: Label[Any] = literal_column(of_row).label("h")
    rows = by_server(select(m.c.server_id, hour_of_row, func.count().label("n"))).where(
        m.c.server_id.in_(bindparam("server_ids", expanding=True)),
        m.c.recorded_at >= bindparam("start"),
        m.c.recorded_at < bindparam("end"),
    )
    g = rows.group_by(m.c.server_id, hour_of_row).subquery("g")
    r = select(g.c.server_id, literal_column(since_1970).label("hour"), g.c.n).select_from(g).subquery("r")
    with_chunk = r.outerjoin(c, and_(c.c.server_id == r.c.server_id, c.c.period == r.c.hour))
    return select(r.c.server_id, r.c.hour, r.c.n, c.c.raw_samples).select_from(with_chunk)


def read_open_hours(connection: Connection, server_id: ServerId, first: int, last: int, metric: str) -> list[OpenHour]:
    """See HistoryQueries.open_hours."""
    raw_hours = read_raw_hours(connection, [server_id], first, last)[server_id]
    hours = [each.hour for each in raw_hours if each.is_open]
    return [each for hour in hours for each in _open(connection, hour, metric, m.c.server_id == server_id).values()]


def read_open_hours_of_all(
    connection: Connection, metric: str, report: Callable[[float], None]
) -> dict[ServerId, list[OpenHour]]:
    """See HistoryQueries.open_hours_of_all. Reads an index, and rows only of hours that are open somewhere."""
    # Not in one statement, for which SQLite would read the table.
    at, newest = (connection.scalar(select(of(m.c.recorded_at))) for of in (func.min, func.max))
    found: dict[ServerId, list[OpenHour]] = {}
    first, last = (0, 0) if at is None or newest is None else (microseconds(each) // HOUR for each in (at, newest))
    while at is not None:
        hour = microseconds(at) // HOUR
        report(min(1.0, (hour - first) / (last + 1 - first)))
        if not _is_sealed(connection, hour):
            for server_id, each in _open(connection, hour, metric).items():
                found.setdefault(server_id, []).append(each)
        at = connection.scalar(select(func.min(m.c.recorded_at)).where(m.c.recorded_at >= start_of_hour(hour + 1)))
    report(1.0)
    return found


def _is_sealed(connection: Connection, hour: int) -> bool:
    """True if all servers' chunks hold all rows. No chunk counts too many rows, so sums are enough."""
    rows = select(func.count()).select_from(m).where(*_within(hour)).scalar_subquery()
    known = select(func.sum(c.c.raw_samples)).where(c.c.period == hour).scalar_subquery()
    return bool(connection.scalar(select(rows == known)))


def _open(connection: Connection, hour: int, metric: str, *conditions: ColumnElement[bool]) -> dict[ServerId, OpenHour]:
    """Return the hour of each server where it is open, in one statement."""
    bounds: list[Label[Any]] = []
    if metric in COLUMN_METRICS:
        value = m.c[f"{metric}_value"]
        bounds = [func.min(value).label("least"), func.max(value).label("greatest")]
    rows = select(m.c.server_id, func.count().label("n"), *bounds).where(*_within(hour), *conditions)
    r = rows.group_by(m.c.server_id).subquery("r")
    with_chunk = r.outerjoin(c, and_(c.c.server_id == r.c.server_id, c.c.period == hour))
    is_open = or_(c.c.raw_samples.is_(None), c.c.raw_samples != r.c.n)
    wanted = select(*r.c).select_from(with_chunk).where(is_open)
    return {ServerId(server_id): OpenHour(hour, *rest) for server_id, *rest in connection.execute(wanted)}


def _within(hour: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return m.c.recorded_at >= start_of_hour(hour), m.c.recorded_at < start_of_hour(hour + 1)
