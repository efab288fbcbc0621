"""How many rows a server has in each hour, and how many its chunks know of: read from the unique key alone."""

from sqlalchemy import Connection, text

from monitor.adapters.persistence.sample_inserts import written
from monitor.application.ports.history import HotHour
from monitor.domain.history.rollups import begin_of
from monitor.domain.servers import ServerId

# Since 1970. Of several ways to say so the cheapest on each: it is done for every row.
_HOUR = {
    "sqlite": ("SUBSTR(recorded_at, 1, 13)", "strftime('%s', h || '\\:00') / 3600"),
    "mysql": ("TO_DAYS(recorded_at) * 24 + HOUR(recorded_at)", "h - 719528 * 24"),
}


def read_hot_hours(connection: Connection, server_id: ServerId, first: int, last: int) -> list[HotHour]:
    """One statement, and therefore of one moment: see HistoryQueries.hot_hours."""
    of_row, since_1970 = _HOUR[connection.dialect.name]
    wanted = text(
        f"SELECT r.hour, r.n, c.at_hand FROM (SELECT {since_1970} AS hour, n FROM ("  # noqa: S608 (our own)
        f"SELECT {of_row} AS h, COUNT(*) AS n FROM monitor_data "
        "WHERE server_id = :server_id AND recorded_at >= :start AND recorded_at < :end GROUP BY h) AS g) AS r "
        "LEFT JOIN history_chunks c ON c.server_id = :server_id AND c.hour = r.hour"
    )
    limits = {"start": written(begin_of(first)), "end": written(begin_of(last))}
    return sorted(HotHour(*row) for row in connection.execute(wanted, limits | {"server_id": server_id}))
