"""How many rows a server has in each hour, and how many its chunks know of: read from the unique key alone."""

from typing import Any

from sqlalchemy import Connection, Label, and_, func, literal_column, select

from monitor.adapters.persistence.tables import history_chunks as c
from monitor.adapters.persistence.tables import monitor_data as m
from monitor.application.ports.history import HotHour
from monitor.domain.history.rollups import begin_of
from monitor.domain.servers import ServerId

# Of a row, and since 1970. Of several ways to say so the cheapest on each: it is done for every row.
_HOUR = {
    "sqlite": ("SUBSTR(recorded_at, 1, 13)", "strftime('%s', h || ':00') / 3600"),
    "mysql": ("TO_DAYS(recorded_at) * 24 + HOUR(recorded_at)", "h - 719528 * 24"),
}


def read_hot_hours(connection: Connection, server_id: ServerId, first: int, last: int) -> list[HotHour]:
    """One statement, and therefore of one moment: see HistoryQueries.hot_hours."""
    of_row, since_1970 = _HOUR[connection.dialect.name]
    hour_of_row: Label[Any] = literal_column(of_row).label("h")
    rows = select(hour_of_row, func.count().label("n")).where(
        m.c.server_id == server_id, m.c.recorded_at >= begin_of(first), m.c.recorded_at < begin_of(last)
    )
    by_hour = rows.group_by(hour_of_row).subquery("g")
    r = select(literal_column(since_1970).label("hour"), by_hour.c.n).select_from(by_hour).subquery("r")
    with_chunk = r.outerjoin(c, and_(c.c.server_id == server_id, c.c.hour == r.c.hour))
    wanted = select(r.c.hour, r.c.n, c.c.at_hand).select_from(with_chunk)
    return sorted(HotHour(*row) for row in connection.execute(wanted))
